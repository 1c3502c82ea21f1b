package xmltree

import (
	"iter"
	"sync/atomic"
)

// Tree is a parsed document. It does not change and may be read by several
// goroutines, until Release.
type Tree struct {
	*memory
	text   string // all names and values; empty in a tree that was only opened
	source []byte // only to tell lines and columns
	parser *Parser

	released atomic.Bool
}

// memory is what a tree is made of; a Parser lends it again after Release.
type memory struct {
	// buf holds the root element as canonical XML writes it, but without its
	// namespace declarations and with attributes in the order of the document.
	buf        []byte
	nodes      []node
	attrs      []attr
	decls      []declaration
	prefixes   names // id 0 is "", id 1 is "xml"
	uris       names // id 0 is "": in no namespace
	identities []identity

	// While parsing:
	open  []int32   // open elements, innermost last
	bound []binding // by prefix
}

// span is a piece of memory.buf.
type span struct{ at, n uint32 }

// node is an element or a text. Nodes stand in document order.
type node struct {
	name   span // element: qualified name; text: the characters
	parent int32
	end    int32  // index of the first node behind this one's subtree
	source int32  // offset of the first byte in the document
	behind int32  // offset of the first byte behind it
	till   uint32 // end in buf
	prefix int32  // id, or isText
	uri    int32  // id
	attr   int32  // first of its attributes
	attrs  int32
	decl   int32 // first of its namespace declarations
	decls  int32

	reordered bool // its attributes do not stand in canonical order in buf
}

// isText marks, in node.prefix, a node that is a text.
const isText = -1

type attr struct {
	name   span // qualified
	value  span // as in canonical form
	prefix int32
	uri    int32
	source int32
}

type declaration struct {
	prefix, uri int32
	before      int32 // the URI that the prefix had outside
}

// identity is an attribute that identifies its element (ID, Id, id or xml:id).
type identity struct {
	name, value span
	source      int32
}

// Root returns the document's root element.
func (t *Tree) Root() Element {
	if t == nil || t.memory == nil || len(t.nodes) == 0 {
		return Element{}
	}
	return Element{t, 0}
}

// Elements yields all elements in document order.
func (t *Tree) Elements() iter.Seq[Element] {
	return func(yield func(Element) bool) {
		if t.memory == nil {
			return
		}
		for i := range t.nodes {
			if t.nodes[i].prefix != isText && !yield(Element{t, int32(i)}) {
				return
			}
		}
	}
}

// OnlyID reports whether all identifying attributes are named ID.
func (t *Tree) OnlyID() bool {
	if t.memory == nil {
		return true
	}
	for _, id := range t.identities {
		if string(t.bytes(id.name)) != "ID" {
			return false
		}
	}
	return true
}

func (m *memory) bytes(s span) []byte { return m.buf[s.at : s.at+s.n] }

func (t *Tree) string(s span) string {
	if t.text != "" {
		return t.text[s.at : s.at+s.n]
	}
	return string(t.buf[s.at : s.at+s.n])
}

// local cuts the prefix off a qualified name.
func (t *Tree) local(name span, prefix int32) span {
	if prefix == 0 {
		return name
	}
	skip := uint32(len(t.prefixes.list[prefix])) + 1
	return span{name.at + skip, name.n - skip}
}
