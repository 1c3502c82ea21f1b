package kecis_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

// TestReverseRefused: a refusal of a reversal is not-done of the reversal. It is
// never shown as if the payment were not done.
func TestReverseRefused(t *testing.T) {
	m := newMarketOf(t, func(c *kecis.ServerConfig) { c.Captures = stuck{} })
	busy := m.order("ORD-0001", kecis.CaptureManual)
	used := m.order("ORD-0002", kecis.CaptureAutomatic)
	for _, p := range []*kecis.PaymentRequest{busy, used} {
		if _, err := m.client.Pay(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	m.cancel(t, used, 1, 50_000)
	if _, err := m.client.Capture(t.Context(), m.capture(busy, 50_000, true)); err == nil {
		t.Fatal("captured")
	}
	for _, test := range []struct {
		payment *kecis.PaymentRequest
		code    kecis.Code
		end     kecis.Outcome
	}{
		{busy, kecis.ErrTransactionBusy, 0},
		{used, kecis.ErrTransactionUsed, kecis.Unknown},
	} {
		end, err := m.client.Reverse(t.Context(), test.payment.ID, kecis.ReasonAbandoned)
		f, ok := errors.AsType[*kecis.Fault](err)
		if !ok || f.Outcome != kecis.Unknown || f.Code != test.code || end.Outcome != test.end {
			t.Errorf("%s: %+v, %v", test.code, end, err)
		}
	}
	end, err := m.settle(t, used.ID) // what was done stands
	if err != nil || end.Outcome != kecis.Done || end.Transaction.State != kecis.StateCaptured {
		t.Errorf("settled: %+v, %v", end, err)
	}
}

// TestSettleOfOtherTerms: a provider approves another amount than asked for. The
// payment is not taken for done, by Pay, by Settle, or after a crash: it is
// reversed.
func TestSettleOfOtherTerms(t *testing.T) {
	for _, crashed := range []bool{false, true} {
		m := newMarket(t)
		m.network.Handle(pgID, cheaper(t, m))
		p := m.order("ORD-0001", kecis.CaptureAutomatic)
		answer, err := m.client.Pay(t.Context(), p)
		f, ok := errors.AsType[*kecis.Fault](err)
		if !ok || f.Outcome != kecis.Unknown || answer.Transaction.Amount != kecis.Won(49_000) {
			t.Fatalf("paid: %+v, %v", answer, err)
		}
		if crashed {
			m.clock.Advance(time.Hour)
			if worked, err := m.client.RunOnce(t.Context()); !worked || err != nil {
				t.Errorf("background work: %t, %v", worked, err)
			}
		} else if end, err := m.settle(t, p.ID); err != nil || end.Outcome != kecis.NotDone {
			t.Errorf("settled: %+v, %v", end, err)
		}
		if len(m.bank.undone) != 1 {
			t.Errorf("crashed %t: it was not reversed", crashed)
		}
	}
}

// cheaper is a PG that books and states 49,000 won where 50,000 are asked for:
// its answers are rewritten and signed again.
func cheaper(t *testing.T, m *market) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := httptest.NewRecorder()
		m.server.ServeHTTP(inner, r)
		body := inner.Body.String()
		if strings.Contains(body, `State="captured"`) {
			message := m.opened(t, []byte(body))
			var tx *kecis.Transaction
			switch a := message.(type) {
			case *kecis.PaymentResponse:
				tx = &a.Transaction
			case *kecis.InquiryResponse:
				tx = &a.Transaction
			}
			tx.Amount, tx.Captured, tx.Cancellable = kecis.Won(49_000), 49_000, 49_000
			body = string(signedBy(t, m.pg, message))
		}
		w.Header().Set("Content-Type", "application/xml")
		_, _ = w.Write([]byte(body))
	})
}

// TestReverseRefusedComesToRest: the answer of a payment was lost, the shop used
// it all the same, and its reversal is refused for ever. Background work finds
// that the payment stands, and has nothing left to do.
func TestReverseRefusedComesToRest(t *testing.T) {
	m := newMarket(t)
	m.network.Handle(pgID, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.server.ServeHTTP(httptest.NewRecorder(), r)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	if _, err := m.client.Pay(t.Context(), p); err == nil {
		t.Fatal("an answer arrived")
	}
	m.network.Handle(pgID, m.server)
	m.cancel(t, p, 1, 50_000)
	if _, err := m.client.Reverse(t.Context(), p.ID, kecis.ReasonNoAnswer); !errors.Is(err, kecis.ErrTransactionUsed) {
		t.Fatalf("reversed: %v", err)
	}
	for range 10 {
		m.clock.Advance(time.Hour)
		for worked := true; worked; {
			var err error
			if worked, err = m.client.RunOnce(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	err := m.client.Journal.View(t.Context(), func(tx journal.Tx) error {
		due, err := tx.DueSent(m.clock.Now().Add(24*time.Hour), 10)
		if len(due) > 0 {
			t.Errorf("still to be settled: %+v", due[0])
		}
		row, err2 := tx.Sent(pgID, string(p.ID))
		if err2 != nil || row.State != journal.Ended || row.Outcome != kecis.Done.String() {
			t.Errorf("the payment: %+v, %v", row, err2)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSettleBesideReversal: a payment is being reversed, and the reversal does
// not get through. Who settles it then is not told that it is done.
func TestSettleBesideReversal(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	m.network.Fault(func(*http.Request) kecistest.Fault { return kecistest.AnswerLost })
	if _, err := m.client.Pay(t.Context(), p); err == nil {
		t.Fatal("a lost answer arrived")
	}
	m.network.Fault(func(*http.Request) kecistest.Fault { return kecistest.RequestLost })
	if _, err := m.client.Reverse(t.Context(), p.ID, kecis.ReasonNoAnswer); err == nil {
		t.Fatal("reversed without the provider")
	}
	m.network.Fault(nil)
	end, err := m.client.Settle(t.Context(), p.ID)
	if err != nil || end.Outcome != kecis.NotDone {
		t.Errorf("settled while a reversal was owed: %+v, %v", end, err)
	}
}

// TestReversalAfterSettled: what was found done is not reversed by background
// work that began before, but by its requester it can be.
func TestReversalAfterSettled(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	m.network.Fault(func(*http.Request) kecistest.Fault { return kecistest.AnswerLost })
	if _, err := m.client.Pay(t.Context(), p); err == nil {
		t.Fatal("a lost answer arrived")
	}
	m.network.Fault(nil)
	for range 2 {
		end, err := m.client.Settle(t.Context(), p.ID)
		if err != nil || end.Outcome != kecis.Done {
			t.Fatalf("settled: %+v, %v", end, err)
		}
		m.clock.Advance(time.Hour)
		if _, err := m.client.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if end, err := m.client.Reverse(t.Context(), p.ID, kecis.ReasonFailure); err != nil || end.Code != kecis.Reversed {
		t.Errorf("reversed: %+v, %v", end, err)
	}
}

// TestSettleOfWhatIsKnown: background work has found the payment done, and the
// inquiries of who settles it beside that are lost. Then nothing is told before
// one comes through.
func TestSettleOfWhatIsKnown(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	until := m.clock.Now().Add(20 * time.Minute)
	m.network.Fault(func(*http.Request) kecistest.Fault {
		if m.clock.Now().Before(until) {
			return kecistest.AnswerLost
		}
		return 0
	})
	end, err := m.settle(t, p.ID)
	if err != nil || end.Outcome != kecis.Done || end.Transaction.State != kecis.StateCaptured {
		t.Errorf("settled: %+v, %v", end, err)
	}
	if m.clock.Now().Before(until) {
		t.Error("something was told before an answer came")
	}
}
