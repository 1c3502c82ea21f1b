package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kecis/sdk/spec"
)

// Coverage tells what is wrong with the use of clauses: each clause that is a
// MUST is tested by a case or exempt with a reason, and not both. The exemptions
// go by clause (KECIS-XML-023) or by chapter (KECIS-GEN).
func Coverage(cases []Case, clauses []spec.Requirement, exempt map[string]string) (problems []string) {
	tested := map[string]string{}
	for _, c := range cases {
		for _, id := range c.Clauses {
			tested[id] = c.ID
		}
	}
	used := map[string]bool{}
	for _, clause := range clauses {
		reason, single := exempt[clause.ID]
		chapter := clause.ID[:strings.LastIndexByte(clause.ID, '-')]
		if !single {
			reason = exempt[chapter]
		}
		used[clause.ID], used[chapter] = true, true
		by, isTested := tested[clause.ID]
		switch {
		case isTested && single:
			problems = append(problems, fmt.Sprintf("%s is exempt (%s), but %s tests it", clause.ID, reason, by))
		case !isTested && reason == "" && clause.Level == spec.Must:
			problems = append(problems, clause.ID+" has neither a case nor a reason for none")
		}
	}
	for id := range exempt {
		if !used[id] {
			problems = append(problems, id+" is exempt, but is no clause or chapter")
		}
	}
	slices.Sort(problems)
	return problems
}
