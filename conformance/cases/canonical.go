package cases

import (
	"github.com/kecis/sdk/conformance"
)

// canonicalCases compare canonical forms octet by octet. The expected forms are
// written by hand; xmllint --exc-c14n gives the same.
func canonicalCases() []conformance.Case {
	const clause, reading = "KECIS-XML-022", "KECIS-XML-021"
	return []conformance.Case{
		canonicalCase("empty-element", clause, "An empty element has a start and an end tag.",
			`<a/>`, `<a></a>`, "C11"),
		canonicalCase("outside", clause, "Declaration, byte order mark and white space around the root are left out.",
			"\ufeff<?xml version=\"1.0\"?>\n<a > </a  >\n\n", `<a> </a>`, "C14", "P9"),
		canonicalCase("attribute-order", clause, "Attributes are ordered by namespace, then local name; those in no namespace come first.",
			`<r xmlns:z="urn:a" xmlns:a="urn:z" a:x="1" z:y="2" z:x="3" b="4" a="5" B="6"/>`,
			`<r xmlns:a="urn:z" xmlns:z="urn:a" B="6" a="5" b="4" z:x="3" z:y="2" a:x="1"></r>`, "C12"),
		canonicalCase("declaration-order", clause, "Declarations are ordered by prefix, the default namespace first.",
			`<r xmlns="urn:d" xmlns:b="urn:1" xmlns:a="urn:2" b:x="1" a:x="2"/>`,
			`<r xmlns="urn:d" xmlns:a="urn:2" xmlns:b="urn:1" b:x="1" a:x="2"></r>`, "C12"),
		canonicalCase("unused-prefix", clause, "A declaration stands where a name uses the prefix, and nowhere else.",
			`<r xmlns:a="urn:a" xmlns:b="urn:b"><a:x><b:y/><a:z/></a:x><b:y/></r>`,
			`<r><a:x xmlns:a="urn:a"><b:y xmlns:b="urn:b"></b:y><a:z></a:z></a:x><b:y xmlns:b="urn:b"></b:y></r>`, "C11"),
		canonicalCase("superfluous-declaration", clause, "A repeated declaration is left out.",
			`<a:r xmlns:a="urn:a"><a:x xmlns:a="urn:a"/></a:r>`, `<a:r xmlns:a="urn:a"><a:x></a:x></a:r>`, "C11"),
		canonicalCase("rebound-prefix", clause, "One prefix with another namespace further in, and back again.",
			`<a:r xmlns:a="urn:1"><a:x xmlns:a="urn:2"><a:y xmlns:a="urn:1"/></a:x><a:z/></a:r>`,
			`<a:r xmlns:a="urn:1"><a:x xmlns:a="urn:2"><a:y xmlns:a="urn:1"></a:y></a:x><a:z></a:z></a:r>`, "C11"),
		canonicalCase("two-prefixes", clause, "Two prefixes of one namespace stay two.",
			`<r xmlns:a="urn:1" xmlns:b="urn:1"><a:x b:y="1"/></r>`,
			`<r><a:x xmlns:a="urn:1" xmlns:b="urn:1" b:y="1"></a:x></r>`, "C11"),
		canonicalCase("undeclared-default", clause, "xmlns=\"\" stands only where a default namespace was in force.",
			`<r xmlns=""><x xmlns="urn:d"><y xmlns=""><z/></y></x></r>`,
			`<r><x xmlns="urn:d"><y xmlns=""><z></z></y></x></r>`, "C11"),
		canonicalCase("default-behind-prefix", clause, "A default namespace that only an inner element uses.",
			`<a:r xmlns:a="urn:a" xmlns="urn:d"><a:x/><y/></a:r>`,
			`<a:r xmlns:a="urn:a"><a:x></a:x><y xmlns="urn:d"></y></a:r>`, "C11"),
		canonicalCase("xml-attributes", clause, "Attributes of the namespace xml are attributes like others, without declaration.",
			`<r xml:lang="ko" xml:space="preserve"><x xml:base="http://a.example/"/></r>`,
			`<r xml:lang="ko" xml:space="preserve"><x xml:base="http://a.example/"></x></r>`, "C11"),
		canonicalCase("namespace-escaped", clause, "An ampersand in a namespace is escaped.",
			`<a:r xmlns:a="http://a.example/?x=1&amp;y=2"/>`, `<a:r xmlns:a="http://a.example/?x=1&amp;y=2"></a:r>`, "C11"),
		canonicalCase("prefix-list", clause, "Prefixes of a PrefixList stand at the apex, and where they are declared anew.",
			`<r xmlns:a="urn:1" xmlns:b="urn:2"><x xmlns:a="urn:3"><a:y/></x></r>`,
			`<r xmlns:a="urn:1"><x xmlns:a="urn:3"><a:y></a:y></x></r>`, "C10", "a"),
		canonicalCase("prefix-list-default", clause, "#default in a PrefixList.",
			`<a:r xmlns:a="urn:1" xmlns="urn:d"><a:x xmlns="urn:e"/></a:r>`,
			`<a:r xmlns="urn:d" xmlns:a="urn:1"><a:x xmlns="urn:e"></a:x></a:r>`, "C10", "#default"),
		canonicalCase("prefix-list-unknown", clause, "Unknown and repeated prefixes of a PrefixList change nothing.",
			`<a:r xmlns:a="urn:1"/>`, `<a:r xmlns:a="urn:1"></a:r>`, "C10", "nowhere", "a", "a"),
		canonicalCase("text-escapes", reading, "What is escaped in text, and what is not.",
			`<a>&amp;&lt;&gt;&quot;&apos;"'&#38;&#60;></a>`, `<a>&amp;&lt;&gt;"'"'&amp;&lt;&gt;</a>`, "C5"),
		canonicalCase("attribute-escapes", reading, "What is escaped in attributes, and what is not.",
			`<a x='&amp;&lt;&gt;&quot;&apos;">'/>`, `<a x="&amp;&lt;>&quot;'&quot;>"></a>`, "C5"),
		canonicalCase("attribute-white-space", reading, "Each line end and tab of an attribute becomes one blank; references stay.",
			"<a x=\"1\n2\t3\r\n4\r5&#10;6&#9;7&#13;8&#32;9\"/>", `<a x="1 2 3 4 5&#xA;6&#x9;7&#xD;8 9"></a>`, "C13", "D8", "L24"),
		canonicalCase("attribute-not-trimmed", reading, "Blanks around and inside a value stay, as those of no DTD do.",
			`<a x="  1  2  "/>`, `<a x="  1  2  "></a>`, "C13"),
		canonicalCase("xml-id-not-trimmed", reading, "xml:id is read like any other attribute.",
			`<a xml:id=" x "/>`, `<a xml:id=" x "></a>`, "C13"),
		canonicalCase("line-ends", reading, "CR LF and CR become LF; a referenced CR stays.",
			"<a>1\r\n2\r3\n4&#13;5&#xD;\n6\r\r\n7</a>", "<a>1\n2\n3\n4&#xD;5&#xD;\n6\n\n7</a>", "C14"),
		canonicalCase("other-line-ends", reading, "U+0085 and U+2028 are no line ends in XML 1.0.",
			"<a x=\"\u0085\u2028\">\u0085\u2028</a>", "<a x=\"\u0085\u2028\">\u0085\u2028</a>", "C14"),
		canonicalCase("normal-forms", reading, "NFC and NFD stay what they are.",
			"<a>\u00e9e\u0301\uac00\u1100\u1161</a>", "<a>\u00e9e\u0301\uac00\u1100\u1161</a>", "C18"),
		canonicalCase("references", reading, "Characters by reference become characters.",
			`<a>&#xAC00;&#44032;&#x1F600;&#x20AC;</a>`, "<a>가가😀€</a>", "C18", "C5"),
		canonicalCase("korean", reading, "Names and text of Korean.",
			`<가:나 xmlns:가="urn:han" 다="라"/>`, `<가:나 xmlns:가="urn:han" 다="라"></가:나>`, "C18"),
	}
}

// canonicalCase is a document with its canonical form. Prefixes of a PrefixList
// come behind the source.
func canonicalCase(id, clause, note, doc, want, source string, more ...string) conformance.Case {
	sources, inclusive := []string{source}, []string(nil)
	for _, m := range more {
		if source == "C10" {
			inclusive = append(inclusive, m)
		} else {
			sources = append(sources, m)
		}
	}
	c := accept("canonical-"+id, clause, note, conformance.Happy{
		ID: "canonical-" + id,
		Make: func(keys *conformance.Keyring) (*conformance.Message, error) {
			return &conformance.Message{Document: []byte(doc), Keys: keys, Reading: conformance.Reading{
				Operation: conformance.Canonicalize, Inclusive: inclusive, Now: Now(),
			}}, nil
		},
	}, nil, sources...)
	c.Expect.Canonical = want
	return c
}
