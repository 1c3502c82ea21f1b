package xmltree_test

import (
	"encoding/xml"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmltree"
)

// TestLaxInputs holds the parser against encoding/xml on what the latter, and the
// libraries that stand on it, let pass: each input is refused here, with the
// code of the rule that it breaks. What encoding/xml does is logged, not
// asserted: it may learn.
func TestLaxInputs(t *testing.T) {
	for _, test := range []struct {
		id, name, input string
		code            xmltree.Code
	}{
		{"L1", "duplicate attribute", `<a x="1" x="2"/>`, xmltree.ErrDuplicateAttribute},
		{"L2", "two attributes of one expanded name", `<a xmlns:p="urn:x" xmlns:q="urn:x" p:x="1" q:x="2"/>`, xmltree.ErrDuplicateAttribute},
		{"L3", "undeclared prefix of an element", `<p:a/>`, xmltree.ErrUndeclaredPrefix},
		{"L4", "undeclared prefix of an attribute", `<a p:x="1"/>`, xmltree.ErrUndeclaredPrefix},
		{"L5", "second root", `<a/><b/>`, xmltree.ErrNotWellFormed},
		{"L6", "text behind the root", `<a/>x`, xmltree.ErrNotWellFormed},
		{"L7", "text in front of the root", `x<a/>`, xmltree.ErrNotWellFormed},
		{"L8", "empty input", ``, xmltree.ErrNotWellFormed},
		{"L9", "name that begins with a colon", `<:a/>`, xmltree.ErrName},
		{"L10", "name that ends in a colon", `<a:/>`, xmltree.ErrName},
		{"L11", "attribute that begins with a colon", `<a :x="1"/>`, xmltree.ErrName},
		{"L12", "empty namespace of a prefix", `<a xmlns:p=""/>`, xmltree.ErrNamespace},
		{"L13", "prefix xml rebound", `<a xmlns:xml="urn:x"/>`, xmltree.ErrNamespace},
		{"L14", "prefix xmlns bound", `<a xmlns:xmlns="urn:x"/>`, xmltree.ErrNamespace},
		{"L15", "declaration behind the root", `<a/><?xml version="1.0"?>`, xmltree.ErrDeclaration},
		{"L15", "declaration inside", `<a><?xml version="1.0"?></a>`, xmltree.ErrDeclaration},
		{"L16", "instruction named XML", `<a><?XML x?></a>`, xmltree.ErrProcessingInstruction},
		{"L17", "document type inside", `<a><!DOCTYPE b></a>`, xmltree.ErrDoctype},
		{"L18", "reference to a surrogate", `<a>&#xD800;</a>`, xmltree.ErrCharacter},
		{"L19", "invalid UTF-8 in a comment", "<a><!-- \xff --></a>", xmltree.ErrEncoding},
		{"L20", "no white space between attributes", `<a x="1"y="2"/>`, xmltree.ErrNotWellFormed},
		{"L21", "document type with an internal subset", `<!DOCTYPE a [<!ENTITY e "x">]><a/>`, xmltree.ErrDoctype},
		{"L22", "relative namespace", `<a xmlns="b/c"/>`, xmltree.ErrNamespace},
		{"L25", "zero octet", "<root>\x00</root>", xmltree.ErrCharacter},
		{"L26", "reference to a control character", `<a>&#1;</a>`, xmltree.ErrCharacter},
		{"L27", "< in an attribute", `<a x="<"/>`, xmltree.ErrNotWellFormed},
		{"L28", "]]> in text", `<a>]]></a>`, xmltree.ErrNotWellFormed},
		{"L29", "-- in a comment", `<a><!-- -- --></a>`, xmltree.ErrComment},
		{"L30", "XML 1.1", `<?xml version="1.1"?><a/>`, xmltree.ErrDeclaration},
		{"L31", "attribute without quotation marks", `<a x=1/>`, xmltree.ErrNotWellFormed},
		{"L32", "name with two colons", `<a:b:c xmlns:a="urn:a"/>`, xmltree.ErrName},
	} {
		t.Run(test.id+" "+test.name, func(t *testing.T) {
			tree, err := xmltree.Parse([]byte(test.input))
			if !errors.Is(err, test.code) {
				t.Errorf("%v, want %s", err, string(test.code))
			}
			if !tree.Root().IsZero() {
				t.Error("a refused document left a tree")
			}
			t.Logf("encoding/xml: %v", lax(test.input))
		})
	}
}

// TestLaxReadings are inputs that both read, encoding/xml otherwise than XML 1.0
// says: L23 is read alike, L24 is not.
func TestLaxReadings(t *testing.T) {
	tree, err := xmltree.Parse([]byte("\ufeff<a x=\"1\n2\t3\r\n4\"/>"))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := tree.Root().Attr("x"); got != "1 2 3 4" {
		t.Errorf("attribute = %q, want each line end and tab as a blank", got)
	}
}

// TestNothingIsFetched holds that the package has no means to open a file or a
// connection, whatever a document names (P1).
func TestNothingIsFetched(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range file.Imports {
			path := strings.Trim(imported.Path.Value, `"`)
			switch top, _, _ := strings.Cut(path, "/"); top {
			case "net", "os", "syscall", "plugin", "unsafe", "io", "path":
				t.Errorf("%s imports %s, by which something could be fetched", name, path)
			}
		}
	}
}

// lax reads to the end with encoding/xml.
func lax(input string) error {
	decoder := xml.NewDecoder(strings.NewReader(input))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
