package issuer

import (
	"context"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// PlanCancel cancels within the claim's commit.
func (s *Issuer) PlanCancel(_ context.Context, tx journal.Tx, a kecis.Attempt, p *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	if err := s.operate(tx, &a, cancellationAsked(p)); err != nil {
		return nil, err
	}
	return &kecis.CancelResult{}, nil
}

// Cancel cancels in a commit of its own. It is idempotent on the attempt's key.
func (s *Issuer) Cancel(ctx context.Context, a kecis.Attempt, p *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	if err := s.operateAlone(ctx, &a, cancellationAsked(p)); err != nil {
		return nil, err
	}
	return &kecis.CancelResult{}, nil
}

func cancellationAsked(p *kecis.CancellationRequest) *asked {
	return &asked{kind: cancelOperation, request: string(p.ID), amount: p.Amount, authenticated: p.Reason == kecis.ReasonAuthenticated}
}

// LookupCancel says what became of a cancellation.
func (s *Issuer) LookupCancel(ctx context.Context, key string) (*kecis.CancelResult, error) {
	if err := s.lookupOperation(ctx, key); err != nil {
		return nil, err
	}
	return &kecis.CancelResult{}, nil
}

// cancel voids what nothing was captured of, and refunds the rest, never both
// (P17). It sets done.Code if it must not be.
func (s *Issuer) cancel(tx journal.Records, payment *Payment, done *operation, key string) error {
	switch payment.State {
	case Cancelled:
		done.Code = kecis.ErrAlreadyCancelled
	case Expired:
		done.Code = kecis.ErrHoldExpired
	case Approved:
		if payment.Captured == 0 {
			return s.void(tx, payment, done, key)
		}
		return s.refund(tx, payment, done, key)
	default:
		done.Code = kecis.ErrOriginalNotFound
	}
	return nil
}

func (s *Issuer) void(tx journal.Records, payment *Payment, done *operation, key string) error {
	switch {
	case !s.now().Before(payment.HoldExpires):
		done.Code = kecis.ErrHoldExpired
		return nil
	case done.Amount > payment.Held:
		done.Code = kecis.ErrExceedsBalance
		return nil
	}
	payment.Held -= done.Amount
	payment.Voided += done.Amount
	if payment.Held == 0 {
		payment.State = Cancelled
	}
	entry := ledger.Entry{ID: key + "/void", Kind: kindVoid, Sender: payment.Sender, Request: done.Request, Postings: payment.releasing(done.Amount)}
	return s.giveBack(tx, payment, &entry, key, done.Amount)
}

func (s *Issuer) refund(tx journal.Records, payment *Payment, done *operation, key string) error {
	switch {
	case !s.now().Before(payment.CapturedAt.Add(refundPeriod)):
		done.Code = kecis.ErrCancelPeriodOver
		return nil
	case done.Amount > payment.Captured-payment.Refunded:
		done.Code = kecis.ErrExceedsBalance
		return nil
	}
	payment.Refunded += done.Amount
	if payment.Refunded == payment.Captured && payment.Held == 0 {
		payment.State = Cancelled
	}
	entry := ledger.Entry{ID: key + "/refund", Kind: kindRefund, Sender: payment.Sender, Request: done.Request, Postings: ledger.Transfer(payable(payment.Sender), customer(payment.Instrument), done.Amount)}
	return s.giveBack(tx, payment, &entry, key, done.Amount)
}

// giveBack posts what a cancellation gives back, to the books, to the limits and
// to the cardholder's knowledge.
func (s *Issuer) giveBack(tx journal.Records, payment *Payment, entry *ledger.Entry, key string, amount int64) error {
	if err := s.post(tx, payment, entry); err != nil {
		return err
	}
	if err := s.restore(tx, payment, amount); err != nil {
		return err
	}
	if err := s.endHold(tx, payment); err != nil {
		return err
	}
	instrument, _, err := load[Instrument](tx, spaceInstruments, payment.Instrument)
	if err != nil {
		return err
	}
	return s.notify(tx, &instrument, payment, NoticeCancelled, key, amount)
}
