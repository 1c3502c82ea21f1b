package issuer_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
)

func TestFinalCaptureReleasesTheRest(t *testing.T) { onEachStore(t, finalCaptureReleasesTheRest) }

func finalCaptureReleasesTheRest(t *testing.T, w *world) {
	t.Helper()
	a, _ := w.pay("card-limits", 50_000)
	w.refused(kecis.ErrDeclinedLimit, "card-limits", 20_001)
	c := w.about(a)
	if err := w.capture(c, 30_000, true); err != nil {
		t.Fatal(err)
	}
	if p := w.book(a); p.Held != 0 || p.Captured != 30_000 || p.Released != 20_000 {
		t.Errorf("books: %+v", p)
	}
	w.pay("card-limits", 40_000) // of 70,000 a day, 30,000 are used
	if err := w.capture(c, 30_000, true); err != nil {
		t.Errorf("the same capture again: %v", err)
	}
	wantRefusal(t, w.capture(w.about(a), 1, true), kecis.ErrAlreadyCaptured)
	w.audited()
}

func TestSeveralCaptures(t *testing.T) { onEachStore(t, severalCaptures) }

func severalCaptures(t *testing.T, w *world) {
	t.Helper()
	a, _ := w.pay("card-approve", 50_000)
	wantRefusal(t, w.capture(w.about(a), 50_001, true), kecis.ErrExceedsHold)
	for _, amount := range []int64{10_000, 15_000} {
		if err := w.capture(w.about(a), amount, false); err != nil {
			t.Fatal(err)
		}
	}
	wantRefusal(t, w.capture(w.about(a), 25_001, false), kecis.ErrExceedsHold)
	if err := w.capture(w.about(a), 20_000, true); err != nil {
		t.Fatal(err)
	}
	if p := w.book(a); p.Captured != 45_000 || p.Released != 5_000 {
		t.Errorf("books: %+v", p)
	}
	w.audited()
}

func TestHoldExpires(t *testing.T) { onEachStore(t, holdExpires) }

func holdExpires(t *testing.T, w *world) {
	t.Helper()
	a, approval := w.pay("card-limits", 50_000)
	b, _ := w.pay("card-approve", 50_000)
	if err := w.capture(w.about(b), 10_000, false); err != nil {
		t.Fatal(err)
	}
	w.clock.forward(approval.HoldExpires.Sub(w.clock.Now()) - time.Millisecond)
	if worked, err := w.issuer.RunOnce(t.Context()); worked || err != nil {
		t.Fatalf("before its end: %v, %v", worked, err)
	}
	w.clock.forward(time.Millisecond)
	wantRefusal(t, w.capture(w.about(a), 1, true), kecis.ErrHoldExpired)
	wantRefusal(t, w.cancel(w.about(a), 50_000), kecis.ErrHoldExpired)
	if findings, err := w.issuer.Audit(t.Context()); err != nil || len(findings) != 2 {
		t.Errorf("two holds past their limit give the findings %q, %v", findings, err)
	}
	if worked, err := w.issuer.RunOnce(t.Context()); !worked || err != nil {
		t.Fatalf("at its end: %v, %v", worked, err)
	}
	if worked, err := w.issuer.RunOnce(t.Context()); worked || err != nil {
		t.Fatalf("again: %v, %v", worked, err)
	}
	if p := w.book(a); p.State != issuer.Expired || p.Held != 0 {
		t.Errorf("books: %+v", p)
	}
	if p := w.book(b); p.State != issuer.Approved || p.Captured != 10_000 || p.Held != 0 {
		t.Errorf("books: %+v", p)
	}
	w.audited()
}

func TestVoid(t *testing.T) { onEachStore(t, void) }

func void(t *testing.T, w *world) {
	t.Helper()
	a, _ := w.pay("card-approve", 50_000)
	c := w.about(a)
	for range 2 { // the second is a repeat
		if err := w.cancel(c, 20_000); err != nil {
			t.Fatal(err)
		}
	}
	wantRefusal(t, w.cancel(w.about(a), 30_001), kecis.ErrExceedsBalance)
	wantRefusal(t, w.capture(w.about(a), 30_001, true), kecis.ErrExceedsHold)
	if err := w.cancel(w.about(a), 30_000); err != nil {
		t.Fatal(err)
	}
	if p := w.book(a); p.State != issuer.Cancelled || p.Voided != 50_000 {
		t.Errorf("books: %+v", p)
	}
	wantRefusal(t, w.cancel(w.about(a), 1), kecis.ErrAlreadyCancelled)
	wantRefusal(t, w.capture(w.about(a), 1, true), kecis.ErrNotCapturable)
	w.audited()
}

func TestRefund(t *testing.T) { onEachStore(t, refund) }

func refund(t *testing.T, w *world) {
	t.Helper()
	a, _ := w.pay("e-money-approve", 50_000, automatic)
	w.refused(kecis.ErrDeclinedLimit, "e-money-approve", 1, automatic)
	c := w.about(a)
	for range 2 {
		if err := w.cancel(c, 20_000); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.issuer.LookupCancel(t.Context(), c.Key); err != nil {
		t.Errorf("lookup: %v", err)
	}
	w.refused(kecis.ErrDeclinedLimit, "e-money-approve", 20_001, automatic)
	w.pay("e-money-approve", 20_000, automatic)
	refused := w.about(a)
	wantRefusal(t, w.cancel(refused, 30_001), kecis.ErrExceedsBalance)
	_, err := w.issuer.LookupCancel(t.Context(), refused.Key)
	wantRefusal(t, err, kecis.ErrExceedsBalance)

	w.clock.forward(365*24*time.Hour - time.Millisecond)
	if err := w.cancel(w.about(a), 10_000); err != nil {
		t.Fatal(err)
	}
	w.clock.forward(time.Millisecond)
	wantRefusal(t, w.cancel(w.about(a), 20_000), kecis.ErrCancelPeriodOver)
	w.audited()
}

func TestOperationsOnWhatIsNotThere(t *testing.T) {
	w := newWorld(t)
	a, _ := w.pay("card-approve", 50_000)
	stranger := w.about(a)
	stranger.Sender = otherPG
	wantRefusal(t, w.cancel(stranger, 50_000), kecis.ErrOriginalNotFound)
	nothing := w.attempt()
	nothing.PaymentKey = w.key()
	wantRefusal(t, w.capture(nothing, 1, true), kecis.ErrOriginalNotFound)
	if _, err := w.issuer.LookupCapture(t.Context(), w.key()); err == nil || errors.As(err, new(*kecis.Refusal)) {
		t.Errorf("lookup of an unknown key: %v", err)
	}
	w.audited()
}

func TestReverse(t *testing.T) { onEachStore(t, reverse) }

func reverse(t *testing.T, w *world) {
	t.Helper()
	prepare := map[string]func() kecis.Attempt{
		"held": func() kecis.Attempt {
			a, _ := w.pay("card-approve", 50_000)
			return a
		},
		"captured at once": func() kecis.Attempt {
			a, _ := w.pay("e-money-approve", 50_000, automatic)
			return a
		},
		"captured in part, refunded in part": func() kecis.Attempt {
			a, _ := w.pay("card-approve", 50_000)
			if err := errors.Join(w.capture(w.about(a), 20_000, false), w.cancel(w.about(a), 5_000)); err != nil {
				t.Fatal(err)
			}
			return a
		},
		"expired": func() kecis.Attempt {
			a, approval := w.pay("card-approve", 50_000)
			w.clock.forward(approval.HoldExpires.Sub(w.clock.Now()))
			if worked, err := w.issuer.RunOnce(t.Context()); !worked || err != nil {
				t.Fatal(worked, err)
			}
			return a
		},
		"cancelled": func() kecis.Attempt {
			a, _ := w.pay("card-approve", 50_000)
			if err := w.cancel(w.about(a), 50_000); err != nil {
				t.Fatal(err)
			}
			return a
		},
	}
	for name, before := range prepare {
		t.Run(name, func(t *testing.T) {
			a := before()
			for range 2 {
				if err := w.issuer.Reverse(t.Context(), a.Key); err != nil {
					t.Fatal(err)
				}
			}
			if p := w.book(a); p.State != issuer.Reversed || p.Held != 0 || p.Captured != p.Refunded {
				t.Errorf("books: %+v", p)
			}
			_, err := w.issuer.Lookup(t.Context(), a.Key)
			wantRefusal(t, err, kecis.ErrRequestReversed)
			wantRefusal(t, w.capture(w.about(a), 1, true), kecis.ErrNotCapturable)
			wantRefusal(t, w.cancel(w.about(a), 1), kecis.ErrOriginalNotFound)
			w.audited()
		})
	}
	w.pay("e-money-approve", 50_000, automatic) // all of it is there again
}

func TestReversalBeforeItsPayment(t *testing.T) { onEachStore(t, reversalBeforeItsPayment) }

func reversalBeforeItsPayment(t *testing.T, w *world) {
	t.Helper()
	a := w.attempt()
	if err := w.issuer.Reverse(t.Context(), a.Key); err != nil {
		t.Fatal(err)
	}
	_, err := w.plan(a, w.payment("card-approve", 1000))
	wantRefusal(t, err, kecis.ErrRequestReversed)
	_, err = w.issuer.Pay(t.Context(), a, w.payment("card-approve", 1000))
	wantRefusal(t, err, kecis.ErrRequestReversed)

	declined := w.attempt()
	if _, err := w.plan(declined, w.payment("card-declined", 1000)); err == nil {
		t.Fatal("approved")
	}
	if err := w.issuer.Reverse(t.Context(), declined.Key); err != nil {
		t.Fatal(err)
	}
	_, err = w.issuer.Lookup(t.Context(), declined.Key)
	wantRefusal(t, err, kecis.ErrDeclinedIssuer)
	w.audited()
}

func TestReverseCapture(t *testing.T) { onEachStore(t, reverseCapture) }

func reverseCapture(t *testing.T, w *world) {
	t.Helper()
	a, _ := w.pay("card-limits", 50_000)
	c := w.about(a)
	if err := w.capture(c, 30_000, true); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.issuer.ReverseCapture(t.Context(), c.Key); err != nil {
			t.Fatal(err)
		}
	}
	if p := w.book(a); p.Held != 50_000 || p.Captured != 0 || p.Released != 0 {
		t.Errorf("books: %+v", p)
	}
	_, err := w.issuer.LookupCapture(t.Context(), c.Key)
	wantRefusal(t, err, kecis.ErrRequestReversed)
	w.audited()

	// What was left over has been used by another payment in between: it is held
	// again all the same.
	c = w.about(a)
	if err := w.capture(c, 30_000, true); err != nil {
		t.Fatal(err)
	}
	w.pay("card-limits", 30_000)
	if err := w.issuer.ReverseCapture(t.Context(), c.Key); err != nil {
		t.Fatal(err)
	}
	if p := w.book(a); p.Held != 50_000 || p.Captured != 0 || p.Released != 0 {
		t.Errorf("books: %+v", p)
	}
	w.refused(kecis.ErrDeclinedLimit, "card-limits", 100)
	w.audited()

	// The hold's time is over.
	c = w.about(a)
	if err := w.capture(c, 30_000, true); err != nil {
		t.Fatal(err)
	}
	w.clock.forward(issuer.DefaultHoldTime)
	for worked := true; worked; {
		if worked, err = w.issuer.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.issuer.ReverseCapture(t.Context(), c.Key); err != nil {
		t.Fatal(err)
	}
	if p := w.book(a); p.Held != 0 || p.Captured != 0 || p.State != issuer.Expired {
		t.Errorf("books: %+v", p)
	}
	w.audited()

	// Before it came.
	b, _ := w.pay("card-approve", 1000)
	c = w.about(b)
	if err := w.issuer.ReverseCapture(t.Context(), c.Key); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, w.capture(c, 1000, true), kecis.ErrRequestReversed)
	w.audited()
}

// TestWithoutPlanner does the same through the plain services.
func TestWithoutPlanner(t *testing.T) { onEachStore(t, withoutPlanner) }

func withoutPlanner(t *testing.T, w *world) {
	t.Helper()
	a := w.attempt()
	if _, err := w.issuer.Pay(t.Context(), a, w.payment("card-approve", 50_000)); err != nil {
		t.Fatal(err)
	}
	_, err := w.issuer.Capture(t.Context(), w.about(a), &kecis.CaptureRequest{Amount: kecis.Won(50_001), Final: true})
	wantRefusal(t, err, kecis.ErrExceedsHold)
	if _, err := w.issuer.Capture(t.Context(), w.about(a), &kecis.CaptureRequest{Amount: kecis.Won(40_000), Final: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.issuer.Cancel(t.Context(), w.about(a), &kecis.CancellationRequest{Amount: kecis.Won(40_000)}); err != nil {
		t.Fatal(err)
	}
	if p := w.book(a); p.State != issuer.Cancelled || p.Refunded != 40_000 {
		t.Errorf("books: %+v", p)
	}
	w.audited()
}

// TestCommitThatFails: what is not committed has not happened, and what is
// uncertain has happened at most once.
func TestCommitThatFails(t *testing.T) {
	w := newWorld(t)
	crash := errors.New("crash")
	fail := true
	w.memory.BeforeCommit = func() error {
		if fail {
			return crash
		}
		return nil
	}
	a, p := w.attempt(), w.payment("card-approve", 50_000)
	if _, err := w.issuer.Pay(t.Context(), a, p); !errors.Is(err, crash) {
		t.Fatalf("error %v", err)
	}
	fail = false
	if _, err := w.issuer.Lookup(t.Context(), a.Key); err == nil || errors.As(err, new(*kecis.Refusal)) {
		t.Errorf("lookup after the crash: %v", err)
	}
	again := 0
	w.memory.Conflict = func() bool { again++; return again < 3 }
	if _, err := w.issuer.Pay(context.Background(), a, p); err != nil {
		t.Fatal(err)
	}
	if p := w.book(a); p.Held != 50_000 {
		t.Errorf("books: %+v", p)
	}
	w.audited()
}
