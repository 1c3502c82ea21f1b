package sdk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/kecis/sdk"

// layer is a folder with all below it that is not a layer of its own, and the
// layers that it may import. What these may import, it may import too.
type layer struct {
	folder string
	onto   []string
}

// layers stand from the ground up: each names only such as stand before it.
var layers = []layer{
	{"spec", nil}, // a leaf: the standard knows nothing of the SDK
	{"tools", nil},
	{"kecis/xmltree", nil},
	{"kecis/xmlsig", []string{"kecis/xmltree"}},
	{"kecis/xmlenc", []string{"kecis/xmlsig"}},
	{"ecml", []string{"kecis/xmltree"}},
	{"kecis/metadata", []string{"kecis/xmlenc"}},
	{"kecis/journal", nil},
	{"kecis", []string{"spec", "ecml", "kecis/xmlenc", "kecis/metadata", "kecis/journal"}},
	{"kecis/amountauth", []string{"kecis"}},
	{"kecis/clientcert", []string{"kecis"}},
	{"kecis/kecistest", []string{"kecis"}},
	{"adapters", []string{"kecis/amountauth", "kecis/clientcert", "kecis/kecistest"}},
	{"conformance", []string{"adapters"}},
	{"conformance/cases", []string{"conformance"}},
	{"conformance/certification", []string{"conformance"}},
	{"conformance/reference", []string{"conformance"}},
	{"conformance/simulation", []string{"conformance/reference"}},
	{"conformance/load", []string{"conformance/reference"}},
	{"conformance/crash", []string{"conformance/reference"}},
	{"conformance/secrecy", nil}, // searches bytes, whoever wrote them
	{"conformance/suite", []string{"conformance/cases", "conformance/reference"}},
	{"conformance/defects", []string{"conformance/suite"}},
	{"conformance/server", []string{"conformance/suite", "conformance/certification"}},
	{"cmd", []string{"conformance/defects", "conformance/simulation", "conformance/load", "conformance/server", "conformance/reference"}},
	{"examples", []string{"adapters"}},
}

// gated are the folders that a vendor builds into a payment system: beside
// this module they import only the standard library and x/crypto.
var gated = []string{"ecml", "kecis"}

const allowedThroughGate = "golang.org/x/crypto"

// vague are names that say nothing of what a package holds.
var vague = []string{
	"util", "utils", "common", "helper", "helpers", "manager", "managers", "types", "misc", "shared", "base", "lib",
}

// pkg is what the rules look at in a package of the module.
type pkg struct {
	ImportPath string   `json:"ImportPath"`
	Name       string   `json:"Name"`
	Dir        string   `json:"Dir"`
	GoFiles    []string `json:"GoFiles"`
	Imports    []string `json:"Imports"`
	Standard   bool     `json:"Standard"`
}

func (p pkg) folder() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

func TestArchitecture(t *testing.T) {
	own, standard := packages(t)
	rules := map[string][]string{
		"layers":       brokenLayers(own),
		"gate":         brokenGate(own, standard),
		"package name": vagueNames(own),
		"cgo":          cgoImports(t, own),
		"variables":    changedVariables(t, own),
		"go.mod":       moduleDirectives(t),
	}
	for rule, broken := range rules {
		for _, b := range broken {
			t.Errorf("%s: %s", rule, b)
		}
	}
}

// TestArchitectureRules shows each rule a package that breaks it.
func TestArchitectureRules(t *testing.T) {
	one := func(folder string, imports ...string) []pkg {
		return []pkg{{ImportPath: module + "/" + folder, Name: path.Base(folder), Imports: imports}}
	}
	standard := map[string]bool{"fmt": true}
	cases := []struct {
		name   string
		broken []string
		want   int
	}{
		{"downward", brokenLayers(one("kecis/xmlsig", "fmt", module+"/kecis/xmltree")), 0},
		{"far downward", brokenLayers(one("cmd/kecis", module+"/kecis/xmltree")), 0},
		{"within a layer", brokenLayers(one("adapters/gateway", module+"/adapters/json")), 0},
		{"upward", brokenLayers(one("kecis/xmltree", module+"/kecis/xmlsig")), 1},
		{"sideways", brokenLayers(one("ecml", module+"/kecis/xmlsig")), 1},
		{"from a subfolder", brokenLayers(one("spec/generate", module+"/kecis")), 1},
		{"reference onto suite", brokenLayers(one("conformance/reference/pg", module+"/conformance/suite")), 1},
		{"onto an example", brokenLayers(one("cmd/kecis", module+"/examples/shop")), 1},
		{"no layer", brokenLayers(one("elsewhere")), 1},
		{"library through the gate", brokenGate(one("kecis/metadata", "fmt", "github.com/beevik/etree"), standard), 1},
		{"other golang.org/x", brokenGate(one("ecml", "golang.org/x/text/unicode/norm"), standard), 1},
		{"alike but not x/crypto", brokenGate(one("ecml", allowedThroughGate+"2/ed448"), standard), 1},
		{"x/crypto", brokenGate(one("kecis/clientcert", allowedThroughGate+"/ocsp"), standard), 0},
		{"no gate", brokenGate(one("adapters/saml", "github.com/crewjam/saml"), standard), 0},
		{"vague", vagueNames(one("kecis/util")), 1},
		{"vague under a good folder", vagueNames([]pkg{{ImportPath: module + "/kecis/money", Name: "helpers"}}), 1},
		{"clear", vagueNames(one("kecis/journal")), 0},
	}
	for _, c := range cases {
		if len(c.broken) != c.want {
			t.Errorf("%s: found %q, want %d", c.name, c.broken, c.want)
		}
	}
}

// TestLayersHaveNoCircle holds the table itself to its order.
func TestLayersHaveNoCircle(t *testing.T) {
	var before []string
	for _, l := range layers {
		for _, o := range l.onto {
			if !slices.Contains(before, o) {
				t.Errorf("layer %s may import %s, which does not stand before it", l.folder, o)
			}
		}
		before = append(before, l.folder)
	}
}

// packages lists this module's packages, and the names of the standard ones
// that they need.
func packages(t *testing.T) (own []pkg, standard map[string]bool) {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-json=ImportPath,Name,Dir,Standard,GoFiles,Imports", "./...")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal("go list:", err)
	}
	standard = map[string]bool{"C": true}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal("go list:", err)
		}
		if p.Standard {
			standard[p.ImportPath] = true
		}
		if p.folder() != p.ImportPath && p.ImportPath != module {
			own = append(own, p)
		}
	}
	if len(own) < 3 {
		t.Fatalf("go list shows only %d packages of the module", len(own))
	}
	return own, standard
}

// layerOf returns the layer that a folder belongs to, "" for none.
func layerOf(folder string) string {
	for ; folder != "."; folder = path.Dir(folder) {
		if slices.ContainsFunc(layers, func(l layer) bool { return l.folder == folder }) {
			return folder
		}
	}
	return ""
}

// reach returns the layers that each layer may import, itself included.
func reach() map[string][]string {
	out := map[string][]string{}
	for _, l := range layers {
		out[l.folder] = []string{l.folder}
		for _, o := range l.onto {
			out[l.folder] = append(out[l.folder], out[o]...)
		}
	}
	return out
}

func brokenLayers(own []pkg) (broken []string) {
	may := reach()
	for _, p := range own {
		from := layerOf(p.folder())
		if from == "" {
			broken = append(broken, p.ImportPath+" belongs to no layer: give it one in the table")
			continue
		}
		for _, imported := range p.Imports {
			folder, inside := strings.CutPrefix(imported, module+"/")
			if inside && !slices.Contains(may[from], layerOf(folder)) {
				broken = append(broken, fmt.Sprintf("%s may not import %s", p.ImportPath, imported))
			}
		}
	}
	return broken
}

func brokenGate(own []pkg, standard map[string]bool) (broken []string) {
	for _, p := range own {
		top, _, _ := strings.Cut(p.folder(), "/")
		if !slices.Contains(gated, top) {
			continue
		}
		for _, imported := range p.Imports {
			ours := strings.HasPrefix(imported, module+"/")
			if !ours && !standard[imported] && !strings.HasPrefix(imported, allowedThroughGate+"/") {
				broken = append(broken, fmt.Sprintf("%s may not import %s", p.ImportPath, imported))
			}
		}
	}
	return broken
}

func vagueNames(own []pkg) (broken []string) {
	for _, p := range own {
		names := append(strings.Split(p.folder(), "/"), p.Name)
		if slices.ContainsFunc(names, func(name string) bool { return slices.Contains(vague, name) }) {
			broken = append(broken, fmt.Sprintf("%s (package %s): the name says nothing of what it holds", p.ImportPath, p.Name))
		}
	}
	return broken
}

// cgoImports reads the files themselves: go list leaves out what the present
// system or a build tag excludes.
func cgoImports(t *testing.T, own []pkg) (broken []string) {
	t.Helper()
	for _, p := range own {
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range file.Imports {
				if imported, _ := strconv.Unquote(spec.Path.Value); imported == "C" {
					broken = append(broken, name+" needs cgo: such code has a module of its own")
				}
			}
		}
	}
	return broken
}

// moduleDirectives looks at every go.mod for what would hold only here and not
// in the build of a user.
func moduleDirectives(t *testing.T) (broken []string) {
	t.Helper()
	for _, name := range repositoryFiles(t) {
		if path.Base(name) != "go.mod" {
			continue
		}
		out, err := exec.Command("go", "mod", "edit", "-json", name).Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var mod struct {
			Replace []any `json:"Replace"`
			Exclude []any `json:"Exclude"`
		}
		if err := json.Unmarshal(out, &mod); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(mod.Replace)+len(mod.Exclude) > 0 {
			broken = append(broken, name+" replaces or excludes a module")
		}
	}
	return broken
}
