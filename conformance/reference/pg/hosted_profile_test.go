package pg_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
)

// registered is a mall in which a buyer has paid once and asked for a profile.
func registered(t *testing.T) (*mall, *browser) {
	t.Helper()
	m := newMall(t)
	b := m.browser()
	_, at := m.openOrder(b, "ORD-0001", dear)
	if !strings.Contains(at.body, `name="remember"`) || strings.Contains(at.body, `id="registered"`) {
		t.Fatalf("the page is %s", at.body)
	}
	at = m.enter(b, at, "card-approve", "amount", "remember")
	at = b.answer(at, m.typed("card-approve", "amount"))
	m.work()
	if back := m.home(b, b.get(at.url)); back.Err != nil {
		t.Fatal(back.Err)
	}
	return m, b
}

// TestHostedProfile: a buyer who was authenticated once types the expiry the next time.
func TestHostedProfile(t *testing.T) {
	m, b := registered(t)
	_, at := m.openOrder(b, "ORD-0002", 400_000)
	if !strings.Contains(at.body, `id="registered"`) || !strings.Contains(at.body, "400000******0016") {
		t.Fatalf("the page is %s", at.body)
	}
	at = b.post(at.url, url.Values{"do": {"known"}, "known": {"11/99"}})
	if at.status != 422 || strings.Contains(at.body, "KECISResponse") {
		t.Fatalf("a wrong expiry: %d %s", at.status, at.body)
	}
	at = b.post(at.url, url.Values{"do": {"known"}, "known": {"12/2099"}})
	if back := m.home(b, at); back.Err != nil || back.Answer.Transaction.Terms.Exemption != "profile" {
		t.Fatalf("the shop was brought %+v, %v", back.Answer.Transaction, back.Err)
	}
	m.gone(1)
	m.agreed()
}

// TestHostedProfileElsewhere: another browser, a larger order and, after three wrong
// expiries, this browser too have no use of a profile.
func TestHostedProfileElsewhere(t *testing.T) {
	m, b := registered(t)
	other := m.browser()
	if _, at := m.openOrder(other, "ORD-0002", dear); strings.Contains(at.body, `id="registered"`) {
		t.Error("another browser has the profile")
	}
	if _, at := m.openOrder(b, "ORD-0003", 1_000_001); strings.Contains(at.body, `id="registered"`) {
		t.Error("the profile is offered for a larger order")
	}
	_, at := m.openOrder(b, "ORD-0004", dear)
	for _, wrong := range []string{"01/99", "02/99", "03/99", "12/2099"} {
		if at = b.post(at.url, url.Values{"do": {"known"}, "known": {wrong}}); strings.Contains(at.body, "KECISResponse") {
			t.Fatalf("paid with %s", wrong)
		}
	}
	// A payment that only says so is not exempt.
	_, err := m.shop.Pay(t.Context(), m.order("ORD-0005", "card-approve", costly, func(p *kecis.PaymentRequest) { p.Terms.Exemption = "profile" }))
	refused(t, err, kecis.NotDone, kecis.ErrAuthenticationRequired)
}

// TestHostedProfileEnds: by its buyer, and by its time.
func TestHostedProfileEnds(t *testing.T) {
	m, b := registered(t)
	_, at := m.openOrder(b, "ORD-0002", dear)
	at = b.post(at.url, url.Values{"do": {"forget"}})
	if strings.Contains(at.body, `id="registered"`) {
		t.Error("the profile is still offered")
	}
	later, _ := registered(t)
	later.clock.Advance(24 * time.Hour)
	if _, err := later.authenticator.RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	profiles, err := m.authenticator.Engine().Profiles(t.Context(), "", 10)
	if err != nil || len(profiles) != 1 || !profiles[0].Revoked {
		t.Errorf("%+v, %v", profiles, err)
	}
	if profiles, err = later.authenticator.Engine().Profiles(t.Context(), "", 10); err != nil || len(profiles) != 0 {
		t.Errorf("%+v, %v", profiles, err)
	}
}
