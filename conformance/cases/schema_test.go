package cases_test

import (
	"testing"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/cases"
	"github.com/kecis/sdk/conformance/foreign"
)

// TestValidMessagesBySchema holds that the schema takes every message that a
// decoder takes (KECIS-GEN-002).
func TestValidMessagesBySchema(t *testing.T) {
	foreign.Need(t, foreign.XMLLint, foreign.Schemas)
	ring := keyring(t)
	var documents [][]byte
	var ids []string
	for _, subject := range cases.Subjects() {
		if subject.Name != "message" {
			continue
		}
		for _, c := range subject.Cases {
			m, err := c.Valid(ring)
			if err != nil {
				t.Fatalf("%s: %v", c.ID, err)
			}
			if m.Reading.Operation == conformance.Decode && (c.Twin != nil || c.Expect.Accepted()) { // the others have the twin of another case
				documents, ids = append(documents, m.Document), append(ids, c.ID)
			}
		}
	}
	if len(documents) < 90 {
		t.Errorf("%d messages, want 90 and more", len(documents))
	}
	if err := foreign.NewLint(t).Validate("../../spec/schema/kecis-1.0.xsd", documents...); err != nil {
		t.Errorf("%v\nvalid-N.xml is the Nth of %q", err, ids)
	}
}
