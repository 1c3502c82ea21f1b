package metadata_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

const (
	gate    = "https://pg.example/kecis"
	shop    = "https://shop.example/kecis"
	bank    = "https://issuer.example/kecis"
	federal = "https://registry.example/kecis"
)

// epoch is when the tests begin.
func epoch() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }

const day = 24 * time.Hour

// newSigner draws a key.
func newSigner(t testing.TB) *xmlsig.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := xmlsig.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newRecipient(t testing.TB) *xmlenc.Recipient {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := xmlenc.NewRecipient(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// party is a partner with the keys that sign for it.
type party struct {
	entity            *metadata.Entity
	message, metadata *xmlsig.Signer
}

// newParty returns a party with one role that says nothing of itself.
func newParty(t testing.TB, id string, name metadata.RoleName) *party {
	t.Helper()
	p := &party{message: newSigner(t), metadata: newSigner(t)}
	p.entity = &metadata.Entity{
		ID: id, Serial: 1, ValidUntil: epoch().Add(90 * day),
		Keys: []metadata.SigningKey{
			{Key: p.metadata.Public(), Scope: xmlsig.ScopeMetadata},
			{Key: p.message.Public(), Scope: xmlsig.ScopeMessage},
		},
		Roles: []metadata.Role{{
			Name: name, Versions: []string{metadata.Version10}, Algorithms: []string{string(xmlsig.ECDSASHA256)},
		}},
	}
	return p
}

// newGate returns a PG that says everything of itself that a PG can say.
func newGate(t testing.TB) *party {
	t.Helper()
	p := newParty(t, gate, metadata.PG)
	p.entity.Organization = metadata.Organization{
		Name:        metadata.Texts{En: "Example Payments Inc.", Ko: "(주)예제페이먼츠"},
		DisplayName: metadata.Texts{Ko: "예제페이"},
		URL:         metadata.Texts{En: "https://pg.example/"},
	}
	p.entity.Keys[1].NotBefore, p.entity.Keys[1].NotOnOrAfter = epoch().Add(-day), epoch().Add(365*day)
	keys := []metadata.EncryptionKey{
		{Recipient: newRecipient(t), NotOnOrAfter: epoch().Add(5 * day)},
		{Recipient: newRecipient(t), NotOnOrAfter: epoch().Add(30 * day)},
	}
	p.entity.Roles[0] = metadata.Role{
		Name: metadata.PG, Versions: []string{metadata.Version10},
		Endpoints: []metadata.Endpoint{
			{Service: metadata.ServicePayment, Binding: metadata.BindingXML, Location: gate},
			{Service: metadata.ServicePayment, Binding: metadata.BindingSOAP, Location: gate},
			{Service: metadata.ServiceCapture, Binding: metadata.BindingXML, Location: gate},
			{Service: metadata.ServiceOrder, Binding: metadata.BindingForm, Location: "https://pg.example/order"},
		},
		Methods:     []metadata.Method{metadata.MethodCard, metadata.MethodAccount},
		Currencies:  []metadata.CurrencyLimits{{Currency: "KRW", Min: 100, Max: 50_000_000}, {Currency: "USD", Min: 50, Max: 1_000_000}},
		Instalments: metadata.Instalments{Months: []int{2, 3, 6, 12}, From: 50_000, InterestFree: true},
		Captures:    metadata.CapturesSeveral, Parts: true, PartialCancellation: true, Lookup: true,
		ReversalCutOff: day, HoldTime: 7 * day,
		Routes: []metadata.Route{
			{Kind: metadata.MethodCard, Prefix: "433012", Brand: "BC", Issuer: bank, Keys: keys},
			{Kind: metadata.MethodCard, Prefix: "43301277", Brand: "VISA", Issuer: "https://other.example/kecis", Keys: keys[:1]},
			{Kind: metadata.MethodAccount, Prefix: "088", Issuer: bank, Keys: keys},
		},
		EncryptionKeys: []metadata.EncryptionKey{{Recipient: newRecipient(t), NotOnOrAfter: epoch().Add(30 * day)}},
		Algorithms:     []string{string(xmlsig.ECDSASHA256), string(xmlsig.RSASHA256)},
		Authentication: []metadata.AuthenticationRule{{
			Currency: "KRW", From: 300_000, Methods: []metadata.AuthenticationMethod{metadata.ByAmount, metadata.ByCertificate},
			Exemptions: []metadata.Exemption{metadata.ExemptProfile},
		}},
		AmountFloors:  []metadata.Floor{{Currency: "KRW", Least: 3_500}},
		SecurityLevel: 3, MutualTLS: true,
	}
	return p
}

// document signs what the party says of itself now.
func (p *party) document(t testing.TB) []byte {
	t.Helper()
	doc, err := metadata.Sign(p.entity, p.metadata, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// read verifies a document with the key and decodes it.
func read(doc []byte, key *xmlsig.PublicKey) (*metadata.Entity, error) {
	v, err := (&xmlsig.Verifier{Profile: xmlsig.Metadata()}).Verify(context.Background(), doc, xmlsig.Keys{key})
	if err != nil {
		return nil, err
	}
	return metadata.Decode(v)
}

// same compares keys by their names.
func same() cmp.Options {
	return cmp.Options{
		cmp.Comparer(func(a, b *xmlsig.PublicKey) bool { return a.String() == b.String() }),
		cmp.Comparer(func(a, b *xmlenc.Recipient) bool { return a.KeyName() == b.KeyName() }),
	}
}
