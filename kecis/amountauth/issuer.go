package amountauth

import (
	"context"
	"time"

	"github.com/kecis/sdk/kecis"
)

// Issuer is what the engine asks of the issuer of an instrument; a PG implements
// it over its Client.
//
// A nil error is done, a *kecis.Refusal is not-done, and any other error is
// unknown: the engine asks again with the same key, or undoes. Each method is
// idempotent on its key, is called with no transaction open, and ends when ctx
// does. Methods may be called from several goroutines, and by a second server
// while a first one that was taken for dead is still waiting.
type Issuer interface {
	// Hold has the issuer hold the amount, with a code in its text for Descriptor,
	// or make the two deposits. The hold carries the purpose amount-authentication,
	// and is never captured.
	Hold(ctx context.Context, h *HoldRequest) (*Hold, error)
	// Release ends a hold that was confirmed, or recovers deposits or writes them
	// off. Nil says that no such hold lives, whatever has ended it. It is called
	// until it returns nil.
	Release(ctx context.Context, r *ReleaseRequest) error
	// Reverse undoes the Hold of that key, or sees to it that it never takes effect
	// even if it comes later. It is called until it returns nil; the SDK's Reversal
	// does this (chapter 54). It may be asked for while a Release has taken effect
	// whose answer got lost: then, too, nil says that no hold lives.
	Reverse(ctx context.Context, holdKey string) error
}

// HoldRequest asks for a hold. What it holds is of no use for anything else: the
// secret in it goes into the message to the issuer, and nowhere else.
type HoldRequest struct {
	// Key names the operation, 1 to 64 characters of A-Z a-z 0-9 - _.
	Key     string
	Session string
	Variant Variant
	Order   kecis.OrderRef
	// OrderAmount is that of the order, which is not held.
	OrderAmount kecis.Money
	Payee       Payee
	// Instrument is what Begin was given.
	Instrument []byte
	// Amounts is the amount to be held, or the two deposits.
	Amounts []SecretAmount
	// Code is what the text of a Descriptor hold carries.
	Code SecretCode
	// Expires is when the session will be over: a hold that ends sooner ends the
	// session sooner.
	Expires time.Time
}

// Hold is what the issuer confirmed.
type Hold struct {
	// ID is the issuer's own, for Release.
	ID string
	// InstrumentRef is its token for the instrument. It may be "" only where the request
	// had a Card and nothing is paid. It is no card number.
	InstrumentRef string
	// Expires is when the issuer ends the hold by itself; zero if it does not say.
	Expires time.Time
}

// ReleaseRequest asks for the end of a hold.
type ReleaseRequest struct {
	// Key names the operation; HoldKey is that of the hold.
	Key, HoldKey string
	// HoldID is the issuer's own.
	HoldID  string
	Session string
	Variant Variant
	Order   kecis.OrderRef
	Payee   Payee
	// Verified says that the session ended by the right value: the issuer does not
	// count it among those that failed (KECIS-AUT-031).
	Verified bool
}

// Payer makes the payment that follows an authentication. The contract of errors
// is that of Issuer.
type Payer interface {
	// Authorise has the order amount approved by the InstrumentRef. A refusal with
	// kecis.ErrDeclinedLimit is tried once more when the hold is released (P23).
	Authorise(ctx context.Context, p *PaymentRequest) (*Approval, error)
	// ReversePayment undoes Authorise with that key, or sees to it that it never
	// takes effect even if it comes later. It is called until it returns nil.
	ReversePayment(ctx context.Context, key string) error
}

// PaymentRequest asks for the payment of an order whose buyer was authenticated.
type PaymentRequest struct {
	// Key names the operation, 1 to 64 characters of A-Z a-z 0-9 - _.
	Key           string
	Session       string
	Order         kecis.OrderRef
	Payee         Payee
	Amount        kecis.Money
	InstrumentRef string
	// Details are those that Begin was given.
	Details []byte
}

// Approval is what the issuer approved.
type Approval struct {
	// Code is the issuer's approval code (승인번호).
	Code string
	// Transaction is the payer's own ID of the payment.
	Transaction string
}

// Payee is who is paid.
type Payee struct {
	// Entity is its entityID, Name what the buyer is shown.
	Entity, Name string
}
