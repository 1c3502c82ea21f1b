package kecis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// AuthenticationMethods are the Authentications of a Server that offers several
// methods, each by a service of its own. It implements Confirmations and Exempter;
// what the buyer typed goes to the service of the authentication's method, if that
// implements Confirmations.
type AuthenticationMethods struct {
	journal  journal.Journal
	services map[metadata.AuthenticationMethod]Authentications
}

var (
	_ Authentications = (*AuthenticationMethods)(nil)
	_ Confirmations   = (*AuthenticationMethods)(nil)
	_ Exempter        = (*AuthenticationMethods)(nil)
)

// NewAuthenticationMethods joins services. The journal is the Server's: in it
// stands of which method an authentication is. The error is ErrConfiguration.
func NewAuthenticationMethods(j journal.Journal, services map[metadata.AuthenticationMethod]Authentications) (*AuthenticationMethods, error) {
	if j == nil || len(services) == 0 {
		return nil, &configurationError{"NewAuthenticationMethods: a journal and services"}
	}
	for method, service := range services {
		if indexOf(authenticationMethods, string(method)) == 0 || service == nil {
			return nil, &configurationError{"NewAuthenticationMethods: a service of " + string(method)}
		}
	}
	return &AuthenticationMethods{j, maps.Clone(services)}, nil
}

// Offered are the methods that have a service, in the order of their names.
func (m *AuthenticationMethods) Offered() []metadata.AuthenticationMethod {
	return slices.Sorted(maps.Keys(m.services))
}

// Begin begins the authentication by the method that is wanted; one without a
// service is refused with ErrNotServed.
func (m *AuthenticationMethods) Begin(ctx context.Context, a Attempt, p *AuthenticationRequest) (*AuthenticationResult, error) {
	service, ok := m.services[p.Method]
	if !ok {
		return nil, Refuse(ErrNotServed)
	}
	return service.Begin(ctx, a, p)
}

// State asks the service of the authentication's method.
func (m *AuthenticationMethods) State(ctx context.Context, id string) (*AuthenticationResult, error) {
	service, err := m.of(ctx, id)
	if err != nil {
		return nil, err
	}
	return service.State(ctx, id)
}

// Abandon has the service of the authentication's method abandon it.
func (m *AuthenticationMethods) Abandon(ctx context.Context, id string) error {
	service, err := m.of(ctx, id)
	if err != nil {
		return err
	}
	return service.Abandon(ctx, id)
}

// Confirm gives what the buyer typed to the service of the authentication's
// method. Where that takes nothing, it is told as a wrong value is (KECIS-AUT-014).
func (m *AuthenticationMethods) Confirm(ctx context.Context, a Attempt, p *ConfirmationRequest) (*AuthenticationResult, error) {
	service, err := m.of(ctx, a.AuthenticationID)
	if err != nil {
		return nil, err
	}
	takes, ok := service.(Confirmations)
	if !ok {
		return nil, Refuse(ErrNotConfirmed)
	}
	return takes.Confirm(ctx, a, p)
}

// Exempt asks each service that knows exemptions.
func (m *AuthenticationMethods) Exempt(ctx context.Context, p *PaymentRequest) (bool, error) {
	var failed error
	for _, method := range m.Offered() {
		exempter, ok := m.services[method].(Exempter)
		if !ok {
			continue
		}
		exempt, err := exempter.Exempt(ctx, p)
		if exempt && err == nil {
			return true, nil
		}
		failed = errors.Join(failed, err)
	}
	return false, failed
}

// confirms reports whether a service takes what buyers typed.
func (m *AuthenticationMethods) confirms() bool {
	for _, service := range m.services {
		if _, ok := service.(Confirmations); ok {
			return true
		}
	}
	return false
}

// of finds the service of an authentication by what was written down of it before
// its service was asked.
func (m *AuthenticationMethods) of(ctx context.Context, id string) (Authentications, error) {
	var b *begunAuthentication
	err := m.journal.View(ctx, func(tx journal.Tx) (err error) {
		b, err = begunIn(tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	service, ok := m.services[b.Method]
	if !ok {
		return nil, fmt.Errorf("kecis: this server has no service of the method %s any more", b.Method)
	}
	return service, nil
}
