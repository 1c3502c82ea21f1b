package crash

import (
	"context"
	"encoding/hex"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// reader reads documents as their recipients do: only what is signed counts.
type reader struct {
	verifier *xmlsig.Verifier
	keys     xmlsig.KeySource
}

func newReader(partners metadata.Partners, clock swift) *reader {
	roots := make([]xmlsig.Name, 0, len(kecis.Kinds()))
	for _, k := range kecis.Kinds() {
		roots = append(roots, k.Root())
	}
	return &reader{&xmlsig.Verifier{Profile: xmlsig.Message(roots...)}, metadata.Keys(partners, clock.Now)}
}

func (r *reader) open(ctx context.Context, document []byte) kecis.Message {
	m, err := kecis.Open(ctx, r.verifier, document, r.keys)
	if err != nil {
		return nil // an unsigned answer, as a 503
	}
	return m
}

// exchange turns a transmission into one of the recording; false if no party
// signed it, or it asks for a list.
func (r *reader) exchange(ctx context.Context, t *transmission, number int) (e conformance.Exchange, ok bool) {
	m := r.open(ctx, t.document)
	if m == nil {
		return e, false
	}
	request, ok := requestOf(m)
	if !ok {
		return e, false
	}
	e = conformance.Exchange{
		Number: number, From: kecis.HeaderOf(m).Sender, To: t.to, Sent: t.sent.Add(-sentMargin), Arrived: t.arrived,
		Answered: t.answered, Received: t.received, Deliveries: t.deliveries, HTTPStatus: t.status, Request: request,
	}
	if t.answer != nil {
		e.Answer = answerOf(r.open(ctx, t.answer), m)
	}
	return e, true
}

// sentMargin makes what was sent come before what it caused: journals keep times
// to the millisecond, and cut off the rest.
const sentMargin = 1_000_000

func requestOf(m kecis.Message) (conformance.Request, bool) {
	r := conformance.Request{Kind: kecis.KindOf(m).String()}
	header := func(h *kecis.RequestHeader) {
		digest := h.Digest()
		r.ID, r.Digest, r.Issued, r.Deadline = string(h.ID), hex.EncodeToString(digest[:]), h.IssueInstant, h.NotOnOrAfter
	}
	switch m := m.(type) {
	case *kecis.PaymentRequest:
		header(&m.RequestHeader)
		r.Order, r.Capture = orderOf(m.OrderRef), m.Terms.Capture.String()
		r.Currency, r.Amount, r.OrderAmount = string(m.Amount.Currency), m.Amount.Minor, m.OrderAmount.Minor
		r.Authentication = m.Terms.Purpose == kecis.AmountAuthentication
	case *kecis.CaptureRequest:
		header(&m.RequestHeader)
		r.Order, r.OriginalRequest, r.OriginalTransaction = orderOf(m.OrderRef), string(m.Original.RequestID), m.Original.TransactionID
		r.Currency, r.Amount = string(m.Amount.Currency), m.Amount.Minor
	case *kecis.CancellationRequest:
		header(&m.RequestHeader)
		r.Order, r.OriginalRequest, r.OriginalTransaction = orderOf(m.OrderRef), string(m.Original.RequestID), m.Original.TransactionID
		r.Currency, r.Amount = string(m.Amount.Currency), m.Amount.Minor
	case *kecis.ReversalRequest:
		header(&m.RequestHeader)
		r.Order, r.OriginalRequest = orderOf(m.OrderRef), string(m.Original)
	case *kecis.InquiryRequest:
		header(&m.RequestHeader)
		r.OriginalRequest, r.OriginalTransaction = string(m.Original.RequestID), m.Original.TransactionID
	default:
		return r, false
	}
	return r, true
}

// answerOf reads an answer, if it is one to the request.
func answerOf(m, request kecis.Message) *conformance.Answer {
	var h *kecis.ResponseHeader
	var t *kecis.Transaction
	a := new(conformance.Answer)
	switch m := m.(type) {
	case *kecis.PaymentResponse:
		h, t = &m.ResponseHeader, &m.Transaction
	case *kecis.CaptureResponse:
		h, t = &m.ResponseHeader, &m.Transaction
	case *kecis.CancellationResponse:
		h, t = &m.ResponseHeader, &m.Transaction
	case *kecis.ReversalResponse:
		h, t = &m.ResponseHeader, &m.Transaction
	case *kecis.InquiryResponse:
		h, t = &m.ResponseHeader, &m.Transaction
		if m.Result.Code != "" {
			a.ResultCode, a.ResultOutcome = string(m.Result.Code), m.Result.Outcome.String()
		}
	case *kecis.RefusalResponse:
		h = &m.ResponseHeader
	default:
		return nil
	}
	asked := kecis.HeaderOf(request)
	if h.InResponseTo != asked.ID || h.RequestDigest != asked.Digest() {
		return nil
	}
	digest := h.Digest()
	a.ID, a.Digest, a.Issued = string(h.ID), hex.EncodeToString(digest[:]), h.IssueInstant
	a.Code, a.Outcome, a.Retry = string(h.Status.Code), h.Status.Outcome.String(), h.Status.Retry.String()
	if t != nil && t.ID != "" {
		p := paymentOf(t)
		a.Payment = &p
	}
	return a
}

func orderOf(o kecis.OrderRef) conformance.Order {
	return conformance.Order{Requester: o.Requester, OrderID: o.OrderID, Attempt: o.Attempt, Part: o.Part}
}

func paymentOf(t *kecis.Transaction) conformance.Payment {
	return conformance.Payment{
		Transaction: t.ID, State: t.State.String(), Currency: string(t.Amount.Currency), Amount: t.Amount.Minor,
		Captured: t.Captured, Cancelled: t.Cancelled, Cancellable: t.Cancellable, Expires: t.Expires,
	}
}
