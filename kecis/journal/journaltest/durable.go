package journaltest

import (
	"errors"
	"testing"

	"github.com/kecis/sdk/kecis/journal"
)

// Durable holds that a store, new and empty, that is opened anew has all that was
// committed, and goes on from there. reopen closes the journal before it and
// opens its store once more.
func Durable(t *testing.T, open func(t *testing.T) (j journal.Journal, reopen func() journal.Journal)) {
	t.Helper()
	t.Run("Durable", func(t *testing.T) {
		j, reopen := open(t)
		p := pair{j, j}
		p.update(t, everything)
		fails(t, "failed change", p.a.Update(t.Context(), func(tx journal.Tx) error {
			return errors.Join(tx.InsertRequest(request("_2")), journal.ErrFenced)
		}), journal.ErrFenced)
		p.sequence(t)
		p.chain(t)
		var cursor int64
		for round := range 3 {
			j = reopen()
			p = pair{j, j}
			p.view(t, func(tx journal.Tx) error {
				r, err1 := tx.Request(shop, "_1")
				same(t, "request", r, request("_1"))
				row, err2 := tx.Transaction("1")
				same(t, "transaction", row, transaction("1"))
				o, err3 := tx.Order(shop, "1")
				same(t, "order", o, order("1"))
				s, err4 := tx.Sent(bank, "_1")
				same(t, "sent", s, sent("_1"))
				doc, err5 := tx.Document(digest("document"))
				same(t, "document", string(doc), "document")
				value, err6 := tx.Get("s", "k")
				same(t, "record", string(value), "value")
				_, miss := tx.Request(shop, "_2")
				fails(t, "row of the failed change", miss, journal.ErrNotFound)
				return errors.Join(err1, err2, err3, err4, err5, err6)
			})
			p.check(t, func(t testing.TB, tx journal.Tx) error {
				return errors.Join(tx.InsertEvent(event("1", round+2)), tx.AddEvidence(exhibit("later")))
			})
			p.sequence(t)
			p.chain(t)
			p.view(t, func(tx journal.Tx) error {
				feed, err1 := tx.ListEvents(shop, 0, 10)
				same(t, "events", len(feed), round+2)
				for _, e := range feed[len(feed)-1:] {
					if e.Cursor <= cursor {
						t.Errorf("cursor %d after %d", e.Cursor, cursor)
					}
					cursor = e.Cursor
				}
				rows, err2 := tx.ListEvidence(0, 10)
				same(t, "rows of evidence", len(rows), round+2)
				var link journal.Digest
				for _, e := range rows {
					link = journal.Chain(link, e)
					same(t, "link", e.Link, link)
				}
				return errors.Join(err1, err2)
			})
		}
	})
}
