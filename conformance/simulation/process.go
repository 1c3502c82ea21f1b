package simulation

import (
	"net/http"
	"time"

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
	// start makes the program anew from what its store holds.
	start func(p *process) (http.Handler, error)
	// handler takes requests; nil while the process is down.
	handler http.Handler
	// lives counts the starts.
	lives int
	// journal is the store as the program sees it.
	journal *unsafeJournal
	role    string
	// client is that of a shop.
	client *kecis.Client
	// books and transactions are what was seen of its commits.
	books        *books
	transactions map[string]journal.Transaction
}

// boot starts the process.
func (p *process) boot() {
	p.lives++
	handler, err := p.start(p)
	if err != nil {
		p.stop(err)
		return
	}
	p.handler = handler
	p.logf("%s starts", p.name)
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
	p.after(between(time.Second, 50*time.Second, r), func() { p.spawn(nil, p.name+" starts", p.boot) })
}
