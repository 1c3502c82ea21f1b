package suite_test

import (
	"slices"
	"testing"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/cases"
	"github.com/kecis/sdk/conformance/suite"
	"github.com/kecis/sdk/kecis/metadata"
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

// TestCapabilities: what a provider does not declare is not asked of it, and a run of
// nothing else is no success.
func TestCapabilities(t *testing.T) {
	l := newLaboratory(t, conformance.PG)
	role := &l.stage.Subject.Partner.Entity.Roles[0]
	role.PartialCancellation, role.Captures, role.Instalments.Months = false, metadata.CapturesFinal, nil
	role.Endpoints = slices.DeleteFunc(role.Endpoints, func(e metadata.Endpoint) bool {
		return e.Binding == metadata.BindingSOAP || e.Service == metadata.ServiceFeed
	})
	names := []string{"cancel-parts", "capture-several", "payment-instalments", "soap-empty-header", "feed-holds", "message-cancellation-request-amount-missing"}
	list, unknown, err := suite.Cases(conformance.PG, l.stage.Cast.Ring, names...)
	if err != nil || unknown != "" {
		t.Fatal(unknown, err)
	}
	report := l.stage.Run(t.Context(), list, 1, nil)
	for _, r := range report.Results {
		if r.Verdict != suite.NotApplicable || r.Note == "" {
			t.Errorf("%s: %s %s", r.Case, r.Verdict, r.Note)
		}
	}
	if report.Outcome() != suite.Nothing {
		t.Errorf("the run is %s", report.Outcome())
	}
}
