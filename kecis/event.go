package kecis

import (
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// EventKind says what happened to a transaction (KECIS-EVT-003).
type EventKind uint8

const (
	// EventAuthorised: approved, nothing captured.
	EventAuthorised EventKind = iota + 1
	// EventPaid: approved and captured in one.
	EventPaid
	// EventCaptured: what had been authorised was captured, in whole or in part.
	EventCaptured
	// EventCancelled: voided or refunded, in whole or in part.
	EventCancelled
	// EventReversed: undone by a reversal.
	EventReversed
	// EventDeclined: not approved.
	EventDeclined
	// EventExpired: ended by its time limit.
	EventExpired
	// EventResolving: unknown, or to be reversed, and being brought to that end.
	EventResolving
	// EventAuthentication: an authentication has ended, with or without success.
	EventAuthentication
)

const eventKinds = " authorised paid captured cancelled reversed declined expired resolving authentication "

// String returns the value as messages carry it.
func (k EventKind) String() string { return valueOf(eventKinds, int(k)) }

// EventOf returns the kind of event that a change of a transaction makes, and 0
// for a change that makes none (KECIS-EVT-003, 005): before is the transaction
// before it, the zero Transaction if there was none, and after as it is now.
func EventOf(before, after *Transaction) EventKind {
	began := before.ID == "" || before.State == StatePending
	switch after.State {
	case StateAuthorised, StateCaptured, StateCancelled:
		switch {
		case after.Cancelled > before.Cancelled:
			return EventCancelled
		case after.Captured < before.Captured:
			return EventReversed // of a capture
		case began && after.Captured > 0:
			return EventPaid
		case began:
			return EventAuthorised
		case after.Captured > before.Captured:
			return EventCaptured
		}
		return 0
	}
	if before.ID != "" && after.State == before.State {
		return 0
	}
	switch after.State {
	case StateDeclined:
		return EventDeclined
	case StateReversed:
		return EventReversed
	case StateExpired:
		return EventExpired
	case StateResolving:
		return EventResolving
	}
	return 0
}

const (
	// MaxCursor bounds a cursor: 15 digits, which stay exact in a double of a
	// foreign reader and last 30,000 years at a thousand events a second.
	MaxCursor = 999_999_999_999_999
	// maxSequence bounds the events of one transaction: a hundred cancellations
	// and captures, and a few more, with much room.
	maxSequence = 9_999

	cursorForm      = "1 to 15 digits, the first not 0"
	afterForm       = "0, or 1 to 15 digits, the first not 0"
	eventAttributes = " At Cursor EventID Kind RequestID Sequence "
	recordContent   = "kecis:OrderRef kecis:Transaction kecis:Cancelled "
	eventContent    = recordContent + "kecis:Authentication "
)

// Event is a change of a transaction, with the whole state after it
// (KECIS-EVT-001 to 004): who has the last event of a transaction needs no other.
type Event struct {
	// ID is the provider's own for the event, 1 to 40 of A-Z a-z 0-9 - _. It is
	// the same whenever and however the event is delivered, so that a recipient
	// knows a repeated one by it.
	ID string
	// Cursor is the event's position in the feed of its recipient, from 1 to
	// MaxCursor. Cursors may have gaps; their order is that of the feed.
	Cursor int64
	// Sequence counts the events of the transaction, from 1 to 9,999, without
	// gaps: one that is missing has not been delivered.
	Sequence int
	// At is when the change became durable.
	At   time.Time
	Kind EventKind
	// OrderRef is that of the payment.
	OrderRef OrderRef
	// RequestID is the ID of the payment request that made the transaction, or of
	// the request that began the authentication.
	RequestID ID
	// Transaction is the transaction as it stood after the change, and
	// Cancelled are all its cancellations until then, oldest first.
	Transaction Transaction
	Cancelled   []Cancellation
	// Authentication is how an authentication has ended, in place of a
	// transaction (KECIS-AUT-016).
	Authentication Authentication `json:",omitzero"`
}

func (d *decoder) event(v *Event, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	v.At = a.instant("At")
	v.Cursor = a.cursor("Cursor")
	v.ID = a.token("EventID", 1, maxToken, tokenForm)
	v.Kind = EventKind(a.choice("Kind", eventKinds))
	v.RequestID = a.id("RequestID")
	v.Sequence = a.count("Sequence", maxSequence)
	a.end(eventAttributes)
	c := d.content(e, eventContent)
	if v.Kind == EventAuthentication {
		d.orderRef(&v.OrderRef, c.need(Namespace, "OrderRef"))
		d.authentication(&v.Authentication, c.need(Namespace, "Authentication"))
	} else {
		d.record(&v.OrderRef, &v.Transaction, &v.Cancelled, &c)
	}
	c.end()
	if d.err == nil {
		d.check(v.check(), e)
	}
}

func (e *encoder) event(v *Event) {
	e.start("kecis", "Event")
	e.keep(v.check())
	e.instant("At", v.At)
	e.cursor("Cursor", v.Cursor)
	e.token("EventID", v.ID, 1, maxToken, tokenForm)
	e.choice("Kind", v.Kind.String())
	e.id("RequestID", v.RequestID)
	e.count("Sequence", v.Sequence, maxSequence)
	if v.Kind == EventAuthentication {
		e.orderRef(&v.OrderRef)
		e.authentication(&v.Authentication)
	} else {
		e.record(&v.OrderRef, &v.Transaction, v.Cancelled)
	}
	e.w.End()
}

// check refuses a kind that contradicts the state after it, and cancellations
// that are not those of the transaction (KECIS-EVT-003, 004).
func (v *Event) check() *Error {
	t := &v.Transaction
	if v.Kind == EventAuthentication {
		return v.checkEnd()
	}
	live := t.State == StateAuthorised || t.State == StateCaptured
	var good bool
	switch v.Kind {
	case EventAuthorised:
		good = t.State == StateAuthorised && t.Cancelled == 0
	case EventPaid:
		good = t.State == StateCaptured && t.Cancelled == 0
	case EventCaptured:
		good = t.State == StateCaptured
	case EventCancelled:
		good = t.Cancelled > 0
	case EventReversed:
		good = t.State == StateReversed || live // after the reversal of a capture
	case EventDeclined:
		good = t.State == StateDeclined
	case EventExpired:
		good = t.State == StateExpired
	case EventResolving:
		good = t.State == StateResolving
	}
	if !good {
		return &Error{code: ErrEvent, expected: "a state that event " + v.Kind.String() + " leads to", found: t.State.String()}
	}
	return checkRecord(t, v.Cancelled)
}

// checkEnd refuses an event of an authentication that has not ended, is not the
// only one, or tells of a payment.
func (v *Event) checkEnd() *Error {
	switch {
	case !v.Authentication.State.Final():
		return &Error{code: ErrEvent, expected: "the end of an authentication", found: v.Authentication.State.String()}
	case v.Sequence != 1 || v.Transaction.ID != "" || len(v.Cancelled) > 0:
		return &Error{code: ErrEvent, expected: "one event of an authentication, without a transaction"}
	}
	return v.Authentication.checkShown(&v.OrderRef)
}

// record reads what events and entries tell of a transaction.
func (d *decoder) record(o *OrderRef, t *Transaction, list *[]Cancellation, c *content) {
	d.orderRef(o, c.need(Namespace, "OrderRef"))
	d.transaction(t, c.need(Namespace, "Transaction"))
	d.cancellations(list, c)
}

func (e *encoder) record(o *OrderRef, t *Transaction, list []Cancellation) {
	e.orderRef(o)
	if t.ID == "" {
		e.refuse(ErrMissing, "TransactionID", tokenForm, "")
	}
	e.transaction(t)
	e.cancellations(list)
}

// checkRecord refuses cancellations that are not all those of the transaction.
func checkRecord(t *Transaction, list []Cancellation) *Error {
	if len(list) == 0 && t.Cancelled != 0 {
		return contradiction("the cancellations of all that is cancelled", t.Cancelled)
	}
	return checkCancellations(list, t)
}

// MaxPage bounds the events or entries of one answer: with all their
// cancellations they stay far below what a document may have.
const MaxPage = 100

// maxPageCancellations bounds the cancellations of all events or entries of one
// answer: ten transactions with as many as there may be, or a hundred with ten
// each. Without it a page could be larger than a document may be.
const maxPageCancellations = 1000

// page counts the children of that name that follow, of which there may be
// MaxPage.
func (c *content) page(local string) int {
	n := 0
	for e := c.next; e.Is(Namespace, local); e = e.Next() {
		n++
	}
	if n > MaxPage {
		c.d.refuse(ErrTooMany, "at most "+strconv.Itoa(MaxPage), strconv.Itoa(n), c.next.Path())
		return 0
	}
	return n
}

// checkPage refuses more on one page than may stand there.
func checkPage(n, cancellations int) *Error {
	switch {
	case n > MaxPage:
		return &Error{code: ErrTooMany, expected: "at most " + strconv.Itoa(MaxPage), found: strconv.Itoa(n)}
	case cancellations > maxPageCancellations:
		return &Error{code: ErrTooMany, expected: "at most " + strconv.Itoa(maxPageCancellations) + " cancellations", found: strconv.Itoa(cancellations)}
	}
	return nil
}

// cursor reads a position in a feed.
func (a *attributes) cursor(local string) int64 {
	s := a.need(local)
	n, ok := minor(s)
	if !ok || n == 0 {
		a.bad(ErrValue, local, cursorForm, s)
	}
	return n
}

// after reads a position in a feed, or 0 for its start.
func (a *attributes) after(local string) int64 {
	s := a.need(local)
	n, ok := minor(s)
	if !ok {
		a.bad(ErrValue, local, afterForm, s)
	}
	return n
}

func (e *encoder) cursor(local string, n int64) {
	if n < 1 || n > MaxCursor {
		e.refuse(ErrValue, local, cursorForm, strconv.FormatInt(n, 10))
	}
	e.number(local, n)
}

func (e *encoder) after(local string, n int64) {
	if n < 0 || n > MaxCursor {
		e.refuse(ErrValue, local, afterForm, strconv.FormatInt(n, 10))
	}
	e.number(local, n)
}
