package journaltest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/kecis/sdk/kecis/journal"
)

const (
	callers = 8  // at the same time
	each    = 15 // changes of each of them
)

// inParallel calls work for 0 to n-1, each in a goroutine, and waits for all.
func inParallel(t *testing.T, n int, work func(i int) error) {
	t.Helper()
	failed := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { failed[i] = work(i) })
	}
	group.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
}

// add raises a counter among the records.
func add(tx journal.Tx, key string) error {
	value := uint64(0)
	switch got, err := tx.Get("counter", key); {
	case err == nil:
		value = binary.BigEndian.Uint64(got)
	case !errors.Is(err, journal.ErrNotFound):
		return err
	}
	return tx.Put("counter", key, binary.BigEndian.AppendUint64(nil, value+1))
}

func (p pair) counter(t *testing.T, key string) (value uint64) {
	t.Helper()
	p.view(t, func(tx journal.Tx) error {
		got, err := tx.Get("counter", key)
		if err == nil {
			value = binary.BigEndian.Uint64(got)
		}
		return err
	})
	return value
}

// counters are read and written by many: no step is lost, whichever row it is.
func counters(t *testing.T, p pair) {
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		r, row, s := request("_1"), transaction("1"), sent("_1")
		r.Tries, row.Tries, s.Tries = 0, 0, 0
		return errors.Join(tx.InsertRequest(r), tx.InsertTransaction(row), tx.InsertSent(s))
	})
	steps := []func(tx journal.Tx) error{
		func(tx journal.Tx) error { return add(tx, "new") },
		func(tx journal.Tx) error {
			r, err := tx.Request(shop, "_1")
			if err != nil {
				return err
			}
			r.Tries++
			return tx.UpdateRequest(r)
		},
		func(tx journal.Tx) error {
			row, err := tx.Transaction("1")
			if err != nil {
				return err
			}
			row.Tries++
			return tx.UpdateTransaction(row)
		},
		func(tx journal.Tx) error {
			s, err := tx.Sent(bank, "_1")
			if err != nil {
				return err
			}
			s.Tries++
			return tx.UpdateSent(s)
		},
		func(tx journal.Tx) error {
			o, err := tx.Order(shop, "1")
			if err != nil {
				return err
			}
			o.Amount++
			return tx.PutOrder(o)
		},
	}
	for _, step := range steps {
		inParallel(t, callers, func(i int) error {
			for range each {
				if err := p.of(i).Update(t.Context(), step); err != nil {
					return err
				}
			}
			return nil
		})
	}
	same(t, "counter", p.counter(t, "new"), uint64(callers*each))
	p.view(t, func(tx journal.Tx) error {
		r, err1 := tx.Request(shop, "_1")
		row, err2 := tx.Transaction("1")
		s, err3 := tx.Sent(bank, "_1")
		o, err4 := tx.Order(shop, "1")
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			return err
		}
		same(t, "steps", []int{r.Tries, row.Tries, s.Tries, int(o.Amount)},
			[]int{callers * each, callers * each, callers * each, callers * each})
		return nil
	})
}

// crosswise locks rows in different orders, which a store must get out of.
func crosswise(t *testing.T, p pair) {
	keys := []string{"a", "b", "c"}
	inParallel(t, callers, func(i int) error {
		for n := range each {
			err := p.of(i).Update(t.Context(), func(tx journal.Tx) error {
				return errors.Join(add(tx, keys[(i+n)%3]), add(tx, keys[(i+2*n+1)%3]))
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	total := uint64(0)
	for _, key := range keys {
		total += p.counter(t, key)
	}
	same(t, "steps", total, uint64(2*callers*each))
}

// rowsStayLocked moves money between two rows that are read one after the other:
// nobody sees one changed and the other not, and the sum stays.
func rowsStayLocked(t *testing.T, p pair) {
	p.check(t, func(t testing.TB, tx journal.Tx) error {
		a, b := transaction("a"), transaction("b")
		a.Amount, b.Amount = 1000, 1000
		return errors.Join(tx.InsertTransaction(a), tx.InsertTransaction(b))
	})
	inParallel(t, callers, func(i int) error {
		for n := range each {
			err := p.of(i).Update(t.Context(), func(tx journal.Tx) error {
				a, err1 := tx.Transaction("a")
				b, err2 := tx.Transaction("b")
				if err := errors.Join(err1, err2); err != nil {
					return err
				}
				if a.Amount+b.Amount != 2000 {
					return fmt.Errorf("%d and %d", a.Amount, b.Amount)
				}
				a.Amount += int64(i - n)
				b.Amount -= int64(i - n)
				return errors.Join(tx.UpdateTransaction(a), tx.UpdateTransaction(b))
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// oneInsertWins inserts the same keys from all sides.
func oneInsertWins(t *testing.T, p pair) {
	for n := range each {
		id := fmt.Sprint("_", n)
		won := make([]int, callers)
		inParallel(t, callers, func(i int) error {
			return p.of(i).Update(t.Context(), func(tx journal.Tx) error {
				won[i] = 0
				switch err := tx.InsertRequest(request(id)); {
				case err == nil:
					won[i] = 1
					return nil
				case !errors.Is(err, journal.ErrExists):
					return err
				}
				_, err := tx.Request(shop, id)
				return err
			})
		})
		winners := 0
		for _, w := range won {
			winners += w
		}
		same(t, "winners", winners, 1)
	}
}

// oneOrder makes the first part of new orders from all sides: Order locks what is
// not there yet.
func oneOrder(t *testing.T, p pair) {
	for n := range each {
		id := fmt.Sprint("order-", n)
		inParallel(t, callers, func(i int) error {
			return p.of(i).Update(t.Context(), func(tx journal.Tx) error {
				o, err := tx.Order(shop, id)
				if err != nil || len(o.Parts) > 0 {
					return err
				}
				fresh := transaction(fmt.Sprint(n, "-", i))
				o.Parts = append(o.Parts, journal.Part{Part: 1, Attempt: 1, Transaction: fresh.ID})
				return errors.Join(tx.InsertTransaction(fresh), tx.PutOrder(o), add(tx, id))
			})
		})
		same(t, "first parts", p.counter(t, id), uint64(1))
	}
}
