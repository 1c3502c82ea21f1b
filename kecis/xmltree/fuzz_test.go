package xmltree_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kecis/sdk/kecis/xmltree"
)

// FuzzParse: no input may panic; what is accepted has a canonical form that is
// accepted again, is its own canonical form, and reads the same; and since the
// parser accepts a subset of XML, encoding/xml reads it too.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0"?><a:b xmlns:a="urn:a" xmlns="urn:d" a:c="1" ID="x">&lt;&#x41;<d xmlns=""/>` + "\r\n" + `가</a:b>`))
	f.Add([]byte("<a b='\t&#9;\"'>]]&gt;</a>"))
	f.Add([]byte("\ufeff<a><!-- --></a>"))
	f.Add([]byte(`<a b="가'"><!-- 나<라> --><![CDATA[다<]]>마</a>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		tree, err := xmltree.Parse(doc)
		if err != nil {
			var refusal *xmltree.Error
			if !errors.As(err, &refusal) || refusal.Clause() == "" {
				t.Fatalf("not a refusal with a clause: %v", err)
			}
			return
		}
		first := tree.AppendCanonical(nil, tree.Root(), xmltree.Element{})
		again, err := xmltree.Parse(first)
		if err != nil {
			t.Fatalf("canonical form refused: %v\n%q", err, first)
		}
		if second := again.AppendCanonical(nil, again.Root(), xmltree.Element{}); !bytes.Equal(first, second) {
			t.Fatalf("not its own canonical form:\n%q\n%q", first, second)
		}
		same(t, tree.Root(), again.Root())
		if foreignName(string(doc)) {
			return // encoding/xml knows only the names of an earlier edition
		}
		other := xml.NewDecoder(bytes.NewReader(doc))
		for {
			if _, err := other.RawToken(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("encoding/xml refuses what we accept: %v", err)
			}
		}
	})
}

// foreignName reports whether a document has a name outside of ASCII: of an
// element, an attribute or a prefix, which all stand in tags outside of quotation
// marks. Comments and CDATA sections hold no names.
func foreignName(doc string) bool {
	for found := true; found; {
		if _, doc, found = strings.Cut(doc, "<"); strings.HasPrefix(doc, "!--") {
			_, doc, _ = strings.Cut(doc, "-->")
			continue
		} else if strings.HasPrefix(doc, "![CDATA[") {
			_, doc, _ = strings.Cut(doc, "]]>")
			continue
		}
		quoted := rune(0)
		end := strings.IndexFunc(doc, func(r rune) bool {
			switch {
			case r == quoted:
				quoted = 0
			case quoted == 0 && (r == '"' || r == '\''):
				quoted = r
			}
			return quoted == 0 && (r == '>' || r >= utf8.RuneSelf)
		})
		if end < 0 {
			return false
		}
		if doc[end] >= utf8.RuneSelf {
			return true
		}
		doc = doc[end:]
	}
	return false
}

func same(t *testing.T, a, b xmltree.Element) {
	t.Helper()
	if a.Space() != b.Space() || a.Local() != b.Local() || a.Text() != b.Text() || a.NumAttrs() != b.NumAttrs() {
		t.Fatalf("%s reads differently from its canonical form", a.Path())
	}
	for attr := range a.Attrs() {
		if value, ok := b.AttrNS(attr.Space, attr.Local); !ok || value != attr.Value {
			t.Fatalf("%s/@%s reads differently from its canonical form", a.Path(), attr.Local)
		}
	}
	ca, cb := a.First(), b.First()
	for ; !ca.IsZero() && !cb.IsZero(); ca, cb = ca.Next(), cb.Next() {
		same(t, ca, cb)
	}
	if ca.IsZero() != cb.IsZero() {
		t.Fatalf("%s has other children in its canonical form", a.Path())
	}
}

// FuzzCanonical: an inner element's canonical form, with and without a part and
// with a prefix list, is well-formed; and cutting agrees with leaving out.
func FuzzCanonical(f *testing.F) {
	f.Add([]byte(`<a xmlns:p="urn:p"><p:b c="1"><d/>x</p:b><e xmlns="urn:e" p:f=""/></a>`), "p #default")
	f.Fuzz(func(t *testing.T, doc []byte, prefixes string) {
		parser := new(xmltree.Parser)
		tree, err := parser.Open(doc)
		if err != nil {
			return
		}
		list := strings.Fields(prefixes)
		for e := range tree.Elements() {
			form := tree.AppendCanonical(nil, e, xmltree.Element{}, list...)
			if _, err := xmltree.Parse(form); err != nil {
				t.Fatalf("canonical form of %s refused: %v\n%q", e.Path(), err, form)
			}
		}
		part := tree.Root().First()
		want := tree.AppendCanonical(nil, tree.Root(), part)
		tree.Cut(tree.Root(), part)
		if got := tree.AppendCanonical(nil, tree.Root(), xmltree.Element{}); !bytes.Equal(got, want) {
			t.Fatalf("cut and left out differ:\n%q\n%q", got, want)
		}
		tree.Release()
	})
}

// FuzzWriter: what the Writer writes is canonical and reads as it was given.
func FuzzWriter(f *testing.F) {
	f.Add("가&<>\"'\t\r\n", "x\ty")
	f.Fuzz(func(t *testing.T, text, value string) {
		w := xmltree.NewWriter(nil, known...)
		w.Start("b", "a")
		w.Attr("", "v", value)
		w.Leaf("", "t", text)
		w.End()
		doc, err := w.Bytes()
		if err != nil {
			return
		}
		tree, err := xmltree.Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		if got := canonical(tree); got != string(doc) {
			t.Fatalf("not canonical:\n%q\n%q", doc, got)
		}
		if got, _ := tree.Root().Attr("v"); got != value {
			t.Fatalf("attribute %q reads as %q", value, got)
		}
		if got := tree.Root().First().Text(); got != text {
			t.Fatalf("text %q reads as %q", text, got)
		}
	})
}
