package browser_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// The hosts of a market.
const (
	shopHost = "shop.localhost"
	pgHost   = "pg.localhost"
	bankHost = "bank.localhost"
)

// market is a shop, a PG and an issuer that talk over TLS, with the pages of each.
type market struct {
	t       *testing.T
	town    *town
	clock   *kecistest.Clock
	parties map[string]*kecistest.Party
	list    metadata.Partners
	shop    *kecis.Client
	orders  map[string]*sale
	gateway *pg.PG
	server  *kecis.Server // the PG's
	client  *kecis.Client // the PG's
	engine  *pg.Authenticator
	pages   *amountauth.Pages
	bank    *issuer.Issuer
	// variant and instrument are what the shop's orders are authenticated by.
	variant    kecis.Variant
	instrument string
	// work is what is done in the background.
	work []func(context.Context) (bool, error)

	mu       sync.Mutex
	mails    []*amountauth.LinkMail
	returned []*kecis.Returned
}

// sale is an order at the shop, with what it knows of its payment.
type sale struct {
	payment        *kecis.PaymentRequest
	authentication string
	transaction    kecis.Transaction
	problem        error
}

// price is of an order that must be authenticated.
const price = 350_000

// marketTime is the last day of a year in Seoul, at 14:03.
func marketTime() time.Time { return time.Date(2026, 12, 31, 5, 3, 0, 0, time.UTC) }

// newMarket opens a market of its own at the hosts.
func newMarket(t *testing.T, n *town) *market {
	t.Helper()
	at := marketTime()
	m := &market{t: t, town: n, clock: kecistest.NewClock(at), parties: map[string]*kecistest.Party{}, orders: map[string]*sale{}, variant: kecis.VariantAmount, instrument: "card-approve"}
	bankRole := kecistest.Role(metadata.Issuer)
	bankRole.HoldTime = issuer.DefaultHoldTime
	bank := kecistest.NewParty(t, m.entity(bankHost), bankRole, at)
	own, _ := bank.Partner.Role(metadata.Issuer)
	var routes []metadata.Route
	for kind, prefix := range map[metadata.Method]string{metadata.MethodCard: "400000", metadata.MethodAccount: bankCode} {
		routes = append(routes, metadata.Route{Kind: kind, Prefix: prefix, Brand: map[bool]string{true: "VISA"}[kind == metadata.MethodCard], Issuer: bank.Entity, Keys: own.EncryptionKeys})
	}
	pgRole := pg.Role(routes...)
	pgRole.Authentication, pgRole.AmountFloors = kecis.KoreanAuthentication()
	gateway := kecistest.NewParty(t, m.entity(pgHost), pgRole, at).Without(metadata.ServiceNotification)
	shop := kecistest.NewParty(t, m.entity(shopHost), kecistest.Role(metadata.Requester), at)
	for front, p := range map[string]*kecistest.Party{n.at(pgHost, "/pay"): gateway, n.at(shopHost, "/paid"): shop} {
		role := &p.Partner.Entity.Roles[0]
		role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: metadata.ServiceOrder, Binding: metadata.BindingForm, Location: front})
	}
	for _, p := range []*kecistest.Party{bank, gateway, shop} {
		m.parties[p.Entity] = p
	}
	m.list = metadata.Fixed(bank.Partner, gateway.Partner, shop.Partner)
	m.openBank(bankRole)
	m.openGateway()
	m.openShop()
	return m
}

func (m *market) entity(host string) string { return m.town.at(host, "/kecis") }

func (m *market) newClient(host string, books journal.Journal) *kecis.Client {
	entity := m.entity(host)
	return &kecis.Client{
		Entity: entity, Keys: m.parties[entity].Keys, Partners: m.list, Journal: books, HTTP: m.town.client(), Clock: m.clock, Log: quietly(),
	}
}

func quietly() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (m *market) openBank(role metadata.Role) {
	m.t.Helper()
	books, entity := kecistest.NewJournal(), m.entity(bankHost)
	var err error
	m.bank, err = issuer.New(issuer.Config{
		Entity: entity, Journal: books, Clock: m.clock, Keys: m.parties[entity].Private, Shops: m.list, NumberKey: []byte("a key of thirty-two secret bytes"),
	})
	if err == nil {
		err = m.bank.Enrol(m.t.Context(), issuer.EnrolTest()...)
	}
	if err != nil {
		m.t.Fatal(err)
	}
	inbox, err := m.bank.InboxHandler()
	if err != nil {
		m.t.Fatal(err)
	}
	server, err := kecis.NewServer(kecis.ServerConfig{
		Entity: entity, Endpoint: entity, Keys: m.parties[entity].Keys, Partners: m.list, Journal: books, Role: role,
		Payments: m.bank, Captures: m.bank, Cancellations: m.bank, Client: m.newClient(bankHost, books), Clock: m.clock, Log: quietly(),
	})
	if err != nil {
		m.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/kecis", server)
	mux.Handle("/inbox/", inbox)
	m.town.open(bankHost, mux)
	m.work = append(m.work, server.RunOnce, m.bank.RunOnce)
}

// MailLink implements amountauth.Mailer.
func (m *market) MailLink(_ context.Context, mail *amountauth.LinkMail) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, mail)
	return nil
}

func (m *market) openGateway() {
	m.t.Helper()
	books, entity := kecistest.NewJournal(), m.entity(pgHost)
	party := m.parties[entity]
	m.client = m.newClient(pgHost, books)
	var err error
	if m.gateway, err = pg.New(pg.Config{Journal: books, Client: m.client, Partners: m.list}); err != nil {
		m.t.Fatal(err)
	}
	if err := m.gateway.Register(m.t.Context(), pg.Merchant{Entity: m.entity(shopHost), Name: "꽃집", Number: "M-1", Rate: 275}); err != nil {
		m.t.Fatal(err)
	}
	m.engine, err = m.gateway.Authenticator(pg.AuthenticationConfig{
		Keys: []amountauth.Key{{ID: "k1", Secret: []byte("thirty-two bytes that are secret")}}, Private: party.Private,
		Clock: m.clock, Random: rand.Reader, Log: quietly(),
		Page:  func(session string) string { return m.pages.Address(session) },
		Visit: func(ctx context.Context, handle string) (*kecis.Visit, error) { return m.server.OpenVisit(ctx, handle) },
		Conclude: func(tx journal.Tx, id string, r *kecis.AuthenticationResult) error {
			return m.server.Conclude(tx, id, r)
		},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	var hosted *pg.Hosted
	m.pages, err = amountauth.NewPages(amountauth.PagesConfig{
		Engine: m.engine.Engine(), Location: m.town.at(pgHost, "/authenticate"), Name: "한빛페이", Mailer: m, Onward: true,
		Continue: func(s *amountauth.Session) string { // the shop sent some buyers to the session alone
			if back := hosted.Back(s); back != "" {
				return back
			}
			return m.town.at(shopHost, "/orders/"+s.Order.OrderID)
		},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	hosted, err = m.gateway.Hosted(pg.HostedConfig{
		Location: m.town.at(pgHost, "/hosted"), Name: "한빛페이", Authenticator: m.engine, Pages: m.pages, Log: quietly(),
	})
	if err != nil {
		m.t.Fatal(err)
	}
	role, _ := party.Partner.Role(metadata.PG)
	m.server, err = kecis.NewServer(kecis.ServerConfig{
		Entity: entity, Endpoint: entity, Keys: party.Keys, Partners: m.list, Journal: books, Role: *role,
		Payments: m.gateway, Captures: m.gateway, Cancellations: m.gateway, Authentications: m.engine, Client: m.client, Clock: m.clock, Log: quietly(),
		Checkout: kecis.Checkout{Location: m.town.at(pgHost, "/pay"), Page: hosted},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/kecis", m.server)
	mux.Handle("/authenticate/", m.pages)
	mux.Handle("/hosted/", hosted)
	mux.Handle("/pay", m.server.Checkout())
	mux.Handle("/pay/", m.server.Checkout())
	m.town.open(pgHost, mux)
	m.work = append(m.work, m.engine.RunOnce, m.server.RunOnce, m.client.RunOnce)
}

// openShop opens the shop's site. Its pages are as plain as can be: they are not what
// is looked at.
func (m *market) openShop() {
	m.t.Helper()
	books, entity := kecistest.NewJournal(), m.entity(shopHost)
	m.shop = m.newClient(shopHost, books)
	receiver, err := kecis.NewReceiver(kecis.ReceiverConfig{
		Entity: entity, Endpoint: entity, Keys: m.shop.Keys, Partners: m.list, Journal: books, Clock: m.clock, Log: quietly(),
		Take: func(context.Context, string, *kecis.Event) error { return nil },
	})
	if err != nil {
		m.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/kecis", receiver)
	mux.HandleFunc("GET /orders/{id}", m.showOrder)
	mux.HandleFunc("POST /orders/{id}", m.buy)
	mux.HandleFunc("POST /hosted/{id}", m.order)
	mux.Handle("/submit.js", kecis.SubmitScript())
	mux.Handle("/paid", &kecis.OrderReturn{Client: m.shop, Location: m.town.at(shopHost, "/paid"), Show: m.showPaid})
	m.town.open(shopHost, mux)
	m.work = append(m.work, m.shop.RunOnce)
}

// shopPage writes a page of the shop.
func shopPage(w http.ResponseWriter, id, heading, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!DOCTYPE html><html lang="ko"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`+
		`<title>%s</title><h1 id="%s">%s</h1>%s`, heading, id, heading, body)
}

// showOrder shows an order, and pays one whose buyer has come back.
func (m *market) showOrder(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	m.mu.Lock()
	s := m.orders[id]
	m.mu.Unlock()
	if s == nil {
		shopPage(w, "cart", "꽃다발 350,000원", `<form method="post"><button id="buy">카드로 결제</button></form>`+
			`<form method="post" action="/hosted/`+html.EscapeString(id)+`"><button id="hosted">한빛페이로 결제</button><button id="plain" name="plain" value="yes">단추로</button></form>`+
			`<form method="post" action="`+m.town.at(pgHost, "/pay")+`"><input name="KECISRequest" value="bm8="><button id="broken">틀린 주문</button></form>`)
		return
	}
	if s.transaction.ID == "" && s.authentication != "" {
		m.complete(r.Context(), s)
	}
	if s.problem != nil {
		shopPage(w, "problem", "결제하지 못했습니다", html.EscapeString(s.problem.Error()))
		return
	}
	shopPage(w, "done", "주문이 끝났습니다", fmt.Sprintf("%d원", s.transaction.Captured))
}

// buy pays with the card that the buyer has at the shop: the PG wants an
// authentication first, and its page is where the browser is sent.
func (m *market) buy(w http.ResponseWriter, r *http.Request) {
	s := &sale{payment: m.payment(r.PathValue("id"))}
	s.problem = m.begin(r.Context(), s, w, r)
	m.mu.Lock()
	m.orders[r.PathValue("id")] = s
	m.mu.Unlock()
	if s.problem != nil {
		m.showOrder(w, r)
	}
}

func (m *market) begin(ctx context.Context, s *sale, w http.ResponseWriter, r *http.Request) (err error) {
	if s.payment.Instrument, err = m.shop.Conceal(ctx, s.payment, m.plain()); err != nil {
		return err
	}
	if _, err = m.shop.Pay(ctx, s.payment); !errors.Is(err, kecis.ErrAuthenticationRequired) {
		return fmt.Errorf("paid without an authentication: %w", err)
	}
	a := m.shop.NewAuthentication(m.entity(pgHost))
	a.OrderRef, a.Payee, a.Amount, a.OrderAmount = s.payment.OrderRef, s.payment.Payee, s.payment.Amount, s.payment.OrderAmount
	a.Method, a.Variant, a.Instrument = metadata.ByAmount, m.variant, &s.payment.Instrument
	answer, err := m.shop.Authenticate(ctx, a)
	if !errors.Is(err, kecis.ErrPending) {
		return fmt.Errorf("not begun: %w", err)
	}
	s.authentication = answer.Authentication.ID
	http.Redirect(w, r, answer.Authentication.Page, http.StatusSeeOther)
	return nil
}

// complete pays with the evidence that the PG gives.
func (m *market) complete(ctx context.Context, s *sale) {
	found, err := m.shop.Authentication(ctx, m.entity(pgHost), s.authentication)
	if err == nil && found.Authentication.State != kecis.Authenticated {
		err = fmt.Errorf("the authentication is %s", found.Authentication.State)
	}
	if err != nil {
		s.problem = err
		return
	}
	again := m.payment(s.payment.OrderRef.OrderID)
	again.OrderRef.Attempt = 2
	again.Instrument = s.payment.Instrument
	again.Instrument.Encrypted, again.Instrument.Ref = nil, found.Authentication.Proof.InstrumentRef
	again.Evidence = []kecis.Evidence{found.Evidence()}
	answer, err := m.shop.Pay(ctx, again)
	if s.problem = err; err == nil {
		s.transaction = answer.Transaction
	}
}

// payment is that of an order at the shop.
func (m *market) payment(id string) *kecis.PaymentRequest {
	p := m.shop.NewPayment(m.entity(pgHost))
	p.OrderRef = kecis.OrderRef{Requester: m.shop.Entity, OrderID: id, Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: m.shop.Entity, Name: "꽃집"}
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(price), kecis.Won(price), kecis.Tax{TaxFree: price}
	p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic}
	p.Buyer = &ecml.Ecom{}
	return p
}

// test is a test instrument.
func test(id string) *issuer.TestInstrument {
	list := issuer.TestInstruments()
	return &list[slices.IndexFunc(list, func(i issuer.TestInstrument) bool { return i.ID == id })]
}

func (m *market) plain() *kecis.PlainInstrument {
	plain := test(m.instrument).Plain()
	if plain.Kind == kecis.Account {
		plain.Institution = bankCode
	}
	return &plain
}

// bankCode is that of the issuer's accounts.
const bankCode = "088"

// inbox is the address of the cardholder's inbox.
func (m *market) inbox() string {
	return m.town.at(bankHost, "/inbox/"+test(m.instrument).Instrument.Holder)
}

// rest lets all parties do what is due.
func (m *market) rest() {
	m.t.Helper()
	for worked := true; worked; {
		worked = false
		for _, once := range m.work {
			did, err := once(m.t.Context())
			if err != nil {
				m.t.Fatal(err)
			}
			worked = worked || did
		}
	}
}

// accounts fails the test unless that much was captured, and nothing is held.
func (m *market) accounts(captured int64) {
	m.t.Helper()
	m.rest()
	payments, err := m.bank.Payments(m.t.Context(), "", 100)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, p := range payments {
		if captured -= p.Captured; p.Held != 0 {
			m.t.Errorf("%d is held, of a payment that is %s", p.Held, p.State)
		}
	}
	if captured != 0 {
		m.t.Errorf("%d less was captured than was to be", captured)
	}
}

// order sends the browser to the PG with an order.
func (m *market) order(w http.ResponseWriter, r *http.Request) {
	from := m.payment(r.PathValue("id"))
	p := m.shop.NewOrder(m.entity(pgHost))
	p.OrderRef, p.Payee, p.Amount, p.OrderAmount, p.Tax, p.Terms = from.OrderRef, from.Payee, from.Amount, from.OrderAmount, from.Tax, from.Terms
	p.Offer.Language = kecis.Korean
	if r.Header.Get("Accept-Language")[:2] == "en" {
		p.Offer.Language = kecis.English
	}
	form, err := m.shop.OpenOrder(r.Context(), p, "")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if r.PostFormValue("plain") == "" { // else the page waits for its button
		form.Script = "/submit.js"
	}
	form.ServeHTTP(w, r)
}

func (m *market) showPaid(w http.ResponseWriter, _ *http.Request, back *kecis.Returned) {
	m.mu.Lock()
	m.returned = append(m.returned, back)
	m.mu.Unlock()
	if back.Err != nil {
		shopPage(w, "problem", "결제하지 못했습니다", html.EscapeString(back.Err.Error()))
		return
	}
	shopPage(w, "done", "주문이 끝났습니다", "")
}
