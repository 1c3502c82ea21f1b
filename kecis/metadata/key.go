package metadata

import (
	"time"

	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// MaxEncryptionKeyLife bounds how far ahead an encryption key may be announced:
// 30 days, so that a lost private key opens little (KECIS-ENC-015).
const MaxEncryptionKeyLife = 30 * 24 * time.Hour

// SigningKey is a key that the party signs with, in all its roles, for one kind
// of document alone (KECIS-SIG-029).
type SigningKey struct {
	Key   *xmlsig.PublicKey
	Scope xmlsig.Scope
	// NotBefore and NotOnOrAfter bound when signatures are checked with it; zero
	// is without a bound, but that of the metadata.
	NotBefore, NotOnOrAfter time.Time
}

// At reports whether the key is in use at that time.
func (k *SigningKey) At(at time.Time) bool {
	return !at.Before(k.NotBefore) && (k.NotOnOrAfter.IsZero() || at.Before(k.NotOnOrAfter))
}

// EncryptionKey is a key that instruments are encrypted to, until a time that is
// at most 30 days ahead.
type EncryptionKey struct {
	Recipient    *xmlenc.Recipient
	NotOnOrAfter time.Time
}

// newest returns the key that is in use the longest from at on, or nil.
func newest(keys []EncryptionKey, at time.Time) *EncryptionKey {
	var best *EncryptionKey
	for i := range keys {
		k := &keys[i]
		if at.Before(k.NotOnOrAfter) && (best == nil || best.NotOnOrAfter.Before(k.NotOnOrAfter)) {
			best = k
		}
	}
	return best
}
