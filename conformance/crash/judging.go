package crash

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

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
	for _, u := range conformance.Rulings(rec) {
		r.Looked[u.Rule.Name] += u.Looked
		for i := range u.Findings {
			r.Findings = append(r.Findings, b.words(&u.Findings[i], rec))
		}
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
				Party: s.Entity, At: clock.Now(), By: "books", Order: conformance.OrderOf(st.order), Request: st.id, Payment: believed,
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
	asked, listed := conformance.PaymentOf(&m.Transaction), conformance.PaymentOf(&stated.Transaction)
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
			Party: provider, At: at, By: "reconciliation", Order: conformance.OrderOf(e.OrderRef), Request: string(e.RequestID),
			Payment: conformance.PaymentOf(&e.Transaction), Final: true, Class: conformance.Declared,
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
