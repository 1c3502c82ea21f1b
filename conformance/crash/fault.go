package crash

import (
	"context"

	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
)

// Fault is a planted fault, by which a run shows that it can fail.
type Fault string

const (
	// Believes: after a crash the PG takes every payment in hand for done, without
	// asking the issuer.
	Believes Fault = "believes"
	// Denies: after a crash the PG takes every payment in hand for refused, without
	// asking the issuer.
	Denies Fault = "denies"
)

// Faults returns all planted faults.
func Faults() []Fault { return []Fault{Believes, Denies} }

// payments puts the fault before a service.
func (f Fault) payments(service *pg.PG) kecis.Payments {
	switch f {
	case Believes:
		return believing{service}
	case Denies:
		return denying{service}
	}
	return service
}

type believing struct{ *pg.PG }

// Lookup asks nobody.
func (believing) Lookup(context.Context, string) (*kecis.Approval, error) {
	return &kecis.Approval{}, nil
}

type denying struct{ *pg.PG }

// Lookup asks nobody.
func (denying) Lookup(context.Context, string) (*kecis.Approval, error) {
	return nil, kecis.Refuse(kecis.ErrDeclinedIssuer)
}
