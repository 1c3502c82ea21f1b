package journaltest

import (
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

func transactions(t *testing.T, p pair) {
	want := transaction("1")
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.InsertTransaction(want) })
	p.refused(t, "second insert", journal.ErrExists, func(tx journal.Tx) error { return tx.InsertTransaction(want) })
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		fails(t, "insert", tx.InsertTransaction(transaction("1")), journal.ErrExists)
		got, err := tx.Transaction("1")
		same(t, "transaction", got, want)
		return err
	})
	want.State, want.Captured, want.Busy, want.Sequence, want.Changed = "captured", 77, "", 5, at(9)
	p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.UpdateTransaction(want) })
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.Transaction("1")
		same(t, "transaction", got, want)
		_, miss := tx.Transaction("2")
		fails(t, "other ID", miss, journal.ErrNotFound)
		return err
	})
	p.refused(t, "update of nothing", journal.ErrNotFound, func(tx journal.Tx) error { return tx.UpdateTransaction(transaction("2")) })

	for id, due := range map[string]int{"late": 31, "second": 20, "first": 10} {
		row := transaction(id)
		row.Due = at(due)
		p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.InsertTransaction(row) })
	}
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		rows, err := tx.DueTransactions(at(30), 10)
		same(t, "due", transactionIDs(rows), []string{"first", "second"})
		return err
	})
}

func transactionIDs(rows []*journal.Transaction) (ids []string) {
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids
}

func listTransactions(t *testing.T, p pair) {
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		for _, row := range []struct {
			id, owner, currency string
			created             int
		}{
			// In binary order capitals stand before small letters, and hyphens before both.
			{"b", shop, "KRW", 10}, {"B", shop, "KRW", 10}, {"-", shop, "USD", 10}, {"a", shop, "KRW", 20},
			{"before", shop, "KRW", 9}, {"until", shop, "KRW", 30}, {"other", bank, "KRW", 15},
		} {
			made := transaction(row.id)
			made.Owner, made.Currency, made.Created, made.Amount = row.owner, row.currency, at(row.created), 1000
			if err := tx.InsertTransaction(made); err != nil {
				return err
			}
		}
		declined, unsealed := transaction("declined"), transaction("unsealed")
		declined.Created, declined.Captured, declined.Cancelled, declined.Cancellable = at(29), 0, 0, 0
		declined.Currency, unsealed.Created, unsealed.State = "JPY", at(20), ""
		if err := tx.InsertTransaction(declined); err != nil {
			return err
		}
		return tx.InsertTransaction(unsealed)
	})
	all := []string{"-", "B", "b", "a", "declined"}
	p.view(t, func(tx journal.Tx) error {
		rows, err := tx.ListTransactions(shop, at(10), at(30), time.Time{}, "", 10)
		same(t, "list", transactionIDs(rows), all)
		if err != nil {
			return err
		}
		var paged []string
		var after time.Time
		var afterID string
		for {
			page, err := tx.ListTransactions(shop, at(10), at(30), after, afterID, 1)
			if err != nil || len(page) == 0 {
				same(t, "paged", paged, all)
				break
			}
			after, afterID = page[0].Created, page[0].ID
			paged = append(paged, afterID)
		}
		sums, err := tx.SumTransactions(shop, at(10), at(30))
		same(t, "sums", sums, []journal.Sum{
			{Currency: "JPY", Count: 1},
			{Currency: "KRW", Count: 3, Approved: 3000, Captured: 900, Cancelled: 600},
			{Currency: "USD", Count: 1, Approved: 1000, Captured: 300, Cancelled: 200},
		})
		none, err2 := tx.SumTransactions(pg, at(10), at(30))
		same(t, "sums of nobody", len(none), 0)
		fails(t, "sum", err2, nil)
		return err
	})
}

func orders(t *testing.T, p pair) {
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		fresh, err := tx.Order(shop, "1")
		same(t, "new order", fresh, &journal.Order{Requester: shop, OrderID: "1"})
		return err
	})
	for _, want := range []*journal.Order{order("1"), {Requester: shop, OrderID: "1", Currency: "USD", Amount: 3}} {
		p.check(t, func(t testing.TB, tx journal.Tx) error {
			if _, err := tx.Order(shop, "1"); err != nil {
				return err
			}
			return tx.PutOrder(want)
		})
		p.check(t, func(t testing.TB, tx journal.Tx) error {
			got, err := tx.Order(shop, "1")
			same(t, "order", got, want)
			return err
		})
		p.view(t, func(tx journal.Tx) error {
			got, err := tx.Order(shop, "1")
			same(t, "order", got, want)
			return err
		})
	}
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.Order(pg, "1")
		same(t, "order of another", got, &journal.Order{Requester: pg, OrderID: "1"})
		return err
	})
}
