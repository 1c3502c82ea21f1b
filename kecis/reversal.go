package kecis

import (
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// ReversalRequest undoes a payment or a capture whose answer its sender does not
// have or cannot use (망취소, chapter 54), before or after that request arrived.
// It may be sent as often as needed, each time as a message of its own: what it
// does depends on Original alone.
type ReversalRequest struct {
	RequestHeader
	OrderRef OrderRef
	// Original is the ID that the sender gave the request that is undone.
	Original ID
	// OriginalInstant is the IssueInstant of that request, which says whether its
	// provider would still know it (P14).
	OriginalInstant time.Time
	Reason          ReversalReason
}

const reversalRequestContent = requestStart + "kecis:OrderRef kecis:Original kecis:Reverse "

func (p *ReversalRequest) kind() Kind { return ReversalRequestKind }

func (p *ReversalRequest) decode(d *decoder, root xmltree.Element) {
	c := d.request(&p.RequestHeader, root, reversalRequestContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	d.originalRequest(&p.Original, c.need(Namespace, "Original"))
	if e := c.need(Namespace, "Reverse"); !e.IsZero() {
		a := d.attributes(e)
		p.OriginalInstant = a.instant("OriginalInstant")
		p.Reason = ReversalReason(a.choice("Reason", reversalReasons))
		a.end(" OriginalInstant Reason ")
		d.empty(e)
	}
	c.end()
}

func (p *ReversalRequest) encode(e *encoder) {
	e.request("ReversalRequest", &p.RequestHeader)
	e.orderRef(&p.OrderRef)
	e.original(&Original{RequestID: p.Original})
	e.start("kecis", "Reverse")
	e.instant("OriginalInstant", p.OriginalInstant)
	e.choice("Reason", p.Reason.String())
	e.w.End()
	e.w.End()
}

// originalRequest reads an Original that can only name a request (KECIS-REV-002).
func (d *decoder) originalRequest(id *ID, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	a.end("")
	c := d.content(e, "kecis:RequestID ")
	if r := c.need(Namespace, "RequestID"); !r.IsZero() {
		a = d.attributes(r)
		a.end("")
		if *id = ID(d.text(r)); !validID(string(*id)) {
			d.refuseText(r, ErrID, idForm, string(*id))
		}
	}
	c.end()
}

// Answer returns an answer to the request that is bound to it (P5), sent by
// entity, with the status of that code. The caller adds ID, IssueInstant, and a Transaction.
func (p *ReversalRequest) Answer(entity string, code Code) *ReversalResponse {
	return &ReversalResponse{ResponseHeader: p.answer(entity, code), OrderRef: p.OrderRef, Original: p.Original}
}

// ReversalResponse is the answer to a ReversalRequest.
type ReversalResponse struct {
	ResponseHeader
	// OrderRef and Original are those of the request, unchanged.
	OrderRef OrderRef
	Original ID
	// Transaction is the payment as it stands after the reversal; its ID is ""
	// where there is none.
	Transaction Transaction
}

const reversalResponseContent = responseStart + "kecis:OrderRef kecis:Original kecis:Transaction "

func (p *ReversalResponse) kind() Kind { return ReversalResponseKind }

func (p *ReversalResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, reversalResponseContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	d.originalRequest(&p.Original, c.need(Namespace, "Original"))
	if e, ok := c.option(Namespace, "Transaction"); ok {
		d.transaction(&p.Transaction, e)
	}
	c.end()
	if d.err == nil {
		d.check(p.check(), root)
	}
}

func (p *ReversalResponse) encode(e *encoder) {
	e.response("ReversalResponse", &p.ResponseHeader)
	e.keep(p.check())
	e.orderRef(&p.OrderRef)
	e.original(&Original{RequestID: p.Original})
	e.transaction(&p.Transaction)
	e.w.End()
}

// check refuses a state that contradicts the outcome, or the code where this
// version knows it (KECIS-REV-010).
func (p *ReversalResponse) check() *Error {
	state := p.Transaction.stated()
	var good bool
	switch p.Status.Outcome {
	case Done:
		good = reversalLeaves(p.Status.Code, state)
	case NotDone:
		good = true
	case Unknown:
		good = state == 0
	}
	if !good {
		return contradictsOutcome(p.Status.Outcome, state)
	}
	return nil
}

// reversalLeaves reports whether the transaction can be in the state after a
// reversal that was answered with the code. That of a capture leaves a payment
// that is authorised, or captured by others, and with which anything may be done
// before the reversal is repeated.
func reversalLeaves(c Code, state State) bool {
	switch state {
	case 0:
		return true
	case StateReversed, StateCancelled:
		return c != NeverExecuted && c != ReversalAccepted
	case StateAuthorised, StateCaptured, StateResolving:
		return c != NeverExecuted
	case StateDeclined:
		return c != Reversed && c != ReversalAccepted
	case StateExpired:
		return c != ReversalAccepted
	}
	return false
}

// AnswerTo reports whether the answer belongs to the request: its ID, sender,
// digest, OrderRef and Original (P5). Else the error is ErrAnswer, and nothing
// in the answer may be relied on.
func (p *ReversalResponse) AnswerTo(request *ReversalRequest) error {
	if err := p.answerTo(&request.Header); err != nil {
		return err
	}
	if p.OrderRef != request.OrderRef {
		return &Error{code: ErrAnswer, expected: "the OrderRef of the request", found: quote(p.OrderRef.OrderID)}
	}
	if p.Original != request.Original {
		return &Error{code: ErrAnswer, expected: "the Original of the request", found: quote(string(p.Original))}
	}
	return nil
}
