package crash

import (
	"context"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// Requester returns the client of the first shop, and the key that it signs with.
func (m *Market) Requester() (*kecis.Client, *xmlsig.Signer, error) {
	s := m.shops[0]
	signer, err := s.signer()
	return s.client, signer, err
}

// Providers returns the entityIDs of the PG and the issuer, which are also the
// addresses of their gateways.
func (m *Market) Providers() (pg, issuer string) { return m.pg.entity, m.issuer.entity }

// Rest waits until no party has anything left to do.
func (m *Market) Rest(ctx context.Context) error {
	b, err := m.openBooks(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	return b.rest(ctx)
}
