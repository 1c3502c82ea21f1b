package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/kecis/sdk/kecis/journal"
)

// groupLimit is how many changes share a commit at most: enough that the cost of
// a commit vanishes among them, and few enough that the first need not wait long.
const groupLimit = 128

// grouped runs changes one after the other on one connection, and commits
// together those that came in the meantime. While one commits, the next queue up:
// the slower the disk, the larger the groups.
//
// There is no goroutine for it: the turn goes from caller to caller, and the
// last of a group commits for all. What only the one whose turn it is touches
// needs no lock.
type grouped struct {
	connect func(context.Context) (*connection, error)
	// certain says whether an error of a commit says that nothing was applied.
	certain func(error) bool

	mu      sync.Mutex
	taken   bool // it is somebody's turn
	closed  bool
	waiting []chan struct{}

	connection *connection // of the turn
	open       *group      // of the turn
	// memory are rows as they are in the database, while version is the number of
	// the last commit of others.
	memory  *memory
	version int64
	uses    map[statement]use
}

// group are changes that are committed together.
type group struct {
	tx       *sql.Tx
	size     int
	counters counters
	fault    error // the transaction is lost
	done     chan struct{}
	err      error // of the commit; set before done is closed
}

var errClosed = errors.New("sqljournal: the journal is closed")

// update runs a change when it is its turn.
func (g *grouped) update(ctx context.Context, change func(journal.Tx) error) (err error) {
	if err := g.acquire(ctx); err != nil {
		return err
	}
	if g.open == nil {
		if g.open, err = g.begin(ctx); err != nil {
			g.release()
			return err
		}
	}
	current := g.open
	ended := false
	defer func() {
		if !ended { // the change panicked
			g.leave(current)
		}
	}()
	err = g.attempt(current, change)
	ended = true
	g.leave(current)
	if err != nil {
		return err
	}
	<-current.done
	return current.err
}

// acquire waits for the turn.
func (g *grouped) acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return errClosed
	}
	if !g.taken {
		g.taken = true
		g.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	g.waiting = append(g.waiting, turn)
	g.mu.Unlock()
	select {
	case <-turn:
		if g.isClosed() {
			g.release()
			return errClosed
		}
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	i := slices.Index(g.waiting, turn)
	if i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	g.mu.Unlock()
	if i < 0 { // the turn came all the same
		<-turn
		g.leave(g.open)
	}
	return ctx.Err()
}

// release gives the turn to the next, if there is one.
func (g *grouped) release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hand()
}

// hand gives the turn on; g.mu is held.
func (g *grouped) hand() {
	if len(g.waiting) == 0 {
		g.taken = false
		return
	}
	next := g.waiting[0]
	g.waiting = g.waiting[1:]
	close(next)
}

// leave gives the turn on within the group, or commits it if nobody waits. Before
// it does so, others who are ready to run may come: on a busy machine the groups
// are twice as large for it, and on an idle one it costs nothing.
func (g *grouped) leave(current *group) {
	if current != nil {
		if g.alone() {
			runtime.Gosched()
		}
		g.mu.Lock()
		if current.fault == nil && current.size < groupLimit && len(g.waiting) > 0 {
			g.hand()
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.open = nil
		current.err = g.commit(current)
		close(current.done)
	}
	g.release()
}

// alone says that nobody waits for the turn.
func (g *grouped) alone() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting) == 0
}

func (g *grouped) begin(ctx context.Context) (*group, error) {
	if g.connection == nil {
		c, err := g.connect(ctx)
		if err != nil {
			return nil, err
		}
		g.connection = c
	}
	tx, err := g.connection.conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		g.drop()
		return nil, fmt.Errorf("sqljournal: %w", err)
	}
	// The first statement writes: it waits for other processes, and what is read
	// behind it is not older than the lock.
	_, err = g.connection.exec(lockWriter)
	if err == nil {
		err = g.recognize()
	}
	if err != nil {
		_ = tx.Rollback()
		g.drop()
		return nil, fmt.Errorf("sqljournal: %w", err)
	}
	return &group{tx: tx, done: make(chan struct{})}, nil
}

// recognize forgets the rows if others have written to the database.
func (g *grouped) recognize() error {
	before := g.version
	err := g.connection.query(selectVersion, []any{number(&g.version)}, func() error { return nil })
	if err == nil && g.version != before {
		g.memory.forget()
	}
	return err
}

// drop closes a connection on which something went wrong.
func (g *grouped) drop() {
	g.connection.discard()
	g.connection = nil
	g.memory.forget()
}

// attempt runs a change.
func (g *grouped) attempt(current *group, change func(journal.Tx) error) error {
	current.size++
	before := current.counters
	session := &changing{connection: g.connection, open: current.tx, uses: g.uses, group: g.memory, own: newMemory()}
	tx := &transaction{session: session, counters: &current.counters, writes: true}
	kept := false
	var err error
	defer func() {
		tx.ended = true
		if !kept { // also if the change panicked
			current.counters = before
			undo := session.drop()
			if undo == nil && !session.within {
				undo = tx.fault // of the database, which may have taken back everything
			}
			if undo != nil { // the whole commit is gone, for the change's reason
				current.fault = errors.Join(err, undo)
			}
		}
	}()
	err = change(tx)
	if err == nil {
		err = tx.fault
	}
	if err == nil {
		err = tx.finish()
	}
	if err == nil {
		err = session.keep()
	}
	kept = err == nil
	return err
}

func (g *grouped) commit(current *group) error {
	err := current.fault
	if err == nil {
		err = g.memory.write(g.connection)
	}
	if err == nil {
		err = g.store(current)
	}
	if err != nil {
		_ = current.tx.Rollback()
		g.drop()
		return fmt.Errorf("sqljournal: another change of the same commit met: %w", err)
	}
	if err := current.tx.Commit(); err != nil {
		g.drop()
		if g.certain(err) {
			return fmt.Errorf("sqljournal: %w", err)
		}
		return fmt.Errorf("sqljournal: %w: %w", journal.ErrUncertain, err)
	}
	g.memory.age()
	return nil
}

// store writes the counters.
func (g *grouped) store(current *group) error {
	c := &current.counters
	if c.cursor != c.storedCursor {
		if _, err := g.connection.exec(updateState, c.cursor, nil, "cursor"); err != nil {
			return err
		}
	}
	if c.number != c.storedNumber {
		if _, err := g.connection.exec(updateState, c.number, digest(&c.link), "chain"); err != nil {
			return err
		}
	}
	return nil
}

func (g *grouped) isClosed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.closed
}

// close waits until it has the turn and no group is open, and lets nobody in
// behind it.
func (g *grouped) close() {
	for {
		if g.acquire(context.Background()) != nil {
			return
		}
		if g.open == nil {
			break
		}
		g.leave(g.open)
	}
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	if g.connection != nil {
		g.drop()
	}
	g.release()
}
