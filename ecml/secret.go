package ecml

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// secret is a value that no printer shows. fmt cannot call methods on
// unexported fields, and printers that use reflection follow pointers: so the
// value stands behind a pointer, and not in clear. That hides it from logs and
// dumps, not from somebody who reads the process's memory.
type secret struct{ veiled *string }

// veil is what each byte of a secret is combined with.
const veil = 0xa5

func conceal(value string) secret {
	if value == "" {
		return secret{}
	}
	s := veiled(value)
	return secret{&s}
}

func veiled(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] ^= veil
	}
	return string(b)
}

func (s secret) reveal() string {
	if s.veiled == nil {
		return ""
	}
	return veiled(*s.veiled)
}

// IsZero reports whether there is no value.
func (s secret) IsZero() bool { return s.veiled == nil }

func (s secret) equal(other secret) bool { return s.reveal() == other.reveal() }

// CardNumber is the number of a payment or loyalty card. It shows itself with
// its first 6 and last 4 digits at most. The zero value is no number.
type CardNumber struct{ secret }

// NewCardNumber returns the number with these digits.
func NewCardNumber(digits string) CardNumber { return CardNumber{conceal(digits)} }

// Reveal returns the number in clear.
func (c CardNumber) Reveal() string { return c.reveal() }

// Equal reports whether both are the same number, digit by digit.
func (c CardNumber) Equal(other CardNumber) bool { return c.equal(other.secret) }

// Masked returns the number with its inner digits as asterisks: "411111******1111".
func (c CardNumber) Masked() string {
	const (
		first, last = 6, 4
		hidden      = 5 // digits that stay hidden when both ends are shown
		short       = 9 // of a number this short nothing is shown
	)
	s := c.reveal()
	switch n := len(s); {
	case n <= short:
		return strings.Repeat("*", n)
	case n < first+hidden+last:
		return strings.Repeat("*", n-last) + s[n-last:]
	default:
		return s[:first] + strings.Repeat("*", n-first-last) + s[n-last:]
	}
}

// Verification is a printed card verification value (CVV2, CVC2, CID). It
// shows nothing of itself, not even its length.
type Verification struct{ secret }

// NewVerification returns the verification value.
func NewVerification(value string) Verification { return Verification{conceal(value)} }

// Reveal returns the value in clear. It must never be stored.
func (v Verification) Reveal() string { return v.reveal() }

// Equal reports whether both are the same value.
func (v Verification) Equal(other Verification) bool { return v.equal(other.secret) }

// Masked returns "***", or "" for no value.
func (v Verification) Masked() string { return v.stars() }

// Password is a user's password. It shows nothing of itself.
type Password struct{ secret }

// NewPassword returns the password.
func NewPassword(value string) Password { return Password{conceal(value)} }

// Reveal returns the password in clear.
func (p Password) Reveal() string { return p.reveal() }

// Equal reports whether both are the same password.
func (p Password) Equal(other Password) bool { return p.equal(other.secret) }

// Masked returns "***", or "" for no value.
func (p Password) Masked() string { return p.stars() }

// Track is the content of a magnetic stripe's track. It shows nothing of
// itself.
type Track struct{ secret }

// NewTrack returns the track data.
func NewTrack(value string) Track { return Track{conceal(value)} }

// Reveal returns the data in clear. They must never be stored.
func (t Track) Reveal() string { return t.reveal() }

// Equal reports whether both are the same data.
func (t Track) Equal(other Track) bool { return t.equal(other.secret) }

// Masked returns "***", or "" for no value.
func (t Track) Masked() string { return t.stars() }

// Opaque is the value of an unknown field, which may hold anything. It shows
// only its length.
type Opaque struct{ secret }

// NewOpaque returns the value.
func NewOpaque(value string) Opaque { return Opaque{conceal(value)} }

// Reveal returns the value in clear.
func (o Opaque) Reveal() string { return o.reveal() }

// Equal reports whether both are the same value.
func (o Opaque) Equal(other Opaque) bool { return o.equal(other.secret) }

// Masked returns the length: "(12 bytes)", or "" for no value.
func (o Opaque) Masked() string {
	if o.IsZero() {
		return ""
	}
	return "(" + strconv.Itoa(len(*o.veiled)) + " bytes)"
}

func (s secret) stars() string {
	if s.IsZero() {
		return ""
	}
	return "***"
}

// String returns Masked.
func (c CardNumber) String() string { return c.Masked() }

// GoString returns Masked.
func (c CardNumber) GoString() string { return c.Masked() }

// Format writes Masked for every verb.
func (c CardNumber) Format(f fmt.State, _ rune) { show(f, c.Masked()) }

// MarshalText returns Masked; it serves encoding/json and encoding/xml too.
func (c CardNumber) MarshalText() ([]byte, error) { return []byte(c.Masked()), nil }

// LogValue returns Masked.
func (c CardNumber) LogValue() slog.Value { return slog.StringValue(c.Masked()) }

// String returns Masked.
func (v Verification) String() string { return v.Masked() }

// GoString returns Masked.
func (v Verification) GoString() string { return v.Masked() }

// Format writes Masked for every verb.
func (v Verification) Format(f fmt.State, _ rune) { show(f, v.Masked()) }

// MarshalText returns Masked; it serves encoding/json and encoding/xml too.
func (v Verification) MarshalText() ([]byte, error) { return []byte(v.Masked()), nil }

// LogValue returns Masked.
func (v Verification) LogValue() slog.Value { return slog.StringValue(v.Masked()) }

// String returns Masked.
func (p Password) String() string { return p.Masked() }

// GoString returns Masked.
func (p Password) GoString() string { return p.Masked() }

// Format writes Masked for every verb.
func (p Password) Format(f fmt.State, _ rune) { show(f, p.Masked()) }

// MarshalText returns Masked; it serves encoding/json and encoding/xml too.
func (p Password) MarshalText() ([]byte, error) { return []byte(p.Masked()), nil }

// LogValue returns Masked.
func (p Password) LogValue() slog.Value { return slog.StringValue(p.Masked()) }

// String returns Masked.
func (t Track) String() string { return t.Masked() }

// GoString returns Masked.
func (t Track) GoString() string { return t.Masked() }

// Format writes Masked for every verb.
func (t Track) Format(f fmt.State, _ rune) { show(f, t.Masked()) }

// MarshalText returns Masked; it serves encoding/json and encoding/xml too.
func (t Track) MarshalText() ([]byte, error) { return []byte(t.Masked()), nil }

// LogValue returns Masked.
func (t Track) LogValue() slog.Value { return slog.StringValue(t.Masked()) }

// String returns Masked.
func (o Opaque) String() string { return o.Masked() }

// GoString returns Masked.
func (o Opaque) GoString() string { return o.Masked() }

// Format writes Masked for every verb.
func (o Opaque) Format(f fmt.State, _ rune) { show(f, o.Masked()) }

// MarshalText returns Masked; it serves encoding/json and encoding/xml too.
func (o Opaque) MarshalText() ([]byte, error) { return []byte(o.Masked()), nil }

// LogValue returns Masked.
func (o Opaque) LogValue() slog.Value { return slog.StringValue(o.Masked()) }

// show cannot report a failed write: fmt.State has its own buffer.
func show(f fmt.State, s string) { _, _ = io.WriteString(f, s) }
