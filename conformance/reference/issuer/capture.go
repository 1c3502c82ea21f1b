package issuer

import (
	"context"
	"time"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// operation is a capture or cancellation in the issuer's books. It is written
// once, under its operation key, and decides what the key stands for from then on.
type operation struct {
	Kind operationKind `json:"kind"`
	// Payment is the key of the payment that it is about; "" if it was reversed
	// before it came.
	Payment string `json:"payment,omitzero"`
	State   State  `json:"state"`
	// Code is that of a refusal.
	Code kecis.Code `json:"code,omitzero"`
	// Amount was captured, voided or refunded; Released is what a final capture
	// left over.
	Amount   int64 `json:"amount,omitzero"`
	Released int64 `json:"released,omitzero"`
	// Request is the ID of the PG's message.
	Request string    `json:"request,omitzero"`
	At      time.Time `json:"at"`
}

type operationKind string

const (
	captureOperation operationKind = "capture"
	cancelOperation  operationKind = "cancel"
)

// refused reports whether a reason to refuse has been found.
func (o *operation) refused() bool { return o.Code != "" }

// refusal returns the error that the operation was answered with; nil if it was
// carried out.
func (o *operation) refusal() error {
	switch o.State {
	case Declined:
		return kecis.Refuse(o.Code)
	case Reversed:
		return kecis.Refuse(kecis.ErrRequestReversed)
	}
	return nil
}

// PlanCapture captures within the claim's commit.
func (s *Issuer) PlanCapture(_ context.Context, tx journal.Tx, a kecis.Attempt, p *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	if err := s.operate(tx, &a, captureAsked(p)); err != nil {
		return nil, err
	}
	return &kecis.CaptureResult{}, nil
}

// Capture captures in a commit of its own.
func (s *Issuer) Capture(ctx context.Context, a kecis.Attempt, p *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	if err := s.operateAlone(ctx, &a, captureAsked(p)); err != nil {
		return nil, err
	}
	return &kecis.CaptureResult{}, nil
}

// LookupCapture says what became of a capture.
func (s *Issuer) LookupCapture(ctx context.Context, key string) (*kecis.CaptureResult, error) {
	if err := s.lookupOperation(ctx, key); err != nil {
		return nil, err
	}
	return &kecis.CaptureResult{}, nil
}

// asked is what a request asks to be done with a payment.
type asked struct {
	kind    operationKind
	request string // its ID
	amount  kecis.Money
	// final is of a capture, authenticated of the cancellation of a hold.
	final, authenticated bool
}

func captureAsked(p *kecis.CaptureRequest) *asked {
	return &asked{kind: captureOperation, request: string(p.ID), amount: p.Amount, final: p.Final}
}

func (s *Issuer) operateAlone(ctx context.Context, a *kecis.Attempt, what *asked) error {
	var refusal *kecis.Refusal
	err := s.update(ctx, func(tx journal.Tx) error {
		refusal = nil
		return keep(&refusal, s.operate(tx, a, what))
	})
	if err == nil && refusal != nil {
		return refusal
	}
	return err
}

func (s *Issuer) lookupOperation(ctx context.Context, key string) error {
	return s.config.Journal.View(ctx, func(tx journal.Tx) error {
		done, found, err := load[operation](tx, spaceOperations, key)
		switch {
		case err != nil:
			return err
		case !found:
			return errUnknownKey
		}
		return done.refusal()
	})
}

// operate carries out a capture or cancellation, once for each key. The error is
// a *kecis.Refusal, which is recorded, or a fault of the store.
func (s *Issuer) operate(tx journal.Records, a *kecis.Attempt, what *asked) error {
	done, found, err := load[operation](tx, spaceOperations, a.Key)
	if err != nil {
		return err
	}
	if found {
		return done.refusal()
	}
	done = operation{Kind: what.kind, Payment: a.PaymentKey, State: Approved, Amount: what.amount.Minor, At: s.now(), Request: what.request}
	payment, found, err := load[Payment](tx, spacePayments, a.PaymentKey)
	if err != nil {
		return err
	}
	payment.Key = a.PaymentKey
	switch {
	case !found, payment.Sender != a.Sender, payment.Currency != what.amount.Currency:
		done.Code = kecis.ErrOriginalNotFound
	case what.kind == captureOperation:
		err = s.capture(tx, &payment, &done, a.Key, what.final)
	default:
		err = s.cancel(tx, &payment, &done, a.Key)
		if err == nil && !done.refused() && what.authenticated {
			err = s.forgive(tx, &payment)
		}
	}
	if err != nil {
		return err
	}
	if done.refused() {
		done.State = Declined
	} else if err := save(tx, spacePayments, payment.Key, payment); err != nil {
		return err
	}
	if err := save(tx, spaceOperations, a.Key, done); err != nil {
		return err
	}
	return done.refusal()
}

// capture takes an amount off the hold; a final one releases the rest in the
// same commit (P17). It sets done.Code if it must not be.
func (s *Issuer) capture(tx journal.Records, payment *Payment, done *operation, key string, final bool) error {
	switch {
	case payment.Purpose != 0: // I6
		done.Code = kecis.ErrNotCapturable
	case payment.State == Expired, payment.Held > 0 && !s.now().Before(payment.HoldExpires):
		done.Code = kecis.ErrHoldExpired
	case payment.State != Approved:
		done.Code = kecis.ErrNotCapturable
	case payment.Held == 0:
		done.Code = kecis.ErrAlreadyCaptured
	case done.Amount > payment.Held:
		done.Code = kecis.ErrExceedsHold
	}
	if done.refused() {
		return nil
	}
	if final {
		done.Released = payment.Held - done.Amount
	}
	payment.Held -= done.Amount + done.Released
	payment.Released += done.Released
	payment.Captured += done.Amount
	payment.CapturedAt = s.now()
	entry := ledger.Entry{ID: key + "/capture", Kind: kindCapture, Sender: payment.Sender, Request: done.Request, Postings: append(
		ledger.Transfer(accountCommitments, held(payment.Instrument), done.Amount+done.Released),
		ledger.Transfer(customer(payment.Instrument), payable(payment.Sender), done.Amount)...)}
	if err := s.post(tx, payment, &entry); err != nil {
		return err
	}
	if done.Released > 0 {
		if err := s.restore(tx, payment, done.Released); err != nil {
			return err
		}
	}
	return s.endHold(tx, payment)
}
