package conformance_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/spec"
)

func TestCoverage(t *testing.T) {
	clauses := []spec.Requirement{
		{ID: "KECIS-A-001", Level: spec.Must}, {ID: "KECIS-A-002", Level: spec.Must},
		{ID: "KECIS-A-003", Level: spec.Should}, {ID: "KECIS-B-001", Level: spec.Must},
	}
	cases := []conformance.Case{{ID: "one", Clauses: []string{"KECIS-A-001"}}}
	for _, test := range []struct {
		name   string
		exempt map[string]string
		want   []string
	}{
		{"all told", map[string]string{"KECIS-A-002": "x", "KECIS-B": "y"}, nil},
		{"a chapter without reason", map[string]string{"KECIS-A-002": "x"}, []string{"KECIS-B-001 has neither a case nor a reason for none"}},
		{"tested and exempt", map[string]string{"KECIS-A-001": "z", "KECIS-A-002": "x", "KECIS-B": "y"}, []string{"KECIS-A-001 is exempt (z), but one tests it"}},
		{"no such clause", map[string]string{"KECIS-A-002": "x", "KECIS-B": "y", "KECIS-A-009": "z"}, []string{"KECIS-A-009 is exempt, but is no clause or chapter"}},
	} {
		if diff := cmp.Diff(test.want, conformance.Coverage(cases, clauses, test.exempt)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}
