package pg

import (
	"context"
	"errors"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// ForwardPayment makes the payment request to the issuer that the instrument
// names: the same order, payee, amounts, tax and terms, the instrument as it is,
// and the shop's signed request as evidence (P7). What the shop may not ask for
// is refused.
func (s *PG) ForwardPayment(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Forward, error) {
	if p.OrderRef.Requester != a.Sender { // nothing here proves that shop's will
		return nil, kecis.Refuse(kecis.ErrMandateMismatch)
	}
	err := s.journal.View(ctx, func(tx journal.Tx) error {
		if err := permit(tx, a.Sender, p); err != nil {
			return err
		}
		return ownRef(tx, a.Sender, p.Instrument.Ref)
	})
	if err != nil {
		return nil, err
	}
	if err := s.route(ctx, p.Instrument.Issuer); err != nil {
		return nil, err
	}
	evidence, err := evidenceOf(a.Document, p)
	if err != nil {
		return nil, err
	}
	payee := p.Payee
	payee.Merchant = "" // it is a number of this PG (KECIS-PAY-002)
	f := &kecis.Forward{To: p.Instrument.Issuer, Message: &kecis.PaymentRequest{
		OrderRef: p.OrderRef, Payee: payee, Amount: p.Amount, OrderAmount: p.OrderAmount, Tax: p.Tax, Terms: p.Terms,
		Instrument: p.Instrument, Buyer: p.Buyer, Evidence: evidence,
	}}
	return f, s.prepareSecond(ctx, a.Key, f)
}

// route refuses an issuer that there is no way to.
func (s *PG) route(ctx context.Context, issuer string) error {
	partner, err := s.partners.Partner(ctx, issuer)
	switch {
	case errors.Is(err, metadata.ErrUnknownPartner), !key(issuer):
		return kecis.Refuse(kecis.ErrNoRoute)
	case err != nil:
		return err
	}
	if _, ok := partner.Role(metadata.Issuer); !ok {
		return kecis.Refuse(kecis.ErrNoRoute)
	}
	if !partner.MayUse(metadata.ServicePayment) {
		return kecis.Refuse(kecis.ErrUnavailable)
	}
	return nil
}

// evidenceOf is the shop's request, and what the shop gave beside it to prove its
// buyer's will. Another request among that is not passed on: which of two would
// be meant.
func evidenceOf(request []byte, p *kecis.PaymentRequest) ([]kecis.Evidence, error) {
	list := []kecis.Evidence{{Kind: kecis.EvidenceRequest, Document: request}}
	for i := range p.Evidence {
		if p.Evidence[i].Kind != kecis.EvidenceRequest {
			list = append(list, p.Evidence[i])
		}
	}
	if len(list) > kecis.MaxEvidence || len(request) > kecis.MaxEvidenceBytes {
		return nil, kecis.Refuse(kecis.ErrTooMany)
	}
	return list, nil
}

// ForwardCapture makes the capture request to the issuer of the payment.
func (s *PG) ForwardCapture(ctx context.Context, a kecis.Attempt, p *kecis.CaptureRequest) (*kecis.Forward, error) {
	issuer, original, err := s.original(ctx, a.PaymentKey)
	if err != nil {
		return nil, err
	}
	return &kecis.Forward{To: issuer, Message: &kecis.CaptureRequest{
		OrderRef: p.OrderRef, Original: original, Amount: p.Amount, Tax: p.Tax, Final: p.Final,
	}}, nil
}

// ForwardCancel makes the cancellation request to the issuer of the payment.
func (s *PG) ForwardCancel(ctx context.Context, a kecis.Attempt, p *kecis.CancellationRequest) (*kecis.Forward, error) {
	issuer, original, err := s.original(ctx, a.PaymentKey)
	if err != nil {
		return nil, err
	}
	return &kecis.Forward{To: issuer, Message: &kecis.CancellationRequest{
		OrderRef: p.OrderRef, Original: original, Amount: p.Amount, Tax: p.Tax,
		Scope: p.Scope, Reason: p.Reason, ExpectedBalance: p.ExpectedBalance,
	}}, nil
}

// original names a payment as its issuer knows it: by the ID of the PG's request,
// which is sure even where the answer to it got lost.
func (s *PG) original(ctx context.Context, paymentKey string) (issuer string, o kecis.Original, err error) {
	key, err := s.inForce(ctx, paymentKey)
	if err != nil {
		return "", o, err
	}
	issuer, id, err := s.client.Sent(ctx, key)
	return issuer, kecis.Original{RequestID: id}, err
}

// ownRef refuses an InstrumentRef that was given to another shop: for the issuer,
// which gave it to this PG, one shop is as good as another.
func ownRef(tx journal.Records, sender, ref string) error {
	if ref == "" {
		return nil
	}
	known, err := hasRef(tx, refKey(ref, sender))
	if err == nil && !known {
		err = kecis.Refuse(kecis.ErrInvalidCard)
	}
	return err
}

func refKey(ref, owner string) string { return ref + " " + owner }

// hasRef looks for the record without locking it, since one card may pay often.
func hasRef(tx journal.Records, key string) (bool, error) {
	_, err := tx.Peek(spaceRefs, key)
	if errors.Is(err, journal.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
