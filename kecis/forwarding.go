package kecis

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
)

// Sent says under which provider and ID the request of an operation key was
// sent: what a Forwarder names as Original of a capture or cancellation, with
// Attempt.PaymentKey. An unknown key is an error.
func (c *Client) Sent(ctx context.Context, key string) (provider string, id ID, err error) {
	err = c.Journal.View(ctx, func(tx journal.Tx) error {
		rows, err := tx.SentByKey(key)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(rows, func(r *journal.Sent) bool { return r.Kind != ReversalRequestKind.String() })
		if at < 0 {
			return ErrNotSent
		}
		provider, id = rows[at].Recipient, ID(rows[at].ID)
		return nil
	})
	return provider, id, err
}

// Send makes a request of a service's own under an operation key, as a hold that
// authenticates, and returns what Exchange does. The signed request and what along
// writes are one commit, before the first byte leaves: an error of along, which may
// be nil, is returned as it is, and nothing was sent. Afterwards the key is one for
// Again, Sent and ReverseKey; until one of these is called, background work leaves
// the request alone. A key is used once: let along write a row that can be there
// but once.
func (c *Client) Send(ctx context.Context, key string, f *Forward, along func(tx journal.Tx) error) (Message, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	o, err := c.outgoing(ctx, f.To, f.Message, key, time.Time{})
	if err != nil {
		return nil, err
	}
	unsent := o.row
	err = c.Journal.Update(ctx, func(tx journal.Tx) error {
		o.row = unsent
		if along != nil {
			if err := along(tx); err != nil {
				return err
			}
		}
		return o.insert(tx, c.clock().Now())
	})
	if err != nil {
		return nil, err
	}
	m, err := c.Exchange(ctx, o)
	if err != nil {
		return nil, err
	}
	return m, c.keepAnswer(ctx, o)
}

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
	var accepted []metadata.AuthenticationMethod
	switch m := m.(type) {
	case *PaymentResponse:
		t, accepted = m.Transaction, m.Accepted
	case *CaptureResponse:
		t = m.Transaction
	case *CancellationResponse:
		t = m.Transaction
	case *InquiryResponse:
		t = m.Transaction
		if outcome != Done {
			return t, upstream, status.Err()
		}
		outcome, code = m.Result.Outcome, m.Result.Code
	}
	switch {
	case outcome == Done, outcome == Pending && t.State == StatePending:
		return t, upstream, nil
	case outcome == NotDone:
		if upstream.Code == "" {
			upstream = Upstream{System: upstreamKECIS, Code: string(code)}
		}
		return t, upstream, &Refusal{Code: passedOn(code), Upstream: upstream, Accepted: accepted}
	}
	return t, upstream, unknownFault(nil)
}

// upstreamKECIS names the catalogue of this standard as the source of a code that
// the provider behind gave.
const upstreamKECIS = "kecis"

// passedOn is the code that a requester is told where the provider behind
// refused: reasons of the payment, and of the instrument that was encrypted from
// end to end, as they are, and all that is between the two providers as
// unavailable.
func passedOn(code Code) Code {
	switch {
	case outcomeOf(code) != NotDone, code == ErrPartnerSuspended, code == ErrTransactionBusy:
		return ErrUnavailable
	case code.Layer() == "service", xmlenc.Code(code).Wire() == "signed":
		return code
	}
	return ErrUnavailable
}
