package simulation

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// payAuthenticated has the buyer authenticated, and pays with the evidence.
func (s *shop) payAuthenticated(p *purchase) {
	attempt := 1
	if p.unproven { // which the PG must refuse
		s.attempt(p, attempt, s.plain)
		attempt++
	}
	for range p.sessions {
		st := s.authenticate(p, attempt)
		if st.State != kecis.Authenticated.String() {
			attempt++
			continue
		}
		for range p.attempts {
			paid := s.attempt(p, attempt, func(p *purchase, st2 *step) (*kecis.PaymentRequest, error) { return s.proven(p, st, st2) })
			if paid.Outcome == doneOutcome {
				s.afterwards(p, paid)
				break
			}
			attempt++
			s.idle(pauseOfBuyer)
		}
		if p.reuse {
			s.reuse(p, st)
		}
		return
	}
}

const doneOutcome = "done"

// attempt is one payment request of an order that needs an authentication.
func (s *shop) attempt(p *purchase, attempt int, request func(*purchase, *step) (*kecis.PaymentRequest, error)) *step {
	st := s.step(p.id+"/1/pay/"+strconv.Itoa(attempt), func(st *step) {
		st.Kind, st.Attempt, st.Part, st.Provider, st.Amount = "PaymentRequest", attempt, 1, s.authenticatedBy(p), p.amount
	})
	s.carryOut(p, st, func() error {
		m, err := request(p, st)
		if err != nil {
			return err
		}
		_, err = s.client.Pay(s.context, m)
		return err
	})
	return st
}

func (s *shop) authenticatedBy(p *purchase) string {
	return entityOf([]string{pgOne, pgTwo}[p.provider%2])
}

// plain is the payment without evidence.
func (s *shop) plain(p *purchase, st *step) (*kecis.PaymentRequest, error) {
	m := s.header(p, st)
	return m, s.setting.conceal(s.process, m, p.card, uint64(st.Attempt))
}

// header is a payment of an order that needs an authentication, but for its instrument.
func (s *shop) header(p *purchase, st *step) *kecis.PaymentRequest {
	m := s.client.NewPayment(st.Provider)
	m.ID = kecis.ID(st.ID)
	m.OrderRef = kecis.OrderRef{Requester: s.entity, OrderID: p.id, Attempt: st.Attempt, Part: 1}
	m.Payee = kecis.Payee{Entity: s.entity, Name: p.id}
	m.Amount, m.OrderAmount = kecis.Won(st.Amount), kecis.Won(st.Amount)
	m.Tax, m.Buyer = kecis.Tax{TaxFree: st.Amount}, &ecml.Ecom{}
	m.Terms.Capture = kecis.CaptureManual
	if p.automatic {
		m.Terms.Capture = kecis.CaptureAutomatic
	}
	return m
}

// proven is the payment with the evidence, which the PG is asked for again.
func (s *shop) proven(p *purchase, auth, st *step) (*kecis.PaymentRequest, error) {
	answer, err := s.client.Authentication(s.context, auth.Provider, auth.Authentication)
	if err != nil {
		return nil, err
	}
	if answer.Authentication.Proof == nil {
		return nil, errUnproven
	}
	m := s.header(p, st)
	if err := s.setting.conceal(s.process, m, p.card, uint64(st.Attempt)); err != nil {
		return nil, err
	}
	m.Instrument.Encrypted, m.Instrument.Ref = nil, answer.Authentication.Proof.InstrumentRef
	m.Evidence = []kecis.Evidence{answer.Evidence()}
	return m, nil
}

var errUnproven = errors.New("the authentication has no proof")

// reuse tries what must not be: another order, or a larger one, with the evidence of
// this, and another authentication that begins with what this one has shown.
func (s *shop) reuse(p *purchase, auth *step) {
	other := *p
	other.id, other.amount = p.id+"-other", p.amount
	if p.greedy {
		other.amount += 1000
	}
	s.attempt(&other, 1, func(q *purchase, st *step) (*kecis.PaymentRequest, error) { return s.proven(q, auth, st) })
	other.id += "-2"
	other.mood, other.unseen, other.atShop = leaves, true, false
	if st := s.authenticate(&other, 1); st.State == kecis.Authenticated.String() {
		s.attempt(&other, 2, func(q *purchase, st2 *step) (*kecis.PaymentRequest, error) { return s.proven(q, st, st2) })
	}
}

// authenticate brings an authentication from its request to its end.
func (s *shop) authenticate(p *purchase, attempt int) *step {
	st := s.step(p.id+"/1/authenticate/"+strconv.Itoa(attempt), func(st *step) {
		st.Kind, st.Attempt, st.Part, st.Provider, st.Amount = "AuthenticationRequest", attempt, 1, s.authenticatedBy(p), p.amount
	})
	if st.State != "" {
		return st
	}
	if !s.known(st) {
		m, err := s.wanted(p, st)
		if err == nil {
			_, err = s.client.Authenticate(s.context, m)
		}
		if outcome, _ := outcomeOf(err); outcome == "not-done" {
			return s.over(st, "refused")
		}
		if !s.known(st) { // it did not get into the journal
			return s.over(st, "not sent")
		}
	}
	if !s.begun(st) {
		return s.over(st, "unknown")
	}
	began := s.now
	s.letAuthenticate(p, st)
	for pause := firstLook; s.now.Sub(began) < longestSession; pause = min(2*pause, lastLook) {
		answer, err := s.client.Authentication(s.context, st.Provider, st.Authentication)
		if err == nil && answer.Authentication.State.Final() {
			return s.over(st, answer.Authentication.State.String())
		}
		s.idle(pause)
	}
	return s.over(st, "unknown")
}

const (
	// firstLook is between two inquiries about an authentication at first, and
	// lastLook later: well below the time of the evidence.
	firstLook = 30 * time.Second
	lastLook  = 4 * time.Minute
	// longestSession is longer than any lasts, with all that may delay its end.
	longestSession = 45 * time.Minute
	// longestBegin is how long a shop asks what became of its request, and
	// longestConfirm what became of a value: then it looks at the session.
	longestBegin   = 15 * time.Minute
	longestConfirm = time.Minute
)

func (s *shop) over(st *step, state string) *step {
	st.State = state
	s.save(st)
	s.logf("%s has the authentication %s: %s", s.name, s.short(st.ID), state)
	return st
}

// wanted is the request.
func (s *shop) wanted(p *purchase, st *step) (*kecis.AuthenticationRequest, error) {
	paying := s.header(p, st)
	if err := s.setting.conceal(s.process, paying, p.card, uint64(st.Attempt)); err != nil {
		return nil, err
	}
	m := s.client.NewAuthentication(st.Provider)
	m.ID = kecis.ID(st.ID)
	m.OrderRef, m.Payee, m.Amount, m.OrderAmount = paying.OrderRef, paying.Payee, paying.Amount, paying.OrderAmount
	m.Method, m.Variant, m.Instrument = metadata.ByAmount, p.variant, &paying.Instrument
	return m, nil
}

// begun finds out what became of the request, and reports whether its buyer can do
// something.
func (s *shop) begun(st *step) bool {
	began := s.now
	for pause := firstLook; s.now.Sub(began) < longestBegin; pause = min(2*pause, lastLook) {
		answer, err := s.client.Inquire(s.context, st.Provider, kecis.Original{RequestID: kecis.ID(st.ID)})
		switch {
		case err == nil && answer.Authentication.ID != "":
			st.Authentication, st.Page = answer.Authentication.ID, answer.Authentication.Page
			s.save(st)
			return true
		case err == nil && answer.Result.Outcome == kecis.NotDone:
			return false
		}
		if errors.Is(err, kecis.ErrNotFound) {
			_, _ = s.settleFor(st, longestConfirm) // the next inquiry tells
		}
		s.idle(pause)
	}
	return false
}

// letAuthenticate lets the buyer do something: at the PG's page, or here.
func (s *shop) letAuthenticate(p *purchase, st *step) {
	order := kecis.OrderRef{Requester: s.entity, OrderID: p.id, Attempt: st.Attempt, Part: 1}
	b := s.setting.buyerOf(order)
	if b == nil {
		b = s.setting.buyer(p, s.byEntity[st.Provider], order, st.Page)
		if !p.atShop && st.Page != "" {
			s.spawn(nil, "the buyer of "+p.id, b.authenticate)
		}
	}
	if p.atShop {
		s.confirm(b, st)
	}
}

// confirm sends what the buyer types at the shop.
func (s *shop) confirm(b *buyer, st *step) {
	wrong := map[int]int{slipsOnce: 1, slipsTwice: 2, typesWrong: 3, guessesOn: 4, rushes: 4}[b.want.mood]
	if b.want.mood == leaves || b.want.mood == givesUp {
		return
	}
	if b.want.mood == comesLate {
		s.idle(21 * time.Minute)
	}
	for i := range wrong + 1 {
		c := s.step(fmt.Sprintf("%s/1/confirm/%d/%d", b.want.id, st.Attempt, i), func(c *step) {
			c.Kind, c.Provider, c.Attempt, c.Part, c.Typed = "ConfirmationRequest", st.Provider, st.Attempt, 1, b.value(i == wrong)
		})
		if c.Outcome != "" {
			continue
		}
		if !s.known(c) {
			m, err := s.client.NewConfirmation(s.context, st.Provider, b.order, st.Authentication, c.Typed)
			if err != nil {
				s.stop(err)
				s.pass()
				return
			}
			m.ID = kecis.ID(c.ID)
			b.typed = append(b.typed, typing{value: c.Typed, at: s.now, byShop: true})
			_, err = s.client.Confirm(s.context, m)
			c.Outcome, c.Code = outcomeOf(err)
		}
		if c.Outcome == "" || c.Outcome == "unknown" {
			s.settleConfirmation(c)
		}
		s.save(c)
		if c.Outcome == doneOutcome {
			return
		}
	}
}

// settleConfirmation finds out what became of a value.
func (s *shop) settleConfirmation(c *step) {
	end, err := s.settleFor(c, longestConfirm)
	if f, ok := errors.AsType[*kecis.Fault](err); ok {
		end.Outcome, end.Code = f.Outcome, f.Code
	} else if err != nil {
		return
	}
	c.Outcome, c.Code = end.Outcome.String(), string(end.Code)
}

// settleFor settles a request for some time.
func (s *shop) settleFor(st *step, long time.Duration) (kecis.Settlement, error) {
	ctx, cancel := s.clock.WithTimeout(s.context, long)
	defer cancel()
	return s.client.Settle(ctx, kecis.ID(st.ID))
}
