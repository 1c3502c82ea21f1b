package simulation_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/kecis/sdk/conformance/simulation"
)

func TestRun(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	from, _ := strconv.ParseUint(os.Getenv("FROM"), 10, 64)
	report, err := simulation.Run(t.Context(), simulation.Config{Worlds: n, FirstSeed: from, Workers: 2, Shrink: 200, Failures: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = report.WriteTo(os.Stdout)
}
