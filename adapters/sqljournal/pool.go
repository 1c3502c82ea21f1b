package sqljournal

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/kecis/sdk/kecis/journal"
)

// member is a connection on which one caller at a time works.
type member interface {
	// discard closes the connection for good.
	discard()
}

// pool are connections that callers take in turn.
type pool[C member] struct {
	connect func(context.Context) (C, error)
	// free holds as many as there are, nil where one is yet to be opened.
	free chan *C
}

func newPool[C member](size int, connect func(context.Context) (C, error)) *pool[C] {
	p := &pool[C]{connect: connect, free: make(chan *C, size)}
	for range size {
		p.free <- nil
	}
	return p
}

// with lends a connection to work, which says whether it is sound afterwards.
func (p *pool[C]) with(ctx context.Context, work func(C) (sound bool, err error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var c *C
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
	defer func() { // also if work panicked
		if !sound && c != nil {
			(*c).discard()
			c = nil
		}
		p.free <- c
	}()
	if c == nil {
		connected, err := p.connect(ctx)
		if err != nil {
			return fmt.Errorf("sqljournal: %w", err)
		}
		c = &connected
	}
	var err error
	sound, err = work(*c)
	return err
}

// close waits for those who have a connection. It is called once.
func (p *pool[C]) close() {
	for range cap(p.free) {
		if c := <-p.free; c != nil {
			(*c).discard()
		}
	}
	close(p.free)
}

// readers run readings on SQLite.
type readers struct{ *pool[*connection] }

// view runs a reading in a transaction that sees one state.
func (r readers) view(ctx context.Context, read func(journal.Tx) error) error {
	return r.with(ctx, func(c *connection) (sound bool, err error) {
		open, err := c.conn.BeginTx(context.WithoutCancel(ctx), &sql.TxOptions{ReadOnly: true})
		if err != nil {
			return false, fmt.Errorf("sqljournal: %w", err)
		}
		tx := &transaction{session: direct{c, open}}
		defer func() { tx.ended = true }()
		err = read(tx)
		rollback := open.Rollback()
		if err == nil {
			err = rollback
		}
		return tx.fault == nil && rollback == nil, err
	})
}
