package kecis

import (
	"context"
	"errors"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// capturing is the operation of a capture request.
type capturing struct{}

func (capturing) undoable() bool { return true }

func (capturing) served(_ context.Context, s *Server, m Message) error {
	p, _ := m.(*CaptureRequest)
	if s.config.Captures == nil || s.config.Role.Captures == "" || (!p.Final && s.config.Role.Captures != metadata.CapturesSeveral) {
		return Refuse(ErrNotServed)
	}
	return nil
}

func (capturing) forward(ctx context.Context, s *Server, a Attempt, m Message) (*Forward, error) {
	p, _ := m.(*CaptureRequest)
	if err := s.before(ctx, &a, p.Sender, p.Original, p.OrderRef, ErrOriginalNotFound); err != nil {
		return nil, err
	}
	return s.forwarder.ForwardCapture(ctx, a, p)
}

// begin takes the payment for this capture and holds the amount against it
// (P17).
func (capturing) begin(tx journal.Tx, s *Server, w *work, m Message) error {
	p, _ := m.(*CaptureRequest)
	if err := s.take(tx, w, p.Original, p.OrderRef, ErrOriginalNotFound); err != nil {
		return err
	}
	b := w.payment
	switch held := b.held(); {
	case p.Amount.Currency != Currency(b.row.Currency):
		return Refuse(ErrCurrency)
	case b.state() == StateCaptured && held == 0:
		return Refuse(ErrAlreadyCaptured)
	case b.details.Terms.Purpose == AmountAuthentication: // I6
		return Refuse(ErrNotCapturable)
	case b.state() != StateAuthorised && b.state() != StateCaptured:
		return Refuse(ErrNotCapturable)
	case !b.details.HoldExpires.IsZero() && !w.row.Claimed.Before(b.details.HoldExpires):
		return Refuse(ErrHoldExpired)
	case p.Amount.Minor > held:
		return Refuse(ErrExceedsHold)
	}
	return tx.UpdateTransaction(b.row)
}

func (capturing) plan(ctx context.Context, tx journal.Tx, s *Server, w *work, m Message) (*result, error) {
	p, _ := m.(*CaptureRequest)
	r, err := s.planner.PlanCapture(ctx, tx, w.attempt, p)
	return captureResult(r), err
}

func (capturing) call(ctx context.Context, s *Server, w *work, m Message) (*result, error) {
	p, _ := m.(*CaptureRequest)
	r, err := s.config.Captures.Capture(ctx, w.attempt, p)
	return captureResult(r), err
}

func (capturing) lookup(ctx context.Context, s *Server, w *work) (*result, error) {
	r, err := s.config.Captures.LookupCapture(ctx, w.row.Key)
	return captureResult(r), err
}

func (capturing) undo(ctx context.Context, s *Server, w *work) error {
	return s.config.Captures.ReverseCapture(ctx, w.row.Key)
}

func captureResult(r *CaptureResult) *result {
	if r == nil {
		return nil
	}
	return &result{Upstream: r.Upstream}
}

// succeed books a capture; a final one releases the rest in the same commit.
func (capturing) succeed(_ *Server, w *work, _ *result, now time.Time) Code {
	b := w.payment
	b.row.Busy = ""
	b.row.Captured += w.details.Amount.Minor
	w.details.Booked, w.details.CancelledBefore = true, len(b.details.Cancelled)
	if w.details.Final {
		w.details.Released = b.held()
		b.details.Released += w.details.Released
	}
	b.enter(StateCaptured, now)
	b.balance()
	return Captured
}

func (capturing) refused(w *work, _ time.Time) { w.payment.row.Busy = "" }

// unknown leaves the payment as it is, and busy: it is not paid more than
// before, and the capture is undone.
func (capturing) unknown(*work, time.Time) {}

// reopen holds again what a capture released, before it is undone: nothing else
// can take it in the meantime. It reports false if another part of the order has
// taken it already.
func (capturing) reopen(tx journal.Tx, w *work) (bool, error) {
	b, released := w.payment, w.details.Released
	if released == 0 {
		return true, nil
	}
	order, err := tx.Order(b.row.Requester, b.row.OrderID)
	if err != nil {
		return false, err
	}
	free := order.Amount
	for i := range order.Parts {
		free -= order.Parts[i].Live
	}
	if released > free {
		return false, nil
	}
	b.details.Released -= released
	w.details.Released = 0
	return true, nil
}

// undone takes a capture back: the hold is as it was before (KECIS-REV-007).
func (capturing) undone(w *work, now time.Time) {
	b := w.payment
	b.row.Busy = ""
	if w.details.Booked {
		b.row.Captured -= w.details.Amount.Minor
	}
	if b.row.Captured == 0 {
		b.enter(StateAuthorised, now)
	}
	b.balance()
}

func (capturing) answer(w *work, header ResponseHeader) Message {
	return &CaptureResponse{ResponseHeader: header, OrderRef: w.details.OrderRef, Transaction: w.payment.stated()}
}

// take locks the payment that a request is about. It must be the sender's own;
// one of another sender is not told from none (P5). One request works on it at a
// time.
func (s *Server) take(tx journal.Tx, w *work, o Original, ref OrderRef, missing Code) error {
	b, err := s.original(tx, w.row.Sender, o)
	if errors.Is(err, journal.ErrNotFound) {
		return Refuse(missing)
	}
	if err != nil {
		return err
	}
	switch {
	case b.orderRef() != ref:
		return Refuse(missing)
	case b.row.Busy != "":
		return Refuse(ErrTransactionBusy)
	}
	w.payment = b
	w.row.Transaction = b.row.ID
	w.attempt.PaymentKey, w.attempt.Before = b.row.Key, b.stated()
	b.row.Busy = w.row.ID
	return nil
}

// original finds the payment that an Original names.
func (s *Server) original(tx journal.Tx, sender string, o Original) (*booked, error) {
	id := o.TransactionID
	if id == "" {
		row, err := tx.Request(sender, string(o.RequestID))
		if err != nil {
			return nil, err
		}
		if id = row.Transaction; id == "" {
			return nil, journal.ErrNotFound
		}
	}
	b, err := find(tx, id)
	if err == nil && b.row.Owner != sender {
		return nil, journal.ErrNotFound
	}
	return b, err
}

// before tells a Forwarder which payment a request is about, as it stands before
// the claim: the claim decides.
func (s *Server) before(ctx context.Context, a *Attempt, sender string, o Original, ref OrderRef, missing Code) error {
	return s.config.Journal.View(ctx, func(tx journal.Tx) error {
		b, err := s.original(tx, sender, o)
		if errors.Is(err, journal.ErrNotFound) || (err == nil && b.orderRef() != ref) {
			return Refuse(missing)
		}
		if err != nil {
			return err
		}
		a.TransactionID, a.PaymentKey, a.Before = b.row.ID, b.row.Key, b.stated()
		return nil
	})
}
