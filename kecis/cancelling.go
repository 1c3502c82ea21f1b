package kecis

import (
	"context"
	"errors"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// cancelling is the operation of a cancellation request.
type cancelling struct{}

// undoable: a cancellation is never reversed, only repeated or inquired (P17).
func (cancelling) undoable() bool { return false }

func (cancelling) undo(context.Context, *Server, *work) error { return nil }
func (cancelling) undone(*work, time.Time)                    {}

func (cancelling) served(_ context.Context, s *Server, m Message) error {
	p, _ := m.(*CancellationRequest)
	switch {
	case s.config.Cancellations == nil:
		return Refuse(ErrNotServed)
	case p.Scope == CancelPart && !s.config.Role.PartialCancellation:
		return Refuse(ErrPartialNotAllowed)
	}
	return nil
}

func (cancelling) forward(ctx context.Context, s *Server, a Attempt, m Message) (*Forward, error) {
	p, _ := m.(*CancellationRequest)
	if err := s.before(ctx, &a, p.Sender, p.Original, p.OrderRef, ErrOriginalNotFound); err != nil {
		return nil, err
	}
	return s.forwarder.ForwardCancel(ctx, a, p)
}

// begin takes the payment for this cancellation and holds amount and scope
// against its balance.
func (cancelling) begin(tx journal.Tx, s *Server, w *work, m Message) error {
	p, _ := m.(*CancellationRequest)
	if err := s.take(tx, w, p.Original, p.OrderRef, ErrOriginalNotFound); err != nil {
		return err
	}
	b := w.payment
	switch b.state() {
	case StateAuthorised, StateCaptured:
	case StateCancelled:
		return Refuse(ErrAlreadyCancelled)
	default:
		return Refuse(ErrOriginalNotFound)
	}
	switch balance := b.row.Cancellable; {
	case p.Amount.Currency != Currency(b.row.Currency):
		return Refuse(ErrCurrency)
	case balance == 0:
		return Refuse(ErrAlreadyCancelled)
	case p.ExpectedBalance != 0 && p.ExpectedBalance != balance:
		return Refuse(ErrBalanceMismatch)
	case p.Amount.Minor > balance:
		return Refuse(ErrExceedsBalance)
	case p.Scope == CancelFull && p.Amount.Minor != balance:
		return Refuse(ErrBalanceMismatch)
	case len(b.details.Cancelled) >= MaxCancellations:
		return Refuse(ErrPartialNotAllowed)
	}
	return tx.UpdateTransaction(b.row)
}

func (cancelling) plan(ctx context.Context, tx journal.Tx, s *Server, w *work, m Message) (*result, error) {
	p, _ := m.(*CancellationRequest)
	r, err := s.planner.PlanCancel(ctx, tx, w.attempt, p)
	return cancelResult(r), err
}

func (cancelling) call(ctx context.Context, s *Server, w *work, m Message) (*result, error) {
	p, _ := m.(*CancellationRequest)
	r, err := s.config.Cancellations.Cancel(ctx, w.attempt, p)
	return cancelResult(r), err
}

// lookup asks what became of the cancellation; where the service cannot say, the
// same one is carried out again, which does nothing if it was: there is no other
// end for what cannot be reversed (P12, P17).
func (cancelling) lookup(ctx context.Context, s *Server, w *work) (*result, error) {
	r, err := s.config.Cancellations.LookupCancel(ctx, w.row.Key)
	if _, refused := errors.AsType[*Refusal](err); refused || (err == nil && r != nil) {
		return cancelResult(r), err
	}
	r, err = s.config.Cancellations.Cancel(ctx, w.attempt, w.cancellation(s.config.Endpoint))
	return cancelResult(r), err
}

// cancellation is the request as it was, from what was kept of it.
func (w *work) cancellation(endpoint string) *CancellationRequest {
	d := &w.details
	return &CancellationRequest{
		RequestHeader: RequestHeader{
			Header: Header{
				ID: ID(w.row.ID), IssueInstant: w.row.Issued, Destination: endpoint, Sender: w.row.Sender, digest: Digest(w.row.Digest),
			},
			NotOnOrAfter: w.row.Deadline,
		},
		OrderRef: d.OrderRef, Original: d.Original, Amount: d.Amount, Tax: d.Tax,
		Scope: d.Scope, Reason: d.Reason, ExpectedBalance: d.ExpectedBalance,
	}
}

// reopenUpstream gives an attempt that background work has come back to the
// request that was made for it to the provider behind, if there is one.
func (s *Server) reopenUpstream(ctx context.Context, w *work) error {
	if s.forwarder == nil || w.attempt.Upstream != nil {
		return nil
	}
	o, _, err := s.client.sent(ctx, w.row.Key)
	if errors.Is(err, ErrNotSent) {
		return nil
	}
	w.attempt.Upstream = o
	return err
}

func cancelResult(r *CancelResult) *result {
	if r == nil {
		return nil
	}
	return &result{Cancellation: r, Upstream: r.Upstream}
}

// succeed books a cancellation: a void where nothing was captured, else a refund.
func (cancelling) succeed(s *Server, w *work, r *result, now time.Time) Code {
	b := w.payment
	kind := Void
	if b.state() == StateCaptured {
		kind = Refund
	}
	id := r.Cancellation.statable()
	if id == "" {
		id = "C" + w.row.Key[2:]
	}
	b.details.Cancelled = append(b.details.Cancelled, Cancellation{
		ID: id, Kind: kind, At: now, Amount: w.details.Amount, Tax: w.details.Tax,
	})
	b.row.Busy = ""
	b.row.Cancelled += w.details.Amount.Minor
	b.row.Cancellable -= w.details.Amount.Minor
	if b.row.Cancellable == 0 && b.held() == 0 {
		b.enter(StateCancelled, now)
	}
	return Cancelled
}

func (cancelling) refused(w *work, _ time.Time) { w.payment.row.Busy = "" }
func (cancelling) unknown(*work, time.Time)     {}

func (cancelling) answer(w *work, header ResponseHeader) Message {
	m := &CancellationResponse{ResponseHeader: header, OrderRef: w.details.OrderRef, Transaction: w.payment.stated()}
	if header.Status.Outcome == Done {
		list := w.payment.details.Cancelled
		m.Cancelled = list[len(list)-1]
	}
	return m
}
