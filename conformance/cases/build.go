package cases

import (
	"slices"
	"sync"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/spec"
)

// catalogued gives the catalogue's entry of each code.
var catalogued = sync.OnceValue(func() map[string]spec.Entry {
	byCode := map[string]spec.Entry{}
	for _, entry := range spec.Errors() {
		byCode[entry.Code] = entry
	}
	return byCode
})

// levels gives the level of each clause.
var levels = sync.OnceValue(func() map[string]spec.Level {
	byClause := map[string]spec.Level{}
	for _, clause := range spec.Clauses() {
		byClause[clause.ID] = clause.Level
	}
	return byClause
})

// refuse is the case of a valid message with one fault, which must be refused
// with the code, and so by its layer and for its clause.
func refuse(id, code, note string, happy conformance.Happy, fault conformance.Edit, sources ...string) conformance.Case {
	entry := catalogued()[code]
	return conformance.Case{
		ID:      id,
		Clauses: []string{entry.Clause},
		Level:   levels()[entry.Clause],
		Sources: sources,
		Note:    note,
		Happy:   happy,
		Fault:   fault,
		Expect:  conformance.Expect{Layer: conformance.Layer(entry.Layer), Code: code},
	}
}

// past is the case of a limit: the twin goes up to it, the fault one step past.
func past(id, code, note string, happy conformance.Happy, limit int, reach func(int) conformance.Edit, sources ...string) conformance.Case {
	c := refuse(id, code, note, happy, reach(limit+1), sources...)
	c.Twin = reach(limit)
	return c
}

// accept is the case of a message that others refuse, and that must be accepted.
func accept(id, clause, note string, happy conformance.Happy, edit conformance.Edit, sources ...string) conformance.Case {
	return conformance.Case{
		ID:      id,
		Clauses: []string{clause},
		Level:   levels()[clause],
		Sources: sources,
		Note:    note,
		Happy:   happy,
		Twin:    edit,
	}
}

// also adds clauses that a case tests beside its first.
func also(c conformance.Case, clauses ...string) conformance.Case {
	for _, clause := range clauses {
		if !slices.Contains(c.Clauses, clause) {
			c.Clauses = append(c.Clauses, clause)
		}
	}
	return c
}

// alsoAll is also for several cases.
func alsoAll(cases []conformance.Case, clauses ...string) []conformance.Case {
	for i := range cases {
		cases[i] = also(cases[i], clauses...)
	}
	return cases
}

// of restricts cases to the role of the recipient.
func of(role conformance.Role, cases []conformance.Case) []conformance.Case {
	for i := range cases {
		cases[i].Roles = append(cases[i].Roles, role)
	}
	return cases
}

// needing restricts a case to implementations with the capabilities.
func needing(cases []conformance.Case, needs ...conformance.Feature) []conformance.Case {
	for i := range cases {
		cases[i].Needs = append(cases[i].Needs, needs...)
	}
	return cases
}

// join makes one list of several.
func join(lists ...[]conformance.Case) []conformance.Case {
	var out []conformance.Case
	for _, list := range lists {
		out = append(out, list...)
	}
	return out
}
