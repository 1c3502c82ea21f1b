package issuer

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kecis/sdk/kecis/journal"
)

// The spaces of the issuer's records.
const (
	spaceInstruments = "issuer/instruments" // by instrument: Instrument
	spaceStandings   = "issuer/standings"   // by instrument: standing
	spaceNegative    = "issuer/negative"    // by instrument: listing
	spaceRefs        = "issuer/refs"        // by InstrumentRef: reference
	spaceRefOf       = "issuer/ref-of"      // by instrument and sender: InstrumentRef
	spacePayments    = "issuer/payments"    // by operation key: Payment
	spaceOperations  = "issuer/operations"  // by operation key: operation
	spaceExpiries    = "issuer/expiries"    // by time and operation key: nothing
	spaceInbox       = "issuer/inbox"       // by holder and time, the newest first: Notice
	spaceNoticeTimes = "issuer/notices"     // by time and key in the inbox: nothing
)

// load reads a record; found is false where there is none. In Update the key is
// locked in any case.
func load[T any](tx journal.Records, space, key string) (v T, found bool, err error) {
	value, err := tx.Get(space, key)
	if errors.Is(err, journal.ErrNotFound) {
		return v, false, nil
	}
	if err != nil {
		return v, false, err
	}
	if err := json.Unmarshal(value, &v); err != nil {
		return v, false, fmt.Errorf("issuer: a record of %s: %w", space, err)
	}
	return v, true, nil
}

// save writes a record, new or not.
func save(tx journal.Records, space, key string, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("issuer: a record of %s: %w", space, err)
	}
	return tx.Put(space, key, value)
}

// present is the value of a record of which only the key tells something.
func present() []byte { return []byte{'1'} }
