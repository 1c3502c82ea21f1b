package spec

import (
	"encoding/json"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
)

func TestClausesAreReadFromText(t *testing.T) {
	text := "# 15. Chapter\n\n> **요약.** 글.\n\n## First part\n\n" +
		"**KECIS-SIG-001** (MUST) One thing\nover two lines (`b-code`, `a-code`). *Test:* look\nat it.\n\n" +
		"```text\n**KECIS-SIG-002** (MUST) An example.\n```\n\n" +
		"See **KECIS-SIG-001** (MUST) in the middle.\n## Second part\n" +
		"**KECIS-SIG-003** (MAY) Another.\n"
	files := fstest.MapFS{"text/15-signatures.md": {Data: []byte(text)}}
	catalogue := []Entry{{Code: "b-code", Clause: "KECIS-SIG-001"}, {Code: "a-code", Clause: "KECIS-SIG-001"}}
	want := []Requirement{
		{
			ID: "KECIS-SIG-001", Level: Must, Chapter: "15-signatures", Section: "First part",
			Text: "One thing over two lines (`b-code`, `a-code`).", Test: "look at it.", Codes: []string{"a-code", "b-code"},
		},
		{ID: "KECIS-SIG-003", Level: May, Chapter: "15-signatures", Section: "Second part", Text: "Another."},
	}
	if got := clausesIn(files, catalogue); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestClause(t *testing.T) {
	c, ok := Clause("KECIS-XML-004")
	if !ok || c.Level != Must || !slices.Equal(c.Codes, []string{"xml-doctype"}) {
		t.Errorf("Clause(KECIS-XML-004) = %+v, %v", c, ok)
	}
	if c, ok := Clause("KECIS-XML-999"); ok {
		t.Errorf("Clause(KECIS-XML-999) = %+v", c)
	}
}

// TestClauseNumbers holds that each area of numbers is in one chapter, where
// the numbers ascend, so that a number is found and never given twice.
func TestClauseNumbers(t *testing.T) {
	chapters := map[string]string{}
	last := map[string]string{}
	for _, c := range Clauses() {
		area := c.ID[:strings.LastIndex(c.ID, "-")]
		if in := chapters[area]; in != "" && in != c.Chapter {
			t.Errorf("%s is in %s, the others of %s are in %s", c.ID, c.Chapter, area, in)
		}
		if last[area] >= c.ID {
			t.Errorf("%s: %s follows %s", c.Chapter, c.ID, last[area])
		}
		chapters[area], last[area] = c.Chapter, c.ID
	}
}

// TestClauseForm finds numbers that look like a clause's start but were not
// read as one, such as a paragraph without its level.
func TestClauseForm(t *testing.T) {
	start := regexp.MustCompile(`(?m)^\s*[*_]*KECIS-[A-Z0-9]+-[0-9]+[*_]`)
	number := regexp.MustCompile(`KECIS-[A-Z0-9]+-[0-9]+`)
	for _, name := range chapterFiles(t) {
		text := chapter(t, name)
		if err := fencesClose(text); err != "" {
			t.Errorf("%s: %s", name, err)
		}
		known := map[string]bool{"KECIS-XXX-000": true}
		for _, c := range parseChapter(name, text) {
			known[c.ID] = true
			if c.Text == "" {
				t.Errorf("%s has no text", c.ID)
			}
		}
		for _, found := range start.FindAllString(text, -1) {
			if id := number.FindString(found); !known[id] {
				t.Errorf("%s: %s begins a line but is not read as a clause", name, id)
			}
		}
	}
}

func fencesClose(text string) string {
	if strings.Count("\n"+text, "\n```")%2 != 0 {
		return "a fenced block does not end"
	}
	return ""
}

// TestClauseReferences holds that the text and the schemas name only clauses
// that exist.
func TestClauseReferences(t *testing.T) {
	known := map[string]bool{"KECIS-XXX-000": true}
	for _, c := range Clauses() {
		known[c.ID] = true
	}
	number := regexp.MustCompile(`KECIS-[A-Z0-9]+-[0-9]{3}`)
	err := fs.WalkDir(FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "errors.json" || name == "text/71-error-catalogue.md" || strings.HasSuffix(name, ".go") {
			return err
		}
		raw, err := fs.ReadFile(FS, name)
		if err != nil {
			return err
		}
		for _, id := range number.FindAllString(string(raw), -1) {
			if !known[id] {
				t.Errorf("%s names %s, which is no clause", name, id)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestClausesSayHowTheyAreTested holds it for every clause of every chapter.
func TestClausesSayHowTheyAreTested(t *testing.T) {
	for _, c := range Clauses() {
		if c.Test == "" {
			t.Errorf("%s does not say, after %s, how it is tested or why it cannot be", c.ID, testMark)
		}
	}
}

// TestChaptersHaveASummary holds that each chapter begins with its heading and
// a summary in Korean, and is in English otherwise.
func TestChaptersHaveASummary(t *testing.T) {
	heading := regexp.MustCompile(`^(<!--.*-->\n)?# ([0-9]{2})\. .+\n\n> \*\*요약\.\*\* .+\n`)
	for _, name := range chapterFiles(t) {
		text := chapter(t, name)
		m := heading.FindStringSubmatch(text)
		if m == nil || !strings.HasPrefix(name, "text/"+m[2]+"-") {
			t.Errorf("%s does not begin with its numbered heading and, as one quoted paragraph, > **요약.**", name)
			continue
		}
		if strings.Count(m[0], ". ")+strings.Count(m[0], ".\n") < 4 { // of the heading, of 요약, of two sentences
			t.Errorf("%s: the summary is shorter than two sentences", name)
		}
	}
	for _, c := range Clauses() {
		if hangul(c.Text + c.Test) {
			t.Errorf("%s has Korean in its English text", c.ID)
		}
	}
}

func TestEmbeddedJSON(t *testing.T) {
	for _, name := range []string{"errors.json", "errors.schema.json", "vectors/index.schema.json"} {
		raw, err := FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(raw) {
			t.Errorf("%s is not JSON", name)
		}
	}
}

func chapterFiles(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(FS, "text/*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("no chapters: %v", err)
	}
	return names
}

func chapter(t *testing.T, name string) string {
	t.Helper()
	raw, err := FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func hangul(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
}
