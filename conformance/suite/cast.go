package suite

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/cases"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/spec/vectors"
)

// Player is a party that the suite plays.
type Player struct {
	Entity string
	// Endpoint is the address at which the suite takes its messages.
	Endpoint string
	// Keys sign its messages, and Private opens what is encrypted to it.
	Keys    kecis.Keyring
	Private *xmlenc.PrivateKey
	// Partner is the party as the implementation under test is to know it.
	Partner *metadata.Partner
}

// Cast are the parties that the suite plays.
type Cast struct {
	// Role is that of the implementation that they stand around, and Base the
	// address below which the suite takes messages.
	Role conformance.Role
	Base string
	// Made is when the keys were made; they are good for KeyLife.
	Made time.Time

	// Shop pays at a PG; before an issuer it is a shop of the PG's.
	Shop *Player
	// PG stands before an issuer.
	PG *Player
	// Issuer stands behind a PG.
	Issuer *Player
	// Ring are the keys by the names that cases know them by. Those of the party
	// that asks (shop-p256 and the like) are its announced keys.
	Ring *conformance.Keyring

	keys map[string]crypto.Signer
}

// The names of the players, which are the last part of their addresses.
const (
	nameShop   = "shop"
	namePG     = "gateway"
	nameIssuer = "bank"
)

// KeyLife is how long the keys of a cast are good for: that of an encryption key
// at most (KECIS-ENC-015).
const KeyLife = 30 * 24 * time.Hour

// NewCast makes the parties for the test of an implementation in that role, with
// fresh keys, at addresses below base.
func NewCast(role conformance.Role, base string, at time.Time) (*Cast, error) {
	keys := map[string]crypto.Signer{}
	for name, kind := range keyKinds() {
		private, err := kind(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("suite: %w", err)
		}
		keys[name] = private
	}
	return assemble(role, base, at, keys)
}

// The keys of a cast beside those of the ring.
const (
	keyOther      = "other"      // of the party that does not ask
	keyIssuer     = "issuer"     // signs the issuer's messages
	keyEncryption = "encryption" // opens what is encrypted to it
	keyMetadata   = "shop-metadata"
)

// keyKinds says how each key of a cast is made.
func keyKinds() map[string]func(io.Reader) (crypto.Signer, error) {
	p256 := onCurve(elliptic.P256())
	return map[string]func(io.Reader) (crypto.Signer, error){
		"shop-p256": p256, "shop-next": p256, "shop-p384": onCurve(elliptic.P384()), "shop-rsa": withRSA, "shop-ed25519": withEd25519,
		"stranger-p256": p256, keyMetadata: p256, keyOther: p256, keyIssuer: p256, keyEncryption: p256,
	}
}

// assemble makes a cast of its keys. Those that nobody should have, as one of
// 1,024 bits, are the vectors'.
func assemble(role conformance.Role, base string, at time.Time, keys map[string]crypto.Signer) (*Cast, error) {
	ring, err := cases.Keyring(vectors.FS)
	if err != nil {
		return nil, err
	}
	for name, private := range keys {
		if written, ok := (*ring)[name]; ok {
			fresh := *written
			fresh.Private, fresh.Public = private, private.Public()
			(*ring)[name] = &fresh
		}
	}
	c := &Cast{Role: role, Base: base, Made: at, Ring: ring, keys: keys}
	asking, other := &c.Shop, &c.PG
	askingRole, otherRole := metadata.Requester, metadata.PG
	askingName, otherName := nameShop, namePG
	if role == conformance.Issuer {
		asking, other, askingRole, otherRole, askingName, otherName = other, asking, otherRole, askingRole, otherName, askingName
	}
	if *asking, err = c.player(askingName, metadata.Role{Name: askingRole}, announced()...); err != nil {
		return nil, err
	}
	if *other, err = c.player(otherName, metadata.Role{Name: otherRole}, keyOther); err != nil {
		return nil, err
	}
	c.Issuer, err = c.player(nameIssuer, issuer.Role(0), keyIssuer)
	return c, err
}

// Asking is the party that sends requests to the implementation.
func (c *Cast) Asking() *Player {
	if c.Role == conformance.Issuer {
		return c.PG
	}
	return c.Shop
}

// announced are the keys of the ring that the asking party's metadata name.
func announced() []string {
	return []string{"shop-p256", "shop-next", "shop-p384", "shop-rsa", "shop-ed25519"}
}

// rsaBits is the least length that the standard allows.
const rsaBits = 2048

func onCurve(curve elliptic.Curve) func(io.Reader) (crypto.Signer, error) {
	return func(random io.Reader) (crypto.Signer, error) { return ecdsa.GenerateKey(curve, random) }
}

func withRSA(random io.Reader) (crypto.Signer, error) { return rsa.GenerateKey(random, rsaBits) }

func withEd25519(random io.Reader) (crypto.Signer, error) {
	_, private, err := ed25519.GenerateKey(random)
	return private, err
}

// player makes a party that signs with the first of those keys.
func (c *Cast) player(name string, role metadata.Role, keys ...string) (*Player, error) {
	address := c.Base + "/" + name
	p := &Player{Entity: address, Endpoint: address}
	own, err := xmlsig.NewPublicKey(c.keys[keyMetadata].Public())
	if err != nil {
		return nil, err
	}
	signing := []metadata.SigningKey{{Key: own, Scope: xmlsig.ScopeMetadata}}
	for i, name := range keys {
		signer, err := xmlsig.NewSigner(c.keys[name])
		if err != nil {
			return nil, err
		}
		if i == 0 {
			p.Keys = kecis.OneKey(signer)
		}
		signing = append(signing, metadata.SigningKey{Key: signer.Public(), Scope: xmlsig.ScopeMessage})
	}
	if role.Name == metadata.Issuer {
		if err := c.opens(p, &role); err != nil {
			return nil, err
		}
	}
	role.Versions = []string{kecis.Namespace}
	for _, a := range xmlsig.Algorithms() {
		role.Algorithms = append(role.Algorithms, string(a))
	}
	for _, service := range servicesOf(role.Name) {
		role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: service, Binding: metadata.BindingXML, Location: address})
	}
	until := c.Made.Add(KeyLife).UTC().Truncate(time.Second)
	p.Partner = &metadata.Partner{
		Entity: &metadata.Entity{ID: address, Serial: c.Made.UnixMilli(), ValidUntil: until, Keys: signing, Roles: []metadata.Role{role}},
		Status: metadata.Active, Roles: []metadata.RoleName{role.Name},
	}
	return p, nil
}

// opens gives a player the key that instruments are encrypted to.
func (c *Cast) opens(p *Player, role *metadata.Role) error {
	private, ok := c.keys[keyEncryption].(*ecdsa.PrivateKey)
	if !ok {
		return errEncryptionKey
	}
	recipient, err := xmlenc.NewRecipient(&private.PublicKey)
	if err != nil {
		return err
	}
	role.EncryptionKeys = []metadata.EncryptionKey{{Recipient: recipient, NotOnOrAfter: c.Made.Add(KeyLife).UTC().Truncate(time.Second)}}
	p.Private, err = xmlenc.NewPrivateKey(private)
	return err
}

var errEncryptionKey = errors.New("suite: the encryption key of a cast is on P-256")

// servicesOf are the services that the suite has an endpoint for in a role.
func servicesOf(role metadata.RoleName) []metadata.Service {
	if role != metadata.Issuer {
		return nil
	}
	return []metadata.Service{
		metadata.ServicePayment, metadata.ServiceCapture, metadata.ServiceCancellation, metadata.ServiceReversal,
		metadata.ServiceInquiry, metadata.ServiceFeed, metadata.ServiceReconciliation,
	}
}
