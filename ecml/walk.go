package ecml

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

// place is an element on a walk.
type place struct {
	node   node
	schema *element
	occurs occurrence
	mode   Mode // effective
	outer  *place
	index  int // among its siblings of that name
	count  int
}

// path returns Ecom/ShipTo[2]/Postal; a number is given only where there are
// several of that name.
func (p *place) path() string {
	var steps []string
	for at := p; at != nil; at = at.outer {
		step := at.schema.name
		if at.count > 1 {
			step += "[" + strconv.Itoa(at.index+1) + "]"
		}
		steps = append(steps, step)
	}
	var b strings.Builder
	for i, step := range slices.Backward(steps) {
		b.WriteString(step)
		if i > 0 {
			b.WriteByte('/')
		}
	}
	return b.String()
}

// walk visits all elements, each before its children, until visit returns
// false. The place is valid only during the visit.
func (e *Ecom) walk(visit func(*place) bool) {
	var w walker
	w.way[0] = place{node: e, schema: root, mode: e.Mode, count: 1}
	w.walk(0, visit)
}

// depth is how deep the elements of ECML are nested: Ecom, Transaction, Date,
// Effective.
const depth = 4

// walker keeps the way to the element that is visited.
type walker struct{ way [depth]place }

func (w *walker) walk(at int, visit func(*place) bool) bool {
	p := &w.way[at]
	if !visit(p) {
		return false
	}
	for _, c := range p.schema.children {
		count := 0
		for p.node.child(c.name, count) != nil {
			count++
		}
		for k := range count {
			n := p.node.child(c.name, k)
			w.way[at+1] = place{n, c.element, c.occurs, n.common().Mode.inherit(p.mode), p, k, count}
			if !w.walk(at+1, visit) {
				return false
			}
		}
	}
	return true
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
		e.walk(func(p *place) bool {
			return p.each(func(v value) bool {
				return yield(Value{p.pathOf(v), v.masked(), p.mode})
			})
		})
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
func (p *place) pathOf(v value) string {
	if v.name == "" {
		return p.path()
	}
	return p.path() + "/@" + v.name
}

// each visits the values of one element: attributes that are present, Mode
// apart, and its text.
func (p *place) each(visit func(value) bool) bool {
	for _, a := range p.schema.attrs {
		if a.name == attrMode {
			continue
		}
		r := p.node.attr(a.name)
		if r.empty() && !p.node.common().blank(a.name) {
			continue
		}
		if !visit(value{r, a.name, a.field, a.home}) {
			return false
		}
	}
	if p.schema.text != nil {
		return visit(value{p.node.attr(""), "", p.schema.text, false})
	}
	return true
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
