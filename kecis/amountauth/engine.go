package amountauth

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// Config is what an Engine works with.
type Config struct {
	// Journal keeps all state; it must be durable.
	Journal journal.Journal
	// Issuer makes and ends holds.
	Issuer Issuer
	// Payer pays after the authentication; nil where nothing is paid.
	Payer Payer
	// Expiries checks the expiry of an instrument, for profiles; nil where there are
	// none.
	Expiries Expiries
	// Ended is called in the commit in which a session comes into a final state,
	// however that happens; nil if nobody is to be told. It must not call anything
	// that waits, and may run more than once. With an error there is no commit.
	Ended func(tx journal.Tx, s *Session) error
	// Clock is the system's if nil.
	Clock kecis.Clock
	// Random is a cryptographic source, as crypto/rand.Reader.
	Random io.Reader
	// Log may be nil.
	Log    *slog.Logger
	Policy Policy
	// Keys: the first is used for what is new, all for what is there. A key is kept
	// for as long as sessions that began with it, MaxTimeout at most, and 30 days for
	// drawn values to be remembered.
	Keys []Key
}

// Engine is the state machine of sessions. Its methods may be called from several
// goroutines, and on several servers with the same journal and keys.
type Engine struct {
	config Config
	policy Policy
	keys   ring
	clock  kecis.Clock
	log    *slog.Logger
}

// New returns an engine. Its error is kecis.ErrConfiguration, or ErrRange if a
// currency's range makes a guess too likely.
func New(config Config) (*Engine, error) {
	for _, field := range []struct {
		name    string
		missing bool
	}{
		{"Journal", config.Journal == nil},
		{"Issuer", config.Issuer == nil},
		{"Random", config.Random == nil},
	} {
		if field.missing {
			return nil, configuration(field.name)
		}
	}
	policy, err := config.Policy.filled()
	if err != nil {
		return nil, err
	}
	keys := ring(config.Keys)
	if err := keys.check(); err != nil {
		return nil, err
	}
	e := &Engine{config: config, policy: policy, keys: keys, clock: config.Clock, log: config.Log}
	if e.clock == nil {
		e.clock = kecis.SystemClock{}
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	return e, nil
}

// now is the time as the journal keeps it.
func (e *Engine) now() time.Time { return e.clock.Now().UTC().Truncate(time.Millisecond) }

// Session returns a session by its ID. An unknown one is refused with ErrWrong; any
// error of another kind is the journal's.
func (e *Engine) Session(ctx context.Context, id string) (s *Session, err error) {
	err = e.config.Journal.View(ctx, func(tx journal.Tx) (err error) {
		s, err = e.SessionIn(tx, id)
		return err
	})
	return s, err
}

// SessionIn is Session in a transaction of the caller's, on the same journal.
func (e *Engine) SessionIn(tx journal.Records, id string) (*Session, error) {
	r, c, err := readSession(tx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, refuse(ErrWrong)
	}
	if err != nil {
		return nil, err
	}
	return r.view(c), nil
}

// Holding reports whether a hold of a session may live for an order, in any attempt:
// what is declined for limit meanwhile may be approved when it is gone (KECIS-AA-013).
func (e *Engine) Holding(ctx context.Context, order kecis.OrderRef) (holding bool, err error) {
	err = e.config.Journal.View(ctx, func(tx journal.Tx) error {
		_, err := tx.Peek(spaceOrder, orderKey(order))
		holding = err == nil
		if errors.Is(err, journal.ErrNotFound) {
			err = nil
		}
		return err
	})
	return holding, err
}

// change runs a change of one session, if it is there.
func (e *Engine) change(ctx context.Context, id string, change func(tx journal.Tx, r *record) error) error {
	return e.config.Journal.Update(ctx, func(tx journal.Tx) error {
		r, err := loadSession(tx, id)
		if err != nil {
			return err
		}
		return change(tx, r)
	})
}
