//go:build crashfaults

package crash_test

import (
	"testing"

	"github.com/kecis/sdk/conformance/crash"
)

// TestFaults plants faults, each of which must be found. It takes minutes, so it
// is run by itself: go test -tags crashfaults -run TestFaults ./conformance/crash
func TestFaults(t *testing.T) {
	for _, fault := range crash.Faults() {
		t.Run(string(fault), func(t *testing.T) {
			report, err := crash.Run(t.Context(), crash.Config{
				Rounds: number("KECIS_CRASH_ROUNDS", 30), Seed: uint64(number("KECIS_CRASH_SEED", 1)), Folder: t.TempDir(), Command: itself, Fault: fault,
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Findings) == 0 {
				t.Fatalf("not found: %v", report)
			}
			t.Logf("found in round %d: %s", report.Rounds, report.Findings[0])
		})
	}
}
