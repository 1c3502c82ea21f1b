package amountauth

import (
	"strings"
	"unicode"

	"github.com/kecis/sdk/kecis"
)

// maxTyped bounds what is read of a field, in bytes: an amount with sign, unit,
// groups and blanks in full-width characters is shorter.
const maxTyped = 200

// What follows refuses what cannot be an answer, each with its own code. A refusal
// here counts as no try: no value was compared, so nothing was learnt by it, and a
// buyer who types a letter has not guessed.

// typedAmount reads an amount as buyers type it: 1234, 1,234, 1,234원, ₩1,234, in
// full-width digits and with blanks. It returns minor units.
func typedAmount(text string, currency kecis.Currency) (int64, error) {
	text = narrow(text)
	if text == "" {
		return 0, refuse(ErrTypedEmpty)
	}
	if strings.ContainsAny(text, "+-") {
		return 0, refuse(ErrTypedSign)
	}
	text = withoutUnit(text, currency)
	if strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != ',' && r != '.' }) >= 0 || text == "" {
		return 0, refuse(ErrTypedLetters)
	}
	whole, fraction, point := strings.Cut(text, ".")
	exponent := max(0, currency.Exponent())
	if point && len(fraction) != exponent || point && (exponent == 0 || whole == "") || strings.ContainsAny(fraction, ",.") {
		return 0, refuse(ErrTypedDecimals)
	}
	if whole = ungrouped(whole); whole == "" {
		return 0, refuse(ErrTypedGrouping)
	}
	if !point {
		fraction = strings.Repeat("0", exponent)
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	const most = 15 // as amounts have
	if len(digits) > most {
		return 0, refuse(ErrTypedLength)
	}
	var n int64
	for i := range len(digits) {
		n = n*10 + int64(digits[i]-'0')
	}
	return n, nil
}

// typedCode reads a descriptor code.
func typedCode(text string) (string, error) {
	text = narrow(text)
	switch {
	case text == "":
		return "", refuse(ErrTypedEmpty)
	case strings.ContainsAny(text, "+-"):
		return "", refuse(ErrTypedSign)
	case strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) >= 0:
		return "", refuse(ErrTypedLetters)
	case len(text) != codeDigits:
		return "", refuse(ErrTypedLength)
	}
	return text, nil
}

// typed returns the canonical form of what was typed for a variant.
func typed(v Variant, currency kecis.Currency, values []string) (string, error) {
	want := 1
	if v == Deposits {
		want = 2
		if len(values) == 1 && len(values[0]) <= maxTyped { // from where there is one field: "12 34", "12원, 34원", "12+34"
			values = strings.FieldsFunc(values[0], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("+/;&", r) })
			for i := range values {
				values[i] = strings.Trim(values[i], ",")
			}
		}
	}
	if len(values) != want {
		return "", refuse(ErrTypedEmpty)
	}
	for _, text := range values {
		if len(text) > maxTyped {
			return "", refuse(ErrTypedLength)
		}
	}
	if v == Descriptor {
		return typedCode(values[0])
	}
	first, err := typedAmount(values[0], currency)
	if err != nil || v == Amount {
		return canonical(first), err
	}
	second, err := typedAmount(values[1], currency)
	return pairForm(first, second), err
}

// narrow takes blanks away, and turns full-width forms into those of ASCII: the
// block of full-width characters stands at a fixed distance.
func narrow(text string) string {
	const distance, from, to = '！' - '!', '！', '～'
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r >= from && r <= to:
			return r - distance
		case r == '−' || r == '–' || r == '—': // minus and dashes
			return '-'
		case r == '￦' || r == '\\': // what the won's key writes on many keyboards
			return '₩'
		case r == '，' || r == '、':
			return ','
		}
		return r
	}, text)
}

// withoutUnit takes one sign before or one unit behind the number away.
func withoutUnit(text string, currency kecis.Currency) string {
	before, behind := units(currency)
	for _, sign := range append(before, string(currency)) {
		if rest, ok := strings.CutPrefix(text, sign); ok {
			return rest
		}
	}
	for _, unit := range append(behind, string(currency)) {
		if rest, ok := strings.CutSuffix(text, unit); ok {
			return rest
		}
	}
	return text
}

func units(currency kecis.Currency) (before, behind []string) {
	switch currency {
	case kecis.KRW:
		return []string{"₩"}, []string{"원"}
	case kecis.USD:
		return []string{"US$", "$"}, []string{"달러"}
	case kecis.EUR:
		return []string{"€"}, []string{"€", "유로"}
	case kecis.JPY:
		return []string{"¥"}, []string{"円", "엔"}
	case kecis.CNY:
		return []string{"¥"}, []string{"元", "위안"}
	}
	return nil, nil
}

// ungrouped takes the commas away if they part thousands, and is "" if not.
func ungrouped(text string) string {
	const group = 3
	parts := strings.Split(text, ",")
	if len(parts) == 1 {
		return text
	}
	if parts[0] == "" || len(parts[0]) > group {
		return ""
	}
	for _, p := range parts[1:] {
		if len(p) != group {
			return ""
		}
	}
	return strings.Join(parts, "")
}

func refuse(code Code) error { return &Error{code: code} }
