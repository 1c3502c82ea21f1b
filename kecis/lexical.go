package kecis

import (
	"encoding/base64"
	"unicode/utf8"
)

// The bounds of identifiers and texts. Those of orders and transactions are the
// intersection of what Korean payment gateways accept, so that no adapter has
// to shorten one.
const (
	// minOrderID and maxOrderID bound an order ID: one large gateway asks for 6
	// at least, another takes 40 at most.
	minOrderID, maxOrderID = 6, 40
	// maxToken bounds transaction and merchant IDs: the longest transaction ID
	// seen has 30 characters.
	maxToken = 40
	// maxApproval bounds an approval code: domestic ones have 8 digits, the
	// widest field seen 30.
	maxApproval = 30
	// maxCode bounds a reason code.
	maxCode = 64
	// maxURI bounds an entityID or address (SAML metadata 2.2.1: 1,024).
	maxURI = 1024
	// maxName bounds the names of payees and lines, in characters: what a
	// statement or a page shows.
	maxName = 100
	// maxText bounds the texts of a status, in characters: a sentence or two.
	maxText = 400
	// maxRef bounds an InstrumentRef: 256 random bits in hexadecimal.
	maxRef = 64
	// minRef keeps an InstrumentRef from being guessed: 96 bits in base64url.
	minRef = 16
	// maxAttempt and maxPart bound the counters of an OrderRef: two digits.
	maxAttempt, maxPart = 99, 99
	// maxQuantity bounds the quantity of a line: six digits.
	maxQuantity = 999_999
)

const (
	orderIDForm  = "6 to 40 of A-Z a-z 0-9 - _"
	tokenForm    = "1 to 40 of A-Z a-z 0-9 - _"
	refForm      = "16 to 64 of A-Z a-z 0-9 - _"
	approvalForm = "1 to 30 of A-Z a-z 0-9"
	codeForm     = "a reason code: words of a-z 0-9 joined by hyphens, at most 64"
	uriForm      = "an absolute URI in ASCII of at most 1024 bytes"
	textForm     = "a text without blanks around it, line breaks or control characters, within its length"
	countForm    = "1 to 99, without leading zeros"
	brandForm    = "2 to 16 of A-Z 0-9, at most 4 of them digits"
)

// token reports whether s has from least to most of A-Z a-z 0-9 - _.
func token(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !alphanumeric(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || digit(c)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func validApproval(s string) bool {
	if s == "" || len(s) > maxApproval {
		return false
	}
	for i := range len(s) {
		if !alphanumeric(s[i]) {
			return false
		}
	}
	return true
}

// validCode reports whether s is words of a-z and 0-9, joined by hyphens
// (KECIS-ERR-025).
func validCode(s string) bool {
	if len(s) > maxCode {
		return false
	}
	word := false
	for i := range len(s) {
		switch c := s[i]; {
		case (c >= 'a' && c <= 'z') || digit(c):
			word = true
		case c == '-' && word:
			word = false
		default:
			return false
		}
	}
	return word
}

// validBrand leaves no room for the number of a card (KECIS-MSG-027).
func validBrand(s string) bool {
	const digits = 4
	if len(s) < 2 || len(s) > 16 {
		return false
	}
	n := 0
	for i := range len(s) {
		c := s[i]
		if digit(c) {
			n++
		} else if c < 'A' || c > 'Z' {
			return false
		}
	}
	return n <= digits
}

// digits reports whether s is exactly n digits.
func digits(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range n {
		if !digit(s[i]) {
			return false
		}
	}
	return true
}

// validURI reports whether s has a scheme and holds only characters that a URI
// may hold (RFC 3986), which keeps comparison byte by byte meaningful.
func validURI(s string) bool {
	if len(s) > maxURI {
		return false
	}
	colon := 0
	for colon < len(s) && s[colon] != ':' {
		c := s[colon]
		if (c < 'a' || c > 'z') && (colon == 0 || (!digit(c) && c != '+' && c != '.' && c != '-')) {
			return false
		}
		colon++
	}
	if colon == 0 || colon+1 >= len(s) {
		return false
	}
	for i := colon + 1; i < len(s); i++ {
		switch c := s[i]; {
		case c <= ' ', c >= 0x7f, c == '"', c == '<', c == '>', c == '\\', c == '^', c == '`', c == '{', c == '|', c == '}':
			return false
		}
	}
	return true
}

// validText reports whether s is a line of 1 to most characters, without blanks
// around it and without control characters, those that change the direction of
// writing among them, so that what people read is what was signed.
func validText(s string, most int) bool {
	if s == "" || s[0] == ' ' || s[len(s)-1] == ' ' {
		return false
	}
	if len(s) > most && utf8.RuneCountInString(s) > most {
		return false
	}
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r < 0xa0 || (r >= 0x2028 && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) || (r == utf8.RuneError && size == 1) {
			return false
		}
		i += size
	}
	return true
}

// count reads a number from 1 to most, in at most six digits and without
// leading zeros.
func count(s string, most int) (int, bool) {
	if s == "" || s[0] == '0' || len(s) > 6 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if !digit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n <= most
}

// Digest is a SHA-256 digest. Messages carry it in base64.
type Digest [32]byte

const digestForm = "44 characters of base64: a SHA-256 digest"

// String returns the digest in base64, as messages carry it.
func (d Digest) String() string { return base64.StdEncoding.EncodeToString(d[:]) }

// IsZero reports whether d is no digest.
func (d Digest) IsZero() bool { return d == Digest{} }

// digest reads 44 characters of base64. The padding bits must be zero, so that
// one digest has one text.
func digest(text []byte) (d Digest, ok bool) {
	const encoded = 44
	if len(text) != encoded {
		return Digest{}, false
	}
	// A line break, which Decode skips, leaves too little for a digest.
	var room [33]byte
	n, err := base64.StdEncoding.Strict().Decode(room[:], text)
	if err != nil || n != len(d) {
		return Digest{}, false
	}
	copy(d[:], room[:])
	return d, true
}
