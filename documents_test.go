package sdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// What the documents show is run, so that it stays true. In any Markdown file:
//
//   - a block marked sh is run by bash, which stops at the first error;
//   - a block marked go is a whole file: a program is run, a package is vetted;
//   - a block marked output is what the block before it prints. In it "..."
//     stands for any characters, and alone on a line for any lines;
//   - json is parsed; text, xml, yaml, html and mermaid are for reading only.
//
// The blocks of one document run in order in one copy of the repository, so
// that a guide may tell a story in files. The command kecis is on their path.
const documentTimeout = 5 * time.Minute // most of it is compiling

// commandNotFound is what bash ends with when a program is missing.
const commandNotFound = 127

// forReading are the marks of blocks that nothing is run for.
var forReading = []string{"text", "xml", "yaml", "html", "mermaid"}

// notRepeated are beginnings of commands that a document may name and that are
// not run here: they would run this test again, and the build runs them all.
// Only that the program is there is looked at.
var notRepeated = []string{"go test", ".ci/", "bash .ci/"}

// block is a fenced block of a Markdown file.
type block struct {
	mark, body string
	line       int
	output     *string // of the block marked output that follows
}

func TestDocuments(t *testing.T) {
	if testing.Short() {
		skip(t, "short: the programs in the documents take a while to compile")
	}
	if _, err := exec.LookPath("bash"); err != nil {
		skip(t, "bash is not installed")
	}
	files := repositoryFiles(t)
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", bin+string(filepath.Separator), "./cmd/kecis").CombinedOutput(); err != nil {
		t.Fatalf("cmd/kecis: %v\n%s", err, out)
	}
	for _, name := range files {
		if filepath.Ext(name) != ".md" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			blocks, err := blocksOf(string(text))
			if err != nil {
				t.Fatal(err)
			}
			runs := func(b block) bool { return b.mark == "sh" || b.mark == "go" }
			dir := ""
			if slices.ContainsFunc(blocks, runs) {
				dir = copyOf(t, files)
			}
			for _, b := range blocks {
				err := check(b, dir, bin)
				if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == commandNotFound {
					skip(t, fmt.Sprintf("%s:%d uses a program that is not here: %v", name, b.line, err))
				}
				if err != nil {
					t.Fatalf("%s:%d: %v", name, b.line, err)
				}
			}
		})
	}
}

// blocksOf cuts the fenced blocks out of a Markdown text.
func blocksOf(text string) (blocks []block, err error) {
	var open *block
	for i, line := range strings.Split(text, "\n") {
		mark, fence := strings.CutPrefix(strings.TrimLeft(line, " "), "```")
		switch {
		case open == nil && fence:
			open = &block{mark: mark, line: i + 1}
		case open == nil:
		case !fence:
			open.body += line + "\n"
		case open.mark != "output":
			blocks = append(blocks, *open)
			open = nil
		case len(blocks) == 0 || blocks[len(blocks)-1].output != nil:
			return nil, fmt.Errorf("line %d: output of no block", open.line)
		default:
			blocks[len(blocks)-1].output = &open.body
			open = nil
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: a block is not closed", open.line)
	}
	return blocks, nil
}

// copyOf copies the repository's files to a folder where a document may write.
func copyOf(t *testing.T, files []string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range files {
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue
		}
		info, statErr := os.Stat(name)
		if err != nil || statErr != nil {
			t.Fatal(err, statErr)
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// check runs one block in dir, with the programs of bin on its path.
func check(b block, dir, bin string) error {
	switch {
	case b.mark == "sh":
		return run(b, dir, bin, "bash", "-euo", "pipefail", "-c", script(b.body))
	case b.mark == "go":
		folder := fmt.Sprintf("block%d", b.line)
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, folder, "main.go"), []byte(b.body), 0o600); err != nil {
			return err
		}
		verb := "vet"
		if strings.Contains("\n"+b.body, "\npackage main\n") {
			verb = "run"
		}
		return run(b, dir, bin, "go", verb, "./"+folder)
	case b.mark == "json":
		if !json.Valid([]byte(b.body)) {
			return fmt.Errorf("not JSON:\n%s", b.body)
		}
		return nil
	case slices.Contains(forReading, b.mark):
		return nil
	}
	return fmt.Errorf("a block marked %q: see documents_test.go for the marks", b.mark)
}

// script returns the commands of a block without those that are not repeated.
func script(body string) string {
	var out strings.Builder
	for line := range strings.Lines(body) {
		if slices.ContainsFunc(notRepeated, func(p string) bool { return strings.HasPrefix(line, p) }) {
			words := strings.Fields(strings.TrimPrefix(line, "bash "))
			line = "command -v " + words[0] + " >/dev/null\n"
		}
		out.WriteString(line)
	}
	return out.String()
}

// run starts the program and compares what it prints.
func run(b block, dir, bin string, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), documentTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	// With -trimpath the build cache serves every copy of the repository. The
	// pages show what an English terminal shows, in Korean where they say so.
	cmd.Env = append(os.Environ(),
		"LC_ALL=C",
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOFLAGS="+os.Getenv("GOFLAGS")+" -trimpath")
	var printed strings.Builder
	cmd.Stdout, cmd.Stderr = &printed, &printed
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w; it printed:\n%s", err, printed.String())
	}
	if b.output != nil && !pattern(*b.output).MatchString(printed.String()) {
		return fmt.Errorf("it printed:\n%s\nbut the document says:\n%s", printed.String(), *b.output)
	}
	return nil
}

// pattern turns an output block into the expression that it stands for.
func pattern(output string) *regexp.Regexp {
	var out strings.Builder
	for line := range strings.Lines(output) {
		if strings.TrimSpace(line) == "..." {
			out.WriteString(`(?:.*\n)*`)
			continue
		}
		out.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), `\.\.\.`, `.*`))
	}
	return regexp.MustCompile("^" + out.String() + "$")
}

// TestDocumentBlocks shows that a block which is not true is found.
func TestDocumentBlocks(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		skip(t, "bash is not installed")
	}
	cases := []struct {
		name, text string
		ok         bool
	}{
		{"prints what it says", "```sh\necho one; echo two\n```\nIt prints\n```output\none\ntwo\n```\n", true},
		{"prints something else", "```sh\necho one\n```\n```output\ntwo\n```\n", false},
		{"prints more", "```sh\necho one; echo two\n```\n```output\none\n```\n", false},
		{"any lines", "```sh\nseq 9\n```\n```output\n1\n...\n9\n```\n", true},
		{"any characters", "```sh\necho took 12 ms\n```\n```output\ntook ... ms\n```\n", true},
		{"dots are no wildcard", "```sh\necho 1x0\n```\n```output\n1.0\n```\n", false},
		{"fails in the middle", "```sh\nfalse\necho on\n```\n", false},
		{"files stay", "```sh\necho hi > a\n```\n```sh\ncat a\n```\n```output\nhi\n```\n", true},
		{"not repeated", "```sh\ngo test ./...\n```\n", true},
		{"not repeated and not there", "```sh\n.ci/nothing\n```\n", false},
		{"program", "```go\npackage main\n\nfunc main() { println(\"hi\") }\n```\n```output\nhi\n```\n", true},
		{"program with a fault", "```go\npackage main\n\nfunc main() { missing() }\n```\n", false},
		{"package with a fault", "```go\npackage shop\n\nvar x = missing\n```\n", false},
		{"no JSON", "```json\n{\n```\n", false},
		{"unknown mark", "```golang\n```\n", false},
		{"no mark", "```\nx\n```\n", false},
		{"not closed", "```sh\ntrue\n", false},
		{"output of nothing", "```output\nx\n```\n", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example\n\ngo 1.26\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			blocks, err := blocksOf(c.text)
			for _, b := range blocks {
				if err == nil {
					err = check(b, dir, dir)
				}
			}
			if (err == nil) != c.ok {
				t.Errorf("error %v, want none: %v", err, c.ok)
			}
		})
	}
}

// TestLinks follows the links from a document to a file of the repository.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)(#[^)\s]*)?\)`)
	for _, name := range repositoryFiles(t) {
		if filepath.Ext(name) != ".md" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllStringSubmatch(prose(string(text)), -1) {
			target := match[1]
			if strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), filepath.FromSlash(target))); err != nil {
				t.Errorf("%s links to %s, which is not there", name, target)
			}
		}
	}
}

// prose returns a Markdown text without its code.
func prose(text string) string {
	return regexp.MustCompile("(?s)```.*?```|`[^`\n]*`").ReplaceAllString(text, "")
}

// TestGuidesAreListed keeps a page from being written and never found.
func TestGuidesAreListed(t *testing.T) {
	index, err := os.ReadFile("docs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range repositoryFiles(t) {
		page, in := strings.CutPrefix(name, "docs/")
		if in && filepath.Ext(page) == ".md" && page != "README.md" && !strings.Contains(string(index), "]("+page+")") {
			t.Errorf("docs/README.md does not list %s", page)
		}
	}
}
