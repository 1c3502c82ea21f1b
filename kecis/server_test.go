package kecis_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// bank is a back end as a vendor has one: it keeps what it did under the key.
type bank struct {
	mu      sync.Mutex
	paid    map[string]*kecis.Approval
	undone  map[string]bool
	calls   int
	pay     func(a kecis.Attempt, p *kecis.PaymentRequest) error // before the effect
	after   func(a kecis.Attempt) error                          // after it
	reverse error
	holds   time.Duration // of an authorisation
	now     func() time.Time

	approval kecis.Approval // of every payment, but for the code
}

var errNoSuchKey = errors.New("no such key")

func (b *bank) Pay(_ context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	if b.pay != nil {
		if err := b.pay(a, p); err != nil {
			return nil, err
		}
	}
	if b.undone[a.Key] {
		return nil, kecis.Refuse(kecis.ErrDeclinedIssuer)
	}
	approval := b.approval
	approval.ApprovalCode = "30012345"
	if b.holds > 0 {
		approval.HoldExpires = b.now().Add(b.holds)
	}
	b.paid[a.Key] = &approval
	if b.after != nil {
		if err := b.after(a); err != nil {
			return nil, err
		}
	}
	return b.paid[a.Key], nil
}

func (b *bank) Lookup(_ context.Context, key string) (*kecis.Approval, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a := b.paid[key]; a != nil {
		return a, nil
	}
	return nil, errNoSuchKey
}

func (b *bank) Reverse(_ context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.reverse != nil {
		return b.reverse
	}
	b.undone[key] = true
	delete(b.paid, key)
	return nil
}

func (b *bank) Capture(context.Context, kecis.Attempt, *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	return &kecis.CaptureResult{}, nil
}

func (b *bank) LookupCapture(context.Context, string) (*kecis.CaptureResult, error) {
	return nil, errNoSuchKey
}
func (b *bank) ReverseCapture(context.Context, string) error { return nil }

func (b *bank) Cancel(context.Context, kecis.Attempt, *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	return &kecis.CancelResult{}, nil
}

func (b *bank) LookupCancel(context.Context, string) (*kecis.CancelResult, error) {
	return &kecis.CancelResult{}, nil
}

const (
	shopID = "https://shop.example/kecis"
	pgID   = "https://pg.example/kecis"
)

// market is a shop and a PG on a network in memory.
type market struct {
	clock   *kecistest.Clock
	network *kecistest.Network
	shop    *kecistest.Party
	pg      *kecistest.Party
	bank    *bank
	server  *kecis.Server
	client  *kecis.Client
	books   *kecistest.Journal // the PG's
}

func newMarket(t *testing.T) *market {
	t.Helper()
	return newMarketOf(t, nil)
}

// newMarketOf is newMarket with a configuration of the PG that edit has changed.
func newMarketOf(t *testing.T, edit func(*kecis.ServerConfig)) *market {
	t.Helper()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	m := &market{clock: kecistest.NewClock(at), network: kecistest.NewNetwork(), books: kecistest.NewJournal()}
	m.shop = kecistest.NewParty(t, shopID, kecistest.Role(metadata.Requester), at)
	m.pg = kecistest.NewParty(t, pgID, kecistest.Role(metadata.PG), at)
	m.bank = &bank{paid: map[string]*kecis.Approval{}, undone: map[string]bool{}, now: m.clock.Now}
	partners := metadata.Fixed(m.shop.Partner, m.pg.Partner)
	config := kecis.ServerConfig{
		Entity: pgID, Endpoint: pgID, Keys: m.pg.Keys, Partners: partners, Journal: m.books,
		Role: kecistest.Role(metadata.PG), Payments: m.bank, Captures: m.bank, Cancellations: m.bank,
		Clock: m.clock, Log: slog.New(slog.DiscardHandler),
		Client: &kecis.Client{
			Entity: pgID, Keys: m.pg.Keys, Partners: partners, Journal: m.books,
			HTTP: m.network.Client(), Clock: m.clock, Log: slog.New(slog.DiscardHandler),
		},
	}
	if edit != nil {
		edit(&config)
	}
	var err error
	if m.server, err = kecis.NewServer(config); err != nil {
		t.Fatal(err)
	}
	m.network.Handle(pgID, m.server)
	m.client = &kecis.Client{
		Entity: shopID, Keys: m.shop.Keys, Partners: partners, Journal: kecistest.NewJournal(),
		HTTP: m.network.Client(), Clock: m.clock, Log: slog.New(slog.DiscardHandler),
	}
	return m
}

// order is a payment of 50,000 won.
func (m *market) order(id string, capture kecis.Capture) *kecis.PaymentRequest {
	p := m.client.NewPayment(pgID)
	p.OrderRef = kecis.OrderRef{Requester: shopID, OrderID: id, Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: shopID, Name: "꽃집"}
	p.Amount, p.OrderAmount = kecis.Won(50_000), kecis.Won(50_000)
	p.Tax = kecis.Tax{Supply: 45_455, VAT: 4_545}
	p.Terms = kecis.Terms{Capture: capture}
	p.Instrument = kecis.Instrument{Issuer: "https://issuer.example/kecis", Kind: kecis.Account, Ref: "ref_0123456789abcdef"}
	p.Buyer = &ecml.Ecom{}
	return p
}

// work does the PG's background work until there is none.
func (m *market) work(t *testing.T) {
	t.Helper()
	for range 100 {
		worked, err := m.server.RunOnce(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !worked {
			return
		}
	}
	t.Fatal("background work does not end")
}

func TestPay(t *testing.T) {
	m := newMarket(t)
	answer, err := m.client.Pay(t.Context(), m.order("ORD-0001", kecis.CaptureAutomatic))
	if err != nil {
		t.Fatal(err)
	}
	tx := answer.Transaction
	if tx.State != kecis.StateCaptured || tx.Captured != 50_000 || tx.Cancellable != 50_000 || tx.ApprovalCode != "30012345" {
		t.Errorf("the answer states %+v", tx)
	}
	if m.bank.calls != 1 {
		t.Errorf("the service was called %d times", m.bank.calls)
	}
}

func TestPayRepeated(t *testing.T) {
	m := newMarket(t)
	lost := 0
	m.network.Fault(func(*http.Request) kecistest.Fault {
		if lost++; lost <= 3 {
			return kecistest.AnswerLost
		}
		return kecistest.Delivered
	})
	if _, err := m.client.Pay(t.Context(), m.order("ORD-0001", kecis.CaptureAutomatic)); err != nil {
		t.Fatal(err)
	}
	if m.bank.calls != 1 {
		t.Errorf("four transmissions had %d effects", m.bank.calls)
	}
}

func TestPayRefused(t *testing.T) {
	m := newMarket(t)
	m.bank.pay = func(kecis.Attempt, *kecis.PaymentRequest) error { return kecis.Refuse(kecis.ErrDeclinedLimit) }
	_, err := m.client.Pay(t.Context(), m.order("ORD-0001", kecis.CaptureAutomatic))
	f, ok := errors.AsType[*kecis.Fault](err)
	if !ok || f.Outcome != kecis.NotDone || !errors.Is(err, kecis.ErrDeclinedLimit) {
		t.Fatalf("got %v", err)
	}
	m.bank.pay = nil
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	p.OrderRef.Attempt = 2
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Errorf("a new attempt after a refusal: %v", err)
	}
	p = m.order("ORD-0001", kecis.CaptureAutomatic)
	p.OrderRef.Attempt = 3
	if _, err := m.client.Pay(t.Context(), p); !errors.Is(err, kecis.ErrDuplicate) {
		t.Errorf("a new attempt after an approval: %v", err)
	}
}

// TestPayUnknown: the service does the effect and fails; nothing says so.
func TestPayUnknown(t *testing.T) {
	m := newMarket(t)
	m.bank.after = func(kecis.Attempt) error {
		for key := range m.bank.paid {
			m.bank.undone[key] = false
		}
		return errors.New("connection reset")
	}
	if _, err := m.client.Pay(t.Context(), m.order("ORD-0001", kecis.CaptureAutomatic)); err != nil {
		t.Errorf("a lookup finds the approval: %v", err)
	}
}

func TestPayTimeout(t *testing.T) {
	m := newMarket(t)
	m.bank.pay = func(kecis.Attempt, *kecis.PaymentRequest) error { return errors.New("no answer") }
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	_, err := m.client.Pay(t.Context(), p)
	f, ok := errors.AsType[*kecis.Fault](err)
	if !ok || f.Outcome != kecis.Unknown || f.Code != kecis.ErrTimeout {
		t.Fatalf("got %v", err)
	}
	again := m.order("ORD-0001", kecis.CaptureAutomatic)
	again.OrderRef.Attempt = 2
	if _, err := m.client.Pay(t.Context(), again); !errors.Is(err, kecis.ErrAttemptLive) {
		t.Errorf("a new attempt while the first is unknown: %v", err)
	}
	m.work(t)
	end, err := m.client.Settle(t.Context(), p.ID)
	if err != nil || end.Outcome != kecis.NotDone || end.Transaction.State != kecis.StateReversed {
		t.Errorf("settled: %+v, %v", end, err)
	}
	if len(m.bank.paid) != 0 {
		t.Error("money is left behind")
	}
}

func TestReverse(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	end, err := m.client.Reverse(t.Context(), p.ID, kecis.ReasonFailure)
	if err != nil || end.Outcome != kecis.NotDone || end.Code != kecis.Reversed {
		t.Fatalf("reversed: %+v, %v", end, err)
	}
	if len(m.bank.paid) != 0 {
		t.Error("money is left behind")
	}
	again, err := m.client.Reverse(t.Context(), p.ID, kecis.ReasonFailure)
	if err != nil || again.Code != kecis.Reversed {
		t.Errorf("reversed again: %+v, %v", again, err)
	}
	late, err := m.client.Again(t.Context(), string(p.ID))
	if s, ok := late.(*kecis.PaymentResponse); err != nil || !ok || s.Status.Code != kecis.ErrRequestReversed {
		t.Errorf("a repeat of what was reversed got %+v, %v", late, err)
	}
}

// TestReverseExpired: the hold has ended by itself before the reversal comes.
func TestReverseExpired(t *testing.T) {
	m := newMarket(t)
	m.bank.holds = time.Hour
	p := m.order("ORD-0001", kecis.CaptureManual)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	m.clock.Advance(2 * time.Hour)
	m.work(t)
	end, err := m.client.Reverse(t.Context(), p.ID, kecis.ReasonFailure)
	if err != nil || end.Code != kecis.Reversed || end.Transaction.State != kecis.StateExpired {
		t.Errorf("reversed: %+v, %v", end, err)
	}
}

// TestReverseFirst: the payment is lost, its reversal arrives, then the payment.
func TestReverseFirst(t *testing.T) {
	m := newMarket(t)
	m.network.Fault(func(*http.Request) kecistest.Fault { return kecistest.RequestLost })
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	if _, err := m.client.Pay(t.Context(), p); err == nil {
		t.Fatal("a lost payment succeeded")
	}
	m.network.Fault(nil)
	end, err := m.client.Settle(t.Context(), p.ID)
	if err != nil || end.Code != kecis.NeverExecuted {
		t.Fatalf("settled: %+v, %v", end, err)
	}
	answer, err := m.client.Again(t.Context(), string(p.ID))
	if err != nil {
		t.Fatal(err)
	}
	if s := answer.(*kecis.PaymentResponse).Status; s.Code != kecis.ErrRequestReversed || m.bank.calls != 0 {
		t.Errorf("the late original got %s, %d calls", s.Code, m.bank.calls)
	}
}

func TestCaptureAndCancel(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureManual)
	paid, err := m.client.Pay(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	c := m.client.NewCapture(pgID)
	c.OrderRef, c.Original = p.OrderRef, kecis.Original{TransactionID: paid.Transaction.ID}
	c.Amount, c.Tax, c.Final = kecis.Won(30_000), kecis.Tax{Supply: 27_273, VAT: 2_727}, true
	captured, err := m.client.Capture(t.Context(), c)
	if err != nil || captured.Transaction.Captured != 30_000 || captured.Transaction.Cancellable != 30_000 {
		t.Fatalf("captured: %+v, %v", captured, err)
	}
	x := m.client.NewCancellation(pgID)
	x.OrderRef, x.Original = p.OrderRef, kecis.Original{RequestID: p.ID}
	x.Amount, x.Tax, x.Scope, x.Reason = kecis.Won(10_000), kecis.Tax{Supply: 9_091, VAT: 909}, kecis.CancelPart, kecis.ReasonBuyer
	x.ExpectedBalance = 30_000
	cancelled, err := m.client.Cancel(t.Context(), x)
	if err != nil || cancelled.Cancelled.Kind != kecis.Refund || cancelled.Transaction.Cancellable != 20_000 {
		t.Fatalf("cancelled: %+v, %v", cancelled, err)
	}
	found, err := m.client.Inquire(t.Context(), pgID, kecis.Original{TransactionID: paid.Transaction.ID})
	if err != nil || len(found.Cancelled) != 1 || found.Transaction.Cancelled != 10_000 {
		t.Errorf("found: %+v, %v", found, err)
	}
}
