package kecis_test

import (
	"errors"
	"testing"

	"github.com/kecis/sdk/kecis"
)

// TestBalances captures and cancels an authorisation of 50,000 won in steps, and
// looks at what is left after each: never more is given back than was captured,
// and what was given back can be neither captured nor given back again.
func TestBalances(t *testing.T) {
	type step struct {
		do        string // capture, final, cancel (part) or full
		minor     int64
		left      int64      // what the shop believes to be cancellable
		code      kecis.Code // of a refusal
		captured  int64
		cancelled int64
		balance   int64
		state     kecis.State
	}
	for _, test := range []struct {
		name  string
		steps []step
	}{
		{"a refund is at most what was captured", []step{
			{"capture", 30_000, 0, "", 30_000, 0, 30_000, kecis.StateCaptured},
			{"cancel", 30_001, 50_000, kecis.ErrBalanceMismatch, 30_000, 0, 30_000, kecis.StateCaptured},
			{"full", 50_000, 0, kecis.ErrExceedsBalance, 30_000, 0, 30_000, kecis.StateCaptured},
			{"cancel", 10_000, 30_000, "", 30_000, 10_000, 20_000, kecis.StateCaptured},
			{"capture", 20_001, 0, kecis.ErrExceedsHold, 30_000, 10_000, 20_000, kecis.StateCaptured},
			{"capture", 20_000, 0, "", 50_000, 10_000, 40_000, kecis.StateCaptured},
			{"capture", 1, 0, kecis.ErrAlreadyCaptured, 50_000, 10_000, 40_000, kecis.StateCaptured},
			{"full", 40_000, 40_000, "", 50_000, 50_000, 0, kecis.StateCancelled},
		}},
		{"what is captured and refunded leaves the rest of the hold", []step{
			{"capture", 30_000, 0, "", 30_000, 0, 30_000, kecis.StateCaptured},
			{"full", 30_000, 30_000, "", 30_000, 30_000, 0, kecis.StateCaptured},
			{"cancel", 1, 1, kecis.ErrAlreadyCancelled, 30_000, 30_000, 0, kecis.StateCaptured},
			{"final", 20_000, 0, "", 50_000, 30_000, 20_000, kecis.StateCaptured},
		}},
		{"a void lowers what can be captured", []step{
			{"cancel", 10_000, 50_000, "", 0, 10_000, 40_000, kecis.StateAuthorised},
			{"final", 40_001, 0, kecis.ErrExceedsHold, 0, 10_000, 40_000, kecis.StateAuthorised},
			{"final", 30_000, 0, "", 30_000, 10_000, 30_000, kecis.StateCaptured},
			{"final", 1, 0, kecis.ErrAlreadyCaptured, 30_000, 10_000, 30_000, kecis.StateCaptured},
			{"cancel", 30_001, 30_001, kecis.ErrBalanceMismatch, 30_000, 10_000, 30_000, kecis.StateCaptured},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMarket(t)
			p := m.order("ORD-0001", kecis.CaptureManual)
			if _, err := m.client.Pay(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			for i, s := range test.steps {
				var err error
				switch s.do {
				case "capture", "final":
					_, err = m.client.Capture(t.Context(), m.capture(p, s.minor, s.do == "final"))
				default:
					c := m.cancelAll(p)
					c.Amount, c.Tax, c.ExpectedBalance = kecis.Won(s.minor), kecis.Tax{TaxFree: s.minor}, s.left
					if s.do == "cancel" {
						c.Scope = kecis.CancelPart
					}
					_, err = m.client.Cancel(t.Context(), c)
				}
				if s.code == "" && err != nil || s.code != "" && !errors.Is(err, s.code) {
					t.Fatalf("step %d: %v, not %q", i, err, s.code)
				}
				found, err := m.client.Inquire(t.Context(), pgID, kecis.Original{RequestID: p.ID})
				if err != nil {
					t.Fatal(err)
				}
				x := found.Transaction
				if x.Captured != s.captured || x.Cancelled != s.cancelled || x.Cancellable != s.balance || x.State != s.state {
					t.Fatalf("step %d: %s, captured %d, cancelled %d, cancellable %d", i, x.State, x.Captured, x.Cancelled, x.Cancellable)
				}
			}
		})
	}
}

// TestCaptureReversedAfterVoid: the requester has voided a part before it
// captured; a capture whose answer was lost can be reversed all the same.
func TestCaptureReversedAfterVoid(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureManual)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	m.cancel(t, p, 10_000, 50_000)
	c := m.capture(p, 30_000, true)
	if _, err := m.client.Capture(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	end, err := m.client.Reverse(t.Context(), c.ID, kecis.ReasonNoAnswer)
	if err != nil || end.Code != kecis.Reversed || end.Transaction.State != kecis.StateAuthorised || end.Transaction.Cancellable != 40_000 {
		t.Errorf("reversed: %+v, %v; what the capture released is held again", end, err)
	}
}
