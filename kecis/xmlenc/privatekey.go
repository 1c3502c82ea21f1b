package xmlenc

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rsa"
)

// PrivateKey decrypts what is encrypted to its [Recipient].
type PrivateKey struct {
	public *Recipient
	rsa    crypto.Decrypter  // or
	ec     ecdh.KeyExchanger // on P-256
}

// NewPrivateKey takes a key for RSA-OAEP, which is any crypto.Decrypter with an
// *rsa.PublicKey (an *rsa.PrivateKey, or a key in a hardware module), or a key
// for ECDH-ES, which is any ecdh.KeyExchanger on P-256 (an *ecdh.PrivateKey, or
// a key in a hardware module) or an *ecdsa.PrivateKey. It refuses what
// [NewRecipient] refuses (ErrKey).
//
// An error that the hardware returns is not told to the caller of Decrypt,
// where it could become an oracle; wrap the key to record it.
func NewPrivateKey(key any) (*PrivateKey, error) {
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		if key == nil || key.D == nil { //nolint:staticcheck // without it ECDH panics
			return nil, refuseKey("a private key", "none")
		}
		agreeing, err := key.ECDH()
		if err != nil {
			return nil, refuseKey("a private key on P-256", "another key")
		}
		return newECPrivateKey(agreeing)
	case *rsa.PrivateKey:
		if key == nil || key.Validate() != nil {
			return nil, refuseKey("a valid private key", "another")
		}
		return newRSAPrivateKey(key)
	case *ecdh.PrivateKey:
		if key == nil {
			return nil, refuseKey("a private key", "none")
		}
		return newECPrivateKey(key)
	case ecdh.KeyExchanger:
		return newECPrivateKey(key)
	case crypto.Decrypter:
		return newRSAPrivateKey(key)
	}
	return nil, refuseKey("a crypto.Decrypter or an ecdh.KeyExchanger", "another type")
}

func newRSAPrivateKey(key crypto.Decrypter) (*PrivateKey, error) {
	public, ok := key.Public().(*rsa.PublicKey)
	if !ok {
		return nil, refuseKey("a crypto.Decrypter with an *rsa.PublicKey", "another public key")
	}
	r, err := newRSARecipient(public)
	if err != nil {
		return nil, err
	}
	return &PrivateKey{public: r, rsa: key}, nil
}

func newECPrivateKey(key ecdh.KeyExchanger) (*PrivateKey, error) {
	r, err := newECRecipient(key.PublicKey())
	if err != nil {
		return nil, err
	}
	return &PrivateKey{public: r, ec: key}, nil
}

// Recipient returns the public key, to be published.
func (k *PrivateKey) Recipient() *Recipient { return k.public }

// KeyFinder finds the private key that encrypted data name. A key that has been
// destroyed is not found.
type KeyFinder interface {
	// FindKey returns the key of that name (see [Recipient.KeyName]), or nil.
	FindKey(name string) *PrivateKey
}

// FindKey returns k if that is its name, so that one key can stand for a ring.
func (k *PrivateKey) FindKey(name string) *PrivateKey {
	if k == nil || k.public.KeyName() != name {
		return nil
	}
	return k
}

// KeyRing holds the few keys of a recipient that are live at a time.
type KeyRing []*PrivateKey

// FindKey returns the key of that name, or nil.
func (ring KeyRing) FindKey(name string) *PrivateKey {
	for _, k := range ring {
		if found := k.FindKey(name); found != nil {
			return found
		}
	}
	return nil
}
