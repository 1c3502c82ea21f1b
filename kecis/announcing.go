package kecis

import (
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// announce writes an event of the payment as it stands after a change. It gets
// its place in the feed after the commit (P18).
func (s *Server) announce(tx journal.Tx, kind EventKind, before, after *booked) error {
	now := s.clock.Now()
	id, err := newTimedID("E", now, s.config.Random)
	if err != nil {
		return err
	}
	after.row.Sequence = before.row.Sequence + 1
	event := Event{
		ID: id, Sequence: after.row.Sequence, At: now, Kind: kind,
		OrderRef: after.orderRef(), RequestID: ID(after.row.RequestID),
		Transaction: after.stated(), Cancelled: after.cancellations(),
	}
	body := kept(event)
	row := &journal.Event{
		ID: event.ID, Recipient: after.row.Owner, Transaction: after.row.ID, Sequence: event.Sequence,
		At: now, Body: body, State: journal.Waiting, Due: now,
	}
	if after.quiet {
		row.State, row.Due = journal.Delivered, time.Time{}
	}
	return tx.InsertEvent(row)
}

// eventIn reads an event of the journal.
func eventIn(row *journal.Event) (Event, error) {
	var event Event
	err := readKept(row.Body, &event)
	event.Cursor = row.Cursor
	return event, err
}

// deliveryWindow is how long an event is sent again (P18): 7 days, longer than a
// long weekend. Then it stands in the feed alone.
const deliveryWindow = 7 * 24 * time.Hour
