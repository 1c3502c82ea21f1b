package ecml

import (
	"iter"
	"strconv"
	"strings"
)

// walker visits the elements of an Ecom, each before its children:
//
//	for w := walk(e); w.next(); {
//
// It holds no pointer to itself and calls no function value, so that it stays
// off the heap: checks are on the path of every payment.
type walker struct {
	way [depth]place
	at  int // which of the way is visited; notBegun before the first
}

// depth is how deep the elements of ECML are nested: Ecom, Transaction, Date,
// Effective.
const depth = 4

const notBegun = -2

// place is an element on the way of a walk.
type place struct {
	node   node
	schema *element
	occurs occurrence
	mode   Mode // effective
	index  int  // among its siblings of that name
	count  int

	child int // the name in schema.children whose elements are visited now,
	k, n  int // how many of these have been, and how many there are
}

func walk(e *Ecom) walker {
	w := walker{at: notBegun}
	w.way[0] = place{node: e, schema: root, mode: e.Mode, count: 1}
	return w
}

// next goes to the next element; it reports false when there is none.
func (w *walker) next() bool {
	if w.at == notBegun {
		w.at = 0
		return true
	}
	for ; w.at >= 0; w.at-- {
		if w.inside() {
			return true
		}
	}
	return false
}

// inside goes to the next child of the element visited, if it has one left.
func (w *walker) inside() bool {
	p := &w.way[w.at]
	for ; p.child < len(p.schema.children); p.child, p.k = p.child+1, 0 {
		c := p.schema.children[p.child]
		if p.k == 0 {
			for p.n = 0; p.node.child(c.name, p.n) != nil; {
				p.n++
			}
		}
		if p.k == p.n {
			continue
		}
		n := p.node.child(c.name, p.k)
		w.at++
		w.way[w.at] = place{
			node: n, schema: c.element, occurs: c.occurs, mode: n.common().Mode.inherit(p.mode),
			index: p.k, count: p.n,
		}
		p.k++
		return true
	}
	return false
}

// here returns the element visited.
func (w *walker) here() *place { return &w.way[w.at] }

// path returns Ecom/ShipTo[2]/Postal; a number is given only where there are
// several of that name.
func (w *walker) path() string {
	var b strings.Builder
	for i := range w.way[:w.at+1] {
		if i > 0 {
			b.WriteByte('/')
		}
		p := &w.way[i]
		b.WriteString(p.schema.name)
		if p.count > 1 {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(p.index + 1))
			b.WriteByte(']')
		}
	}
	return b.String()
}

// Value is a value that stands in an Ecom.
type Value struct {
	// Path is where: Ecom/ShipTo/Postal/@PostalCode.
	Path string
	// Text is the value; that of a card number, verification value, password
	// or track is masked.
	Text string
	// Mode is the effective mode.
	Mode Mode
}

// Values yields the values that an Ecom has in XML, in the order in which they
// would be written, for people to read: secrets are masked. Those of FormOnly
// and TransDate are not among them.
func (e *Ecom) Values() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for w := walk(e); w.next(); {
			for v := range w.here().values() {
				if !yield(Value{w.pathOf(v), v.masked(), w.here().mode}) {
					return
				}
			}
		}
	}
}

// value is a value of the element that is visited.
type value struct {
	ref
	name  string // of the attribute, "" for the element's text
	field *Field // nil for an id without a form field
	home  bool
}

// pathOf returns the path of a value of the element.
func (w *walker) pathOf(v value) string {
	if v.name == "" {
		return w.path()
	}
	return w.path() + "/@" + v.name
}

// values yields the values of one element: attributes that are present, Mode
// apart, and its text.
func (p *place) values() iter.Seq[value] {
	return func(yield func(value) bool) {
		for _, a := range p.schema.attrs {
			if a.name == attrMode {
				continue
			}
			r := p.node.attr(a.name)
			if r.empty() && !p.node.common().blank(a.name) {
				continue
			}
			if !yield(value{r, a.name, a.field, a.home}) {
				return
			}
		}
		if p.schema.text != nil {
			yield(value{p.node.attr(""), "", p.schema.text, false})
		}
	}
}

// masked returns the value as it may be shown. Of the hidden ones only Number
// shows a part of itself.
func (v value) masked() string {
	switch {
	case v.hidden == nil:
		return *v.plain
	case v.name == "Number":
		return CardNumber{*v.hidden}.Masked()
	}
	return v.hidden.stars()
}
