package crash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// shop is a requester of the run.
type shop struct {
	*program
	client  *kecis.Client
	pg      string
	logFile io.Closer

	mu       sync.Mutex
	tellings []conformance.Telling
	paid     []*step // the steps of payments, in the order in which they began
}

// purchase is one order as its shop goes about it, drawn from the seed.
type purchase struct {
	id     string
	amount int64
	// automatic captures with the payment, capture is what else is captured.
	automatic bool
	capture   int64
	// number is the card.
	number ecml.CardNumber
	// impatient waits for patience only, and reverses at once.
	impatient bool
	patience  time.Duration
	// regret reverses a payment that was done.
	regret bool
	// rival makes a second attempt at the same time, which the providers must stop.
	rival bool
	// cancels are cancelled in part, one after the other, or all at once.
	cancels []int64
	rush    bool
}

// step is one request of a shop.
type step struct {
	kind, id, original string
	order              kecis.OrderRef
	amount             int64
	automatic          bool
	// outcome is "" while it is not known.
	outcome string
	after   []*step // captures and cancellations of a payment
}

// draw draws a purchase.
func draw(r *rand.Rand, id string) *purchase {
	p := &purchase{
		id: id, amount: 10_000 + 1000*r.Int64N(40), automatic: r.IntN(2) == 0, number: card(r.IntN(cards)),
		impatient: r.IntN(4) == 0, patience: time.Duration(1+r.IntN(20)) * time.Second,
		regret: r.IntN(6) == 0, rival: r.IntN(8) == 0, rush: r.IntN(3) == 0,
	}
	p.capture = p.amount
	if r.IntN(2) == 0 {
		p.capture = p.amount / 2
	}
	for range r.IntN(3) {
		p.cancels = append(p.cancels, p.amount/4)
	}
	if names := []string{"card-declined", "card-lost-once", "card-lost"}; r.IntN(6) == 0 {
		p.number = testNumber(names[r.IntN(len(names))])
	}
	return p
}

func testNumber(id string) ecml.CardNumber {
	for _, t := range issuer.TestInstruments() {
		if t.ID == id {
			return ecml.NewCardNumber(t.Number)
		}
	}
	return ecml.CardNumber{}
}

// buy brings a purchase from its order to its end. An error is that of ctx, or a
// fault of the shop's own journal.
func (s *shop) buy(ctx context.Context, p *purchase) error {
	if p.rival {
		return both(func() error { return s.pay(ctx, p, 1, 1) }, func() error { return s.pay(ctx, p, 2, 2) })
	}
	return s.pay(ctx, p, 1, maxAttempts)
}

// maxAttempts is how often a shop tries to be paid.
const maxAttempts = 3

// both does two things at once.
func both(a, b func() error) error {
	var errs [2]error
	var at sync.WaitGroup
	at.Go(func() { errs[0] = a() })
	at.Go(func() { errs[1] = b() })
	at.Wait()
	return errors.Join(errs[:]...)
}

// pay pays an order, with new attempts where one was not done, and does what the
// buyer wants afterwards.
func (s *shop) pay(ctx context.Context, p *purchase, first, last int) error {
	for attempt := first; attempt <= last; attempt++ {
		m := s.client.NewPayment(s.pg)
		m.OrderRef = kecis.OrderRef{Requester: s.Entity, OrderID: p.id, Attempt: attempt, Part: 1}
		m.Payee = kecis.Payee{Entity: s.Entity, Name: s.Name}
		m.Amount, m.OrderAmount = kecis.Won(p.amount), kecis.Won(p.amount)
		m.Tax, m.Buyer = kecis.Tax{TaxFree: p.amount}, &ecml.Ecom{}
		m.Terms.Capture = kecis.CaptureManual
		if p.automatic {
			m.Terms.Capture = kecis.CaptureAutomatic
		}
		concealed, err := s.client.Conceal(ctx, m, &kecis.PlainInstrument{Kind: kecis.Card, Number: p.number, ExpMonth: expMonth, ExpYear: expYear})
		if err != nil {
			return err
		}
		m.Instrument = concealed
		st := &step{kind: "PaymentRequest", id: string(m.ID), order: m.OrderRef, amount: p.amount, automatic: p.automatic}
		s.begin(st)
		err = s.carryOut(ctx, p, st, func(ctx context.Context) error {
			if p.impatient {
				limited, cancel := s.clock().WithTimeout(ctx, p.patience)
				defer cancel()
				ctx = limited
			}
			_, err := s.client.Pay(ctx, m)
			return err
		})
		if err != nil {
			return err
		}
		if st.outcome == outcomeDone {
			return s.afterwards(ctx, p, st)
		}
	}
	return nil
}

// The outcomes, as the recording has them.
const (
	outcomeDone    = "done"
	outcomeNotDone = "not-done"
	outcomeUnknown = "unknown"
)

// afterwards captures, cancels, or regrets.
func (s *shop) afterwards(ctx context.Context, p *purchase, paid *step) error {
	if p.regret {
		return s.undo(ctx, paid)
	}
	balance := paid.amount
	if !p.automatic {
		m := s.client.NewCapture(s.pg)
		m.OrderRef, m.Original, m.Final = paid.order, kecis.Original{RequestID: kecis.ID(paid.id)}, true
		m.Amount, m.Tax = kecis.Won(p.capture), kecis.Tax{TaxFree: p.capture}
		st := s.follow(paid, "CaptureRequest", string(m.ID), p.capture)
		err := s.carryOut(ctx, p, st, func(ctx context.Context) error {
			_, err := s.client.Capture(ctx, m)
			return err
		})
		if err != nil {
			return err
		}
		if st.outcome == outcomeDone {
			balance = p.capture
		}
	}
	return s.cancel(ctx, p, paid, balance)
}

// cancel cancels in part, one after the other or all at once, of which only one
// may then succeed.
func (s *shop) cancel(ctx context.Context, p *purchase, paid *step, balance int64) error {
	one := func(amount, expected int64) (bool, error) {
		m := s.client.NewCancellation(s.pg)
		m.OrderRef, m.Original = paid.order, kecis.Original{RequestID: kecis.ID(paid.id)}
		m.Amount, m.Tax = kecis.Won(amount), kecis.Tax{TaxFree: amount}
		m.Scope, m.Reason, m.ExpectedBalance = kecis.CancelPart, kecis.ReasonBuyer, expected
		st := s.follow(paid, "CancellationRequest", string(m.ID), amount)
		err := s.carryOut(ctx, p, st, func(ctx context.Context) error {
			_, err := s.client.Cancel(ctx, m)
			return err
		})
		return st.outcome == outcomeDone, err
	}
	if p.rush && len(p.cancels) >= 2 {
		return both(
			func() error { _, err := one(p.cancels[0], balance); return err },
			func() error { _, err := one(p.cancels[1], balance); return err },
		)
	}
	for _, amount := range p.cancels {
		if amount > balance {
			continue
		}
		done, err := one(amount, balance)
		if err != nil {
			return err
		}
		if done {
			balance -= amount
		}
	}
	return nil
}

// undo reverses a payment that was done, until it is known to be reversed, or to
// stand.
func (s *shop) undo(ctx context.Context, paid *step) error {
	for {
		end, err := s.client.Reverse(ctx, kecis.ID(paid.id), kecis.ReasonNoAnswer)
		switch {
		case err == nil && end.Outcome == kecis.NotDone:
			s.conclude(paid, outcomeNotDone, string(end.Code))
			return nil
		case end.Outcome == kecis.Unknown && isFault(err) && end.Code != "":
			return nil //nolint:nilerr // refused for ever: it stands
		}
		if err := s.clock().Sleep(ctx, retryPause); err != nil {
			return err
		}
	}
}

// retryPause is between two tries to bring a request to its end.
const retryPause = 10 * time.Second

// carryOut sends a request, notes what its caller is told, and settles it until
// its outcome is known.
func (s *shop) carryOut(ctx context.Context, p *purchase, st *step, send func(context.Context) error) error {
	if outcome, code := outcomeOf(send(ctx)); outcome != outcomeUnknown {
		s.conclude(st, outcome, code)
		return nil
	}
	s.tell(st, outcomeUnknown, "")
	for first := true; ; first = false {
		end, err := s.settle(ctx, st, first && p.impatient && st.kind == "PaymentRequest")
		switch {
		case err == nil && end.Outcome != kecis.Unknown:
			s.conclude(st, end.Outcome.String(), string(end.Code))
			return nil
		case err != nil && !isFault(err):
			known, failed := s.known(ctx, st)
			if failed != nil {
				return failed
			}
			if !known { // it did not get into the journal, so it was never sent
				s.conclude(st, outcomeNotDone, "")
				return nil
			}
		}
		if err := s.clock().Sleep(ctx, retryPause); err != nil {
			return fmt.Errorf("crash: %s %s is still unknown: %w", st.kind, st.id, err)
		}
	}
}

// settle settles, or reverses at once as an impatient shop does. From then on an
// inquiry that says done is not enough, since the reversal is owed: only Settle
// tells.
func (s *shop) settle(ctx context.Context, st *step, reverse bool) (kecis.Settlement, error) {
	ctx, cancel := s.clock().WithTimeout(ctx, settleTime)
	defer cancel()
	if reverse {
		return s.client.Reverse(ctx, kecis.ID(st.id), kecis.ReasonNoAnswer)
	}
	return s.client.Settle(ctx, kecis.ID(st.id))
}

// settleTime bounds one try to settle.
const settleTime = 2 * time.Minute

// known reports whether a request stands in the shop's journal.
func (s *shop) known(ctx context.Context, st *step) (found bool, err error) {
	err = s.journal.View(ctx, func(tx journal.Tx) error {
		_, err := tx.Sent(s.pg, st.id)
		found = err == nil
		if errors.Is(err, journal.ErrNotFound) {
			return nil
		}
		return err
	})
	return found, err
}

// outcomeOf reads what a call of the client says.
func outcomeOf(err error) (outcome, code string) {
	if err == nil {
		return outcomeDone, ""
	}
	if f, ok := errors.AsType[*kecis.Fault](err); ok {
		return f.Outcome.String(), string(f.Code)
	}
	return outcomeUnknown, ""
}

func isFault(err error) bool {
	_, ok := errors.AsType[*kecis.Fault](err)
	return ok
}

// begin notes a payment.
func (s *shop) begin(st *step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paid = append(s.paid, st)
}

// follow notes a capture or cancellation.
func (s *shop) follow(paid *step, kind, id string, amount int64) *step {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := &step{kind: kind, id: id, original: paid.id, order: paid.order, amount: amount}
	paid.after = append(paid.after, st)
	return st
}

func (s *shop) conclude(st *step, outcome, code string) {
	s.tell(st, outcome, code)
	s.mu.Lock()
	defer s.mu.Unlock()
	st.outcome = outcome
}

// tell notes what the shop's caller is told.
func (s *shop) tell(st *step, outcome, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tellings = append(s.tellings, conformance.Telling{
		Requester: s.Entity, Provider: s.pg, At: s.clock().Now(), Kind: st.kind, Request: st.id, Outcome: outcome, Code: code,
	})
}

// believed is what a payment has come to, by what the shop was told.
func (st *step) believed() conformance.Payment {
	p := conformance.Payment{Currency: string(kecis.KRW), Amount: st.amount, State: "reversed"}
	if st.outcome != outcomeDone {
		return p
	}
	p.State, p.Cancellable = "authorised", st.amount
	if st.automatic {
		p.State, p.Captured = "captured", st.amount
	}
	for _, then := range st.after {
		switch {
		case then.outcome != outcomeDone:
		case then.kind == "CaptureRequest": // all are final
			p.State, p.Captured, p.Cancellable = "captured", then.amount, then.amount
		default:
			p.Cancelled += then.amount
			if p.Cancellable -= then.amount; p.Cancellable == 0 {
				p.State = "cancelled"
			}
		}
	}
	return p
}

// forget begins a new round.
func (s *shop) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tellings, s.paid = nil, nil
}
