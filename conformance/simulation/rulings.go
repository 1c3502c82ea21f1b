package simulation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

// What holds of amount authentication beside the rules of messages and money: the
// simulation sees the sessions, the inbox and the pages, which no recording has.

// Rules are all rules that a world is held against: those of any recording, and those
// of amount authentication.
func Rules() []conformance.Rule { return append(conformance.Rules(), ownRules()...) }

// ownRules are their names and texts, with the clauses that they rest on.
func ownRules() []conformance.Rule {
	return []conformance.Rule{
		{Name: "AA hold", Text: "the hold of an authentication lives as long as its session, and no longer", Clauses: []string{"KECIS-AA-012", "KECIS-AUT-002"}},
		{Name: "AA end", Text: "an authentication comes to an end, which nothing leaves", Clauses: []string{"KECIS-AUT-007"}},
		{Name: "AA tries", Text: "a session tells of two wrong values, and is locked by the third and no earlier", Clauses: []string{"KECIS-AA-008", "KECIS-AA-011"}},
		{Name: "AA order", Text: "an order that needs it is approved after its own buyer was verified, within ten minutes", Clauses: []string{"KECIS-AA-013", "KECIS-AA-014", "KECIS-AUT-018"}},
		{Name: "AA page", Text: "what a page says of the money is so", Clauses: []string{"KECIS-AA-012", "KECIS-AA-013"}},
		{Name: "AA secret", Text: "what was drawn stands in nothing that goes to others", Clauses: []string{"KECIS-AA-015", "KECIS-AUT-029"}},
		{Name: "AA card", Text: "an instrument has at most three authentications that failed or were left", Clauses: []string{"KECIS-AUT-031"}},
		{Name: "AA profile", Text: "nobody skips an authentication without the expiry", Clauses: []string{"KECIS-AA-018"}},
	}
}

// ruler judges the authentications of a world.
type ruler struct {
	*setting
	looked   int
	findings []conformance.Finding
	holds    map[conformance.Order]*heldAmount
}

// heldAmount is the hold of an authentication in the issuer's books.
type heldAmount struct {
	approval *conformance.Entry
	// freed is when nothing of it was left, and how; zero for never.
	freed time.Time
	how   conformance.Effect
	live  int64
}

// rulings judges the world by the rules of its own.
func (s *setting) rulings() []conformance.Ruling {
	r := &ruler{setting: s, holds: map[conformance.Order]*heldAmount{}}
	if s.authenticates {
		r.findHolds()
	}
	judges := []func(){r.judgeHolds, r.judgeEnds, r.judgeTries, r.judgeApprovals, r.judgePages, r.judgeSecrets, r.judgeCards, r.judgeProfiles}
	out := make([]conformance.Ruling, 0, len(judges))
	for i, rule := range ownRules() {
		r.looked, r.findings = 0, nil
		if s.authenticates {
			judges[i]()
		}
		for j := range r.findings {
			r.findings[j].Rule, r.findings[j].Clauses, r.findings[j].Class = rule.Name, rule.Clauses, conformance.Declared
		}
		out = append(out, conformance.Ruling{Rule: rule, Looked: r.looked, Findings: r.findings})
	}
	return out
}

func (r *ruler) findf(p *process, format string, args ...any) {
	f := conformance.Finding{What: fmt.Sprintf(format, args...)}
	if p != nil {
		f.Party = p.entity
	}
	r.findings = append(r.findings, f)
}

// findHolds reads the issuer's books.
func (r *ruler) findHolds() {
	byTransaction := map[string]*heldAmount{}
	bank := entityOf(theIssuer)
	for i := range r.recording.Entries {
		e := &r.recording.Entries[i]
		if e.Party != bank {
			continue
		}
		h := byTransaction[e.Transaction]
		switch {
		case e.Effect == conformance.EffectApproval && e.Authentication:
			h = &heldAmount{approval: e, live: e.Amount}
			byTransaction[e.Transaction], r.holds[e.Order] = h, h
		case h != nil && e.Effect != conformance.EffectNone && e.Effect != conformance.EffectCaptureReversal:
			if h.live -= e.Amount; h.live <= 0 && h.freed.IsZero() {
				h.freed, h.how = e.At, e.Effect
			}
		}
	}
}

// sessionTime is that of the engine's policy.
const sessionTime = 20 * time.Minute

func (r *ruler) judgeHolds() {
	for order, h := range r.holds {
		r.looked++
		s := r.sessionFor(order)
		switch {
		case s == nil:
			r.findf(nil, "the hold for %s has no session", order)
		case h.live > 0:
			r.findf(s.party, "%d of the hold for %s is held at the end, and its session is %s", h.live, order, s.row.State)
		case h.how == conformance.EffectExpiry && h.freed.After(later(h.approval.At.Add(sessionTime), epoch().Add(stormy)).Add(releaseBound)):
			r.findf(s.party, "the hold for %s was never released, and expired at the issuer; its session is %s", order, s.row.State)
		case h.how != conformance.EffectExpiry && !s.opened.IsZero() && (s.ended.IsZero() || h.freed.Before(s.ended)):
			r.findf(s.party, "the hold for %s was given free at %s, and its session ended later", order, h.freed.Format(time.TimeOnly))
		}
	}
	slices.SortFunc(r.findings, func(a, b conformance.Finding) int { return strings.Compare(a.What, b.What) })
}

func (r *ruler) judgeEnds() {
	for _, s := range r.authentications {
		r.looked++
		switch {
		case s.ended.IsZero():
			r.findf(s.party, "the authentication of %s is %s at the end", s.row.Order.OrderID, s.row.State)
		case s.left != "":
			r.findf(s.party, "the authentication of %s was %s", s.row.Order.OrderID, s.left)
		case s.row.Hold != "gone":
			r.findf(s.party, "the authentication of %s is %s at the end, and its hold is %s", s.row.Order.OrderID, s.row.State, s.row.Hold)
		case s.row.Pays && s.completion != "paid" && s.completion != "declined" && s.completion != "undone" && s.completion != "dropped":
			r.findf(s.party, "the payment of %s is %s at the end", s.row.Order.OrderID, s.completion)
		}
	}
}

// mostWrong is how many wrong values a session tells of before the one that locks.
const mostWrong = 2

func (r *ruler) judgeTries() {
	for _, b := range r.buyers {
		s := r.sessionFor(conformance.Order(b.order))
		if s == nil || len(b.typed) == 0 {
			continue
		}
		r.looked++
		r.judgeTyped(s, b)
	}
}

// judgeTyped looks at what a buyer has typed for a session.
func (r *ruler) judgeTyped(s *session, b *buyer) {
	var wrong, sent []string
	order, right := b.order.OrderID, r.secrets[s.order()].value
	seenRight := slices.ContainsFunc(b.typed, func(t typing) bool { return same(t.value, right) })
	for _, t := range b.typed {
		isRight := same(t.value, right)
		if !isRight {
			sent = append(sent, t.value)
		}
		if t.told == string(amountauth.ErrWrong) {
			wrong = append(wrong, t.value)
		}
		switch {
		case isRight && t.told == string(amountauth.ErrWrong):
			r.findf(s.party, "the right value for %s was told to be wrong", order)
		case t.told == "ok" && s.row.State == "verified" && !seenRight:
			r.findf(s.party, "a wrong value for %s was taken", order)
		}
	}
	if n := distinctValues(wrong); n > mostWrong {
		r.findf(s.party, "of %d values for %s it was told that they are wrong", n, order)
	}
	if n := distinctValues(sent); s.row.State == "locked" && n <= mostWrong {
		r.findf(s.party, "the authentication of %s was locked by %d wrong values", order, n)
	}
}

func distinctValues(list []string) int {
	slices.Sort(list)
	return len(slices.Compact(list))
}

// same compares values: of deposits in any order.
func same(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// judgeApprovals looks at the approvals of orders that need an authentication: those of
// shops at the PG, those of a PG's own sales at the issuer.
func (r *ruler) judgeApprovals() {
	for i := range r.recording.Entries {
		e := &r.recording.Entries[i]
		own := e.Party == entityOf(theIssuer) && r.byEntity[e.Order.Requester] != nil && r.byEntity[e.Order.Requester].role == "pg"
		if e.Effect != conformance.EffectApproval || e.Authentication || e.OrderAmount < authenticatedFrom || !own && r.byEntity[e.Party].role != "pg" {
			continue
		}
		r.looked++
		asked := e.At
		for _, x := range r.recording.Exchanges {
			if x.To == e.Party && x.From == e.Sender && x.Request.ID == e.Request && !x.Arrived.IsZero() && x.Arrived.Before(asked) {
				asked = x.Arrived
			}
		}
		proves := func(s *session) bool {
			at := s.verifiedAt()
			return s.party.entity == e.Party != own && s.row.Order.Requester == e.Order.Requester && s.row.Order.OrderID == e.Order.OrderID &&
				s.row.Order.Part == e.Order.Part && s.row.Amount == kecis.Won(e.OrderAmount) && !at.IsZero() && !at.After(e.At) &&
				(own || asked.Before(at.Add(kecis.EvidenceLife+2*maxSkew+time.Second)))
		}
		if !slices.ContainsFunc(r.authentications, proves) {
			r.findf(r.byEntity[e.Party], "%s was approved at %s, and no authentication of it had been verified by then", e.Order, e.At.Format(time.TimeOnly))
		}
	}
}

func (r *ruler) judgePages() {
	for _, b := range r.buyers {
		order := conformance.Order(b.order)
		s, h := r.sessionFor(order), r.holds[order]
		for i := range b.seen {
			v := &b.seen[i]
			if v.refused || v.title == "" || s == nil {
				continue
			}
			r.looked++
			switch {
			case v.title == titlePaid && !r.paidBy(order, v.at):
				r.findf(s.party, "the buyer of %s was told at %s that it is paid, and it was not", b.order.OrderID, v.at.Format(time.TimeOnly))
			case (v.nothing || v.title == titleDeclined) && r.paidBy(order, r.recording.Ended):
				r.findf(s.party, "the buyer of %s was told that nothing is paid, and it was", b.order.OrderID)
			case v.released && h != nil && (h.freed.IsZero() || h.freed.After(v.at)):
				r.findf(s.party, "the buyer of %s was told at %s that nothing is held, and it was", b.order.OrderID, v.at.Format(time.TimeOnly))
			case (v.title == titleVerified || v.title == titlePaid || v.title == titlePaying || v.title == titleDeclined) && (s.verifiedAt().IsZero() || s.verifiedAt().After(v.at)):
				r.findf(s.party, "the buyer of %s was told %q at %s, and the session is %s", b.order.OrderID, v.title, v.at.Format(time.TimeOnly), s.row.State)
			case v.final && !v.released && s.row.State != "not-started":
				r.findf(s.party, "the buyer of %s is not told at the end that nothing is held: %q", b.order.OrderID, v.title)
			case v.final && (v.progress || v.unfinished):
				r.findf(s.party, "the page of %s has come to no end: %q", b.order.OrderID, v.title)
			case v.final && v.title == titleFailed && !strings.Contains(v.reason, reasonOf(s.row.State)):
				r.findf(s.party, "the page of %s does not tell that the session is %s", b.order.OrderID, s.row.State)
			}
		}
	}
}

// reasonOf is what a page says of a state.
func reasonOf(state string) string {
	code := map[string]amountauth.Code{
		"locked": amountauth.ErrLocked, "expired": amountauth.ErrLate, "cancelled": amountauth.ErrCancelled, "not-started": amountauth.ErrNotStarted,
	}[state]
	return code.Text("en")
}

// paidBy reports whether an order has money moved at the issuer at a time.
func (r *ruler) paidBy(order conformance.Order, at time.Time) bool {
	var live int64
	ours := map[string]bool{}
	for i := range r.recording.Entries {
		e := &r.recording.Entries[i]
		if e.Party != entityOf(theIssuer) || e.At.After(at) {
			continue
		}
		switch e.Effect {
		case conformance.EffectApproval:
			if ours[e.Transaction] = e.Order == order && !e.Authentication; ours[e.Transaction] {
				live += e.Amount
			}
		case conformance.EffectReversal, conformance.EffectVoid, conformance.EffectRefund, conformance.EffectExpiry:
			if ours[e.Transaction] {
				live -= e.Amount
			}
		}
	}
	return live > 0
}

func (r *ruler) judgeSecrets() {
	for order, secret := range r.secrets {
		if !secret.searched {
			continue
		}
		for _, p := range r.papers {
			r.looked++
			if tells(p.text, secret.value) {
				r.findf(nil, "what was drawn for %s stands in a %s", order, p.where)
				break
			}
		}
	}
	slices.SortFunc(r.findings, func(a, b conformance.Finding) int { return strings.Compare(a.What, b.What) })
}

// mostFailed is how many authentications of an instrument may fail.
const mostFailed = 3

func (r *ruler) judgeCards() {
	failed := map[string]int{}
	for _, h := range r.holds {
		r.looked++
		s := r.sessionFor(h.approval.Order)
		if s != nil && s.row.State == "verified" {
			continue
		}
		for _, line := range h.approval.Postings {
			if name, ok := strings.CutPrefix(line.Account, "held/"); ok {
				failed[name]++
			} else if name, ok := strings.CutPrefix(line.Account, "customer/"); ok {
				failed[name]++
			}
		}
	}
	for _, name := range sortedKeys(failed) {
		if failed[name] > mostFailed {
			r.findf(r.byEntity[entityOf(theIssuer)], "%d authentications of one instrument failed", failed[name])
		}
	}
}

func (r *ruler) judgeProfiles() {
	for _, k := range r.skips {
		r.looked++
		if k.taken && !k.right {
			r.findf(nil, "the authentication of %s was skipped by somebody without the expiry", k.what)
		}
	}
}
