package simulation

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// shop is the program of a shop: it keeps what it is about in its store, and
// goes on from there after a crash.
type shop struct {
	*process
	setting   *setting
	client    *kecis.Client
	purchases []purchase
}

// step is one request of a shop, as its store has it.
type step struct {
	key      string
	Kind     string `json:"kind"`
	ID       string `json:"id"` // of the message
	Provider string `json:"provider"`
	Attempt  int    `json:"attempt"`
	Part     int    `json:"part"`
	Amount   int64  `json:"amount"`
	// Outcome is "" while it is not known.
	Outcome string `json:"outcome"`
	Code    string `json:"code"`
	// Reversed says that the shop regretted what was done.
	Reversed bool `json:"reversed"`
	// Authentication, Page and State are of an authentication, Typed of what its
	// buyer typed here.
	Authentication string `json:"authentication,omitempty"`
	Page           string `json:"page,omitempty"`
	State          string `json:"state,omitempty"`
	Typed          string `json:"typed,omitempty"`
}

// steps is the space of a shop's store.
const steps = "shop/steps"

// startShop makes the shop's program anew and goes on with every purchase that
// has not come to its end.
func (s *setting) startShop(list []purchase) func(*process) (http.Handler, error) {
	return func(p *process) (http.Handler, error) {
		client, err := s.client(p)
		if err != nil {
			return nil, err
		}
		p.client = client
		shop := &shop{process: p, setting: s, client: client, purchases: list}
		for i := range list {
			purchase := &list[i]
			if s.finished[purchase.id] {
				continue
			}
			p.spawn(p, p.name+" "+purchase.id, func() {
				p.until(purchase.start)
				shop.buy(purchase)
				s.finished[purchase.id] = true
			})
		}
		s.background(p, "worker", client.RunOnce)
		return kecis.NewReceiver(kecis.ReceiverConfig{
			Entity: p.entity, Endpoint: p.entity, Keys: client.Keys, Partners: client.Partners, Journal: client.Journal,
			Clock: p.clock, Random: client.Random, Log: client.Log, Take: shop.take,
		})
	}
}

// take notes an event that a PG tells of.
func (s *shop) take(_ context.Context, provider string, e *kecis.Event) error {
	s.logf("%s hears of %s that %s is %s", s.name, s.byEntity[provider].name, s.short(e.Transaction.ID), e.Transaction.State)
	return nil
}

// buy brings a purchase from its order to its end.
func (s *shop) buy(p *purchase) {
	if p.authenticates {
		s.payAuthenticated(p)
		return
	}
	if p.rival {
		s.both(func() { s.pay(p, 1, 1, 1) }, func() { s.pay(p, 1, 2, 1) })
		return
	}
	if p.parts {
		s.both(func() { s.pay(p, 1, 1, 1) }, func() { s.pay(p, 2, 1, 1) })
		return
	}
	s.pay(p, 1, 1, p.attempts)
}

// both does two things at once.
func (s *shop) both(a, b func()) {
	left := 2
	waiter := s.current
	for _, f := range []func(){a, b} {
		s.spawn(s.process, s.name+" at once", func() {
			f()
			if left--; left == 0 {
				s.resume(waiter)
			}
		})
	}
	for left > 0 {
		s.await("two things at once")
	}
}

// pay pays a part of an order and does what the buyer wants afterwards. It tries
// again, at the next PG, where an attempt did not succeed.
func (s *shop) pay(p *purchase, part, first, attempts int) {
	for attempt := first; attempt < first+attempts; attempt++ {
		st := s.step(p.id+"/"+strconv.Itoa(part)+"/pay/"+strconv.Itoa(attempt), func(st *step) {
			st.Kind, st.Attempt, st.Part = "PaymentRequest", attempt, part
			st.Provider = entityOf([]string{pgOne, pgTwo}[(p.provider+attempt+part)%2])
			st.Amount = p.amount
			if p.parts {
				st.Amount = p.amount / 2
				if p.greedy {
					st.Amount = p.amount/2 + 1000
				}
			}
		})
		s.carryOut(p, st, func() error {
			m, err := s.payment(p, st)
			if err != nil {
				return err
			}
			ctx := s.context
			if p.impatient {
				limited, cancel := s.clock.WithTimeout(ctx, p.patience)
				defer cancel()
				ctx = limited
			}
			_, err = s.client.Pay(ctx, m)
			return err
		})
		if st.Outcome == "done" {
			s.afterwards(p, st)
			return
		}
		s.idle(pauseOfBuyer)
	}
}

// pauseOfBuyer is between two attempts to pay.
const pauseOfBuyer = 40 * time.Second

// payment makes a payment request.
func (s *shop) payment(p *purchase, st *step) (*kecis.PaymentRequest, error) {
	m := s.client.NewPayment(st.Provider)
	m.ID = kecis.ID(st.ID)
	m.OrderRef = kecis.OrderRef{Requester: s.entity, OrderID: p.id, Attempt: st.Attempt, Part: st.Part}
	m.Payee = kecis.Payee{Entity: s.entity, Name: s.name}
	m.Amount, m.OrderAmount = kecis.Won(st.Amount), kecis.Won(p.amount)
	m.Tax, m.Buyer = kecis.Tax{TaxFree: st.Amount}, &ecml.Ecom{}
	m.Terms.Capture = kecis.CaptureManual
	if p.automatic {
		m.Terms.Capture = kecis.CaptureAutomatic
	}
	return m, s.setting.conceal(s.process, m, p.card, uint64(st.Attempt))
}

// afterwards captures, cancels, or regrets.
func (s *shop) afterwards(p *purchase, paid *step) {
	key := p.id + "/" + strconv.Itoa(paid.Part) + "/"
	if p.regret {
		s.undo(paid)
		return
	}
	cancellable := paid.Amount
	if !p.automatic {
		s.until(p.start + p.wait)
		amount := paid.Amount
		if p.capture > 0 {
			amount = min(p.capture, paid.Amount)
		}
		st := s.step(key+"capture", func(st *step) {
			st.Kind, st.Provider, st.Amount, st.Attempt, st.Part = "CaptureRequest", paid.Provider, amount, paid.Attempt, paid.Part
		})
		s.carryOut(p, st, func() error {
			m := s.client.NewCapture(st.Provider)
			m.ID, m.OrderRef, m.Original = kecis.ID(st.ID), s.orderRef(p, paid), kecis.Original{RequestID: kecis.ID(paid.ID)}
			m.Amount, m.Tax, m.Final = kecis.Won(amount), kecis.Tax{TaxFree: amount}, true
			_, err := s.client.Capture(s.context, m)
			return err
		})
		if st.Outcome == "done" {
			cancellable = amount
		}
	}
	s.cancel(p, paid, key, cancellable)
}

func (s *shop) orderRef(p *purchase, paid *step) kecis.OrderRef {
	return kecis.OrderRef{Requester: s.entity, OrderID: p.id, Attempt: paid.Attempt, Part: paid.Part}
}

// cancel cancels in part, one after the other or all at once, which must not
// succeed more than once.
func (s *shop) cancel(p *purchase, paid *step, key string, balance int64) {
	one := func(i int, amount, expected int64) bool {
		st := s.step(key+"cancel/"+strconv.Itoa(i), func(st *step) {
			st.Kind, st.Provider, st.Amount, st.Attempt, st.Part = "CancellationRequest", paid.Provider, amount, paid.Attempt, paid.Part
		})
		s.carryOut(p, st, func() error {
			m := s.client.NewCancellation(st.Provider)
			m.ID, m.OrderRef, m.Original = kecis.ID(st.ID), s.orderRef(p, paid), kecis.Original{RequestID: kecis.ID(paid.ID)}
			m.Amount, m.Tax = kecis.Won(amount), kecis.Tax{TaxFree: amount}
			m.Scope, m.Reason, m.ExpectedBalance = kecis.CancelPart, kecis.ReasonBuyer, expected
			_, err := s.client.Cancel(s.context, m)
			return err
		})
		return st.Outcome == "done"
	}
	if p.rush && len(p.cancels) >= 2 {
		s.both(func() { one(0, min(p.cancels[0], balance), balance) }, func() { one(1, min(p.cancels[1], balance), balance) })
		return
	}
	for i, amount := range p.cancels {
		if amount = min(amount, balance); amount > 0 && one(i, amount, balance) {
			balance -= amount
		}
	}
}

// undo reverses a payment that was done.
func (s *shop) undo(paid *step) {
	if paid.Reversed {
		return
	}
	for range maxReversals {
		end, err := s.client.Reverse(s.context, kecis.ID(paid.ID), kecis.ReasonNoAnswer)
		if err == nil && end.Outcome == kecis.NotDone {
			paid.Reversed = true
			s.tell(paid, end.Outcome.String(), string(end.Code))
			s.save(paid)
			return
		}
		if f, ok := errors.AsType[*kecis.Fault](err); ok && f.Outcome == kecis.NotDone {
			return // it stands
		}
		_ = s.client.Clock.Sleep(s.context, time.Minute) // the world's context has no end
	}
}

// maxReversals is more than the faults of a world can stop.
const maxReversals = 1000

// carryOut sends a request, tells what came of it, and settles it until that is
// known. After a crash it only settles.
func (s *shop) carryOut(p *purchase, st *step, send func() error) {
	if st.Outcome != "" {
		if !st.Reversed {
			s.tell(st, st.Outcome, st.Code) // a crash may have come in between
		}
		return
	}
	if !s.known(st) {
		err := send()
		if outcome, code := outcomeOf(err); outcome != "unknown" {
			s.conclude(st, outcome, code)
			return
		}
	}
	s.tell(st, "unknown", "")
	if p.slow && !p.impatient {
		s.idle(slowness)
	}
	for {
		end, err := s.settle(p, st)
		switch {
		case err == nil && end.Outcome != kecis.Unknown:
			s.conclude(st, end.Outcome.String(), string(end.Code))
			return
		case err != nil && !isFault(err) && !s.known(st):
			// It was never sent: it did not get into the journal.
			s.conclude(st, "not-done", "")
			return
		}
		if end.Outcome == kecis.Unknown { // a reversal was refused for ever: what was done stands
			if outcome, code, sure := s.inquire(st); sure {
				s.conclude(st, outcome, code)
				return
			}
		}
		_ = s.client.Clock.Sleep(s.context, time.Minute) // the world's context has no end
	}
}

// slowness is beyond the deadline of any request.
const slowness = 6 * time.Minute

// settle settles; an impatient shop reverses a payment at once.
func (s *shop) settle(p *purchase, st *step) (kecis.Settlement, error) {
	if settle := s.setting.parts.Settle; settle != nil {
		return settle(s.context, s.client, st.Provider, kecis.ID(st.ID))
	}
	if p.impatient && st.Kind == "PaymentRequest" {
		return s.client.Reverse(s.context, kecis.ID(st.ID), kecis.ReasonNoAnswer)
	}
	return s.client.Settle(s.context, kecis.ID(st.ID))
}

// inquire asks what became of a request that could not be settled.
func (s *shop) inquire(st *step) (outcome, code string, sure bool) {
	m, err := s.client.Inquire(s.context, st.Provider, kecis.Original{RequestID: kecis.ID(st.ID)})
	if err != nil {
		return "", "", false
	}
	return m.Result.Outcome.String(), string(m.Result.Code), m.Result.Outcome == kecis.Done || m.Result.Outcome == kecis.NotDone
}

// outcomeOf reads what a call of the client says.
func outcomeOf(err error) (outcome, code string) {
	if err == nil {
		return "done", ""
	}
	if f, ok := errors.AsType[*kecis.Fault](err); ok {
		return f.Outcome.String(), string(f.Code)
	}
	return "unknown", ""
}

func isFault(err error) bool {
	_, ok := errors.AsType[*kecis.Fault](err)
	return ok
}

// known reports whether a request stands in the journal.
func (s *shop) known(st *step) bool {
	for {
		found := false
		err := s.journal.View(s.context, func(tx journal.Tx) error {
			_, err := tx.Sent(st.Provider, st.ID)
			found = err == nil
			if errors.Is(err, journal.ErrNotFound) {
				return nil
			}
			return err
		})
		if err == nil {
			return found
		}
	}
}

// conclude writes down what came of a step before it tells: what was told must
// not be forgotten by a crash.
func (s *shop) conclude(st *step, outcome, code string) {
	st.Outcome, st.Code = outcome, code
	s.save(st)
	s.tell(st, outcome, code)
}

// tell notes what the shop's caller is told.
func (s *shop) tell(st *step, outcome, code string) {
	s.recording.Tellings = append(s.recording.Tellings, conformance.Telling{
		Requester: s.entity, Provider: st.Provider, At: s.now, Kind: st.Kind, Request: st.ID, Outcome: outcome, Code: code,
	})
	s.logf("%s is told that %s %s is %s (%s)", s.name, st.Kind, s.short(st.ID), outcome, code)
}

// step reads a step, or makes it and writes it before anything is done.
func (s *shop) step(key string, fill func(*step)) *step {
	st := step{key: key}
	for {
		var value []byte
		err := s.journal.View(s.context, func(tx journal.Tx) (err error) {
			value, err = tx.Get(steps, key)
			if errors.Is(err, journal.ErrNotFound) {
				value, err = nil, nil
			}
			return err
		})
		if err == nil && value != nil && json.Unmarshal(value, &st) == nil {
			return &st
		}
		if err == nil {
			break
		}
	}
	id, err := kecis.NewID(s.client.Random)
	if err != nil {
		s.stop(err)
		s.pass()
	}
	st.ID = string(id)
	fill(&st)
	s.save(&st)
	return &st
}

// save writes a step until it stands.
func (s *shop) save(st *step) {
	value, err := json.Marshal(st)
	if err != nil {
		s.stop(err)
		s.pass()
	}
	for s.journal.Update(s.context, func(tx journal.Tx) error { return tx.Put(steps, st.key, value) }) != nil {
		_ = s.client.Clock.Sleep(context.Background(), time.Second) // as long as the store fails
	}
}
