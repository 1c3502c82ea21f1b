package xmltree_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmltree"
)

func parse(t testing.TB, doc string) *xmltree.Tree {
	t.Helper()
	tree, err := xmltree.Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestElements(t *testing.T) {
	tree := parse(t, `<k:r xmlns:k="urn:k" ID="_1">
 <k:a k:x="1" y="&lt;2&gt;">one &amp; two</k:a>
 <b>3</b><k:a/>tail</k:r>`)
	root := tree.Root()
	if !root.Is("urn:k", "r") || root.Is("", "r") || root.Prefix() != "k" || root.Local() != "r" || root.Space() != "urn:k" {
		t.Errorf("root is %q %q %q", root.Space(), root.Prefix(), root.Local())
	}
	var names []string
	for e := range root.Children() {
		names = append(names, e.Path())
	}
	if want := []string{"/k:r/k:a[1]", "/k:r/b", "/k:r/k:a[2]"}; !slices.Equal(names, want) {
		t.Errorf("paths = %q, want %q", names, want)
	}
	a := root.First()
	if got := a.Text(); got != "one & two" {
		t.Errorf("text = %q", got)
	}
	if got, ok := a.Attr("y"); got != "<2>" || !ok {
		t.Errorf("y = %q, %v", got, ok)
	}
	if got, ok := a.AttrNS("urn:k", "x"); got != "1" || !ok {
		t.Errorf("k:x = %q, %v", got, ok)
	}
	if _, ok := a.Attr("x"); ok {
		t.Error("an attribute in a namespace was found without it")
	}
	if line, column := a.Position(); line != 2 || column != 2 {
		t.Errorf("position = %d:%d", line, column)
	}
	if got := root.Text(); got != "\n \n tail" || !root.StrayText() {
		t.Errorf("mixed text = %q, stray %v", got, root.StrayText())
	}
	if a.Parent() != root || !root.Parent().IsZero() || !a.First().IsZero() || !a.Next().Is("", "b") {
		t.Error("the way through the tree is wrong")
	}
	attrs := slices.Collect(a.Attrs())
	if want := []xmltree.Attr{{Local: "y", Value: "<2>"}, {Space: "urn:k", Local: "x", Value: "1"}}; !slices.Equal(attrs, want) {
		t.Errorf("attributes = %+v", attrs)
	}
}

func TestZeroElement(t *testing.T) {
	var none xmltree.Element
	if !none.IsZero() || none.Is("", "a") || !none.First().IsZero() || !none.Next().IsZero() || none.Text() != "" || none.StrayText() || none.Path() != "" {
		t.Error("the zero Element is not empty")
	}
	if _, ok := none.Attr("a"); ok {
		t.Error("the zero Element has an attribute")
	}
	var noTree *xmltree.Tree
	if !noTree.Root().IsZero() {
		t.Error("no tree has a root")
	}
}

// TestResolveRendered shows the attack of P21: the prefix of an xsi:type can be
// bound to another namespace without changing the canonical form.
func TestResolveRendered(t *testing.T) {
	const (
		body     = `<md:R xmlns:md="urn:md" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:k=%q><md:D xsi:type="k:PG"%s/></md:R>`
		original = "urn:k"
		rebound  = "urn:evil"
	)
	with := func(uri, extra string) *xmltree.Tree {
		return parse(t, strings.NewReplacer("%q", `"`+uri+`"`, "%s", extra).Replace(body))
	}
	if a, b := canonical(with(original, "")), canonical(with(rebound, "")); a != b {
		t.Fatalf("canonical forms differ, so there is no attack to test:\n%s\n%s", a, b)
	}
	tree := with(rebound, "")
	if uri, ok := tree.Root().First().ResolveRendered(tree.Root(), "k"); ok {
		t.Errorf("an unprotected prefix resolved to %q", uri)
	}
	tree = with(original, ` k:role="pg"`)
	if uri, ok := tree.Root().First().ResolveRendered(tree.Root(), "k"); !ok || uri != original {
		t.Errorf("a protected prefix did not resolve: %q, %v", uri, ok)
	}
	tree = parse(t, `<k:R xmlns:k="urn:k"><D xmlns:k="urn:evil"/></k:R>`)
	if uri, ok := tree.Root().First().ResolveRendered(tree.Root(), "k"); ok {
		t.Errorf("a prefix that is rebound below its last use resolved to %q", uri)
	}
}

func TestCut(t *testing.T) {
	const doc = `<r xmlns:p="urn:p" a="1"><x>before</x><p:s q="2"><t ID="i">inside</t>more</p:s><y b="3" p:a="4">after<z/></y>end</r>`
	parser := new(xmltree.Parser)
	for range 3 { // the second time in lent memory
		tree, err := parser.Open([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		signature := tree.Root().First().Next()
		want := string(tree.AppendCanonical(nil, tree.Root(), signature))
		tree.Cut(tree.Root(), signature)
		if got := canonical(tree); got != want {
			t.Errorf("canonical form after the cut\n got %s\nwant %s", got, want)
		}
		y := tree.Root().First().Next()
		value, _ := y.AttrNS("urn:p", "a")
		if !y.Is("", "y") || y.Text() != "after" || value != "4" || !y.First().Is("", "z") {
			t.Errorf("behind the cut: %s %q %q", y.Local(), y.Text(), value)
		}
		text := y.Text()
		tree.Release()
		if _, err := parser.Parse([]byte(strings.Repeat(" ", 10) + strings.ReplaceAll(doc, "after", "AFTER"))); err != nil {
			t.Fatal(err)
		}
		if text != "after" {
			t.Errorf("a string changed after Release: %q", text)
		}
		if !tree.Root().IsZero() {
			t.Error("a released tree still has a root")
		}
	}
}

func TestCutToASubtree(t *testing.T) {
	tree, err := new(xmltree.Parser).Open([]byte(`<e xmlns:p="urn:p"><h>unsigned</h><b><p:m i="1"><s/><v>2</v></p:m></b>tail</e>`))
	if err != nil {
		t.Fatal(err)
	}
	message := tree.Root().First().Next().First()
	tree.Cut(message, message.First())
	root := tree.Root()
	if got, want := canonical(tree), `<p:m xmlns:p="urn:p" i="1"><v>2</v></p:m>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !root.Parent().IsZero() || !root.Next().IsZero() {
		t.Error("something outside of the subtree can still be reached")
	}
	if got := len(slices.Collect(tree.Elements())); got != 2 {
		t.Errorf("%d elements, want 2", got)
	}
}

func TestPrefixList(t *testing.T) {
	const doc = `<a xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q"><b xmlns:p="urn:p2"><p:c/><d xmlns=""/></b></a>`
	tests := []struct {
		prefixes []string
		want     string
	}{
		{nil, `<a xmlns="urn:d"><b><p:c xmlns:p="urn:p2"></p:c><d xmlns=""></d></b></a>`},
		{[]string{"p"}, `<a xmlns="urn:d" xmlns:p="urn:p"><b xmlns:p="urn:p2"><p:c></p:c><d xmlns=""></d></b></a>`},
		{[]string{"q", "q", "unknown", "xml"}, `<a xmlns="urn:d" xmlns:q="urn:q"><b><p:c xmlns:p="urn:p2"></p:c><d xmlns=""></d></b></a>`},
		{[]string{"#default"}, `<a xmlns="urn:d"><b><p:c xmlns:p="urn:p2"></p:c><d xmlns=""></d></b></a>`},
	}
	for _, test := range tests {
		tree := parse(t, doc)
		if got := string(tree.AppendCanonical(nil, tree.Root(), xmltree.Element{}, test.prefixes...)); got != test.want {
			t.Errorf("PrefixList %q\n got %s\nwant %s", test.prefixes, got, test.want)
		}
	}
	tree := parse(t, doc)
	b := tree.Root().First()
	const want = `<b xmlns="urn:d" xmlns:p="urn:p2" xmlns:q="urn:q"><p:c></p:c><d xmlns=""></d></b>`
	if got := string(tree.AppendCanonical(nil, b, xmltree.Element{}, "p", "q")); got != want {
		t.Errorf("PrefixList at an inner apex\n got %s\nwant %s", got, want)
	}
}
