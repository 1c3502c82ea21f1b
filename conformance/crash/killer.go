package crash

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Kill is one process that was killed.
type Kill struct {
	Process string
	// At is the number of the transmission of the round behind which it happened.
	At int
	// Open is how many requests had no answer then.
	Open int
}

// killer kills processes while a round goes on.
type killer struct {
	market *Market
	ctx    context.Context //nolint:containedctx // that of one round
	at     sync.WaitGroup

	mu      sync.Mutex
	planned []plannedKill
	kills   []Kill
	err     error
}

// plannedKill kills a process after a transmission of the round.
type plannedKill struct {
	process *process
	after   int
	// delay is from then on, down until it is started again.
	delay, down time.Duration
	// killed is called at once after the kill; nil for nothing.
	killed func()
}

const (
	// maxKills is how many kills a round has at most.
	maxKills = 4
	// longestDelay is longer than the work on one request mostly takes.
	longestDelay = 60 * time.Millisecond
	// longestDown is some patience of a shop.
	longestDown = 500 * time.Millisecond
	// transmissions is how many each purchase makes at least.
	transmissions = 4
)

// plan draws the kills of a round.
func (m *Market) plan() (list []plannedKill) {
	for range 1 + m.random.IntN(maxKills) {
		list = append(list, plannedKill{
			process: m.processes[m.random.IntN(len(m.processes))],
			after:   1 + m.random.IntN(transmissions*m.config.Purchases),
			delay:   time.Duration(m.random.Int64N(int64(longestDelay))),
			down:    time.Duration(m.random.Int64N(int64(longestDown))),
		})
	}
	return list
}

// passed is called with the number of each transmission.
func (k *killer) passed(n int) {
	for _, p := range k.planned {
		if p.after == n {
			k.at.Go(func() { k.kill(p) })
		}
	}
}

func (k *killer) kill(p plannedKill) {
	if machine().Sleep(k.ctx, p.delay) != nil {
		return
	}
	open := k.market.tap.open()
	if p.process.kill() {
		k.mu.Lock()
		k.kills = append(k.kills, Kill{p.process.name, p.after, open})
		k.mu.Unlock()
	}
	if p.killed != nil {
		p.killed()
	}
	if machine().Sleep(k.ctx, p.down) != nil {
		return
	}
	if err := p.process.start(k.ctx); err != nil {
		k.mu.Lock()
		k.err = errors.Join(k.err, err)
		k.mu.Unlock()
	}
}

// end waits until all are up again.
func (k *killer) end() ([]Kill, error) {
	k.at.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kills, k.err
}
