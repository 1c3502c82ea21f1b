package spec

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestCatalogueValues(t *testing.T) {
	if err := CheckErrors(Errors()); err != nil {
		t.Error(err)
	}
}

// TestCodesHaveClauses holds that the clause of every code exists and names it.
func TestCodesHaveClauses(t *testing.T) {
	clauses := map[string]Requirement{}
	for _, c := range Clauses() {
		clauses[c.ID] = c
	}
	for _, e := range Errors() {
		c, ok := clauses[e.Clause]
		switch {
		case !ok:
			t.Errorf("%s: the clause %s does not exist", e.Code, e.Clause)
		case !strings.Contains(c.Text, "`"+e.Code+"`"):
			t.Errorf("%s: the clause %s does not name it", e.Code, e.Clause)
		}
	}
}

func TestCatalogueTexts(t *testing.T) {
	for _, e := range Errors() {
		if !hangul(e.Ko) || !sentence(e.Ko) {
			t.Errorf("%s: the Korean text is not a Korean sentence: %s", e.Code, e.Ko)
		}
		if hangul(e.En) || !sentence(e.En) {
			t.Errorf("%s: the English text is not an English sentence: %s", e.Code, e.En)
		}
		if strings.ContainsAny(e.En+e.Ko, "%{}") {
			t.Errorf("%s: a text has a variable part", e.Code)
		}
	}
}

func sentence(s string) bool { return strings.HasSuffix(s, ".") && len(s) < 400 }

// TestCheckErrors holds that each rule for the values of an entry is kept.
func TestCheckErrors(t *testing.T) {
	good := Entry{Code: "a", Layer: "message", Wire: "signed", Outcome: "not-done", Retry: "new-id"}
	if err := CheckErrors([]Entry{good}); err != nil {
		t.Fatalf("the entry without a fault: %v", err)
	}
	faults := map[string]func(*Entry){
		"layer":                    func(e *Entry) { e.Layer = "schema" },
		"wire":                     func(e *Entry) { e.Wire = "b" },
		"wire of itself":           func(e *Entry) { e.Wire = "c" },
		"outcome":                  func(e *Entry) { e.Outcome = "failed" },
		"retry":                    func(e *Entry) { e.Retry = "later" },
		"early refusal promises":   func(e *Entry) { e.Layer, e.Wire = "xml", "malformed" },
		"early refusal, late":      func(e *Entry) { e.Wire, e.Outcome, e.Retry = "malformed", "unknown", "same-id" },
		"late refusal, early":      func(e *Entry) { e.Layer = "signature" },
		"the other early code":     func(e *Entry) { e.Layer, e.Wire, e.Outcome, e.Retry = "signature", "malformed", "unknown", "same-id" },
		"done and again":           func(e *Entry) { e.Outcome, e.Retry = "done", "same-id" },
		"not done, same ID":        func(e *Entry) { e.Retry = "same-id" },
		"pending, never":           func(e *Entry) { e.Outcome, e.Retry = "pending", "never" },
		"unknown, never":           func(e *Entry) { e.Outcome, e.Retry = "unknown", "never" },
		"unknown, new ID":          func(e *Entry) { e.Outcome = "unknown" },
		"not what it travels as":   func(e *Entry) { e.Wire, e.Retry = "c", "never" },
		"unsigned for another one": func(e *Entry) { e.Wire = "d" },
	}
	others := []Entry{
		{Code: "c", Layer: "message", Wire: "signed", Outcome: "not-done", Retry: "new-id"},
		{Code: "d", Layer: "message", Wire: "none", Outcome: "not-done", Retry: "new-id"},
	}
	for name, fault := range faults {
		e := good
		fault(&e)
		if name == "wire of itself" {
			e.Code = "c"
			if CheckErrors([]Entry{e}) == nil {
				t.Errorf("%s: accepted", name)
			}
			continue
		}
		if CheckErrors(append([]Entry{e}, others...)) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	e := good
	e.Wire = "c"
	if err := CheckErrors(append([]Entry{e}, others...)); err != nil {
		t.Errorf("a code that travels as another: %v", err)
	}
}

func TestParseErrors(t *testing.T) {
	const entry = `{"code":"a-b","name":"AB","package":"kecis/x","clause":"KECIS-XML-001","layer":"xml","wire":"malformed","outcome":"unknown","retry":"same-id","en":"A.","ko":"가."}`
	cases := []struct {
		name, json string
		ok         bool
	}{
		{"one", `{"errors":[` + entry + `]}`, true},
		{"with schema", `{"$schema":"errors.schema.json","errors":[` + entry + `]}`, true},
		{"not JSON", `{`, false},
		{"unknown field", `{"errors":[` + strings.Replace(entry, `"name"`, `"Nom":"x","name"`, 1) + `]}`, false},
		{"empty field", `{"errors":[` + strings.Replace(entry, `"가."`, `""`, 1) + `]}`, false},
		{"line end in a text", `{"errors":[` + strings.Replace(entry, `"A."`, `"A.\nB."`, 1) + `]}`, false},
		{"bar in a text", `{"errors":[` + strings.Replace(entry, `"A."`, `"A|B."`, 1) + `]}`, false},
		{"code twice", `{"errors":[` + entry + `,` + strings.Replace(entry, `"AB"`, `"CD"`, 1) + `]}`, false},
		{"name twice", `{"errors":[` + entry + `,` + strings.Replace(entry, `"a-b"`, `"c-d"`, 1) + `]}`, false},
		{"name twice, in two packages", `{"errors":[` + entry + `,` + strings.NewReplacer(`"a-b"`, `"c-d"`, `kecis/x`, `kecis/y`).Replace(entry) + `]}`, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := ParseErrors([]byte(c.json)); (err == nil) != c.ok {
				t.Errorf("error %v, want accepted %v", err, c.ok)
			}
		})
	}
}

// TestSchemasKnowTheSets holds that the JSON Schemas list the same values as
// the code.
func TestSchemasKnowTheSets(t *testing.T) {
	type property struct {
		Enum  []string   `json:"enum"`
		AnyOf []property `json:"anyOf"`
	}
	var schema struct {
		Defs map[string]struct {
			Properties map[string]property `json:"properties"`
			Required   []string            `json:"required"`
		} `json:"$defs"`
	}
	read := func(name string) {
		t.Helper()
		raw, err := FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, &schema); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	read("errors.schema.json")
	entry := schema.Defs["entry"].Properties
	for field, want := range map[string][]string{"layer": Layers(), "outcome": Outcomes(), "retry": Retries()} {
		if got := entry[field].Enum; !slices.Equal(got, want) {
			t.Errorf("errors.schema.json, %s: %q, want %q", field, got, want)
		}
	}
	if got := entry["wire"].AnyOf; len(got) == 0 || !slices.Equal(got[0].Enum, Wires()) {
		t.Errorf("errors.schema.json, wire: %v, want %v", got, Wires())
	}
	read("vectors/index.schema.json")
	if got := schema.Defs["vector"].Properties["layer"].Enum; !slices.Equal(got, Layers()) {
		t.Errorf("index.schema.json, layer: %q, want %q", got, Layers())
	}
}

// TestChapterKnowsTheSets holds that the tables of chapter 70 have the values
// of the code: layers in their order, outcomes, retry rules.
func TestChapterKnowsTheSets(t *testing.T) {
	text := chapter(t, "text/70-errors.md")
	at := 0
	for _, set := range [][]string{Layers(), Outcomes(), Retries()} {
		for _, value := range set {
			i := strings.Index(text[at:], "\n| `"+value+"` |")
			if i < 0 {
				t.Errorf("chapter 70 has no row for %s, or not in its order", value)
				continue
			}
			at += i
		}
	}
	for _, e := range []Entry{{Outcome: "done"}, {Outcome: "not-done"}, {Outcome: "pending"}, {Outcome: "unknown"}} {
		var may []string
		for _, retry := range Retries() {
			e.Retry, e.Wire = retry, "signed"
			if e.consistent() {
				may = append(may, "`"+retry+"`")
			}
		}
		row := text[strings.Index(text, "\n| `"+e.Outcome+"` |")+1:]
		row, _, _ = strings.Cut(row, "\n")
		for _, retry := range Retries() {
			code := "`" + retry + "`"
			if strings.Contains(row, code) != slices.Contains(may, code) {
				t.Errorf("chapter 70 and the code differ on %s with %s", e.Outcome, retry)
			}
		}
	}
}
