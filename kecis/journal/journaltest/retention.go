package journaltest

import (
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// old and young stand on both sides of the times that the sweeps are given.
const (
	old   = 100
	edge  = 200
	young = 300
)

func (p pair) sweep(t *testing.T, r journal.Retention) (changed int) {
	t.Helper()
	return until(t, p.a, func(tx journal.Tx) (int, error) { return tx.Sweep(r, 2) })
}

func sealed(id string, seconds int) *journal.Request {
	r := request(id)
	r.State, r.Claimed, r.Sealed, r.Due, r.Transaction = journal.Sealed, at(seconds), at(seconds), time.Time{}, ""
	return r
}

func sweepAnswers(t *testing.T, p pair) {
	running := sealed("_running", old)
	running.State, running.Sealed, running.Answer, running.Due = journal.Running, time.Time{}, journal.Digest{}, at(old)
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		for _, id := range []string{"_1", "_2", "_3"} {
			if err := tx.InsertRequest(sealed(id, old)); err != nil {
				return err
			}
		}
		return errors.Join(tx.InsertRequest(running), tx.InsertRequest(sealed("_young", young)))
	})
	same(t, "changed by no retention", p.sweep(t, journal.Retention{}), 0)
	same(t, "changed", p.sweep(t, journal.Retention{Answers: at(edge)}), 3)
	p.view(t, func(tx journal.Tx) error {
		for _, id := range []string{"_1", "_2", "_3"} {
			want := sealed(id, old)
			want.Answer = journal.Digest{}
			got, err := tx.Request(shop, id)
			same(t, "old", got, want)
			fails(t, "Request", err, nil)
		}
		got, err := tx.Request(shop, "_young")
		same(t, "young", got, sealed("_young", young))
		return err
	})
	// What is sealed late is not passed over.
	running.State, running.Sealed, running.Answer, running.Due = journal.Sealed, at(edge), digest("late"), time.Time{}
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.UpdateRequest(running) })
	same(t, "changed at the edge", p.sweep(t, journal.Retention{Answers: at(edge)}), 0)
	same(t, "changed later", p.sweep(t, journal.Retention{Answers: at(edge + 1)}), 1)
}

// payment is what one payment leaves behind.
func payment(tx journal.Tx, id string, seconds int, edit func(*journal.Transaction)) error {
	row := transaction(id)
	row.Created, row.Changed, row.Due, row.Busy = at(seconds), at(seconds), time.Time{}, ""
	edit(row)
	r := sealed("_"+id, seconds)
	r.Transaction, r.Key = id, "request-"+id
	upstream, other := sent("_up-"+id), sent("_other-"+id)
	upstream.Key, upstream.Created, upstream.Due, upstream.State = row.Key, at(seconds), time.Time{}, journal.Ended
	other.Key, other.Created, other.Due, other.State = r.Key, at(seconds), time.Time{}, journal.Ended
	o := &journal.Order{
		Requester: row.Requester, OrderID: row.OrderID, Currency: "KRW", Amount: 1,
		Parts: []journal.Part{{Part: 1, Attempt: 1, Transaction: id, Ended: true}},
	}
	return errors.Join(tx.InsertRequest(r), tx.InsertTransaction(row), tx.InsertEvent(event(id, 1)),
		tx.InsertEvent(event(id, 2)), tx.InsertSent(upstream), tx.InsertSent(other), tx.PutOrder(o))
}

// remains says how many rows of a payment are there.
func remains(tx journal.Tx, id string) (n int, err error) {
	_, err1 := tx.Request(shop, "_"+id)
	_, err2 := tx.Transaction(id)
	_, err3 := tx.Sent(bank, "_up-"+id)
	_, err4 := tx.Sent(bank, "_other-"+id)
	for _, e := range []error{err1, err2, err3, err4} {
		if e == nil {
			n++
		} else if !errors.Is(e, journal.ErrNotFound) {
			return n, e
		}
	}
	o, err := tx.Order(shop, "order-"+id)
	if err != nil {
		return n, err
	}
	if len(o.Parts) > 0 {
		n++
	}
	feed, err := tx.ListEvents(shop, 0, 100)
	for _, e := range feed {
		if e.Transaction == id {
			n++
		}
	}
	return n, err
}

func sweepTransactions(t *testing.T, p pair) {
	keep := func(*journal.Transaction) {}
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		shopsOwn := sent("_own")
		shopsOwn.Key, shopsOwn.Created, shopsOwn.Due, shopsOwn.State = "", at(old), time.Time{}, journal.Ended
		open := sent("_open")
		open.Key, open.Created, open.Due, open.State = "", at(old), time.Time{}, journal.Open
		tombstone := &journal.Request{Sender: shop, ID: "_tomb", State: journal.Tombstone, Epoch: 1, Claimed: at(old)}
		refused := sealed("_refused", old)
		return errors.Join(
			payment(tx, "due", old, func(row *journal.Transaction) { row.Due = at(old) }),
			payment(tx, "busy", old, func(row *journal.Transaction) { row.Busy = "_x" }),
			payment(tx, "changed", old, func(row *journal.Transaction) { row.Changed = at(young) }),
			payment(tx, "A", old, keep), payment(tx, "B", old, keep), payment(tx, "C", old, keep),
			payment(tx, "young", young, keep),
			tx.InsertSent(shopsOwn), tx.InsertSent(open), tx.InsertRequest(tombstone), tx.InsertRequest(refused),
			tx.Put("s", "k", []byte("the service's own")),
		)
	})
	p.sequence(t)
	same(t, "changed by no retention", p.sweep(t, journal.Retention{}), 0)
	p.sweep(t, journal.Retention{Transactions: at(edge)})
	p.view(t, func(tx journal.Tx) error {
		for id, want := range map[string]int{"A": 0, "B": 0, "C": 0, "young": 7, "due": 7, "busy": 7, "changed": 7} {
			n, err := remains(tx, id)
			if err != nil {
				return err
			}
			same(t, "rows of "+id, n, want)
		}
		_, err1 := tx.Sent(bank, "_own")
		_, err2 := tx.Request(shop, "_tomb")
		_, err3 := tx.Request(shop, "_refused")
		for _, err := range []error{err1, err2, err3} {
			fails(t, "old row without a transaction", err, journal.ErrNotFound)
		}
		_, err1 = tx.Sent(bank, "_open")
		_, err2 = tx.Get("s", "k")
		return errors.Join(err1, err2)
	})
}

func sweepEvidence(t *testing.T, p pair) {
	put := func(text string, seconds ...int) {
		for _, s := range seconds {
			p.check(t, func(t testing.TB, tx journal.Tx) error {
				e := exhibit(text)
				e.At = at(s)
				_, err := tx.PutDocument([]byte(text))
				return errors.Join(err, tx.AddEvidence(e))
			})
		}
	}
	put("one", old)
	put("again", old)
	put("two", old)
	put("three", old)
	put("again", young)
	put("young", young)
	p.chain(t)
	same(t, "changed by no retention", p.sweep(t, journal.Retention{}), 0)
	p.sweep(t, journal.Retention{Evidence: at(edge)})
	p.view(t, func(tx journal.Tx) error {
		for text, want := range map[string]error{
			"one": journal.ErrNotFound, "two": journal.ErrNotFound, "three": journal.ErrNotFound, "again": nil, "young": nil,
		} {
			_, err := tx.Document(digest(text))
			fails(t, text, err, want)
		}
		rows, err := tx.ListEvidence(0, 10)
		same(t, "rows of evidence", len(rows), 6)
		return err
	})
	p.sweep(t, journal.Retention{Evidence: at(young + 1)})
	p.view(t, func(tx journal.Tx) error {
		_, err := tx.Document(digest("again"))
		fails(t, "again", err, journal.ErrNotFound)
		return nil
	})
}
