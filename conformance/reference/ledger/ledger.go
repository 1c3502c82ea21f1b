// Package ledger is double entry in the records of a journal: entries are only
// added, each sums to zero, and what an entry does to the balances is one commit
// with what it was posted for. The reference issuer and the reference PG keep
// their books in it, and the judge reads them (I1).
package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// Reasons for which an entry is refused. Test with errors.Is.
var (
	// ErrUnbalanced: the postings do not sum to zero, or one of them is zero.
	ErrUnbalanced = errors.New("ledger: the postings do not sum to zero")
	// ErrForm: an ID, currency or account is empty, too long, or has characters
	// other than printable ASCII without blanks.
	ErrForm = errors.New("ledger: an identifier is not well-formed")
	// ErrRange: a balance would leave the range of its integer.
	ErrRange = errors.New("ledger: a balance is out of range")
)

// House is the beginning of the names of accounts of the house: many payments
// post to them at once, and their balance is kept in stripes, so that these do
// not wait for each other.
const House = "house/"

// stripes is a power of two well above the writers that commit at a time.
const stripes = 16

// maxName bounds identifiers: an entityID, which may have 1,024 octets, with a
// prefix.
const maxName = 1100

// maxBalance leaves a bit of room below the largest int64, so that a sum of two
// never wraps round.
const maxBalance = 1 << 62

// Ledger is one set of books. Its methods work within a transaction of the
// journal that the caller has opened.
type Ledger struct{ entries, balances string }

// New returns the ledger of that name. Ledgers of different names may stand in
// one journal.
func New(name string) Ledger { return Ledger{name + "/entries", name + "/balances"} }

// Entry is one business event: what moved from which account to which.
type Entry struct {
	// ID is the poster's own, for example the operation key and a step. An
	// entry is posted once.
	ID string    `json:"-"`
	At time.Time `json:"at"`
	// Kind says what happened: "authorise", "capture", "refund".
	Kind string `json:"kind"`
	// Transaction is the ID of the payment that it is about; "" for none.
	Transaction string `json:"transaction,omitzero"`
	// Sender and Request name the message that asked for it; "" for what was done
	// without one, as an expiry.
	Sender  string `json:"sender,omitzero"`
	Request string `json:"request,omitzero"`
	// Currency is the alphabetic code of ISO 4217.
	Currency string    `json:"currency"`
	Postings []Posting `json:"postings"`
}

// Posting is one line of an entry.
type Posting struct {
	Account string `json:"account"`
	// Amount is in minor units: a debit above zero, a credit below.
	Amount int64 `json:"amount"`
}

// Transfer returns the two postings that move an amount: a debit of one account
// and a credit of the other.
func Transfer(debit, credit string, amount int64) []Posting {
	return []Posting{{debit, amount}, {credit, -amount}}
}

// Post adds an entry and moves the balances of its accounts. It returns
// ErrUnbalanced, ErrForm or ErrRange for an entry that must not stand, and
// journal.ErrExists for an ID that was posted before; then the caller must not
// commit.
func (l Ledger) Post(tx journal.Records, e *Entry) error {
	if err := e.check(); err != nil {
		return err
	}
	value, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	if err := tx.Add(l.entries, e.ID, value); err != nil {
		return err
	}
	// One order for all, so that two entries never wait for each other in a circle.
	sorted := slices.Clone(e.Postings)
	slices.SortFunc(sorted, func(a, b Posting) int { return strings.Compare(a.Account, b.Account) })
	for _, p := range sorted {
		if err := l.move(tx, stripeOf(p.Account, e.ID), e.Currency, p.Amount); err != nil {
			return err
		}
	}
	return nil
}

func (e *Entry) check() error {
	if !name(e.ID) || !name(e.Currency) || !name(e.Kind) {
		return ErrForm
	}
	var sum int64
	for _, p := range e.Postings {
		switch {
		case !name(p.Account):
			return ErrForm
		case p.Amount == 0:
			return ErrUnbalanced
		case p.Amount > maxBalance || p.Amount < -maxBalance || sum > maxBalance || sum < -maxBalance:
			return ErrRange
		}
		sum += p.Amount
	}
	if len(e.Postings) < 2 || sum != 0 {
		return ErrUnbalanced
	}
	return nil
}

func name(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

// stripeOf returns the name under which the entry's part of a balance is kept.
func stripeOf(account, entry string) string {
	if !strings.HasPrefix(account, House) {
		return account
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(entry)) // never fails
	return account + " " + strconv.FormatUint(uint64(h.Sum32()%stripes), 16)
}

func (l Ledger) move(tx journal.Records, stripe, currency string, amount int64) error {
	key := currency + " " + stripe
	balance, err := l.kept(tx, key)
	if err != nil {
		return err
	}
	balance += amount
	if balance > maxBalance || balance < -maxBalance {
		return ErrRange
	}
	return tx.Put(l.balances, key, strconv.AppendInt(nil, balance, 10))
}

func (l Ledger) kept(tx journal.Records, key string) (int64, error) {
	value, err := tx.Get(l.balances, key)
	if errors.Is(err, journal.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(value), 10, 64)
}

// Balance returns debits less credits of an account, in minor units. In Update
// the balance of an account that is not of the house stays as it is until the
// end.
func (l Ledger) Balance(tx journal.Records, account, currency string) (int64, error) {
	key := currency + " " + account
	if !strings.HasPrefix(account, House) {
		return l.kept(tx, key)
	}
	rows, err := tx.Range(l.balances, key+" ", key+"!", stripes)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, r := range rows {
		n, err := strconv.ParseInt(string(r.Value), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("ledger: %w", err)
		}
		sum += n
	}
	return sum, nil
}

// Entry returns the entry with that ID, or journal.ErrNotFound.
func (l Ledger) Entry(tx journal.Records, id string) (*Entry, error) {
	value, err := tx.Get(l.entries, id)
	if err != nil {
		return nil, err
	}
	e := new(Entry)
	if err := json.Unmarshal(value, e); err != nil {
		return nil, fmt.Errorf("ledger: entry %s: %w", id, err)
	}
	e.ID = id
	return e, nil
}

// Entries returns at most limit entries whose ID is above after, ascending by
// ID; "" is the start.
func (l Ledger) Entries(tx journal.Records, after string, limit int) ([]Entry, error) {
	if after != "" {
		after += " " // the least key behind it: no ID has a blank
	}
	rows, err := tx.Range(l.entries, after, "", limit)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		if err := json.Unmarshal(r.Value, &entries[i]); err != nil {
			return nil, fmt.Errorf("ledger: entry %s: %w", r.Key, err)
		}
		entries[i].ID = r.Key
	}
	return entries, nil
}
