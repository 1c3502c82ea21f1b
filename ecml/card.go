package ecml

import (
	"cmp"
	"strings"
)

const (
	// minCardDigits is the shortest card number in use, of Maestro.
	minCardDigits = 12
	// maxCardDigits is the longest that ISO/IEC 7812 allows (RFC 4112 2.1.2,
	// note 12).
	maxCardDigits = 19
)

// Valid reports whether the number is 12 to 19 digits of which the last is the
// right check digit (Luhn).
func (c CardNumber) Valid() bool {
	digits := c.reveal()
	return len(digits) >= minCardDigits && len(digits) <= maxCardDigits && isDigits(digits) && luhn(digits)
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// prefixes is a range of leading digits that a brand has been assigned.
type prefixes struct{ brand, from, to string }

// brandPrefixes are those of the brands whose numbers tell them apart. The
// other registered ones are issued on numbers of these brands too.
var brandPrefixes = []prefixes{
	{"AMER", "34", "34"}, {"AMER", "37", "37"},
	{"DINE", "300", "305"}, {"DINE", "3095", "3095"}, {"DINE", "36", "36"}, {"DINE", "38", "39"},
	{"DISC", "6011", "6011"}, {"DISC", "622126", "622925"}, {"DISC", "644", "649"}, {"DISC", "65", "65"},
	{"JCB", "3528", "3589"},
	{"MAST", "2221", "2720"}, {"MAST", "51", "55"},
	{"VISA", "4", "4"},
}

// HasBrand reports whether a card of this type (one of CardTypes, in any case)
// may have this number. It is true for the types whose numbers tell nothing:
// BANK, DC, NIKO, SAIS, UC and UCAR.
func (c CardNumber) HasBrand(cardType string) bool {
	digits, known := c.reveal(), false
	for _, p := range brandPrefixes {
		if !strings.EqualFold(p.brand, cardType) {
			continue
		}
		known = true
		if head := digits[:min(len(p.from), len(digits))]; cmp.Compare(head, p.from) >= 0 && cmp.Compare(head, p.to) <= 0 {
			return true
		}
	}
	return !known && oneOf(CardTypes(), cardType)
}
