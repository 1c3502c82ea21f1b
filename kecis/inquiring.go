package kecis

import (
	"context"
	"log/slog"

	"github.com/kecis/sdk/kecis/journal"
)

// inquire answers with what is recorded. It changes nothing, so it is not
// recorded itself (KECIS-INQ-002).
func (s *Server) inquire(ctx context.Context, in *received, m *InquiryRequest) reply {
	id, err := s.authenticationAsked(ctx, in.header.Sender, m.Original)
	if err != nil {
		s.log.ErrorContext(ctx, "the journal cannot be read", slog.Any("error", err))
		return unavailable()
	}
	if id != "" {
		return s.inquireAuthentication(ctx, in, id)
	}
	return s.list(ctx, in, Found, func(tx journal.Tx, answer Message) error {
		a, _ := answer.(*InquiryResponse)
		return s.look(tx, in.header.Sender, m.Original, a)
	})
}

// look fills an answer with what became of the request that is asked about. Of
// another sender's there is nothing to be found (KECIS-INQ-003).
func (s *Server) look(tx journal.Tx, sender string, about Original, answer *InquiryResponse) error {
	id := string(about.RequestID)
	if about.TransactionID != "" {
		b, err := find(tx, about.TransactionID)
		if err != nil {
			return err
		}
		if b.row.Owner != sender {
			return journal.ErrNotFound
		}
		id = b.row.RequestID
	}
	row, err := tx.Request(sender, id)
	if err != nil {
		return err
	}
	var details requestDetails
	if row.Kind == unreadableKind || readKept(row.Details, &details) != nil {
		return journal.ErrNotFound
	}
	answer.OrderRef = details.OrderRef
	answer.Result = resultOf(row)
	if row.Transaction == "" {
		return nil
	}
	b, err := find(tx, row.Transaction)
	if err != nil {
		return err
	}
	if answer.Transaction = b.stated(); answer.Transaction.ID != "" {
		answer.Cancelled = b.cancellations()
	}
	return nil
}

// resultOf is what became of a request. While it runs, nobody knows.
func resultOf(row *journal.Request) Result {
	code := Code(row.Code)
	if row.State == journal.Tombstone || row.State == journal.Sealed && row.Reversed != "" {
		code = ErrRequestReversed
	}
	if row.State == journal.Running || code == "" {
		code = ErrOutcomeUnknown
	}
	status := statusFor(code)
	return Result{Code: code, Outcome: status.Outcome, Retry: status.Retry}
}
