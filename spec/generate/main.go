// Command generate writes, from spec/errors.json, the error codes and the
// error type of every package that refuses something, so that each code, its
// clause and its texts stand once. Run it as "go generate ./spec".
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"go/format"
	"os"
	"path"
	"path/filepath"
	"text/template"
)

//go:embed errors.go.tmpl
var source string

// entry is one row of errors.json.
type entry struct {
	Code    string `json:"code"`    // stable, on the wire
	Name    string `json:"name"`    // Go constant, without Err
	Package string `json:"package"` // folder of the package that refuses
	Clause  string `json:"clause"`
	Layer   string `json:"layer"`
	Wire    string `json:"wire"`
	Outcome string `json:"outcome"`
	Retry   string `json:"retry"`
	En      string `json:"en"`
	Ko      string `json:"ko"`
}

func main() {
	root := flag.String("root", "..", "root of the repository")
	check := flag.Bool("check", false, "only tell whether the generated files are current")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	raw, err := os.ReadFile(filepath.Join(root, "spec", "errors.json"))
	if err != nil {
		return err
	}
	var catalogue struct {
		Errors []entry `json:"errors"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&catalogue); err != nil {
		return fmt.Errorf("errors.json: %w", err)
	}
	byPackage, err := group(catalogue.Errors)
	if err != nil {
		return err
	}
	for dir, entries := range byPackage {
		if err := write(filepath.Join(root, filepath.FromSlash(dir), "errors_gen.go"), path.Base(dir), entries, check); err != nil {
			return err
		}
	}
	return nil
}

// group sorts the entries by package and refuses an incomplete or repeated one.
func group(entries []entry) (map[string][]entry, error) {
	seen := map[string]bool{}
	out := map[string][]entry{}
	for i, e := range entries {
		for _, field := range []string{e.Code, e.Name, e.Package, e.Clause, e.Layer, e.Wire, e.Outcome, e.Retry, e.En, e.Ko} {
			if field == "" {
				return nil, fmt.Errorf("errors.json: entry %d (%s) has an empty field", i, e.Code)
			}
		}
		if seen[e.Code] || seen[e.Package+"."+e.Name] {
			return nil, fmt.Errorf("errors.json: %s stands twice", e.Code)
		}
		seen[e.Code], seen[e.Package+"."+e.Name] = true, true
		out[e.Package] = append(out[e.Package], e)
	}
	return out, nil
}

func write(file, pkg string, entries []entry, check bool) error {
	var buf bytes.Buffer
	tmpl := template.Must(template.New("errors").Parse(source))
	if err := tmpl.Execute(&buf, map[string]any{"Package": pkg, "Entries": entries}); err != nil {
		return err
	}
	formatted, err := format.Source(buf.Bytes())
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	old, err := os.ReadFile(file)
	if err == nil && bytes.Equal(old, formatted) {
		return nil
	}
	if check {
		return fmt.Errorf("%s is not current: run go generate ./spec", file)
	}
	return os.WriteFile(file, formatted, 0o644)
}
