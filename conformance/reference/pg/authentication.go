package pg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
)

// AuthenticationConfig is what an Authenticator is made of.
type AuthenticationConfig struct {
	// Keys are those of the engine of amount authentication.
	Keys []amountauth.Key
	// Policy are its bounds; the zero value is Policy's.
	Policy amountauth.Policy
	// Private opens what buyers typed at their shops.
	Private xmlenc.KeyFinder
	// Conclude is that of the Server that has the Authenticator.
	Conclude func(tx journal.Tx, id string, r *kecis.AuthenticationResult) error
	// Page returns the address of the page of a session; nil for no pages.
	Page func(session string) string
	// Engine completes the engine's configuration, as where the PG pays by itself
	// after an authentication; nil for none.
	Engine func(*amountauth.Config)
	// Clock is the machine's if nil, Random a cryptographic source. Log may be nil.
	Clock  kecis.Clock
	Random io.Reader
	Log    *slog.Logger
}

// Authenticator authenticates buyers by amount (chapters 58 and 59): the engine of
// kecis/amountauth, with holds at the issuers that payments are routed to. It
// implements kecis.Authentications and kecis.Confirmations.
type Authenticator struct {
	pg     *PG
	config AuthenticationConfig
	engine *amountauth.Engine
	// keep is how long the engine keeps a session after its end.
	keep      time.Duration
	nextSweep atomic.Int64 // Unix time in nanoseconds
}

var (
	_ kecis.Authentications = (*Authenticator)(nil)
	_ kecis.Confirmations   = (*Authenticator)(nil)
)

// Policy is the default policy, with deposits that together are an amount that
// issuers take.
func Policy() amountauth.Policy {
	p := amountauth.DefaultPolicy()
	won := p.Ranges[kecis.KRW]
	won.DepositLow, won.DepositHigh = leastWon/2, leastWon/2+98
	p.Ranges[kecis.KRW] = won
	return p
}

// Authenticator returns the service of amount authentication of this PG. An
// incomplete configuration is kecis.ErrConfiguration.
func (s *PG) Authenticator(c AuthenticationConfig) (*Authenticator, error) {
	if c.Private == nil || c.Conclude == nil {
		return nil, fmt.Errorf("%w: pg: Private and Conclude are needed", kecis.ErrConfiguration)
	}
	if c.Policy.Ranges == nil {
		c.Policy.Ranges = Policy().Ranges
	}
	if c.Clock == nil {
		c.Clock = kecis.SystemClock{}
	}
	a := &Authenticator{pg: s, config: c, keep: c.Policy.Keep}
	if a.keep == 0 {
		a.keep = amountauth.DefaultPolicy().Keep
	}
	config := amountauth.Config{
		Journal: s.journal, Issuer: holds{s, c.Clock}, Clock: c.Clock, Random: c.Random, Log: c.Log, Policy: c.Policy, Keys: c.Keys, Ended: a.ended,
	}
	if c.Engine != nil {
		c.Engine(&config)
	}
	var err error
	if a.engine, err = amountauth.New(config); err != nil {
		return nil, err
	}
	return a, nil
}

// Engine returns the engine, for its pages.
func (s *Authenticator) Engine() *amountauth.Engine { return s.engine }

// RunOnce looks after sessions, see amountauth.Engine.RunOnce, and forgets holds whose
// sessions are long forgotten.
func (s *Authenticator) RunOnce(ctx context.Context) (worked bool, err error) {
	if worked, err = s.engine.RunOnce(ctx); err != nil {
		return worked, err
	}
	swept, err := s.sweepHolds(ctx)
	return worked || swept, err
}

// Begin begins a session that the authentication's ID is the key of.
func (s *Authenticator) Begin(ctx context.Context, a kecis.Attempt, p *kecis.AuthenticationRequest) (*kecis.AuthenticationResult, error) {
	if p.Method != metadata.ByAmount {
		return nil, kecis.Refuse(kecis.ErrNotServed)
	}
	if err := s.permit(ctx, a.Sender, p); err != nil {
		return nil, err
	}
	details, err := detailsOf(a.Document, p)
	if err != nil {
		return nil, err
	}
	session, err := s.engine.Begin(ctx, &amountauth.Request{
		Key: a.AuthenticationID, Owner: a.Sender, Variant: variantOf(p.Variant), Order: p.OrderRef,
		Payee:  amountauth.Payee{Entity: p.Payee.Entity, Name: p.Payee.Name},
		Amount: p.Amount, Card: p.Instrument.Ref, Instrument: details, Shown: p.Instrument.Masked(), Language: p.Language,
	})
	if session != nil {
		return s.result(session), nil
	}
	return nil, refusalOf(err)
}

// permit refuses what the shop could not pay afterwards.
func (s *Authenticator) permit(ctx context.Context, sender string, p *kecis.AuthenticationRequest) error {
	if p.OrderRef.Requester != sender {
		return kecis.Refuse(kecis.ErrMandateMismatch)
	}
	err := s.pg.journal.View(ctx, func(tx journal.Tx) error {
		if err := permit(tx, sender, &kecis.PaymentRequest{Payee: p.Payee, Instrument: *p.Instrument}); err != nil {
			return err
		}
		return ownRef(tx, sender, p.Instrument.Ref)
	})
	if err != nil {
		return err
	}
	return s.pg.route(ctx, p.Instrument.Issuer)
}

// refusalOf says to a requester why a session was not begun. What is no refusal
// of the engine's is unknown.
func refusalOf(err error) error {
	code := kecis.ErrUnavailable
	switch {
	case errors.Is(err, amountauth.ErrFloor), errors.Is(err, amountauth.ErrRange):
		code = kecis.ErrInvalidAmount
	case errors.Is(err, amountauth.ErrBusy):
		code = kecis.ErrAttemptLive
	case errors.Is(err, amountauth.ErrCardLimit):
		code = kecis.ErrAuthenticationDeclined
	case errors.Is(err, amountauth.ErrCancelled):
		code = kecis.ErrAuthenticationFailed
	case errors.Is(err, amountauth.ErrRequest):
	default:
		return err
	}
	return kecis.Refuse(code)
}

// State says how a session stands.
func (s *Authenticator) State(ctx context.Context, id string) (*kecis.AuthenticationResult, error) {
	session, err := s.engine.Session(ctx, amountauth.SessionID(id))
	if err != nil {
		return nil, err
	}
	return s.result(session), nil
}

// Abandon ends a session, or sees to it that it never begins.
func (s *Authenticator) Abandon(ctx context.Context, id string) error {
	return s.engine.Abandon(ctx, id)
}

// Confirm compares what the buyer typed. Whatever is wrong with it, and whosever
// the session is, is told alike.
func (s *Authenticator) Confirm(ctx context.Context, a kecis.Attempt, p *kecis.ConfirmationRequest) (*kecis.AuthenticationResult, error) {
	typed, err := p.Reveal(s.config.Private, s.pg.client.Entity, s.config.Clock.Now())
	if err != nil {
		return nil, err
	}
	id := amountauth.SessionID(a.AuthenticationID)
	session, err := s.engine.Session(ctx, id)
	if err == nil && session.Owner != a.Sender {
		return nil, kecis.Refuse(kecis.ErrNotConfirmed)
	}
	if err == nil {
		session, err = s.engine.Confirm(ctx, &amountauth.Answer{Session: id, Key: a.Key, Values: []string{typed}})
	}
	if _, refused := errors.AsType[*amountauth.Error](err); refused {
		return nil, kecis.Refuse(kecis.ErrNotConfirmed)
	}
	if err != nil {
		return nil, err
	}
	return s.result(session), nil
}

// ended tells the requester the end of a session, and lets it pay with the token of
// the instrument that its buyer has shown to be theirs.
func (s *Authenticator) ended(tx journal.Tx, session *amountauth.Session) error {
	if session.State == amountauth.Verified && session.InstrumentRef != "" {
		if err := keepRef(tx, refKey(session.InstrumentRef, session.Owner)); err != nil {
			return err
		}
	}
	return s.config.Conclude(tx, session.Key, s.result(session))
}

// result is a session as the messages state it.
func (s *Authenticator) result(session *amountauth.Session) *kecis.AuthenticationResult {
	r := &kecis.AuthenticationResult{State: stateOf(session.State), At: session.Ended}
	switch r.State {
	case kecis.AuthenticationPending:
		r.At, r.Expires, r.TriesLeft = session.Began, session.Expires, session.TriesLeft
		if s.config.Page != nil {
			r.Page = s.config.Page(session.ID)
		}
	case kecis.Authenticated:
		r.InstrumentRef = session.InstrumentRef
	case kecis.AuthenticationDeclined:
		if session.Refused != "" {
			r.Upstream = kecis.Upstream{System: "kecis", Code: string(session.Refused)}
		}
	}
	return r
}

func stateOf(s amountauth.State) kecis.AuthenticationState {
	switch s {
	case amountauth.Verified:
		return kecis.Authenticated
	case amountauth.Locked:
		return kecis.AuthenticationLocked
	case amountauth.Expired:
		return kecis.AuthenticationExpired
	case amountauth.Cancelled:
		return kecis.AuthenticationFailed
	case amountauth.NotStarted:
		return kecis.AuthenticationDeclined
	}
	return kecis.AuthenticationPending
}

func variantOf(v kecis.Variant) amountauth.Variant {
	switch v {
	case kecis.VariantDescriptor:
		return amountauth.Descriptor
	case kecis.VariantDeposits:
		return amountauth.Deposits
	}
	return amountauth.Amount
}

// details are what the hold is asked with beside what the engine knows.
type details struct {
	Payee       kecis.Payee      `json:"payee"`
	OrderAmount kecis.Money      `json:"orderAmount"`
	Instrument  kecis.Instrument `json:"instrument"` // without what is encrypted
	// Encrypted is that, and Mandate the shop's signed request.
	Encrypted []byte `json:"encrypted,omitempty"`
	Mandate   []byte `json:"mandate"`
}

func detailsOf(request []byte, p *kecis.AuthenticationRequest) (text []byte, err error) {
	if len(request) > kecis.MaxEvidenceBytes {
		return nil, kecis.Refuse(kecis.ErrTooMany)
	}
	d := details{Payee: p.Payee, OrderAmount: p.OrderAmount, Instrument: *p.Instrument, Mandate: request}
	d.Payee.Merchant = "" // it is a number of this PG (KECIS-PAY-002)
	if d.Instrument.Encrypted != nil {
		if d.Encrypted, err = d.Instrument.Encrypted.Document(); err != nil {
			return nil, err
		}
		d.Instrument.Encrypted = nil
	}
	return json.Marshal(d) //nolint:musttag // messages' types are kept by the names of their fields
}
