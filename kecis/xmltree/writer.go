package xmltree

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Namespace binds a prefix to a namespace URI for a Writer.
type Namespace struct {
	Prefix, URI string
}

// Writer writes a document that is in exclusive canonical form as it stands:
// each prefix is declared where it is first used, attributes are in canonical
// order, values are escaped as canonical XML escapes them. What it wrote can
// therefore be hashed for a signature without being parsed.
//
// The first thing that cannot be written (a character that XML forbids, an
// unknown prefix, a repeated attribute) is kept as the Writer's error, and
// Bytes returns it.
type Writer struct {
	buf    []byte
	known  []Namespace // what Start and Attr may use
	open   []opened
	inUse  []Namespace // declared by the open elements, innermost last
	attrs  []written   // of the start tag that is still open
	inTag  bool
	sorted bool // what the open start tag holds so far is canonical
	closed bool // the root has been closed
	err    error

	// What most documents need, so that it comes with the Writer.
	openRoom  [8]opened
	inUseRoom [4]Namespace
	attrsRoom [8]written
}

type opened struct {
	at, n int // of the qualified name in buf
	inUse int // length of Writer.inUse outside
}

// written is an attribute of the open start tag, by where its parts stand in
// buf: the blank before it, its local name, the equals sign, its end.
type written struct{ from, local, equals, to int }

// moved returns a as it stands in buf[by:].
func (a written) moved(by int) written {
	return written{a.from - by, a.local - by, a.equals - by, a.to - by}
}

func (a written) name(buf []byte) []byte { return buf[a.local:a.equals] }

// prefix is empty for an attribute in no namespace.
func (a written) prefix(buf []byte) []byte { return buf[a.from+1 : max(a.from+1, a.local-1)] }

// NewWriter returns a Writer that appends to buf and knows these prefixes. An
// element or attribute with the prefix "" is in no namespace.
func NewWriter(buf []byte, known ...Namespace) *Writer {
	w := &Writer{buf: buf, known: known}
	w.open, w.inUse, w.attrs = w.openRoom[:0], w.inUseRoom[:0], w.attrsRoom[:0]
	return w
}

// Start opens an element.
func (w *Writer) Start(prefix, local string) {
	w.finishTag()
	if w.closed {
		w.fail("one root element", quote(local))
		return
	}
	w.checkName(local)
	w.buf = append(w.buf, '<')
	at := len(w.buf)
	w.buf = appendName(w.buf, prefix, local)
	w.open = append(w.open, opened{at, len(w.buf) - at, len(w.inUse)})
	w.attrs = w.attrs[:0]
	w.inTag, w.sorted = true, true
	if w.use(prefix) {
		w.declare(w.inUse[len(w.inUse)-1])
	}
}

// Attr adds an attribute to the element just opened. The prefix is "" for an
// attribute in no namespace.
func (w *Writer) Attr(prefix, local, value string) {
	if !w.inTag {
		w.fail("an attribute right after Start", quote(local))
		return
	}
	a := w.startAttr(prefix, local)
	w.attrValue(value)
	a.to = len(w.buf)
	w.attrs = append(w.attrs, a)
}

// AttrBytes is Attr for a value that a caller has built in bytes.
func (w *Writer) AttrBytes(prefix, local string, value []byte) {
	for _, c := range value {
		if c >= utf8.RuneSelf || attrClass[c] != plain {
			w.Attr(prefix, local, string(value))
			return
		}
	}
	if !w.inTag {
		w.fail("an attribute right after Start", quote(local))
		return
	}
	a := w.startAttr(prefix, local)
	w.buf = append(w.buf, '=', '"')
	w.buf = append(w.buf, value...)
	w.buf = append(w.buf, '"')
	a.to = len(w.buf)
	w.attrs = append(w.attrs, a)
}

// startAttr writes the name of an attribute.
func (w *Writer) startAttr(prefix, local string) written {
	w.checkName(local)
	if n := len(w.attrs); prefix != "" || n > 0 && string(w.attrs[n-1].name(w.buf)) >= local {
		w.sorted = false // namespaces, order and doubles are seen to in finishTag
	}
	from := len(w.buf)
	w.buf = append(w.buf, ' ')
	w.buf = appendName(w.buf, prefix, local)
	return written{from: from, local: len(w.buf) - len(local), equals: len(w.buf)}
}

// Text writes characters inside the element.
func (w *Writer) Text(s string) {
	w.finishTag()
	if len(w.open) == 0 {
		w.fail("text inside an element", "text outside")
		return
	}
	w.value(s, false)
}

// End closes the innermost open element.
func (w *Writer) End() {
	w.finishTag()
	if len(w.open) == 0 {
		w.fail("an open element", "none")
		return
	}
	o := w.open[len(w.open)-1]
	w.open = w.open[:len(w.open)-1]
	w.inUse = w.inUse[:o.inUse]
	w.buf = append(w.buf, '<', '/')
	w.buf = append(w.buf, w.buf[o.at:o.at+o.n]...)
	w.buf = append(w.buf, '>')
	w.closed = len(w.open) == 0
}

// Leaf writes an element that holds only text.
func (w *Writer) Leaf(prefix, local, text string) {
	w.Start(prefix, local)
	w.Text(text)
	w.End()
}

// Len returns the number of bytes written so far, with the start tag that is
// still open finished: the place where the next child will stand.
func (w *Writer) Len() int {
	w.finishTag()
	return len(w.buf)
}

// Bytes returns what was written, or the first error (ErrWrite).
func (w *Writer) Bytes() ([]byte, error) {
	w.finishTag()
	if !w.closed {
		w.fail("one element, closed", "none or an open one")
	}
	if w.err != nil {
		return nil, w.err
	}
	return w.buf, nil
}

func (w *Writer) fail(expected, found string) {
	if w.err == nil {
		w.err = &Error{code: ErrWrite, expected: expected, found: found}
	}
}

// use takes the prefix into use in the open element, and tells whether it was
// not in use before. For elements in no namespace nothing is ever written, since
// a Writer declares no default namespace.
func (w *Writer) use(prefix string) (fresh bool) {
	if prefix == "" || prefix == "xml" {
		return false
	}
	for _, ns := range slices.Backward(w.inUse) {
		if ns.Prefix == prefix {
			return false
		}
	}
	for _, ns := range w.known {
		if ns.Prefix == prefix {
			w.inUse = append(w.inUse, ns)
			return true
		}
	}
	w.fail("a known prefix", quote(prefix))
	return false
}

func (w *Writer) declare(ns Namespace) {
	w.buf = append(w.buf, " xmlns:"...)
	w.buf = append(w.buf, ns.Prefix...)
	w.attrValue(ns.URI)
}

// finishTag ends the open start tag.
func (w *Writer) finishTag() {
	if !w.inTag {
		return
	}
	w.inTag = false
	if !w.sorted {
		w.sortTag()
	}
	w.buf = append(w.buf, '>')
}

// sortTag writes the open start tag again, with its namespace declarations and
// then its attributes in canonical order.
func (w *Writer) sortTag() {
	o := w.open[len(w.open)-1]
	start := o.at + o.n
	before := slices.Clone(w.buf[start:])
	w.buf = w.buf[:start]
	for i := range w.attrs {
		w.attrs[i] = w.attrs[i].moved(start)
	}
	for _, a := range w.attrs {
		w.use(string(a.prefix(before)))
	}
	declared := w.inUse[o.inUse:]
	slices.SortFunc(declared, func(a, b Namespace) int { return strings.Compare(a.Prefix, b.Prefix) })
	for _, ns := range declared {
		w.declare(ns)
	}
	compare := func(a, b written) int {
		if c := strings.Compare(w.uri(string(a.prefix(before))), w.uri(string(b.prefix(before)))); c != 0 {
			return c
		}
		return bytes.Compare(a.name(before), b.name(before))
	}
	slices.SortFunc(w.attrs, compare)
	for i, a := range w.attrs {
		if i > 0 && compare(w.attrs[i-1], a) == 0 {
			w.fail("each attribute once", quote(string(a.name(before))))
		}
		w.buf = append(w.buf, before[a.from:a.to]...)
	}
}

func (w *Writer) uri(prefix string) string {
	if prefix == "xml" {
		return xmlNamespace
	}
	for _, ns := range w.known {
		if ns.Prefix == prefix {
			return ns.URI
		}
	}
	return ""
}

// checkName fails on what is not a name without a colon.
func (w *Writer) checkName(local string) {
	i := 0
	for i < len(local) && nameClass[local[i]] != notInName {
		i++
	}
	if i > 0 && i == len(local) && nameClass[local[0]] == beginsName {
		return
	}
	if !IsNCName(local) {
		w.fail("a name without a colon", quote(local))
	}
}

func appendName(dst []byte, prefix, local string) []byte {
	if prefix != "" {
		dst = append(dst, prefix...)
		dst = append(dst, ':')
	}
	return append(dst, local...)
}

func (w *Writer) attrValue(v string) {
	w.buf = append(w.buf, '=', '"')
	w.value(v, true)
	w.buf = append(w.buf, '"')
}

// value appends s with the escapes of canonical XML, and fails on what XML
// cannot carry.
func (w *Writer) value(s string, inAttr bool) {
	class := &textClass
	if inAttr {
		class = &attrClass
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || class[s[i]] != plain {
			w.escaped(s, class, inAttr)
			return
		}
	}
	w.buf = append(w.buf, s...) // as most values are
}

func (w *Writer) escaped(s string, table *[256]class, inAttr bool) {
	if !utf8.ValidString(s) {
		w.fail("valid UTF-8", "a byte that is not UTF-8")
		return
	}
	start := 0
	for i := range len(s) {
		c := s[i]
		if table[c] == plain {
			continue
		}
		escape := escapeOf(c, inAttr)
		switch {
		case escape != "":
			w.buf = append(w.buf, s[start:i]...)
			w.buf = append(w.buf, escape...)
			start = i + 1
		case c < ' ', strings.HasPrefix(s[i:], "\ufffe"), strings.HasPrefix(s[i:], "\uffff"):
			w.fail("characters that XML allows", "one that it forbids")
			return
		}
	}
	w.buf = append(w.buf, s[start:]...)
}

// escapeOf returns how canonical XML 1.0 (2.3) writes c, or "" for as it is.
func escapeOf(c byte, inAttr bool) string {
	switch {
	case c == '&':
		return "&amp;"
	case c == '<':
		return "&lt;"
	case c == '\r':
		return "&#xD;"
	case c == '>' && !inAttr:
		return "&gt;"
	case c == '"' && inAttr:
		return "&quot;"
	case c == '\t' && inAttr:
		return "&#x9;"
	case c == '\n' && inAttr:
		return "&#xA;"
	}
	return ""
}

// appendUnescaped undoes the escapes of canonical XML.
func appendUnescaped(dst, value []byte) []byte {
	for {
		i := bytes.IndexByte(value, '&')
		if i < 0 {
			return append(dst, value...)
		}
		dst = append(dst, value[:i]...)
		value = value[i:]
		end := bytes.IndexByte(value, ';')
		dst = append(dst, unescape(value[1:end]))
		value = value[end+1:]
	}
}

// unescape returns the character that the name of an escape stands for.
func unescape(name []byte) byte {
	switch string(name) {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "#x9":
		return '\t'
	case "#xA":
		return '\n'
	}
	return '\r'
}

func (t *Tree) unescaped(s span) string {
	if bytes.IndexByte(t.bytes(s), '&') < 0 {
		return t.string(s)
	}
	return string(appendUnescaped(nil, t.bytes(s)))
}
