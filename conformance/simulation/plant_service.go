package simulation

import (
	"context"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// servicePlants are faults of what stands behind the SDK.
func servicePlants() []Plant {
	return []Plant{
		{"reversal-not-carried-out", "the PG says that a payment is reversed, and tells the issuer nothing", relayed(func(r *pg.PG, _ *kecis.Client) kecis.Payments { return deafToReversals{r} })},
		{"no-answer-told-as-declined", "the PG says that a payment was not done if the issuer does not answer", relayed(func(r *pg.PG, _ *kecis.Client) kecis.Payments { return hastyDecline{r} })},
		{"no-answer-told-as-approved", "the PG says that a payment was done if the issuer does not answer", relayed(func(r *pg.PG, _ *kecis.Client) kecis.Payments { return hastyApproval{r} })},
		{"new-request-on-retry", "the PG asks again under a new ID when it does not know", relayed(func(r *pg.PG, c *kecis.Client) kecis.Payments { return newOnRetry{r, c} })},
		{"upstream-by-itself", "the PG sends to the issuer what is not journaled with its claim", relayed(func(r *pg.PG, c *kecis.Client) kecis.Payments { return unclaimedUpstream{r, c} })},
		{"amount-changed-on-the-way", "the PG asks the issuer for another amount than the shop asked for", relayed(func(r *pg.PG, _ *kecis.Client) kecis.Payments { return shavesAmounts{r} })},
		{"capture-of-all", "the PG captures the whole hold whatever the shop asked for", relayed(func(r *pg.PG, _ *kecis.Client) kecis.Payments { return capturesAll{r} })},
		{"cancellation-kept-back", "the PG confirms cancellations and does not pass them on", Parts{PG: func(c *kecis.ServerConfig) {
			c.Cancellations = keepsCancellations{c.Cancellations}
		}}},
		{"cancellation-not-idempotent", "the issuer refunds again when it is asked what became of a refund", Parts{Issuer: func(c *kecis.ServerConfig) {
			i, _ := c.Payments.(*issuer.Issuer)
			c.Payments, c.Cancellations = unplannedCancels{i}, &refundsAgain{Issuer: i}
		}}},
		{"refund-posted-twice", "the issuer posts each refund twice", issued(func(i *issuer.Issuer) kecis.Payments { return postsTwice{i} })},
		{"rest-of-hold-kept", "the issuer does not release what a final capture leaves", issued(func(i *issuer.Issuer) kecis.Payments { return keepsRest{i} })},
		{"end-of-hold-not-told", "the issuer's books end a hold of which its server knows no end", issued(func(i *issuer.Issuer) kecis.Payments { return endlessHolds{i} })},
	}
}

// issued replaces the payment service of the issuer.
func issued(bad func(*issuer.Issuer) kecis.Payments) Parts {
	return Parts{Issuer: func(c *kecis.ServerConfig) {
		if i, ok := c.Payments.(*issuer.Issuer); ok {
			c.Payments = bad(i)
		}
	}}
}

// relayed replaces the payment service of the PGs.
func relayed(bad func(*pg.PG, *kecis.Client) kecis.Payments) Parts {
	return Parts{PG: func(c *kecis.ServerConfig) {
		if r, ok := c.Payments.(*pg.PG); ok {
			c.Payments = bad(r, c.Client)
		}
	}}
}

type deafToReversals struct{ *pg.PG }

func (deafToReversals) Reverse(context.Context, string) error { return nil }

type hastyDecline struct{ *pg.PG }

func (h hastyDecline) Pay(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	approval, err := h.PG.Pay(ctx, a, p)
	if _, refused := err.(*kecis.Refusal); err != nil && !refused { //nolint:errorlint // a plant
		return nil, kecis.Refuse(kecis.ErrUnavailable)
	}
	return approval, err
}

type hastyApproval struct{ *pg.PG }

func (h hastyApproval) Pay(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	approval, err := h.PG.Pay(ctx, a, p)
	if _, refused := err.(*kecis.Refusal); err != nil && !refused && ctx.Err() == nil { //nolint:errorlint // a plant
		return &kecis.Approval{}, nil
	}
	return approval, err
}

func (h hastyApproval) Lookup(context.Context, string) (*kecis.Approval, error) {
	return &kecis.Approval{}, nil
}

// newOnRetry forgets the request that was journaled with the claim.
type newOnRetry struct {
	*pg.PG
	client *kecis.Client
}

func (n newOnRetry) Lookup(ctx context.Context, key string) (*kecis.Approval, error) {
	if _, err := n.client.Again(ctx, key); err == nil {
		return n.PG.Lookup(ctx, key)
	}
	return nil, kecis.Refuse(kecis.ErrUnavailable)
}

// unclaimedUpstream makes its request to the issuer only when it pays.
type unclaimedUpstream struct {
	*pg.PG
	client *kecis.Client
}

func (u unclaimedUpstream) ForwardPayment(context.Context, kecis.Attempt, *kecis.PaymentRequest) (*kecis.Forward, error) {
	return nil, nil
}

func (u unclaimedUpstream) Pay(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	f, err := u.PG.ForwardPayment(ctx, a, p)
	if err != nil {
		return nil, err
	}
	ahead, _ := f.Message.(*kecis.PaymentRequest)
	fresh := u.client.NewPayment(f.To)
	ahead.RequestHeader = fresh.RequestHeader
	m, err := u.client.Pay(ctx, ahead)
	if m == nil {
		return nil, err
	}
	return kecis.ApprovalFrom(m)
}

type shavesAmounts struct{ *pg.PG }

func (s shavesAmounts) ForwardPayment(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Forward, error) {
	f, err := s.PG.ForwardPayment(ctx, a, p)
	if ahead, ok := f.Message.(*kecis.PaymentRequest); ok {
		ahead.Amount.Minor--
		ahead.Tax.TaxFree--
	}
	return f, err
}

func (s shavesAmounts) Pay(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	approval, err := s.PG.Pay(ctx, a, p)
	if approval != nil {
		approval.Amount = kecis.Money{}
	}
	return approval, err
}

type capturesAll struct{ *pg.PG }

func (c capturesAll) ForwardCapture(ctx context.Context, a kecis.Attempt, p *kecis.CaptureRequest) (*kecis.Forward, error) {
	f, err := c.PG.ForwardCapture(ctx, a, p)
	if err != nil {
		return nil, err
	}
	if ahead, ok := f.Message.(*kecis.CaptureRequest); ok {
		ahead.Amount = a.Before.Amount
		ahead.Tax = kecis.Tax{TaxFree: ahead.Amount.Minor}
	}
	return f, nil
}

type keepsCancellations struct{ kecis.Cancellations }

func (keepsCancellations) Cancel(context.Context, kecis.Attempt, *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	return &kecis.CancelResult{}, nil
}

// unplannedCancels leaves cancellations to Cancel, apart from the claim.
type unplannedCancels struct{ *issuer.Issuer }

func (unplannedCancels) PlanCancel(context.Context, journal.Tx, kecis.Attempt, *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	return nil, nil
}

// refundsAgain carries a refund out under a new key when it is looked up.
type refundsAgain struct {
	*issuer.Issuer
	last    kecis.Attempt
	request *kecis.CancellationRequest
}

func (r *refundsAgain) Cancel(ctx context.Context, a kecis.Attempt, p *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	r.last, r.request = a, p
	return r.Issuer.Cancel(ctx, a, p)
}

func (r *refundsAgain) LookupCancel(ctx context.Context, key string) (*kecis.CancelResult, error) {
	if r.request == nil || r.last.Key != key {
		return r.Issuer.LookupCancel(ctx, key)
	}
	again := r.last
	again.Key += "2"
	return r.Issuer.Cancel(ctx, again, r.request)
}

type postsTwice struct{ *issuer.Issuer }

func (p postsTwice) PlanCancel(ctx context.Context, tx journal.Tx, a kecis.Attempt, m *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	result, err := p.Issuer.PlanCancel(ctx, tx, a, m)
	if err == nil {
		again := a
		again.Key += "2"
		_, _ = p.Issuer.PlanCancel(ctx, tx, again, m) // a plant: whatever comes of it
	}
	return result, err
}

type keepsRest struct{ *issuer.Issuer }

func (k keepsRest) PlanCapture(ctx context.Context, tx journal.Tx, a kecis.Attempt, m *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	open := *m
	open.Final = false
	return k.Issuer.PlanCapture(ctx, tx, a, &open)
}

type endlessHolds struct{ *issuer.Issuer }

func (e endlessHolds) PlanPayment(ctx context.Context, tx journal.Tx, a kecis.Attempt, m *kecis.PaymentRequest) (*kecis.Approval, error) {
	approval, err := e.Issuer.PlanPayment(ctx, tx, a, m)
	if approval != nil {
		approval.HoldExpires = approval.HoldExpires.Add(1000 * 24 * 60 * 60e9)
	}
	return approval, err
}
