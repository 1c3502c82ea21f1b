package cases

import (
	"strings"

	"github.com/kecis/sdk/conformance"
)

// The parts of a signature as the payment request has them.
const (
	signatureStart = `<ds:Signature xmlns:ds="` + nsSignature + `">`
	c14nMethod     = `<ds:CanonicalizationMethod Algorithm="` + nsExclusive + `"></ds:CanonicalizationMethod>`
	ecdsaMethod    = `<ds:SignatureMethod Algorithm="` + ecdsaSHA256 + `"></ds:SignatureMethod>`
	firstTransform = `<ds:Transform Algorithm="` + enveloped + `"></ds:Transform>`
	lastTransform  = `<ds:Transform Algorithm="` + nsExclusive + `"></ds:Transform>`
	sha256Method   = `<ds:DigestMethod Algorithm="` + digestSHA256 + `"></ds:DigestMethod>`
	paymentURI     = ` URI="#` + paymentID + `"`
)

func referenceCases() []conformance.Case {
	return join(structureCases(), countCases(), uriCases(), identifierCases(), nameConfusionCases(), transformCases(),
		senderCases(), rootCases(), needing(metadataCases(), conformance.SAMLServices))
}

// part cuts an element of the signature out, by its local name.
func part(doc, local string) (string, bool) {
	from := strings.Index(doc, `<ds:`+local)
	to := strings.Index(doc, `</ds:`+local+`>`)
	if from < 0 || to < from {
		return "", false
	}
	return doc[from : to+len(`</ds:`+local+`>`)], true
}

// onPart changes an element of the signature.
func onPart(local string, change func(element string) string) conformance.Edit {
	return func(m *conformance.Message) error {
		element, ok := part(string(m.Document), local)
		if !ok {
			return replace(`<ds:`+local, ``)(m) // tells what is missing
		}
		return replace(element, change(element))(m)
	}
}

// remade signs again as far as there is still something to sign.
func remade(edit conformance.Edit) conformance.Edit {
	return all(edit, func(m *conformance.Message) error {
		if err := resign(m); err != nil {
			return nil //nolint:nilerr // a signature without its parts cannot be signed; that is the fault
		}
		return nil
	})
}

// structureCases leave out, repeat, move and bend each part of a signature. All
// are signed again where that can be done.
func structureCases() []conformance.Case {
	h := paymentRequest()
	name := func(local string) string {
		return strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(local,
			"Signed", "signed-"), "Method", "-method"), "Value", "-value"))
	}
	const structure = "sig-structure"
	parts := []struct{ local, missing, twice, attribute, text string }{
		{"SignedInfo", structure, structure, structure, structure},
		{"CanonicalizationMethod", structure, structure, structure, structure},
		{"SignatureMethod", structure, structure, "sig-algorithm", "sig-algorithm"},
		{"Reference", "sig-reference-count", "sig-reference-count", structure, structure},
		{"Transforms", "sig-transforms", structure, structure, structure},
		{"DigestMethod", structure, structure, "sig-digest-method", "sig-digest-method"},
		{"DigestValue", structure, structure, structure, "sig-digest-value"},
		{"SignatureValue", structure, structure, structure, "sig-value"},
	}
	var out []conformance.Case
	for _, p := range parts {
		id := "signature-" + name(p.local)
		out = append(out,
			refuse(id+"-missing", p.missing, "A signature without its ds:"+p.local+".", h,
				remade(onPart(p.local, func(string) string { return "" })), "P11", "W16"),
			refuse(id+"-twice", p.twice, "A signature with two ds:"+p.local+".", h,
				remade(onPart(p.local, func(e string) string { return e + e })), "W16", "CVE-2020-15216"),
			refuse(id+"-attribute", p.attribute, "An attribute of ds:"+p.local+" that the profile does not know.", h,
				remade(onPart(p.local, func(e string) string {
					return strings.Replace(e, `<ds:`+p.local, `<ds:`+p.local+` x="y"`, 1)
				})), "W16"),
			refuse(id+"-text", p.text, "Text in ds:"+p.local+" where none may stand.", h,
				all(remade(onPart(p.local, func(e string) string { return e })), onPart(p.local, func(e string) string {
					return strings.Replace(e, `>`, `>!`, 1)
				})), "W16"),
			refuse(id+"-child", childCode(p.local), "An element in ds:"+p.local+" that does not belong there.", h,
				remade(onPart(p.local, func(e string) string {
					return strings.TrimSuffix(e, `</ds:`+p.local+`>`) + `<x></x></ds:` + p.local + `>`
				})), "W16"),
		)
	}
	swap := func(id, first, second string, code string) conformance.Case {
		return refuse(id, code, "ds:"+second+" in front of ds:"+first+".", h, remade(func(m *conformance.Message) error {
			a, _ := part(string(m.Document), first)
			b, _ := part(string(m.Document), second)
			return replace(a+b, b+a)(m)
		}), "W16")
	}
	return append(out,
		swap("signature-value-first", "SignedInfo", "SignatureValue", structure),
		swap("signature-methods-swapped", "CanonicalizationMethod", "SignatureMethod", structure),
		swap("signature-reference-before-method", "SignatureMethod", "Reference", structure),
		swap("signature-digest-parts-swapped", "DigestMethod", "DigestValue", structure),
		swap("signature-transforms-behind", "Transforms", "DigestMethod", "sig-transforms"),
		refuse("signature-id", "sig-id", "An Id of the signature, which a message does not have.", h,
			replace(signatureStart, strings.Replace(signatureStart, `>`, ` Id="sig">`, 1)), "W16", "W17"),
		refuse("signature-key-info-first", structure, "ds:KeyInfo in front of the value.", h,
			before(`<ds:SignatureValue>`, `<ds:KeyInfo></ds:KeyInfo>`), "W16"),
		refuse("signature-key-info-twice", structure, "Two ds:KeyInfo.", h,
			behind(`</ds:SignatureValue>`, `<ds:KeyInfo></ds:KeyInfo><ds:KeyInfo></ds:KeyInfo>`), "W16"),
		refuse("signature-key-info-attribute", structure, "An attribute of ds:KeyInfo.", h,
			behind(`</ds:SignatureValue>`, `<ds:KeyInfo x="y"></ds:KeyInfo>`), "W16"),
		refuse("signature-empty", structure, "A signature without any part.", h, func(m *conformance.Message) error {
			return onPart("Signature", func(string) string { return signatureStart + `</ds:Signature>` })(m)
		}, "P11"),
		accept("signature-white-space", "KECIS-SIG-003", "White space between the parts of a signature.", h,
			signed(replace(`<ds:SignedInfo>`, "\n  <ds:SignedInfo>\n"), replace(`<ds:Transforms>`, "\n\t<ds:Transforms>\n"), replace(`</ds:Signature>`, "\n</ds:Signature>")), "D3"),
		accept("signature-id-of-saml-peer", "KECIS-SIG-003", "SAML peers may give the signature an Id.", samlResponse(),
			signed(replace(signatureStart, strings.Replace(signatureStart, `>`, ` Id="sig">`, 1))), "W16"),
	)
}

// childCode is the code of an unexpected element in a part.
func childCode(local string) string {
	switch local {
	case "SignatureMethod":
		return "sig-algorithm"
	case "DigestMethod":
		return "sig-digest-method"
	case "Transforms":
		return "sig-transforms"
	}
	return "sig-structure"
}

func countCases() []conformance.Case {
	const code = "sig-reference-count"
	h := paymentRequest()
	// second is a reference to another element, with that element in the message.
	second := func(evilFirst bool) conformance.Edit {
		return signed(onPart("Reference", func(e string) string {
			evil := strings.Replace(e, paymentID, evilID, 1)
			if evilFirst {
				return evil + e
			}
			return e + evil
		}), before(buyerStart, `<kecis:Order ID="`+evilID+`"></kecis:Order>`))
	}
	return []conformance.Case{
		refuse("reference-second-last", code, "A second reference, behind: a loop that keeps the last one returns it.", h, second(false), "W15", "CVE-2026-33487"),
		refuse("reference-second-first", code, "A second reference, in front.", h, second(true), "W15"),
		refuse("reference-in-manifest", code, "A manifest in the place of the reference.", h,
			signed(onPart("Reference", func(e string) string { return `<ds:Manifest>` + e + `</ds:Manifest>` })), "W15"),
	}
}

// uriCases are the forms of the URI; all are validly signed.
func uriCases() []conformance.Case {
	const code = "sig-reference-uri"
	h := paymentRequest()
	uri := func(id, note, attribute string, more ...string) conformance.Case {
		return refuse("reference-uri-"+id, code, note, h, signed(replace(paymentURI, attribute)), append([]string{"W19"}, more...)...)
	}
	return []conformance.Case{
		uri("absent", "No URI: whatever the application means.", ``),
		uri("empty", "The whole document.", ` URI=""`),
		uri("hash", "A # alone.", ` URI="#"`),
		uri("xpointer-root", "The whole document by an XPointer.", ` URI="#xpointer(/)"`),
		uri("xpointer-id", "The right element, by an XPointer.", ` URI="#xpointer(id('`+paymentID+`'))"`),
		uri("no-hash", "The ID without #: a library that skips the first character compares the rest.", ` URI="`+paymentID+`"`),
		uri("query", "A ? in the place of the #.", ` URI="?`+paymentID+`"`),
		uri("blank", "A blank behind the ID.", ` URI="#`+paymentID+` "`),
		uri("encoded", "The ID in percent-encoding.", ` URI="#%5F`+paymentID[1:]+`"`),
		uri("encoded-blank", "A blank in percent-encoding.", ` URI="#`+paymentID+`%20"`),
		uri("http", "An address in the network, which nobody may fetch.", ` URI="http://127.0.0.1:9/x"`),
		uri("file", "A file.", ` URI="file:///etc/passwd"`),
		uri("cid", "An attachment, which signedxml skips in silence.", ` URI="cid:x"`),
		uri("document", "The ID in another document.", ` URI="other.xml#`+paymentID+`"`),
		uri("other-case", "The ID in capitals.", ` URI="#`+strings.ToUpper(paymentID)+`"`),
		uri("prefix", "The beginning of the ID.", ` URI="#`+paymentID[:40]+`"`),
		uri("other-id", "The ID of nothing.", ` URI="#`+evilID+`"`),
		refuse("reference-foreign-id", code, "The signed ID stands in an attribute of another namespace.", h,
			signed(replace(` ID="`+paymentID+`"`, ` xmlns:x="urn:x" x:ID="`+paymentID+`" ID="`+evilID+`"`)), "W17"),
	}
}

func identifierCases() []conformance.Case {
	const code = "sig-id"
	h := paymentRequest()
	// id gives the signed element another ID, and the reference with it.
	id := func(value string) conformance.Edit { return signed(everywhere(paymentID, value)) }
	return []conformance.Case{
		refuse("id-missing", code, "The signed element has no ID.", h, signed(replace(` ID="`+paymentID+`"`, ``)), "W20", "P11"),
		refuse("id-empty", code, "An empty ID, and # as its reference.", h, id(``), "W20"),
		refuse("id-blank", code, "An ID with a blank.", h, id(`_a b`), "W20"),
		refuse("id-digit", code, "An ID that begins with a digit.", h, id(`1abc`), "W20"),
		refuse("id-colon", code, "An ID with a colon.", h, id(`a:b`), "W20"),
		past("id-length", code, "An ID of 256 octets and one more.", h, 256, func(n int) conformance.Edit { return id(strings.Repeat("i", n)) }, "W20", "P7"),
		refuse("id-megabyte", code, "An ID of a million octets.", h,
			all(replace(` ID="`+paymentID+`"`, ` ID="@@"`), repeated("@@", "i", 1_000_000)), "W20", "P7"),
		refuse("id-second-kind", code, "An attribute Id beside ID: libraries disagree which one counts.", h,
			signed(replace(` ID="`+paymentID+`"`, ` ID="`+paymentID+`" Id="`+evilID+`"`)), "W17"),
		refuse("id-small", code, "An attribute id in the message.", h, signed(replace(`<Ecom>`, `<Ecom id="order1">`)), "W17"),
		refuse("id-xml", code, "An xml:id in the message.", h, signed(replace(`<Ecom>`, `<Ecom xml:id="order1">`)), "W17"),
		refuse("id-renamed", code, "The ID stands in Id alone.", h, signed(replace(` ID="`+paymentID+`"`, ` Id="`+paymentID+`"`)), "W17"),
	}
}

// nameConfusionCases put names into namespaces that look alike.
func nameConfusionCases() []conformance.Case {
	h := paymentRequest()
	const alike = `http://www.w3.org/2000/09/xmldsig`
	return []conformance.Case{
		refuse("names-signature-other-namespace", "sig-missing", "A signature in a namespace that lacks the #.", h,
			replace(signatureStart, strings.Replace(signatureStart, nsSignature, alike, 1)), "W23"),
		refuse("names-signature-no-namespace", "sig-missing", "Elements of a signature in no namespace.", h,
			all(everywhere(`<ds:`, `<`), everywhere(`</ds:`, `</`)), "W23"),
		refuse("names-root-other-namespace", "sig-root", "A payment request of another namespace, validly signed.", h,
			signed(replace(` xmlns:kecis="`+nsKECIS+`"`, ` xmlns:kecis="urn:kecis:1.1:protocol"`)), "W23"),
		refuse("names-issuer-other-namespace", "sig-position", "An Issuer that is not SAML's, validly signed.", h,
			signed(replace(nsSAML, `urn:oasis:names:tc:SAML:1.0:assertion`)), "W23"),
		refuse("names-signed-info-other-namespace", "sig-structure", "SignedInfo in another namespace.", h,
			all(replace(`<ds:SignedInfo>`, `<x:SignedInfo xmlns:x="`+alike+`">`), replace(`</ds:SignedInfo>`, `</x:SignedInfo>`)), "W23"),
		refuse("names-reference-other-namespace", "sig-reference-count", "A Reference in another namespace.", h,
			signed(replace(`<ds:Reference `, `<x:Reference xmlns:x="`+alike+`" `), replace(`</ds:Reference>`, `</x:Reference>`)), "W23"),
		refuse("names-prefix-rebound", "sig-structure", "The prefix ds stands for another namespace inside the signature.", h,
			signed(replace(`<ds:SignedInfo>`, `<ds:SignedInfo xmlns:ds="`+alike+`">`)), "W23"),
		accept("names-other-prefixes", "KECIS-SIG-003", "Prefixes are the writer's: here k, a and s.", h,
			all(everywhere(`<kecis:`, `<k:`), everywhere(`</kecis:`, `</k:`), replace(`xmlns:kecis=`, `xmlns:k=`),
				everywhere(`saml:`, `a:`), replace(`xmlns:saml=`, `xmlns:a=`), resign), "W23", "C11"),
		accept("names-default-namespace", "KECIS-SIG-003", "A signature in the default namespace.", h,
			signed(replace(`xmlns:ds=`, `xmlns=`), everywhere(`ds:`, ``)), "C11"),
	}
}

func transformCases() []conformance.Case {
	const code = "sig-transforms"
	h := paymentRequest()
	transforms := func(content ...string) conformance.Edit {
		return signed(replace(firstTransform+lastTransform, strings.Join(content, "")))
	}
	transform := func(uri, content string) string {
		return `<ds:Transform Algorithm="` + uri + `">` + content + `</ds:Transform>`
	}
	more := func(id, note, uri, content string, sources ...string) conformance.Case {
		return refuse("transform-"+id, code, note, h, transforms(firstTransform, lastTransform, transform(uri, content)), append([]string{"C16"}, sources...)...)
	}
	return []conformance.Case{
		refuse("transform-order", code, "Canonicalization in front of enveloped-signature.", h, transforms(lastTransform, firstTransform), "C16"),
		refuse("transform-enveloped-alone", code, "No canonicalization, so inclusive by default.", h, transforms(firstTransform), "C16"),
		refuse("transform-exclusive-alone", code, "No enveloped-signature.", h, transforms(lastTransform), "C16"),
		refuse("transform-none", code, "No transform at all.", h, transforms(), "C16"),
		refuse("transform-exclusive-twice", code, "Two canonicalizations: the last one wins in goxmldsig.", h, transforms(firstTransform, lastTransform, lastTransform), "C16"),
		refuse("transform-enveloped-twice", code, "Enveloped-signature twice.", h, transforms(firstTransform, firstTransform), "C16"),
		refuse("transform-with-comments", code, "Canonicalization that keeps comments.", h, transforms(firstTransform, transform(nsExclusive+"WithComments", "")), "C3", "C16"),
		refuse("transform-inclusive", code, "Inclusive canonicalization.", h, transforms(firstTransform, transform("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "")), "C16"),
		refuse("transform-parameter", code, "A parameter that exclusive canonicalization does not have.", h, transforms(firstTransform, transform(nsExclusive, "<x></x>")), "C16"),
		refuse("transform-enveloped-parameter", code, "A parameter of enveloped-signature.", h, transforms(transform(enveloped, "<x></x>"), lastTransform), "C16"),
		more("base64", "Base64.", nsSignature+"base64", ""),
		more("xpath", "XPath.", "http://www.w3.org/TR/1999/REC-xpath-19991116", `<ds:XPath>count(//. | //@* | //namespace::*)</ds:XPath>`, "P4"),
		more("xpath-filter-2", "XPath Filter 2.", "http://www.w3.org/2002/06/xmldsig-filter2", ``, "P4"),
		more("xslt", "XSLT, which can run programs and write files.", "http://www.w3.org/TR/1999/REC-xslt-19991116",
			`<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"></xsl:stylesheet>`, "P3", "CVE-2011-1425", "CVE-2022-34169"),
		refuse("transform-six", code, "Six transforms, more than secure validation of the JDK takes.", h,
			transforms(strings.Repeat(firstTransform, 5), lastTransform), "C16"),
	}
}

func senderCases() []conformance.Case {
	const code = "sig-sender"
	h := paymentRequest()
	text := func(issuer string) conformance.Edit {
		return signed(replace(`>`+shop+`</saml:Issuer>`, `>`+issuer+`</saml:Issuer>`))
	}
	return []conformance.Case{
		refuse("sender-empty", code, "An empty saml:Issuer.", h, text(``), "P11"),
		past("sender-length", code, "A sender of 1,024 octets and one more.", h, 1024, func(n int) conformance.Edit {
			return text("https://shop.example/" + strings.Repeat("s", n-len("https://shop.example/")))
		}, "P7"),
		refuse("sender-format", code, "A Format, which would give the name another meaning.", h,
			signed(replace(`<saml:Issuer `, `<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" `)), "W16"),
		refuse("sender-child", code, "An element inside saml:Issuer.", h, text(shop+`<x></x>`), "W16"),
		accept("sender-format-of-saml-peer", "KECIS-SIG-023", "SAML peers may state the Format.", samlResponse(),
			signed(replace(idpIssuer, strings.Replace(idpIssuer, `<saml:Issuer `, `<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" `, 1))), "W16"),
	}
}

func rootCases() []conformance.Case {
	const code = "sig-root"
	h := paymentRequest()
	other := func(name string) conformance.Edit {
		return all(everywhere(`kecis:PaymentRequest`, `kecis:`+name), resign)
	}
	return []conformance.Case{
		refuse("root-response", code, "An answer where a request is expected.", h, other("PaymentResponse"), "W11", "W13"),
		refuse("root-other-service", code, "A message of another service.", h, other("CancellationRequest"), "W11"),
		refuse("root-unknown", code, "A root that no version knows.", h, other("Pay"), "W23"),
		refuse("root-none-expected", code, "A recipient that expects nothing accepts nothing.", h,
			on(func(r *conformance.Reading) { r.Roots = nil }), "K4"),
	}
}

// metadataCases are those of the profiles of SAML peers.
func metadataCases() []conformance.Case {
	const code = "sig-type-prefix"
	h := descriptor()
	const protected = ` kecis:role="pg"`
	list := func(prefixes string) string {
		return `<ec:InclusiveNamespaces xmlns:ec="` + nsExclusive + `" PrefixList="` + prefixes + `"></ec:InclusiveNamespaces>`
	}
	inTransform := func(content string) conformance.Edit {
		return replace(lastTransform, strings.Replace(lastTransform, `></ds:Transform>`, `>`+content+`</ds:Transform>`, 1))
	}
	inMethod := func(content string) conformance.Edit {
		return replace(c14nMethod, strings.Replace(c14nMethod, `></ds:C`, `>`+content+`</ds:C`, 1))
	}
	many := func(n int) conformance.Edit {
		return signed(inTransform(list(strings.TrimSpace(lines(n, func(i int) string { return " p" + digits(i) })))))
	}
	rebound := replace(`xmlns:kecis="urn:kecis:1.0:metadata"`, `xmlns:kecis="urn:evil:metadata"`)
	p := paymentRequest()
	return []conformance.Case{
		also(refuse("metadata-type-prefix-rebound", code, "The prefix of xsi:type was bound to another namespace after signing: the signature is valid, the role another.", h,
			all(signed(replace(protected, ``)), rebound), "P21"), "KECIS-SIG-012"),
		refuse("metadata-type-prefix-unprotected", code, "Nobody has rebound the prefix, but anybody could.", h, signed(replace(protected, ``)), "P21"),
		refuse("metadata-type-prefix-redeclared", code, "The prefix is used further out with another binding.", h,
			signed(replace(protected, ``), replace(` entityID=`, ` xmlns:kecis="urn:other" kecis:x="y" entityID=`)), "P21"),
		refuse("metadata-type-without-prefix", code, "A type that hangs on the default namespace.", h,
			signed(replace(`xsi:type="kecis:PGDescriptorType"`, `xsi:type="PGDescriptorType"`)), "P21"),
		refuse("metadata-protected-prefix-rebound", "sig-digest-mismatch", "Rebinding a prefix that a name uses breaks the signature.", h, rebound, "P21"),
		accept("metadata-type-prefix-listed", "KECIS-SIG-021", "A PrefixList protects the prefix as well.", h,
			signed(replace(protected, ``), inTransform(list("kecis"))), "P21", "C10"),
		refuse("metadata-listed-prefix-rebound", "sig-digest-mismatch", "A prefix of the PrefixList cannot be rebound.", h,
			all(signed(replace(protected, ``), inTransform(list("kecis"))), rebound), "P21", "C10"),
		accept("prefix-list-strange", "KECIS-SIG-020", "Unknown and repeated prefixes and #default in a PrefixList.", h,
			signed(inTransform(list("kecis nowhere kecis #default xsi"))), "C10"),
		accept("prefix-list-of-method", "KECIS-SIG-020", "A PrefixList of the method and none of the transform.", h,
			signed(inMethod(list("kecis md"))), "C10"),
		past("prefix-list-length", "sig-prefix-list", "32 prefixes in a PrefixList and one more.", h, 32, many, "C10"),
		refuse("prefix-list-ten-thousand", "sig-prefix-list", "10,000 prefixes in a PrefixList.", h,
			all(inTransform(list("@@")), repeated("@@", "p ", 10_000)), "C10", "P6"),
		refuse("prefix-list-no-name", "sig-prefix-list", "A PrefixList with something that is no prefix.", h, signed(inTransform(list("a:b"))), "C10"),
		refuse("prefix-list-absent", "sig-prefix-list", "ec:InclusiveNamespaces without a PrefixList.", h,
			signed(inTransform(`<ec:InclusiveNamespaces xmlns:ec="`+nsExclusive+`"></ec:InclusiveNamespaces>`)), "C10"),
		refuse("prefix-list-twice", "sig-prefix-list", "Two PrefixLists of one transform.", h, signed(inTransform(list("md")+list("xsi"))), "C10"),
		refuse("prefix-list-in-message", "sig-prefix-list", "A PrefixList in a message.", p, signed(inTransform(list("kecis"))), "C10"),
		refuse("prefix-list-empty-in-message", "sig-prefix-list", "An empty PrefixList in a message.", p, signed(inTransform(list(""))), "C10"),
		refuse("prefix-list-of-method-in-message", "sig-prefix-list", "A PrefixList of the method in a message.", p, signed(inMethod(list("kecis"))), "C10"),
		refuse("metadata-signature-last", "sig-position", "The signature of metadata is the first child.", h, func(m *conformance.Message) error {
			signature, _ := part(string(m.Document), "Signature")
			return all(replace(signature, ``), before(`</md:EntityDescriptor>`, signature))(m)
		}, "W21"),
		refuse("metadata-no-entity", "sig-sender", "Metadata without an entityID.", h, signed(replace(` entityID="`+gate+`"`, ``)), "P11"),
		past("metadata-entity-length", "sig-sender", "An entityID of 1,024 octets and one more.", h, 1024, func(n int) conformance.Edit {
			return signed(replace(` entityID="`+gate+`"`, ` entityID="https://pg.example/`+strings.Repeat("p", n-len("https://pg.example/"))+`"`))
		}, "P7"),
		refuse("metadata-message", "sig-root", "A payment request where metadata is expected.", p,
			on(func(r *conformance.Reading) { r.Profile, r.Roots = conformance.MetadataProfile, nil }), "W11"),
		accept("metadata-aggregate", "KECIS-SIG-001", "An aggregate whose entity has a signature of its own.", h, func(m *conformance.Message) error {
			inner := string(m.Document)
			m.Document = []byte(`<md:EntitiesDescriptor xmlns:md="` + nsMetadata + `" ID="` + evilID + `" Name="urn:federation">` +
				template(evilID, ecdsaSHA256, digestSHA256) + inner + `</md:EntitiesDescriptor>`)
			return resign(m)
		}, "W12"),
	}
}
