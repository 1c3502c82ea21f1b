package kecis

import (
	"strconv"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// PaymentRequest asks for an amount to be authorised, with or without capture
// (chapter 50). The same message serves every hop: shop to PG, PG to issuer.
type PaymentRequest struct {
	RequestHeader
	OrderRef OrderRef
	Payee    Payee
	// Amount is what is asked for, OrderAmount that of the whole order, which is
	// the same unless the order is paid in parts.
	Amount, OrderAmount Money
	// Tax splits Amount for the tax authority.
	Tax Tax
	// Lines are those of the order and add up to OrderAmount; none need be given.
	Lines      []Line
	Terms      Terms
	Instrument Instrument
	// Buyer is asserted ECML data, within the profile of KECIS-MSG-020.
	Buyer *ecml.Ecom
	// Evidence is what proves the buyer's or the shop's will.
	Evidence []Evidence
}

const paymentRequestContent = requestStart + "kecis:OrderRef kecis:Payee kecis:Amount kecis:Tax kecis:Lines kecis:Terms kecis:Instrument kecis:Buyer kecis:Evidence "

func (p *PaymentRequest) kind() Kind { return PaymentRequestKind }

func (p *PaymentRequest) decode(d *decoder, root xmltree.Element) {
	c := d.request(&p.RequestHeader, root, paymentRequestContent)
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
	d.terms(&p.Terms, c.need(Namespace, "Terms"))
	instrument := c.need(Namespace, "Instrument")
	d.instrument(&p.Instrument, instrument)
	d.check(checkInstalments(p.Terms, p.Instrument.Kind), instrument)
	d.check(p.Terms.checkDeposits(p.Amount, p.Instrument.Kind), instrument)
	p.Buyer = d.buyer(c.need(Namespace, "Buyer"))
	p.Evidence = d.evidence(&c)
	c.end()
}

func (p *PaymentRequest) encode(e *encoder) {
	e.request("PaymentRequest", &p.RequestHeader)
	e.orderRef(&p.OrderRef)
	e.payee(&p.Payee)
	e.amount(p.Amount, &p.OrderAmount)
	e.keep(checkOrder(p.Amount, p.OrderAmount))
	e.tax(&p.Tax, p.Amount)
	e.lines(p.Lines)
	e.keep(checkLines(p.Lines, p.OrderAmount))
	e.start("kecis", "Terms")
	e.terms(&p.Terms)
	e.w.End()
	e.instrument(&p.Instrument)
	e.keep(checkInstalments(p.Terms, p.Instrument.Kind))
	e.keep(p.Terms.checkDeposits(p.Amount, p.Instrument.Kind))
	e.buyer(p.Buyer)
	e.evidence(p.Evidence)
	e.w.End()
}

// checkOrder refuses an amount larger than that of its order.
func checkOrder(amount, order Money) *Error {
	if amount.Minor > order.Minor {
		return &Error{code: ErrOrderAmount, expected: "at most " + shownAmount(order.Minor), found: shownAmount(amount.Minor)}
	}
	return nil
}

// checkInstalments refuses instalments of what is no card.
func checkInstalments(t Terms, kind InstrumentKind) *Error {
	if kind != Card && t.Instalments != LumpSum {
		return &Error{code: ErrInstrument, expected: "instalments only of a card", found: t.Instalments.String()}
	}
	return nil
}

// InstrumentContext returns the context that the encrypted instrument of this
// request must have been made for (P8, KECIS-ENC-020). It names no deadline:
// that inside the plaintext is held against the clock.
func (p *PaymentRequest) InstrumentContext() xmlenc.Context {
	return xmlenc.Context{
		Recipient: p.Instrument.Issuer,
		Payee:     p.Payee.Entity,
		Requester: p.OrderRef.Requester,
		Order:     p.OrderRef.OrderID,
		Part:      strconv.Itoa(p.OrderRef.Part),
		Amount:    p.OrderAmount.Minor,
		Currency:  string(p.OrderAmount.Currency),
	}
}

// Answer returns an answer to the request that is bound to it (P5), sent by
// entity, with the status of that code. The caller adds ID, IssueInstant, and a Transaction.
func (p *PaymentRequest) Answer(entity string, code Code) *PaymentResponse {
	return &PaymentResponse{ResponseHeader: p.answer(entity, code), OrderRef: p.OrderRef}
}

// PaymentResponse is the answer to a PaymentRequest.
type PaymentResponse struct {
	ResponseHeader
	// OrderRef is that of the request, unchanged.
	OrderRef OrderRef
	// Transaction states what came of it. It stands where the outcome is done
	// or pending; its ID is "" where there is none.
	Transaction Transaction
	// Accepted are the methods of authentication that the provider's policy takes
	// for the order, of an answer with ErrAuthenticationRequired.
	Accepted []metadata.AuthenticationMethod
}

const paymentResponseContent = responseStart + "kecis:OrderRef kecis:Transaction kecis:Accepted "

func (p *PaymentResponse) kind() Kind { return PaymentResponseKind }

func (p *PaymentResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, paymentResponseContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	if e, ok := c.option(Namespace, "Transaction"); ok {
		d.transaction(&p.Transaction, e)
	}
	if e, ok := c.option(Namespace, "Accepted"); ok {
		p.Accepted = d.accepted(e)
	}
	c.end()
	if d.err == nil {
		d.check(p.checkAccepted(), root)
		d.check(checkPaid(p.Status.Outcome, p.Transaction.stated()), root)
	}
}

func (p *PaymentResponse) encode(e *encoder) {
	e.response("PaymentResponse", &p.ResponseHeader)
	e.keep(checkPaid(p.Status.Outcome, p.Transaction.stated()))
	e.orderRef(&p.OrderRef)
	e.transaction(&p.Transaction)
	e.keep(p.checkAccepted())
	e.accepted(p.Accepted)
	e.w.End()
}

// checkPaid refuses a state that contradicts the outcome of a payment
// (KECIS-PAY-018).
func checkPaid(outcome Outcome, state State) *Error {
	var good bool
	switch outcome {
	case Done:
		good = state == StateAuthorised || state == StateCaptured
	case Pending:
		good = state == StatePending
	case NotDone:
		good = state == 0 || state == StateDeclined || state == StateReversed || state == StateExpired
	default:
		good = state == 0 || state == StateResolving
	}
	if !good {
		return contradictsOutcome(outcome, state)
	}
	return nil
}

// AnswerTo reports whether the answer belongs to the request: its ID, sender,
// digest and OrderRef (P5). Else the error is ErrAnswer, and nothing in the
// answer may be relied on.
func (p *PaymentResponse) AnswerTo(request *PaymentRequest) error {
	if err := p.answerTo(&request.Header); err != nil {
		return err
	}
	if p.OrderRef != request.OrderRef {
		return &Error{code: ErrAnswer, expected: "the OrderRef of the request", found: quote(p.OrderRef.OrderID)}
	}
	return nil
}
