package xmlenc

import (
	"slices"
	"strings"

	"github.com/kecis/sdk/kecis/xmltree"
)

// name is an expanded name.
type name struct{ space, local string }

func (n name) String() string {
	for _, ns := range Namespaces() {
		if ns.URI == n.space {
			return ns.Prefix + ":" + n.local
		}
	}
	return n.local
}

// children fills found with the child elements of e, which must be exactly
// those wanted, in that order, with nothing but white space between them.
func children(e xmltree.Element, found []xmltree.Element, want ...name) error {
	if e.StrayText() {
		return &Error{code: ErrStructure, expected: "no text", found: "text", place: e.Path()}
	}
	c := e.First()
	for i, w := range want {
		if !c.Is(w.space, w.local) {
			return refuseElement(e, c, w.String())
		}
		found[i] = c
		c = c.Next()
	}
	if !c.IsZero() {
		return refuseElement(e, c, "no further element")
	}
	return nil
}

// refuseElement says what a child is instead of what was expected; the code
// names the kinds that XML Encryption has been attacked through.
func refuseElement(parent, child xmltree.Element, expected string) error {
	refusal := &Error{code: ErrStructure, expected: expected, found: nameOf(child), place: parent.Path()}
	if child.IsZero() {
		return refusal
	}
	switch child.Local() {
	case "CipherReference", "RetrievalMethod", "KeyInfoReference", "ReferenceList":
		refusal.code = ErrReference
	case "EncryptedData", "EncryptedKey", "DerivedKey":
		refusal.code = ErrNested
	case "OAEPparams", "KA-Nonce":
		refusal.code = ErrKeyAlgorithm
	}
	return refusal
}

// attributes refuses e unless it has exactly the attributes wanted, each in no
// namespace.
func attributes(e xmltree.Element, want ...string) error {
	for _, w := range want {
		if _, ok := e.Attr(w); !ok {
			return &Error{code: ErrAttribute, expected: w, found: "none", place: e.Path()}
		}
	}
	if e.NumAttrs() == len(want) {
		return nil
	}
	for a := range e.Attrs() {
		if a.Space != "" || !slices.Contains(want, a.Local) {
			return &Error{code: ErrAttribute, expected: "no further attribute", found: quote(a.Local), place: e.Path()}
		}
	}
	return nil
}

// algorithm refuses e unless its only attribute is Algorithm with one of the
// URIs, byte for byte.
func algorithm(e xmltree.Element, code Code, allowed ...string) error {
	if err := attributes(e, "Algorithm"); err != nil {
		return err
	}
	if uri, _ := e.Attr("Algorithm"); !slices.Contains(allowed, uri) {
		return &Error{code: code, expected: strings.Join(allowed, " or "), found: quote(uri), place: e.Path()}
	}
	return nil
}

// leaf refuses e if it has attributes or child elements.
func leaf(e xmltree.Element) error {
	if err := attributes(e); err != nil {
		return err
	}
	if c := e.First(); !c.IsZero() {
		return refuseElement(e, c, "no element")
	}
	return nil
}

func base64Leaf(e xmltree.Element) ([]byte, error) {
	if err := leaf(e); err != nil {
		return nil, err
	}
	value, ok := decodeBase64(e.AppendText(nil))
	if !ok {
		return nil, &Error{code: ErrBase64, expected: "padded base64", found: "other characters or bits", place: e.Path()}
	}
	return value, nil
}

func nameOf(e xmltree.Element) string {
	if e.IsZero() {
		return "none"
	}
	return quote(e.Local())
}

func pathOf(e xmltree.Element) string {
	if e.IsZero() {
		return ""
	}
	return e.Path()
}
