package kecis

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// The wait for a request that is at work already, when the same comes again.
const (
	repeatPoll = 25 * time.Millisecond // an answer takes milliseconds, mostly
	repeatWait = 10 * time.Second      // then a 503: the requester comes back
)

// recorded answers a request that was seen before: with the recorded answer
// while the window lasts, and later by request-closed (P9). known is false if it
// is new.
func (s *Server) recorded(ctx context.Context, in *received) (answer reply, known bool) {
	if in.message != nil && !moves(in.message) {
		return reply{}, false
	}
	for waited := time.Duration(0); ; waited += repeatPoll {
		row, document, err := s.recall(ctx, in.header.Sender, in.header.ID)
		switch {
		case errors.Is(err, journal.ErrNotFound):
			return reply{}, false
		case err != nil:
			s.log.ErrorContext(ctx, "the journal cannot be read", slog.Any("error", err))
			return unavailable(), true
		case row.State == journal.Tombstone:
			return s.refuseReversed(ctx, in), true
		case row.Digest != journal.Digest(in.header.digest):
			return s.sign(ctx, in, ErrIDReused), true
		case row.State == journal.Sealed && row.Reversed != "":
			return s.sign(ctx, in, ErrRequestReversed), true // KECIS-PRO-024: never shown as paid again
		case row.State == journal.Sealed:
			return s.repeat(ctx, in, row, document), true
		case waited >= repeatWait || s.clock.Sleep(ctx, repeatPoll) != nil:
			return unavailable(), true
		}
	}
}

// recall reads a request's row and, within the window, its recorded answer.
func (s *Server) recall(ctx context.Context, sender string, id ID) (row *journal.Request, document []byte, err error) {
	err = s.config.Journal.View(ctx, func(tx journal.Tx) error {
		document = nil
		if row, err = tx.Request(sender, string(id)); err != nil || row.Answer == (journal.Digest{}) || !s.repeats(row) {
			return err
		}
		document, err = tx.Document(row.Answer)
		if errors.Is(err, journal.ErrNotFound) {
			return nil
		}
		return err
	})
	return row, document, err
}

// repeats reports whether the window for the recorded answer is open.
func (s *Server) repeats(row *journal.Request) bool {
	return s.clock.Now().Before(row.Deadline.Add(RepeatWindow))
}

// repeat gives the recorded bytes again, or says that the request is closed.
func (s *Server) repeat(ctx context.Context, in *received, row *journal.Request, document []byte) reply {
	if document == nil {
		return s.sign(ctx, in, ErrRequestClosed)
	}
	return reply{
		status: http.StatusOK, document: document, repeated: true,
		code: Code(row.Code), outcome: Outcome(indexOf(outcomes, row.Outcome)),
	}
}

// sign answers a request without recording anything: only where nothing was done
// for it and nothing is promised.
func (s *Server) sign(ctx context.Context, in *received, code Code) reply {
	answer := in.answer(s.config.Entity, code)
	if request, ok := in.message.(*PaymentRequest); ok && code == ErrAuthenticationRequired {
		answer.(*PaymentResponse).Accepted = s.accepted(request.OrderAmount) //nolint:forcetypeassert // it is the answer to that
	}
	document, err := s.signed(answer)
	if err != nil {
		s.log.ErrorContext(ctx, "an answer cannot be signed", slog.Any("code", code), slog.Any("error", err))
		return unavailable()
	}
	return reply{status: http.StatusOK, document: document, code: code, outcome: outcomeOf(code)}
}

// refuse answers not-done, after that was recorded under (sender, ID) (P10).
func (s *Server) refuse(ctx context.Context, in *received, code Code) reply {
	if in.message != nil && !moves(in.message) {
		return s.sign(ctx, in, code)
	}
	answer := s.sign(ctx, in, code)
	if answer.document == nil || answer.outcome != NotDone {
		return answer
	}
	now := s.clock.Now()
	row := in.row(now)
	row.State, row.Sealed = journal.Sealed, now
	conclude(row, code)
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		return s.record(tx, in, row, answer.document, tx.InsertRequest)
	})
	return s.afterRecording(ctx, in, answer, err)
}

// record writes a row that is sealed by its answer, with both documents and the
// evidence of them.
func (s *Server) record(tx journal.Tx, in *received, row *journal.Request, document []byte, write func(*journal.Request) error) (err error) {
	if row.Document, err = in.keep(tx); err != nil {
		return err
	}
	if row.Answer, err = tx.PutDocument(document); err != nil {
		return err
	}
	if err := write(row); err != nil {
		return err
	}
	return s.exhibit(tx, row, in.signer, in.partner.Entity.Serial)
}

// keep puts the request among the documents. Of one that could not be read only
// the digest is kept: it may hold anything, as the number of a card where none
// belongs (KECIS-MSG-027), and nothing was done for it.
func (in *received) keep(tx journal.Tx) (journal.Digest, error) {
	if in.unreadable != nil {
		return sha256.Sum256(in.document), nil //nolint:nilerr // that it is unreadable is no failure here
	}
	return tx.PutDocument(in.document)
}

// afterRecording gives the answer if it was recorded; if another had recorded
// one, that; and if nobody knows, a 503.
func (s *Server) afterRecording(ctx context.Context, in *received, answer reply, err error) reply {
	switch {
	case err == nil:
		return answer
	case errors.Is(err, journal.ErrExists), errors.Is(err, journal.ErrUncertain), errors.Is(err, journal.ErrFenced):
		if earlier, known := s.recorded(ctx, in); known {
			return earlier
		}
	}
	s.log.ErrorContext(ctx, "an answer could not be recorded", slog.String("sender", in.header.Sender), slog.String("id", string(in.header.ID)), slog.Any("error", err))
	return unavailable()
}

// refuseReversed answers a request that comes behind its own reversal: the
// tombstone becomes its row (P14).
func (s *Server) refuseReversed(ctx context.Context, in *received) reply {
	answer := s.sign(ctx, in, ErrRequestReversed)
	if answer.document == nil {
		return answer
	}
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		stored, err := tx.Request(in.header.Sender, string(in.header.ID))
		if err != nil {
			return err
		}
		if stored.State != journal.Tombstone {
			return journal.ErrExists
		}
		now := s.clock.Now()
		row := in.row(now)
		row.Epoch, row.Reversed, row.Key = stored.Epoch, stored.Reversed, stored.Key
		row.State, row.Sealed = journal.Sealed, now
		conclude(row, ErrRequestReversed)
		return s.record(tx, in, row, answer.document, tx.UpdateRequest)
	})
	return s.afterRecording(ctx, in, answer, err)
}
