package kecis

// Outcome says whether the effect that was asked for has happened
// (KECIS-MSG-022). The zero Outcome is none and stands in no message.
type Outcome uint8

const (
	// Done: the effect is durable.
	Done Outcome = iota + 1
	// NotDone: there is no effect, and from this request there never will be.
	NotDone
	// Pending: there will be exactly one final event; until then nothing is sure.
	Pending
	// Unknown: the effect may or may not have happened. Never treat it as a failure.
	Unknown
)

// Retry says what the sender may do after an answer (KECIS-MSG-023). The zero
// Retry is none and stands in no message.
type Retry uint8

const (
	// RetryNever: the same intention will get the same answer.
	RetryNever Retry = iota + 1
	// RetrySameID: send the same bytes again.
	RetrySameID
	// RetryNewID: a new message, corrected, may succeed.
	RetryNewID
	// RetryReverseFirst: reverse the request before anything else.
	RetryReverseFirst
	// RetryInquire: ask for the state.
	RetryInquire
)

// Top is SAML's top-level status (saml-core 3.2.2.2).
type Top uint8

const (
	// Success: the request succeeded; stands exactly where the outcome is Done.
	Success Top = iota + 1
	// Requester: the fault lies with the request.
	Requester
	// Responder: the fault lies with the answering side, or behind it.
	Responder
	// VersionMismatch: the version of the message is not served.
	VersionMismatch
)

// InstrumentKind says what the money comes from.
type InstrumentKind uint8

const (
	// Card is a payment card.
	Card InstrumentKind = iota + 1
	// Account is a bank account.
	Account
	// EMoney is prepaid electronic money.
	EMoney
)

// Capture says who captures what was authorised.
type Capture uint8

const (
	// CaptureAutomatic: the provider captures at once.
	CaptureAutomatic Capture = iota + 1
	// CaptureManual: the requester captures later, by a message of its own.
	CaptureManual
)

// Language is a language that the buyer's pages are shown in.
type Language uint8

const (
	// Korean is 한국어.
	Korean Language = iota + 1
	// English is the other one.
	English
)

// LineKind says what a line of an order is. A discount is subtracted.
type LineKind uint8

const (
	// LineItem is a good or a service that was bought.
	LineItem LineKind = iota + 1
	// LineDelivery is the cost of delivery.
	LineDelivery
	// LineFee is a fee that the requester charges.
	LineFee
	// LineDiscount lowers the sum.
	LineDiscount
)

// State is that of a transaction (KECIS-PAY-014).
type State uint8

const (
	// StatePending: waits for something outside, until a stated time.
	StatePending State = iota + 1
	// StateAuthorised: approved, nothing captured.
	StateAuthorised
	// StateCaptured: approved and captured, in whole or in part.
	StateCaptured
	// StateCancelled: all of it was voided or refunded.
	StateCancelled
	// StateDeclined: never approved.
	StateDeclined
	// StateReversed: undone by a reversal.
	StateReversed
	// StateExpired: ended by its time limit.
	StateExpired
	// StateResolving: unknown, being brought to an end; it can only end reversed.
	StateResolving
)

// CancelScope says whether a cancellation means all that is left.
type CancelScope uint8

const (
	// CancelFull cancels all that is left.
	CancelFull CancelScope = iota + 1
	// CancelPart cancels a stated part of what is left.
	CancelPart
)

// CancelReason says who wants a cancellation, and why.
type CancelReason uint8

const (
	// ReasonBuyer: the buyer asked for it.
	ReasonBuyer CancelReason = iota + 1
	// ReasonRequester: the requester cannot or will not deliver.
	ReasonRequester
	// ReasonDuplicate: the payment was made twice.
	ReasonDuplicate
	// ReasonFraud: the payment is suspected to be fraudulent.
	ReasonFraud
	// ReasonAuthenticated: the hold has authenticated its buyer, and does not count
	// among those that failed (KECIS-AUT-031).
	ReasonAuthenticated
)

// ReversalReason says why a request is reversed. What is done is the same for all.
type ReversalReason uint8

const (
	// ReasonNoAnswer: no answer came in time.
	ReasonNoAnswer ReversalReason = iota + 1
	// ReasonUnverifiable: an answer came that could not be verified or was not
	// one to the request.
	ReasonUnverifiable
	// ReasonMismatch: the terms in effect are not those that were asked for.
	ReasonMismatch
	// ReasonFailure: the requester could not keep the result, as when its
	// database failed.
	ReasonFailure
	// ReasonAbandoned: the buyer is gone.
	ReasonAbandoned
)

// CancelKind says what a cancellation turned out to be (P17: never both).
type CancelKind uint8

const (
	// Void: nothing had been captured; the buyer is not charged.
	Void CancelKind = iota + 1
	// Refund: captured money goes back.
	Refund
)

// EvidenceKind says what document an Evidence holds.
type EvidenceKind uint8

const (
	// EvidenceRequest is the signed request of the hop before.
	EvidenceRequest EvidenceKind = iota + 1
	// EvidenceAuthentication is the signed result of an authentication.
	EvidenceAuthentication
)

// The closed sets of values, each in the order of its constants. The zero value
// of each type has the text "".
const (
	outcomes        = " done not-done pending unknown "
	retries         = " never same-id new-id reverse-first inquire "
	tops            = " Success Requester Responder VersionMismatch "
	kinds           = " card account e-money "
	captures        = " automatic manual "
	languages       = " ko en "
	lineKinds       = " item delivery fee discount "
	states          = " pending authorised captured cancelled declined reversed expired resolving "
	cancelScopes    = " full partial "
	cancelReasons   = " buyer requester duplicate fraud authenticated "
	reversalReasons = " no-answer unverifiable mismatch failure abandoned "
	cancelKinds     = " void refund "
	evidenceKinds   = " request authentication "
	booleans        = " false true "
)

// String returns the value as messages carry it.
func (o Outcome) String() string { return valueOf(outcomes, int(o)) }

// String returns the value as messages carry it.
func (r Retry) String() string { return valueOf(retries, int(r)) }

// String returns the last part of SAML's URI.
func (t Top) String() string { return valueOf(tops, int(t)) }

// String returns the value as messages carry it.
func (k InstrumentKind) String() string { return valueOf(kinds, int(k)) }

// String returns the value as messages carry it.
func (c Capture) String() string { return valueOf(captures, int(c)) }

// String returns the value as messages carry it.
func (l Language) String() string { return valueOf(languages, int(l)) }

// String returns the value as messages carry it.
func (k LineKind) String() string { return valueOf(lineKinds, int(k)) }

// String returns the value as messages carry it.
func (s State) String() string { return valueOf(states, int(s)) }

// String returns the value as messages carry it.
func (s CancelScope) String() string { return valueOf(cancelScopes, int(s)) }

// String returns the value as messages carry it.
func (r CancelReason) String() string { return valueOf(cancelReasons, int(r)) }

// String returns the value as messages carry it.
func (r ReversalReason) String() string { return valueOf(reversalReasons, int(r)) }

// String returns the value as messages carry it.
func (k CancelKind) String() string { return valueOf(cancelKinds, int(k)) }

// String returns the value as messages carry it.
func (k EvidenceKind) String() string { return valueOf(evidenceKinds, int(k)) }

// ParseOutcome reads one of done, not-done, pending, unknown; else ErrUnsupported.
func ParseOutcome(s string) (Outcome, error) {
	n := indexOf(outcomes, s)
	if n == 0 {
		return 0, unknownValue(outcomes, s)
	}
	return Outcome(n), nil
}

// ParseRetry reads one of never, same-id, new-id, reverse-first, inquire; else
// ErrUnsupported.
func ParseRetry(s string) (Retry, error) {
	n := indexOf(retries, s)
	if n == 0 {
		return 0, unknownValue(retries, s)
	}
	return Retry(n), nil
}

func unknownValue(set, found string) *Error {
	return &Error{code: ErrUnsupported, expected: "one of" + set[:len(set)-1], found: quote(found)}
}

// valueOf returns the nth value of a set, from 1; "" if there is none.
func valueOf(set string, n int) string {
	if n < 1 {
		return ""
	}
	for at := 1; at < len(set); n-- {
		end := at
		for set[end] != ' ' {
			end++
		}
		if n == 1 {
			return set[at:end]
		}
		at = end + 1
	}
	return ""
}

// indexOf returns the place of a value in a set, from 1; 0 if it is not in it.
func indexOf(set, value string) int {
	for n, at := 1, 1; at < len(set); n++ {
		end := at
		for set[end] != ' ' {
			end++
		}
		if set[at:end] == value {
			return n
		}
		at = end + 1
	}
	return 0
}
