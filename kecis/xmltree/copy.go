package xmltree

// AppendCanonical appends the exclusive canonical form of e and all it holds,
// as if e were a document of its own.
func (e Element) AppendCanonical(dst []byte) []byte {
	if e.IsZero() {
		return dst
	}
	return e.tree.AppendCanonical(dst, e, Element{})
}

// Copy writes e and all it holds, in canonical form. The Writer learns the
// prefixes of e; one that it knows with another namespace, and a default
// namespace, are refused (ErrWrite).
func (w *Writer) Copy(e Element) {
	if e.IsZero() || w.err != nil {
		return
	}
	n := e.node()
	w.learn(e.Prefix(), e.Space())
	w.Start(e.Prefix(), e.Local())
	for _, a := range e.tree.attrs[n.attr : n.attr+n.attrs] {
		prefix := e.tree.prefixes.list[a.prefix]
		w.learn(prefix, e.tree.uris.list[a.uri])
		w.Attr(prefix, e.tree.string(e.tree.local(a.name, a.prefix)), e.tree.unescaped(a.value))
	}
	for i := e.index + 1; i < n.end; i = e.tree.nodes[i].end {
		if e.tree.nodes[i].prefix == isText {
			w.Text(e.tree.unescaped(e.tree.nodes[i].name))
		} else {
			w.Copy(Element{e.tree, i})
		}
	}
	w.End()
}

// learn makes the prefix known, unless it is known with another namespace.
func (w *Writer) learn(prefix, uri string) {
	if prefix == "" {
		if uri != "" {
			w.fail("no default namespace", quote(uri))
		}
		return
	}
	for _, ns := range w.known {
		if ns.Prefix == prefix {
			if ns.URI != uri {
				w.fail("one namespace for prefix "+quote(prefix), quote(uri))
			}
			return
		}
	}
	w.known = append(w.known, Namespace{prefix, uri})
}
