package xmltree_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/kecis/sdk/kecis/xmltree"
)

// TestPathTellsNoNumber is a partner that writes a card number where a name
// belongs: the path stands in errors and logs.
func TestPathTellsNoNumber(t *testing.T) {
	for _, doc := range []string{
		`<r><_4111111111111111><x/></_4111111111111111></r>`,
		`<r><n4111-1111-1111-1111><x/></n4111-1111-1111-1111></r>`,
		`<_4111111111111111><b><x/></b></_4111111111111111>`,
		`<r><a/><_4111111111111111><x/></_4111111111111111><_4111111111111111/></r>`,
	} {
		tree, err := xmltree.Parse([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		for e := range tree.Elements() {
			if path := e.Path(); strings.Contains(strings.ReplaceAll(path, "-", ""), "4111111") {
				t.Errorf("%s tells the number", path)
			}
		}
	}
}

// show tells all that a caller can read of an element.
func show(b *strings.Builder, e xmltree.Element) {
	fmt.Fprintf(b, "<%s {%s}%s in %s", e.Path(), e.Space(), e.Local(), e.Parent().Path())
	for a := range e.Attrs() {
		fmt.Fprintf(b, " {%s}%s=%q", a.Space, a.Local, a.Value)
	}
	fmt.Fprintf(b, " %q %v>", e.Text(), e.StrayText())
	for c := range e.Children() {
		show(b, c)
	}
}

// TestCutLeavesWhatIsHashed cuts at every place: what the tree then shows must
// be what a parse of the octets that are hashed shows.
func TestCutLeavesWhatIsHashed(t *testing.T) {
	const gone = `<s:gone xmlns:s='urn:s' b='2' s:a='1' a='&gt;'>]]&gt;<s:x y="&#10;"/><x/>t</s:gone>`
	around := []string{"", "<w:e xmlns:w='urn:w' xmlns:v='urn:v' w:a=''/>", "text &amp; &#60;", "<e/>", "<p:e b='\"' a=\"&apos;\" p:c=''>&#13;</p:e>", "a<e q='1'>b</e>c", " \r\n\t"}
	envelopes := [][2]string{{"", ""}, {"x<o k='1' xmlns='urn:o'>y", "z<o/></o>&amp;"}, {"<o xmlns:p='urn:other'><i a='>'/>", "</o>"}}
	for _, before := range around {
		for _, behind := range around {
			for _, nest := range []bool{false, true} {
				for _, outer := range envelopes {
					inside := before + gone + behind
					if nest {
						inside = "<n p:b='' a=''>" + inside + "</n>" + before
					}
					doc := "<r xmlns:p='urn:p' xmlns='urn:d'>" + outer[0] + "<m z='' xmlns:unused='urn:u' xmlns='' p:z=''>" + inside + "</m >" + outer[1] + "</r>"
					cutAndCompare(t, doc)
				}
			}
		}
	}
}

func cutAndCompare(t *testing.T, doc string) {
	t.Helper()
	var parser xmltree.Parser
	tree, err := parser.Open([]byte(doc))
	if err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	var apex, gone xmltree.Element
	for e := range tree.Elements() {
		switch e.Local() {
		case "m":
			apex = e
		case "gone":
			gone = e
		}
	}
	hashed := tree.AppendCanonical(nil, apex, gone)
	tree.Cut(apex, gone)
	if again := tree.Root().AppendCanonical(nil); !bytes.Equal(again, hashed) {
		t.Errorf("%s\ncut:    %s\nhashed: %s", doc, again, hashed)
	}
	read, err := xmltree.Parse(hashed)
	if err != nil {
		t.Fatalf("%s: %v", hashed, err)
	}
	for e := range tree.Elements() {
		if uri, _ := e.Resolve("w"); e.Prefix() == "w" && uri != "urn:w" {
			t.Errorf("%s\n%s: w is bound to %q", doc, e.Path(), uri)
		}
	}
	var got, want strings.Builder
	show(&got, tree.Root())
	show(&want, read.Root())
	if got.String() != want.String() {
		t.Errorf("%s\ncut:    %s\nhashed: %s", doc, got.String(), want.String())
	}
}

// TestBoundOfBytes asks for more than the offsets of a tree can hold.
func TestBoundOfBytes(t *testing.T) {
	parser := xmltree.Parser{Limits: xmltree.Limits{Bytes: math.MaxInt}}
	if _, err := parser.Parse(make([]byte, 1<<28+1)); !errors.Is(err, xmltree.ErrTooLarge) {
		t.Errorf("%v, want %s", err, string(xmltree.ErrTooLarge))
	}
}

// TestReleaseAtOnce is one tree that two goroutines give back: its memory must
// not be lent to two documents. The race detector sees it every time.
func TestReleaseAtOnce(t *testing.T) {
	var parser xmltree.Parser
	for range 200 {
		tree, err := parser.Open([]byte("<a>first</a>"))
		if err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		for range 2 {
			both.Go(tree.Release)
		}
		both.Wait()
		one, err := parser.Open([]byte("<a>one</a>"))
		if err != nil {
			t.Fatal(err)
		}
		two, err := parser.Open([]byte("<a>two</a>"))
		if err != nil {
			t.Fatal(err)
		}
		if one.Root().Text() != "one" || two.Root().Text() != "two" {
			t.Fatalf("two documents share memory: %q, %q", one.Root().Text(), two.Root().Text())
		}
	}
}
