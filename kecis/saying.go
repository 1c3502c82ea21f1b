package kecis

import (
	"time"

	"github.com/kecis/sdk/ecml"
)

// What a service says stands in signed answers, which have forms. What does not
// fit must not keep a request from its end: it is left out where nothing hangs
// on it, and else counts as no answer.

// unnamedSystem stands for the system of an upstream reason that has no name.
const unnamedSystem = "unnamed"

// statable returns an upstream reason as an answer can state it.
func (u Upstream) statable() Upstream {
	if !validText(u.Code, maxToken) || ecml.HoldsCardNumber(u.Code) {
		return Upstream{}
	}
	if !token(u.System, 1, maxToken) {
		u.System = unnamedSystem
	}
	if !validText(u.Text, maxText) || ecml.HoldsCardNumber(u.Text) {
		u.Text = ""
	}
	return u
}

// statable reports whether an answer can state the approval at that time.
func (a *Approval) statable(now time.Time) bool {
	switch {
	case a.ApprovalCode != "" && !validApproval(a.ApprovalCode),
		a.InstrumentRef != "" && !token(a.InstrumentRef, minRef, maxRef),
		a.Pending != nil && !a.Pending.Expires.After(now),
		a.Pending != nil && a.Pending.Page != "" && !validURI(a.Pending.Page):
		return false
	}
	return true
}

// statable returns a service's ID of a cancellation, or "" if it is none.
func (r *CancelResult) statable() string {
	if !token(r.CancellationID, 1, maxToken) {
		return ""
	}
	return r.CancellationID
}

// statableRefusal returns the code of a refusal. One that is in no catalogue has
// no text and no rule of retry: it counts as unavailable (KECIS-PAY-025).
func statableRefusal(code Code) Code {
	if status := statusFor(code); status.Code != code {
		return ErrUnavailable
	}
	return code
}
