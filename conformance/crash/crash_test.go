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
			report, err := crash.Run(t.Context(), crash.Config{
				Rounds: number("KECIS_CRASH_ROUNDS", 5), Seed: uint64(number("KECIS_CRASH_SEED", 1)), Pace: number("KECIS_CRASH_PACE", 0),
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

func databases() map[string]func(*testing.T) string {
	return map[string]func(*testing.T) string{
		"sqlite":     func(*testing.T) string { return "" },
		"postgresql": func(t *testing.T) string { return postgrestest.Start(t).Database(t) },
	}
}
