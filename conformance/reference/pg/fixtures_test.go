package pg_test

import (
	"context"
	"errors"
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
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

const (
	shopID   = "https://shop.example/kecis"
	otherID  = "https://other.example/kecis" // another shop
	sellerID = "https://seller.example/kecis"
	pgID     = "https://pg.example/kecis"
	secondID = "https://second.example/kecis" // another PG
	issuerID = "https://issuer.example/kecis"
	bankCode = "088"
	pursesID = "MONEY"
)

// gateway is a PG with its Server.
type gateway struct {
	entity  string
	pg      *pg.PG
	server  *kecis.Server
	client  *kecis.Client
	journal journal.Journal
}

// world is two shops, two PGs and an issuer on a network in memory.
type world struct {
	t        *testing.T
	clock    *kecistest.Clock
	network  *kecistest.Network
	parties  map[string]*kecistest.Party
	partners metadata.Partners
	issuer   *issuer.Issuer
	server   *kecis.Server // the issuer's
	books    *kecistest.Journal
	pg       *gateway
	second   *gateway
	shop     *kecis.Client

	mu   sync.Mutex
	told map[kecis.ID][]kecis.State // what shops were notified of
}

func newWorld(t *testing.T) *world {
	t.Helper()
	at := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	w := &world{
		t: t, clock: kecistest.NewClock(at), network: kecistest.NewNetwork(),
		parties: map[string]*kecistest.Party{}, told: map[kecis.ID][]kecis.State{},
	}
	role := kecistest.Role(metadata.Issuer)
	role.HoldTime = issuer.DefaultHoldTime
	bank := kecistest.NewParty(t, issuerID, role, at)
	w.parties[issuerID] = bank
	own, _ := bank.Partner.Role(metadata.Issuer)
	routes := []metadata.Route{
		{Kind: metadata.MethodCard, Prefix: "400000", Brand: "VISA", Issuer: issuerID, Keys: own.EncryptionKeys},
		{Kind: metadata.MethodCard, Prefix: "510000", Brand: "MAST", Issuer: issuerID, Keys: own.EncryptionKeys},
		{Kind: metadata.MethodAccount, Prefix: bankCode, Issuer: issuerID, Keys: own.EncryptionKeys},
		{Kind: metadata.MethodEMoney, Prefix: pursesID, Issuer: issuerID, Keys: own.EncryptionKeys},
	}
	list := []*metadata.Partner{bank.Partner}
	for entity, role := range map[string]metadata.Role{
		shopID: kecistest.Role(metadata.Requester), otherID: kecistest.Role(metadata.Requester),
		pgID: pg.Role(routes...), secondID: pg.Role(routes...),
	} {
		w.parties[entity] = kecistest.NewParty(t, entity, role, at)
		if role.Name == metadata.PG { // it asks issuers, and is not told
			own := &w.parties[entity].Partner.Entity.Roles[0]
			own.Endpoints = slices.DeleteFunc(own.Endpoints, func(e metadata.Endpoint) bool { return e.Service == metadata.ServiceNotification })
		}
		list = append(list, w.parties[entity].Partner)
	}
	w.partners = metadata.Fixed(list...)
	w.openIssuer(role)
	w.pg, w.second = w.open(pgID), w.open(secondID)
	w.shop = w.client(shopID, kecistest.NewJournal())
	w.receive(w.shop)
	w.receive(w.client(otherID, kecistest.NewJournal()))
	return w
}

// receive takes a shop's notifications.
func (w *world) receive(shop *kecis.Client) {
	w.t.Helper()
	r, err := kecis.NewReceiver(kecis.ReceiverConfig{
		Entity: shop.Entity, Endpoint: shop.Entity, Keys: shop.Keys, Partners: w.partners, Journal: shop.Journal, Clock: w.clock, Log: quiet(),
		Take: func(_ context.Context, _ string, e *kecis.Event) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.told[e.RequestID] = append(w.told[e.RequestID], e.Transaction.State)
			return nil
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.network.Handle(shop.Entity, r)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (w *world) client(entity string, books journal.Journal) *kecis.Client {
	return &kecis.Client{
		Entity: entity, Keys: w.parties[entity].Keys, Partners: w.partners, Journal: books,
		HTTP: w.network.Client(), Clock: w.clock, Log: quiet(),
	}
}

func (w *world) openIssuer(role metadata.Role) {
	w.t.Helper()
	w.books = kecistest.NewJournal()
	var err error
	w.issuer, err = issuer.New(issuer.Config{
		Entity: issuerID, Journal: w.books, Clock: w.clock, Keys: w.parties[issuerID].Private, Shops: w.partners,
		NumberKey: []byte("a key of thirty-two secret bytes"),
	})
	if err == nil {
		err = w.issuer.Enrol(w.t.Context(), issuer.EnrolTest()...)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.server = w.serve(issuerID, w.books, kecis.ServerConfig{Role: role, Payments: w.issuer, Captures: w.issuer, Cancellations: w.issuer})
}

// serve puts a service on the network.
func (w *world) serve(entity string, books journal.Journal, c kecis.ServerConfig) *kecis.Server {
	w.t.Helper()
	c.Entity, c.Endpoint, c.Keys, c.Partners, c.Journal = entity, entity, w.parties[entity].Keys, w.partners, books
	c.Clock, c.Log = w.clock, quiet()
	if c.Client == nil {
		c.Client = w.client(entity, books)
	}
	server, err := kecis.NewServer(c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.network.Handle(entity, server)
	return server
}

// open makes a PG with the shops as its merchants.
func (w *world) open(entity string) *gateway {
	w.t.Helper()
	books := kecistest.NewJournal()
	return w.openOn(entity, books, books)
}

// openOn opens a PG on books that it reaches through another journal.
func (w *world) openOn(entity string, books, through journal.Journal) *gateway {
	w.t.Helper()
	g := &gateway{entity: entity, journal: books}
	client := w.client(entity, through)
	g.client = client
	var err error
	if g.pg, err = pg.New(pg.Config{Journal: through, Client: client, Partners: w.partners}); err != nil {
		w.t.Fatal(err)
	}
	for _, m := range []pg.Merchant{
		{Entity: shopID, Name: "꽃집", Number: "M-1", Rate: 275},
		{Entity: otherID},
		{Entity: sellerID, Platform: shopID, Rate: 100, Methods: []kecis.InstrumentKind{kecis.Card}, Categories: []string{"5992"}},
	} {
		if err := g.pg.Register(w.t.Context(), m); err != nil {
			w.t.Fatal(err)
		}
	}
	role, _ := w.parties[entity].Partner.Role(metadata.PG)
	g.server = w.serve(entity, through, kecis.ServerConfig{
		Role: *role, Payments: g.pg, Captures: g.pg, Cancellations: g.pg, Client: client,
	})
	return g
}

// order is a payment of 50,000 won by a test instrument, concealed from the PG.
func (w *world) order(id, instrument string, edit ...func(*kecis.PaymentRequest)) *kecis.PaymentRequest {
	w.t.Helper()
	return w.orderAt(w.shop, pgID, id, instrument, edit...)
}

func (w *world) orderAt(client *kecis.Client, provider, id, instrument string, edit ...func(*kecis.PaymentRequest)) *kecis.PaymentRequest {
	w.t.Helper()
	p := client.NewPayment(provider)
	p.OrderRef = kecis.OrderRef{Requester: client.Entity, OrderID: id, Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: client.Entity, Name: "꽃집"}
	p.Amount, p.OrderAmount = kecis.Won(50_000), kecis.Won(50_000)
	p.Tax = kecis.Tax{Supply: 45_455, VAT: 4_545}
	p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic}
	p.Buyer = &ecml.Ecom{}
	for _, e := range edit {
		e(p)
	}
	if p.Instrument.Ref == "" {
		concealed, err := client.Conceal(w.t.Context(), p, plain(w.t, instrument))
		if err != nil {
			w.t.Fatal(err)
		}
		p.Instrument = concealed
	}
	return p
}

// plain is a test instrument as its holder enters it.
func plain(t *testing.T, id string) *kecis.PlainInstrument {
	t.Helper()
	for _, i := range issuer.TestInstruments() {
		if i.ID != id {
			continue
		}
		p := &kecis.PlainInstrument{Kind: i.Instrument.Kind, Number: ecml.NewCardNumber(i.Number), ExpMonth: i.ExpMonth, ExpYear: i.ExpYear}
		switch i.Instrument.Kind {
		case kecis.Account:
			p.Institution = bankCode
		case kecis.EMoney:
			p.Institution = pursesID
		default:
			p.Verification = ecml.NewVerification(i.Verification)
		}
		return p
	}
	t.Fatalf("there is no test instrument %s", id)
	return nil
}

func manual(p *kecis.PaymentRequest) { p.Terms.Capture = kecis.CaptureManual }

func attempt(n int) func(*kecis.PaymentRequest) {
	return func(p *kecis.PaymentRequest) { p.OrderRef.Attempt = n }
}

// pay makes a payment that must be approved.
func (w *world) pay(p *kecis.PaymentRequest) kecis.Transaction {
	w.t.Helper()
	answer, err := w.shop.Pay(w.t.Context(), p)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.Transaction
}

// capture captures a part of a payment of which the amounts are free of tax.
func (w *world) capture(p *kecis.PaymentRequest, amount int64, final bool) (*kecis.CaptureResponse, error) {
	c := w.shop.NewCapture(pgID)
	c.OrderRef, c.Original = p.OrderRef, kecis.Original{RequestID: p.ID}
	c.Amount, c.Tax, c.Final = kecis.Won(amount), kecis.Tax{TaxFree: amount}, final
	return w.shop.Capture(w.t.Context(), c)
}

func (w *world) cancel(p *kecis.PaymentRequest, amount, balance int64) (*kecis.CancellationResponse, error) {
	c := w.shop.NewCancellation(pgID)
	c.OrderRef, c.Original = p.OrderRef, kecis.Original{RequestID: p.ID}
	c.Amount, c.Tax, c.Scope, c.Reason = kecis.Won(amount), kecis.Tax{TaxFree: amount}, kecis.CancelPart, kecis.ReasonBuyer
	if c.ExpectedBalance = balance; amount == balance {
		c.Scope = kecis.CancelFull
	}
	return w.shop.Cancel(w.t.Context(), c)
}

// lose makes exchanges with a party fail from now on, as the fault says.
func (w *world) lose(party string, fault kecistest.Fault) {
	w.network.Fault(func(r *http.Request) kecistest.Fault {
		if r.URL.String() == party {
			return fault
		}
		return kecistest.Delivered
	})
}

// rest lets all parties do their background work, over an hour.
func (w *world) rest() {
	w.t.Helper()
	type worker interface {
		RunOnce(ctx context.Context) (bool, error)
	}
	idle := 0
	for range 1000 {
		worked := false
		for _, party := range []worker{w.server, w.issuer, w.pg.server, w.second.server, w.shop} {
			did, err := party.RunOnce(w.t.Context())
			if err != nil {
				w.t.Fatal(err)
			}
			worked = worked || did
		}
		if worked {
			idle = 0
			continue
		}
		if idle++; idle == 12 {
			return
		}
		w.clock.Advance(5 * time.Minute)
	}
	w.t.Fatal("background work does not end")
}

// inquire returns what a provider says of a payment.
func (w *world) inquire(client *kecis.Client, provider string, id kecis.ID) *kecis.InquiryResponse {
	w.t.Helper()
	found, err := client.Inquire(w.t.Context(), provider, kecis.Original{RequestID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// agreed fails the test unless all books are right, and the PG and the issuer
// state the same of each payment (I7).
func (w *world) agreed() {
	w.t.Helper()
	audits := map[string]func(context.Context) ([]string, error){
		"issuer": w.issuer.Audit, "PG": w.pg.pg.Audit, "second PG": w.second.pg.Audit,
	}
	for who, audit := range audits {
		findings, err := audit(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, f := range findings {
			w.t.Errorf("books of the %s: %s", who, f)
		}
	}
	for _, g := range []*gateway{w.pg, w.second} {
		claim, err := g.pg.Claim(w.t.Context(), issuerID, kecis.KRW)
		if err != nil {
			w.t.Fatal(err)
		}
		var owed int64
		err = w.books.View(w.t.Context(), func(tx journal.Tx) (err error) {
			owed, err = w.issuer.Ledger().Balance(tx, "house/payable/"+g.entity, "KRW")
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if claim != -owed {
			w.t.Errorf("%s claims %d, the issuer owes %d", g.entity, claim, -owed)
		}
		w.agree(g)
	}
}

// agree compares the payments of a PG with those of the issuer.
func (w *world) agree(g *gateway) {
	w.t.Helper()
	theirs := map[string]*journal.Transaction{}
	for _, t := range w.transactions(w.books, g.entity) {
		theirs[t.RequestID] = t
	}
	for _, entity := range []string{shopID, otherID} {
		for _, mine := range w.transactions(g.journal, entity) {
			var id string
			err := g.journal.View(w.t.Context(), func(tx journal.Tx) error {
				rows, err := tx.SentByKey(mine.Key)
				for _, r := range rows {
					if r.Kind == kecis.PaymentRequestKind.String() {
						id = r.ID
					}
				}
				return err
			})
			if err != nil {
				w.t.Fatal(err)
			}
			their := theirs[id]
			if their == nil {
				if mine.State != "declined" && mine.State != "reversed" {
					w.t.Errorf("order %s is %s at the PG, and unknown to the issuer", mine.OrderID, mine.State)
				}
				continue
			}
			if mine.State != their.State || mine.Captured != their.Captured || mine.Cancelled != their.Cancelled || mine.Cancellable != their.Cancellable {
				w.t.Errorf("order %s: %s %d %d %d at the PG, %s %d %d %d at the issuer", mine.OrderID,
					mine.State, mine.Captured, mine.Cancelled, mine.Cancellable, their.State, their.Captured, their.Cancelled, their.Cancellable)
			}
		}
	}
}

func (w *world) transactions(books journal.Journal, owner string) (list []*journal.Transaction) {
	w.t.Helper()
	err := books.View(w.t.Context(), func(tx journal.Tx) (err error) {
		list, err = tx.ListTransactions(owner, w.clock.Now().Add(-365*24*time.Hour), w.clock.Now().Add(time.Hour), time.Time{}, "", 10_000)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// refused holds an error against the fault that it must be.
func refused(t *testing.T, err error, outcome kecis.Outcome, code error) *kecis.Fault {
	t.Helper()
	f, ok := errors.AsType[*kecis.Fault](err)
	if !ok || f.Outcome != outcome || !errors.Is(err, code) {
		t.Fatalf("got %v, want %v: %v", err, outcome, code)
	}
	return f
}

// longLived makes the keys and metadata of all parties good for a month.
func (w *world) longLived() {
	for _, p := range w.parties {
		p.Partner.Entity.ValidUntil = w.clock.Now().Add(30 * 24 * time.Hour)
	}
}
