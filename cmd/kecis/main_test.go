package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run the program without building it: the test
// binary is it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){programName: main})
}

// TestScripts runs testdata/script/*.txtar, which specify the command line. Each
// begins in an empty folder, in English, with its own files.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("LC_ALL", "C.UTF-8")
			return freePorts(env, "PG_PORT", "ISSUER_PORT")
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":   exits,
			"mode":    mode,
			"json":    jsonField,
			"replace": replace,
			"ports":   ports,
			"waitfor": waitFor,
			"jsonenv": jsonEnv,
			"secret":  secret,
		},
	})
}
