package xmltree

// Cut makes apex the root of the tree that Open returned, removes e and all it
// holds, and fixes the rest: from then on strings are pieces of one immutable
// string and stay valid after Release. The zero Element removes nothing.
// Elements taken from the tree before are no longer valid.
func (t *Tree) Cut(apex, e Element) {
	if apex.IsZero() || apex.tree != t {
		return
	}
	t.reroot(apex.index)
	if !e.IsZero() && e.tree == t && e.index > apex.index {
		t.remove(e.index - apex.index)
	}
	t.identities = t.identities[:0]
	t.text = string(t.buf)
}

// reroot drops the nodes outside of one subtree. Namespaces that are declared
// outside stay resolved in names, but prefixes in content no longer resolve.
func (t *Tree) reroot(index int32) {
	if index == 0 {
		return
	}
	end := t.nodes[index].end
	t.nodes = append(t.nodes[:0], t.nodes[index:end]...)
	for i := range t.nodes {
		t.nodes[i].end -= index
		t.nodes[i].parent -= index
	}
	t.nodes[0].parent = -1
}

// remove takes the nodes of one subtree out, with their attributes,
// declarations and text, and moves what stands behind them.
func (t *Tree) remove(index int32) {
	gone := t.extent(index)
	t.buf = append(t.buf[:gone.text.from], t.buf[gone.text.to:]...)
	t.nodes = append(t.nodes[:gone.nodes.from], t.nodes[gone.nodes.to:]...)
	t.attrs = append(t.attrs[:gone.attrs.from], t.attrs[gone.attrs.to:]...)
	t.decls = append(t.decls[:gone.decls.from], t.decls[gone.decls.to:]...)
	for i := range t.nodes {
		n := &t.nodes[i]
		if n.end >= gone.nodes.to {
			n.end -= gone.nodes.length()
		}
		if int32(i) < gone.nodes.from {
			if n.till >= uint32(gone.text.to) {
				n.till -= uint32(gone.text.length())
			}
			continue
		}
		n.name.at -= uint32(gone.text.length())
		n.till -= uint32(gone.text.length())
		n.attr -= gone.attrs.length()
		n.decl -= gone.decls.length()
		if n.parent >= gone.nodes.to {
			n.parent -= gone.nodes.length()
		}
	}
	for i := gone.attrs.from; i < int32(len(t.attrs)); i++ {
		t.attrs[i].name.at -= uint32(gone.text.length())
		t.attrs[i].value.at -= uint32(gone.text.length())
	}
}

// extent is what one subtree takes up in each part of memory.
type extent struct{ nodes, attrs, decls, text stretch }

type stretch struct{ from, to int32 }

func (s stretch) length() int32 { return s.to - s.from }

func (t *Tree) extent(index int32) extent {
	n := t.nodes[index]
	out := extent{
		nodes: stretch{index, n.end},
		attrs: stretch{n.attr, n.attr + n.attrs},
		decls: stretch{n.decl, n.decl + n.decls},
		text:  stretch{int32(n.name.at) - 1, int32(n.till)},
	}
	for _, inside := range t.nodes[index:n.end] {
		if inside.prefix != isText {
			out.attrs.to = inside.attr + inside.attrs
			out.decls.to = inside.decl + inside.decls
		}
	}
	return out
}
