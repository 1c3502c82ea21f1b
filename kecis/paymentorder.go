package kecis

import (
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Bounds of an offer (KECIS-ORD-003).
const (
	// DefaultOffer is how long an offer holds where its maker says nothing: a buyer
	// who looks for a card and for a telephone needs no more.
	DefaultOffer = 30 * time.Minute
	// MaxOffer is how long after it was made an offer may hold: a day, so that one
	// sent by mail is read, and still shorter than any roll-over of keys.
	MaxOffer = 24 * time.Hour
)

// PaymentOrder is a shop's signed offer, which a buyer's browser carries to the
// provider (chapter 57). It names no instrument and moves no money by itself: the
// buyer chooses and confirms on the provider's pages.
type PaymentOrder struct {
	Header
	Offer    Offer
	OrderRef OrderRef
	Payee    Payee
	// Amount is what is to be paid, OrderAmount that of the whole order.
	Amount, OrderAmount Money
	// Tax splits Amount for the tax authority.
	Tax Tax
	// Lines are those of the order and add up to OrderAmount; none need be given.
	Lines []Line
	// Terms are as of a payment; Instalments is the longest plan that the buyer
	// may choose.
	Terms Terms
	// Buyer is asserted ECML data; nil if the shop tells nothing of the buyer.
	Buyer *ecml.Ecom
}

// Offer says when an order may be paid, and in which language its pages are.
type Offer struct {
	// NotBefore is when the offer begins, NotOnOrAfter when it is over, in whole
	// seconds.
	NotBefore, NotOnOrAfter time.Time
	Language                Language
}

const paymentOrderContent = requestStart + "kecis:Offer kecis:OrderRef kecis:Payee kecis:Amount kecis:Tax kecis:Lines kecis:Terms kecis:Buyer "

func (p *PaymentOrder) kind() Kind { return PaymentOrderKind }

func (p *PaymentOrder) decode(d *decoder, root xmltree.Element) {
	a := d.attributes(root)
	d.common(&p.Header, &a)
	a.end(" Destination ID IssueInstant Version ")
	c := d.content(root, paymentOrderContent)
	d.senders(&p.Header, &c)
	offer := c.need(Namespace, "Offer")
	d.offer(&p.Offer, offer)
	d.check(p.checkOffer(), offer)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	d.payee(&p.Payee, c.need(Namespace, "Payee"))
	amount := c.need(Namespace, "Amount")
	d.amount(&p.Amount, &p.OrderAmount, amount)
	d.check(checkOrder(p.Amount, p.OrderAmount), amount)
	d.tax(&p.Tax, p.Amount, c.need(Namespace, "Tax"))
	if e, ok := c.option(Namespace, "Lines"); ok {
		p.Lines = d.lines(e)
		d.check(checkLines(p.Lines, p.OrderAmount), e)
	}
	terms := c.need(Namespace, "Terms")
	d.terms(&p.Terms, terms)
	d.check(p.checkTerms(), terms)
	if e, ok := c.option(Namespace, "Buyer"); ok {
		p.Buyer = d.buyer(e)
	}
	c.end()
}

func (p *PaymentOrder) encode(e *encoder) {
	e.start("kecis", "PaymentOrder")
	e.uri("Destination", p.Destination)
	e.id("ID", p.ID)
	e.instant("IssueInstant", p.IssueInstant)
	e.attr("Version", samlVersion)
	e.senders(&p.Header)
	e.offer(&p.Offer)
	e.keep(p.checkOffer())
	e.orderRef(&p.OrderRef)
	e.payee(&p.Payee)
	e.amount(p.Amount, &p.OrderAmount)
	e.keep(checkOrder(p.Amount, p.OrderAmount))
	e.tax(&p.Tax, p.Amount)
	e.lines(p.Lines)
	e.keep(checkLines(p.Lines, p.OrderAmount))
	e.start("kecis", "Terms")
	e.terms(&p.Terms)
	e.keep(p.checkTerms())
	e.w.End()
	if p.Buyer != nil {
		e.buyer(p.Buyer)
	}
	e.w.End()
}

func (d *decoder) offer(o *Offer, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	o.Language = Language(a.choice("Language", languages))
	o.NotBefore = a.instant("NotBefore")
	o.NotOnOrAfter = a.instant("NotOnOrAfter")
	a.end(" Language NotBefore NotOnOrAfter ")
	d.empty(e)
}

func (e *encoder) offer(o *Offer) {
	e.start("kecis", "Offer")
	e.choice("Language", o.Language.String())
	e.instant("NotBefore", o.NotBefore)
	e.instant("NotOnOrAfter", o.NotOnOrAfter)
	e.w.End()
}

// checkOffer refuses times that do not follow each other, or hold too long.
func (p *PaymentOrder) checkOffer() *Error {
	o := &p.Offer
	switch {
	case o.NotBefore.Before(p.IssueInstant):
		return &Error{code: ErrOffer, expected: "NotBefore at IssueInstant or after it", found: o.NotBefore.Sub(p.IssueInstant).String()}
	case !o.NotOnOrAfter.After(o.NotBefore):
		return &Error{code: ErrOffer, expected: "NotOnOrAfter after NotBefore", found: o.NotOnOrAfter.Sub(o.NotBefore).String()}
	case o.NotOnOrAfter.Sub(p.IssueInstant) > MaxOffer:
		return &Error{code: ErrOffer, expected: "NotOnOrAfter at most " + MaxOffer.String() + " after IssueInstant", found: o.NotOnOrAfter.Sub(p.IssueInstant).String()}
	}
	return nil
}

// request is the order's header as that of a request which must take effect
// before the deadline.
func (p *PaymentOrder) request(deadline time.Time) RequestHeader {
	return RequestHeader{Header: p.Header, NotOnOrAfter: deadline}
}

// Answer returns an answer to the order that is bound to it (P5), sent by
// entity and destined to the requester's front address, with the status of that
// code. The caller adds ID, IssueInstant, and a Transaction.
func (p *PaymentOrder) Answer(entity, front string, code Code) *OrderResponse {
	header := p.request(p.Offer.NotOnOrAfter)
	a := &OrderResponse{ResponseHeader: header.answer(entity, code), OrderRef: p.OrderRef}
	a.Destination = front
	return a
}

// OrderResponse is the answer to a PaymentOrder, which the buyer's browser
// carries back to the requester.
type OrderResponse struct {
	ResponseHeader
	// OrderRef is that of the order, unchanged.
	OrderRef OrderRef
	// Transaction states what came of it, as in a PaymentResponse; its ID is ""
	// where there is none.
	Transaction Transaction
}

const orderResponseContent = responseStart + "kecis:OrderRef kecis:Transaction "

func (p *OrderResponse) kind() Kind { return OrderResponseKind }

func (p *OrderResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, orderResponseContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	if e, ok := c.option(Namespace, "Transaction"); ok {
		d.transaction(&p.Transaction, e)
	}
	c.end()
	if d.err == nil {
		d.check(checkPaid(p.Status.Outcome, p.Transaction.stated()), root)
	}
}

func (p *OrderResponse) encode(e *encoder) {
	e.response("OrderResponse", &p.ResponseHeader)
	e.keep(checkPaid(p.Status.Outcome, p.Transaction.stated()))
	e.orderRef(&p.OrderRef)
	e.transaction(&p.Transaction)
	e.w.End()
}

// AnswerTo reports whether the answer belongs to the order: its ID, sender,
// digest and OrderRef (P5). Else the error is ErrAnswer, and nothing in the
// answer may be relied on.
func (p *OrderResponse) AnswerTo(order *PaymentOrder) error {
	if err := p.answerTo(&order.Header); err != nil {
		return err
	}
	if p.OrderRef != order.OrderRef {
		return &Error{code: ErrAnswer, expected: "the OrderRef of the order", found: quote(p.OrderRef.OrderID)}
	}
	return nil
}

// DecodePaymentOrder is Decode for one kind; another is refused with ErrKind.
func DecodePaymentOrder(v xmlsig.Verified) (*PaymentOrder, error) { return decodeAs[PaymentOrder](v) }

// DecodeOrderResponse is Decode for one kind; another is refused with ErrKind.
func DecodeOrderResponse(v xmlsig.Verified) (*OrderResponse, error) {
	return decodeAs[OrderResponse](v)
}

// checkTerms refuses what an order cannot ask for: its payment is no hold that
// authenticates, and what needs no authentication is found on the page.
func (p *PaymentOrder) checkTerms() *Error {
	if p.Terms.Purpose != 0 || p.Terms.Exemption != "" {
		return &Error{code: ErrTerms, expected: "no purpose and no exemption of an order"}
	}
	return nil
}
