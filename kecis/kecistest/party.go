package kecistest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// Party is a party of a test: its keys, and what its partners know of it.
type Party struct {
	// Entity is the entityID, Endpoint the address of its back channel.
	Entity, Endpoint string
	Signer           *xmlsig.Signer
	Keys             kecis.Keyring
	// Partner is the party as others know it.
	Partner *metadata.Partner
	// Private opens what is encrypted to the party.
	Private *xmlenc.PrivateKey
}

// keyLife is how long a test's keys are good for.
const keyLife = 24 * time.Hour

// NewParty makes a party in one role, with fresh ECDSA P-256 keys that are good
// for a day from at. All its services are at one address.
func NewParty(t testing.TB, entity string, role metadata.Role, at time.Time) *Party {
	t.Helper()
	sign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	open, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return MakeParty(t, entity, role, at, sign, open)
}

// MakeParty is NewParty with given keys: one that signs, and one on P-256 that
// decrypts.
func MakeParty(t testing.TB, entity string, role metadata.Role, at time.Time, sign crypto.Signer, open *ecdsa.PrivateKey) *Party {
	t.Helper()
	signer, err := xmlsig.NewSigner(sign)
	if err != nil {
		t.Fatal(err)
	}
	private, err := xmlenc.NewPrivateKey(open)
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := xmlenc.NewRecipient(&open.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	p := &Party{Entity: entity, Endpoint: entity, Signer: signer, Keys: kecis.OneKey(signer), Private: private}
	role.Versions = []string{kecis.Namespace}
	role.EncryptionKeys = []metadata.EncryptionKey{{Recipient: recipient, NotOnOrAfter: at.Add(keyLife)}}
	for _, service := range []metadata.Service{
		metadata.ServicePayment, metadata.ServiceCapture, metadata.ServiceCancellation, metadata.ServiceReversal,
		metadata.ServiceInquiry, metadata.ServiceNotification, metadata.ServiceFeed, metadata.ServiceReconciliation,
		metadata.ServiceAuthentication, metadata.ServiceConfirmation,
	} {
		role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: service, Binding: metadata.BindingXML, Location: entity})
	}
	p.Partner = &metadata.Partner{
		Entity: &metadata.Entity{
			ID: entity, Serial: 1, ValidUntil: at.Add(keyLife),
			Keys:  []metadata.SigningKey{{Key: signer.Public(), Scope: xmlsig.ScopeMessage}},
			Roles: []metadata.Role{role},
		},
		Status: metadata.Active, Roles: []metadata.RoleName{role.Name},
	}
	return p
}

// Role is a role that offers everything, in won, for tests.
func Role(name metadata.RoleName) metadata.Role {
	return metadata.Role{
		Name:    name,
		Methods: []metadata.Method{metadata.MethodCard, metadata.MethodAccount, metadata.MethodEMoney},
		Currencies: []metadata.CurrencyLimits{
			{Currency: "KRW", Min: 100, Max: 100_000_000}, {Currency: "USD", Min: 1, Max: 10_000_000},
		},
		Instalments: metadata.Instalments{Months: []int{2, 3, 6, 12}, From: 50_000, InterestFree: true},
		Captures:    metadata.CapturesSeveral, Parts: true, PartialCancellation: true, Lookup: true,
	}
}

// Without takes services away from what the partner offers, as a shop that takes
// no notifications.
func (p *Party) Without(services ...metadata.Service) *Party {
	for i := range p.Partner.Entity.Roles {
		role := &p.Partner.Entity.Roles[i]
		role.Endpoints = slices.DeleteFunc(role.Endpoints, func(e metadata.Endpoint) bool { return slices.Contains(services, e.Service) })
	}
	return p
}
