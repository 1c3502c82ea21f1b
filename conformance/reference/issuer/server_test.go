package issuer_test

import (
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
)

// served is the issuer behind a Server, with a PG that asks it over a network in
// memory, and a shop whose requests the PG hands on.
type served struct {
	t         *testing.T
	clock     *kecistest.Clock
	journal   *kecistest.Journal
	issuer    *issuer.Issuer
	server    *kecis.Server
	party, pg *kecistest.Party
	shop      *kecistest.Party
	client    *kecis.Client
	network   *kecistest.Network
	orders    int
}

func newServed(t *testing.T) *served {
	t.Helper()
	at := time.Date(2026, 12, 31, 5, 3, 0, 0, time.UTC)
	s := &served{t: t, clock: kecistest.NewClock(at), journal: kecistest.NewJournal(), network: kecistest.NewNetwork()}
	s.party = kecistest.NewParty(t, entity, kecistest.Role(metadata.Issuer), at)
	s.pg = kecistest.NewParty(t, pg, kecistest.Role(metadata.PG), at)
	s.shop = kecistest.NewParty(t, shop, kecistest.Role(metadata.Requester), at)
	partners := metadata.Fixed(s.party.Partner, s.pg.Partner, s.shop.Partner)
	var err error
	s.issuer, err = issuer.New(issuer.Config{
		Entity: entity, Journal: s.journal, Clock: s.clock, Keys: s.party.Private,
		NumberKey: []byte("a key of thirty-two secret bytes"), Shops: partners,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.issuer.Enrol(t.Context(), issuer.EnrolTest()...); err != nil {
		t.Fatal(err)
	}
	s.server, err = kecis.NewServer(kecis.ServerConfig{
		Entity: entity, Endpoint: entity, Keys: s.party.Keys, Partners: partners, Journal: s.journal,
		Role: kecistest.Role(metadata.Issuer), Payments: s.issuer, Captures: s.issuer, Cancellations: s.issuer,
		Clock: s.clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	lose := func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) } // to the client, no answer at all
	s.network.Handle(entity, issuer.Lossy(s.server, lose))
	s.client = &kecis.Client{
		Entity: pg, Keys: s.pg.Keys, Partners: partners, Journal: kecistest.NewJournal(),
		HTTP: s.network.Client(), Clock: s.clock, Log: slog.New(slog.DiscardHandler),
	}
	return s
}

// payment is a PG's payment by a test instrument.
func (s *served) payment(instrument string, amount int64, capture kecis.Capture) *kecis.PaymentRequest {
	s.t.Helper()
	s.orders++
	card := testInstrument(s.t, instrument)
	p := s.client.NewPayment(entity)
	p.OrderRef = kecis.OrderRef{Requester: shop, OrderID: "order-" + string(rune('a'+s.orders)), Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: shop, Name: "꽃집"}
	p.Amount = kecis.Money{Minor: amount, Currency: card.Instrument.Currency}
	p.OrderAmount, p.Tax, p.Terms, p.Buyer = p.Amount, kecis.Tax{TaxFree: amount}, kecis.Terms{Capture: capture}, &ecml.Ecom{}
	p.Instrument = kecis.Instrument{Issuer: entity, Kind: card.Instrument.Kind, Brand: card.Instrument.Brand, Last4: card.Number[len(card.Number)-4:]}
	if p.Instrument.Kind == kecis.Card {
		p.Instrument.First6 = card.Number[:6]
	}
	c := p.InstrumentContext()
	c.NotOnOrAfter = s.clock.Now().Add(10 * time.Minute)
	plain := card.Plain()
	var err error
	if p.Instrument.Encrypted, err = plain.Conceal(nil, s.party.Private.Recipient(), c); err != nil {
		s.t.Fatal(err)
	}
	order := *p
	order.Sender, order.Destination, order.ID = shop, pg, "_0123456789abcdef0123456789abcdef01234567"
	order.IssueInstant, order.NotOnOrAfter = s.clock.Now(), s.clock.Now().Add(time.Minute)
	doc, err := kecis.Sign(&order, s.shop.Signer)
	if err != nil {
		s.t.Fatal(err)
	}
	p.Evidence = []kecis.Evidence{{Kind: kecis.EvidenceRequest, Document: doc}}
	return p
}

// settled does all background work, and audits the books.
func (s *served) settled() {
	s.t.Helper()
	for worked := true; worked; {
		a, err := s.server.RunOnce(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		b, err := s.issuer.RunOnce(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		worked = a || b
	}
	findings, err := s.issuer.Audit(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range findings {
		s.t.Error("books: " + f)
	}
}

// only returns the one payment in the books.
func (s *served) only() issuer.Payment {
	s.t.Helper()
	list, err := s.issuer.Payments(s.t.Context(), "", 10)
	if err != nil || len(list) != 1 {
		s.t.Fatalf("payments: %+v, %v", list, err)
	}
	return list[0]
}

func TestServed(t *testing.T) {
	s := newServed(t)
	p := s.payment("card-approve", 50_000, kecis.CaptureManual)
	paid, err := s.client.Pay(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if paid.Transaction.State != kecis.StateAuthorised || paid.Transaction.InstrumentRef == "" || len(paid.Transaction.ApprovalCode) != 8 {
		t.Errorf("paid: %+v", paid.Transaction)
	}
	capture := s.client.NewCapture(entity)
	capture.OrderRef, capture.Original = p.OrderRef, kecis.Original{TransactionID: paid.Transaction.ID}
	capture.Amount, capture.Tax, capture.Final = kecis.Won(30_000), kecis.Tax{TaxFree: 30_000}, true
	captured, err := s.client.Capture(t.Context(), capture)
	if err != nil || captured.Transaction.Captured != 30_000 {
		t.Fatalf("captured: %+v, %v", captured, err)
	}
	cancel := s.client.NewCancellation(entity)
	cancel.OrderRef, cancel.Original, cancel.Amount, cancel.Tax = p.OrderRef, capture.Original, kecis.Won(10_000), kecis.Tax{TaxFree: 10_000}
	cancel.Scope, cancel.Reason, cancel.ExpectedBalance = kecis.CancelPart, kecis.ReasonBuyer, 30_000
	cancelled, err := s.client.Cancel(t.Context(), cancel)
	if err != nil || cancelled.Transaction.Cancellable != 20_000 || cancelled.Cancelled.Kind != kecis.Refund {
		t.Fatalf("cancelled: %+v, %v", cancelled, err)
	}
	if book := s.only(); book.Captured != 30_000 || book.Refunded != 10_000 || book.Released != 20_000 {
		t.Errorf("books: %+v", book)
	}
	s.settled()
}

func TestServedRefusals(t *testing.T) {
	s := newServed(t)
	for id, want := range map[string]string{
		"card-limit": string(kecis.ErrDeclinedLimit), "card-stolen": string(kecis.ErrLostStolen),
		"card-unknown": string(kecis.ErrInvalidCard), "card-approve": string(xmlenc.ErrFailed),
	} {
		p := s.payment(id, 1000, kecis.CaptureAutomatic)
		if id == "card-approve" { // with the instrument of another order
			p.Instrument.Encrypted = s.payment(id, 1000, kecis.CaptureAutomatic).Instrument.Encrypted
		}
		_, err := s.client.Pay(t.Context(), p)
		f, ok := errors.AsType[*kecis.Fault](err)
		if !ok || string(f.Code) != want || f.Outcome != kecis.NotDone {
			t.Errorf("%s: %v, want %s", id, err, want)
		}
	}
	s.settled()
}

// TestServedLost: no answer to a payment arrives, and it ends reversed.
func TestServedLost(t *testing.T) {
	s := newServed(t)
	p := s.payment("card-lost", 50_000, kecis.CaptureAutomatic)
	_, err := s.client.Pay(t.Context(), p)
	if f, ok := errors.AsType[*kecis.Fault](err); !ok || f.Outcome != kecis.Unknown {
		t.Fatalf("paid: %v, want that it is unknown", err)
	}
	if book := s.only(); book.State != issuer.Approved || book.Captured != 50_000 {
		t.Errorf("books: %+v", book)
	}
	if end, err := s.client.Reverse(t.Context(), p.ID, kecis.ReasonNoAnswer); err != nil {
		t.Fatalf("reversed: %+v, %v", end, err)
	}
	if book := s.only(); book.State != issuer.Reversed || book.Captured != book.Refunded {
		t.Errorf("books: %+v", book)
	}
	s.settled()
}

// TestServedTooSlow: the approval comes after every deadline, and ends reversed.
func TestServedTooSlow(t *testing.T) {
	s := newServed(t)
	_, err := s.client.Pay(t.Context(), s.payment("card-too-slow", 50_000, kecis.CaptureManual))
	if f, ok := errors.AsType[*kecis.Fault](err); !ok || f.Outcome != kecis.Unknown {
		t.Fatalf("paid: %v, want that it is unknown", err)
	}
	for range 10 {
		s.clock.Advance(time.Minute)
		s.settled()
	}
	if book := s.only(); book.State != issuer.Reversed || book.Held != 0 {
		t.Errorf("books: %+v", book)
	}
}

func TestServedSlow(t *testing.T) {
	s := newServed(t)
	paid, err := s.client.Pay(t.Context(), s.payment("card-slow", 50_000, kecis.CaptureAutomatic))
	if err != nil || paid.Transaction.Captured != 50_000 {
		t.Fatalf("paid: %+v, %v", paid, err)
	}
	if lost, err := s.client.Pay(t.Context(), s.payment("card-lost-once", 50_000, kecis.CaptureAutomatic)); err != nil || lost.Transaction.Captured != 50_000 {
		t.Fatalf("the first answer lost: %+v, %v", lost, err)
	}
	s.settled()
}

// TestServedHoldExpires: the SDK's transaction and the issuer's hold end alike.
func TestServedHoldExpires(t *testing.T) {
	s := newServed(t)
	p := s.payment("card-approve", 50_000, kecis.CaptureManual)
	paid, err := s.client.Pay(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(issuer.DefaultHoldTime)
	s.settled()
	if book := s.only(); book.State != issuer.Expired || book.Held != 0 {
		t.Errorf("books: %+v", book)
	}
	for _, tx := range s.journal.AllTransactions() {
		if tx.ID == paid.Transaction.ID && tx.State != kecis.StateExpired.String() {
			t.Errorf("the SDK's transaction is %s", tx.State)
		}
	}
}
