package xmlsig_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmlsig"
)

const metadataDocument = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m" entityID="https://pg.example/kecis">` +
	`<md:RoleDescriptor xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:kecis="urn:kecis:1.0:protocol" kecis:role="pg" xsi:type="kecis:PGDescriptor"></md:RoleDescriptor></md:EntityDescriptor>`

func TestInspect(t *testing.T) {
	all := keys(t)
	signed := func(key, doc string, p xmlsig.Profile) (string, xmlsig.Keys) {
		signer, err := xmlsig.NewSigner(all[key])
		if err != nil {
			t.Fatal(err)
		}
		out, err := signer.Sign([]byte(doc), p)
		if err != nil {
			t.Fatal(err)
		}
		return string(out), xmlsig.Keys{signer.Public()}
	}
	doc, shop := signed("P-256", unsigned, message)
	_, stranger := signed("P-384", unsigned, message)
	entity, pg := signed("P-256", metadataDocument, xmlsig.Metadata())
	edit := func(doc, from, to string) string {
		if !strings.Contains(doc, from) {
			t.Fatalf("%q is not in the document", from)
		}
		return strings.Replace(doc, from, to, 1)
	}
	signature := doc[strings.Index(doc, "<ds:Signature "):strings.Index(doc, "</ds:Signature>")] + "</ds:Signature>"

	tests := []struct {
		name    string
		doc     string
		profile xmlsig.Profile
		keys    xmlsig.Keys
		states  string // per check: + passed, x failed, - not checked
		code    error
	}{
		{"right", doc, message, shop, "+++++++++++", nil},
		{"without a key", doc, message, nil, "++++++++-+-", nil},
		{"not XML", doc + "<", message, shop, "x----------", nil},
		{"other root", doc, xmlsig.Message(xmlsig.Name{Space: protocol, Local: "PaymentResponse"}), shop, "+x---------", xmlsig.ErrRoot},
		{"unsigned", unsigned, message, shop, "++x-+--+---", xmlsig.ErrMissing},
		{"two signatures", edit(doc, "</kecis:Note>", "</kecis:Note>"+signature), message, shop, "++x-+--+---", xmlsig.ErrMultiple},
		{"moved", edit(edit(doc, signature, ""), "</kecis:Note>", "</kecis:Note>"+signature), message, shop, "+++x+--+---", xmlsig.ErrPosition},
		{"no ID", edit(doc, `ID="`, `Name="`), message, shop, "++++x--+---", xmlsig.ErrID},
		{"reference to another ID", edit(doc, `URI="#_01`, `URI="#_02`), message, shop, "+++++x-+---", xmlsig.ErrReferenceURI},
		{"HMAC", edit(doc, string(xmlsig.ECDSASHA256), "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), message, shop, "+++++-x+---", xmlsig.ErrAlgorithm},
		{"no sender", edit(doc, ">https://shop.example/kecis<", "><"), message, shop, "+++++++x-x-", xmlsig.ErrSender},
		{"unknown sender", doc, message, xmlsig.Keys{}, "++++++++x+-", xmlsig.ErrNoKey},
		{"changed", edit(doc, ">50000<", ">50001<"), message, shop, "+++++++++x+", xmlsig.ErrDigestMismatch},
		{"digest of the change", edit(doc, "<ds:DigestValue>", "<ds:DigestValue>A"), message, shop, "+++++x-+---", xmlsig.ErrDigestValue},
		{"key of another size", doc, message, stranger, "++++++++++x", xmlsig.ErrValue},
		{"metadata", entity, xmlsig.Metadata(), pg, "++++++++++++", nil},
		{"rebound type", edit(entity, ` kecis:role="pg"`, ""), xmlsig.Metadata(), pg, "+++++++++x+x", xmlsig.ErrDigestMismatch},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := &xmlsig.Verifier{Profile: test.profile}
			var source xmlsig.KeySource
			if test.keys != nil {
				source = test.keys
			}
			report := v.Inspect(context.Background(), []byte(test.doc), source)
			var states strings.Builder
			for _, c := range report.Checks {
				states.WriteByte("-+x"[c.State])
				if c.Clause == "" || (c.Err != nil) != (c.State == xmlsig.Failed) {
					t.Errorf("%s %v: clause %q, error %v", c.Name, c.State, c.Clause, c.Err)
				}
			}
			if states.String() != test.states {
				t.Errorf("checks are %s, want %s", &states, test.states)
			}
			if test.code != nil && !errors.Is(report.Err(), test.code) {
				t.Errorf("error %v, want %v", report.Err(), test.code)
			}
			if test.keys == nil {
				return
			}
			_, err := v.Verify(context.Background(), []byte(test.doc), test.keys)
			if text(err) != text(report.Err()) {
				t.Errorf("Verify says %v, Inspect %v", err, report.Err())
			}
			for _, c := range report.Checks {
				if c.Name == xmlsig.CheckSignature && (report.Key != nil) != (c.State == xmlsig.Passed) {
					t.Errorf("key %v", report.Key)
				}
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
