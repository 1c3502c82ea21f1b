package kecis_test

import (
	"context"
	"encoding/base64"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// counter is the least page that a provider can have: it pays by one account.
type counter struct{ shown int }

const counterText = `<form method="post"><button name="do" value="pay">Pay</button><button name="do" value="leave">Leave</button></form>`

func (c *counter) ServePage(w http.ResponseWriter, r *http.Request, v *kecis.Visit) {
	switch r.PostFormValue("do") {
	case "pay":
		months := kecis.Instalments(0)
		if r.PostFormValue("months") == "7" {
			months = 7
		}
		err := v.Pay(w, r, kecis.Choice{
			Instrument:  kecis.Instrument{Issuer: "https://issuer.example/kecis", Kind: kecis.Account, Ref: "ref_0123456789abcdef"},
			Instalments: months,
		})
		if err != nil {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, "no such choice")
		}
	case "leave":
		v.Cancel(w, r)
	default:
		c.shown++
		_, _ = io.WriteString(w, v.Order().Payee.Name+" "+counterText)
	}
}

// street is a shop and a PG on real TLS servers, and browsers between them.
type street struct {
	market
	front, shopFront string // addresses
	page             *counter
	ret              *kecis.OrderReturn
	shown            []*kecis.Returned
	tls              http.RoundTripper
	partners         metadata.Partners
}

func newStreet(t *testing.T) *street {
	t.Helper()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	s := &street{page: &counter{}}
	s.clock, s.network, s.books = kecistest.NewClock(at), kecistest.NewNetwork(), kecistest.NewJournal()
	pgMux, shopMux := http.NewServeMux(), http.NewServeMux()
	pgSite, shopSite := httptest.NewTLSServer(pgMux), httptest.NewTLSServer(shopMux)
	t.Cleanup(pgSite.Close)
	t.Cleanup(shopSite.Close)
	s.tls = pgSite.Client().Transport
	s.front, s.shopFront = pgSite.URL+"/pay/orders", shopSite.URL+"/paid"
	pgRole, shopRole := kecistest.Role(metadata.PG), kecistest.Role(metadata.Requester)
	pgRole.Endpoints = []metadata.Endpoint{{Service: metadata.ServiceOrder, Binding: metadata.BindingForm, Location: s.front}}
	shopRole.Endpoints = []metadata.Endpoint{{Service: metadata.ServiceOrder, Binding: metadata.BindingForm, Location: s.shopFront}}
	s.pg = kecistest.NewParty(t, pgID, pgRole, at)
	s.shop = kecistest.NewParty(t, shopID, shopRole, at)
	s.bank = &bank{paid: map[string]*kecis.Approval{}, undone: map[string]bool{}}
	s.partners = metadata.Fixed(s.shop.Partner, s.pg.Partner)
	s.serve(t, s.partners)
	pgMux.Handle("/pay/orders", handler(func() http.Handler { return s.server.Checkout() }))
	pgMux.Handle("/pay/orders/", handler(func() http.Handler { return s.server.Checkout() }))
	s.client = &kecis.Client{
		Entity: shopID, Keys: s.shop.Keys, Partners: s.partners, Journal: kecistest.NewJournal(),
		HTTP: s.network.Client(), Clock: s.clock, Log: slog.New(slog.DiscardHandler),
	}
	s.ret = &kecis.OrderReturn{Client: s.client, Location: s.shopFront, Show: func(w http.ResponseWriter, r *http.Request, back *kecis.Returned) {
		s.shown = append(s.shown, back)
		http.Redirect(w, r, "/thanks", http.StatusSeeOther)
	}}
	shopMux.Handle("/paid", s.ret)
	shopMux.HandleFunc("/thanks", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "thanks") })
	return s
}

type handler func() http.Handler

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h().ServeHTTP(w, r) }

// serve starts the PG anew on the same books.
func (s *street) serve(t *testing.T, partners metadata.Partners) {
	t.Helper()
	var err error
	s.server, err = kecis.NewServer(kecis.ServerConfig{
		Entity: pgID, Endpoint: pgID, Keys: s.pg.Keys, Partners: partners, Journal: s.books,
		Role: kecistest.Role(metadata.PG), Payments: s.bank, Captures: s.bank, Cancellations: s.bank,
		Checkout: kecis.Checkout{Location: s.front, Page: s.page},
		Clock:    s.clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.network.Handle(pgID, s.server)
}

// order is an order of 50,000 won.
func (s *street) order(id string) *kecis.PaymentOrder {
	p := s.client.NewOrder(pgID)
	p.OrderRef = kecis.OrderRef{Requester: shopID, OrderID: id, Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: shopID, Name: "꽃집"}
	p.Amount, p.OrderAmount = kecis.Won(50_000), kecis.Won(50_000)
	p.Tax = kecis.Tax{Supply: 45_455, VAT: 4_545}
	p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic, Instalments: 6}
	return p
}

func (s *street) open(t *testing.T, p *kecis.PaymentOrder) *kecis.FrontForm {
	t.Helper()
	form, err := s.client.OpenOrder(t.Context(), p, "cart 7")
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// browser keeps cookies, follows redirects, and sends no cookie with what another
// site lets it post (SameSite=Lax).
type browser struct {
	http *http.Client
	at   string // origin of the page that is shown
}

type lax struct{ to http.RoundTripper }

func (l lax) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		r = r.Clone(r.Context())
		r.Header.Del("Cookie")
	}
	return l.to.RoundTrip(r)
}

func (s *street) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{http: &http.Client{Jar: jar, Transport: lax{s.tls}}}
}

// page is what a browser shows.
type page struct {
	status int
	url    string
	header http.Header
	body   string
}

func (b *browser) do(t *testing.T, method, address string, values url.Values) page {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	site := "cross-site"
	if b.at == r.URL.Scheme+"://"+r.URL.Host {
		site = "same-origin"
	}
	r.Header.Set("Sec-Fetch-Site", site)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := b.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	b.at = answer.Request.URL.Scheme + "://" + answer.Request.URL.Host
	return page{answer.StatusCode, answer.Request.URL.String(), answer.Header, string(body)}
}

func (b *browser) post(t *testing.T, address string, values url.Values) page {
	t.Helper()
	return b.do(t, http.MethodPost, address, values)
}

// submit posts the order's form from the shop's page.
func (b *browser) submit(t *testing.T, form *kecis.FrontForm) page {
	t.Helper()
	b.at = "https://elsewhere.example"
	return b.post(t, form.Action, fields(form.Field, form.Value, form.RelayState))
}

func fields(name, value, relayState string) url.Values {
	values := url.Values{name: {value}}
	if relayState != "" {
		values.Set("RelayState", relayState)
	}
	return values
}

var (
	actionOf = regexp.MustCompile(`<form method="post" action="([^"]*)"`)
	inputOf  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)
)

// form reads the form of a page.
func (p page) form(t *testing.T) (action string, values url.Values) {
	t.Helper()
	found := actionOf.FindStringSubmatch(p.body)
	if found == nil {
		t.Fatalf("no form on the page %d %s: %s", p.status, p.url, p.body)
	}
	values = url.Values{}
	for _, input := range inputOf.FindAllStringSubmatch(p.body, -1) {
		values.Add(input[1], html.UnescapeString(input[2]))
	}
	return html.UnescapeString(found[1]), values
}

// back posts the form that carries the answer.
func (b *browser) back(t *testing.T, p page) page {
	t.Helper()
	action, values := p.form(t)
	return b.post(t, action, values)
}

// inquired is what the back channel says of an order.
func (s *street) inquired(t *testing.T, id kecis.ID) (*kecis.InquiryResponse, error) {
	t.Helper()
	return s.client.Inquire(t.Context(), pgID, kecis.Original{RequestID: id})
}

// noMoney says that nothing was done for anybody.
func (s *street) noMoney(t *testing.T) {
	t.Helper()
	if s.bank.calls != 0 || len(s.bank.paid) != 0 {
		t.Errorf("the service was called %d times, %d payments stand", s.bank.calls, len(s.bank.paid))
	}
}

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
