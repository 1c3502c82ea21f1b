package kecis_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// TestOrderReversed: the shop gives up while the page is open; the buyer can no
// longer pay.
func TestOrderReversed(t *testing.T) {
	s := newStreet(t)
	p, b := s.order("ORD-0001"), s.browser(t)
	shown := b.submit(t, s.open(t, p))
	end, err := s.client.Reverse(t.Context(), p.ID, kecis.ReasonAbandoned)
	if err != nil || end.Code != kecis.NeverExecuted {
		t.Fatalf("reversed: %+v, %v", end, err)
	}
	late := b.post(t, shown.url, url.Values{"do": {"pay"}})
	_, values := late.form(t)
	document, _ := base64.StdEncoding.DecodeString(values.Get("KECISResponse"))
	if !strings.Contains(string(document), "status:request-reversed") {
		t.Errorf("paid after its reversal: %s", document)
	}
	s.noMoney(t)
	if b.back(t, late); len(s.shown) != 1 || s.shown[0].Err == nil {
		t.Errorf("the shop was shown %+v", s.shown)
	}
}

// TestOrderLost: the buyer never comes back; the shop finds out by itself.
func TestOrderLost(t *testing.T) {
	s := newStreet(t)
	paid, left := s.order("ORD-0001"), s.order("ORD-0002")
	b := s.browser(t)
	answered := b.post(t, b.submit(t, s.open(t, paid)).url, url.Values{"do": {"pay"}})
	b.submit(t, s.open(t, left))
	if worked, err := s.client.RunOnce(t.Context()); worked || err != nil {
		t.Errorf("while the offer holds: %v, %v", worked, err)
	}
	s.clock.Advance(kecis.DefaultOffer + 2*time.Minute)
	for range 2 {
		if worked, err := s.client.RunOnce(t.Context()); !worked || err != nil {
			t.Fatalf("worked %v, %v", worked, err)
		}
	}
	if worked, err := s.client.RunOnce(t.Context()); worked || err != nil {
		t.Errorf("nothing is left: %v, %v", worked, err)
	}
	for p, want := range map[*kecis.PaymentOrder]kecis.Outcome{paid: kecis.Done, left: kecis.NotDone} {
		end, err := s.client.Settle(t.Context(), p.ID)
		if err != nil || end.Outcome != want {
			t.Errorf("%s ended as %+v, %v", p.OrderRef.OrderID, end, err)
		}
	}
	// The answer that comes after all says the same, and is told as a repeat.
	if b.back(t, answered); len(s.shown) != 1 || !s.shown[0].Repeated || s.shown[0].Err != nil {
		t.Errorf("the late answer: %+v", s.shown)
	}
	s.work(t)
	if p := b.submit(t, &kecis.FrontForm{Action: s.front, Field: "KECISRequest", Value: s.formValue(t, paid)}); strings.Contains(p.body, "꽃집") {
		t.Errorf("an order that is over opens a page: %s", p.body)
	}
	if s.bank.calls != 1 {
		t.Errorf("%d payments", s.bank.calls)
	}
}

// formValue is the order as it was signed before.
func (s *street) formValue(t *testing.T, p *kecis.PaymentOrder) string {
	t.Helper()
	document, err := kecis.Sign(p, s.shop.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(document)
}

// TestOrderNotServed: what can come to nothing is said at once, in a recorded
// answer, and no session is opened.
func TestOrderNotServed(t *testing.T) {
	s := newStreet(t)
	p := s.order("ORD-0001")
	p.Amount, p.OrderAmount, p.Tax = kecis.Money{Minor: 5_000, Currency: "EUR"}, kecis.Money{Minor: 5_000, Currency: "EUR"}, kecis.Tax{TaxFree: 5_000}
	form, b := s.open(t, p), s.browser(t)
	first := b.submit(t, form)
	b.back(t, first)
	if len(s.shown) != 1 || s.shown[0].Answer.Status.Code != kecis.ErrNotServed {
		t.Errorf("in euros: %+v", s.shown)
	}
	if again := s.browser(t).submit(t, form); again.body != first.body {
		t.Error("the recorded refusal, asked for again, is another")
	}

	suspended := *s.shop.Partner
	suspended.Status = metadata.Suspended
	p = s.order("ORD-0002")
	form = s.open(t, p)
	s.serve(t, metadata.Fixed(&suspended, s.pg.Partner))
	b.back(t, b.submit(t, form))
	if len(s.shown) != 2 || s.shown[1].Answer.Status.Code != kecis.ErrPartnerSuspended {
		t.Errorf("of a suspended shop: %+v", s.shown)
	}
	s.noMoney(t)
}

// TestOrderUnknown: the payment's outcome is not known; the shop is told so, and
// finds the end by the back channel.
func TestOrderUnknown(t *testing.T) {
	s := newStreet(t)
	s.bank.pay = func(kecis.Attempt, *kecis.PaymentRequest) error { return context.DeadlineExceeded }
	p, b := s.order("ORD-0001"), s.browser(t)
	b.back(t, b.post(t, b.submit(t, s.open(t, p)).url, url.Values{"do": {"pay"}}))
	if len(s.shown) != 1 || s.shown[0].Answer.Status.Outcome != kecis.Unknown {
		t.Fatalf("the shop was shown %+v", s.shown)
	}
	s.work(t)
	end, err := s.client.Settle(t.Context(), p.ID)
	if err != nil || end.Outcome != kecis.NotDone || end.Transaction.State != kecis.StateReversed {
		t.Errorf("settled: %+v, %v", end, err)
	}
}

func TestOpenOrderRefuses(t *testing.T) {
	s := newStreet(t)
	p := s.order("ORD-0001")
	if _, err := s.client.OpenOrder(t.Context(), p, strings.Repeat("x", 81)); err == nil {
		t.Error("a RelayState of 81 bytes")
	}
	p.Offer.NotOnOrAfter = s.clock.Now().Add(kecis.MaxOffer + time.Second)
	if _, err := s.client.OpenOrder(t.Context(), p, ""); err == nil {
		t.Error("an offer of more than a day")
	}
	p = s.order("ORD-0001")
	s.open(t, p)
	if _, err := s.client.OpenOrder(t.Context(), p, ""); err == nil {
		t.Error("an order that is outstanding was opened again")
	}
}

// TestOrderRace: of many browsers that bring one order at once, one gets its page.
func TestOrderRace(t *testing.T) {
	s := newStreet(t)
	form := s.open(t, s.order("ORD-0001"))
	const browsers = 20
	var pages [browsers]page
	var all sync.WaitGroup
	for i := range browsers {
		b := s.browser(t)
		all.Go(func() { pages[i] = b.submit(t, form) })
	}
	all.Wait()
	open := 0
	for _, p := range pages {
		switch {
		case p.status == http.StatusOK && strings.Contains(p.body, "꽃집"):
			open++
		case p.status != http.StatusForbidden:
			t.Errorf("%d %s", p.status, p.body)
		}
	}
	if open != 1 {
		t.Errorf("%d browsers have the page", open)
	}
}

// TestOrderForgotten: nothing of a session is kept once it is over, and nothing
// of the buyer's cookie stands in the books before.
func TestOrderForgotten(t *testing.T) {
	s := newStreet(t)
	b := s.browser(t)
	shown := b.submit(t, s.open(t, s.order("ORD-0001")))
	u, err := url.Parse(shown.url)
	if err != nil {
		t.Fatal(err)
	}
	secret := b.http.Jar.Cookies(u)[0].Value
	records := func() (n int) {
		t.Helper()
		err := s.books.View(t.Context(), func(tx journal.Tx) error {
			n = 0
			for _, space := range []string{"kecis.session", "kecis.session.expiry"} {
				list, err := tx.Range(space, "", "", 100)
				if err != nil {
					return err
				}
				for _, r := range list {
					if strings.Contains(string(r.Value), secret) {
						t.Errorf("the cookie stands in the books: %s", r.Value)
					}
				}
				n += len(list)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	s.clock.Advance(kecis.DefaultOffer + kecis.RepeatWindow - time.Second)
	s.work(t)
	if n := records(); n != 2 {
		t.Errorf("%d records of a session that is not over", n)
	}
	s.clock.Advance(2 * time.Second)
	s.work(t)
	if n := records(); n != 0 {
		t.Errorf("%d records of a session that is over", n)
	}
}

// TestCheckoutConfiguration: a checkout that cannot be safe is not made.
func TestCheckoutConfiguration(t *testing.T) {
	s := newStreet(t)
	for name, c := range map[string]kecis.Checkout{
		"no page":              {Location: s.front},
		"no address":           {Page: s.page},
		"no TLS":               {Location: "http://pg.example/orders", Page: s.page},
		"no path":              {Location: "https://pg.example", Page: s.page},
		"that of the back":     {Location: pgID, Page: s.page},
		"what is no address":   {Location: "/orders", Page: s.page},
		"TLS":                  {Location: "https://pg.example/orders", Page: s.page},
		"loopback without TLS": {Location: "http://127.0.0.1:8080/orders", Page: s.page},
		"none":                 {},
	} {
		_, err := kecis.NewServer(kecis.ServerConfig{
			Entity: pgID, Endpoint: pgID, Keys: s.pg.Keys, Partners: s.partners, Journal: s.books,
			Role: kecistest.Role(metadata.PG), Payments: s.bank, Checkout: c,
		})
		good := name == "TLS" || name == "loopback without TLS" || name == "none"
		if good != (err == nil) || (err != nil && !errors.Is(err, kecis.ErrConfiguration)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCheckoutPublished: who reads the metadata finds the front address, and
// nothing of the front channel where there is none.
func TestCheckoutPublished(t *testing.T) {
	p := newPublisher(t)
	address := func() (string, bool) {
		t.Helper()
		entity, _ := p.read()
		role, ok := entity.Role(metadata.PG)
		if !ok {
			t.Fatal("no role")
		}
		return role.Endpoint(metadata.ServiceOrder, metadata.BindingForm)
	}
	if location, ok := address(); ok {
		t.Errorf("without a checkout: %s", location)
	}
	const front = "https://pg.example/orders"
	p.config.Checkout = kecis.Checkout{Location: front, Page: &counter{}}
	if location, ok := address(); location != front {
		t.Errorf("with a checkout: %q, %v", location, ok)
	}
}
