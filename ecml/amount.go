package ecml

import (
	"math"
	"strconv"
	"strings"
)

// ParseAmount returns an amount in minor units of a currency with that
// exponent: 1250 for "12.5" and exponent 2. It reads the RFC's form, two
// integers with a period between (2.1.2, note 27), and the first integer
// alone, as deployed forms have it. An amount finer than the minor unit, a
// sign, a group separator, or more than an int64 is refused (ErrAmount).
func ParseAmount(s string, exponent int) (int64, error) {
	whole, fraction, ok := splitAmount(s)
	if !ok {
		return 0, amountError(s, "digits, a period, digits")
	}
	if len(fraction) > exponent {
		return 0, amountError(s, strconv.Itoa(exponent)+" decimal digits at most")
	}
	var minor int64
	for i := range len(whole) + exponent {
		digit := int64(0)
		switch {
		case i < len(whole):
			digit = int64(whole[i] - '0')
		case i-len(whole) < len(fraction):
			digit = int64(fraction[i-len(whole)] - '0')
		}
		if minor > (math.MaxInt64-digit)/10 {
			return 0, amountError(s, "no more than 2^63-1 minor units")
		}
		minor = minor*10 + digit
	}
	return minor, nil
}

func amountError(s, expected string) error {
	return &Error{code: ErrAmount, expected: expected, found: quote(s)}
}

// FormatAmount writes minor units in the RFC's form, with the currency's
// number of decimal digits, and ".0" for a currency without: "50000.0",
// "12.50". A negative amount has none; it is written as zero.
func FormatAmount(minor int64, exponent int) string {
	digits := strconv.FormatInt(max(minor, 0), 10)
	if exponent <= 0 {
		return digits + ".0"
	}
	if missing := exponent + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	at := len(digits) - exponent
	return digits[:at] + "." + digits[at:]
}

// SameAmount reports whether two amounts are the same number, of whatever
// length and however written: "1250.0", "1250.00" and "01250". It refuses what
// is no amount (ErrAmount).
func SameAmount(a, b string) (bool, error) {
	wholeA, fractionA, ok := splitAmount(a)
	if !ok {
		return false, amountError(a, "digits, a period, digits")
	}
	wholeB, fractionB, ok := splitAmount(b)
	if !ok {
		return false, amountError(b, "digits, a period, digits")
	}
	return wholeA == wholeB && fractionA == fractionB, nil
}

// splitAmount returns the two integers without the zeros that mean nothing.
func splitAmount(s string) (whole, fraction string, ok bool) {
	whole, fraction, period := strings.Cut(s, ".")
	if !isDigits(whole) || (period && !isDigits(fraction)) {
		return "", "", false
	}
	return strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0"), true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
