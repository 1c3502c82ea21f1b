package kecistest

import (
	"context"
	"errors"
	"fmt"

	"github.com/kecis/sdk/kecis"
)

// judge holds what the shop was told against what the service says, once all is
// quiet, and returns the promises that were broken, in words for a vendor.
func (s *stage) judge() (broken []string) {
	for _, a := range s.asked {
		key := s.keys[a.id]
		if n := s.paid[key]; key != "" && n > 1 {
			broken = append(broken, fmt.Sprintf("the SDK called the service %d times with one key; please report this", n))
		}
		result, transaction, err := s.inquire(a)
		if err != nil {
			broken = append(broken, "the shop cannot learn what became of "+named(a)+": "+err.Error())
			continue
		}
		broken = append(broken, s.agreed(a, result.Outcome)...)
		broken = append(broken, s.effect(a, key, result.Outcome)...)
		if a.kind == kecis.PaymentRequestKind {
			broken = append(broken, s.charged(key, &transaction)...)
		}
		if result.Outcome == kecis.NotDone && a.kind != kecis.CancellationRequestKind {
			broken = append(broken, s.reversible(a, key, &transaction)...)
		}
	}
	return broken
}

// inquire asks the provider what became of a request. A pending payment is left
// until its time is over.
func (s *stage) inquire(a *asked) (kecis.Result, kecis.Transaction, error) {
	ask := func() (*kecis.InquiryResponse, error) {
		return s.client.Inquire(context.Background(), s.exercise.provider.Entity, kecis.Original{RequestID: a.id})
	}
	answer, err := ask()
	if err == nil && answer.Result.Outcome == kecis.Pending {
		if wait := answer.Transaction.Expires.Sub(s.clock.Now()); wait > 0 {
			s.clock.Advance(wait)
		}
		a.told = kecis.Unknown
		s.quiet()
		answer, err = ask()
	}
	if err != nil {
		return kecis.Result{}, kecis.Transaction{}, err
	}
	return answer.Result, answer.Transaction, nil
}

// agreed holds what the shop was told against how it ended.
func (s *stage) agreed(a *asked, end kecis.Outcome) (broken []string) {
	switch {
	case end != kecis.Done && end != kecis.NotDone:
		return []string{named(a) + " is still " + end.String() + " after all background work: the service neither told what became of it nor reversed it"}
	case a.reversed && end != kecis.NotDone:
		return []string{named(a) + " was reversed, and it is " + end.String()}
	case !a.reversed && (a.told == kecis.Done || a.told == kecis.NotDone) && a.told != end:
		return []string{"the shop was told that " + named(a) + " is " + a.told.String() + ", and it is " + end.String()}
	}
	return nil
}

// effect holds the end against what the service says that it did.
func (s *stage) effect(a *asked, key string, end kecis.Outcome) []string {
	if key == "" { // the service was never asked
		if end == kecis.Done {
			return []string{named(a) + " is done, and the service was never called; please report this"}
		}
		return nil
	}
	method, err := s.lookup(a, key)
	switch {
	case end == kecis.Done && err != nil:
		return []string{fmt.Sprintf("%s is done, and %s does not say so any more: %v", named(a), method, err)}
	case end == kecis.NotDone && err == nil:
		return []string{fmt.Sprintf("the shop was promised that %s is not done and never will be, and %s says that it was carried out", named(a), method)}
	}
	return nil
}

var errNothing = errors.New("it returned nil without an error")

// lookup asks the service what became of a request; nil means that it was done.
func (s *stage) lookup(a *asked, key string) (method string, err error) {
	var found bool
	ctx := context.Background()
	switch a.kind {
	case kecis.CaptureRequestKind:
		var r *kecis.CaptureResult
		r, err = s.service.(kecis.Captures).LookupCapture(ctx, key) //nolint:forcetypeassert // else nothing was captured
		method, found = "LookupCapture", r != nil
	case kecis.CancellationRequestKind:
		var r *kecis.CancelResult
		r, err = s.service.(kecis.Cancellations).LookupCancel(ctx, key) //nolint:forcetypeassert // else nothing was cancelled
		method, found = "LookupCancel", r != nil
	default:
		var r *kecis.Approval
		r, err = s.service.Lookup(ctx, key)
		method, found = "Lookup", r != nil
	}
	if err == nil && !found {
		err = errNothing
	}
	return method, err
}

// charged holds the provider's account of a payment against the service's books,
// if it shows them.
func (s *stage) charged(key string, t *kecis.Transaction) []string {
	books, ok := s.service.(Books)
	if !ok || key == "" {
		return nil
	}
	minor, err := books.Charged(context.Background(), key)
	if err != nil {
		return []string{"Charged: " + err.Error()}
	}
	if minor != t.Cancellable {
		return []string{fmt.Sprintf("the buyer should be charged %d, and the books say %d", t.Cancellable, minor)}
	}
	return nil
}

// reversible reverses what was not done once more: nothing may come of it.
func (s *stage) reversible(a *asked, key string, t *kecis.Transaction) []string {
	if key == "" {
		return nil
	}
	var err error
	method := "Reverse"
	if a.kind == kecis.CaptureRequestKind {
		method = "ReverseCapture"
		err = s.service.(kecis.Captures).ReverseCapture(context.Background(), key) //nolint:forcetypeassert // else nothing was captured
	} else {
		err = s.service.Reverse(context.Background(), key)
	}
	if err != nil {
		return []string{fmt.Sprintf("%s of what has no effect any more failed, and it must work any number of times: %v", method, err)}
	}
	if a.kind == kecis.PaymentRequestKind {
		return s.charged(key, t)
	}
	return nil
}

func named(a *asked) string {
	switch a.kind {
	case kecis.CaptureRequestKind:
		return "the capture"
	case kecis.CancellationRequestKind:
		return "the cancellation"
	}
	return "the payment"
}
