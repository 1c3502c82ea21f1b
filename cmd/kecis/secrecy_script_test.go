package main

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/secrecy"
)

// secret searches standard output, standard error and files, also those in
// folders, for the numbers of all test instruments in all their forms:
// secret [PATH...].
func secret(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: secret [PATH...]")
	}
	var numbers []string
	for _, i := range issuer.TestInstruments() {
		numbers = append(numbers, i.Number)
	}
	search := secrecy.Search(numbers...)
	look := func(where string, content []byte) {
		for _, f := range search.In(content) {
			ts.Fatalf("%s: %s", where, f)
		}
	}
	for _, stream := range []string{"stdout", "stderr"} {
		look(stream, []byte(ts.ReadFile(stream)))
	}
	for _, name := range args {
		ts.Check(filepath.WalkDir(ts.MkAbs(name), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			look(name+" "+d.Name(), content)
			return err
		}))
	}
}
