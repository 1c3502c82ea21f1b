package issuer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/kecis/sdk/kecis/journal"
)

// Payments returns at most limit payments whose operation key is above after,
// ascending by key; "" is the start.
func (s *Issuer) Payments(ctx context.Context, after string, limit int) (list []Payment, err error) {
	err = s.config.Journal.View(ctx, func(tx journal.Tx) error {
		list, err = payments(tx, after, limit)
		return err
	})
	return list, err
}

func payments(tx journal.Records, after string, limit int) ([]Payment, error) {
	rows, err := tx.Range(spacePayments, next(after), "", limit)
	if err != nil {
		return nil, err
	}
	list := make([]Payment, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal(r.Value, &list[i]); err != nil {
			return nil, fmt.Errorf("issuer: a payment: %w", err)
		}
		list[i].Key = r.Key
	}
	return list, nil
}

// auditPage is how many payments an audit reads at a time.
const auditPage = 1000

// Audit reads all books in one state and returns what is wrong, in words,
// nothing if all is right: I1, I2, I3, holds and debts that are not those of the
// payments, and holds past their time limit (I5), which the next RunOnce ends.
func (s *Issuer) Audit(ctx context.Context) (findings []string, err error) {
	err = s.config.Journal.View(ctx, func(tx journal.Tx) error {
		if findings, err = s.books.Audit(tx); err != nil {
			return err
		}
		more, err := s.auditPayments(tx)
		findings = append(findings, more...)
		return err
	})
	return findings, err
}

func (s *Issuer) auditPayments(tx journal.Records) (findings []string, err error) {
	expected := map[[2]string]int64{} // by account and currency
	for after := ""; ; {
		list, err := payments(tx, after, auditPage)
		if err != nil {
			return nil, err
		}
		for i := range list {
			p := &list[i]
			after = p.Key
			if wrong := s.wrong(p); wrong != "" {
				findings = append(findings, "payment "+p.Key+": "+wrong)
			}
			if p.ApprovalCode != "" {
				currency := string(p.Currency)
				taken := p.Captured - p.Refunded
				if p.deposited() {
					taken -= p.Held
				} else {
					expected[[2]string{held(p.Instrument), currency}] += p.Held
				}
				expected[[2]string{payable(p.Sender), currency}] -= taken
				expected[[2]string{customer(p.Instrument), currency}] += taken
			}
		}
		if len(list) < auditPage {
			break
		}
	}
	for account, want := range expected {
		got, err := s.books.Balance(tx, account[0], account[1])
		if err != nil {
			return nil, err
		}
		paidIn, err := s.paidIn(tx, account[0])
		if err != nil {
			return nil, err
		}
		if want -= paidIn; got != want {
			findings = append(findings, fmt.Sprintf("account %s: %d, the payments make %d", strings.Join(account[:], " "), got, want))
		}
	}
	return findings, nil
}

// paidIn returns what a customer's account began with; 0 of another account.
func (s *Issuer) paidIn(tx journal.Records, account string) (int64, error) {
	instrument, ok := strings.CutPrefix(account, customer(""))
	if !ok {
		return 0, nil
	}
	entry, err := s.books.Entry(tx, instrument+"/fund")
	if errors.Is(err, journal.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return entry.Postings[0].Amount, nil
}

// wrong returns what no payment may be.
func (s *Issuer) wrong(p *Payment) string {
	if p.ApprovalCode == "" {
		if p.Held+p.Captured+p.Refunded+p.Voided+p.Released != 0 {
			return "money moved without an approval"
		}
		return ""
	}
	switch {
	case p.Held < 0 || p.Captured < 0 || p.Refunded < 0 || p.Voided < 0:
		return "an amount below zero"
	case p.Held+p.Captured+p.Voided+p.Released != p.Amount:
		return "what was held, captured and given back is not what was approved (I2)"
	case p.Refunded > p.Captured:
		return "more refunded than captured (I3)"
	case p.Held > 0 && p.State != Approved:
		return "a hold in state " + string(p.State)
	case p.Held > 0 && !s.now().Before(p.HoldExpires):
		return "a hold past its time limit (I5)"
	case p.State == Reversed && p.Captured != p.Refunded:
		return "reversed, but money is still taken"
	}
	return ""
}
