package foreign_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// bending is a change after signing that a foreign program accepts, because its
// canonical form is still the signed one, and that we refuse.
type bending struct {
	name      string
	accepting foreign.Program
	from, to  string
	want      error
}

// TestDefects shows defects of the programs that are known by a number: D9, D10
// and D17. A release without the defect fails the test. (Those of Go libraries
// are in the module interop.)
func TestDefects(t *testing.T) {
	foreign.Need(t, foreign.XMLSec1, foreign.XMLCrypto)
	peers := map[foreign.Program]foreign.Peer{}
	for _, program := range []foreign.Program{foreign.XMLSec1, foreign.XMLCrypto} {
		peers[program] = foreign.NewPeer(t, program)
	}
	p := proof{subject: message(), algorithm: named("RSA-SHA256"), key: foreign.NewKey(t, foreign.RSA)}
	p.sign(t)
	if err := p.verify(t, p.signed); err != nil {
		t.Fatalf("the twin without the fault: %v", err)
	}
	tests := []bending{
		{
			"D9: a document type", foreign.XMLSec1,
			"<kecis:PaymentRequest", `<!DOCTYPE kecis:PaymentRequest [<!ENTITY e "1">]><kecis:PaymentRequest`, xmltree.ErrDoctype,
		},
		{"D10: a comment in the digest", foreign.XMLSec1, "</ds:DigestValue>", "<!-- --></ds:DigestValue>", xmltree.ErrComment},
		{"D10: a comment in the signature value", foreign.XMLSec1, "</ds:SignatureValue>", "<!-- --></ds:SignatureValue>", xmltree.ErrComment},
		{"D17: an amount inside a processing instruction", foreign.XMLCrypto, ">50000<", "><?p 50000?><", xmltree.ErrProcessingInstruction},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bent := bytes.Replace(p.signed, []byte(test.from), []byte(test.to), 1)
			if bytes.Equal(bent, p.signed) {
				t.Fatal("nothing is bent")
			}
			if err := peers[test.accepting].Verify(p.key, bent); err != nil {
				t.Errorf("%s no longer has this defect: %v", test.accepting, err)
			}
			if err := p.verify(t, bent); !errors.Is(err, test.want) {
				t.Errorf("ours: got %v, want %v", err, test.want)
			}
		})
	}
}

// verify verifies by our engine.
func (p *proof) verify(t *testing.T, document []byte) error {
	t.Helper()
	public, err := xmlsig.NewPublicKey(p.key.Private.Public())
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&xmlsig.Verifier{Profile: p.profile}).Verify(t.Context(), document, xmlsig.Keys{public})
	return err
}

// TestReboundTypePrefix: exclusive canonicalization does not cover a prefix that
// occurs in an xsi:type alone, so it can be bound anew under a valid signature:
// xmlsec1 accepts that (P21). We refuse such a type from the start, and accept
// the twin whose element also has an attribute with the prefix; bound anew, that
// one is another content.
func TestReboundTypePrefix(t *testing.T) {
	foreign.Need(t, foreign.XMLSec1)
	xmlsec1 := foreign.NewPeer(t, foreign.XMLSec1)
	const descriptor = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:kecis="urn:kecis:1.0:protocol"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="_m1" entityID="https://pg.example/kecis">` +
		`<md:RoleDescriptor xsi:type="kecis:PGDescriptorType"@ protocolSupportEnumeration="urn:kecis:1.0:protocol"/></md:EntityDescriptor>`
	tests := []struct {
		name, attribute string
		signed, rebound error // what we say
		fooled          bool  // xmlsec1, by the one bound anew
	}{
		{"the prefix in the type alone", "", xmlsig.ErrTypePrefix, xmlsig.ErrTypePrefix, true},
		{"the prefix in an attribute too", ` kecis:role="pg"`, nil, xmlsig.ErrDigestMismatch, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := proof{subject: metadata(), algorithm: named("ECDSA-P256-SHA256"), key: foreign.NewKey(t, foreign.P256)}
			signed, err := xmlsec1.Sign(p.key, p.algorithm, []byte(strings.Replace(descriptor, "@", test.attribute, 1)), 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := p.verify(t, signed); !errors.Is(err, test.signed) {
				t.Errorf("as signed: got %v, want %v", err, test.signed)
			}
			rebound := bytes.Replace(signed, []byte(`xmlns:kecis="urn:kecis:1.0:protocol"`), []byte(`xmlns:kecis="urn:evil"`), 1)
			if err := p.verify(t, rebound); !errors.Is(err, test.rebound) {
				t.Errorf("bound anew: got %v, want %v", err, test.rebound)
			}
			if err := xmlsec1.Verify(p.key, rebound); (err == nil) != test.fooled {
				t.Errorf("xmlsec1, bound anew: %v", err)
			}
		})
	}
}
