package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/kecis/sdk/kecis/journal"
)

// conflictLimit is how often a change runs that meets others: each time at least
// one of them has come through, so that it is not reached but by a fault.
const conflictLimit = 50

// conflicts are the errors of PostgreSQL after which a change runs again:
// serialization failure, deadlock, a lock that was not given in time, and a key
// that was taken behind an insertion that did not wait for its result.
var conflicts = []string{"40001", "40P01", "55P03", uniqueViolation}

const uniqueViolation = "23505"

// writers run changes at the same time, each in a transaction of its own.
//
// The transactions are READ COMMITTED, and what they decide is serializable all
// the same. Whatever is read by its key is read FOR UPDATE: the newest version
// that is committed, which then stays until the end. Order and Get lock a key
// without a row by a row without content. The rest are insertions, which a
// unique index decides, and which wait for a transaction that has inserted the
// same key. So two transactions that depend on one another meet at a row that
// both lock, and the order of their commits is an order in which they could have
// run. SERIALIZABLE would protect the lists as well, which the interface does not
// ask for, and would let payments fail that only share a page of an index.
//
// Deadlocks end one of the two, which runs again.
type writers struct {
	*pool[*server]

	// joined says that the service has asked for the database's transaction
	// before, so that they are begun for it.
	joined atomic.Bool
}

var errAgain = errors.New("sqljournal: the change runs again")

// update runs a change until it meets no other.
func (w *writers) update(ctx context.Context, change func(journal.Tx) error) error {
	return w.run(ctx, begin, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, change)
}

// view runs a reading in a transaction that sees one state.
func (w *writers) view(ctx context.Context, read func(journal.Tx) error) error {
	return w.run(ctx, beginReading, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, read)
}

// run runs a change, on another connection if one breaks before the commit: as
// all do when a server was started anew.
func (w *writers) run(ctx context.Context, start statement, o *sql.TxOptions, change func(journal.Tx) error) (err error) {
	for range cap(w.free) + 1 {
		lost := false
		err = w.with(ctx, func(s *server) (sound bool, err error) {
			err = w.on(ctx, s, start, o, change)
			lost = s.pg.IsClosed() && ctx.Err() == nil && !errors.Is(err, journal.ErrUncertain)
			return s.sound(), err
		})
		if !lost {
			break
		}
	}
	return err
}

// on runs a change on a connection until it meets no other.
func (w *writers) on(ctx context.Context, s *server, start statement, o *sql.TxOptions, change func(journal.Tx) error) (err error) {
	eager := false
	for range conflictLimit {
		p := &pipelined{server: s, ctx: ctx, start: start, eager: eager}
		if w.joined.Load() {
			if err := p.beginJoined(o); err != nil {
				return fmt.Errorf("sqljournal: %w", err)
			}
		}
		err = attempt(p, start == begin, change)
		if p.joins {
			w.joined.Store(true)
			err = errAgain
		}
		if !isConflict(err) {
			break
		}
		eager = eager || isConflictOf(err, uniqueViolation)
	}
	return err
}

// attempt runs a change once and commits it.
func attempt(p *pipelined, writes bool, change func(journal.Tx) error) error {
	tx := &transaction{session: p, writes: writes}
	ended := false
	defer func() {
		tx.ended = true
		if !ended { // failed or panicked
			p.rollback()
		}
	}()
	err := change(tx)
	if tx.fault != nil {
		return fmt.Errorf("sqljournal: %w", tx.fault)
	}
	if err != nil || p.joins {
		return err
	}
	err = tx.finish()
	if err == nil {
		_, err = p.statement(p.ctx, commit)
	}
	if err != nil {
		return fmt.Errorf("sqljournal: %w", err)
	}
	if err := p.commit(); err != nil {
		if !writes || !p.committing || refused(err) {
			return fmt.Errorf("sqljournal: %w", err)
		}
		return fmt.Errorf("sqljournal: %w: %w", journal.ErrUncertain, err)
	}
	ended = true
	return nil
}

// refused says whether the error of a commit is an answer of the server, which
// has then not committed. An answer with which it ends the connection may come
// after a commit.
func refused(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.SeverityUnlocalized == "ERROR"
}

func isConflict(err error) bool {
	return errors.Is(err, errAgain) || slices.ContainsFunc(conflicts, func(code string) bool { return isConflictOf(err, code) })
}

func isConflictOf(err error, code string) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == code
}
