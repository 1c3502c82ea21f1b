package crash_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/kecis/sdk/adapters/sqljournal/postgrestest"
	"github.com/kecis/sdk/conformance/crash"
)

// partyFile and partyName make the test binary a party of a run.
const (
	partyFile = "KECIS_CRASH_SETTING"
	partyName = "KECIS_CRASH_PARTY"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(partyFile); file != "" {
		err := crash.RunParty(context.Background(), file, os.Getenv(partyName), os.Stdin, os.Stdout, os.Stderr)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func itself(ctx context.Context, file, name string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), partyFile+"="+file, partyName+"="+name)
	return cmd
}

// number reads a number from the environment.
func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// TestRounds kills PG and issuer in KECIS_CRASH_ROUNDS rounds, or a few, from the
// seed KECIS_CRASH_SEED on.
func TestRounds(t *testing.T) {
	for name, database := range databases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rounds := number("KECIS_CRASH_ROUNDS", fewRounds)
			purchases := 0 // as many as a Config has
			if rounds <= fewRounds {
				purchases = fewPurchases
			}
			report, err := crash.Run(t.Context(), crash.Config{
				Rounds: rounds, Purchases: purchases, Seed: uint64(number("KECIS_CRASH_SEED", 1)), Pace: number("KECIS_CRASH_PACE", 0),
				Folder: t.TempDir(), Postgres: database(t), Command: itself,
				Progress: func(r *crash.Round) {
					t.Logf("round %d: %v, rest %v, kills %+v, %d payments, %v, %d unknown", r.Number, r.Took, r.Rest, r.Kills, r.Payments, r.Outcomes, r.Unknown)
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Log(report)
			for _, f := range report.Findings {
				t.Error(f)
			}
		})
	}
}

// fewRounds are run with every change, with fewPurchases each.
const fewRounds, fewPurchases = 5, 10

func databases() map[string]func(*testing.T) string {
	return map[string]func(*testing.T) string{
		"sqlite":     func(*testing.T) string { return "" },
		"postgresql": func(t *testing.T) string { t.Helper(); return postgrestest.Start(t).Database(t) },
	}
}

// TestTakeover kills one of two PGs on one PostgreSQL: the other brings its work
// to an end.
func TestTakeover(t *testing.T) {
	t.Parallel()
	m, err := crash.Open(t.Context(), crash.Config{
		PGs: 2, Purchases: 24, Concurrency: 12, Seed: uint64(number("KECIS_CRASH_SEED", 1)), Pace: number("KECIS_CRASH_PACE", 0),
		Folder: t.TempDir(), Postgres: postgrestest.Start(t).Database(t), Command: itself,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for range number("KECIS_CRASH_TAKEOVERS", 1) {
		r, err := m.Takeover(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d requests in hand, %d taken over, answered within %v, all undone or done within %v of the run's clock; kills %+v, %d payments, %v",
			r.InHand, r.TakenOver, r.Longest, r.Last, r.Kills, r.Payments, r.Outcomes)
		if r.TakenOver == 0 {
			t.Error("the dead one had no work in hand")
		}
		for _, f := range r.Findings {
			t.Error(f)
		}
	}
}
