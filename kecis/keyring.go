package kecis

import (
	"errors"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// Keyring gives the key that an entity signs its messages with at a time, so
// that a new key takes over without a restart. It may be used by several
// goroutines. A Keyring that also has a method
//
//	Announced(at time.Time) []metadata.SigningKey
//
// says by it which keys the metadata name; of another, only the key in use is
// named.
type Keyring interface {
	Signer(at time.Time) (*xmlsig.Signer, error)
}

// OneKey is a Keyring of one key.
func OneKey(signer *xmlsig.Signer) Keyring { return oneKey{signer} }

type oneKey struct{ signer *xmlsig.Signer }

func (k oneKey) Signer(time.Time) (*xmlsig.Signer, error) { return k.signer, nil }

// TimedKey is a key that signs from a time on, until the next one takes over.
type TimedKey struct {
	Signer *xmlsig.Signer
	// From is when it begins to sign; the zero time is always.
	From time.Time
	// Until is when partners stop to check signatures with it; zero for no end.
	Until time.Time
}

// KeysInTurn is a Keyring of keys that follow each other. Each is announced in
// the metadata before it signs, so that partners know it by then, and after,
// until its end, so that what it signed can still be checked.
func KeysInTurn(keys ...TimedKey) Keyring { return keysInTurn(slices.Clone(keys)) }

type keysInTurn []TimedKey

var errNoKey = errors.New("kecis: no key signs at this time")

func (k keysInTurn) Signer(at time.Time) (*xmlsig.Signer, error) {
	var best *TimedKey
	for i := range k {
		if !at.Before(k[i].From) && (k[i].Until.IsZero() || at.Before(k[i].Until)) && (best == nil || !k[i].From.Before(best.From)) {
			best = &k[i]
		}
	}
	if best == nil {
		return nil, errNoKey
	}
	return best.Signer, nil
}

// Announced returns the keys that are or will be in use.
func (k keysInTurn) Announced(at time.Time) (keys []metadata.SigningKey) {
	for i := range k {
		if k[i].Until.IsZero() || at.Before(k[i].Until) {
			keys = append(keys, metadata.SigningKey{
				Key: k[i].Signer.Public(), Scope: xmlsig.ScopeMessage, NotBefore: k[i].From, NotOnOrAfter: k[i].Until,
			})
		}
	}
	return keys
}

// announcedKeys are the message keys that metadata name.
func announcedKeys(ring Keyring, at time.Time) ([]metadata.SigningKey, error) {
	if a, ok := ring.(interface {
		Announced(at time.Time) []metadata.SigningKey
	}); ok {
		return a.Announced(at), nil
	}
	signer, err := ring.Signer(at)
	if err != nil {
		return nil, err
	}
	return []metadata.SigningKey{{Key: signer.Public(), Scope: xmlsig.ScopeMessage}}, nil
}
