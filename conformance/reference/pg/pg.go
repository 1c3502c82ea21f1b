// Package pg is the reference payment gateway (PG): what stands behind the SDK at
// a company that takes payments for shops and passes them on to issuers. It is
// certified by the suite like any other PG, it is the PG of the demo and of the
// simulation, and the defects of the suite are made of it.
//
// A [PG] implements kecis.Payments, kecis.Captures, kecis.Cancellations,
// kecis.Forwarder and kecis.Poster. It routes by the issuer that an instrument
// names in the clear and passes the encrypted instrument on, which it cannot
// read; it sees no card number. Its merchants and its ledger stand in the records
// of the journal that the Server has too, so that what it owes its merchants
// changes in the same commit as the payment. It has no state of its own: any
// number of PGs may work on one journal.
package pg

import (
	"context"
	"errors"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// Config is what a PG is made of. All of it must be set.
type Config struct {
	// Journal is the one that the Server has.
	Journal journal.Journal
	// Client sends requests to issuers: of the PG's entity, on the same journal.
	// Give it to the Server too, as ServerConfig.Client.
	Client *kecis.Client
	// Partners know the issuers; those among them that were granted the role are
	// the ones that there is a route to.
	Partners metadata.Partners
}

// PG is the service. Its methods may be called from several goroutines.
type PG struct {
	journal  journal.Journal
	client   *kecis.Client
	partners metadata.Partners
	books    ledger.Ledger
	// holding reports whether a hold that authenticates may live for an order; nil
	// without an Authenticator.
	holding func(ctx context.Context, order kecis.OrderRef) (bool, error)
}

var (
	_ kecis.Payments      = (*PG)(nil)
	_ kecis.Captures      = (*PG)(nil)
	_ kecis.Cancellations = (*PG)(nil)
	_ kecis.Forwarder     = (*PG)(nil)
	_ kecis.Poster        = (*PG)(nil)
)

// New returns a PG. Merchants are made known to it by Register.
func New(c Config) (*PG, error) {
	if c.Journal == nil || c.Client == nil || c.Partners == nil {
		return nil, errors.New("pg: Journal, Client and Partners are needed")
	}
	return &PG{journal: c.Journal, client: c.Client, partners: c.Partners, books: ledger.New("pg")}, nil
}

// Ledger returns the PG's books, for who wants to audit them.
func (s *PG) Ledger() ledger.Ledger { return s.books }
