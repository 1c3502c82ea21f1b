package kecis

import (
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// Original names what a capture, cancellation or inquiry is about: a transaction
// by its provider's ID, or a request by the ID that its sender gave it; an inquiry
// may also name an authentication by its provider's ID. Exactly one of them is
// set (KECIS-CAN-002, KECIS-AUT-015).
type Original struct {
	TransactionID    string
	RequestID        ID
	AuthenticationID string `json:",omitempty"`
}

func (d *decoder) original(o *Original, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	a.end("")
	c := d.content(e, "kecis:TransactionID kecis:RequestID ")
	d.originalPayment(o, &c)
	c.end()
}

// inquired reads what an inquiry is about.
func (d *decoder) inquired(o *Original, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	a.end("")
	c := d.content(e, "kecis:TransactionID kecis:RequestID kecis:AuthenticationID ")
	if id, ok := c.option(Namespace, "AuthenticationID"); ok {
		o.AuthenticationID = d.authenticationID(id)
	} else {
		d.originalPayment(o, &c)
	}
	c.end()
}

func (d *decoder) originalPayment(o *Original, c *content) {
	if t, ok := c.option(Namespace, "TransactionID"); ok {
		a := d.attributes(t)
		a.end("")
		if o.TransactionID = d.text(t); !token(o.TransactionID, 1, maxToken) {
			d.refuseText(t, ErrValue, tokenForm, o.TransactionID)
		}
	} else if r := c.need(Namespace, "RequestID"); !r.IsZero() {
		a := d.attributes(r)
		a.end("")
		if o.RequestID = ID(d.text(r)); !validID(string(o.RequestID)) {
			d.refuseText(r, ErrID, idForm, string(o.RequestID))
		}
	}
}

// inquired writes what an inquiry is about.
func (e *encoder) inquired(o *Original) {
	if o.AuthenticationID == "" || o.TransactionID != "" || o.RequestID != "" {
		e.original(o)
		return
	}
	e.start("kecis", "Original")
	e.authenticationID(o.AuthenticationID)
	e.w.End()
}

func (e *encoder) original(o *Original) {
	e.start("kecis", "Original")
	switch {
	case (o.TransactionID == "") == (o.RequestID == "") || o.AuthenticationID != "":
		e.keep(&Error{code: ErrMissing, expected: "exactly one of TransactionID and RequestID"})
	case o.TransactionID != "":
		if !token(o.TransactionID, 1, maxToken) {
			e.refuse(ErrValue, "TransactionID", tokenForm, o.TransactionID)
		}
		e.w.Leaf("kecis", "TransactionID", o.TransactionID)
	default:
		if !validID(string(o.RequestID)) {
			e.refuse(ErrID, "RequestID", idForm, string(o.RequestID))
		}
		e.w.Leaf("kecis", "RequestID", string(o.RequestID))
	}
	e.w.End()
}

// CancellationRequest asks for a payment to be voided or refunded, in whole or
// in part (chapter 51).
type CancellationRequest struct {
	RequestHeader
	OrderRef OrderRef
	Original Original
	// Amount is what is to be cancelled, in the currency of the payment.
	Amount Money
	// Tax splits Amount.
	Tax    Tax
	Scope  CancelScope
	Reason CancelReason
	// ExpectedBalance is what the requester believes can still be cancelled
	// before this cancellation, in minor units; 0 for not stated, which only a
	// full cancellation may leave out. It guards against races.
	ExpectedBalance int64
}

const cancellationRequestContent = requestStart + "kecis:OrderRef kecis:Original kecis:Amount kecis:Tax kecis:Cancel "

func (p *CancellationRequest) kind() Kind { return CancellationRequestKind }

func (p *CancellationRequest) decode(d *decoder, root xmltree.Element) {
	c := d.request(&p.RequestHeader, root, cancellationRequestContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	d.original(&p.Original, c.need(Namespace, "Original"))
	d.amount(&p.Amount, nil, c.need(Namespace, "Amount"))
	d.tax(&p.Tax, p.Amount, c.need(Namespace, "Tax"))
	p.cancel(d, c.need(Namespace, "Cancel"))
	c.end()
}

func (p *CancellationRequest) cancel(d *decoder, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	if s, ok := a.option("ExpectedBalance"); ok {
		n, ok := minor(s)
		if !ok || n == 0 {
			a.bad(ErrAmount, "ExpectedBalance", amountForm, s)
		}
		p.ExpectedBalance = n
	}
	p.Reason = CancelReason(a.choice("Reason", cancelReasons))
	p.Scope = CancelScope(a.choice("Scope", cancelScopes))
	a.end(" ExpectedBalance Reason Scope ")
	d.empty(e)
	if d.err == nil {
		d.check(p.check(), e)
	}
}

func (p *CancellationRequest) encode(e *encoder) {
	e.request("CancellationRequest", &p.RequestHeader)
	e.orderRef(&p.OrderRef)
	e.original(&p.Original)
	e.amount(p.Amount, nil)
	e.tax(&p.Tax, p.Amount)
	e.start("kecis", "Cancel")
	e.keep(p.check())
	if p.ExpectedBalance != 0 {
		e.positive("ExpectedBalance", p.ExpectedBalance)
		e.number("ExpectedBalance", p.ExpectedBalance)
	}
	e.choice("Reason", p.Reason.String())
	e.choice("Scope", p.Scope.String())
	e.w.End()
	e.w.End()
}

// check refuses fields that contradict each other (KECIS-CAN-004).
func (p *CancellationRequest) check() *Error {
	switch {
	case p.Scope == CancelPart && p.ExpectedBalance == 0:
		return &Error{code: ErrBalance, expected: "an ExpectedBalance of a partial cancellation"}
	case p.ExpectedBalance != 0 && p.Amount.Minor > p.ExpectedBalance,
		p.ExpectedBalance != 0 && p.Scope == CancelFull && p.Amount.Minor != p.ExpectedBalance:
		return &Error{code: ErrBalance, expected: "an amount within the expected balance, all of it if the scope is full", found: shownAmount(p.Amount.Minor)}
	}
	return nil
}

// Answer returns an answer to the request that is bound to it (P5), sent by
// entity, with the status of that code. The caller adds ID, IssueInstant, and what was done.
func (p *CancellationRequest) Answer(entity string, code Code) *CancellationResponse {
	return &CancellationResponse{ResponseHeader: p.answer(entity, code), OrderRef: p.OrderRef}
}

// Cancellation is a cancellation that was carried out. One whose ID is "" is
// none.
type Cancellation struct {
	// ID is the provider's own for the cancellation.
	ID string
	// Kind says whether it was a void or a refund.
	Kind CancelKind
	// At is when it became durable.
	At time.Time
	// Amount is what was cancelled, and Tax its split.
	Amount Money
	Tax    Tax
}

func (d *decoder) cancellation(v *Cancellation, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	v.At = a.instant("At")
	v.ID = a.token("CancellationID", 1, maxToken, tokenForm)
	v.Kind = CancelKind(a.choice("Kind", cancelKinds))
	a.end(" At CancellationID Kind ")
	c := d.content(e, "kecis:Amount kecis:Tax ")
	d.amount(&v.Amount, nil, c.need(Namespace, "Amount"))
	d.tax(&v.Tax, v.Amount, c.need(Namespace, "Tax"))
	c.end()
}

func (e *encoder) cancellation(v *Cancellation) {
	e.start("kecis", "Cancelled")
	e.instant("At", v.At)
	e.token("CancellationID", v.ID, 1, maxToken, tokenForm)
	e.choice("Kind", v.Kind.String())
	e.amount(v.Amount, nil)
	e.tax(&v.Tax, v.Amount)
	e.w.End()
}

// CancellationResponse is the answer to a CancellationRequest.
type CancellationResponse struct {
	ResponseHeader
	// OrderRef is that of the request, unchanged.
	OrderRef OrderRef
	// Transaction is the payment after the cancellation: what is left can be
	// read off it.
	Transaction Transaction
	// Cancelled says what was done, void or refund.
	Cancelled Cancellation
}

const cancellationResponseContent = responseStart + "kecis:OrderRef kecis:Transaction kecis:Cancelled "

func (p *CancellationResponse) kind() Kind { return CancellationResponseKind }

func (p *CancellationResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, cancellationResponseContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	if e, ok := c.option(Namespace, "Transaction"); ok {
		d.transaction(&p.Transaction, e)
	}
	if e, ok := c.option(Namespace, "Cancelled"); ok {
		d.cancellation(&p.Cancelled, e)
	}
	c.end()
	if d.err == nil {
		d.check(p.check(), root)
	}
}

func (p *CancellationResponse) encode(e *encoder) {
	e.response("CancellationResponse", &p.ResponseHeader)
	e.keep(p.check())
	e.orderRef(&p.OrderRef)
	e.transaction(&p.Transaction)
	if p.Cancelled.ID != "" {
		e.cancellation(&p.Cancelled)
	}
	e.w.End()
}

// check refuses content that contradicts the outcome (KECIS-CAN-008).
func (p *CancellationResponse) check() *Error {
	cancelled, stated := p.Cancelled.ID != "", p.Transaction.ID != ""
	switch {
	case p.Status.Outcome == Done && (!cancelled || !stated):
		return &Error{code: ErrStatus, expected: "Transaction and Cancelled where the outcome is done"}
	case p.Status.Outcome != Done && cancelled:
		return &Error{code: ErrStatus, expected: "Cancelled only where the outcome is done", found: p.Status.Outcome.String()}
	case !cancelled:
		return nil
	}
	return checkCancelled(&p.Cancelled, &p.Transaction)
}

// checkCancelled refuses a cancellation that its transaction cannot have had.
func checkCancelled(v *Cancellation, t *Transaction) *Error {
	switch {
	case v.Amount.Currency != t.Amount.Currency:
		return &Error{code: ErrCurrency, expected: string(t.Amount.Currency), found: quote(string(v.Amount.Currency))}
	case v.Amount.Minor > t.Cancelled:
		return contradiction("a cancelled amount within that of the transaction", v.Amount.Minor)
	}
	return nil
}

// AnswerTo reports whether the answer belongs to the request: its ID, sender,
// digest and OrderRef (P5). Else the error is ErrAnswer, and nothing in the
// answer may be relied on.
func (p *CancellationResponse) AnswerTo(request *CancellationRequest) error {
	if err := p.answerTo(&request.Header); err != nil {
		return err
	}
	if p.OrderRef != request.OrderRef {
		return &Error{code: ErrAnswer, expected: "the OrderRef of the request", found: quote(p.OrderRef.OrderID)}
	}
	return nil
}
