package xmltree

import "unicode/utf8"

// class sorts bytes by what a scanner has to do with them.
type class uint8

const (
	plain   class = iota // goes from input to output as it is
	special              // needs a look: markup, escape, line end, forbidden
)

// textClass and attrClass hold the class of each byte in text and in attribute
// values. 0xEF begins U+FFFE and U+FFFF, the two that valid UTF-8 may encode
// and XML forbids; all other non-ASCII bytes are plain, because the document as
// a whole was found to be valid UTF-8.
var (
	textClass = classes("<&>\r\xef", "\t\n")
	attrClass = classes("<&\"'\t\n\r\xef", "")
)

func classes(specials, controls string) (table [256]class) {
	for c := range ' ' {
		table[c] = special
	}
	for i := range len(controls) {
		table[controls[i]] = plain
	}
	for i := range len(specials) {
		table[specials[i]] = special
	}
	return table
}

// nameClass holds, for ASCII, whether a byte may begin a name, stand in one or
// neither. Other bytes are notInName: they need a look at the character.
var nameClass = nameClasses()

const (
	notInName = iota
	inName
	beginsName
)

func nameClasses() (table [256]uint8) {
	for c := range utf8.RuneSelf {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
			table[c] = beginsName
		case c >= '0' && c <= '9', c == '-', c == '.':
			table[c] = inName
		}
	}
	return table
}

// nameKind sorts a character by XML 1.0 (fifth edition) productions 4 and 4a,
// the colon left out as Namespaces in XML 1.0 wants.
func nameKind(r rune) int {
	switch {
	case r < utf8.RuneSelf:
		return int(nameClass[r])
	case r >= 0xc0 && r <= 0x2ff && r != 0xd7 && r != 0xf7,
		r >= 0x370 && r <= 0x1fff && r != 0x37e,
		r == 0x200c, r == 0x200d,
		r >= 0x2070 && r <= 0x218f,
		r >= 0x2c00 && r <= 0x2fef,
		r >= 0x3001 && r <= 0xd7ff,
		r >= 0xf900 && r <= 0xfdcf,
		r >= 0xfdf0 && r <= 0xfffd,
		r >= 0x10000 && r <= 0xeffff:
		return beginsName
	case r == 0xb7, r >= 0x300 && r <= 0x36f, r == 0x203f, r == 0x2040:
		return inName
	}
	return notInName
}

// IsNCName reports whether s is a name without a colon (Namespaces in XML 1.0,
// production 4), as every ID must be.
func IsNCName(s string) bool {
	for i, r := range s {
		if kind := nameKind(r); kind == notInName || i == 0 && kind != beginsName {
			return false
		}
		if r == utf8.RuneError && s[i] != 0xef {
			return false
		}
	}
	return s != ""
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// allowed reports whether XML 1.0 production 2 allows the character.
func allowed(r rune) bool {
	switch {
	case r < ' ':
		return r == '\t' || r == '\n' || r == '\r'
	case r >= 0xd800 && r <= 0xdfff, r == 0xfffe, r == 0xffff:
		return false
	}
	return r <= utf8.MaxRune
}
