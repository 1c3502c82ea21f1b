package conformance

import (
	"fmt"
	"slices"
)

// requestClosed is the code of the answer to a repeat after its window (P9).
const requestClosed = "request-closed"

// judgeRepeats holds that repeating changes nothing: the same message gets the
// answer that was recorded, another under the same ID is refused, and after all
// has come to rest no repeat moves money or state.
func judgeRepeats(x *index) (out []Finding) {
	for _, r := range x.requests {
		if r.kind != paymentRequest && r.kind != captureRequest && r.kind != cancellationRequest {
			continue // the others answer for the present state, or move no money
		}
		if f, found := x.unlike(r); found {
			out = append(out, f)
		}
	}
	return append(append(out, x.movedAfter()...), x.changedAfter()...)
}

// requestReversed is the code of the answer to a request that its sender has
// reversed, which a repeat gets from then on.
const requestReversed = "request-reversed"

// unlike looks for two answers to one request that do not go together.
func (x *index) unlike(r *requested) (Finding, bool) {
	var first *Exchange
	answered := slices.Clone(r.exchanges)
	slices.SortStableFunc(answered, func(a, b *Exchange) int { return a.Answered.Compare(b.Answered) })
	for _, e := range answered {
		a := e.Answer
		if a == nil || a.Outcome != done && a.Outcome != notDone || a.Code == requestClosed {
			continue
		}
		if first == nil {
			first = e
			continue
		}
		x.looked++
		switch {
		case a.Code == requestReversed && x.reversedBy(r.requestKey, e.Answered):
			continue
		case e.Request.Digest != first.Request.Digest:
			if a.Outcome == done && first.Answer.Outcome == done {
				return r.repeat(first, e, "was done twice, with two contents"), true
			}
		case a.Outcome != first.Answer.Outcome:
			return r.repeat(first, e, fmt.Sprintf("was answered %s (%s) and, repeated, %s (%s)", first.Answer.Outcome, first.Answer.Code, a.Outcome, a.Code)), true
		case a.Digest != first.Answer.Digest:
			return r.repeat(first, e, "was repeated and got another answer than the recorded one"), true
		}
	}
	return Finding{}, false
}

func (r *requested) repeat(a, b *Exchange, what string) Finding {
	return Finding{Party: r.to, What: fmt.Sprintf("%s %s %s", r.kind, r.id, what), Exchanges: []int{a.Number, b.Number}, Class: Wire}
}

// movedAfter looks for entries after all had come to rest. What a party does by
// the time alone, as an expiry, is no consequence of a repeat.
func (x *index) movedAfter() (out []Finding) {
	if x.Settled.IsZero() {
		return nil
	}
	for i := range x.Entries {
		e := &x.Entries[i]
		if e.Effect == EffectExpiry || !e.At.After(x.Settled) {
			continue
		}
		out = append(out, Finding{
			Party: e.Party,
			What: fmt.Sprintf("all had come to rest at %s; a repeat then moved money: %s of %s of payment %s at %s", clock(x.Settled), e.Effect,
				amount(e.Currency, e.Amount), e.Transaction, clock(e.At)),
			Exchanges: x.caused(e), Class: e.Class,
		})
	}
	return out
}

// changedAfter compares what parties stated before and after the repeats.
func (x *index) changedAfter() (out []Finding) {
	if x.Settled.IsZero() {
		return nil
	}
	before := map[statedKey]*Statement{}
	for i := range x.Statements {
		s := &x.Statements[i]
		if s.Final && !s.At.After(x.Settled) {
			before[s.key()] = s
		}
	}
	states := slices.ContainsFunc(x.Statements, func(s Statement) bool { return s.Final && !s.At.After(x.Settled) })
	for _, s := range x.lastStatements() {
		if !s.At.After(x.Settled) || !states {
			continue
		}
		x.looked++
		was := before[s.key()]
		switch {
		case s.Payment.State == "expired" || was != nil && was.Payment.same(&s.Payment):
		case was == nil:
			out = append(out, x.stated(s, "states it only after all had come to rest and was repeated, as "+s.Payment.State))
		default:
			out = append(out, x.stated(s, fmt.Sprintf("states %s with %s; before the repeats it was %s with %s", s.Payment.State, positionOf(&s.Payment).show(s.Payment.Currency),
				was.Payment.State, positionOf(&was.Payment).show(was.Payment.Currency))))
		}
	}
	return out
}

// same reports whether two statements say the same of a payment.
func (p *Payment) same(q *Payment) bool {
	a := *p
	a.Expires = q.Expires
	return a == *q && p.Expires.Equal(q.Expires)
}

// judgeDeadlines holds that a success was recorded before its deadline: the
// first answer done was made before it, by the clock of the party that answers.
func judgeDeadlines(x *index) (out []Finding) {
	for _, r := range x.requests {
		if r.kind != paymentRequest && r.kind != captureRequest || r.first().Deadline.IsZero() {
			continue
		}
		for _, e := range r.exchanges {
			if e.Answer == nil || e.Answer.Outcome != done {
				continue
			}
			x.looked++
			if e.Answer.Issued.After(e.Request.Deadline) {
				out = append(out, Finding{
					Party: r.to,
					What: fmt.Sprintf("%s %s had its deadline at %s, and was answered as done at %s", r.kind, r.id, clock(e.Request.Deadline),
						clock(e.Answer.Issued)),
					Exchanges: []int{e.Number}, Class: Wire,
				})
				break
			}
		}
	}
	return append(out, x.surfaced()...)
}

// surfaced looks for payments of which an answer said that the outcome is
// unknown, and which were reported as done later: these can only end reversed.
func (x *index) surfaced() (out []Finding) {
	unknownAt := map[requestKey]*promise{}
	for i := range x.promises {
		p := &x.promises[i]
		if p.told || p.kind != paymentRequest || p.code == requestClosed {
			continue
		}
		was := unknownAt[p.requestKey]
		switch {
		case p.outcome == unknown && was == nil && p.direct:
			x.looked++
			unknownAt[p.requestKey] = p
		case p.outcome == done && was != nil && p.at.After(was.at):
			out = append(out, Finding{
				Party: p.to,
				What: fmt.Sprintf("PaymentRequest %s was answered as unknown (%s) at %s, and at %s %s says that it is done", p.id, was.code, clock(was.at),
					clock(p.at), p.by),
				Exchanges: append(slices.Clone(was.exchanges), p.exchanges...), Class: Wire,
			})
			delete(unknownAt, p.requestKey)
		}
	}
	return out
}
