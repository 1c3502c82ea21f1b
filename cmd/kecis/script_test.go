package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// exits runs a program that must end with a certain code: exits 1 kecis verify ...
// Standard input is what the last "stdin" command set.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("ended with %d, want %d", got, want)
	}
}

// mode compares the permissions of a file: mode 0600 FILE.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] && runtime.GOOS != "windows" {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// jsonField looks into the one JSON object on standard output:
// json error.code sig-invalid, or json result.facts (it is there).
func jsonField(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: json PATH [VALUE]")
	}
	value := jsonValue(ts, args[0])
	holds := value != nil
	if len(args) == 2 {
		holds = fmt.Sprint(value) == args[1]
	}
	if holds == neg {
		ts.Fatalf("%s is %v", args[0], value)
	}
}

// jsonValue is what stands at a path of the object on standard output.
func jsonValue(ts *testscript.TestScript, path string) (value any) {
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	ts.Check(decoder.Decode(&value))
	if decoder.More() {
		ts.Fatalf("standard output holds more than one object")
	}
	for key := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			ts.Check(err)
			if value = nil; i < len(v) {
				value = v[i]
			}
		default:
			value = nil
		}
	}
	return value
}

// replace writes a copy of a file in which one text stands for another, once:
// replace FROM TO FILE COPY.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: replace FROM TO FILE COPY")
	}
	content := ts.ReadFile(args[2])
	if !strings.Contains(content, args[0]) {
		ts.Fatalf("%q is not in %s", args[0], args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(strings.Replace(content, args[0], args[1], 1)), 0o600))
}
