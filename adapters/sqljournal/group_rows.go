package sqljournal

import (
	"errors"
	"strings"
)

// table says how the statements of a table go by the key of a row. A row is the
// columns of its key and those behind them.
type table struct {
	key, columns int // key 0: rows are only added
	// read gives the columns of a row; keyed says that those of the key stand
	// before them, told that "1" stands behind them.
	read        statement
	keyed, told bool
	// insert takes all columns; update those behind the key, then the key.
	insert, update statement
	// upsert says that insert is also good for a row that is there.
	upsert bool
	delete statement
	// passing rows are too large, or too seldom read, to be kept once they are
	// written.
	passing bool
}

// role is what a statement does with a row.
type role uint8

const (
	reads    role = iota + 1
	inserts       // takes all columns
	puts          // takes all columns, whether the row is there or not
	updates       // takes the columns behind the key, then the key
	deletes       // takes the key
	delivers      // takes the last columns of an event, then its key
	archives      // takes all columns of a document
)

// use is what a statement does with which table.
type use struct {
	*table

	role role
}

// uses are the statements that go by a key. All others see and change the tables
// themselves.
func uses() map[statement]use {
	width := func(columns string, key int) int { return strings.Count(columns, ",") + 1 - key }
	request := &table{key: 2, columns: width(requestColumns, 2), read: selectRequest, keyed: true, insert: insertRequest, update: updateRequest}
	payment := &table{key: 1, columns: width(paymentColumns, 1), read: selectPayment, keyed: true, insert: insertPayment, update: updatePayment}
	order := &table{key: 2, columns: 3, read: selectOrder, insert: updateOrder, upsert: true}
	sent := &table{key: 2, columns: width(sentColumns, 2), read: selectSent, keyed: true, insert: insertSent, update: updateSent}
	event := &table{key: 1, columns: width(eventColumns, 1), read: selectEvent, keyed: true, insert: insertEvent, update: rewriteEvent}
	document := &table{key: 1, columns: 2, read: selectDocument, insert: insertDocument, upsert: true, passing: true}
	evidence := &table{columns: width(evidenceColumns, 0), insert: insertEvidence, passing: true}
	record := &table{key: 2, columns: 1, read: selectRecord, told: true, insert: putRecord, upsert: true, delete: deleteRecord}
	return map[statement]use{
		selectRequest: {request, reads}, insertRequest: {request, inserts}, updateRequest: {request, updates},
		selectPayment: {payment, reads}, insertPayment: {payment, inserts}, updatePayment: {payment, updates},
		selectOrder: {order, reads}, updateOrder: {order, puts},
		selectSent: {sent, reads}, insertSent: {sent, inserts}, updateSent: {sent, updates},
		insertEvent: {event, inserts}, updateEvent: {event, delivers},
		selectDocument: {document, reads}, insertDocument: {document, archives},
		insertEvidence: {evidence, inserts},
		selectRecord:   {record, reads}, addRecord: {record, inserts}, putRecord: {record, puts}, deleteRecord: {record, deletes},
	}
}

// row is a row as it is to be after the commit. Its slices do not change.
type row struct {
	*table

	place
	key, columns []any // columns are nil if there is no such row
	stored       bool  // there is one in the database
	dirty        bool  // the database's is another
}

// place is where a row lies.
type place struct {
	of          *table
	first, last string
}

// at returns the place of a key. Keys are texts or digests.
func (t *table) at(key []any) place {
	p := place{of: t}
	for _, v := range key {
		p.first = p.last
		switch v := v.(type) {
		case string:
			p.last = v
		case []byte:
			p.last = string(v)
		}
	}
	return p
}

// write writes a row to the database.
func (r *row) write(c *connection) error {
	var n int64
	var err error
	switch {
	case r.columns == nil && !r.stored:
		n = 1
	case r.columns == nil:
		n, err = c.exec(r.delete, r.key...)
	case r.stored && !r.upsert:
		n, err = c.exec(r.update, joined(r.columns, r.key)...)
	case r.upsert:
		n = 1
		_, err = c.exec(r.insert, joined(r.key, r.columns)...)
	default:
		n, err = c.exec(r.insert, joined(r.key, r.columns)...)
	}
	if err == nil && n != 1 {
		err = errOtherRow
	}
	r.stored, r.dirty = r.columns != nil, false
	return err
}

var errOtherRow = errors.New("sqljournal: a row is not as it was read")

func joined(a, b []any) []any { return append(append(make([]any, 0, len(a)+len(b)), a...), b...) }

// keptRows is how many rows are remembered at least from group to group, a few
// megabytes. Most are looked at again when the answer is sealed, after less than
// a second, or are the accounts of those who pay.
const keptRows = 4096

// memory are the rows that are known, in two generations: what was not looked
// at while the younger filled is forgotten.
type memory struct {
	young, old map[place]*row
	dirty      []*row // in the order in which they became so
}

func newMemory() *memory { return &memory{young: map[place]*row{}} }

func (m *memory) find(p place) *row {
	if r := m.young[p]; r != nil {
		return r
	}
	r := m.old[p]
	if r != nil {
		m.young[p] = r
	}
	return r
}

// forget forgets all rows. None is dirty then, or the dirty ones are void.
func (m *memory) forget() {
	m.young, m.old, m.dirty = map[place]*row{}, nil, nil
}

// age makes room. Nothing is dirty then.
func (m *memory) age() {
	if len(m.young) > keptRows {
		m.old, m.young = m.young, make(map[place]*row, keptRows)
	}
}

// write writes the dirty rows to the database.
func (m *memory) write(c *connection) error {
	for _, r := range m.dirty {
		if err := r.write(c); err != nil {
			return err
		}
		if r.passing {
			delete(m.young, r.place)
		}
	}
	m.dirty = nil
	return nil
}
