package kecis

import (
	"context"
	"log/slog"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// dueEvents is how many events one server takes at a time: they are sent one
// after the other, each within one transmission.
const dueEvents = 8

// notify sends events that are due, each by a message of its own to the address
// in its recipient's metadata; only a signed answer acknowledges (P18). After 7
// days an event is dead: delivery goes on with the next, and the feed has it.
func (s *Server) notify(ctx context.Context) (bool, error) {
	var due []*journal.Event
	worked := false
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		due, worked = nil, false
		now := s.clock.Now()
		rows, err := tx.DueEvents(now, batchRows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			switch {
			case s.takesNone(ctx, row.Recipient):
				row.State, row.Due = journal.Delivered, time.Time{}
			case len(due) == dueEvents:
				continue
			default: // a lease: others leave it alone meanwhile
				row.Due = now.Add(dueEvents * DefaultTransmission)
				row.Tries++
				due = append(due, row)
			}
			worked = true
			if err := tx.UpdateEvent(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for _, row := range due {
		if err := s.deliver(ctx, row); err != nil {
			return true, err
		}
	}
	return worked, nil
}

// takesNone reports whether a recipient has said that it takes no notifications.
func (s *Server) takesNone(ctx context.Context, recipient string) bool {
	partner, err := s.config.Partners.Partner(ctx, recipient)
	return err == nil && !notifiable(partner)
}

// notifiable reports whether a partner takes notifications.
func notifiable(p *metadata.Partner) bool {
	_, takes := p.Endpoint(metadata.ServiceNotification, metadata.BindingXML)
	return takes
}

// deliver sends one event and writes down how that ended.
func (s *Server) deliver(ctx context.Context, row *journal.Event) error {
	o, err := s.notification(ctx, row)
	if err == nil {
		o.answer, err = s.client.transmit(ctx, o)
	}
	now := s.clock.Now()
	acknowledged := err == nil && statusOf(o.answer.message).Outcome == Done
	switch {
	case acknowledged:
		row.State, row.Due = journal.Delivered, time.Time{}
	case now.Sub(row.At) >= deliveryWindow:
		s.log.ErrorContext(ctx, "an event is given up", slog.String("event", row.ID), slog.String("recipient", row.Recipient), slog.Int("tries", row.Tries), slog.Any("error", err))
		row.State, row.Due = journal.Dead, time.Time{}
	default:
		s.log.WarnContext(ctx, "an event is not acknowledged", slog.String("event", row.ID), slog.String("recipient", row.Recipient), slog.Int("try", row.Tries), slog.Any("error", err))
		row.Due = now.Add(backoff(row.Tries))
	}
	return s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		if acknowledged {
			request, err := tx.PutDocument(o.document)
			if err != nil {
				return err
			}
			answer, err := tx.PutDocument(o.answer.document)
			if err != nil {
				return err
			}
			if err := o.exhibit(tx, request, answer, now); err != nil {
				return err
			}
		}
		return tx.UpdateEvent(row)
	})
}

// notification makes the message of an event.
func (s *Server) notification(ctx context.Context, row *journal.Event) (*Outgoing, error) {
	event, err := eventIn(row)
	if err != nil {
		return nil, err
	}
	return s.client.outgoing(ctx, row.Recipient, &NotificationRequest{Event: event}, "", time.Time{})
}

// Resend lets a dead event be sent again, for seven days from now on. Its error
// is journal.ErrNotFound if there is no such event of the recipient.
func (s *Server) Resend(ctx context.Context, recipient string, cursor int64) error {
	return s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		rows, err := tx.ListEvents(recipient, cursor-1, 1)
		if err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].Cursor != cursor {
			return journal.ErrNotFound
		}
		row := rows[0]
		row.State, row.Due, row.Tries = journal.Waiting, s.clock.Now(), 0
		return tx.UpdateEvent(row)
	})
}
