// Command generate writes the cases of the conformance suite as test vectors
// into spec/vectors.
//
//	go run ./conformance/cases/generate -root . [-check] [-keys]
//
// Every vector is the same octets each time: ECDSA signs by RFC 6979, and what
// else is random in a protocol is derived from what is signed. With -check
// nothing is written, and a file that is missing, different or too many is an
// error. With -keys the test keys that are missing are made, and nothing else.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/kecis/sdk/conformance/cases"
)

func main() {
	root := flag.String("root", ".", "folder of the repository")
	check := flag.Bool("check", false, "compare, and write nothing")
	keys := flag.Bool("keys", false, "make the test keys that are missing")
	flag.Parse()
	folder := filepath.Join(*root, "spec", "vectors")
	var err error
	switch {
	case *keys:
		err = makeKeys(folder)
	case *check:
		err = compare(os.DirFS(folder))
	default:
		err = write(folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// kept are the files that are not made here: the package, the schema, the keys.
func kept(name string) bool {
	return name == "index.schema.json" || path.Ext(name) == ".go" || path.Dir(name) == "keys"
}

// listed returns the files of the folder that are made here.
func listed(files fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !kept(name) {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// compare reports the differences between the committed vectors and those that
// the cases make now.
func compare(files fs.FS) error {
	ring, err := cases.Keyring(files)
	if err != nil {
		return err
	}
	made, err := build(ring)
	if err != nil {
		return err
	}
	there, err := listed(files)
	if err != nil {
		return err
	}
	var problems []error
	for _, name := range there {
		if _, ok := made[name]; !ok {
			problems = append(problems, fmt.Errorf("%s is not the file of a case", name))
		}
	}
	for name, content := range made {
		committed, err := fs.ReadFile(files, name)
		if err != nil {
			problems = append(problems, err)
		} else if !bytes.Equal(committed, content) {
			problems = append(problems, fmt.Errorf("%s is not what its case makes", name))
		}
	}
	return errors.Join(problems...)
}

// write brings the folder into line with the cases. A file that is right is not
// touched.
func write(folder string) error {
	files := os.DirFS(folder)
	ring, err := cases.Keyring(files)
	if err != nil {
		return err
	}
	made, err := build(ring)
	if err != nil {
		return err
	}
	there, err := listed(files)
	if err != nil {
		return err
	}
	for _, name := range there {
		if _, ok := made[name]; !ok {
			if err := os.Remove(filepath.Join(folder, filepath.FromSlash(name))); err != nil {
				return err
			}
		}
	}
	for name, content := range made {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if committed, err := os.ReadFile(file); err == nil && slices.Equal(committed, content) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
