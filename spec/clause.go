package spec

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Level says how binding a clause is (KECIS-GEN-001).
type Level string

// The levels of clauses, as RFC 2119 and RFC 8174 define the words.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
)

// Requirement is one numbered clause of the standard.
type Requirement struct {
	ID      string   // as KECIS-SIG-004
	Level   Level    // how binding it is
	Chapter string   // name of its file in text/, without the ending: 15-signatures
	Section string   // heading that it stands under
	Text    string   // the requirement, in Markdown, on one line
	Test    string   // how it can be tested, or why it cannot be
	Codes   []string // codes of the refusals of what breaks it, sorted; nil if none
}

// Clauses returns all clauses in the order of the text. It reads the embedded
// text each time: keep the result.
func Clauses() []Requirement {
	return clausesIn(FS, Errors())
}

// Clause returns the clause of that number.
func Clause(id string) (Requirement, bool) {
	for _, c := range Clauses() {
		if c.ID == id {
			return c, true
		}
	}
	return Requirement{}, false
}

// clausesIn reads the chapters of a file system. Files that cannot be read have
// no clauses; in FS there are none such.
func clausesIn(files fs.FS, catalogue []Entry) []Requirement {
	codes := map[string][]string{}
	for _, e := range catalogue {
		codes[e.Clause] = append(codes[e.Clause], e.Code)
	}
	var clauses []Requirement
	chapters, _ := fs.Glob(files, "text/*.md") // fails only for a bad pattern
	for _, file := range chapters {
		raw, err := fs.ReadFile(files, file)
		if err != nil {
			continue
		}
		for _, c := range parseChapter(strings.TrimSuffix(path.Base(file), ".md"), string(raw)) {
			c.Codes = codes[c.ID]
			slices.Sort(c.Codes)
			clauses = append(clauses, c)
		}
	}
	return clauses
}

// clauseStart matches the first line of a paragraph that is a clause.
var clauseStart = regexp.MustCompile(`^\*\*(KECIS-[A-Z0-9]+-[0-9]{3})\*\* \((MUST|SHOULD|MAY)\) `)

// testMark stands before the sentence that tells how a clause is tested.
const testMark = "*Test:*"

// parseChapter returns the clauses of one chapter. A clause is a paragraph;
// what stands in a fenced block is not one.
func parseChapter(chapter, text string) []Requirement {
	var clauses []Requirement
	section := ""
	for _, paragraph := range paragraphs(text) {
		if strings.HasPrefix(paragraph, "#") {
			section = strings.TrimSpace(strings.TrimLeft(paragraph, "#"))
			continue
		}
		m := clauseStart.FindStringSubmatch(paragraph)
		if m == nil {
			continue
		}
		demand, test, _ := strings.Cut(paragraph[len(m[0]):], testMark)
		clauses = append(clauses, Requirement{
			ID:      m[1],
			Level:   Level(m[2]),
			Chapter: chapter,
			Section: section,
			Text:    strings.TrimSpace(demand),
			Test:    strings.TrimSpace(test),
		})
	}
	return clauses
}

// paragraphs joins the lines of each paragraph with blanks. A heading is a
// paragraph of its own; fenced blocks are left out.
func paragraphs(text string) []string {
	var out, lines []string
	fenced := false
	flush := func() {
		if len(lines) > 0 {
			out = append(out, strings.Join(lines, " "))
			lines = nil
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \r\n")
		switch {
		case strings.HasPrefix(line, "```"):
			flush()
			fenced = !fenced
		case fenced:
		case line == "":
			flush()
		case strings.HasPrefix(line, "#"):
			flush()
			out = append(out, line)
		default:
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	flush()
	return out
}
