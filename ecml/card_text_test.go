package ecml_test

import (
	"strings"
	"testing"

	"github.com/kecis/sdk/ecml"
)

func TestHoldsCardNumber(t *testing.T) {
	for _, test := range []struct {
		text string
		want bool
	}{
		{"", false},
		{"4111111111111111", true},
		{"4111111111111112", false}, // the check digit is wrong
		{"card 4111 1111 1111 1111, thanks", true},
		{"4111-1111-1111-1111 12/30", true},
		{"4111 1111 1111 1111 123", true}, // with a code behind it
		{"12 4111111111111111", true},
		{"4111\u00a01111\u20111111 - 1111", true}, // no-break space, hyphen
		{"4111    1111 1111 1111", false},         // four blanks: two texts
		{"411111111111111111111111", false},       // a longer number of something else
		{"04111111111111111", false},
		{"41111111x11111111", false},
		{"카드번호４１１１１１１１１１１１１１１１", true},
		{"378282246310005", true},       // American Express
		{"30569309025904", true},        // Diners Club
		{"3530111333300000", true},      // JCB
		{"6011111111111117", true},      // Discover
		{"6250941006528599", true},      // UnionPay
		{"2223003122003222", true},      // Mastercard
		{"9445420000000004", true},      // of a Korean issuer, at home alone
		{"4006381333932", false},        // a barcode
		{"+82 10 1234 5678", false},     // a telephone number
		{"2026-11-24 1430 0000", false}, // a date
		{"1234567890123452", false},     // a right check digit, and no brand
	} {
		if got := ecml.HoldsCardNumber(test.text); got != test.want {
			t.Errorf("%q: %v", test.text, got)
		}
	}
}

func BenchmarkHoldsCardNumber(b *testing.B) {
	text := strings.Repeat("꽃다발 3개 2026-11-24 ", 4)
	b.ReportAllocs()
	for b.Loop() {
		ecml.HoldsCardNumber(text)
	}
}
