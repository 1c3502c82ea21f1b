package crash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
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
	// Recording is what was judged.
	Recording *conformance.Recording
}

// Kill is one process that was killed.
type Kill struct {
	Process string
	// At is the number of the transmission of the round behind which it happened.
	At int
	// Open is how many requests had no answer then.
	Open int
}

// Round runs one round.
func (m *Market) Round(ctx context.Context) (*Round, error) {
	m.rounds++
	began := machine().Now()
	r := &Round{Number: m.rounds, Outcomes: map[string]int{}}
	from := m.setting.clock().Now().Truncate(time.Second)
	for _, s := range m.shops {
		s.forget()
	}
	k := m.plan(ctx)
	m.tap.watch(k.passed)
	err := m.load(ctx)
	r.Kills = k.end()
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
func (m *Market) plan(ctx context.Context) *killer {
	k := &killer{market: m, ctx: ctx}
	for range 1 + m.random.IntN(maxKills) {
		k.planned = append(k.planned, plannedKill{
			process: m.processes[m.random.IntN(len(m.processes))],
			after:   1 + m.random.IntN(transmissions*m.config.Purchases),
			delay:   time.Duration(m.random.Int64N(int64(longestDelay))),
			down:    time.Duration(m.random.Int64N(int64(longestDown))),
		})
	}
	return k
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
	began := k.market.setting.clock().Now().Add(-openTime)
	if machine().Sleep(k.ctx, p.delay) != nil {
		return
	}
	open := k.market.tap.open(began)
	if p.process.kill() {
		k.mu.Lock()
		k.kills = append(k.kills, Kill{p.process.name, p.after, open})
		k.mu.Unlock()
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

// openTime is how long ago a request may have been sent that is still at work.
const openTime = time.Minute

// end waits until all are up again.
func (k *killer) end() []Kill {
	k.market.tap.mu.Lock()
	k.market.tap.each = nil
	k.market.tap.mu.Unlock()
	k.at.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kills
}

// openBooks opens the journals of the providers, which their processes have open
// too, while nobody is killed.
func (m *Market) openBooks(ctx context.Context) (*books, error) {
	b := &books{Market: m}
	silent := slog.New(slog.DiscardHandler)
	for name, to := range map[string]**program{pgName: &b.pgBooks, issuerName: &b.issuerBooks} {
		p, err := m.setting.open(ctx, name, silent)
		if err != nil {
			b.close()
			return nil, err
		}
		*to = p
	}
	return b, nil
}

// books are the journals of the providers, as the run reads them.
type books struct {
	*Market
	pgBooks, issuerBooks *program
}

func (b *books) close() {
	for _, p := range []*program{b.pgBooks, b.issuerBooks} {
		if p != nil && p.journal != nil {
			_ = p.journal.Close()
		}
	}
}

const (
	// restLimit is how long a round may take to come to rest, by the machine's
	// clock.
	restLimit = 3 * time.Minute
	// restPause is between two looks.
	restPause = 100 * time.Millisecond
	// horizon is beyond every pause of background work, and before the end of
	// holds.
	horizon = 24 * time.Hour
)

// rest waits until no party has anything left to do.
func (b *books) rest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, restLimit)
	defer cancel()
	background, stop := context.WithCancel(ctx)
	var behind sync.WaitGroup
	defer behind.Wait()
	defer stop()
	for _, s := range b.shops {
		behind.Go(func() { s.keepWorking(background, s.client.RunOnce) })
	}
	for quiet := 0; quiet < 2; {
		left, err := b.left(ctx)
		switch {
		case err != nil:
			return err
		case len(left) == 0:
			quiet++
		default:
			quiet = 0
		}
		if machine().Sleep(ctx, restPause) != nil {
			return fmt.Errorf("crash: not at rest after %v: %s", restLimit, strings.Join(left, "; "))
		}
	}
	return nil
}

// left returns what is still to be done, in words. Notifications are not waited
// for: they tell what is already done.
func (b *books) left(ctx context.Context) (list []string, err error) {
	programs := []*program{b.pgBooks, b.issuerBooks}
	for _, s := range b.shops {
		programs = append(programs, s.program)
	}
	until := b.setting.clock().Now().Add(horizon)
	for _, p := range programs {
		err := p.journal.View(ctx, func(tx journal.Tx) error {
			requests, err := tx.DueRequests(until, 1)
			if err != nil {
				return err
			}
			for _, r := range requests {
				list = append(list, fmt.Sprintf("%s: %s %s (%s %s), try %d", p.Name, r.Kind, r.ID, r.Outcome, r.Code, r.Tries))
			}
			sent, err := tx.DueSent(until, 1)
			if err != nil {
				return err
			}
			for _, r := range sent {
				list = append(list, fmt.Sprintf("%s: sent %s %s (%s %s), try %d", p.Name, r.Kind, r.ID, r.Outcome, r.Code, r.Tries))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// The bounds of a judgement, by the clock of the run.
const (
	// resolveBound is within which an unknown outcome must be known: a deadline,
	// a lease, and some tries.
	resolveBound = time.Hour
	// releaseBound is of holds, which last for days.
	releaseBound = time.Hour
)

// judge states, sends everything once more, states again, and judges.
func (b *books) judge(ctx context.Context, r *Round, from time.Time) error {
	rec := &conformance.Recording{
		Format: conformance.RecordingFormat, Suite: "crash", Seed: b.config.Seed,
		Bounds: conformance.Bounds{Resolve: resolveBound, Release: releaseBound, Skew: time.Second},
	}
	r.Recording = rec
	for i := range b.setting.Parties {
		p := &b.setting.Parties[i]
		role := conformance.Role(p.Role)
		rec.Parties = append(rec.Parties, conformance.Party{Entity: p.Entity, Role: role, Books: role != conformance.Requester, States: true})
	}
	if _, err := b.state(ctx, r, from); err != nil {
		return err
	}
	rec.Settled = b.setting.clock().Now()
	if err := b.repeat(ctx); err != nil {
		return err
	}
	orders, err := b.state(ctx, r, from)
	if err != nil {
		return err
	}
	for _, t := range b.tap.snapshot() {
		if e, ok := b.reader.exchange(ctx, &t, len(rec.Exchanges)+1); ok {
			rec.Exchanges = append(rec.Exchanges, e)
		}
	}
	for _, s := range b.shops {
		rec.Tellings = append(rec.Tellings, s.tellings...)
	}
	if err := b.enter(ctx, r, from, orders); err != nil {
		return err
	}
	// Nothing is left to do within the horizon, so that what is now is what will be.
	rec.Ended = b.setting.clock().Now().Add(2 * resolveBound)
	b.count(r)
	for _, f := range conformance.Judge(rec) {
		r.Findings = append(r.Findings, b.words(&f, rec))
	}
	return b.audit(ctx, r)
}

// words writes a finding with the requests concerned.
func (b *books) words(f *conformance.Finding, rec *conformance.Recording) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s, %s: %s", f.Rule, b.nameOf(f.Party), f.What)
	for _, n := range f.Exchanges {
		e := &rec.Exchanges[n-1]
		fmt.Fprintf(&out, "\n    %s  %s %s from %s to %s, order %s", e.Sent.Format("15:04:05.000"), e.Request.Kind, e.Request.ID, b.nameOf(e.From), b.nameOf(e.To), e.Request.Order.OrderID)
		if e.Answer != nil {
			fmt.Fprintf(&out, ": %s (%s)", e.Answer.Outcome, e.Answer.Code)
		} else {
			fmt.Fprintf(&out, ": no answer (HTTP %d)", e.HTTPStatus)
		}
	}
	return out.String()
}

func (m *Market) nameOf(entity string) string {
	for i := range m.setting.Parties {
		if p := &m.setting.Parties[i]; p.Entity == entity {
			return p.Name
		}
	}
	return entity
}

func (b *books) count(r *Round) {
	r.Exchanges = len(r.Recording.Exchanges)
	unknown := map[string]bool{}
	for _, t := range r.Recording.Tellings {
		if t.Outcome == outcomeUnknown {
			unknown[t.Request] = true
		}
	}
	r.Unknown = len(unknown)
	for _, s := range b.shops {
		r.Payments += len(s.paid)
		for _, st := range s.paid {
			r.Outcomes[st.outcome]++
			for _, then := range st.after {
				r.Outcomes[then.outcome]++
			}
		}
	}
}

// repeat sends every request once more, as a network does that repeats.
func (b *books) repeat(ctx context.Context) error {
	seen := map[string]bool{}
	for _, t := range b.tap.snapshot() {
		if seen[string(t.document)] {
			continue
		}
		seen[string(t.document)] = true
		if err := post(ctx, t.to, t.document); err != nil {
			return err
		}
	}
	return b.rest(ctx)
}

// state notes what each party states of each payment: the providers by
// Reconciliation to those that asked them, the shops by what they were told, and
// the PG once more by Inquiry.
func (b *books) state(ctx context.Context, r *Round, from time.Time) (map[[2]string]kecis.Entry, error) {
	clock := b.setting.clock()
	until := clock.Now().Truncate(time.Second).Add(time.Second)
	if err := clock.Sleep(ctx, until.Sub(clock.Now())); err != nil {
		return nil, err
	}
	orders := map[[2]string]kecis.Entry{}
	for _, s := range b.shops {
		if err := b.reconcile(ctx, r, s.client, b.pg.entity, from, until, orders); err != nil {
			return nil, err
		}
	}
	if err := b.reconcile(ctx, r, b.pgBooks.client(), b.issuer.entity, from, until, orders); err != nil {
		return nil, err
	}
	byRequest := map[string]kecis.Entry{}
	for key, e := range orders {
		if key[0] == b.pg.entity {
			byRequest[string(e.RequestID)] = e
		}
	}
	for _, s := range b.shops {
		for _, st := range s.paid {
			stated, known := byRequest[st.id]
			believed := st.believed()
			r.Recording.Statements = append(r.Recording.Statements, conformance.Statement{
				Party: s.Entity, At: clock.Now(), By: "books", Order: orderOf(st.order), Request: st.id, Payment: believed,
				Final: true, Class: conformance.Declared,
			})
			if err := b.inquire(ctx, r, s, st, &stated, known); err != nil {
				return nil, err
			}
		}
	}
	return orders, nil
}

// inquire asks the PG about a payment and holds the answer against what it stated
// in the reconciliation.
func (b *books) inquire(ctx context.Context, r *Round, s *shop, st *step, stated *kecis.Entry, known bool) error {
	m, err := s.client.Inquire(ctx, s.pg, kecis.Original{RequestID: kecis.ID(st.id)})
	switch {
	case errors.Is(err, kecis.ErrNotFound):
		if known || st.outcome == outcomeDone {
			r.Findings = append(r.Findings, fmt.Sprintf("lost: payment %s of %s is %s for its shop, and the PG does not know it", st.id, st.order.OrderID, st.outcome))
		}
		return nil
	case err != nil:
		return err
	}
	asked, listed := paymentOf(&m.Transaction), paymentOf(&stated.Transaction)
	if asked != listed {
		r.Findings = append(r.Findings, fmt.Sprintf("stated: payment %s of %s is %+v by Inquiry and %+v by Reconciliation", st.id, st.order.OrderID, asked, listed))
	}
	return nil
}

// reconcile notes what a provider states to a client.
func (b *books) reconcile(ctx context.Context, r *Round, c *kecis.Client, provider string, from, until time.Time, orders map[[2]string]kecis.Entry) error {
	var totals []kecis.Total
	n := 0
	at := b.setting.clock().Now()
	for e, err := range c.Reconcile(ctx, provider, from, until, &totals) {
		if err != nil {
			return fmt.Errorf("crash: reconciliation with %s: %w", b.nameOf(provider), err)
		}
		n++
		orders[[2]string{provider, e.Transaction.ID}] = *e
		r.Recording.Statements = append(r.Recording.Statements, conformance.Statement{
			Party: provider, At: at, By: "reconciliation", Order: orderOf(e.OrderRef), Request: string(e.RequestID),
			Payment: paymentOf(&e.Transaction), Final: true, Class: conformance.Declared,
		})
	}
	for _, t := range totals {
		n -= t.Count
	}
	if n != 0 {
		r.Findings = append(r.Findings, fmt.Sprintf("stated: the totals of %s count %d payments too few", b.nameOf(provider), n))
	}
	return nil
}

// enter notes what the providers' books say.
func (b *books) enter(ctx context.Context, r *Round, from time.Time, orders map[[2]string]kecis.Entry) error {
	reader := &bookReader{recording: r.Recording, from: from}
	service, err := b.issuerBooks.issuer()
	if err != nil {
		return err
	}
	entries, err := reader.readLedger(ctx, b.issuerBooks.journal, service.Ledger())
	if err != nil {
		return err
	}
	reader.issuer(b.issuer.entity, entries)
	front, err := b.pgBooks.pg(b.pgBooks.client())
	if err != nil {
		return err
	}
	if entries, err = reader.readLedger(ctx, b.pgBooks.journal, front.Ledger()); err != nil {
		return err
	}
	reader.postings(b.pg.entity, entries)
	var events []told
	for _, s := range b.shops {
		list, last, err := feed(ctx, b.pgBooks.journal, s.Entity, b.cursors[s.Entity])
		if err != nil {
			return err
		}
		events, b.cursors[s.Entity] = append(events, list...), last
	}
	if err := reader.pg(ctx, b.pg.entity, b.pgBooks.journal, events); err != nil {
		return err
	}
	reader.complete(orders)
	for i := range r.Recording.Entries {
		e := &r.Recording.Entries[i]
		if _, known := orders[[2]string{e.Party, e.Transaction}]; !known {
			r.Findings = append(r.Findings, fmt.Sprintf("moved: %s has %s of %d of payment %s, which it states nowhere in this round", b.nameOf(e.Party), e.Effect, e.Amount, e.Transaction))
		}
	}
	return nil
}

// audit lets the providers' own audits look at all that there was, and at the
// chain of evidence.
func (b *books) audit(ctx context.Context, r *Round) error {
	service, err := b.issuerBooks.issuer()
	if err != nil {
		return err
	}
	front, err := b.pgBooks.pg(b.pgBooks.client())
	if err != nil {
		return err
	}
	for name, audit := range map[string]func(context.Context) ([]string, error){issuerName: service.Audit, pgName: front.Audit} {
		wrong, err := audit(ctx)
		if err != nil {
			return err
		}
		for _, w := range wrong {
			r.Findings = append(r.Findings, fmt.Sprintf("audit of %s: %s", name, w))
		}
	}
	if r.Number%chainEvery != 0 && r.Number != b.config.Rounds {
		return nil
	}
	for _, p := range []*program{b.issuerBooks, b.pgBooks} {
		v, err := journal.VerifyChain(ctx, p.journal)
		if err != nil {
			return err
		}
		if v.Broken != 0 || v.Rows == 0 {
			r.Findings = append(r.Findings, fmt.Sprintf("evidence of %s: row %d of %d: %s", p.Name, v.Broken, v.Rows, v.Reason))
		}
	}
	return nil
}

// chainEvery is in which rounds the chain of evidence is verified: it is read
// from its beginning each time.
const chainEvery = 20

// Report is what came of a run.
type Report struct {
	Seed                        uint64
	Rounds, Payments, Exchanges int
	Unknown                     int
	Outcomes                    map[string]int
	// Kills counts the kills by process, AtWork those while requests were open.
	Kills  map[string]int
	AtWork int
	Took   time.Duration
	// LongestRest is the longest time that a round took to come to rest.
	LongestRest time.Duration
	Findings    []string
}

func (r *Report) add(x *Round) {
	if r.Kills == nil {
		r.Kills, r.Outcomes = map[string]int{}, map[string]int{}
	}
	r.Rounds++
	r.Payments += x.Payments
	r.Exchanges += x.Exchanges
	r.Unknown += x.Unknown
	r.Took += x.Took
	r.LongestRest = max(r.LongestRest, x.Rest)
	for _, k := range x.Kills {
		r.Kills[k.Process]++
		if k.Open > 0 {
			r.AtWork++
		}
	}
	for outcome, n := range x.Outcomes {
		r.Outcomes[outcome] += n
	}
	for _, f := range x.Findings {
		r.Findings = append(r.Findings, fmt.Sprintf("seed %d, round %d, kills %+v: %s", r.Seed, x.Number, x.Kills, f))
	}
}

// String writes the report for people.
func (r *Report) String() string {
	kills := 0
	for _, n := range r.Kills {
		kills += n
	}
	names := make([]string, 0, len(r.Outcomes))
	for outcome, n := range r.Outcomes {
		names = append(names, fmt.Sprintf("%d %s", n, outcome))
	}
	slices.Sort(names)
	return fmt.Sprintf("seed %d: %d rounds in %v (%v a round, at rest after %v at most), %d kills %v, %d of them with requests open; %d payments, %d exchanges, %d requests unknown at first, ends: %s; %d findings",
		r.Seed, r.Rounds, r.Took.Round(time.Second), (r.Took / time.Duration(max(r.Rounds, 1))).Round(100*time.Millisecond), r.LongestRest.Round(100*time.Millisecond),
		kills, r.Kills, r.AtWork, r.Payments, r.Exchanges, r.Unknown, strings.Join(names, ", "), len(r.Findings))
}
