package crash

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance"
)

// Report is what came of a run.
type Report struct {
	Seed                        uint64
	Rounds, Payments, Exchanges int
	Unknown                     int
	Outcomes                    map[string]int
	// Kills counts the kills by process, AtWork those while requests were open.
	Kills  map[string]int
	AtWork int
	Took   time.Duration
	// LongestRest is the longest time that a round took to come to rest.
	LongestRest time.Duration
	Findings    []string
	// Looked counts by the names of the judge's rules what each had to look at: a
	// rule with 0 was not observed.
	Looked map[string]int
}

func (r *Report) add(x *Round) {
	if r.Kills == nil {
		r.Kills, r.Outcomes, r.Looked = map[string]int{}, map[string]int{}, map[string]int{}
	}
	r.Rounds++
	r.Payments += x.Payments
	r.Exchanges += x.Exchanges
	r.Unknown += x.Unknown
	r.Took += x.Took
	r.LongestRest = max(r.LongestRest, x.Rest)
	for _, k := range x.Kills {
		r.Kills[k.Process]++
		if k.Open > 0 {
			r.AtWork++
		}
	}
	for outcome, n := range x.Outcomes {
		r.Outcomes[outcome] += n
	}
	for rule, n := range x.Looked {
		r.Looked[rule] += n
	}
	for _, f := range x.Findings {
		r.Findings = append(r.Findings, fmt.Sprintf("seed %d, round %d, kills %+v: %s", r.Seed, x.Number, x.Kills, f))
	}
}

// String writes the report for people.
func (r *Report) String() string {
	kills := 0
	for _, n := range r.Kills {
		kills += n
	}
	names := make([]string, 0, len(r.Outcomes))
	for outcome, n := range r.Outcomes {
		names = append(names, fmt.Sprintf("%d %s", n, outcome))
	}
	slices.Sort(names)
	return fmt.Sprintf("seed %d: %d rounds in %v (%v a round, at rest after %v at most), %d kills %v, %d of them with requests open; %d payments, %d exchanges, %d requests unknown at first, ends: %s; %d findings; %s",
		r.Seed, r.Rounds, r.Took.Round(time.Second), (r.Took / time.Duration(max(r.Rounds, 1))).Round(100*time.Millisecond), r.LongestRest.Round(100*time.Millisecond),
		kills, r.Kills, r.AtWork, r.Payments, r.Exchanges, r.Unknown, strings.Join(names, ", "), len(r.Findings), r.unobserved())
}

// unobserved says which rules had nothing to look at.
func (r *Report) unobserved() string {
	var names []string
	for _, rule := range conformance.Rules() {
		if r.Looked[rule.Name] == 0 {
			names = append(names, rule.Name)
		}
	}
	if len(names) == 0 {
		return "all rules observed"
	}
	return string(conformance.NotObserved) + ": " + strings.Join(names, ", ")
}
