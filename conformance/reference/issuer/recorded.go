package issuer

import (
	"context"
	"strings"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// entryPage is how many entries are read at a time.
const entryPage = 500

// Entries returns the issuer's ledger as the judge reads it: what each entry does
// to its payment, which request asked for it, and its postings.
func (s *Issuer) Entries(ctx context.Context) (list []conformance.Entry, err error) {
	err = s.config.Journal.View(ctx, func(tx journal.Tx) error {
		list = nil
		for after := ""; ; {
			page, err := s.books.Entries(tx, after, entryPage)
			if err != nil {
				return err
			}
			for i := range page {
				after = page[i].ID
				entries, err := s.recorded(tx, &page[i])
				if err != nil {
					return err
				}
				list = append(list, entries...)
			}
			if len(page) < entryPage {
				return nil
			}
		}
	})
	return list, err
}

// recorded is one entry of the ledger, as the effects that it has on its payment.
func (s *Issuer) recorded(tx journal.Records, e *ledger.Entry) (list []conformance.Entry, err error) {
	out := conformance.Entry{
		Party: s.config.Entity, At: e.At, Transaction: e.Transaction, Currency: e.Currency, Sender: e.Sender, Request: e.Request,
		Class: conformance.Declared,
	}
	for _, p := range e.Postings {
		out.Postings = append(out.Postings, conformance.Posting{Account: p.Account, Currency: e.Currency, Amount: p.Amount})
	}
	if e.Kind == kindFund {
		out.Effect = conformance.EffectNone
		return []conformance.Entry{out}, nil
	}
	held, taken := moved(e)
	for _, does := range effects(e.Kind, held, taken) {
		if does.amount == 0 {
			continue
		}
		one := out
		one.Effect, one.Amount = does.effect, does.amount
		if does.effect == conformance.EffectApproval {
			if err := s.approved(tx, e, &one); err != nil {
				return nil, err
			}
		}
		list = append(list, one)
		out.Postings = nil // they stand once
	}
	return list, nil
}

// approved adds what is known of an approval.
func (s *Issuer) approved(tx journal.Records, e *ledger.Entry, one *conformance.Entry) error {
	key, _, _ := strings.Cut(e.ID, "/")
	p, _, err := load[Payment](tx, spacePayments, key)
	one.Order = conformance.Order{Requester: p.Order.Requester, OrderID: p.Order.OrderID, Attempt: p.Order.Attempt, Part: p.Order.Part}
	one.OrderAmount, one.HoldExpires = p.OrderAmount, p.HoldExpires
	one.Authentication = p.Purpose == kecis.AmountAuthentication
	return err
}

// moved is by how much an entry raises what is held, and what is taken.
func moved(e *ledger.Entry) (held, taken int64) {
	for _, p := range e.Postings {
		switch {
		case p.Account == accountCommitments:
			held -= p.Amount
		case strings.HasPrefix(p.Account, accountPayable):
			taken -= p.Amount
		}
	}
	return held, taken
}

type effect struct {
	effect conformance.Effect
	amount int64
}

// effects are what an entry does that moves the hold and what is taken so.
func effects(kind string, held, taken int64) []effect {
	switch kind {
	case kindAuthorise:
		return []effect{{conformance.EffectApproval, held}}
	case kindSell:
		return []effect{{conformance.EffectApproval, taken}, {conformance.EffectCapture, taken}}
	case kindCapture:
		return []effect{{conformance.EffectCapture, taken}, {conformance.EffectRelease, -held - taken}}
	case kindUncapture:
		return []effect{{conformance.EffectCaptureReversal, -taken}, {conformance.EffectRelease, -taken - held}}
	case kindVoid:
		return []effect{{conformance.EffectVoid, -held}}
	case kindExpire:
		return []effect{{conformance.EffectExpiry, -held}}
	case kindRefund:
		return []effect{{conformance.EffectRefund, -taken}}
	}
	return []effect{{conformance.EffectReversal, -held - taken}}
}
