package metadata_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

func TestWrittenIsRead(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*party{
		"everything": newGate(t),
		"least":      newParty(t, shop, metadata.Requester),
	} {
		got, err := read(p.document(t), p.metadata.Public())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(p.entity, got, same()); diff != "" {
			t.Errorf("%s: (-written +read)\n%s", name, diff)
		}
		if err := got.Check(epoch()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAggregateIsRead(t *testing.T) {
	t.Parallel()
	registry := newSigner(t)
	a := &metadata.Aggregate{Name: federal, Serial: 3, ValidUntil: epoch().Add(7 * day), Listings: []metadata.Listing{
		{Entity: newGate(t).entity, Grant: metadata.Grant{
			Roles:            []metadata.RoleName{metadata.Requester, metadata.PG},
			Statuses:         []metadata.StatusChange{{Status: metadata.Active, From: epoch()}, {Status: metadata.Suspended, From: epoch().Add(day)}},
			ReadsInstruments: true,
			CompromisedKeys:  []string{registry.Public().String()},
		}},
		{Entity: newParty(t, shop, metadata.Requester).entity, Grant: metadata.Grant{
			Roles: []metadata.RoleName{metadata.Requester}, Statuses: []metadata.StatusChange{{Status: metadata.Active, From: epoch()}},
		}},
	}}
	doc, err := metadata.SignAggregate(a, registry, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	v, err := (&xmlsig.Verifier{Profile: xmlsig.Metadata()}).Verify(context.Background(), doc, xmlsig.Keys{registry.Public()})
	if err != nil {
		t.Fatal(err)
	}
	got, err := metadata.DecodeAggregate(v)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, got, same()); diff != "" {
		t.Errorf("(-written +read)\n%s", diff)
	}
	if _, err := metadata.Decode(v); !errors.Is(err, metadata.ErrUnsupported) {
		t.Errorf("an aggregate as an entity: %v", err)
	}
}

// Every kind of key that may sign stands in metadata and comes back the same.
func TestKinds(t *testing.T) {
	t.Parallel()
	large, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := newParty(t, shop, metadata.Requester)
	for _, public := range []any{&large.PublicKey, &curve.PublicKey, edwards} {
		key, err := xmlsig.NewPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		p.entity.Keys = append(p.entity.Keys, metadata.SigningKey{Key: key, Scope: xmlsig.ScopeMessage})
	}
	got, err := read(p.document(t), p.metadata.Public())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.entity, got, same()); diff != "" {
		t.Errorf("(-written +read)\n%s", diff)
	}
}

// Of a certificate only the key counts: this one has been over for years, and
// names somebody else.
func TestCertificateIsABareKey(t *testing.T) {
	t.Parallel()
	holder, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "somebody else"}, NotAfter: time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &holder.PublicKey, holder)
	if err != nil {
		t.Fatal(err)
	}
	key, err := xmlsig.NewPublicKey(&holder.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	p := newParty(t, shop, metadata.Requester)
	p.entity.Keys[1].Key = key
	doc := string(p.document(t))
	der, err := x509.MarshalPKIXPublicKey(&holder.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	bare := `<ds11:DEREncodedKeyValue xmlns:ds11="http://www.w3.org/2009/xmldsig11#">` + base64.StdEncoding.EncodeToString(der) + `</ds11:DEREncodedKeyValue>`
	if strings.Count(doc, bare) != 1 {
		t.Fatalf("the key does not stand in the document: %s", doc)
	}
	doc = strings.Replace(doc, bare, `<ds:X509Data><ds:X509Certificate>`+base64.StdEncoding.EncodeToString(certificate)+`</ds:X509Certificate></ds:X509Data>`, 1)
	got, err := read(signAgain(t, doc, p.metadata), p.metadata.Public())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.entity, got, same()); diff != "" {
		t.Errorf("(-written +read)\n%s", diff)
	}
}

// signAgain takes the signature off a document and signs it anew.
func signAgain(t testing.TB, doc string, signer *xmlsig.Signer) []byte {
	t.Helper()
	start, end := strings.Index(doc, "<ds:Signature "), strings.Index(doc, "</ds:Signature>")
	if start < 0 || end < start {
		t.Fatalf("no signature in %s", doc)
	}
	out, err := signer.Sign([]byte(doc[:start]+doc[end+len("</ds:Signature>"):]), xmlsig.Metadata())
	if err != nil {
		t.Fatal(err)
	}
	return out
}
