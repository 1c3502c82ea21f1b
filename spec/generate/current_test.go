package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kecis/sdk/spec"
)

const root = "../.."

func TestGeneratedFilesAreCurrent(t *testing.T) {
	if err := run(root, true); err != nil {
		t.Error(err)
	}
}

func TestStaleFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	catalogue := `{"errors":[{"code":"a-b","name":"AB","package":"kecis/x","clause":"KECIS-XML-001","layer":"xml","wire":"malformed","outcome":"unknown","retry":"same-id","en":"A.","ko":"가."}]}`
	write("spec/errors.json", catalogue)
	write("spec/text/README", "")
	write("docs/README", "")
	write("kecis/x/x.go", "package x\n\n// MaxThing bounds things.\nconst MaxThing = 7\n")

	err := run(dir, true)
	for _, name := range []string{"docs/limits.md", "kecis/x/errors_gen.go", "spec/text/71-error-catalogue.md"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s was never written, but the check says %v", name, err)
		}
	}
	if err := run(dir, false); err != nil {
		t.Fatal(err)
	}
	if err := run(dir, true); err != nil {
		t.Errorf("right after it wrote them: %v", err)
	}
	write("kecis/x/x.go", "package x\n\n// MaxThing bounds things.\nconst MaxThing = 8\n")
	if err := run(dir, true); err == nil || !strings.Contains(err.Error(), "docs/limits.md") {
		t.Errorf("a limit was changed, but the check says %v", err)
	}
	write("kecis/gone/errors_gen.go", "package gone\n")
	if err := run(dir, true); err == nil || !strings.Contains(err.Error(), "kecis/gone") {
		t.Errorf("a package lost all its codes, but the check says %v", err)
	}
}

func TestLimits(t *testing.T) {
	dir := t.TempDir()
	source := `package x

import ("time"; "example.org/other")

const (
	// MaxBytes bounds a | document,
	// in bytes.
	MaxBytes = 4 << 20
	maxWait = 90 * time.Second // keeps a caller waiting no longer
	// maxA and maxB bound two things.
	maxA, maxB = 1, -MaxBytes
	MaxNone = 3
	// MaxOther is another package's.
	MaxOther = other.Max
	Maximum = 1
	MaxName = "a" // not a number
)

// minAlone is the only one here.
const minAlone = time.Hour
`
	if err := os.WriteFile(filepath.Join(dir, "x.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	limits := newLoader(dir).limitsOf(".")
	want := []limit{
		{"MaxBytes", "4,194,304", "MaxBytes bounds a / document, in bytes."},
		{"maxWait", "90 seconds", "keeps a caller waiting no longer"},
		{"maxA", "1", "maxA and maxB bound two things."},
		{"maxB", "-4,194,304", "maxA and maxB bound two things."},
		{"MaxNone", "3", noReason},
		{"MaxOther", noNumber, "MaxOther is another package's."},
		{"MaxName", noNumber, "not a number"},
		{"minAlone", "1 hour", "minAlone is the only one here."},
	}
	if len(limits) != len(want) {
		t.Fatalf("limits %q, want %q", limits, want)
	}
	for i := range want {
		if limits[i] != want[i] {
			t.Errorf("limit %q, want %q", limits[i], want[i])
		}
	}
}

func TestEveryLimitHasNumberAndReason(t *testing.T) {
	page, err := limitsPage(root)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(page)) {
		if strings.Contains(line, noReason) || strings.Contains(line, noNumber) {
			t.Errorf("docs/limits.md: %s", line)
		}
	}
}

// TestTextAndCodeHaveTheSameLimits holds the numbers in the standard's clauses
// to the constants of the SDK.
func TestTextAndCodeHaveTheSameLimits(t *testing.T) {
	l := newLoader(root)
	for _, c := range []struct{ folder, constant, clause string }{
		{"kecis/xmltree", "MaxBytes", "KECIS-XML-001"},
		{"kecis/xmltree", "maxReference", "KECIS-XML-010"},
		{"kecis/xmltree", "MaxDepth", "KECIS-XML-016"},
		{"kecis/xmltree", "MaxElements", "KECIS-XML-017"},
		{"kecis/xmltree", "MaxAttributes", "KECIS-XML-018"},
		{"kecis/xmltree", "MaxNamespaces", "KECIS-XML-019"},
		{"kecis/xmltree", "MaxName", "KECIS-XML-020"},
		{"kecis/xmltree", "MaxURI", "KECIS-XML-020"},
		{"kecis/xmlsig", "MaxID", "KECIS-SIG-008"},
		{"kecis/xmlsig", "MinRSABits", "KECIS-SIG-017"},
		{"kecis/xmlsig", "MaxRSABits", "KECIS-SIG-017"},
		{"kecis/xmlsig", "MinRSAExponent", "KECIS-SIG-017"},
		{"kecis/xmlsig", "maxPrefixes", "KECIS-SIG-020"},
		{"kecis/xmlsig", "maxEntity", "KECIS-SIG-023"},
		{"kecis/xmlsig", "maxBase64", "KECIS-SIG-026"},
		{"kecis/xmlsig", "maxKeysTried", "KECIS-SIG-031"},
		{"kecis", "MaxExtensions", "KECIS-MSG-010"},
		{"kecis", "MaxLines", "KECIS-MSG-018"},
		{"kecis", "MaxEvidence", "KECIS-MSG-018"},
		{"kecis", "MaxCancellations", "KECIS-MSG-018"},
		{"kecis", "MaxEvidenceBytes", "KECIS-MSG-021"},
		{"kecis", "maxInstalments", "KECIS-PAY-005"},
	} {
		value, ok := numbers(l.check(c.folder, l.parse(c.folder)))[c.constant]
		clause, found := spec.Clause(c.clause)
		switch {
		case !ok || !found:
			t.Errorf("%s.%s or %s does not exist", c.folder, c.constant, c.clause)
		case !has(strings.FieldsFunc(clause.Text, notOfNumber), value):
			t.Errorf("%s.%s is %s, which is not in %s: %s", c.folder, c.constant, value, c.clause, clause.Text)
		}
	}
}

// TestDivergencesNameClauses holds that every row says by which clause it
// departs, and that the clause exists.
func TestDivergencesNameClauses(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "divergences.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, c := range spec.Clauses() {
		known[c.ID] = true
	}
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| Standard ") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) != 4 {
			t.Errorf("not four cells: %s", line)
			continue
		}
		for id := range strings.SplitSeq(cells[3], ", ") {
			if !known[id] {
				t.Errorf("%s is no clause: %s", id, line)
			}
		}
	}
}

func notOfNumber(r rune) bool { return (r < '0' || r > '9') && r != ',' }

// has looks for a number among words that may end in a comma of the text.
func has(words []string, number string) bool {
	for _, word := range words {
		if strings.Trim(word, ",") == number {
			return true
		}
	}
	return false
}
