package suite_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/suite"
)

// TestNullImplementations: what does nothing, or always the same, passes nothing.
func TestNullImplementations(t *testing.T) {
	early := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"code":"`+code+`","correlation":"00000000000000000000000000000000"}`)
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"says nothing": func(http.ResponseWriter, *http.Request) {},
		"echoes": func(w http.ResponseWriter, r *http.Request) {
			var body bytes.Buffer
			_, _ = body.ReadFrom(r.Body)
			w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
			_, _ = w.Write(body.Bytes())
		},
		"always refuses":          early(http.StatusForbidden, "not-authenticated"),
		"always malformed":        early(http.StatusBadRequest, "malformed"),
		"is always overloaded":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"answers with a web page": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html><body>OK</body></html>") },
	} {
		for _, role := range []conformance.Role{conformance.PG, conformance.Issuer} {
			t.Run(name+" as "+string(role), func(t *testing.T) {
				l := newLaboratory(t, role)
				l.network.Handle(l.stage.Subject.Entity, h)
				report := l.stage.Run(t.Context(), l.cases(t), 1, nil)
				if n := report.Summary()[suite.Pass]; n > 0 || report.Outcome() == suite.Passed {
					for _, r := range report.Results {
						if r.Verdict == suite.Pass {
							t.Errorf("%s passes", r.Case)
						}
					}
					t.Errorf("%d cases pass: %s", n, report.Outcome())
				}
			})
		}
	}
}
