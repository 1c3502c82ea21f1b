package kecis

import (
	"strconv"
	"strings"
)

// MaxMinor is the largest amount, in minor units: 15 digits (KECIS-MSG-012).
// It holds the yearly budget of a state in KRW, stays exact in a double of a
// foreign reader, and leaves room to add thousands of amounts in an int64.
const MaxMinor = 999_999_999_999_999

// Money is an amount in minor units of a currency: {50000, KRW} is 50,000 won,
// {1234, USD} is 12.34 dollars.
type Money struct {
	Minor    int64
	Currency Currency
}

// Won returns an amount of won.
func Won(amount int64) Money { return Money{amount, KRW} }

// NewMoney returns an amount that a message may carry. It refuses one below 1
// or above MaxMinor (ErrAmount) and an unknown currency (ErrCurrency).
func NewMoney(minor int64, currency Currency) (Money, error) {
	if currency.Exponent() < 0 {
		return Money{}, &Error{code: ErrCurrency, expected: currencyForm, found: quote(string(currency))}
	}
	if minor < 1 || minor > MaxMinor {
		return Money{}, &Error{code: ErrAmount, expected: amountForm, found: shownAmount(minor)}
	}
	return Money{minor, currency}, nil
}

// ParseMinor reads an amount as messages carry it: 1 to 15 digits, the first
// not 0, in minor units (KECIS-MSG-012). All else is refused with ErrAmount: a
// sign, a decimal point, an exponent, leading zeros, blanks.
func ParseMinor(s string) (int64, error) {
	n, ok := minor(s)
	if !ok || n == 0 {
		return 0, &Error{code: ErrAmount, expected: amountForm, found: quote(s)}
	}
	return n, nil
}

const (
	amountForm = "1 to 15 digits, the first not 0, in minor units"
	partForm   = "0, or 1 to 15 digits, the first not 0, in minor units"
)

// minor reads an amount or a part of one, which may be 0.
func minor(s string) (int64, bool) { return numeral(s, 15) }

// numeral reads a number of at most so many digits, which are 18 or fewer.
func numeral(s string, most int) (int64, bool) {
	if s == "" || len(s) > most || (s[0] == '0' && len(s) > 1) {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		digit := s[i] - '0'
		if digit > 9 {
			return 0, false
		}
		n = n*10 + int64(digit)
	}
	return n, true
}

// Add returns the sum. Different currencies are refused with ErrCurrency, a sum
// outside -MaxMinor to MaxMinor with ErrAmount.
func (m Money) Add(other Money) (Money, error) {
	if m.Currency != other.Currency {
		return Money{}, &Error{code: ErrCurrency, expected: string(m.Currency), found: quote(string(other.Currency))}
	}
	// Neither operand may be so large that the sum wraps round.
	if !within(m.Minor) || !within(other.Minor) || !within(m.Minor+other.Minor) {
		return Money{}, &Error{code: ErrAmount, expected: "a sum of at most 15 digits", found: "a larger one"}
	}
	return Money{m.Minor + other.Minor, m.Currency}, nil
}

// Sub returns the difference, with the refusals of Add.
func (m Money) Sub(other Money) (Money, error) {
	return m.Add(Money{-other.Minor, other.Currency})
}

func within(n int64) bool { return n >= -MaxMinor && n <= MaxMinor }

// String returns the amount for logs: "KRW 50000", "USD 12.34".
func (m Money) String() string {
	return string(m.Currency) + " " + m.decimal("")
}

// Format returns the amount for people: in Korean for "ko" ("50,000원",
// "12.34달러"), else in English ("₩50,000", "$12.34"). A currency without a
// usual sign is named by its code.
func (m Money) Format(language string) string {
	number := m.decimal(",")
	if language == "ko" || strings.HasPrefix(language, "ko-") {
		if unit := koreanUnit(m.Currency); unit != "" {
			return number + unit
		}
		return number + " " + string(m.Currency)
	}
	sign := englishSign(m.Currency)
	if sign == "" {
		return string(m.Currency) + " " + number
	}
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		return "-" + sign + rest
	}
	return sign + number
}

func koreanUnit(c Currency) string {
	switch c {
	case KRW:
		return "원"
	case USD:
		return "달러"
	case EUR:
		return "유로"
	case JPY:
		return "엔"
	case CNY:
		return "위안"
	}
	return ""
}

// englishSign leaves out what two currencies share, but for the yen.
func englishSign(c Currency) string {
	switch c {
	case KRW:
		return "₩"
	case USD:
		return "$"
	case EUR:
		return "€"
	case JPY:
		return "¥"
	case "GBP":
		return "£"
	}
	return ""
}

// decimal writes the amount in major units, with a separator between thousands.
func (m Money) decimal(separator string) string {
	exponent := max(m.Currency.Exponent(), 0)
	negative := m.Minor < 0
	digits := strings.TrimPrefix(strconv.FormatInt(m.Minor, 10), "-")
	if pad := exponent + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	whole, fraction := digits[:len(digits)-exponent], digits[len(digits)-exponent:]
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteByte(whole[i])
	}
	if exponent > 0 {
		b.WriteByte('.')
		b.WriteString(fraction)
	}
	return b.String()
}

// shownAmount is an amount as an error may tell it: one with as many digits as
// a card number has may be one that was put in the wrong field.
func shownAmount(minor int64) string {
	const leastCardNumber = 1_000_000_000_000 // 13 digits
	digits := strconv.FormatInt(minor, 10)
	if minor >= leastCardNumber {
		return quote(digits)
	}
	return digits
}
