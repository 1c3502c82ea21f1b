package kecis

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// errOvertaken ends a seal whose success may not be shown: its deadline has
// passed, or a reversal has come in the meantime (P13, P14).
var errOvertaken = errors.New("kecis: the success came too late")

// seal signs the answer and commits state, answer, evidence and events at once;
// then the answer may be sent. A success that came too late is sealed as
// unknown, and undone.
func (s *Server) seal(ctx context.Context, op operation, w *work, v verdict) reply {
	if v.result != nil && !s.clock.Now().Before(w.row.Deadline) {
		v = verdict{unknown: ErrTimeout}
	}
	answer, err := s.sealOnce(ctx, op, w, v)
	if errors.Is(err, errOvertaken) {
		answer, err = s.sealOnce(ctx, op, w, verdict{unknown: ErrTimeout})
	}
	if errors.Is(err, journal.ErrUncertain) {
		answer, err = s.sealedAfterAll(ctx, op, w, v, answer, err)
	}
	if err != nil {
		s.log.ErrorContext(ctx, "an answer could not be sealed", slog.String("id", w.row.ID), slog.String("kind", w.row.Kind), slog.Any("error", err))
		return unavailable() // background work brings the request to its end
	}
	return answer
}

// sealOnce makes the answer and tries to commit it.
func (s *Server) sealOnce(ctx context.Context, op operation, w *work, v verdict) (reply, error) {
	now := s.clock.Now()
	after, status := s.outcome(ctx, op, w, v, now)
	document, err := s.signedAt(op.answer(after, s.answerTo(w.row, status)), now)
	if err != nil {
		return reply{}, err
	}
	err = s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		stored, err := tx.Request(w.row.Sender, w.row.ID)
		if err != nil {
			return err
		}
		if v.result != nil && (stored.Reversed != "" || !s.clock.Now().Before(w.row.Deadline)) {
			return errOvertaken
		}
		row := *after.row
		row.Reversed, row.Tries = stored.Reversed, 0
		if row.Answer, err = tx.PutDocument(document); err != nil {
			return err
		}
		if err := tx.UpdateRequest(&row); err != nil {
			return err
		}
		if err := s.exhibit(tx, &row, w.details.Signer, w.details.Serial); err != nil {
			return err
		}
		if err := w.attempt.Upstream.record(tx, now); err != nil {
			return err
		}
		if err := s.concludeWork(tx, after); err != nil {
			return err
		}
		return s.post(ctx, tx, w.payment, after.payment)
	})
	return done(document, &status), err
}

// answerTo is the header of the answer to the request of a row.
func (s *Server) answerTo(row *journal.Request, status Status) ResponseHeader {
	return ResponseHeader{
		Header:       Header{Destination: row.Sender, Sender: s.config.Entity},
		InResponseTo: ID(row.ID), Recipient: row.Sender, RequestDigest: Digest(row.Digest), Status: status,
	}
}

// outcome applies a verdict to a copy of the work, and returns the status of the
// answer.
func (s *Server) outcome(ctx context.Context, op operation, w *work, v verdict, now time.Time) (after *work, status Status) {
	copied := *w
	row := *w.row
	copied.row = &row
	if w.payment != nil {
		copied.payment = w.payment.copied()
		copied.payment.quiet = w.quiet
	}
	after = &copied
	row.State, row.Sealed, row.Due = journal.Sealed, now, time.Time{}
	var code Code
	switch {
	case v.result != nil:
		if code = op.succeed(ctx, s, after, v.result, now); outcomeOf(code) == Unknown {
			row.Due = now // background work undoes it
		}
	case v.refused != "":
		code = v.refused
		after.accepted = v.accepted
		op.refused(after, now)
	default:
		code = v.unknown
		op.unknown(after, now)
		row.Due = now // background work takes it from here
	}
	conclude(&row, code)
	after.row.Details = after.details.encode()
	status = statusFor(code)
	status.Upstream = v.upstream
	return after, status
}

// post writes the payment as it is after the request; if its state or amounts
// changed, with an event, and with what the service writes into its books.
func (s *Server) post(ctx context.Context, tx journal.Tx, before, after *booked) error {
	if after == nil {
		return nil
	}
	from, to := before.stated(), after.stated()
	if kind := EventOf(&from, &to); kind != 0 {
		if err := s.announce(tx, kind, before, after); err != nil {
			return err
		}
		if s.poster != nil {
			if err := s.poster.Post(ctx, tx, change(before, after, s.clock.Now())); err != nil {
				return err
			}
		}
	}
	return after.write(tx)
}

// change is what a Poster is told. announce has numbered it.
func change(before, after *booked, now time.Time) *Change {
	return &Change{
		Key: after.row.Key, Owner: after.row.Owner, RequestID: ID(after.row.RequestID), OrderRef: after.orderRef(),
		Payee: after.details.Payee, Issuer: after.details.Issuer,
		Sequence: after.row.Sequence, At: now, Before: before.statement(), After: after.statement(),
	}
}

// sealedAfterAll reads back a seal of which the commit is uncertain.
func (s *Server) sealedAfterAll(ctx context.Context, op operation, w *work, v verdict, answer reply, cause error) (reply, error) {
	row, document, err := s.recall(ctx, w.row.Sender, ID(w.row.ID))
	switch {
	case err != nil:
		return reply{}, err
	case row.State == journal.Sealed && document != nil:
		answer.document, answer.code = document, Code(row.Code)
		answer.outcome = Outcome(indexOf(outcomes, row.Outcome))
		return answer, nil
	case row.State == journal.Running && row.Epoch == w.row.Epoch:
		return s.sealOnce(ctx, op, w, v)
	}
	return reply{}, cause
}
