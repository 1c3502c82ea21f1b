package suite

import (
	"time"

	"github.com/kecis/sdk/spec"
)

// Verdict says how a case ended.
type Verdict string

// The verdicts. Only Pass is one.
const (
	Pass Verdict = "pass"
	Fail Verdict = "fail"
	// Warn: a SHOULD is not met.
	Warn Verdict = "warn"
	// NotApplicable: the metadata do not declare what the case needs.
	NotApplicable Verdict = "not-applicable"
	// CouldNotRun: no answer came, or the valid message did not go through.
	CouldNotRun Verdict = "could-not-run"
	// HarnessError: a fault of the suite itself.
	HarnessError Verdict = "harness-error"
)

// Result is what came of one case.
type Result struct {
	Case    string        `json:"case"`
	Clauses []string      `json:"clauses"`
	Level   spec.Level    `json:"level"`
	Verdict Verdict       `json:"verdict"`
	Note    string        `json:"note,omitempty"`
	Took    time.Duration `json:"took_ns"`
	// Findings say what was expected and what was found; of a case that passed
	// there are none.
	Findings []Finding `json:"findings,omitempty"`
}

// Finding is one thing that was not as it must be.
type Finding struct {
	// Step is what was done: "the message with the fault".
	Step     string `json:"step"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
	// Sent and Received are the documents, where there were any.
	Sent     []byte `json:"sent,omitempty"`
	Received []byte `json:"received,omitempty"`
}

// Summary is how often each verdict was given.
type Summary map[Verdict]int

// Outcome is how a run ended.
type Outcome string

// The outcomes of a run.
const (
	Passed Outcome = "passed"
	Failed Outcome = "failed"
	// Incomplete: a case that counts could not run.
	Incomplete Outcome = "incomplete"
	// Nothing: no case matched, which is no success.
	Nothing Outcome = "nothing"
	// Broken: the suite itself is at fault.
	Broken Outcome = "harness-error"
)

// Report is what came of a run.
type Report struct {
	Subject string    `json:"subject"`
	Role    string    `json:"role"`
	Began   time.Time `json:"began"`
	Ended   time.Time `json:"ended"`
	Results []Result  `json:"results"`
}

// Summary counts the verdicts.
func (r *Report) Summary() Summary {
	out := Summary{}
	for i := range r.Results {
		out[r.Results[i].Verdict]++
	}
	return out
}

// Outcome judges a run: it has passed only if every case that counts was run and
// passed, and there was at least one.
func (r *Report) Outcome() Outcome {
	n := r.Summary()
	switch {
	case n[HarnessError] > 0:
		return Broken
	case n[Fail] > 0:
		return Failed
	case n[CouldNotRun] > 0:
		return Incomplete
	case n[Pass] == 0:
		return Nothing
	}
	return Passed
}
