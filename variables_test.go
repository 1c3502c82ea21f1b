package sdk_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"testing"
)

// changedVariables finds package-level variables that a function changes or
// hands to another by address: two users of a package would share them. Tables
// and embedded files, which nobody writes to, are no finding.
func changedVariables(t *testing.T, own []pkg) (broken []string) {
	t.Helper()
	for _, p := range own {
		fset := token.NewFileSet()
		var files []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		broken = append(broken, changes(fset, files)...)
	}
	return broken
}

// changes looks at the files of one package. What they import need not be
// loaded: only names of the package itself are asked for.
func changes(fset *token.FileSet, files []*ast.File) (broken []string) {
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: nothing{}, Error: func(error) {}}
	own, _ := conf.Check("p", fset, files, &info)

	global := func(e ast.Expr) *ast.Ident {
		id := root(e)
		if v, ok := info.Uses[id].(*types.Var); ok && v.Parent() == own.Scope() {
			return id
		}
		return nil
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range written(n) {
				if id := global(e); id != nil {
					broken = append(broken, fmt.Sprintf("%s: %s belongs to the package and changes", fset.Position(id.Pos()), id.Name))
				}
			}
			return true
		})
	}
	return broken
}

// nothing stands for every imported package.
type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("%s is not loaded", path)
}

// written returns the expressions whose place in memory the node writes to, or
// lets others write to.
func written(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			return slices.DeleteFunc([]ast.Expr{n.Key, n.Value}, func(e ast.Expr) bool { return e == nil })
		}
	case *ast.CallExpr:
		return lent(n)
	}
	return nil
}

// lent returns the arguments of a call that the called function may write to.
func lent(call *ast.CallExpr) (out []ast.Expr) {
	for _, arg := range call.Args {
		if a, ok := arg.(*ast.UnaryExpr); ok && a.Op == token.AND {
			out = append(out, a.X)
		}
	}
	f, ok := call.Fun.(*ast.Ident)
	if ok && len(call.Args) > 0 && slices.Contains([]string{"delete", "clear", "copy"}, f.Name) {
		out = append(out, call.Args[0])
	}
	return out
}

// root returns the variable that an expression such as v.list[i] is part of.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

func TestChangedVariablesAreFound(t *testing.T) {
	cases := []struct {
		name, body string
		want       int
	}{
		{"assigned", `func f() { v = 1 }`, 1},
		{"counted", `func f() { v++ }`, 1},
		{"entry of a map", `func f() { m["a"] = 1 }`, 1},
		{"deleted from a map", `func f() { delete(m, "a") }`, 1},
		{"field of an element", `func f() { s[0].n = 1 }`, 1},
		{"lent", `func f() { other.Fill(&v) }`, 1},
		{"part of it lent", `func f() { other.Fill(&s[0].n) }`, 1},
		{"pointer for reading", `func f() int { p := &v; return *p }`, 0},
		{"range", `func f() { for v = range 3 {} }`, 1},
		{"read", `func f() int { return v + m["a"] + s[0].n }`, 0},
		{"shadowed", `func f() { v := 0; v++; _ = v }`, 0},
		{"field of that name", `func f(x struct{ v int }) { x.v = 1; _ = x }`, 0},
		{"another package's", `func f() { other.v = 1 }`, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			fset := token.NewFileSet()
			src := `package p; import "example/other"; var v int; var m map[string]int; var s []struct{ n int }; ` + c.body
			file, err := parser.ParseFile(fset, "p.go", src, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := changes(fset, []*ast.File{file}); len(got) != c.want {
				t.Errorf("found %q, want %d", got, c.want)
			}
		})
	}
}
