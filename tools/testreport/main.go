// Command testreport reads the stream of "go test -json" and prints what a
// reader of the build wants: a line for each package, the output of the tests
// that failed, and every test that was skipped, with its reason. It exits with
// 1 when a test failed or was skipped, or when no test ran at all: where all
// foreign programs are installed, nothing has a reason to skip.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	ok, err := report(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
	}
	if !ok || err != nil {
		os.Exit(1)
	}
}

// event is a line of "go test -json" (see "go doc test2json").
type event struct {
	Action  string `json:"Action"`
	Package string `json:"Package"`
	Test    string `json:"Test"` // empty: the package as a whole
	Output  string `json:"Output"`
}

// tally is what the events amount to.
type tally struct {
	out                     io.Writer
	output                  map[[2]string]string // of the unfinished, by package and test
	passed, failed, skipped int
	skips                   []string
	broken                  map[string]bool // packages with a failed test
}

// report copies what matters from in to out and reports whether all tests
// passed.
func report(in io.Reader, out io.Writer) (bool, error) {
	t := &tally{out: out, output: map[[2]string]string{}, broken: map[string]bool{}}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(out, "%s", line) // go itself speaks, not a test
			} else {
				t.add(e)
			}
		}
		if err == io.EOF {
			return t.finish(), nil
		}
		if err != nil {
			return false, err
		}
	}
}

func (t *tally) add(e event) {
	key := [2]string{e.Package, e.Test}
	switch e.Action {
	case "output":
		t.output[key] += e.Output
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "pass", "fail", "skip":
		t.end(e, t.output[key])
		delete(t.output, key)
	}
}

// end takes the last event of a test or of a package.
func (t *tally) end(e event, output string) {
	switch {
	case e.Test == "" && e.Action == "fail":
		if !t.broken[e.Package] {
			t.failed++ // outside any test: the build, TestMain
		}
		fmt.Fprint(t.out, output)
	case e.Test == "":
		fmt.Fprint(t.out, lastLine(output))
	case e.Action == "pass":
		t.passed++
	case e.Action == "fail":
		t.failed++
		t.broken[e.Package] = true
		fmt.Fprint(t.out, output)
	case e.Action == "skip":
		t.skipped++
		t.skips = append(t.skips, fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason(output)))
	}
}

func (t *tally) finish() bool {
	for _, skip := range t.skips {
		fmt.Fprintln(t.out, "SKIPPED", skip)
	}
	fmt.Fprintf(t.out, "tests: %d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	return t.failed == 0 && t.skipped == 0 && t.passed > 0
}

// lastLine returns the line that sums a package up, such as "ok  	ecml	0.2s".
func lastLine(output string) string {
	lines := strings.SplitAfter(strings.TrimSuffix(output, "\n"), "\n")
	return strings.TrimSuffix(lines[len(lines)-1], "\n") + "\n"
}

// reason returns what a test said before it was skipped.
func reason(output string) string {
	var said []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}
