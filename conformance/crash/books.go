package crash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// bookReader turns what the providers' journals hold into entries of a recording.
type bookReader struct {
	recording *conformance.Recording
	from      time.Time
}

// ledgerPage is how many entries are read at a time.
const ledgerPage = 1000

// readLedger returns the entries of a ledger that were posted in the round.
func (b *bookReader) readLedger(ctx context.Context, j journal.Journal, l ledger.Ledger) (list []ledger.Entry, err error) {
	err = j.View(ctx, func(tx journal.Tx) error {
		list = nil
		for after := ""; ; {
			page, err := l.Entries(tx, after, ledgerPage)
			if err != nil {
				return err
			}
			for i := range page {
				if e := &page[i]; e.Transaction != "" && !e.At.Before(b.from) {
					list = append(list, *e)
				}
				after = page[i].ID
			}
			if len(page) < ledgerPage {
				return nil
			}
		}
	})
	return list, err
}

// issuer notes what the entries of the issuer's ledger do to payments. It shows
// by their postings on the two accounts of the house.
func (b *bookReader) issuer(party string, entries []ledger.Entry) {
	for i := range entries {
		e := &entries[i]
		var held, captured int64
		for _, line := range e.Postings {
			switch {
			case strings.HasPrefix(line.Account, ledger.House+"commitments"):
				held -= line.Amount
			case strings.HasPrefix(line.Account, ledger.House+"payable/"):
				captured -= line.Amount
			}
		}
		out := conformance.Entry{
			Party: party, At: e.At, Transaction: e.Transaction, Currency: e.Currency, Sender: e.Sender, Request: e.Request,
			Postings: postingsOf(e), Class: conformance.Declared,
		}
		for _, part := range effectsOf(e.Kind, held, captured) {
			out.Effect, out.Amount = part.effect, part.amount
			b.recording.Entries = append(b.recording.Entries, out)
			out.Postings = nil
		}
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
	list := []part{}
	switch kind {
	case "authorise":
		list = append(list, part{conformance.EffectApproval, held})
	case "sell":
		list = append(list, part{conformance.EffectApproval, captured}, part{conformance.EffectCapture, captured})
	case "capture":
		list = append(list, part{conformance.EffectCapture, captured}, part{conformance.EffectRelease, -held - captured})
	case "void":
		list = append(list, part{conformance.EffectVoid, -held})
	case "expire":
		list = append(list, part{conformance.EffectExpiry, -held})
	case "refund":
		list = append(list, part{conformance.EffectRefund, -captured})
	case "reverse":
		list = append(list, part{conformance.EffectReversal, -held - captured})
	default:
		list = append(list, part{conformance.EffectCaptureReversal, -captured}, part{conformance.EffectRelease, -captured - held})
	}
	return slices.DeleteFunc(list, func(p part) bool { return p.amount == 0 })
}

// postings notes the entries of the PG's ledger: what they do to payments shows by
// its events.
func (b *bookReader) postings(party string, entries []ledger.Entry) {
	for i := range entries {
		e := &entries[i]
		b.recording.Entries = append(b.recording.Entries, conformance.Entry{
			Party: party, At: e.At, Transaction: e.Transaction, Effect: conformance.EffectNone, Currency: e.Currency,
			Postings: postingsOf(e), Class: conformance.Declared,
		})
	}
}

// told is an event of the PG, as its journal has it.
type told struct {
	at    time.Time
	event kecis.Event
}

// feedPage is how many events are read at a time.
const feedPage = 1000

// feed reads a recipient's events behind a cursor.
func feed(ctx context.Context, j journal.Journal, recipient string, after int64) (list []told, last int64, err error) {
	err = j.View(ctx, func(tx journal.Tx) error {
		list, last = nil, after
		for {
			rows, err := tx.ListEvents(recipient, last, feedPage)
			if err != nil {
				return err
			}
			for _, row := range rows {
				var e kecis.Event
				if err := json.Unmarshal(row.Body, &e); err != nil { //nolint:musttag // as the SDK writes it
					return err
				}
				list, last = append(list, told{row.At, e}), row.Cursor
			}
			if len(rows) < feedPage {
				return nil
			}
		}
	})
	return list, last, err
}

// moved is what a PG's events made of a payment so far.
type moved struct {
	approved                         bool
	held, captured, refunded, voided int64
	// causes are the requests that made its events, by their times.
	causes map[time.Time]string
}

// pg notes what the events of the PG do to payments.
func (b *bookReader) pg(ctx context.Context, party string, j journal.Journal, events []told) error {
	causes, err := b.causes(ctx, party, j)
	if err != nil {
		return err
	}
	payments := map[string][]told{}
	for _, t := range events {
		id := t.event.Transaction.ID
		payments[id] = append(payments[id], t)
		if n := len(payments[id]); t.event.Sequence != n {
			return fmt.Errorf("crash: payment %s has event %d where %d should stand", id, t.event.Sequence, n)
		}
	}
	for id, list := range payments {
		m := moved{causes: causesOf(causes, id, list)}
		for i := range list {
			b.event(party, &m, &list[i])
		}
	}
	return nil
}

// causesOf finds the captures and cancellations that made the events of a payment.
func causesOf(c *causes, id string, list []told) map[time.Time]string {
	times := map[kecis.EventKind][]time.Time{}
	for i := range list {
		times[list[i].event.Kind] = append(times[list[i].event.Kind], list[i].at)
	}
	found := c.match(id, "CaptureRequest", times[kecis.EventCaptured])
	maps.Copy(found, c.match(id, "CancellationRequest", times[kecis.EventCancelled]))
	return found
}

// event turns an event into entries.
func (b *bookReader) event(party string, m *moved, t *told) {
	x := &t.event.Transaction
	e := conformance.Entry{Party: party, At: t.at, Transaction: x.ID, Currency: string(x.Amount.Currency), Class: conformance.Declared}
	add := func(effect conformance.Effect, amount int64, request string) {
		if amount == 0 {
			return
		}
		e := e
		if e.Effect, e.Amount, e.Request = effect, amount, request; request != "" {
			e.Sender = t.event.OrderRef.Requester
		}
		b.recording.Entries = append(b.recording.Entries, e)
	}
	switch x.State {
	case kecis.StateAuthorised, kecis.StateCaptured, kecis.StateCancelled:
		if !m.approved {
			m.approved, m.held = true, x.Amount.Minor
			add(conformance.EffectApproval, x.Amount.Minor, string(t.event.RequestID))
		}
		if now := x.Captured - m.captured; now > 0 {
			add(conformance.EffectCapture, now, m.causes[t.at])
			m.held, m.captured = m.held-now, x.Captured
		} else if now < 0 {
			add(conformance.EffectCaptureReversal, -now, "")
			m.held, m.captured = m.held-now, x.Captured
		}
		if given := x.Cancelled - m.voided - m.refunded; given > 0 {
			effect := conformance.EffectVoid
			if m.captured > 0 {
				effect = conformance.EffectRefund
				m.refunded += given
			} else {
				m.voided += given
				m.held -= given
			}
			add(effect, given, m.causes[t.at])
		}
		if over := m.held + m.captured - m.refunded - x.Cancellable; over != 0 {
			add(conformance.EffectRelease, over, "")
			m.held -= over
		}
	case kecis.StateExpired:
		add(conformance.EffectExpiry, m.held, "")
	case kecis.StateReversed:
		add(conformance.EffectReversal, m.held+m.captured-m.refunded, "")
		m.held, m.refunded = 0, m.captured
	}
}

// causes are the captures and cancellations that a provider has not refused, by
// payment and kind.
type causes struct {
	rows map[[2]string][]*journal.Request
}

// causes looks up what became of the requests that were seen.
func (b *bookReader) causes(ctx context.Context, party string, j journal.Journal) (*causes, error) {
	c := &causes{map[[2]string][]*journal.Request{}}
	seen := map[string]bool{}
	err := j.View(ctx, func(tx journal.Tx) error {
		clear(c.rows)
		clear(seen)
		for i := range b.recording.Exchanges {
			e := &b.recording.Exchanges[i]
			k := e.Request.Kind
			if e.To != party || seen[e.Request.ID] || k != "CaptureRequest" && k != "CancellationRequest" {
				continue
			}
			seen[e.Request.ID] = true
			row, err := tx.Request(e.From, e.Request.ID)
			if errors.Is(err, journal.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if row.Transaction != "" && (row.Outcome == outcomeDone || row.Reversed != "" || row.Code == string(kecis.ErrRequestReversed)) {
				key := [2]string{row.Transaction, k}
				c.rows[key] = append(c.rows[key], row)
			}
		}
		return nil
	})
	return c, err
}

// match finds for each event the request that made it: of those that are left the
// two that are nearest in time belong together, again and again. An answer is
// sealed with its event; only what was unknown at first got its event later.
func (c *causes) match(transaction, kind string, events []time.Time) map[time.Time]string {
	rows := slices.Clone(c.rows[[2]string{transaction, kind}])
	events = slices.Clone(events)
	found := map[time.Time]string{}
	for len(rows) > 0 && len(events) > 0 {
		row, event := 0, 0
		for i, r := range rows {
			for j, at := range events {
				if r.Sealed.Sub(at).Abs() < rows[row].Sealed.Sub(events[event]).Abs() {
					row, event = i, j
				}
			}
		}
		found[events[event]] = rows[row].ID
		rows, events = slices.Delete(rows, row, row+1), slices.Delete(events, event, event+1)
	}
	return found
}

// complete fills in what the entries of approvals do not tell: the order, from the
// requests that were seen.
func (b *bookReader) complete(orders map[[2]string]kecis.Entry) {
	amounts := map[string]int64{}
	for i := range b.recording.Exchanges {
		if r := &b.recording.Exchanges[i].Request; r.Kind == "PaymentRequest" {
			amounts[r.ID] = r.OrderAmount
		}
	}
	for i := range b.recording.Entries {
		e := &b.recording.Entries[i]
		if e.Effect != conformance.EffectApproval {
			continue
		}
		if stated, known := orders[[2]string{e.Party, e.Transaction}]; known {
			e.Order, e.OrderAmount = conformance.OrderOf(stated.OrderRef), amounts[string(stated.RequestID)]
			e.Authentication = stated.Transaction.Terms.Purpose == kecis.AmountAuthentication
		}
	}
}
