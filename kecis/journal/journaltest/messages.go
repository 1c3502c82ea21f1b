package journaltest

import (
	"testing"

	"github.com/kecis/sdk/kecis/journal"
)

func requests(t *testing.T, p pair) {
	want := request("_1")
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.InsertRequest(want) })
	p.refused(t, "second insert", journal.ErrExists, func(tx journal.Tx) error { return tx.InsertRequest(want) })

	// A transaction that met ErrExists goes on, and reads what was there.
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		again := request("_1")
		again.Kind = ""
		fails(t, "insert", tx.InsertRequest(again), journal.ErrExists)
		got, err := tx.Request(shop, "_1")
		same(t, "request after ErrExists", got, want)
		fails(t, "other insert", tx.InsertRequest(request("_2")), nil)
		return err
	})
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.Request(shop, "_1")
		same(t, "request", got, want)
		_, miss := tx.Request(pg, "_1")
		fails(t, "other sender", miss, journal.ErrNotFound)
		_, miss = tx.Request(shop, "_3")
		fails(t, "other ID", miss, journal.ErrNotFound)
		_, err2 := tx.Request(shop, "_2")
		fails(t, "written after ErrExists", err2, nil)
		return err
	})

	// A tombstone has hardly a field, and takes the key.
	bare := &journal.Request{Sender: shop, ID: "_4", State: journal.Tombstone, Epoch: 1}
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.InsertRequest(bare) })
	p.refused(t, "insert on a tombstone", journal.ErrExists, func(tx journal.Tx) error { return tx.InsertRequest(request("_4")) })
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.Request(shop, "_4")
		same(t, "tombstone", got, bare)
		return err
	})
}

func fencing(t *testing.T, p pair) {
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.InsertRequest(request("_1")) })
	var first, second *journal.Request
	p.check(t, func(t testing.TB, tx journal.Tx) (err error) { first, err = tx.Request(shop, "_1"); return err })
	p.check(t, func(t testing.TB, tx journal.Tx) (err error) {
		if second, err = tx.Request(shop, "_1"); err != nil {
			return err
		}
		second.Tries = 9
		return tx.ClaimRequest(second)
	})
	if second.Epoch != first.Epoch+1 {
		t.Errorf("epoch %d after %d", second.Epoch, first.Epoch)
	}
	first.State = journal.Sealed
	p.refused(t, "the first claim's seal", journal.ErrFenced, func(tx journal.Tx) error { return tx.UpdateRequest(first) })
	p.refused(t, "the first claim's claim", journal.ErrFenced, func(tx journal.Tx) error { return tx.ClaimRequest(first) })
	second.State = journal.Sealed
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.UpdateRequest(second) })
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.UpdateRequest(second) })
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.Request(shop, "_1")
		same(t, "request", got, second)
		return err
	})
	// A transaction that was fenced off goes on as well.
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		fails(t, "seal", tx.UpdateRequest(first), journal.ErrFenced)
		_, err := tx.Request(shop, "_1")
		return err
	})
	p.refused(t, "update of nothing", journal.ErrNotFound, func(tx journal.Tx) error { return tx.UpdateRequest(request("_2")) })
	p.refused(t, "claim of nothing", journal.ErrNotFound, func(tx journal.Tx) error { return tx.ClaimRequest(request("_2")) })
}

func dueRequests(t *testing.T, p pair) {
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		for id, due := range map[string]int{"_a": 30, "_b": 10, "_c": 20, "_late": 31} {
			r := request(id)
			r.Due = at(due)
			if err := tx.InsertRequest(r); err != nil {
				return err
			}
		}
		never := request("_never")
		never.Due = never.Due.AddDate(-3000, 0, 0)
		return tx.InsertRequest(never)
	})
	list := func(limit int) (ids []string) {
		for _, j := range []func(*testing.T, func(journal.Tx) error){p.update, p.view} {
			ids = nil
			j(t, func(tx journal.Tx) error {
				ids = nil
				rows, err := tx.DueRequests(at(30), limit)
				for _, r := range rows {
					ids = append(ids, r.ID)
				}
				return err
			})
		}
		return ids
	}
	same(t, "due", list(10), []string{"_b", "_c", "_a"})
	same(t, "due, two", list(2), []string{"_b", "_c"})
	same(t, "due, none", list(0), []string(nil))
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		r, err := tx.Request(shop, "_b")
		if err != nil {
			return err
		}
		r.Due = at(40)
		return tx.ClaimRequest(r)
	})
	same(t, "due after one was claimed", list(10), []string{"_c", "_a"})
}

func sentMessages(t *testing.T, p pair) {
	want := sent("_1")
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.InsertSent(want) })
	p.refused(t, "second insert", journal.ErrExists, func(tx journal.Tx) error { return tx.InsertSent(want) })
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		fails(t, "insert", tx.InsertSent(sent("_1")), journal.ErrExists)
		got, err := tx.Sent(bank, "_1")
		same(t, "sent", got, want)
		return err
	})
	want.State, want.Due, want.Code = journal.Ended, want.Due.AddDate(-3000, 0, 0), "late"
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.UpdateSent(want) })
	want.Due = request("").Due.AddDate(-3000, 0, 0)
	p.refused(t, "update of nothing", journal.ErrNotFound, func(tx journal.Tx) error { return tx.UpdateSent(sent("_2")) })

	for i, created := range []int{30, 10, 20} {
		s := sent([]string{"_x", "_y", "_z"}[i])
		s.Key, s.Created, s.Due = "operation", at(created), at(100-created)
		p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.InsertSent(s) })
	}
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.Sent(bank, "_1")
		if got != nil {
			same(t, "state", got.State, journal.Ended)
			same(t, "code", got.Code, "late")
			same(t, "due", got.Due.IsZero(), true)
		}
		_, miss := tx.Sent(pg, "_1")
		fails(t, "other recipient", miss, journal.ErrNotFound)
		byKey, err2 := tx.SentByKey("operation")
		same(t, "of the operation", sentIDs(byKey), []string{"_y", "_z", "_x"})
		none, err3 := tx.SentByKey("none")
		same(t, "of no operation", sentIDs(none), []string(nil))
		due, err4 := tx.DueSent(at(80), 10)
		same(t, "due", sentIDs(due), []string{"_x", "_z"})
		for _, e := range []error{err2, err3, err4} {
			fails(t, "list", e, nil)
		}
		return err
	})
}

func sentIDs(rows []*journal.Sent) (ids []string) {
	for _, s := range rows {
		ids = append(ids, s.ID)
	}
	return ids
}
