package cases

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/beevik/etree"

	"github.com/kecis/sdk/conformance"
)

// captured is a signed payment request, or assertion, that an attacker got hold
// of, in pieces.
type captured struct {
	start     string // start tag of the signed element
	issuer    string
	signature string
	body      string // what stands behind the signature
	end       string
}

// whole is the signed element as it was.
func (c captured) whole() string { return c.start + c.issuer + c.signature + c.body + c.end }

// bare is the signed element without its signature: the octets that the digest
// is over.
func (c captured) bare() string { return c.start + c.issuer + c.body + c.end }

const evilID = "_e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5"

// forged returns what the attacker wants to be read: another ID, another amount.
func (c captured) forged() captured {
	c.start = replaceID(c.start)
	c.body = strings.Replace(c.body, amountText, `>99000000<`, 1)
	c.body = strings.Replace(c.body, `user@shop.example`, `admin@shop.example`, 1)
	return c
}

// sameID is forged with the ID of the original.
func (c captured) sameID() captured {
	start := c.start
	c = c.forged()
	c.start = start
	return c
}

func replaceID(start string) string {
	return strings.Replace(strings.Replace(start, paymentID, evilID, 1), assertionID, evilID, 1)
}

// capture cuts a payment request, or the signed assertion of a response, into
// its pieces.
func capture(doc string) (around [2]string, c captured, err error) {
	open, name := strings.Index(doc, rootStart), "kecis:PaymentRequest"
	if open < 0 {
		open, name = strings.Index(doc, `<saml:Assertion `), "saml:Assertion"
	}
	signature, signatureEnd := strings.Index(doc, `<ds:Signature `), strings.Index(doc, `</ds:Signature>`)
	last := strings.Index(doc, `</`+name+`>`)
	if open < 0 || signature < 0 || last < 0 {
		return around, c, errors.New("neither a signed payment request nor a signed assertion")
	}
	signatureEnd += len(`</ds:Signature>`)
	tag := open + strings.IndexByte(doc[open:], '>') + 1
	c = captured{doc[open:tag], doc[tag:signature], doc[signature:signatureEnd], doc[signatureEnd:last], `</` + name + `>`}
	return [2]string{doc[:open], doc[last+len(c.end):]}, c, nil
}

// wrapped puts what an attacker makes of a captured element into its place.
func wrapped(attack func(captured) string) conformance.Edit {
	return func(m *conformance.Message) error {
		around, c, err := capture(string(m.Document))
		if err != nil {
			return err
		}
		m.Document = []byte(around[0] + attack(c) + around[1])
		return nil
	}
}

// within puts content into the signature, at its end.
func within(signature, content string) string {
	return strings.TrimSuffix(signature, `</ds:Signature>`) + content + `</ds:Signature>`
}

func wrappingCases() []conformance.Case {
	return alsoAll(join(wrappedMessages(), needing(wrappedSOAP(), conformance.SOAPBinding), needing(wrappedAssertions(), conformance.SAMLServices)), "KECIS-SIG-024")
}

func wrappedMessages() []conformance.Case {
	h := paymentRequest()
	extensions := func(content string) string {
		return `<samlp:Extensions xmlns:samlp="` + nsSAMLP + `">` + content + `</samlp:Extensions>`
	}
	xsw := []string{"CVE-2011-1411"}
	return []conformance.Case{
		refuse("wrapping-original-in-signature", "sig-structure", "XSW1: the original stands inside the signature of the forged message.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return f.start + f.issuer + within(c.signature, c.bare()) + f.body + f.end
			}), append([]string{"W1"}, xsw...)...),
		refuse("wrapping-detached-behind", "sig-position", "XSW2: the original is a sibling in front of a detached signature.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return f.start + f.issuer + c.bare() + c.signature + f.body + f.end
			}), "W2"),
		refuse("wrapping-detached-in-place", "sig-reference-uri", "XSW2: the signature stands in the right place, and is over a sibling.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return f.start + f.issuer + c.signature + c.bare() + f.body + f.end
			}), "W2"),
		refuse("wrapping-signed-inside-forged", "sig-position", "XSW4: the whole original stands inside the forged message.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return f.start + f.issuer + extensions(c.whole()) + f.body + f.end
			}), "W4"),
		refuse("wrapping-original-at-end", "sig-reference-uri", "XSW5: the forged message keeps the signature, the original without it comes last.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return f.start + f.issuer + c.signature + f.body + c.bare() + f.end
			}), "W5"),
		refuse("wrapping-original-in-key-info", "sig-key-info", "XSW6: the original stands inside the forged signature's KeyInfo.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return f.start + f.issuer + within(c.signature, `<ds:KeyInfo>`+c.bare()+`</ds:KeyInfo>`) + f.body + f.end
			}), "W6"),
		refuse("wrapping-original-in-signature-value", "sig-structure", "XSW6: the original stands inside the signature value.", h,
			wrapped(func(c captured) string {
				f := c.sameID()
				f.start = replaceID(f.start)
				return f.start + f.issuer + strings.Replace(strings.Replace(c.signature, `</ds:SignatureValue>`, c.bare()+`</ds:SignatureValue>`, 1), `URI="#`+paymentID, `URI="#`+evilID, 1) + f.body + f.end
			}), "W6"),
		refuse("wrapping-copy-in-extensions", "xml-duplicate-id", "XSW7: a forged copy with the same ID stands in the extensions.", h,
			wrapped(func(c captured) string {
				return c.start + c.issuer + c.signature + extensions(c.sameID().bare()) + c.body + c.end
			}), "W7"),
		refuse("wrapping-original-in-extensions", "xml-duplicate-id", "XSW7 turned round: the forged message keeps ID and signature, the original is hidden.", h,
			wrapped(func(c captured) string {
				f := c.sameID()
				return f.start + f.issuer + c.signature + extensions(c.bare()) + f.body + f.end
			}), "W7", "CVE-2011-1411"),
		refuse("wrapping-original-in-object", "sig-object", "XSW8: the original stands inside a ds:Object.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return f.start + f.issuer + within(c.signature, `<ds:Object>`+c.bare()+`</ds:Object>`) + f.body + f.end
			}), "W8"),
		refuse("signature-empty-object", "sig-object", "A ds:Object, even without content.", h,
			wrapped(func(c captured) string {
				return c.start + c.issuer + within(c.signature, `<ds:Object></ds:Object>`) + c.body + c.end
			}), "W8"),
		refuse("wrapping-two-signed-infos", "sig-structure", "One SignedInfo is verified, the other tells the reference.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				from, to := strings.Index(c.signature, `<ds:SignedInfo>`), strings.Index(c.signature, `<ds:SignatureValue>`)
				info := c.signature[from:to]
				second := strings.Replace(info, paymentID, evilID, 1)
				return f.start + f.issuer + strings.Replace(c.signature, info, second+info, 1) + f.body + f.end
			}), "W9", "CVE-2019-3465", "CVE-2025-29774"),
		refuse("wrapping-captured-in-other-message", "sig-position", "A captured payment request inside a forged cancellation.", h,
			all(wrapped(func(c captured) string {
				return `<kecis:CancellationRequest xmlns:kecis="` + nsKECIS + `"` + strings.Replace(paymentAttributes, paymentID, evilID, 1) + `>` + c.issuer + c.whole() + `</kecis:CancellationRequest>`
			}), on(func(r *conformance.Reading) { r.Roots = append(r.Roots, "{"+nsKECIS+"}CancellationRequest") })), "W11"),
		refuse("wrapping-decoy-signature", "sig-multiple", "A second signature repeats the value and hides the forgery in its Object.", h,
			wrapped(func(c captured) string {
				return c.start + c.issuer + c.signature + within(c.signature, `<ds:Object>`+c.forged().bare()+`</ds:Object>`) + c.body + c.end
			}), "W12"),
		refuse("signature-twice", "sig-multiple", "The same signature twice.", h,
			wrapped(func(c captured) string { return c.start + c.issuer + c.signature + c.signature + c.body + c.end }), "W12"),
		refuse("signature-second-in-buyer", "sig-multiple", "A second signature deep in the message.", h,
			wrapped(func(c captured) string {
				return c.start + c.issuer + c.signature + strings.Replace(c.body, buyerStart, buyerStart+c.signature, 1) + c.end
			}), "W12"),
		refuse("signature-second-in-key-info", "sig-multiple", "A second signature inside the first one's KeyInfo.", h,
			wrapped(func(c captured) string {
				return c.start + c.issuer + within(c.signature, `<ds:KeyInfo>`+c.signature+`</ds:KeyInfo>`) + c.body + c.end
			}), "W12"),
		refuse("signature-removed", "sig-missing", "A message without any signature.", h,
			wrapped(func(c captured) string { return c.bare() }), "K3"),
		refuse("signature-before-issuer", "sig-position", "The signature in front of saml:Issuer, under a valid digest.", h,
			wrapped(func(c captured) string { return c.start + c.signature + c.issuer + c.body + c.end }), "W21"),
		refuse("signature-last", "sig-position", "The signature behind the body, under a valid digest.", h,
			wrapped(func(c captured) string { return c.start + c.issuer + c.body + c.signature + c.end }), "W21"),
		refuse("signature-in-grandchild", "sig-position", "The signature one level too deep, under a valid digest of the root.", h,
			wrapped(func(c captured) string {
				return c.start + c.issuer + strings.Replace(c.body, buyerStart, buyerStart+c.signature, 1) + c.end
			}), "W21"),
		refuse("signature-without-issuer", "sig-position", "No saml:Issuer in front of the signature.", h,
			signed(replace(shopIssuer, ``)), "W21", "P11"),
	}
}

// wrappedSOAP are the attacks on the envelope around a message.
func wrappedSOAP() []conformance.Case {
	const code = "sig-soap"
	h := paymentSOAP()
	const body, bodyEnd = `<soap:Body>`, `</soap:Body>`
	return []conformance.Case{
		accept("soap-other-prefix", "KECIS-SIG-022", "The prefix of the envelope is the writer's, and white space may stand around.", h,
			all(everywhere(`soap:`, `S:`), replace(`xmlns:soap=`, `xmlns:S=`), replace(`<S:Body>`, "\n <S:Body>\n")), "C11"),
		refuse("soap-forged-before", code, "A forged message in front of the signed one.", h,
			wrapped(func(c captured) string { return c.forged().bare() + c.whole() }), "W3", "W10"),
		refuse("soap-forged-behind", code, "A forged message behind the signed one.", h,
			wrapped(func(c captured) string { return c.whole() + c.forged().bare() }), "W10", "CVE-2022-41912"),
		refuse("soap-message-in-header", code, "The signed message in a header, a forged one in the body.", h,
			all(wrapped(func(c captured) string { return c.forged().bare() }), func(m *conformance.Message) error {
				return before(body, `<soap:Header></soap:Header>`)(m)
			}), "W2", "W3"),
		refuse("soap-empty-header", code, "A header, even without content.", h, before(body, `<soap:Header></soap:Header>`), "W3"),
		refuse("soap-header-behind", code, "A header behind the body.", h, behind(bodyEnd, `<soap:Header></soap:Header>`), "W3"),
		refuse("soap-two-bodies", code, "A second body.", h, behind(bodyEnd, `<soap:Body></soap:Body>`), "W10"),
		refuse("soap-empty-body", code, "A body without a message.", h, wrapped(func(captured) string { return "" }), "P11"),
		refuse("soap-no-body", code, "The message is a child of the envelope.", h,
			all(replace(body, ``), replace(bodyEnd, ``)), "P11"),
		refuse("soap-12", code, "An envelope of SOAP 1.2.", h, replace(nsSOAP, `http://www.w3.org/2003/05/soap-envelope`), "W23"),
		refuse("soap-attribute", code, "An attribute of the envelope.", h, replace(`<soap:Envelope `, `<soap:Envelope soap:encodingStyle="urn:x" `)),
		refuse("soap-text-in-body", code, "Text beside the message.", h, behind(body, `x`)),
		refuse("soap-missing", code, "A message without an envelope where one is expected.", h,
			func(m *conformance.Message) error {
				_, c, err := capture(string(m.Document))
				m.Document = []byte(c.whole())
				return err
			}),
		refuse("soap-decoy-signature", "sig-multiple", "A second signature in the envelope's only message.", h,
			wrapped(func(c captured) string { return c.start + c.issuer + c.signature + c.signature + c.body + c.end }), "W12"),
		refuse("soap-nested-envelope", "sig-root", "An envelope inside the envelope.", h,
			all(behind(body, `<soap:Envelope><soap:Body>`), func(m *conformance.Message) error {
				m.Document = []byte(strings.Replace(string(m.Document), bodyEnd, bodyEnd+`</soap:Envelope>`+bodyEnd, 1))
				return nil
			}), "W11"),
	}
}

func wrappedAssertions() []conformance.Case {
	h := samlAssertion()
	return []conformance.Case{
		refuse("assertion-forged-before", "sig-root", "XSW3: a forged assertion in front of the signed one.", h,
			wrapped(func(c captured) string { return c.forged().bare() + c.whole() }), "W3", "CVE-2016-5697", "W10"),
		refuse("assertion-forged-behind", "sig-root", "A forged assertion behind the signed one.", h,
			wrapped(func(c captured) string { return c.whole() + c.forged().bare() }), "W10", "CVE-2022-41912"),
		refuse("assertion-inside-forged", "sig-missing", "XSW4: the signed assertion stands inside the forged one.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return f.start + f.issuer + f.body + c.whole() + f.end
			}), "W4"),
		refuse("assertion-original-at-end", "sig-root", "XSW5: the forged assertion keeps the signature, the original stands at the end of the response.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return f.start + f.issuer + c.signature + f.body + f.end + c.bare()
			}), "W5"),
		refuse("assertion-original-in-extensions", "sig-reference-uri", "The forged assertion keeps the signature, the original is hidden in the extensions.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return `<samlp:Extensions>` + c.bare() + `</samlp:Extensions>` + f.start + f.issuer + c.signature + f.body + f.end
			}), "W5", "W7"),
		refuse("assertion-original-in-object", "sig-object", "XSW8: the original stands inside a ds:Object.", h,
			wrapped(func(c captured) string {
				f := c.forged()
				return f.start + f.issuer + within(c.signature, `<ds:Object>`+c.bare()+`</ds:Object>`) + f.body + f.end
			}), "W8"),
		refuse("assertion-in-logout", "sig-root", "A captured assertion inside a forged logout request.", h,
			all(replace(`<samlp:Response `, `<samlp:LogoutRequest `), replace(`</samlp:Response>`, `</samlp:LogoutRequest>`)), "W11"),
		refuse("assertion-none", "sig-root", "A response without an assertion.", h, wrapped(func(captured) string { return "" }), "P11"),
		refuse("assertion-nested-deeper", "sig-root", "The only assertion is no child of the response.", h,
			wrapped(func(c captured) string { return `<samlp:Extensions>` + c.whole() + `</samlp:Extensions>` }), "W14"),
		refuse("assertion-digest-elsewhere", "sig-digest-mismatch", "The digest of the forged assertion stands where // finds it first.", h,
			digestElsewhere, "W14", "CVE-2024-45409"),
		refuse("assertion-comment-in-name", "xml-comment", "admin@shop.example for a reader of the first text.", h,
			replace(`>user@shop.example<`, `>user@shop.example<!-- -->.evil.example<`), "C1", "CVE-2017-11427"),
		refuse("response-decoy-signature", "sig-multiple", "A second signature in the signed response itself.", samlResponse(),
			before(`<samlp:Status>`, `<ds:Signature xmlns:ds="`+nsSignature+`"></ds:Signature>`), "W12"),
		refuse("response-content-added", "sig-digest-mismatch", "A signed response with an error alone, to which an assertion was added.", samlResponse(),
			all(func(m *conformance.Message) error {
				return tree(func(root *etree.Element) error {
					root.RemoveChild(root.SelectElement("Assertion"))
					return nil
				})(m)
			}, resign, before(`</samlp:Response>`, assertionStart+assertionEnd)), "W13"),
		also(accept("response-type-rebound", "KECIS-SIG-033", "The prefix of an xsi:type was rebound after signing: the text stays, the type means nothing.", samlResponse(),
			all(signed(replace(`</saml:Subject>`, `</saml:Subject><saml:AttributeStatement><saml:Attribute Name="a"><saml:AttributeValue xmlns:x="urn:x" xmlns:xsi="`+nsXSI+
				`" xsi:type="x:t">v</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>`)), replace(`xmlns:x="urn:x"`, `xmlns:x="urn:evil"`)), "P21"), "KECIS-SIG-021"),
		accept("response-inner-signature", "KECIS-SIG-001", "An assertion inside a signed response may have a signature of its own.", samlResponse(),
			all(replace(assertionStart, assertionStart+template(assertionID, rsaSHA256, digestSHA256)), resign), "W12"),
	}
}

// digestElsewhere forges the assertion and puts its right digest where a search
// of the whole document finds it before the signed one.
func digestElsewhere(m *conformance.Message) error {
	if err := replace(`>user@shop.example<`, `>admin@shop.example<`)(m); err != nil {
		return err
	}
	signature, err := firstSignature(m.Rendered(m.Document))
	if err != nil {
		return err
	}
	sum := hashOf(digestSHA256)
	sum.Write(canonical(signature.Parent(), signature))
	return before(`<samlp:Status>`, `<samlp:Extensions><ds:DigestValue xmlns:ds="`+nsSignature+`">`+
		base64.StdEncoding.EncodeToString(sum.Sum(nil))+`</ds:DigestValue></samlp:Extensions>`)(m)
}
