package kecis_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

func TestOrderPaid(t *testing.T) {
	s := newStreet(t)
	p := s.order("ORD-0001")
	form, b := s.open(t, p), s.browser(t)

	shown := b.submit(t, form)
	if shown.status != http.StatusOK || !strings.Contains(shown.body, "꽃집") || !strings.HasPrefix(shown.url, s.front+"/") {
		t.Fatalf("the page: %d %s %s", shown.status, shown.url, shown.body)
	}
	for _, want := range []string{"default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"} {
		if policy := shown.header.Get("Content-Security-Policy"); !strings.Contains(policy, want) {
			t.Errorf("the policy of the page, %q, lacks %q", policy, want)
		}
	}
	s.noMoney(t)
	if _, err := s.inquired(t, p.ID); err == nil {
		t.Error("an order that nobody has confirmed is recorded")
	}

	if refused := b.post(t, shown.url, url.Values{"do": {"pay"}, "months": {"7"}}); refused.status != http.StatusUnprocessableEntity {
		t.Errorf("more months than offered: %d %s", refused.status, refused.body)
	}
	s.noMoney(t)
	answered := b.post(t, shown.url, url.Values{"do": {"pay"}})
	action, values := answered.form(t)
	if action != s.shopFront || values.Get("RelayState") != "cart 7" {
		t.Fatalf("the answer goes to %s with %q", action, values)
	}
	if policy := answered.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action "+s.shopFront) || answered.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the header of the answer's page: %v", answered.header)
	}
	if again := b.do(t, http.MethodGet, shown.url, nil); again.body != answered.body {
		t.Error("the page of the answer, loaded again, is another")
	}
	if end := b.back(t, answered); end.body != "thanks" {
		t.Fatalf("the shop shows %d %s", end.status, end.body)
	}
	if len(s.shown) != 1 || s.shown[0].Err != nil || s.shown[0].Repeated || s.shown[0].RelayState != "cart 7" {
		t.Fatalf("the shop was shown %+v", s.shown)
	}
	if s.bank.calls != 1 {
		t.Errorf("the service was called %d times", s.bank.calls)
	}
	found, err := s.inquired(t, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	answer := s.shown[0].Answer
	if found.Result.Code != answer.Status.Code || found.Transaction != answer.Transaction || found.OrderRef != p.OrderRef {
		t.Errorf("the back channel says %+v %+v, the front channel %+v %+v", found.Result, found.Transaction, answer.Status, answer.Transaction)
	}
	s.work(t)
	err = s.books.View(t.Context(), func(tx journal.Tx) error {
		list, err := tx.ListEvidence(0, 10)
		if err != nil || len(list) != 2 || list[0].Kind != "PaymentOrder" || list[0].Sent || list[1].Kind != "OrderResponse" || !list[1].Sent {
			t.Errorf("the evidence is %+v, %v", list, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if answer.Transaction.State != kecis.StateCaptured || answer.Transaction.Captured != 50_000 {
		t.Errorf("the answer states %+v", answer.Transaction)
	}
}

// TestOrderCookie: the cookie goes to no other host, no script and no other site.
func TestOrderCookie(t *testing.T) {
	s := newStreet(t)
	form := s.open(t, s.order("ORD-0001"))
	plain := &http.Client{Transport: s.tls, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := plain.PostForm(form.Action, fields(form.Field, form.Value, ""))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	cookies := answer.Cookies()
	if answer.StatusCode != http.StatusSeeOther || len(cookies) != 1 {
		t.Fatalf("%d with %d cookies", answer.StatusCode, len(cookies))
	}
	c := cookies[0]
	if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || len(c.Value) < 32 {
		t.Errorf("the cookie is %s", c)
	}
}

func TestOrderLeft(t *testing.T) {
	s := newStreet(t)
	p := s.order("ORD-0001")
	b := s.browser(t)
	shown := b.submit(t, s.open(t, p))
	b.back(t, b.post(t, shown.url, url.Values{"do": {"leave"}}))
	if len(s.shown) != 1 || kecis.HeaderOf(s.shown[0].Answer) == nil || s.shown[0].Answer.Status.Code != kecis.ErrBuyerCancelled {
		t.Fatalf("the shop was shown %+v", s.shown)
	}
	s.noMoney(t)
	// A buyer who goes back cannot pay what has ended.
	b.do(t, http.MethodGet, shown.url, nil)
	if late := b.post(t, shown.url, url.Values{"do": {"pay"}}); !strings.Contains(late.body, "KECISResponse") {
		t.Errorf("after leaving: %d %s", late.status, late.body)
	}
	s.noMoney(t)
	found, err := s.inquired(t, p.ID)
	if err != nil || found.Result.Code != kecis.ErrBuyerCancelled || found.Result.Outcome != kecis.NotDone {
		t.Errorf("the back channel says %+v, %v", found, err)
	}
}

// TestOrderTwice: a buyer confirms again and again; one payment is made.
func TestOrderTwice(t *testing.T) {
	s := newStreet(t)
	p := s.order("ORD-0001")
	form, b := s.open(t, p), s.browser(t)
	shown := b.submit(t, form)
	first := b.post(t, shown.url, url.Values{"do": {"pay"}})
	second := b.post(t, shown.url, url.Values{"do": {"pay"}})
	if first.body != second.body || s.bank.calls != 1 {
		t.Errorf("%d payments, the same answer: %v", s.bank.calls, first.body == second.body)
	}
	if third := b.submit(t, form); third.body != first.body { // the shop's page, again
		t.Errorf("the order posted again by the same browser: %d %s", third.status, third.body)
	}
	again := s.order("ORD-0001")
	again.OrderRef.Attempt = 2
	shown = b.submit(t, s.open(t, again))
	b.back(t, b.post(t, shown.url, url.Values{"do": {"pay"}}))
	if len(s.shown) != 1 || s.shown[0].Answer.Status.Code != kecis.ErrDuplicate {
		t.Errorf("a second attempt of what was paid: %+v", s.shown)
	}
}
