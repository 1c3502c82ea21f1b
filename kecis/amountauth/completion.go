package amountauth

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// CompletionState is the state of the payment that follows an authentication.
type CompletionState string

// The states. Those after Undoing are final.
const (
	// Awaiting: the buyer is not authenticated yet.
	Awaiting CompletionState = "awaiting"
	// Releasing: the buyer is authenticated, and the hold is being released.
	Releasing CompletionState = "releasing"
	// Paying: the order amount is asked for.
	Paying CompletionState = "paying"
	// Limited: declined for limit while the hold may still have taken of it; asked
	// for once more when the hold is gone.
	Limited CompletionState = "limited"
	// Undoing: not known for too long; it is being undone.
	Undoing CompletionState = "undoing"
	// Paid: the order amount is approved.
	Paid CompletionState = "paid"
	// Declined: authenticated, and the payment was declined. Nothing is held.
	Declined CompletionState = "declined"
	// Undone: authenticated, and the payment that was not known is undone.
	Undone CompletionState = "undone"
	// Dropped: the buyer was not authenticated, and nothing was asked for.
	Dropped CompletionState = "dropped"
)

const (
	// releaseWait is how long a payment waits for the release (KECIS-AA-013).
	releaseWait = 10 * time.Second
	// payPatience is how long a payment is asked for before it is undone: the
	// buyer waits before the page.
	payPatience = time.Minute
	// attemptLimit: a payment is asked for twice at most, the second time only
	// after a refusal.
	attemptLimit = 2
)

// Completion is the payment as others see it.
type Completion struct {
	State    CompletionState
	Approval Approval
	// Refused is why it was declined.
	Refused kecis.Code
}

// completion is the payment as it is kept.
type completion struct {
	id     string
	stored time.Time

	State    CompletionState `json:"state"`
	Since    time.Time       `json:"since"` // of the verification
	PayBy    time.Time       `json:"payBy"`
	Ended    time.Time       `json:"ended"`
	Attempt  int             `json:"attempt"`
	Early    bool            `json:"early"` // asked for before the release was confirmed
	Approval Approval        `json:"approval"`
	Refused  kecis.Code      `json:"refused"`
	Epoch    int64           `json:"epoch"`
	Due      time.Time       `json:"due"`
	Fails    int             `json:"fails"`
}

func newCompletion(id string) *completion { return &completion{id: id, State: Awaiting} }

func (c *completion) view() *Completion {
	return &Completion{State: c.State, Approval: c.Approval, Refused: c.Refused}
}

func loadCompletion(tx journal.Records, id string) (*completion, error) {
	c, err := load[completion](tx, spaceCompletion, id)
	if err != nil {
		return nil, err
	}
	c.id, c.stored = id, c.Due
	return c, nil
}

func (c *completion) save(tx journal.Records) error {
	if err := moveDue(tx, kindCompletion, c.id, &c.stored, c.Due); err != nil {
		return err
	}
	return save(tx, spaceCompletion, c.id, c)
}

func (c *completion) end(state CompletionState, now time.Time) {
	c.State, c.Ended, c.Due, c.Fails = state, now, time.Time{}, 0
}

// conclude begins the payment of a session that is verified, in the commit in which
// it becomes so, and drops that of any other end.
func (r *record) conclude(tx journal.Records, now time.Time) error {
	if !r.Pays {
		return nil
	}
	c, err := loadCompletion(tx, r.id)
	if err != nil || c.State != Awaiting {
		return err
	}
	if r.State == Verified {
		c.State, c.Since, c.Due = Releasing, now, now
	} else {
		c.end(Dropped, now)
	}
	return c.save(tx)
}

// wakeCompletion has a payment looked at that waits for the release.
func (r *record) wakeCompletion(tx journal.Records, now time.Time) error {
	if !r.Pays {
		return nil
	}
	c, err := loadCompletion(tx, r.id)
	if err != nil || c.State != Releasing && c.State != Limited {
		return err
	}
	c.Due = now
	return c.save(tx)
}

// claimCompletion takes what is due of a payment one step further.
func (e *Engine) claimCompletion(tx journal.Records, id string) (action, func(context.Context) error, error) {
	r, err := loadSession(tx, id) // before its payment, as everywhere, so that no two wait for each other
	if err != nil {
		return idle, nil, err
	}
	c, err := loadCompletion(tx, id)
	if err != nil {
		return idle, nil, err
	}
	now := e.now()
	if c.Due.IsZero() || c.Due.After(now) {
		return idle, nil, nil
	}
	act := c.next(r, now)
	if act == asking {
		c.Epoch++
		c.Due = now.Add(lease)
	}
	if c.Early && r.Hold == holdReleasing {
		// The release is unknown: the reversal of the hold is owed in its place, and
		// stays owed until it is confirmed (P23).
		r.Hold, r.Fails, r.Due = holdReversing, 0, now
		r.Epoch++
		if err := r.save(tx); err != nil {
			return idle, nil, err
		}
	}
	return act, func(ctx context.Context) error { return e.askPayment(ctx, r, c) }, c.save(tx)
}

// next decides what a payment needs.
func (c *completion) next(r *record, now time.Time) action {
	gone := r.Hold == holdGone
	switch {
	case c.State == Releasing && (gone || !now.Before(c.Since.Add(releaseWait))):
		c.pay(now, !gone)
	case c.State == Releasing:
		c.Due = c.Since.Add(releaseWait)
		return idle
	case c.State == Limited && gone:
		c.pay(now, false)
	case c.State == Limited && !now.Before(c.Since.Add(usableFor)):
		c.end(Declined, now)
		return idle
	case c.State == Limited:
		c.Due = c.Since.Add(usableFor)
		return idle
	case c.State == Paying && !now.Before(c.PayBy):
		c.State, c.Due, c.Fails = Undoing, now, 0
	case c.State == Paying, c.State == Undoing:
		return asking
	default:
		c.Due = time.Time{}
		return idle
	}
	return again
}

// pay begins to ask for the order amount.
func (c *completion) pay(now time.Time, early bool) {
	c.State, c.Early, c.PayBy, c.Due, c.Fails = Paying, early, now.Add(payPatience), now, 0
	c.Attempt++
}

// key names one request for the payment. The second has another: the first was
// refused for good.
func (c *completion) key() string {
	if c.Attempt < attemptLimit {
		return c.id + "-pay"
	}
	return c.id + "-pay-2"
}

// askPayment asks for the payment, or for its end, and writes down what became of it.
func (e *Engine) askPayment(ctx context.Context, r *record, c *completion) error {
	call, cancel := e.clock.WithTimeout(ctx, holdTime)
	approval, err := e.callPayer(call, r, c)
	cancel()
	return e.config.Journal.Update(ctx, func(tx journal.Tx) error {
		stored, loadErr := loadCompletion(tx, c.id)
		if loadErr != nil || stored.Epoch != c.Epoch || stored.State != c.State {
			return loadErr
		}
		now := e.now()
		refusal, refused := errors.AsType[*kecis.Refusal](err)
		paid, stays := errors.AsType[*kecis.Paid](err)
		limited := refused && refusal.Code == kecis.ErrDeclinedLimit && !errors.Is(err, ErrOver)
		switch {
		case c.State == Undoing && err == nil:
			stored.end(Undone, now)
		case c.State == Undoing && stays:
			stored.Approval = Approval{Code: paid.Approval.ApprovalCode}
			stored.end(Paid, now)
		case err == nil:
			stored.Approval = *approval
			stored.end(Paid, now)
		case c.State == Paying && limited && c.Early && c.Attempt < attemptLimit:
			stored.State, stored.Due, stored.Fails = Limited, now, 0
		case c.State == Paying && refused:
			stored.Refused = refusal.Code
			stored.end(Declined, now)
		default:
			e.log.Warn("a payment after an authentication is not known", slog.String("session", c.id), slog.Any("error", err)) //nolint:sloglint // inside a transaction
			stored.Fails++
			stored.Due = now.Add(backoff(stored.Fails))
		}
		return stored.save(tx)
	})
}

func (e *Engine) callPayer(ctx context.Context, r *record, c *completion) (*Approval, error) {
	if e.config.Payer == nil {
		return nil, errNoPayer
	}
	if c.State == Undoing {
		return nil, e.config.Payer.ReversePayment(ctx, c.key())
	}
	approval, err := e.config.Payer.Authorise(ctx, &PaymentRequest{
		Key: c.key(), Session: r.id, Order: r.Order, Payee: r.Payee, Amount: r.Amount, InstrumentRef: r.Ref, Details: r.Details,
	})
	if err == nil && approval == nil {
		err = errNothing
	}
	return approval, err
}

// errNoPayer: a server was configured without what the session was begun with.
var errNoPayer = errors.New("amountauth: this server has no Payer")
