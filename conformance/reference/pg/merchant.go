package pg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// The spaces of the PG's records.
const (
	spaceMerchants = "pg/merchants" // by entityID: Merchant
	spaceAccounts  = "pg/payments"  // by transaction: account
	spaceRefs      = "pg/refs"      // by InstrumentRef and owner: nothing
	spaceHolds     = "pg/holds"     // by operation key: whether it was asked for or reversed
	spaceHoldTimes = "pg/holdTimes" // by time and operation key: the operation key
)

// Merchant is a shop, or a seller on a shop's platform, that the PG pays out to.
type Merchant struct {
	// Entity is its entityID.
	Entity string `json:"-"`
	// Name is the one that buyers' statements show; "" lets it state any.
	Name string `json:",omitzero"`
	// Number is the merchant number that the PG gave it, Business its business
	// registration number; "" for none. A payment that states others is refused.
	Number, Business string `json:",omitzero"`
	// Platform is the entityID of the shop that takes payments for it; "" for a
	// merchant that takes its own.
	Platform string `json:",omitzero"`
	// Methods are those that it may be paid by; none stands for all.
	Methods []kecis.InstrumentKind `json:",omitzero"`
	// Categories are the merchant category codes (ISO 18245) that its payments may
	// state; none stands for all.
	Categories []string `json:",omitzero"`
	// Rate is the PG's fee in hundredths of a percent of what is captured, at most
	// MaxRate. The fee is rounded half up to the minor unit, over all that was
	// captured of a payment and not refunded: of what is given back the fee is given
	// back too. A payment keeps the rate of its first capture.
	Rate int64 `json:",omitzero"`
	// Suspended: it gets no new payments. Those that exist go on.
	Suspended bool `json:",omitzero"`
}

// MaxRate is the highest fee, 10 %: far above what is charged anywhere, and
// small enough that the product with any amount fits its integer.
const MaxRate = 1_000

// ErrUnknownMerchant is the error for an entity that is not registered.
var ErrUnknownMerchant = errors.New("pg: there is no such merchant")

// Register makes a merchant known, or gives a known one other terms.
func (s *PG) Register(ctx context.Context, m Merchant) error {
	switch {
	case !key(m.Entity) || (m.Platform != "" && !key(m.Platform)):
		return fmt.Errorf("pg: %q or its platform is no entityID", m.Entity)
	case m.Rate < 0 || m.Rate > MaxRate:
		return fmt.Errorf("pg: the rate of %s is not 0 to %d hundredths of a percent", m.Entity, MaxRate)
	}
	return s.journal.Update(ctx, func(tx journal.Tx) error { return save(tx, spaceMerchants, m.Entity, &m) })
}

// Suspend stops new payments to and by a merchant; Register lets them in again.
// An unknown one is ErrUnknownMerchant.
func (s *PG) Suspend(ctx context.Context, entity string) error {
	return s.journal.Update(ctx, func(tx journal.Tx) error {
		m, found, err := merchant(tx, entity)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("%w: %q", ErrUnknownMerchant, entity)
		}
		m.Suspended = true
		return save(tx, spaceMerchants, entity, &m)
	})
}

// Merchants returns at most limit merchants whose entityID is above after,
// ascending; "" is the start.
func (s *PG) Merchants(ctx context.Context, after string, limit int) (list []Merchant, err error) {
	if after != "" {
		after += " " // the least key behind it: no entityID has a blank
	}
	err = s.journal.View(ctx, func(tx journal.Tx) error {
		rows, err := tx.Range(spaceMerchants, after, "", limit)
		if err != nil {
			return err
		}
		list = make([]Merchant, len(rows))
		for i, r := range rows {
			if err := json.Unmarshal(r.Value, &list[i]); err != nil {
				return fmt.Errorf("pg: merchant %s: %w", r.Key, err)
			}
			list[i].Entity = r.Key
		}
		return nil
	})
	return list, err
}

// permit refuses a payment that its shop may not ask for, or its payee may not
// get: a shop is paid itself, or the sellers on its platform.
func permit(tx journal.Records, sender string, p *kecis.PaymentRequest) error {
	shop, found, err := merchant(tx, sender)
	if err != nil {
		return err
	}
	if !found || shop.Suspended {
		return kecis.Refuse(kecis.ErrNotPermittedMerchant)
	}
	payee := shop
	if p.Payee.Entity != sender {
		if payee, found, err = merchant(tx, p.Payee.Entity); err != nil {
			return err
		}
		if !found || payee.Suspended || payee.Platform != sender {
			return kecis.Refuse(kecis.ErrNotPermittedMerchant)
		}
	}
	if !payee.mayTake(&p.Payee, p.Instrument.Kind) {
		return kecis.Refuse(kecis.ErrNotPermittedMerchant)
	}
	return nil
}

// mayTake reports whether a payment states what the merchant was registered with.
func (m *Merchant) mayTake(stated *kecis.Payee, kind kecis.InstrumentKind) bool {
	return (m.Name == "" || stated.Name == m.Name) &&
		(stated.Merchant == "" || stated.Merchant == m.Number) &&
		(stated.Business == "" || stated.Business == m.Business) &&
		(len(m.Methods) == 0 || slices.Contains(m.Methods, kind)) &&
		(len(m.Categories) == 0 || slices.Contains(m.Categories, stated.Category))
}

// merchant reads a merchant without locking it, so that the payments of one do
// not wait for each other.
func merchant(tx journal.Records, entity string) (m Merchant, found bool, err error) {
	value, err := tx.Peek(spaceMerchants, entity)
	if errors.Is(err, journal.ErrNotFound) {
		return m, false, nil
	}
	if err != nil {
		return m, false, err
	}
	if err := json.Unmarshal(value, &m); err != nil {
		return m, false, fmt.Errorf("pg: merchant %s: %w", entity, err)
	}
	m.Entity = entity
	return m, true, nil
}

// maxEntity is the length of an entityID (SAML 2.0, saml-core 8.3.6).
const maxEntity = 1024

// key reports whether a text can be an entityID, and thus a key of records.
func key(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= maxEntity
}

func save(tx journal.Records, space, key string, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("pg: a record of %s: %w", space, err)
	}
	return tx.Put(space, key, value)
}
