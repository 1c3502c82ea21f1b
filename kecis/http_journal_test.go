package kecis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// failing is a journal that fails at chosen calls, before or after it has done
// what was asked.
type failing struct {
	journal.Journal

	fails func(call int) bool
	after bool // the change is made, and nobody knows
	calls int
}

var errDiskFull = errors.New("disk full")

func (f *failing) Update(ctx context.Context, change func(journal.Tx) error) error {
	f.calls++
	if f.fails == nil || !f.fails(f.calls) {
		return f.Journal.Update(ctx, change)
	}
	if !f.after {
		return errDiskFull
	}
	if err := f.Journal.Update(ctx, change); err != nil {
		return err
	}
	return fmt.Errorf("%w: %w", journal.ErrUncertain, errDiskFull)
}

func (f *failing) View(ctx context.Context, read func(journal.Tx) error) error {
	f.calls++
	if f.fails != nil && f.fails(f.calls) {
		return errDiskFull
	}
	return f.Journal.View(ctx, read)
}

// requests are one of each kind, good and bad, with what must be there before.
func requests() map[string]func(*testing.T, *house) []byte {
	return map[string]func(*testing.T, *house) []byte{
		"payment":           ordered(func(*kecis.PaymentRequest) {}),
		"refused payment":   ordered(func(p *kecis.PaymentRequest) { p.Payee.Name = "거절" }),
		"unserved payment":  ordered(amount(99)),
		"unreadable":        changed(`VAT="4545"`, `VAT="4544"`),
		"past its deadline": issued(-time.Minute),
		"duplicate order": func(t *testing.T, h *house) []byte {
			t.Helper()
			h.paid(t, "ORD-0001", kecis.CaptureAutomatic)
			return h.signed(t, h.order("ORD-0001", kecis.CaptureAutomatic))
		},
		"capture": func(t *testing.T, h *house) []byte {
			t.Helper()
			return h.signed(t, h.capture(h.paid(t, "ORD-0001", kecis.CaptureManual), 50_000, true))
		},
		"cancellation": func(t *testing.T, h *house) []byte {
			t.Helper()
			return h.signed(t, h.cancelAll(h.paid(t, "ORD-0001", kecis.CaptureAutomatic)))
		},
		"reversal": func(t *testing.T, h *house) []byte {
			t.Helper()
			p := h.paid(t, "ORD-0001", kecis.CaptureAutomatic)
			return h.signed(t, &kecis.ReversalRequest{OrderRef: p.OrderRef, Original: p.ID, OriginalInstant: p.IssueInstant, Reason: kecis.ReasonNoAnswer})
		},
		"reversal first": func(t *testing.T, h *house) []byte {
			t.Helper()
			p := h.order("ORD-0001", kecis.CaptureAutomatic)
			h.address(t, h.shop, p)
			return h.signed(t, &kecis.ReversalRequest{OrderRef: p.OrderRef, Original: p.ID, OriginalInstant: p.IssueInstant, Reason: kecis.ReasonNoAnswer})
		},
		"inquiry": func(t *testing.T, h *house) []byte {
			t.Helper()
			p := h.paid(t, "ORD-0001", kecis.CaptureAutomatic)
			return h.signed(t, &kecis.InquiryRequest{Original: kecis.Original{RequestID: p.ID}})
		},
	}
}

func newFailing(t *testing.T) (*house, *failing) {
	t.Helper()
	f := &failing{}
	h := newHouse(t, func(c *kecis.ServerConfig) {
		f.Journal = c.Journal
		c.Journal = f
	})
	h.bank.pay = func(_ kecis.Attempt, p *kecis.PaymentRequest) error {
		if p.Payee.Name == "거절" {
			return kecis.Refuse(kecis.ErrDeclinedLimit)
		}
		return nil
	}
	return h, f
}

// TestJournalGone: the store is away. Everything gets a quick 503, and once it is
// back, the same request is carried out as if nothing had been.
func TestJournalGone(t *testing.T) {
	for name, request := range requests() {
		t.Run(name, func(t *testing.T) {
			h, f := newFailing(t)
			document := request(t, h)
			before := h.service.effects.Load()
			f.fails = func(int) bool { return true }
			h.unrecorded(t, h.send(t, document, xmlMedia))
			if n := h.service.effects.Load() - before; n != 0 {
				t.Errorf("%d effects that nobody could record", n)
			}
			f.fails = nil
			if a := h.send(t, document, xmlMedia); a.status != http.StatusOK {
				t.Errorf("status %d once the store is back", a.status)
			}
		})
	}
}

// TestJournalFails lets one call of the store fail, each in turn, before it is
// done or after. What comes back is a 503, or an answer that stays true: the same
// request gets the same bytes when all is well again, and an inquiry agrees.
func TestJournalFails(t *testing.T) {
	for name, request := range requests() {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, applied %t", name, after), func(t *testing.T) {
				t.Parallel()
				for n, passed := 1, false; !passed; n++ {
					h, f := newFailing(t)
					document := request(t, h)
					f.calls, f.after = 0, after
					f.fails = func(call int) bool { return call == n }
					first := h.send(t, document, xmlMedia)
					passed = f.calls < n
					f.fails = nil
					h.truthful(t, n, document, first)
				}
			})
		}
	}
}

// truthful holds what was said in trouble against what is said afterwards.
func (h *house) truthful(t *testing.T, n int, document []byte, first answer) {
	t.Helper()
	for range 3 {
		h.clock.Advance(20 * time.Second) // leases end
		h.work(t)
	}
	second := h.send(t, document, xmlMedia)
	if second.status != http.StatusOK {
		t.Fatalf("call %d: status %d afterwards", n, second.status)
	}
	end := h.read(t, bytes.NewReader(second.body)).Status
	if first.status != http.StatusOK {
		h.unrecorded(t, first)
		return
	}
	if _, asks := h.opened(t, first.body).(*kecis.InquiryResponse); asks {
		return // it promises nothing, and is not recorded
	}
	if said := h.read(t, bytes.NewReader(first.body)).Status; said.Outcome != end.Outcome || said.Code != end.Code {
		t.Errorf("call %d: first %s (%s), then %s (%s)", n, said.Code, said.Outcome, end.Code, end.Outcome)
	}
}

// TestDuplicates: a request that comes again gets the recorded bytes until 5
// minutes after its deadline, and then none (P9).
func TestDuplicates(t *testing.T) {
	for name, test := range map[string]func(*testing.T, *house) []byte{
		"approved": ordered(func(*kecis.PaymentRequest) {}), "refused": ordered(amount(99)), "unreadable": changed(`VAT="4545"`, `VAT="4544"`),
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, nil)
			document := test(t, h)
			first := h.send(t, document, xmlMedia)
			window := time.Minute + kecis.RepeatWindow
			if name == "unreadable" { // its deadline was not read
				window = kecis.MaxWindow + kecis.RepeatWindow
			}
			effects := h.service.effects.Load()
			start := h.clock.Now()
			for _, after := range []time.Duration{0, 59 * time.Second, time.Minute, window - time.Second} {
				h.clock.Advance(start.Add(after).Sub(h.clock.Now()))
				if again := h.send(t, document, xmlMedia); !bytes.Equal(again.body, first.body) {
					t.Fatalf("after %v other bytes: %s", after, again.body)
				}
			}
			for _, after := range []time.Duration{window, window + time.Second, 24 * time.Hour} {
				h.clock.Advance(start.Add(after).Sub(h.clock.Now()))
				s := h.read(t, bytes.NewReader(h.send(t, document, xmlMedia).body)).Status
				if s.Code != kecis.ErrRequestClosed || s.Outcome != kecis.Unknown || s.Retry != kecis.RetryInquire {
					t.Errorf("after %v: %+v", after, s)
				}
			}
			if n := h.service.effects.Load() - effects; n != 0 {
				t.Errorf("%d more effects", n)
			}
		})
	}
}

// TestIDReused: another message under an ID that was used. Nothing is done for it
// and nothing changes for the first.
func TestIDReused(t *testing.T) {
	h := newHouse(t, nil)
	p := h.order("ORD-0001", kecis.CaptureAutomatic)
	document := h.signed(t, p)
	first := h.send(t, document, xmlMedia)
	effects := h.service.effects.Load()
	other := h.order("ORD-0002", kecis.CaptureAutomatic)
	cancellation := h.cancelAll(p)
	reversal := &kecis.ReversalRequest{OrderRef: p.OrderRef, Original: p.ID, OriginalInstant: p.IssueInstant, Reason: kecis.ReasonNoAnswer}
	other.ID, cancellation.ID, reversal.ID = p.ID, p.ID, p.ID
	for _, m := range []kecis.Message{other, cancellation, reversal} {
		if s := h.post(t, h.signed(t, m)).Status; s.Code != kecis.ErrIDReused || s.Outcome != kecis.Unknown {
			t.Errorf("%s: %+v", kecis.KindOf(m), s)
		}
	}
	changed := h.resigned(t, document, `VAT="4545"`, `VAT="4544"`) // cannot be read, either
	if s := h.post(t, changed).Status; s.Code != kecis.ErrIDReused {
		t.Errorf("unreadable: %+v", s)
	}
	if again := h.send(t, document, xmlMedia); !bytes.Equal(first.body, again.body) {
		t.Error("the first request gets another answer")
	}
	if n := h.service.effects.Load() - effects; n != 0 {
		t.Errorf("%d effects", n)
	}
}

// TestHundredAtOnce: the same request a hundred times over a hundred connections,
// with a service that takes its time: one effect, one answer.
func TestHundredAtOnce(t *testing.T) {
	h := newHouseAt(t, time.Now(), func(c *kecis.ServerConfig) { c.Clock = kecis.SystemClock{} })
	h.bank.pay = func(kecis.Attempt, *kecis.PaymentRequest) error {
		return kecis.SystemClock{}.Sleep(context.Background(), 50*time.Millisecond)
	}
	h.clock.Advance(time.Since(h.clock.Now()))
	document := h.signed(t, h.order("ORD-0001", kecis.CaptureAutomatic))
	const times = 100
	answers := make([]answer, times)
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() { answers[i] = h.send(t, document, xmlMedia) })
	}
	all.Wait()
	for i := range answers {
		if answers[i].status != http.StatusOK || !bytes.Equal(answers[i].body, answers[0].body) {
			t.Errorf("%d: status %d: %s", i, answers[i].status, answers[i].body)
		}
	}
	if n := h.service.effects.Load(); n != 1 {
		t.Errorf("%d effects", n)
	}
}

// TestManyAtOnce: a hundred captures and cancellations of one payment, all at
// once: what was captured and given back is never more than there was.
func TestManyAtOnce(t *testing.T) {
	h := newHouseAt(t, time.Now(), func(c *kecis.ServerConfig) { c.Clock = kecis.SystemClock{} })
	h.clock.Advance(time.Since(h.clock.Now()))
	p := h.paid(t, "ORD-0001", kecis.CaptureManual)
	var all sync.WaitGroup
	for i := range 100 {
		document := h.signed(t, h.capture(p, 7_000, false))
		if i%2 == 1 {
			c := h.cancelAll(p)
			c.Amount, c.Tax, c.ExpectedBalance = kecis.Won(7_000), kecis.Tax{TaxFree: 7_000}, 0
			document = h.signed(t, c)
		}
		all.Go(func() { h.send(t, document, xmlMedia) })
	}
	all.Wait()
	found := h.opened(t, h.send(t, h.signed(t, &kecis.InquiryRequest{Original: kecis.Original{RequestID: p.ID}}), xmlMedia).body).(*kecis.InquiryResponse)
	x := found.Transaction
	if x.Captured > 50_000 || x.Cancelled > x.Captured || x.Captured%7_000 != 0 {
		t.Errorf("captured %d, cancelled %d", x.Captured, x.Cancelled)
	}
}

// TestRetention moves the clock by years: answers, then transactions are
// forgotten, and whatever comes late moves no money and is promised nothing (P16).
func TestRetention(t *testing.T) {
	h := newHouse(t, nil)
	p := h.order("ORD-0001", kecis.CaptureAutomatic)
	payment := h.signed(t, p)
	h.send(t, payment, xmlMedia)
	lost := h.order("ORD-0002", kecis.CaptureAutomatic) // never arrived
	late := h.signed(t, lost)
	effects := h.service.effects.Load()
	inquiry := func() *kecis.InquiryResponse {
		return h.opened(t, h.send(t, h.signed(t, &kecis.InquiryRequest{Original: kecis.Original{RequestID: p.ID}}), xmlMedia).body).(*kecis.InquiryResponse)
	}
	reversal := func(q *kecis.PaymentRequest, issued time.Time) kecis.Code {
		return h.post(t, h.signed(t, &kecis.ReversalRequest{OrderRef: q.OrderRef, Original: q.ID, OriginalInstant: issued, Reason: kecis.ReasonNoAnswer})).Status.Code
	}
	issued := h.clock.Now()

	h.clock.Advance(31 * 24 * time.Hour)
	h.work(t)
	if s := h.post(t, payment).Status; s.Code != kecis.ErrRequestClosed {
		t.Errorf("after a month: %+v", s)
	}
	if r := inquiry(); r.Result.Outcome != kecis.Done || r.Transaction.Captured != 50_000 {
		t.Errorf("after a month: %+v", r)
	}
	if code := reversal(p, issued); code != kecis.ErrReversalPeriodOver {
		t.Errorf("a reversal after a month: %s", code)
	}

	h.clock.Advance(kecis.DefaultRetention - 32*24*time.Hour)
	h.work(t)
	if r := inquiry(); r.Result.Outcome != kecis.Done {
		t.Errorf("a day before the retention ends: %+v", r)
	}

	h.clock.Advance(40 * 24 * time.Hour)
	h.work(t)
	if r := inquiry(); r.Status.Code != kecis.ErrNotFound || r.Status.Outcome != kecis.Unknown {
		t.Errorf("after the retention: %+v", r.Status)
	}
	for name, document := range map[string][]byte{"that was done": payment, "that never arrived": late} {
		if s := h.post(t, document).Status; s.Outcome != kecis.Unknown || s.Code != kecis.ErrRequestClosed {
			t.Errorf("a payment %s, after the retention: %+v", name, s)
		}
	}
	for _, q := range []*kecis.PaymentRequest{p, lost} {
		if code := reversal(q, issued); code != kecis.ErrTooOld {
			t.Errorf("its reversal: %s", code)
		}
	}
	if n := h.service.effects.Load() - effects; n != 0 {
		t.Errorf("%d effects", n)
	}
}

// TestClientOverTLS: a Client and a Server over real connections.
func TestClientOverTLS(t *testing.T) {
	h := newHouse(t, nil)
	partner := *h.pg.Partner
	entity := *partner.Entity
	role := entity.Roles[0]
	role.Endpoints = []metadata.Endpoint{}
	for _, service := range []metadata.Service{metadata.ServicePayment, metadata.ServiceReversal, metadata.ServiceInquiry} {
		role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: service, Binding: metadata.BindingXML, Location: h.web.URL})
	}
	entity.Roles = []metadata.Role{role}
	partner.Entity = &entity
	c := &kecis.Client{
		Entity: shopID, Keys: h.shop.Keys, Partners: metadata.Fixed(h.shop.Partner, &partner), Journal: kecistest.NewJournal(),
		HTTP: h.web.Client(), Clock: h.clock,
	}
	server, err := kecis.NewServer(kecis.ServerConfig{
		Entity: pgID, Endpoint: h.web.URL, Keys: h.pg.Keys, Partners: metadata.Fixed(h.shop.Partner, h.pg.Partner),
		Journal: kecistest.NewJournal(), Role: kecistest.Role(metadata.PG), Payments: h.service, Clock: h.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.web.Config.Handler = server
	p := h.order("ORD-0001", kecis.CaptureAutomatic)
	if _, err := c.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if end, err := c.Reverse(t.Context(), p.ID, kecis.ReasonFailure); err != nil || end.Code != kecis.Reversed {
		t.Errorf("reversed: %+v, %v", end, err)
	}
}
