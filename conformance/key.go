package conformance

import (
	"crypto"
	"fmt"

	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// Key is a key of a party that takes part in a test. Test keys are public
// knowledge.
type Key struct {
	Name string
	// Owner is the entityID of the party that the key belongs to.
	Owner string
	// Use is the one scope of the key: message, metadata, certificate or
	// encryption.
	Use string
	// Private is the private key, if the test has it: *rsa.PrivateKey,
	// *ecdsa.PrivateKey or ed25519.PrivateKey.
	Private crypto.Signer
	// Public is the public key.
	Public crypto.PublicKey
}

// Keyring holds the keys of a run by name.
type Keyring map[string]*Key

// Key returns the key of that name.
func (k *Keyring) Key(name string) (*Key, error) {
	if key, ok := (*k)[name]; ok {
		return key, nil
	}
	return nil, fmt.Errorf("there is no key %q", name)
}

// trusted loads keys as a recipient does that trusts them for a sender. A key
// that the standard does not allow is refused here.
func (k *Keyring) trusted(names []string) (xmlsig.Keys, error) {
	var out xmlsig.Keys
	for _, name := range names {
		key, err := k.Key(name)
		if err != nil {
			return nil, err
		}
		public, err := xmlsig.NewPublicKey(key.Public)
		if err != nil {
			return nil, err
		}
		out = append(out, public)
	}
	return out, nil
}

// held loads keys as a recipient does that decrypts with them.
func (k *Keyring) held(names []string) (xmlenc.KeyFinder, error) {
	var out xmlenc.KeyRing
	for _, name := range names {
		key, err := k.Key(name)
		if err != nil {
			return nil, err
		}
		private, err := xmlenc.NewPrivateKey(key.Private)
		if err != nil {
			return nil, err
		}
		out = append(out, private)
	}
	return out, nil
}
