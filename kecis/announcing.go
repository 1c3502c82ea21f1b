package kecis

import (
	"encoding/json"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// announce writes an event of the payment as it stands after a change. It gets
// its place in the feed after the commit (P18). A payment that begins to wait is
// no event: its answer said so.
func (s *Server) announce(tx journal.Tx, before, after *booked) error {
	kind := eventOf(before, after)
	if kind == 0 {
		return nil
	}
	id, err := NewID(s.config.Random)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	after.row.Sequence = before.row.Sequence + 1
	event := Event{
		ID: "E" + string(id)[2:], Sequence: after.row.Sequence, At: now, Kind: kind,
		OrderRef: after.orderRef(), RequestID: ID(after.row.RequestID),
		Transaction: after.stated(), Cancelled: after.details.Cancelled,
	}
	body, _ := json.Marshal(event) // plain data, which always encodes
	return tx.InsertEvent(&journal.Event{
		ID: event.ID, Recipient: after.row.Owner, Transaction: after.row.ID, Sequence: event.Sequence,
		At: now, Body: body, State: journal.Waiting, Due: now,
	})
}

// eventOf names the change between two states of a payment; 0 is none that
// partners are told of.
func eventOf(before, after *booked) EventKind {
	was, is := before.state(), after.state()
	switch {
	case after.row.Cancelled > before.row.Cancelled:
		return EventCancelled
	case is == StateCaptured && was != StateAuthorised && was != StateCaptured:
		return EventPaid
	case after.row.Captured > before.row.Captured:
		return EventCaptured
	case after.row.Captured < before.row.Captured && (is == StateAuthorised || is == StateCaptured):
		return EventReversed
	case was == is:
		return 0
	}
	switch is {
	case StateAuthorised:
		return EventAuthorised
	case StateReversed:
		return EventReversed
	case StateDeclined:
		return EventDeclined
	case StateExpired:
		return EventExpired
	case StateResolving:
		return EventResolving
	}
	return 0
}

// eventIn reads an event of the journal.
func eventIn(row *journal.Event) (Event, error) {
	var event Event
	err := json.Unmarshal(row.Body, &event)
	event.Cursor = row.Cursor
	return event, err
}

// deliveryWindow is how long an event is sent again (P18): 7 days, longer than a
// long weekend. Then it stands in the feed alone.
const deliveryWindow = 7 * 24 * time.Hour
