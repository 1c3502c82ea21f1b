package amountauth

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"strconv"

	"github.com/kecis/sdk/kecis"
)

// secret is what a session was drawn.
type secret struct {
	Amounts []SecretAmount
	Code    SecretCode
}

// uniform returns a number below n, each with the same probability: it takes as
// many random bits as n-1 has and draws again while they are n or more, so that no
// remainder is favoured.
func uniform(random io.Reader, n int64) (int64, error) {
	if n <= 1 {
		return 0, nil
	}
	mask := uint64(1)<<bits.Len64(uint64(n-1)) - 1
	var raw [8]byte
	for {
		if _, err := io.ReadFull(random, raw[:]); err != nil {
			return 0, err
		}
		if v := binary.BigEndian.Uint64(raw[:]) & mask; v < uint64(n) {
			return int64(v), nil
		}
	}
}

// draw returns a secret of the range and its canonical form. One that recent
// reports as drawn of late is drawn again; the others stay equally likely, since
// each draw is independent of the one that was thrown away.
func (p Policy) draw(random io.Reader, v Variant, r Range, order kecis.Money, recent func(form string) bool) (secret, string, error) {
	for {
		s, form, err := drawOnce(random, v, r, order)
		if err != nil || !recent(form) {
			return s, form, err
		}
	}
}

func drawOnce(random io.Reader, v Variant, r Range, order kecis.Money) (secret, string, error) {
	switch v {
	case Descriptor:
		n, err := uniform(random, codes)
		code := fmt.Sprintf("%0*d", codeDigits, n)
		// The hold itself is no secret here: it is the least that may be held.
		return secret{Amounts: []SecretAmount{secretAmount(r.Low, order.Currency)}, Code: SecretCode{hide(code)}}, code, err
	case Deposits:
		n, err := uniform(random, r.pairs())
		low, high := pair(n)
		low, high = low+r.DepositLow, high+r.DepositLow
		return secret{Amounts: []SecretAmount{secretAmount(low, order.Currency), secretAmount(high, order.Currency)}}, pairForm(low, high), err
	}
	n, err := uniform(random, r.amounts(order.Minor))
	return secret{Amounts: []SecretAmount{secretAmount(r.Low+n, order.Currency)}}, canonical(r.Low + n), err
}

// pair returns the unordered pair with the number n, in the order (0,0), (0,1),
// (1,1), (0,2), ...: each number is one pair.
func pair(n int64) (low, high int64) {
	for step := int64(1) << 31; step > 0; step >>= 1 { // the largest high with high(high+1)/2 <= n
		if h := high + step; h*(h+1)/2 <= n {
			high = h
		}
	}
	return n - high*(high+1)/2, high
}

// canonical writes an amount as it is compared.
func canonical(minor int64) string { return strconv.FormatInt(minor, 10) }

func pairForm(a, b int64) string {
	return canonical(min(a, b)) + "+" + canonical(max(a, b))
}
