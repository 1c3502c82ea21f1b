package cases

import (
	"strings"

	"github.com/kecis/sdk/conformance"
)

// closedCases add what the closed namespace does not know.
func closedCases() []conformance.Case {
	const unsupported, extension = "unsupported", "msg-extension"
	h := paymentMessage()
	const source = "KECIS P1"
	extensions := func(content string) conformance.Edit {
		return signed(behind(`</ds:Signature>`, `<samlp:Extensions xmlns:samlp="`+nsSAMLP+`">`+content+`</samlp:Extensions>`))
	}
	points := func(attributes string) string {
		return `<x:Points xmlns:x="urn:x:points"` + attributes + `>7</x:Points>`
	}
	add := func(id, note, old, text string) conformance.Case {
		return refuse("message-unknown-"+id, unsupported, note, h, signed(replace(old, text)), source)
	}
	return []conformance.Case{
		add("element", "An element that this version does not know.", `<kecis:Payee `, `<kecis:Wallet></kecis:Wallet><kecis:Payee `),
		add("foreign-element", "An element of another namespace.", `<kecis:Payee `, `<x:Payee xmlns:x="urn:x"></x:Payee><kecis:Payee `),
		add("bare-element", "An element of no namespace.", `<kecis:Payee `, `<Payee></Payee><kecis:Payee `),
		add("last-element", "An unknown element at the end.", rootEnd, `<kecis:Wallet></kecis:Wallet>`+rootEnd),
		add("inner-element", "An unknown element in an empty one.", `</kecis:Terms>`, `<kecis:X></kecis:X></kecis:Terms>`),
		add("attribute", "An attribute that this version does not know.", `<kecis:Terms `, `<kecis:Terms Months="3" `),
		add("root-attribute", "An unknown attribute of the root.", ` Version="2.0"`, ` Version="2.0" Wallet="x"`),
		add("foreign-attribute", "An attribute of another namespace.", `<kecis:Terms `, `<kecis:Terms xmlns:x="urn:x" x:Capture="automatic" `),
		add("foreign-id", "An ID of another namespace, with a value of its own.", `<kecis:Terms `, `<kecis:Terms xmlns:x="urn:x" x:ID="`+evilID+`" `),
		add("xml-lang", "xml:lang where it may not stand.", `<kecis:Terms `, `<kecis:Terms xml:lang="ko" `),
		add("xsi-type", "An xsi:type.", `<kecis:Terms `, `<kecis:Terms xmlns:xsi="`+nsXSI+`" xsi:type="kecis:TermsType" `),
		also(add("capture", "A value outside its closed set.", `Capture="automatic"`, `Capture="later"`), "KECIS-PAY-004"),
		add("capture-capitals", "A value in another case.", `Capture="automatic"`, `Capture="Automatic"`),
		add("capture-empty", "An empty value.", `Capture="automatic"`, `Capture=""`),
		add("kind", "A kind of instrument that nobody knows.", `Kind="card"`, `Kind="credit"`),
		also(add("boolean", "1 for true.", `InterestFree="false"`, `InterestFree="1"`), "KECIS-PAY-006"),
		refuse("message-extensions-last", "msg-order", "SAML's own extension point at the end of a message.", h, signed(before(rootEnd, `<samlp:Extensions xmlns:samlp="`+nsSAMLP+`"></samlp:Extensions>`)), source),
		refuse("extension-critical-by-default", extension, "An unknown extension that does not say whether it is critical.", h, extensions(points(``)), source),
		refuse("extension-critical", extension, "An unknown extension that is critical.", h, extensions(points(` kecis:critical="true"`)), source),
		refuse("extension-value", unsupported, "An extension that is critical in capitals.", h, extensions(points(` kecis:critical="FALSE"`)), source),
		refuse("extension-of-kecis", unsupported, "An extension in the namespace of KECIS.", h, extensions(`<kecis:X kecis:critical="false"></kecis:X>`), source),
		refuse("extension-bare", unsupported, "An extension of no namespace.", h, extensions(`<X kecis:critical="false"></X>`), source),
		refuse("extensions-empty", "msg-missing", "Extensions without any.", h, extensions(``), source),
		accept("extension-not-critical", "KECIS-MSG-010", "An unknown extension that is not critical is ignored.", h, extensions(points(` kecis:critical="false"`)), source),
		past("extensions-number", "msg-too-many", "16 extensions and one more.", h, 16, func(n int) conformance.Edit {
			return extensions(strings.Repeat(points(` kecis:critical="false"`), n))
		}, source),
		accept("message-other-prefixes", "KECIS-MSG-002", "Other prefixes than the usual ones.", h,
			all(everywhere(`<kecis:`, `<k:`), everywhere(`</kecis:`, `</k:`), replace(`xmlns:kecis=`, `xmlns:k=`), resign), "C11"),
		accept("message-default-namespace", "KECIS-MSG-002", "The namespace of KECIS as the default, taken back for Ecom.", h,
			all(everywhere(`<kecis:`, `<`), everywhere(`</kecis:`, `</`), replace(`xmlns:kecis=`, `xmlns=`), replace(`<Ecom>`, `<Ecom xmlns="">`), resign), "C11"),
		refuse("message-default-namespace-kept", unsupported, "Ecom under the default namespace of KECIS.", h,
			all(everywhere(`<kecis:`, `<`), everywhere(`</kecis:`, `</`), replace(`xmlns:kecis=`, `xmlns=`), resign), "C11"),
	}
}
