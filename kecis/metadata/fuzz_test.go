package metadata_test

import (
	"crypto/rand"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/kecis/metadata"
)

// FuzzInspect holds that no document makes the reader panic, and that what was
// read can be written again and reads the same.
func FuzzInspect(f *testing.F) {
	gate := newGate(f)
	f.Add(gate.document(f))
	f.Add(newParty(f, shop, metadata.Requester).document(f))
	f.Add(aggregate(f, federal, 1, newSigner(f), listing(gate)))
	f.Fuzz(func(t *testing.T, doc []byte) {
		seen, err := metadata.Inspect(doc)
		if err != nil {
			return
		}
		var again []byte
		if seen.Aggregate != nil {
			again, err = metadata.WriteAggregate(seen.Aggregate, rand.Reader)
		} else {
			again, err = metadata.Write(seen.Entity, rand.Reader)
		}
		if err != nil {
			t.Fatalf("read, but cannot be written: %v\n%s", err, doc)
		}
		got, err := metadata.Inspect(again)
		if err != nil {
			t.Fatalf("written, but not read: %v\n%s", err, again)
		}
		got.Signed = seen.Signed
		if diff := cmp.Diff(seen, got, same()); diff != "" {
			t.Errorf("reads differently (-first +second):\n%s", diff)
		}
	})
}
