package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path"
	"text/template"

	"github.com/kecis/sdk/spec"
)

//go:embed errors.go.tmpl
var source string

// generatedName is the file that each package's codes stand in.
const generatedName = "errors_gen.go"

// errorPackages adds the file of codes of every package in the catalogue.
func errorPackages(files map[string][]byte, entries []spec.Entry) error {
	byPackage := map[string][]spec.Entry{}
	for _, e := range entries {
		byPackage[e.Package] = append(byPackage[e.Package], e)
	}
	for dir, entries := range byPackage {
		code, err := errorFile(path.Base(dir), entries)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		files[path.Join(dir, generatedName)] = code
	}
	return nil
}

func errorFile(pkg string, entries []spec.Entry) ([]byte, error) {
	tmpl, err := template.New("errors").Parse(source)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := tmpl.Execute(&buf, map[string]any{"Package": pkg, "Entries": entries}); err != nil {
		return nil, err
	}
	return format.Source(buf.Bytes())
}

// withoutEntries refuses a package whose codes have all left the catalogue but
// whose file of codes is still there.
func withoutEntries(root string, files map[string][]byte) error {
	return walkSource(root, func(name string, entry fs.DirEntry) error {
		if entry.Name() == generatedName && files[name] == nil {
			return fmt.Errorf("%s: no code of this package is in errors.json", name)
		}
		return nil
	})
}

// walkSource visits the files of the repository that are our own source, by
// their path from the root.
func walkSource(root string, visit func(name string, entry fs.DirEntry) error) error {
	return fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch base := entry.Name(); {
			case name == ".":
			case base[0] == '.', base == "node_modules", base == "testdata", base == "bin", base == "vendor":
				return fs.SkipDir
			}
			return nil
		}
		return visit(name, entry)
	})
}
