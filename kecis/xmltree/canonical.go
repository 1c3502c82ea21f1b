package xmltree

import (
	"math"
	"slices"
	"strings"
)

// AppendCanonical appends the exclusive canonical form, without comments, of
// apex and all it holds (Exclusive XML Canonicalization 1.0). The element
// except, with all it holds, is left out, as the enveloped-signature transform
// wants; the zero Element leaves out nothing. The prefixes of inclusive are
// treated as an InclusiveNamespaces PrefixList says; "#default" stands for the
// default namespace.
func (t *Tree) AppendCanonical(dst []byte, apex, except Element, inclusive ...string) []byte {
	dst, _ = t.canonical(dst, math.MaxInt, apex, except, inclusive)
	return dst
}

// AppendCanonicalWithin is AppendCanonical for a document of a stranger: it
// appends at most so many bytes, and refuses a longer form (ErrTooLarge,
// KECIS-XML-001), of which dst then holds a part. The form can be far longer
// than the document, since a namespace that is declared once may have to be
// declared again at each element that uses it.
func (t *Tree) AppendCanonicalWithin(dst []byte, most int, apex, except Element, inclusive ...string) ([]byte, error) {
	dst, ok := t.canonical(dst, most, apex, except, inclusive)
	if !ok {
		return dst, &Error{code: ErrTooLarge, expected: "a canonical form of " + atMost(most, "bytes"), found: "a longer one", place: apex.Place()}
	}
	return dst, nil
}

func (t *Tree) canonical(dst []byte, most int, apex, except Element, inclusive []string) (out []byte, ok bool) {
	if apex.IsZero() {
		return dst, true
	}
	c, _ := t.parser.canonicalizers.Get().(*canonicalizer)
	if c == nil {
		c = new(canonicalizer)
	}
	before := len(dst)
	c.begin(t, dst, apex, inclusive)
	c.full = math.MaxInt
	if most < math.MaxInt-before {
		c.full = before + most
	}
	c.walk(apex.index, except)
	out, ok = c.dst, len(c.dst) <= c.full
	c.tree, c.dst = nil, nil
	t.parser.canonicalizers.Put(c)
	return out, ok
}

// begin makes the canonicalizer ready for apex.
func (c *canonicalizer) begin(t *Tree, dst []byte, apex Element, inclusive []string) {
	root := apex.node()
	c.tree, c.dst = t, slices.Grow(dst, int(root.till-root.name.at))
	c.copied = root.name.at - 1
	c.stack, c.undo = c.stack[:0], c.undo[:0]
	c.rendered = append(c.rendered[:0], noURI, xmlURI)
	for range len(t.prefixes.list) - len(c.rendered) {
		c.rendered = append(c.rendered, unbound)
	}
	c.include(inclusive)
}

// walk writes the nodes from apex to its end, but for except.
func (c *canonicalizer) walk(apex int32, except Element) {
	skip := int32(-1)
	if !except.IsZero() {
		skip = except.index
	}
	nodes := c.tree.nodes
	end := nodes[apex].end
	for i := apex; i < end; {
		n := &nodes[i]
		switch {
		case n.prefix == isText:
			i++
		case i == skip:
			c.copyTo(n.name.at - 1)
			c.copied = n.till
			i = n.end
		default:
			c.leave(i)
			c.enter(i, n, i == apex)
			if len(c.dst) > c.full {
				return
			}
			i++
		}
	}
	c.copyTo(nodes[apex].till)
}

// canonicalizer is the state of one canonicalization. It copies the tree's text,
// which is canonical but for namespace declarations and the order of some
// attributes, in pieces as long as can be.
type canonicalizer struct {
	tree     *Tree
	dst      []byte
	copied   uint32  // of the tree's text, up to here
	full     int     // length of dst at which the walk ends
	rendered []int32 // by prefix: the URI that the output's open elements bind it to
	listed   []bool  // by prefix: in the PrefixList; nil for none
	apex     []int32 // prefixes of the list, to be looked up at the apex
	stack    []declarer
	undo     []rendering
	fresh    []int32 // prefixes to declare in the start tag at hand
}

// declarer is an open element that declares a namespace in the output.
type declarer struct {
	end  int32 // first node behind it
	undo int32 // length of undo outside
}

type rendering struct{ prefix, before int32 }

func (c *canonicalizer) copyTo(at uint32) {
	c.dst = append(c.dst, c.tree.buf[c.copied:at]...)
	c.copied = at
}

// include takes the PrefixList in. Prefixes that the document does not know
// cannot be in scope.
func (c *canonicalizer) include(inclusive []string) {
	c.listed, c.apex = nil, nil
	if len(inclusive) == 0 {
		return
	}
	c.listed = make([]bool, len(c.tree.prefixes.list))
	for _, prefix := range inclusive {
		if prefix == "#default" {
			prefix = ""
		}
		if id, ok := c.tree.prefixes.ids[prefix]; ok && id != xmlPrefix && !c.listed[id] {
			c.listed[id] = true
			c.apex = append(c.apex, id)
		}
	}
}

// leave ends the declarations of the elements that end before node i.
func (c *canonicalizer) leave(i int32) {
	for len(c.stack) > 0 {
		top := c.stack[len(c.stack)-1]
		if top.end > i {
			return
		}
		for len(c.undo) > int(top.undo) {
			last := c.undo[len(c.undo)-1]
			c.rendered[last.prefix] = last.before
			c.undo = c.undo[:len(c.undo)-1]
		}
		c.stack = c.stack[:len(c.stack)-1]
	}
}

// enter writes the declarations that must stand in a start tag, and the
// attributes where they are not in order.
func (c *canonicalizer) enter(i int32, n *node, apex bool) {
	undo := int32(len(c.undo))
	c.fresh = c.fresh[:0]
	c.render(n.prefix, n.uri)
	attrs := c.tree.attrs[n.attr : n.attr+n.attrs]
	for k := range attrs {
		if p := attrs[k].prefix; p != noPrefix {
			c.render(p, attrs[k].uri)
		}
	}
	if c.listed != nil {
		c.renderListed(i, n, apex)
	}
	if len(c.fresh) > 0 {
		c.stack = append(c.stack, declarer{n.end, undo})
		c.copyTo(n.name.at + n.name.n)
		c.declarations()
	}
	if n.reordered {
		c.attributes(n, attrs)
	}
}

// attributes writes attributes in canonical order; in buf they follow the name.
func (c *canonicalizer) attributes(n *node, attrs []attr) {
	c.copyTo(n.name.at + n.name.n)
	for k := range attrs {
		a := &attrs[k]
		behind := a.value.at + a.value.n + 1
		c.dst = append(c.dst, c.tree.buf[a.name.at-1:behind]...)
		c.copied = max(c.copied, behind)
	}
}

// render notes that the prefix must be bound to the URI in the output from the
// element at hand on.
func (c *canonicalizer) render(prefix, uri int32) {
	if c.rendered[prefix] == uri || prefix == xmlPrefix {
		return
	}
	c.undo = append(c.undo, rendering{prefix, c.rendered[prefix]})
	c.rendered[prefix] = uri
	c.fresh = append(c.fresh, prefix)
}

// renderListed treats the prefixes of the PrefixList as inclusive
// canonicalization does: at the apex all that are in scope, below it those that
// an element declares anew.
func (c *canonicalizer) renderListed(i int32, n *node, apex bool) {
	if apex {
		for _, prefix := range c.apex {
			uri, bound := Element{c.tree, i}.resolveID(prefix)
			if bound {
				c.render(prefix, uri)
			}
		}
		return
	}
	for _, d := range c.tree.decls[n.decl : n.decl+n.decls] {
		if c.listed[d.prefix] {
			c.render(d.prefix, d.uri)
		}
	}
}

// resolveID is Resolve in numbers.
func (e Element) resolveID(prefix int32) (uri int32, bound bool) {
	for ; !e.IsZero(); e = e.Parent() {
		n := e.node()
		for _, d := range e.tree.decls[n.decl : n.decl+n.decls] {
			if d.prefix == prefix {
				return d.uri, true
			}
		}
	}
	return noURI, false
}

// declarations writes the new declarations, sorted by prefix.
func (c *canonicalizer) declarations() {
	t := c.tree
	if len(c.fresh) > 1 {
		slices.SortFunc(c.fresh, func(a, b int32) int {
			return strings.Compare(t.prefixes.list[a], t.prefixes.list[b])
		})
	}
	for _, prefix := range c.fresh {
		c.dst = append(c.dst, " xmlns"...)
		if prefix != noPrefix {
			c.dst = append(c.dst, ':')
			c.dst = append(c.dst, t.prefixes.list[prefix]...)
		}
		c.dst = append(c.dst, '=', '"')
		c.dst = appendEscapedURI(c.dst, t.uris.list[c.rendered[prefix]])
		c.dst = append(c.dst, '"')
	}
}

// appendEscapedURI appends a namespace URI. Of the characters that canonical
// XML escapes only the ampersand can stand in one.
func appendEscapedURI(dst []byte, uri string) []byte {
	for {
		i := strings.IndexByte(uri, '&')
		if i < 0 {
			return append(dst, uri...)
		}
		dst = append(dst, uri[:i]...)
		dst = append(dst, "&amp;"...)
		uri = uri[i+1:]
	}
}
