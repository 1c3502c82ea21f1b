package kecis_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
)

// refunds is a service of cancellations that can be away.
type refunds struct {
	calls, done int
	away        bool
	made        map[string]*kecis.CancellationRequest
}

func (r *refunds) Cancel(_ context.Context, a kecis.Attempt, p *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	r.calls++
	if r.away {
		return nil, errors.New("connection refused")
	}
	if r.made[a.Key] == nil {
		r.done++
		r.made[a.Key] = p
	}
	return &kecis.CancelResult{CancellationID: "R1"}, nil
}

func (r *refunds) LookupCancel(_ context.Context, key string) (*kecis.CancelResult, error) {
	if r.made[key] == nil {
		return nil, errNoSuchKey
	}
	return &kecis.CancelResult{CancellationID: "R1"}, nil
}

// cancelAll is the cancellation of all of a payment of 50,000 won.
func (m *market) cancelAll(p *kecis.PaymentRequest) *kecis.CancellationRequest {
	c := m.client.NewCancellation(pgID)
	c.OrderRef, c.Original, c.Amount, c.Tax = p.OrderRef, kecis.Original{RequestID: p.ID}, p.Amount, p.Tax
	c.Scope, c.Reason, c.ExpectedBalance = kecis.CancelFull, kecis.ReasonBuyer, p.Amount.Minor
	return c
}

// settle is Settle within an hour of the market's clock.
func (m *market) settle(t *testing.T, id kecis.ID) (kecis.Settlement, error) {
	t.Helper()
	ctx, cancel := m.clock.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	return m.client.Settle(ctx, id)
}

// TestCancelNeverArrived: the service is not reached while the requester waits.
// A cancellation cannot be reversed, so it is carried out later, once.
func TestCancelNeverArrived(t *testing.T) {
	service := &refunds{away: true, made: map[string]*kecis.CancellationRequest{}}
	m := newMarketOf(t, func(c *kecis.ServerConfig) { c.Cancellations = service })
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	c := m.cancelAll(p)
	_, err := m.client.Cancel(t.Context(), c)
	if f, ok := errors.AsType[*kecis.Fault](err); !ok || f.Outcome != kecis.Unknown {
		t.Fatalf("the cancellation: %v", err)
	}
	service.away = false
	m.clock.Advance(time.Minute)
	m.work(t)
	end, err := m.settle(t, c.ID)
	if err != nil || end.Outcome != kecis.Done || end.Transaction.State != kecis.StateCancelled {
		t.Errorf("settled: %+v, %v", end, err)
	}
	m.work(t)
	if service.done != 1 {
		t.Errorf("the money was given back %d times", service.done)
	}
	for _, made := range service.made {
		if made.ID != c.ID || made.Amount != c.Amount || made.Tax != c.Tax || made.Scope != c.Scope || made.Original != c.Original {
			t.Errorf("the service was asked for %+v", made)
		}
	}
}

// TestReverseOfUnreadable: a request that broke the standard was refused, and its
// sender, who cannot know that, reverses it.
func TestReverseOfUnreadable(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	document := m.signed(t, p)
	answer := m.post(t, m.resigned(t, document, `VAT="4545"`, `VAT="4546"`))
	if answer.Status.Code != kecis.ErrTax || answer.Status.Outcome != kecis.NotDone {
		t.Fatalf("a wrong sum: %+v", answer.Status)
	}
	r := &kecis.ReversalRequest{OrderRef: p.OrderRef, Original: p.ID, OriginalInstant: p.IssueInstant, Reason: kecis.ReasonNoAnswer}
	if answer := m.post(t, m.signed(t, r)); answer.Status.Code != kecis.NeverExecuted {
		t.Errorf("its reversal: %+v", answer.Status)
	}
}

// TestCaptureReversedThenCancelled: a reversal of the capture comes again when
// the payment has gone on to a state that no capture leaves.
func TestCaptureReversedThenCancelled(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureManual)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	c := m.capture(p, p.Amount.Minor, true)
	if _, err := m.client.Capture(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := m.client.Reverse(t.Context(), c.ID, kecis.ReasonFailure); err != nil {
		t.Fatal(err)
	}
	if _, err := m.client.Cancel(t.Context(), m.cancelAll(p)); err != nil {
		t.Fatal(err)
	}
	end, err := m.client.Reverse(t.Context(), c.ID, kecis.ReasonFailure)
	if err != nil || end.Code != kecis.Reversed {
		t.Errorf("reversed again: %+v, %v", end, err)
	}
}

// stuck is a service of captures that does not answer.
type stuck struct{ *bank }

func (stuck) Capture(context.Context, kecis.Attempt, *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	return nil, errors.New("no answer")
}
func (stuck) ReverseCapture(context.Context, string) error { return errors.New("no answer") }

// TestReverseOfUnknownCapture: the reversal of a capture that cannot be undone
// yet is accepted, while the payment is still authorised.
func TestReverseOfUnknownCapture(t *testing.T) {
	m := newMarketOf(t, func(c *kecis.ServerConfig) { c.Captures = stuck{} })
	p := m.order("ORD-0001", kecis.CaptureManual)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	c := m.capture(p, p.Amount.Minor, true)
	_, err := m.client.Capture(t.Context(), c)
	if f, ok := errors.AsType[*kecis.Fault](err); !ok || f.Outcome != kecis.Unknown {
		t.Fatalf("captured: %v", err)
	}
	end, err := m.client.Reverse(t.Context(), c.ID, kecis.ReasonNoAnswer)
	if err != nil || end.Code != kecis.ReversalAccepted {
		t.Errorf("reversed: %+v, %v", end, err)
	}
}

// undoing is a service of captures that is away for the first reversal, and calls
// undone when it has carried one out.
type undoing struct {
	*bank

	calls  int
	undone func()
}

func (u *undoing) ReverseCapture(context.Context, string) error {
	if u.calls++; u.calls == 1 {
		return errors.New("connection refused")
	}
	u.undone()
	return nil
}

// TestCaptureUndoneOnce: the store does not know whether it wrote down that a
// capture is undone, and it did. It is not taken back from the books twice.
func TestCaptureUndoneOnce(t *testing.T) {
	store := &failing{after: true}
	service := &undoing{undone: func() {
		store.fails = func(int) bool { store.fails = nil; return true } // the next commit
	}}
	m := newMarketOf(t, func(c *kecis.ServerConfig) {
		store.Journal, c.Journal, c.Captures = c.Journal, store, service
	})
	p := m.order("ORD-0001", kecis.CaptureManual)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	c := m.capture(p, p.Amount.Minor, true)
	if _, err := m.client.Capture(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if end, err := m.client.Reverse(t.Context(), c.ID, kecis.ReasonFailure); err != nil || end.Code != kecis.ReversalAccepted {
		t.Fatalf("reversed: %+v, %v", end, err)
	}
	for range 3 {
		m.clock.Advance(time.Minute)
		m.work(t)
	}
	found, err := m.client.Inquire(t.Context(), pgID, kecis.Original{RequestID: p.ID})
	if err != nil || service.calls != 2 {
		t.Fatalf("%d reversals, %v", service.calls, err)
	}
	if b := found.Transaction; b.State != kecis.StateAuthorised || b.Captured != 0 || b.Cancellable != p.Amount.Minor {
		t.Errorf("found: %+v", b)
	}
}

// TestSenderGone: the sender closes its connection while the service works; what
// the service did is sealed all the same, at once.
func TestSenderGone(t *testing.T) {
	m := newMarket(t)
	ctx, gone := context.WithCancel(t.Context())
	m.bank.after = func(kecis.Attempt) error { gone(); return nil }
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	m.postWithin(ctx, t, m.signed(t, p))
	found, err := m.client.Inquire(t.Context(), pgID, kecis.Original{RequestID: p.ID})
	if err != nil || found.Result.Outcome != kecis.Done {
		t.Errorf("found: %+v, %v", found, err)
	}
}

// TestUnstatable: what a service says does not fit into an answer. It comes to an
// end, and nothing is charged that nobody is told of.
func TestUnstatable(t *testing.T) {
	long := strings.Repeat("9", 41)
	for _, test := range []struct {
		name    string
		pay     func() (*kecis.Approval, error)
		outcome kecis.Outcome // in the end
		code    kecis.Code
	}{
		{"approval code", func() (*kecis.Approval, error) { return &kecis.Approval{ApprovalCode: long}, nil }, kecis.NotDone, kecis.ErrRequestReversed},
		{"instrument reference", func() (*kecis.Approval, error) { return &kecis.Approval{InstrumentRef: "1"}, nil }, kecis.NotDone, kecis.ErrRequestReversed},
		{"pending without an end", func() (*kecis.Approval, error) { return &kecis.Approval{Pending: &kecis.Wait{}}, nil }, kecis.NotDone, kecis.ErrRequestReversed},
		{"upstream code", func() (*kecis.Approval, error) {
			return &kecis.Approval{Upstream: kecis.Upstream{System: "van", Code: long, Text: "a\nb"}}, nil
		}, kecis.Done, kecis.Approved},
		{"upstream of a refusal", func() (*kecis.Approval, error) {
			return nil, &kecis.Refusal{Code: kecis.ErrDeclinedLimit, Upstream: kecis.Upstream{Code: "51", Text: "잔액\n부족"}}
		}, kecis.NotDone, kecis.ErrDeclinedLimit},
		{"code of its own", func() (*kecis.Approval, error) { return nil, kecis.Refuse("No Money!") }, kecis.NotDone, kecis.ErrUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := &bank{paid: map[string]*kecis.Approval{}, undone: map[string]bool{}}
			m := newMarketOf(t, func(c *kecis.ServerConfig) { c.Payments = says{b, test.pay} })
			p := m.order("ORD-0001", kecis.CaptureAutomatic)
			_, _ = m.client.Pay(t.Context(), p) // what it says is looked at below
			m.work(t)
			found, err := m.client.Inquire(t.Context(), pgID, kecis.Original{RequestID: p.ID})
			if err != nil || found.Result.Outcome != test.outcome || found.Result.Code != test.code {
				t.Fatalf("found: %+v, %v", found, err)
			}
			if test.code == kecis.ErrRequestReversed && len(b.undone) != 1 {
				t.Error("it was not undone")
			}
		})
	}
}

// says is a bank that says something of its own.
type says struct {
	*bank

	pay func() (*kecis.Approval, error)
}

func (s says) Pay(context.Context, kecis.Attempt, *kecis.PaymentRequest) (*kecis.Approval, error) {
	return s.pay()
}
func (s says) Lookup(context.Context, string) (*kecis.Approval, error) { return s.pay() }
