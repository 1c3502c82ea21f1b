package simulation

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// relay is the service of a PG that passes everything on to one issuer, by the
// SDK's Client.
type relay struct {
	issuer string
	client *kecis.Client
	// documents are the requests that are at work, by ID: the shop's mandate.
	documents map[string][]byte
}

// keeping remembers each request for as long as it is at work.
func (r *relay) keeping(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		document, err := io.ReadAll(request.Body)
		if err != nil {
			http.Error(w, "cut off", http.StatusBadRequest)
			return
		}
		id := attribute(document, "ID")
		r.documents[id] = document
		request.Body = io.NopCloser(bytes.NewReader(document))
		next.ServeHTTP(w, request)
	})
}

// ForwardPayment asks the issuer for the same payment, with the shop's request
// as evidence (KECIS-PAY-009).
func (r *relay) ForwardPayment(_ context.Context, _ kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Forward, error) {
	ahead := *p
	ahead.RequestHeader = kecis.RequestHeader{}
	ahead.Evidence = []kecis.Evidence{{Kind: kecis.EvidenceRequest, Document: r.documents[string(p.ID)]}}
	return &kecis.Forward{To: r.issuer, Message: &ahead}, nil
}

// ForwardCapture asks the issuer for the same capture.
func (r *relay) ForwardCapture(ctx context.Context, a kecis.Attempt, p *kecis.CaptureRequest) (*kecis.Forward, error) {
	original, err := r.original(ctx, a)
	if err != nil {
		return nil, err
	}
	return &kecis.Forward{To: r.issuer, Message: &kecis.CaptureRequest{OrderRef: p.OrderRef, Original: original, Amount: p.Amount, Tax: p.Tax, Final: p.Final}}, nil
}

// ForwardCancel asks the issuer for the same cancellation.
func (r *relay) ForwardCancel(ctx context.Context, a kecis.Attempt, p *kecis.CancellationRequest) (*kecis.Forward, error) {
	original, err := r.original(ctx, a)
	if err != nil {
		return nil, err
	}
	ahead := &kecis.CancellationRequest{
		OrderRef: p.OrderRef, Original: original, Amount: p.Amount, Tax: p.Tax, Scope: p.Scope, Reason: p.Reason, ExpectedBalance: p.ExpectedBalance,
	}
	return &kecis.Forward{To: r.issuer, Message: ahead}, nil
}

// original names the payment that a capture or cancellation is about as the
// issuer knows it: by the request that this PG made for it.
func (r *relay) original(ctx context.Context, a kecis.Attempt) (kecis.Original, error) {
	var original kecis.Original
	err := r.client.Journal.View(ctx, func(tx journal.Tx) error {
		rows, err := tx.SentByKey(a.PaymentKey)
		for _, row := range rows {
			if row.Kind == kecis.PaymentRequestKind.String() {
				original.RequestID = kecis.ID(row.ID)
			}
		}
		return err
	})
	return original, err
}

// Pay sends what was journaled and says what the issuer answered.
func (r *relay) Pay(ctx context.Context, a kecis.Attempt, _ *kecis.PaymentRequest) (*kecis.Approval, error) {
	m, err := r.client.Exchange(ctx, a.Upstream)
	if err != nil {
		return nil, err
	}
	return kecis.ApprovalFrom(m)
}

// Lookup sends it again.
func (r *relay) Lookup(ctx context.Context, key string) (*kecis.Approval, error) {
	m, err := r.client.Again(ctx, key)
	if err != nil {
		return nil, err
	}
	return kecis.ApprovalFrom(m)
}

// Reverse reverses it.
func (r *relay) Reverse(ctx context.Context, key string) error {
	return r.client.ReverseKey(ctx, key, kecis.ReasonNoAnswer)
}

// Capture sends what was journaled.
func (r *relay) Capture(ctx context.Context, a kecis.Attempt, _ *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	m, err := r.client.Exchange(ctx, a.Upstream)
	if err != nil {
		return nil, err
	}
	return kecis.CaptureFrom(m)
}

// LookupCapture sends it again.
func (r *relay) LookupCapture(ctx context.Context, key string) (*kecis.CaptureResult, error) {
	m, err := r.client.Again(ctx, key)
	if err != nil {
		return nil, err
	}
	return kecis.CaptureFrom(m)
}

// ReverseCapture reverses it.
func (r *relay) ReverseCapture(ctx context.Context, key string) error {
	return r.client.ReverseKey(ctx, key, kecis.ReasonNoAnswer)
}

// Cancel sends what was journaled.
func (r *relay) Cancel(ctx context.Context, a kecis.Attempt, _ *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	m, err := r.client.Exchange(ctx, a.Upstream)
	if err != nil {
		return nil, err
	}
	return kecis.CancelFrom(m)
}

// LookupCancel sends it again.
func (r *relay) LookupCancel(ctx context.Context, key string) (*kecis.CancelResult, error) {
	m, err := r.client.Again(ctx, key)
	if err != nil {
		return nil, err
	}
	return kecis.CancelFrom(m)
}
