package crash

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// Takeover is a round in which one of two processes of the PG, on one journal,
// was killed and not started again.
type Takeover struct {
	*Round
	// InHand is how many requests the PG had claimed and not answered when it was
	// killed, by both processes; TakenOver how many of them the other claimed anew.
	InHand, TakenOver int
	// Longest is the longest time from the kill until one of those taken over had
	// its answer, Last until none was left to be undone, by the clock of the run.
	Longest, Last time.Duration
}

// Takeover runs such a round, on a Market with more than one PG.
func (m *Market) Takeover(ctx context.Context) (*Takeover, error) {
	if m.config.PGs < 2 {
		return nil, errors.New("crash: there is no second PG to take over")
	}
	eye, err := m.setting.open(ctx, pgName, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer func() { _ = eye.journal.Close() }()
	t := new(Takeover)
	var watching sync.WaitGroup
	var failed error
	victim := m.processes[1] // behind the issuer
	k := &killer{market: m, ctx: ctx, planned: []plannedKill{{
		process: victim, after: 1 + m.random.IntN(m.config.Purchases), delay: longestDelay / 2, down: untilWatched / time.Duration(m.config.Pace),
		killed: func() { watching.Go(func() { failed = t.watch(ctx, eye) }) },
	}}}
	t.Round, err = m.round(ctx, k)
	watching.Wait()
	return t, errors.Join(err, failed)
}

// untilWatched is how long the dead process stays down: longer than its work
// takes to end, by the clock of the run.
const untilWatched = 2 * time.Minute

// watch looks at the requests in hand until all have ended.
func (t *Takeover) watch(ctx context.Context, p *program) error {
	began := p.clock().Now()
	inHand, err := p.running(ctx)
	if err != nil {
		return err
	}
	t.InHand = len(inHand)
	for len(inHand) > 0 {
		for key, row := range inHand {
			now, err := p.request(ctx, row)
			if err != nil {
				return err
			}
			if now.Epoch > row.Epoch && row.Epoch > 0 {
				t.TakenOver++
				row.Epoch = 0 // it is counted
			}
			since := p.clock().Now().Sub(began)
			if now.State != journal.Running && row.State == journal.Running {
				row.State = now.State
				if row.Epoch == 0 {
					t.Longest = max(t.Longest, since)
				}
			}
			if now.State != journal.Running && now.Due.IsZero() {
				t.Last = max(t.Last, since)
				delete(inHand, key)
			}
		}
		if err := machine().Sleep(ctx, watchPause); err != nil {
			return err
		}
	}
	return nil
}

// watchPause is between two looks.
const watchPause = 20 * time.Millisecond

// manyRequests is more than are at work at a time.
const manyRequests = 1000

// running are the requests that are claimed and have no answer.
func (p *program) running(ctx context.Context) (map[string]*journal.Request, error) {
	found := map[string]*journal.Request{}
	err := p.journal.View(ctx, func(tx journal.Tx) error {
		rows, err := tx.DueRequests(p.clock().Now().Add(horizon), manyRequests)
		clear(found)
		for _, row := range rows {
			if row.State == journal.Running {
				found[row.Sender+" "+row.ID] = row
			}
		}
		return err
	})
	return found, err
}

func (p *program) request(ctx context.Context, r *journal.Request) (row *journal.Request, err error) {
	err = p.journal.View(ctx, func(tx journal.Tx) error {
		row, err = tx.Request(r.Sender, r.ID)
		return err
	})
	return row, err
}
