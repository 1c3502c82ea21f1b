package kecis_test

import (
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
)

// TestHoldEnds: a PG stops capturing 5 minutes before the end of the hold that its
// service states (KECIS-CAP-008). Where the service states none, the hold ends by
// the role's time (KECIS-CAP-015).
func TestHoldEnds(t *testing.T) {
	for _, test := range []struct {
		name       string
		stated     time.Duration // by the service; 0 for not
		role       time.Duration
		capturable time.Duration
	}{
		{name: "stated to a PG", stated: time.Hour, capturable: 55 * time.Minute},
		{name: "stated by the role alone", role: 2 * time.Hour, capturable: 2 * time.Hour},
		{name: "stated by nobody", role: -1, capturable: kecis.DefaultHoldTime},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newMarketOf(t, func(c *kecis.ServerConfig) {
				if test.role != 0 {
					c.Role.HoldTime = max(test.role, 0)
				}
			})
			m.bank.holds = test.stated
			p := m.order("ORD-0001", kecis.CaptureManual)
			if _, err := m.client.Pay(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			m.clock.Advance(test.capturable - time.Second)
			m.work(t)
			if _, err := m.client.Capture(t.Context(), m.capture(p, 20_000, false)); err != nil {
				t.Errorf("a second before: %v", err)
			}
			m.clock.Advance(2 * time.Second)
			if _, err := m.client.Capture(t.Context(), m.capture(p, 10_000, false)); !errors.Is(err, kecis.ErrHoldExpired) {
				t.Errorf("a second after: %v", err)
			}
			m.work(t)
			again, err := m.client.Inquire(t.Context(), pgID, kecis.Original{RequestID: p.ID})
			if err != nil || again.Transaction.Captured != 20_000 {
				t.Errorf("it is %+v, %v", again, err)
			}
		})
	}
}

// TestHoldEndsUncaptured: a payment that is left alone is expired, and a capture of
// it is told so.
func TestHoldEndsUncaptured(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureManual)
	if _, err := m.client.Pay(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	m.clock.Advance(366 * 24 * time.Hour)
	m.work(t)
	found, err := m.client.Inquire(t.Context(), pgID, kecis.Original{RequestID: p.ID})
	if err != nil || found.Transaction.State != kecis.StateExpired {
		t.Fatalf("it is %+v, %v", found, err)
	}
	if _, err := m.client.Capture(t.Context(), m.capture(p, 20_000, true)); !errors.Is(err, kecis.ErrHoldExpired) {
		t.Errorf("a capture: %v", err)
	}
}
