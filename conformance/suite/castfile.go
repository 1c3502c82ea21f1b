package suite

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// castFile is what a folder says of a cast beside its keys.
type castFile struct {
	Role conformance.Role `json:"role"`
	Base string           `json:"base"`
	Made time.Time        `json:"made"`
}

const castName = "cast.json"

// Save writes a cast into an empty or new folder: its keys, readable for their
// owner alone.
func (c *Cast) Save(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for name, key := range c.keys {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return fmt.Errorf("suite: %s: %w", name, err)
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
		if err := os.WriteFile(filepath.Join(folder, name+".pem"), text, 0o600); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(castFile{c.Role, c.Base, c.Made}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, castName), append(text, '\n'), 0o600)
}

// OpenCast reads what Save wrote.
func OpenCast(folder string) (*Cast, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close() //nolint:errcheck // it was read
	text, err := root.ReadFile(castName)
	if err != nil {
		return nil, err
	}
	var file castFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("suite: %s: %w", castName, err)
	}
	keys := map[string]crypto.Signer{}
	for name := range keyKinds() {
		text, err := root.ReadFile(name + ".pem")
		if err != nil {
			return nil, err
		}
		if keys[name], err = privateKey(text); err != nil {
			return nil, fmt.Errorf("suite: %s.pem: %w", name, err)
		}
	}
	return assemble(file.Role, file.Base, file.Made, keys)
}

var errNoPrivateKey = errors.New("it holds no private key in PKCS #8")

func privateKey(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errNoPrivateKey
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errNoPrivateKey
	}
	return signer, nil
}

// Over is when the keys and metadata of the cast end.
func (c *Cast) Over() time.Time { return c.Made.Add(KeyLife) }

// MetadataKey is the key that the metadata of all its parties are signed with.
func (c *Cast) MetadataKey() (*xmlsig.PublicKey, error) {
	return xmlsig.NewPublicKey(c.keys[keyMetadata].Public())
}

// Metadata are the signed metadata of the parties that the implementation is to
// know, by name.
func (c *Cast) Metadata() (map[string][]byte, error) {
	signer, err := xmlsig.NewSigner(c.keys[keyMetadata])
	if err != nil {
		return nil, err
	}
	players := map[string]*Player{nameShop: c.Shop, nameIssuer: c.Issuer}
	if c.Role == conformance.Issuer {
		players = map[string]*Player{namePG: c.PG}
	}
	out := map[string][]byte{}
	for name, p := range players {
		if out[name], err = metadata.Sign(p.Partner.Entity, signer, rand.Reader); err != nil {
			return nil, fmt.Errorf("suite: metadata of %s: %w", name, err)
		}
	}
	return out, nil
}
