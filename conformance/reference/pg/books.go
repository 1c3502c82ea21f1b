package pg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// The accounts of the ledger. All are of the house, since many payments post to
// each at once.
const (
	accountClaims  = ledger.House + "claims/"  // and the issuer that owes
	accountPayable = ledger.House + "payable/" // and the merchant to whom it is owed
	accountFees    = ledger.House + "fees"     // what the PG earns
)

// account is what a payment has moved in the ledger, in minor units.
type account struct {
	Payee, Issuer string         `json:",omitzero"`
	Currency      kecis.Currency `json:",omitzero"`
	// Rate is the merchant's at the first capture.
	Rate int64 `json:",omitzero"`
	// Taken is claimed from the issuer; of it Fee is the PG's, the rest the payee's.
	Taken, Fee int64 `json:",omitzero"`
}

// Post keeps the ledger in step with a payment: what is captured is claimed from
// the issuer, and owed to the payee less the fee, at the capture; a refund or
// reversal takes both back. A hold is nobody's money yet and is not posted.
func (s *PG) Post(_ context.Context, tx journal.Tx, c *kecis.Change) error {
	if c.Before.InstrumentRef == "" && c.After.InstrumentRef != "" {
		if err := keepRef(tx, refKey(c.After.InstrumentRef, c.Owner)); err != nil {
			return err
		}
	}
	taken := c.After.Taken()
	if taken == c.Before.Taken() {
		return nil
	}
	kept, err := s.accountOf(tx, c)
	if err != nil {
		return err
	}
	fee := feeOf(taken, kept.Rate)
	entry := ledger.Entry{
		ID: fmt.Sprintf("%s/%06d", c.After.ID, c.Sequence), At: c.At, Kind: kindOf(c),
		Transaction: c.After.ID, Currency: string(kept.Currency),
		Postings: postings(kept, taken-kept.Taken, fee-kept.Fee),
	}
	kept.Taken, kept.Fee = taken, fee
	if err := s.books.Post(tx, &entry); err != nil {
		return err
	}
	return save(tx, spaceAccounts, c.After.ID, kept)
}

// accountOf reads what a payment has moved so far; of a new one nothing.
func (s *PG) accountOf(tx journal.Records, c *kecis.Change) (*account, error) {
	kept := &account{Payee: c.Payee, Issuer: c.Issuer, Currency: c.After.Amount.Currency}
	value, err := tx.Get(spaceAccounts, c.After.ID)
	switch {
	case err == nil:
		return kept, json.Unmarshal(value, kept)
	case !errors.Is(err, journal.ErrNotFound):
		return nil, err
	}
	m, _, err := merchant(tx, c.Payee)
	kept.Rate = m.Rate
	return kept, err
}

// postings move an amount from the issuer to the payee, less the fee; a negative
// one goes back. A line of nothing is left out.
func postings(a *account, amount, fee int64) []ledger.Posting {
	return slices.DeleteFunc([]ledger.Posting{
		{Account: accountClaims + a.Issuer, Amount: amount},
		{Account: accountPayable + a.Payee, Amount: fee - amount},
		{Account: accountFees, Amount: -fee},
	}, func(p ledger.Posting) bool { return p.Amount == 0 })
}

// feeOf is the fee for an amount of a payment, rounded half up.
func feeOf(taken, rate int64) int64 {
	const whole = 100 * 100 // a rate is in hundredths of a percent
	return (taken*rate + whole/2) / whole
}

// kindOf names an entry.
func kindOf(c *kecis.Change) string {
	switch {
	case c.After.Taken() > c.Before.Taken():
		return "capture"
	case len(c.After.Cancellations) > len(c.Before.Cancellations):
		return "refund"
	}
	return "reverse"
}

// keepRef notes that a shop was given an InstrumentRef.
func keepRef(tx journal.Records, key string) error {
	known, err := hasRef(tx, key)
	if err != nil || known {
		return err
	}
	return tx.Put(spaceRefs, key, []byte{'1'})
}

// Owed returns what the PG owes a merchant, in minor units.
func (s *PG) Owed(ctx context.Context, merchant string, currency kecis.Currency) (int64, error) {
	balance, err := s.balance(ctx, accountPayable+merchant, currency)
	return -balance, err
}

// Claim returns what an issuer owes the PG, in minor units.
func (s *PG) Claim(ctx context.Context, issuer string, currency kecis.Currency) (int64, error) {
	return s.balance(ctx, accountClaims+issuer, currency)
}

// Fees returns what the PG has earned, in minor units.
func (s *PG) Fees(ctx context.Context, currency kecis.Currency) (int64, error) {
	balance, err := s.balance(ctx, accountFees, currency)
	return -balance, err
}

func (s *PG) balance(ctx context.Context, account string, currency kecis.Currency) (balance int64, err error) {
	err = s.journal.View(ctx, func(tx journal.Tx) error {
		balance, err = s.books.Balance(tx, account, string(currency))
		return err
	})
	return balance, err
}

// auditPage is how many payments an audit reads at a time.
const auditPage = 1000

// Audit reads all books in one state and returns what is wrong, in words, nothing
// if all is right: entries that do not sum to zero, balances that are not those of
// the postings (I1), and balances that are not those of the payments.
func (s *PG) Audit(ctx context.Context) (findings []string, err error) {
	err = s.journal.View(ctx, func(tx journal.Tx) error {
		if findings, err = s.books.Audit(tx); err != nil {
			return err
		}
		expected, err := expectedBalances(tx)
		if err != nil {
			return err
		}
		for name, want := range expected {
			got, err := s.books.Balance(tx, name[0], name[1])
			if err != nil {
				return err
			}
			if got != want {
				findings = append(findings, fmt.Sprintf("account %s: %d, the payments make %d", strings.Join(name[:], " "), got, want))
			}
		}
		return nil
	})
	slices.Sort(findings)
	return findings, err
}

// expectedBalances adds up the payments, by account and currency.
func expectedBalances(tx journal.Records) (map[[2]string]int64, error) {
	expected := map[[2]string]int64{}
	for from := ""; ; {
		rows, err := tx.Range(spaceAccounts, from, "", auditPage)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			var a account
			if err := json.Unmarshal(r.Value, &a); err != nil {
				return nil, fmt.Errorf("pg: payment %s: %w", r.Key, err)
			}
			for _, p := range postings(&a, a.Taken, a.Fee) {
				expected[[2]string{p.Account, string(a.Currency)}] += p.Amount
			}
			from = r.Key + " "
		}
		if len(rows) < auditPage {
			return expected, nil
		}
	}
}
