package journaltest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kecis/sdk/kecis/journal"
)

// feedNeverGoesBack reads the feed while many insert and two give cursors: an
// event that comes to be seen stands above all that were seen before.
func feedNeverGoesBack(t *testing.T, p pair) {
	var inserting atomic.Bool
	inserting.Store(true)
	var group sync.WaitGroup
	failed := make([]error, 3)
	sequence := func(i int) error {
		return p.of(i).Update(t.Context(), func(tx journal.Tx) error { _, err := tx.SequenceEvents(4); return err })
	}
	for i := range 2 {
		group.Go(func() {
			for inserting.Load() && failed[i] == nil {
				failed[i] = sequence(i)
			}
		})
	}
	group.Go(func() {
		last, seen := int64(0), map[int64]string{}
		for inserting.Load() && failed[2] == nil {
			failed[2] = p.b.View(t.Context(), func(tx journal.Tx) error {
				feed, err := tx.ListEvents(shop, 0, callers*each)
				if err != nil {
					return err
				}
				for _, e := range feed {
					if e.Cursor <= last && seen[e.Cursor] != e.ID {
						return fmt.Errorf("cursor %d of %s came after %d was seen", e.Cursor, e.ID, last)
					}
				}
				for _, e := range feed {
					last, seen[e.Cursor] = max(last, e.Cursor), e.ID
				}
				return nil
			})
		}
	})
	inParallel(t, callers, func(i int) error {
		for n := range each {
			err := p.of(i).Update(t.Context(), func(tx journal.Tx) error {
				return tx.InsertEvent(event(strconv.Itoa(i), n+1))
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	inserting.Store(false)
	group.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	p.sequence(t)
	p.view(t, func(tx journal.Tx) error {
		feed, err := tx.ListEvents(shop, 0, 2*callers*each)
		same(t, "events", len(feed), callers*each)
		next := map[string]int{}
		for _, e := range feed {
			next[e.Transaction]++
			same(t, "sequence", e.Sequence, next[e.Transaction])
		}
		return err
	})
}

// chainUnderLoad adds evidence from all sides while two chain it.
func chainUnderLoad(t *testing.T, p pair) {
	inParallel(t, callers, func(i int) error {
		for n := range each {
			err := p.of(i).Update(t.Context(), func(tx journal.Tx) error {
				return tx.AddEvidence(exhibit(fmt.Sprint(i, "-", n)))
			})
			if err != nil {
				return err
			}
			if i < 2 {
				err = p.of(i).Update(t.Context(), func(tx journal.Tx) error { _, err := tx.ChainEvidence(5); return err })
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	p.chain(t)
	p.view(t, func(tx journal.Tx) error {
		rows, err := tx.ListEvidence(0, 2*callers*each)
		same(t, "rows", len(rows), callers*each)
		var link journal.Digest
		there := map[string]bool{}
		for i, e := range rows {
			same(t, "number", e.Number, int64(i)+1)
			link = journal.Chain(link, e)
			same(t, "link", e.Link, link)
			there[e.MessageID] = true
		}
		same(t, "different rows", len(there), callers*each)
		return err
	})
}

// viewIsOneState reads two rows that are always written together.
func viewIsOneState(t *testing.T, p pair) {
	write := func(i int) error {
		return p.of(i).Update(t.Context(), func(tx journal.Tx) error {
			return errors.Join(add(tx, "left"), add(tx, "right"))
		})
	}
	if err := write(0); err != nil {
		t.Fatal(err)
	}
	inParallel(t, callers, func(i int) error {
		for range each {
			if i < 2 {
				if err := write(i); err != nil {
					return err
				}
				continue
			}
			err := p.of(i).View(t.Context(), func(tx journal.Tx) error {
				left, err1 := tx.Get("counter", "left")
				right, err2 := tx.Get("counter", "right")
				if err := errors.Join(err1, err2); err != nil {
					return err
				}
				if string(left) != string(right) {
					return fmt.Errorf("left %x, right %x", left, right)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
