package kecistest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// stage is where a play is performed: a shop, a provider with the service behind
// it, and a network between them.
type stage struct {
	exercise *exercise
	clock    *Clock
	journal  *Journal // the provider's
	network  *Network
	client   *kecis.Client
	service  kecis.Payments

	server *kecis.Server // nil once it is killed, until it is started again
	life   int           // counts the times that it was killed

	fault              fault
	counting, sweeping bool
	passed             int    // places of the fault's kind so far
	struck             string // what went wrong, for people
	inService          int
	away               func(method string) bool // what the back end is not reached for
	meanwhile          *meanwhile
	late               []func()

	keys  map[kecis.ID]string
	paid  map[string]int // calls of Pay and Capture by key
	asked []*asked
}

// asked is a request of the shop, and what the shop was told.
type asked struct {
	id      kecis.ID
	kind    kecis.Kind
	payment *asked // that a capture or cancellation is about
	ref     kecis.OrderRef
	amount  kecis.Money
	told    kecis.Outcome
	err     error
	// reversed says that the shop has reversed it: that is owed from then on.
	reversed bool
}

// stage builds a stage.
func (x *exercise) stage(f fault) (*stage, error) {
	s := &stage{
		exercise: x, clock: NewClock(x.at), journal: NewJournal(), network: NewNetwork(), fault: f,
		keys: map[kecis.ID]string{}, paid: map[string]int{},
	}
	s.service = x.fresh(s.journal)
	if _, ok := s.service.(kecis.Forwarder); ok {
		return nil, errors.New("a Forwarder needs the provider behind it: run it in a network of this package")
	}
	s.hook()
	s.network.Handle(x.provider.Endpoint, http.HandlerFunc(s.serve))
	s.client = &kecis.Client{
		Entity: x.shop.Entity, Keys: x.shop.Keys, Partners: metadata.Fixed(x.shop.Partner, x.provider.Partner),
		Journal: NewJournal(), HTTP: s.network.Client(), Clock: s.clock, Log: slog.New(slog.DiscardHandler),
	}
	return s, s.start()
}

// start starts the server on its journal and the back end, unless it is alive.
func (s *stage) start() (err error) {
	if s.server != nil {
		return nil
	}
	x := s.exercise
	p := &probe{stage: s, payments: s.service}
	config := kecis.ServerConfig{
		Entity: x.provider.Entity, Endpoint: x.provider.Endpoint, Keys: x.provider.Keys,
		Partners: metadata.Fixed(x.shop.Partner, x.provider.Partner), Journal: s.journal,
		Role: Role(metadata.PG), Payments: p.asConfigured(), Clock: s.clock, Log: slog.New(slog.DiscardHandler),
		Client: &kecis.Client{ // for notifications, which the shop does not take here
			Entity: x.provider.Entity, Keys: x.provider.Keys, Partners: metadata.Fixed(x.shop.Partner, x.provider.Partner),
			Journal: s.journal, HTTP: s.network.Client(), Clock: s.clock, Log: slog.New(slog.DiscardHandler),
		},
	}
	if p.captures, _ = s.service.(kecis.Captures); p.captures != nil {
		config.Captures = p
	} else {
		config.Role.Captures = ""
	}
	if p.cancellations, _ = s.service.(kecis.Cancellations); p.cancellations != nil {
		config.Cancellations = p
	}
	s.server, err = kecis.NewServer(config)
	return err
}

// serve is the provider's endpoint: it starts a server that was killed, and lets
// one that was in trouble do its background work, as it does beside its requests.
func (s *stage) serve(w http.ResponseWriter, r *http.Request) {
	if s.start() != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if s.struck != "" || s.sweeping {
		s.background()
	}
	if s.start() != nil || !s.survive(func() { s.server.ServeHTTP(w, r) }) {
		w.WriteHeader(http.StatusBadGateway)
	}
}

// background does the provider's background work until there is none.
func (s *stage) background() {
	const rounds = 50 // work that makes work without end is a fault of the SDK
	for range rounds {
		worked := false
		if s.start() != nil {
			return
		}
		alive := s.survive(func() { worked, _ = s.server.RunOnce(context.Background()) })
		if alive && !worked {
			return
		}
	}
}

// pay lets the shop pay.
func (s *stage) pay(capture kecis.Capture) *asked {
	p := s.client.NewPayment(s.exercise.provider.Entity)
	p.OrderRef = kecis.OrderRef{Requester: s.exercise.shop.Entity, OrderID: s.exercise.order(len(s.asked)), Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: s.exercise.shop.Entity, Name: "꽃집"}
	p.Amount, p.OrderAmount = kecis.Won(50_000), kecis.Won(50_000)
	p.Tax = kecis.Tax{Supply: 45_455, VAT: 4_545}
	p.Terms.Capture = capture
	p.Instrument = kecis.Instrument{Issuer: "https://issuer.example/kecis", Kind: kecis.Account, Ref: "ref_0123456789abcdef"}
	p.Buyer = &ecml.Ecom{}
	if s.exercise.config.Payment != nil {
		s.exercise.config.Payment(p)
	}
	a := &asked{id: p.ID, kind: kecis.PaymentRequestKind, ref: p.OrderRef, amount: p.Amount}
	s.asked = append(s.asked, a)
	_, err := s.client.Pay(context.Background(), p)
	a.learn(err)
	return a
}

// capture lets the shop capture a payment, all of it.
func (s *stage) capture(p *asked) *asked {
	m := s.client.NewCapture(s.exercise.provider.Entity)
	m.OrderRef, m.Original = p.ref, kecis.Original{RequestID: p.id}
	m.Amount, m.Tax, m.Final = p.amount, kecis.Tax{TaxFree: p.amount.Minor}, true
	a := &asked{id: m.ID, kind: kecis.CaptureRequestKind, payment: p, ref: p.ref, amount: m.Amount}
	s.asked = append(s.asked, a)
	_, err := s.client.Capture(context.Background(), m)
	a.learn(err)
	return a
}

// cancel lets the shop cancel a part of a payment of which so much is left.
func (s *stage) cancel(p *asked, minor, left int64) *asked {
	m := s.client.NewCancellation(s.exercise.provider.Entity)
	m.OrderRef, m.Original = p.ref, kecis.Original{RequestID: p.id}
	m.Amount = kecis.Money{Minor: minor, Currency: p.amount.Currency}
	m.Tax, m.Scope, m.Reason, m.ExpectedBalance = kecis.Tax{TaxFree: minor}, kecis.CancelPart, kecis.ReasonBuyer, left
	if minor == left {
		m.Scope = kecis.CancelFull
	}
	a := &asked{id: m.ID, kind: kecis.CancellationRequestKind, payment: p, ref: p.ref, amount: m.Amount}
	s.asked = append(s.asked, a)
	_, err := s.client.Cancel(context.Background(), m)
	a.learn(err)
	return a
}

// again lets the same bytes arrive once more.
func (s *stage) again(a *asked) {
	_, _ = s.client.Again(context.Background(), string(a.id))
}

// reverse lets the shop reverse a request.
func (s *stage) reverse(a *asked) {
	a.reversed = true
	_, _ = s.client.Reverse(context.Background(), a.id, kecis.ReasonNoAnswer) // it is delivered later if it cannot be now
}

// learn keeps what the shop was told.
func (a *asked) learn(err error) {
	a.told, a.err = kecis.Unknown, err
	if err == nil {
		a.told = kecis.Done
	} else if f, ok := errors.AsType[*kecis.Fault](err); ok {
		a.told = f.Outcome
	}
}

// settleWithin is how long the shop tries to learn what became of a request, on
// the stage's clock.
const settleWithin = 20 * time.Minute

// settle lets the shop settle what it does not know, as kecis.Client says.
func (s *stage) settle() {
	for _, a := range s.asked {
		if a.told != kecis.Unknown {
			continue
		}
		ctx, cancel := s.clock.WithTimeout(context.Background(), settleWithin)
		end, err := s.client.Settle(ctx, a.id)
		cancel()
		if err != nil {
			a.err = fmt.Errorf("settling: %w", err)
			continue
		}
		a.told = end.Outcome
	}
}

// quiet lets all background work end, whatever waits for a later time: the pauses
// of the SDK are at most 10 minutes.
func (s *stage) quiet() {
	const times, pause = 5, 11 * time.Minute
	for range times {
		s.background()
		for {
			if worked, err := s.client.RunOnce(context.Background()); !worked || err != nil {
				break
			}
		}
		s.clock.Advance(pause)
	}
}

// deliver lets the calls arrive that were late.
func (s *stage) deliver() {
	s.away = nil
	for _, call := range s.late {
		call()
	}
	s.late = nil
	s.background()
}
