package kecis_test

import (
	"context"
	"errors"
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

// cancel is the cancellation of all of a payment of 50,000 won.
func (m *market) cancel(p *kecis.PaymentRequest) *kecis.CancellationRequest {
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
	c := m.cancel(p)
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
