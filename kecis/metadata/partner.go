package metadata

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// Partner is a party as it may be dealt with at one moment: what it says of
// itself, cut down to what was granted. It does not change.
type Partner struct {
	Entity *Entity
	// Status holds since Since.
	Status Status
	Since  time.Time
	// Roles are those that were granted.
	Roles []RoleName
	// ReadsInstruments and CompromisedKeys are as granted, see [Grant].
	ReadsInstruments bool
	CompromisedKeys  []string
}

// Role returns what the partner says of itself in a role that it was granted.
func (p *Partner) Role(name RoleName) (*Role, bool) {
	if !slices.Contains(p.Roles, name) {
		return nil, false
	}
	return p.Entity.Role(name)
}

// Endpoint returns the location of the service in the binding, of the first
// granted role that offers it. Where a partner offers a service in several
// roles, ask the role.
func (p *Partner) Endpoint(service Service, binding Binding) (location string, ok bool) {
	for i := range p.Entity.Roles {
		r := &p.Entity.Roles[i]
		if !slices.Contains(p.Roles, r.Name) {
			continue
		}
		if location, ok = r.Endpoint(service, binding); ok {
			return location, true
		}
	}
	return "", false
}

// SigningKeys returns the keys that the partner's signatures of that scope are
// checked with at that time: none of a compromised partner, and no compromised
// key. Those of a suspended or expired partner still count, so that what exists
// can be brought to its end (KECIS-META-024, 025).
func (p *Partner) SigningKeys(at time.Time, scope xmlsig.Scope) []*xmlsig.PublicKey {
	if p.Status == Compromised {
		return nil
	}
	return slices.DeleteFunc(p.Entity.SigningKeys(at, scope), func(k *xmlsig.PublicKey) bool {
		return slices.Contains(p.CompromisedKeys, k.String())
	})
}

// Route returns the line of the partner's routing table for an instrument, see
// [Role.Route]. Only a PG has one.
func (p *Partner) Route(kind Method, number string) (*Route, bool) {
	r, ok := p.Role(PG)
	if !ok {
		return nil, false
	}
	return r.Route(kind, number)
}

// EncryptionKey returns the key of a granted role to encrypt to at that time.
func (p *Partner) EncryptionKey(role RoleName, at time.Time) (*EncryptionKey, bool) {
	r, ok := p.Role(role)
	if !ok || p.Status == Compromised {
		return nil, false
	}
	k := newest(r.EncryptionKeys, at)
	return k, k != nil
}

// MayUse reports whether the partner's status lets messages of the service go to
// it or come from it: a suspended or expired partner gets and makes no new
// payment, order or authentication; a compromised one nothing (KECIS-META-024).
func (p *Partner) MayUse(service Service) bool {
	switch p.Status {
	case Active:
		return true
	case Suspended, Expired:
		return service != ServicePayment && service != ServiceOrder && service != ServiceAuthentication
	}
	return false
}

// Partners finds partners. It may be used by several goroutines. An unknown one
// is ErrUnknownPartner; any other error is a fault of the source, after which
// nothing is known.
type Partners interface {
	Partner(ctx context.Context, entity string) (*Partner, error)
}

// Fixed returns Partners that are these, whatever the time: for tests and for
// programs that are configured with their partners. Their Status stays as it is
// given; "" counts as Active.
func Fixed(partners ...*Partner) Partners {
	byID := fixed{}
	for _, p := range partners {
		known := *p
		if known.Status == "" {
			known.Status = Active
		}
		byID[known.Entity.ID] = &known
	}
	return byID
}

type fixed map[string]*Partner

// Partner implements Partners.
func (f fixed) Partner(_ context.Context, entity string) (*Partner, error) {
	if p, ok := f[entity]; ok {
		return p, nil
	}
	return nil, unknownPartner(entity)
}

func unknownPartner(entity string) error {
	return &Error{code: ErrUnknownPartner, expected: "a partner that is pinned or listed", found: quote(entity)}
}

// Keys makes a source of verification keys of partners: for each message those
// of the scope message that its sender has now, if it was granted the role that
// is asked for. For documents of other scopes, metadata among them, it has none.
func Keys(partners Partners, now func() time.Time) xmlsig.KeySource {
	return messageKeys{partners, now}
}

type messageKeys struct {
	partners Partners
	now      func() time.Time
}

// VerificationKeys implements xmlsig.KeySource.
func (m messageKeys) VerificationKeys(ctx context.Context, who xmlsig.Signatory) ([]*xmlsig.PublicKey, error) {
	if who.Scope != xmlsig.ScopeMessage {
		return nil, nil
	}
	p, err := m.partners.Partner(ctx, who.Entity)
	switch {
	case errors.Is(err, ErrUnknownPartner):
		return nil, nil
	case err != nil:
		return nil, err
	case who.Role != "" && !slices.Contains(p.Roles, RoleName(who.Role)):
		return nil, nil
	}
	return p.SigningKeys(m.now(), who.Scope), nil
}
