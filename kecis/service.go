package kecis

import (
	"context"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// Attempt is one execution of a request by a service. The SDK has claimed the
// request before, under its sender and ID, so that no other execution of it runs.
type Attempt struct {
	// Key names the operation: the same whenever the SDK comes back to it, and
	// never used for another. 40 characters of A-Z a-z 0-9 - _. A back end should
	// take it as its idempotency key, or keep it beside what it did.
	Key string
	// Sender is the entityID of the requester that signed.
	Sender string
	// Deadline is when the effect must have been reported; a later success is
	// reversed (P13).
	Deadline time.Time
	// TransactionID is that of the payment: the new one, or the one to be
	// captured or cancelled.
	TransactionID string
	// AuthenticationID is that of the authentication which a request begins or
	// confirms; "" for others.
	AuthenticationID string
	// PaymentKey is the operation key of the payment that a capture or
	// cancellation is about; "" for a payment.
	PaymentKey string
	// Before is the transaction as it stood before a capture or cancellation.
	Before Transaction
	// Upstream is the request that a Forwarder has made for this operation,
	// already journaled and signed; nil if there is none. It is the same, with
	// the same bytes, when the SDK comes back to the operation.
	Upstream *Outgoing
	// Document is the signed request as a document of its own: what the sender
	// sent, without a SOAP envelope. It must not be changed. A Forwarder, or a hold
	// that authenticates, passes it on as Evidence (P7); nil when background work comes back to a request.
	Document []byte
}

// Approval is what a service did for a payment, or will do: see Pending.
type Approval struct {
	// ApprovalCode is the issuer's (승인번호), 1 to 8 characters; "" for none.
	ApprovalCode string
	// Amount and Terms are those in effect. Zero values stand for those that were
	// asked for; others are refused to the requester and reversed, since nothing
	// is changed in silence (KECIS-PAY-012).
	Amount Money
	Terms  Terms
	// InstrumentRef is a token for the instrument, for later requests of the same
	// sender; "" for none.
	InstrumentRef string
	// HoldExpires is when the issuer releases an amount that is not captured, as
	// the issuer states it; zero if it states nothing. A PG stops capturing
	// CaptureMargin earlier, and its hold ends then (KECIS-CAP-008). Where nothing
	// is stated the hold ends by ServerConfig.Role.HoldTime (KECIS-CAP-015).
	HoldExpires time.Time
	// Pending is set if the payment waits for something outside; then nothing is
	// approved yet.
	Pending *Wait
	// Upstream is what a system behind the service said.
	Upstream Upstream
}

// Wait says what a payment waits for (P15).
type Wait struct {
	// Expires is when the payment ends by itself.
	Expires time.Time
	// Page is where the buyer can complete it; "" for none.
	Page string
}

// Refusal is the error of a service that did nothing, and never will for this
// request: the SDK records it and answers not-done. Any other error of a service
// means that it does not know.
type Refusal struct {
	// Code is one of the catalogue whose outcome is not-done, as ErrDeclinedLimit.
	Code Code
	// Upstream is the reason of a system behind the service, if any.
	Upstream Upstream
}

// Refuse returns a Refusal with that code.
func Refuse(code Code) *Refusal { return &Refusal{Code: code} }

// Error returns the code, its English text and the upstream code.
func (r *Refusal) Error() string {
	s := string(r.Code) + ": " + r.Code.Text("en")
	if r.Upstream.Code != "" {
		s += " [" + r.Upstream.System + " " + quote(r.Upstream.Code) + "]"
	}
	return s
}

// Unwrap returns the code, so that errors.Is(err, ErrDeclinedLimit) works.
func (r *Refusal) Unwrap() error { return r.Code }

// Payments is a payment service: what a PG or issuer has behind the SDK.
//
// A nil error is done, a *Refusal is not-done, and any other error, a panic or a
// passed deadline is unknown: then the SDK calls Lookup, and never Pay again, and
// at the deadline Reverse. The requester is told that it is unknown in the
// meantime. Methods may be called from several goroutines.
type Payments interface {
	// Pay carries out a payment, and captures it if the terms say so.
	Pay(ctx context.Context, a Attempt, p *PaymentRequest) (*Approval, error)
	// Lookup says what became of Pay with that key: what Pay would have returned.
	// Where the back end does not know the key, or cannot say, the error is any
	// other than a *Refusal; the SDK then asks again, and at last reverses.
	Lookup(ctx context.Context, key string) (*Approval, error)
	// Reverse undoes Pay with that key, or sees to it that it never takes effect
	// even if it comes later. It is called until it returns nil.
	Reverse(ctx context.Context, key string) error
}

// CaptureResult is what a service did for a capture.
type CaptureResult struct {
	// Upstream is what a system behind the service said.
	Upstream Upstream
}

// Captures is the service that captures what was authorised. The SDK has checked
// the amount against the hold. The contract of errors is that of Payments.
type Captures interface {
	Capture(ctx context.Context, a Attempt, p *CaptureRequest) (*CaptureResult, error)
	LookupCapture(ctx context.Context, key string) (*CaptureResult, error)
	ReverseCapture(ctx context.Context, key string) error
}

// CancelResult is what a service did for a cancellation.
type CancelResult struct {
	// CancellationID is the service's own, 1 to 40 of A-Z a-z 0-9 - _; "" lets
	// the SDK make one.
	CancellationID string
	// Upstream is what a system behind the service said.
	Upstream Upstream
}

// Cancellations is the service that voids and refunds. The SDK has checked the
// amount against the balance. A cancellation is never reversed: while its fate
// is unknown the SDK asks LookupCancel, and where that does not know calls Cancel
// with the same key again (P12); Cancel must therefore be idempotent on the key.
type Cancellations interface {
	Cancel(ctx context.Context, a Attempt, p *CancellationRequest) (*CancelResult, error)
	LookupCancel(ctx context.Context, key string) (*CancelResult, error)
}

// AuthenticationResult is how an authentication stands, as its service says.
type AuthenticationResult struct {
	State AuthenticationState
	// At is when it came into the state. The proof of an Authenticated one ends
	// EvidenceLife after it.
	At time.Time
	// Expires is when a pending one ends by itself, Page where the buyer can
	// complete it ("" for none; it must authorise nothing by itself), TriesLeft
	// how often the buyer may still type, 1 to MaxTries, 0 for no such count.
	Expires   time.Time
	Page      string
	TriesLeft int
	// InstrumentRef is the token of the instrument that the buyer was
	// authenticated for, which works in requests of the requester; "" for none.
	InstrumentRef string
	// Upstream is what a system behind the service said.
	Upstream Upstream
}

// Authentications is a service that authenticates buyers (chapter 58).
//
// A nil error is durable: the authentication stands as the result says. A
// *Refusal is not-done, and any other error, a panic or a passed deadline is
// unknown: then the SDK calls State, and at the deadline Abandon. Methods may be
// called from several goroutines.
type Authentications interface {
	// Begin begins the authentication that a.AuthenticationID names. It may be
	// decided at once, as where the buyer has a profile.
	Begin(ctx context.Context, a Attempt, p *AuthenticationRequest) (*AuthenticationResult, error)
	// State says how the authentication stands now. Where the service does not
	// know the ID, or cannot say, the error is any other than a *Refusal.
	State(ctx context.Context, id string) (*AuthenticationResult, error)
	// Abandon ends an authentication of which nobody was told that it began, and
	// releases what it holds, or sees to it that it never begins even if Begin
	// comes later. It is called until it returns nil, and does nothing to one that
	// has ended.
	Abandon(ctx context.Context, id string) error
}

// Confirmations are Authentications that take what the buyer typed from the
// requester, too, and not on pages of their own alone.
type Confirmations interface {
	// Confirm takes what the buyer typed, see ConfirmationRequest.Reveal, for the
	// authentication that a.AuthenticationID names, once for each a.Key. A wrong
	// value, and an authentication that is not pending, is a *Refusal with
	// ErrNotConfirmed. The result is Authenticated, or pending if the value was
	// right and something is still to be done. Where it did not answer it is called
	// again with the same key, which it counts once.
	Confirm(ctx context.Context, a Attempt, p *ConfirmationRequest) (*AuthenticationResult, error)
}

// Exempter is a service that knows whether an exemption holds, as for a buyer
// with a profile (P25). Exemptions that the SDK can see itself (instrument-ref,
// e-money) are not asked; without an Exempter no others are granted. A
// ServerConfig.Authentications may implement it.
type Exempter interface {
	// Exempt reports whether the exemption of p.Terms holds for the payment.
	Exempt(ctx context.Context, p *PaymentRequest) (bool, error)
}

// Planner is a service that can decide within the commit that claims the
// request: one whose accounts lie in the same store. PlanPayment is called in
// place of Pay; what it writes through tx, its approval or its *Refusal, and the
// claim are one commit. A nil Approval without error leaves the decision to Pay.
// It must not call anything that waits, and may run more than once.
type Planner interface {
	PlanPayment(ctx context.Context, tx journal.Tx, a Attempt, p *PaymentRequest) (*Approval, error)
	PlanCapture(ctx context.Context, tx journal.Tx, a Attempt, p *CaptureRequest) (*CaptureResult, error)
	PlanCancel(ctx context.Context, tx journal.Tx, a Attempt, p *CancellationRequest) (*CancelResult, error)
}

// Forward is a request to the provider behind a service: unsigned, and without
// ID, times, Destination and Sender, which the SDK fills in.
type Forward struct {
	// To is the entityID of the provider.
	To      string
	Message Message
}

// Forwarder is a service that has a KECIS provider behind it. What its methods
// return is signed and journaled in the commit that claims the request, and
// handed to Pay as Attempt.Upstream (P12); see Client.Exchange. The methods have
// no effect; a *Refusal is recorded. Nil means that nothing is to be sent.
type Forwarder interface {
	ForwardPayment(ctx context.Context, a Attempt, p *PaymentRequest) (*Forward, error)
	ForwardCapture(ctx context.Context, a Attempt, p *CaptureRequest) (*Forward, error)
	ForwardCancel(ctx context.Context, a Attempt, p *CancellationRequest) (*Forward, error)
}

// Poster is a service that keeps books in the same store. Post is called in every
// commit in which a payment comes into another state or its amounts change: by
// an answer, a reversal, an expiry or a recovery. What it writes through tx and
// the change are one commit; with an error there is neither, and the SDK tries
// again later. It must not call anything that waits, and may run more than once.
type Poster interface {
	Post(ctx context.Context, tx journal.Tx, c *Change) error
}

// Change is what a commit does to a payment.
type Change struct {
	// Key is the operation key of the payment, Owner the entityID of the sender
	// that made it by the request RequestID.
	Key, Owner string
	RequestID  ID
	OrderRef   OrderRef
	// Payee and Issuer are the entityIDs of who is paid, and of the issuer that the
	// instrument named.
	Payee, Issuer string
	// Sequence numbers the changes of the payment, rising from 1.
	Sequence int
	At       time.Time
	// Before is the payment as it was stated before; its ID is "" if there was
	// nothing to state. After is the payment from now on.
	Before, After Statement
}

// Statement is a payment with its cancellations.
type Statement struct {
	Transaction
	Cancellations []Cancellation
}

// Taken is what was captured and not given back, in minor units.
func (s *Statement) Taken() int64 {
	taken := s.Captured
	for i := range s.Cancellations {
		if s.Cancellations[i].Kind == Refund {
			taken -= s.Cancellations[i].Amount.Minor
		}
	}
	return taken
}
