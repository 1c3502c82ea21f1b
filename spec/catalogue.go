package spec

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Entry is one code of the catalogue of errors (chapter 70 of the text).
type Entry struct {
	Code    string `json:"code"`    // stable name, on the wire and in logs
	Name    string `json:"name"`    // of the Go constant, without Err
	Package string `json:"package"` // folder of the Go package that refuses
	Clause  string `json:"clause"`  // that is broken
	Layer   string `json:"layer"`   // that refuses, one of Layers
	Wire    string `json:"wire"`    // how it travels, one of Wires
	Outcome string `json:"outcome"` // of the request, one of Outcomes
	Retry   string `json:"retry"`   // what the requester does, one of Retries
	En      string `json:"en"`      // fixed text in English
	Ko      string `json:"ko"`      // fixed text in Korean
}

// Layers returns the layers in the order in which they look at a message
// (KECIS-ERR-006).
func Layers() []string {
	return []string{"xml", "signature", "message", "ecml", "claim", "header", "encryption", "service"}
}

// Wires returns the ways in which a code reaches the other party: as one of the
// two codes of an early refusal, as itself in a signed answer, or not at all
// (what a party refuses to make or send itself). Instead of these an entry may
// name another code, in whose place the other party gets to know it
// (KECIS-ERR-007).
func Wires() []string { return []string{"malformed", "not-authenticated", "signed", "none"} }

// Outcomes returns what may have become of a request (KECIS-ERR-019).
func Outcomes() []string { return []string{"done", "not-done", "pending", "unknown"} }

// Retries returns the rules for what a requester does next (KECIS-ERR-019).
func Retries() []string { return []string{"never", "same-id", "new-id", "reverse-first", "inquire"} }

//go:embed errors.json
var catalogue []byte

// Errors returns the catalogue of errors, in the order of errors.json. It reads
// the embedded file each time: keep the result.
func Errors() []Entry {
	entries, err := ParseErrors(catalogue)
	if err != nil {
		panic("internal error: " + err.Error()) //nolint:forbidigo // impossible: the package's tests read the same embedded bytes
	}
	return entries
}

// ParseErrors reads a catalogue as errors.json is, and refuses one with an
// unknown, empty or repeated field. CheckErrors looks at the values.
func ParseErrors(raw []byte) ([]Entry, error) {
	var file struct {
		Schema string  `json:"$schema"`
		Errors []Entry `json:"errors"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("errors.json: %w", err)
	}
	seen := map[string]bool{}
	for i, e := range file.Errors {
		for _, text := range []string{e.Code, e.Name, e.Package, e.Clause, e.Layer, e.Wire, e.Outcome, e.Retry, e.En, e.Ko} {
			if text == "" || text != strings.TrimSpace(text) || strings.ContainsAny(text, "\r\n|`") {
				return nil, fmt.Errorf("errors.json: entry %d (%s): a field is empty, or holds a line end, a bar, a backquote or blanks around it", i, e.Code)
			}
		}
		name := e.Package + "." + e.Name
		if seen[e.Code] || seen[name] {
			return nil, fmt.Errorf("errors.json: entry %d (%s) repeats a code or a name", i, e.Code)
		}
		seen[e.Code], seen[name] = true, true
	}
	return file.Errors, nil
}

// CheckErrors tells every value of a catalogue that is not of its closed set or
// does not go with the others (KECIS-ERR-006, 007 and 019).
func CheckErrors(entries []Entry) error {
	byCode := map[string]Entry{}
	for _, e := range entries {
		byCode[e.Code] = e
	}
	var problems []error
	for _, e := range entries {
		if err := e.check(byCode); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", e.Code, err))
		}
	}
	return errors.Join(problems...)
}

func (e Entry) check(byCode map[string]Entry) error {
	for _, f := range []struct {
		field, value string
		set          []string
	}{
		{"layer", e.Layer, Layers()},
		{"outcome", e.Outcome, Outcomes()},
		{"retry", e.Retry, Retries()},
	} {
		if !slices.Contains(f.set, f.value) {
			return fmt.Errorf("%s is %q, want one of %s", f.field, f.value, strings.Join(f.set, ", "))
		}
	}
	if !slices.Contains(Wires(), e.Wire) {
		stand := byCode[e.Wire]
		if stand.Wire != "signed" {
			return fmt.Errorf("wire is %q, want one of %s, or another code that is signed", e.Wire, strings.Join(Wires(), ", "))
		}
		if e.Outcome != stand.Outcome || e.Retry != stand.Retry {
			return fmt.Errorf("outcome and retry are not those of %s, as which it travels", e.Wire)
		}
	}
	if !e.consistent() {
		return fmt.Errorf("outcome %s and retry %s do not go with each other, with wire %s or with layer %s", e.Outcome, e.Retry, e.Wire, e.Layer)
	}
	return nil
}

// consistent reports whether the retry rule goes with the outcome, whether an
// unsigned refusal promises nothing, and whether only the layers that look
// before the sender is known refuse without a signature (KECIS-ERR-008, 014).
func (e Entry) consistent() bool {
	early := map[string]string{"xml": "malformed", "signature": "not-authenticated"}[e.Layer]
	if e.Wire != "none" && (early != "" || e.Wire == "malformed" || e.Wire == "not-authenticated") {
		return e.Wire == early && e.Outcome == "unknown" && e.Retry == "same-id"
	}
	switch e.Outcome {
	case "done":
		return e.Retry == "never"
	case "not-done":
		return e.Retry == "never" || e.Retry == "new-id"
	case "pending":
		return e.Retry == "inquire"
	}
	return e.Retry != "never" && e.Retry != "new-id"
}
