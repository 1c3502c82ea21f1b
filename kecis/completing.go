package kecis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// errCompletion is the error of an approval that no answer could state.
var errCompletion = errors.New("kecis: the approval is of another amount or other terms, or cannot be stated")

// CompletePayment ends a pending payment as done (P15, KECIS-PAY-031): the service
// calls it in the commit in which what the payment waited for has come, with the
// TransactionID of its Attempt. The one final event, and what a Poster writes, are in
// that commit; the requester reads the end by an inquiry or the feed. Called again
// with the same approval code it does nothing.
//
// A *Refusal with ErrRequestReversed says that the payment has ended otherwise, by a
// reversal or by its time: nothing was written, and what has come is to be given back.
// It comes too if the payment was declined, or completed by another approval. Any
// other error is of the journal, of a payment that is unknown, or of an approval that
// is not what was asked for; nothing was written.
func (s *Server) CompletePayment(ctx context.Context, tx journal.Tx, transaction string, a *Approval) error {
	now := s.clock.Now()
	w, err := pendingIn(tx, transaction)
	if err != nil {
		return err
	}
	b := w.payment
	asked := Money{b.row.Amount, Currency(b.row.Currency)}
	switch {
	case b.state() != StatePending && b.completed() && b.details.ApprovalCode == a.ApprovalCode && w.row.Reversed == "":
		return nil
	case !w.open(now):
		return Refuse(ErrRequestReversed)
	case a.Pending != nil || !a.statable(now) || (a.Amount != Money{} && a.Amount != asked) || (a.Terms != Terms{} && a.Terms != b.details.Terms):
		return errCompletion
	}
	return s.complete(ctx, tx, w, func() Code { return s.approve(b, a, now) })
}

// DeclinePayment ends a pending payment as not done, as CompletePayment ends it as done.
// The refusal's code is one whose outcome is not-done.
func (s *Server) DeclinePayment(ctx context.Context, tx journal.Tx, transaction string, r *Refusal) error {
	now := s.clock.Now()
	w, err := pendingIn(tx, transaction)
	if err != nil {
		return err
	}
	code := statableRefusal(r.Code)
	switch {
	case outcomeOf(code) != NotDone:
		return fmt.Errorf("%w: a refusal is not-done", ErrStatus)
	case w.payment.state() == StateDeclined:
		return nil
	case !w.open(now):
		return Refuse(ErrRequestReversed)
	}
	return s.complete(ctx, tx, w, func() Code {
		paying{}.refused(w, now)
		return code
	})
}

// pendingIn reads a payment with the request that made it.
func pendingIn(tx journal.Tx, transaction string) (*work, error) {
	b, err := find(tx, transaction)
	if err != nil {
		return nil, err
	}
	row, err := tx.Request(b.row.Owner, b.row.RequestID)
	if err != nil {
		return nil, err
	}
	return &work{row: row, payment: b}, nil
}

// open reports whether a payment waits for its service: neither a reversal nor its time
// has begun to end it.
func (w *work) open(now time.Time) bool {
	b := w.payment
	return b.state() == StatePending && b.row.Busy == "" && w.row.Reversed == "" && !b.details.Ending && now.Before(b.details.Expires)
}

// completed reports whether a payment is done.
func (b *booked) completed() bool {
	switch b.state() {
	case StateAuthorised, StateCaptured, StateCancelled:
		return true
	}
	return false
}

// complete writes the end of a pending payment. The recorded answer stays as it was.
func (s *Server) complete(ctx context.Context, tx journal.Tx, w *work, apply func() Code) error {
	before := w.payment.copied()
	row := *w.row
	conclude(&row, apply())
	row.Due, row.Tries = time.Time{}, 0
	if err := tx.ClaimRequest(&row); err != nil { // nobody who has read the row before may write it
		return err
	}
	return s.post(ctx, tx, before, w.payment)
}
