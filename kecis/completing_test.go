package kecis_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// deposit is a bank whose payments wait for a deposit of the buyer.
type deposit struct {
	*bank

	expires time.Time
	id      string       // of the last payment
	undoing func() error // called before Reverse
}

func (d *deposit) Pay(_ context.Context, a kecis.Attempt, _ *kecis.PaymentRequest) (*kecis.Approval, error) {
	d.id = a.TransactionID
	return &kecis.Approval{Pending: &kecis.Wait{Expires: d.expires}}, nil
}

func (d *deposit) Reverse(ctx context.Context, key string) error {
	if d.undoing != nil {
		if err := d.undoing(); err != nil {
			return err
		}
	}
	return d.bank.Reverse(ctx, key)
}

// waiting is a market with a pending payment.
type waiting struct {
	*market

	t       *testing.T
	deposit *deposit
	order   *kecis.PaymentRequest
}

func newWaiting(t *testing.T, capture kecis.Capture) *waiting {
	t.Helper()
	w := &waiting{t: t, deposit: &deposit{bank: &bank{paid: map[string]*kecis.Approval{}, undone: map[string]bool{}}}}
	w.market = newMarketOf(t, func(c *kecis.ServerConfig) { c.Payments = w.deposit })
	w.deposit.expires = w.clock.Now().Add(time.Hour)
	w.order = w.market.order("ORD-0001", capture)
	if _, err := w.client.Pay(t.Context(), w.order); !errors.Is(err, kecis.ErrPending) {
		t.Fatal(err)
	}
	return w
}

func (w *waiting) complete(code string) error {
	return w.books.Update(w.t.Context(), func(tx journal.Tx) error {
		return w.server.CompletePayment(w.t.Context(), tx, w.deposit.id, &kecis.Approval{ApprovalCode: code})
	})
}

func (w *waiting) decline(code kecis.Code) error {
	return w.books.Update(w.t.Context(), func(tx journal.Tx) error {
		return w.server.DeclinePayment(w.t.Context(), tx, w.deposit.id, kecis.Refuse(code))
	})
}

// ends fails the test unless an inquiry and exactly one event say that state.
func (w *waiting) ends(state kecis.State, code kecis.Code, events ...kecis.EventKind) {
	w.t.Helper()
	w.work(w.t)
	found, err := w.client.Inquire(w.t.Context(), pgID, kecis.Original{RequestID: w.order.ID})
	if err != nil || found.Transaction.State != state || found.Result.Code != code {
		w.t.Errorf("found %v %v, %v; want %v %v", found.Transaction.State, found.Result.Code, err, state, code)
	}
	var told []kecis.EventKind
	for e, err := range w.client.Events(w.t.Context(), pgID, 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		told = append(told, e.Kind)
	}
	if len(told) != len(events) {
		w.t.Fatalf("told %v, want %v", told, events)
	}
	for i := range told {
		if told[i] != events[i] {
			w.t.Errorf("told %v, want %v", told, events)
		}
	}
}

func ended(t *testing.T, err error) {
	t.Helper()
	if r, ok := errors.AsType[*kecis.Refusal](err); !ok || r.Code != kecis.ErrRequestReversed {
		t.Errorf("a completion after the end: %v", err)
	}
}

func TestCompletePayment(t *testing.T) {
	t.Run("done", func(t *testing.T) {
		w := newWaiting(t, kecis.CaptureAutomatic)
		for range 2 {
			if err := w.complete("30012345"); err != nil {
				t.Fatal(err)
			}
		}
		ended(t, w.complete("30099999"))
		ended(t, w.decline(kecis.ErrDeclinedIssuer))
		w.clock.Advance(2 * time.Hour)
		w.ends(kecis.StateCaptured, kecis.Approved, kecis.EventPaid)
	})
	t.Run("held", func(t *testing.T) {
		w := newWaiting(t, kecis.CaptureManual)
		if err := w.complete("30012345"); err != nil {
			t.Fatal(err)
		}
		w.ends(kecis.StateAuthorised, kecis.Approved, kecis.EventAuthorised)
	})
	t.Run("declined", func(t *testing.T) {
		w := newWaiting(t, kecis.CaptureAutomatic)
		for range 2 {
			if err := w.decline(kecis.ErrDeclinedLimit); err != nil {
				t.Fatal(err)
			}
		}
		ended(t, w.complete("30012345"))
		w.ends(kecis.StateDeclined, kecis.ErrDeclinedLimit, kecis.EventDeclined)
	})
	t.Run("not what was asked for", func(t *testing.T) {
		w := newWaiting(t, kecis.CaptureAutomatic)
		err := w.books.Update(t.Context(), func(tx journal.Tx) error {
			return w.server.CompletePayment(t.Context(), tx, w.deposit.id, &kecis.Approval{Amount: kecis.Won(1)})
		})
		if err == nil {
			t.Error("completed by another amount")
		}
		if err := w.decline(kecis.ErrPending); err == nil {
			t.Error("declined by a code that is not not-done")
		}
		w.ends(kecis.StatePending, kecis.ErrPending)
	})
	t.Run("unknown", func(t *testing.T) {
		w := newWaiting(t, kecis.CaptureAutomatic)
		w.deposit.id = "T0000000000000000000000000000000000000000"
		if err := w.complete("30012345"); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("completed: %v", err)
		}
	})
}

// TestCompletionAfterReversal: a reversal ends a pending payment, and what the buyer
// completes afterwards is refused; so it is while the reversal is on its way.
func TestCompletionAfterReversal(t *testing.T) {
	w := newWaiting(t, kecis.CaptureAutomatic)
	called := false
	w.deposit.undoing = func() error {
		called = true
		ended(t, w.complete("30012345"))
		return nil
	}
	end, err := w.client.Reverse(t.Context(), w.order.ID, kecis.ReasonAbandoned)
	if err != nil || end.Outcome != kecis.NotDone || !called {
		t.Fatalf("reversed: %+v, %v", end, err)
	}
	ended(t, w.complete("30012345"))
	ended(t, w.decline(kecis.ErrDeclinedIssuer))
	w.ends(kecis.StateReversed, kecis.ErrRequestReversed, kecis.EventResolving, kecis.EventReversed)
}

// TestReversalAfterCompletion: what was completed is undone like any payment.
func TestReversalAfterCompletion(t *testing.T) {
	w := newWaiting(t, kecis.CaptureAutomatic)
	if err := w.complete("30012345"); err != nil {
		t.Fatal(err)
	}
	if end, err := w.client.Reverse(t.Context(), w.order.ID, kecis.ReasonAbandoned); err != nil || end.Outcome != kecis.NotDone {
		t.Fatalf("reversed: %+v, %v", end, err)
	}
	ended(t, w.complete("30012345"))
	w.ends(kecis.StateReversed, kecis.ErrRequestReversed, kecis.EventPaid, kecis.EventResolving, kecis.EventReversed)
}

// TestCompletionAfterExpiry: the time of a payment ends it, also where the service is
// still being asked to undo it, or has a clock that is behind.
func TestCompletionAfterExpiry(t *testing.T) {
	w := newWaiting(t, kecis.CaptureAutomatic)
	w.clock.Advance(time.Hour)
	ended(t, w.complete("30012345"))
	fails := 1
	w.deposit.undoing = func() error {
		w.clock.Advance(-2 * time.Hour)
		ended(t, w.complete("30012345"))
		w.clock.Advance(2 * time.Hour)
		if fails--; fails >= 0 {
			return errNoSuchKey
		}
		return nil
	}
	w.work(t)
	w.clock.Advance(time.Hour)
	w.ends(kecis.StateExpired, kecis.ErrRequestReversed, kecis.EventExpired)
	ended(t, w.complete("30012345"))
}

// TestCompletionCrash: a service that dies before its commit has completed nothing, and
// one that dies behind it has; it calls again either way.
func TestCompletionCrash(t *testing.T) {
	died := errors.New("died")
	for name, hook := range map[string]func(*waiting, func() error){
		"before": func(w *waiting, f func() error) { w.books.BeforeCommit = f },
		"after":  func(w *waiting, f func() error) { w.books.AfterCommit = f },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWaiting(t, kecis.CaptureAutomatic)
			hook(w, func() error { return died })
			if err := w.complete("30012345"); !errors.Is(err, died) {
				t.Fatal(err)
			}
			hook(w, nil)
			if err := w.complete("30012345"); err != nil {
				t.Fatal(err)
			}
			w.ends(kecis.StateCaptured, kecis.Approved, kecis.EventPaid)
		})
	}
}
