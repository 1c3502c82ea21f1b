package kecis_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
)

// meanwhile is a bank that does something while a payment is being undone.
type meanwhile struct {
	*bank
	undoing func()
}

func (b *meanwhile) Reverse(ctx context.Context, key string) error {
	if do := b.undoing; do != nil {
		b.undoing = nil
		do()
	}
	return b.bank.Reverse(ctx, key)
}

func reversalOf(p *kecis.PaymentRequest) *kecis.ReversalRequest {
	return &kecis.ReversalRequest{OrderRef: p.OrderRef, Original: p.ID, OriginalInstant: p.IssueInstant, Reason: kecis.ReasonFailure}
}

// TestReversalsOfOneID: while one reversal is at work another comes under its ID
// for another payment. It is refused, and nothing is done for it (KECIS-PRO-023).
func TestReversalsOfOneID(t *testing.T) {
	service := &meanwhile{}
	m := newMarketOf(t, func(c *kecis.ServerConfig) {
		service.bank = c.Payments.(*bank)
		c.Payments = service
	})
	first, second := m.order("ORD-0001", kecis.CaptureAutomatic), m.order("ORD-0002", kecis.CaptureAutomatic)
	for _, p := range []*kecis.PaymentRequest{first, second} {
		if _, err := m.client.Pay(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	one, other := reversalOf(first), reversalOf(second)
	document := m.signed(t, one)
	m.address(t, m.shop, other)
	other.ID = one.ID
	var refused *kecis.ResponseHeader
	service.undoing = func() { refused = m.post(t, signedBy(t, m.shop, other)) }
	if answer := m.post(t, document); answer.Status.Code != kecis.Reversed {
		t.Errorf("the first got %+v", answer.Status)
	}
	if refused == nil || refused.Status.Code != kecis.ErrIDReused {
		t.Errorf("the second got %+v", refused)
	}
	if len(m.bank.paid) != 1 {
		t.Errorf("%d payments stand", len(m.bank.paid))
	}
	found, err := m.client.Inquire(t.Context(), pgID, kecis.Original{RequestID: second.ID})
	if err != nil || found.Transaction.State != kecis.StateCaptured {
		t.Errorf("the other payment is %+v, %v", found, err)
	}
}

// TestReversalOfItself: a reversal that names itself as its original.
func TestReversalOfItself(t *testing.T) {
	m := newMarket(t)
	r := reversalOf(m.order("ORD-0001", kecis.CaptureAutomatic))
	m.address(t, m.shop, r)
	r.Original, r.OriginalInstant = r.ID, r.IssueInstant
	if answer := m.post(t, signedBy(t, m.shop, r)); answer.Status.Code != kecis.ErrNotReversible {
		t.Errorf("it got %+v", answer.Status)
	}
}

// TestReversalAbandoned: the server of a reversal dies while its service undoes
// the payment. Another brings it to its end, and its repeat gets that answer.
func TestReversalAbandoned(t *testing.T) {
	service := &meanwhile{}
	var config kecis.ServerConfig
	m := newMarketOf(t, func(c *kecis.ServerConfig) {
		service.bank = c.Payments.(*bank)
		c.Payments = service
		config = *c
	})
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	document := m.signed(t, reversalOf(p))
	service.undoing = func() { panic(dead{}) }
	func() {
		defer func() { _ = recover() }()
		m.post(t, document)
	}()
	var err error
	config.Log = slog.New(slog.DiscardHandler)
	if m.server, err = kecis.NewServer(config); err != nil {
		t.Fatal(err)
	}
	m.network.Handle(pgID, m.server)
	m.clock.Advance(time.Minute)
	m.work(t)
	if answer := m.post(t, document); answer.Status.Code != kecis.Reversed && answer.Status.Code != kecis.ReversalAccepted {
		t.Errorf("its repeat got %+v", answer.Status)
	}
	if len(m.bank.paid) != 0 {
		t.Error("money is left behind")
	}
}

// dead ends a server within its service.
type dead struct{}

func (dead) PassThrough() {}
