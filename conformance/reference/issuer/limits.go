package issuer

import (
	"strings"
	"time"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis/journal"
)

// seoul is the time zone of Korean days: nine hours ahead, without summer time
// since 1988.
func seoul() *time.Location { return time.FixedZone("KST", 9*60*60) }

// standing is what an instrument has paid in the current day and month. Whoever
// reads it in Update holds it, and with it all that the instrument may still pay.
type standing struct {
	Day, Month string // 20261231 and 202612, in Seoul
	DayUsed    int64  `json:"dayUsed"`
	MonthUsed  int64  `json:"monthUsed"`
	// Tried are the authentications that were begun, and neither told to have succeeded nor
	// followed by their payment.
	Tried []tried `json:"tried,omitempty"`
}

func dayOf(at time.Time) string   { return at.In(seoul()).Format("20060102") }
func monthOf(at time.Time) string { return at.In(seoul()).Format("200601") }

// at turns to the day and month of now. A clock behind that of another server
// does not turn them back, which would begin a used limit anew.
func (u *standing) at(now time.Time) {
	if day := dayOf(now); day > u.Day {
		u.Day, u.DayUsed = day, 0
	}
	if month := monthOf(now); month > u.Month {
		u.Month, u.MonthUsed = month, 0
	}
}

// take counts an amount, unless it is over a limit.
func (u *standing) take(amount int64, limits Limits) bool {
	if over(limits.Payment, amount) || over(limits.Day, u.DayUsed+amount) || over(limits.Month, u.MonthUsed+amount) {
		return false
	}
	u.DayUsed += amount
	u.MonthUsed += amount
	return true
}

func over(limit, amount int64) bool { return limit != 0 && amount > limit }

// give counts an amount back that was taken at a time: a day or month that is
// over has nothing to gain from it.
func (u *standing) give(amount int64, taken time.Time) {
	if dayOf(taken) == u.Day {
		u.DayUsed = max(0, u.DayUsed-amount)
	}
	if monthOf(taken) == u.Month {
		u.MonthUsed = max(0, u.MonthUsed-amount)
	}
}

// The accounts of the books. A balance is debits less credits, so that a
// customer's is what he owes, and below zero what he has.
const (
	accountCommitments = ledger.House + "commitments" // against what is held
	accountFunding     = ledger.House + "funding"     // against what was paid in
	accountPayable     = ledger.House + "payable/"    // and the PG to whom it is owed
)

// The kinds of entries in the books.
const (
	kindFund      = "fund"      // paid in
	kindAuthorise = "authorise" // put on hold
	kindSell      = "sell"      // authorised and captured in one
	kindCapture   = "capture"   // taken off a hold, of which a final one releases the rest
	kindUncapture = "uncapture" // a capture reversed
	kindVoid      = "void"      // taken off a hold by a cancellation
	kindRefund    = "refund"    // captured money given back
	kindReverse   = "reverse"   // all that a payment holds and has taken given back
	kindExpire    = "expire"    // a hold ended by its time
)

func customer(instrument string) string { return "customer/" + instrument }
func held(instrument string) string     { return "held/" + instrument }

// payable returns the account of what is owed to a PG. An entityID may hold what
// a ledger's account may not.
func payable(sender string) string {
	escaped := strings.NewReplacer("%", "%25", " ", "%20").Replace(sender)
	for i := range len(escaped) {
		if escaped[i] < ' ' || escaped[i] > '~' {
			return accountPayable + "%other"
		}
	}
	return accountPayable + escaped
}

// available returns what an instrument can still pay: its credit and funds, less
// what it owes and what is held.
func (s *Issuer) available(tx journal.Records, id string, i *Instrument) (int64, error) {
	owed, err := s.books.Balance(tx, customer(id), string(i.Currency))
	if err != nil {
		return 0, err
	}
	onHold, err := s.books.Balance(tx, held(id), string(i.Currency))
	return i.Credit - owed - onHold, err
}

// charge takes the amount of a payment from its instrument's limits and funds, if
// they suffice. Of an authentication it counts the try, and deposits take nothing.
func (s *Issuer) charge(tx journal.Records, p *Payment, i *Instrument) (enough bool, err error) {
	id, amount := p.Instrument, p.Amount
	u, _, err := load[standing](tx, spaceStandings, id)
	if err != nil {
		return false, err
	}
	u.at(s.now())
	if !u.try(p, s.now()) {
		return false, nil
	}
	if p.deposited() {
		return true, save(tx, spaceStandings, id, u)
	}
	if !u.take(amount, i.Limits) {
		return false, nil
	}
	left, err := s.available(tx, id, i)
	if err != nil || amount > left {
		return false, err
	}
	return true, save(tx, spaceStandings, id, u)
}

// restore gives an instrument back what a payment took from its limits.
func (s *Issuer) restore(tx journal.Records, p *Payment, amount int64) error {
	if p.deposited() {
		return nil
	}
	u, _, err := load[standing](tx, spaceStandings, p.Instrument)
	if err != nil {
		return err
	}
	u.at(s.now())
	u.give(amount, p.At)
	return save(tx, spaceStandings, p.Instrument, u)
}
