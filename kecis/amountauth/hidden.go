package amountauth

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/kecis/sdk/kecis"
)

// hidden is a value that no printer shows: it stands behind a pointer and not in
// clear, since printers that use reflection follow pointers and call no methods on
// unexported fields.
type hidden struct{ veiled *string }

// veil is what each byte of a hidden value is combined with.
const veil = 0xa5

func hide(value string) hidden {
	s := veiled(value)
	return hidden{&s}
}

func veiled(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] ^= veil
	}
	return string(b)
}

func (h hidden) reveal() string {
	if h.veiled == nil {
		return ""
	}
	return veiled(*h.veiled)
}

const hiddenText = "[hidden]"

// String returns "[hidden]".
func (hidden) String() string { return hiddenText }

// Format writes "[hidden]" for every verb.
func (hidden) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hiddenText) }

// MarshalText returns "[hidden]", also in JSON.
func (hidden) MarshalText() ([]byte, error) { return []byte(hiddenText), nil }

// LogValue returns "[hidden]".
func (hidden) LogValue() slog.Value { return slog.StringValue(hiddenText) }

// SecretAmount is a drawn amount. It does not print itself.
type SecretAmount struct {
	hidden

	currency kecis.Currency
}

func secretAmount(minor int64, currency kecis.Currency) SecretAmount {
	return SecretAmount{hide(canonical(minor)), currency}
}

// Reveal returns the amount, for the request to the issuer and nothing else.
func (a SecretAmount) Reveal() kecis.Money {
	minor, err := kecis.ParseMinor(a.reveal())
	if err != nil {
		return kecis.Money{} // the zero value
	}
	return kecis.Money{Minor: minor, Currency: a.currency}
}

// SecretCode is a drawn code. It does not print itself.
type SecretCode struct{ hidden }

// Reveal returns the code's digits, for the request to the issuer and nothing
// else; "" if there is none.
func (c SecretCode) Reveal() string { return c.reveal() }
