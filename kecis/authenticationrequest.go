package kecis

import (
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// AuthenticationRequest asks for the buyer of an order to be authenticated
// (chapter 58). It moves no money of the order.
type AuthenticationRequest struct {
	RequestHeader
	OrderRef OrderRef
	Payee    Payee
	// Amount is what is to be paid after it, OrderAmount that of the whole order,
	// which is the same unless the order is paid in parts.
	Amount, OrderAmount Money
	// Method is the one that is wanted, Variant that of an amount authentication.
	Method  metadata.AuthenticationMethod
	Variant Variant
	// Language is that of the pages and messages that the buyer sees.
	Language Language
	// Instrument is what will be paid with, as of a payment; nil where the method
	// needs none.
	Instrument *Instrument
	// Buyer is asserted ECML data; nil if nothing is told of the buyer.
	Buyer *ecml.Ecom
	// Audience are entityIDs of those who are to rely on the result beside the
	// requester, the provider and the issuer of the instrument.
	Audience []string
	// Evidence is what proves the shop's will.
	Evidence []Evidence
}

const authenticationRequestContent = requestStart + "kecis:OrderRef kecis:Payee kecis:Amount kecis:Wanted kecis:Instrument kecis:Buyer kecis:Audience kecis:Evidence "

func (p *AuthenticationRequest) kind() Kind { return AuthenticationRequestKind }

func (p *AuthenticationRequest) decode(d *decoder, root xmltree.Element) {
	c := d.request(&p.RequestHeader, root, authenticationRequestContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	d.payee(&p.Payee, c.need(Namespace, "Payee"))
	amount := c.need(Namespace, "Amount")
	d.amount(&p.Amount, &p.OrderAmount, amount)
	d.check(checkOrder(p.Amount, p.OrderAmount), amount)
	d.wanted(p, c.need(Namespace, "Wanted"))
	if e, ok := c.option(Namespace, "Instrument"); ok {
		p.Instrument = &Instrument{}
		d.instrument(p.Instrument, e)
	}
	if e, ok := c.option(Namespace, "Buyer"); ok {
		p.Buyer = d.buyer(e)
	}
	p.Audience = d.audience(&c)
	p.Evidence = d.evidence(&c)
	c.end()
	if d.err == nil {
		d.check(p.check(), root)
	}
}

func (d *decoder) wanted(p *AuthenticationRequest, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	p.Language = Language(a.choice("Language", languages))
	a.method(&p.Method, &p.Variant)
	a.end(" Language Method Variant ")
	d.empty(e)
	d.check(checkVariant(p.Method, p.Variant), e)
}

func (p *AuthenticationRequest) encode(e *encoder) {
	e.request("AuthenticationRequest", &p.RequestHeader)
	e.keep(p.check())
	e.orderRef(&p.OrderRef)
	e.payee(&p.Payee)
	e.amount(p.Amount, &p.OrderAmount)
	e.keep(checkOrder(p.Amount, p.OrderAmount))
	e.start("kecis", "Wanted")
	e.choice("Language", p.Language.String())
	e.method(p.Method, p.Variant)
	e.keep(checkVariant(p.Method, p.Variant))
	e.w.End()
	if p.Instrument != nil {
		e.instrument(p.Instrument)
	}
	if p.Buyer != nil {
		e.buyer(p.Buyer)
	}
	e.audience(p.Audience)
	e.evidence(p.Evidence)
	e.w.End()
}

// check refuses a method without what it needs (KECIS-AUT-005).
func (p *AuthenticationRequest) check() *Error {
	if p.Method == metadata.ByAmount && p.Instrument == nil {
		return &Error{code: ErrAuthentication, expected: "an instrument where the method is amount"}
	}
	if p.Variant == VariantDeposits && p.Instrument.Kind != Account {
		return &Error{code: ErrAuthentication, expected: "an account where the variant is deposits", found: p.Instrument.Kind.String()}
	}
	return nil
}

// InstrumentContext is that of the payment which follows, so that one encrypted
// instrument serves both (P8): see PaymentRequest.InstrumentContext.
func (p *AuthenticationRequest) InstrumentContext() xmlenc.Context {
	payment := PaymentRequest{OrderRef: p.OrderRef, Payee: p.Payee, OrderAmount: p.OrderAmount}
	if p.Instrument != nil {
		payment.Instrument = *p.Instrument
	}
	return payment.InstrumentContext()
}

// Answer returns an answer to the request that is bound to it (P5), sent by
// entity, with the status of that code. The caller adds ID, IssueInstant, and
// the authentication.
func (p *AuthenticationRequest) Answer(entity string, code Code) *AuthenticationResponse {
	return &AuthenticationResponse{ResponseHeader: p.answer(entity, code), OrderRef: p.OrderRef}
}

// AuthenticationResponse is the answer to an AuthenticationRequest or a
// ConfirmationRequest. One of the state Authenticated is evidence that a payment
// can carry.
type AuthenticationResponse struct {
	ResponseHeader
	// OrderRef is that of the request, unchanged.
	OrderRef OrderRef
	// Authentication is how it stands; its ID is "" if there is none.
	Authentication Authentication
}

const authenticationResponseContent = responseStart + "kecis:OrderRef kecis:Authentication "

func (p *AuthenticationResponse) kind() Kind { return AuthenticationResponseKind }

func (p *AuthenticationResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, authenticationResponseContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	if e, ok := c.option(Namespace, "Authentication"); ok {
		d.authentication(&p.Authentication, e)
	}
	c.end()
	if d.err == nil {
		d.check(checkAuthenticated(p.Status.Outcome, p.Authentication.stated()), root)
		d.check(p.Authentication.checkShown(&p.OrderRef), root)
	}
}

func (p *AuthenticationResponse) encode(e *encoder) {
	e.response("AuthenticationResponse", &p.ResponseHeader)
	e.keep(checkAuthenticated(p.Status.Outcome, p.Authentication.stated()))
	e.keep(p.Authentication.checkShown(&p.OrderRef))
	e.orderRef(&p.OrderRef)
	e.authentication(&p.Authentication)
	e.w.End()
}

// stated returns the state; 0 of what is no authentication.
func (v *Authentication) stated() AuthenticationState {
	if v.ID == "" {
		return 0
	}
	return v.State
}

// checkAuthenticated refuses a state that contradicts the outcome
// (KECIS-AUT-011): done and pending state what they say, not-done states an end
// without success or nothing, and unknown nothing.
func checkAuthenticated(outcome Outcome, state AuthenticationState) *Error {
	if state.outcome() == outcome || state == 0 && (outcome == NotDone || outcome == Unknown) {
		return nil
	}
	return &Error{code: ErrStatus, expected: "an authentication that goes with outcome " + outcome.String(), found: quote(state.String())}
}

// AnswerTo reports whether the answer belongs to the request: its ID, sender,
// digest and OrderRef (P5). Else the error is ErrAnswer, and nothing in the
// answer may be relied on.
func (p *AuthenticationResponse) AnswerTo(request *AuthenticationRequest) error {
	return p.belongsTo(&request.Header, request.OrderRef)
}

// AnswerToConfirmation is AnswerTo for a confirmation.
func (p *AuthenticationResponse) AnswerToConfirmation(request *ConfirmationRequest) error {
	return p.belongsTo(&request.Header, request.OrderRef)
}

func (p *AuthenticationResponse) belongsTo(h *Header, order OrderRef) error {
	if err := p.answerTo(h); err != nil {
		return err
	}
	if p.OrderRef != order {
		return &Error{code: ErrAnswer, expected: "the OrderRef of the request", found: quote(p.OrderRef.OrderID)}
	}
	return nil
}
