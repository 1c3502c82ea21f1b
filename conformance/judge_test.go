package conformance_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/spec"
)

const (
	shop   = "https://shop.example/kecis"
	pg     = "https://pg.example/kecis"
	issuer = "https://issuer.example/kecis"
)

// at returns a time of the recordings, in seconds from their start.
func at(seconds float64) time.Time {
	return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
}

// orderOf names the order of the first or second payment.
func orderOf(n string) conformance.Order {
	return conformance.Order{Requester: shop, OrderID: "order-" + n, Attempt: 1, Part: 1}
}

// rightRecording is a recording in which all is right. Payment 1 goes from the
// shop over the PG to the issuer, is captured, repeated, and refunded in part.
// The answer to payment 2 is lost at the issuer; the shop is told that it is
// unknown, and then reverses it. Payment 3 is declined. In the end the capture
// and payment 1 are sent once more.
func rightRecording() *conformance.Recording {
	r := &conformance.Recording{
		Format: 1, Seed: 7, Ended: at(7200), Settled: at(3600),
		Bounds: conformance.Bounds{Resolve: 10 * time.Minute, Release: time.Minute, Skew: 2 * time.Second},
		Parties: []conformance.Party{
			{Entity: shop, Role: conformance.Requester, States: true},
			{Entity: pg, Role: conformance.PG, Books: true, States: true},
			{Entity: issuer, Role: conformance.Issuer, Books: true, States: true},
		},
	}
	pay := func(n string, minor int64) conformance.Request {
		return conformance.Request{Kind: "PaymentRequest", ID: "_pay" + n, Digest: "d" + n, Issued: at(0), Deadline: at(300), Order: orderOf(n),
			Currency: "KRW", Amount: minor, OrderAmount: minor}
	}
	add := func(from, to string, start float64, q conformance.Request, a *conformance.Answer) {
		e := conformance.Exchange{Number: len(r.Exchanges) + 1, From: from, To: to, Sent: at(start), Arrived: at(start + 0.01), Deliveries: 1, Request: q}
		if a != nil {
			e.Answered, e.Received, e.HTTPStatus = at(start+0.5), at(start+0.51), 200
			if a.Issued.IsZero() {
				a.Issued = at(start + 0.5)
			}
			e.Answer = a
		}
		r.Exchanges = append(r.Exchanges, e)
	}
	answer := func(n, code, outcome, transaction, state string, minor int64) *conformance.Answer {
		a := &conformance.Answer{ID: "_a" + n, Digest: "a" + n, Code: code, Outcome: outcome}
		if transaction != "" {
			a.Payment = &conformance.Payment{Transaction: transaction, State: state, Currency: "KRW", Amount: minor}
		}
		return a
	}
	up := func(q conformance.Request) conformance.Request { q.ID += "-up"; q.Digest += "u"; return q }
	about := func(kind, id, original, n string, minor int64) conformance.Request {
		return conformance.Request{Kind: kind, ID: id, Digest: "d" + id, Issued: at(0), Deadline: at(300), Order: orderOf(n), OriginalRequest: original,
			Currency: "KRW", Amount: minor}
	}
	enter := func(party string, when float64, effect conformance.Effect, transaction string, minor int64, sender, request, n string) {
		e := conformance.Entry{Party: party, At: at(when), Transaction: transaction, Effect: effect, Currency: "KRW", Amount: minor,
			Sender: sender, Request: request, Class: conformance.Declared,
			Postings: []conformance.Posting{{Account: "buyer", Currency: "KRW", Amount: minor}, {Account: "payee", Currency: "KRW", Amount: -minor}}}
		if effect == conformance.EffectApproval {
			e.Order, e.OrderAmount, e.HoldExpires = orderOf(n), minor, at(3000)
		}
		r.Entries = append(r.Entries, e)
	}
	state := func(party string, when float64, n, request, transaction, state string, p conformance.Payment) {
		p.Transaction, p.State, p.Currency = transaction, state, "KRW"
		r.Statements = append(r.Statements, conformance.Statement{Party: party, At: at(when), By: "inquiry", Order: orderOf(n), Request: request,
			Payment: p, Final: true, Class: conformance.Declared})
	}
	tell := func(when float64, kind, id, outcome string) {
		r.Tellings = append(r.Tellings, conformance.Telling{Requester: shop, Provider: pg, At: at(when), Kind: kind, Request: id, Outcome: outcome})
	}

	// Payment 1, its capture, a repeat, and a refund in part.
	add(shop, pg, 1, pay("1", 50000), answer("1", "approved", "done", "P1", "authorised", 50000))
	add(pg, issuer, 1.1, up(pay("1", 50000)), answer("1u", "approved", "done", "I1", "authorised", 50000))
	enter(issuer, 1.3, conformance.EffectApproval, "I1", 50000, pg, "_pay1-up", "1")
	enter(pg, 1.4, conformance.EffectApproval, "P1", 50000, shop, "_pay1", "1")
	tell(2, "PaymentRequest", "_pay1", "done")
	add(shop, pg, 10, about("CaptureRequest", "_cap1", "_pay1", "1", 40000), answer("c", "captured", "done", "P1", "captured", 50000))
	add(pg, issuer, 10.1, about("CaptureRequest", "_cap1-up", "_pay1-up", "1", 40000), answer("cu", "captured", "done", "I1", "captured", 50000))
	for _, p := range []struct{ party, transaction, sender, suffix string }{{issuer, "I1", pg, "-up"}, {pg, "P1", shop, ""}} {
		enter(p.party, 10.3, conformance.EffectCapture, p.transaction, 40000, p.sender, "_cap1"+p.suffix, "1")
		enter(p.party, 10.31, conformance.EffectRelease, p.transaction, 10000, p.sender, "_cap1"+p.suffix, "1")
		enter(p.party, 20.3, conformance.EffectRefund, p.transaction, 15000, p.sender, "_can1"+p.suffix, "1")
	}
	tell(11, "CaptureRequest", "_cap1", "done")
	add(shop, pg, 20, about("CancellationRequest", "_can1", "_pay1", "1", 15000), answer("x", "cancelled", "done", "P1", "captured", 50000))
	add(pg, issuer, 20.1, about("CancellationRequest", "_can1-up", "_pay1-up", "1", 15000), answer("xu", "cancelled", "done", "I1", "captured", 50000))
	tell(21, "CancellationRequest", "_can1", "done")
	add(shop, pg, 30, pay("1", 50000), answer("1", "approved", "done", "P1", "authorised", 50000))
	r.Exchanges[len(r.Exchanges)-1].Answer.Issued = at(1.5)

	// Payment 2: unknown, reversed.
	add(shop, pg, 100, pay("2", 7000), answer("2", "timeout", "unknown", "P2", "resolving", 7000))
	add(pg, issuer, 100.1, up(pay("2", 7000)), nil)
	enter(issuer, 100.2, conformance.EffectApproval, "I2", 7000, pg, "_pay2-up", "2")
	tell(101, "PaymentRequest", "_pay2", "unknown")
	add(shop, pg, 110, about("ReversalRequest", "_rev2", "_pay2", "2", 0), answer("r", "reversed", "done", "", "", 0))
	add(pg, issuer, 110.1, about("ReversalRequest", "_rev2-up", "_pay2-up", "2", 0), answer("ru", "reversed", "done", "", "", 0))
	enter(issuer, 110.2, conformance.EffectReversal, "I2", 7000, pg, "_rev2-up", "2")
	tell(111, "PaymentRequest", "_pay2", "not-done")
	add(shop, pg, 115, about("InquiryRequest", "_inq2", "_pay2", "2", 0), &conformance.Answer{ID: "_ai", Digest: "ai", Code: "found", Outcome: "done",
		ResultCode: "timeout", ResultOutcome: "unknown"})

	// Payment 3: declined.
	add(shop, pg, 200, pay("3", 900), answer("3", "declined-limit", "not-done", "", "", 0))
	add(pg, issuer, 200.1, up(pay("3", 900)), answer("3u", "declined-limit", "not-done", "", "", 0))
	tell(201, "PaymentRequest", "_pay3", "not-done")

	captured := conformance.Payment{Amount: 50000, Captured: 40000, Cancelled: 15000, Cancellable: 25000}
	for _, when := range []float64{3590, 7100} {
		state(shop, when, "1", "_pay1", "P1", "captured", captured)
		state(pg, when, "1", "_pay1", "P1", "captured", captured)
		state(issuer, when, "1", "_pay1-up", "I1", "captured", captured)
		state(pg, when, "2", "_pay2", "P2", "reversed", conformance.Payment{Amount: 7000})
		state(issuer, when, "2", "_pay2-up", "I2", "reversed", conformance.Payment{Amount: 7000})
	}

	// Everything once more.
	add(shop, pg, 3700, pay("1", 50000), answer("z", "request-closed", "unknown", "", "", 0))
	add(pg, issuer, 3701, about("CaptureRequest", "_cap1-up", "_pay1-up", "1", 40000), answer("zu", "request-closed", "unknown", "", "", 0))
	return r
}

// entry returns the nth entry of a party, for tests to bend.
func entry(r *conformance.Recording, party string, effect conformance.Effect, transaction string) *conformance.Entry {
	i := slices.IndexFunc(r.Entries, func(e conformance.Entry) bool {
		return e.Party == party && e.Effect == effect && e.Transaction == transaction
	})
	return &r.Entries[i]
}

func statements(r *conformance.Recording, party, transaction string, change func(*conformance.Statement)) {
	for i := range r.Statements {
		if s := &r.Statements[i]; s.Party == party && s.Payment.Transaction == transaction {
			change(s)
		}
	}
}

func exchange(r *conformance.Recording, id string) *conformance.Exchange {
	i := slices.IndexFunc(r.Exchanges, func(e conformance.Exchange) bool { return e.Request.ID == id })
	return &r.Exchanges[i]
}

// again adds an entry like another, changed.
func again(r *conformance.Recording, e conformance.Entry, change func(*conformance.Entry)) {
	change(&e)
	r.Entries = append(r.Entries, e)
}

// drop removes an entry.
func drop(r *conformance.Recording, party string, effect conformance.Effect, transaction string) {
	r.Entries = slices.DeleteFunc(r.Entries, func(e conformance.Entry) bool {
		return e.Party == party && e.Effect == effect && e.Transaction == transaction
	})
}

func TestJudgeFindsNothingWhereAllIsRight(t *testing.T) {
	if found := conformance.Judge(rightRecording()); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	if found := conformance.Judge(&conformance.Recording{}); len(found) > 0 {
		t.Errorf("an empty recording has %v", found)
	}
}

// TestJudge breaks one thing in a right recording.
func TestJudge(t *testing.T) {
	for _, test := range []struct {
		name  string
		bend  func(r *conformance.Recording)
		want  []string // rules, in the order of Rules
		says  string   // in the first finding
		party string
	}{
		{"a posting is off by one", func(r *conformance.Recording) {
			entry(r, pg, conformance.EffectCapture, "P1").Postings[0].Amount++
		}, []string{"I1"}, "leaves KRW 1 over", pg},
		{"a posting is in another currency", func(r *conformance.Recording) {
			entry(r, pg, conformance.EffectCapture, "P1").Postings[0].Currency = "USD"
		}, []string{"I1", "I1"}, "leaves USD 400.00 over", pg},
		{"captured one won more than authorised", func(r *conformance.Recording) {
			drop(r, issuer, conformance.EffectRelease, "I1")
			entry(r, issuer, conformance.EffectCapture, "I1").Amount = 50001
		}, []string{"I2", "I7", "done"}, "KRW 1 more than was on hold", issuer},
		{"captured after it was reversed", func(r *conformance.Recording) {
			again(r, *entry(r, issuer, conformance.EffectApproval, "I2"), func(e *conformance.Entry) {
				e.Effect, e.At, e.Request = conformance.EffectCapture, at(120), "_capX"
			})
		}, []string{"I2"}, "capture of KRW 7000 of payment I2", issuer},
		{"a party states more captured than authorised", func(r *conformance.Recording) {
			r.Parties[1].Books = false
			statements(r, pg, "P1", func(s *conformance.Statement) { s.Payment.Amount = 39999; s.Payment.Cancellable = 24999 })
		}, []string{"I2", "I2", "I7", "I7"}, "states KRW 40000 captured of KRW 39999", pg},
		{"refunded more than captured", func(r *conformance.Recording) {
			again(r, *entry(r, issuer, conformance.EffectRefund, "I1"), func(e *conformance.Entry) {
				e.At, e.Amount, e.Request = at(25), 25001, "_canX"
			})
		}, []string{"I3", "I7"}, "KRW 40001, of KRW 40000 captured", issuer},
		{"a party states more cancellable than there is", func(r *conformance.Recording) {
			r.Parties[1].Books = false
			statements(r, pg, "P1", func(s *conformance.Statement) { s.Payment.Cancellable = 35001 })
		}, []string{"I3", "I3", "I7", "I7"}, "KRW 35001 cancellable", pg},
		{"approved twice for one request", func(r *conformance.Recording) {
			again(r, *entry(r, issuer, conformance.EffectApproval, "I1"), func(e *conformance.Entry) {
				e.At, e.Transaction = at(30.2), "I9"
			})
			again(r, *entry(r, issuer, conformance.EffectApproval, "I1"), func(e *conformance.Entry) {
				e.At, e.Transaction, e.Effect, e.Request = at(30.3), "I9", conformance.EffectReversal, ""
			})
		}, []string{"I4", "I8"}, "had 2 effects", issuer},
		{"refunded twice for one request", func(r *conformance.Recording) {
			again(r, *entry(r, pg, conformance.EffectRefund, "P1"), func(e *conformance.Entry) { e.At = at(25) })
		}, []string{"I4", "I7"}, "CancellationRequest _can1 had 2 effects", pg},
		{"the repeat was given another transaction", func(r *conformance.Recording) {
			for i := range r.Exchanges {
				if e := &r.Exchanges[i]; e.Request.ID == "_pay1" && e.Sent.Equal(at(30)) {
					e.Answer.Payment.Transaction = "P8"
				}
			}
		}, []string{"I4"}, "as payment P1 and as payment P8", pg},
		{"a hold outlives its time", func(r *conformance.Recording) {
			for _, p := range []struct{ party, transaction string }{{issuer, "I1"}, {pg, "P1"}} {
				drop(r, p.party, conformance.EffectRelease, p.transaction)
			}
		}, []string{"I5", "I5", "I7", "I7"}, "KRW 10000 of payment I1 is still on hold", issuer},
		{"captured after the hold's time", func(r *conformance.Recording) {
			entry(r, issuer, conformance.EffectApproval, "I1").HoldExpires = at(8)
		}, []string{"I5"}, "was captured at", issuer},
		{"captured within the skew after the hold's time", func(r *conformance.Recording) {
			entry(r, issuer, conformance.EffectApproval, "I1").HoldExpires = at(8.5)
		}, nil, "", ""},
		{"the PG takes a capture on after the end of its hold", func(r *conformance.Recording) {
			entry(r, pg, conformance.EffectApproval, "P1").HoldExpires = at(8)
		}, []string{"I5"}, "was captured at", pg},
		{"the PG learns after the end of its hold that the issuer captured in time", func(r *conformance.Recording) {
			entry(r, pg, conformance.EffectApproval, "P1").HoldExpires = at(8.1)
		}, nil, "", ""},
		{"the issuer's clock is ahead", func(r *conformance.Recording) {
			entry(r, issuer, conformance.EffectApproval, "I1").HoldExpires = at(15)
			r.Parties[2].Skew = 8 * time.Second
		}, []string{"I5"}, "was captured at", issuer},
		{"an authentication hold is captured", func(r *conformance.Recording) {
			entry(r, issuer, conformance.EffectApproval, "I1").Authentication = true
		}, []string{"I6"}, "which is a hold that authenticates", issuer},
		{"the PG states another balance", func(r *conformance.Recording) {
			r.Parties[1].Books = false
			statements(r, pg, "P1", func(s *conformance.Statement) { s.Payment.Cancelled = 14000 })
		}, []string{"I7", "I7"}, "KRW 15000 given back, pg has", ""},
		{"the issuer states nothing of a payment", func(r *conformance.Recording) {
			r.Statements = slices.DeleteFunc(r.Statements, func(s conformance.Statement) bool { return s.Party == issuer })
		}, []string{"I7"}, "issuer has nothing live", ""},
		{"the issuer was not seen whole", func(r *conformance.Recording) {
			r.Parties[2].States = false
			r.Statements = slices.DeleteFunc(r.Statements, func(s conformance.Statement) bool { return s.Party == issuer })
		}, nil, "", ""},
		{"a party's ledger says otherwise than it", func(r *conformance.Recording) {
			drop(r, pg, conformance.EffectRefund, "P1")
		}, []string{"I7", "done"}, "and its ledger has", pg},
		{"two live approvals of a part", func(r *conformance.Recording) {
			again(r, *entry(r, issuer, conformance.EffectApproval, "I1"), func(e *conformance.Entry) {
				e.At, e.Transaction, e.Request, e.Order.Attempt = at(5), "I9", "_payX", 2
			})
			again(r, *entry(r, issuer, conformance.EffectApproval, "I1"), func(e *conformance.Entry) {
				e.At, e.Transaction, e.Effect, e.Request = at(6), "I9", conformance.EffectReversal, "_revX"
			})
		}, []string{"I8"}, "part 1, has 2 live approvals", issuer},
		{"parts that are more than the order", func(r *conformance.Recording) {
			again(r, *entry(r, issuer, conformance.EffectApproval, "I1"), func(e *conformance.Entry) {
				e.At, e.Transaction, e.Request, e.Order.Part, e.Amount = at(5), "I9", "_payX", 2, 1
			})
			again(r, *entry(r, issuer, conformance.EffectApproval, "I1"), func(e *conformance.Entry) {
				e.At, e.Transaction, e.Effect, e.Request, e.Amount = at(6), "I9", conformance.EffectReversal, "_revX", 1
			})
		}, []string{"I8"}, "live approvals of KRW 50001", issuer},
		{"a hold that authenticates is apart", func(r *conformance.Recording) {
			again(r, *entry(r, issuer, conformance.EffectApproval, "I1"), func(e *conformance.Entry) {
				e.At, e.Transaction, e.Request, e.Authentication, e.Amount = at(0.5), "I9", "_payX", true, 3500
			})
			again(r, *entry(r, issuer, conformance.EffectApproval, "I1"), func(e *conformance.Entry) {
				e.At, e.Transaction, e.Effect, e.Request, e.Amount = at(6), "I9", conformance.EffectRelease, "_revX", 3500
			})
		}, nil, "", ""},
		{"done without an effect", func(r *conformance.Recording) {
			r.Statements = nil
			r.Entries = slices.DeleteFunc(r.Entries, func(e conformance.Entry) bool { return e.Transaction == "P1" && e.Effect != conformance.EffectApproval })
		}, []string{"I5", "done", "done"}, "still on hold", pg},
		{"the effect came after the answer", func(r *conformance.Recording) {
			entry(r, pg, conformance.EffectApproval, "P1").At = at(1.6)
		}, []string{"done"}, "its effect came at", pg},
		{"approved less than asked for", func(r *conformance.Recording) {
			exchange(r, "_pay1").Request.Amount = 50001
		}, []string{"done"}, "which asked for KRW 50001; the ledger has KRW 50000", pg},
		{"done, and undone by itself", func(r *conformance.Recording) {
			r.Statements = nil
			for _, effect := range []conformance.Effect{conformance.EffectCapture, conformance.EffectRelease, conformance.EffectRefund} {
				drop(r, pg, effect, "P1")
			}
			for _, id := range []string{"_cap1", "_can1"} {
				exchange(r, id).Answer = nil
			}
			r.Tellings = r.Tellings[:1]
			again(r, *entry(r, pg, conformance.EffectApproval, "P1"), func(e *conformance.Entry) {
				e.At, e.Effect, e.Request = at(40), conformance.EffectReversal, ""
			})
		}, []string{"done"}, "its sender had not asked for that", pg},
		{"declined, and approved later", func(r *conformance.Recording) {
			again(r, *entry(r, issuer, conformance.EffectApproval, "I2"), func(e *conformance.Entry) {
				e.At, e.Transaction, e.Request, e.Order, e.Amount, e.OrderAmount, e.HoldExpires = at(300), "I3", "_pay3-up", orderOf("3"), 900, 900, time.Time{}
			})
		}, []string{"not-done"}, "at 2026-11-24 09:05:00 it took effect", issuer},
		{"declined, and approved before", func(r *conformance.Recording) {
			again(r, *entry(r, issuer, conformance.EffectApproval, "I2"), func(e *conformance.Entry) {
				e.At, e.Transaction, e.Request, e.Order, e.Amount, e.OrderAmount, e.HoldExpires = at(200.2), "I3", "_pay3-up", orderOf("3"), 900, 900, time.Time{}
			})
		}, []string{"not-done"}, "stood then in the ledger", issuer},
		{"reversed, and approved later", func(r *conformance.Recording) {
			entry(r, issuer, conformance.EffectApproval, "I2").At = at(130)
			drop(r, issuer, conformance.EffectReversal, "I2")
			entry(r, issuer, conformance.EffectApproval, "I2").HoldExpires = time.Time{}
			r.Statements = nil
		}, []string{"not-done"}, "the reversal (reversed) said", issuer},
		{"a reversal that was accepted is never carried out", func(r *conformance.Recording) {
			drop(r, issuer, conformance.EffectReversal, "I2")
			entry(r, issuer, conformance.EffectApproval, "I2").HoldExpires = time.Time{}
			r.Statements = nil
			exchange(r, "_rev2-up").Answer.Code = "reversal-accepted"
		}, []string{"not-done"}, "the reversal (reversal-accepted) said", issuer},
		{"told that it is not done, and it was", func(r *conformance.Recording) {
			r.Tellings[0].Outcome = "not-done"
		}, []string{"not-done"}, "the requester's program said", pg},
		{"told that it is unknown, and nothing more", func(r *conformance.Recording) {
			r.Tellings = slices.DeleteFunc(r.Tellings, func(t conformance.Telling) bool { return t.At.Equal(at(111)) })
		}, []string{"unknown"}, "and was told nothing more", shop},
		{"told too late how it ended", func(r *conformance.Recording) {
			i := slices.IndexFunc(r.Tellings, func(t conformance.Telling) bool { return t.At.Equal(at(111)) })
			r.Tellings[i].At = at(111 + 601)
		}, []string{"unknown"}, "not within 10m0s", shop},
		{"still being resolved", func(r *conformance.Recording) {
			statements(r, pg, "P2", func(s *conformance.Statement) { s.Payment.State = "resolving" })
		}, []string{"unknown"}, "still being resolved", pg},
		{"pending beyond its time", func(r *conformance.Recording) {
			statements(r, pg, "P2", func(s *conformance.Statement) { s.Payment.State, s.Payment.Expires = "pending", at(7000) })
		}, []string{"unknown"}, "its time was over", pg},
		{"the repeat got another answer", func(r *conformance.Recording) {
			for i := range r.Exchanges {
				if e := &r.Exchanges[i]; e.Request.ID == "_pay1" && e.Sent.Equal(at(30)) {
					e.Answer.Digest = "another"
				}
			}
		}, []string{"repeat"}, "another answer than the recorded one", pg},
		{"the repeat was refused", func(r *conformance.Recording) {
			for i := range r.Exchanges {
				if e := &r.Exchanges[i]; e.Request.ID == "_pay1" && e.Sent.Equal(at(30)) {
					e.Answer.Outcome, e.Answer.Code, e.Answer.Payment = "not-done", "duplicate", nil
				}
			}
		}, []string{"not-done", "repeat"}, "is not done; its effect", pg},
		{"the repeat of what was reversed says so", func(r *conformance.Recording) {
			again := *exchange(r, "_pay2-up")
			again.Number, again.Sent, again.Arrived, again.Answered = len(r.Exchanges)+1, at(130), at(130.1), at(130.2)
			again.Answer = &conformance.Answer{ID: "_again", Digest: "again", Code: "request-reversed", Outcome: "not-done", Issued: at(130.2)}
			early := again
			early.Number, early.Sent, early.Arrived, early.Answered = len(r.Exchanges)+2, at(105), at(105.1), at(105.2)
			early.Answer = &conformance.Answer{ID: "_early", Digest: "early", Code: "approved", Outcome: "done", Issued: at(105.2)}
			r.Exchanges = append(slices.Clip(r.Exchanges), early, again)
		}, nil, "", ""},
		{"a repeat after the end moved money", func(r *conformance.Recording) {
			again(r, *entry(r, issuer, conformance.EffectRefund, "I1"), func(e *conformance.Entry) {
				e.At, e.Request, e.Amount = at(3701.2), "_canX", 1
			})
		}, []string{"I7", "repeat"}, "", issuer},
		{"a repeat after the end changed a state", func(r *conformance.Recording) {
			for i := range r.Statements {
				if s := &r.Statements[i]; s.Party == pg && s.Payment.Transaction == "P2" && s.At.Equal(at(7100)) {
					s.Payment.State = "declined"
				}
			}
		}, []string{"repeat"}, "states declined", pg},
		{"what expired by time is no consequence of repeats", func(r *conformance.Recording) {
			for i := range r.Entries {
				if e := &r.Entries[i]; e.Effect == conformance.EffectRelease {
					e.Effect, e.At, e.Sender, e.Request = conformance.EffectExpiry, at(3650), "", ""
				}
			}
		}, nil, "", ""},
		{"unknown, and shown as paid later", func(r *conformance.Recording) {
			exchange(r, "_inq2").Answer.ResultOutcome = "done"
		}, []string{"done", "deadline"}, "no effect of it stands", pg},
		{"a success after the deadline", func(r *conformance.Recording) {
			exchange(r, "_pay1").Answer.Issued = at(301)
		}, []string{"deadline"}, "was answered as done at", pg},
	} {
		r := rightRecording()
		test.bend(r)
		found := conformance.Judge(r)
		var rules []string
		for _, f := range found {
			rules = append(rules, f.Rule)
		}
		if diff := cmp.Diff(test.want, rules); diff != "" {
			t.Errorf("%s: %s\n%v", test.name, diff, found)
			continue
		}
		if len(found) > 0 && (!strings.Contains(found[0].What, test.says) || found[0].Party != test.party) {
			t.Errorf("%s: %s of %q does not say %q of %q", test.name, found[0].What, found[0].Party, test.says, test.party)
		}
	}
}

// TestRecordingSurvivesTheFile holds that a capsule is judged as the recording was.
func TestRecordingSurvivesTheFile(t *testing.T) {
	want := rightRecording()
	want.Exchanges[0].RequestDocument = []byte("<a></a>")
	want.Tellings[0].Outcome = "not-done"
	var file bytes.Buffer
	if err := conformance.WriteRecording(&file, want); err != nil {
		t.Fatal(err)
	}
	text := file.String()
	got, err := conformance.ReadRecording(&file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(conformance.Judge(want), conformance.Judge(got)); diff != "" || len(conformance.Judge(got)) == 0 {
		t.Errorf("judged differently, or not at all: %s", diff)
	}
	for name, broken := range map[string]string{
		"an unknown field": strings.Replace(text, `"seed"`, `"sed"`, 1),
		"something behind": text + "{}",
		"another format":   strings.Replace(text, `"format": 1`, `"format": 2`, 1),
		"half a file":      text[:len(text)/2],
	} {
		if _, err := conformance.ReadRecording(strings.NewReader(broken)); err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

// TestRulesRestOnClauses holds that each clause that a rule names exists.
func TestRulesRestOnClauses(t *testing.T) {
	for _, rule := range conformance.Rules() {
		for _, id := range rule.Clauses {
			if _, ok := spec.Clause(id); !ok {
				t.Errorf("%s: there is no clause %s", rule.Name, id)
			}
		}
	}
}
