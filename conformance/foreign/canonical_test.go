package foreign_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/kecis/xmltree"
)

const (
	// randomTrees is how many random documents each differential run compares.
	randomTrees = 1000
	// firstSeed makes a run the same each time; a failure names its document.
	firstSeed = 20261124
)

// TestCanonical compares canonical forms of random documents.
func TestCanonical(t *testing.T) {
	foreign.Need(t, foreign.XMLLint, foreign.JDK)
	java := foreign.NewJava(t)
	t.Run("documents", func(t *testing.T) { compareDocuments(t, java) })
	t.Run("elements and prefix lists", func(t *testing.T) { compareElements(t, java) })
	t.Run("wide names", func(t *testing.T) { compareWideNames(t, java) })
}

// compareDocuments canonicalises random documents by our code, by libxml2 and by
// the JDK: all three must write the same bytes.
func compareDocuments(t *testing.T, java *foreign.Java) {
	t.Helper()
	documents := randomDocuments(foreign.NewTrees(firstSeed))
	lint, err := foreign.NewLint(t).Canonical(bodies(documents))
	if err != nil {
		t.Fatal(err)
	}
	for i, document := range documents {
		tree := parse(t, document.XML)
		ours := tree.AppendCanonical(nil, tree.Root(), xmltree.Element{})
		same(t, "xmllint", i, document.XML, asLibxml2(ours), lint[i])
		theirs, err := java.Canonical(document.XML, 0)
		if err != nil {
			t.Fatalf("document %d: %v\n%q", i, err, document.XML)
		}
		same(t, "JDK", i, document.XML, ours, theirs)
		again := parse(t, ours)
		same(t, "its own canonical form", i, document.XML, ours, again.AppendCanonical(nil, again.Root(), xmltree.Element{}))
	}
}

// compareElements canonicalises an element inside each random document, with a
// PrefixList and without one.
func compareElements(t *testing.T, java *foreign.Java) {
	t.Helper()
	trees := foreign.NewTrees(firstSeed + 1)
	for i, document := range randomDocuments(trees) {
		tree := parse(t, document.XML)
		number := trees.Number(document.Elements)
		apex := element(tree, number)
		for _, prefixes := range [][]string{nil, trees.Prefixes()} {
			ours := tree.AppendCanonical(nil, apex, xmltree.Element{}, prefixes...)
			theirs, err := java.Canonical(document.XML, number, prefixes...)
			if err != nil {
				t.Fatalf("document %d, element %d, %q: %v\n%q", i, number, prefixes, err, document.XML)
			}
			same(t, fmt.Sprintf("JDK, element %d, prefixes %q", number, prefixes), i, document.XML, ours, theirs)
		}
	}
}

// compareWideNames compares names with characters beyond U+FFFF, which the
// order of UTF-16 and that of code points put in different places. libxml2 sorts
// by code points, as we do. The JDK does not get so far: its parser knows the
// names of the fourth edition of XML 1.0 only, which has none of them.
func compareWideNames(t *testing.T, java *foreign.Java) {
	t.Helper()
	trees := foreign.NewTrees(firstSeed + 2)
	trees.NonBMP = true
	documents := randomDocuments(trees)[:randomTrees/5]
	lint, err := foreign.NewLint(t).Canonical(bodies(documents))
	if err != nil {
		t.Fatal(err)
	}
	for i, document := range documents {
		tree := parse(t, document.XML)
		same(t, "xmllint", i, document.XML, asLibxml2(tree.AppendCanonical(nil, tree.Root(), xmltree.Element{})), lint[i])
	}
	_, err = java.Canonical([]byte("<\U00020000/>"), 0)
	wantRefusal(t, foreign.JDK, err)
}

func randomDocuments(trees *foreign.Trees) []foreign.Document {
	documents := make([]foreign.Document, randomTrees)
	for i := range documents {
		documents[i] = trees.Next()
	}
	return documents
}

func bodies(documents []foreign.Document) [][]byte {
	var all [][]byte
	for _, document := range documents {
		all = append(all, document.XML)
	}
	return all
}

func parse(t *testing.T, document []byte) *xmltree.Tree {
	t.Helper()
	parser := xmltree.Parser{Limits: xmltree.Limits{Namespaces: foreign.MostNamespaces}}
	tree, err := parser.Parse(document)
	if err != nil {
		t.Fatalf("%v\n%q", err, document)
	}
	return tree
}

// element returns the element of this number in document order.
func element(tree *xmltree.Tree, number int) xmltree.Element {
	at := []xmltree.Element{tree.Root()}
	for {
		next := at[len(at)-1]
		if number == 0 {
			return next
		}
		number--
		children := slices.Collect(next.Children())
		slices.Reverse(children)
		at = append(at[:len(at)-1], children...)
	}
}

// asLibxml2 is the canonical form with libxml2's one known fault: it does not
// escape the ampersand in a namespace (its form is then no longer XML). None of
// the standard's namespaces has one.
func asLibxml2(form []byte) []byte {
	return bytes.ReplaceAll(form, []byte("http://example.com/a?x=1&amp;y=2"), []byte("http://example.com/a?x=1&y=2"))
}

func same(t *testing.T, who string, number int, document, ours, theirs []byte) {
	t.Helper()
	if bytes.Equal(ours, theirs) {
		return
	}
	at := 0
	for at < min(len(ours), len(theirs)) && ours[at] == theirs[at] {
		at++
	}
	t.Fatalf("document %d differs from %s\nours   ...%q\ntheirs ...%q\nof     %q", number, who, window(ours, at), window(theirs, at), document)
}

// window is a piece of a form around the place where two begin to differ.
func window(form []byte, at int) []byte {
	const before, behind = 80, 40
	return form[max(0, at-before):min(len(form), at+behind)]
}
