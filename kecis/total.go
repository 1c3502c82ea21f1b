package kecis

import "strconv"

// add counts an entry in. The entries of one page cannot overflow: MaxPage
// amounts of 15 digits have 17.
func (t *Total) add(v *Transaction) {
	t.Count++
	switch v.State {
	case StateAuthorised, StateCaptured, StateCancelled:
		t.Approved += v.Amount.Minor
	}
	t.Captured += v.Captured
	t.Cancelled += v.Cancelled
}

// checkTotals refuses totals out of order or that contradict themselves, and
// those that the entries of the page alone exceed. Where the page is the only
// one, both must be equal.
func (p *ReconciliationResponse) checkTotals() *Error {
	if len(p.Totals) > MaxTotals {
		return &Error{code: ErrTooMany, expected: "at most " + strconv.Itoa(MaxTotals) + " totals", found: strconv.Itoa(len(p.Totals))}
	}
	alone, counted := p.Page == "" && p.Next == "", 0
	for i := range p.Totals {
		t := &p.Totals[i]
		if i > 0 && t.Currency <= p.Totals[i-1].Currency {
			return &Error{code: ErrTotal, expected: "totals in the order of their currencies, one for each", found: quote(string(t.Currency))}
		}
		if t.Captured > t.Approved || t.Cancelled > t.Approved {
			return t.contradiction("captured and cancelled at most what was approved")
		}
		page := p.pageTotal(t.Currency)
		counted += page.Count
		switch {
		case alone && page != *t:
			return t.contradiction("the totals of the only page")
		case page.Count > t.Count || page.Approved > t.Approved || page.Captured > t.Captured || page.Cancelled > t.Cancelled:
			return t.contradiction("totals of at least this page")
		}
	}
	if counted != len(p.Entries) {
		return &Error{code: ErrTotal, expected: "a total for each currency of an entry"}
	}
	return nil
}

// pageTotal sums up the entries of the page in one currency.
func (p *ReconciliationResponse) pageTotal(currency Currency) Total {
	total := Total{Currency: currency}
	for i := range p.Entries {
		if v := &p.Entries[i].Transaction; v.Amount.Currency == currency {
			total.add(v)
		}
	}
	return total
}

func (t *Total) contradiction(expected string) *Error {
	return &Error{code: ErrTotal, expected: expected, found: "others of " + quote(string(t.Currency))}
}
