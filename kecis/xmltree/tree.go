package xmltree

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"strings"
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

// Identifier is an attribute that identifies its element: its qualified name
// (ID, Id, id or xml:id), its value, and where it stands.
type Identifier struct {
	Name, Value, Place string
}

// Element is an element of a Tree. The zero Element stands for none.
type Element struct {
	tree  *Tree
	index int32
}

// Attr is an attribute: its namespace ("" for none), local name and value.
type Attr struct {
	Space, Local, Value string
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

// Identifiers yields the identifying attributes of the whole document, sorted
// by value. After Cut there are none.
func (t *Tree) Identifiers() iter.Seq[Identifier] {
	return func(yield func(Identifier) bool) {
		if t.memory == nil {
			return
		}
		var places []string // each counts the lines before it: all in one pass
		for i, id := range t.identities {
			if places == nil {
				places = t.identityPlaces()
			}
			if !yield(Identifier{t.string(id.name), t.unescaped(id.value), places[i]}) {
				return
			}
		}
	}
}

// identityPlaces returns the places of the identities.
func (t *Tree) identityPlaces() []string {
	order := make([]int, len(t.identities))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(t.identities[a].source - t.identities[b].source) })
	places := make([]string, len(order))
	line, begin, read := 1, 0, 0
	for _, i := range order {
		at := min(int(t.identities[i].source), len(t.source))
		between := t.source[read:at]
		line += bytes.Count(between, []byte{'\n'})
		if n := bytes.LastIndexByte(between, '\n'); n >= 0 {
			begin = read + n + 1
		}
		places[i] = placeText(line, at-begin+1)
		read = at
	}
	return places
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

func (e Element) node() *node { return &e.tree.nodes[e.index] }

// IsZero reports whether e stands for no element.
func (e Element) IsZero() bool { return e.tree == nil || e.tree.memory == nil }

// Space returns the URI of the element's namespace, "" for none.
func (e Element) Space() string {
	if e.IsZero() {
		return ""
	}
	return e.tree.uris.list[e.node().uri]
}

// Local returns the element's local name.
func (e Element) Local() string {
	if e.IsZero() {
		return ""
	}
	n := e.node()
	return e.tree.string(e.tree.local(n.name, n.prefix))
}

// Prefix returns the prefix as it was written, "" for none.
func (e Element) Prefix() string {
	if e.IsZero() {
		return ""
	}
	return e.tree.prefixes.list[e.node().prefix]
}

// Is reports whether the element has this expanded name.
func (e Element) Is(space, local string) bool {
	if e.IsZero() {
		return false
	}
	n := e.node()
	return string(e.tree.bytes(e.tree.local(n.name, n.prefix))) == local && e.tree.uris.list[n.uri] == space
}

// Parent returns the element around e, or the zero Element for the root.
func (e Element) Parent() Element {
	if e.IsZero() {
		return Element{}
	}
	if p := e.node().parent; p >= 0 {
		return Element{e.tree, p}
	}
	return Element{}
}

// First returns the first child element, or the zero Element.
func (e Element) First() Element {
	if e.IsZero() {
		return Element{}
	}
	return e.tree.from(e.index+1, e.node().end)
}

// Next returns the next sibling element, or the zero Element.
func (e Element) Next() Element {
	if e.IsZero() {
		return Element{}
	}
	n := e.node()
	if n.parent < 0 {
		return Element{}
	}
	return e.tree.from(n.end, e.tree.nodes[n.parent].end)
}

// from returns the first element at or after index i, before end, skipping texts.
func (t *Tree) from(i, end int32) Element {
	for i < end && t.nodes[i].prefix == isText {
		i++
	}
	if i >= end {
		return Element{}
	}
	return Element{t, i}
}

// Children yields the child elements in order.
func (e Element) Children() iter.Seq[Element] {
	return func(yield func(Element) bool) {
		for c := e.First(); !c.IsZero(); c = c.Next() {
			if !yield(c) {
				return
			}
		}
	}
}

// Attr returns the value of the attribute of that name in no namespace.
func (e Element) Attr(local string) (string, bool) { return e.AttrNS("", local) }

// AttrNS returns the value of the attribute with that expanded name.
func (e Element) AttrNS(space, local string) (string, bool) {
	if a := e.find(space, local); a != nil {
		return e.tree.unescaped(a.value), true
	}
	return "", false
}

// AppendAttr appends the value of an attribute in no namespace to dst, without
// making a string of it.
func (e Element) AppendAttr(dst []byte, local string) ([]byte, bool) {
	if a := e.find("", local); a != nil {
		return appendUnescaped(dst, e.tree.bytes(a.value)), true
	}
	return dst, false
}

func (e Element) find(space, local string) *attr {
	if e.IsZero() {
		return nil
	}
	n := e.node()
	attrs := e.tree.attrs[n.attr : n.attr+n.attrs]
	for i := range attrs {
		a := &attrs[i]
		if string(e.tree.bytes(e.tree.local(a.name, a.prefix))) == local && e.tree.uris.list[a.uri] == space {
			return a
		}
	}
	return nil
}

// NumAttrs returns the number of attributes, namespace declarations not counted.
func (e Element) NumAttrs() int {
	if e.IsZero() {
		return 0
	}
	return int(e.node().attrs)
}

// Attrs yields the attributes in canonical order (by namespace, then name).
func (e Element) Attrs() iter.Seq[Attr] {
	return func(yield func(Attr) bool) {
		if e.IsZero() {
			return
		}
		n := e.node()
		for _, a := range e.tree.attrs[n.attr : n.attr+n.attrs] {
			out := Attr{
				Space: e.tree.uris.list[a.uri],
				Local: e.tree.string(e.tree.local(a.name, a.prefix)),
				Value: e.tree.unescaped(a.value),
			}
			if !yield(out) {
				return
			}
		}
	}
}

// Text returns the characters directly inside e. An element without child
// elements has one text at most; of one with child elements all texts are
// joined.
func (e Element) Text() string {
	if e.IsZero() {
		return ""
	}
	first, several := span{}, false
	for i := range e.texts() {
		if first.n > 0 {
			several = true
		} else {
			first = e.tree.nodes[i].name
		}
	}
	if !several {
		return e.tree.unescaped(first)
	}
	return string(e.AppendText(nil))
}

// AppendText appends the characters directly inside e to dst.
func (e Element) AppendText(dst []byte) []byte {
	for i := range e.texts() {
		dst = appendUnescaped(dst, e.tree.bytes(e.tree.nodes[i].name))
	}
	return dst
}

// StrayText reports whether e holds, beside or without child elements, any
// character that is not white space.
func (e Element) StrayText() bool {
	for i := range e.texts() {
		if len(bytes.TrimLeft(e.tree.bytes(e.tree.nodes[i].name), " \t\n")) > 0 {
			return true
		}
	}
	return false
}

// texts yields the indices of the text nodes directly inside e.
func (e Element) texts() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		if e.IsZero() {
			return
		}
		end := e.node().end
		for i := e.index + 1; i < end; i = e.tree.nodes[i].end {
			if e.tree.nodes[i].prefix == isText && !yield(i) {
				return
			}
		}
	}
}

// Resolve returns the namespace that prefix is bound to at e.
func (e Element) Resolve(prefix string) (uri string, ok bool) {
	for ; !e.IsZero(); e = e.Parent() {
		n := e.node()
		for _, d := range e.tree.decls[n.decl : n.decl+n.decls] {
			if e.tree.prefixes.list[d.prefix] == prefix {
				uri = e.tree.uris.list[d.uri]
				return uri, uri != ""
			}
		}
	}
	return "", false
}

// ResolveRendered is like Resolve, but uses only declarations that stand in the
// exclusive canonical form of apex, which are the ones that a signature over
// apex protects: the prefix must be used by the name of an element or attribute
// at e or between e and apex, with the same binding (KECIS-SIG-021).
func (e Element) ResolveRendered(apex Element, prefix string) (uri string, ok bool) {
	bound, ok := e.Resolve(prefix)
	if !ok {
		return "", false
	}
	for at := e; !at.IsZero(); at = at.Parent() {
		if at.uses(prefix) {
			rendered, _ := at.Resolve(prefix)
			return bound, rendered == bound
		}
		if at == apex {
			break
		}
	}
	return "", false
}

// uses reports whether the element's name or that of an attribute has the prefix.
func (e Element) uses(prefix string) bool {
	n := e.node()
	if e.tree.prefixes.list[n.prefix] == prefix {
		return true
	}
	for _, a := range e.tree.attrs[n.attr : n.attr+n.attrs] {
		if prefix != "" && e.tree.prefixes.list[a.prefix] == prefix {
			return true
		}
	}
	return false
}

// Position returns the line and the column, in bytes, both from 1, where the
// element's start tag begins.
func (e Element) Position() (line, column int) {
	if e.IsZero() {
		return 0, 0
	}
	return position(e.tree.source, int(e.node().source))
}

// Source returns where the element stands in the document, in bytes: its first
// and the first behind it.
func (e Element) Source() (from, to int) {
	if e.IsZero() {
		return 0, 0
	}
	n := e.node()
	return int(n.source), int(n.behind)
}

// Place returns the position for a text: "line 3, column 14".
func (e Element) Place() string {
	if e.IsZero() {
		return ""
	}
	return place(e.tree.source, int(e.node().source))
}

func position(source []byte, offset int) (line, column int) {
	offset = min(offset, len(source))
	before := source[:offset]
	return bytes.Count(before, []byte{'\n'}) + 1, offset - bytes.LastIndexByte(before, '\n')
}

func place(source []byte, offset int) string {
	return placeText(position(source, offset))
}

func placeText(line, column int) string {
	return "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
}

// Path returns where the element stands, as /kecis:PaymentRequest/Ecom/BillTo[2];
// a number is given only where the parent has several of that name. Names are
// shown as errors show them: a long run of digits is masked.
func (e Element) Path() string {
	if e.IsZero() {
		return ""
	}
	var steps []string
	for ; !e.IsZero(); e = e.Parent() {
		steps = append(steps, e.step())
	}
	var b strings.Builder
	for _, step := range slices.Backward(steps) {
		b.WriteByte('/')
		b.WriteString(step)
	}
	return b.String()
}

func (e Element) step() string {
	name := e.tree.string(e.node().name)
	shown := shorten([]byte(name))
	parent := e.Parent()
	if parent.IsZero() {
		return shown
	}
	index, count := 0, 0
	for c := range parent.Children() {
		if e.tree.string(c.node().name) == name {
			count++
		}
		if c == e {
			index = count
		}
	}
	if count == 1 {
		return shown
	}
	return shown + "[" + strconv.Itoa(index) + "]"
}
