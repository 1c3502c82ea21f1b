package sqljournal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// pipelined is a session that sends statements without waiting for each. What
// is only written goes out together with the next reading, or with the commit,
// so that a change waits for the server as often as it reads, and once more.
type pipelined struct {
	*server

	ctx   context.Context //nolint:containedctx // of the one call that the session serves: journal.Tx has none
	start statement       // begins the transaction
	begun bool
	queue []queued
	open  *sql.Tx // if the service joins

	// eager makes insertions wait for their result. Else they count as done: the
	// change has mostly seen that there is no such row, and if it is there all the
	// same, the server refuses, and the change runs again eagerly.
	eager bool
	// committing says that a commit was sent.
	committing bool
	// joins says that the service asked for the database's transaction.
	joins bool
}

// queued is a statement with its values in binary form.
type queued struct {
	statement

	values [][]byte
}

func (p *pipelined) exec(s statement, values ...any) (int64, error) {
	if err := p.enqueue(s, values); err != nil {
		return 0, err
	}
	var affected int64
	err := p.send(func(result *pgconn.ResultReader) error {
		tag, err := result.Close()
		affected = tag.RowsAffected()
		return err
	})
	return affected, err
}

func (p *pipelined) insert(s statement, values ...any) (int64, error) {
	if p.eager {
		return p.exec(s, values...)
	}
	return 1, p.enqueue(s.once(), values)
}

func (p *pipelined) write(s statement, values ...any) error { return p.enqueue(s, values) }

// query runs a statement. Each of its values is scanned while its message is
// there.
func (p *pipelined) query(s statement, fields []any, row func() error, values ...any) error {
	if err := p.enqueue(s, values); err != nil {
		return err
	}
	columns := p.prepared[s].Fields
	return p.send(func(result *pgconn.ResultReader) error {
		var failed error
		for result.NextRow() {
			for i, from := range result.Values() {
				v, err := decode(columns[i].DataTypeOID, from)
				if err == nil {
					err = fields[i].(sql.Scanner).Scan(v)
				}
				failed = errors.Join(failed, err)
			}
			failed = errors.Join(failed, row())
		}
		_, err := result.Close()
		return errors.Join(err, failed)
	})
}

func (p *pipelined) flush() error {
	if len(p.queue) == 0 {
		return nil
	}
	return p.send(closed)
}

// tx returns the transaction once it was begun by database/sql, which it is when
// the change runs again.
func (p *pipelined) tx() *sql.Tx {
	if p.open == nil {
		p.joins = true
	}
	return p.open
}

func (p *pipelined) enqueue(s statement, values []any) error {
	description, err := p.statement(p.ctx, s)
	if err != nil {
		return err
	}
	encoded, err := encode(description, values)
	p.queue = append(p.queue, queued{s, encoded})
	return err
}

// closed reads a result that has no rows.
func closed(result *pgconn.ResultReader) error {
	_, err := result.Close()
	return err
}

// send sends what is queued and gives the result of the last statement to last.
func (p *pipelined) send(last func(*pgconn.ResultReader) error) error {
	if _, err := p.statement(p.ctx, p.start); err != nil {
		return err
	}
	pipeline := p.pg.StartPipeline(p.ctx)
	wanted := len(p.queue)
	if !p.begun {
		pipeline.SendQueryStatement(p.prepared[p.start], nil, nil, binaryFormat)
		p.begun = true
		wanted++
	}
	for _, q := range p.queue {
		pipeline.SendQueryStatement(p.prepared[q.statement], q.values, binaryFormat, binaryFormat)
	}
	p.queue = p.queue[:0]
	err := pipeline.Sync()
	for i := range wanted {
		if err != nil {
			break
		}
		var got any
		if got, err = pipeline.GetResults(); err != nil {
			break
		}
		result, ok := got.(*pgconn.ResultReader)
		switch {
		case !ok:
			err = driver.ErrBadConn
		case i == wanted-1:
			err = last(result)
		default:
			err = closed(result)
		}
	}
	return errors.Join(err, pipeline.Close())
}

// begin begins the transaction by database/sql, so that a service can join it.
func (p *pipelined) beginJoined(o *sql.TxOptions) (err error) {
	p.open, err = p.conn.BeginTx(context.WithoutCancel(p.ctx), o)
	p.begun = err == nil
	return err
}

// commit commits in the same breath as what is still queued. A change that
// touched nothing has nothing to commit.
func (p *pipelined) commit() error {
	if p.open != nil {
		if err := p.flush(); err != nil {
			return err
		}
		p.committing = true
		return p.open.Commit()
	}
	if !p.begun && len(p.queue) == 0 {
		return nil
	}
	// A change that has read nothing may be the first on a connection that broke
	// while it was idle: that is found before the commit, when it is certain.
	if !p.begun {
		if err := p.flush(); err != nil {
			return err
		}
	}
	if err := p.enqueue(commit, nil); err != nil {
		return err
	}
	p.committing = true
	return p.send(closed)
}

// rollback undoes all. An error shows in the state of the connection.
func (p *pipelined) rollback() {
	p.queue = nil
	switch {
	case p.open != nil:
		_ = p.open.Rollback()
	case p.begun && !p.pg.IsClosed() && p.pg.TxStatus() != 'I':
		ctx := context.WithoutCancel(p.ctx)
		_, _ = p.pg.Exec(ctx, p.texts[rollback]).ReadAll()
	}
}
