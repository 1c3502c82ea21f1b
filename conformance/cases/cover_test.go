package cases_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/cases"
	"github.com/kecis/sdk/spec"
	"github.com/kecis/sdk/spec/vectors"
)

// TestCasesAreWhole holds each case against the catalogue and the text.
func TestCasesAreWhole(t *testing.T) {
	byCode := map[string]spec.Entry{}
	for _, entry := range spec.Errors() {
		byCode[entry.Code] = entry
	}
	byClause := map[string]spec.Requirement{}
	for _, clause := range spec.Clauses() {
		byClause[clause.ID] = clause
	}
	name := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, c := range cases.All() {
		if !name.MatchString(c.ID) || seen[c.ID] {
			t.Errorf("%q is no name of its own", c.ID)
		}
		seen[c.ID] = true
		if c.Note == "" || len(c.Clauses) == 0 || c.Level == "" {
			t.Errorf("%s lacks a note, a clause or a level", c.ID)
		}
		for i, id := range c.Clauses {
			clause, ok := byClause[id]
			if !ok {
				t.Errorf("%s tests %s, which is no clause", c.ID, id)
			} else if i == 0 && clause.Level != c.Level {
				t.Errorf("%s has the level %s, its clause %s", c.ID, c.Level, clause.Level)
			}
		}
		if c.Expect.Accepted() {
			continue
		}
		entry, ok := byCode[c.Expect.Code]
		switch {
		case !ok:
			t.Errorf("%s expects %s, which is no code", c.ID, c.Expect.Code)
		case entry.Layer != string(c.Expect.Layer) || entry.Clause != c.Clauses[0]:
			t.Errorf("%s expects layer %s and breaks %s; %s has %s and %s", c.ID, c.Expect.Layer, c.Clauses[0], entry.Code, entry.Layer, entry.Clause)
		case c.Fault == nil:
			t.Errorf("%s must be refused but has no fault", c.ID)
		}
	}
}

// TestEveryMustHasACase lets no clause stand that is neither tested nor exempt.
func TestEveryMustHasACase(t *testing.T) {
	for _, problem := range conformance.Coverage(cases.All(), spec.Clauses(), cases.Exempt()) {
		t.Error(problem)
	}
}

// localCodes are codes that no document brings about when it is read.
var localCodes = map[string]string{
	"xml-write":        "what a sender refuses to write",
	"sig-sign":         "what a sender refuses to sign",
	"sig-not-verified": "the refusal of the empty Verified; Read looks at it after every refusal",
	"enc-context":      "what an encryptor refuses to seal, or a recipient to expect",
	"enc-random":       "an encryptor's source of randomness that fails",
	"msg-answer":       "an answer held against its request; needs the flow of both, see kecis: TestAnswerBinding",
	"ecml-no-xml":      "what a writer of XML refuses",
	"ecml-no-form":     "what a writer of forms refuses",
	"ecml-too-large":   "bounds HTML forms, see ecml: the tests of forms",
	"ecml-character":   "of HTML forms; XML has xml-character",
	"ecml-gender":      "a field of HTML forms alone",
	"ecml-profile-id":  "an id in a message is refused before, as sig-id; the code serves those who check ECML by itself",
}

// TestEveryCodeHasACase lets no code stand without a case that shows it. Codes of
// the layer service answer a request and refuse no document: they need a flow.
func TestEveryCodeHasACase(t *testing.T) {
	cased := map[string]bool{}
	for _, c := range cases.All() {
		cased[c.Expect.Code] = true
	}
	known := map[string]bool{}
	for _, entry := range spec.Errors() {
		known[entry.Code] = true
		reason, local := localCodes[entry.Code]
		switch {
		case local && cased[entry.Code]:
			t.Errorf("%s has a case and is listed as without: %s", entry.Code, reason)
		case !local && !cased[entry.Code] && !slices.Contains(laterLayers, entry.Layer):
			t.Errorf("%s has no case", entry.Code)
		}
	}
	for code := range localCodes {
		if !known[code] {
			t.Errorf("%s is listed as without a case, but is no code", code)
		}
	}
}

// laterLayers look at a message only in a flow.
var laterLayers = []string{"header", "claim", "service"}

// TestEveryAttackIsAnswered holds the sources of the cases against the list of
// attacks, both ways.
func TestEveryAttackIsAnswered(t *testing.T) {
	named := map[string][]string{}
	for _, c := range cases.All() {
		for _, source := range c.Sources {
			named[source] = append(named[source], c.ID)
		}
	}
	listed := map[string]bool{}
	for _, attack := range cases.Attacks() {
		listed[attack.ID] = true
		covered := len(named[attack.ID]) > 0
		switch {
		case !covered && attack.Elsewhere == "":
			t.Errorf("%s (%s) has neither a case nor a reason", attack.ID, attack.Title)
		case covered && attack.Elsewhere != "":
			t.Errorf("%s is said to have no case, but %s names it", attack.ID, named[attack.ID])
		}
	}
	entry := regexp.MustCompile(`^[WCPKELD][0-9]+$`)
	for source, by := range named {
		if entry.MatchString(source) && !listed[source] {
			t.Errorf("%s names %s, which is not on the list", by, source)
		}
	}
}

// TestVectors runs the committed vectors as any implementation would.
func TestVectors(t *testing.T) {
	results, err := conformance.RunVectors(context.Background(), vectors.FS)
	if err != nil {
		t.Fatal(err)
	}
	valid := map[string]bool{}
	for _, r := range results {
		if r.Verdict != conformance.Passed {
			t.Errorf("%s: %s: %v", r.Vector.ID, r.Verdict, r.Problem)
		}
		if r.Vector.Result == "valid" {
			valid[r.Vector.ID] = true
		}
	}
	for _, r := range results {
		if twin := r.Vector.Twin; twin != "" && !valid[twin] {
			t.Errorf("%s has the twin %s, which is no valid vector", r.Vector.ID, twin)
		}
	}
}

// TestIndexConformsToItsSchema validates index.json as a foreign program would.
func TestIndexConformsToItsSchema(t *testing.T) {
	read := func(name string) any {
		t.Helper()
		file, err := vectors.FS.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		value, err := jsonschema.UnmarshalJSON(file)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("index.schema.json", read("index.schema.json")); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("index.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(read("index.json")); err != nil {
		t.Error(err)
	}
}

// TestVectorsFailClosed shows that what was refused for another reason, or not
// run, has not passed.
func TestVectorsFailClosed(t *testing.T) {
	refused := conformance.Expect{Layer: conformance.XML, Code: "xml-comment"}
	ring := keyring(t)
	var comment, instruction error
	for _, c := range cases.All() {
		if c.ID != "xml-comment-before" && c.ID != "xml-instruction-before" {
			continue
		}
		m, err := c.Bent(ring)
		if err != nil {
			t.Fatal(err)
		}
		_, err = conformance.Read(context.Background(), ring, m)
		if c.ID == "xml-comment-before" {
			comment = err
		} else {
			instruction = err
		}
	}
	for _, test := range []struct {
		name   string
		expect conformance.Expect
		err    error
		passes bool
	}{
		{"right reason", refused, comment, true},
		{"other reason", refused, instruction, false},
		{"accepted", refused, nil, false},
		{"no code", refused, context.Canceled, false},
		{"refused valid", conformance.Expect{}, comment, false},
		{"accepted valid", conformance.Expect{}, nil, true},
	} {
		if problem := test.expect.Judge(test.err); (problem == nil) != test.passes {
			t.Errorf("%s: %v", test.name, problem)
		}
	}
	if comment == nil || !strings.Contains(comment.Error(), "xml-comment") {
		t.Errorf("the comment was not refused: %v", comment)
	}
}
