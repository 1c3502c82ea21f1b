package simulation

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// books are what the recording needs to know of a provider's commits.
type books struct {
	// requests are those with an operation key, by it.
	requests map[string]requestID
	payments map[string]*bookedPayment
}

type requestID struct{ sender, id, kind string }

// bookedPayment is a payment of which entries were noted.
type bookedPayment struct {
	approved                       bool
	held, captured, refunded, void int64
	// busy is the request that last worked on it.
	busy string
	// deposited: it is two deposits in place of a hold.
	deposited bool
}

func newBooks() *books {
	return &books{requests: map[string]requestID{}, payments: map[string]*bookedPayment{}}
}

func (b *books) payment(id string) *bookedPayment {
	if b.payments[id] == nil {
		b.payments[id] = &bookedPayment{}
	}
	return b.payments[id]
}

// watchRequest notes which request an operation key belongs to.
func (w *watchedTx) watchRequest(r *journal.Request) {
	if r.Key == "" {
		return
	}
	key, who, b := r.Key, requestID{r.Sender, r.ID, r.Kind}, w.process.books
	w.keys = append(w.keys, func() { b.requests[key] = who })
}

// The spaces of the ledgers of the reference issuer and PG.
const (
	issuerEntries = "issuer/entries"
	pgEntries     = "pg/entries"
)

// watchEntry notes what an entry of the issuer's ledger does to a payment.
func (w *watchedTx) watchEntry(space, key string, value []byte) {
	if space != issuerEntries && space != pgEntries {
		return
	}
	p := w.process
	w.facts = append(w.facts, func() {
		var e ledger.Entry
		if json.Unmarshal(value, &e) != nil || e.Transaction == "" {
			return
		}
		if e.ID = key; space == issuerEntries {
			p.note(&e)
			return
		}
		// What a PG's entry does to the payment shows by the payment's row; here
		// are the postings alone.
		p.recording.Entries = append(p.recording.Entries, conformance.Entry{
			Party: p.entity, At: p.now, Transaction: e.Transaction, Effect: conformance.EffectNone, Currency: e.Currency,
			Postings: postingsOf(&e), Class: conformance.Declared,
		})
	})
}

// note turns an entry of the ledger into entries of the recording. What it does
// shows by its postings on the two accounts of the house.
func (p *process) note(e *ledger.Entry) {
	var held, captured int64
	for _, line := range e.Postings {
		switch {
		case strings.HasPrefix(line.Account, ledger.House+"commitments"):
			held -= line.Amount
		case strings.HasPrefix(line.Account, ledger.House+"payable/"):
			captured -= line.Amount
		}
	}
	b := p.books.payment(e.Transaction)
	if e.Kind == "authorise" && held == 0 {
		b.deposited = true
	}
	if b.deposited { // at the cost of the PG, and taken back from it
		held, captured = -captured, 0
	}
	operation, _, _ := strings.Cut(e.ID, "/")
	out := conformance.Entry{
		Party: p.entity, At: p.now, Transaction: e.Transaction, Currency: e.Currency, Postings: postingsOf(e), Class: conformance.Declared,
	}
	cause := p.books.requests[operation]
	out.Sender, out.Request = cause.sender, cause.id
	kind := e.Kind
	if kind == "reverse" && cause.kind == "CaptureRequest" {
		kind = "uncapture"
	}
	for _, part := range effectsOf(kind, held, captured) {
		out.Effect, out.Amount = part.effect, part.amount
		p.enter(out)
		out.Postings = nil
	}
}

func postingsOf(e *ledger.Entry) []conformance.Posting {
	out := make([]conformance.Posting, len(e.Postings))
	for i, line := range e.Postings {
		out[i] = conformance.Posting{Account: line.Account, Currency: e.Currency, Amount: line.Amount}
	}
	return out
}

// part is one effect of an entry.
type part struct {
	effect conformance.Effect
	amount int64
}

// effectsOf returns what an entry does that moves the hold and what is captured
// by these amounts.
func effectsOf(kind string, held, captured int64) []part {
	switch kind {
	case "authorise":
		return []part{{conformance.EffectApproval, held}}
	case "sell":
		return []part{{conformance.EffectApproval, captured}, {conformance.EffectCapture, captured}}
	case "capture":
		return parts(part{conformance.EffectCapture, captured}, part{conformance.EffectRelease, -held - captured})
	case "void":
		return []part{{conformance.EffectVoid, -held}}
	case "expire":
		return []part{{conformance.EffectExpiry, -held}}
	case "refund":
		return []part{{conformance.EffectRefund, -captured}}
	case "reverse":
		return []part{{conformance.EffectReversal, -held - captured}}
	}
	return parts(part{conformance.EffectCaptureReversal, -captured}, part{conformance.EffectRelease, -captured - held})
}

// parts leaves out those that are nothing.
func parts(list ...part) (out []part) {
	for _, p := range list {
		if p.amount != 0 {
			out = append(out, p)
		}
	}
	return out
}

// enter notes an entry, with what only the journal's transaction tells of it.
func (p *process) enter(e conformance.Entry) {
	b := p.books.payment(e.Transaction)
	switch e.Effect {
	case conformance.EffectApproval:
		b.approved = true
		b.held += e.Amount
	case conformance.EffectCapture:
		b.held, b.captured = b.held-e.Amount, b.captured+e.Amount
	case conformance.EffectCaptureReversal:
		b.held, b.captured = b.held+e.Amount, b.captured-e.Amount
	case conformance.EffectVoid:
		b.held, b.void = b.held-e.Amount, b.void+e.Amount
	case conformance.EffectRelease, conformance.EffectExpiry:
		b.held -= e.Amount
	case conformance.EffectRefund:
		b.refunded += e.Amount
	case conformance.EffectReversal:
		b.held, b.refunded = 0, b.captured
	}
	p.recording.Entries = append(p.recording.Entries, e)
	p.logf("%s books %s of %d on %s", p.name, e.Effect, e.Amount, p.short(e.Transaction))
}

// watchTransaction notes, of a PG that keeps no ledger of its own, what the
// change of its transaction does to the payment.
func (w *watchedTx) watchTransaction(t *journal.Transaction) {
	row, p := *t, w.process
	w.facts = append(w.facts, func() {
		p.transactions[row.ID] = row
		if p.role == "pg" {
			p.noteTransaction(&row)
		}
	})
}

func (p *process) noteTransaction(t *journal.Transaction) {
	b := p.books.payment(t.ID)
	e := conformance.Entry{Party: p.entity, At: p.now, Transaction: t.ID, Currency: t.Currency, Sender: t.Owner, Class: conformance.Declared}
	cause := b.busy
	b.busy = t.Busy
	add := func(effect conformance.Effect, amount int64, request string) {
		if amount != 0 {
			e.Effect, e.Amount, e.Request = effect, amount, request
			if request == "" {
				e.Sender = ""
			}
			p.enter(e)
		}
	}
	switch t.State {
	case "authorised", "captured", "cancelled":
		if !b.approved {
			e := e
			e.Effect, e.Amount, e.Request = conformance.EffectApproval, t.Amount, t.RequestID
			p.enter(e)
		}
		if moved := t.Captured - b.captured; moved > 0 {
			add(conformance.EffectCapture, moved, cause)
		} else {
			add(conformance.EffectCaptureReversal, -moved, "")
		}
		if given := t.Cancelled - b.void - b.refunded; given > 0 {
			if b.captured > 0 {
				add(conformance.EffectRefund, given, cause)
			} else {
				add(conformance.EffectVoid, given, cause)
			}
		}
		if live := b.held + b.captured - b.refunded; live != t.Cancellable {
			add(conformance.EffectRelease, live-t.Cancellable, "")
		}
	case "expired":
		add(conformance.EffectExpiry, b.held, "")
	case "reversed":
		add(conformance.EffectReversal, b.held+b.captured-b.refunded, "")
	}
}

// holdDetails is what a provider keeps of a hold.
type holdDetails struct {
	HoldExpires time.Time `json:"HoldExpires"`
	Terms       struct {
		Purpose kecis.Purpose `json:"Purpose"`
	} `json:"Terms"`
}

// holdOf reads when the hold of a transaction ends, by its provider's clock, and
// whether it authenticates.
func holdOf(t *journal.Transaction) (expires time.Time, authenticates bool) {
	var details holdDetails
	if json.Unmarshal(t.Details, &details) != nil {
		return time.Time{}, false
	}
	return details.HoldExpires, details.Terms.Purpose == kecis.AmountAuthentication
}

// completed fills in what the entries of approvals do not tell: the order, and
// when the hold ends, from the transactions of the journal.
func (w *world) completed() {
	for i := range w.recording.Entries {
		e := &w.recording.Entries[i]
		if e.Effect != conformance.EffectApproval {
			continue
		}
		p := w.byEntity[e.Party]
		t, known := p.transactions[e.Transaction]
		if !known {
			continue
		}
		e.Order = conformance.Order{Requester: t.Requester, OrderID: t.OrderID, Attempt: t.Attempt, Part: t.Part}
		e.HoldExpires, e.Authentication = holdOf(&t)
		for _, x := range w.recording.Exchanges {
			if x.To == e.Party && x.From == t.Owner && x.Request.ID == t.RequestID {
				e.OrderAmount = x.Request.OrderAmount
				e.Authentication = e.Authentication || x.Request.Authentication // a provider may forget it
				break
			}
		}
	}
}
