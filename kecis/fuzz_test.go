package kecis

import (
	"testing"

	"github.com/kecis/sdk/kecis/xmltree"
)

// FuzzDecode holds that no document makes a decoder panic, and that what was
// decoded can be written again and reads the same.
func FuzzDecode(f *testing.F) {
	for _, m := range samples(f) {
		doc, _, err := marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		tree, err := xmltree.Parse(doc)
		if err != nil {
			return
		}
		m, err := newMessage(tree.Root())
		if err != nil || decode(m, tree.Root(), Digest{1}) != nil {
			return
		}
		if len(HeaderOf(m).Extensions) > 0 {
			return // kept as they stood, with prefixes of their own
		}
		again, _, err := marshal(m)
		if err != nil {
			t.Fatalf("decoded, but cannot be written: %v\n%s", err, doc)
		}
		if tree, err = xmltree.Parse(again); err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
		got, err := newMessage(tree.Root())
		if err == nil {
			err = decode(got, tree.Root(), Digest{1})
		}
		if err != nil {
			t.Fatalf("written, but not read: %v\n%s", err, again)
		}
		if diff := same(m, got); diff != "" {
			t.Errorf("reads differently (-first +second):\n%s", diff)
		}
	})
}
