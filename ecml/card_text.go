package ecml

import (
	"strings"
	"unicode"
)

// numbering is how the card numbers of a brand begin, and how long they are.
type numbering struct {
	from, to       string
	least, longest int
}

// cardNumbering are the numbers that are issued today. A VISA number of 13 digits
// is not among them, since barcodes and telephone numbers look like it. The cards
// of Korean issuers that are good at home alone begin with 9.
var cardNumbering = []numbering{
	{"4", "4", 16, 16}, {"4", "4", 19, 19}, // VISA
	{"51", "55", 16, 16}, {"2221", "2720", 16, 16}, // Mastercard
	{"34", "34", 15, 15}, {"37", "37", 15, 15}, // American Express
	{"300", "305", 14, 19}, {"3095", "3095", 14, 19}, {"36", "36", 14, 19}, {"38", "39", 14, 19}, // Diners Club
	{"3528", "3589", 16, 19},                                               // JCB
	{"6011", "6011", 16, 19}, {"644", "649", 16, 19}, {"65", "65", 16, 19}, // Discover
	{"62", "62", 16, 19}, {"81", "81", 16, 19}, // UnionPay
	{"5018", "5018", 13, 19}, {"5020", "5020", 13, 19}, {"5038", "5038", 13, 19}, {"5893", "5893", 13, 19}, // Maestro
	{"6304", "6304", 13, 19}, {"6759", "6759", 13, 19}, {"6761", "6763", 13, 19},
	{"9", "9", 16, 16}, // domestic
}

const (
	// minTextDigits is the shortest number of cardNumbering.
	minTextDigits = 13
	// maxBetween is how many blanks or dashes may stand between two digits of a
	// number, as people write it: "4000 - 0012".
	maxBetween = 3
)

// HoldsCardNumber reports whether a text holds what looks like the number of a
// payment card: digits that begin as those of a brand, have its length and a right
// check digit, and stand alone, though perhaps in groups with blanks or dashes
// between (KECIS-MSG-029). One number in ten of such a beginning and length is
// none, so that identifiers must not be asked about.
func HoldsCardNumber(text string) bool {
	var room [64]byte
	run := room[:0] // digits; the first of each group has the bit groupStart
	between := 0
	for _, r := range text {
		d, digit := textDigit(r)
		switch {
		case digit:
			if between > 0 || len(run) == 0 {
				d |= groupStart
			}
			run, between = append(run, d), 0
		case len(run) > 0 && between < maxBetween && (unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Pd, r)):
			between++
		default:
			if cardAmong(run) {
				return true
			}
			run, between = run[:0], 0
		}
	}
	return cardAmong(run)
}

// groupStart marks the first digit of a group.
const groupStart = 0x80

// textDigit returns the digit that a character shows, in its usual or its full
// width.
func textDigit(r rune) (byte, bool) {
	const wide = '\uff10'
	if r >= wide && r <= wide+9 {
		r = r - wide + '0'
	}
	return byte(r), r >= '0' && r <= '9'
}

// cardAmong looks for whole groups of digits that are a number together.
func cardAmong(run []byte) bool {
	if len(run) < minTextDigits {
		return false
	}
	for from, first := range run {
		if first&groupStart == 0 {
			continue
		}
		var room [maxCardDigits]byte
		number := room[:0]
		for _, d := range run[from:min(from+maxCardDigits, len(run))] {
			number = append(number, d&^groupStart)
			end := from + len(number)
			whole := end == len(run) || run[end]&groupStart != 0
			if whole && len(number) >= minTextDigits && issued(string(number)) && luhn(string(number)) {
				return true
			}
		}
	}
	return false
}

// issued reports whether numbers of some brand begin and are as long as these
// digits.
func issued(digits string) bool {
	for _, n := range cardNumbering {
		head := digits[:len(n.from)]
		if len(digits) >= n.least && len(digits) <= n.longest && strings.Compare(head, n.from) >= 0 && strings.Compare(head, n.to) <= 0 {
			return true
		}
	}
	return false
}

// freeText reports whether the values of a field are words that people write, and
// no identifiers.
func (f *Field) freeText() bool {
	switch f.Type {
	case TypeText:
		return !strings.HasSuffix(f.Name, "ID")
	case TypeNMToken:
		return f.Class == ClassPersonal
	}
	return false
}
