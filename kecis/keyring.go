package kecis

import (
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// Keyring gives the key that an entity signs its messages with at a time, so
// that a new key takes over without a restart. It may be used by several
// goroutines.
type Keyring interface {
	Signer(at time.Time) (*xmlsig.Signer, error)
}

// OneKey is a Keyring of one key.
func OneKey(signer *xmlsig.Signer) Keyring { return oneKey{signer} }

type oneKey struct{ signer *xmlsig.Signer }

func (k oneKey) Signer(time.Time) (*xmlsig.Signer, error) { return k.signer, nil }
