package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"time"
)

// module is the path that imports of our own packages begin with.
const module = "github.com/kecis/sdk/"

// loader works out the constants of the repository's packages, as far as they
// depend only on each other and on the units of time.
type loader struct {
	root   string
	fset   *token.FileSet
	loaded map[string]*types.Package // by folder
}

func newLoader(root string) *loader {
	return &loader{root: root, fset: token.NewFileSet(), loaded: map[string]*types.Package{}}
}

// parse returns the source files of a folder. One that does not parse is left
// out: the compiler says it better, and codes can be generated meanwhile.
func (l *loader) parse(folder string) []*ast.File {
	names, _ := filepath.Glob(filepath.Join(l.root, filepath.FromSlash(folder), "*.go")) // the pattern is right
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if file, err := parser.ParseFile(l.fset, name, nil, parser.ParseComments|parser.SkipObjectResolution); err == nil {
			files = append(files, file)
		}
	}
	return files
}

// check works out the constants of a package; what depends on other packages
// than ours and time stays unknown.
func (l *loader) check(folder string, files []*ast.File) *types.Package {
	config := types.Config{Importer: l, IgnoreFuncBodies: true, Error: func(error) {}}
	pkg, _ := config.Check(module+folder, l.fset, files, nil) // errors went to Error
	return pkg
}

// Import implements types.Importer.
func (l *loader) Import(path string) (*types.Package, error) {
	if path == "time" {
		return timeUnits(), nil
	}
	folder, ours := strings.CutPrefix(path, module)
	if !ours {
		return nil, fmt.Errorf("%s: not looked at", path)
	}
	if l.loaded[folder] == nil {
		l.loaded[folder] = l.check(folder, l.parse(folder))
	}
	return l.loaded[folder], nil
}

// timeUnits is the package time with its units, which is all that limits need.
func timeUnits() *types.Package {
	pkg := types.NewPackage("time", "time")
	name := types.NewTypeName(token.NoPos, pkg, "Duration", nil)
	named := types.NewNamed(name, types.Typ[types.Int64], nil)
	pkg.Scope().Insert(name)
	for unit, d := range map[string]time.Duration{
		"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond, "Millisecond": time.Millisecond,
		"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour,
	} {
		pkg.Scope().Insert(types.NewConst(token.NoPos, pkg, unit, named, constant.MakeInt64(int64(d))))
	}
	pkg.MarkComplete()
	return pkg
}

// duration writes a time.Duration for people: "5 minutes".
func duration(v constant.Value) string {
	n, exact := constant.Int64Val(v)
	if !exact {
		return v.ExactString()
	}
	d := time.Duration(n)
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d >= unit.length && d%unit.length == 0 {
			count := int64(d / unit.length)
			if count == 1 {
				return "1 " + unit.name
			}
			return fmt.Sprintf("%d %ss", count, unit.name)
		}
	}
	return d.String()
}
