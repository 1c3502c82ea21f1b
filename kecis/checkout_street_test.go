package kecis_test

import (
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
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
