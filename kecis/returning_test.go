package kecis_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
)

// TestReturn: what a shop takes as the answer to its order.
func TestReturn(t *testing.T) {
	s := newStreet(t)
	b := s.browser(t)
	pay := func(id string) (*kecis.PaymentOrder, page) {
		p := s.order(id)
		return p, b.post(t, b.submit(t, s.open(t, p)).url, url.Values{"do": {"pay"}})
	}
	p, answered := pay("ORD-0001")
	action, values := answered.form(t)
	send := func(value, relayState string) page {
		b.at = "https://elsewhere.example"
		return b.post(t, action, fields("KECISResponse", value, relayState))
	}
	value := values.Get("KECISResponse")
	document, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(change func(a *kecis.OrderResponse), party *kecistest.Party) string {
		a := p.Answer(pgID, s.shopFront, kecis.Approved)
		a.ID, a.IssueInstant = s.client.NewPayment(pgID).ID, s.clock.Now()
		found, err := s.inquired(t, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		a.Transaction = found.Transaction
		change(a)
		doc, err := kecis.Sign(a, party.Signer)
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(doc)
	}
	asPayment := func() string {
		a := &kecis.PaymentResponse{}
		o := p.Answer(pgID, s.shopFront, kecis.ErrDeclinedLimit)
		a.ResponseHeader, a.OrderRef = o.ResponseHeader, o.OrderRef
		a.ID, a.IssueInstant = s.client.NewPayment(pgID).ID, s.clock.Now()
		doc, err := kecis.Sign(a, s.pg.Signer)
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(doc)
	}
	for name, bad := range map[string]string{
		"a document that was changed": base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(document), "captured", "declined", 1))),
		"of no order":                 signed(func(a *kecis.OrderResponse) { a.InResponseTo = s.client.NewPayment(pgID).ID }, s.pg),
		"of another OrderRef":         signed(func(a *kecis.OrderResponse) { a.OrderRef.OrderID = "ORD-0009" }, s.pg),
		"of another digest":           signed(func(a *kecis.OrderResponse) { a.RequestDigest[0] ^= 1 }, s.pg),
		"to another shop":             signed(func(a *kecis.OrderResponse) { a.Recipient = "https://other.example/kecis" }, s.pg),
		"to another address":          signed(func(a *kecis.OrderResponse) { a.Destination = s.shopFront + "x" }, s.pg),
		"to the back channel":         signed(func(a *kecis.OrderResponse) { a.Destination = shopID }, s.pg),
		"signed by the shop itself":   signed(func(a *kecis.OrderResponse) { a.Sender = shopID }, s.shop),
		"signed by another":           signed(func(*kecis.OrderResponse) {}, s.shop),
		"an answer of the back":       asPayment(),
		"the order itself":            s.open(t, s.order("ORD-0003")).Value,
	} {
		if got := send(bad, ""); got.status < 400 || got.status >= 500 || len(s.shown) != 0 {
			t.Fatalf("%s: %d, taken %d: %s", name, got.status, len(s.shown), got.body)
		}
	}
	if got := send(value, "another page"); got.status != http.StatusOK || len(s.shown) != 1 || s.shown[0].Err != nil || s.shown[0].Repeated {
		t.Fatalf("the answer with another RelayState: %d %+v", got.status, s.shown)
	}
	if got := send(value, ""); got.status != http.StatusOK || len(s.shown) != 2 || !s.shown[1].Repeated || s.shown[1].Err != nil {
		t.Errorf("the same answer again: %d %+v", got.status, s.shown)
	}
	if got := send(signed(func(a *kecis.OrderResponse) {
		a.Status, a.Transaction = kecis.NewStatus(kecis.ErrDeclinedLimit), kecis.Transaction{}
	}, s.pg), ""); got.status != http.StatusGone || len(s.shown) != 2 {
		t.Errorf("another answer to what has ended: %d, shown %d", got.status, len(s.shown))
	}
	// An answer of one order does not pay another.
	_, other := pay("ORD-0002")
	_, otherValues := other.form(t)
	if otherValues.Get("KECISResponse") == value {
		t.Fatal("two orders have one answer")
	}
	send(otherValues.Get("KECISResponse"), "")
	if last := s.shown[len(s.shown)-1]; last.Answer.OrderRef.OrderID != "ORD-0002" || last.Repeated {
		t.Errorf("the answer to the second order: %+v", last)
	}
}

// TestReturnOtherTerms: an approval of something else is no payment of the order.
func TestReturnOtherTerms(t *testing.T) {
	for name, change := range map[string]func(*kecis.Transaction){
		"another amount": func(x *kecis.Transaction) { x.Amount, x.Captured, x.Cancellable = kecis.Won(1_000), 1_000, 1_000 },
		"more months":    func(x *kecis.Transaction) { x.Method, x.Brand, x.Terms.Instalments = kecis.Card, "BC", 12 },
		"no capture": func(x *kecis.Transaction) {
			x.State, x.Captured, x.Terms.Capture = kecis.StateAuthorised, 0, kecis.CaptureManual
		},
		"pending": nil,
	} {
		s := newStreet(t)
		p := s.order("ORD-0001")
		s.open(t, p)
		a := p.Answer(pgID, s.shopFront, kecis.Approved)
		a.ID, a.IssueInstant = s.client.NewPayment(pgID).ID, s.clock.Now()
		a.Transaction = kecis.Transaction{
			ID: "T1", State: kecis.StateCaptured, At: s.clock.Now(), Amount: kecis.Won(50_000), Captured: 50_000, Cancellable: 50_000,
			Terms: kecis.Terms{Capture: kecis.CaptureAutomatic}, Method: kecis.Account,
		}
		outcome := kecis.Unknown
		if change != nil {
			change(&a.Transaction)
		} else {
			outcome, a.Status = kecis.Pending, kecis.NewStatus(kecis.ErrPending)
			a.Transaction.State, a.Transaction.Captured, a.Transaction.Cancellable = kecis.StatePending, 0, 0
			a.Transaction.Expires = s.clock.Now().Add(time.Hour)
		}
		document, err := kecis.Sign(a, s.pg.Signer)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s.browser(t).post(t, s.shopFront, fields("KECISResponse", base64.StdEncoding.EncodeToString(document), ""))
		if len(s.shown) != 1 {
			t.Fatalf("%s: not shown", name)
		}
		f, ok := errors.AsType[*kecis.Fault](s.shown[0].Err)
		if !ok || f.Outcome != outcome {
			t.Errorf("%s: %v", name, s.shown[0].Err)
		}
		if outcome == kecis.Pending {
			continue
		}
		if end, err := s.client.Settle(t.Context(), p.ID); err != nil || end.Outcome != kecis.NotDone {
			t.Errorf("%s, settled: %+v, %v", name, end, err)
		}
	}
}
