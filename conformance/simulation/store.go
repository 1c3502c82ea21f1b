package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// unsafeJournal is a store between a process and its journal that passes the
// baton at every call, and fails as stores and machines do.
type unsafeJournal struct {
	*process
	inner journal.Journal
}

var (
	errStore  = errors.New("the store fails")
	errUndone = errors.New("undone by the simulation")
)

// commit is one call of Update.
type commit struct {
	*unsafeJournal
	actor *actor
	// watched is the last run of the change.
	watched *watchedTx
	decided bool
	fault   string
	random  uint64
}

// Update runs change in the journal, unless a fault comes in between.
func (j *unsafeJournal) Update(ctx context.Context, change func(journal.Tx) error) error {
	j.linger()
	c := &commit{unsafeJournal: j, actor: j.current}
	err := j.inner.Update(ctx, func(tx journal.Tx) error { return c.run(tx, change) })
	site := c.watched.site(j.role)
	if site == "" {
		j.pass()
		return err
	}
	j.plan.count(site, c.fault)
	if err == nil {
		c.watched.keep()
	}
	switch c.fault {
	case "":
		j.logf("%s: %s%s", c.actor.name, site, failed(err))
	default:
		j.logf("%s: %s: %s", c.actor.name, site, c.fault)
	}
	switch c.fault {
	case crashBefore, crashAfter:
		j.crash(c.fault, c.random)
	case uncertain, uncertainNo:
		err = fmt.Errorf("%w: %w", journal.ErrUncertain, errStore)
	case storeFault:
		err = errStore
	case stall:
		// What was read is old when the actor comes back: as after a pause of the
		// machine, between claim and seal.
		j.idle(between(30*time.Second, 10*time.Minute, c.random))
		c.fault = ""
		if err = j.inner.Update(ctx, func(tx journal.Tx) error { return c.run(tx, change) }); err == nil {
			c.watched.keep()
		}
		j.logf("%s: %s after its sleep%s", c.actor.name, site, failed(err))
	}
	j.pass()
	return err
}

// linger lets others run, and takes some milliseconds at times, as a disk does:
// without that, work on two requests would hardly ever overlap.
func (j *unsafeJournal) linger() {
	if r := j.scheduler.random.Uint64(); r%3 == 0 {
		j.idle(between(0, 10*time.Millisecond, r/3))
		return
	}
	j.pass()
}

// run runs the change once and decides whether it may be committed.
func (c *commit) run(tx journal.Tx, change func(journal.Tx) error) error {
	c.actor.inside = true
	defer func() { c.actor.inside = false }()
	c.watched = &watchedTx{Tx: tx, process: c.process}
	if err := change(c.watched); err != nil || len(c.watched.writes) == 0 {
		return err
	}
	if !c.decided {
		c.decided = true
		site := c.watched.site(c.role)
		c.fault, c.random = c.plan.fault(strings.Replace(site, c.role, c.name, 1), c.plan.commitChance(site), writeFaults())
	}
	switch c.fault {
	case crashBefore, uncertainNo, storeFault, stall:
		return errUndone
	}
	return nil
}

func failed(err error) string {
	if err != nil {
		return ": " + err.Error()
	}
	return ""
}

// View reads one state.
func (j *unsafeJournal) View(ctx context.Context, read func(journal.Tx) error) error {
	j.pass()
	actor := j.current
	return j.inner.View(ctx, func(tx journal.Tx) error {
		actor.inside = true
		defer func() { actor.inside = false }()
		return read(tx)
	})
}

// watchedTx notes what a transaction writes.
type watchedTx struct {
	journal.Tx
	process *process
	writes  []string
	// request is what is done to the first request; session what to an authentication.
	request, session string
	// facts are what the commit does to the books, once it is applied; keys, which
	// come first, which request an operation key belongs to.
	keys, facts []func()
}

// keep is called when the commit has been applied.
func (w *watchedTx) keep() {
	for _, fact := range append(w.keys, w.facts...) {
		fact()
	}
}

func (w *watchedTx) note(what string) {
	if !slices.Contains(w.writes, what) {
		w.writes = append(w.writes, what)
	}
}

// site names the commit by who makes it and what it does to a request, or if it
// touches none, by all that it writes; "" if it writes nothing.
func (w *watchedTx) site(role string) string {
	switch {
	case w == nil || len(w.writes) == 0:
		return ""
	case w.request != "":
		return role + ": " + w.request
	case w.session != "":
		return role + ": " + w.session
	}
	return role + ": " + strings.Join(w.writes, ", ")
}

// noteRequest notes what is done to a request. A commit that takes several up
// again is named by the first.
func (w *watchedTx) noteRequest(how string, r *journal.Request) {
	state := "running"
	switch r.State {
	case journal.Sealed:
		state = "sealed " + r.Outcome
	case journal.Tombstone:
		state = "tombstone"
	}
	name := how + strings.TrimPrefix(strings.TrimSuffix(r.Kind, "Request")+" "+state, " ")
	w.note(name)
	if w.request == "" {
		w.request = name
	}
}

func (w *watchedTx) InsertRequest(r *journal.Request) error {
	w.noteRequest("claim ", r)
	w.watchRequest(r)
	return w.Tx.InsertRequest(r)
}

func (w *watchedTx) UpdateRequest(r *journal.Request) error {
	w.noteRequest("", r)
	return w.Tx.UpdateRequest(r)
}

func (w *watchedTx) ClaimRequest(r *journal.Request) error {
	w.noteRequest("reclaim ", r)
	return w.Tx.ClaimRequest(r)
}

func (w *watchedTx) InsertTransaction(t *journal.Transaction) error {
	w.note("transaction")
	w.watchTransaction(t)
	return w.Tx.InsertTransaction(t)
}

func (w *watchedTx) UpdateTransaction(t *journal.Transaction) error {
	w.note("transaction")
	w.watchTransaction(t)
	return w.Tx.UpdateTransaction(t)
}

func (w *watchedTx) InsertSent(s *journal.Sent) error {
	w.note("to be sent")
	return w.Tx.InsertSent(s)
}

func (w *watchedTx) UpdateSent(s *journal.Sent) error {
	w.note("sent")
	return w.Tx.UpdateSent(s)
}

func (w *watchedTx) UpdateEvent(e *journal.Event) error {
	w.note("event sent")
	return w.Tx.UpdateEvent(e)
}

func (w *watchedTx) SequenceEvents(limit int) (int, error) {
	n, err := w.Tx.SequenceEvents(limit)
	if n > 0 {
		w.note("events sequenced")
	}
	return n, err
}

func (w *watchedTx) ChainEvidence(limit int) (int, error) {
	n, err := w.Tx.ChainEvidence(limit)
	if n > 0 {
		w.note("evidence chained")
	}
	return n, err
}

func (w *watchedTx) Sweep(r journal.Retention, limit int) (int, error) {
	n, err := w.Tx.Sweep(r, limit)
	if n > 0 {
		w.note(cleanUp)
	}
	return n, err
}

func (w *watchedTx) Add(space, key string, value []byte) error {
	w.note("records")
	w.watchEntry(space, key, value)
	return w.Tx.Add(space, key, value)
}

func (w *watchedTx) Put(space, key string, value []byte) error {
	w.note("records")
	w.watchSession(space, key, value)
	return w.Tx.Put(space, key, value)
}
