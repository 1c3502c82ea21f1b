package amountauth

import (
	"context"
	"crypto/hmac"
	"errors"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// Answer is what a buyer has typed.
type Answer struct {
	Session string
	// Key names the answer, 1 to 64 characters of A-Z a-z 0-9 - _: the same answer
	// again under the same key is not counted again.
	Key string
	// Values is the text as typed: one, or the two deposits in any order. These may also
	// stand in one text, parted by a blank, "+", "/", ";" or "&".
	Values []string
	// Payee is the entityID of the payee at whose address the answer came; "" where
	// that is not known.
	Payee string
}

// Confirm takes an answer. Without an error the session is Verified, now or by the
// same answer before.
//
// It refuses with ErrWrong, alike for a wrong value and an unknown session; with one
// of the ErrTyped codes, which count as no try; and with ErrLocked, ErrLate,
// ErrCancelled, ErrNotStarted, ErrStarting, ErrRepeated or ErrOtherMerchant by the
// state of the session, which is returned along unless it is unknown. Any other error
// is the journal's: send the same answer again.
func (e *Engine) Confirm(ctx context.Context, a *Answer) (*Session, error) {
	if a.Key == "" || len(a.Key) > maxKey || !isToken(a.Key) {
		return nil, &Error{code: ErrRequest, expected: "a key of 1 to 64 characters"}
	}
	session, err := e.Session(ctx, a.Session)
	if errors.Is(err, ErrWrong) {
		if _, err := typed(Amount, kecis.KRW, a.Values); err != nil {
			return nil, err // as of a session that is known
		}
	}
	if err != nil {
		return nil, err
	}
	if a.Payee != "" && a.Payee != session.Payee.Entity {
		return nil, refuse(ErrOtherMerchant)
	}
	form, err := typed(session.Variant, session.Amount.Currency, a.Values)
	if err != nil {
		return session, err
	}
	ctx = context.WithoutCancel(ctx) // what was counted is compared, even if the buyer has left
	code, err := e.confirm(ctx, a, form)
	if err != nil {
		return nil, err
	}
	if session, err = e.settled(ctx, a.Session); err == nil && code != "" {
		err = refuse(code)
	}
	return session, err
}

// settled brings to its end what an answer has begun, as far as it gets, and returns
// the session. What fails here is left to RunOnce.
func (e *Engine) settled(ctx context.Context, id string) (*Session, error) {
	_ = e.drive(ctx, kindSession, id) // logged there
	_ = e.drive(ctx, kindCompletion, id)
	return e.Session(ctx, id)
}

// confirm counts a try in one commit, compares, and writes the result in another.
func (e *Engine) confirm(ctx context.Context, a *Answer, form string) (code Code, err error) {
	var counted *record
	var digest []byte
	compare := false
	err = e.change(ctx, a.Session, func(tx journal.Tx, r *record) (err error) {
		counted, compare = r, false
		key, ok := e.keys.find(r.KeyID)
		if !ok {
			return errSealed
		}
		digest = key.mac(purposeValue, r.id, form)
		code, compare, err = e.count(tx, r, a.Key, digest)
		return err
	})
	if err != nil || !compare {
		return code, err
	}
	// Both digests have one length, whatever was typed, and hmac.Equal looks at all
	// of it: the time tells nothing of the value.
	right := hmac.Equal(digest, counted.Value)
	err = e.change(ctx, a.Session, func(tx journal.Tx, r *record) error {
		now, over := e.now(), r.final()
		code = r.judge(a.Key, right, now)
		if r.final() && !over {
			if err := e.ended(tx, r, now); err != nil {
				return err
			}
		}
		return r.save(tx)
	})
	return code, err
}

// count writes a try down before its value is compared, and reports whether it is to
// be compared; if not, with what it is refused.
func (e *Engine) count(tx journal.Tx, r *record, key string, digest []byte) (code Code, compare bool, err error) {
	for _, before := range r.Answers {
		switch {
		case before.Key != key:
			continue
		case !hmac.Equal(before.Value, digest):
			return ErrRepeated, false, nil
		case !before.Known: // counted, and never compared: a server has died
			return r.State.code(), r.State == Open, nil
		case before.Right:
			return "", false, nil
		}
		return r.wrong(), false, nil
	}
	now := e.now()
	if r.State == Open && !now.Before(r.Expires) {
		r.end(Expired, now)
		if err := e.ended(tx, r, now); err != nil {
			return "", false, err
		}
		return ErrLate, false, r.save(tx)
	}
	if code := r.State.code(); code != "" {
		return code, false, nil
	}
	if r.Tries >= r.Chance.Tries { // the last one is being compared
		return ErrLocked, false, nil
	}
	r.Tries++
	r.Answers = append(r.Answers, answered{Key: key, Value: digest})
	r.Due = now.Add(lease) // whoever finds it later and not compared compares it
	return "", true, r.save(tx)
}

// judge writes the result of a try, and what follows from it.
func (r *record) judge(key string, right bool, now time.Time) Code {
	for i := range r.Answers {
		switch a := &r.Answers[i]; {
		case a.Key != key:
		case a.Known && a.Right: // another has compared it in the meantime
			return ""
		case a.Known:
			return r.wrong()
		default:
			a.Known, a.Right = true, right && r.State == Open
		}
	}
	if r.State != Open {
		return r.State.code()
	}
	r.Due = r.Expires
	switch {
	case right:
		r.end(Verified, now)
		return ""
	case r.Tries >= r.Chance.Tries:
		r.end(Locked, now)
	}
	return r.wrong()
}

// compareLeft compares what was counted by a server that died before it had compared.
func (r *record) compareLeft(now time.Time) (found bool) {
	for _, a := range r.Answers {
		if !a.Known {
			found = true
			_ = r.judge(a.Key, hmac.Equal(a.Value, r.Value), now)
		}
	}
	return found
}

// wrong is the refusal of a wrong value: the last one locks.
func (r *record) wrong() Code {
	if r.State == Locked {
		return ErrLocked
	}
	return ErrWrong
}

// Cancel gives a session up, as its buyer or requester wants, and releases its hold.
// A session in a final state stays as it is. An unknown one is refused with ErrWrong.
func (e *Engine) Cancel(ctx context.Context, id string) (*Session, error) {
	ctx = context.WithoutCancel(ctx)
	err := e.change(ctx, id, func(tx journal.Tx, r *record) error {
		if r.final() {
			return nil
		}
		now := e.now()
		r.end(Cancelled, now)
		r.Epoch++ // a hold that is on its way is reversed
		if err := e.ended(tx, r, now); err != nil {
			return err
		}
		return r.save(tx)
	})
	if errors.Is(err, journal.ErrNotFound) {
		return nil, refuse(ErrWrong)
	}
	if err != nil {
		return nil, err
	}
	return e.settled(ctx, id)
}

// Abandon is Cancel by the key of the request. Where no session is begun with it, it sees
// to it that none ever is: Begin with that key is then refused with ErrCancelled. It does
// nothing to a session that has ended. An error is the journal's: call it again.
func (e *Engine) Abandon(ctx context.Context, key string) error {
	id := SessionID(key)
	err := e.config.Journal.Update(ctx, func(tx journal.Tx) error {
		_, err := loadSession(tx, id)
		if !errors.Is(err, journal.ErrNotFound) {
			return err
		}
		now := e.now()
		r := &record{id: id, Key: key, State: Cancelled, Hold: holdGone, Began: now, Expires: now, Ended: now, Due: now.Add(e.policy.Keep)}
		return r.save(tx)
	})
	if err == nil {
		_, err = e.Cancel(ctx, id)
	}
	return err
}
