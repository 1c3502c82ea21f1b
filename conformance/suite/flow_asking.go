package suite

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

const hour = time.Hour

func inquiryFlows() []flow {
	return []flow{
		show("inquiry-both", "A payment is found by its request and by its transaction, and stays as it is.", "KECIS-INQ-006 KECIS-INQ-002", func(a *act) {
			p, _, t := a.pay(kecis.CaptureAutomatic)
			byRequest, byTransaction := a.inquire(kecis.Original{RequestID: p.ID}), a.inquire(kecis.Original{TransactionID: t.ID})
			a.answered("by the request", byRequest, kecis.Found)
			a.answered("by the transaction", byTransaction, kecis.Found)
			if found, ok := byTransaction.answer.(*kecis.InquiryResponse); ok {
				a.same("the payment", standing(t), standing(&found.Transaction))
				a.same("the result", kecis.Approved, found.Result.Code)
			}
		}),
		show("inquiry-unknown", "Nothing is promised of what is not found.", "KECIS-INQ-007", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic) // it is never sent
			a.answered("by a request that never came", a.inquire(kecis.Original{RequestID: p.ID}), kecis.ErrNotFound)
			a.answered("by a transaction that is none", a.inquire(kecis.Original{TransactionID: "T00000000-NOBODY"}), kecis.ErrNotFound)
		}),
		show("inquiry-reversed", "What was reversed is told so.", "KECIS-INQ-009", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("the reversal", a.reverse(p), kecis.Reversed)
			s := a.inquire(kecis.Original{RequestID: p.ID})
			a.answered("the inquiry", s, kecis.Found)
			if found, ok := s.answer.(*kecis.InquiryResponse); ok {
				a.same("the outcome", kecis.NotDone, found.Result.Outcome)
			}
		}, metadata.ServiceReversal),
	}
}

// answerFlows bend what the issuer answers to a PG: no money may be told of that
// the issuer did not approve by its own signature, for that request.
func answerFlows() []flow {
	bent := func(id, note, clauses string, bend func(*passage)) flow {
		return show(id, note, clauses, func(a *act) {
			p := a.payment(kecis.CaptureAutomatic)
			a.stage.tap.bending(p.OrderRef.OrderID, bend)
			s := a.send(p)
			a.unknown(p, s)
		}).before(conformance.PG)
	}
	instead := func(old, text string) func(*passage) {
		return func(p *passage) { p.answer = bytes.Replace(p.answer, []byte(old), []byte(text), 1) }
	}
	return []flow{
		bent("answer-changed", "The issuer's answer was changed on its way.", "KECIS-ERR-017 KECIS-PRO-033", instead(`>50000<`, `>50001<`)),
		bent("answer-refusal-forged", "A refusal that the issuer did not sign.", "KECIS-ERR-017 KECIS-PRO-031", instead(`status:approved`, `status:declined-limit`)),
		bent("answer-unsigned", "The issuer's answer has lost its signature.", "KECIS-ERR-017", func(p *passage) {
			if from, to := bytes.Index(p.answer, []byte(`<ds:Signature`)), bytes.Index(p.answer, []byte(`</ds:Signature>`)); from >= 0 && to > from {
				p.answer = append(bytes.Clone(p.answer[:from]), p.answer[to+len(`</ds:Signature>`):]...)
			}
		}),
		bent("answer-status-500", "An HTTP error in the place of the answer.", "KECIS-ERR-017", func(p *passage) {
			p.status, p.answer = http.StatusInternalServerError, []byte("an error")
		}),
		bent("answer-empty", "An empty answer.", "KECIS-ERR-017", func(p *passage) { p.answer = nil }),
		bent("answer-early-refusal", "An unsigned refusal, though the issuer took the payment.", "KECIS-ERR-017 KECIS-ERR-012", func(p *passage) {
			p.status, p.answer = http.StatusForbidden, []byte(`{"code":"not-authenticated","correlation":"00000000000000000000000000000000"}`)
			p.header.Set("Content-Type", "application/json")
		}),
		show("answer-of-another", "The answer to another payment answers this one.", "KECIS-ERR-017 KECIS-MSG-022", func(a *act) {
			first, _, _ := a.pay(kecis.CaptureAutomatic)
			seen := a.stage.tap.of(first.OrderRef.OrderID)
			if len(seen) == 0 {
				return
			}
			p := a.payment(kecis.CaptureAutomatic)
			a.stage.tap.bending(p.OrderRef.OrderID, func(p *passage) { p.answer = seen[0].answer })
			s := a.send(p)
			a.unknown(p, s)
		}).before(conformance.PG),
	}
}

// unknown holds what a PG may say of a payment whose answer it cannot use: that it
// does not know; or that it is done, once it has asked the issuer.
func (a *act) unknown(p *kecis.PaymentRequest, s *sent) {
	if a.err != nil {
		return
	}
	order := p.OrderRef.OrderID
	h, asked := responseOf(s.answer), false
	for _, q := range a.stage.tap.of(order) {
		asked = asked || q.kind == kecis.PaymentRequestKind.String()
	}
	switch {
	case !asked:
		a.fail("the issuer behind", "a payment request", "none", s.reply)
	case h == nil, h.Status.Outcome == kecis.NotDone, h.Status.Outcome == kecis.Done && !a.stage.tap.inquired(order):
		a.fail("the payment", "a signed answer that says unknown, since the issuer's cannot be used", s.describe(), s.reply)
	}
}

// bindingFlows are about HTTP.
func bindingFlows() []flow {
	raw := func(id, note, clauses string, play func(a *act, address string, document []byte)) flow {
		return show(id, note, clauses, func(a *act) {
			_, first, _ := a.pay(kecis.CaptureAutomatic)
			play(a, first.address, first.document)
		})
	}
	status := func(a *act, step string, request *http.Request, want int) {
		response, err := a.stage.HTTP.Do(request)
		if err != nil {
			a.note(&unreachableError{err})
			return
		}
		_ = response.Body.Close()
		a.same(step, want, response.StatusCode)
	}
	return []flow{
		raw("binding-get", "The endpoint is no page.", "KECIS-PRO-002", func(a *act, address string, _ []byte) {
			request, err := http.NewRequestWithContext(a, http.MethodGet, address, http.NoBody)
			a.note(err)
			if a.err == nil {
				status(a, "the HTTP status of GET", request, http.StatusMethodNotAllowed)
			}
		}),
		raw("binding-content-type", "What is not XML is malformed.", "KECIS-PRO-002", func(a *act, address string, document []byte) {
			request, err := http.NewRequestWithContext(a, http.MethodPost, address, bytes.NewReader(document))
			a.note(err)
			if a.err != nil {
				return
			}
			request.Header.Set("Content-Type", "text/plain")
			status(a, "the HTTP status of text/plain", request, http.StatusBadRequest)
		}),
		raw("binding-empty", "An empty body is malformed.", "KECIS-ERR-008", func(a *act, address string, _ []byte) {
			a.early("an empty body", a.post(address, nil), wireMalformed)
		}),
		raw("binding-not-xml", "What is no document is malformed, and nothing of it is echoed.", "KECIS-ERR-008 KECIS-ERR-010", func(a *act, address string, _ []byte) {
			s := a.post(address, []byte("secret-of-the-sender"))
			a.early("no document", s, wireMalformed)
			if strings.Contains(string(s.body), "secret") {
				a.fail("no document", "an answer that holds nothing of it", "it is there", s.reply)
			}
		}),
	}
}

// listFlows are about the feed and reconciliation.
func listFlows() []flow {
	return []flow{
		show("feed-holds", "The feed tells of a payment and of its cancellation, in their order.", "KECIS-EVT-022 KECIS-EVT-005 KECIS-EVT-006", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("the cancellation", a.cancel(p, 10_000, orderWon), kecis.Cancelled)
			var told []kecis.Event
			complete := a.eventually(func() bool {
				events, err := a.stage.events(a)
				a.note(err)
				for i := range events {
					if events[i].RequestID == p.ID {
						told = append(told, events[i])
					}
				}
				return len(told) >= 2
			})
			if a.err == nil && !complete {
				a.fail("the feed", "two events of the payment", "fewer", nil)
				return
			}
			for i := range told {
				a.same("the sequence of an event", i+1, told[i].Sequence)
			}
			if n := len(told); n > 0 {
				want := kecis.Transaction{State: kecis.StateCaptured, Captured: orderWon, Cancelled: 10_000, Cancellable: 40_000}
				a.same("the last event", standing(&want), standing(&told[n-1].Transaction))
			}
		}, metadata.ServiceFeed, metadata.ServiceCancellation).asking(PartialCancellation),
	}
}
