package conformance

import (
	"encoding/hex"

	"github.com/kecis/sdk/kecis"
)

// RequestOf is a request as a recording has it; false for a message that is none,
// or asks for a list.
func RequestOf(m kecis.Message) (Request, bool) {
	r := Request{Kind: kecis.KindOf(m).String()}
	header := func(h *kecis.RequestHeader) {
		digest := h.Digest()
		r.ID, r.Digest, r.Issued, r.Deadline = string(h.ID), hex.EncodeToString(digest[:]), h.IssueInstant, h.NotOnOrAfter
	}
	switch m := m.(type) {
	case *kecis.PaymentRequest:
		header(&m.RequestHeader)
		r.Order, r.Capture = OrderOf(m.OrderRef), m.Terms.Capture.String()
		r.Currency, r.Amount, r.OrderAmount = string(m.Amount.Currency), m.Amount.Minor, m.OrderAmount.Minor
		r.Authentication = m.Terms.Purpose == kecis.AmountAuthentication
	case *kecis.CaptureRequest:
		header(&m.RequestHeader)
		r.Order, r.OriginalRequest, r.OriginalTransaction = OrderOf(m.OrderRef), string(m.Original.RequestID), m.Original.TransactionID
		r.Currency, r.Amount = string(m.Amount.Currency), m.Amount.Minor
	case *kecis.CancellationRequest:
		header(&m.RequestHeader)
		r.Order, r.OriginalRequest, r.OriginalTransaction = OrderOf(m.OrderRef), string(m.Original.RequestID), m.Original.TransactionID
		r.Currency, r.Amount = string(m.Amount.Currency), m.Amount.Minor
	case *kecis.ReversalRequest:
		header(&m.RequestHeader)
		r.Order, r.OriginalRequest = OrderOf(m.OrderRef), string(m.Original)
	case *kecis.InquiryRequest:
		header(&m.RequestHeader)
		r.OriginalRequest, r.OriginalTransaction = string(m.Original.RequestID), m.Original.TransactionID
	default:
		return r, false
	}
	return r, true
}

// AnswerOf is an answer as a recording has it; nil if it is none, or not to the
// request (KECIS-MSG-022).
func AnswerOf(m, request kecis.Message) *Answer {
	var h *kecis.ResponseHeader
	var t *kecis.Transaction
	a := new(Answer)
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
		p := PaymentOf(t)
		a.Payment = &p
	}
	return a
}

// OrderOf is an OrderRef as a recording has it.
func OrderOf(o kecis.OrderRef) Order {
	return Order{Requester: o.Requester, OrderID: o.OrderID, Attempt: o.Attempt, Part: o.Part}
}

// PaymentOf is a transaction as a recording has it.
func PaymentOf(t *kecis.Transaction) Payment {
	return Payment{
		Transaction: t.ID, State: t.State.String(), Currency: string(t.Amount.Currency), Amount: t.Amount.Minor,
		Captured: t.Captured, Cancelled: t.Cancelled, Cancellable: t.Cancellable, Expires: t.Expires,
	}
}
