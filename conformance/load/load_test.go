package load_test

import (
	"testing"

	"github.com/kecis/sdk/conformance/load"
)

// TestRun makes a few payments with each kind of keys: it shows that the load is
// real, and measures nothing.
func TestRun(t *testing.T) {
	for _, keys := range []load.KeyKind{load.P256, load.RSA2048} {
		t.Run(string(keys), func(t *testing.T) {
			r, err := load.Run(t.Context(), load.Config{Payments: 40, Concurrency: 4, Keys: keys, Folder: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%.0f/s, floor %.0f/s, p50 %v p95 %v p99 %v, cpu %v crypto %v", r.Rate(), r.Floor.Rate(), r.P50, r.P95, r.P99, r.CPU, r.Crypto)
			if r.P50 <= 0 || r.P99 < r.P50 || r.Floor.Payments == 0 {
				t.Errorf("a report without figures: %+v", r)
			}
		})
	}
}
