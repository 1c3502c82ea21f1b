package pg

import (
	"context"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// Pay sends the payment to the issuer until there is an answer, and says what the
// answer says.
func (s *PG) Pay(ctx context.Context, a kecis.Attempt, _ *kecis.PaymentRequest) (*kecis.Approval, error) {
	m, err := s.client.Exchange(ctx, a.Upstream)
	if err != nil {
		return nil, err
	}
	return s.decided(ctx, a.Key, a.Upstream.To(), m)
}

// Lookup sends the same request to the issuer again.
func (s *PG) Lookup(ctx context.Context, key string) (*kecis.Approval, error) {
	inForce, err := s.inForce(ctx, key)
	if err != nil {
		return nil, err
	}
	issuer, _, err := s.client.Sent(ctx, inForce)
	if err != nil {
		return nil, err
	}
	m, err := s.client.Again(ctx, inForce)
	if err != nil {
		return nil, err
	}
	if inForce != key {
		return s.approval(ctx, issuer, m)
	}
	return s.decided(ctx, key, issuer, m)
}

// approval reads an answer of the issuer. When a hold ends follows from the
// issuer's metadata.
func (s *PG) approval(ctx context.Context, issuer string, m kecis.Message) (*kecis.Approval, error) {
	a, err := kecis.ApprovalFrom(m)
	if err != nil {
		return nil, err
	}
	at, held := heldSince(m)
	if !held {
		return a, nil
	}
	partner, err := s.partners.Partner(ctx, issuer)
	if err != nil {
		return nil, err
	}
	if role, ok := partner.Role(metadata.Issuer); ok && role.HoldTime > 0 {
		a.HoldExpires = at.Add(role.HoldTime)
	}
	return a, nil
}

// heldSince is when the issuer took the hold, by the issuer's clock, if the
// answer is about one.
func heldSince(m kecis.Message) (at time.Time, held bool) {
	t := transactionIn(m)
	if t == nil {
		return at, false
	}
	return t.At, t.State == kecis.StateAuthorised
}

// transactionIn returns the payment that an answer states; nil if it states none.
func transactionIn(m kecis.Message) *kecis.Transaction {
	switch m := m.(type) {
	case *kecis.PaymentResponse:
		return &m.Transaction
	case *kecis.InquiryResponse:
		return &m.Transaction
	}
	return nil
}

// Reverse reverses the payment at the issuer, and what was asked for in its place.
func (s *PG) Reverse(ctx context.Context, key string) error {
	kept, err := s.secondOf(ctx, key)
	if err == nil && kept != nil {
		err = s.reverseOnce(ctx, secondKey(key))
	}
	if err != nil {
		return err
	}
	return s.client.ReverseKey(ctx, key, kecis.ReasonNoAnswer)
}

// Capture sends the capture to the issuer.
func (s *PG) Capture(ctx context.Context, a kecis.Attempt, _ *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	m, err := s.client.Exchange(ctx, a.Upstream)
	if err != nil {
		return nil, err
	}
	return kecis.CaptureFrom(m)
}

// LookupCapture sends the same capture again.
func (s *PG) LookupCapture(ctx context.Context, key string) (*kecis.CaptureResult, error) {
	m, err := s.client.Again(ctx, key)
	if err != nil {
		return nil, err
	}
	return kecis.CaptureFrom(m)
}

// ReverseCapture reverses the capture at the issuer.
func (s *PG) ReverseCapture(ctx context.Context, key string) error {
	return s.client.ReverseKey(ctx, key, kecis.ReasonNoAnswer)
}

// Cancel sends the cancellation to the issuer.
func (s *PG) Cancel(ctx context.Context, a kecis.Attempt, _ *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	m, err := s.client.Exchange(ctx, a.Upstream)
	if err != nil {
		return nil, err
	}
	return kecis.CancelFrom(m)
}

// LookupCancel sends the same cancellation again, which the issuer carries out
// if it has not.
func (s *PG) LookupCancel(ctx context.Context, key string) (*kecis.CancelResult, error) {
	m, err := s.client.Again(ctx, key)
	if err != nil {
		return nil, err
	}
	return kecis.CancelFrom(m)
}
