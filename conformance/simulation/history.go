package simulation

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
)

// The times of a world.
const (
	// stormy is how long faults are made at most.
	stormy = 30 * time.Minute
	// restful is how long a world is left alone until all must have come to rest:
	// longer than the longest delay of a message.
	restful = answerRetention + 2*time.Hour
	// resolveBound is within which an unknown outcome must be known.
	resolveBound = 3 * time.Hour
	// releaseBound is within which a hold must be released: the longest pause of
	// background work, the longest sleep of a worker, and a retry.
	releaseBound = 45 * time.Minute
	// look is how often the director looks whether all is done.
	look = time.Minute
)

// script is what one world is to be.
type script struct {
	seed    uint64
	keys    *Keys
	parts   Parts
	without map[string]bool
	// orderly, buyers: see scheduler.orderly, and the number of purchases, 0 for
	// what the seed says.
	orderly bool
	buyers  int
	history io.Writer
	// files is where the folder of a world's databases is made, "" for stores in
	// memory.
	files string
}

// outcome is what came of a world.
type outcome struct {
	recording       *conformance.Recording
	rulings         []conformance.Ruling
	findings        []conformance.Finding // of all rulings
	plan            *plan
	steps           int
	purchases       int
	authentications []*session
	// err is a deadlock, a panic, or a world without an end.
	err error
}

// play runs a world from its beginning to its judgement.
func (c *script) play() (out outcome) {
	w := newWorld(c.seed, c.without, c.history)
	w.orderly = c.orderly
	s := &setting{world: w, keys: c.keys, parts: c.parts, finished: map[string]bool{}}
	if c.files != "" {
		if s.folder, out.err = os.MkdirTemp(c.files, "world"); out.err != nil {
			return outcome{recording: w.recording, plan: w.plan, err: out.err}
		}
		defer func() { out.err = errors.Join(out.err, os.RemoveAll(s.folder)) }()
	}
	s.authenticates = w.plan.peek("authenticates")%authenticatedWorlds == 0
	if s.authenticates {
		s.secrets = map[conformance.Order]holdSecret{}
	}
	s.holdTime = holdTimes()[w.plan.draw("hold time")%uint64(len(holdTimes()))]
	w.recording.Bounds = conformance.Bounds{Resolve: resolveBound, Release: releaseBound, Skew: 2 * maxSkew}
	out.err = w.run(func() { out.purchases = s.direct(c) })
	for _, p := range w.processes {
		p.shut()
	}
	w.recording.Ended = w.now
	w.completed()
	out.recording, out.plan, out.steps, out.authentications = w.recording, w.plan, w.steps, w.authentications
	if out.err == nil {
		out.rulings = append(conformance.Rulings(w.recording), s.rulings()...)
		for i := range out.rulings {
			out.findings = append(out.findings, out.rulings[i].Findings...)
		}
	}
	return out
}

// direct is the world's first actor: it starts the parties, lets the storm pass,
// waits until all has come to rest, and sends everything once more.
func (s *setting) direct(c *script) (purchases int) {
	bank := s.newProcess(theIssuer, "issuer", s.startIssuer)
	first, second := s.newProcess(pgOne, "pg", s.startPG), s.newProcess(pgTwo, "pg", s.startPG)
	for _, p := range []*process{bank, first, second} {
		p.boot()
	}
	s.street = &process{world: s.world, name: "buyers", role: "buyer", entity: entityOf("buyers"), clock: &partyClock{s.scheduler, 0}}
	until := s.now // what is not over by then is the judge's
	s.after(stormy, s.settle)
	for name, list := range s.shopping(c.buyers) {
		purchases += len(list)
		for i := range list {
			until = later(until, epoch().Add(list[i].start+list[i].wait+stormy+resolveBound))
			s.storms(&list[i])
		}
		s.newProcess(name, "shop", s.startShop(list)).boot()
	}
	if s.selling(); len(s.sales) > 0 {
		s.recording.Parties = append(s.recording.Parties,
			conformance.Party{Entity: s.street.entity, Role: conformance.Requester, States: true},
			conformance.Party{Entity: tillOf(s.seller(&s.sales[0])), Role: conformance.PG, States: true})
	}
	purchases += len(s.sales)
	for i := range s.sales {
		p := &s.sales[i]
		until = later(until, epoch().Add(p.start+stormy+resolveBound))
		s.spawn(nil, "the buyer of "+p.id, func() {
			s.street.until(p.start)
			s.buyAtTill(p)
			s.finished[p.id] = true
		})
	}
	for len(s.finished) < purchases && s.now.Before(until) {
		s.idle(look)
	}
	s.over = true
	s.settle()
	s.rest(restful)
	s.lookAgain()
	s.state()
	s.recording.Settled = s.now
	s.idle(time.Second)
	s.logf("everything is sent once more")
	s.plan.phase = again
	for _, p := range slices.Clone(s.net.sent) {
		again := *p
		again.sender = nil
		s.net.repeat(&again)
	}
	s.rest(10 * time.Minute)
	s.settle()
	s.rest(10 * time.Minute)
	s.state()
	return purchases
}

// storms lets a storm come again for a buyer who comes back only at the end of
// the hold.
func (s *setting) storms(p *purchase) {
	if p.wait <= stormy {
		return
	}
	back := p.start + p.wait - time.Minute
	s.after(back, func() {
		if !s.over {
			s.plan.phase = storm
		}
	})
	s.after(back+stormy, s.settle)
}

// settle leaves the world to heal.
func (s *setting) settle() { s.plan.phase = calm }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// rest waits for at least d, and until nothing is under way.
func (s *setting) rest(d time.Duration) {
	s.idle(d)
	for s.inFlight > 0 {
		s.idle(look)
	}
}

// state notes what each party states of each payment.
func (s *setting) state() {
	for _, role := range []conformance.Role{conformance.Requester, conformance.PG, conformance.Issuer} {
		for _, p := range s.processes {
			if p.conformanceRole() != role {
				continue
			}
			if role == conformance.Requester {
				s.stateShop(p)
			} else {
				s.stateProvider(p)
			}
		}
	}
	s.stateSales()
}

// stateSales notes what PGs and buyers state of the PGs' own sales: by the payment
// that followed the authentication, and by the page that the buyer saw last.
func (s *setting) stateSales() {
	for _, a := range s.authentications {
		p := s.sale(a.row.Order.OrderID)
		if p == nil {
			continue
		}
		add := func(party, by string) {
			s.recording.Statements = append(s.recording.Statements, conformance.Statement{
				Party: party, At: s.now, By: by, Order: a.order(), Request: a.id, Final: true, Class: conformance.Declared,
				Payment: conformance.Payment{
					Transaction: a.id, State: "captured", Currency: "KRW", Amount: p.amount, Captured: p.amount, Cancellable: p.amount,
				},
			})
		}
		paid := a.completion == string(amountauth.Paid)
		if paid {
			add(tillOf(a.party), "books")
		}
		last := s.buyerOf(a.row.Order).last()
		if last == nil && paid || last != nil && last.title == titlePaid {
			add(s.street.entity, "the page")
		}
	}
}

// tillOf is the party that states what a PG has sold by itself.
func tillOf(p *process) string { return p.entity + "#till" }

func (p *process) conformanceRole() conformance.Role {
	if p.role == "shop" {
		return conformance.Requester
	}
	return conformance.Role(p.role)
}

// stateProvider notes the transactions of a provider as it keeps them, which is
// what it states by Inquiry.
func (s *setting) stateProvider(p *process) {
	ids := make([]string, 0, len(p.transactions))
	for id := range p.transactions {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		t := p.transactions[id]
		_, authenticates := holdOf(&t)
		s.recording.Statements = append(s.recording.Statements, conformance.Statement{
			Party: p.entity, At: s.now, By: "books", Order: orderOfRow(&t), Request: t.RequestID, Final: true, Class: conformance.Declared, Authentication: authenticates,
			Payment: conformance.Payment{
				Transaction: t.ID, State: t.State, Currency: t.Currency, Amount: t.Amount,
				Captured: t.Captured, Cancelled: t.Cancelled, Cancellable: t.Cancellable,
			},
		})
	}
}

func orderOfRow(t *journal.Transaction) conformance.Order {
	return conformance.Order{Requester: t.Requester, OrderID: t.OrderID, Attempt: t.Attempt, Part: t.Part}
}

// stateShop notes what a shop believes, by what it was told.
func (s *setting) stateShop(p *process) {
	for _, b := range p.beliefs() {
		if b.Payment.State == "authorised" {
			s.ask(p, &b)
		}
		b.Party, b.At, b.By, b.Final, b.Class = p.entity, s.now, "books", true, conformance.Declared
		s.recording.Statements = append(s.recording.Statements, b)
	}
}

// ask inquires about a payment that was not captured: its hold may have ended,
// which a shop is not told in an answer.
func (s *setting) ask(p *process, b *conformance.Statement) {
	for _, e := range p.recording.Exchanges {
		if e.From != p.entity || e.Request.ID != b.Request {
			continue
		}
		m, err := p.client.Inquire(s.context, e.To, kecis.Original{RequestID: kecis.ID(b.Request)})
		for tries := 1; err != nil && tries < inquiries; tries++ {
			s.idle(look)
			m, err = p.client.Inquire(s.context, e.To, kecis.Original{RequestID: kecis.ID(b.Request)})
		}
		if err != nil {
			s.logf("%s inquires in vain: %v", p.name, err)
			return
		}
		t := &m.Transaction
		b.Payment.State, b.Payment.Captured, b.Payment.Cancelled, b.Payment.Cancellable = t.State.String(), t.Captured, t.Cancelled, t.Cancellable
		return
	}
}

// inquiries is how often a shop asks a PG that may just be starting.
const inquiries = 5

// beliefs adds up what a shop was told of its requests.
func (p *process) beliefs() (list []conformance.Statement) {
	told := map[string]conformance.Telling{}
	for _, t := range p.recording.Tellings {
		if t.Requester == p.entity {
			told[t.Request] = t
		}
	}
	place := map[string]int{}
	for i := range p.recording.Exchanges {
		e := &p.recording.Exchanges[i]
		if e.From != p.entity || told[e.Request.ID].Outcome != "done" {
			continue
		}
		r := &e.Request
		switch r.Kind {
		case "PaymentRequest":
			if _, known := place[r.ID]; known {
				continue
			}
			place[r.ID] = len(list)
			believed := conformance.Payment{State: "authorised", Currency: r.Currency, Amount: r.Amount, Cancellable: r.Amount}
			if r.Capture == "automatic" {
				believed.State, believed.Captured = "captured", r.Amount
			}
			list = append(list, conformance.Statement{Order: r.Order, Request: r.ID, Payment: believed})
		case "CaptureRequest", "CancellationRequest":
			i, known := place[r.OriginalRequest]
			if _, again := place[r.ID]; !known || again {
				continue
			}
			place[r.ID] = i
			believe(&list[i].Payment, r)
		}
	}
	return slices.DeleteFunc(list, func(s conformance.Statement) bool { return s.Payment.State == "" })
}

// believe carries out what a request asked for. All captures are final.
func believe(p *conformance.Payment, r *conformance.Request) {
	if strings.HasPrefix(r.Kind, "Capture") {
		p.State, p.Captured, p.Cancellable = "captured", r.Amount, r.Amount
		return
	}
	p.Cancelled += r.Amount
	if p.Cancellable -= r.Amount; p.Cancellable == 0 {
		p.State = "cancelled"
	}
}
