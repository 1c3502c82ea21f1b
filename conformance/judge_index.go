package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis"
)

// index is a recording with its facts brought together, in the order of time.
type index struct {
	*Recording
	parties map[string]*Party
	// histories are the entries of each payment of each party.
	histories []*history
	byPayment map[paymentKey]*history
	// byRequest are the entries that carry out a request.
	byRequest map[requestKey][]*Entry
	// requests are the requests, each with all its transmissions.
	requests []*requested
	asked    map[requestKey]*requested
	promises []promise
	// looked counts what the rule that is judging has looked at.
	looked int
}

type paymentKey struct{ party, transaction string }

// requestKey names a request at its recipient.
type requestKey struct{ to, from, id string }

// history is the entries of one payment at one party.
type history struct {
	paymentKey
	entries []*Entry
	// approval is the first entry that approved it, nil for none.
	approval *Entry
}

// requested is a request with all its transmissions.
type requested struct {
	requestKey
	kind      string
	exchanges []*Exchange
}

// first returns the request as it was first sent.
func (r *requested) first() *Request { return &r.exchanges[0].Request }

func newIndex(r *Recording) *index {
	x := &index{
		Recording: r,
		parties:   make(map[string]*Party, len(r.Parties)),
		byPayment: make(map[paymentKey]*history),
		byRequest: make(map[requestKey][]*Entry, len(r.Entries)),
		asked:     make(map[requestKey]*requested, len(r.Exchanges)),
	}
	for i := range r.Parties {
		x.parties[r.Parties[i].Entity] = &r.Parties[i]
	}
	x.addEntries()
	x.addExchanges()
	x.addPromises()
	return x
}

func (x *index) addEntries() {
	sorted := make([]*Entry, len(x.Entries))
	for i := range x.Entries {
		sorted[i] = &x.Entries[i]
	}
	slices.SortStableFunc(sorted, func(a, b *Entry) int { return a.At.Compare(b.At) })
	for _, e := range sorted {
		key := paymentKey{e.Party, e.Transaction}
		h := x.byPayment[key]
		if h == nil {
			h = &history{paymentKey: key}
			x.byPayment[key] = h
			x.histories = append(x.histories, h)
		}
		h.entries = append(h.entries, e)
		if e.Effect == EffectApproval && h.approval == nil {
			h.approval = e
		}
		if e.Request != "" {
			key := requestKey{e.Party, e.Sender, e.Request}
			x.byRequest[key] = append(x.byRequest[key], e)
		}
	}
}

func (x *index) addExchanges() {
	for i := range x.Exchanges {
		e := &x.Exchanges[i]
		key := requestKey{e.To, e.From, e.Request.ID}
		r := x.asked[key]
		if r == nil {
			r = &requested{requestKey: key, kind: e.Request.Kind}
			x.asked[key] = r
			x.requests = append(x.requests, r)
		}
		r.exchanges = append(r.exchanges, e)
	}
}

// books reports whether absence from the entries of a party proves something.
func (x *index) books(party string) bool {
	p := x.parties[party]
	return p != nil && p.Books
}

// due reports whether the recording lasts until at and bound after it. A zero
// bound is never due.
func (x *index) due(at time.Time, bound time.Duration) bool {
	return bound > 0 && x.Ended.After(at.Add(bound+x.Bounds.Skew))
}

// local converts a time of the recorder's clock to that of a party.
func (x *index) local(party string, at time.Time) time.Time {
	if p := x.parties[party]; p != nil {
		return at.Add(p.Skew)
	}
	return at
}

// numbers returns the numbers of the transmissions of requests.
func (x *index) numbers(keys ...requestKey) (out []int) {
	for _, key := range keys {
		if r := x.asked[key]; r != nil {
			for _, e := range r.exchanges {
				out = append(out, e.Number)
			}
		}
	}
	return out
}

// caused returns the numbers of the transmissions that caused entries.
func (x *index) caused(entries ...*Entry) (out []int) {
	for _, e := range entries {
		if e != nil && e.Request != "" {
			out = append(out, x.numbers(requestKey{e.Party, e.Sender, e.Request})...)
		}
	}
	return out
}

// balance is what a payment's entries come to, in minor units.
type balance struct{ held, captured, refunded, voided int64 }

// live is what the payment still takes from the buyer.
func (b balance) live() int64 { return b.held + b.captured - b.refunded }

// add carries out an entry. It is lenient: what takes more than there is leaves
// a negative part, by which the rules see it.
func (b *balance) add(e *Entry) {
	switch e.Effect {
	case EffectApproval:
		b.held += e.Amount
	case EffectCapture:
		b.held -= e.Amount
		b.captured += e.Amount
	case EffectCaptureReversal:
		b.held += e.Amount
		b.captured -= e.Amount
	case EffectVoid:
		b.held -= e.Amount
		b.voided += e.Amount
	case EffectRelease, EffectExpiry:
		b.held -= e.Amount
	case EffectRefund:
		b.refunded += e.Amount
	case EffectReversal:
		fromHold := min(e.Amount, max(b.held, 0))
		b.held -= fromHold
		b.refunded += e.Amount - fromHold
	}
}

// balanceUntil returns the balance of a payment with all entries up to at.
func (h *history) balanceUntil(at time.Time) balance {
	var b balance
	for _, e := range h.entries {
		if !e.At.After(at) {
			b.add(e)
		}
	}
	return b
}

// balance returns the balance of a payment at the end.
func (h *history) balance() balance {
	var b balance
	for _, e := range h.entries {
		b.add(e)
	}
	return b
}

// authentication reports whether the payment is a hold that authenticates.
func (h *history) authentication() bool { return h.approval != nil && h.approval.Authentication }

// amount writes an amount for people.
func amount(currency string, minor int64) string {
	return kecis.Money{Minor: minor, Currency: kecis.Currency(currency)}.String()
}

// clock writes a time for people: all of it that tells facts apart.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999999") }

func (o Order) String() string {
	return fmt.Sprintf("%s of %s, part %d, attempt %d", o.OrderID, o.Requester, o.Part, o.Attempt)
}
