package suite

import (
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// capture captures a part of a payment, free of tax.
func (a *act) capture(p *kecis.PaymentRequest, amount int64, final bool, edits ...func(*kecis.CaptureRequest)) *sent {
	c := &kecis.CaptureRequest{
		OrderRef: p.OrderRef, Original: kecis.Original{RequestID: p.ID}, Amount: kecis.Won(amount), Tax: kecis.Tax{TaxFree: amount}, Final: final,
	}
	for _, edit := range edits {
		edit(c)
	}
	a.stamp(&c.RequestHeader, metadata.ServiceCapture)
	return a.send(c)
}

// cancel cancels an amount of a payment of which the balance is believed to be
// left.
func (a *act) cancel(p *kecis.PaymentRequest, amount, balance int64, edits ...func(*kecis.CancellationRequest)) *sent {
	return a.send(a.cancellation(p, amount, balance, edits...))
}

// cancellation is the request of cancel.
func (a *act) cancellation(p *kecis.PaymentRequest, amount, balance int64, edits ...func(*kecis.CancellationRequest)) *kecis.CancellationRequest {
	c := &kecis.CancellationRequest{
		OrderRef: p.OrderRef, Original: kecis.Original{RequestID: p.ID}, Amount: kecis.Won(amount), Tax: kecis.Tax{TaxFree: amount},
		Scope: kecis.CancelPart, Reason: kecis.ReasonBuyer, ExpectedBalance: balance,
	}
	if amount == balance {
		c.Scope = kecis.CancelFull
	}
	for _, edit := range edits {
		edit(c)
	}
	a.stamp(&c.RequestHeader, metadata.ServiceCancellation)
	return c
}

// otherOrder has a request state an order that is not that of the payment.
func otherOrder(o *kecis.OrderRef) { o.OrderID = "NOT-THAT-ORDER" }

func captureFlows() []flow {
	const service = metadata.ServiceCapture
	return []flow{
		show("capture-full", "A hold is captured.", "KECIS-CAP-011 KECIS-CAP-010", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureManual)
			a.answered("the capture", a.capture(p, orderWon, true), kecis.Captured)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
			a.forwarded("the issuer behind", p.OrderRef, kecis.CaptureRequestKind, 1)
		}, service),
		show("capture-part-final", "A final capture of a part releases the rest.", "KECIS-CAP-005", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureManual)
			a.answered("the capture", a.capture(p, 20_000, true), kecis.Captured)
			a.stands("the payment", p, kecis.StateCaptured, 20_000, 0, 20_000)
			a.answered("another", a.capture(p, 1_000, true), kecis.ErrAlreadyCaptured, kecis.ErrExceedsHold)
		}, service),
		show("capture-above-hold", "No more is captured than was authorised.", "KECIS-CAP-007 KECIS-CAP-012", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureManual)
			a.answered("a capture of one won more", a.capture(p, orderWon+1, true), kecis.ErrExceedsHold)
			a.stands("the payment", p, kecis.StateAuthorised, 0, 0, orderWon)
		}, service),
		show("capture-twice", "What was captured is not captured again.", "KECIS-CAP-007 KECIS-CAP-012", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureManual)
			a.answered("the capture", a.capture(p, orderWon, true), kecis.Captured)
			a.answered("the second", a.capture(p, orderWon, true), kecis.ErrAlreadyCaptured)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
		}, service),
		show("capture-repeated", "The same capture again has no effect.", "KECIS-PRO-021 KECIS-CAP-007", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureManual)
			first := a.capture(p, 20_000, true)
			second := a.again(first)
			a.same("the same octets again", string(first.body), string(second.body))
			a.stands("the payment", p, kecis.StateCaptured, 20_000, 0, 20_000)
		}, service),
		show("capture-automatic", "What is captured by itself is not captured by request.", "KECIS-CAP-012", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("a capture", a.capture(p, orderWon, true), kecis.ErrAlreadyCaptured, kecis.ErrNotCapturable)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
		}, service),
		show("capture-unknown", "What nobody paid is not captured.", "KECIS-CAP-004 KECIS-CAP-012", func(a *act) {
			p := a.payment(kecis.CaptureManual) // it is never sent
			a.answered("a capture", a.capture(p, orderWon, true), kecis.ErrOriginalNotFound)
		}, service),
		show("capture-other-order", "A capture names the order of its payment.", "KECIS-PAY-030", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureManual)
			a.answered("a capture for another order", a.capture(p, orderWon, true, func(c *kecis.CaptureRequest) { otherOrder(&c.OrderRef) }), kecis.ErrOriginalNotFound, kecis.ErrOrderMismatch)
			a.stands("the payment", p, kecis.StateAuthorised, 0, 0, orderWon)
		}, service),
		show("capture-after-void", "A hold that was cancelled is not captured.", "KECIS-CAP-012", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureManual)
			a.answered("the cancellation", a.cancel(p, orderWon, orderWon), kecis.Cancelled)
			a.answered("a capture", a.capture(p, orderWon, true), kecis.ErrNotCapturable, kecis.ErrAlreadyCancelled)
		}, service, metadata.ServiceCancellation),
		show("capture-several", "Several captures together are never more than the hold.", "KECIS-CAP-007 KECIS-CAP-006", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureManual)
			a.answered("the first", a.capture(p, 20_000, false), kecis.Captured)
			a.answered("one that is too much with it", a.capture(p, 30_001, false), kecis.ErrExceedsHold)
			a.answered("the rest", a.capture(p, 30_000, true), kecis.Captured)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
		}, service).asking(SeveralCaptures),
	}
}

func cancellationFlows() []flow {
	const service = metadata.ServiceCancellation
	return []flow{
		show("cancel-refund", "A captured payment is refunded.", "KECIS-CAN-010 KECIS-CAN-009", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			s := a.cancel(p, orderWon, orderWon)
			a.answered("the cancellation", s, kecis.Cancelled)
			if answer, ok := s.answer.(*kecis.CancellationResponse); ok && a.err == nil {
				a.same("what was done", "refund", answer.Cancelled.Kind.String())
			}
			a.stands("the payment", p, kecis.StateCancelled, orderWon, orderWon, 0)
			a.forwarded("the issuer behind", p.OrderRef, kecis.CancellationRequestKind, 1)
		}, service),
		show("cancel-void", "A hold is voided.", "KECIS-CAN-010 KECIS-CAN-009", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureManual)
			s := a.cancel(p, orderWon, orderWon)
			a.answered("the cancellation", s, kecis.Cancelled)
			if answer, ok := s.answer.(*kecis.CancellationResponse); ok && a.err == nil {
				a.same("what was done", "void", answer.Cancelled.Kind.String())
			}
			a.stands("the payment", p, kecis.StateCancelled, 0, orderWon, 0)
		}, service, metadata.ServiceCapture),
		show("cancel-parts", "Parts are cancelled one after the other, and no more than there is.", "KECIS-CAN-006 KECIS-PAY-016", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("20,000 of 50,000", a.cancel(p, 20_000, orderWon), kecis.Cancelled)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 20_000, 30_000)
			a.answered("30,001 of 30,000", a.cancel(p, 30_001, 30_001), kecis.ErrExceedsBalance, kecis.ErrBalanceMismatch)
			a.answered("30,000 of 30,000", a.cancel(p, 30_000, 30_000), kecis.Cancelled)
			a.stands("the payment", p, kecis.StateCancelled, orderWon, orderWon, 0)
			a.answered("one won more", a.cancel(p, 1, 1), kecis.ErrAlreadyCancelled)
		}, service).asking(PartialCancellation),
		show("cancel-above", "No more is refunded than was captured.", "KECIS-CAN-006 KECIS-CAN-011", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("one won more than was paid", a.cancel(p, orderWon+1, orderWon+1), kecis.ErrExceedsBalance, kecis.ErrBalanceMismatch)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
		}, service),
		show("cancel-balance", "A cancellation that expects another balance is refused.", "KECIS-CAN-011 KECIS-CAN-004", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("a part of an expected 49,999", a.cancel(p, 10_000, orderWon-1), kecis.ErrBalanceMismatch)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
			a.forwarded("the issuer behind", p.OrderRef, kecis.CancellationRequestKind, 0)
		}, service).asking(PartialCancellation),
	}
}

// cancellationRefusals are about what is not cancelled, or not again.
func cancellationRefusals() []flow {
	const service = metadata.ServiceCancellation
	return []flow{
		show("cancel-repeated", "The same cancellation again gives nothing back.", "KECIS-PRO-021 KECIS-CAN-006", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			first := a.cancel(p, 10_000, orderWon)
			second := a.again(first)
			a.same("the same octets again", string(first.body), string(second.body))
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 10_000, 40_000)
			a.forwarded("the issuer behind", p.OrderRef, kecis.CancellationRequestKind, 1)
		}, service).asking(PartialCancellation),
		show("cancel-twice", "What was cancelled is not cancelled again.", "KECIS-CAN-011", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("the first", a.cancel(p, orderWon, orderWon), kecis.Cancelled)
			a.answered("the second", a.cancel(p, orderWon, orderWon), kecis.ErrAlreadyCancelled)
			a.stands("the payment", p, kecis.StateCancelled, orderWon, orderWon, 0)
		}, service),
		show("cancel-unknown", "What nobody paid is not cancelled.", "KECIS-CAN-005 KECIS-CAN-011", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic) // it is never sent
			a.answered("a cancellation", a.cancel(p, orderWon, orderWon), kecis.ErrOriginalNotFound)
		}, service),
		show("cancel-other-order", "A cancellation names the order of its payment.", "KECIS-PAY-030", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("a cancellation for another order", a.cancel(p, orderWon, orderWon, func(c *kecis.CancellationRequest) { otherOrder(&c.OrderRef) }),
				kecis.ErrOriginalNotFound, kecis.ErrOrderMismatch)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
		}, service),
		show("cancel-other-currency", "A cancellation is in the currency of its payment.", "KECIS-CAN-003", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			s := a.cancel(p, orderWon, orderWon, func(c *kecis.CancellationRequest) {
				money, err := kecis.NewMoney(orderWon, kecis.USD)
				a.note(err)
				c.Amount = money
			})
			if h := responseOf(s.answer); a.err == nil && (h == nil || h.Status.Outcome != kecis.NotDone) {
				a.fail("a cancellation in dollars", "a signed refusal, not done", s.describe(), s.reply)
			}
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 0, orderWon)
		}, service),
		show("cancel-at-once", "A cancellation that comes many times at once gives back once.", "KECIS-PRO-025 KECIS-CAN-006", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.crowd(a.cancellation(p, 10_000, orderWon))
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 10_000, 40_000)
		}, service).asking(PartialCancellation),
	}
}

func reversalFlows() []flow {
	const service = metadata.ServiceReversal
	return []flow{
		show("reversal-after", "A reversal gives back what was paid.", "KECIS-REV-007 KECIS-REV-011", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("the reversal", a.reverse(p), kecis.Reversed)
			a.stands("the payment", p, kecis.StateReversed, 0, 0, 0)
			a.forwarded("the issuer behind", p.OrderRef, kecis.ReversalRequestKind, 1)
		}, service),
		show("reversal-again", "A reversal by another message finds the same.", "KECIS-REV-004", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("the first", a.reverse(p), kecis.Reversed)
			a.answered("the second", a.reverse(p), kecis.Reversed)
			a.stands("the payment", p, kecis.StateReversed, 0, 0, 0)
		}, service),
		show("reversal-then-original", "The original, sent again after its reversal, stays undone.", "KECIS-PRO-024 KECIS-REV-011", func(a *act) {
			p, first, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("the reversal", a.reverse(p), kecis.Reversed)
			a.answered("the original again", a.again(first), kecis.ErrRequestReversed)
			a.stands("the payment", p, kecis.StateReversed, 0, 0, 0)
		}, service),
		show("reversal-before", "A reversal that comes first leaves a tombstone.", "KECIS-REV-005 KECIS-PRO-029", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic)
			a.answered("the reversal", a.reverse(p), kecis.NeverExecuted)
			a.answered("the late original", a.send(p), kecis.ErrRequestReversed)
			a.forwarded("the issuer behind", p.OrderRef, kecis.PaymentRequestKind, 0)
			a.nothing("it", p.ID)
		}, service),
		show("reversal-used", "A payment that was cancelled in part is not reversed any more.", "KECIS-REV-012", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			a.answered("a cancellation", a.cancel(p, 10_000, orderWon), kecis.Cancelled)
			a.answered("the reversal", a.reverse(p), kecis.ErrTransactionUsed)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 10_000, 40_000)
		}, service, metadata.ServiceCancellation).asking(PartialCancellation),
		show("reversal-of-cancellation", "A cancellation is never reversed.", "KECIS-REV-003 KECIS-CAN-007", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureAutomatic)
			c := a.cancellation(p, 10_000, orderWon)
			a.answered("a cancellation", a.send(c), kecis.Cancelled)
			a.answered("its reversal", a.undo(p.OrderRef, &c.RequestHeader), kecis.ErrNotReversible)
			a.stands("the payment", p, kecis.StateCaptured, orderWon, 10_000, 40_000)
		}, service, metadata.ServiceCancellation).asking(PartialCancellation),
		show("reversal-of-capture", "A capture that is reversed leaves the payment as it was before.", "KECIS-REV-007", func(a *act) {
			p, _, _ := a.pay(kecis.CaptureManual)
			c := &kecis.CaptureRequest{OrderRef: p.OrderRef, Original: kecis.Original{RequestID: p.ID}, Amount: kecis.Won(20_000), Tax: kecis.Tax{TaxFree: 20_000}, Final: true}
			a.stamp(&c.RequestHeader, metadata.ServiceCapture)
			a.answered("the capture", a.send(c), kecis.Captured)
			a.answered("its reversal", a.undo(p.OrderRef, &c.RequestHeader), kecis.Reversed)
			a.stands("the payment", p, kecis.StateAuthorised, 0, 0, orderWon)
		}, service, metadata.ServiceCapture),
		show("reversal-too-old", "A reversal of what the provider no longer knows is not answered by a no.", "KECIS-REV-013", func(a *act) {
			p := a.payment(kecis.CaptureAutomatic)
			p.IssueInstant = p.IssueInstant.Add(-20 * 365 * 24 * hour)
			a.answered("the reversal", a.reverse(p), kecis.ErrTooOld)
		}, service),
	}
}
