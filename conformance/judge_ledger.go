package conformance

import (
	"fmt"
	"time"
)

// judgePostings holds I1: each entry sums to zero in each currency.
func judgePostings(x *index) (out []Finding) {
	for i := range x.Entries {
		e := &x.Entries[i]
		var currencies []string
		sums := map[string]int64{}
		for _, p := range e.Postings {
			if _, seen := sums[p.Currency]; !seen {
				currencies = append(currencies, p.Currency)
			}
			sums[p.Currency] += p.Amount
		}
		for _, c := range currencies {
			if sums[c] == 0 {
				continue
			}
			out = append(out, Finding{
				Party:     e.Party,
				What:      fmt.Sprintf("the entry %s of %s of payment %s leaves %s over", e.Effect, amount(e.Currency, e.Amount), e.Transaction, amount(c, sums[c])),
				Exchanges: x.caused(e), Class: e.Class,
			})
		}
	}
	return out
}

// judgeCaptures holds I2, by the entries and by what parties state.
func judgeCaptures(x *index) (out []Finding) {
	for _, h := range x.histories {
		var b balance
		for _, e := range h.entries {
			b.add(e)
			if b.held >= 0 {
				continue
			}
			out = append(out, Finding{
				Party: h.party,
				What: fmt.Sprintf("%s of %s of payment %s is %s more than was on hold", e.Effect, amount(e.Currency, e.Amount),
					h.transaction, amount(e.Currency, -b.held)),
				Exchanges: x.caused(h.approval, e), Class: e.Class,
			})
			break
		}
	}
	for i := range x.Statements {
		if s := &x.Statements[i]; s.Payment.Captured > s.Payment.Amount {
			out = append(out, x.stated(s, fmt.Sprintf("states %s captured of %s authorised",
				amount(s.Payment.Currency, s.Payment.Captured), amount(s.Payment.Currency, s.Payment.Amount))))
		}
	}
	return out
}

// judgeRefunds holds I3, by the entries and by what parties state.
func judgeRefunds(x *index) (out []Finding) {
	for _, h := range x.histories {
		var b balance
		for _, e := range h.entries {
			b.add(e)
			if b.refunded <= b.captured {
				continue
			}
			out = append(out, Finding{
				Party: h.party,
				What: fmt.Sprintf("%s of %s of payment %s brings what was given back to %s, of %s captured", e.Effect, amount(e.Currency, e.Amount),
					h.transaction, amount(e.Currency, b.refunded), amount(e.Currency, b.captured)),
				Exchanges: x.caused(h.entries...), Class: e.Class,
			})
			break
		}
	}
	for i := range x.Statements {
		s := &x.Statements[i]
		p := &s.Payment
		if most := max(p.Captured, p.Amount*boolean(p.Captured == 0)); p.Cancelled > most || p.Cancelled+p.Cancellable > p.Amount {
			out = append(out, x.stated(s, fmt.Sprintf("states %s cancelled and %s cancellable, of %s authorised and %s captured",
				amount(p.Currency, p.Cancelled), amount(p.Currency, p.Cancellable), amount(p.Currency, p.Amount), amount(p.Currency, p.Captured))))
		}
	}
	return out
}

func boolean(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// stated makes a finding of a statement.
func (x *index) stated(s *Statement, what string) Finding {
	return Finding{
		Party: s.Party, What: fmt.Sprintf("payment %s of order %s: %s %s", s.Payment.Transaction, s.Order, s.By, what), Class: s.Class,
	}
}

// judgeRepeatedEffects holds I4: one request has at most one effect, by the
// entries, and by answers that name two transactions.
func judgeRepeatedEffects(x *index) (out []Finding) {
	for _, r := range x.requests {
		effects := x.effects(r.requestKey, r.kind)
		if len(effects) > 1 {
			a, b := effects[0], effects[1]
			out = append(out, Finding{
				Party: r.to,
				What: fmt.Sprintf("%s %s had %d effects: %s of %s (payment %s) at %s, and %s of %s (payment %s) at %s", r.kind, r.id, len(effects),
					a.Effect, amount(a.Currency, a.Amount), a.Transaction, clock(a.At), b.Effect, amount(b.Currency, b.Amount), b.Transaction, clock(b.At)),
				Exchanges: x.numbers(r.requestKey), Class: weaker(a.Class, b.Class),
			})
		}
		if f, found := twoTransactions(r); found {
			out = append(out, f)
		}
	}
	return out
}

// twoTransactions looks for answers to one payment request that speak of two
// payments.
func twoTransactions(r *requested) (Finding, bool) {
	if r.kind != paymentRequest {
		return Finding{}, false
	}
	var first *Exchange
	for _, e := range r.exchanges {
		switch {
		case e.Answer == nil || e.Answer.Outcome != done || e.Answer.Payment == nil:
		case first == nil:
			first = e
		case e.Answer.Payment.Transaction != first.Answer.Payment.Transaction:
			return Finding{
				Party:     r.to,
				What:      fmt.Sprintf("PaymentRequest %s was approved as payment %s and as payment %s", r.id, first.Answer.Payment.Transaction, e.Answer.Payment.Transaction),
				Exchanges: []int{first.Number, e.Number}, Class: Wire,
			}, true
		}
	}
	return Finding{}, false
}

// judgeHolds holds I5: nothing is captured once the hold's time is over, and what
// is left is released.
func judgeHolds(x *index) (out []Finding) {
	for _, h := range x.histories {
		if h.approval == nil || h.approval.HoldExpires.IsZero() {
			continue
		}
		a, ends := h.approval, h.approval.HoldExpires
		for _, e := range h.entries {
			if at := x.local(h.party, x.takenOn(e)); e.Effect == EffectCapture && at.After(ends.Add(x.Bounds.Skew)) {
				out = append(out, Finding{
					Party: h.party,
					What: fmt.Sprintf("%s of payment %s was captured at %s, and its hold ended at %s", amount(e.Currency, e.Amount),
						h.transaction, clock(at), clock(ends)),
					Exchanges: x.caused(a, e), Class: weaker(a.Class, e.Class),
				})
			}
		}
		over := x.Bounds.Release > 0 && x.local(h.party, x.Ended).After(ends.Add(x.Bounds.Release+x.Bounds.Skew))
		if b := h.balance(); over && b.held > 0 {
			out = append(out, Finding{
				Party: h.party,
				What: fmt.Sprintf("%s of payment %s is still on hold at %s, and the hold ended at %s", amount(a.Currency, b.held), h.transaction,
					clock(x.local(h.party, x.Ended)), clock(ends)),
				Exchanges: x.caused(a), Class: a.Class,
			})
		}
	}
	return out
}

// takenOn returns when a party took on what an entry carries out. Its books decide
// at an issuer. A PG, which ends a hold some minutes before its issuer does, may
// learn late what was captured in time: it took that on when the request arrived.
func (x *index) takenOn(e *Entry) time.Time {
	p, r := x.parties[e.Party], x.asked[requestKey{e.Party, e.Sender, e.Request}]
	at := e.At
	if p == nil || p.Role != PG || r == nil {
		return at
	}
	for _, sent := range r.exchanges {
		if !sent.Arrived.IsZero() && sent.Arrived.Before(at) {
			at = sent.Arrived
		}
	}
	return at
}

// judgeAuthenticationHolds holds I6.
func judgeAuthenticationHolds(x *index) (out []Finding) {
	for _, h := range x.histories {
		for _, e := range h.entries {
			if e.Effect == EffectCapture && h.authentication() {
				out = append(out, Finding{
					Party:     h.party,
					What:      fmt.Sprintf("%s of payment %s was captured, which is a hold that authenticates", amount(e.Currency, e.Amount), h.transaction),
					Exchanges: x.caused(h.approval, e), Class: e.Class,
				})
			}
		}
	}
	for i := range x.Statements {
		if s := &x.Statements[i]; s.Authentication && s.Payment.Captured > 0 {
			out = append(out, x.stated(s, fmt.Sprintf("states %s captured of a hold that authenticates", amount(s.Payment.Currency, s.Payment.Captured))))
		}
	}
	return out
}
