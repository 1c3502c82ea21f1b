package journaltest

import (
	"testing"

	"github.com/kecis/sdk/kecis/journal"
)

func events(t *testing.T, p pair) {
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		for _, e := range []*journal.Event{event("A", 1), event("B", 1), event("A", 2), event("A", 3), event("B", 2)} {
			e.Cursor = 99 // not the caller's to set
			if err := tx.InsertEvent(e); err != nil {
				return err
			}
		}
		elsewhere := event("C", 1)
		elsewhere.Recipient = bank
		return tx.InsertEvent(elsewhere)
	})
	p.refused(t, "second insert", journal.ErrExists, func(tx journal.Tx) error { return tx.InsertEvent(event("A", 1)) })
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		fails(t, "insert", tx.InsertEvent(event("A", 2)), journal.ErrExists)
		return tx.InsertEvent(event("B", 3))
	})
	p.sequence(t)
	var feed []*journal.Event
	p.view(t, func(tx journal.Tx) (err error) {
		feed, err = tx.ListEvents(shop, 0, 100)
		return err
	})
	same(t, "events in the feed", len(feed), 6)
	last, sequence := int64(0), map[string]int{}
	for _, e := range feed {
		if e.Cursor <= last {
			t.Errorf("cursor %d after %d", e.Cursor, last)
		}
		if e.Sequence != sequence[e.Transaction]+1 {
			t.Errorf("transaction %s: event %d after %d", e.Transaction, e.Sequence, sequence[e.Transaction])
		}
		last, sequence[e.Transaction] = e.Cursor, e.Sequence
		want := event(e.Transaction, e.Sequence)
		want.Cursor = e.Cursor
		same(t, "event", e, want)
	}
	p.view(t, func(tx journal.Tx) error {
		for i := range feed {
			rest, err := tx.ListEvents(shop, feed[i].Cursor, 100)
			if err != nil {
				return err
			}
			same(t, "feed behind a cursor", len(rest), len(feed)-1-i)
		}
		two, err := tx.ListEvents(shop, 0, 2)
		same(t, "two events", two, feed[:2])
		return err
	})
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		done := *feed[0]
		done.State, done.Tries, done.Due = journal.Dead, 12, at(99)
		return tx.UpdateEvent(&done)
	})
	feed[0].State, feed[0].Tries, feed[0].Due = journal.Dead, 12, at(99)
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.ListEvents(shop, 0, 100)
		same(t, "feed", got, feed)
		return err
	})
	p.refused(t, "update of nothing", journal.ErrNotFound, func(tx journal.Tx) error { return tx.UpdateEvent(event("Z", 1)) })
}

func dueEvents(t *testing.T, p pair) {
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		for _, e := range []*journal.Event{event("A", 1), event("A", 2), event("B", 1), event("C", 1), event("C", 2)} {
			switch e.Transaction {
			case "B":
				e.Due = at(1)
			case "C":
				if e.Sequence == 1 {
					e.Due = at(60)
				}
			}
			if err := tx.InsertEvent(e); err != nil {
				return err
			}
		}
		return nil
	})
	p.sequence(t)
	due := func(limit int) (ids []string, rows []*journal.Event) {
		p.check(t, func(t testing.TB, tx journal.Tx) (err error) {
			ids = nil
			rows, err = tx.DueEvents(at(30), limit)
			for _, e := range rows {
				ids = append(ids, e.ID)
			}
			return err
		})
		return ids, rows
	}
	// Of C the first waits for its time, and the second for the first.
	ids, rows := due(10)
	same(t, "due", ids, []string{"E-A-1", "E-B-1"})
	one, _ := due(1)
	same(t, "due, one", one, []string{"E-A-1"})
	for _, state := range []journal.EventState{journal.Delivered, journal.Dead} {
		p.check(t, func(t testing.TB, tx journal.Tx) error {
			e := *rows[0]
			e.State, e.Due = state, e.Due.AddDate(-3000, 0, 0)
			return tx.UpdateEvent(&e)
		})
		ids, _ = due(10)
		same(t, "due once the first has ended", ids, []string{"E-A-2", "E-B-1"}[:len(ids)])
		same(t, "number of due", len(ids), 2)
	}
}

func documents(t *testing.T, p pair) {
	text := []byte("<a>document</a>")
	for range 2 {
		p.check(t, func(t testing.TB, tx journal.Tx) error {
			d, err := tx.PutDocument(text)
			same(t, "digest", d, digest(string(text)))
			got, err2 := tx.Document(d)
			same(t, "document", got, text)
			fails(t, "Document", err2, nil)
			return err
		})
	}
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.Document(digest(string(text)))
		same(t, "document", got, text)
		_, miss := tx.Document(digest("other"))
		fails(t, "other document", miss, journal.ErrNotFound)
		return err
	})
	for range 2 {
		p.check(t, func(t testing.TB, tx journal.Tx) error { return tx.EraseDocument(digest(string(text))) })
	}
	p.view(t, func(tx journal.Tx) error {
		_, miss := tx.Document(digest(string(text)))
		fails(t, "erased document", miss, journal.ErrNotFound)
		return nil
	})
	p.check(t, func(t testing.TB, tx journal.Tx) error { _, err := tx.PutDocument(text); return err })
	p.view(t, func(tx journal.Tx) error { _, err := tx.Document(digest(string(text))); return err })
}

func chain(t *testing.T, p pair) {
	texts := []string{"one", "two", "three", "four", "five", "six", "seven"}
	for _, text := range texts {
		p.check(t, func(t testing.TB, tx journal.Tx) error {
			e := exhibit(text)
			e.Number, e.Link = 99, digest("not the caller's to set")
			e.Sent = len(text) > 3
			return tx.AddEvidence(e)
		})
	}
	p.chain(t)
	p.view(t, func(tx journal.Tx) error {
		rows, err := tx.ListEvidence(0, 100)
		if err != nil {
			return err
		}
		same(t, "rows", len(rows), len(texts))
		var link journal.Digest
		for i, e := range rows {
			want := exhibit(texts[i])
			want.Number, want.Sent = int64(i)+1, len(texts[i]) > 3
			link = journal.Chain(link, want)
			want.Link = link
			same(t, "exhibit", e, want)
		}
		some, err := tx.ListEvidence(2, 3)
		same(t, "some rows", some, rows[2:5])
		return err
	})
}

func records(t *testing.T, p pair) {
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		_, miss := tx.Get("ledger", "a")
		fails(t, "Get", miss, journal.ErrNotFound)
		fails(t, "Add", tx.Add("ledger", "a", []byte{0, 255}), nil)
		fails(t, "second Add", tx.Add("ledger", "a", []byte("other")), journal.ErrExists)
		got, err := tx.Get("ledger", "a")
		same(t, "record", got, []byte{0, 255})
		return err
	})
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		peeked, err := tx.Peek("ledger", "a")
		fails(t, "Peek", err, nil)
		same(t, "record", peeked, []byte{0, 255})
		_, miss := tx.Peek("other", "a")
		fails(t, "Peek", miss, journal.ErrNotFound)
		_, miss = tx.Get("other", "a")
		fails(t, "other space", miss, journal.ErrNotFound)
		for _, key := range []string{"b", "B", "가", "c", "a-1", "aa"} {
			fails(t, "Put", tx.Put("ledger", key, []byte(key)), nil)
		}
		return tx.Put("ledger", "a", []byte("a"))
	})
	keys := func(from, until string, limit int) (out []string) {
		p.view(t, func(tx journal.Tx) error {
			out = nil
			rows, err := tx.Range("ledger", from, until, limit)
			for _, r := range rows {
				out = append(out, r.Key)
				same(t, "value", string(r.Value), r.Key)
			}
			return err
		})
		return out
	}
	same(t, "all", keys("", "", 100), []string{"B", "a", "a-1", "aa", "b", "c", "가"})
	same(t, "from a until b", keys("a", "b", 100), []string{"a", "a-1", "aa"})
	same(t, "two", keys("a-", "", 2), []string{"a-1", "aa"})
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		fails(t, "Delete", tx.Delete("ledger", "a"), nil)
		fails(t, "second Delete", tx.Delete("ledger", "a"), nil)
		_, miss := tx.Get("ledger", "a")
		fails(t, "deleted", miss, journal.ErrNotFound)
		return tx.Add("ledger", "a", nil)
	})
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.Get("ledger", "a")
		same(t, "empty record", len(got), 0)
		return err
	})
}
