package pg_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

func TestPay(t *testing.T) {
	for _, instrument := range []string{"card-approve", "card-approve-2", "account-approve", "e-money-approve"} {
		w := newWorld(t)
		p := w.order("ORD-0001", instrument)
		tx := w.pay(p)
		if tx.State != kecis.StateCaptured || tx.Captured != 50_000 || tx.ApprovalCode == "" || tx.InstrumentRef == "" {
			t.Errorf("%s: the answer states %+v", instrument, tx)
		}
		owed, err := w.pg.pg.Owed(t.Context(), shopID, kecis.KRW)
		if err != nil || owed != 48_625 { // 50,000 less 2.75 %
			t.Errorf("%s: %d is owed to the shop, %v", instrument, owed, err)
		}
		w.rest()
		w.agreed()
	}
}

func TestCaptureAndCancel(t *testing.T) {
	w := newWorld(t)
	p := w.order("ORD-0001", "card-approve", manual)
	if tx := w.pay(p); tx.State != kecis.StateAuthorised {
		t.Fatalf("authorised: %+v", tx)
	}
	if owed, _ := w.pg.pg.Owed(t.Context(), shopID, kecis.KRW); owed != 0 {
		t.Errorf("%d is owed for a hold", owed)
	}
	if answer, err := w.cancel(p, 5_000, 50_000); err != nil || answer.Cancelled.Kind != kecis.Void {
		t.Fatalf("voided: %+v, %v", answer, err)
	}
	if _, err := w.capture(p, 20_000, false); err != nil {
		t.Fatal(err)
	}
	if answer, err := w.capture(p, 10_000, true); err != nil || answer.Transaction.Cancellable != 30_000 {
		t.Fatalf("captured: %+v, %v", answer, err)
	}
	if answer, err := w.cancel(p, 12_345, 30_000); err != nil || answer.Cancelled.Kind != kecis.Refund || answer.Transaction.Cancellable != 17_655 {
		t.Fatalf("refunded: %+v, %v", answer, err)
	}
	_, err := w.cancel(p, 10_000, 30_000)
	refused(t, err, kecis.NotDone, kecis.ErrBalanceMismatch)
	fees, err := w.pg.pg.Fees(t.Context(), kecis.KRW)
	if err != nil || fees != 486 { // 2.75 % of 17,655 is 485.5125
		t.Errorf("fees %d, %v", fees, err)
	}
	w.rest()
	w.agreed()
}

// TestHoldExpires: the PG gives up a hold before the issuer does, and captures
// nothing after that.
func TestHoldExpires(t *testing.T) {
	w := newWorld(t)
	w.longLived()
	p := w.order("ORD-0001", "card-approve", manual)
	w.pay(p)
	w.clock.Advance(7*24*time.Hour - 5*time.Minute - time.Second)
	if _, err := w.capture(p, 20_000, false); err != nil {
		t.Errorf("a capture in the last second: %v", err)
	}
	w.clock.Advance(2 * time.Second)
	_, err := w.capture(p, 10_000, false)
	refused(t, err, kecis.NotDone, kecis.ErrHoldExpired)
	w.rest()
	w.agreed()
}

func TestDeclinePassedOn(t *testing.T) {
	for instrument, code := range map[string]kecis.Code{
		"card-declined": kecis.ErrDeclinedIssuer, "card-limit": kecis.ErrDeclinedLimit, "card-expired": kecis.ErrExpiredCard,
		"card-stolen": kecis.ErrLostStolen, "card-unknown": kecis.ErrInvalidCard, "card-authentication": kecis.ErrAuthenticationRequired,
	} {
		t.Run(instrument, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.shop.Pay(t.Context(), w.order("ORD-0001", instrument))
			f := refused(t, err, kecis.NotDone, code)
			if f.Upstream.System != "kecis" || f.Upstream.Code != string(code) {
				t.Errorf("upstream %+v", f.Upstream)
			}
			again := w.order("ORD-0001", "card-approve", attempt(2))
			w.pay(again)
			w.rest()
			w.agreed()
		})
	}
}

// TestInstrumentRef: a reference pays again for the shop that was given it, and
// for no other.
func TestInstrumentRef(t *testing.T) {
	w := newWorld(t)
	first := w.order("ORD-0001", "card-approve")
	tx := w.pay(first)
	byRef := func(p *kecis.PaymentRequest) {
		p.Instrument = first.Instrument
		p.Instrument.Encrypted, p.Instrument.Ref = nil, tx.InstrumentRef
	}
	if tx := w.pay(w.order("ORD-0002", "", byRef)); tx.State != kecis.StateCaptured {
		t.Errorf("by reference: %+v", tx)
	}
	other := w.client(otherID, kecistest.NewJournal())
	_, err := other.Pay(t.Context(), w.orderAt(other, pgID, "ORD-0003", "", byRef))
	refused(t, err, kecis.NotDone, kecis.ErrInvalidCard)
	w.rest()
	w.agreed()
}

// TestLost: the issuer cannot be reached, or its answers get lost. Nobody is told
// a failure, and in the end nothing is left at either.
func TestLost(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault kecistest.Fault
	}{{"unreachable", kecistest.RequestLost}, {"answers lost", kecistest.AnswerLost}} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.lose(issuerID, test.fault)
			p := w.order("ORD-0001", "card-approve")
			_, err := w.shop.Pay(t.Context(), p)
			refused(t, err, kecis.Unknown, kecis.ErrTimeout)
			if found := w.inquire(w.shop, pgID, p.ID); found.Transaction.State != kecis.StateResolving {
				t.Errorf("the PG states %v", found.Transaction.State)
			}
			_, err = w.shop.Pay(t.Context(), w.order("ORD-0001", "card-approve", attempt(2)))
			refused(t, err, kecis.NotDone, kecis.ErrAttemptLive)
			w.network.Fault(nil)
			w.rest()
			end, err := w.shop.Settle(t.Context(), p.ID)
			if err != nil || end.Outcome != kecis.NotDone || end.Transaction.State != kecis.StateReversed {
				t.Errorf("settled: %+v, %v", end, err)
			}
			w.agreed()
			w.pay(w.order("ORD-0001", "card-approve", attempt(3)))
			w.rest()
			w.agreed()
		})
	}
}

// TestSlow: an answer of the issuer that comes late is found by sending again,
// and one that is too late is reversed.
func TestSlow(t *testing.T) {
	w := newWorld(t)
	if tx := w.pay(w.order("ORD-0001", "card-slow")); tx.State != kecis.StateCaptured {
		t.Errorf("slow: %+v", tx)
	}
	p := w.order("ORD-0002", "card-too-slow")
	_, err := w.shop.Pay(t.Context(), p)
	refused(t, err, kecis.Unknown, kecis.ErrTimeout)
	w.rest()
	if found := w.inquire(w.shop, pgID, p.ID); found.Result.Outcome != kecis.NotDone || found.Transaction.State != kecis.StateReversed {
		t.Errorf("the PG states %+v", found)
	}
	w.agreed()
}

// TestReverse: the shop takes back a payment, and the books of all follow.
func TestReverse(t *testing.T) {
	w := newWorld(t)
	p := w.order("ORD-0001", "card-approve")
	w.pay(p)
	end, err := w.shop.Reverse(t.Context(), p.ID, kecis.ReasonFailure)
	if err != nil || end.Code != kecis.Reversed {
		t.Fatalf("reversed: %+v, %v", end, err)
	}
	if owed, err := w.pg.pg.Owed(t.Context(), shopID, kecis.KRW); err != nil || owed != 0 {
		t.Errorf("%d is still owed, %v", owed, err)
	}
	w.rest()
	want := []kecis.State{kecis.StateCaptured, kecis.StateResolving, kecis.StateReversed}
	if told := w.told[p.ID]; !slices.Equal(told, want) {
		t.Errorf("the shop was told %v, want %v", told, want)
	}
	w.agreed()
}

// TestCaptureLost: a capture of unknown outcome is undone at both.
func TestCaptureLost(t *testing.T) {
	w := newWorld(t)
	p := w.order("ORD-0001", "card-approve", manual)
	w.pay(p)
	w.lose(issuerID, kecistest.AnswerLost)
	_, err := w.capture(p, 50_000, true)
	refused(t, err, kecis.Unknown, kecis.ErrTimeout)
	w.network.Fault(nil)
	w.rest()
	found := w.inquire(w.shop, pgID, p.ID)
	if found.Transaction.State != kecis.StateAuthorised || found.Transaction.Captured != 0 {
		t.Errorf("after a capture of unknown outcome: %+v", found.Transaction)
	}
	w.agreed()
}

// TestCancelLost: a cancellation of unknown outcome is brought to its end.
func TestCancelLost(t *testing.T) {
	w := newWorld(t)
	p := w.order("ORD-0001", "card-approve")
	w.pay(p)
	w.lose(issuerID, kecistest.AnswerLost)
	_, err := w.cancel(p, 20_000, 50_000)
	refused(t, err, kecis.Unknown, kecis.ErrTimeout)
	w.network.Fault(nil)
	w.rest()
	found := w.inquire(w.shop, pgID, p.ID)
	if found.Transaction.Cancelled != 20_000 || found.Transaction.Cancellable != 30_000 {
		t.Errorf("after a cancellation of unknown outcome: %+v", found.Transaction)
	}
	w.agreed()
}

// TestFailOver: a shop turns to another PG while the outcome at the first is not
// known. The issuer lets only one of them have the order (I8).
func TestFailOver(t *testing.T) {
	w := newWorld(t)
	w.lose(issuerID, kecistest.AnswerLost)
	first := w.order("ORD-0001", "card-approve")
	_, err := w.shop.Pay(t.Context(), first)
	refused(t, err, kecis.Unknown, kecis.ErrTimeout)
	w.network.Fault(nil)
	second := w.orderAt(w.shop, secondID, "ORD-0001", "card-approve", attempt(2))
	_, err = w.shop.Pay(t.Context(), second)
	f := refused(t, err, kecis.NotDone, kecis.ErrDuplicate)
	if f.Upstream.Code != string(kecis.ErrDuplicate) {
		t.Errorf("upstream %+v", f.Upstream)
	}
	w.rest()
	w.agreed()
	third := w.orderAt(w.shop, secondID, "ORD-0001", "card-approve", attempt(3))
	w.pay(third)
	w.rest()
	w.agreed()
}

// TestConcurrent: many orders at once, each asked for three times at both PGs.
func TestConcurrent(t *testing.T) {
	w := newWorld(t)
	const orders, attempts = 8, 3
	paid := make([][2 * attempts]bool, orders)
	var all sync.WaitGroup
	for i := range orders {
		for n := range 2 * attempts {
			provider := pgID
			if n%2 == 1 {
				provider = secondID
			}
			p := w.orderAt(w.shop, provider, fmt.Sprintf("ORD-%04d", i), "card-approve", attempt(n+1))
			all.Go(func() {
				_, err := w.shop.Pay(t.Context(), p)
				paid[i][n] = err == nil
			})
		}
	}
	all.Wait()
	w.rest()
	for i := range paid {
		n := 0
		for _, ok := range paid[i] {
			if ok {
				n++
			}
		}
		if n > 1 {
			t.Errorf("order %d was paid %d times", i, n)
		}
	}
	w.agreed()
}

// failing is a journal of which one commit fails.
type failing struct {
	journal.Journal
	mu   sync.Mutex
	left int // commits until then; negative for never
}

var errDisk = errors.New("no space left on device")

func (f *failing) Update(ctx context.Context, change func(journal.Tx) error) error {
	f.mu.Lock()
	f.left--
	fails := f.left == 0
	f.mu.Unlock()
	if fails {
		return errDisk
	}
	return f.Journal.Update(ctx, change)
}

// TestSealLost: the issuer has approved, and the PG fails before it has written
// that down. Background work asks the issuer again, and the shop gets the answer.
func TestSealLost(t *testing.T) {
	w := newWorld(t)
	disk := &failing{Journal: w.pg.journal}
	w.pg = w.openOn(pgID, w.pg.journal, disk)
	sent := 0
	w.network.Handle(pgID, http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		if sent++; sent == 1 {
			disk.left = 2 // the claim, then the seal
		} else if _, err := w.pg.server.RunOnce(t.Context()); err != nil {
			t.Error(err)
		}
		w.pg.server.ServeHTTP(answer, r)
	}))
	p := w.order("ORD-0001", "card-approve")
	w.shop.Window = 5 * time.Minute
	if tx := w.pay(p); tx.State != kecis.StateCaptured || sent < 2 {
		t.Errorf("the answer after %d transmissions states %+v", sent, tx)
	}
	w.rest()
	w.agreed()
	answers := 0
	err := w.pg.journal.View(t.Context(), func(tx journal.Tx) error {
		rows, err := tx.ListEvidence(0, 100)
		for _, e := range rows {
			if e.Peer == issuerID && e.Kind == kecis.PaymentResponseKind.String() {
				answers++
			}
		}
		return err
	})
	if err != nil || answers != 1 {
		t.Errorf("%d answers of the issuer are in evidence, %v", answers, err)
	}
}

// TestSQLite: the PG's records keep their order and their keys in a real store.
func TestSQLite(t *testing.T) {
	w := newWorld(t)
	books, err := sqljournal.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "pg.db"), sqljournal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = books.Close() })
	w.pg = w.openOn(pgID, books, books)
	first := w.order("ORD-0001", "card-approve", manual)
	tx := w.pay(first)
	if _, err := w.capture(first, 20_000, true); err != nil {
		t.Fatal(err)
	}
	if _, err := w.cancel(first, 5_000, 20_000); err != nil {
		t.Fatal(err)
	}
	w.pay(w.order("ORD-0002", "", func(p *kecis.PaymentRequest) {
		p.Instrument = first.Instrument
		p.Instrument.Encrypted, p.Instrument.Ref = nil, tx.InstrumentRef
	}))
	list, err := w.pg.pg.Merchants(t.Context(), otherID, 10)
	if err != nil || len(list) != 2 || list[0].Entity != sellerID || list[1].Entity != shopID {
		t.Errorf("merchants %+v, %v", list, err)
	}
	w.rest()
	w.agreed()
}
