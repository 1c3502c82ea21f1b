package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// wiretap is the network of the demo as one party sees it: it passes requests on,
// writes down what went over the wire for the judge, and can lose answers.
type wiretap struct {
	from, to string
	next     http.RoundTripper
	now      func() time.Time
	read     func(document []byte) kecis.Message
	record   *demoRecord

	mu   sync.Mutex
	lose bool // the answers
	last []byte
}

// demoRecord collects the exchanges of all parties.
type demoRecord struct {
	mu        sync.Mutex
	exchanges []conformance.Exchange
	lost      int
}

// errLost is what the sender of a request sees of an answer that got lost.
type errLost struct{}

func (errLost) Error() string { return "the connection was closed" }

// RoundTrip implements http.RoundTripper.
func (t *wiretap) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost || r.Body == nil {
		return t.next.RoundTrip(r)
	}
	document, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(document))
	e := conformance.Exchange{From: t.from, To: t.to, Sent: t.now(), Deliveries: 1, RequestDocument: document}
	if m := t.read(document); m != nil {
		e.Request = judgedRequest(m)
	}
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, err
	}
	e.Answered, e.HTTPStatus = t.now(), response.StatusCode
	t.mu.Lock()
	losing := t.lose
	t.last = document
	t.mu.Unlock()
	if losing {
		t.record.add(&e, true)
		return nil, errLost{}
	}
	e.Received = t.now()
	if m := t.read(body); m != nil {
		e.Answer, e.AnswerDocument = judgedAnswer(m), body
	}
	t.record.add(&e, false)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// losing says whether answers get lost from now on.
func (t *wiretap) losing(lose bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lose = lose
}

// sent is the last request that went out.
func (t *wiretap) sent() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}

func (r *demoRecord) add(e *conformance.Exchange, lost bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Number = len(r.exchanges) + 1
	r.exchanges = append(r.exchanges, *e)
	if lost {
		r.lost++
	}
}

// reader returns a function that verifies a document with the keys of the three
// parties, as a party does, and returns its message; nil for what is refused.
func reader(ctx context.Context, keys xmlsig.Keys) func(document []byte) kecis.Message {
	verifier := &xmlsig.Verifier{Profile: xmlsig.Message(messageRoots()...)}
	return func(document []byte) kecis.Message {
		m, err := kecis.Open(ctx, verifier, document, keys)
		if err != nil {
			return nil
		}
		return m
	}
}

// judgedRequest is a request as the judge reads it.
func judgedRequest(m kecis.Message) conformance.Request {
	h := kecis.HeaderOf(m)
	out := conformance.Request{ID: string(h.ID), Digest: h.Digest().String(), Issued: h.IssueInstant}
	about := func(o kecis.OrderRef, original kecis.Original) {
		out.Order = judgedOrder(o)
		out.OriginalRequest, out.OriginalTransaction = string(original.RequestID), original.TransactionID
	}
	money := func(amount kecis.Money, deadline time.Time) {
		out.Currency, out.Amount, out.Deadline = string(amount.Currency), amount.Minor, deadline
	}
	switch m := m.(type) {
	case *kecis.PaymentRequest:
		out.Kind, out.OrderAmount, out.Capture = kecis.PaymentRequestKind.String(), m.OrderAmount.Minor, m.Terms.Capture.String()
		out.Authentication = m.Terms.Purpose == kecis.AmountAuthentication
		about(m.OrderRef, kecis.Original{})
		money(m.Amount, m.NotOnOrAfter)
	case *kecis.CaptureRequest:
		out.Kind = kecis.CaptureRequestKind.String()
		about(m.OrderRef, m.Original)
		money(m.Amount, m.NotOnOrAfter)
	case *kecis.CancellationRequest:
		out.Kind = kecis.CancellationRequestKind.String()
		about(m.OrderRef, m.Original)
		money(m.Amount, m.NotOnOrAfter)
	case *kecis.ReversalRequest:
		out.Kind, out.Deadline = kecis.ReversalRequestKind.String(), m.NotOnOrAfter
		about(m.OrderRef, kecis.Original{RequestID: m.Original})
	case *kecis.InquiryRequest:
		out.Kind, out.Deadline = kecis.InquiryRequestKind.String(), m.NotOnOrAfter
		about(kecis.OrderRef{}, m.Original)
	}
	return out
}

func judgedOrder(o kecis.OrderRef) conformance.Order {
	return conformance.Order{Requester: o.Requester, OrderID: o.OrderID, Attempt: o.Attempt, Part: o.Part}
}

// judgedAnswer is an answer as the judge reads it.
func judgedAnswer(m kecis.Message) *conformance.Answer {
	h := kecis.HeaderOf(m)
	out := &conformance.Answer{ID: string(h.ID), Digest: h.Digest().String(), Issued: h.IssueInstant}
	says := func(s *kecis.Status, t *kecis.Transaction) *conformance.Answer {
		out.Code, out.Outcome, out.Retry = string(s.Code), s.Outcome.String(), s.Retry.String()
		if t != nil && t.ID != "" {
			paid := judgedPayment(t)
			out.Payment = &paid
		}
		return out
	}
	switch m := m.(type) {
	case *kecis.PaymentResponse:
		return says(&m.Status, &m.Transaction)
	case *kecis.CaptureResponse:
		return says(&m.Status, &m.Transaction)
	case *kecis.CancellationResponse:
		return says(&m.Status, &m.Transaction)
	case *kecis.ReversalResponse:
		return says(&m.Status, &m.Transaction)
	case *kecis.RefusalResponse:
		return says(&m.Status, nil)
	case *kecis.InquiryResponse:
		out.ResultCode, out.ResultOutcome = string(m.Result.Code), m.Result.Outcome.String()
		return says(&m.Status, &m.Transaction)
	}
	return nil
}

func judgedPayment(t *kecis.Transaction) conformance.Payment {
	return conformance.Payment{
		Transaction: t.ID, State: t.State.String(), Currency: string(t.Amount.Currency), Amount: t.Amount.Minor,
		Captured: t.Captured, Cancelled: t.Cancelled, Cancellable: t.Cancellable, Expires: t.Expires,
	}
}
