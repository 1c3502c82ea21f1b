package kecis

import "github.com/kecis/sdk/kecis/xmltree"

// CaptureRequest asks for an authorised amount to be captured, in whole or in
// part (chapter 53).
type CaptureRequest struct {
	RequestHeader
	OrderRef OrderRef
	// Original names the payment whose hold is captured.
	Original Original
	// Amount is what is to be captured, in the currency of the payment.
	Amount Money
	// Tax splits Amount.
	Tax Tax
	// Final says that nothing will be captured after this: what is left of the
	// hold is released in the same commit. Only a provider that declares several
	// captures takes one that is not final (P17).
	Final bool
}

const captureRequestContent = requestStart + "kecis:OrderRef kecis:Original kecis:Amount kecis:Tax kecis:Capture "

func (p *CaptureRequest) kind() Kind { return CaptureRequestKind }

func (p *CaptureRequest) decode(d *decoder, root xmltree.Element) {
	c := d.request(&p.RequestHeader, root, captureRequestContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	d.original(&p.Original, c.need(Namespace, "Original"))
	d.amount(&p.Amount, nil, c.need(Namespace, "Amount"))
	d.tax(&p.Tax, p.Amount, c.need(Namespace, "Tax"))
	if e := c.need(Namespace, "Capture"); !e.IsZero() {
		a := d.attributes(e)
		p.Final = a.choice("Final", booleans) == 2
		a.end(" Final ")
		d.empty(e)
	}
	c.end()
}

func (p *CaptureRequest) encode(e *encoder) {
	e.request("CaptureRequest", &p.RequestHeader)
	e.orderRef(&p.OrderRef)
	e.original(&p.Original)
	e.amount(p.Amount, nil)
	e.tax(&p.Tax, p.Amount)
	e.start("kecis", "Capture")
	e.bool("Final", p.Final)
	e.w.End()
	e.w.End()
}

// Answer returns an answer to the request that is bound to it (P5), sent by
// entity, with the status of that code. The caller adds ID, IssueInstant, and a Transaction.
func (p *CaptureRequest) Answer(entity string, code Code) *CaptureResponse {
	return &CaptureResponse{ResponseHeader: p.answer(entity, code), OrderRef: p.OrderRef}
}

// CaptureResponse is the answer to a CaptureRequest.
type CaptureResponse struct {
	ResponseHeader
	// OrderRef is that of the request, unchanged.
	OrderRef OrderRef
	// Transaction is the payment after the capture, or as it stands where
	// nothing was captured; its ID is "" where there is none.
	Transaction Transaction
}

const captureResponseContent = responseStart + "kecis:OrderRef kecis:Transaction "

func (p *CaptureResponse) kind() Kind { return CaptureResponseKind }

func (p *CaptureResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, captureResponseContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	if e, ok := c.option(Namespace, "Transaction"); ok {
		d.transaction(&p.Transaction, e)
	}
	c.end()
	if d.err == nil {
		d.check(p.check(), root)
	}
}

func (p *CaptureResponse) encode(e *encoder) {
	e.response("CaptureResponse", &p.ResponseHeader)
	e.keep(p.check())
	e.orderRef(&p.OrderRef)
	e.transaction(&p.Transaction)
	e.w.End()
}

// check refuses a state that contradicts the outcome (KECIS-CAP-010).
func (p *CaptureResponse) check() *Error {
	state := p.Transaction.stated()
	var good bool
	switch p.Status.Outcome {
	case Done:
		good = state == StateCaptured
	case NotDone:
		good = true
	case Unknown:
		good = state == 0 || state == StateAuthorised || state == StateCaptured
	}
	if !good {
		return contradictsOutcome(p.Status.Outcome, state)
	}
	return nil
}

// AnswerTo reports whether the answer belongs to the request: its ID, sender,
// digest and OrderRef (P5). Else the error is ErrAnswer, and nothing in the
// answer may be relied on.
func (p *CaptureResponse) AnswerTo(request *CaptureRequest) error {
	if err := p.answerTo(&request.Header); err != nil {
		return err
	}
	if p.OrderRef != request.OrderRef {
		return &Error{code: ErrAnswer, expected: "the OrderRef of the request", found: quote(p.OrderRef.OrderID)}
	}
	return nil
}
