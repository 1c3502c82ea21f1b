package journaltest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

func times(t *testing.T, p pair) {
	seoul := time.FixedZone("KST", 9*60*60)
	r := request("_1")
	r.Issued = time.Date(2026, 11, 24, 18, 30, 0, 123_999_999, seoul)
	r.Due = time.Time{}
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.InsertRequest(r) })
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.Request(shop, "_1")
		if got != nil {
			same(t, "zone", got.Issued.Location().String(), "UTC")
			same(t, "milliseconds", got.Issued.Format(time.RFC3339Nano), "2026-11-24T09:30:00.123Z")
			same(t, "no time", got.Due, time.Time{})
		}
		return err
	})
}

// copies holds that neither what was written nor what was read is shared.
func copies(t *testing.T, p pair) {
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		r, o, doc, value, e := request("_1"), order("1"), []byte("document"), []byte("value"), event("A", 1)
		fails(t, "InsertRequest", tx.InsertRequest(r), nil)
		fails(t, "PutOrder", tx.PutOrder(o), nil)
		fails(t, "Put", tx.Put("s", "k", value), nil)
		fails(t, "InsertEvent", tx.InsertEvent(e), nil)
		_, err := tx.PutDocument(doc)
		clear(r.Details)
		clear(o.Parts)
		clear(doc)
		clear(value)
		clear(e.Body)
		r.Kind, o.Amount = "", 0
		return err
	})
	p.sequence(t)
	for range 2 {
		p.check(t, func(t testing.TB, tx journal.Tx) error {
			r, err1 := tx.Request(shop, "_1")
			o, err2 := tx.Order(shop, "1")
			doc, err3 := tx.Document(digest("document"))
			value, err4 := tx.Get("s", "k")
			feed, err5 := tx.ListEvents(shop, 0, 1)
			if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
				return err
			}
			same(t, "request", r, request("_1"))
			same(t, "order", o, order("1"))
			same(t, "document", string(doc), "document")
			same(t, "value", string(value), "value")
			same(t, "body", string(feed[0].Body), "body")
			clear(r.Details)
			clear(o.Parts)
			clear(doc)
			clear(value)
			clear(feed[0].Body)
			r.Kind, o.Amount = "", 0
			return nil
		})
	}
}

// everything writes a row of each kind.
func everything(tx journal.Tx) error {
	_, err := tx.PutDocument([]byte("document"))
	return errors.Join(err,
		tx.InsertRequest(request("_1")), tx.InsertTransaction(transaction("1")), tx.PutOrder(order("1")),
		tx.InsertSent(sent("_1")), tx.InsertEvent(event("1", 1)), tx.AddEvidence(exhibit("document")),
		tx.Put("s", "k", []byte("value")))
}

// nothing looks for what everything writes, and finds none of it.
func (p pair) nothing(t *testing.T) {
	t.Helper()
	p.sequence(t)
	p.chain(t)
	p.view(t, func(tx journal.Tx) error {
		_, err1 := tx.Request(shop, "_1")
		_, err2 := tx.Transaction("1")
		_, err3 := tx.Sent(bank, "_1")
		_, err4 := tx.Document(digest("document"))
		_, err5 := tx.Get("s", "k")
		for _, err := range []error{err1, err2, err3, err4, err5} {
			fails(t, "after the failure", err, journal.ErrNotFound)
		}
		o, err1 := tx.Order(shop, "1")
		same(t, "order", o, &journal.Order{Requester: shop, OrderID: "1"})
		feed, err2 := tx.ListEvents(shop, 0, 10)
		same(t, "events", len(feed), 0)
		evidence, err3 := tx.ListEvidence(0, 10)
		same(t, "evidence", len(evidence), 0)
		return errors.Join(err1, err2, err3)
	})
}

func errorUndoesAll(t *testing.T, p pair) {
	reason := errors.New("changed my mind")
	err := p.a.Update(t.Context(), func(tx journal.Tx) error {
		if err := everything(tx); err != nil {
			t.Error(err)
		}
		return reason
	})
	if err != reason { //nolint:errorlint // it is to be returned as it is
		t.Errorf("error %v, want the change's own", err)
	}
	p.nothing(t)
	p.update(t, everything)
}

// errorUndoesItself fails some of many changes that run at the same time, which a
// store may put into one commit.
func errorUndoesItself(t *testing.T, p pair) {
	const changes = 60
	reason := errors.New("changed my mind")
	inParallel(t, changes, func(i int) error {
		id := string(rune('A' + i))
		err := p.of(i).Update(t.Context(), func(tx journal.Tx) error {
			if err := errors.Join(tx.InsertRequest(request(id)), tx.InsertEvent(event(id, 1)),
				tx.AddEvidence(exhibit(id))); err != nil {
				return err
			}
			if _, err := tx.PutDocument([]byte(id)); err != nil {
				return err
			}
			if i%3 == 0 {
				return reason
			}
			return nil
		})
		if i%3 == 0 && errors.Is(err, reason) {
			return nil
		}
		return err
	})
	p.sequence(t)
	p.chain(t)
	p.view(t, func(tx journal.Tx) error {
		for i := range changes {
			id := string(rune('A' + i))
			_, err1 := tx.Request(shop, id)
			_, err2 := tx.Document(digest(id))
			for _, err := range []error{err1, err2} {
				if i%3 == 0 {
					fails(t, "row of a failed change", err, journal.ErrNotFound)
				} else {
					fails(t, "row of a change", err, nil)
				}
			}
		}
		feed, err1 := tx.ListEvents(shop, 0, changes)
		same(t, "events", len(feed), changes*2/3)
		evidence, err2 := tx.ListEvidence(0, changes)
		same(t, "evidence", len(evidence), changes*2/3)
		for i, e := range evidence {
			same(t, "number", e.Number, int64(i)+1)
		}
		return errors.Join(err1, err2)
	})
}

func panicUndoesAll(t *testing.T, p pair) {
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic went no further")
			}
		}()
		_ = p.a.Update(t.Context(), func(tx journal.Tx) error {
			if err := everything(tx); err != nil {
				t.Error(err)
			}
			panic("in the middle") //nolint:forbidigo // what a service might do
		})
	}()
	p.nothing(t)
	p.update(t, everything)
}

func viewWritesNothing(t *testing.T, p pair) {
	r := request("_0")
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		return errors.Join(tx.InsertRequest(r), tx.InsertTransaction(transaction("0")), tx.InsertSent(sent("_0")))
	})
	for what, write := range map[string]func(tx journal.Tx) error{
		"InsertRequest":     func(tx journal.Tx) error { return tx.InsertRequest(request("_1")) },
		"UpdateRequest":     func(tx journal.Tx) error { return tx.UpdateRequest(r) },
		"ClaimRequest":      func(tx journal.Tx) error { return tx.ClaimRequest(r) },
		"InsertTransaction": func(tx journal.Tx) error { return tx.InsertTransaction(transaction("1")) },
		"UpdateTransaction": func(tx journal.Tx) error { return tx.UpdateTransaction(transaction("0")) },
		"PutOrder":          func(tx journal.Tx) error { return tx.PutOrder(order("1")) },
		"InsertSent":        func(tx journal.Tx) error { return tx.InsertSent(sent("_1")) },
		"UpdateSent":        func(tx journal.Tx) error { return tx.UpdateSent(sent("_0")) },
		"InsertEvent":       func(tx journal.Tx) error { return tx.InsertEvent(event("1", 1)) },
		"SequenceEvents":    func(tx journal.Tx) error { _, err := tx.SequenceEvents(1); return err },
		"PutDocument":       func(tx journal.Tx) error { _, err := tx.PutDocument([]byte("document")); return err },
		"EraseDocument":     func(tx journal.Tx) error { return tx.EraseDocument(digest("document")) },
		"AddEvidence":       func(tx journal.Tx) error { return tx.AddEvidence(exhibit("document")) },
		"ChainEvidence":     func(tx journal.Tx) error { _, err := tx.ChainEvidence(1); return err },
		"Add":               func(tx journal.Tx) error { return tx.Add("s", "k", nil) },
		"Put":               func(tx journal.Tx) error { return tx.Put("s", "k", nil) },
		"Delete":            func(tx journal.Tx) error { return tx.Delete("s", "k") },
		"Sweep":             func(tx journal.Tx) error { _, err := tx.Sweep(journal.Retention{}, 1); return err },
	} {
		fails(t, what, p.a.View(t.Context(), write), journal.ErrReadOnly)
	}
	p.nothing(t)
	reason := errors.New("seen enough")
	fails(t, "View", p.a.View(t.Context(), func(journal.Tx) error { return reason }), reason)
}

func afterTheEnd(t *testing.T, p pair) {
	var kept journal.Tx
	p.check(t, func(t testing.TB, tx journal.Tx) error { kept = tx; return nil })
	if err := kept.InsertRequest(request("_1")); err == nil {
		t.Error("a transaction that has ended writes")
	}
	if _, err := kept.Request(shop, "_1"); err == nil || errors.Is(err, journal.ErrNotFound) {
		t.Errorf("a transaction that has ended reads: %v", err)
	}
	p.view(t, func(tx journal.Tx) error { kept = tx; return nil })
	if _, err := kept.Request(shop, "_1"); err == nil || errors.Is(err, journal.ErrNotFound) {
		t.Errorf("a view that has ended reads: %v", err)
	}
	p.nothing(t)
}

func cancelled(t *testing.T, p pair) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	fails(t, "Update", p.a.Update(ctx, everything), context.Canceled)
	fails(t, "View", p.a.View(ctx, func(journal.Tx) error { return nil }), context.Canceled)
	p.nothing(t)
}
