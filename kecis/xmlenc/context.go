package xmlenc

import (
	"crypto/subtle"
	"strconv"
	"time"
	"unicode/utf8"
)

// Context is the payment that an instrument is meant for. It stands inside the
// plaintext, and decryption gives nothing unless it is the expected one
// (KECIS-ENC-018, 020).
type Context struct {
	Recipient string // entityID of the issuer that may decrypt
	Payee     string // entityID of the shop, or other party, to be paid
	Requester string // entityID of the first requester, of OrderRef
	Order     string // order ID, of OrderRef
	Part      string // part of the order, of OrderRef; may be empty
	Amount    int64  // of the whole order, in minor units of Currency
	Currency  string // ISO 4217, as KRW

	// NotOnOrAfter ends the use of the instrument, to the second. Decrypt holds
	// the one inside the plaintext against the clock and does not read that of
	// the expected context, since the messages around it have times of their own.
	NotOnOrAfter time.Time
}

// MaxLifetime bounds how far ahead the NotOnOrAfter of an instrument may lie:
// an order's page lives 30 minutes by default, and a day covers every hosted
// page (KECIS-ENC-019).
const MaxLifetime = 24 * time.Hour

// maxAmount is fifteen digits, as every amount of the standard (KECIS P4).
const maxAmount = 999_999_999_999_999

// check refuses (ErrContext) a context that cannot be sealed or expected. It
// names the field and never tells its value.
func (c *Context) check() error {
	fields := []struct {
		name, value string
		optional    bool
	}{
		{"Recipient", c.Recipient, false},
		{"Payee", c.Payee, false},
		{"Requester", c.Requester, false},
		{"Order", c.Order, false},
		{"Part", c.Part, true},
	}
	for _, f := range fields {
		if f.value == "" && !f.optional {
			return refuseContext("1 to 1024 bytes in "+f.name, "none")
		}
		if len(f.value) > MaxField {
			return refuseContext("1 to 1024 bytes in "+f.name, strconv.Itoa(len(f.value)))
		}
		if !printable(f.value) {
			return refuseContext("UTF-8 without control characters in "+f.name, "other characters")
		}
	}
	if c.Amount < 1 || c.Amount > maxAmount {
		return refuseContext("an Amount of 1 to 999999999999999 minor units", "another number")
	}
	if !isCurrency(c.Currency) {
		return refuseContext("a Currency of three capital letters", "another text")
	}
	return nil
}

func refuseContext(expected, found string) error {
	return &Error{code: ErrContext, expected: expected, found: found}
}

// printable reports whether s is what XML can carry unchanged, without control
// characters.
func printable(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return false
		}
	}
	return utf8.ValidString(s)
}

func isCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

// matches compares every field, but for NotOnOrAfter, in time that depends on
// the lengths alone, not on which field differs.
func (c *Context) matches(expected *Context) bool {
	same := 1
	for _, pair := range [...][2]string{
		{c.Recipient, expected.Recipient},
		{c.Payee, expected.Payee},
		{c.Requester, expected.Requester},
		{c.Order, expected.Order},
		{c.Part, expected.Part},
		{c.Currency, expected.Currency},
		{strconv.FormatInt(c.Amount, 10), strconv.FormatInt(expected.Amount, 10)},
	} {
		same &= subtle.ConstantTimeCompare([]byte(pair[0]), []byte(pair[1]))
	}
	return same == 1
}

// live reports whether the instrument may be used at now.
func (c *Context) live(now time.Time) bool {
	return now.Before(c.NotOnOrAfter) && !c.NotOnOrAfter.After(now.Add(MaxLifetime))
}
