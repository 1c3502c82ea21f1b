package amountauth

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

const (
	// lease is how long a claimed row is left to the server that claimed it. It is
	// longer than any call, so that two servers call at the same time only when a
	// clock or a server has stood still; and shorter than startPatience, so that a
	// hold whose server has died is asked for again.
	lease = 45 * time.Second
	// holdTime bounds one call for a hold or a payment.
	holdTime = 30 * time.Second
	// releaseTime bounds one call for a release: after as long an unknown release no
	// longer keeps a payment waiting (P23).
	releaseTime = 10 * time.Second
	// startPatience is how long a hold is asked for (KECIS-AA-007).
	startPatience = time.Minute
	// holdMargin is how long before the issuer's end of a hold a session is over: a
	// clock that goes wrong by a minute on each side, and the time of a release.
	holdMargin = 5 * time.Minute
	// releasePatience is how long after its end at the issuer a hold that does not
	// let itself be released is still asked about.
	releasePatience = 7 * 24 * time.Hour
	// minWait and maxWait bound the time between two calls that failed.
	minWait, maxWait = time.Second, 10 * time.Minute
	// runBatch bounds the rows that one RunOnce looks at.
	runBatch = 50
)

// backoff is how long to wait after so many failed calls.
func backoff(fails int) time.Duration {
	const doublings = 10 // beyond maxWait
	return min(maxWait, minWait<<min(max(0, fails-1), doublings))
}

// action is what a row needs next.
type action int

const (
	idle   action = iota // nothing now
	again                // look again: the row has come into another state
	asking               // a call, for which the row is claimed
	forget               // nothing ever
)

// RunOnce looks after what is due: holds that are not known, time-outs, releases,
// reversals and payments that are owed, and sessions that are to be forgotten. It
// reports whether there was any: call it again at once then, else within a second
// or so. Any number of servers may do so. An error is the journal's; what could not
// be done is tried again.
func (e *Engine) RunOnce(ctx context.Context) (worked bool, err error) {
	var due []journal.Record
	err = e.config.Journal.View(ctx, func(tx journal.Tx) (err error) {
		due, err = tx.Range(spaceDue, "", timeKey(e.now().Add(time.Millisecond)), runBatch)
		return err
	})
	for _, row := range due {
		_, rest, _ := strings.Cut(row.Key, "/")
		kind, id, _ := strings.Cut(rest, "/")
		err = errors.Join(err, e.drive(ctx, kind, id))
	}
	return len(due) > 0, err
}

// drive brings a row as far as it gets now. The row is claimed anew before each
// call, and no transaction is open during one.
func (e *Engine) drive(ctx context.Context, kind, id string) error {
	for {
		var act action
		var call func(context.Context) error
		err := e.config.Journal.Update(ctx, func(tx journal.Tx) (err error) {
			switch kind {
			case kindCompletion:
				act, call, err = e.claimCompletion(tx, id)
			case kindProfile:
				act, err = idle, e.claimProfile(tx, id)
			default:
				act, call, err = e.claimSession(tx, id)
			}
			if errors.Is(err, journal.ErrNotFound) {
				act, err = idle, nil
			}
			return err
		})
		if err == nil && act == asking {
			err = call(ctx)
		}
		if err != nil {
			e.log.ErrorContext(ctx, "a row of amount authentication could not be driven", slog.String("session", id), slog.Any("error", err))
			return err
		}
		if act == idle || act == forget {
			return nil
		}
	}
}

// claimSession takes what is due of a session one step further.
func (e *Engine) claimSession(tx journal.Tx, id string) (action, func(context.Context) error, error) {
	r, err := loadSession(tx, id)
	if err != nil {
		return idle, nil, err
	}
	now := e.now()
	if r.Due.IsZero() || r.Due.After(now) {
		return idle, nil, nil
	}
	act := e.next(r, now)
	switch act {
	case forget:
		return act, nil, r.forget(tx, now)
	case asking:
		r.Epoch++
		r.Due = now.Add(lease)
	case again:
		if err := e.ended(tx, r, now); err != nil {
			return idle, nil, err
		}
	}
	return act, func(ctx context.Context) error { return e.ask(ctx, r) }, r.save(tx)
}

// next decides what a session needs, and brings it into another state where only
// time has to pass for that.
func (e *Engine) next(r *record, now time.Time) action {
	switch {
	case r.State == Starting && !now.Before(r.Began.Add(startPatience)):
		r.end(NotStarted, now)
	case r.State == Starting:
		return asking
	case r.State == Open && now.Before(r.Expires.Add(holdMargin)) && r.compareLeft(now):
		if !r.final() {
			return idle
		}
	case r.State == Open && !now.Before(r.Expires):
		r.end(Expired, now)
	case r.State == Open:
		r.Due = r.Expires
		return idle
	case r.Hold == holdGone && !now.Before(r.Ended.Add(e.policy.Keep)):
		return forget
	case r.Hold == holdGone:
		r.Due = r.Ended.Add(e.policy.Keep)
		return idle
	case !r.HoldExpires.IsZero() && now.After(r.HoldExpires.Add(releasePatience)):
		e.log.Error("a hold has expired at the issuer and was never released", slog.String("session", r.id))
		r.Hold = holdGone
	default:
		return asking
	}
	return again
}

// ask makes the call that a claimed session needs.
func (e *Engine) ask(ctx context.Context, r *record) error {
	switch r.Hold {
	case holdAsked:
		s, instrument, err := e.unseal(r)
		if err != nil {
			return err
		}
		return e.askHold(ctx, r, s, instrument)
	case holdReleasing:
		return e.undo(ctx, r, func(ctx context.Context) error {
			return e.config.Issuer.Release(ctx, &ReleaseRequest{
				Key: r.id + "-release", HoldKey: r.holdKey(), HoldID: r.HoldID, Session: r.id, Variant: r.Variant, Order: r.Order, Payee: r.Payee,
				Verified: r.State == Verified,
			})
		})
	case holdReversing:
		return e.undo(ctx, r, func(ctx context.Context) error { return e.config.Issuer.Reverse(ctx, r.holdKey()) })
	}
	return nil
}

func (r *record) holdKey() string { return r.id + "-hold" }

// hold makes the first call of a session that was just begun. What fails here is
// left to RunOnce.
func (e *Engine) hold(ctx context.Context, r *record, s secret, instrument []byte) {
	if err := e.askHold(ctx, r, s, instrument); err != nil {
		e.log.ErrorContext(ctx, "the result of a hold could not be written down", slog.String("session", r.id), slog.Any("error", err))
	}
}

// askHold asks the issuer for the hold, and writes down what became of it.
func (e *Engine) askHold(ctx context.Context, r *record, s secret, instrument []byte) error {
	call, cancel := e.clock.WithTimeout(ctx, holdTime)
	hold, err := e.config.Issuer.Hold(call, &HoldRequest{
		Key: r.holdKey(), Session: r.id, Variant: r.Variant, Order: r.Order, OrderAmount: r.Amount, Payee: r.Payee,
		Instrument: instrument, Amounts: s.Amounts, Code: s.Code, Expires: r.Expires,
	})
	cancel()
	if err == nil && hold == nil {
		err = errNothing
	}
	return e.change(ctx, r.id, func(tx journal.Tx, stored *record) error {
		if stored.Epoch != r.Epoch || stored.Hold != holdAsked {
			return nil // another has taken over, or the session was given up: the hold is reversed by its key
		}
		now := e.now()
		refusal, refused := errors.AsType[*kecis.Refusal](err)
		switch {
		case refused:
			stored.Hold, stored.Refused = holdGone, refusal.Code
			stored.end(NotStarted, now)
		case err != nil:
			e.log.Warn("the issuer's answer to a hold is unknown", slog.String("session", r.id)) //nolint:sloglint // inside a transaction
			stored.Fails++
			stored.Due = now.Add(backoff(stored.Fails))
			return stored.save(tx)
		default:
			if err := e.held(tx, stored, hold, s, now); err != nil {
				return err
			}
		}
		if stored.final() {
			if err := e.ended(tx, stored, now); err != nil {
				return err
			}
		}
		return stored.save(tx)
	})
}

// errNothing is the error of an upstream that says neither yes nor no.
var errNothing = errors.New("amountauth: neither a result nor an error")

// held opens a session whose hold is confirmed, and forgets the secret. Where the
// card is known only now, it is counted now.
func (e *Engine) held(tx journal.Records, r *record, hold *Hold, s secret, now time.Time) error {
	r.Hold, r.HoldID, r.HoldExpires, r.Sealed, r.Fails = holdLive, hold.ID, hold.Expires, nil, 0
	if fault := r.unfit(hold); fault != "" {
		e.log.Error("the issuer's hold is of no use: "+fault, slog.String("session", r.id))
		r.end(NotStarted, now)
		return nil
	}
	r.Ref = hold.InstrumentRef
	if !hold.Expires.IsZero() {
		if end := hold.Expires.Add(-holdMargin); end.Before(r.Expires) {
			r.Expires = end.UTC().Truncate(time.Millisecond)
		}
	}
	code, err := e.countByRef(tx, r, s, now)
	switch {
	case err != nil:
		return err
	case code != "" || !now.Before(r.Expires):
		r.Why = code
		r.end(NotStarted, now)
	default:
		r.State, r.Due = Open, r.Expires
	}
	return nil
}

// unfit says why a hold cannot carry a session: one that is counted for no card could
// be begun again and again.
func (r *record) unfit(hold *Hold) string {
	switch {
	case looksLikeCard(hold.InstrumentRef):
		return "its InstrumentRef may be the number of a card"
	case hold.InstrumentRef == "" && len(r.Cards) == 0:
		return "neither the request nor the issuer has a token for the card"
	case hold.InstrumentRef == "" && r.Pays:
		return "it has no InstrumentRef to pay with"
	}
	return ""
}

// countByRef counts the session for the issuer's token of the card, if it was not
// counted for it before, and returns why the session may not go on.
func (e *Engine) countByRef(tx journal.Records, r *record, s secret, now time.Time) (Code, error) {
	name := cardKey(r.Ref)
	if r.Ref == "" || len(r.Cards) == 1 && r.Cards[0] == name {
		return "", nil
	}
	c, err := loadCard(tx, name, now)
	switch {
	case err != nil:
		return "", err
	case c.failed() >= e.policy.CardSessions:
		return ErrCardLimit, nil
	case c.recent(e.keys, name, r.Variant, s.form(r.Variant)):
		return ErrNotStarted, nil // the draw could not leave it out, since the card was not known
	}
	key, _ := e.keys.find(r.KeyID)
	r.Cards = append(r.Cards, name)
	c.count(counted{ID: r.id, At: now, KeyID: key.ID, Drawn: key.mac(purposeRecent, name, string(r.Variant), s.form(r.Variant))})
	return "", c.save(tx, name)
}

// undo asks for the release or reversal of a hold, and writes down whether it is
// gone.
func (e *Engine) undo(ctx context.Context, r *record, ask func(context.Context) error) error {
	call, cancel := e.clock.WithTimeout(ctx, releaseTime)
	err := ask(call)
	cancel()
	if err != nil {
		e.log.WarnContext(ctx, "a hold is not released yet", slog.String("session", r.id), slog.Any("error", err))
	}
	return e.change(ctx, r.id, func(tx journal.Tx, stored *record) error {
		now := e.now()
		switch {
		case stored.Epoch != r.Epoch || stored.Hold != r.Hold:
			return nil
		case err != nil:
			stored.Fails++
			stored.Due = now.Add(backoff(stored.Fails))
			return stored.save(tx)
		}
		stored.Hold, stored.Fails, stored.Due = holdGone, 0, now
		if err := stored.released(tx, now); err != nil {
			return err
		}
		return stored.save(tx)
	})
}

// ended writes what the end of a session means for its card, order and payment, and
// tells who is to be told.
func (e *Engine) ended(tx journal.Tx, r *record, now time.Time) error {
	if err := r.settle(tx, now); err != nil {
		return err
	}
	if r.Hold == holdGone {
		if err := r.released(tx, now); err != nil {
			return err
		}
	}
	if err := r.conclude(tx, now); err != nil {
		return err
	}
	if e.config.Ended == nil || !r.Ended.Equal(now) { // it has ended before, and only its hold is gone
		return nil
	}
	return e.config.Ended(tx, r.view(nil))
}

// released frees the order for another session, and lets the payment go on that
// waits for the release.
func (r *record) released(tx journal.Records, now time.Time) error {
	holder, err := tx.Get(spaceOrder, orderKey(r.Order))
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	if string(holder) == r.id {
		if err := tx.Delete(spaceOrder, orderKey(r.Order)); err != nil {
			return err
		}
	}
	return r.wakeCompletion(tx, now)
}

// forget deletes a session and what belongs to it.
func (r *record) forget(tx journal.Records, now time.Time) error {
	for _, key := range r.Cards {
		c, err := loadCard(tx, key, now)
		if err != nil {
			return err
		}
		if err := c.save(tx, key); err != nil {
			return err
		}
	}
	if err := moveDue(tx, kindSession, r.id, &r.stored, time.Time{}); err != nil {
		return err
	}
	if err := tx.Delete(spaceCompletion, r.id); err != nil {
		return err
	}
	return tx.Delete(spaceSession, r.id)
}
