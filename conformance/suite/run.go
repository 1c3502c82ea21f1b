package suite

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/spec"
)

// Case is one thing to be shown at an implementation.
type Case struct {
	// ID is unique and never changes.
	ID string
	// Clauses are those that it tests, the broken one first; Level is the first's.
	Clauses []string
	Level   spec.Level
	// Needs are the services without which it does not apply.
	Needs []metadata.Service
	// Note is one sentence for people.
	Note string
	// Killers are the names of the defects that it must show.
	Killers []string

	run func(context.Context, *Stage) ([]Finding, error)
	// offered reports whether the case can be shown at an endpoint; nil if it is
	// known that it can.
	offered func(*conformance.Keyring) (bool, error)
}

// Run runs cases, that many at a time, and tells of each as it ends; progress is
// called by one at a time. Results stand in the order of the cases. Cases that
// were not begun when ctx was done could not run.
func (s *Stage) Run(ctx context.Context, list []Case, atOnce int, progress func(*Result)) *Report {
	report := &Report{Subject: s.Subject.Entity, Role: string(s.Subject.Role), Began: s.Clock.Now().UTC(), Results: make([]Result, len(list))}
	var next atomic.Int64
	var telling sync.Mutex
	var workers sync.WaitGroup
	for range max(atOnce, 1) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				r := s.runOne(ctx, &list[i])
				report.Results[i] = r
				if progress != nil {
					telling.Lock()
					progress(&r)
					telling.Unlock()
				}
			}
		})
	}
	workers.Wait()
	report.Ended = s.Clock.Now().UTC()
	return report
}

// runOne runs a case and gives its verdict.
func (s *Stage) runOne(ctx context.Context, c *Case) Result {
	r := Result{Case: c.ID, Clauses: c.Clauses, Level: c.Level}
	if i := slices.IndexFunc(c.Needs, func(service metadata.Service) bool { _, err := s.endpoint(service); return err != nil }); i >= 0 {
		r.Verdict, r.Note = NotApplicable, "the metadata declare no "+string(c.Needs[i])
		return r
	}
	if err := ctx.Err(); err != nil {
		r.Verdict, r.Note = CouldNotRun, err.Error()
		return r
	}
	began := s.Clock.Now()
	findings, err := c.run(ctx, s)
	r.Took, r.Findings = max(s.Clock.Now().Sub(began), time.Duration(0)), findings
	switch {
	case err != nil && len(findings) == 0:
		r.Verdict, r.Note = CouldNotRun, err.Error()
		if _, ok := errors.AsType[*harnessError](err); ok {
			r.Verdict = HarnessError
		}
		if twin, ok := errors.AsType[*twinError](err); ok {
			r.Findings = append(r.Findings, twin.finding)
		}
	case len(findings) == 0:
		r.Verdict = Pass
	case c.Level == spec.Must:
		r.Verdict = Fail
	default:
		r.Verdict = Warn
	}
	return r
}
