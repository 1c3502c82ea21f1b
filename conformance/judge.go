package conformance

import "slices"

// Finding is one thing that went wrong.
type Finding struct {
	// Rule is the name of the broken rule: "I4", "not-done".
	Rule string `json:"rule"`
	// Clauses are those of the standard that the rule rests on.
	Clauses []string `json:"clauses,omitempty"`
	// Party is the entityID of the party that broke it; "" if it is not one alone.
	Party string `json:"party,omitempty"`
	// What says in words and amounts what happened.
	What string `json:"what"`
	// Exchanges are the numbers of the exchanges concerned.
	Exchanges []int `json:"exchanges,omitempty"`
	// Class is that of the least sure fact that it rests on.
	Class Class `json:"class"`
}

// Rule is something that holds in every recording of parties that keep to the
// standard.
type Rule struct {
	Name    string
	Text    string
	Clauses []string
	judge   func(*index) []Finding
}

// Rules returns all rules: the money invariants I1 to I8, and what an answer
// promises.
func Rules() []Rule {
	return []Rule{
		{"I1", "the postings of an entry sum to zero in each currency", nil, judgePostings},
		{"I2", "no more is captured than was authorised", []string{"KECIS-PAY-016"}, judgeCaptures},
		{"I3", "no more is refunded than was captured", []string{"KECIS-CAN-006", "KECIS-PAY-016"}, judgeRefunds},
		{"I4", "one request has at most one effect", []string{"KECIS-PAY-011", "KECIS-ERR-020"}, judgeRepeatedEffects},
		{"I5", "no hold outlives its time limit", []string{"KECIS-CAP-008", "KECIS-PAY-014", "KECIS-PAY-026"}, judgeHolds},
		{"I6", "a hold that authenticates is never captured", nil, judgeAuthenticationHolds},
		{"I7", "when all has come to rest, requester, PG and issuer agree", []string{"KECIS-PAY-013"}, judgeAgreement},
		{"I8", "live approvals of an order are never more than its amount, and a part has at most one", []string{"KECIS-PAY-008", "KECIS-PAY-022"}, judgeOrders},
		{"done", "an effect that was reported is live, or a later event says otherwise", []string{"KECIS-ERR-019", "KECIS-PAY-012"}, judgeDone},
		{"not-done", "what was reported as not done has no effect, then or ever", []string{"KECIS-ERR-015", "KECIS-ERR-019"}, judgeNotDone},
		{"unknown", "what was reported as unknown or pending comes to an end in time", []string{"KECIS-ERR-018", "KECIS-PAY-019", "KECIS-PAY-026"}, judgeUnknown},
		{"repeat", "a repeated message gets the recorded answer and changes nothing", []string{"KECIS-ERR-015", "KECIS-ERR-020"}, judgeRepeats},
		{"deadline", "a success is reported only if it was recorded before the deadline", []string{"KECIS-PAY-019"}, judgeDeadlines},
	}
}

// Judge holds a recording against all rules and returns what is broken, in the
// order of the rules. It does no I/O and looks at nothing but the recording: the
// same recording has the same findings.
func Judge(r *Recording) []Finding {
	x := newIndex(r)
	var out []Finding
	for _, rule := range Rules() {
		for _, f := range rule.judge(x) {
			f.Rule, f.Clauses = rule.Name, rule.Clauses
			slices.Sort(f.Exchanges)
			f.Exchanges = slices.Compact(f.Exchanges)
			if f.Class == "" {
				f.Class = Wire
			}
			out = append(out, f)
		}
	}
	return out
}

// weaker returns the less sure of two classes; none is the surest.
func weaker(a, b Class) Class {
	order := []Class{"", Wire, Probe, Declared}
	if slices.Index(order, a) >= slices.Index(order, b) {
		return a
	}
	return b
}
