package kecis

import (
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// Transaction is the state of a payment as its provider states it in answers
// (KECIS-PAY-014 to 017). One whose ID is "" is none.
type Transaction struct {
	// ID is the provider's own, 1 to 40 of A-Z a-z 0-9 - _.
	ID    string
	State State
	// At is when the transaction came into the state.
	At time.Time
	// ApprovalCode is the issuer's (승인번호); "" for none.
	ApprovalCode string
	// Amount is what was approved, or asked for where nothing was.
	Amount Money
	// Captured, Cancelled and Cancellable are in minor units of the same
	// currency: captured so far, voided or refunded so far, and what can still
	// be voided or refunded.
	Captured, Cancelled, Cancellable int64
	// Terms and Method are those in effect.
	Terms  Terms
	Method InstrumentKind
	// Brand is that of the card; "" for none.
	Brand string
	// Expires is when a pending transaction ends by itself; zero in other states.
	Expires time.Time
	// Page is where the buyer can complete a pending transaction; "" for none.
	// It authorises nothing by itself.
	Page string
	// InstrumentRef is a token for the instrument, for later requests of the
	// same sender; "" for none.
	InstrumentRef string
}

func (d *decoder) transaction(t *Transaction, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	var ok bool
	if t.ApprovalCode, ok = a.option("ApprovalCode"); ok && !validApproval(t.ApprovalCode) {
		a.bad(ErrValue, "ApprovalCode", approvalForm, t.ApprovalCode)
	}
	t.At = a.instant("At")
	if s, ok := a.option("Expires"); ok {
		if t.Expires, ok = instant(s); !ok {
			a.bad(ErrTime, "Expires", instantForm, s)
		}
	}
	t.ID = a.token("TransactionID", 1, maxToken, tokenForm)
	if t.Page, ok = a.option("Page"); ok && !validURI(t.Page) {
		a.bad(ErrValue, "Page", uriForm, t.Page)
	}
	t.State = State(a.choice("State", states))
	a.end(" ApprovalCode At Expires Page State TransactionID ")
	c := d.content(e, "kecis:Amount kecis:Balance kecis:Terms kecis:InstrumentRef ")
	d.amount(&t.Amount, nil, c.need(Namespace, "Amount"))
	d.balance(t, c.need(Namespace, "Balance"))
	d.effective(t, c.need(Namespace, "Terms"))
	if ref, ok := c.option(Namespace, "InstrumentRef"); ok {
		t.InstrumentRef = d.reference(ref)
	}
	c.end()
	if d.err == nil {
		d.check(t.check(), e)
	}
}

func (d *decoder) balance(t *Transaction, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	t.Cancellable = a.part("Cancellable")
	t.Cancelled = a.part("Cancelled")
	t.Captured = a.part("Captured")
	a.end(" Cancellable Cancelled Captured ")
	d.empty(e)
}

// effective reads the terms in effect, which have the method beside them.
func (d *decoder) effective(t *Transaction, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	var ok bool
	if t.Brand, ok = a.option("Brand"); ok && !validBrand(t.Brand) {
		a.bad(ErrValue, "Brand", brandForm, t.Brand)
	}
	a.terms(&t.Terms)
	t.Method = InstrumentKind(a.choice("Method", kinds))
	a.end(" Brand Capture Deposits Descriptor Exemption Instalments InterestFree Method Purpose ")
	d.empty(e)
	d.check(t.Terms.check(), e)
}

func (e *encoder) transaction(t *Transaction) {
	if t.ID == "" {
		return
	}
	e.start("kecis", "Transaction")
	e.keep(t.check())
	if t.ApprovalCode != "" {
		if !validApproval(t.ApprovalCode) {
			e.refuse(ErrValue, "ApprovalCode", approvalForm, t.ApprovalCode)
		}
		e.attr("ApprovalCode", t.ApprovalCode)
	}
	e.instant("At", t.At)
	if !t.Expires.IsZero() {
		e.instant("Expires", t.Expires)
	}
	if t.Page != "" {
		e.uri("Page", t.Page)
	}
	e.choice("State", t.State.String())
	e.token("TransactionID", t.ID, 1, maxToken, tokenForm)
	e.amount(t.Amount, nil)
	e.start("kecis", "Balance")
	e.part("Cancellable", t.Cancellable)
	e.part("Cancelled", t.Cancelled)
	e.part("Captured", t.Captured)
	e.w.End()
	e.start("kecis", "Terms")
	if t.Brand != "" {
		if !validBrand(t.Brand) {
			e.refuse(ErrValue, "Brand", brandForm, t.Brand)
		}
		e.attr("Brand", t.Brand)
	}
	e.terms(&t.Terms)
	e.choice("Method", t.Method.String())
	e.w.End()
	if t.InstrumentRef != "" {
		e.reference(t.InstrumentRef)
	}
	e.w.End()
}

// check refuses a state and amounts that contradict each other (KECIS-PAY-016).
func (t *Transaction) check() *Error {
	switch {
	case t.Captured > t.Amount.Minor:
		return contradiction("captured at most the amount", t.Captured)
	case t.Cancelled+t.Cancellable > t.Amount.Minor:
		return contradiction("cancelled and cancellable together at most the amount", t.Cancelled+t.Cancellable)
	case (t.State == StatePending) != !t.Expires.IsZero():
		return &Error{code: ErrTransaction, expected: "Expires exactly where the state is pending"}
	case t.Page != "" && t.State != StatePending:
		return &Error{code: ErrTransaction, expected: "Page only where the state is pending"}
	case t.Terms.Purpose == AmountAuthentication && t.Captured != 0:
		return contradiction("nothing captured of a hold that authenticates", t.Captured)
	case t.Method != Card && (t.Brand != "" || t.Terms.Instalments != LumpSum):
		return &Error{code: ErrTransaction, expected: "a brand and instalments only of a card"}
	}
	switch t.State {
	case StateCaptured:
		if t.Captured == 0 {
			return contradiction("something captured", 0)
		}
	case StateCancelled:
		if t.Cancelled == 0 || t.Cancellable != 0 {
			return contradiction("something cancelled and nothing left to cancel", t.Cancellable)
		}
	case StateAuthorised:
		if t.Captured != 0 {
			return contradiction("nothing captured", t.Captured)
		}
	default:
		if t.Captured != 0 || t.Cancelled != 0 || t.Cancellable != 0 {
			return contradiction("no money in state "+t.State.String(), t.Captured+t.Cancelled+t.Cancellable)
		}
	}
	return nil
}

// MayBecome reports whether a transaction can go from the state s to next
// (KECIS-PAY-014). The state 0 is that of no transaction yet. Changes within a
// state, as a second capture, are no transition.
func (s State) MayBecome(next State) bool {
	var after []State
	switch s {
	case 0:
		after = []State{StatePending, StateAuthorised, StateCaptured, StateDeclined, StateResolving}
	case StatePending:
		after = []State{StateAuthorised, StateCaptured, StateDeclined, StateResolving, StateReversed, StateExpired}
	case StateAuthorised:
		after = []State{StateCaptured, StateCancelled, StateResolving, StateReversed, StateExpired}
	case StateCaptured:
		after = []State{StateAuthorised, StateCancelled, StateResolving, StateReversed}
	case StateResolving:
		after = []State{StateReversed}
	}
	return slices.Contains(after, next)
}

// stated returns the state; 0 of what is no transaction.
func (t *Transaction) stated() State {
	if t.ID == "" {
		return 0
	}
	return t.State
}

// contradictsOutcome refuses an answer whose transaction cannot be in that state.
func contradictsOutcome(outcome Outcome, state State) *Error {
	return &Error{code: ErrStatus, expected: "a transaction that goes with outcome " + outcome.String(), found: quote(state.String())}
}

func contradiction(expected string, found int64) *Error {
	return &Error{code: ErrTransaction, expected: expected, found: shownAmount(found)}
}
