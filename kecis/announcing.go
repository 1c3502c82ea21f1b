package kecis

import (
	"encoding/json"

	"github.com/kecis/sdk/kecis/journal"
)

// announce writes an event of the payment as it stands after a change. It gets
// its place in the feed after the commit (P18).
func (s *Server) announce(tx journal.Tx, before, after *booked) error {
	id, err := NewID(s.config.Random)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	after.row.Sequence = before.row.Sequence + 1
	body, _ := json.Marshal(eventBody{ // plain data, which always encodes
		OrderRef: after.orderRef(), RequestID: ID(after.row.RequestID),
		Transaction: after.stated(), Cancelled: after.details.Cancelled,
	})
	return tx.InsertEvent(&journal.Event{
		ID: "E" + string(id)[2:], Recipient: after.row.Owner, Transaction: after.row.ID, Sequence: after.row.Sequence,
		At: now, Body: body, State: journal.Waiting, Due: now,
	})
}

// eventBody is an event as the journal keeps it.
type eventBody struct {
	OrderRef    OrderRef
	RequestID   ID
	Transaction Transaction
	Cancelled   []Cancellation `json:",omitempty"`
}
