package crash

import (
	"context"
	"errors"
	"time"

	"github.com/kecis/sdk/conformance"
)

// Round is one round: load with kills, rest, judgement.
type Round struct {
	Number    int
	Kills     []Kill
	Payments  int
	Exchanges int
	// Outcomes counts the ends of the shops' requests.
	Outcomes map[string]int
	// Unknown is how many requests were told as unknown before their end.
	Unknown int
	// Took is the time of the machine, Rest what of it the round took to come to
	// rest after the load.
	Took, Rest time.Duration
	// Findings are what went wrong, in words, with the requests concerned.
	Findings []string
	// Looked counts by the names of the judge's rules what each had to look at: a
	// rule with 0 was not observed.
	Looked map[string]int
	// Recording is what was judged.
	Recording *conformance.Recording
}

// Round runs one round.
func (m *Market) Round(ctx context.Context) (*Round, error) {
	return m.round(ctx, &killer{market: m, ctx: ctx, planned: m.plan()})
}

// round lets the shops sell while the killer kills, waits for rest, and judges.
func (m *Market) round(ctx context.Context, k *killer) (*Round, error) {
	m.rounds++
	began := machine().Now()
	r := &Round{Number: m.rounds, Outcomes: map[string]int{}, Looked: map[string]int{}}
	from := m.setting.clock().Now().Truncate(time.Second)
	for _, s := range m.shops {
		s.forget()
	}
	m.tap.watch(k.passed)
	err := m.load(ctx)
	m.tap.unwatch()
	r.Kills, k.err = k.end()
	if err := errors.Join(err, k.err); err != nil {
		return r, err
	}
	rested := machine().Now()
	books, err := m.openBooks(ctx)
	if err != nil {
		return r, err
	}
	defer books.close()
	if err := books.rest(ctx); err != nil {
		return r, err
	}
	r.Rest = machine().Now().Sub(rested)
	if err := books.judge(ctx, r, from); err != nil {
		return r, err
	}
	r.Took = machine().Now().Sub(began)
	return r, nil
}
