package interop_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"testing"

	"github.com/beevik/etree"
	"github.com/lestrrat-go/helium"
	"github.com/lestrrat-go/helium/xmldsig1"
	"github.com/moov-io/signedxml"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// library is an implementation of XML Signature in this process.
type library struct {
	name string
	// sign puts a signature behind the first child element.
	sign   func(*foreign.Key, foreign.Algorithm, []byte) ([]byte, error)
	verify func(*foreign.Key, []byte) error
	// unable maps the name of an algorithm to the reason why it cannot sign or
	// verify with it.
	unableToSign, unableToVerify func(foreign.Algorithm) string
}

// libraries are those that are tried. What they cannot do has a reason.
func libraries() []library {
	return []library{
		{
			name: "goxmldsig 1.6.1", sign: goxmldsigSign, verify: goxmldsigVerify,
			unableToSign: goxmldsigUnable, unableToVerify: goxmldsigUnable,
		},
		{
			name: "signedxml 1.4.0", sign: signedxmlSign, verify: signedxmlVerify,
			unableToSign: func(a foreign.Algorithm) string {
				if isECDSA(a) {
					return "it has no ECDSA signing"
				}
				return ""
			},
			unableToVerify: func(a foreign.Algorithm) string {
				if a.Name == "ECDSA-P256-SHA512" || a.Name == "ECDSA-P384-SHA256" {
					return "it ties each curve to one digest"
				}
				return ""
			},
		},
		{
			name: "helium 0.8.0", sign: heliumSign, verify: heliumVerify,
			unableToSign: heliumUnable, unableToVerify: heliumUnable,
		},
	}
}

func isECDSA(a foreign.Algorithm) bool { return a.Key == foreign.P256 || a.Key == foreign.P384 }

func isPSS(a foreign.Algorithm) bool {
	return a.Name == "RSA-PSS-SHA256" || a.Name == "RSA-PSS-SHA384" || a.Name == "RSA-PSS-SHA512"
}

func goxmldsigUnable(a foreign.Algorithm) string {
	switch {
	case isECDSA(a):
		return "its ECDSA values are ASN.1 DER where XML Signature has r and s (goxmldsig#163; D1, D2)"
	case isPSS(a) || a.Key == foreign.Ed25519:
		return "it knows RSA PKCS#1 v1.5 and its own ECDSA only"
	}
	return ""
}

func heliumUnable(a foreign.Algorithm) string {
	if isPSS(a) {
		return "it has no RSA-PSS"
	}
	return ""
}

func goxmldsigSign(key *foreign.Key, a foreign.Algorithm, document []byte) ([]byte, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		return nil, err
	}
	signing, err := dsig.NewSigningContext(key.Private, [][]byte{key.Certificate})
	if err != nil {
		return nil, err
	}
	if err := signing.SetSignatureMethod(a.URI); err != nil {
		return nil, err
	}
	// It canonicalizes in place, so it gets a tree of its own.
	signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signature, err := signing.ConstructSignature(doc.Root().Copy(), true)
	if err != nil {
		return nil, err
	}
	doc.Root().InsertChildAt(doc.Root().ChildElements()[0].Index()+1, signature)
	return doc.WriteToBytes()
}

func goxmldsigVerify(key *foreign.Key, document []byte) error {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		return err
	}
	certificate, err := x509.ParseCertificate(key.Certificate)
	if err != nil {
		return err
	}
	trusted := dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{certificate}}
	_, err = dsig.NewDefaultValidationContext(&trusted).Validate(doc.Root())
	return err
}

func signedxmlSign(key *foreign.Key, a foreign.Algorithm, document []byte) ([]byte, error) {
	template, err := foreign.WithTemplate(a, document, 1)
	if err != nil {
		return nil, err
	}
	signer, err := signedxml.NewSigner(string(template))
	if err != nil {
		return nil, err
	}
	signer.SetReferenceIDAttribute(foreign.IDAttribute)
	signed, err := signer.Sign(key.Private)
	return []byte(signed), err
}

func signedxmlVerify(key *foreign.Key, document []byte) error {
	validator, err := signedxml.NewValidator(string(document))
	if err != nil {
		return err
	}
	certificate, err := x509.ParseCertificate(key.Certificate)
	if err != nil {
		return err
	}
	validator.Certificates = append(validator.Certificates, *certificate)
	validator.SetReferenceIDAttribute(foreign.IDAttribute)
	references, err := validator.ValidateReferences()
	if err == nil && len(references) != 1 {
		return fmt.Errorf("%d references", len(references))
	}
	return err
}

func heliumSign(key *foreign.Key, a foreign.Algorithm, document []byte) ([]byte, error) {
	doc, err := helium.NewParser().Parse(context.Background(), document)
	if err != nil {
		return nil, err
	}
	root := doc.DocumentElement()
	id, _ := root.GetAttribute(foreign.IDAttribute)
	reference := xmldsig1.NewEnvelopedReferenceByID(id)
	reference.DigestAlgorithm = a.Digest
	signer := xmldsig1.NewSigner().SignatureAlgorithm(a.URI).Reference(reference)
	if err := signer.SignEnveloped(context.Background(), doc, root, key.Private); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := helium.Write(&out, doc); err != nil {
		return nil, err
	}
	return moveSignature(out.Bytes())
}

// moveSignature puts a signature that stands last behind saml:Issuer; as the
// signature does not cover itself, it stays valid.
func moveSignature(signed []byte) ([]byte, error) {
	const issuerEnd, signatureEnd = "</saml:Issuer>", "</ds:Signature>"
	at := bytes.Index(signed, []byte(issuerEnd)) + len(issuerEnd)
	from, to := bytes.Index(signed, []byte("<ds:Signature")), bytes.Index(signed, []byte(signatureEnd))+len(signatureEnd)
	if at < len(issuerEnd) || from < at || to < from {
		return nil, errors.New("no signature behind saml:Issuer")
	}
	return bytes.Join([][]byte{signed[:at], signed[from:to], signed[at:from], signed[to:]}, nil), nil
}

func heliumVerify(key *foreign.Key, document []byte) error {
	doc, err := helium.NewParser().Parse(context.Background(), document)
	if err != nil {
		return err
	}
	result, err := xmldsig1.NewVerifier(xmldsig1.StaticKey(key.Private.Public())).Verify(context.Background(), doc)
	if err == nil && !result.Covers(doc.DocumentElement()) {
		return errors.New("the root is not covered")
	}
	return err
}

// message is the profile of the documents that are signed here.
func message() xmlsig.Profile {
	return xmlsig.Message(xmlsig.Name{Space: "urn:kecis:1.0:protocol", Local: "PaymentRequest"})
}

const document = `<kecis:PaymentRequest xmlns:kecis="urn:kecis:1.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"` +
	` Version="2.0" ID="_0123456789abcdef0123456789abcdef01234567" IssueInstant="2026-11-24T00:00:00Z">` +
	"\n" + `  <saml:Issuer>https://shop.example/kecis</saml:Issuer>` + "\n" +
	`<kecis:Amount Exponent='0'   Currency="KRW">50000</kecis:Amount><kecis:Note>주문 &#x1F600; &lt;1&gt; "q"</kecis:Note></kecis:PaymentRequest>`

// weSign signs by our engine.
func weSign(t *testing.T, key *foreign.Key, a foreign.Algorithm, document string) []byte {
	t.Helper()
	signer, err := xmlsig.NewSigner(key.Private, xmlsig.Algorithm(a.URI))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(document), message())
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// weVerify verifies by our engine.
func weVerify(t *testing.T, key *foreign.Key, document []byte) error {
	t.Helper()
	public, err := xmlsig.NewPublicKey(key.Private.Public())
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&xmlsig.Verifier{Profile: message()}).Verify(t.Context(), document, xmlsig.Keys{public})
	return err
}

// keys makes one key of each kind.
func keys(t *testing.T) map[foreign.Kind]*foreign.Key {
	t.Helper()
	made := map[foreign.Kind]*foreign.Key{}
	for _, kind := range []foreign.Kind{foreign.RSA, foreign.P256, foreign.P384, foreign.Ed25519} {
		made[kind] = foreign.NewKey(t, kind)
	}
	return made
}
