// Package journaltest is the suite that every store of package journal passes:
// what its users, package kecis above all, build on. A store's own test calls
// Run, and Durable if it survives its process.
package journaltest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// Run runs the suite on stores that open returns, each new and empty.
func Run(t *testing.T, open func(t *testing.T) journal.Journal) {
	t.Helper()
	Shared(t, func(t *testing.T) (a, b journal.Journal) {
		t.Helper()
		j := open(t)
		return j, j
	})
}

// Shared runs the suite on two journals over one new and empty store: what one
// writes the other reads, and where rows are contended each has half the load.
func Shared(t *testing.T, open func(t *testing.T) (a, b journal.Journal)) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(*testing.T, pair)
	}{
		{"Requests", requests},
		{"Fencing", fencing},
		{"DueRequests", dueRequests},
		{"Transactions", transactions},
		{"ListTransactions", listTransactions},
		{"Orders", orders},
		{"Sent", sentMessages},
		{"Events", events},
		{"DueEvents", dueEvents},
		{"Documents", documents},
		{"Chain", chain},
		{"Records", records},
		{"Times", times},
		{"Copies", copies},
		{"SeesItself", seesItself},
		{"SweptIsGone", sweptIsGone},
		{"ErrorUndoesAll", errorUndoesAll},
		{"ErrorUndoesItself", errorUndoesItself},
		{"PanicUndoesAll", panicUndoesAll},
		{"ViewWritesNothing", viewWritesNothing},
		{"AfterTheEnd", afterTheEnd},
		{"Cancelled", cancelled},
		{"Counters", counters},
		{"CountersCrosswise", crosswise},
		{"RowsStayLocked", rowsStayLocked},
		{"OneInsertWins", oneInsertWins},
		{"OneOrder", oneOrder},
		{"FeedNeverGoesBack", feedNeverGoesBack},
		{"ChainUnderLoad", chainUnderLoad},
		{"ViewIsOneState", viewIsOneState},
		{"SweepAnswers", sweepAnswers},
		{"SweepTransactions", sweepTransactions},
		{"SweepEvidence", sweepEvidence},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := open(t)
			c.run(t, pair{a, b})
		})
	}
}

// pair are two journals over one store, or one journal twice.
type pair struct{ a, b journal.Journal }

// of returns one of the two.
func (p pair) of(i int) journal.Journal {
	if i%2 == 0 {
		return p.a
	}
	return p.b
}

// start is the time at which the tests begin.
func start() time.Time { return time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC) }

func at(seconds int) time.Time { return start().Add(time.Duration(seconds) * time.Second) }

// update runs a change that must succeed.
func (p pair) update(t *testing.T, change func(tx journal.Tx) error) {
	t.Helper()
	if err := p.a.Update(t.Context(), change); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

// check is update for a change that looks at what it reads: what its last run
// has found counts.
func (p pair) check(t *testing.T, change func(t testing.TB, tx journal.Tx) error) {
	t.Helper()
	var last *recorder
	p.update(t, func(tx journal.Tx) error {
		last = &recorder{TB: t}
		return change(last, tx)
	})
	for _, failure := range last.failures {
		t.Error(failure)
	}
}

// recorder keeps what a test finds, to be told later.
type recorder struct {
	testing.TB

	failures []string
}

func (r *recorder) Errorf(format string, values ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, values...))
}

func (r *recorder) Error(values ...any) { r.failures = append(r.failures, fmt.Sprint(values...)) }

// view runs a reading that must succeed.
func (p pair) view(t *testing.T, read func(tx journal.Tx) error) {
	t.Helper()
	if err := p.b.View(t.Context(), read); err != nil {
		t.Fatalf("View: %v", err)
	}
}

// fails holds that an error is the wanted one; nil wants none.
func fails(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, shown(got), shown(want))
	}
}

// shown writes a value, a row with the names of its fields.
func shown(v any) string {
	if at := reflect.ValueOf(v); at.Kind() == reflect.Pointer && !at.IsNil() {
		v = at.Elem().Interface()
	}
	return fmt.Sprintf("%+v", v)
}

// refused runs a change that must be refused for a reason.
func (p pair) refused(t *testing.T, what string, want error, change func(tx journal.Tx) error) {
	t.Helper()
	fails(t, what, p.a.Update(t.Context(), change), want)
}

// until calls work until it finds nothing more to do, and returns how much it did.
func until(t *testing.T, j journal.Journal, work func(tx journal.Tx) (int, error)) (total int) {
	t.Helper()
	for range 10_000 {
		n := 0
		err := j.Update(t.Context(), func(tx journal.Tx) (err error) {
			n, err = work(tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return total
		}
		total += n
	}
	t.Fatal("the work has no end")
	return total
}

func (p pair) sequence(t *testing.T) {
	t.Helper()
	until(t, p.a, func(tx journal.Tx) (int, error) { return tx.SequenceEvents(3) })
}

func (p pair) chain(t *testing.T) {
	t.Helper()
	until(t, p.a, func(tx journal.Tx) (int, error) { return tx.ChainEvidence(3) })
}
