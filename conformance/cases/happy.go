package cases

import (
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance"
)

const (
	nsKECIS    = "urn:kecis:1.0:protocol"
	nsSAML     = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsSAMLP    = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsMetadata = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsSOAP     = "http://schemas.xmlsoap.org/soap/envelope/"
	nsXSI      = "http://www.w3.org/2001/XMLSchema-instance"

	paymentID      = "_2f7c1e9a04b85d6331aa90e4c7d25b8f6e01a3d4"
	metadataID     = "_9b1d40c6f2e7583aa4c0d9185e6f3b27c1d80a95"
	samlResponseID = "_a3c5e7092b4d6f81a3c5e7092b4d6f81a3c5e709"
	assertionID    = "_c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"
)

// Now is what the clock shows while the cases are judged.
func Now() time.Time { return time.Date(2026, 11, 24, 9, 1, 0, 0, time.UTC) }

// paymentBody is what stands behind the signature of a payment request.
const paymentBody = `<kecis:OrderRef Attempt="1" OrderID="ORD-20261124-0001" Part="1" Requester="` + shop + `"></kecis:OrderRef>` +
	`<kecis:Payee Entity="` + shop + `" Name="사과나무 과일가게"></kecis:Payee>` +
	`<kecis:Amount Currency="KRW" Exponent="0" Order="50000">50000</kecis:Amount>` +
	`<kecis:Tax Service="0" Supply="45455" TaxFree="0" VAT="4545"></kecis:Tax>` +
	`<kecis:Terms Capture="automatic" Instalments="00" InterestFree="false"></kecis:Terms>` +
	`<kecis:Instrument Brand="BC" First6="433012" Issuer="` + issuer + `" Kind="card" Last4="1234">` +
	`<kecis:InstrumentRef>ref_8f14e45fceea167a</kecis:InstrumentRef></kecis:Instrument>` +
	`<kecis:Buyer><Ecom><BillTo><Postal CountryCode="KR" PostalCode="04524"><Name First="길동" Last="홍"></Name></Postal></BillTo></Ecom></kecis:Buyer>`

// paymentAttributes are those of a payment request's root.
const paymentAttributes = ` Destination="` + gate + `" ID="` + paymentID + `" IssueInstant="2026-11-24T09:00:00Z"` +
	` NotOnOrAfter="2026-11-24T09:05:00Z" Version="2.0"`

const shopIssuer = `<saml:Issuer xmlns:saml="` + nsSAML + `">` + shop + `</saml:Issuer>`

// payment makes a payment request signed with the key by the algorithm.
func payment(key, algorithm, digest string) func(*conformance.Keyring) (*conformance.Message, error) {
	return func(keys *conformance.Keyring) (*conformance.Message, error) {
		return signedBy(keys, key, `<kecis:PaymentRequest xmlns:kecis="`+nsKECIS+`"`+paymentAttributes+`>`+shopIssuer+
			template(paymentID, algorithm, digest)+paymentBody+`</kecis:PaymentRequest>`, conformance.Reading{
			Operation: conformance.Verify,
			Profile:   conformance.MessageProfile,
			Roots:     []string{"{" + nsKECIS + "}PaymentRequest"},
			Keys:      []string{key},
			Now:       Now(),
		})
	}
}

// signedBy signs a document that holds an empty signature.
func signedBy(keys *conformance.Keyring, key, doc string, reading conformance.Reading) (*conformance.Message, error) {
	sender, err := keys.Key(key)
	if err != nil {
		return nil, err
	}
	m := &conformance.Message{Document: []byte(doc), Sender: sender, Keys: keys, Reading: reading}
	return m, resign(m)
}

const (
	digestSHA256 = nsEncryption + "sha256"
	digestSHA384 = nsMore + "sha384"
	digestSHA512 = nsEncryption + "sha512"

	ecdsaSHA256 = nsMore + "ecdsa-sha256"
	rsaSHA256   = nsMore + "rsa-sha256"
)

// paymentRequest is the valid message that most cases bend.
func paymentRequest() conformance.Happy {
	return conformance.Happy{
		ID:   "payment-request",
		Note: "A payment request as a shop sends it to a PG, signed with ECDSA on P-256.",
		Make: payment("shop-p256", ecdsaSHA256, digestSHA256),
	}
}

// paymentRSA is the same, signed with RSA.
func paymentRSA() conformance.Happy {
	return conformance.Happy{
		ID:   "payment-request-rsa",
		Note: "A payment request signed with RSA, PKCS #1 v1.5.",
		Make: payment("shop-rsa", rsaSHA256, digestSHA256),
	}
}

// paymentSOAP is a payment request in a SOAP envelope.
func paymentSOAP() conformance.Happy {
	return conformance.Happy{
		ID:   "payment-request-soap",
		Note: "A payment request as the only child of a SOAP 1.1 body.",
		Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
			m, err := paymentRequest().Make(keys)
			if err != nil {
				return nil, err
			}
			m.Document = []byte(`<soap:Envelope xmlns:soap="` + nsSOAP + `"><soap:Body>` + string(m.Document) + `</soap:Body></soap:Envelope>`)
			m.Reading.Profile = conformance.SOAPProfile
			return m, nil
		},
	}
}

// descriptor is the signed metadata of a PG.
func descriptor() conformance.Happy {
	return conformance.Happy{
		ID:   "metadata",
		Note: "Metadata of a PG; the prefix of its xsi:type is protected by an attribute that uses it.",
		Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
			return signedBy(keys, "pg-metadata", `<md:EntityDescriptor xmlns:md="`+nsMetadata+`" ID="`+metadataID+`" entityID="`+gate+`" validUntil="2026-12-24T00:00:00Z">`+
				template(metadataID, ecdsaSHA256, digestSHA256)+
				`<md:RoleDescriptor xmlns:kecis="urn:kecis:1.0:metadata" xmlns:xsi="`+nsXSI+`" kecis:role="pg" protocolSupportEnumeration="`+nsKECIS+`" xsi:type="kecis:PGDescriptorType"></md:RoleDescriptor>`+
				`</md:EntityDescriptor>`, conformance.Reading{
				Operation: conformance.Verify,
				Profile:   conformance.MetadataProfile,
				Keys:      []string{"pg-metadata"},
				Now:       Now(),
			})
		},
	}
}

const (
	samlStatus = `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"></samlp:StatusCode></samlp:Status>`
	idpIssuer  = `<saml:Issuer xmlns:saml="` + nsSAML + `">` + idp + `</saml:Issuer>`

	samlResponseStart = `<samlp:Response xmlns:samlp="` + nsSAMLP + `" Destination="https://sp.example/acs" ID="` + samlResponseID +
		`" IssueInstant="2026-11-24T09:00:00Z" Version="2.0">`
	assertionStart = `<saml:Assertion xmlns:saml="` + nsSAML + `" ID="` + assertionID + `" IssueInstant="2026-11-24T09:00:00Z" Version="2.0">` +
		`<saml:Issuer>` + idp + `</saml:Issuer>`
	assertionEnd = `<saml:Subject><saml:NameID>user@shop.example</saml:NameID></saml:Subject></saml:Assertion>`
)

// samlResponse is a SAML response that is signed as a whole.
func samlResponse() conformance.Happy {
	return conformance.Happy{
		ID:   "saml-response",
		Note: "A SAML response signed as a whole, its assertion without a signature of its own.",
		Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
			return signedBy(keys, "idp-rsa", samlResponseStart+idpIssuer+template(samlResponseID, rsaSHA256, digestSHA256)+
				samlStatus+assertionStart+assertionEnd+`</samlp:Response>`, conformance.Reading{
				Operation: conformance.Verify,
				Profile:   conformance.SAMLResponseProfile,
				Keys:      []string{"idp-rsa"},
				Now:       Now(),
			})
		},
	}
}

// samlAssertion is a SAML response whose assertion is signed.
func samlAssertion() conformance.Happy {
	return conformance.Happy{
		ID:   "saml-assertion",
		Note: "A SAML response that is not signed itself, with one signed assertion.",
		Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
			return signedBy(keys, "idp-rsa", samlResponseStart+idpIssuer+samlStatus+assertionStart+
				template(assertionID, rsaSHA256, digestSHA256)+assertionEnd+`</samlp:Response>`, conformance.Reading{
				Operation: conformance.Verify,
				Profile:   conformance.SAMLAssertionProfile,
				Keys:      []string{"idp-rsa"},
				Now:       Now(),
			})
		},
	}
}

// algorithms are the signature algorithms of the standard, each with a key and
// the digest that goes with it.
func algorithms() []struct{ name, key, uri, digest string } {
	return []struct{ name, key, uri, digest string }{
		{"rsa-sha256", "shop-rsa", rsaSHA256, digestSHA256},
		{"rsa-sha384", "shop-rsa", nsMore + "rsa-sha384", digestSHA384},
		{"rsa-sha512", "shop-rsa", nsMore + "rsa-sha512", digestSHA512},
		{"rsa-pss-sha256", "shop-rsa", nsMore2007 + "sha256-rsa-MGF1", digestSHA256},
		{"rsa-pss-sha384", "shop-rsa", nsMore2007 + "sha384-rsa-MGF1", digestSHA384},
		{"rsa-pss-sha512", "shop-rsa", nsMore2007 + "sha512-rsa-MGF1", digestSHA512},
		{"ecdsa-p256-sha256", "shop-p256", ecdsaSHA256, digestSHA256},
		{"ecdsa-p256-sha384", "shop-p256", nsMore + "ecdsa-sha384", digestSHA384},
		{"ecdsa-p256-sha512", "shop-p256", nsMore + "ecdsa-sha512", digestSHA512},
		{"ecdsa-p384-sha256", "shop-p384", ecdsaSHA256, digestSHA256},
		{"ecdsa-p384-sha384", "shop-p384", nsMore + "ecdsa-sha384", digestSHA384},
		{"ecdsa-p384-sha512", "shop-p384", nsMore + "ecdsa-sha512", digestSHA512},
		{"ed25519", "shop-ed25519", nsMore2021 + "eddsa-ed25519", digestSHA512},
	}
}

// lines writes a count of numbered texts.
func lines(count int, text func(int) string) string {
	var b strings.Builder
	for i := range count {
		b.WriteString(text(i))
	}
	return b.String()
}

func digits(n int) string { return strconv.Itoa(n) }
