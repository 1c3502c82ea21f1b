package cases_test

import (
	"context"
	"testing"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/cases"
	"github.com/kecis/sdk/spec/vectors"
)

func keyring(t testing.TB) *conformance.Keyring {
	t.Helper()
	ring, err := cases.Keyring(vectors.FS)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// TestCases runs each case through this SDK: the bent message must be refused
// by the layer and for the reason that the case is bound to, with nothing given
// out, and its twin must be accepted.
func TestCases(t *testing.T) {
	ring := keyring(t)
	for _, subject := range cases.Subjects() {
		for _, c := range subject.Cases {
			t.Run(subject.Name+"/"+c.ID, func(t *testing.T) {
				bent, err := c.Bent(ring)
				if err != nil {
					t.Fatal(err)
				}
				content, err := conformance.Read(context.Background(), ring, bent)
				if problem := c.Expect.Judge(err); problem != nil {
					t.Errorf("%v\n%.3000s", problem, bent.Document)
				}
				if err != nil && (content.Canonical != nil || content.Plaintext != nil || content.Digest != [32]byte{}) {
					t.Error("a refused message gave something out")
				}
				if want := c.Expect.Canonical; want != "" && string(content.Canonical) != want {
					t.Errorf("canonical form\n got %s\nwant %s", content.Canonical, want)
				}
				if c.Expect.Accepted() {
					return
				}
				valid, err := c.Valid(ring)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := conformance.Read(context.Background(), ring, valid); err != nil {
					t.Errorf("the twin: %v\n%.3000s", err, valid.Document)
				}
			})
		}
	}
}
