package cases

import (
	"bytes"
	"strings"
	"unicode/utf16"

	"github.com/kecis/sdk/conformance"
)

// Anchors in a payment request.
const (
	rootStart  = `<kecis:PaymentRequest `
	rootEnd    = `</kecis:PaymentRequest>`
	buyerStart = `<kecis:Buyer>`
	buyerEnd   = `</kecis:Buyer>`
	amountText = `>50000<`
	payeeName  = `Name="사과나무 과일가게"`
)

func xmlCases() []conformance.Case {
	return join(encodingCases(), declarationCases(), doctypeCases(), alsoAll(markupCases(), "KECIS-XML-030"), wellFormedCases(),
		characterCases(), nameCases(), namespaceCases(), uniqueCases(), alsoAll(xmlLimitCases(), "KECIS-XML-025"))
}

// inUTF16 writes the document anew in UTF-16.
func inUTF16(mark, bigEndian bool) conformance.Edit {
	return func(m *conformance.Message) error {
		text := string(m.Document)
		if mark {
			text = "\ufeff" + text
		}
		var out bytes.Buffer
		for _, unit := range utf16.Encode([]rune(text)) {
			high, low := byte(unit>>8), byte(unit)
			if bigEndian {
				out.Write([]byte{high, low})
			} else {
				out.Write([]byte{low, high})
			}
		}
		m.Document = out.Bytes()
		return nil
	}
}

// ebcdic turns the letters of an XML declaration into EBCDIC, as far as it needs.
func ebcdic() conformance.Edit {
	// "<?xml version='1.0'?>" in code page 037.
	return front("\x4c\x6f\xa7\x94\x93\x40\xa5\x85\x99\xa2\x89\x96\x95\x7e\x7d\xf1\x4b\xf0\x7d\x6f\x6e")
}

func encodingCases() []conformance.Case {
	const code = "xml-encoding"
	h := paymentRequest()
	declared := func(encoding string) conformance.Edit {
		return front(`<?xml version="1.0" encoding="` + encoding + `"?>`)
	}
	return []conformance.Case{
		accept("xml-byte-order-mark", "KECIS-XML-002", "A byte order mark of UTF-8 in front changes nothing.", h, front("\ufeff"), "P9", "L23"),
		accept("xml-encoding-lower-case", "KECIS-XML-002", "The encoding may be named in any case.", h, declared("utf-8"), "P9"),
		refuse("xml-utf16-little-endian", code, "UTF-16 with its byte order mark.", h, inUTF16(true, false), "P9"),
		refuse("xml-utf16-big-endian", code, "UTF-16, big-endian, with its byte order mark.", h, inUTF16(true, true), "P9"),
		refuse("xml-utf16-no-mark", code, "UTF-16 without byte order mark shows by zero octets.", h,
			all(replace(`사과나무 과일가게`, `Apple`), everywhere(`길동`, `Gildong`), everywhere(`"홍"`, `"Hong"`), inUTF16(false, false)), "P9"),
		refuse("xml-ebcdic", code, "EBCDIC is not UTF-8.", h, ebcdic(), "P9"),
		refuse("xml-declared-utf16", code, "UTF-8 that is declared as UTF-16.", h, declared("UTF-16"), "P9"),
		refuse("xml-declared-latin1", code, "UTF-8 that is declared as ISO-8859-1: etree ignores the declaration.", h, declared("ISO-8859-1"), "P9"),
		refuse("xml-declared-euc-kr", code, "UTF-8 that is declared as EUC-KR.", h, declared("EUC-KR"), "P9"),
		refuse("xml-declared-utf7", code, "A document that is declared as UTF-7.", h, declared("UTF-7"), "P9"),
		refuse("xml-declared-utf8-alias", code, "UTF8 is no name of the encoding.", h, declared("UTF8"), "P9"),
		refuse("xml-declared-ascii", code, "Only UTF-8 may be declared, not a part of it.", h, declared("US-ASCII"), "P9"),
		refuse("xml-overlong", code, "A slash in two octets, an overlong form.", h, replace(payeeName, "Name=\"a\xc0\xafb\""), "P9"),
		refuse("xml-encoded-surrogate", code, "A surrogate in three octets, as CESU-8 writes it.", h, replace(payeeName, "Name=\"a\xed\xa0\x80b\""), "P9", "C18"),
		refuse("xml-invalid-octet", code, "An octet that UTF-8 never has, in text.", h, replace(amountText, ">50000\xff<"), "P9"),
		refuse("xml-truncated-character", code, "A character that ends before its last octet.", h, replace(payeeName, "Name=\"\xec\x82\""), "P9"),
		refuse("xml-invalid-octet-in-comment", code, "encoding/xml does not look at the octets of a comment.", h,
			before(buyerStart, "<!-- \xff -->"), "L19", "P9", "CVE-2024-34154"),
		refuse("xml-beyond-unicode", code, "A character above U+10FFFF.", h, replace(payeeName, "Name=\"\xf4\x90\x80\x80\""), "P9"),
	}
}

func declarationCases() []conformance.Case {
	const code = "xml-declaration"
	h := paymentRequest()
	return []conformance.Case{
		accept("xml-declaration-full", "KECIS-XML-003", "A declaration with all its parts changes nothing.", h,
			front("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"), "P10"),
		refuse("xml-version-11", code, "XML 1.1 has other line ends and control characters.", h, front(`<?xml version="1.1"?>`), "P10", "L30"),
		refuse("xml-version-12", code, "There is no XML 1.2.", h, front(`<?xml version="1.2"?>`), "P10"),
		refuse("xml-version-missing", code, "A declaration without version.", h, front(`<?xml encoding="UTF-8"?>`), "P10"),
		refuse("xml-declaration-order", code, "Standalone before encoding.", h, front(`<?xml version="1.0" standalone="yes" encoding="UTF-8"?>`), "P10"),
		refuse("xml-declaration-unknown-part", code, "A part that the declaration does not have.", h, front(`<?xml version="1.0" lang="ko"?>`), "P10"),
		refuse("xml-standalone-maybe", code, "Standalone is yes or no.", h, front(`<?xml version="1.0" standalone="maybe"?>`), "P10"),
		refuse("xml-declaration-unclosed", code, "A declaration that does not end.", h, front(`<?xml version="1.0" `), "P10"),
		refuse("xml-declaration-not-first", code, "A declaration behind white space.", h, front("\n<?xml version=\"1.0\"?>"), "P10"),
		refuse("xml-declaration-twice", code, "A second declaration.", h, front(`<?xml version="1.0"?><?xml version="1.0"?>`), "P10"),
		refuse("xml-declaration-after-root", code, "A declaration behind the root.", h, end(`<?xml version="1.0"?>`), "P10", "L15"),
		refuse("xml-declaration-inside", code, "A declaration inside the root.", h, before(buyerStart, `<?xml version="1.0"?>`), "P10", "L15"),
	}
}

func doctypeCases() []conformance.Case {
	const code = "xml-doctype"
	h := paymentRequest()
	entities := func(n int) string {
		var b strings.Builder
		b.WriteString(`<!DOCTYPE lolz [<!ENTITY l0 "lol">`)
		for i := range n {
			c := string(rune('0' + i))
			next := string(rune('1' + i))
			b.WriteString(`<!ENTITY l` + next + ` "` + strings.Repeat(`&l`+c+`;`, 10) + `">`)
		}
		b.WriteString(`]>`)
		return b.String()
	}
	return []conformance.Case{
		refuse("xml-doctype-empty", code, "A document type that declares nothing.", h, front(`<!DOCTYPE PaymentRequest>`), "P1", "D9", "L21"),
		refuse("xml-doctype-external", code, "An external subset, which nobody may fetch.", h,
			front(`<!DOCTYPE a SYSTEM "http://127.0.0.1:9/kecis.dtd">`), "P1", "CVE-2017-1000061"),
		also(refuse("xml-doctype-file-entity", code, "An external entity that names a file.", h,
			all(front(`<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>`), replace(payeeName, `Name="&e;"`)), "P1"), "KECIS-XML-028"),
		refuse("xml-doctype-parameter-entity", code, "A parameter entity that loads declarations.", h,
			front(`<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]>`), "P1"),
		refuse("xml-doctype-internal-subset", code, "A declared entity that is never used: xmlsec1 and goxmldsig accept it.", h,
			front(`<!DOCTYPE a [<!ENTITY e "50000">]>`), "L21", "D9"),
		refuse("xml-doctype-attlist", code, "A default attribute that only some parsers add.", h,
			front(`<!DOCTYPE kecis:PaymentRequest [<!ATTLIST kecis:Amount Order CDATA "1">]>`), "C15", "D9", "CVE-2013-4517"),
		refuse("xml-doctype-notation", code, "A notation.", h, front(`<!DOCTYPE a [<!NOTATION n SYSTEM "n">]>`), "C15"),
		refuse("xml-doctype-entity-id", code, "The ID comes from an entity, invisible to a table of IDs.", h,
			all(front(`<!DOCTYPE a [<!ENTITY e "`+paymentID+`">]>`), replace(` ID="`+paymentID+`"`, ` ID="&e;"`)), "W18", "CVE-2025-23369"),
		refuse("xml-doctype-quote-trick", code, "Quotation marks in a document type end it at different places for different parsers.", h,
			front(`<!DOCTYPE a [<!ENTITY b '"><!--'>]>`), "C6", "CVE-2025-25291"),
		refuse("xml-billion-laughs", code, "Nine levels of entities, ten of each in the next.", h,
			all(front(entities(9)), replace(payeeName, `Name="&l9;"`)), "P2"),
		refuse("xml-quadratic-blow-up", code, "One large entity, used often.", h,
			all(front(`<!DOCTYPE a [<!ENTITY e "`+strings.Repeat("a", 1000)+`">]>`), replace(payeeName, `Name="`+strings.Repeat("&e;", 100)+`"`)), "P2"),
		refuse("xml-doctype-inside", code, "A document type inside the root.", h, before(buyerStart, `<!DOCTYPE a>`), "L17"),
		refuse("xml-doctype-after-root", code, "A document type behind the root.", h, end(`<!DOCTYPE a>`), "P1"),
	}
}

// markupCases are comments, processing instructions and CDATA sections.
func markupCases() []conformance.Case {
	h := paymentRequest()
	const instruction, comment, cdata = "xml-processing-instruction", "xml-comment", "xml-cdata"
	return []conformance.Case{
		refuse("xml-instruction-before", instruction, "A processing instruction in front of the root.", h, front(`<?p x?>`), "C4"),
		refuse("xml-instruction-after", instruction, "A processing instruction behind the root.", h, end(`<?p x?>`), "C4"),
		refuse("xml-instruction-signed", instruction, "A processing instruction inside, under a valid signature.", h,
			signed(before(buyerStart, `<?p x?>`)), "C4"),
		refuse("xml-instruction-as-text", instruction, "A canonicalizer that writes instructions as text finds the signature of 50000 valid.", h,
			replace(amountText, `><?p 50000?><`), "C4", "D17"),
		refuse("xml-instruction-named-xml", instruction, "The target XML is reserved in every case of its letters.", h,
			before(buyerStart, `<?XML x?>`), "L16"),
		refuse("xml-instruction-empty-xml", instruction, "An XML declaration without anything in it, behind the root.", h, end(`<?xml?>`), "L15"),
		refuse("xml-comment-before", comment, "A comment in front of the root.", h, front(`<!-- c -->`), "C1"),
		refuse("xml-comment-after", comment, "A comment behind the root.", h, end(`<!-- c -->`), "C1"),
		refuse("xml-comment-in-amount", comment, "Canonicalization leaves the comment out, so the signature stays valid; a reader of the first text sees 5.", h,
			replace(amountText, `>5<!-- -->0000<`), "C1", "CVE-2017-11427", "CVE-2017-11428", "CVE-2018-0489", "CVE-2018-7340"),
		refuse("xml-comment-in-issuer", comment, "A reader of the first text takes another sender.", h,
			replace(`>`+shop+`</saml:Issuer>`, `>https://shop.example/<!-- -->kecis</saml:Issuer>`), "C1", "CVE-2017-11430"),
		refuse("xml-comment-in-digest", comment, "Reader and hash see different text of the digest.", h,
			replace(`</ds:DigestValue>`, `<!-- --></ds:DigestValue>`), "C2", "D10", "CVE-2025-29775"),
		refuse("xml-comment-in-signature-value", comment, "A comment in the signature value.", h,
			replace(`</ds:SignatureValue>`, `<!-- --></ds:SignatureValue>`), "C2", "D10"),
		refuse("xml-comment-double-hyphen", comment, "A comment that is not even well-formed.", h, before(buyerStart, `<!-- a -- b -->`), "L29"),
		refuse("xml-cdata-in-amount", cdata, "A CDATA section has the canonical form of its text, so the signature stays valid.", h,
			replace(amountText, `><![CDATA[50000]]><`), "C5"),
		refuse("xml-cdata-split", cdata, "Text and CDATA section side by side: readers of the first text see 5.", h,
			replace(amountText, `>5<![CDATA[0000]]><`), "C5"),
		refuse("xml-cdata-empty", cdata, "An empty CDATA section in an empty element.", h,
			replace(`</kecis:Terms>`, `<![CDATA[]]></kecis:Terms>`), "C5"),
		refuse("xml-cdata-comment-trick", cdata, "What one parser takes for a comment, another takes for text.", h,
			before(buyerStart, `<![CDATA[<!--]]>`), "C6", "CVE-2025-25292"),
	}
}

func wellFormedCases() []conformance.Case {
	const code = "xml-not-well-formed"
	h := paymentRequest()
	return []conformance.Case{
		refuse("xml-empty", code, "A document of no octets.", h, document(""), "L8"),
		refuse("xml-blank", code, "A document of white space alone.", h, document(" \n"), "L8"),
		refuse("xml-text-alone", code, "A document without any markup.", h, document("payment"), "L7"),
		refuse("xml-second-root", code, "A second root element: one is verified, another is read.", h, end(`<evil></evil>`),
			"W22", "D7", "L5", "CVE-2022-39299", "CVE-2022-39353"),
		also(refuse("xml-text-after-root", code, "Text behind the root.", h, end(`x`), "W22", "D7", "L6"), "KECIS-XML-027"),
		refuse("xml-text-before-root", code, "Text in front of the root.", h, front(`x`), "L7"),
		refuse("xml-reference-after-root", code, "A character reference to white space is not white space.", h, end(`&#32;`), "L6"),
		refuse("xml-second-byte-order-mark", code, "A second byte order mark is text in front of the root.", h, front("\ufeff\ufeff"), "L23"),
		refuse("xml-no-space-between-attributes", code, "No white space between two attributes.", h, replace(`" Exponent="0"`, `"Exponent="0"`), "L20"),
		refuse("xml-unquoted-attribute", code, "An attribute without quotation marks.", h, replace(`Exponent="0"`, `Exponent=0`), "L31"),
		refuse("xml-attribute-without-value", code, "An attribute without value.", h, replace(`Exponent="0"`, `Exponent`)),
		refuse("xml-unclosed-attribute", code, "An attribute value that does not end.", h, func(m *conformance.Message) error {
			at := bytes.Index(m.Document, []byte(payeeName))
			m.Document = m.Document[:at+len(`Name="`)]
			return nil
		}),
		refuse("xml-less-than-in-attribute", code, "A < in an attribute value.", h, replace(payeeName, `Name="a<b"`), "L27"),
		refuse("xml-cdata-end-in-text", code, "]]> in text.", h, replace(amountText, `>50000]]><`), "L28"),
		refuse("xml-wrong-end-tag", code, "An end tag of another element.", h, replace(`</kecis:Amount>`, `</kecis:Tax>`)),
		refuse("xml-end-tag-other-prefix", code, "An end tag with another prefix of the same namespace.", h,
			all(replace(` xmlns:kecis=`, ` xmlns:k="`+nsKECIS+`" xmlns:kecis=`), replace(`</kecis:Amount>`, `</k:Amount>`)), "C11"),
		refuse("xml-end-tag-with-attribute", code, "An end tag with an attribute.", h, replace(`</kecis:Amount>`, `</kecis:Amount a="b">`)),
		refuse("xml-missing-end-tag", code, "The root's end tag is missing.", h, replace(rootEnd, ``)),
		refuse("xml-end-tag-too-many", code, "One end tag too many.", h, end(rootEnd), "L6"),
		refuse("xml-cut-in-tag", code, "A document that is cut inside its last tag.", h, replace(rootEnd, `</kecis:Payment`)),
		refuse("xml-element-declaration", code, "A markup declaration that is no document type.", h, before(buyerStart, `<!ELEMENT a ANY>`), "C8", "CVE-2020-29510"),
		refuse("xml-doctype-lower-case", code, "<!doctype is none.", h, front(`<!doctype a>`)),
		refuse("xml-slash-in-tag", code, "A slash that does not end the tag.", h, replace(`<Ecom>`, `<Ecom / >`), "C8", "CVE-2020-29511"),
	}
}

func characterCases() []conformance.Case {
	const code, entity = "xml-character", "xml-entity"
	h := paymentRequest()
	text := func(s string) conformance.Edit { return replace(amountText, ">"+s+"<") }
	value := func(s string) conformance.Edit { return replace(payeeName, `Name="`+s+`"`) }
	return []conformance.Case{
		refuse("xml-nul", code, "A zero octet.", h, value("a\x00b"), "L25"),
		refuse("xml-control-character", code, "A control character in text.", h, text("50000\x01"), "L26"),
		refuse("xml-control-reference", code, "A reference to a control character.", h, text("50000&#1;"), "L26"),
		refuse("xml-nul-reference", code, "A reference to U+0000.", h, value("a&#0;b"), "L25"),
		refuse("xml-surrogate-reference", code, "A reference to a surrogate, which encoding/xml turns into U+FFFD.", h, value("a&#xD800;b"), "L18", "C18"),
		refuse("xml-surrogate-pair-reference", code, "Two references to surrogates are no character.", h, value("&#xD83D;&#xDE00;"), "C18"),
		refuse("xml-noncharacter-fffe", code, "U+FFFE as itself.", h, value("a\ufffeb"), "C18"),
		refuse("xml-noncharacter-ffff", code, "U+FFFF by reference.", h, value("a&#xFFFF;b"), "C18"),
		refuse("xml-reference-beyond-unicode", code, "A reference above U+10FFFF.", h, value("a&#x110000;b"), "C18"),
		refuse("xml-reference-overflow", code, "A reference that is 65 only for those whose numbers overflow.", h, value("&#4294967361;"), "C18"),
		refuse("xml-reference-capital-x", code, "A hexadecimal reference has a small x.", h, value("&#X41;")),
		refuse("xml-reference-empty-hexadecimal", code, "A hexadecimal reference without digits.", h, value("&#x;")),
		refuse("xml-reference-empty", code, "A decimal reference without digits.", h, value("&#;")),
		refuse("xml-unknown-entity", entity, "An entity that nobody declared.", h, value("a&nbsp;b"), "C5"),
		refuse("xml-entity-capitals", entity, "Names of entities have one spelling.", h, value("a&AMP;b"), "C5"),
		refuse("xml-ampersand-alone", entity, "An ampersand that begins no reference.", h, text("50000 & 1"), "C5"),
		refuse("xml-reference-unclosed", entity, "A reference without semicolon.", h, value("a&#65b"), "C5"),
		past("xml-reference-length", entity, "A reference has at most 32 octets.", h, 32, func(n int) conformance.Edit {
			return signed(value("&#x" + strings.Repeat("0", n-len("&#x41;")) + "41;"))
		}, "P7"),
		accept("xml-non-bmp", "KECIS-XML-009", "Characters above U+FFFF, as themselves and by reference.", h, signed(value("😀&#x1F600;𠮷")), "C18"),
		accept("xml-delete-character", "KECIS-XML-009", "U+007F and U+0085 are characters that XML 1.0 allows.", h, signed(value("a\u007f\u0085b")), "C18"),
	}
}

func nameCases() []conformance.Case {
	const code = "xml-name"
	h := paymentRequest()
	element := func(name string) conformance.Edit {
		return before(buyerStart, `<`+name+` xmlns:a="urn:a"></`+name+`>`)
	}
	attr := func(name string) conformance.Edit { return replace(`<Ecom>`, `<Ecom xmlns:a="urn:a" `+name+`="x">`) }
	return []conformance.Case{
		refuse("xml-name-two-colons", code, "A name with two colons.", h, element("a:b:c"), "L32", "C8"),
		refuse("xml-name-leading-colon", code, "A name that begins with a colon.", h, element(":a"), "L9", "C8", "CVE-2020-29511"),
		refuse("xml-name-trailing-colon", code, "A name that ends in a colon.", h, element("a:"), "L10", "C8"),
		refuse("xml-name-digit-after-colon", code, "A digit right behind the colon.", h, element("a:1"), "C8"),
		refuse("xml-name-leading-digit", code, "A name that begins with a digit.", h, element("1a")),
		refuse("xml-name-space", code, "White space between < and the name.", h, element(" a")),
		refuse("xml-attribute-leading-colon", code, "An attribute whose name begins with a colon.", h, attr(":x"), "L11", "C8", "CVE-2020-29509"),
		refuse("xml-attribute-trailing-colon", code, "An attribute whose name ends in a colon.", h, attr("a:"), "C8"),
		refuse("xml-attribute-two-colons", code, "An attribute with two colons in its name.", h, attr("a:b:c"), "L32", "C8"),
		refuse("xml-declaration-of-no-prefix", code, "xmlns: without a prefix.", h, attr("xmlns:"), "C8"),
		accept("xml-name-non-bmp", "KECIS-XML-011", "Names may hold letters above U+FFFF and letters of Korean.", h,
			parsed(before(buyerStart, `<a:𠮷 xmlns:a="urn:a" 한글="x"></a:𠮷>`)), "C18"),
	}
}

func namespaceCases() []conformance.Case {
	const code, undeclared = "xml-namespace", "xml-undeclared-prefix"
	h := paymentRequest()
	declare := func(declaration string) conformance.Edit {
		return replace(`<Ecom>`, `<Ecom `+declaration+`>`)
	}
	return []conformance.Case{
		refuse("xml-undeclared-element-prefix", undeclared, "A prefix of an element that nobody declared.", h, before(buyerStart, `<u:x></u:x>`), "L3"),
		refuse("xml-undeclared-attribute-prefix", undeclared, "A prefix of an attribute that nobody declared.", h, declare(`u:x="y"`), "L4"),
		refuse("xml-prefix-out-of-scope", undeclared, "A prefix that was declared on a sibling.", h,
			before(buyerStart, `<u:x xmlns:u="urn:u"></u:x><u:y></u:y>`), "L3"),
		refuse("xml-element-named-xmlns", undeclared, "The prefix xmlns names no element.", h, before(buyerStart, `<xmlns:x></xmlns:x>`), "L14"),
		refuse("xml-empty-namespace", code, "A prefix cannot be undeclared in XML 1.0.", h, declare(`xmlns:p=""`), "L12"),
		refuse("xml-prefix-xml-rebound", code, "The prefix xml is bound for good.", h, declare(`xmlns:xml="urn:evil"`), "L13"),
		refuse("xml-prefix-xmlns-bound", code, "The prefix xmlns cannot be declared.", h, declare(`xmlns:xmlns="urn:evil"`), "L14"),
		refuse("xml-namespace-of-xml", code, "No other prefix may stand for the namespace of xml.", h, declare(`xmlns:p="http://www.w3.org/XML/1998/namespace"`), "L13"),
		refuse("xml-namespace-of-xmlns", code, "No prefix may stand for the namespace of xmlns.", h, declare(`xmlns:p="http://www.w3.org/2000/xmlns/"`), "L14"),
		refuse("xml-default-namespace-of-xml", code, "Nor may the namespace of xml be the default.", h, declare(`xmlns="http://www.w3.org/XML/1998/namespace"`), "L13"),
		refuse("xml-relative-namespace", code, "Canonicalizers fail on a relative namespace, some with an empty result.", h, declare(`xmlns:p="relative/path"`),
			"C7", "L22", "CVE-2025-66568", "CVE-2025-66578"),
		refuse("xml-relative-default-namespace", code, "A relative default namespace.", h, declare(`xmlns="1"`), "C7", "L22"),
		refuse("xml-namespace-u0080", code, "A namespace that ends in U+0080, which libxml2 refuses only when it canonicalizes.", h, declare("xmlns:p=\"urn:p\u0080\""), "C7"),
		refuse("xml-namespace-blank", code, "A namespace with a blank in it.", h, declare(`xmlns:p="urn:p q"`), "C7"),
		accept("xml-undeclared-default", "KECIS-XML-013", "xmlns=\"\" puts elements into no namespace.", h,
			signed(replace(`<Ecom>`, `<Ecom xmlns="">`)), "C11"),
		accept("xml-prefix-xml-declared", "KECIS-XML-013", "The prefix xml may be declared as what it is.", h,
			signed(declare(`xmlns:xml="http://www.w3.org/XML/1998/namespace"`)), "L13"),
	}
}

func uniqueCases() []conformance.Case {
	const code, duplicateID = "xml-duplicate-attribute", "xml-duplicate-id"
	h := paymentRequest()
	return []conformance.Case{
		refuse("xml-duplicate-currency", code, "Two currencies: the last is read, or the first.", h,
			replace(` Currency="KRW"`, ` Currency="USD" Currency="KRW"`), "D6", "D19", "L1"),
		refuse("xml-duplicate-id-attribute", code, "Two attributes ID on one element.", h,
			replace(` ID="`+paymentID+`"`, ` ID="_evil" ID="`+paymentID+`"`), "D6", "D19", "L1"),
		refuse("xml-duplicate-expanded-name", code, "Two prefixes of one namespace, one local name.", h,
			replace(`<Ecom>`, `<Ecom xmlns:a="urn:a" xmlns:b="urn:a" a:x="1" b:x="2">`), "L2"),
		refuse("xml-duplicate-declaration", code, "One prefix declared twice on one element.", h,
			replace(`<Ecom>`, `<Ecom xmlns:a="urn:a" xmlns:a="urn:b">`), "L1"),
		refuse("xml-duplicate-default-declaration", code, "Two default namespaces on one element.", h,
			replace(`<Ecom>`, `<Ecom xmlns="" xmlns="urn:b">`), "L1"),
		accept("xml-same-local-names", "KECIS-XML-014", "One local name in two namespaces is no duplicate.", h,
			signed(replace(`<Ecom>`, `<Ecom xmlns:a="urn:a" xmlns:b="urn:b" a:x="1" b:x="2" x="3">`)), "L2"),
		refuse("xml-duplicate-id", duplicateID, "Two elements with one ID.", h,
			before(buyerStart, `<kecis:Order ID="`+paymentID+`"></kecis:Order>`), "W17"),
		refuse("xml-duplicate-id-small", duplicateID, "The attribute id of ECML with the root's ID.", h,
			replace(`<Ecom>`, `<Ecom id="`+paymentID+`">`), "W17"),
		refuse("xml-duplicate-id-one-element", duplicateID, "ID and Id of one element.", h,
			replace(` ID="`+paymentID+`"`, ` ID="`+paymentID+`" Id="`+paymentID+`"`), "W17"),
		refuse("xml-duplicate-xml-id", duplicateID, "An xml:id with the root's ID.", h,
			replace(`<Ecom>`, `<Ecom xml:id="`+paymentID+`">`), "W17"),
		refuse("xml-duplicate-id-by-reference", duplicateID, "The same ID, one written by a character reference.", h,
			before(buyerStart, `<kecis:Order ID="&#x5F;`+paymentID[1:]+`"></kecis:Order>`), "W17"),
	}
}

// amplified makes a message whose canonical form has n octets: a namespace that is
// declared once stands in it at each of many siblings.
func amplified(n int) conformance.Edit {
	const sibling, marker = `<p:a></p:a>`, `@@`
	around := [2]string{`<kecis:Many xmlns:p="urn:` + strings.Repeat("p", 1000) + `">`, `</kecis:Many>`}
	return func(m *conformance.Message) error {
		length := func(siblings int) (int, error) {
			one := conformance.Message{Document: bytes.Clone(m.Document), Rendering: m.Rendering}
			if err := before(rootEnd, around[0]+strings.Repeat(sibling, siblings)+around[1])(&one); err != nil {
				return 0, err
			}
			signature, err := firstSignature(one.Rendered(one.Document))
			if err != nil {
				return 0, err
			}
			return len(canonical(signature.Parent(), signature)), nil
		}
		none, err := length(0)
		if err != nil {
			return err
		}
		one, err := length(1)
		if err != nil {
			return err
		}
		count, rest := (n-none)/(one-none), (n-none)%(one-none)
		siblings := strings.Repeat(sibling, count)
		return all(
			signed(before(rootEnd, around[0]+siblings+around[1]), replace(`Name="`, `Name="`+strings.Repeat("a", rest))),
			replace(around[0]+siblings, around[0]+marker),
			repeated(marker, sibling, count),
		)(m)
	}
}

// swelling puts siblings in that each must declare 60 long namespaces again in
// canonical form. With a marker they are repeated in its place.
func swelling(put func(at, text string) conformance.Edit, marker string, siblings int) conformance.Edit {
	const namespaces = 60
	sibling := "<b" + lines(namespaces, func(i int) string { return " a" + digits(i) + `:x=""` }) + "></b>"
	inside := marker
	if marker == "" {
		inside = strings.Repeat(sibling, siblings)
	}
	open := "<a" + lines(namespaces, func(i int) string {
		return " xmlns:a" + digits(i) + `="urn:` + strings.Repeat("x", 1000) + digits(i) + `"`
	}) + ">"
	edit := put(buyerStart, open+inside+"</a>")
	if marker == "" {
		return edit
	}
	return all(edit, repeated(marker, sibling, siblings))
}

// xmlLimitCases go up to each limit of chapter 10 and one step past it.
func xmlLimitCases() []conformance.Case {
	h := paymentRequest()
	const marker = "@@"
	// padded makes the document n octets long.
	padded := func(n int) conformance.Edit {
		return parsed(replace(payeeName, `Name="`+marker+`"`), func(m *conformance.Message) error {
			return repeated(marker, "a", n-len(m.Document)+len(marker))(m)
		})
	}
	// nested makes elements n deep; the marker's parent is at depth 2.
	nested := func(n int) conformance.Edit {
		return parsed(before(buyerStart, strings.Repeat("<a>", n-1)+strings.Repeat("</a>", n-1)))
	}
	// wide gives the document n elements, of which it has so many already.
	wide := func(n int) conformance.Edit {
		return parsed(before(buyerStart, marker), func(m *conformance.Message) error {
			have := bytes.Count(m.Document, []byte("<")) - bytes.Count(m.Document, []byte("</"))
			return repeated(marker, "<a/>", n-have)(m)
		})
	}
	ecom := func(attributes string) conformance.Edit { return parsed(replace(`<Ecom>`, `<Ecom`+attributes+`>`)) }
	attributes := func(n int) conformance.Edit {
		return ecom(lines(n, func(i int) string { return " a" + digits(i) + `="x"` }))
	}
	namespaces := func(n int) conformance.Edit { // one is in scope from the root
		return ecom(lines(n-1, func(i int) string { return " xmlns:a" + digits(i) + `="urn:a"` }))
	}
	name := func(n int) conformance.Edit {
		long := strings.Repeat("n", n)
		return parsed(before(buyerStart, "<"+long+"></"+long+">"))
	}
	prefixed := func(n int) conformance.Edit {
		long := "p:" + strings.Repeat("n", n-2)
		return parsed(before(buyerStart, "<"+long+` xmlns:p="urn:p"></`+long+">"))
	}
	uri := func(n int) conformance.Edit {
		return ecom(` xmlns:p="urn:` + strings.Repeat("u", n-4) + `"`)
	}
	return []conformance.Case{
		past("xml-size", "xml-too-large", "A document of 4 MB and one octet more.", h, 4<<20, padded, "P6"),
		past("xml-depth", "xml-too-deep", "Elements 64 and 65 deep.", h, 64, nested, "P5"),
		past("xml-elements", "xml-too-many-elements", "100,000 elements and one more.", h, 100_000, wide, "P6", "D5"),
		past("xml-attributes", "xml-too-many-attributes", "64 attributes and one more.", h, 64, attributes, "P6"),
		past("xml-namespaces", "xml-too-many-namespaces", "64 declarations in scope and one more.", h, 64, namespaces, "P6"),
		past("xml-name-length", "xml-name-too-long", "A name of 256 octets and one more.", h, 256, name, "P7"),
		past("xml-qualified-name-length", "xml-name-too-long", "Prefix and colon count.", h, 256, prefixed, "P7"),
		past("xml-namespace-length", "xml-name-too-long", "A namespace of 1,024 octets and one more.", h, 1024, uri, "P7"),
		also(past("xml-canonical-length", "xml-too-large", "A canonical form of four times 4 MB and one octet more, of a short document.", h, 4*(4<<20), amplified, "P6", "C11"), "KECIS-XML-031"),
		refuse("xml-million-deep", "xml-too-deep", "A million start tags, which a recursive parser does not survive.", h,
			parsed(before(buyerStart, marker), repeated(marker, "<a>", 1_000_000)), "P5", "CVE-2026-56859"),
		refuse("xml-namespace-at-each-level", "xml-too-many-namespaces", "A new prefix at each level.", h,
			parsed(before(buyerStart, lines(63, func(i int) string { return "<a xmlns:a" + digits(i) + `="urn:a" xmlns:b` + digits(i) + `="urn:b">` }))), "P6"),
		also(refuse("xml-swelling", "xml-too-large", "Sixty long namespaces, declared once and used by 300 siblings: 0.3 MB with a canonical form of 18 MB.", h,
			swelling(before, marker, 300), "P6"), "KECIS-XML-031"),
		accept("xml-much-declared", "KECIS-XML-031", "The same with 30 siblings, whose form is within the bound.", h,
			signed(swelling(before, "", 30)), "P6"),
		accept("xml-wide", "KECIS-XML-017", "1,100 elements: goxmldsig gives up at 1,000.", h,
			signed(before(buyerStart, lines(1100, func(int) string { return "<a></a>" }))), "D4", "D5"),
	}
}
