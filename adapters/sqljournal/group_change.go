package sqljournal

import (
	"bytes"
	"database/sql"
)

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
	if err := scan(fields, r.columns); err != nil {
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
	for i, value := range values {
		if err := fields[i].(sql.Scanner).Scan(value); err != nil {
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

func (c *changing) tx() *sql.Tx { return c.open }

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
	if _, err := c.connection.exec(rollbackTo); err != nil {
		return err
	}
	_, err := c.connection.exec(release)
	return err
}
