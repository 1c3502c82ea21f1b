package interop_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/moov-io/signedxml"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// The defects of other libraries that can only be shown with the library at
// hand, by the numbers that they have in this project's list. D9, D10 and D17 of
// programs are in conformance/foreign. D11 to D16 are of crewjam/saml, which is
// not used here: what our engine does with such input is tested in kecis/xmlenc
// and by the adapter for SAML.

func rsaSHA256() foreign.Algorithm { return named("RSA-SHA256") }

func named(name string) foreign.Algorithm {
	for _, algorithm := range foreign.Algorithms() {
		if algorithm.Name == name {
			return algorithm
		}
	}
	panic("no algorithm " + name)
}

// TestD1: goxmldsig refuses the ECDSA signatures of everybody else.
func TestD1(t *testing.T) {
	foreign.Need(t, foreign.XMLSec1)
	key := foreign.NewKey(t, foreign.P256)
	signed, err := foreign.NewPeer(t, foreign.XMLSec1).Sign(key, named("ECDSA-P256-SHA256"), []byte(document), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := weVerify(t, key, signed); err != nil {
		t.Errorf("ours: %v", err)
	}
	if err := goxmldsigVerify(key, signed); err == nil {
		t.Error("goxmldsig no longer has this defect")
	}
}

// TestD2: goxmldsig's own ECDSA signatures are ASN.1 DER, which nobody takes.
func TestD2(t *testing.T) {
	key := foreign.NewKey(t, foreign.P256)
	theirs, err := goxmldsigSign(key, named("ECDSA-P256-SHA256"), []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := weVerify(t, key, theirs); !errors.Is(err, xmlsig.ErrValue) {
		t.Errorf("ours: got %v, want %s", err, xmlsig.ErrValue)
	}
	if err := goxmldsigVerify(key, theirs); err != nil {
		t.Errorf("goxmldsig no longer has this defect: %v", err)
	}
	const rs = 64 // two numbers of 32 bytes
	if n := len(signatureValue(t, weSign(t, key, named("ECDSA-P256-SHA256"), document))); n != rs {
		t.Errorf("our value has %d bytes, want %d", n, rs)
	}
}

func signatureValue(t *testing.T, signed []byte) []byte {
	t.Helper()
	_, rest, _ := strings.Cut(string(signed), "<ds:SignatureValue>")
	text, _, _ := strings.Cut(rest, "<")
	value, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestD3: goxmldsig refuses a SignatureValue with spaces in it, as indented
// documents have.
func TestD3(t *testing.T) {
	key := foreign.NewKey(t, foreign.RSA)
	signed := string(weSign(t, key, rsaSHA256(), document))
	indented := []byte(strings.Replace(signed, "<ds:SignatureValue>", "<ds:SignatureValue>\n      ", 1))
	if err := weVerify(t, key, indented); err != nil {
		t.Errorf("ours: %v", err)
	}
	if err := goxmldsigVerify(key, indented); err == nil {
		t.Error("goxmldsig no longer has this defect")
	}
}

// TestD4: goxmldsig cannot verify the document of 1,100 elements that it signed
// itself. TestD5 is the same bound from the other side: it is counted over the
// whole document, honest or not; ours are bytes, depth and elements.
func TestD4(t *testing.T) {
	key := foreign.NewKey(t, foreign.RSA)
	for _, elements := range []int{1_100, 20_000} {
		t.Run(fmt.Sprint(elements), func(t *testing.T) {
			long := strings.Replace(document, "</kecis:PaymentRequest>", strings.Repeat("<kecis:Line>1</kecis:Line>", elements)+"</kecis:PaymentRequest>", 1)
			last := goxmldsigSignLast(t, key, long)
			if err := goxmldsigVerify(key, last); err == nil {
				t.Error("goxmldsig no longer has this defect")
			}
			behindIssuer, err := moveSignature(last)
			if err != nil {
				t.Fatal(err)
			}
			if err := weVerify(t, key, behindIssuer); err != nil {
				t.Errorf("ours: %v", err)
			}
		})
	}
}

func goxmldsigSignLast(t *testing.T, key *foreign.Key, document string) []byte {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(document); err != nil {
		t.Fatal(err)
	}
	signing, err := dsig.NewSigningContext(key.Private, [][]byte{key.Certificate})
	if err != nil {
		t.Fatal(err)
	}
	signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signature, err := signing.ConstructSignature(doc.Root().Copy(), true)
	if err != nil {
		t.Fatal(err)
	}
	doc.Root().AddChild(signature)
	signed, err := doc.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// TestBentAfterSigning: what is added to a signed document without breaking the
// signature is accepted by the libraries named, and refused by ours.
func TestBentAfterSigning(t *testing.T) {
	key := foreign.NewKey(t, foreign.RSA)
	signed := string(weSign(t, key, rsaSHA256(), document))
	if err := weVerify(t, key, []byte(signed)); err != nil {
		t.Fatalf("the twin without the fault: %v", err)
	}
	tests := []struct {
		name     string
		from, to string
		want     xmltree.Code
		accepted []string // by these libraries
	}{
		{"D6 and D19: two attributes of one name", ` ID="_0`, ` ID="_evil" ID="_0`, xmltree.ErrDuplicateAttribute, []string{"goxmldsig", "signedxml"}},
		{"D6 and D19: two currencies", ` Currency="KRW"`, ` Currency="USD" Currency="KRW"`, xmltree.ErrDuplicateAttribute, []string{"goxmldsig", "signedxml"}},
		{"D7 and D19: a second root", "</kecis:PaymentRequest>", "</kecis:PaymentRequest><evil/>", xmltree.ErrNotWellFormed, []string{"goxmldsig", "signedxml"}},
		{"D7 and D19: text behind the root", "</kecis:PaymentRequest>", "</kecis:PaymentRequest>evil", xmltree.ErrNotWellFormed, []string{"goxmldsig", "signedxml"}},
		{"D9: a document type", "<kecis:PaymentRequest", `<!DOCTYPE kecis:PaymentRequest [<!ENTITY e "1"><!ATTLIST kecis:Note a CDATA #IMPLIED>]><kecis:PaymentRequest`, xmltree.ErrDoctype, []string{"goxmldsig", "helium"}},
		{"D10: a comment in the digest", "</ds:DigestValue>", "<!-- --></ds:DigestValue>", xmltree.ErrComment, []string{"goxmldsig"}},
		{"D10: a comment in the signature value", "</ds:SignatureValue>", "<!-- --></ds:SignatureValue>", xmltree.ErrComment, []string{"goxmldsig", "helium"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bent := []byte(strings.Replace(signed, test.from, test.to, 1))
			if bytes.Equal(bent, []byte(signed)) {
				t.Fatal("nothing is bent")
			}
			if err := weVerify(t, key, bent); !errors.Is(err, test.want) {
				t.Errorf("ours: got %v, want %s", err, test.want)
			}
			for _, library := range libraries() {
				name, _, _ := strings.Cut(library.name, " ")
				for _, accepting := range test.accepted {
					if name != accepting {
						continue
					}
					if err := library.verify(key, bent); err != nil {
						t.Errorf("%s no longer has this defect: %v", name, err)
					}
				}
			}
		})
	}
}

// TestD8: goxmldsig and signedxml (D19) refuse an honest document with a line
// end in an attribute.
func TestD8(t *testing.T) {
	key := foreign.NewKey(t, foreign.RSA)
	signed := weSign(t, key, rsaSHA256(), strings.Replace(document, `Currency="KRW"`, "Currency=\"KRW\" Memo=\"a\nb\tc\"", 1))
	if err := weVerify(t, key, signed); err != nil {
		t.Errorf("ours: %v", err)
	}
	if err := heliumVerify(key, signed); err != nil {
		t.Errorf("helium: %v", err)
	}
	if goxmldsigVerify(key, signed) == nil || signedxmlVerify(key, signed) == nil {
		t.Error("goxmldsig or signedxml no longer has this defect")
	}
}

// TestD18: signedxml takes the key from the document if it was given none.
func TestD18(t *testing.T) {
	attacker, owner := foreign.NewKey(t, foreign.RSA), foreign.NewKey(t, foreign.RSA)
	signed, err := goxmldsigSign(attacker, rsaSHA256(), []byte(document)) // with the attacker's certificate in KeyInfo
	if err != nil {
		t.Fatal(err)
	}
	validator, err := signedxml.NewValidator(string(signed))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := validator.ValidateReferences(); err != nil {
		t.Errorf("signedxml no longer has this defect: %v", err)
	}
	if err := weVerify(t, attacker, signed); err != nil {
		t.Errorf("the twin, with the signer's key: %v", err)
	}
	verifier := &xmlsig.Verifier{Profile: message()}
	for _, none := range []xmlsig.KeySource{nil, xmlsig.Keys(nil), xmlsig.Keys{nil}} {
		if _, err := verifier.Verify(t.Context(), signed, none); err == nil {
			t.Errorf("ours accepts with no key: %v", none)
		}
	}
	if err := weVerify(t, owner, signed); !errors.Is(err, xmlsig.ErrInvalid) {
		t.Errorf("ours with another key: got %v, want %s", err, xmlsig.ErrInvalid)
	}
}
