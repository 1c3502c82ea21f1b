package kecis

import (
	"strconv"

	"github.com/kecis/sdk/kecis/xmltree"
)

// MaxExtensions bounds the extensions of one message: more than one or two have
// not been seen in any SAML deployment.
const MaxExtensions = 16

// Extension is a child of samlp:Extensions, the one place where a message may
// hold what this standard does not name (P1, KECIS-MSG-010).
type Extension struct {
	// Space and Local are the element's expanded name; the namespace is foreign.
	Space, Local string
	// Critical says that a receiver that does not know the extension must
	// refuse the message. It is the default on the wire.
	Critical bool
	// XML is the element, in exclusive canonical form.
	XML []byte
}

// extensions reads samlp:Extensions. No extension is known to this version, so
// a critical one is refused; another is kept as it is.
func (d *decoder) extensions(e xmltree.Element) []Extension {
	a := d.attributes(e)
	a.end("")
	if e.StrayText() {
		d.refuse(ErrStrayText, "only white space between elements", "", e.Path())
	}
	if e.First().IsZero() {
		d.refuse(ErrMissing, "an extension", "", e.Path())
	}
	var list []Extension
	for child := range e.Children() {
		if d.err != nil {
			return nil
		}
		if len(list) == MaxExtensions {
			d.refuse(ErrTooMany, "at most "+strconv.Itoa(MaxExtensions), "", e.Path())
			return nil
		}
		list = append(list, d.extension(child))
	}
	return list
}

func (d *decoder) extension(e xmltree.Element) Extension {
	switch e.Space() {
	case "", Namespace, nsSAML, nsSAMLP:
		d.refuse(ErrUnsupported, "an element of a foreign namespace", quote(e.Local()), e.Path())
		return Extension{}
	}
	critical := true
	if v, ok := e.AttrNS(Namespace, "critical"); ok {
		n := indexOf(booleans, v)
		if n == 0 {
			d.refuse(ErrUnsupported, "true or false", quote(v), e.Path()+"/@kecis:critical")
		}
		critical = n != 1
	}
	if critical {
		d.refuse(ErrExtension, "only extensions that this version knows, or not critical ones", quote(e.Local()), e.Path())
		return Extension{}
	}
	return Extension{Space: e.Space(), Local: e.Local(), XML: e.AppendCanonical(nil)}
}

// extensions writes samlp:Extensions, if there are any.
func (e *encoder) extensions(list []Extension) {
	if len(list) == 0 {
		return
	}
	e.start("samlp", "Extensions")
	if len(list) > MaxExtensions {
		e.refuse(ErrTooMany, "Extensions", "at most "+strconv.Itoa(MaxExtensions), strconv.Itoa(len(list)))
	}
	for _, x := range list {
		e.extension(x)
	}
	e.w.End()
}

func (e *encoder) extension(x Extension) {
	tree, err := xmltree.Parse(x.XML)
	if err != nil {
		e.keep(&Error{code: ErrValue, expected: "an element in canonical form", cause: err})
		return
	}
	root := tree.Root()
	value, stated := root.AttrNS(Namespace, "critical")
	if root.Space() != x.Space || root.Local() != x.Local || x.Critical != (!stated || value == "true") {
		e.keep(&Error{code: ErrValue, expected: "XML that agrees with Space, Local and Critical"})
		return
	}
	e.w.Copy(root)
}
