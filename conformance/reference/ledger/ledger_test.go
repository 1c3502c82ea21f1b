package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

func entry(id string, postings ...ledger.Posting) *ledger.Entry {
	return &ledger.Entry{
		ID: id, At: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), Kind: "sell", Transaction: "T1", Currency: "KRW", Postings: postings,
	}
}

func TestPost(t *testing.T) {
	j, books := kecistest.NewJournal(), ledger.New("test")
	post := func(e *ledger.Entry) error {
		return j.Update(t.Context(), func(tx journal.Tx) error { return books.Post(tx, e) })
	}
	const big = math.MaxInt64
	refused := map[string]struct {
		entry *ledger.Entry
		want  error
	}{
		"one posting":    {entry("a", ledger.Posting{Account: "x", Amount: 1}), ledger.ErrUnbalanced},
		"none":           {entry("a"), ledger.ErrUnbalanced},
		"sum":            {entry("a", ledger.Posting{Account: "x", Amount: 2}, ledger.Posting{Account: "y", Amount: -1}), ledger.ErrUnbalanced},
		"zero":           {entry("a", ledger.Transfer("x", "y", 0)...), ledger.ErrUnbalanced},
		"overflow":       {entry("a", ledger.Posting{Account: "x", Amount: big}, ledger.Posting{Account: "y", Amount: big}, ledger.Posting{Account: "z", Amount: 2}), ledger.ErrRange},
		"no ID":          {entry("", ledger.Transfer("x", "y", 1)...), ledger.ErrForm},
		"blank in ID":    {entry("a b", ledger.Transfer("x", "y", 1)...), ledger.ErrForm},
		"account":        {entry("a", ledger.Transfer("x y", "y", 1)...), ledger.ErrForm},
		"long account":   {entry("a", ledger.Transfer(strings.Repeat("x", 1101), "y", 1)...), ledger.ErrForm},
		"Korean account": {entry("a", ledger.Transfer("계정", "y", 1)...), ledger.ErrForm},
	}
	for name, c := range refused {
		if err := post(c.entry); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for i, e := range []*ledger.Entry{
		entry("a", ledger.Transfer("x", ledger.House+"pg", 100)...),
		entry("b", ledger.Transfer("x", ledger.House+"pg", 50)...),
		entry("c", append(ledger.Transfer(ledger.House+"pg", "x", 30), ledger.Transfer("x", "x", 7)...)...),
	} {
		if err := post(e); err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
	}
	if err := post(entry("b", ledger.Transfer("x", "y", 50)...)); !errors.Is(err, journal.ErrExists) {
		t.Errorf("posted twice: %v", err)
	}
	view(t, j, func(tx journal.Tx) error {
		for account, want := range map[string]int64{"x": 120, ledger.House + "pg": -120, "y": 0} {
			if got, err := books.Balance(tx, account, "KRW"); got != want || err != nil {
				t.Errorf("balance of %s: %d, %v, want %d", account, got, err, want)
			}
		}
		entries, err := books.Entries(tx, "a", 1)
		if err != nil || len(entries) != 1 || entries[0].ID != "b" || entries[0].Postings[0].Amount != 50 || entries[0].Transaction != "T1" {
			t.Errorf("entries behind a: %+v, %v", entries, err)
		}
		if e, err := books.Entry(tx, "b"); err != nil || e.ID != "b" || e.Postings[1].Amount != -50 {
			t.Errorf("entry b: %+v, %v", e, err)
		}
		if _, err := books.Entry(tx, "d"); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("no entry: %v", err)
		}
		return nil
	})
	audit(t, j, books)
}

func TestBalanceOutOfRange(t *testing.T) {
	j, books := kecistest.NewJournal(), ledger.New("test")
	const most = 1 << 62
	err := j.Update(t.Context(), func(tx journal.Tx) error { return books.Post(tx, entry("a", ledger.Transfer("x", "y", most)...)) })
	if err != nil {
		t.Fatal(err)
	}
	err = j.Update(t.Context(), func(tx journal.Tx) error { return books.Post(tx, entry("b", ledger.Transfer("x", "y", 1)...)) })
	if !errors.Is(err, ledger.ErrRange) {
		t.Errorf("error %v", err)
	}
	audit(t, j, books)
}

// TestManyAtOnce posts to one account of the house from many goroutines.
func TestManyAtOnce(t *testing.T) {
	j, books := kecistest.NewJournal(), ledger.New("test")
	const many = 200
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			err := j.Update(context.Background(), func(tx journal.Tx) error {
				return books.Post(tx, entry(fmt.Sprintf("e%04d", i), ledger.Transfer(fmt.Sprintf("customer/%d", i%7), ledger.House+"payable", 3)...))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	view(t, j, func(tx journal.Tx) error {
		if got, err := books.Balance(tx, ledger.House+"payable", "KRW"); got != -3*many || err != nil {
			t.Errorf("balance %d, %v", got, err)
		}
		return nil
	})
	audit(t, j, books)
}

// TestAuditFinds changes the books behind the ledger's back.
func TestAuditFinds(t *testing.T) {
	for name, spoil := range map[string]func(tx journal.Tx) error{
		"balance":         func(tx journal.Tx) error { return tx.Put("test/balances", "KRW x", []byte("101")) },
		"balance of none": func(tx journal.Tx) error { return tx.Put("test/balances", "KRW z", []byte("1")) },
		"entry":           func(tx journal.Tx) error { return tx.Delete("test/entries", "a") },
		"posting": func(tx journal.Tx) error {
			return tx.Put("test/entries", "a", []byte(`{"kind":"sell","currency":"KRW","postings":[{"account":"x","amount":100},{"account":"y","amount":-99}]}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			j, books := kecistest.NewJournal(), ledger.New("test")
			err := j.Update(t.Context(), func(tx journal.Tx) error {
				return errors.Join(books.Post(tx, entry("a", ledger.Transfer("x", "y", 100)...)), spoil(tx))
			})
			if err != nil {
				t.Fatal(err)
			}
			view(t, j, func(tx journal.Tx) error {
				if findings, err := books.Audit(tx); len(findings) == 0 || err != nil {
					t.Errorf("findings %q, %v", findings, err)
				}
				return nil
			})
		})
	}
}

func view(t *testing.T, j journal.Journal, read func(journal.Tx) error) {
	t.Helper()
	if err := j.View(t.Context(), read); err != nil {
		t.Fatal(err)
	}
}

func audit(t *testing.T, j journal.Journal, books ledger.Ledger) {
	t.Helper()
	view(t, j, func(tx journal.Tx) error {
		findings, err := books.Audit(tx)
		for _, f := range findings {
			t.Error(f)
		}
		return err
	})
}
