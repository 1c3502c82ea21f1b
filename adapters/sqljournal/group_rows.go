package sqljournal

import (
	"bytes"
	"database/sql"
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

// changing is the session of one change of a group. What it reads and writes by
// key stays here until it has succeeded; the group writes each row once, when it
// is committed. So a change costs no savepoint, an account that all payments of a
// group move is written once for them, and what one group wrote the next need
// not read.
type changing struct {
	*connection

	open *sql.Tx
	uses map[statement]use
	// group is what the changes before it have left, own what this one has read
	// and written.
	group, own *memory
	// within says that a savepoint was set: the change works on the tables.
	within bool
	// joined says that the service has the transaction, too.
	joined bool
}

// find returns a row by its key, which it reads if it is not known.
func (c *changing) find(t *table, key []any) (*row, error) {
	p := t.at(key)
	if r := c.own.young[p]; r != nil {
		return r, nil
	}
	if r := c.group.find(p); r != nil {
		return r, nil
	}
	r := &row{table: t, place: p, key: key}
	read := make([]column, t.columns+t.key+1)
	fields := make([]any, 0, len(read))
	if t.keyed {
		fields = append(fields, &read[len(read)-1], &read[len(read)-2])[:t.key]
	}
	for i := range t.columns {
		fields = append(fields, &read[i])
	}
	if t.told {
		fields = append(fields, &read[len(read)-1])
	}
	err := c.connection.query(t.read, fields, func() error {
		r.stored, r.columns = true, make([]any, t.columns)
		for i := range r.columns {
			r.columns[i] = read[i].value
		}
		return nil
	}, key...)
	if err == nil && !t.passing {
		c.own.young[p] = r
	}
	return r, err
}

// column takes a column as it is.
type column struct{ value any }

// Scan takes a value, of octets a copy.
func (c *column) Scan(v any) error {
	if b, ok := v.([]byte); ok {
		v = bytes.Clone(b)
	}
	c.value = v
	return nil
}

// put gives a row new columns; nil deletes it.
func (c *changing) put(before *row, columns []any) {
	if same(before.columns, columns) {
		return
	}
	r := c.own.young[before.place]
	if r == nil || !r.dirty {
		r = &row{table: before.table, place: before.place, key: before.key, stored: before.stored, dirty: true}
		c.own.young[before.place] = r
		c.own.dirty = append(c.own.dirty, r)
	}
	r.columns = columns
}

// same compares columns of a row.
func same(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		switch v := v.(type) {
		case []byte:
			w, ok := b[i].([]byte)
			if !ok || !bytes.Equal(v, w) {
				return false
			}
		default:
			if _, octets := b[i].([]byte); octets || v != b[i] {
				return false
			}
		}
	}
	return true
}

func (c *changing) exec(s statement, values ...any) (int64, error) {
	u, ok := c.uses[s]
	if !ok {
		if err := c.tables(true); err != nil {
			return 0, err
		}
		c.group.forget() // the statement may change any
		c.own.forget()
		return c.connection.exec(s, values...)
	}
	return c.change(u, values)
}

func (c *changing) insert(s statement, values ...any) (int64, error) { return c.exec(s, values...) }

func (c *changing) write(s statement, values ...any) error {
	_, err := c.exec(s, values...)
	return err
}

// change does what a statement does with a row, and returns how many it wrote.
func (c *changing) change(u use, values []any) (int64, error) {
	if u.key == 0 {
		c.own.dirty = append(c.own.dirty, &row{table: u.table, columns: values, dirty: true})
		return 1, nil
	}
	key, columns := values[:u.key:u.key], values[u.key:]
	if u.role == updates || u.role == delivers {
		key, columns = values[len(values)-u.key:], values[:len(values)-u.key]
	}
	before, err := c.before(u, key)
	if err != nil {
		return 0, err
	}
	there := before.columns != nil
	switch u.role {
	case inserts:
		if there {
			return 0, nil
		}
	case updates:
		if !there {
			return 0, nil
		}
	case delivers:
		if !there {
			return 0, nil
		}
		columns = joined(before.columns[:u.columns-len(columns)], columns)
	case deletes:
		if !there {
			return 0, nil
		}
		columns = nil
	case archives:
		if there {
			latest, _ := before.columns[1].(int64)
			mine, _ := columns[1].(int64)
			columns = []any{columns[0], max(latest, mine)}
		}
	}
	c.put(before, columns)
	return 1, nil
}

// before returns a row that is to be changed. Of a document it does not matter
// whether it is there.
func (c *changing) before(u use, key []any) (*row, error) {
	if u.role != archives {
		return c.find(u.table, key)
	}
	p := u.at(key)
	if r := c.own.young[p]; r != nil {
		return r, nil
	}
	if r := c.group.find(p); r != nil {
		return r, nil
	}
	return &row{table: u.table, place: p, key: key}, nil
}

// query serves a row by its key from what is known. Other readings see the
// tables, but for those of the counters, which nobody puts off.
func (c *changing) query(s statement, fields []any, visit func() error, values ...any) error {
	u, ok := c.uses[s]
	if !ok {
		if s != selectState {
			if err := c.tables(false); err != nil {
				return err
			}
		}
		return c.connection.query(s, fields, visit, values...)
	}
	r, err := c.find(u.table, values)
	if err != nil || r.columns == nil {
		return err
	}
	if u.keyed {
		if err := scan(fields[:u.key], r.key); err != nil {
			return err
		}
		fields = fields[u.key:]
	}
	if err := scan(fields[:min(len(fields), u.columns)], r.columns); err != nil {
		return err
	}
	if u.told {
		if err := scan(fields[u.columns:], []any{int64(1)}); err != nil {
			return err
		}
	}
	return visit()
}

// scan gives values to fields, as a driver does.
func scan(fields, values []any) error {
	for i, field := range fields {
		if err := field.(sql.Scanner).Scan(values[i]); err != nil {
			return err
		}
	}
	return nil
}

// tables writes what is known so far, so that a statement finds it in the tables:
// what this change wrote, or is about to, behind a savepoint.
func (c *changing) tables(writes bool) error {
	if err := c.group.write(c.connection); err != nil {
		return err
	}
	if !c.within && (writes || len(c.own.dirty) > 0) {
		if _, err := c.connection.exec(savepoint); err != nil {
			return err
		}
		c.within = true
	}
	return c.own.write(c.connection)
}

func (c *changing) flush() error { return c.tables(true) }

func (c *changing) tx() *sql.Tx {
	c.joined = true
	return c.open
}

// keep hands to the group what the change has done.
func (c *changing) keep() error {
	if c.within {
		if err := c.own.write(c.connection); err != nil {
			return err
		}
		if _, err := c.connection.exec(release); err != nil {
			return err
		}
	}
	if c.joined { // what was done in the transaction is not known here
		c.group.forget()
		return nil
	}
	for p, r := range c.own.young {
		if before := c.group.young[p]; r.dirty && before != nil && before.dirty { // to be written already
			before.columns, r.dirty = r.columns, false
			continue
		}
		c.group.young[p] = r
	}
	for _, r := range c.own.dirty {
		if r.dirty {
			c.group.dirty = append(c.group.dirty, r)
		}
	}
	return nil
}

// drop takes back a change, and nothing of the others. An error says that the
// database took back more than that.
func (c *changing) drop() error {
	if !c.within {
		return nil
	}
	c.group.forget()
	if _, err := c.connection.exec(rollbackTo); err != nil {
		return err
	}
	_, err := c.connection.exec(release)
	return err
}
