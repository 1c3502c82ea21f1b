package simulation

import (
	"context"
	"net/http"
	"time"

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
	p.log("%s starts", p.name)
}

// background keeps calling work, which reports whether there was anything to do,
// with longer and longer pauses while there is nothing.
func (p *process) background(name string, work func(context.Context) (bool, error)) {
	p.spawn(p, p.name+" "+name, func() {
		pause := shortPause
		for {
			worked, err := work(context.Background())
			if err != nil {
				p.log("%s %s: %v", p.name, name, err)
			}
			if worked && err == nil {
				pause = shortPause
				p.pass()
				continue
			}
			p.sleep(nil, pause)
			pause = min(2*pause, longPause)
		}
	})
}

// The pauses of background work. The long one is as short as what a world waits
// for allows.
const (
	shortPause = 200 * time.Millisecond
	longPause  = 10 * time.Minute
)

// crash ends the process where it stands and starts it again later. It is
// called by one of its own actors, which ends with it.
func (p *process) crash(why string, r uint64) {
	p.log("%s crashes: %s", p.name, why)
	p.handler = nil
	p.kill(p)
	p.after(between(time.Second, 2*time.Minute, r), p.boot)
}
