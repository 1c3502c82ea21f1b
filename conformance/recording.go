package conformance

import "time"

// Recording is what was observed of a run: the messages, what each party's
// ledger says, what each states about payments, and what requesters were told.
// [Judge] needs nothing else, so that a recording can be judged while it is
// made, again later, and on another machine.
//
// All times are those of the recorder's clock, and no two facts that depend on
// each other have the same; what a message says by its sender's clock stands in
// fields of Request and Answer that say so. Amounts are in minor units. An
// observer fills what it sees: a fact that it cannot see stands nowhere, and
// Party says which lists are whole, so that nothing is concluded from absence
// where the observer was blind.
type Recording struct {
	// Format is 1.
	Format int `json:"format"`
	// Suite names the program that recorded, with its version.
	Suite string `json:"suite,omitempty"`
	// Seed is that of the run, 0 for none.
	Seed uint64 `json:"seed,omitempty"`
	// Ended is when the recording ended.
	Ended time.Time `json:"ended"`
	// Settled is when everything had come to rest; whatever was sent after that
	// was sent again to see that it changes nothing. Zero if that was not tried.
	Settled time.Time `json:"settled,omitzero"`
	Bounds  Bounds    `json:"bounds"`

	Parties    []Party     `json:"parties"`
	Exchanges  []Exchange  `json:"exchanges"`
	Entries    []Entry     `json:"entries,omitempty"`
	Statements []Statement `json:"statements,omitempty"`
	Tellings   []Telling   `json:"tellings,omitempty"`
}

// RecordingFormat is the format that this version writes and reads.
const RecordingFormat = 1

// Bounds are the times within which something must have happened. A zero bound
// is not looked at.
type Bounds struct {
	// Resolve is within which an unknown outcome is resolved.
	Resolve time.Duration `json:"resolve_ns,omitempty"`
	// Release is within which a hold whose time is over is released.
	Release time.Duration `json:"release_ns,omitempty"`
	// Skew is the largest error of a party's clock that must be borne.
	Skew time.Duration `json:"skew_ns,omitempty"`
}

// Party is one that takes part.
type Party struct {
	Entity string `json:"entity"`
	Role   Role   `json:"role"`
	// Skew is how much its clock is ahead of the recorder's, as far as known.
	Skew time.Duration `json:"skew_ns,omitempty"`
	// Books says that the entries of this party are whole: what stands in none
	// did not happen.
	Books bool `json:"books,omitempty"`
	// States says that its final statements are whole: a payment of which it
	// states nothing is none.
	States bool `json:"states,omitempty"`
}

// Class says how a fact came to be known.
type Class string

// The classes of observation, the surest first.
const (
	// Wire: the observer held the other end.
	Wire Class = "wire"
	// Probe: a test instrument of known limit was tried.
	Probe Class = "probe"
	// Declared: the party says so itself, by Inquiry, Reconciliation, feed or its ledger.
	Declared Class = "declared"
)

// Exchange is one transmission of a request and what came back. A request that
// is sent three times makes three exchanges.
type Exchange struct {
	// Number is its place in the recording, from 1.
	Number int `json:"number"`
	// From and To are entityIDs.
	From string `json:"from"`
	To   string `json:"to"`
	// Sent is when the request left; Arrived when it reached its recipient, zero
	// if it did not or if that is not known; Answered when the recipient had
	// answered; Received when the answer reached the sender, zero if it did not.
	Sent     time.Time `json:"sent"`
	Arrived  time.Time `json:"arrived,omitzero"`
	Answered time.Time `json:"answered,omitzero"`
	Received time.Time `json:"received,omitzero"`
	// Deliveries is how often this transmission reached its recipient: 0 if it
	// was lost, 2 if the network doubled it.
	Deliveries int `json:"deliveries"`
	// HTTPStatus is that of the response, 0 if there was none.
	HTTPStatus int     `json:"http_status,omitempty"`
	Request    Request `json:"request"`
	// Answer is the answer, if it was verified and belongs to the request.
	Answer *Answer `json:"answer,omitempty"`
	// RequestDocument and AnswerDocument are the documents, where they were kept.
	RequestDocument []byte `json:"request_document,omitempty"`
	AnswerDocument  []byte `json:"answer_document,omitempty"`
}

// Order names a payment from end to end, as kecis.OrderRef does.
type Order struct {
	Requester string `json:"requester"`
	OrderID   string `json:"order_id"`
	Attempt   int    `json:"attempt"`
	Part      int    `json:"part"`
}

// Request is what a request says.
type Request struct {
	// Kind is the local name of its root: "PaymentRequest".
	Kind string `json:"kind"`
	ID   string `json:"id"`
	// Digest is the SHA-256 of the signed octets, in hexadecimal digits.
	Digest string `json:"digest,omitempty"`
	// Issued and Deadline are by the sender's clock.
	Issued   time.Time `json:"issued,omitzero"`
	Deadline time.Time `json:"deadline,omitzero"`
	Order    Order     `json:"order,omitzero"`
	// OriginalRequest or OriginalTransaction names the payment, or the request,
	// that this request is about.
	OriginalRequest     string `json:"original_request,omitempty"`
	OriginalTransaction string `json:"original_transaction,omitempty"`
	Currency            string `json:"currency,omitempty"`
	Amount              int64  `json:"amount,omitempty"`
	OrderAmount         int64  `json:"order_amount,omitempty"`
	// Capture is "automatic" or "manual", of a payment.
	Capture string `json:"capture,omitempty"`
	// Authentication says that the amount is a hold that authenticates.
	Authentication bool `json:"authentication,omitempty"`
}

// Answer is what a verified answer says.
type Answer struct {
	ID string `json:"id"`
	// Digest is the SHA-256 of the signed octets, in hexadecimal digits.
	Digest string `json:"digest,omitempty"`
	// Issued is by the answerer's clock.
	Issued  time.Time `json:"issued,omitzero"`
	Code    string    `json:"code"`
	Outcome string    `json:"outcome"`
	Retry   string    `json:"retry,omitempty"`
	// Payment is the transaction as the answer states it; nil for none.
	Payment *Payment `json:"payment,omitempty"`
	// Result is what an inquiry found of the request that it asked about.
	ResultCode    string `json:"result_code,omitempty"`
	ResultOutcome string `json:"result_outcome,omitempty"`
}

// Payment is a transaction as a party states it.
type Payment struct {
	Transaction string `json:"transaction"`
	State       string `json:"state"`
	Currency    string `json:"currency"`
	Amount      int64  `json:"amount"`
	Captured    int64  `json:"captured,omitempty"`
	Cancelled   int64  `json:"cancelled,omitempty"`
	Cancellable int64  `json:"cancellable,omitempty"`
	// Expires is when a pending transaction ends by itself, by the party's clock.
	Expires time.Time `json:"expires,omitzero"`
}

// Effect is what an entry does to a payment.
type Effect string

// The effects on a payment. All but approval move what that has put there.
const (
	// EffectNone moves nothing of the payment itself: a fee, for instance.
	EffectNone Effect = "none"
	// EffectApproval puts an amount on hold.
	EffectApproval Effect = "approval"
	// EffectCapture takes it from the hold.
	EffectCapture Effect = "capture"
	// EffectCaptureReversal puts a captured amount back on hold: a reversed capture.
	EffectCaptureReversal Effect = "capture-reversal"
	// EffectVoid gives held money free by a cancellation.
	EffectVoid Effect = "void"
	// EffectRelease gives held money free because nothing more will be captured, or
	// because an authentication is over. A negative amount is held again, as when
	// a final capture is reversed.
	EffectRelease Effect = "release"
	// EffectExpiry gives held money free because its time is over.
	EffectExpiry Effect = "expiry"
	// EffectRefund gives captured money back.
	EffectRefund Effect = "refund"
	// EffectReversal undoes the whole payment.
	EffectReversal Effect = "reversal"
)

// Entry is one change of a party's ledger.
type Entry struct {
	Party string    `json:"party"`
	At    time.Time `json:"at"`
	// Transaction is the party's own ID of the payment.
	Transaction string `json:"transaction"`
	Effect      Effect `json:"effect"`
	Currency    string `json:"currency"`
	Amount      int64  `json:"amount"`
	// Sender and Request name the request that is carried out: the payment, the
	// capture, the cancellation or the reversal. Empty for what a party does by
	// itself, as an expiry.
	Sender  string `json:"sender,omitempty"`
	Request string `json:"request,omitempty"`
	// Of an approval: the order, its amount, whether it is a hold that
	// authenticates, and when the hold ends, zero for never.
	Order          Order     `json:"order,omitzero"`
	OrderAmount    int64     `json:"order_amount,omitempty"`
	Authentication bool      `json:"authentication,omitempty"`
	HoldExpires    time.Time `json:"hold_expires,omitzero"`
	// Postings are the lines of the entry, if the observer sees accounts.
	Postings []Posting `json:"postings,omitempty"`
	Class    Class     `json:"class"`
}

// Posting is one line of an entry; debits are positive and credits negative.
type Posting struct {
	Account  string `json:"account"`
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
}

// Statement is a payment as a party states it at some time: a provider by
// Inquiry, Reconciliation or feed, a requester by its own books.
type Statement struct {
	Party string    `json:"party"`
	At    time.Time `json:"at"`
	// By is the source: "inquiry", "reconciliation", "feed", "books".
	By    string `json:"by"`
	Order Order  `json:"order"`
	// Request is the ID of the request that made the payment.
	Request        string  `json:"request,omitempty"`
	Payment        Payment `json:"payment"`
	Authentication bool    `json:"authentication,omitempty"`
	// Final says that it was taken when everything had come to rest.
	Final bool  `json:"final,omitempty"`
	Class Class `json:"class"`
}

// Telling is what the program that speaks for a requester told its caller about
// a request.
type Telling struct {
	// Requester and Provider are entityIDs.
	Requester string    `json:"requester"`
	Provider  string    `json:"provider"`
	At        time.Time `json:"at"`
	// Kind and Request are those of the request.
	Kind    string `json:"kind"`
	Request string `json:"request"`
	Code    string `json:"code,omitempty"`
	Outcome string `json:"outcome"`
}
