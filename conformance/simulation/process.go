package simulation

import (
	"net/http"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// process is a program of a party: it has a clock, a store that survives it, and
// actors that do not.
type process struct {
	*world
	name, entity, host string
	clock              *partyClock
	store              journal.Journal
	// file is the SQLite database of the store, "" if it is in memory.
	file string
	// start makes the program anew from what its store holds.
	start func(p *process) (http.Handler, error)
	// handler takes requests; nil while the process is down.
	handler http.Handler
	// lives counts the starts.
	lives int
	// journal is the store as the program sees it.
	journal *unsafeJournal
	role    string
	// client is that of a shop, server that of a PG in its present life.
	client *kecis.Client
	server *kecis.Server
	// books and transactions are what was seen of its commits.
	books        *books
	transactions map[string]journal.Transaction
	// sessions are the authentications by amount that were seen in its commits.
	sessions map[string]*session
}

// boot starts the process.
func (p *process) boot() {
	p.lives++
	if err := p.open(); err != nil {
		p.stop(err)
		return
	}
	handler, err := p.start(p)
	if err != nil {
		p.stop(err)
		return
	}
	p.handler = handler
	p.logf("%s starts", p.name)
}

// open opens the database of a store that is not in memory.
func (p *process) open() error {
	if p.file == "" {
		return nil
	}
	store, err := sqljournal.Open(p.context, "sqlite:"+p.file, sqljournal.Options{Readers: 1})
	if err != nil {
		return err
	}
	p.store, p.journal.inner = store, store
	return nil
}

// shut closes the database as it stands. No transaction is under way: none keeps
// the baton while it has passed on.
func (p *process) shut() {
	if store, ok := p.store.(*sqljournal.Journal); ok {
		if err := store.Close(); err != nil {
			p.stop(err)
		}
	}
}

// until waits until the world is that old, also after a crash.
func (p *process) until(age time.Duration) {
	if wait := epoch().Add(age).Sub(p.now); wait > 0 {
		p.idle(wait)
	}
}

// crash ends the process where it stands and starts it again later. It is
// called by one of its own actors, which ends with it.
func (p *process) crash(why string, r uint64) {
	p.logf("%s crashes: %s", p.name, why)
	p.handler = nil
	p.kill(p)
	p.shut()
	p.after(between(time.Second, 50*time.Second, r), func() { p.spawn(nil, p.name+" starts", p.boot) })
}
