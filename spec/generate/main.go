// Command generate writes what follows from the catalogue of errors and from
// the limits in the code, so that each code, text and number stands once:
//
//   - errors_gen.go in every package that refuses something,
//   - spec/text/71-error-catalogue.md, the catalogue as a chapter,
//   - docs/limits.md, the limits with their reasons.
//
// Run it as "go generate ./spec".
package main

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/kecis/sdk/spec"
)

func main() {
	root := flag.String("root", "..", "root of the repository")
	check := flag.Bool("check", false, "only tell which generated files are not current")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run writes the files that are not current, or with check names them all.
func run(root string, check bool) error {
	files, err := render(root)
	if err != nil {
		return err
	}
	var stale []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := filepath.Join(root, filepath.FromSlash(name))
		old, err := os.ReadFile(file)
		if err == nil && bytes.Equal(old, files[name]) {
			continue
		}
		if check {
			stale = append(stale, name)
			continue
		}
		if err := os.WriteFile(file, files[name], 0o644); err != nil {
			return err
		}
	}
	if len(stale) > 0 {
		return fmt.Errorf("not current, run go generate ./spec: %q", stale)
	}
	return nil
}

// render returns every generated file by its path from the root.
func render(root string) (map[string][]byte, error) {
	raw, err := os.ReadFile(filepath.Join(root, "spec", "errors.json"))
	if err != nil {
		return nil, err
	}
	entries, err := spec.ParseErrors(raw)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		"spec/text/71-error-catalogue.md": catalogueChapter(entries),
	}
	if err := errorPackages(files, entries); err != nil {
		return nil, err
	}
	if err := withoutEntries(root, files); err != nil {
		return nil, err
	}
	limits, err := limitsPage(root)
	if err != nil {
		return nil, err
	}
	files["docs/limits.md"] = limits
	return files, nil
}
