package metadata

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// The namespaces of what stands in metadata.
const (
	nsMD    = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsDS    = "http://www.w3.org/2000/09/xmldsig#"
	nsDS11  = "http://www.w3.org/2009/xmldsig11#"
	nsXSI   = "http://www.w3.org/2001/XMLSchema-instance"
	nsXML   = "http://www.w3.org/XML/1998/namespace"
	nsKECIS = Namespace
)

// reader reads one document and keeps the first refusal. After one it goes on
// with zero values, which keeps the reading functions straight; the result is
// then thrown away.
type reader struct {
	err     error
	signed  bool // a signature was seen
	inspect bool // read what was not verified, signature and all
}

// skipSignature passes over the signature that only a document has which was
// not verified.
func (r *reader) skipSignature(c *children) {
	if r.inspect {
		_, r.signed = c.option(nsDS, "Signature")
	}
}

func (r *reader) refuse(code Code, at xmltree.Element, expected, found string) {
	if r.err == nil && !at.IsZero() {
		r.err = &Error{code: code, expected: expected, found: found, place: at.Path()}
	}
}

// fail keeps what a check found, at that element.
func (r *reader) fail(at xmltree.Element, e *Error) {
	if e != nil {
		r.refuse(e.code, at, e.expected, e.found)
	}
}

// children walks the children of one element in the order of the schema.
type children struct {
	r      *reader
	parent xmltree.Element
	next   xmltree.Element
}

func (r *reader) children(e xmltree.Element) *children {
	if e.StrayText() {
		r.refuse(ErrStructure, e, "only white space between elements", "text")
	}
	return &children{r, e, e.First()}
}

// need returns the next child, which must have this name.
func (c *children) need(space, local string) xmltree.Element {
	e, ok := c.option(space, local)
	if ok || c.parent.IsZero() {
		return e
	}
	for s := range c.parent.Children() {
		if s.Is(space, local) {
			c.r.refuse(ErrStructure, s, "the order of the schema", "another order")
		}
	}
	c.r.refuse(ErrMissing, c.parent, local, "")
	return e
}

// option returns the next child if it has this name.
func (c *children) option(space, local string) (xmltree.Element, bool) {
	if !c.next.Is(space, local) {
		return xmltree.Element{}, false
	}
	e := c.next
	c.next = e.Next()
	return e, true
}

// many hands out all children of this name that stand here, least or more.
func (c *children) many(space, local string, least int, read func(xmltree.Element)) {
	n := 0
	for e, ok := c.option(space, local); ok && c.r.err == nil; e, ok = c.option(space, local) {
		read(e)
		n++
	}
	if n < least {
		c.need(space, local)
	}
}

// end refuses whatever is left: an element that is known but stands at a wrong
// place or once too often, or one that is not known here.
func (c *children) end(known ...string) {
	if c.next.IsZero() {
		return
	}
	name := c.next.Local()
	if slices.Contains(known, name) {
		c.r.refuse(ErrStructure, c.next, "the order of the schema, each element as often as it says", quote(name))
		return
	}
	c.r.refuse(ErrUnsupported, c.next, "only elements that the schema names here", quote(name))
}

// attributes reads the attributes of one element, and counts them.
type attributes struct {
	r     *reader
	e     xmltree.Element
	taken int
}

func (r *reader) attributes(e xmltree.Element) *attributes { return &attributes{r: r, e: e} }

func (a *attributes) optionNS(space, local string) (string, bool) {
	v, ok := a.e.AttrNS(space, local)
	if ok {
		a.taken++
	}
	return v, ok
}

func (a *attributes) option(local string) (string, bool) { return a.optionNS("", local) }

func (a *attributes) needNS(space, local string) string {
	v, ok := a.optionNS(space, local)
	if !ok {
		a.r.refuse(ErrMissing, a.e, "attribute "+local, "")
	}
	return v
}

func (a *attributes) need(local string) string { return a.needNS("", local) }

// end refuses attributes beside those that were read.
func (a *attributes) end() {
	if a.e.NumAttrs() != a.taken {
		a.r.refuse(ErrUnsupported, a.e, "only attributes that the schema names here", strconv.Itoa(a.e.NumAttrs()-a.taken)+" more")
	}
}

// bad refuses the value of an attribute.
func (a *attributes) bad(local, expected, found string) {
	if a.r.err == nil && !a.e.IsZero() {
		a.r.err = &Error{code: ErrValue, expected: expected, found: quote(found), place: a.e.Path() + "/@" + local}
	}
}

func (a *attributes) uri(local string) string {
	s := a.need(local)
	if !validURI(s) {
		a.bad(local, uriForm, s)
	}
	return s
}

func (a *attributes) instant(local string) time.Time {
	s := a.need(local)
	t, ok := instant(s)
	if !ok {
		a.bad(local, instantForm, s)
	}
	return t
}

func (a *attributes) instantOption(local string) time.Time {
	s, ok := a.option(local)
	if !ok {
		return time.Time{}
	}
	t, ok := instant(s)
	if !ok {
		a.bad(local, instantForm, s)
	}
	return t
}

// number reads a number from least to most, without sign or leading zeros.
func (a *attributes) number(local string, least, most int64) int64 {
	s := a.need(local)
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != s || n < least || n > most {
		a.bad(local, strconv.FormatInt(least, 10)+" to "+strconv.FormatInt(most, 10)+", without leading zeros", s)
		return least
	}
	return n
}

// seconds reads a duration that may be left out.
func (a *attributes) seconds(local string) time.Duration {
	if _, ok := a.e.Attr(local); !ok {
		return 0
	}
	return time.Duration(a.number(local, 1, maxSeconds)) * time.Second
}

func (a *attributes) bool(local string) bool {
	s := a.need(local)
	if s != "true" && s != "false" {
		a.bad(local, "true or false", s)
	}
	return s == "true"
}

// choice reads a value of a closed set.
func choice[T ~string](a *attributes, local string, set ...T) T {
	s := a.need(local)
	for _, v := range set {
		if string(v) == s {
			return v
		}
	}
	a.r.refuse(ErrUnsupported, a.e, local+" to be one of"+joined(set), quote(s))
	return ""
}

// choices reads a list of values of a closed set, separated by single blanks,
// each once and in the order of the set, so that one set has one text.
func choices[T ~string](a *attributes, local string, set ...T) (out []T) {
	s := a.need(local)
	at := 0
	for word := range strings.SplitSeq(s, " ") {
		for at < len(set) && string(set[at]) != word {
			at++
		}
		if at == len(set) {
			a.r.refuse(ErrUnsupported, a.e, local+" to be of"+joined(set)+", in this order, separated by one blank", quote(s))
			return nil
		}
		out = append(out, set[at])
		at++
	}
	return out
}

func joined[T ~string](set []T) string {
	var b strings.Builder
	for _, v := range set {
		b.WriteString(" " + string(v))
	}
	return b.String()
}

// text returns the characters of an element that holds nothing else.
func (r *reader) text(e xmltree.Element) string {
	if child := e.First(); !child.IsZero() {
		r.refuse(ErrUnsupported, child, "only text", quote(child.Local()))
		return ""
	}
	return e.Text()
}

// word is text of an element that has no attributes either.
func (r *reader) word(e xmltree.Element) string {
	r.attributes(e).end()
	return r.text(e)
}

// empty refuses children and text.
func (r *reader) empty(e xmltree.Element) {
	if r.text(e) != "" {
		r.refuse(ErrStructure, e, "nothing inside the element", "text")
	}
}
