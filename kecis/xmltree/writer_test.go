package xmltree_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmltree"
)

var known = []xmltree.Namespace{{Prefix: "z", URI: "urn:a"}, {Prefix: "b", URI: "urn:b"}, {Prefix: "c", URI: "urn:c?x&y"}}

func TestWriterIsCanonical(t *testing.T) {
	w := xmltree.NewWriter(nil, known...)
	w.Start("b", "root")
	w.Attr("", "b", "1\t\n\r\"<>&'")
	w.Attr("c", "x", "3")
	w.Attr("z", "y", "2")
	w.Attr("", "a", "0")
	w.Leaf("", "Ecom", "가 < 나 & > \r\n\t\"")
	w.Start("z", "other")
	w.Leaf("z", "inner", "")
	w.Start("c", "deep")
	w.End()
	w.End()
	w.Leaf("z", "again", "")
	w.End()
	got, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	const want = `<b:root xmlns:b="urn:b" xmlns:c="urn:c?x&amp;y" xmlns:z="urn:a" a="0" b="1&#x9;&#xA;&#xD;&quot;&lt;>&amp;'" z:y="2" c:x="3">` +
		"<Ecom>가 &lt; 나 &amp; &gt; &#xD;\n\t\"</Ecom>" +
		`<z:other><z:inner></z:inner><c:deep></c:deep></z:other><z:again></z:again></b:root>`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if again := canonical(parse(t, string(got))); again != string(got) {
		t.Errorf("not canonical:\n%s\n%s", got, again)
	}
}

func TestWriterRefuses(t *testing.T) {
	tests := []struct {
		name  string
		write func(w *xmltree.Writer)
	}{
		{"control character", func(w *xmltree.Writer) { w.Leaf("", "a", "\x01") }},
		{"bytes that are not UTF-8", func(w *xmltree.Writer) { w.Leaf("", "a", "\xff") }},
		{"U+FFFE", func(w *xmltree.Writer) { w.Leaf("", "a", "\ufffe") }},
		{"control character in a value", func(w *xmltree.Writer) { w.Start("", "a"); w.Attr("", "b", "\x00"); w.End() }},
		{"unknown prefix", func(w *xmltree.Writer) { w.Leaf("q", "a", "") }},
		{"unknown attribute prefix", func(w *xmltree.Writer) { w.Start("", "a"); w.Attr("q", "b", ""); w.End() }},
		{"attribute twice", func(w *xmltree.Writer) { w.Start("", "a"); w.Attr("", "b", ""); w.Attr("", "b", ""); w.End() }},
		{"attribute too late", func(w *xmltree.Writer) { w.Start("", "a"); w.Text("x"); w.Attr("", "b", ""); w.End() }},
		{"two roots", func(w *xmltree.Writer) { w.Leaf("", "a", ""); w.Leaf("", "b", "") }},
		{"text outside", func(w *xmltree.Writer) { w.Leaf("", "a", ""); w.Text("x") }},
		{"left open", func(w *xmltree.Writer) { w.Start("", "a") }},
		{"closed too often", func(w *xmltree.Writer) { w.Leaf("", "a", ""); w.End() }},
		{"nothing written", func(*xmltree.Writer) {}},
		{"bad name", func(w *xmltree.Writer) { w.Leaf("", "a b", "") }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := xmltree.NewWriter(nil, known...)
			test.write(w)
			if got, err := w.Bytes(); !errors.Is(err, xmltree.ErrWrite) || got != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestWriterLen(t *testing.T) {
	w := xmltree.NewWriter([]byte("before"), known...)
	w.Start("b", "root")
	w.Leaf("z", "Issuer", "me")
	at := w.Len()
	w.Leaf("b", "body", "x")
	w.End()
	got, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if before := string(got[:at]); !strings.HasSuffix(before, "</z:Issuer>") {
		t.Errorf("Len is after %q", before)
	}
}
