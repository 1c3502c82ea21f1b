package amountauth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
)

// Key is a secret of the provider, kept outside of the journal. It seals a drawn
// value until its hold is confirmed, makes the digests by which values are
// compared, and signs links and forms.
type Key struct {
	// ID names the key: 1 to 20 of A-Z a-z 0-9 - _.
	ID string
	// Secret is at least 32 bytes of a cryptographic source.
	Secret []byte
}

const (
	// minSecret is the least length of a key, in bytes: that of its digests.
	minSecret = 32
	// maxKeyID keeps links short.
	maxKeyID = 20
)

// Purposes of the keys that are derived from a Key, so that nothing that is made
// for one is of use for another.
const (
	purposeSeal   = "kecis amountauth 1 seal"
	purposeValue  = "kecis amountauth 1 value"
	purposeRecent = "kecis amountauth 1 recent"
	purposeLink   = "kecis amountauth 1 link"
	purposeForm   = "kecis amountauth 1 form"
	purposeKeypad = "kecis amountauth 1 keypad"
)

// ring are the keys: the first is used for what is new.
type ring []Key

func (r ring) check() error {
	if len(r) == 0 {
		return configuration("Keys: at least one")
	}
	seen := map[string]bool{}
	for _, k := range r {
		if k.ID == "" || len(k.ID) > maxKeyID || !isToken(k.ID) || len(k.Secret) < minSecret || seen[k.ID] {
			return configuration("Keys: an ID of its own and at least 32 bytes")
		}
		seen[k.ID] = true
	}
	return nil
}

func (r ring) find(id string) (Key, bool) {
	for _, k := range r {
		if k.ID == id {
			return k, true
		}
	}
	return Key{}, false
}

// derive returns the key for a purpose.
func (k Key) derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, k.Secret, nil, purpose, sha256.Size)
	if err != nil { // only for a length that SHA-256 does not give
		return nil
	}
	return key
}

// mac is HMAC-SHA256 over the parts, each behind its length, so that no two lists
// are alike.
func (k Key) mac(purpose string, parts ...string) []byte {
	h := hmac.New(sha256.New, k.derive(purpose))
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(p))))
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// errSealed is the error of a sealed value that cannot be opened.
var errSealed = errors.New("amountauth: a sealed value cannot be opened: its key is gone, or it was changed")

func (k Key) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.derive(purposeSeal))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal encrypts a value for one session.
func (k Key) seal(random io.Reader, session string, value []byte) ([]byte, error) {
	aead, err := k.cipher()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(value)+aead.Overhead())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, value, []byte(session)), nil
}

func (k Key) open(session string, sealed []byte) ([]byte, error) {
	aead, err := k.cipher()
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, errSealed
	}
	value, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(session))
	if err != nil {
		return nil, errSealed
	}
	return value, nil
}

func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
