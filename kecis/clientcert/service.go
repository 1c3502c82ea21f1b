package clientcert

import (
	"context"
	"errors"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// ServiceConfig is what a Service is made of.
type ServiceConfig struct {
	// Engine is the configuration of its sessions. Their journal is the Server's.
	Engine EngineConfig
	// Conclude is that of the Server that has the Service.
	Conclude func(tx journal.Tx, id string, r *kecis.AuthenticationResult) error
	// Page returns the address of the page of a session.
	Page func(session string) string
	// Permit refuses requests of those who may not make them, with a *kecis.Refusal;
	// nil refuses nobody whom the Server knows.
	Permit func(ctx context.Context, sender string, p *kecis.AuthenticationRequest) error
}

// Service answers authentication requests of the method certificate (chapters 58 and
// 61). It implements kecis.Authentications.
type Service struct {
	config ServiceConfig
	engine *Engine
}

var _ kecis.Authentications = (*Service)(nil)

// NewService returns a service with an Engine of its own. Its error is
// kecis.ErrConfiguration.
func NewService(c ServiceConfig) (*Service, error) {
	if c.Conclude == nil || c.Page == nil {
		return nil, configuration("Conclude and Page are needed")
	}
	s := &Service{config: c}
	engine := c.Engine
	engine.Ended = s.ended
	var err error
	s.engine, err = NewEngine(engine)
	return s, err
}

// Engine returns the engine, for its pages and its background work.
func (s *Service) Engine() *Engine { return s.engine }

// ended tells the requester, and who else is to be told.
func (s *Service) ended(tx journal.Tx, session *Session) error {
	if err := s.config.Conclude(tx, session.Key, s.result(session)); err != nil || s.config.Engine.Ended == nil {
		return err
	}
	return s.config.Engine.Ended(tx, session)
}

// Begin begins a session that the authentication's ID is the key of.
func (s *Service) Begin(ctx context.Context, a kecis.Attempt, p *kecis.AuthenticationRequest) (*kecis.AuthenticationResult, error) {
	if p.Method != metadata.ByCertificate {
		return nil, kecis.Refuse(kecis.ErrNotServed)
	}
	if s.config.Permit != nil {
		if err := s.config.Permit(ctx, a.Sender, p); err != nil {
			return nil, err
		}
	}
	session, err := s.engine.Begin(ctx, &Request{
		Key: a.AuthenticationID, Owner: a.Sender, Order: p.OrderRef, Payee: Payee{Entity: p.Payee.Entity, Name: p.Payee.Name},
		Amount: p.OrderAmount, Language: p.Language,
	})
	if errors.Is(err, ErrGivenUp) {
		return nil, kecis.Refuse(kecis.ErrAuthenticationFailed)
	}
	if err != nil {
		return nil, err
	}
	return s.result(session), nil
}

// State says how a session stands.
func (s *Service) State(ctx context.Context, id string) (*kecis.AuthenticationResult, error) {
	session, err := s.engine.Session(ctx, SessionID(id))
	if err != nil {
		return nil, err
	}
	return s.result(session), nil
}

// Abandon ends a session, or sees to it that it never begins.
func (s *Service) Abandon(ctx context.Context, id string) error {
	return s.engine.Abandon(ctx, id)
}

// result is a session as the messages state it.
func (s *Service) result(session *Session) *kecis.AuthenticationResult {
	r := &kecis.AuthenticationResult{State: stateOf(session.State), At: session.Ended, Certificate: session.Certificate, Reason: string(session.Refused)}
	if r.State == kecis.AuthenticationPending {
		r.At, r.Expires, r.TriesLeft, r.Page = session.Began, session.Expires, session.TriesLeft, s.config.Page(session.ID)
	}
	return r
}

func stateOf(s State) kecis.AuthenticationState {
	switch s {
	case Verified:
		return kecis.Authenticated
	case Locked:
		return kecis.AuthenticationLocked
	case Expired:
		return kecis.AuthenticationExpired
	case Cancelled:
		return kecis.AuthenticationFailed
	case Open:
	}
	return kecis.AuthenticationPending
}
