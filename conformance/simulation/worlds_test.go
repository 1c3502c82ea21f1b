package simulation_test

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/kecis/sdk/conformance/simulation"
)

func newKeys(t *testing.T) *simulation.Keys {
	t.Helper()
	keys, err := simulation.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestWorlds runs KECIS_WORLDS worlds, or a thousand, from the seed KECIS_SEED
// on, and a few on SQLite. None may break a rule, and in a long run every fault
// must have been met. A thousand take some 15 seconds of one processor.
func TestWorlds(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // a world is small and soon forgotten
	worlds, seed := 1000, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("KECIS_WORLDS")); err == nil {
		worlds = n
	}
	if n, err := strconv.ParseUint(os.Getenv("KECIS_SEED"), 10, 64); err == nil {
		seed = n
	}
	config := simulation.Config{Worlds: worlds, FirstSeed: seed, Workers: runtime.GOMAXPROCS(0), Shrink: 100, Keys: newKeys(t)}
	t.Run("memory", func(t *testing.T) { right(t, config) })
	config.Worlds, config.Files = 20, t.TempDir()
	t.Run("sqlite", func(t *testing.T) { right(t, config) })
}

// right holds that no world of a run breaks a rule.
func right(t *testing.T, config simulation.Config) {
	t.Helper()
	report, err := simulation.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := report.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	if len(report.Failures) > 0 || report.Worlds != config.Worlds {
		t.Errorf("%d of %d worlds failed", len(report.Failures), report.Worlds)
	}
	if empty := report.Empty(); len(empty) > 0 {
		t.Errorf("faults that were never met: %v", empty)
	}
}

// quickPlants are found within a few worlds.
func quickPlants() string {
	return " duplicate-seen-too-late recorded-answer-forgotten order-forgotten parts-not-added-up refusal-not-recorded upstream-not-journaled" +
		" reversal-not-carried-out cancellation-kept-back refund-posted-twice unknown-told-as-paid nothing-is-recovered" +
		" hold-captured release-forgotten hold-kept-after-crash authentication-of-another-order failed-not-counted repeat-counted" +
		" try-counted-after-compare hold-kept-when-late amount-on-page "
}

// TestPlants sows the quick plants, or with KECIS_PLANTS=all each.
func TestPlants(t *testing.T) {
	var plants []simulation.Plant
	names := map[string]bool{}
	all := os.Getenv("KECIS_PLANTS") == "all"
	for _, p := range simulation.Plants() {
		if names[p.Name] || p.What == "" {
			t.Errorf("%s has the name of another, or no description", p.Name)
		}
		names[p.Name] = true
		if all || strings.Contains(quickPlants(), " "+p.Name+" ") {
			plants = append(plants, p)
		}
	}
	if len(names) < 20 {
		t.Errorf("only %d plants", len(names))
	}
	worlds := 100
	if all {
		worlds = 3000
	}
	sown, err := simulation.Sow(t.Context(), newKeys(t), plants, worlds, runtime.GOMAXPROCS(0))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sown {
		t.Logf("%-28s found in world %d by %s: %s", s.Name, s.Worlds, s.Rule, s.Found)
		if s.Worlds == 0 || s.Rule == "error" {
			t.Errorf("%s was not found in %d worlds", s.Name, worlds)
		}
	}
}

// TestSameSeedSameFailure holds that a failure comes again with its seed, byte
// for byte, on one processor and on several, and that shortening keeps it.
func TestSameSeedSameFailure(t *testing.T) {
	keys := newKeys(t)
	var parts simulation.Parts
	for _, p := range simulation.Plants() {
		if p.Name == "late-approval-surfaced" {
			parts = p.Parts
		}
	}
	failure := func(processors, shrink int) simulation.Failure {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		report, err := simulation.Run(t.Context(), simulation.Config{Worlds: 500, FirstSeed: 1, Keys: keys, Parts: parts, Shrink: shrink})
		if err != nil || len(report.Failures) == 0 {
			t.Fatalf("nothing was found: %v", err)
		}
		return report.Failures[0]
	}
	one, four, short := failure(1, 0), failure(4, 0), failure(2, 60)
	if one.History != four.History || one.Seed != four.Seed {
		t.Errorf("seed %d has two histories:\n%s\n%s", one.Seed, one.History, four.History)
	}
	if short.Seed != one.Seed || short.Findings[0].Rule != one.Findings[0].Rule || len(short.Faults) > len(one.Faults) || len(short.History) > len(one.History) {
		t.Errorf("shortened to %d faults and %d octets, from %d and %d, with %v", len(short.Faults), len(short.History), len(one.Faults), len(one.History), short.Findings)
	}
}

// BenchmarkWorld runs one world after the other on one processor.
func BenchmarkWorld(b *testing.B) {
	keys, err := simulation.NewKeys()
	if err != nil {
		b.Fatal(err)
	}
	report, err := simulation.Run(b.Context(), simulation.Config{Worlds: b.N, FirstSeed: 1, Keys: keys})
	if err != nil || len(report.Failures) > 0 {
		b.Fatal(err, report.Failures)
	}
	b.ReportMetric(float64(report.Steps)/float64(b.N), "steps/op")
	b.ReportMetric(float64(report.Exchanges)/float64(b.N), "exchanges/op")
}
