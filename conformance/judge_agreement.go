package conformance

import (
	"fmt"
	"slices"
)

// position is what a payment comes to for the buyer, as it can be compared
// between parties: what is still held or taken of the money, what of it was
// captured ever, and what was given back by cancellations.
type position struct{ live, captured, cancelled int64 }

func (p position) plus(q position) position {
	return position{p.live + q.live, p.captured + q.captured, p.cancelled + q.cancelled}
}

// settled brings positions of which nothing is live to one form: whether a
// payment was refused, undone or given back whole is told by its state, which
// parties may word differently, and not by money.
func (p position) settled() position {
	if p.live == 0 {
		return position{}
	}
	return p
}

// positionOf returns the position that a stated payment comes to.
func positionOf(p *Payment) position {
	if p.State != "authorised" && p.State != "captured" {
		return position{}
	}
	return position{p.Cancellable, p.Captured, p.Cancelled}
}

// judgeAgreement holds I7: at the end the requester, the PGs together and the
// issuers together say the same of each attempt to pay an order, and each party's
// ledger agrees with what it states.
func judgeAgreement(x *index) (out []Finding) {
	v := views{index: x, of: map[Order]map[Role]position{}, class: map[Order]Class{}}
	for _, s := range x.lastStatements() {
		if s.Authentication {
			continue
		}
		out = append(out, x.judgeBooks(s)...)
		if party := x.parties[s.Party]; party != nil {
			v.add(s.Order, party.Role, positionOf(&s.Payment), s.Class)
		}
	}
	return append(out, v.compare()...)
}

// statedKey names a payment as a party states it: by its transaction, and where
// the party gives it none, by the request that made it.
type statedKey struct {
	paymentKey
	request string
}

func (s *Statement) key() statedKey {
	if s.Payment.Transaction == "" {
		return statedKey{paymentKey{s.Party, ""}, s.Request}
	}
	return statedKey{paymentKey{s.Party, s.Payment.Transaction}, ""}
}

// lastStatements returns the last final statement of each party about each
// payment.
func (x *index) lastStatements() (out []*Statement) {
	place := map[statedKey]int{}
	for i := range x.Statements {
		s := &x.Statements[i]
		if !s.Final {
			continue
		}
		k := s.key()
		if at, seen := place[k]; !seen {
			place[k] = len(out)
			out = append(out, s)
		} else if !s.At.Before(out[at].At) {
			out[at] = s
		}
	}
	return out
}

// judgeBooks compares what a party states of a payment with its ledger.
func (x *index) judgeBooks(s *Statement) []Finding {
	if !x.books(s.Party) {
		return nil
	}
	x.looked++
	var b balance
	var caused []int
	class := s.Class
	if h := x.byPayment[paymentKey{s.Party, s.Payment.Transaction}]; h != nil {
		b, caused, class = h.balance(), x.caused(h.entries...), weaker(class, h.entries[0].Class)
	}
	books := position{b.live(), b.captured, b.voided + b.refunded}.settled()
	stated := positionOf(&s.Payment).settled()
	if stated == books {
		return nil
	}
	return []Finding{{
		Party: s.Party,
		What: fmt.Sprintf("payment %s of order %s is stated as %s with %s, and its ledger has %s", s.Payment.Transaction, s.Order, s.Payment.State,
			stated.show(s.Payment.Currency), books.show(s.Payment.Currency)),
		Exchanges: caused, Class: class,
	}}
}

func (p position) show(currency string) string {
	if p == (position{}) {
		return "nothing live"
	}
	return fmt.Sprintf("%s live, %s captured and %s given back", amount(currency, p.live), amount(currency, p.captured), amount(currency, p.cancelled))
}

// views are the positions of each attempt as the parties of each role state them.
type views struct {
	*index
	of     map[Order]map[Role]position
	orders []Order
	class  map[Order]Class
}

func (v *views) add(o Order, role Role, p position, class Class) {
	if v.of[o] == nil {
		v.of[o] = map[Role]position{}
		v.orders = append(v.orders, o)
	}
	v.of[o][role] = v.of[o][role].plus(p)
	v.class[o] = weaker(v.class[o], class)
}

// compare looks at each attempt. A role says nothing of it if one of its parties
// was not observed whole and none has stated it.
func (v *views) compare() (out []Finding) {
	for _, o := range v.orders {
		roles := make([]Role, 0, 3)
		for _, role := range []Role{Requester, PG, Issuer} {
			if _, stated := v.of[o][role]; stated || v.whole(role) {
				roles = append(roles, role)
			}
		}
		for i := 1; i < len(roles); i++ {
			v.looked++
			a, b := v.of[o][roles[i-1]].settled(), v.of[o][roles[i]].settled()
			if a != b {
				currency := v.currency(o)
				out = append(out, Finding{
					What:      fmt.Sprintf("order %s: %s has %s, %s has %s", o, roles[i-1], a.show(currency), roles[i], b.show(currency)),
					Exchanges: v.about(o), Class: v.class[o],
				})
			}
		}
	}
	return out
}

// whole reports whether there is a party of the role, and all of them state all.
func (v *views) whole(role Role) bool {
	there := false
	for i := range v.Parties {
		if p := &v.Parties[i]; p.Role == role {
			there = true
			if !p.States {
				return false
			}
		}
	}
	return there
}

func (v *views) currency(o Order) string {
	i := slices.IndexFunc(v.Statements, func(s Statement) bool { return s.Order == o })
	return v.Statements[i].Payment.Currency
}

// about returns the numbers of the exchanges about an attempt.
func (x *index) about(o Order) (out []int) {
	for i := range x.Exchanges {
		if e := &x.Exchanges[i]; e.Request.Order == o {
			out = append(out, e.Number)
		}
	}
	return out
}
