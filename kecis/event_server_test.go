package kecis_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
)

// receive puts a receiver of events in front of the shop.
func (m *market) receive(t *testing.T, take func(e *kecis.Event) error) {
	t.Helper()
	r, err := kecis.NewReceiver(kecis.ReceiverConfig{
		Entity: shopID, Endpoint: shopID, Keys: m.shop.Keys, Partners: m.client.Partners, Journal: m.client.Journal,
		Clock: m.clock, Log: slog.New(slog.DiscardHandler),
		Take: func(_ context.Context, provider string, e *kecis.Event) error {
			if provider != pgID {
				t.Errorf("an event of %q", provider)
			}
			return take(e)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	m.network.Handle(shopID, r)
}

// cancel cancels a part of a payment.
func (m *market) cancel(t *testing.T, p *kecis.PaymentRequest, amount, balance int64) {
	t.Helper()
	x := m.client.NewCancellation(pgID)
	x.OrderRef, x.Original = p.OrderRef, kecis.Original{RequestID: p.ID}
	x.Amount, x.Tax, x.Scope, x.Reason = kecis.Won(amount), kecis.Tax{TaxFree: amount}, kecis.CancelPart, kecis.ReasonBuyer
	x.ExpectedBalance = balance
	if _, err := m.client.Cancel(t.Context(), x); err != nil {
		t.Fatal(err)
	}
}

func TestNotification(t *testing.T) {
	m := newMarket(t)
	var got []*kecis.Event
	refused := 2
	m.receive(t, func(e *kecis.Event) error {
		if refused--; refused >= 0 {
			return errors.New("busy")
		}
		got = append(got, e)
		return nil
	})
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	m.cancel(t, p, 10_000, 50_000)
	for range 10 {
		m.work(t)
		m.clock.Advance(time.Minute)
	}
	if len(got) != 2 || got[0].Kind != kecis.EventPaid || got[1].Kind != kecis.EventCancelled || got[1].Sequence != 2 ||
		got[1].Transaction.Cancelled != 10_000 {
		t.Fatalf("received %+v", got)
	}
}

// TestNotificationRepeated: the answer is lost, so the event comes again; the
// program sees it once.
func TestNotificationRepeated(t *testing.T) {
	m := newMarket(t)
	taken, lost := 0, 0
	m.receive(t, func(*kecis.Event) error { taken++; return nil })
	if _, err := m.client.Pay(t.Context(), m.order("ORD-0001", kecis.CaptureAutomatic)); err != nil {
		t.Fatal(err)
	}
	m.network.Fault(func(r *http.Request) kecistest.Fault {
		if lost++; lost <= 3 {
			return kecistest.AnswerLost
		}
		return kecistest.Delivered
	})
	for range 10 {
		m.work(t)
		m.clock.Advance(time.Minute)
	}
	if taken != 1 || lost != 4 {
		t.Errorf("taken %d times in %d transmissions", taken, lost)
	}
}

// TestNotificationDead: nobody answers for a week; the feed has the event, and it
// can be sent again.
func TestNotificationDead(t *testing.T) {
	m := newMarket(t)
	sent := 0
	m.network.Fault(func(r *http.Request) kecistest.Fault {
		if r.URL.String() == shopID {
			sent++
			return kecistest.RequestLost
		}
		return kecistest.Delivered
	})
	if _, err := m.client.Pay(t.Context(), m.order("ORD-0001", kecis.CaptureAutomatic)); err != nil {
		t.Fatal(err)
	}
	for range 8 * 24 * 6 {
		m.work(t)
		m.clock.Advance(10 * time.Minute)
	}
	before := sent
	if m.clock.Advance(time.Hour); before < 500 {
		t.Errorf("sent only %d times in a week", before)
	}
	if m.work(t); sent != before {
		t.Error("a dead event was sent again")
	}
	taken := 0
	m.receive(t, func(*kecis.Event) error { taken++; return nil })
	m.network.Fault(nil)
	var events []*kecis.Event
	for e, err := range m.client.Events(t.Context(), pgID, 0) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	if len(events) != 1 || events[0].Kind != kecis.EventPaid {
		t.Fatalf("the feed has %+v", events)
	}
	if err := m.server.Resend(t.Context(), shopID, events[0].Cursor); err != nil {
		t.Fatal(err)
	}
	if m.work(t); taken != 1 {
		t.Errorf("taken %d times after Resend", taken)
	}
}

func TestReconcile(t *testing.T) {
	m := newMarket(t)
	from := m.clock.Now()
	const payments = 230
	for i := range payments {
		p := m.order("ORD-R"+string(rune('A'+i%26))+kecis.FormatInstant(m.clock.Now())[11:13]+kecis.FormatInstant(m.clock.Now())[14:16]+kecis.FormatInstant(m.clock.Now())[17:19]+string(rune('A'+i/26)), kecis.CaptureAutomatic)
		if _, err := m.client.Pay(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			m.cancel(t, p, 10_000, 50_000)
			m.clock.Advance(time.Second)
		}
	}
	m.clock.Advance(time.Minute)
	var totals []kecis.Total
	n, cancelled := 0, int64(0)
	for e, err := range m.client.Reconcile(t.Context(), pgID, from, m.clock.Now(), &totals) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		cancelled += e.Transaction.Cancelled
	}
	want := kecis.Total{Currency: kecis.KRW, Count: payments, Approved: payments * 50_000, Captured: payments * 50_000, Cancelled: 230_000}
	if n != payments || cancelled != 230_000 || len(totals) != 1 || totals[0] != want {
		t.Errorf("%d entries, cancelled %d, totals %+v", n, cancelled, totals)
	}
	empty := 0
	for range m.client.Reconcile(t.Context(), pgID, from.Add(-48*time.Hour), from.Add(-24*time.Hour), nil) {
		empty++
	}
	if empty != 0 {
		t.Errorf("%d entries of a day before", empty)
	}
}
