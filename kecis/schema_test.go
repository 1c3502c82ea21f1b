package kecis

import (
	"errors"
	"testing"

	"github.com/kecis/sdk/conformance/foreign"
)

const schema = "../spec/schema/kecis-1.0.xsd"

// lint returns xmllint with the real schemas of SAML, XML Signature and XML
// Encryption; without them the test is skipped, or fails where all are required.
func lint(t *testing.T) *foreign.Lint {
	t.Helper()
	foreign.Need(t, foreign.XMLLint, foreign.Schemas)
	return foreign.NewLint(t)
}

func TestWrittenValid(t *testing.T) {
	t.Parallel()
	l := lint(t)
	s := newSigning(t)
	for name, m := range samples(t) {
		doc, err := Sign(m, s.signer)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := l.Validate(schema, doc); err != nil {
			t.Errorf("%s: %v\n%s", name, err, doc)
		}
	}
}

// The schema is not satisfied by just anything.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	l := lint(t)
	doc, _, err := marshal(inquiry())
	if err != nil {
		t.Fatal(err)
	}
	var refusal *foreign.Refusal
	if err := l.Validate(schema, doc); !errors.As(err, &refusal) {
		t.Errorf("an unsigned message: %v, want a refusal", err)
	}
}
