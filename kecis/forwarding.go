package kecis

import "fmt"

// ApprovalFrom turns the answer of a provider behind a service into what Pay and
// Lookup of Payments return: an Approval, a *Refusal, or an error that means
// unknown. m is what Client.Exchange or Client.Again returned.
func ApprovalFrom(m Message) (*Approval, error) {
	t, upstream, err := doneBy(m)
	if err != nil {
		return nil, err
	}
	a := &Approval{
		ApprovalCode: t.ApprovalCode, Amount: t.Amount, Terms: t.Terms, InstrumentRef: t.InstrumentRef, Upstream: upstream,
	}
	if t.State == StatePending {
		a.Pending = &Wait{Expires: t.Expires, Page: t.Page}
	}
	return a, nil
}

// CaptureFrom is ApprovalFrom for Capture and LookupCapture.
func CaptureFrom(m Message) (*CaptureResult, error) {
	_, upstream, err := doneBy(m)
	if err != nil {
		return nil, err
	}
	return &CaptureResult{Upstream: upstream}, nil
}

// CancelFrom is ApprovalFrom for Cancel and LookupCancel.
func CancelFrom(m Message) (*CancelResult, error) {
	_, upstream, err := doneBy(m)
	if err != nil {
		return nil, err
	}
	return &CancelResult{Upstream: upstream}, nil
}

// doneBy reads from an answer what was done; a pending payment counts as done,
// with its transaction.
func doneBy(m Message) (t Transaction, upstream Upstream, err error) {
	status := statusOf(m)
	if status == nil {
		return t, upstream, fmt.Errorf("%w: no answer", ErrKind)
	}
	outcome, code, upstream := status.Outcome, status.Code, status.Upstream
	switch m := m.(type) {
	case *PaymentResponse:
		t = m.Transaction
	case *CaptureResponse:
		t = m.Transaction
	case *CancellationResponse:
		t = m.Transaction
	case *InquiryResponse:
		t = m.Transaction
		if outcome == Done {
			outcome, code = m.Result.Outcome, m.Result.Code
		} else {
			return t, upstream, status.Err()
		}
	}
	switch {
	case outcome == Done, outcome == Pending && t.State == StatePending:
		return t, upstream, nil
	case outcome == NotDone:
		return t, upstream, &Refusal{Code: passedOn(code), Upstream: upstream}
	}
	return t, upstream, unknownFault(nil)
}

// passedOn is the code that a requester is told where the provider behind
// refused: reasons of the payment as they are, and all that is between the two
// providers as unavailable.
func passedOn(code Code) Code {
	if code.Layer() == "service" && outcomeOf(code) == NotDone && code != ErrPartnerSuspended && code != ErrTransactionBusy {
		return code
	}
	return ErrUnavailable
}
