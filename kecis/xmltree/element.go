package xmltree

import (
	"bytes"
	"iter"
)

// Element is an element of a Tree. The zero Element stands for none.
type Element struct {
	tree  *Tree
	index int32
}

// Attr is an attribute: its namespace ("" for none), local name and value.
type Attr struct {
	Space, Local, Value string
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
