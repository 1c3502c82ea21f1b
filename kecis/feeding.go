package kecis

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// feed answers with the sender's events behind a cursor.
func (s *Server) feed(ctx context.Context, in *received, m *FeedRequest) reply {
	return s.list(ctx, in, Listed, func(tx journal.Tx, answer Message) error {
		a, _ := answer.(*FeedResponse)
		rows, err := tx.ListEvents(in.header.Sender, m.After, m.Limit+1)
		if err != nil {
			return err
		}
		a.Events, a.Next, a.More = nil, m.After, false
		cancellations := 0
		for _, row := range rows {
			event, err := eventIn(row)
			if err != nil {
				return err
			}
			cancellations += len(event.Cancelled)
			if len(a.Events) == m.Limit || cancellations > maxPageCancellations {
				a.More = true
				break
			}
			a.Events, a.Next = append(a.Events, event), event.Cursor
		}
		return nil
	})
}

// reconcile answers with a page of the sender's transactions of a period, and
// the totals of all of them, both of one moment (KECIS-REC-009).
func (s *Server) reconcile(ctx context.Context, in *received, m *ReconciliationRequest) reply {
	after, afterID, ok := readPage(m.Page, m.From, m.Until)
	if !ok {
		return s.sign(ctx, in, ErrPageUnknown)
	}
	return s.list(ctx, in, Listed, func(tx journal.Tx, answer Message) error {
		a, _ := answer.(*ReconciliationResponse)
		sums, err := tx.SumTransactions(in.header.Sender, m.From, m.Until)
		if err != nil {
			return err
		}
		a.Totals, a.Entries, a.Next = nil, nil, ""
		for _, sum := range sums {
			a.Totals = append(a.Totals, Total{
				Currency: Currency(sum.Currency), Count: sum.Count,
				Approved: sum.Approved, Captured: sum.Captured, Cancelled: sum.Cancelled,
			})
		}
		rows, err := tx.ListTransactions(in.header.Sender, m.From, m.Until, after, afterID, m.Limit+1)
		if err != nil {
			return err
		}
		return a.fill(rows, m.Limit)
	})
}

// fill puts transactions into a page, and the token of the next behind them.
func (p *ReconciliationResponse) fill(rows []*journal.Transaction, limit int) error {
	cancellations := 0
	for _, row := range rows {
		b, err := book(row)
		if err != nil {
			return err
		}
		cancellations += len(b.cancellations())
		if len(p.Entries) == limit || cancellations > maxPageCancellations {
			last := &p.Entries[len(p.Entries)-1]
			p.Next = pageToken(last.Made, last.Transaction.ID)
			return nil
		}
		p.Entries = append(p.Entries, Entry{
			Made: row.Created, RequestID: ID(row.RequestID), OrderRef: b.orderRef(),
			Transaction: b.stated(), Cancelled: b.cancellations(),
		})
	}
	return nil
}

// pageToken names the place behind an entry. It opens nothing: the owner of the
// entries is always the sender of the request.
func pageToken(made time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(made.Unix(), 10) + " " + id))
}

// readPage reads a token. One of another period, or none of ours, is not known.
func readPage(token string, from, until time.Time) (after time.Time, id string, ok bool) {
	if token == "" {
		return time.Time{}, "", true
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return time.Time{}, "", false
	}
	made, id, found := strings.Cut(string(raw), " ")
	seconds, err := strconv.ParseInt(made, 10, 64)
	after = time.Unix(seconds, 0).UTC()
	if !found || err != nil || !validToken(id) || after.Before(from) || !after.Before(until) || pageToken(after, id) != token {
		return time.Time{}, "", false
	}
	return after, id, true
}

func validToken(s string) bool { return token(s, 1, maxToken) }

// list answers a request that changes nothing from one state of the journal.
func (s *Server) list(ctx context.Context, in *received, code Code, fill func(journal.Tx, Message) error) reply {
	answer := in.answer(s.config.Entity, code)
	err := s.config.Journal.View(ctx, func(tx journal.Tx) error { return fill(tx, answer) })
	if errors.Is(err, journal.ErrNotFound) {
		return s.sign(ctx, in, ErrNotFound)
	}
	if err != nil {
		s.log.ErrorContext(ctx, "the journal cannot be read", slog.String("id", string(in.header.ID)), slog.Any("error", err))
		return unavailable()
	}
	document, err := s.signed(answer)
	if err != nil {
		s.log.ErrorContext(ctx, "an answer cannot be signed", slog.String("id", string(in.header.ID)), slog.Any("error", err))
		return unavailable()
	}
	return done(document, statusOf(answer))
}
