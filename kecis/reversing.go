package kecis

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// reversing is a reversal request on its way: what it found, and what it left.
type reversing struct {
	code Code
	// work is the original, claimed for this reversal, if the service is to undo
	// it; nil if nothing is left to be done.
	work *work
	op   operation
	// payment is stated in the answer; nil for none.
	payment *booked
}

// reverse answers a reversal. What it does depends on the original alone: the
// mark on its row, or the tombstone in its place, is committed first; then the
// service undoes what was done; and what cannot be undone at once is owed
// (P14).
func (s *Server) reverse(ctx context.Context, in *received, m *ReversalRequest) reply {
	var r reversing
	mark := func(tx journal.Tx) (err error) {
		r, err = s.mark(ctx, tx, in, m)
		return err
	}
	err := s.config.Journal.Update(ctx, mark)
	if errors.Is(err, journal.ErrExists) { // the original came in between
		err = s.config.Journal.Update(ctx, mark)
	}
	if errors.Is(err, errSeen) {
		return s.afterRecording(ctx, in, unavailable(), journal.ErrExists)
	}
	if err != nil {
		s.log.ErrorContext(ctx, "a reversal could not be recorded", slog.String("id", string(in.header.ID)), slog.Any("error", err))
		return unavailable()
	}
	if r.work != nil {
		if err := s.undo(ctx, r.op, r.work); err == nil {
			r.code, r.payment = Reversed, r.work.payment
		}
	}
	return s.answerReversal(ctx, in, r)
}

// answerReversal seals the reversal's own row by its answer.
func (s *Server) answerReversal(ctx context.Context, in *received, r reversing) reply {
	answer, _ := in.answer(s.config.Entity, r.code).(*ReversalResponse)
	// A capture leaves a payment that others may have changed since: one that does
	// not go with what is said of the capture is left out (KECIS-REV-010).
	if t := r.payment.stated(); reversalLeaves(r.code, t.stated()) || answer.Status.Outcome == NotDone {
		answer.Transaction = t
	}
	document, err := s.signed(answer)
	if err != nil {
		s.log.ErrorContext(ctx, "an answer cannot be signed", slog.String("id", string(in.header.ID)), slog.Any("error", err))
		return unavailable()
	}
	now := s.clock.Now()
	row := in.row(now)
	row.State, row.Sealed = journal.Sealed, now
	if r.payment != nil {
		row.Transaction = r.payment.row.ID
	}
	conclude(row, r.code)
	err = s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		return s.record(tx, in, row, document, tx.InsertRequest)
	})
	return s.afterRecording(ctx, in, done(document, &answer.Status), err)
}

// errSeen ends a reversal whose own ID was used before: nothing is done for it.
var errSeen = errors.New("kecis: the ID of the reversal was used before")

// mark finds the original and decides, in one commit, what becomes of it.
func (s *Server) mark(ctx context.Context, tx journal.Tx, in *received, m *ReversalRequest) (reversing, error) {
	if _, err := tx.Request(in.header.Sender, string(in.header.ID)); !errors.Is(err, journal.ErrNotFound) {
		if err == nil {
			err = errSeen
		}
		return reversing{}, err
	}
	row, err := tx.Request(in.header.Sender, string(m.Original))
	if errors.Is(err, journal.ErrNotFound) {
		return s.entomb(tx, in, m)
	}
	if err != nil {
		return reversing{}, err
	}
	if row.Kind == unreadableKind { // it was refused, and nothing else is known of it
		return reversing{code: NeverExecuted}, nil
	}
	w := &work{row: row}
	if err := readKept(row.Details, &w.details); err != nil {
		return reversing{}, err
	}
	switch {
	case row.State == journal.Tombstone:
		return reversing{code: NeverExecuted}, nil
	case w.details.OrderRef != m.OrderRef:
		return reversing{code: ErrNotReversible}, nil
	case !isPayment(row.Kind) && row.Kind != CaptureRequestKind.String():
		return reversing{code: ErrNotReversible}, nil
	case row.State == journal.Running:
		row.Reversed = string(in.header.ID)
		return reversing{code: ReversalAccepted}, tx.UpdateRequest(row)
	}
	return s.markSealed(ctx, tx, in, w)
}

// entomb puts a tombstone where the original would stand: the unique row decides
// the race. An original so old that its row may be gone is not known to be
// undone.
func (s *Server) entomb(tx journal.Tx, in *received, m *ReversalRequest) (reversing, error) {
	now := s.clock.Now()
	if s.forgotten(m.OriginalInstant) {
		return reversing{code: ErrTooOld}, nil
	}
	return reversing{code: NeverExecuted}, tx.InsertRequest(&journal.Request{
		Sender: in.header.Sender, ID: string(m.Original), Issued: m.OriginalInstant, Deadline: m.OriginalInstant.Add(MaxWindow),
		State: journal.Tombstone, Epoch: 1, Reversed: string(in.header.ID), Claimed: now,
		Details: (&requestDetails{OrderRef: m.OrderRef}).encode(),
	})
}

// markSealed decides about an original that has its answer.
func (s *Server) markSealed(ctx context.Context, tx journal.Tx, in *received, w *work) (reversing, error) {
	if w.row.Transaction == "" { // a refusal that made nothing
		return reversing{code: NeverExecuted}, nil
	}
	b, err := find(tx, w.row.Transaction)
	if err != nil {
		return reversing{}, err
	}
	w.payment = b
	op := operationOf(w.row.Kind)
	switch outcome := Outcome(indexOf(outcomes, w.row.Outcome)); {
	case outcome == NotDone && Code(w.row.Code) == ErrRequestReversed:
		return reversing{code: Reversed, payment: b}, nil
	case outcome == NotDone:
		return reversing{code: NeverExecuted, payment: b.onlyEnded()}, nil
	case outcome == Unknown: // resolving: it can only end reversed
		return reversing{code: ReversalAccepted, payment: b}, nil
	}
	if b.state() == StateExpired && isPayment(w.row.Kind) { // its hold is released already
		w.row.Reversed = string(in.header.ID)
		conclude(w.row, ErrRequestReversed)
		return reversing{code: Reversed, payment: b}, tx.UpdateRequest(w.row)
	}
	if why := s.irreversible(w, b); why != "" {
		return reversing{code: why, payment: b}, nil //nolint:nilerr // a Code is an error too, and here the answer
	}
	before := b.copied()
	if _, capture := op.(capturing); capture {
		if free, err := (capturing{}).reopen(tx, w); err != nil || !free {
			return reversing{code: ErrTransactionUsed, payment: before}, err
		}
	}
	now := s.clock.Now()
	w.row.Reversed, w.row.Tries, w.row.Due = string(in.header.ID), 0, s.lease(now)
	w.row.Details = w.details.encode()
	conclude(w.row, ErrOutcomeUnknown)
	if err := tx.ClaimRequest(w.row); err != nil {
		return reversing{}, err
	}
	b.row.Busy = w.row.ID
	op.unknown(w, now)
	return reversing{code: ReversalAccepted, work: w, op: op, payment: b}, s.post(ctx, tx, before, b)
}

// onlyEnded returns the payment if it has ended without money, as an answer
// states it.
func (b *booked) onlyEnded() *booked {
	if state := b.state(); state == StateDeclined || state == StateExpired {
		return b
	}
	return nil
}

// irreversible says why an original that was done can no longer be reversed: it
// was used, or settled (P14).
func (s *Server) irreversible(w *work, b *booked) Code {
	used := len(b.details.Cancelled) > w.details.CancelledBefore
	if isPayment(w.row.Kind) {
		used = used || (b.state() == StateCaptured && b.details.Terms.Capture == CaptureManual)
	} else {
		used = used || b.state() != StateCaptured
	}
	switch {
	case b.row.Busy != "":
		return ErrTransactionBusy
	case used || b.state() == StateCancelled || b.state() == StateExpired:
		return ErrTransactionUsed
	case s.clock.Now().After(w.row.Issued.Add(s.config.Role.ReversalCutOff)):
		return ErrReversalPeriodOver
	}
	return ""
}

// operationOf returns the operation of a kind of request.
func operationOf(kind string) operation {
	switch kind {
	case CaptureRequestKind.String():
		return capturing{}
	case CancellationRequestKind.String():
		return cancelling{}
	case PaymentOrderKind.String():
		return ordering{}
	case AuthenticationRequestKind.String():
		return authenticating{}
	case ConfirmationRequestKind.String():
		return confirming{}
	}
	return paying{}
}

// isPayment reports whether requests of that kind make payments.
func isPayment(kind string) bool {
	return kind == PaymentRequestKind.String() || kind == PaymentOrderKind.String()
}

// undo lets the service undo an operation and commits that it has. On an error
// the reversal is still owed.
func (s *Server) undo(ctx context.Context, op operation, w *work) error {
	ctx, cancel := s.clock.WithTimeout(ctx, s.config.AnswerWithin)
	defer cancel()
	if _, err := guarded(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, op.undo(ctx, s, w) }); err != nil {
		s.log.WarnContext(ctx, "not yet reversed", slog.String("key", w.row.Key), slog.String("id", w.row.ID), slog.Any("error", err))
		return err
	}
	return s.finish(ctx, w, func(w *work, now time.Time) Code {
		op.undone(w, now)
		return ErrRequestReversed
	})
}

// finish ends a request of which the answer said that nobody knows. Its row says
// from now on what became of it; the recorded answer stays as it was.
func (s *Server) finish(ctx context.Context, w *work, apply func(*work, time.Time) Code) error {
	var after *work
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		now := s.clock.Now()
		copied, row := *w, *w.row
		copied.row, copied.payment = &row, w.payment.copied()
		after = &copied
		conclude(&row, apply(after, now))
		row.Due, row.Tries, row.Details = time.Time{}, 0, after.details.encode()
		if err := tx.UpdateRequest(&row); err != nil {
			return err
		}
		if err := s.concludeWork(tx, after); err != nil {
			return err
		}
		return s.post(ctx, tx, w.payment, after.payment)
	})
	if err == nil {
		*w = *after
	}
	return err
}
