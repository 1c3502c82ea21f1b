package crash

import (
	"context"

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
	request, ok := conformance.RequestOf(m)
	if !ok {
		return e, false
	}
	e = conformance.Exchange{
		Number: number, From: kecis.HeaderOf(m).Sender, To: t.to, Sent: t.sent.Add(-sentMargin), Arrived: t.arrived,
		Answered: t.answered, Received: t.received, Deliveries: t.deliveries, HTTPStatus: t.status, Request: request,
	}
	if t.answer != nil {
		e.Answer = conformance.AnswerOf(r.open(ctx, t.answer), m)
	}
	return e, true
}

// sentMargin makes what was sent come before what it caused: journals keep times
// to the millisecond, and cut off the rest.
const sentMargin = 1_000_000
