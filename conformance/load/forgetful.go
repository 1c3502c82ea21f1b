package load

import (
	"context"

	"github.com/kecis/sdk/kecis/journal"
)

// forgetful is the journal of the shops that a run plays: it keeps nothing, so
// that a run measures the providers, and a long one does not fill the memory. It
// has only what a payment that succeeds asks for.
type forgetful struct{}

func (forgetful) Update(_ context.Context, change func(journal.Tx) error) error {
	return change(nothing{})
}
func (forgetful) View(_ context.Context, read func(journal.Tx) error) error { return read(nothing{}) }

type nothing struct{ journal.Tx }

func (nothing) Sent(string, string) (*journal.Sent, error)     { return nil, journal.ErrNotFound }
func (nothing) InsertSent(*journal.Sent) error                 { return nil }
func (nothing) UpdateSent(*journal.Sent) error                 { return nil }
func (nothing) PutDocument([]byte) (d journal.Digest, _ error) { return d, nil }
func (nothing) AddEvidence(*journal.Exhibit) error             { return nil }
