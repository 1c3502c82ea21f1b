package xmltree

// Cut removes e and all it holds from the tree that Open returned, and fixes
// the rest: from then on strings are pieces of one immutable string and stay
// valid after Release. The root cannot be cut; the zero Element cuts nothing.
// Elements taken from the tree before are no longer valid, except the root.
func (t *Tree) Cut(e Element) {
	if !e.IsZero() && e.tree == t && e.index > 0 {
		t.remove(e.index)
	}
	t.text = string(t.buf)
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
			continue
		}
		n.name.at -= uint32(gone.text.length())
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
	last := t.nodes[n.end-1] // the last node inside, or n itself
	out := extent{
		nodes: stretch{index, n.end},
		attrs: stretch{n.attr, n.attr + n.attrs},
		decls: stretch{n.decl, n.decl + n.decls},
		text:  stretch{int32(n.name.at) - 1, int32(last.name.at + last.name.n)},
	}
	for _, inside := range t.nodes[index:n.end] {
		if inside.prefix == isText {
			continue
		}
		out.attrs.to = inside.attr + inside.attrs
		out.decls.to = inside.decl + inside.decls
		for _, a := range t.attrs[inside.attr : inside.attr+inside.attrs] {
			out.text.to = max(out.text.to, int32(a.value.at+a.value.n)+1)
		}
	}
	return out
}
