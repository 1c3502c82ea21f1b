package journaltest

import (
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// lists counts what the lists of a transaction show of what everything writes.
func lists(t testing.TB, tx journal.Tx, want int) error {
	t.Helper()
	later := at(1_000_000)
	due, err1 := tx.DueRequests(later, 10)
	same(t, "DueRequests", len(due), want)
	payments, err2 := tx.DueTransactions(later, 10)
	same(t, "DueTransactions", len(payments), want)
	listed, err3 := tx.ListTransactions(shop, time.Time{}, later, time.Time{}, "", 10)
	same(t, "ListTransactions", len(listed), want)
	sums, err4 := tx.SumTransactions(shop, time.Time{}, later)
	same(t, "SumTransactions", len(sums), want)
	sentDue, err5 := tx.DueSent(later, 10)
	same(t, "DueSent", len(sentDue), want)
	sentBy, err6 := tx.SentByKey(sent("_1").Key)
	same(t, "SentByKey", len(sentBy), want)
	records, err7 := tx.Range("s", "", "", 10)
	same(t, "Range", len(records), want)
	return errors.Join(err1, err2, err3, err4, err5, err6, err7)
}

// seesItself holds that the lists of a change show what it has written so far,
// and that all of it goes with the change, whatever was listed in between.
func seesItself(t *testing.T, p pair) {
	reason := errors.New("changed my mind")
	err := p.a.Update(t.Context(), func(tx journal.Tx) error {
		if err := errors.Join(everything(tx), lists(t, tx, 1), tx.Delete("s", "k")); err != nil {
			t.Error(err)
		}
		_, miss := tx.Get("s", "k")
		fails(t, "Get of what was deleted", miss, journal.ErrNotFound)
		rows, err := tx.Range("s", "", "", 10)
		same(t, "Range behind Delete", len(rows), 0)
		return errors.Join(reason, err)
	})
	if !errors.Is(err, reason) {
		t.Error(err)
	}
	p.nothing(t)
	p.view(t, func(tx journal.Tx) error { return lists(t, tx, 0) })
	p.update(t, everything)
	p.view(t, func(tx journal.Tx) error { return lists(t, tx, 1) })
	p.update(t, func(tx journal.Tx) error { return tx.Delete("s", "k") })
	p.view(t, func(tx journal.Tx) error {
		_, miss := tx.Get("s", "k")
		fails(t, "Get of what was deleted", miss, journal.ErrNotFound)
		return nil
	})
}

// sweptIsGone holds that a change finds nothing of what it, or one before it, has
// swept, although it had read the rows.
func sweptIsGone(t *testing.T, p pair) {
	old := transaction("1")
	old.Due, old.Busy = time.Time{}, ""
	o := order("1")
	o.Parts = []journal.Part{{Part: 1, Attempt: 1, Transaction: old.ID, Ended: true}}
	old.Requester, old.OrderID = o.Requester, o.OrderID
	gone := func(tx journal.Tx) error {
		_, miss := tx.Transaction(old.ID)
		fails(t, "Transaction", miss, journal.ErrNotFound)
		kept, err := tx.Order(o.Requester, o.OrderID)
		if err == nil {
			same(t, "order", kept, &journal.Order{Requester: o.Requester, OrderID: o.OrderID})
		}
		return err
	}
	p.update(t, func(tx journal.Tx) error { return errors.Join(tx.InsertTransaction(old), tx.PutOrder(o)) })
	p.update(t, func(tx journal.Tx) error {
		_, err1 := tx.Transaction(old.ID)
		_, err2 := tx.Order(o.Requester, o.OrderID)
		_, err3 := tx.Sweep(journal.Retention{Transactions: at(1_000_000)}, 10)
		return errors.Join(err1, err2, err3, gone(tx))
	})
	p.update(t, gone)
	p.update(t, func(tx journal.Tx) error { return tx.InsertTransaction(old) })
}
