package conformance

import (
	"fmt"
	"time"
)

// judgeUnknown holds that an unknown or pending outcome comes to an end: the
// requester's program is told of one in time, and no provider states at the end a
// payment that is still being resolved, or waits beyond its time.
func judgeUnknown(x *index) (out []Finding) {
	last := map[requestKey]*promise{}
	var open []*promise
	for i := range x.promises {
		p := &x.promises[i]
		if !p.told {
			continue
		}
		known := p.outcome == done || p.outcome == notDone
		was := last[p.requestKey]
		switch {
		case !known && was == nil:
			x.looked++
			last[p.requestKey] = p
			open = append(open, p)
		case known && was == nil:
			last[p.requestKey] = p
		case known && was.outcome != done && was.outcome != notDone:
			if x.Bounds.Resolve > 0 && p.at.After(was.at.Add(x.Bounds.Resolve+x.Bounds.Skew)) {
				out = append(out, was.unresolved(x.Bounds.Resolve, fmt.Sprintf("; it was told at %s that it is %s", clock(p.at), p.outcome)))
			}
			last[p.requestKey] = p
		case known && was.outcome != p.outcome && (p.outcome == done || p.kind == cancellationRequest):
			out = append(out, p.contradicts(was))
		}
	}
	for _, p := range open {
		if last[p.requestKey] == p && x.due(p.at, x.Bounds.Resolve) {
			out = append(out, p.unresolved(x.Bounds.Resolve, ", and was told nothing more"))
		}
	}
	return append(out, x.unresolvedPayments()...)
}

// unresolved makes a finding of an outcome that did not come to an end in time.
func (p *promise) unresolved(bound time.Duration, since string) Finding {
	return Finding{
		Party: p.from,
		What: fmt.Sprintf("the requester's program was told at %s that %s %s is %s, and not within %s how it ended%s", clock(p.at), p.kind, p.id,
			p.outcome, bound, since),
		Exchanges: p.exchanges, Class: p.class,
	}
}

// contradicts makes a finding of two ends that were told of one request. A
// payment or capture that was done may end as not done, if it is reversed.
func (p *promise) contradicts(was *promise) Finding {
	return Finding{
		Party: p.from,
		What: fmt.Sprintf("the requester's program was told at %s that %s %s is %s, and at %s that it is %s", clock(was.at), p.kind, p.id, was.outcome,
			clock(p.at), p.outcome),
		Exchanges: p.exchanges, Class: p.class,
	}
}

// unresolvedPayments looks at what providers state at the end.
func (x *index) unresolvedPayments() (out []Finding) {
	for _, s := range x.lastStatements() {
		switch s.Payment.State {
		case "resolving":
			x.looked++
			if since, ok := x.firstStated(s); ok && x.due(since, x.Bounds.Resolve) {
				out = append(out, x.stated(s, fmt.Sprintf("states at %s that it is still being resolved", clock(s.At))))
			}
		case pending:
			x.looked++
			over := !s.Payment.Expires.IsZero() && x.local(s.Party, s.At).After(s.Payment.Expires.Add(x.Bounds.Release+x.Bounds.Skew))
			if over && x.Bounds.Release > 0 {
				out = append(out, x.stated(s, fmt.Sprintf("states at %s that it is pending, and its time was over at %s", clock(s.At), clock(s.Payment.Expires))))
			}
		}
	}
	return out
}

// firstStated returns since when a payment has had an unknown outcome, as far as
// it was seen: when its request was answered so, or arrived.
func (x *index) firstStated(s *Statement) (time.Time, bool) {
	var first time.Time
	for i := range x.Exchanges {
		e := &x.Exchanges[i]
		if e.To != s.Party || e.Request.ID != s.Request {
			continue
		}
		for _, at := range []time.Time{e.Answered, e.Arrived} {
			if !at.IsZero() {
				if first.IsZero() || at.Before(first) {
					first = at
				}
				break
			}
		}
	}
	return first, !first.IsZero()
}
