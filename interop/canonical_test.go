package interop_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/beevik/etree"
	"github.com/moov-io/signedxml"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/kecis/xmltree"
)

// randomTrees is how many random documents a run compares.
const randomTrees = 1000

// goxmldsigFaults are what goxmldsig is known to canonicalise wrongly; each is
// shown by TestCanonicalFaults.
const goxmldsigFaults = foreign.AttributeSpace | foreign.Undeclaring | foreign.ManyNamespaces

// TestCanonicalDifferential canonicalises random documents by our code and by
// goxmldsig. Without what it is known to do wrongly all must be the same; with
// any one of the three faults some must differ.
//
// signedxml and helium are not compared in this way: the former follows no
// prefix that is bound anew, the latter declares the prefix xml, and both differ
// on most documents (TestCanonicalFaults).
func TestCanonicalDifferential(t *testing.T) {
	if i, document := difference(t, goxmldsigFaults); document != nil {
		t.Errorf("document %d differs from goxmldsig\nours   %q\ntheirs %q\nof     %q", i, canonical(t, document), goxmldsigCanonical(t, document), document)
	}
	for _, fault := range []foreign.Feature{foreign.AttributeSpace, foreign.Undeclaring, foreign.ManyNamespaces} {
		if _, document := difference(t, goxmldsigFaults&^fault); document == nil {
			t.Errorf("goxmldsig no longer fails on feature %b", fault)
		}
	}
}

// difference returns the first of the random documents, made without some
// features, whose canonical forms differ, or nil.
func difference(t *testing.T, without foreign.Feature) (number int, document []byte) {
	t.Helper()
	trees := foreign.NewTrees(20261124)
	trees.Without = without
	for i := range randomTrees {
		document := trees.Next().XML
		if !bytes.Equal(canonical(t, document), goxmldsigCanonical(t, document)) {
			return i, document
		}
	}
	return 0, nil
}

func canonical(t *testing.T, document []byte) []byte {
	t.Helper()
	parser := xmltree.Parser{Limits: xmltree.Limits{Namespaces: foreign.MostNamespaces}}
	tree, err := parser.Parse(document)
	if err != nil {
		t.Fatalf("%v\n%q", err, document)
	}
	return tree.AppendCanonical(nil, tree.Root(), xmltree.Element{})
}

func goxmldsigCanonical(t *testing.T, document []byte) []byte {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(document); err != nil {
		t.Fatalf("%v\n%q", err, document)
	}
	form, err := dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("").Canonicalize(doc.Root())
	if err != nil {
		t.Fatalf("%v\n%q", err, document)
	}
	return form
}

func signedxmlCanonical(t *testing.T, document []byte) []byte {
	t.Helper()
	form, err := signedxml.ExclusiveCanonicalization{}.Process(string(document), "")
	if err != nil {
		t.Fatalf("%v\n%q", err, document)
	}
	return []byte(form)
}

// TestCanonicalFaults shows each known fault of a library beside our form, which
// is what libxml2 and the JDK write (conformance/foreign).
func TestCanonicalFaults(t *testing.T) {
	libraries := map[string]func(*testing.T, []byte) []byte{"goxmldsig": goxmldsigCanonical, "signedxml": signedxmlCanonical}
	tests := []struct {
		name, library string
		document      string
		ours, theirs  string
	}{
		{
			name: "attribute values are not normalised", library: "goxmldsig",
			document: "<a x='1\n2'/>", ours: `<a x="1 2"></a>`, theirs: `<a x="1&#xA;2"></a>`,
		},
		{
			name: "xmlns=\"\" is written where nothing is undeclared", library: "goxmldsig",
			document: `<a xmlns=""/>`, ours: `<a></a>`, theirs: `<a xmlns=""></a>`,
		},
		{
			name: "attributes are sorted by prefix where the namespace is declared outside", library: "goxmldsig",
			document: `<z:a xmlns:z="urn:a" xmlns:b="urn:z" b:x=""><z:c b:x="1" z:x="2"/></z:a>`,
			ours:     `<z:a xmlns:b="urn:z" xmlns:z="urn:a" b:x=""><z:c z:x="2" b:x="1"></z:c></z:a>`,
			theirs:   `<z:a xmlns:b="urn:z" xmlns:z="urn:a" b:x=""><z:c b:x="1" z:x="2"></z:c></z:a>`,
		},
		{
			name: "attribute values are not normalised", library: "signedxml",
			document: "<a x='1\n2'/>", ours: `<a x="1 2"></a>`, theirs: `<a x="1&#xA;2"></a>`,
		},
		{
			name: "a prefix that is bound anew is not declared", library: "signedxml",
			document: `<p:a xmlns:p="urn:a"><p:b xmlns:p="urn:b"/></p:a>`,
			ours:     `<p:a xmlns:p="urn:a"><p:b xmlns:p="urn:b"></p:b></p:a>`,
			theirs:   `<p:a xmlns:p="urn:a"><p:b></p:b></p:a>`,
		},
		{
			name: "attributes of xml: are sorted as those of no namespace", library: "signedxml",
			document: `<a z="1" xml:lang="ko"/>`, ours: `<a z="1" xml:lang="ko"></a>`, theirs: `<a xml:lang="ko" z="1"></a>`,
		},
		{
			name: "a byte order mark is kept", library: "signedxml",
			document: "\ufeff<a/>", ours: `<a></a>`, theirs: "\ufeff<a></a>",
		},
	}
	for _, test := range tests {
		t.Run(strings.Join([]string{test.library, test.name}, "/"), func(t *testing.T) {
			if got := string(canonical(t, []byte(test.document))); got != test.ours {
				t.Errorf("ours is %q, want %q", got, test.ours)
			}
			if got := string(libraries[test.library](t, []byte(test.document))); got != test.theirs {
				t.Errorf("theirs is %q, known was %q", got, test.theirs)
			}
		})
	}
}
