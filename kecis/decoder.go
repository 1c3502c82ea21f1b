package kecis

import (
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmltree"
)

// decoder reads the parts of one message and keeps the first refusal. After one
// it goes on with zero values, which keeps the decoding functions straight; the
// result is then thrown away.
type decoder struct {
	err error
}

func (d *decoder) refuse(code Code, expected, found, place string) {
	if d.err == nil {
		d.err = &Error{code: code, expected: expected, found: found, place: place}
	}
}

// content walks the child elements of one element in the order of the schema.
type content struct {
	d      *decoder
	parent xmltree.Element
	next   xmltree.Element
	model  string // the names that may stand here, in order, each followed by a blank
}

// content begins to read the children of e. The model names all of them, as
// "saml:Issuer ds:Signature kecis:OrderRef "; it serves only to say what is
// wrong.
func (d *decoder) content(e xmltree.Element, model string) content {
	if e.StrayText() {
		d.refuse(ErrStrayText, "only white space between elements", "", e.Path())
	}
	return content{d, e, e.First(), model}
}

// need returns the next child, which must have this name.
func (c *content) need(space, local string) xmltree.Element {
	if e, ok := c.option(space, local); ok {
		return e
	}
	c.fail(local)
	return xmltree.Element{}
}

// option returns the next child if it has this name.
func (c *content) option(space, local string) (xmltree.Element, bool) {
	if !c.next.Is(space, local) {
		return xmltree.Element{}, false
	}
	e := c.next
	c.next = e.Next()
	return e, true
}

// end refuses whatever is left.
func (c *content) end() {
	if !c.next.IsZero() {
		c.fail("")
	}
}

// fail says why the next child cannot stand where expected ("" for nothing)
// should: it is unknown, it stands again, it stands too early or late, or the
// expected one is missing.
func (c *content) fail(expected string) {
	if c.d.err != nil {
		return
	}
	if c.parent.IsZero() {
		return
	}
	if c.next.IsZero() {
		c.d.refuse(ErrMissing, expected, "", c.parent.Path())
		return
	}
	name := expanded(c.next)
	// A name in the model begins it or stands behind a blank: ":Payee " of no
	// namespace is not found in "kecis:Payee ".
	found, wanted := strings.Index(" "+c.model, " "+name), strings.Index(c.model, ":"+expected+" ")
	switch {
	case found < 0:
		c.d.refuse(ErrUnsupported, "only elements that the schema names here", quote(name[:len(name)-1]), c.next.Path())
	case earlier(c.next):
		c.d.refuse(ErrRepeated, "", "", c.next.Path())
	case expected != "" && found > wanted && !later(c.next, expected):
		c.d.refuse(ErrMissing, expected, "", c.parent.Path())
	default:
		c.d.refuse(ErrOrder, strings.TrimSpace(c.model), "", c.next.Path())
	}
}

// expanded names an element as models do, with a blank behind.
func expanded(e xmltree.Element) string {
	switch e.Space() {
	case Namespace:
		return "kecis:" + e.Local() + " "
	case nsSAML:
		return "saml:" + e.Local() + " "
	case nsSAMLP:
		return "samlp:" + e.Local() + " "
	case nsXENC:
		return "xenc:" + e.Local() + " "
	case "":
		return ":" + e.Local() + " "
	}
	return "{" + e.Space() + "}" + e.Local() + " "
}

// earlier reports whether a sibling of the same name stands before e.
func earlier(e xmltree.Element) bool {
	for s := e.Parent().First(); s != e && !s.IsZero(); s = s.Next() {
		if s.Is(e.Space(), e.Local()) {
			return true
		}
	}
	return false
}

// later reports whether an element of that local name follows e.
func later(e xmltree.Element, local string) bool {
	for s := e.Next(); !s.IsZero(); s = s.Next() {
		if s.Local() == local {
			return true
		}
	}
	return false
}

// text returns the characters of an element that holds nothing else.
func (d *decoder) text(e xmltree.Element) string {
	if e.IsZero() {
		return ""
	}
	if child := e.First(); !child.IsZero() {
		d.refuse(ErrUnsupported, "only text", quote(child.Local()), child.Path())
		return ""
	}
	return e.Text()
}

// empty refuses children and text.
func (d *decoder) empty(e xmltree.Element) {
	if e.IsZero() {
		return
	}
	if d.text(e) != "" {
		d.refuse(ErrStrayText, "nothing inside the element", "", e.Path())
	}
}

// attributes reads the attributes of one element, none of which is in a
// namespace, and counts them, so that a further one is seen.
type attributes struct {
	d     *decoder
	e     xmltree.Element
	taken int
}

func (d *decoder) attributes(e xmltree.Element) attributes { return attributes{d: d, e: e} }

// option returns the value of the attribute, and whether it stands there.
func (a *attributes) option(local string) (string, bool) {
	v, ok := a.e.Attr(local)
	if ok {
		a.taken++
	}
	return v, ok
}

// need returns the value of the attribute, which must stand there.
func (a *attributes) need(local string) string {
	v, ok := a.option(local)
	if !ok && !a.e.IsZero() && a.d.err == nil {
		a.d.refuse(ErrMissing, "attribute "+local, "", a.e.Path())
	}
	return v
}

// end refuses attributes that are not in known, which lists all of them, each
// with a blank before and behind.
func (a *attributes) end(known string) {
	if a.e.IsZero() || a.e.NumAttrs() == a.taken || a.d.err != nil {
		return
	}
	for attr := range a.e.Attrs() {
		if attr.Space != "" || !strings.Contains(known, " "+attr.Local+" ") {
			name := quote(attr.Local)
			a.d.refuse(ErrUnsupported, "only attributes that the schema names here", name, a.e.Path()+"/@"+name[1:len(name)-1])
			return
		}
	}
}

// bad refuses the value of an attribute.
func (a *attributes) bad(code Code, local, expected, found string) {
	if a.d.err == nil && !a.e.IsZero() {
		a.d.refuse(code, expected, quote(found), a.e.Path()+"/@"+local)
	}
}

func (a *attributes) id(local string) ID {
	s := a.need(local)
	if !validID(s) {
		a.bad(ErrID, local, idForm, s)
	}
	return ID(s)
}

func (a *attributes) instant(local string) time.Time {
	s := a.need(local)
	t, ok := instant(s)
	if !ok {
		a.bad(ErrTime, local, instantForm, s)
	}
	return t
}

func (a *attributes) uri(local string) string {
	s := a.need(local)
	if !validURI(s) {
		a.bad(ErrValue, local, uriForm, s)
	}
	return s
}

func (a *attributes) token(local string, least, most int, form string) string {
	s := a.need(local)
	if !token(s, least, most) {
		a.bad(ErrValue, local, form, s)
	}
	return s
}

func (a *attributes) line(local string, most int) string {
	s := a.need(local)
	a.text(local, s, most)
	return s
}

// text refuses a value that is no line of text, or holds the number of a card
// (KECIS-MSG-029), which is repeated nowhere.
func (a *attributes) text(local, s string, most int) {
	if !validText(s, most) {
		a.bad(ErrValue, local, textForm, s)
	} else if ecml.HoldsCardNumber(s) {
		a.bad(ErrCardInText, local, "a text without the number of a card", "one")
	}
}

func (a *attributes) count(local string, most int) int {
	s := a.need(local)
	n, ok := count(s, most)
	if !ok {
		a.bad(ErrValue, local, "1 to "+strconv.Itoa(most)+", without leading zeros", s)
	}
	return n
}

func (a *attributes) part(local string) int64 {
	s := a.need(local)
	n, ok := minor(s)
	if !ok {
		a.bad(ErrAmount, local, partForm, s)
	}
	return n
}

func (a *attributes) digest(local string) Digest {
	var room [64]byte
	text, ok := a.e.AppendAttr(room[:0], local)
	if !ok {
		a.need(local)
		return Digest{}
	}
	a.taken++
	d, ok := digest(text)
	if !ok {
		a.bad(ErrValue, local, digestForm, string(text))
	}
	return d
}

// choice reads a value of a closed set and returns its place in it, from 1.
func (a *attributes) choice(local, set string) int {
	s := a.need(local)
	n := indexOf(set, s)
	if n == 0 {
		a.bad(ErrUnsupported, local, "one of"+set[:len(set)-1], s)
	}
	return n
}

// line reads the text of an element that holds only a line of text.
func (d *decoder) line(e xmltree.Element, most int) string {
	if e.IsZero() {
		return ""
	}
	a := d.attributes(e)
	a.end("")
	s := d.text(e)
	if !validText(s, most) {
		d.refuseText(e, ErrValue, textForm, s)
	} else if ecml.HoldsCardNumber(s) {
		d.refuseText(e, ErrCardInText, "a text without the number of a card", "one")
	}
	return s
}

// refuseText refuses the text of an element.
func (d *decoder) refuseText(e xmltree.Element, code Code, expected, found string) {
	if d.err == nil {
		d.refuse(code, expected, quote(found), e.Path())
	}
}
