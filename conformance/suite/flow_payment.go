package suite

import (
	"slices"
	"sync"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

func paymentFlows() []flow {
	return []flow{
		show("payment-approved", "An ordinary payment is captured at once, and the answer states its terms.",
			"KECIS-PAY-020 KECIS-PAY-012 KECIS-PAY-013 KECIS-PAY-016 KECIS-MSG-022", func(a *act) {
				p, s, t := a.pay(kecis.CaptureAutomatic)
				a.answered("the payment", s, kecis.Approved)
				a.same("what the answer states", standing(&kecis.Transaction{State: kecis.StateCaptured, Captured: orderWon, Cancellable: orderWon}), standing(t))
				a.same("the amount in effect", p.Amount, t.Amount)
				a.bound("the answer", p, s)
				a.forwarded("the issuer behind", p.OrderRef, kecis.PaymentRequestKind, 1)
			}),
		show("payment-held", "A payment to be captured by request is authorised, and nothing is captured.",
			"KECIS-PAY-013 KECIS-PAY-004 KECIS-PAY-016", func(a *act) {
				p, _, t := a.pay(kecis.CaptureManual)
				want := kecis.Transaction{State: kecis.StateAuthorised, Cancellable: orderWon}
				a.same("what the answer states", standing(&want), standing(t))
				a.stands("the payment", p, want.State, 0, 0, orderWon)
			}, metadata.ServiceCapture),
		show("payment-reference", "The InstrumentRef of one payment pays for another order.", "KECIS-PAY-017", func(a *act) {
			p, _, t := a.pay(kecis.CaptureAutomatic)
			_, s, _ := a.pay(kecis.CaptureAutomatic, func(next *kecis.PaymentRequest) {
				next.Instrument = p.Instrument
				next.Instrument.Encrypted, next.Instrument.Ref = nil, t.InstrumentRef
			})
			a.answered("a payment by the reference", s, kecis.Approved)
		}),
	}
}

// orderFlows are about the one live approval of an order.
func orderFlows() []flow {
	return []flow{
		show("payment-order-live", "A second payment of an order that is paid is refused, and moves nothing.",
			"KECIS-PAY-008 KECIS-PAY-022", func(a *act) {
				first, _, _ := a.pay(kecis.CaptureAutomatic)
				for _, attempt := range []int{1, 2} {
					again := a.payment(kecis.CaptureAutomatic, func(p *kecis.PaymentRequest) {
						p.OrderRef = first.OrderRef
						p.OrderRef.Attempt = attempt
					})
					s := a.send(again)
					a.answered("another request for the same order", s, kecis.ErrDuplicate, kecis.ErrAttemptLive)
					a.nothing("the second request", again.ID)
				}
				a.forwarded("the issuer behind", first.OrderRef, kecis.PaymentRequestKind, 1)
			}),
		show("payment-order-other-amount", "A second attempt of an order cannot have another order amount.", "KECIS-PAY-029", func(a *act) {
			first, _, _ := a.pay(kecis.CaptureAutomatic)
			next := a.payment(kecis.CaptureAutomatic, func(p *kecis.PaymentRequest) {
				p.OrderRef = first.OrderRef
				p.OrderRef.Attempt = 2
				p.Amount, p.OrderAmount, p.Tax = kecis.Won(orderWon-1), kecis.Won(orderWon-1), kecis.Tax{TaxFree: orderWon - 1}
			})
			a.answered("the second attempt", a.send(next), kecis.ErrOrderMismatch)
			a.nothing("the second attempt", next.ID)
		}),
		show("payment-order-after-reversal", "A new attempt is taken once the earlier one was reversed.", "KECIS-PAY-022 KECIS-REV-011", func(a *act) {
			first, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("the reversal", a.reverse(first), kecis.Reversed)
			_, s, _ := a.pay(kecis.CaptureAutomatic, func(p *kecis.PaymentRequest) {
				p.OrderRef = first.OrderRef
				p.OrderRef.Attempt = 2
			})
			a.answered("the second attempt", s, kecis.Approved)
		}, metadata.ServiceReversal),
	}
}

// termFlows are about what is declared, and about what the issuer says no to.
func termFlows() []flow {
	return []flow{
		show("payment-currency-undeclared", "A currency that the metadata do not declare is not served.", "KECIS-PRO-013 KECIS-PAY-007", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic, func(p *kecis.PaymentRequest) {
				money, err := kecis.NewMoney(orderWon, "CHF")
				a.note(err)
				p.Amount, p.OrderAmount = money, money
			})
			a.answered("a payment in Swiss francs", a.send(p), kecis.ErrNotServed)
			a.nothing("it", p.ID)
			a.forwarded("the issuer behind", p.OrderRef, kecis.PaymentRequestKind, 0)
		}),
		show("payment-instalments-too-small", "Instalments below the declared amount are refused.", "KECIS-PRO-013", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic, func(p *kecis.PaymentRequest) {
				p.Amount, p.OrderAmount, p.Tax = kecis.Won(10_000), kecis.Won(10_000), kecis.Tax{TaxFree: 10_000}
				p.Terms.Instalments = 3
			})
			a.answered("10,000 won in three instalments", a.send(p), kecis.ErrNotServed, kecis.ErrInvalidInstalment)
			a.nothing("it", p.ID)
		}),
		show("payment-instalments", "What was asked for is in effect: three instalments.", "KECIS-PAY-012", func(a *act) {
			_, s, t := a.pay(kecis.CaptureAutomatic, func(p *kecis.PaymentRequest) { p.Terms.Instalments = 3 })
			a.answered("50,000 won in three instalments", s, kecis.Approved)
			a.same("the instalments in effect", kecis.Instalments(3), t.Terms.Instalments)
		}).asking(Instalments),
		declined("payment-declined", "card-declined", kecis.ErrDeclinedIssuer),
		declined("payment-declined-limit", "card-limit", kecis.ErrDeclinedLimit),
		declined("payment-declined-stolen", "card-stolen", kecis.ErrLostStolen),
		declined("payment-declined-expired", "card-expired", kecis.ErrExpiredCard),
		show("payment-card-of-other-order", "A card that was encrypted for one order does not pay for another (P8).",
			"KECIS-ENC-020", func(a *act) {
				one := a.payment(kecis.CaptureAutomatic)
				other := a.payment(kecis.CaptureAutomatic, func(p *kecis.PaymentRequest) { p.Instrument = one.Instrument })
				s := a.send(other)
				if h := responseOf(s.answer); a.err == nil && (h == nil || h.Status.Outcome != kecis.NotDone) {
					a.fail("the other order, by that card", "a signed refusal, not done", s.describe(), s.reply)
				}
				a.nothing("it", other.ID)
			}),
		show("payment-no-route", "A card that no issuer is known for is refused.", "KECIS-PAY-028", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic, func(p *kecis.PaymentRequest) {
				p.Instrument = kecis.Instrument{
					Kind: kecis.Card, Issuer: "https://nobody.example/kecis", Brand: "VISA", First6: "499999", Last4: "1111", Ref: "ref-of-nobody-000001",
				}
			})
			a.answered("a payment by a card of nobody's", a.send(p), kecis.ErrNoRoute, kecis.ErrInvalidCard)
			a.nothing("it", p.ID)
		}).before(conformance.PG),
	}
}

// declined is a payment by a test card that the suite's issuer declines: the PG
// passes the reason on.
func declined(id, instrument string, code kecis.Code) flow {
	return show(id, "What the issuer declines is declined, with its reason.", "KECIS-PAY-021", func(a *act) {
		card := a.stage.instrument(instrument)
		p := a.payment(kecis.CaptureAutomatic, func(p *kecis.PaymentRequest) {
			var err error
			p.Instrument, err = a.stage.conceal(a, p, &card)
			a.note(err)
		})
		a.answered("a payment by "+instrument, a.send(p), code)
		a.nothing("it", p.ID)
	}).before(conformance.PG)
}

// bound holds that an answer belongs to its request (P5).
func (a *act) bound(step string, request kecis.Message, s *sent) {
	if h := responseOf(s.answer); a.err == nil && h != nil {
		asked := kecis.HeaderOf(request)
		a.same(step+": InResponseTo", asked.ID, h.InResponseTo)
		a.same(step+": Recipient", asked.Sender, h.Recipient)
		a.same(step+": RequestDigest", true, h.RequestDigest == digestOf(a, s.document))
	}
}

// digestOf is the digest of a request as its recipient takes it.
func digestOf(a *act, document []byte) kecis.Digest {
	m, err := a.stage.openOwn(a, document)
	if err != nil {
		a.note(&harnessError{err})
		return kecis.Digest{}
	}
	return kecis.HeaderOf(m).Digest()
}

// reverse undoes a request of this flow by a message of its own.
func (a *act) reverse(p *kecis.PaymentRequest) *sent {
	return a.undo(p.OrderRef, &p.RequestHeader)
}

// undo undoes the request of that header.
func (a *act) undo(order kecis.OrderRef, h *kecis.RequestHeader) *sent {
	r := &kecis.ReversalRequest{OrderRef: order, Original: h.ID, OriginalInstant: h.IssueInstant, Reason: kecis.ReasonNoAnswer}
	a.stamp(&r.RequestHeader, metadata.ServiceReversal)
	return a.send(r)
}

func repeatFlows() []flow {
	return []flow{
		show("repeat-same", "The same octets again get the recorded answer, byte for byte, and have no effect.",
			"KECIS-PRO-021 KECIS-ERR-020", func(a *act) {
				p, first, _ := a.pay(kecis.CaptureAutomatic)
				for range 3 {
					s := a.again(first)
					if a.err == nil && string(s.body) != string(first.body) {
						a.fail("the same request again", "the recorded answer, byte for byte", s.describe(), s.reply)
					}
				}
				a.forwarded("the issuer behind", p.OrderRef, kecis.PaymentRequestKind, 1)
				a.stands("the payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
			}),
		show("repeat-refused", "A refusal is recorded like any answer.", "KECIS-PRO-021 KECIS-PRO-006", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic, func(p *kecis.PaymentRequest) { p.Terms.Instalments = 12; smaller(p) })
			first := a.send(p)
			a.answered("the first", first, kecis.ErrNotServed, kecis.ErrInvalidInstalment)
			s := a.again(first)
			if a.err == nil && string(s.body) != string(first.body) {
				a.fail("a refused request again", "the recorded answer, byte for byte", s.describe(), s.reply)
			}
		}),
		show("repeat-id", "An ID that was used carries no other content.", "KECIS-PRO-023", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			other := a.payment(kecis.CaptureAutomatic, func(q *kecis.PaymentRequest) { q.ID = p.ID })
			a.answered("another payment under the ID", a.send(other), kecis.ErrIDReused)
			a.forwarded("the issuer behind", other.OrderRef, kecis.PaymentRequestKind, 0)
			a.stands("the first payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
		}),
		show("repeat-id-resigned", "The same content signed again is the same request.", "KECIS-PRO-021 KECIS-SIG-028", func(a *act) {
			p, first, _ := a.pay(kecis.CaptureAutomatic)
			s := a.send(p)
			a.answered("the request, signed again", s, kecis.Approved)
			if a.err == nil && string(s.body) != string(first.body) {
				a.fail("the request, signed again", "the recorded answer, byte for byte", s.describe(), s.reply)
			}
			a.forwarded("the issuer behind", p.OrderRef, kecis.PaymentRequestKind, 1)
		}),
		show("repeat-at-once", "A request that comes many times at once has one effect.", "KECIS-PRO-025 KECIS-PRO-014", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic)
			a.crowd(p)
			a.forwarded("the issuer behind", p.OrderRef, kecis.PaymentRequestKind, 1)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
		}),
	}
}

// smaller makes a payment too small for instalments.
func smaller(p *kecis.PaymentRequest) {
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(10_000), kecis.Won(10_000), kecis.Tax{TaxFree: 10_000}
}

// crowdSize is how many copies of a request come at once: more than a provider
// has threads for, few enough for the smallest.
const crowdSize = 16

// crowd sends a request many times at once, and once more at the end; all signed
// answers must be the same.
func (a *act) crowd(p kecis.Message) {
	signer, err := a.stage.asking.Keys.Signer(a.stage.Clock.Now())
	a.note(err)
	if a.err != nil {
		return
	}
	document, err := kecis.Sign(p, signer)
	if err != nil {
		a.note(&harnessError{err})
		return
	}
	address := kecis.HeaderOf(p).Destination
	replies := make([]*reply, crowdSize)
	var all sync.WaitGroup
	for i := range replies {
		all.Go(func() { replies[i], _ = a.stage.post(a, address, document, false) }) // one that got no answer says nothing
	}
	all.Wait()
	last := a.post(address, document)
	for _, r := range replies {
		if a.err == nil && r != nil && r.answer != nil && !slices.Equal(r.body, last.body) {
			if h := responseOf(r.answer); h.Status.Outcome != kecis.Unknown { // it may not wait for the first
				a.fail("one of many at once", "the same answer as the others", r.describe(), r)
			}
		}
	}
}

func headerFlows() []flow {
	dated := func(id, note, clause string, code kecis.Code, change func(*kecis.RequestHeader)) flow {
		return show(id, note, clause, func(a *act) {
			p := a.payment(kecis.CaptureAutomatic)
			address := p.Destination
			change(&p.RequestHeader)
			a.answered("the payment", a.sendTo(address, p), code)
			a.nothing("it", p.ID)
			a.forwarded("the issuer behind", p.OrderRef, kecis.PaymentRequestKind, 0)
		})
	}
	return []flow{
		dated("header-late", "A request whose deadline has passed has no effect.", "KECIS-PRO-011", kecis.ErrDeadlinePassed, func(h *kecis.RequestHeader) {
			h.IssueInstant = h.IssueInstant.Add(-hour)
			h.NotOnOrAfter = h.IssueInstant.Add(windowOf)
		}),
		dated("header-future", "A request from the future is refused.", "KECIS-PRO-010", kecis.ErrIssuedInFuture, func(h *kecis.RequestHeader) {
			h.IssueInstant = h.IssueInstant.Add(hour)
			h.NotOnOrAfter = h.IssueInstant.Add(windowOf)
		}),
		dated("header-destination", "A request for another address is refused.", "KECIS-PRO-009", kecis.ErrWrongDestination, func(h *kecis.RequestHeader) {
			h.Destination = "https://elsewhere.example/kecis"
		}),
		show("header-stranger", "A request that a stranger signed in the name of a partner is not authenticated, and uses up nothing.",
			"KECIS-ERR-012 KECIS-ERR-008", func(a *act) {
				p := a.payment(kecis.CaptureAutomatic)
				stranger, err := a.stage.signerOf("stranger-p256")
				a.note(err)
				if a.err != nil {
					return
				}
				a.early("signed by a stranger", a.sendBy(p, stranger), wireNotAuthenticated)
				a.forwarded("the issuer behind", p.OrderRef, kecis.PaymentRequestKind, 0)
				a.answered("the same, signed by its sender", a.send(p), kecis.Approved)
			}),
		show("header-key-next", "A key that the metadata announce beside the first signs as well.", "KECIS-META-024", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic)
			next, err := a.stage.signerOf("shop-next")
			a.note(err)
			if a.err != nil {
				return
			}
			a.answered("signed by the next key", a.sendBy(p, next), kecis.Approved)
		}),
		show("header-key-of-metadata", "A key that signs metadata signs no message.", "KECIS-META-024", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic)
			key, err := a.stage.signerOf("shop-metadata")
			a.note(err)
			if a.err != nil {
				return
			}
			a.early("signed by the metadata's key", a.sendBy(p, key), wireNotAuthenticated)
			a.nothing("it", p.ID)
		}),
	}
}
