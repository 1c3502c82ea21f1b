package sqljournal

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// connection is one connection to the database with its prepared statements.
type connection struct {
	conn     *sql.Conn
	texts    []string
	prepared [statements]*sql.Stmt
}

func connect(ctx context.Context, db *sql.DB, texts []string) (*connection, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, texts: texts}, nil
}

// statement returns a prepared statement. A statement that was prepared on the
// connection runs in the transaction that is open there.
//
// No context of a caller goes with it: it would end a transaction that others
// share, and costs a goroutine for each call.
func (c *connection) statement(s statement) (*sql.Stmt, error) {
	if c.prepared[s] == nil {
		stmt, err := c.conn.PrepareContext(context.Background(), c.texts[s]) //nolint:sqlclosecheck // discard closes it
		if err != nil {
			return nil, err
		}
		c.prepared[s] = stmt
	}
	return c.prepared[s], nil
}

func (c *connection) exec(s statement, values ...any) (int64, error) {
	stmt, err := c.statement(s) //nolint:sqlclosecheck // as above
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(context.Background(), values...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (c *connection) query(s statement, fields []any, row func() error, values ...any) error {
	stmt, err := c.statement(s) //nolint:sqlclosecheck // as above
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(context.Background(), values...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err says what failed
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		if err := row(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// discard closes the connection for good, with whatever is open on it.
func (c *connection) discard() {
	for _, stmt := range c.prepared {
		if stmt != nil {
			_ = stmt.Close()
		}
	}
	_ = c.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = c.conn.Close()
}

// direct is a session that runs everything at once.
type direct struct {
	*connection

	open *sql.Tx
}

func (d direct) insert(s statement, values ...any) (int64, error) { return d.exec(s, values...) }

func (d direct) write(s statement, values ...any) error {
	_, err := d.exec(s, values...)
	return err
}

func (d direct) flush() error { return nil }

func (d direct) tx() *sql.Tx { return d.open }
