package pg_test

import (
	"context"
	"crypto/rand"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// mailbox keeps the mails that were sent.
type mailbox struct {
	mu    sync.Mutex
	mails []amountauth.LinkMail
}

func (m *mailbox) MailLink(_ context.Context, mail *amountauth.LinkMail) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, *mail)
	return nil
}

// mall is a shop and a PG with hosted pages, on real TLS servers, and an issuer behind.
type mall struct {
	*guarded
	site                            http.Handler // the PG's
	dies                            bool         // it was killed
	front, pages, beside, shopFront string       // addresses
	tls                             http.RoundTripper
	mail                            *mailbox
	ret                             *kecis.OrderReturn
	back                            []*kecis.Returned // what the shop was brought
}

// serveSite is the PG's site. If the PG is killed meanwhile, the browser is told nothing.
func (m *mall) serveSite(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(dead); !ok {
				panic(p)
			}
			m.dies = true
			w.WriteHeader(http.StatusBadGateway)
		}
	}()
	m.site.ServeHTTP(w, r)
}

func newMall(t *testing.T) *mall {
	t.Helper()
	m := &mall{guarded: newGuarded(t), mail: &mailbox{}}
	shopMux := http.NewServeMux()
	pgSite, shopSite := httptest.NewUnstartedServer(http.HandlerFunc(m.serveSite)), httptest.NewTLSServer(shopMux)
	pgSite.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // it is killed on purpose
	pgSite.StartTLS()
	t.Cleanup(pgSite.Close)
	t.Cleanup(shopSite.Close)
	m.tls = pgSite.Client().Transport
	m.front, m.pages, m.beside, m.shopFront = pgSite.URL+"/orders", pgSite.URL+"/authenticate", pgSite.URL+"/hosted", shopSite.URL+"/paid"
	for entity, location := range map[string]string{pgID: m.front, shopID: m.shopFront} {
		role := &m.parties[entity].Partner.Entity.Roles[0]
		role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: metadata.ServiceOrder, Binding: metadata.BindingForm, Location: location})
	}
	m.host()
	m.ret = &kecis.OrderReturn{Client: m.shop, Location: m.shopFront, Show: func(w http.ResponseWriter, _ *http.Request, r *kecis.Returned) {
		m.back = append(m.back, r)
		_, _ = io.WriteString(w, "thanks")
	}}
	shopMux.Handle("/paid", m.ret)
	return m
}

// host starts the PG with its pages, on the books that there are.
func (m *mall) host() {
	m.t.Helper()
	var pages *amountauth.Pages
	var hosted *pg.Hosted
	client := m.client(pgID, m.pg.journal)
	m.pg.client = client
	service, err := pg.New(pg.Config{Journal: m.pg.journal, Client: client, Partners: m.partners})
	if err != nil {
		m.t.Fatal(err)
	}
	m.pg.pg = service
	m.authenticator, err = service.Authenticator(pg.AuthenticationConfig{
		Keys:    []amountauth.Key{{ID: "k1", Secret: []byte("thirty-two bytes that are secret")}},
		Private: m.parties[pgID].Private, Clock: m.clock, Random: rand.Reader, Log: quiet(),
		Page: func(session string) string { return pages.Address(session) },
		Conclude: func(tx journal.Tx, id string, r *kecis.AuthenticationResult) error {
			return m.pg.server.Conclude(tx, id, r)
		},
		Visit: func(ctx context.Context, handle string) (*kecis.Visit, error) {
			return m.pg.server.OpenVisit(ctx, handle)
		},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	pages, err = amountauth.NewPages(amountauth.PagesConfig{
		Engine: m.authenticator.Engine(), Location: m.pages, Name: "PG", Mailer: m.mail, Onward: true,
		Continue: func(s *amountauth.Session) string { return hosted.Back(s) },
	})
	if err != nil {
		m.t.Fatal(err)
	}
	hosted, err = service.Hosted(pg.HostedConfig{Location: m.beside, Name: "PG", Authenticator: m.authenticator, Pages: pages, Log: quiet(),
		Profiles: pg.Profiles{Limit: kecis.Won(1_000_000), Life: 24 * time.Hour},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	role, _ := m.parties[pgID].Partner.Role(metadata.PG)
	role.Authentication, role.AmountFloors = kecis.KoreanAuthentication()
	m.pg.server = m.serve(pgID, m.pg.journal, kecis.ServerConfig{
		Role: *role, Payments: service, Captures: service, Cancellations: service, Authentications: m.authenticator, Client: client,
		Checkout: kecis.Checkout{Location: m.front, Page: hosted},
	})
	mux, checkout := http.NewServeMux(), m.pg.server.Checkout()
	mux.Handle("/orders", checkout)
	mux.Handle("/orders/", checkout)
	mux.Handle("/authenticate/", pages)
	mux.Handle("/hosted/", hosted)
	m.site = mux
}

// screen is what a browser shows.
type screen struct {
	status    int
	url, body string
}

// browser is one profile of a browser: it has its own cookies.
type browser struct {
	t    *testing.T
	http *http.Client
}

func (m *mall) browser() *browser {
	m.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		m.t.Fatal(err)
	}
	return &browser{m.t, &http.Client{Jar: jar, Transport: m.tls}}
}

func (b *browser) read(r *http.Response, err error) screen {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return screen{r.StatusCode, r.Request.URL.String(), string(body)}
}

func (b *browser) get(address string) screen {
	b.t.Helper()
	return b.read(b.http.Get(address)) //nolint:bodyclose // read closes it, in a test's browser
}

func (b *browser) post(address string, values url.Values) screen {
	b.t.Helper()
	return b.read(b.http.PostForm(address, values)) //nolint:bodyclose // read closes it, in a test's browser
}

// openOrder signs an order of the shop and brings it to the PG.
func (m *mall) openOrder(b *browser, id string, won int64) (*kecis.PaymentOrder, screen) {
	m.t.Helper()
	p := m.shop.NewOrder(pgID)
	p.OrderRef = kecis.OrderRef{Requester: shopID, OrderID: id, Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: shopID, Name: "꽃집"}
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(won), kecis.Won(won), kecis.Tax{TaxFree: won}
	p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic, Instalments: 6}
	return p, m.bring(b, p)
}

func (m *mall) bring(b *browser, p *kecis.PaymentOrder) screen {
	m.t.Helper()
	form, err := m.shop.OpenOrder(m.t.Context(), p, "")
	if err != nil {
		m.t.Fatal(err)
	}
	return b.post(form.Action, url.Values{form.Field: {form.Value}})
}

// enter fills in the form of the instrument.
func (m *mall) enter(b *browser, at screen, instrument, method string, more ...string) screen {
	m.t.Helper()
	values, way := url.Values{"do": {"pay"}, "method": {method}}, "?by=card"
	for _, i := range issuer.TestInstruments() {
		if i.ID != instrument {
			continue
		}
		values.Set("number", i.Number)
		if i.Instrument.Kind == kecis.Card {
			values.Set("expiry", "12/2099")
			values.Set("verification", "123")
		} else {
			way = "?by=account"
			values.Set("institution", bankCode)
		}
	}
	for _, name := range more {
		values.Set(name, "yes")
	}
	return b.post(strings.Split(at.url, "?")[0]+way, values)
}

var hiddenFields = regexp.MustCompile(`<input type="hidden" name="([^"]*)"(?: id="[^"]*")? value="([^"]*)">`)

// answer sends a form of the page of an authentication.
func (b *browser) answer(at screen, values url.Values) screen {
	b.t.Helper()
	for _, f := range hiddenFields.FindAllStringSubmatch(at.body, -1) {
		if !values.Has(f[1]) {
			values.Set(f[1], html.UnescapeString(f[2]))
		}
	}
	return b.post(at.url, values)
}

var (
	goesOn   = regexp.MustCompile(`<a class="main" href="([^"]*)">`)
	answerOf = regexp.MustCompile(`name="KECISResponse" value="([^"]*)"`)
)

// follow goes on from the page of an authentication, by the link that it has.
func (b *browser) follow(at screen) screen {
	b.t.Helper()
	found := goesOn.FindStringSubmatch(at.body)
	if found == nil {
		b.t.Fatalf("no way on: %d %s %s", at.status, at.url, at.body)
	}
	base, err := url.Parse(at.url)
	if err != nil {
		b.t.Fatal(err)
	}
	to, err := base.Parse(html.UnescapeString(found[1]))
	if err != nil {
		b.t.Fatal(err)
	}
	return b.get(to.String())
}

// home brings the answer of the PG to the shop, and returns what the shop was brought.
func (m *mall) home(b *browser, at screen) *kecis.Returned {
	m.t.Helper()
	found := answerOf.FindStringSubmatch(at.body)
	if found == nil {
		m.t.Fatalf("no answer for the shop: %d %s %s", at.status, at.url, at.body)
	}
	n := len(m.back)
	b.post(m.shopFront, url.Values{"KECISResponse": {html.UnescapeString(found[1])}})
	if len(m.back) != n+1 {
		m.t.Fatal("the shop did not take the answer")
	}
	return m.back[n]
}

// lost says which messages to the issuer get lost: by the root of the message.
func (m *mall) lost(fault kecistest.Fault, kinds ...string) {
	m.network.Fault(func(r *http.Request) kecistest.Fault {
		if r.URL.String() == issuerID && slices.Contains(kinds, kindOf(m.t, r)) {
			return fault
		}
		return kecistest.Delivered
	})
}

var rootOf = regexp.MustCompile(`^<kecis:(\w+) `)

// kindOf is the kind of the message in a request.
func kindOf(t *testing.T, r *http.Request) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	found := rootOf.FindStringSubmatch(string(body))
	if err != nil || found == nil {
		t.Errorf("no message: %s, %v", body, err)
		return ""
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	return found[1]
}

// limit bounds what a test instrument pays a day.
func (m *mall) limit(instrument string, day int64) {
	m.t.Helper()
	for _, i := range issuer.TestInstruments() {
		if i.ID != instrument {
			continue
		}
		e := i.Enrolment()
		e.Limits.Day = day
		if err := m.issuer.Enrol(m.t.Context(), e); err != nil {
			m.t.Fatal(err)
		}
	}
}

// refund gives the whole of a paid order back.
func (m *mall) refund(order *kecis.PaymentOrder) {
	m.t.Helper()
	c := m.shop.NewCancellation(pgID)
	c.OrderRef, c.Original, c.Amount = order.OrderRef, kecis.Original{RequestID: order.ID}, order.Amount
	c.Tax, c.Scope, c.Reason, c.ExpectedBalance = kecis.Tax{TaxFree: order.Amount.Minor}, kecis.CancelFull, kecis.ReasonBuyer, order.Amount.Minor
	if _, err := m.shop.Cancel(m.t.Context(), c); err != nil {
		m.t.Error(err)
	}
	m.atMostOnce()
}

// handleOf is the handle of the one checkout that is open.
func handleOf(t *testing.T, m *mall) (handle string) {
	t.Helper()
	err := m.pg.journal.View(t.Context(), func(tx journal.Tx) error {
		rows, err := tx.Range("kecis.session", "", "", 2)
		if err == nil && len(rows) == 1 {
			handle = rows[0].Key
		}
		return err
	})
	if err != nil || handle == "" {
		t.Fatalf("no checkout: %v", err)
	}
	return handle
}
