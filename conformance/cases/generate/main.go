// Command generate writes the cases of the conformance suite as test vectors
// into spec/vectors.
//
//	go run ./conformance/cases/generate -root . [-check] [-keys]
//
// Each vector is the same bytes each time. With -check nothing is written, and a
// file that is missing, different or too many is an error; with -keys the test
// keys that are missing are made.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", ".", "folder of the repository")
	check := flag.Bool("check", false, "compare, and write nothing")
	keys := flag.Bool("keys", false, "make the test keys that are missing")
	flag.Parse()
	if err := run(filepath.Join(*root, "spec", "vectors"), *check, *keys); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string, check, keys bool) error {
	if keys {
		if err := makeKeys(folder); err != nil {
			return err
		}
	}
	return nil
}
