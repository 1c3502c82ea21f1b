// Package journal is what a provider or requester of KECIS remembers: claims of
// requests and their recorded answers, tombstones, transactions, orders, what
// was sent and is still open, events and evidence. It defines the interface
// between the SDK and a store, and nothing of the standard's rules: these stand
// once, in package kecis, on top of it.
//
// A store gives one thing: serializable transactions over the rows below, of
// which a commit is durable. Package journaltest is the suite that every store
// passes; adapters/sqljournal is the store for SQLite and PostgreSQL, and the
// test kit has one in memory.
package journal

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"
)

// Reasons for which a store refuses. Test with errors.Is. All other errors are
// faults of the store: nothing was committed.
var (
	// ErrNotFound: no such row.
	ErrNotFound = errors.New("journal: no such row")
	// ErrExists: a row with that key exists already. In a transaction that saw
	// it, reading goes on to work.
	ErrExists = errors.New("journal: the row exists")
	// ErrFenced: the row was claimed anew since it was read; the writer's claim
	// is void.
	ErrFenced = errors.New("journal: the claim has passed to another")
	// ErrReadOnly: a method that writes was called in View.
	ErrReadOnly = errors.New("journal: View does not write")
	// ErrUncertain: the commit may or may not have been applied. Read back before
	// anything is said about it (P12).
	ErrUncertain = errors.New("journal: it is not known whether the commit was applied")
)

// Journal is a durable store. Its methods may be called from several goroutines.
type Journal interface {
	// Update runs change in one transaction and commits it durably before it
	// returns. An error of change is returned as it is, and nothing is written.
	// change may run more than once (a store that meets a conflict runs it again),
	// possibly together with the changes of others in one commit: it must set
	// whatever it sets outside anew each time, and must not call the journal
	// itself, a partner, or anything that waits. Once a method of Tx has failed
	// with an error that is none of those above, change must return it.
	Update(ctx context.Context, change func(Tx) error) error
	// View runs read over one consistent state. Methods that write fail in it with
	// ErrReadOnly. read may run more than once, as change.
	View(ctx context.Context, read func(Tx) error) error
}

// Digest is a SHA-256 digest of a document or of signed octets.
type Digest = [sha256.Size]byte

// Tx is a transaction, of use until its function returns. Rows are returned as
// copies, and copied when they are written.
//
// Inside Update a row that was read by its key stays as it is, for all others,
// until the end: whatever is decided from such rows is serializable. Two methods
// lock their key even where there is no row: Order and Get. Elsewhere the insert
// decides, since keys are unique. The lists (Due, List, Sum, SentByKey, Range)
// lock nothing: another may add to them before the commit. What must not exceed
// a sum therefore keeps that sum in a row of its own.
//
// Times are kept to the millisecond in UTC; the zero time stands for none, and
// times until 1970 are not kept. A limit of 0 or less returns no rows.
type Tx interface {
	Requests
	Transactions
	SentMessages
	Events
	Evidence
	Records

	// Sweep forgets what is older than the retention says, at most limit rows of
	// each kind, and returns how many rows it changed or deleted (P16).
	Sweep(r Retention, limit int) (int, error)
}

// Requests are the requests that were received, by sender and ID. A tombstone
// is a row too: the unique key decides the race between a request and its
// reversal (P14).
type Requests interface {
	// InsertRequest fails with ErrExists if the key is taken.
	InsertRequest(r *Request) error
	// Request returns a row or ErrNotFound.
	Request(sender, id string) (*Request, error)
	// UpdateRequest writes a row whose Epoch is still that of the stored one;
	// otherwise ErrFenced, or ErrNotFound if there is none. To claim a row anew,
	// read it, then write it with ClaimRequest.
	UpdateRequest(r *Request) error
	// ClaimRequest raises the row's Epoch by one, in the store and in r, and
	// writes r. It is given a row as it was read in the same transaction, and fails
	// as UpdateRequest.
	ClaimRequest(r *Request) error
	// DueRequests returns rows whose Due is not zero and not after now, the
	// oldest first. Rows that another transaction works on may be left out.
	DueRequests(now time.Time, limit int) ([]*Request, error)
}

// Request is a request that was received and claimed, or a tombstone.
type Request struct {
	// Sender is the entityID of the sender, ID the message's own.
	Sender, ID string
	// Kind is the local name of the message's root; "" of a tombstone whose
	// original has not been seen.
	Kind string
	// Digest is that of the signed octets; zero of a tombstone.
	Digest Digest
	// Document is the digest of the request as it was received.
	Document Digest
	// Issued and Deadline are the request's IssueInstant and NotOnOrAfter.
	Issued, Deadline time.Time
	State            RequestState
	// Epoch fences the claim: each claim of the row raises it by one (P12).
	Epoch int64
	// Key is the operation key that the service is given; "" if it is not called.
	Key string
	// Transaction is the ID of the transaction that the request makes or is about.
	Transaction string
	// Details are the SDK's own, about the operation.
	Details []byte
	// Reversed is the ID of the reversal that marked the row; "" for none.
	Reversed string
	// Code, Outcome and Retry are those of the recorded answer.
	Code, Outcome, Retry string
	// Answer is the digest of the recorded answer's document; zero before there
	// is one, and once it is forgotten.
	Answer Digest
	// Claimed and Sealed are when the row came into its states.
	Claimed, Sealed time.Time
	// Due is when background work is to look at the row; zero for never. A
	// claim is a lease until Due.
	Due time.Time
	// Tries counts the times that background work has looked at it in vain.
	Tries int
}

// RequestState is the state of a received request.
type RequestState uint8

const (
	// Running: claimed, and not sealed.
	Running RequestState = iota + 1
	// Sealed: its answer is recorded.
	Sealed
	// Tombstone: reversed before it came; it will be refused.
	Tombstone
)

// Transactions are the payments of a provider, and the orders that they pay.
type Transactions interface {
	// InsertTransaction fails with ErrExists if the ID is taken.
	InsertTransaction(t *Transaction) error
	// Transaction returns a row or ErrNotFound.
	Transaction(id string) (*Transaction, error)
	// UpdateTransaction writes a row that was read in the same transaction;
	// ErrNotFound if there is none.
	UpdateTransaction(t *Transaction) error
	// DueTransactions returns rows whose Due is not zero and not after now, the
	// oldest first. Rows that another transaction works on may be left out.
	DueTransactions(now time.Time, limit int) ([]*Transaction, error)
	// ListTransactions returns those of an owner that were made in [from, until),
	// ascending by (Created, ID), behind the place (after, afterID), which is the
	// zero time and "" at the start. Those without a State are left out.
	ListTransactions(owner string, from, until, after time.Time, afterID string, limit int) ([]*Transaction, error)
	// SumTransactions adds up those of an owner that were made in [from, until),
	// a Sum for each currency, ascending. Those without a State are left out.
	SumTransactions(owner string, from, until time.Time) ([]Sum, error)

	// Order returns the order of a requester, locked in Update even if it is
	// new; a new one has no parts and no currency.
	Order(requester, orderID string) (*Order, error)
	// PutOrder writes an order that was read in the same transaction.
	PutOrder(o *Order) error
}

// Transaction is a payment as its provider keeps it. Amounts are in minor units
// of Currency.
type Transaction struct {
	// ID is the provider's own, Owner the entityID of the sender that made it by
	// the request RequestID.
	ID, Owner, RequestID string
	// Requester, OrderID, Part and Attempt are its OrderRef.
	Requester, OrderID string
	Part, Attempt      int
	// Key is the operation key of the payment.
	Key string
	// State is as messages carry it: "authorised"; "" until the payment is sealed,
	// before which nothing is said about it.
	State                                    string
	Currency                                 string
	Amount, Captured, Cancelled, Cancellable int64
	// Created is when the row was made, Changed when it came into its state.
	Created, Changed time.Time
	// Busy is the ID of the request that works on the transaction; "" for none.
	// There is at most one at a time.
	Busy string
	// Sequence is the number of the last event.
	Sequence int
	// Due is when background work is to look at the row; zero for never.
	Due time.Time
	// Tries counts the times that background work has looked at it in vain.
	Tries int
	// Details are the SDK's own: terms, method, cancellations.
	Details []byte
}

// Sum adds up transactions of one currency, in minor units.
type Sum struct {
	Currency string
	Count    int
	// Approved adds up the Amount of those of which something was captured,
	// cancelled or can be: of what was approved.
	Approved, Captured, Cancelled int64
}

// Order is an order of a first requester, with its parts (P7).
type Order struct {
	Requester, OrderID string
	// Currency and Amount are those of the whole order, from its first part.
	Currency string
	Amount   int64 // minor units
	Parts    []Part
}

// Part is a part of an order, of which at most one approval is live (I8).
type Part struct {
	Part, Attempt int
	// Transaction is that of the latest attempt.
	Transaction string
	// Live is what it takes of the order, in minor units: while it runs and while
	// it is approved; 0 once it has ended.
	Live int64
	// Ended says that the latest attempt has ended.
	Ended bool
}

// SentMessages are the requests that were sent, by recipient and ID. They stand
// here before their first byte leaves.
type SentMessages interface {
	// InsertSent fails with ErrExists if the key is taken.
	InsertSent(s *Sent) error
	// Sent returns a row or ErrNotFound.
	Sent(recipient, id string) (*Sent, error)
	// SentByKey returns the rows of an operation key, the oldest first.
	SentByKey(key string) ([]*Sent, error)
	// UpdateSent writes a row that was read in the same transaction; ErrNotFound if
	// there is none.
	UpdateSent(s *Sent) error
	// DueSent returns rows whose Due is not zero and not after now, the oldest
	// first. Rows that another transaction works on may be left out.
	DueSent(now time.Time, limit int) ([]*Sent, error)
}

// Sent is a request that was sent, or is owed.
type Sent struct {
	// Recipient is the entityID of the recipient, ID the message's own. A
	// reversal is kept under the ID "reversal" and its original's, since each
	// transmission of it is a message of its own (P14).
	Recipient, ID string
	Kind          string
	// Key is the operation key for which it is sent; "" for none.
	Key string
	// Digest is that of the signed octets, Document that of the whole document.
	Digest, Document Digest
	// Issued and Deadline are its IssueInstant and NotOnOrAfter.
	Issued, Deadline time.Time
	State            SentState
	// Code, Outcome and Retry are those of the last verified answer.
	Code, Outcome, Retry string
	// Answer is the digest of the last verified answer's document.
	Answer Digest
	// Created is when the row was made.
	Created time.Time
	// Due is when background work is to look at the row; zero for never.
	Due time.Time
	// Tries counts the transmissions.
	Tries int
	// Details are the SDK's own.
	Details []byte
}

// SentState is the state of a request that was sent.
type SentState uint8

const (
	// Open: its outcome is not known.
	Open SentState = iota + 1
	// Ended: its outcome is done or not-done.
	Ended
)

// Events are what partners are told. Order within a transaction is that of
// Sequence; the order of a recipient's feed is that of Cursor, which one
// sequencer assigns after commit (P18).
type Events interface {
	// InsertEvent fails with ErrExists if the ID is taken. The events of a
	// transaction are inserted in the order of their Sequence, and their Cursor is
	// not yet set.
	InsertEvent(e *Event) error
	// UpdateEvent writes the State, Due and Tries of an event; ErrNotFound if there
	// is none. What is told does not change.
	UpdateEvent(e *Event) error
	// SequenceEvents gives cursors, rising by at least one, to at most limit
	// events that have none, so that those of one transaction rise with their
	// Sequence, and returns their number. Only one transaction at a time does so.
	// A store that commits one transaction after the other may give them at the
	// commit; then there is nothing left to do.
	SequenceEvents(limit int) (int, error)
	// ListEvents returns those of a recipient with a cursor above after, ascending.
	ListEvents(recipient string, after int64, limit int) ([]*Event, error)
	// DueEvents returns sequenced events whose Due is not zero and not after now,
	// ascending by cursor; of each transaction only the first that is not yet
	// delivered or dead. Rows that another transaction works on may be left out.
	DueEvents(now time.Time, limit int) ([]*Event, error)
}

// Event is something that a partner is told.
type Event struct {
	// ID is the event's own, by which its recipient tells repeats.
	ID, Recipient, Transaction string
	// Sequence numbers the events of the transaction from 1.
	Sequence int
	// Cursor is the place in the recipient's feed; 0 before it has one.
	Cursor int64
	At     time.Time
	// Body is the SDK's own: the state of the transaction at the event.
	Body  []byte
	State EventState
	// Due is when it is to be sent; zero for never again.
	Due time.Time
	// Tries counts the transmissions.
	Tries int
}

// EventState is the state of an event's delivery.
type EventState uint8

const (
	// Waiting: to be delivered.
	Waiting EventState = iota + 1
	// Delivered: its recipient has acknowledged it, or takes none.
	Delivered
	// Dead: given up; it stands in the feed all the same.
	Dead
)
