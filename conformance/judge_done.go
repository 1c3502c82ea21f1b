package conformance

import (
	"fmt"
	"time"
)

// judgeDone holds what the outcome done promises, at parties whose books are
// seen: the effect stands there, in the amount that was asked for, and what
// undid it since was asked for or its time was over.
func judgeDone(x *index) (out []Finding) {
	seen := map[requestKey]bool{}
	for i := range x.promises {
		p := &x.promises[i]
		if p.outcome != done || seen[p.requestKey] || !x.books(p.to) {
			continue
		}
		seen[p.requestKey] = true
		x.looked++
		effects := x.effects(p.requestKey, p.kind)
		if len(effects) == 0 {
			out = append(out, p.finding(fmt.Sprintf("%s says that %s %s is done, and no effect of it stands in the ledger", p.by, p.kind, p.id)))
			continue
		}
		e := effects[0]
		if r := x.asked[p.requestKey]; r != nil && r.first().Amount > 0 && r.first().Amount != e.Amount {
			out = append(out, p.finding(fmt.Sprintf("%s says that %s %s is done, which asked for %s; the ledger has %s", p.by, p.kind, p.id,
				amount(r.first().Currency, r.first().Amount), amount(e.Currency, e.Amount))))
		}
		if e.At.After(p.at) {
			out = append(out, p.finding(fmt.Sprintf("%s said at %s that %s %s is done; its effect came at %s", p.by, clock(p.at), p.kind, p.id, clock(e.At))))
		}
		out = append(out, x.judgeUndone(p, e)...)
	}
	return out
}

// judgeUndone looks for an end of a reported effect that nobody asked for.
func (x *index) judgeUndone(p *promise, effect *Entry) (out []Finding) {
	h := x.byPayment[paymentKey{effect.Party, effect.Transaction}]
	for _, e := range h.entries {
		undoes := e.Effect == EffectReversal && p.kind == paymentRequest || e.Effect == EffectCaptureReversal && p.kind == captureRequest
		if !undoes || e.At.Before(effect.At) || e.At.Before(p.at) && !p.told || x.reversedBy(p.requestKey, e.At) {
			continue
		}
		f := p.finding(fmt.Sprintf("%s said that %s %s is done; at %s it was undone (%s of %s), and its sender had not asked for that", p.by, p.kind, p.id,
			clock(e.At), e.Effect, amount(e.Currency, e.Amount)))
		f.Class = weaker(f.Class, e.Class)
		return append(out, f)
	}
	return out
}

// reversedBy reports whether the sender of a request had sent its reversal by
// then.
func (x *index) reversedBy(original requestKey, at time.Time) bool {
	for i := range x.Exchanges {
		r := &x.Exchanges[i]
		if r.Request.Kind == reversalRequest && r.From == original.from && r.To == original.to && r.Request.OriginalRequest == original.id &&
			r.Sent.Before(at) {
			return true
		}
	}
	return false
}

// finding makes a finding of a promise that was not kept.
func (p *promise) finding(what string) Finding {
	return Finding{Party: p.to, What: what, Exchanges: p.exchanges, Class: weaker(p.class, Declared)}
}

// judgeNotDone holds what the outcome not-done promises: from then on the
// request has no effect that is live, and never gets one.
func judgeNotDone(x *index) (out []Finding) {
	seen := map[requestKey]bool{}
	for i := range x.promises {
		p := &x.promises[i]
		if p.outcome != notDone || seen[p.requestKey] || !x.books(p.to) {
			continue
		}
		if p.heir && !x.due(p.at, x.Bounds.Resolve) {
			continue
		}
		x.looked++
		if f, broken := x.brokenNotDone(p); broken {
			seen[p.requestKey] = true
			out = append(out, f)
		}
	}
	return out
}

func (x *index) brokenNotDone(p *promise) (Finding, bool) {
	from := p.at
	if p.heir {
		from = x.Ended
	}
	for _, e := range x.effects(p.requestKey, p.kind) {
		h := x.byPayment[paymentKey{e.Party, e.Transaction}]
		switch {
		case e.At.After(from):
			return p.finding(fmt.Sprintf("%s said at %s that %s %s is not done; at %s it took effect: %s of %s", p.by, clock(p.at), p.kind, p.id,
				clock(e.At), e.Effect, amount(e.Currency, e.Amount))), true
		case h.liveEffect(e, from):
			return p.finding(fmt.Sprintf("%s said at %s that %s %s is not done; its effect of %s (%s) stood then in the ledger", p.by, clock(p.at), p.kind, p.id,
				clock(e.At), amount(e.Currency, e.Amount))), true
		}
	}
	return Finding{}, false
}

// liveEffect reports whether an effect stands at a time: that of a payment while
// anything of it is live, that of a capture until it is reversed, that of a
// cancellation always.
func (h *history) liveEffect(effect *Entry, at time.Time) bool {
	switch effect.Effect {
	case EffectApproval:
		return h.balanceUntil(at).live() > 0
	case EffectCapture:
		for _, e := range h.entries {
			undone := e.Effect == EffectReversal || e.Effect == EffectCaptureReversal
			if undone && !e.At.Before(effect.At) && !e.At.After(at) {
				return false
			}
		}
	}
	return true
}
