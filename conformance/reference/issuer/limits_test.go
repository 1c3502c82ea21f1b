package issuer_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
)

func TestLimits(t *testing.T) { onEachStore(t, limits) }

func limits(t *testing.T, w *world) {
	t.Helper()
	// 14:03 of 31 December in Seoul
	w.refused(kecis.ErrDeclinedLimit, "card-limits", 50_001)
	a, _ := w.pay("card-limits", 50_000)
	b, _ := w.pay("card-limits", 20_000)
	w.refused(kecis.ErrDeclinedLimit, "card-limits", 100) // 70,000 a day
	if err := w.cancel(w.about(a), 10_000); err != nil {
		t.Fatal(err)
	}
	c, _ := w.pay("card-limits", 10_000)
	w.refused(kecis.ErrDeclinedLimit, "card-limits", 100)

	// Midnight in Seoul, 15:00 UTC, begins both a day and a month. Of the credit
	// of 100,000 there are 30,000 left.
	w.clock.forward(9*time.Hour + 57*time.Minute - time.Millisecond)
	w.refused(kecis.ErrDeclinedLimit, "card-limits", 100)
	w.clock.forward(time.Millisecond)
	w.pay("card-limits", 30_000)
	w.refused(kecis.ErrDeclinedLimit, "card-limits", 100)

	// What is given back of yesterday's and last month's gives these limits nothing.
	if err := errors.Join(w.cancel(w.about(a), 40_000), w.cancel(w.about(b), 20_000), w.cancel(w.about(c), 10_000)); err != nil {
		t.Fatal(err)
	}
	w.pay("card-limits", 40_000)
	w.refused(kecis.ErrDeclinedLimit, "card-limits", 100) // 70,000 a day again
	w.clock.forward(24 * time.Hour)
	w.refused(kecis.ErrDeclinedLimit, "card-limits", 20_001) // 90,000 a month
	w.audited()
}

func TestNegativeList(t *testing.T) { onEachStore(t, negativeList) }

func negativeList(t *testing.T, w *world) {
	t.Helper()
	card := testInstrument(t, "card-approve")
	number := ecml.NewCardNumber(card.Number)
	_, approval := w.pay("card-approve", 1000)
	if known, err := w.issuer.Block(t.Context(), kecis.Card, number, kecis.ErrLostStolen); !known || err != nil {
		t.Fatalf("%v, %v", known, err)
	}
	w.refused(kecis.ErrLostStolen, "card-approve", 1000)
	w.refused(kecis.ErrLostStolen, "card-approve", 1000, withRef(approval.InstrumentRef))
	list, err := w.issuer.NegativeList(t.Context(), "", 10)
	if err != nil || len(list) != 2 || list[0].Code != kecis.ErrLostStolen {
		t.Errorf("list: %+v, %v", list, err)
	}
	if _, err := w.issuer.Block(t.Context(), kecis.Card, number, ""); err != nil {
		t.Fatal(err)
	}
	w.pay("card-approve", 1000)
	if known, err := w.issuer.Block(t.Context(), kecis.Card, ecml.NewCardNumber("4000001200000131"), kecis.ErrLostStolen); known || err != nil {
		t.Errorf("a card that was never issued: %v, %v", known, err)
	}
	if _, err := w.issuer.Block(t.Context(), kecis.Card, number, kecis.Approved); err == nil {
		t.Error("approved is no reason to decline")
	}
}

// TestPaymentsAtOnce: of twenty payments at once that are each within the
// limits, only as many are approved as all limits together allow.
func TestPaymentsAtOnce(t *testing.T) { onEachStore(t, paymentsAtOnce) }

func paymentsAtOnce(t *testing.T, w *world) {
	t.Helper()
	const each, day = 10_000, 70_000
	requests := make([]*kecis.PaymentRequest, 20)
	for i := range requests {
		requests[i] = w.payment("card-limits", each)
	}
	var approved int64
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, p := range requests {
		all.Go(func() {
			_, err := w.plan(w.attempt(), p)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				approved += each
				return
			}
			wantRefusal(t, err, kecis.ErrDeclinedLimit)
		})
	}
	all.Wait()
	if approved != day {
		t.Errorf("approved %d, the limit of a day is %d", approved, day)
	}
	w.audited()
}

// TestOperationsAtOnce lets captures, cancellations, reversals and expiries of
// the same payments race, with conflicts, and audits the books after each round.
func TestOperationsAtOnce(t *testing.T) { onEachStore(t, operationsAtOnce) }

func operationsAtOnce(t *testing.T, w *world) {
	t.Helper()
	var conflict sync.Mutex
	chance := rand.New(rand.NewPCG(1, 2))
	if w.memory != nil {
		w.memory.Conflict = func() bool {
			conflict.Lock()
			defer conflict.Unlock()
			return chance.IntN(4) == 0
		}
	}
	for range 10 {
		a, _ := w.pay("card-approve", 50_000)
		b, _ := w.pay("e-money-approve", 10_000, automatic)
		captured := w.about(a)
		ignoring := func(err error) {
			if err != nil && !errors.As(err, new(*kecis.Refusal)) {
				t.Error(err)
			}
		}
		actions := []func(){
			func() { ignoring(w.capture(captured, 30_000, false)) },
			func() { ignoring(w.capture(w.about(a), 20_000, true)) },
			func() { ignoring(w.issuer.ReverseCapture(context.Background(), captured.Key)) },
			func() { ignoring(w.cancel(w.about(a), 20_000)) },
			func() { ignoring(w.issuer.Reverse(context.Background(), a.Key)) },
			func() { ignoring(w.cancel(w.about(b), 7_000)) },
			func() { ignoring(w.cancel(w.about(b), 7_000)) },
			func() { ignoring(w.issuer.Reverse(context.Background(), b.Key)) },
			func() { w.clock.forward(issuer.DefaultHoldTime / 2) },
			func() {
				_, err := w.issuer.RunOnce(context.Background())
				ignoring(err)
			},
		}
		var all sync.WaitGroup
		for _, act := range actions {
			all.Go(act)
		}
		all.Wait()
		for worked := true; worked; {
			var err error
			if worked, err = w.issuer.RunOnce(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		w.audited()
	}
}

// TestClockBehind: a server whose clock is behind gives nobody a fresh limit.
func TestClockBehind(t *testing.T) {
	w := newWorld(t)
	w.clock.forward(24 * time.Hour)
	w.pay("card-limits", 50_000)
	w.clock.forward(-24 * time.Hour)
	w.refused(kecis.ErrDeclinedLimit, "card-limits", 20_001)
	w.pay("card-limits", 20_000)
	w.audited()
}

// TestLastDayOfACard: a card is good until its month ends in Seoul.
func TestLastDayOfACard(t *testing.T) {
	w := newWorld(t)
	card := testInstrument(t, "card-approve")
	e := card.Enrolment()
	e.ExpMonth, e.ExpYear = 12, 2026
	if err := w.issuer.Enrol(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	plain := card.Plain()
	plain.ExpMonth, plain.ExpYear = 12, 2026
	pay := func() error {
		p := w.payment("card-approve", 1000)
		w.encrypt(p, payload(plain))
		_, err := w.plan(w.attempt(), p)
		return err
	}
	w.clock.forward(9*time.Hour + 57*time.Minute - time.Millisecond)
	if err := pay(); err != nil {
		t.Error(err)
	}
	w.clock.forward(time.Millisecond)
	wantRefusal(t, pay(), kecis.ErrExpiredCard)
}
