package kecis

import (
	"strconv"

	"github.com/kecis/sdk/kecis/xmltree"
)

// InquiryRequest asks for the state of a transaction or of an earlier request
// (chapter 52). It moves no money.
type InquiryRequest struct {
	RequestHeader
	// Original says what is asked about. It must be the sender's own.
	Original Original
}

const inquiryRequestContent = requestStart + "kecis:Original "

func (p *InquiryRequest) kind() Kind { return InquiryRequestKind }

func (p *InquiryRequest) decode(d *decoder, root xmltree.Element) {
	c := d.request(&p.RequestHeader, root, inquiryRequestContent)
	d.inquired(&p.Original, c.need(Namespace, "Original"))
	c.end()
}

func (p *InquiryRequest) encode(e *encoder) {
	e.request("InquiryRequest", &p.RequestHeader)
	e.inquired(&p.Original)
	e.w.End()
}

// Answer returns an answer to the request that is bound to it (P5), sent by
// entity, with the status of that code. The caller adds ID, IssueInstant, and what was found.
func (p *InquiryRequest) Answer(entity string, code Code) *InquiryResponse {
	return &InquiryResponse{ResponseHeader: p.answer(entity, code), Original: p.Original}
}

// Result is what became of the request that an inquiry asks about. One whose
// Code is "" is none.
type Result struct {
	Code    Code
	Outcome Outcome
	Retry   Retry
}

// MaxCancellations bounds the cancellations of one transaction in an answer: a
// payment is given back in a handful of parts.
const MaxCancellations = 100

// InquiryResponse is the answer to an InquiryRequest. Its status speaks of the
// inquiry; what became of the request asked about stands in Result.
type InquiryResponse struct {
	ResponseHeader
	// Original is that of the request, unchanged.
	Original Original
	// Result is the recorded result of the request asked about, or of the
	// payment request that made the transaction asked about.
	Result Result
	// OrderRef is that of the payment.
	OrderRef OrderRef
	// Transaction is the payment as it stands now; its ID is "" if there is none.
	Transaction Transaction
	// Cancelled are its cancellations so far, oldest first.
	Cancelled []Cancellation
	// Authentication is how the authentication that is asked about stands now; its
	// ID is "" where a payment is asked about. One of the state Authenticated makes
	// the answer evidence that a payment can carry.
	Authentication Authentication
}

const inquiryResponseContent = responseStart + "kecis:Original kecis:Result kecis:OrderRef kecis:Transaction kecis:Cancelled kecis:Authentication "

func (p *InquiryResponse) kind() Kind { return InquiryResponseKind }

func (p *InquiryResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, inquiryResponseContent)
	d.inquired(&p.Original, c.need(Namespace, "Original"))
	if e, ok := c.option(Namespace, "Result"); ok {
		d.result(&p.Result, e)
	}
	if e, ok := c.option(Namespace, "OrderRef"); ok {
		d.orderRef(&p.OrderRef, e)
	}
	if e, ok := c.option(Namespace, "Transaction"); ok {
		d.transaction(&p.Transaction, e)
	}
	d.cancellations(&p.Cancelled, &c)
	if e, ok := c.option(Namespace, "Authentication"); ok {
		d.authentication(&p.Authentication, e)
	}
	c.end()
	if d.err == nil {
		d.check(p.check(), root)
	}
}

func (d *decoder) cancellations(list *[]Cancellation, c *content) {
	for {
		e, ok := c.option(Namespace, "Cancelled")
		if !ok || d.err != nil {
			return
		}
		if len(*list) == MaxCancellations {
			d.refuse(ErrTooMany, "at most "+strconv.Itoa(MaxCancellations)+" cancellations", "", e.Path())
			return
		}
		var v Cancellation
		d.cancellation(&v, e)
		*list = append(*list, v)
	}
}

func (e *encoder) cancellations(list []Cancellation) {
	if len(list) > MaxCancellations {
		e.refuse(ErrTooMany, "Cancelled", "at most "+strconv.Itoa(MaxCancellations), strconv.Itoa(len(list)))
	}
	for i := range list {
		e.cancellation(&list[i])
	}
}

func (d *decoder) result(r *Result, e xmltree.Element) {
	a := d.attributes(e)
	code := a.need("Code")
	if !validCode(code) {
		a.bad(ErrValue, "Code", codeForm, code)
	}
	r.Code = Code(code)
	r.Outcome = Outcome(a.choice("Outcome", outcomes))
	r.Retry = Retry(a.choice("Retry", retries))
	a.end(" Code Outcome Retry ")
	d.empty(e)
}

func (p *InquiryResponse) encode(e *encoder) {
	e.response("InquiryResponse", &p.ResponseHeader)
	e.keep(p.check())
	e.inquired(&p.Original)
	if p.Result.Code != "" {
		e.start("kecis", "Result")
		if !validCode(string(p.Result.Code)) {
			e.refuse(ErrValue, "Code", codeForm, string(p.Result.Code))
		}
		e.attr("Code", string(p.Result.Code))
		e.choice("Outcome", p.Result.Outcome.String())
		e.choice("Retry", p.Result.Retry.String())
		e.w.End()
	}
	if p.OrderRef != (OrderRef{}) {
		e.orderRef(&p.OrderRef)
	}
	e.transaction(&p.Transaction)
	e.cancellations(p.Cancelled)
	e.authentication(&p.Authentication)
	e.w.End()
}

// check refuses content that contradicts the outcome or itself (KECIS-INQ-005).
func (p *InquiryResponse) check() *Error {
	known := p.Result.Code != "" && p.OrderRef.OrderID != ""
	none := p.Result.Code == "" && p.OrderRef.OrderID == "" && p.Transaction.ID == "" && p.Authentication.ID == ""
	switch {
	case p.Status.Outcome == Done && !known:
		return &Error{code: ErrStatus, expected: "Result and OrderRef where the outcome is done"}
	case p.Status.Outcome != Done && !none:
		return &Error{code: ErrStatus, expected: "no state where the outcome is not done", found: p.Status.Outcome.String()}
	case p.Authentication.ID != "" && (p.Transaction.ID != "" || p.Result.Outcome != p.Authentication.State.outcome()):
		return &Error{code: ErrStatus, expected: "a result that goes with the authentication, and no transaction", found: p.Result.Outcome.String()}
	case p.Transaction.ID == "" && len(p.Cancelled) > 0:
		return &Error{code: ErrStatus, expected: "cancellations only of a transaction"}
	}
	if p.Result.Code != "" {
		s := Status{Top: Responder, Outcome: p.Result.Outcome, Retry: p.Result.Retry}
		if s.Outcome == Done {
			s.Top = Success
		}
		if err := s.check(); err != nil {
			return err
		}
	}
	if err := p.Authentication.checkShown(&p.OrderRef); err != nil {
		return err
	}
	return checkCancellations(p.Cancelled, &p.Transaction)
}

// checkCancellations refuses cancellations that are not what the transaction
// tells. At most MaxCancellations amounts of 15 digits cannot overflow.
func checkCancellations(list []Cancellation, t *Transaction) *Error {
	var sum int64
	for i := range list {
		if err := checkCancelled(&list[i], t); err != nil {
			return err
		}
		sum += list[i].Amount.Minor
	}
	if len(list) > 0 && sum != t.Cancelled {
		return contradiction("cancellations that add up to "+strconv.FormatInt(t.Cancelled, 10), sum)
	}
	return nil
}

// AnswerTo reports whether the answer belongs to the request: its ID, sender,
// digest and what was asked about (P5). Else the error is ErrAnswer, and nothing
// in the answer may be relied on.
func (p *InquiryResponse) AnswerTo(request *InquiryRequest) error {
	if err := p.answerTo(&request.Header); err != nil {
		return err
	}
	if p.Original != request.Original {
		return &Error{code: ErrAnswer, expected: "the Original of the request", found: "another"}
	}
	return nil
}
