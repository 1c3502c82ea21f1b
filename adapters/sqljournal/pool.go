package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/kecis/sdk/kecis/journal"
)

// pool are connections for readings.
type pool struct {
	connect func(context.Context) (*connection, error)
	// free holds as many as there are, nil where one is yet to be opened.
	free chan *connection
}

func newPool(size int, connect func(context.Context) (*connection, error)) *pool {
	p := &pool{connect: connect, free: make(chan *connection, size)}
	for range size {
		p.free <- nil
	}
	return p
}

// view runs a reading in a transaction that sees one state.
func (p *pool) view(ctx context.Context, read func(journal.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var c *connection
	select {
	case <-ctx.Done():
		return ctx.Err()
	case connected, open := <-p.free:
		if !open {
			return errClosed
		}
		c = connected
	}
	sound := false
	defer func() {
		if !sound && c != nil {
			c.discard()
			c = nil
		}
		p.free <- c
	}()
	if c == nil {
		connected, err := p.connect(ctx)
		if err != nil {
			return fmt.Errorf("sqljournal: %w", err)
		}
		c = connected
	}
	open, err := c.conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return fmt.Errorf("sqljournal: %w", err)
	}
	tx := &transaction{session: direct{c, open}}
	defer func() { tx.ended = true }()
	err = read(tx)
	rollback := open.Rollback()
	sound = tx.fault == nil && rollback == nil
	return errors.Join(err, rollback)
}

// close waits for the readings that run. It is called once.
func (p *pool) close() {
	for range cap(p.free) {
		if c := <-p.free; c != nil {
			c.discard()
		}
	}
	close(p.free)
}
