package kecistest_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/journal/journaltest"
	"github.com/kecis/sdk/kecis/kecistest"
)

func TestJournal(t *testing.T) {
	journaltest.Run(t, func(*testing.T) journal.Journal { return kecistest.NewJournal() })
}

// TestConflictingJournal runs every change twice: the suite notices none of it.
func TestConflictingJournal(t *testing.T) {
	journaltest.Run(t, func(*testing.T) journal.Journal {
		j, again := kecistest.NewJournal(), false
		j.Conflict = func() bool { again = !again; return again }
		return j
	})
}

func TestJournalCrashes(t *testing.T) {
	crash := errors.New("crash")
	insert := func(tx journal.Tx) error {
		return errors.Join(tx.InsertRequest(&journal.Request{Sender: "s", ID: "_1", State: journal.Running}),
			tx.Put("space", "key", []byte("value")))
	}

	j := kecistest.NewJournal()
	j.BeforeCommit = func() error { return crash }
	err := j.Update(t.Context(), insert)
	if !errors.Is(err, crash) || errors.Is(err, journal.ErrUncertain) {
		t.Errorf("before the commit: %v", err)
	}
	if len(j.AllRequests())+len(j.AllRecords("space")) != 0 {
		t.Error("what crashed before the commit was applied")
	}

	j.BeforeCommit = nil
	j.AfterCommit = func() error {
		// The journal is free: another may look.
		if len(j.AllRequests()) != 1 {
			t.Error("what crashed after the commit was not applied")
		}
		return crash
	}
	err = j.Update(t.Context(), insert)
	if !errors.Is(err, crash) || !errors.Is(err, journal.ErrUncertain) {
		t.Errorf("after the commit: %v", err)
	}
	// A failed change commits nothing, so there is no crash after it.
	if err = j.Update(t.Context(), insert); !errors.Is(err, journal.ErrExists) || errors.Is(err, crash) {
		t.Errorf("failed change: %v", err)
	}
}

// TestJournalIsTheSameEachTime plays one history several times.
func TestJournalIsTheSameEachTime(t *testing.T) {
	var first []string
	for range 5 {
		got := history(t)
		if first == nil {
			first = got
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Fatalf("another history (-first +now):\n%s", diff)
		}
	}
}

func history(t *testing.T) (out []string) {
	t.Helper()
	j := kecistest.NewJournal()
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for i := range 50 {
		id := fmt.Sprint("_", i*7919%50)
		err := j.Update(t.Context(), func(tx journal.Tx) error {
			return errors.Join(
				tx.InsertRequest(&journal.Request{Sender: "s", ID: id, State: journal.Running, Due: now}),
				tx.InsertTransaction(&journal.Transaction{ID: id, Owner: "o", Created: now, Changed: now}),
				tx.InsertSent(&journal.Sent{Recipient: "r", ID: id, Key: "k", State: journal.Open, Due: now, Created: now}),
				tx.InsertEvent(&journal.Event{ID: id, Recipient: "s", Transaction: id, Sequence: 1, State: journal.Waiting, Due: now}),
				tx.AddEvidence(&journal.Exhibit{MessageID: id}),
				tx.Put("space", id, nil))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := j.Update(t.Context(), func(tx journal.Tx) error {
		_, err := tx.SequenceEvents(30)
		_, err2 := tx.ChainEvidence(30)
		requests, err3 := tx.DueRequests(now, 20)
		transactions, err4 := tx.DueTransactions(now, 20)
		events, err5 := tx.DueEvents(now, 20)
		sent, err6 := tx.SentByKey("k")
		for _, r := range requests {
			out = append(out, r.ID)
		}
		for _, r := range transactions {
			out = append(out, r.ID)
		}
		for _, e := range events {
			out = append(out, e.ID)
		}
		for _, s := range sent {
			out = append(out, s.ID)
		}
		_, err7 := tx.Sweep(journal.Retention{Transactions: now.Add(time.Hour)}, 10)
		return errors.Join(err, err2, err3, err4, err5, err6, err7)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range j.AllRequests() {
		out = append(out, r.ID)
	}
	for _, r := range j.AllTransactions() {
		out = append(out, r.ID)
	}
	for _, s := range j.AllSent() {
		out = append(out, s.ID)
	}
	for _, e := range j.AllEvents() {
		out = append(out, fmt.Sprint(e.ID, " ", e.Cursor))
	}
	for _, e := range j.AllEvidence() {
		out = append(out, fmt.Sprint(e.MessageID, " ", e.Number))
	}
	for _, r := range j.AllRecords("space") {
		out = append(out, r.Key)
	}
	for _, o := range j.AllOrders() {
		out = append(out, o.OrderID)
	}
	if !slices.IsSorted(func() (keys []string) {
		for _, r := range j.AllRecords("space") {
			keys = append(keys, r.Key)
		}
		return keys
	}()) {
		t.Error("records are not in order")
	}
	return out
}

// BenchmarkJournal shows that a change costs what it touches: its time does not
// grow with what the journal holds.
func BenchmarkJournal(b *testing.B) {
	for _, held := range []int{100, 10_000} {
		b.Run(fmt.Sprint(held), func(b *testing.B) {
			j := kecistest.NewJournal()
			now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
			change := func(i int) func(tx journal.Tx) error {
				return func(tx journal.Tx) error {
					return tx.InsertRequest(&journal.Request{Sender: "s", ID: fmt.Sprint(i), Due: now.Add(time.Duration(i) * time.Second)})
				}
			}
			for i := range held {
				if err := j.Update(b.Context(), change(i)); err != nil {
					b.Fatal(err)
				}
			}
			step := func(tx journal.Tx) error {
				r, err := tx.Request("s", "7")
				if err != nil {
					return err
				}
				r.Tries++
				return tx.ClaimRequest(r)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := j.Update(b.Context(), step); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
