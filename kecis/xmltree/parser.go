package xmltree

import (
	"bytes"
	"slices"
	"sync"
	"unicode/utf8"
)

// Parser parses documents and lends its memory from one to the next. The zero
// Parser has the default limits. It may be used by several goroutines.
type Parser struct {
	// Limits bounds each document.
	Limits Limits

	free           sync.Pool // of *memory
	canonicalizers sync.Pool
}

// Parse reads one document with the default limits. The tree holds nothing of
// doc but for its positions (lines and columns).
func Parse(doc []byte) (*Tree, error) { return new(Parser).Parse(doc) }

// Parse reads one document. Errors are of type *Error.
func (p *Parser) Parse(doc []byte) (*Tree, error) {
	t, err := p.Open(doc)
	if err != nil {
		return nil, err
	}
	t.text = string(t.buf)
	return t, nil
}

// Open is like Parse, for a caller that will Cut or Release the tree: until Cut
// its names and values stand in lent memory, and each string is a copy.
func (p *Parser) Open(doc []byte) (*Tree, error) {
	m, _ := p.free.Get().(*memory)
	if m == nil {
		m = newMemory()
	}
	m.reset()
	t := &Tree{memory: m, source: doc, parser: p}
	s := scanner{memory: m, limits: p.Limits.filled(), src: doc}
	if err := s.document(); err != nil {
		t.Release()
		return nil, err
	}
	return t, nil
}

// Release gives the tree's memory back to its Parser. The tree and its elements
// must not be used any more; strings taken from it stay valid after Parse or Cut.
func (t *Tree) Release() {
	if t.released.Swap(true) {
		return // lent twice, the memory would mix two documents
	}
	m := t.memory
	t.memory, t.text, t.source = nil, "", nil
	if m != nil {
		t.parser.free.Put(m)
	}
}

// scanner reads one document into memory. What stands before from in src is in
// buf, in canonical form; what stands between from and pos is canonical as it
// is and will be copied in one piece.
type scanner struct {
	*memory
	limits   Limits
	src      []byte
	pos      int
	from     int
	elements int
	inScope  int // namespace declarations
}

func (s *scanner) fail(code Code, offset int, expected, found string) error {
	return &Error{code: code, expected: expected, found: found, place: place(s.src, offset)}
}

// at returns where in buf the byte at pos will stand.
func (s *scanner) at(pos int) uint32 { return uint32(len(s.buf) + pos - s.from) }

// flush copies what stands before pos.
func (s *scanner) flush(pos int) {
	s.buf = append(s.buf, s.src[s.from:pos]...)
	s.from = pos
}

// replace writes canonical in place of the bytes from start to end.
func (s *scanner) replace(start, end int, canonical string) {
	s.flush(start)
	s.buf = append(s.buf, canonical...)
	s.from = end
}

// document = BOM? XMLDecl? S? element S?
func (s *scanner) document() error {
	if len(s.src) > s.limits.Bytes {
		return s.fail(ErrTooLarge, 0, atMost(s.limits.Bytes, "bytes"), count(len(s.src)))
	}
	s.reserve()
	if err := s.encoding(); err != nil {
		return err
	}
	if err := s.declaration(); err != nil {
		return err
	}
	if err := s.between(); err != nil {
		return err
	}
	if s.pos == len(s.src) {
		return s.fail(ErrNotWellFormed, s.pos, "a root element", "the end of the document")
	}
	if err := s.root(); err != nil {
		return err
	}
	if err := s.between(); err != nil {
		return err
	}
	if s.pos < len(s.src) {
		return s.fail(ErrNotWellFormed, s.pos, "one root element", "a second element")
	}
	return s.uniqueIdentities()
}

// reserve makes room for a large document at once. Every element has one or two
// "<", and every text stands before one.
func (s *scanner) reserve() {
	const small = 16 << 10 // bytes; grows quickly enough by itself
	if len(s.src) < small {
		return
	}
	s.buf = slices.Grow(s.buf, len(s.src))
	if tags := bytes.Count(s.src, []byte{'<'}); tags <= 2*s.limits.Elements {
		s.nodes = slices.Grow(s.nodes, tags+tags/4)
	}
}

// encoding accepts UTF-8 with or without a byte order mark.
func (s *scanner) encoding() error {
	if !utf8.Valid(s.src) {
		return s.fail(ErrEncoding, invalidAt(s.src), "valid UTF-8", "a byte that is not UTF-8")
	}
	if bytes.HasPrefix(s.src, []byte("\ufeff")) {
		s.pos = len("\ufeff")
	}
	if i := bytes.IndexByte(s.src[:min(len(s.src), 4)], 0); i >= 0 {
		return s.fail(ErrEncoding, i, "UTF-8", "a zero byte, as in UTF-16 and UTF-32")
	}
	return nil
}

func invalidAt(b []byte) int {
	i := 0
	for i < len(b) {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		i += n
	}
	return i
}

// between skips white space before and after the root element, where nothing
// else is allowed.
func (s *scanner) between() error {
	s.skipSpace()
	if s.pos == len(s.src) {
		return nil
	}
	if s.src[s.pos] != '<' {
		return s.fail(ErrNotWellFormed, s.pos, "no text outside the root element", quote(string(s.src[s.pos:min(s.pos+16, len(s.src))])))
	}
	return s.refused()
}

// refused names the kinds of markup that a document must not hold.
func (s *scanner) refused() error {
	rest := s.src[s.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		return s.fail(ErrComment, s.pos, "no comment", "a comment")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return s.fail(ErrCDATA, s.pos, "escaped text", "a CDATA section")
	case bytes.HasPrefix(rest, []byte("<!DOCTYPE")):
		return s.fail(ErrDoctype, s.pos, "no document type", "<!DOCTYPE")
	case bytes.HasPrefix(rest, []byte("<!")):
		return s.fail(ErrNotWellFormed, s.pos, "an element", "a markup declaration")
	case len(rest) > 5 && bytes.HasPrefix(rest, []byte("<?xml")) && isSpace(rest[5]):
		return s.fail(ErrDeclaration, s.pos, "the XML declaration as the very first thing", "one further on")
	case bytes.HasPrefix(rest, []byte("<?")):
		return s.fail(ErrProcessingInstruction, s.pos, "no processing instruction", "a processing instruction")
	}
	return nil
}

func (s *scanner) skipSpace() bool {
	start := s.pos
	for s.pos < len(s.src) && isSpace(s.src[s.pos]) {
		s.pos++
	}
	return s.pos > start
}

// root reads the root element with all it holds, without recursion.
func (s *scanner) root() error {
	s.from = s.pos
	for {
		if err := s.markup(); err != nil {
			return err
		}
		if len(s.open) == 0 {
			s.flush(s.pos)
			return nil
		}
		if err := s.text(); err != nil {
			return err
		}
	}
}

// markup reads one start or end tag.
func (s *scanner) markup() error {
	if s.pos+1 >= len(s.src) {
		return s.fail(ErrNotWellFormed, s.pos, "a complete tag", "the end of the document")
	}
	switch s.src[s.pos+1] {
	case '/':
		return s.endTag()
	case '!', '?':
		return s.refused()
	}
	return s.startTag()
}

// endTag closes the innermost open element.
func (s *scanner) endTag() error {
	at := s.pos
	if len(s.open) == 0 {
		return s.fail(ErrNotWellFormed, at, "a start tag", "an end tag")
	}
	name := s.nameOf(&s.nodes[s.open[len(s.open)-1]])
	s.pos += len("</")
	if !bytes.HasPrefix(s.src[s.pos:], name) {
		return s.fail(ErrNotWellFormed, at, "</"+shorten(name)+">", "another end tag")
	}
	s.pos += len(name)
	if blank := s.pos; s.skipSpace() {
		s.replace(blank, s.pos, "")
	}
	if s.pos == len(s.src) || s.src[s.pos] != '>' {
		return s.fail(ErrNotWellFormed, at, "</"+shorten(name)+">", "another end tag")
	}
	s.pos++
	s.closeElement()
	return nil
}

// nameOf returns the qualified name of an element, whose tag stands in src.
func (s *scanner) nameOf(n *node) []byte {
	return s.src[n.source+1 : n.source+1+int32(n.name.n)]
}

// shorten shows a name of the document inside a text.
func shorten(name []byte) string {
	quoted := quote(string(name))
	return quoted[1 : len(quoted)-1]
}

// closeElement ends the innermost open element's subtree and the scope of its
// declarations.
func (s *scanner) closeElement() {
	n := &s.nodes[s.open[len(s.open)-1]]
	s.open = s.open[:len(s.open)-1]
	n.end, n.behind, n.till = int32(len(s.nodes)), int32(s.pos), s.at(s.pos)
	for i := n.decl + n.decls - 1; i >= n.decl; i-- {
		d := &s.decls[i]
		s.bound[d.prefix].uri = d.before
		s.inScope--
	}
}

// text reads the characters up to the next tag into a text node.
func (s *scanner) text() error {
	start, at := s.pos, s.at(s.pos)
	if err := s.characters(); err != nil {
		return err
	}
	if s.pos > start {
		till := s.at(s.pos)
		s.nodes = append(s.nodes, node{
			name:   span{at, till - at},
			parent: s.open[len(s.open)-1],
			end:    int32(len(s.nodes)) + 1,
			source: int32(start),
			behind: int32(s.pos),
			till:   till,
			prefix: isText,
		})
	}
	return nil
}

// characters reads text up to the next '<', with line ends normalised (XML 1.0,
// 2.11).
func (s *scanner) characters() error {
	src := s.src
	for {
		i := s.pos
		for i < len(src) && textClass[src[i]] == plain {
			i++
		}
		s.pos = i
		if i == len(src) {
			return s.fail(ErrNotWellFormed, i, "an end tag", "the end of the document")
		}
		switch src[i] {
		case '<':
			return nil
		case '>':
			if bytes.HasSuffix(src[:i], []byte("]]")) {
				return s.fail(ErrNotWellFormed, i, "]]&gt; in text", "]]>")
			}
			s.pos++
			s.replace(i, s.pos, "&gt;")
		case '\r':
			s.pos++
			if s.pos < len(src) && src[s.pos] == '\n' {
				s.pos++
			}
			s.replace(i, s.pos, "\n")
		default:
			if err := s.unusual(false); err != nil {
				return err
			}
		}
	}
}

// unusual reads a reference or a character that begins with 0xEF, and refuses
// forbidden ones.
func (s *scanner) unusual(inAttr bool) error {
	switch s.src[s.pos] {
	case '&':
		return s.reference(inAttr)
	case 0xef:
		r, n := utf8.DecodeRune(s.src[s.pos:])
		if !allowed(r) {
			return s.fail(ErrCharacter, s.pos, "characters that XML allows", "U+FFFE or U+FFFF")
		}
		s.pos += n
		return nil
	}
	return s.fail(ErrCharacter, s.pos, "characters that XML allows", "a control character")
}

// maxReference bounds a reference, in bytes: &#x10FFFF; with room for zeros.
const maxReference = 32

// reference reads a character reference or one of the five entities.
func (s *scanner) reference(inAttr bool) error {
	at := s.pos
	window := s.src[at+1 : min(at+maxReference, len(s.src))]
	end := bytes.IndexByte(window, ';')
	if end < 0 {
		return s.fail(ErrEntity, at, "a reference that ends with a semicolon", "an ampersand without one nearby")
	}
	name := window[:end]
	s.pos = at + end + len("&;")
	if len(name) > 0 && name[0] == '#' {
		r, ok := characterNumber(name[1:])
		if !ok || !allowed(r) {
			return s.fail(ErrCharacter, at, "a reference to a character that XML allows", quote(string(name)))
		}
		s.flush(at)
		s.appendCharacter(r, inAttr)
		s.from = s.pos
		return nil
	}
	switch string(name) {
	case "amp", "lt":
		return nil // as canonical XML writes them
	case "gt":
		if inAttr {
			s.replace(at, s.pos, ">")
		}
	case "quot":
		if !inAttr {
			s.replace(at, s.pos, `"`)
		}
	case "apos":
		s.replace(at, s.pos, "'")
	default:
		return s.fail(ErrEntity, at, "amp, lt, gt, quot or apos", quote(string(name)))
	}
	return nil
}

func (s *scanner) appendCharacter(r rune, inAttr bool) {
	if r < utf8.RuneSelf {
		if escape := escapeOf(byte(r), inAttr); escape != "" {
			s.buf = append(s.buf, escape...)
			return
		}
	}
	s.buf = utf8.AppendRune(s.buf, r)
}

// characterNumber reads the number of a character reference, "65" or "x41".
func characterNumber(digits []byte) (rune, bool) {
	base := rune(10)
	if len(digits) > 0 && digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	var r rune
	for _, c := range digits {
		var d rune
		switch {
		case c >= '0' && c <= '9':
			d = rune(c - '0')
		case base == 16 && c >= 'a' && c <= 'f':
			d = rune(c-'a') + 10
		case base == 16 && c >= 'A' && c <= 'F':
			d = rune(c-'A') + 10
		default:
			return 0, false
		}
		if r = r*base + d; r > utf8.MaxRune {
			return 0, false
		}
	}
	return r, len(digits) > 0
}
