package simulation

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// Keys are the keys of all parties of all worlds of a run, which are made once.
type Keys struct {
	signers map[string]*xmlsig.Signer
	private *xmlenc.PrivateKey
	// partners are what every party knows of every other, by how long the issuer
	// holds money.
	partners map[time.Duration]metadata.Partners
	// instruments are what buyers pay with, in the order of cards.
	instruments []issuer.TestInstrument
}

// holdTimes are those of issuers, of which each world has one: shorter than a
// world, about as long, and the usual one.
func holdTimes() []time.Duration {
	return []time.Duration{20 * time.Minute, 3 * time.Hour, 7 * 24 * time.Hour}
}

// The parties of a world, by the hosts of their addresses.
const (
	shopOne   = "shop-1"
	shopTwo   = "shop-2"
	pgOne     = "pg-1"
	pgTwo     = "pg-2"
	theIssuer = "issuer"
)

// entityOf returns the entityID of a party, which is its address, too.
func entityOf(name string) string { return "https://" + name + ".example/kecis" }

// NewKeys makes keys of ECDSA and ECDH on P-256.
func NewKeys() (*Keys, error) {
	k := &Keys{signers: map[string]*xmlsig.Signer{}, instruments: instruments()}
	open, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if k.private, err = xmlenc.NewPrivateKey(open); err != nil {
		return nil, err
	}
	roles := map[string]metadata.RoleName{
		shopOne: metadata.Requester, shopTwo: metadata.Requester, pgOne: metadata.PG, pgTwo: metadata.PG, theIssuer: metadata.Issuer,
	}
	known := map[time.Duration][]*metadata.Partner{}
	for name, role := range roles {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		signer, err := xmlsig.NewSigner(steady{key})
		if err != nil {
			return nil, err
		}
		k.signers[name] = signer
		for _, hold := range holdTimes() {
			known[hold] = append(known[hold], k.partner(name, role, signer, hold))
		}
	}
	k.partners = map[time.Duration]metadata.Partners{}
	for _, hold := range holdTimes() {
		k.partners[hold] = metadata.Fixed(known[hold]...)
	}
	return k, nil
}

// steady signs the same content with the same signature (RFC 6979), so that the
// documents of a world are the same when it is run again.
type steady struct{ *ecdsa.PrivateKey }

// Sign signs a digest.
func (s steady) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.PrivateKey.Sign(nil, digest, opts)
}

// partner is a party as others know it. All its services are at one address.
func (k *Keys) partner(name string, role metadata.RoleName, signer *xmlsig.Signer, hold time.Duration) *metadata.Partner {
	r := roleOf(role, hold)
	services := []metadata.Service{
		metadata.ServicePayment, metadata.ServiceCapture, metadata.ServiceCancellation, metadata.ServiceReversal,
		metadata.ServiceInquiry, metadata.ServiceFeed, metadata.ServiceReconciliation,
	}
	switch role {
	case metadata.PG:
		services = append(services, metadata.ServiceAuthentication, metadata.ServiceConfirmation)
		r.EncryptionKeys = []metadata.EncryptionKey{{Recipient: k.private.Recipient(), NotOnOrAfter: epoch().Add(keyLife)}}
	case metadata.Requester:
		services = []metadata.Service{metadata.ServiceNotification}
	}
	for _, service := range services {
		r.Endpoints = append(r.Endpoints, metadata.Endpoint{Service: service, Binding: metadata.BindingXML, Location: entityOf(name)})
	}
	return &metadata.Partner{
		Entity: &metadata.Entity{
			ID: entityOf(name), Serial: 1, ValidUntil: epoch().Add(keyLife),
			Keys:  []metadata.SigningKey{{Key: signer.Public(), Scope: xmlsig.ScopeMessage}},
			Roles: []metadata.Role{r},
		},
		Status: metadata.Active, Roles: []metadata.RoleName{role},
	}
}

// keyLife is longer than a world.
const keyLife = 365 * 24 * time.Hour

// roleOf is what a provider of a world offers.
func roleOf(name metadata.RoleName, hold time.Duration) metadata.Role {
	role := metadata.Role{
		Name: name, Versions: []string{kecis.Namespace},
		Methods:    []metadata.Method{metadata.MethodCard, metadata.MethodAccount, metadata.MethodEMoney},
		Currencies: []metadata.CurrencyLimits{{Currency: "KRW", Min: 100, Max: 100_000_000}},
		Captures:   metadata.CapturesSeveral, Parts: true, PartialCancellation: true, Lookup: true, HoldTime: hold,
	}
	if name == metadata.PG {
		role.HoldTime -= pgMargin
		role.Authentication = []metadata.AuthenticationRule{{
			Currency: string(kecis.KRW), From: authenticatedFrom, Methods: []metadata.AuthenticationMethod{metadata.ByAmount},
		}}
		role.AmountFloors = []metadata.Floor{{Currency: string(kecis.KRW), Least: leastAuthenticated}}
	}
	return role
}

const (
	// authenticatedFrom is the order, in won, from which on a PG wants its buyer
	// authenticated: above all that are bought without.
	authenticatedFrom = 60_000
	// leastAuthenticated is the least order that PGs authenticate.
	leastAuthenticated = 3_500
)

// pgMargin is how much earlier than the issuer a PG stops capturing (P17).
const pgMargin = 5 * time.Minute

// keyring returns the key of a party.
func (k *Keys) keyring(name string) (kecis.Keyring, error) {
	s := k.signers[name]
	if s == nil {
		return nil, fmt.Errorf("there is no key of %s", name)
	}
	return kecis.OneKey(s), nil
}
