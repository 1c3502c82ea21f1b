package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kecis/sdk/adapters/sqljournal/postgrestest"
)

// TestMain lets the scripts run the program without building it: the test
// binary is it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){programName: main})
}

// TestScripts runs testdata/script/*.txtar, which specify the command line. Each
// begins in an empty folder, in English, with its own files.
func TestScripts(t *testing.T) { runScripts(t, "testdata/script", "") }

// TestPostgreSQLScripts runs testdata/postgresql/*.txtar, of servers on a database
// whose URL they have in DATABASE.
func TestPostgreSQLScripts(t *testing.T) {
	runScripts(t, "testdata/postgresql", postgrestest.Start(t).Database(t))
}

func runScripts(t *testing.T, folder, database string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir:                 folder,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("LC_ALL", "C.UTF-8")
			env.Setenv("DATABASE", database)
			return freePorts(env, "PG_PORT", "ISSUER_PORT", "METRICS_PORT", "CERTIFICATE_PORT")
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":   exits,
			"mode":    mode,
			"json":    jsonField,
			"replace": replace,
			"ports":   ports,
			"waitfor": waitFor,
			"jsonenv": jsonEnv,
			"inbox":   inbox,
			"secret":  secret,
		},
	})
}
