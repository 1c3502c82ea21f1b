package kecis_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// TestOrderSecondBrowser: an order that was taken from the first browser opens
// nothing in a second one, before and after the payment.
func TestOrderSecondBrowser(t *testing.T) {
	s := newStreet(t)
	form, b, thief := s.open(t, s.order("ORD-0001")), s.browser(t), s.browser(t)
	shown := b.submit(t, form)
	foreign := func(when string) {
		t.Helper()
		for name, p := range map[string]page{
			"the order":      thief.submit(t, form),
			"the page":       thief.do(t, http.MethodGet, shown.url, nil),
			"a confirmation": thief.post(t, shown.url, url.Values{"do": {"pay"}}),
		} {
			if p.status != http.StatusForbidden || strings.Contains(p.body, "꽃집") || strings.Contains(p.body, "KECISResponse") {
				t.Errorf("%s, %s in a second browser: %d %s", when, name, p.status, p.body)
			}
		}
	}
	foreign("before")
	u, err := url.Parse(shown.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range b.http.Jar.Cookies(u) {
		thief.http.Jar.SetCookies(u, []*http.Cookie{{Name: c.Name, Value: c.Value[:40] + "x", Path: "/", Secure: true}})
	}
	foreign("with a guessed cookie")
	s.noMoney(t)
	if paid := b.post(t, shown.url, url.Values{"do": {"pay"}}); !strings.Contains(paid.body, "KECISResponse") {
		t.Errorf("the first browser: %d %s", paid.status, paid.body)
	}
	foreign("after")
}

// TestOrderForged: a confirmation that another site posts is not the buyer's.
func TestOrderForged(t *testing.T) {
	s := newStreet(t)
	b := s.browser(t)
	shown := b.submit(t, s.open(t, s.order("ORD-0001")))
	b.http.Transport = s.tls // a browser that knows no SameSite
	b.at = "https://evil.example"
	if p := b.post(t, shown.url, url.Values{"do": {"pay"}}); p.status != http.StatusForbidden {
		t.Errorf("%d %s", p.status, p.body)
	}
	s.noMoney(t)
}

// TestOrderIDReused: another order under the ID of an open session.
func TestOrderIDReused(t *testing.T) {
	s := newStreet(t)
	p, b := s.order("ORD-0001"), s.browser(t)
	shown := b.submit(t, s.open(t, p))
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(40_000), kecis.Won(40_000), kecis.Tax{TaxFree: 40_000}
	s.client.Journal = kecistest.NewJournal() // which would not let it through
	if again := b.submit(t, s.open(t, p)); again.status != http.StatusConflict {
		t.Errorf("another order of the same ID: %d %s", again.status, again.body)
	}
	b.back(t, b.post(t, shown.url, url.Values{"do": {"pay"}}))
	if len(s.bank.paid) != 1 || len(s.shown) != 0 {
		t.Errorf("%d payments; a shop that knows the other order takes %d answers", len(s.bank.paid), len(s.shown))
	}
}

// TestOrderTimes: an order is not paid before its time, nor after it, and in both
// cases the shop can tell.
func TestOrderTimes(t *testing.T) {
	s := newStreet(t)
	b := s.browser(t)
	early := s.order("ORD-0001")
	early.Offer.NotBefore = s.clock.Now().Add(time.Hour)
	form := s.open(t, early)
	if p := b.submit(t, form); p.status != http.StatusConflict {
		t.Errorf("an hour before it begins: %d %s", p.status, p.body)
	}
	s.clock.Advance(time.Hour)
	shown := b.submit(t, form)
	if shown.status != http.StatusOK || !strings.Contains(shown.body, "꽃집") {
		t.Fatalf("when it begins: %d %s", shown.status, shown.body)
	}
	s.clock.Advance(kecis.DefaultOffer - time.Second)
	if p := b.do(t, http.MethodGet, shown.url, nil); !strings.Contains(p.body, "꽃집") {
		t.Errorf("a second before it ends: %d %s", p.status, p.body)
	}
	s.clock.Advance(time.Second)
	over := b.do(t, http.MethodGet, shown.url, nil)
	if paid := b.post(t, shown.url, url.Values{"do": {"pay"}}); paid.body != over.body {
		t.Errorf("paid when it is over: %d %s", paid.status, paid.body)
	}
	b.back(t, over)
	if len(s.shown) != 1 || s.shown[0].Answer.Status.Code != kecis.ErrDeadlinePassed {
		t.Errorf("when it is over: %+v", s.shown)
	}
	s.noMoney(t)

	never := s.order("ORD-0002")
	form = s.open(t, never)
	s.clock.Advance(kecis.DefaultOffer)
	b.back(t, b.submit(t, form))
	if len(s.shown) != 2 || s.shown[1].Answer.Status.Code != kecis.ErrDeadlinePassed {
		t.Errorf("opened when it is over: %+v", s.shown)
	}
	s.noMoney(t)
}

// TestOrderDestination: an order is paid where it is destined to, and nowhere else.
func TestOrderDestination(t *testing.T) {
	s := newStreet(t)
	elsewhere := *s.pg.Partner
	entity := *elsewhere.Entity
	role := entity.Roles[0]
	role.Endpoints = []metadata.Endpoint{{Service: metadata.ServiceOrder, Binding: metadata.BindingForm, Location: s.front + "x"}}
	entity.Roles, elsewhere.Entity = []metadata.Role{role}, &entity
	s.client.Partners = metadata.Fixed(s.shop.Partner, &elsewhere)
	form := s.open(t, s.order("ORD-0001"))
	form.Action = s.front
	if p := s.browser(t).submit(t, form); p.status != http.StatusBadRequest {
		t.Errorf("%d %s", p.status, p.body)
	}
	s.noMoney(t)
}

// TestChannelsApart: neither channel takes a message of the other.
func TestChannelsApart(t *testing.T) {
	s := newStreet(t)
	b := s.browser(t)
	for name, m := range map[string]kecis.Message{
		"payment": s.market.order("ORD-0001", kecis.CaptureAutomatic),
		"inquiry": &kecis.InquiryRequest{RequestHeader: kecis.RequestHeader{Header: kecis.Header{ID: s.client.NewPayment(pgID).ID}}, Original: kecis.Original{TransactionID: "T1"}},
	} {
		h := kecis.HeaderOf(m)
		h.Sender, h.IssueInstant, h.Destination = shopID, s.clock.Now(), s.front
		switch m := m.(type) {
		case *kecis.PaymentRequest:
			m.NotOnOrAfter = s.clock.Now().Add(time.Minute)
		case *kecis.InquiryRequest:
			m.NotOnOrAfter = s.clock.Now().Add(time.Minute)
		}
		document, err := kecis.Sign(m, s.shop.Signer)
		if err != nil {
			t.Fatal(err)
		}
		if p := b.post(t, s.front, fields("KECISRequest", base64.StdEncoding.EncodeToString(document), "")); p.status != http.StatusForbidden {
			t.Errorf("a %s at the front: %d %s", name, p.status, p.body)
		}
	}
	order := s.order("ORD-0002")
	document, err := base64.StdEncoding.DecodeString(s.open(t, order).Value)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, pgID, strings.NewReader(string(document)))
	r.Header.Set("Content-Type", "application/xml")
	answer, err := s.network.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("an order at the back: %d", answer.StatusCode)
	}
	s.noMoney(t)
}

// TestOrderForms: what is no form of the front channel is refused, and uses
// nothing up.
func TestOrderForms(t *testing.T) {
	s := newStreet(t)
	form, b := s.open(t, s.order("ORD-0001")), s.browser(t)
	value := form.Value
	for name, c := range map[string]struct {
		values url.Values
		status int
	}{
		"nothing":                {url.Values{}, 400},
		"no base64":              {url.Values{"KECISRequest": {"<order>"}}, 400},
		"a line break":           {url.Values{"KECISRequest": {value[:76] + "\r\n" + value[76:]}}, 400},
		"no padding":             {url.Values{"KECISRequest": {strings.TrimRight(base64.StdEncoding.EncodeToString([]byte("a")), "=")}}, 400},
		"other base64":           {url.Values{"KECISRequest": {base64.URLEncoding.EncodeToString([]byte("\xff\xff\xff"))}}, 400},
		"no XML":                 {url.Values{"KECISRequest": {base64.StdEncoding.EncodeToString([]byte("hello"))}}, 400},
		"two orders":             {url.Values{"KECISRequest": {value, value}}, 400},
		"an answer":              {url.Values{"KECISResponse": {value}}, 400},
		"both":                   {url.Values{"KECISRequest": {value}, "KECISResponse": {value}}, 400},
		"another field":          {url.Values{"KECISRequest": {value}, "ReturnTo": {"https://evil.example"}}, 400},
		"two states":             {url.Values{"KECISRequest": {value}, "RelayState": {"a", "b"}}, 400},
		"a state of 81 bytes":    {url.Values{"KECISRequest": {value}, "RelayState": {strings.Repeat("x", 81)}}, 400},
		"a state that is not":    {url.Values{"KECISRequest": {value}, "RelayState": {"\xff"}}, 400},
		"65,537 octets":          {url.Values{"KECISRequest": {base64.StdEncoding.EncodeToString(make([]byte, 64<<10+1))}}, 413},
		"a megabyte":             {url.Values{"KECISRequest": {strings.Repeat("A", 1<<20)}}, 413},
		"one octet was changed ": {url.Values{"KECISRequest": {bent(t, value)}}, 403},
	} {
		if p := b.post(t, s.front, c.values); p.status != c.status || strings.Contains(p.body, "evil") {
			t.Errorf("%s: %d, want %d: %s", name, p.status, c.status, p.body)
		}
	}
	if p := b.do(t, http.MethodGet, s.front+"?KECISRequest="+url.QueryEscape(value), nil); p.status != http.StatusMethodNotAllowed {
		t.Errorf("by GET: %d", p.status)
	}
	if p := b.post(t, s.front+"?a=b", fields("KECISRequest", value, "")); p.status != http.StatusBadRequest {
		t.Errorf("with a query: %d", p.status)
	}
	if p := b.post(t, s.front, fields("KECISRequest", value, strings.Repeat("x", 80))); p.status != http.StatusOK || !strings.Contains(p.body, "꽃집") {
		t.Errorf("the right one, afterwards: %d %s", p.status, p.body)
	}
	s.noMoney(t)
}

// bent changes the amount in a signed document.
func bent(t *testing.T, value string) string {
	t.Helper()
	document, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(document), ">50000<", ">10000<", 1)))
}
