package ledger

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kecis/sdk/kecis/journal"
)

// page is how many rows an audit reads at a time.
const page = 1000

// account is an account in one currency.
type account struct{ currency, name string }

// Audit adds all entries up anew and returns what is wrong, in words, nothing if
// the books are right: an entry that does not sum to zero (I1), or a balance that
// is not the sum of its postings. It reads the whole ledger.
func (l Ledger) Audit(tx journal.Records) (findings []string, err error) {
	sums := map[account]int64{}
	for after := ""; ; {
		entries, err := l.Entries(tx, after, page)
		if err != nil {
			return nil, err
		}
		for i := range entries {
			e := &entries[i]
			if err := e.check(); err != nil {
				findings = append(findings, fmt.Sprintf("entry %s: %v", e.ID, err))
			}
			for _, p := range e.Postings {
				sums[account{e.Currency, p.Account}] += p.Amount
			}
			after = e.ID
		}
		if len(entries) < page {
			break
		}
	}
	kept, err := l.balancesKept(tx)
	if err != nil {
		return nil, err
	}
	for a, sum := range sums {
		if kept[a] != sum {
			findings = append(findings, fmt.Sprintf("account %s: %s %d is kept, its postings make %d", a.name, a.currency, kept[a], sum))
		}
	}
	for a, balance := range kept {
		if _, posted := sums[a]; !posted && balance != 0 {
			findings = append(findings, fmt.Sprintf("account %s: %s %d is kept without a posting", a.name, a.currency, balance))
		}
	}
	slices.Sort(findings)
	return findings, nil
}

// balancesKept adds up the stripes.
func (l Ledger) balancesKept(tx journal.Records) (map[account]int64, error) {
	kept := map[account]int64{}
	for from := ""; ; {
		rows, err := tx.Range(l.balances, from, "", page)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			n, err := strconv.ParseInt(string(r.Value), 10, 64)
			parts := strings.Split(r.Key, " ")
			if err != nil || len(parts) < 2 {
				return nil, fmt.Errorf("ledger: balance %s: %w", r.Key, err)
			}
			kept[account{parts[0], parts[1]}] += n
			from = r.Key + " "
		}
		if len(rows) < page {
			return kept, nil
		}
	}
}
