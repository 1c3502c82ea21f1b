package conformance

import (
	"fmt"
	"slices"
)

// orderKey names an order at a party.
type orderKey struct{ party, requester, orderID string }

// judgeOrders holds I8 at each party by itself: at no time are the live
// approvals of an order more than its amount, and no part has two; holds that
// authenticate are apart, and there is at most one.
func judgeOrders(x *index) (out []Finding) {
	byOrder := map[orderKey][]*history{}
	var orders []orderKey
	for _, h := range x.histories {
		if h.approval == nil || h.approval.Order.OrderID == "" {
			continue
		}
		x.looked++
		key := orderKey{h.party, h.approval.Order.Requester, h.approval.Order.OrderID}
		if byOrder[key] == nil {
			orders = append(orders, key)
		}
		byOrder[key] = append(byOrder[key], h)
	}
	for _, key := range orders {
		if f, found := x.judgeOrder(key, byOrder[key]); found {
			out = append(out, f)
		}
	}
	return append(out, x.statedOrders()...)
}

// judgeOrder looks at an order after each of its approvals, when most is live.
func (x *index) judgeOrder(key orderKey, payments []*history) (Finding, bool) {
	for _, h := range payments {
		at := h.approval
		var sum int64
		var same []*Entry // live approvals of the same part and kind
		for _, other := range payments {
			live := other.balanceUntil(at.At).live()
			if live <= 0 || other.authentication() != h.authentication() {
				continue
			}
			sum += live
			if other.approval.Order.Part == at.Order.Part {
				same = append(same, other.approval)
			}
		}
		var what string
		switch {
		case len(same) > 1:
			what = fmt.Sprintf("has %d live approvals at %s", len(same), clock(at.At))
		case at.OrderAmount > 0 && sum > at.OrderAmount:
			what = fmt.Sprintf("has live approvals of %s at %s, and the order is %s", amount(at.Currency, sum), clock(at.At), amount(at.Currency, at.OrderAmount))
		default:
			continue
		}
		if h.authentication() {
			what += ", as holds that authenticate"
		}
		return Finding{
			Party:     key.party,
			What:      fmt.Sprintf("order %s of %s, part %d, %s", key.orderID, key.requester, at.Order.Part, what),
			Exchanges: x.caused(append(same, at)...), Class: at.Class,
		}, true
	}
	return Finding{}, false
}

// statedOrders looks at what parties without books state at the end.
func (x *index) statedOrders() (out []Finding) {
	live := map[orderKey]map[int][]*Statement{}
	var orders []orderKey
	for i := range x.Statements {
		s := &x.Statements[i]
		if !s.Final || s.Authentication || x.books(s.Party) || positionOf(&s.Payment).live == 0 {
			continue
		}
		x.looked++
		key := orderKey{s.Party, s.Order.Requester, s.Order.OrderID}
		if live[key] == nil {
			live[key] = map[int][]*Statement{}
			orders = append(orders, key)
		}
		same := live[key][s.Order.Part]
		if !slices.ContainsFunc(same, func(o *Statement) bool { return o.Payment.Transaction == s.Payment.Transaction }) {
			live[key][s.Order.Part] = append(same, s)
		}
	}
	for _, key := range orders {
		for part := 1; part <= maxPart; part++ {
			if same := live[key][part]; len(same) > 1 {
				out = append(out, Finding{
					Party: key.party,
					What: fmt.Sprintf("order %s of %s, part %d, is stated with %d live approvals: payments %s and %s", key.orderID, key.requester, part,
						len(same), same[0].Payment.Transaction, same[1].Payment.Transaction),
					Class: weaker(same[0].Class, same[1].Class),
				})
			}
		}
	}
	return out
}

// maxPart is the largest number of a part (KECIS-MSG-014).
const maxPart = 99
