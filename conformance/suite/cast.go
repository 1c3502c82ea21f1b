package suite

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
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
	// Shop pays at a PG; before an issuer it is the shop whose order the PG passes
	// on.
	Shop *Player
	// PG stands before an issuer.
	PG *Player
	// Issuer stands behind a PG.
	Issuer *Player
	// Ring are the keys by the names that cases know them by. Those of the party
	// that asks (shop-p256 and the like) are its announced keys.
	Ring *conformance.Keyring
}

// The names of the players, which are the last part of their addresses.
const (
	nameShop   = "shop"
	namePG     = "gateway"
	nameIssuer = "bank"
)

// keyLife is how long the keys of a cast are good for.
const keyLife = 30 * 24 * time.Hour

// NewCast makes the parties for the test of an implementation in that role, with
// fresh keys, at addresses below base.
func NewCast(role conformance.Role, base string, at time.Time) (*Cast, error) {
	c := &Cast{}
	ring, err := newRing()
	if err != nil {
		return nil, err
	}
	c.Ring = ring
	shopKeys, pgKeys := ring, ring
	if role == conformance.Issuer {
		shopKeys = nil // the asking party is the PG
	} else {
		pgKeys = nil
	}
	for _, p := range []struct {
		to   **Player
		name string
		role metadata.Role
		ring *conformance.Keyring
	}{
		{&c.Shop, nameShop, metadata.Role{Name: metadata.Requester}, shopKeys},
		{&c.PG, namePG, metadata.Role{Name: metadata.PG}, pgKeys},
		{&c.Issuer, nameIssuer, issuer.Role(0), nil},
	} {
		if *p.to, err = newPlayer(base+"/"+p.name, p.role, p.ring, at); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// newRing makes the keys of the asking party and of a stranger anew, and takes
// those that nobody should have, as one of 1,024 bits, from the vectors.
func newRing() (*conformance.Keyring, error) {
	ring, err := cases.Keyring(vectors.FS)
	if err != nil {
		return nil, err
	}
	for name, kind := range map[string]func(io.Reader) (crypto.Signer, error){
		"shop-p256": onCurve(elliptic.P256()), "shop-next": onCurve(elliptic.P256()), "shop-p384": onCurve(elliptic.P384()),
		"shop-rsa": withRSA, "shop-ed25519": withEd25519, "stranger-p256": onCurve(elliptic.P256()), "shop-metadata": onCurve(elliptic.P256()),
	} {
		private, err := kind(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("suite: %w", err)
		}
		fresh := *(*ring)[name]
		fresh.Private, fresh.Public = private, private.Public()
		(*ring)[name] = &fresh
	}
	return ring, nil
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

func newPlayer(address string, role metadata.Role, ring *conformance.Keyring, at time.Time) (*Player, error) {
	p := &Player{Entity: address, Endpoint: address}
	var keys []metadata.SigningKey
	if ring == nil {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		ring = &conformance.Keyring{announced()[0]: {Private: private}}
	}
	for i, name := range announced() {
		key, ok := (*ring)[name]
		if !ok {
			continue
		}
		signer, err := xmlsig.NewSigner(key.Private)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			p.Keys = kecis.OneKey(signer)
		}
		keys = append(keys, metadata.SigningKey{Key: signer.Public(), Scope: xmlsig.ScopeMessage})
	}
	if role.Name == metadata.Issuer {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		if p.Private, err = xmlenc.NewPrivateKey(private); err != nil {
			return nil, err
		}
		recipient, err := xmlenc.NewRecipient(&private.PublicKey)
		if err != nil {
			return nil, err
		}
		role.EncryptionKeys = []metadata.EncryptionKey{{Recipient: recipient, NotOnOrAfter: at.Add(keyLife)}}
	}
	role.Versions = []string{kecis.Namespace}
	for _, service := range servicesOf(role.Name) {
		role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: service, Binding: metadata.BindingXML, Location: address})
	}
	p.Partner = &metadata.Partner{
		Entity: &metadata.Entity{ID: address, Serial: 1, ValidUntil: at.Add(keyLife), Keys: keys, Roles: []metadata.Role{role}},
		Status: metadata.Active, Roles: []metadata.RoleName{role.Name},
	}
	return p, nil
}

// servicesOf are the services that the suite has an endpoint for in a role.
func servicesOf(role metadata.RoleName) []metadata.Service {
	switch role {
	case metadata.Issuer:
		return []metadata.Service{
			metadata.ServicePayment, metadata.ServiceCapture, metadata.ServiceCancellation, metadata.ServiceReversal,
			metadata.ServiceInquiry, metadata.ServiceFeed, metadata.ServiceReconciliation,
		}
	case metadata.Requester:
		return []metadata.Service{metadata.ServiceNotification}
	}
	return nil
}
