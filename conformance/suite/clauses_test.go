package suite_test

import (
	"slices"
	"testing"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/cases"
	"github.com/kecis/sdk/conformance/suite"
	"github.com/kecis/sdk/spec"
)

// TestCases: every case has an ID of its own and names clauses that there are.
func TestCases(t *testing.T) {
	known, seen := map[string]bool{}, map[string]bool{}
	for _, c := range spec.Clauses() {
		known[c.ID] = true
	}
	list, _, err := suite.Cases(conformance.PG, ring(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if seen[c.ID] {
			t.Errorf("there are two cases %s", c.ID)
		}
		seen[c.ID] = true
		if len(c.Clauses) == 0 || c.Level == "" || c.Note == "" {
			t.Errorf("%s lacks a clause, level or note", c.ID)
		}
		for _, id := range c.Clauses {
			if !known[id] {
				t.Errorf("%s names %s, which is no clause", c.ID, id)
			}
		}
	}
	for id := range suite.Elsewhere() {
		if !slices.ContainsFunc(cases.All(), func(c conformance.Case) bool { return c.ID == id }) {
			t.Errorf("%s is said to be shown elsewhere, and is no case", id)
		}
	}
}

func ring(t *testing.T) *conformance.Keyring {
	t.Helper()
	cast, err := suite.NewCast(conformance.PG, base, start())
	if err != nil {
		t.Fatal(err)
	}
	return cast.Ring
}
