package issuer

import (
	"slices"
	"time"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// The bounds of authentications of one instrument, across all PGs (P24,
// KECIS-AUT-031).
const (
	// maxTried lets who knows a number and nothing else guess no further than the
	// standard says.
	maxTried = 3
	// triedPeriod is how long a try counts.
	triedPeriod = 30 * 24 * time.Hour
)

// tried is an authentication that was begun, by a PG for a part of an order, and that
// may fail.
type tried struct {
	Hold   string    `json:"hold"` // its key
	At     time.Time `json:"at"`
	Sender string    `json:"sender"`
	Order  Order     `json:"order"`
}

// try counts a hold that authenticates, unless too many failed or were abandoned,
// and strikes those out whose order is paid now: they have succeeded.
func (u *standing) try(p *Payment, now time.Time) bool {
	order := p.Order
	order.Attempt = 0
	if p.Purpose != kecis.AmountAuthentication {
		u.Tried = slices.DeleteFunc(u.Tried, func(t tried) bool { return t.Sender == p.Sender && t.Order == order })
		return true
	}
	u.Tried = slices.DeleteFunc(u.Tried, func(t tried) bool { return !now.Before(t.At.Add(triedPeriod)) })
	if len(u.Tried) >= maxTried {
		return false
	}
	u.Tried = append(u.Tried, tried{Hold: p.Key, At: now, Sender: p.Sender, Order: order})
	return true
}

// forgive strikes a hold out that its PG says has authenticated the buyer.
func (s *Issuer) forgive(tx journal.Records, p *Payment) error {
	u, _, err := load[standing](tx, spaceStandings, p.Instrument)
	if err != nil {
		return err
	}
	u.Tried = slices.DeleteFunc(u.Tried, func(t tried) bool { return t.Hold == p.Key })
	return save(tx, spaceStandings, p.Instrument, u)
}

// deposited reports whether deposits were made in place of a hold.
func (p *Payment) deposited() bool { return p.Deposits != [2]int64{} }

// holding are the postings that put an amount on hold, or deposit it at the PG's
// cost.
func (p *Payment) holding(amount int64) []ledger.Posting {
	if p.deposited() {
		return ledger.Transfer(payable(p.Sender), customer(p.Instrument), amount)
	}
	return ledger.Transfer(held(p.Instrument), accountCommitments, amount)
}

// releasing are the postings that undo holding.
func (p *Payment) releasing(amount int64) []ledger.Posting {
	if p.deposited() {
		return ledger.Transfer(customer(p.Instrument), payable(p.Sender), amount)
	}
	return ledger.Transfer(accountCommitments, held(p.Instrument), amount)
}
