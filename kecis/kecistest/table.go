package kecistest

import (
	"slices"

	"github.com/kecis/sdk/kecis/journal"
)

// table keeps rows by their key, and in the orders of its indices. A row in it is
// never written to: it is replaced, so that undoing is putting the old one back.
type table[K comparable, V any] struct {
	rows    map[K]*V
	clone   func(*V) *V
	indices []*ordered[V]
}

// index is an order of the rows for which has says yes; a nil has takes all.
type index[V any] struct {
	has     func(*V) bool
	compare func(a, b *V) int
}

// ordered are the rows of an index, ascending.
type ordered[V any] struct {
	index[V]

	rows []*V
}

func newTable[K comparable, V any](clone func(*V) *V, indices ...index[V]) table[K, V] {
	t := table[K, V]{rows: map[K]*V{}, clone: clone}
	for _, i := range indices {
		t.indices = append(t.indices, &ordered[V]{index: i})
	}
	return t
}

// get returns a copy of a row.
func (t *table[K, V]) get(key K) (*V, error) {
	row, ok := t.rows[key]
	if !ok {
		return nil, journal.ErrNotFound
	}
	return t.clone(row), nil
}

// put keeps a copy of a row, new or not, or forgets the row if it is nil.
func (t *table[K, V]) put(tx *transaction, key K, row *V) {
	if row != nil {
		row = t.clone(row)
	}
	before := t.rows[key]
	t.replace(key, before, row)
	tx.undo = append(tx.undo, func() { t.replace(key, row, before) })
}

// insert keeps a copy of a row whose key is not taken.
func (t *table[K, V]) insert(tx *transaction, key K, row *V) error {
	if err := tx.writing(); err != nil {
		return err
	}
	if _, taken := t.rows[key]; taken {
		return journal.ErrExists
	}
	t.put(tx, key, row)
	return nil
}

// update keeps a copy of a row that is there already.
func (t *table[K, V]) update(tx *transaction, key K, row *V) error {
	if err := tx.writing(); err != nil {
		return err
	}
	if _, there := t.rows[key]; !there {
		return journal.ErrNotFound
	}
	t.put(tx, key, row)
	return nil
}

func (t *table[K, V]) replace(key K, before, after *V) {
	if after == nil {
		delete(t.rows, key)
	} else {
		t.rows[key] = after
	}
	for _, i := range t.indices {
		i.remove(before)
		i.add(after)
	}
}

// all returns copies of the rows, ascending by compare, which tells all apart.
func (t *table[K, V]) all(compare func(a, b *V) int) []*V {
	out := make([]*V, 0, len(t.rows))
	for _, row := range t.rows {
		out = append(out, t.clone(row))
	}
	slices.SortFunc(out, compare)
	return out
}

// take returns copies of at most limit rows from the one that is not below from,
// as long as while says yes.
func (t *table[K, V]) take(of int, from *V, limit int, while func(*V) bool) []*V {
	var out []*V
	for _, row := range t.indices[of].from(from) {
		if len(out) >= limit || !while(row) {
			break
		}
		out = append(out, t.clone(row))
	}
	return out
}

func (o *ordered[V]) holds(row *V) bool {
	return row != nil && (o.has == nil || o.has(row))
}

func (o *ordered[V]) add(row *V) {
	if o.holds(row) {
		i, _ := slices.BinarySearchFunc(o.rows, row, o.compare)
		o.rows = slices.Insert(o.rows, i, row)
	}
}

func (o *ordered[V]) remove(row *V) {
	if !o.holds(row) {
		return
	}
	if i, found := slices.BinarySearchFunc(o.rows, row, o.compare); found {
		o.rows = slices.Delete(o.rows, i, i+1)
	}
}

// from returns the rows that are not below a row, all if it is nil.
func (o *ordered[V]) from(row *V) []*V {
	if row == nil {
		return o.rows
	}
	i, _ := slices.BinarySearchFunc(o.rows, row, o.compare)
	return o.rows[i:]
}
