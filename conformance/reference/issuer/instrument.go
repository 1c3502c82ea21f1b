package issuer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// Instrument is a card, account or e-money purse as the issuer keeps it: nothing
// in it tells the number.
type Instrument struct {
	Kind kecis.InstrumentKind `json:"kind"`
	// Holder names the cardholder's inbox: 1 to 32 of a-z 0-9 -.
	Holder string `json:"holder"`
	// Brand, First6 and Last4 are what messages may show of it.
	Brand  string `json:"brand,omitzero"`
	First6 string `json:"first6,omitzero"`
	Last4  string `json:"last4,omitzero"`
	// ExpMonth and ExpYear are those of a card.
	ExpMonth int `json:"expMonth,omitzero"`
	ExpYear  int `json:"expYear,omitzero"`
	// Verification is a keyed digest of the card's verification value; "" where
	// none is checked.
	Verification string `json:"verification,omitzero"`
	// Currency is the one that it pays in.
	Currency kecis.Currency `json:"currency"`
	// Credit is how far the holder may owe, in minor units; 0 for what is prepaid.
	Credit int64  `json:"credit,omitzero"`
	Limits Limits `json:"limits"`
	// Behaviour is what makes it a test instrument; zero for an ordinary one.
	Behaviour Behaviour `json:"behaviour,omitzero"`
}

// Limits bound what an instrument pays, in minor units of its currency; zero for
// no limit. Days and months are those of Seoul.
type Limits struct {
	Payment int64 `json:"payment,omitzero"`
	Day     int64 `json:"day,omitzero"`
	Month   int64 `json:"month,omitzero"`
}

// Behaviour is what a test instrument does beside paying.
type Behaviour struct {
	// Decline is the code with which every payment is declined; "" for none.
	Decline kecis.Code `json:"decline,omitzero"`
	// Delay is how long the answer is kept after the payment took effect.
	Delay time.Duration `json:"delay,omitzero"`
	// Lose says which answers to a payment Lossy drops.
	Lose Loss `json:"lose,omitzero"`
	// NoInstalments: only lump sums are taken.
	NoInstalments bool `json:"noInstalments,omitzero"`
}

// Enrolment makes an instrument known.
type Enrolment struct {
	Instrument
	// Number is the card or account number; it is not kept.
	Number ecml.CardNumber
	// Verification is the card's verification value; the zero value for one that
	// is not checked. It is not kept.
	Verification ecml.Verification
	// Funds are what an account or purse begins with, in minor units.
	Funds int64
	// Negative puts the instrument on the negative list with that code; "" does not.
	Negative kecis.Code
}

// enrolBatch bounds the instruments of one commit.
const enrolBatch = 200

// Enrol makes instruments known. One that is known already gets the new terms,
// and no new funds. An error names an instrument by its last four digits.
func (s *Issuer) Enrol(ctx context.Context, list ...Enrolment) error {
	for i := range list {
		if err := list[i].check(); err != nil {
			return err
		}
	}
	for len(list) > 0 {
		batch := list[:min(len(list), enrolBatch)]
		list = list[len(batch):]
		err := s.update(ctx, func(tx journal.Tx) error {
			for i := range batch {
				if err := s.enrol(tx, &batch[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *Enrolment) check() error {
	switch {
	case e.Kind == kecis.Card && (!e.Number.Valid() || e.ExpMonth < 1 || e.ExpMonth > 12 || e.ExpYear < 1000 || e.Brand == ""):
		return fmt.Errorf("issuer: a card ending in %s: number, expiry or brand is wrong", e.last4())
	case e.Kind != kecis.Card && !validAccount(e.Number.Reveal()):
		return fmt.Errorf("issuer: an account ending in %s has no number of %d to %d digits", e.last4(), minAccount, maxAccount)
	case e.Currency.Exponent() < 0:
		return fmt.Errorf("issuer: an instrument ending in %s has no currency", e.last4())
	case !validHolder(e.Holder):
		return fmt.Errorf("issuer: the holder of the instrument ending in %s is not 1 to 32 of a-z 0-9 -", e.last4())
	case e.Funds < 0 || e.Credit < 0 || e.Funds > kecis.MaxMinor || e.Credit > kecis.MaxMinor:
		return errors.New("issuer: funds or credit out of range")
	}
	return nil
}

// The lengths of account numbers of Korean banks and e-money.
const minAccount, maxAccount = 10, 16

func validAccount(number string) bool {
	for i := range len(number) {
		if number[i] < '0' || number[i] > '9' {
			return false
		}
	}
	return len(number) >= minAccount && len(number) <= maxAccount
}

// maxHolder bounds the name of an inbox.
const maxHolder = 32

func validHolder(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= maxHolder
}

func (e *Enrolment) last4() string {
	masked := e.Number.Masked()
	return masked[max(0, len(masked)-4):]
}

func (s *Issuer) enrol(tx journal.Records, e *Enrolment) error {
	id := s.vault.instrument(e.Kind, e.Number)
	kept := e.Instrument
	kept.Last4 = e.last4()
	if e.Kind == kecis.Card {
		kept.First6 = e.Number.Masked()[:6]
	}
	kept.Verification = s.vault.verification(id, e.Verification)
	_, known, err := load[Instrument](tx, spaceInstruments, id)
	if err != nil {
		return err
	}
	if err := save(tx, spaceInstruments, id, kept); err != nil {
		return err
	}
	if e.Negative != "" {
		if err := save(tx, spaceNegative, id, listing{e.Negative, s.now()}); err != nil {
			return err
		}
	}
	if known || e.Funds == 0 {
		return nil
	}
	return s.books.Post(tx, &ledger.Entry{
		ID: id + "/fund", At: s.now(), Kind: kindFund, Currency: string(e.Currency),
		Postings: ledger.Transfer(accountFunding, customer(id), e.Funds),
	})
}

// listing is an entry of the negative list.
type listing struct {
	Code kecis.Code `json:"code"`
	At   time.Time  `json:"at"`
}

// Block puts an instrument on the negative list, so that its payments are
// declined with the code, as kecis.ErrLostStolen; "" takes it off. It reports
// false for an instrument that is not known.
func (s *Issuer) Block(ctx context.Context, kind kecis.InstrumentKind, number ecml.CardNumber, code kecis.Code) (known bool, err error) {
	if code != "" && code.Outcome() != kecis.NotDone.String() {
		return false, fmt.Errorf("issuer: %q is no reason to decline", string(code))
	}
	id := s.vault.instrument(kind, number)
	err = s.update(ctx, func(tx journal.Tx) error {
		if _, known, err = load[Instrument](tx, spaceInstruments, id); err != nil || !known {
			return err
		}
		if code == "" {
			return tx.Delete(spaceNegative, id)
		}
		return save(tx, spaceNegative, id, listing{code, s.now()})
	})
	return known, err
}

// NegativeEntry is a line of the negative list.
type NegativeEntry struct {
	// Instrument is the issuer's name for it, Masked what may be shown.
	Instrument, Masked string
	Code               kecis.Code
	At                 time.Time
}

// NegativeList returns at most limit lines behind the instrument after, "" for
// the start.
func (s *Issuer) NegativeList(ctx context.Context, after string, limit int) (list []NegativeEntry, err error) {
	err = s.config.Journal.View(ctx, func(tx journal.Tx) error {
		list = nil
		rows, err := tx.Range(spaceNegative, next(after), "", limit)
		if err != nil {
			return err
		}
		for _, r := range rows {
			entry, _, err := load[listing](tx, spaceNegative, r.Key)
			if err != nil {
				return err
			}
			instrument, _, err := load[Instrument](tx, spaceInstruments, r.Key)
			if err != nil {
				return err
			}
			list = append(list, NegativeEntry{r.Key, instrument.Masked(), entry.Code, entry.At})
		}
		return nil
	})
	return list, err
}

// next is the least key behind one, "" for the start.
func next(after string) string {
	if after == "" {
		return ""
	}
	return after + " "
}

// Masked returns what may be shown of the number.
func (i *Instrument) Masked() string {
	return i.First6 + "******" + i.Last4
}

// expired reports whether a card of that month is over at now, by the Korean day.
func expired(month, year int, now time.Time) bool {
	return !now.Before(time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, seoul()))
}
