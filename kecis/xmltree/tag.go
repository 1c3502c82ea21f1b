package xmltree

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// startTag reads a start tag or an empty-element tag into a node.
func (s *scanner) startTag() error {
	at := s.pos
	if s.elements++; s.elements > s.limits.Elements {
		return s.fail(ErrTooManyElements, at, atMost(s.limits.Elements, "elements"), "one more")
	}
	if len(s.open) >= s.limits.Depth {
		return s.fail(ErrTooDeep, at, atMost(s.limits.Depth, "levels"), "one more")
	}
	index := int32(len(s.nodes))
	n := node{parent: -1, source: int32(at), attr: int32(len(s.attrs)), decl: int32(len(s.decls))}
	if len(s.open) > 0 {
		n.parent = s.open[len(s.open)-1]
	}
	behind, colon, err := s.name(at + 1)
	if err != nil {
		return err
	}
	n.name = span{s.at(at + 1), uint32(behind - at - 1)}
	n.prefix = s.prefixOf(at+1, colon)
	s.pos = behind
	s.nodes = append(s.nodes, n)
	s.open = append(s.open, index)
	empty, err := s.attributes(index)
	if err != nil {
		return err
	}
	if err := s.resolve(index); err != nil {
		return err
	}
	if empty {
		s.closeElement()
	}
	return nil
}

// name returns the end of the qualified name that begins at start, and where
// its colon is, or -1.
func (s *scanner) name(start int) (end, colon int, err error) {
	end, ok := s.ncName(start)
	colon = -1
	if ok && end < len(s.src) && s.src[end] == ':' {
		colon = end
		end, ok = s.ncName(end + 1)
	}
	if !ok || end < len(s.src) && s.src[end] == ':' {
		return 0, 0, s.fail(ErrName, start, "a name with at most one colon, inside it", quote(string(s.src[start:min(end+8, len(s.src))])))
	}
	if end-start > s.limits.Name {
		return 0, 0, s.fail(ErrNameTooLong, start, atMost(s.limits.Name, "bytes in a name"), count(end-start))
	}
	return end, colon, nil
}

// ncName returns the end of the name without colon that begins at i, if one does.
func (s *scanner) ncName(i int) (end int, ok bool) {
	src, start := s.src, i
	for {
		for i < len(src) && nameClass[src[i]] != notInName {
			i++
		}
		if i == len(src) || src[i] < utf8.RuneSelf {
			break
		}
		r, size := utf8.DecodeRune(src[i:])
		if nameKind(r) == notInName {
			break
		}
		i += size
	}
	first, _ := utf8.DecodeRune(src[start:])
	return i, i > start && nameKind(first) == beginsName
}

// prefixOf numbers the prefix of a name, which ends at the colon.
func (s *scanner) prefixOf(start, colon int) int32 {
	if colon < 0 {
		return noPrefix
	}
	return s.prefix(s.src[start:colon])
}

func (s *scanner) prefix(b []byte) int32 {
	id := s.prefixes.id(b)
	for int(id) >= len(s.bound) {
		s.bound = append(s.bound, binding{uri: unbound})
	}
	return id
}

// attributes reads the rest of a start tag; empty tells whether it ended in "/>".
func (s *scanner) attributes(index int32) (empty bool, err error) {
	for {
		blank := s.pos
		spaced := s.skipSpace()
		if s.pos == len(s.src) {
			return false, s.fail(ErrNotWellFormed, s.pos, "the end of the tag", "the end of the document")
		}
		switch {
		case s.src[s.pos] == '>':
			if spaced {
				s.replace(blank, s.pos, "")
			}
			s.pos++
			return false, nil
		case s.src[s.pos] == '/':
			return true, s.emptyTag(index, blank)
		case !spaced:
			return false, s.fail(ErrNotWellFormed, s.pos, "white space, > or />", "something else")
		}
		if err := s.attribute(index, blank); err != nil {
			return false, err
		}
	}
}

// emptyTag reads "/>" and writes the two tags of canonical XML.
func (s *scanner) emptyTag(index int32, blank int) error {
	if s.pos+1 == len(s.src) || s.src[s.pos+1] != '>' {
		return s.fail(ErrNotWellFormed, s.pos, "/>", "a slash")
	}
	s.pos += len("/>")
	s.replace(blank, s.pos, "></")
	s.buf = append(s.buf, s.nameOf(&s.nodes[index])...)
	s.buf = append(s.buf, '>')
	return nil
}

// attribute reads name="value", with the white space from blank on before it,
// and keeps it as an attribute or a declaration.
func (s *scanner) attribute(index int32, blank int) error {
	at := s.pos
	behind, colon, err := s.name(at)
	if err != nil {
		return err
	}
	prefix := s.prefixOf(at, colon)
	if declared, ok := s.declares(s.src[at:behind], prefix); ok {
		return s.namespace(index, declared, blank, behind)
	}
	if at-blank != 1 || s.src[blank] != ' ' {
		s.replace(blank, at, " ")
	}
	a := attr{name: span{s.at(at), uint32(behind - at)}, prefix: prefix, source: int32(at)}
	if a.value, err = s.value(behind); err != nil {
		return err
	}
	n := &s.nodes[index]
	if n.attrs++; int(n.attrs) > s.limits.Attributes {
		return s.fail(ErrTooManyAttributes, at, atMost(s.limits.Attributes, "attributes"), "one more")
	}
	s.attrs = append(s.attrs, a)
	return nil
}

// namespace reads the value of a declaration, and takes it out of buf.
func (s *scanner) namespace(index, prefix int32, blank, behind int) error {
	at := s.pos
	s.flush(blank)
	mark := len(s.buf)
	value, err := s.value(behind)
	if err != nil {
		return err
	}
	s.flush(s.pos)
	uri := s.bytes(value)
	s.buf = s.buf[:mark]
	return s.declare(index, prefix, uri, at)
}

// value reads the equals sign behind a name and the quoted value, normalised as
// XML 1.0 (3.3.3) says for attributes of type CDATA.
func (s *scanner) value(behind int) (span, error) {
	src := s.src
	s.pos = behind
	s.skipSpace()
	if s.pos == len(src) || src[s.pos] != '=' {
		return span{}, s.fail(ErrNotWellFormed, s.pos, "= after the name of an attribute", "something else")
	}
	s.pos++
	s.skipSpace()
	if s.pos == len(src) || src[s.pos] != '"' && src[s.pos] != '\'' {
		return span{}, s.fail(ErrNotWellFormed, s.pos, "a value in quotation marks", "something else")
	}
	start, delimiter := s.pos, src[s.pos]
	s.pos++
	if s.pos-behind != len(`="`) || delimiter != '"' {
		s.replace(behind, s.pos, `="`)
	}
	at := s.at(s.pos)
	if err := s.valueCharacters(start, delimiter); err != nil {
		return span{}, err
	}
	till := s.at(s.pos)
	if delimiter != '"' {
		s.replace(s.pos, s.pos+1, `"`)
	}
	s.pos++
	return span{at, till - at}, nil
}

// valueCharacters reads up to the delimiter.
func (s *scanner) valueCharacters(start int, delimiter byte) error {
	src := s.src
	for {
		i := s.pos
		for i < len(src) && attrClass[src[i]] == plain {
			i++
		}
		s.pos = i
		if i == len(src) {
			return s.fail(ErrNotWellFormed, start, "a closing quotation mark", "the end of the document")
		}
		switch c := src[i]; c {
		case delimiter:
			return nil
		case '\'':
			s.pos++
		case '"':
			s.pos++
			s.replace(i, s.pos, "&quot;")
		case '<':
			return s.fail(ErrNotWellFormed, i, "&lt; in a value", "<")
		case '\t', '\n', '\r':
			s.pos++
			if c == '\r' && s.pos < len(src) && src[s.pos] == '\n' {
				s.pos++
			}
			s.replace(i, s.pos, " ")
		default:
			if err := s.unusual(true); err != nil {
				return err
			}
		}
	}
}

// declares tells whether the attribute is a namespace declaration, and of which
// prefix.
func (s *scanner) declares(name []byte, prefix int32) (declared int32, ok bool) {
	if prefix == noPrefix {
		return noPrefix, string(name) == "xmlns"
	}
	if s.prefixes.list[prefix] != "xmlns" {
		return 0, false
	}
	return s.prefix(name[len("xmlns:"):]), true
}

// declare binds a prefix from the element at index on. The value is escaped.
func (s *scanner) declare(index, prefix int32, value []byte, at int) error {
	if bytes.IndexByte(value, '&') >= 0 {
		value = appendUnescaped(nil, value)
	}
	if len(value) > s.limits.URI {
		return s.fail(ErrNameTooLong, at, atMost(s.limits.URI, "bytes in a namespace"), count(len(value)))
	}
	if err := s.checkBinding(prefix, value, at); err != nil {
		return err
	}
	b := &s.bound[prefix]
	if b.at == index+1 {
		return s.fail(ErrDuplicateAttribute, at, "each prefix declared once", quote(s.prefixes.list[prefix]))
	}
	if s.inScope++; s.inScope > s.limits.Namespaces {
		return s.fail(ErrTooManyNamespaces, at, atMost(s.limits.Namespaces, "declarations in scope"), "one more")
	}
	uri := s.uris.id(value)
	s.decls = append(s.decls, declaration{prefix: prefix, uri: uri, before: b.uri})
	s.nodes[index].decls++
	b.uri, b.at = uri, index+1
	return nil
}

// checkBinding holds the rules of Namespaces in XML 1.0 (2.2, 3), and asks for
// absolute URIs, since canonical XML cannot handle others (Canonical XML 1.0, 1.3).
func (s *scanner) checkBinding(prefix int32, uri []byte, at int) error {
	name := s.prefixes.list[prefix]
	switch {
	case name == "xmlns" || string(uri) == xmlnsNamespace:
		return s.fail(ErrNamespace, at, "no use of the prefix or namespace xmlns", quote(name))
	case (name == "xml") != (string(uri) == xmlNamespace):
		return s.fail(ErrNamespace, at, "the prefix xml and its namespace only together", quote(name))
	case len(uri) == 0 && prefix != noPrefix:
		return s.fail(ErrNamespace, at, "a namespace for the prefix", "an empty one")
	case len(uri) > 0 && !absoluteURI(uri):
		return s.fail(ErrNamespace, at, "an absolute URI of ASCII characters", quote(string(uri)))
	}
	return nil
}

// absoluteURI reports whether u begins with a scheme and holds only characters
// of RFC 3986.
func absoluteURI(u []byte) bool {
	colon := bytes.IndexByte(u, ':')
	if colon < 1 {
		return false
	}
	for i, c := range u {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		switch {
		case letter:
		case i < colon:
			if i == 0 || !(c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.') {
				return false
			}
		case c <= ' ' || c >= 0x7f || strings.IndexByte("<>\"{}|\\^`", c) >= 0:
			return false
		}
	}
	return true
}

// resolve finds the namespaces of the element and its attributes, brings these
// into canonical order and refuses doubles.
func (s *scanner) resolve(index int32) error {
	n := &s.nodes[index]
	if n.uri = s.bound[n.prefix].uri; n.uri == unbound {
		return s.fail(ErrUndeclaredPrefix, int(n.source), "a declared prefix", quote(s.prefixes.list[n.prefix]))
	}
	attrs := s.attrs[n.attr : n.attr+n.attrs]
	for i := range attrs {
		a := &attrs[i]
		if a.prefix != noPrefix {
			if a.uri = s.bound[a.prefix].uri; a.uri == unbound {
				return s.fail(ErrUndeclaredPrefix, int(a.source), "a declared prefix", quote(s.prefixes.list[a.prefix]))
			}
		}
		if (a.name.n == idLength || a.prefix == xmlPrefix) && s.identifies(a) {
			s.identities = append(s.identities, identity{a.name, a.value, a.source})
		}
	}
	if len(attrs) < 2 {
		return nil
	}
	n.reordered = s.sortAttrs(attrs)
	for i := 1; i < len(attrs); i++ {
		if s.compareAttrs(attrs[i-1], attrs[i]) == 0 {
			return s.fail(ErrDuplicateAttribute, int(max(attrs[i-1].source, attrs[i].source)), "each attribute once", quote(string(s.attrName(&attrs[i]))))
		}
	}
	return nil
}

// fewAttrs is the number up to which insertion is the quickest way to sort.
const fewAttrs = 12

// sortAttrs brings attributes into canonical order and tells whether they were
// in another.
func (s *scanner) sortAttrs(attrs []attr) (reordered bool) {
	if len(attrs) > fewAttrs {
		reordered = !slices.IsSortedFunc(attrs, s.compareAttrs)
		slices.SortFunc(attrs, s.compareAttrs)
		return reordered
	}
	for i := 1; i < len(attrs); i++ {
		for j := i; j > 0 && s.compareAttrs(attrs[j], attrs[j-1]) < 0; j-- {
			attrs[j], attrs[j-1] = attrs[j-1], attrs[j]
			reordered = true
		}
	}
	return reordered
}

// compareAttrs orders by namespace URI, then local name (Canonical XML 1.0, 2.3).
func (s *scanner) compareAttrs(a, b attr) int {
	if a.prefix|b.prefix == noPrefix {
		return bytes.Compare(s.attrName(&a), s.attrName(&b))
	}
	if a.uri != b.uri {
		return strings.Compare(s.uris.list[a.uri], s.uris.list[b.uri])
	}
	return bytes.Compare(s.attrLocal(&a), s.attrLocal(&b))
}

// attrName returns the qualified name of an attribute, as it stands in src.
func (s *scanner) attrName(a *attr) []byte {
	return s.src[a.source : a.source+int32(a.name.n)]
}

func (s *scanner) attrLocal(a *attr) []byte {
	name := s.attrName(a)
	if a.prefix != noPrefix {
		name = name[len(s.prefixes.list[a.prefix])+1:]
	}
	return name
}

// idLength is that of ID, Id and id: most attributes have longer names.
const idLength = 2

// identifies reports whether the attribute may identify its element: ID of
// SAML, Id of XML Signature, id of ECML, and xml:id.
func (s *scanner) identifies(a *attr) bool {
	if a.uri != noURI && a.uri != xmlURI {
		return false
	}
	switch string(s.attrLocal(a)) {
	case "ID", "Id":
		return a.uri == noURI
	case "id":
		return true
	}
	return false
}

// uniqueIdentities refuses two identifiers of the same value in one document.
func (s *scanner) uniqueIdentities() error {
	ids := s.identities
	if len(ids) < 2 {
		return nil
	}
	slices.SortFunc(ids, func(a, b identity) int { return bytes.Compare(s.bytes(a.value), s.bytes(b.value)) })
	for i := 1; i < len(ids); i++ {
		if bytes.Equal(s.bytes(ids[i-1].value), s.bytes(ids[i].value)) {
			return s.fail(ErrDuplicateID, int(max(ids[i-1].source, ids[i].source)), "each identifier once", quote(string(s.bytes(ids[i].value))))
		}
	}
	return nil
}
