package pg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// holds are the holds of amount authentications, at the issuers. One that was reversed
// before it was sent is never sent.
type holds struct{ *PG }

var _ amountauth.Issuer = holds{}

// Hold asks the issuer for a hold, and again with the same bytes.
func (s holds) Hold(ctx context.Context, h *amountauth.HoldRequest) (*amountauth.Hold, error) {
	p, err := holdRequest(h)
	if err != nil {
		return nil, err
	}
	m, err := s.sendOnce(ctx, h.Key, &kecis.Forward{To: p.Instrument.Issuer, Message: p})
	_, refused := errors.AsType[*kecis.Refusal](err)
	switch {
	case errors.Is(err, kecis.ErrNotSent):
		return nil, kecis.Refuse(kecis.ErrRequestReversed)
	case refused: // the issuer cannot be asked
		return nil, kecis.Refuse(kecis.ErrUnavailable)
	case err != nil:
		return nil, err
	}
	return s.held(ctx, p, m)
}

// held reads the issuer's answer. One that states something else than was asked for
// says nothing, and the hold is reversed.
func (s holds) held(ctx context.Context, p *kecis.PaymentRequest, m kecis.Message) (*amountauth.Hold, error) {
	a, err := s.approval(ctx, p.Instrument.Issuer, m)
	if err != nil {
		return nil, err
	}
	t := transactionIn(m)
	if t == nil || t.State != kecis.StateAuthorised || a.Amount != p.Amount || a.Terms != p.Terms {
		return nil, errors.New("pg: the issuer's answer does not state the hold that was asked for")
	}
	return &amountauth.Hold{ID: t.ID, InstrumentRef: a.InstrumentRef, Expires: a.HoldExpires}, nil
}

// holdRequest is the request to the issuer.
func holdRequest(h *amountauth.HoldRequest) (*kecis.PaymentRequest, error) {
	var d details
	if err := json.Unmarshal(h.Instrument, &d); err != nil { //nolint:musttag // as it was written
		return nil, fmt.Errorf("pg: what a hold is asked with: %w", err)
	}
	if d.Encrypted != nil {
		tree, err := xmltree.Parse(d.Encrypted)
		if err != nil {
			return nil, err
		}
		if d.Instrument.Encrypted, err = xmlenc.Read(tree.Root()); err != nil {
			return nil, err
		}
	}
	p := &kecis.PaymentRequest{
		OrderRef: h.Order, Payee: d.Payee, OrderAmount: d.OrderAmount, Instrument: d.Instrument, Buyer: &ecml.Ecom{},
		Terms:    kecis.Terms{Capture: kecis.CaptureManual, Purpose: kecis.AmountAuthentication, Descriptor: h.Code.Reveal()},
		Evidence: []kecis.Evidence{{Kind: kecis.EvidenceRequest, Document: d.Mandate}},
	}
	p.Amount = h.Amounts[0].Reveal()
	if h.Variant == amountauth.Deposits {
		second := h.Amounts[1].Reveal()
		p.Terms.Deposits = [2]int64{p.Amount.Minor, second.Minor}
		p.Amount.Minor += second.Minor
	}
	p.Tax = kecis.Tax{TaxFree: p.Amount.Minor}
	return p, nil
}

// Release voids a hold, if the issuer still has it. Each call is a request of its
// own: of several only one voids.
func (s holds) Release(ctx context.Context, r *amountauth.ReleaseRequest) error {
	issuer, _, err := s.client.Sent(ctx, r.HoldKey)
	if err != nil {
		return err
	}
	original := kecis.Original{TransactionID: r.HoldID}
	found, err := s.client.Inquire(ctx, issuer, original)
	if err != nil {
		return err
	}
	switch t := &found.Transaction; t.State {
	case kecis.StateAuthorised:
		c := s.client.NewCancellation(issuer)
		c.OrderRef, c.Original, c.Scope, c.Reason = r.Order, original, kecis.CancelFull, kecis.ReasonRequester
		c.Amount = kecis.Money{Minor: t.Cancellable, Currency: t.Amount.Currency}
		c.Tax, c.ExpectedBalance = kecis.Tax{TaxFree: t.Cancellable}, t.Cancellable
		_, err := s.client.Cancel(ctx, c)
		return err
	case kecis.StateCancelled, kecis.StateReversed, kecis.StateExpired, kecis.StateDeclined:
		return nil
	}
	return fmt.Errorf("pg: a hold that authenticates is %s", found.Transaction.State)
}

// Reverse undoes a hold, or sees to it that it is never asked for.
func (s holds) Reverse(ctx context.Context, holdKey string) error {
	return s.reverseOnce(ctx, holdKey)
}
