package kecis

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/kecis/sdk/spec"
)

// Each rule of KECIS-PAY-016, broken by one.
func TestTransactionContradictions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Transaction)
		good   bool
	}{
		"captured":                  {func(*Transaction) {}, true},
		"captured in part":          {func(v *Transaction) { v.Captured = 1 }, true},
		"captured too much":         {func(v *Transaction) { v.Captured = 50001 }, false},
		"captured nothing":          {func(v *Transaction) { v.Captured = 0 }, false},
		"cancelled in part":         {func(v *Transaction) { v.Cancelled, v.Cancellable = 20000, 30000 }, true},
		"cancelled in part, closed": {func(v *Transaction) { v.Cancelled, v.Cancellable = 20000, 0 }, true},
		"cancellable too much":      {func(v *Transaction) { v.Cancelled, v.Cancellable = 20000, 30001 }, false},
		"cancelled":                 {func(v *Transaction) { v.State, v.Cancelled, v.Cancellable = StateCancelled, 50000, 0 }, true},
		"voided":                    {func(v *Transaction) { v.State, v.Captured, v.Cancelled, v.Cancellable = StateCancelled, 0, 50000, 0 }, true},
		"cancelled, with a rest":    {func(v *Transaction) { v.State, v.Cancelled, v.Cancellable = StateCancelled, 49999, 1 }, false},
		"cancelled nothing":         {func(v *Transaction) { v.State, v.Cancelled, v.Cancellable = StateCancelled, 0, 0 }, false},
		"authorised":                {func(v *Transaction) { v.State, v.Captured = StateAuthorised, 0 }, true},
		"authorised and captured":   {func(v *Transaction) { v.State, v.Captured = StateAuthorised, 1 }, false},
		"declined":                  {func(v *Transaction) { v.State, v.Captured, v.Cancellable = StateDeclined, 0, 0 }, true},
		"declined, cancellable":     {func(v *Transaction) { v.State, v.Captured, v.Cancellable = StateDeclined, 0, 1 }, false},
		"reversed, cancelled":       {func(v *Transaction) { v.State, v.Captured, v.Cancelled, v.Cancellable = StateReversed, 0, 1, 0 }, false},
		"expired, captured":         {func(v *Transaction) { v.State, v.Captured, v.Cancellable = StateExpired, 1, 0 }, false},
		"resolving":                 {func(v *Transaction) { v.State, v.Captured, v.Cancellable = StateResolving, 0, 0 }, true},
		"pending": {func(v *Transaction) {
			v.State, v.Captured, v.Cancellable, v.Expires = StatePending, 0, 0, deadline
		}, true},
		"pending with a page": {func(v *Transaction) {
			v.State, v.Captured, v.Cancellable, v.Expires, v.Page = StatePending, 0, 0, deadline, pgURL
		}, true},
		"pending without an end":    {func(v *Transaction) { v.State, v.Captured, v.Cancellable = StatePending, 0, 0 }, false},
		"an end without pending":    {func(v *Transaction) { v.Expires = deadline }, false},
		"a page without pending":    {func(v *Transaction) { v.Page = pgURL }, false},
		"an account":                {func(v *Transaction) { v.Method, v.Brand, v.Terms.Instalments = Account, "", LumpSum }, true},
		"an account, with a brand":  {func(v *Transaction) { v.Method, v.Terms.Instalments = Account, LumpSum }, false},
		"an account in instalments": {func(v *Transaction) { v.Method, v.Brand = Account, "" }, false},
	} {
		v := transaction()
		c.change(&v)
		err := v.check()
		if (err == nil) != c.good || (err != nil && !errors.Is(err, ErrTransaction)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a cancellation's answer may hold, by its outcome.
func TestCancellationContradictions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*CancellationResponse)
		want   Code
	}{
		"done":                       {func(*CancellationResponse) {}, ""},
		"done without a transaction": {func(p *CancellationResponse) { p.Transaction = Transaction{} }, ErrStatus},
		"done without cancellation":  {func(p *CancellationResponse) { p.Cancelled = Cancellation{} }, ErrStatus},
		"refused, cancelled":         {func(p *CancellationResponse) { p.Status = NewStatus(ErrAlreadyCancelled) }, ErrStatus},
		"refused, state told": {func(p *CancellationResponse) {
			p.Status, p.Cancelled = NewStatus(ErrAlreadyCancelled), Cancellation{}
		}, ""},
		"another currency":      {func(p *CancellationResponse) { p.Cancelled.Amount.Currency = JPY }, ErrCurrency},
		"more than is in total": {func(p *CancellationResponse) { p.Transaction.Cancelled = 19999 }, ErrTransaction},
	} {
		p := cancelledPartly()
		c.change(p)
		_, _, err := marshal(p)
		if c.want == "" && err != nil || c.want != "" && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, string(c.want))
		}
	}
}

// What an inquiry's answer may hold, by its outcome.
func TestInquiryContradictions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*InquiryResponse)
		want   Code
	}{
		"found":                      {func(*InquiryResponse) {}, ""},
		"found, of a declined one":   {func(p *InquiryResponse) { p.Transaction, p.Cancelled = Transaction{}, nil }, ""},
		"found without a result":     {func(p *InquiryResponse) { p.Result = Result{} }, ErrStatus},
		"found without an order":     {func(p *InquiryResponse) { p.OrderRef = OrderRef{} }, ErrStatus},
		"not found, with all":        {func(p *InquiryResponse) { p.Status = NewStatus(ErrNotFound) }, ErrStatus},
		"cancellations of nothing":   {func(p *InquiryResponse) { p.Transaction = Transaction{} }, ErrStatus},
		"cancellations of more":      {func(p *InquiryResponse) { p.Cancelled = append(p.Cancelled, p.Cancelled[0]) }, ErrTransaction},
		"cancellations of less":      {func(p *InquiryResponse) { p.Cancelled[0].Amount.Minor--; p.Cancelled[0].Tax.TaxFree-- }, ErrTransaction},
		"cancellations in yen":       {func(p *InquiryResponse) { p.Cancelled[0].Amount.Currency = JPY }, ErrCurrency},
		"a result that contradicts":  {func(p *InquiryResponse) { p.Result.Retry = RetrySameID }, ErrStatus},
		"a result that is not done":  {func(p *InquiryResponse) { p.Result = Result{ErrDeclinedIssuer, NotDone, RetryNever} }, ""},
		"a result with no such code": {func(p *InquiryResponse) { p.Result.Code = "No" }, ErrValue},
	} {
		p := found()
		c.change(p)
		_, _, err := marshal(p)
		if c.want == "" && err != nil || c.want != "" && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, string(c.want))
		}
	}
}

// What a capture's answer may hold, by its outcome.
func TestCaptureContradictions(t *testing.T) {
	t.Parallel()
	good := map[string]bool{"captured captured": true, "timeout ": true, "timeout authorised": true, "timeout captured": true}
	for _, code := range []Code{Captured, ErrExceedsHold, ErrTimeout, ErrPending} {
		for state := State(0); state <= StateResolving; state++ {
			p := &CaptureResponse{ResponseHeader: ResponseHeader{Status: NewStatus(code)}}
			if state != 0 {
				p.Transaction = Transaction{ID: "T", State: state}
			}
			want := good[string(code)+" "+state.String()] || code == ErrExceedsHold
			err := p.check()
			if (err == nil) != want || err != nil && !errors.Is(err, ErrStatus) {
				t.Errorf("%s with state %q: %v", string(code), state, err)
			}
		}
	}
}

// What a reversal's answer may hold, by its code: the table of KECIS-REV-010.
func TestReversalContradictions(t *testing.T) {
	t.Parallel()
	const later Code = "reversed-by-moon" // of a later version
	good := map[Code]string{
		Reversed:           " - reversed expired authorised captured cancelled resolving ",
		NeverExecuted:      " - declined expired ",
		ReversalAccepted:   " - resolving authorised captured ",
		later:              " - reversed expired authorised captured cancelled declined resolving ",
		ErrTooOld:          " - ",
		ErrPending:         " ",
		ErrTransactionUsed: " - pending authorised captured cancelled declined reversed expired resolving ",
	}
	for code, states := range good {
		for state := State(0); state <= StateResolving; state++ {
			p := &ReversalResponse{ResponseHeader: ResponseHeader{Status: NewStatus(code)}}
			if code == later {
				p.Status = Status{Top: Success, Code: later, Outcome: Done, Retry: RetryNever}
			}
			name := "-"
			if state != 0 {
				name = state.String()
				p.Transaction = Transaction{ID: "T", State: state}
			}
			err := p.check()
			if (err == nil) != strings.Contains(states, " "+name+" ") || err != nil && !errors.Is(err, ErrStatus) {
				t.Errorf("%s with state %q: %v", string(code), name, err)
			}
		}
	}
}

// The transitions are those of the table in the standard.
func TestTransitions(t *testing.T) {
	t.Parallel()
	text, err := spec.FS.ReadFile("text/50-payment.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| [^|]+ \\| (none|`[^|]*`) \\|$")
	name := regexp.MustCompile("`([a-z]+)`")
	after := map[string]map[string]bool{"": {}}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		after[m[1]] = map[string]bool{}
		for _, next := range name.FindAllStringSubmatch(m[2], -1) {
			after[m[1]][next[1]] = true
		}
	}
	_, begins, _ := strings.Cut(string(text), "A payment begins as ")
	begins, _, _ = strings.Cut(begins, ".")
	for _, next := range name.FindAllStringSubmatch(begins, -1) {
		after[""][next[1]] = true
	}
	if len(after) != int(StateResolving)+1 {
		t.Fatalf("%d states in the standard", len(after))
	}
	for s := State(0); s <= StateResolving; s++ {
		for next := State(0); next <= StateResolving; next++ {
			if want := after[s.String()][next.String()]; s.MayBecome(next) != want {
				t.Errorf("%q to %q: %v, the standard says %v", s, next, !want, want)
			}
		}
	}
}
