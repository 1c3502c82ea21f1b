package suite

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance/cases"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// matter is what a message is about: an order, and the payment of it that is
// there already, if the message needs one.
type matter struct {
	order  kecis.OrderRef
	paid   *kecis.PaymentRequest // nil for none
	answer *kecis.PaymentResponse
}

// The amount of every order: won, of which the tenth part is tax.
const (
	orderWon  = 50_000
	supplyWon = 45_455
	taxWon    = 4_545
)

// newOrder returns an order that nobody has seen.
func (s *Stage) newOrder() (kecis.OrderRef, error) {
	var raw [8]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return kecis.OrderRef{}, err
	}
	s.mu.Lock()
	s.orders++
	number := s.orders
	s.mu.Unlock()
	return kecis.OrderRef{Requester: s.asking.Entity, OrderID: fmt.Sprintf("T%d-%s", number, hex.EncodeToString(raw[:])), Attempt: 1, Part: 1}, nil
}

// payment is a payment of an order by the test card, as a shop would ask for it.
func (s *Stage) payment(order kecis.OrderRef, capture kecis.Capture) *kecis.PaymentRequest {
	p := s.client.NewPayment(s.Subject.Entity)
	p.OrderRef = order
	p.Payee = kecis.Payee{Entity: s.asking.Entity, Name: "사과나무 과일가게"}
	p.Amount, p.OrderAmount = kecis.Won(orderWon), kecis.Won(orderWon)
	p.Tax = kecis.Tax{Supply: supplyWon, VAT: taxWon}
	p.Terms = kecis.Terms{Capture: capture}
	p.Buyer = &ecml.Ecom{}
	return p
}

// pay makes a payment that must be approved.
func (s *Stage) pay(ctx context.Context, capture kecis.Capture) (*matter, error) {
	order, err := s.newOrder()
	if err != nil {
		return nil, err
	}
	p := s.payment(order, capture)
	p.Instrument, err = s.conceal(ctx, p, &s.Subject.Card)
	if err != nil {
		return nil, err
	}
	answer, err := s.client.Pay(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("an ordinary payment with the test card: %w", err)
	}
	return &matter{order: order, paid: p, answer: answer}, nil
}

// issuer is the entityID of the issuer of the test card.
func (s *Stage) issuer() string {
	if s.bank != nil {
		return s.Cast.Issuer.Entity
	}
	return s.Subject.Entity
}

// conceal encrypts the card to its issuer, by the routing table of the PG: before
// an issuer that is the suite's own, which leads to it.
func (s *Stage) conceal(ctx context.Context, p *kecis.PaymentRequest, plain *kecis.PlainInstrument) (kecis.Instrument, error) {
	gateway := s.Subject.Entity
	if s.bank == nil {
		gateway = s.Cast.PG.Entity
	}
	about := s.client.NewPayment(gateway)
	about.OrderRef, about.Payee, about.OrderAmount = p.OrderRef, p.Payee, p.OrderAmount
	return s.client.Conceal(ctx, about, plain)
}

// card returns the InstrumentRef by which written messages pay: the one that the
// first payment of the run brought (KECIS-PAY-017).
func (s *Stage) card(ctx context.Context) (kecis.Instrument, error) {
	s.mu.Lock()
	card := s.reference
	s.mu.Unlock()
	if card.Ref != "" {
		return card, nil
	}
	first, err := s.pay(ctx, kecis.CaptureAutomatic)
	if err != nil {
		return card, err
	}
	card = first.paid.Instrument
	card.Encrypted, card.Ref = nil, first.answer.Transaction.InstrumentRef
	if card.Ref == "" {
		return card, errNoReference
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reference = card
	return card, nil
}

var errNoReference = errors.New("the first payment brought no InstrumentRef (KECIS-PAY-017)")

// actual is what a written message becomes for a matter.
func (s *Stage) actual(ctx context.Context, m *matter, address string) (*cases.Actual, error) {
	card, err := s.card(ctx)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	a := &cases.Actual{
		Sender: s.asking.Entity, Provider: address, Issuer: s.issuer(), OrderID: m.order.OrderID,
		Reference: card.Ref, Brand: card.Brand, First6: card.First6, Last4: card.Last4,
		At: s.Clock.Now().UTC().Truncate(time.Second), Nonce: nonce,
	}
	if m.paid != nil {
		a.Transaction, a.Original, a.Issued = m.answer.Transaction.ID, string(m.paid.ID), m.paid.IssueInstant
	}
	return a, nil
}

// serviceOf says, of the name of a valid message, which message it is.
func serviceOf(happy string) (service metadata.Service, prepare func(*Stage, context.Context) (*matter, error), ok bool) {
	nothing := func(s *Stage, _ context.Context) (*matter, error) {
		order, err := s.newOrder()
		return &matter{order: order}, err
	}
	captured := func(s *Stage, ctx context.Context) (*matter, error) { return s.pay(ctx, kecis.CaptureAutomatic) }
	held := func(s *Stage, ctx context.Context) (*matter, error) { return s.pay(ctx, kecis.CaptureManual) }
	switch {
	case strings.HasPrefix(happy, "payment-request"), happy == "message-payment-request":
		return metadata.ServicePayment, nothing, true
	case happy == "message-capture-request":
		return metadata.ServiceCapture, held, true
	case happy == "message-cancellation-request":
		return metadata.ServiceCancellation, captured, true
	case happy == "message-reversal-request":
		return metadata.ServiceReversal, captured, true
	case happy == "message-inquiry-request":
		return metadata.ServiceInquiry, captured, true
	case happy == "message-feed-request":
		return metadata.ServiceFeed, nothing, true
	case happy == "message-reconciliation-request":
		return metadata.ServiceReconciliation, nothing, true
	}
	return "", nil, false
}
