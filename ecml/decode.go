package ecml

import (
	"strings"

	"github.com/kecis/sdk/kecis/xmltree"
)

// namespaceXML is the namespace that the prefix xml is bound to.
const namespaceXML = "http://www.w3.org/XML/1998/namespace"

// ParseXML reads a document whose root is Ecom.
func ParseXML(doc []byte) (*Ecom, error) {
	tree, err := xmltree.Parse(doc)
	if err != nil {
		return nil, err
	}
	return DecodeXML(tree.Root())
}

// DecodeXML reads an Ecom element, which must be in no namespace, and all in
// it. It takes whatever the XML Schema of RFC 4112 (2.2.2) lets stand where it
// stands, and the DTD's Transaction/@Amount; when SchemaVersion names version
// 1.0 or 1.1, also the elements of the DTD of RFC 3106. Unknown elements and
// attributes are refused (ErrUnknown, ErrNamespace), as is an element that the
// schema does not allow there (ErrStructure). Values are not judged: Validate
// does that.
//
// The strings of the result are part of the tree's text.
func DecodeXML(el xmltree.Element) (*Ecom, error) {
	if !el.Is("", root.name) {
		return nil, refuseRoot(el)
	}
	e := new(Ecom)
	d := decoder{ecom: e}
	if err := d.element(el, e, root); err != nil {
		return nil, err
	}
	return e, nil
}

func refuseRoot(el xmltree.Element) error {
	const expected = "the element Ecom in no namespace"
	switch {
	case el.IsZero():
		return &Error{code: ErrStructure, expected: expected, found: "none"}
	case el.Local() == root.name:
		return &Error{code: ErrNamespace, expected: expected, found: quote(el.Space()), place: el.Path()}
	}
	return &Error{code: ErrStructure, expected: expected, found: quote(el.Local()), place: el.Path()}
}

type decoder struct {
	ecom *Ecom
	old  bool // SchemaVersion names a version before 2.0
}

// element reads el into n.
func (d *decoder) element(el xmltree.Element, n node, schema *element) error {
	if err := d.attributes(el, n, schema); err != nil {
		return err
	}
	if schema == root {
		v := d.ecom.Version()
		d.old = v == Version10 || v == Version11
	}
	if schema.text != nil {
		return d.text(el, n)
	}
	if err := d.stray(el, schema); err != nil {
		return err
	}
	last := 0
	for c := el.First(); !c.IsZero(); c = c.Next() {
		at := schema.index(c, last)
		if at < 0 {
			if err := d.unknown(c, n, schema); err != nil {
				return err
			}
			continue
		}
		known := schema.children[at]
		if schema.sequence && at < last || known.occurs <= required && n.child(known.name, 0) != nil {
			return &Error{code: ErrStructure, expected: "each child once, in the schema's order", found: quote(known.name), place: c.Path()}
		}
		last = at
		if err := d.element(c, n.add(known.name), known.element); err != nil {
			return err
		}
	}
	return nil
}

// index returns which child of the schema an element is, or -1. It looks from
// the child that was found last, since most documents are in its order.
func (el *element) index(c xmltree.Element, from int) int {
	name := c.Local()
	for i := from; i < len(el.children); i++ {
		if el.children[i].name == name && c.Space() == "" {
			return i
		}
	}
	for i := range from {
		if el.children[i].name == name && c.Space() == "" {
			return i
		}
	}
	return -1
}

func (d *decoder) attributes(el xmltree.Element, n node, schema *element) error {
	if el.NumAttrs() == 0 {
		return nil
	}
	common := n.common()
	for a := range el.Attrs() {
		switch {
		case a.Space == namespaceXML && a.Local == "lang":
			common.setLang(a.Value)
		case a.Space != "":
			return unknownAttr(el, a)
		case a.Local == attrMode:
			mode, ok := modeOf(a.Value)
			if !ok {
				return &Error{code: ErrMode, expected: "Query or Assert", found: quote(a.Value), place: el.Path() + "/@Mode"}
			}
			if schema.attr(attrMode) == nil {
				return unknownAttr(el, a)
			}
			common.Mode = mode
		default:
			if err := d.attribute(el, n, schema, a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *decoder) attribute(el xmltree.Element, n node, schema *element, a xmltree.Attr) error {
	name := a.Local
	if name == "Id" && (schema.name == "Terminal" || schema.name == "Id") {
		name = attrID // the spelling of the RFC's DTD
		if _, both := el.Attr(attrID); both {
			return &Error{code: ErrStructure, expected: "id or Id, not both", found: "both", place: el.Path()}
		}
	}
	if schema.attr(name) == nil && !(d.old && name == attrID) {
		return unknownAttr(el, a)
	}
	if a.Value == "" {
		n.common().SetBlank(name)
		return nil
	}
	n.attr(name).set(a.Value)
	return nil
}

func unknownAttr(el xmltree.Element, a xmltree.Attr) error {
	return &Error{code: ErrUnknown, expected: "an attribute of ECML", found: quote(a.Local), place: el.Path()}
}

func (c *Common) setLang(lang string) {
	if c.More == nil {
		c.More = new(More)
	}
	c.More.Lang = lang
}

// text reads the content of an element that holds only text.
func (d *decoder) text(el xmltree.Element, n node) error {
	if c := el.First(); !c.IsZero() {
		return &Error{code: ErrStructure, expected: "text only", found: "an element", place: c.Path()}
	}
	if s := el.Text(); s != "" {
		n.attr("").set(s)
	}
	return nil
}

// maxStray bounds the paths kept of stray text. One is enough to be refused
// within a message, and each takes a look at all the siblings: a document of
// nothing else would cost the square of its size.
const maxStray = 16

// stray notes text between children where the schema allows it, and refuses it
// elsewhere.
func (d *decoder) stray(el xmltree.Element, schema *element) error {
	if !el.StrayText() {
		return nil
	}
	if !schema.mixed {
		return &Error{code: ErrStructure, expected: "no text in this element", found: "text", place: el.Path()}
	}
	if len(d.ecom.Stray) < maxStray {
		d.ecom.Stray = append(d.ecom.Stray, pathBelow(el))
	}
	return nil
}

// pathBelow returns the path of el from the Ecom that it stands in.
func pathBelow(el xmltree.Element) string {
	steps := 0
	for at := el; !at.Is("", root.name); at = at.Parent() {
		steps++
	}
	parts := strings.Split(el.Path(), "/")
	parts = parts[len(parts)-steps:]
	return strings.Join(append([]string{root.name}, parts...), "/")
}

// unknown reads the elements that only version 1.1 has, and refuses the rest.
func (d *decoder) unknown(el xmltree.Element, parent node, schema *element) error {
	t, inTransaction := parent.(*Transaction)
	switch {
	case el.Space() != "":
		return &Error{code: ErrNamespace, expected: "elements in no namespace", found: quote(el.Space()), place: el.Path()}
	case d.old && inTransaction && el.Local() == "TransactionID":
		t.IDs = append(t.IDs, TransactionID{})
		return d.oldText(el, &t.IDs[len(t.IDs)-1].ID)
	case d.old && inTransaction && el.Local() == "TransDate" && t.TransDate == "":
		return d.oldText(el, &t.TransDate)
	}
	return &Error{code: ErrUnknown, expected: "a child of " + schema.name, found: quote(el.Local()), place: el.Path()}
}

// oldText reads an element of version 1.1 that holds only text.
func (d *decoder) oldText(el xmltree.Element, to *string) error {
	if !el.First().IsZero() || el.NumAttrs() > 0 {
		return &Error{code: ErrStructure, expected: "text only", found: "more", place: el.Path()}
	}
	*to = el.Text()
	return nil
}
