package cases

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/beevik/etree"
)

// canonical returns the exclusive canonical form, without comments, of apex and
// all it holds but omit. It is written apart from kecis/xmltree, and signs what
// that refuses: processing instructions, CDATA, a document type in front. Of
// attribute values it knows only what encoding/xml makes of them. The prefixes
// of inclusive are those of a PrefixList.
func canonical(apex, omit *etree.Element, inclusive ...string) []byte {
	c := canonicalizer{apex: apex, omit: omit, inclusive: inclusive}
	c.element(apex, map[string]string{"": ""})
	return c.out.Bytes()
}

type canonicalizer struct {
	out        bytes.Buffer
	apex, omit *etree.Element
	inclusive  []string
}

// listed returns the prefixes of the PrefixList that inclusive canonicalization
// looks at here: at the apex those in scope, below those declared anew.
func (c *canonicalizer) listed(e *etree.Element) []string {
	var out []string
	for _, prefix := range c.inclusive {
		if prefix == "#default" {
			prefix = ""
		}
		if _, declared := declaration(e, prefix); declared || e == c.apex && namespaceOf(e, prefix) != "" {
			out = append(out, prefix)
		}
	}
	return out
}

func (c *canonicalizer) element(e *etree.Element, rendered map[string]string) {
	if e == c.omit {
		return
	}
	var attrs []etree.Attr
	used := []string{e.Space}
	for _, a := range e.Attr {
		if a.Space == "xmlns" || a.Space == "" && a.Key == "xmlns" {
			continue
		}
		attrs = append(attrs, a)
		if a.Space != "" && a.Space != "xml" {
			used = append(used, a.Space)
		}
	}
	used = append(used, c.listed(e)...)
	slices.Sort(used)
	inside := maps.Clone(rendered)
	c.out.WriteString("<" + e.FullTag())
	for _, prefix := range slices.Compact(used) {
		uri := namespaceOf(e, prefix)
		if before, known := rendered[prefix]; known && before == uri {
			continue
		}
		inside[prefix] = uri
		name := "xmlns"
		if prefix != "" {
			name = "xmlns:" + prefix
		}
		c.out.WriteString(" " + name + `="` + escapeAttr.Replace(uri) + `"`)
	}
	slices.SortStableFunc(attrs, func(a, b etree.Attr) int {
		if n := strings.Compare(attrNamespace(e, a), attrNamespace(e, b)); n != 0 {
			return n
		}
		return strings.Compare(a.Key, b.Key)
	})
	for _, a := range attrs {
		c.out.WriteString(" " + a.FullKey() + `="` + escapeAttr.Replace(a.Value) + `"`)
	}
	c.out.WriteString(">")
	for _, child := range e.Child {
		switch child := child.(type) {
		case *etree.Element:
			c.element(child, inside)
		case *etree.CharData:
			c.out.WriteString(escapeText.Replace(child.Data))
		case *etree.ProcInst:
			c.out.WriteString(strings.TrimSuffix("<?"+child.Target+" "+child.Inst, " ") + "?>")
		}
	}
	c.out.WriteString("</" + e.FullTag() + ">")
}

// namespaceOf resolves a prefix at an element; etree does not do so for a prefix
// that is declared twice on the way, or empty.
func namespaceOf(e *etree.Element, prefix string) string {
	for ; e != nil; e = e.Parent() {
		if uri, declared := declaration(e, prefix); declared {
			return uri
		}
	}
	return ""
}

// declaration returns what an element itself declares a prefix to be.
func declaration(e *etree.Element, prefix string) (uri string, declared bool) {
	for _, a := range e.Attr {
		if a.Space == "xmlns" && a.Key == prefix || prefix == "" && a.Space == "" && a.Key == "xmlns" {
			return a.Value, true
		}
	}
	return "", false
}

func attrNamespace(e *etree.Element, a etree.Attr) string {
	switch a.Space {
	case "":
		return ""
	case "xml":
		return "http://www.w3.org/XML/1998/namespace"
	}
	return namespaceOf(e, a.Space)
}

// What canonical XML escapes (Canonical XML 1.0, 2.3).
var (
	escapeText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")
	escapeAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;")
)
