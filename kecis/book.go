package kecis

import (
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// booked is a payment as the journal has it.
type booked struct {
	row     *journal.Transaction
	details paymentDetails
	// quiet says that its owner takes no notifications: events only stand in the
	// feed.
	quiet bool
}

// paymentDetails is what the SDK keeps of a payment beside the columns.
type paymentDetails struct {
	Terms         Terms
	Method        InstrumentKind
	Brand         string    `json:",omitempty"`
	Payee         string    `json:",omitempty"` // entityID
	Issuer        string    `json:",omitempty"` // entityID, of the instrument
	ApprovalCode  string    `json:",omitempty"`
	InstrumentRef string    `json:",omitempty"`
	Page          string    `json:",omitempty"`
	Expires       time.Time `json:",omitzero"` // of a pending payment
	HoldExpires   time.Time `json:",omitzero"`
	// Ending says that a pending payment is being undone, since its time is over.
	Ending bool `json:",omitempty"`
	// Released is what a final capture or the end of the hold gave back of it.
	Released  int64          `json:",omitempty"`
	Cancelled []Cancellation `json:",omitempty"`
}

// book reads a payment's row.
func book(row *journal.Transaction) (*booked, error) {
	b := &booked{row: row}
	return b, readKept(row.Details, &b.details)
}

// find reads a payment of the journal; its error is journal.ErrNotFound if there
// is none.
func find(tx journal.Tx, id string) (*booked, error) {
	row, err := tx.Transaction(id)
	if err != nil {
		return nil, err
	}
	return book(row)
}

// copied returns a copy, to be changed before it is known whether it is written.
func (b *booked) copied() *booked {
	if b == nil {
		return nil
	}
	row, details := *b.row, b.details
	details.Cancelled = append([]Cancellation(nil), details.Cancelled...)
	return &booked{row: &row, details: details, quiet: b.quiet}
}

// state returns the state that messages carry; 0 while the payment runs, about
// which nothing is said before it is sealed.
func (b *booked) state() State { return State(indexOf(states, b.row.State)) }

// enter changes the state. Only the states in which money is held or captured
// have amounts beside what was asked for.
func (b *booked) enter(state State, now time.Time) {
	b.row.State, b.row.Changed = state.String(), now
	switch state {
	case StateAuthorised, StateCaptured, StateCancelled:
	default:
		b.row.Captured, b.row.Cancelled, b.row.Cancellable = 0, 0, 0
	}
	if state != StatePending {
		b.details.Expires, b.details.Page, b.details.Ending = time.Time{}, "", false
	}
	b.row.Due = b.due(state)
}

// due is when the payment ends by itself.
func (b *booked) due(state State) time.Time {
	switch state {
	case StatePending:
		return b.details.Expires
	case StateAuthorised:
		return b.details.HoldExpires
	case StateCaptured:
		if b.held() > 0 {
			return b.details.HoldExpires
		}
	}
	return time.Time{}
}

// held is what is authorised and neither captured, voided nor released.
func (b *booked) held() int64 {
	if b.state() != StateAuthorised && b.state() != StateCaptured {
		return 0
	}
	return b.row.Amount - b.row.Captured - b.details.Released - b.given(Void)
}

// given is what cancellations of a kind gave back.
func (b *booked) given(kind CancelKind) int64 {
	var sum int64
	for i := range b.details.Cancelled {
		if b.details.Cancelled[i].Kind == kind {
			sum += b.details.Cancelled[i].Amount.Minor
		}
	}
	return sum
}

// balance sets what can be cancelled: of a captured payment what was captured and
// not given back (KECIS-CAN-006), of an authorised one what is held.
func (b *booked) balance() {
	if b.state() == StateCaptured {
		b.row.Cancellable = b.row.Captured - b.given(Refund)
	} else {
		b.row.Cancellable = b.held()
	}
}

// live is what the payment takes of its order, in minor units (I8).
func (b *booked) live() (minor int64, ended bool) {
	switch b.state() {
	case StateAuthorised:
		return b.row.Cancellable, true
	case StateCaptured:
		return b.row.Cancellable + b.held(), true
	case 0, StatePending, StateResolving:
		return b.row.Amount, false
	}
	return 0, true
}

// stated is the payment as answers state it; none while it runs.
func (b *booked) stated() Transaction {
	if b == nil || b.state() == 0 {
		return Transaction{}
	}
	r, d := b.row, &b.details
	return Transaction{
		ID: r.ID, State: b.state(), At: r.Changed,
		ApprovalCode: d.ApprovalCode, Amount: Money{r.Amount, Currency(r.Currency)},
		Captured: r.Captured, Cancelled: r.Cancelled, Cancellable: r.Cancellable,
		Terms: d.Terms, Method: d.Method, Brand: d.Brand,
		Expires: d.Expires, Page: d.Page, InstrumentRef: d.InstrumentRef,
	}
}

// statement is the payment with its cancellations, none while it runs.
func (b *booked) statement() Statement {
	if b.state() == 0 {
		return Statement{}
	}
	return Statement{b.stated(), append([]Cancellation(nil), b.details.Cancelled...)}
}

// cancellations are those that go with the payment as it is stated: once a hold
// has ended or was reversed, none of its amount counts, voided or not
// (KECIS-PAY-016).
func (b *booked) cancellations() []Cancellation {
	switch b.state() {
	case StateAuthorised, StateCaptured, StateCancelled:
		return b.details.Cancelled
	}
	return nil
}

// orderRef is the OrderRef of the payment.
func (b *booked) orderRef() OrderRef {
	return OrderRef{Requester: b.row.Requester, OrderID: b.row.OrderID, Attempt: b.row.Attempt, Part: b.row.Part}
}

// write writes the payment, and what it takes of its order.
func (b *booked) write(tx journal.Tx) error {
	b.encode()
	if err := tx.UpdateTransaction(b.row); err != nil {
		return err
	}
	order, err := tx.Order(b.row.Requester, b.row.OrderID)
	if err != nil {
		return err
	}
	for i := range order.Parts {
		if p := &order.Parts[i]; p.Transaction == b.row.ID {
			live, ended := b.live()
			if p.Live == live && p.Ended == ended {
				return nil
			}
			p.Live, p.Ended = live, ended
			return tx.PutOrder(order)
		}
	}
	return nil // a later attempt has taken the part
}

// encode puts the details into the row. They are plain data, which always encode.
func (b *booked) encode() {
	b.row.Details = kept(b.details)
}
