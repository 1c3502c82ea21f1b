package foreign

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Trees makes random documents that are hard to canonicalise and yet legal: in
// the subset of XML that the standard reads, so without comments, processing
// instructions, CDATA and document types, and within its limits but for the
// declarations in scope and the depth, of which MostNamespaces and MostDepth
// tell. The same seed gives the same documents.
//
// They rebind prefixes, undeclare the default namespace, declare what is not
// used and what is declared already, bind several prefixes to one namespace, use
// attributes of many namespaces and of xml:, and write every character in every
// way: as it is, by reference, by entity, with each kind of line end and white
// space.
type Trees struct {
	random *rand.Rand
	// NonBMP also uses characters beyond U+FFFF and above U+E000 in names.
	NonBMP bool
	// Fragment leaves out what can stand around a document's root only, so that
	// documents can be put into others.
	Fragment bool
	// Depth bounds the nesting; 0 is MostDepth.
	Depth int
	// Without leaves features out, for programs that are known to fail on them.
	Without Feature

	out      bytes.Buffer
	scope    []binding // innermost last; "" is the default namespace
	elements int
	left     int // elements that may still be made
	ids      int
}

type binding struct{ prefix, uri string }

// Feature is a set of things that programs are known to canonicalise wrongly.
type Feature uint

// The features that can be left out.
const (
	// AttributeSpace is literal tabs and line ends in attribute values.
	AttributeSpace Feature = 1 << iota
	// Undeclaring is xmlns="".
	Undeclaring
	// ManyNamespaces is attributes of several namespaces on one element.
	ManyNamespaces
	// Rebinding is a prefix, or the default namespace, that is bound to another
	// namespace inside.
	Rebinding
	// DeclaredXML is a declaration of the prefix xml.
	DeclaredXML
)

func (s *Trees) has(feature Feature) bool { return s.Without&feature == 0 }

// The bounds of what Trees makes.
const (
	MostDepth      = 60 // the standard reads 64
	MostNamespaces = MostDepth * mostDeclarations
	MostElements   = 400

	mostDeclarations = 4
	mostAttributes   = 7
	mostCharacters   = 12
)

// Document is a random document and the number of its elements.
type Document struct {
	XML      []byte
	Elements int
}

// NewTrees starts a row of random documents.
func NewTrees(seed uint64) *Trees {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return &Trees{random: rand.New(rand.NewChaCha8(key))} //nolint:gosec // must be the same each time
}

// Next makes a document: mostly small, some deep, some wide.
func (s *Trees) Next() Document {
	s.out.Reset()
	s.scope = s.scope[:0]
	s.elements, s.ids = 0, 0
	if !s.Fragment && s.one(8) {
		s.out.WriteString("\ufeff")
	}
	if !s.Fragment && s.one(3) {
		s.out.WriteString(s.pick("<?xml version=\"1.0\"?>", "<?xml version='1.0' encoding='utf-8' ?>\r\n", "<?xml  version=\"1.0\"\tencoding=\"UTF-8\"\nstandalone=\"yes\"?>\n"))
	}
	depth := MostDepth
	if s.Depth > 0 {
		depth = s.Depth
	}
	switch s.random.IntN(10) {
	case 0: // deep
		s.left = depth
		s.element(1, depth, 1)
	case 1: // wide
		s.left = MostElements
		s.element(1, min(depth, 3), MostElements)
	default:
		s.left = 2 + s.random.IntN(30)
		s.element(1, min(depth, 8), 5)
	}
	if !s.Fragment && s.one(3) {
		s.out.WriteString(s.pick("\n", " \r\n\t", "\r"))
	}
	return Document{bytes.Clone(s.out.Bytes()), s.elements}
}

// Prefixes returns a random InclusiveNamespaces PrefixList: prefixes that may be
// in scope or not, that nobody declares, and the default namespace.
func (s *Trees) Prefixes() []string {
	pool := append(s.prefixes(), "#default", "unknown")
	s.random.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
	return pool[:1+s.random.IntN(4)]
}

// Number returns a random number below n.
func (s *Trees) Number(n int) int { return s.random.IntN(n) }

// element writes an element with up to so many children in each of up to so many levels.
func (s *Trees) element(depth, deepest, children int) {
	s.elements++
	s.left--
	outer := len(s.scope)
	declared := s.declarations()
	name := s.elementName()
	s.out.WriteString("<" + name)
	attributes := append(s.attributes(), declared...)
	s.random.Shuffle(len(attributes), func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })
	for _, attribute := range attributes {
		s.out.WriteString(s.space(1))
		s.out.WriteString(attribute)
	}
	s.out.WriteString(s.space(0))
	count := 0
	if depth < deepest {
		count = s.random.IntN(children + 1)
		if children == 1 || children == MostElements {
			count = children // deep and wide ones are as large as they may be
		}
	}
	if count == 0 && s.one(2) {
		s.out.WriteString("/>")
		s.scope = s.scope[:outer]
		return
	}
	s.out.WriteString(">")
	s.text()
	for i := 0; i < count && s.left > 0; i++ {
		s.element(depth+1, deepest, min(children, 3))
		s.text()
	}
	s.out.WriteString("</" + name + s.space(0) + ">")
	s.scope = s.scope[:outer]
}

// declarations brings namespaces into scope and returns what declares them.
func (s *Trees) declarations() []string {
	var written, names []string
	for range s.random.IntN(mostDeclarations + 1) {
		b := binding{s.pick(append(s.prefixes(), "", "")...), s.uri()}
		if slices.Contains(names, b.prefix) {
			continue
		}
		if uri, ok := s.bound(b.prefix); ok && (s.one(6) || !s.has(Rebinding)) {
			b.uri = uri // once more what is in scope already
		} else if b.prefix == "" && s.one(3) && s.has(Undeclaring) {
			b.uri = "" // xmlns="" undeclares
		}
		names = append(names, b.prefix)
		s.scope = append(s.scope, b)
		name := "xmlns"
		if b.prefix != "" {
			name += ":" + b.prefix
		}
		written = append(written, name+s.equals()+s.quoted(b.uri))
	}
	if s.one(40) && s.has(DeclaredXML) { // legal, and never to be written
		written = append(written, `xmlns:xml="http://www.w3.org/XML/1998/namespace"`)
	}
	return written
}

// bound returns what a prefix is bound to, innermost first.
func (s *Trees) bound(prefix string) (uri string, ok bool) {
	for _, b := range slices.Backward(s.scope) {
		if b.prefix == prefix {
			return b.uri, true
		}
	}
	return "", false
}

// inScope returns the prefixes that names may have here.
func (s *Trees) inScope() []string {
	var found []string
	for _, b := range s.scope {
		if b.prefix != "" && !slices.Contains(found, b.prefix) {
			found = append(found, b.prefix)
		}
	}
	return found
}

func (s *Trees) elementName() string {
	prefixes := s.inScope()
	if len(prefixes) == 0 || s.one(3) {
		return s.local()
	}
	return s.pick(prefixes...) + ":" + s.local()
}

// attributes returns attributes of different expanded names.
func (s *Trees) attributes() []string {
	var written []string
	seen := map[binding]bool{}
	prefixes := append(s.inScope(), "", "xml")
	if !s.has(ManyNamespaces) {
		prefixes = []string{"", s.pick(prefixes...)}
	}
	for range s.random.IntN(mostAttributes + 1) {
		prefix, local, value := s.pick(prefixes...), s.local(), s.value()
		var uri string
		switch prefix {
		case "":
		case "xml":
			local, value = s.xmlAttribute()
			uri = "xml"
		default:
			uri, _ = s.bound(prefix)
		}
		name := binding{local, uri}
		if seen[name] {
			continue
		}
		seen[name] = true
		if prefix != "" {
			local = prefix + ":" + local
		}
		written = append(written, local+s.equals()+value)
	}
	return written
}

// xmlAttribute returns an attribute of the xml namespace and its quoted value.
func (s *Trees) xmlAttribute() (local, value string) {
	switch s.random.IntN(4) {
	case 0:
		return "lang", s.quoted(s.pick("ko", "en", ""))
	case 1:
		return "space", s.quoted(s.pick("preserve", "default"))
	case 2:
		return "base", s.quoted("http://example.com/" + strconv.Itoa(s.random.IntN(9)))
	default:
		s.ids++
		return "id", fmt.Sprintf(`"id%d"`, s.ids)
	}
}

// value returns a quoted attribute value of any characters.
func (s *Trees) value() string {
	quote := s.pick(`"`, `'`)
	var b bytes.Buffer
	b.WriteString(quote)
	for range s.random.IntN(mostCharacters) {
		c := s.character()
		if !s.has(AttributeSpace) && strings.Trim(c, "\t\r\n") == "" {
			c = " "
		}
		if c == quote {
			c = map[string]string{`"`: "&#x22;", `'`: "&#39;"}[c]
		}
		b.WriteString(c)
	}
	b.WriteString(quote)
	return b.String()
}

// quoted writes a value that holds no markup, but perhaps an ampersand.
func (s *Trees) quoted(value string) string {
	quote := s.pick(`"`, `'`)
	var b bytes.Buffer
	b.WriteString(quote)
	for _, r := range value {
		switch {
		case r == '&':
			b.WriteString(s.pick("&amp;", "&#38;", "&#x26;"))
		case r == '\'' && quote == "'":
			b.WriteString("&apos;")
		case s.one(30):
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteString(quote)
	return b.String()
}

func (s *Trees) text() {
	if s.one(3) {
		return
	}
	brackets := 0
	for range s.random.IntN(mostCharacters) {
		c := s.character()
		if c == ">" && brackets >= 2 {
			c = "&gt;" // "]]>" must not stand in text
		}
		if c == "]" {
			brackets++
		} else {
			brackets = 0
		}
		s.out.WriteString(c)
	}
}

// character returns one character of content or of an attribute value, in one of
// the ways in which it may be written.
func (s *Trees) character() string {
	return s.pick(
		"a", "Z", "0", " ", "  ", "\t", "\n", "\r", "\r\n", "\n\r",
		"&#9;", "&#xA;", "&#10;", "&#13;", "&#xD;", "&#x0000D;", "&#32;",
		"&amp;", "&#38;", "&lt;", "&#60;", "&gt;", "&#x3e;", ">", "]", "]", `"`, "'", "&quot;", "&apos;", "&#34;", "&#39;",
		"가", "힣", "é", "e\u0301", "&#xAC00;", "\u0085", "\u00a0", "\u2028", "\ufeff", "\ufffd", "\ue000",
		"\U0001F600", "&#x1F600;", "&#128512;", "\U00020000", "&#x10FFFD;", "\u007f", "/", "=", "xmlns", "-->", "amp;", "#",
	)
}

// local returns a local name.
func (s *Trees) local() string {
	if s.NonBMP && s.one(2) {
		return s.pick("\U00020000", "\uf900", "\ufdf0", "\U00010000", "a\U0001F600", "a\ufffd", "\uac00\U00020000")
	}
	return s.pick("a", "b", "A", "a1", "a-1", "a.b", "a_", "_", "aa", "xm", "가", "값-1", "é", "z\u00b7", "lang", "Signature", "xmlnsx")
}

// prefixes returns the prefixes that documents declare.
func (s *Trees) prefixes() []string {
	all := []string{"a", "b", "B", "a1", "a10", "a2", "n.1", "n-1", "_", "가", "ds", "xs"}
	if s.NonBMP {
		all = append(all, "\U00020000", "\uf900")
	}
	return all
}

// uri returns a namespace; their order differs from that of the prefixes.
func (s *Trees) uri() string {
	return s.pick("urn:z", "urn:a", "urn:a:b", "urn:A", "http://example.com/", "http://example.com/a", "http://example.com/a?x=1&y=2",
		"http://example.com/a'b", "http://www.w3.org/2000/09/xmldsig#", "urn:oasis:names:tc:SAML:2.0:assertion")
}

func (s *Trees) equals() string {
	if s.one(8) {
		return s.space(0) + "=" + s.space(0)
	}
	return "="
}

// space returns white space, of at least so many characters.
func (s *Trees) space(least int) string {
	if least == 0 && !s.one(6) {
		return ""
	}
	return s.pick(" ", " ", " ", "\n", "\t", "\r\n", " \r ", "  \t")
}

func (s *Trees) one(in int) bool { return s.random.IntN(in) == 0 }

func (s *Trees) pick(from ...string) string { return from[s.random.IntN(len(from))] }
