package kecis_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

const issuerID = "https://issuer.example/kecis"

// newIssuing is a market of a PG, as client, and an issuer.
func newIssuing(t *testing.T) *market {
	t.Helper()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	m := &market{clock: kecistest.NewClock(at), network: kecistest.NewNetwork(), books: kecistest.NewJournal()}
	m.pg = kecistest.NewParty(t, pgID, kecistest.Role(metadata.PG), at)
	issuer := kecistest.NewParty(t, issuerID, kecistest.Role(metadata.Issuer), at)
	m.bank = &bank{paid: map[string]*kecis.Approval{}, undone: map[string]bool{}, now: m.clock.Now}
	partners := metadata.Fixed(m.pg.Partner, issuer.Partner)
	var err error
	m.server, err = kecis.NewServer(kecis.ServerConfig{
		Entity: issuerID, Endpoint: issuerID, Keys: issuer.Keys, Partners: partners, Journal: m.books,
		Role: kecistest.Role(metadata.Issuer), Payments: m.bank, Captures: m.bank, Cancellations: m.bank,
		Clock: m.clock, Log: slog.New(slog.DiscardHandler),
		Client: &kecis.Client{
			Entity: issuerID, Keys: issuer.Keys, Partners: partners, Journal: m.books, HTTP: m.network.Client(), Clock: m.clock,
			Log: slog.New(slog.DiscardHandler),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	m.network.Handle(issuerID, m.server)
	m.client = &kecis.Client{
		Entity: pgID, Keys: m.pg.Keys, Partners: partners, Journal: kecistest.NewJournal(),
		HTTP: m.network.Client(), Clock: m.clock, Log: slog.New(slog.DiscardHandler),
	}
	return m
}

// hold is one of 3,721 won that authenticates the buyer of an order of 50,000.
func (m *market) hold(attempt int) *kecis.PaymentRequest {
	p := m.order("ORD-0001", kecis.CaptureManual)
	issuing := m.client.NewPayment(issuerID)
	p.RequestHeader = issuing.RequestHeader
	p.OrderRef.Attempt = attempt
	p.Amount, p.Tax = kecis.Won(3_721), kecis.Tax{TaxFree: 3_721}
	p.Terms.Purpose = kecis.AmountAuthentication
	return p
}

// full is a payment of the whole order.
func (m *market) full() *kecis.PaymentRequest {
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	issuing := m.client.NewPayment(issuerID)
	p.RequestHeader = issuing.RequestHeader
	return p
}

// TestHold: a hold that authenticates is never captured, takes nothing of its
// order, is one at a time, and ends by itself (KECIS-AUT-026 to 028).
func TestHold(t *testing.T) {
	m := newIssuing(t)
	held, err := m.client.Pay(t.Context(), m.hold(1))
	if err != nil || held.Transaction.Terms.Purpose != kecis.AmountAuthentication {
		t.Fatalf("held: %+v, %v", held, err)
	}
	for _, final := range []bool{true, false} {
		c := m.client.NewCapture(issuerID)
		c.OrderRef, c.Original = m.hold(1).OrderRef, kecis.Original{TransactionID: held.Transaction.ID}
		c.Amount, c.Tax, c.Final = kecis.Won(3_721), kecis.Tax{TaxFree: 3_721}, final
		if _, err := m.client.Capture(t.Context(), c); !errors.Is(err, kecis.ErrNotCapturable) {
			t.Errorf("captured: %v", err)
		}
	}
	if _, err := m.client.Pay(t.Context(), m.hold(2)); !errors.Is(err, kecis.ErrAttemptLive) {
		t.Errorf("a second hold: %v", err)
	}
	if _, err := m.client.Pay(t.Context(), m.full()); err != nil {
		t.Errorf("the payment beside its hold: %v", err)
	}
	m.clock.Advance(kecis.DefaultHoldTime - time.Second)
	m.work(t)
	if state := m.state(t, held.Transaction.ID); state != kecis.StateAuthorised {
		t.Errorf("before its end it is %s", state)
	}
	m.clock.Advance(time.Second)
	m.work(t)
	if state := m.state(t, held.Transaction.ID); state != kecis.StateExpired {
		t.Errorf("after its end it is %s", state)
	}
	if _, err := m.client.Pay(t.Context(), m.hold(2)); err != nil {
		t.Errorf("the next hold: %v", err)
	}
}

func (m *market) state(t *testing.T, id string) kecis.State {
	t.Helper()
	found, err := m.client.Inquire(t.Context(), issuerID, kecis.Original{TransactionID: id})
	if err != nil {
		t.Fatal(err)
	}
	return found.Transaction.State
}

// TestHoldReleased: released by a cancellation or reversed, it leaves room for
// another.
func TestHoldReleased(t *testing.T) {
	m := newIssuing(t)
	p := m.hold(1)
	held, err := m.client.Pay(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	x := m.client.NewCancellation(issuerID)
	x.OrderRef, x.Original = p.OrderRef, kecis.Original{TransactionID: held.Transaction.ID}
	x.Amount, x.Tax, x.Scope, x.Reason = p.Amount, p.Tax, kecis.CancelFull, kecis.ReasonRequester
	if cancelled, err := m.client.Cancel(t.Context(), x); err != nil || cancelled.Cancelled.Kind != kecis.Void {
		t.Fatalf("released: %+v, %v", cancelled, err)
	}
	second := m.hold(2)
	if _, err := m.client.Pay(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if _, err := m.client.Reverse(t.Context(), second.ID, kecis.ReasonAbandoned); err != nil {
		t.Fatal(err)
	}
	if _, err := m.client.Pay(t.Context(), m.hold(3)); err != nil {
		t.Errorf("the third: %v", err)
	}
	other := m.hold(4)
	other.OrderAmount = kecis.Won(60_000)
	if _, err := m.client.Pay(t.Context(), other); !errors.Is(err, kecis.ErrOrderMismatch) {
		t.Errorf("of another order amount: %v", err)
	}
}

// TestHoldAtPG: only an issuer takes such holds.
func TestHoldAtPG(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureManual)
	p.Terms.Purpose = kecis.AmountAuthentication
	if _, err := m.client.Pay(t.Context(), p); !errors.Is(err, kecis.ErrNotServed) {
		t.Errorf("got %v", err)
	}
}

// TestHoldForgotten: what is kept of a hold for its order goes when its transaction
// does, but not what a later hold of the order has written.
func TestHoldForgotten(t *testing.T) {
	m := newIssuing(t)
	rows := func() (n int) {
		t.Helper()
		err := m.books.View(t.Context(), func(tx journal.Tx) error {
			n = 0
			for _, space := range []string{"kecis.hold", "kecis.hold.expiry"} {
				found, err := tx.Range(space, "", "", 10)
				if err != nil {
					return err
				}
				n += len(found)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := m.client.Pay(t.Context(), m.hold(1)); err != nil {
		t.Fatal(err)
	}
	m.clock.Advance(kecis.DefaultHoldTime + time.Minute)
	m.work(t)
	if _, err := m.client.Pay(t.Context(), m.hold(2)); err != nil {
		t.Fatal(err)
	}
	if n := rows(); n != 3 { // the latest, and when each is forgotten
		t.Errorf("%d rows at first", n)
	}
	m.clock.Advance(kecis.DefaultRetention - kecis.DefaultHoldTime)
	m.work(t)
	if n := rows(); n != 2 {
		t.Errorf("%d rows after the first hold's time", n)
	}
	m.clock.Advance(kecis.DefaultHoldTime + time.Minute)
	m.work(t)
	if n := rows(); n != 0 {
		t.Errorf("%d rows after the second's", n)
	}
}
