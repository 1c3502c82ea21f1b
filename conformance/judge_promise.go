package conformance

import "time"

// The requests that have an effect on a payment, by the local names of their
// roots, and the one that asks for what became of them.
const (
	paymentRequest      = "PaymentRequest"
	captureRequest      = "CaptureRequest"
	cancellationRequest = "CancellationRequest"
	reversalRequest     = "ReversalRequest"
	inquiryRequest      = "InquiryRequest"
)

// The outcomes, as messages carry them.
const (
	done    = "done"
	notDone = "not-done"
	pending = "pending"
	unknown = "unknown"
)

// reversalAccepted is the code of a reversal that is owed, and not yet done.
const reversalAccepted = "reversal-accepted"

// promise is something that was said of the outcome of a request.
type promise struct {
	requestKey
	kind    string
	outcome string
	code    string
	at      time.Time
	// by says who said it, for people.
	by string
	// heir says that the promise holds only from the end on: the obligation of a
	// reversal that was accepted, and what is said because of it.
	heir      bool
	told      bool
	direct    bool // by the answer to the request itself
	exchanges []int
	class     Class
}

// addPromises collects what was said of requests: by direct answers, by
// inquiries, by reversals of the original, and by the requester's own program.
func (x *index) addPromises() {
	for i := range x.Exchanges {
		e := &x.Exchanges[i]
		if e.Answer == nil {
			continue
		}
		p := promise{
			requestKey: requestKey{e.To, e.From, e.Request.ID}, kind: e.Request.Kind,
			outcome: e.Answer.Outcome, code: e.Answer.Code, heir: e.Answer.Code == requestReversed, at: e.Answered, by: "the answer", exchanges: []int{e.Number}, class: Wire,
		}
		switch e.Request.Kind {
		case paymentRequest, captureRequest, cancellationRequest:
			p.direct = true
			x.promises = append(x.promises, p)
		case reversalRequest:
			x.addReversal(e, p)
		case inquiryRequest:
			x.addInquiry(e, p)
		}
	}
	for _, t := range x.Tellings {
		if t.Kind != paymentRequest && t.Kind != captureRequest && t.Kind != cancellationRequest {
			continue
		}
		key := requestKey{t.Provider, t.Requester, t.Request}
		x.promises = append(x.promises, promise{
			requestKey: key, kind: t.Kind, outcome: t.Outcome, code: t.Code, at: t.At, told: true,
			by: "the requester's program", exchanges: x.numbers(key), class: Declared, heir: t.Code == reversalAccepted || t.Code == requestReversed,
		})
	}
}

// addReversal turns a successful reversal into the promise that its original has
// no effect. The sender may have reversed a request that was never observed; the
// entries of that ID then say what it was.
func (x *index) addReversal(e *Exchange, p promise) {
	if p.outcome != done {
		return
	}
	p.id = e.Request.OriginalRequest
	p.heir = p.code == reversalAccepted
	p.outcome, p.by = notDone, "the reversal ("+p.code+")"
	p.kind = x.kindOf(p.requestKey)
	x.promises = append(x.promises, p)
}

func (x *index) addInquiry(e *Exchange, p promise) {
	if e.Answer.ResultOutcome == "" || e.Request.OriginalRequest == "" {
		return
	}
	p.id = e.Request.OriginalRequest
	p.outcome, p.code, p.by = e.Answer.ResultOutcome, e.Answer.ResultCode, "the inquiry"
	p.heir = p.code == requestReversed
	switch p.kind = x.kindOf(p.requestKey); p.kind {
	case paymentRequest, captureRequest, cancellationRequest: // the others have no effect in a ledger
		x.promises = append(x.promises, p)
	}
}

// kindOf returns the kind of a request that was seen, on the wire or in the
// ledger.
func (x *index) kindOf(key requestKey) string {
	if r := x.asked[key]; r != nil {
		return r.kind
	}
	for _, e := range x.byRequest[key] {
		switch e.Effect {
		case EffectApproval:
			return paymentRequest
		case EffectCapture:
			return captureRequest
		case EffectVoid, EffectRefund:
			return cancellationRequest
		}
	}
	return ""
}

// effects returns the entries that carry a request out, without what only comes
// with them as a release.
func (x *index) effects(key requestKey, kind string) (out []*Entry) {
	for _, e := range x.byRequest[key] {
		if carriesOut(e.Effect, kind) {
			out = append(out, e)
		}
	}
	return out
}

// carriesOut reports whether the effect is what a request of the kind asks for.
func carriesOut(e Effect, kind string) bool {
	switch kind {
	case paymentRequest:
		return e == EffectApproval
	case captureRequest:
		return e == EffectCapture
	case cancellationRequest:
		return e == EffectVoid || e == EffectRefund
	}
	return false
}
