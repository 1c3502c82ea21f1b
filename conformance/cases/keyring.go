package cases

import (
	"fmt"
	"io/fs"

	"github.com/kecis/sdk/conformance"
)

// The parties of the test messages.
const (
	shop   = "https://shop.example/kecis"
	gate   = "https://pg.example/kecis"
	issuer = "https://issuer.example/kecis"
	idp    = "https://idp.example/saml"

	registry = "https://registry.example/kecis"
)

// TestKey describes a key of the vectors; its PEM file, keys/NAME.pem, holds the
// private key, or the public one where no signature of it is needed.
type TestKey struct {
	Name, Kind, Use, Owner, Note string
}

// TestKeys returns the keys of the vectors.
func TestKeys() []TestKey {
	const message, metadata, encryption = "message", "metadata", "encryption"
	return []TestKey{
		{"shop-p256", "ec-p256", message, shop, "the shop's usual key"},
		{"shop-next", "ec-p256", message, shop, "the key that the shop rolls over to"},
		{"shop-p384", "ec-p384", message, shop, ""},
		{"shop-rsa", "rsa", message, shop, "2,048 bits, the least that is allowed"},
		{"shop-ed25519", "ed25519", message, shop, ""},
		{"shop-metadata", "ec-p256", metadata, shop, "signs the shop's metadata, never messages"},
		{"pg-p256", "ec-p256", message, gate, ""},
		{"pg-metadata", "ec-p256", metadata, gate, ""},
		{"pg-encryption", "ec-p256", encryption, gate, "announced in the PG's metadata"},
		{"registry-metadata", "ec-p256", metadata, registry, "of a registry, a trust anchor"},
		{"idp-rsa", "rsa", message, idp, "of a SAML identity provider"},
		{"stranger-p256", "ec-p256", message, "https://stranger.example/kecis", "of a party that nobody trusts"},
		{"stranger-rsa", "rsa", message, "https://stranger.example/kecis", ""},
		{"issuer-rsa", "rsa", encryption, issuer, ""},
		{"issuer-p256", "ec-p256", encryption, issuer, ""},
		{"issuer-destroyed", "ec-p256", encryption, issuer, "no longer held by the issuer"},
		{"rsa-2047", "rsa", message, shop, "one bit too short"},
		{"rsa-1024", "rsa", message, shop, "far too short"},
		{"rsa-8192", "rsa", message, shop, "as long as is allowed"},
		{"rsa-8193", "rsa", message, shop, "one bit too long; public part alone"},
		{"rsa-exponent-3", "rsa", message, shop, "public exponent 3"},
		{"rsa-even", "other", message, shop, "an even modulus; public part alone"},
		{"rsa-roca", "rsa", message, shop, "primes with the structure of CVE-2017-15361"},
		{"ec-p224", "other", message, shop, "a curve that is not allowed"},
		{"ec-p521", "other", message, shop, "a curve that is not allowed"},
		{"dsa", "other", message, shop, "DSA; public part alone"},
	}
}

// Keyring reads the test keys from a folder of vectors: spec/vectors.FS, or
// os.DirFS of a copy.
func Keyring(files fs.FS) (*conformance.Keyring, error) {
	ring := conformance.Keyring{}
	for _, k := range TestKeys() {
		raw, err := fs.ReadFile(files, "keys/"+k.Name+".pem")
		if err != nil {
			return nil, err
		}
		key, err := conformance.ParseKey(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.Name, err)
		}
		key.Name, key.Owner, key.Use = k.Name, k.Owner, k.Use
		ring[k.Name] = key
	}
	return &ring, nil
}
