package amountauth

import (
	"fmt"
	"time"

	"github.com/kecis/sdk/kecis"
)

// Variant says what the buyer reads at the issuer.
type Variant string

// The variants (KECIS-AA-001).
const (
	// Amount: the amount of a hold.
	Amount Variant = "amount"
	// Descriptor: four digits in the text of a hold.
	Descriptor Variant = "descriptor"
	// Deposits: two small deposits, in any order.
	Deposits Variant = "deposits"
)

const (
	// MaxTimeout is the longest time of a session (KECIS-AA-010).
	MaxTimeout = 30 * 24 * time.Hour
	// MaxTries is the most tries of a session: more would make a guess of the
	// smallest useful range likelier than the bound.
	MaxTries = 10
	// MaxCardSessions is the most failed or open sessions of a card (KECIS-AA-005).
	MaxCardSessions = 3
	// MaxChance is the largest probability of a guess in a session, in parts per
	// million (KECIS-AA-002).
	MaxChance = 1500

	// cardWindow is how long failed sessions and drawn values are remembered
	// (KECIS-AA-004, 005).
	cardWindow = 30 * 24 * time.Hour
	// codeDigits are those of a descriptor code (KECIS-AUT-025), codes how many there
	// are.
	codeDigits = 4
	codes      = 10_000
)

// Range are the amounts of a currency, in minor units.
type Range struct {
	// Smallest is the smallest order that is authenticated by amount.
	Smallest int64
	// Low is the least amount that is drawn: what issuers take on a card.
	Low int64
	// High is the largest amount that is drawn; 0 is the order amount less one.
	High int64
	// DepositLow and DepositHigh bound each of two deposits.
	DepositLow, DepositHigh int64
}

// Policy are the bounds of a provider. The zero value is DefaultPolicy.
type Policy struct {
	// Timeout is the time of a session, 20 minutes if 0, at most MaxTimeout.
	Timeout time.Duration
	// Tries of a session, 3 if 0, at most MaxTries.
	Tries int
	// Chance is the largest probability of a guess in a session, in parts per
	// million: 1500 (0.15 %) if 0, which is also the most.
	Chance int64
	// CardSessions is how many failed, left and open sessions a card may have in 30
	// days, 3 if 0, which is also the most.
	CardSessions int
	// Ranges by currency; nil is DefaultRanges. A currency without one is refused.
	Ranges map[kecis.Currency]Range
	// Keep is how long a session is kept after its end, 90 days if 0.
	Keep time.Duration
}

// DefaultRanges returns the ranges that hold if none are given: 1,000 to 3,499 won
// for the smallest order of 3,500 won, and ranges of 2,500 values elsewhere.
func DefaultRanges() map[kecis.Currency]Range {
	cents := Range{Smallest: 2600, Low: 100, DepositLow: 1, DepositHigh: 99}
	return map[kecis.Currency]Range{
		kecis.KRW: {Smallest: 3500, Low: 1000, DepositLow: 1, DepositHigh: 99},
		kecis.JPY: {Smallest: 2600, Low: 100, DepositLow: 1, DepositHigh: 99},
		kecis.USD: cents, kecis.EUR: cents, kecis.CNY: cents,
	}
}

// DefaultPolicy returns the policy with all defaults written out.
func DefaultPolicy() Policy {
	return Policy{
		Timeout: 20 * time.Minute, Tries: 3, Chance: MaxChance, CardSessions: MaxCardSessions,
		Ranges: DefaultRanges(), Keep: 90 * 24 * time.Hour,
	}
}

// filled returns the policy with the defaults in it, or why it cannot hold. Each
// currency is looked at for its smallest order, of which the range is smallest.
func (p Policy) filled() (Policy, error) {
	d := DefaultPolicy()
	setDefault(&p.Timeout, d.Timeout)
	setDefault(&p.Tries, d.Tries)
	setDefault(&p.Chance, d.Chance)
	setDefault(&p.CardSessions, d.CardSessions)
	setDefault(&p.Keep, d.Keep)
	if p.Ranges == nil {
		p.Ranges = d.Ranges
	}
	switch {
	case p.Timeout < 0 || p.Timeout > MaxTimeout:
		return p, configuration("Policy.Timeout: at most 30 days")
	case p.Tries < 0 || p.Tries > MaxTries:
		return p, configuration("Policy.Tries: 1 to 10")
	case p.Chance < 0 || p.Chance > MaxChance:
		return p, configuration("Policy.Chance: 1 to 1500 parts per million")
	case p.CardSessions < 0 || p.CardSessions > MaxCardSessions:
		return p, configuration("Policy.CardSessions: 1 to 3")
	case p.Keep < cardWindow:
		return p, configuration("Policy.Keep: at least 30 days")
	}
	for currency, r := range p.Ranges {
		if currency.Exponent() < 0 || r.Low < 1 || r.Smallest <= r.Low || r.High < 0 || r.Smallest > kecis.MaxMinor ||
			r.DepositLow < 0 || r.DepositHigh < r.DepositLow || r.DepositHigh > kecis.MaxMinor {
			return p, configuration("Policy.Ranges of " + string(currency))
		}
		if _, err := p.bounded(r.amounts(r.Smallest), maxRecent); err != nil {
			return p, err
		}
	}
	return p, nil
}

func setDefault[T int | int64 | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

// amounts returns how many amounts may be drawn for an order.
func (r Range) amounts(order int64) int64 {
	high := order - 1
	if r.High > 0 {
		high = min(high, r.High)
	}
	return max(0, high-r.Low+1)
}

// pairs returns how many unordered pairs of deposits there are. It is 0 where
// there are too many to count, which no sensible range has.
func (r Range) pairs() int64 {
	const most = 1 << 31
	n := r.DepositHigh - r.DepositLow + 1
	if r.DepositLow < 1 || n > most {
		return 0
	}
	return n * (n + 1) / 2
}

// Chance is the probability that a session is guessed by who knows nothing:
// Tries of Values equally likely ones.
type Chance struct {
	Tries  int
	Values int64
}

// million parts make a whole.
const million = 1_000_000

// PartsPerMillion returns the probability, rounded up.
func (c Chance) PartsPerMillion() int64 {
	if c.Values <= int64(c.Tries) {
		return million
	}
	return (int64(c.Tries)*million + c.Values - 1) / c.Values
}

// String returns "3 of 2500 (1200 ppm)".
func (c Chance) String() string {
	return fmt.Sprintf("%d of %d (%d ppm)", c.Tries, c.Values, c.PartsPerMillion())
}

// ChanceFor returns the probability of a guess for an order, before values that were
// drawn of late are left out. It fails with ErrFloor or ErrRange where a session
// would be refused.
func (p Policy) ChanceFor(v Variant, order kecis.Money) (Chance, error) {
	p, err := p.filled()
	if err != nil {
		return Chance{}, err
	}
	_, c, err := p.drawn(v, order, 0)
	return c, err
}

// drawn returns the range of a session and the probability of a guess, of which
// left values are not drawn.
func (p Policy) drawn(v Variant, order kecis.Money, left int) (Range, Chance, error) {
	r, ok := p.Ranges[order.Currency]
	if !ok || order.Minor < r.Smallest {
		return r, Chance{}, &Error{
			code: ErrFloor, expected: fmt.Sprintf("at least %d", r.Smallest), found: fmt.Sprintf("%d %s", order.Minor, quote(string(order.Currency))),
		}
	}
	values := r.amounts(order.Minor)
	switch v {
	case Amount:
	case Descriptor:
		values = codes
	case Deposits:
		values = r.pairs()
	default:
		return r, Chance{}, &Error{code: ErrRequest, expected: "amount, descriptor or deposits", found: quote(string(v))}
	}
	c, err := p.bounded(values, left)
	return r, c, err
}

// bounded refuses a range that makes a guess too likely.
func (p Policy) bounded(values int64, left int) (Chance, error) {
	c := Chance{p.Tries, values - int64(left)}
	if c.PartsPerMillion() > p.Chance {
		return c, &Error{code: ErrRange, expected: fmt.Sprintf("at most %d ppm", p.Chance), found: c.String()}
	}
	return c, nil
}

type configurationError struct{ field string }

func configuration(field string) error { return &configurationError{field} }

func (e *configurationError) Error() string {
	return kecis.ErrConfiguration.Error() + ": amountauth: " + e.field
}
func (e *configurationError) Unwrap() error { return kecis.ErrConfiguration }
