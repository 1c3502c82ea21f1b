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
	// Asks are the capabilities without which it does not apply.
	Asks []Capability

	run func(context.Context, *Stage) ([]Finding, error)
	// offered reports whether the case can be shown at an endpoint; nil if it is
	// known that it can.
	offered func(*conformance.Keyring) (bool, error)
}

// Capability is what a provider may offer or not, beside its services.
type Capability string

// The capabilities that cases ask for.
const (
	// PartialCancellation: a payment can be cancelled in part.
	PartialCancellation Capability = "partial cancellation"
	// SeveralCaptures: a hold can be captured more than once.
	SeveralCaptures Capability = "several captures"
	// SOAP: messages are taken in a SOAP envelope too.
	SOAP Capability = "binding soap"
	// Instalments: a payment of 50,000 won can be made in three instalments.
	Instalments Capability = "three instalments of 50,000 won"
)

// lacks returns what a case needs and the metadata do not declare; "" for nothing.
func (s *Stage) lacks(c *Case) string {
	for _, service := range c.Needs {
		if _, err := s.endpoint(service); err != nil {
			return "service " + string(service)
		}
	}
	role, ok := s.Subject.Partner.Role(metadata.RoleName(s.Subject.Role))
	for _, capability := range c.Asks {
		if !ok || !s.offers(role, capability) {
			return string(capability)
		}
	}
	return ""
}

func (s *Stage) offers(role *metadata.Role, c Capability) bool {
	switch c {
	case PartialCancellation:
		return role.PartialCancellation
	case SeveralCaptures:
		return role.Captures == metadata.CapturesSeveral
	case Instalments:
		return slices.Contains(role.Instalments.Months, 3) && role.Instalments.From <= orderWon
	case SOAP:
		_, ok := role.Endpoint(metadata.ServicePayment, metadata.BindingSOAP)
		return ok
	}
	return false
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
	if lacking := s.lacks(c); lacking != "" {
		r.Verdict, r.Note = NotApplicable, "the metadata declare no "+lacking
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
