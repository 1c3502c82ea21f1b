package kecis

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// Settlement is how a request ended.
type Settlement struct {
	// Outcome is Done, NotDone, or Pending if the payment waits for its buyer.
	Outcome Outcome
	// Code is the reason that the provider gave.
	Code Code
	// Transaction is the payment as it stood then; its ID is "" if there is none.
	Transaction Transaction
}

// ErrNotSent is the error of Settle and Reverse for a request that the journal does not know.
var ErrNotSent = errors.New("kecis: no request with this ID stands in the journal")

// Settle brings a request whose outcome is unknown to its end: it inquires, and
// where that says nothing sure it reverses a payment or a capture, and repeats
// another request (P10, P14). A payment that turns out to be done stays done: the
// Settlement says so. Until it returns without error nothing is known, and no new
// request may be made for the same intention; a reversal that could not be
// delivered is kept, and delivered by RunOnce.
func (c *Client) Settle(ctx context.Context, id ID) (Settlement, error) {
	if err := c.check(); err != nil {
		return Settlement{}, err
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		end, err := c.settleOnce(ctx, id)
		if err == nil || errors.Is(err, ErrNotSent) {
			return end, err
		}
		if end.Outcome == Unknown { // refused for ever: what was done stands
			return end, err
		}
		if f, ok := errors.AsType[*Fault](err); ok && f.Outcome != Unknown {
			return end, err
		}
		if c.clock().Sleep(ctx, pause/2+time.Duration(c.draw(uint64(pause/2)))) != nil {
			return end, err
		}
	}
}

// settleOnce goes once through the ways to a sure end.
func (c *Client) settleOnce(ctx context.Context, id ID) (Settlement, error) {
	o, reversal, err := c.sent(ctx, string(id))
	if err != nil {
		return Settlement{}, err
	}
	reason := ReasonNoAnswer
	if reversal == nil || stands(reversal) {
		end, sure, err := c.known(ctx, o)
		if (sure || err != nil) && !errors.Is(err, errReversalOwed) {
			return end, err
		}
		if end.Outcome == Done {
			reason = ReasonMismatch
		}
	}
	if !reversible(o.row.Kind) {
		return c.repeat(ctx, o)
	}
	end, err := c.reverseSent(ctx, o, reason, true)
	if errors.Is(err, errSettled) {
		var sure bool
		if end, sure, err = c.known(ctx, o); err == nil && !sure { // what is known here does not tell the payment
			return Settlement{}, unknownFault(errSettled)
		}
	}
	return end, err
}

// reversible reports whether a reversal can undo requests of that kind (P14).
func reversible(kind string) bool {
	return isPayment(kind) || kind == CaptureRequestKind.String()
}

// Two ways may settle one request at the same time, as a program and background
// work do. What one has committed first holds: a request that was found done is
// not reversed, and one of which a reversal is owed is not taken for done.
var (
	errReversalOwed = errors.New("kecis: the request is being reversed")
	errSettled      = errors.New("kecis: the request was found done")
)

// reversalIsOwed reports whether a request is being reversed, or was. The
// request's row must have been read before, in the same transaction.
func reversalIsOwed(tx journal.Tx, row *journal.Sent) (bool, error) {
	reversal, err := tx.Sent(row.Recipient, reversalPrefix+row.ID)
	if errors.Is(err, journal.ErrNotFound) {
		return false, nil
	}
	return err == nil && !stands(reversal), err
}

// stands reports whether a reversal was refused for ever: then what its original
// did stands, and only an inquiry tells what that is.
func stands(reversal *journal.Sent) bool {
	return reversal.State == journal.Ended && reversal.Outcome == NotDone.String()
}

// sent reads a request by its own key, and the reversal that is owed for it.
func (c *Client) sent(ctx context.Context, key string) (o *Outgoing, reversal *journal.Sent, err error) {
	err = c.Journal.View(ctx, func(tx journal.Tx) error {
		rows, err := tx.SentByKey(key)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(rows, func(r *journal.Sent) bool { return r.Kind != ReversalRequestKind.String() })
		if at < 0 {
			return ErrNotSent
		}
		if o, err = c.reopened(tx, rows[at]); err != nil {
			return err
		}
		reversal = nil
		for _, r := range rows {
			if r.Kind == ReversalRequestKind.String() {
				reversal = r
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	o.location, err = c.locate(ctx, o.row.Recipient, serviceOfKind(o.row.Kind))
	if _, refused := errors.AsType[*Refusal](err); refused { // suspended, or no longer served: what exists goes on
		err = nil
	}
	return o, reversal, err
}

// known asks the journal, and then the provider, what became of a request.
func (c *Client) known(ctx context.Context, o *Outgoing) (end Settlement, sure bool, err error) {
	answer, err := c.Inquire(ctx, o.row.Recipient, Original{RequestID: ID(o.row.ID)})
	if errors.Is(err, ErrNotFound) {
		return Settlement{}, false, nil
	}
	if err != nil {
		return Settlement{}, false, nil //nolint:nilerr // nothing is known: the reversal is the other way
	}
	r := answer.Result
	end = Settlement{Outcome: r.Outcome, Code: r.Code, Transaction: answer.Transaction}
	switch {
	case r.Outcome == Done && !o.asAsked(&end.Transaction): // nothing is changed in silence
		return end, false, nil
	case r.Outcome == Done, r.Outcome == NotDone:
		return end, true, c.end(ctx, o, r)
	case r.Outcome == Pending:
		return end, true, nil
	}
	return end, false, nil
}

// end writes into the journal how a request ended.
func (c *Client) end(ctx context.Context, o *Outgoing, r Result) error {
	return c.Journal.Update(ctx, func(tx journal.Tx) error {
		row, err := tx.Sent(o.row.Recipient, o.row.ID)
		if err != nil {
			return err
		}
		if r.Outcome == Done {
			if owed, err := reversalIsOwed(tx, row); owed || err != nil {
				return errors.Join(errReversalOwed, err)
			}
		}
		row.State, row.Due = journal.Ended, time.Time{}
		row.Code, row.Outcome, row.Retry = string(r.Code), r.Outcome.String(), r.Retry.String()
		return tx.UpdateSent(row)
	})
}

// repeat sends the same bytes of a cancellation again: within its time that
// carries it out, and later it gets the recorded answer, or a refusal that is.
func (c *Client) repeat(ctx context.Context, o *Outgoing) (Settlement, error) {
	a, err := c.transmit(ctx, o)
	if err != nil {
		return Settlement{}, unknownFault(err)
	}
	status := statusOf(a.message)
	if status.Outcome != Done && status.Outcome != NotDone {
		return Settlement{}, status.Err()
	}
	o.answer = a
	if err := c.Journal.Update(ctx, func(tx journal.Tx) error { return o.record(tx, c.clock().Now()) }); err != nil {
		return Settlement{}, err
	}
	end := Settlement{Outcome: status.Outcome, Code: status.Code}
	if m, ok := a.message.(*CancellationResponse); ok {
		end.Transaction = m.Transaction
	}
	return end, nil
}

// Reverse undoes a payment or capture that this Client sent, whether it arrived
// or not. Its Settlement is NotDone once the provider has said so in a signed
// answer. The reversal is owed from before its first byte on, and is delivered by
// RunOnce if it cannot be now; then the error is a *Fault of outcome Unknown.
func (c *Client) Reverse(ctx context.Context, id ID, reason ReversalReason) (Settlement, error) {
	if err := c.check(); err != nil {
		return Settlement{}, err
	}
	o, _, err := c.sent(ctx, string(id))
	if err != nil {
		return Settlement{}, err
	}
	return c.reverseSent(ctx, o, reason, false)
}

// ReverseKey is Reverse for what a Forwarder sent under an operation key: nil
// once it is reversed, or nothing was sent under the key.
func (c *Client) ReverseKey(ctx context.Context, key string, reason ReversalReason) error {
	o, _, err := c.sent(ctx, key)
	if errors.Is(err, ErrNotSent) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = c.reverseSent(ctx, o, reason, false)
	return err
}

// reverseSent owes a reversal and tries to deliver it once, by a message of its
// own (P14).
func (c *Client) reverseSent(ctx context.Context, o *Outgoing, reason ReversalReason, settling bool) (Settlement, error) {
	owed, err := c.owe(ctx, o, reason, settling)
	if err != nil {
		return Settlement{}, err
	}
	m := &ReversalRequest{OrderRef: o.details.OrderRef, Original: ID(o.row.ID), OriginalInstant: o.row.Issued, Reason: reason}
	message, err := c.outgoing(ctx, o.row.Recipient, m, "", time.Time{})
	if err != nil {
		return Settlement{}, err
	}
	a, err := c.transmit(ctx, message)
	if err != nil {
		return Settlement{}, unknownFault(err)
	}
	message.answer = a
	status := statusOf(a.message)
	end := Settlement{Outcome: NotDone, Code: status.Code}
	if answer, ok := a.message.(*ReversalResponse); ok {
		end.Transaction = answer.Transaction
	}
	switch {
	case status.Outcome == Done:
	case status.Outcome == NotDone && status.Code != ErrTransactionBusy && status.Retry == RetryNever:
		end.Outcome = Unknown // it cannot be reversed any more: what it did stands
	default:
		return Settlement{}, unreversed(status)
	}
	if err := c.delivered(ctx, o, owed, message, status); err != nil {
		return Settlement{}, err
	}
	if end.Outcome == Unknown {
		return end, unreversed(status)
	}
	return end, nil
}

// unreversed is the fault of a reversal that was refused. That the reversal is
// not done says nothing of its original: of that the outcome is unknown.
func unreversed(status *Status) *Fault {
	return &Fault{
		Outcome: Unknown, Retry: RetryInquire, Code: status.Code,
		Korean: status.Korean, English: status.English, Upstream: status.Upstream,
	}
}

// reversalPrefix stands before the original's ID in the ID of an owed reversal.
const reversalPrefix = "reversal:"

// owe writes down that a reversal is to be delivered, once for each original.
//
// One that is only settled is not reversed if it was found done in the meantime.
func (c *Client) owe(ctx context.Context, o *Outgoing, reason ReversalReason, settling bool) (*journal.Sent, error) {
	now := c.clock().Now()
	owed := &journal.Sent{
		Recipient: o.row.Recipient, ID: reversalPrefix + o.row.ID, Kind: ReversalRequestKind.String(), Key: o.row.Key,
		Issued: now, State: journal.Open, Created: now, Due: now.Add(firstBackoff),
	}
	details := o.details
	details.Original, details.OriginalInstant, details.ReversalReason = Original{RequestID: ID(o.row.ID)}, o.row.Issued, reason
	owed.Details = kept(details)
	err := c.Journal.Update(ctx, func(tx journal.Tx) error {
		original, err := tx.Sent(o.row.Recipient, o.row.ID)
		if err != nil {
			return err
		}
		stored, err := tx.Sent(owed.Recipient, owed.ID)
		if errors.Is(err, journal.ErrNotFound) && settling && original.State == journal.Ended && original.Outcome == Done.String() && reason != ReasonMismatch {
			return errSettled
		}
		if err == nil {
			owed = stored
			return nil
		}
		if !errors.Is(err, journal.ErrNotFound) {
			return err
		}
		return tx.InsertSent(owed)
	})
	return owed, err
}

// delivered writes down the answer to a reversal, and that its original has
// ended.
func (c *Client) delivered(ctx context.Context, o *Outgoing, owed *journal.Sent, message *Outgoing, status *Status) error {
	now := c.clock().Now()
	return c.Journal.Update(ctx, func(tx journal.Tx) error {
		request, err := tx.PutDocument(message.document)
		if err != nil {
			return err
		}
		row := *owed
		if row.Answer, err = tx.PutDocument(message.answer.document); err != nil {
			return err
		}
		row.State, row.Due, row.Document = journal.Ended, time.Time{}, request
		row.Code, row.Outcome, row.Retry = string(status.Code), status.Outcome.String(), status.Retry.String()
		if err := tx.UpdateSent(&row); err != nil {
			return err
		}
		if err := message.exhibit(tx, request, row.Answer, now); err != nil || status.Outcome != Done {
			return err
		}
		original, err := tx.Sent(o.row.Recipient, o.row.ID)
		if err != nil {
			return err
		}
		original.State, original.Due = journal.Ended, time.Time{}
		original.Code, original.Outcome, original.Retry = string(ErrRequestReversed), NotDone.String(), RetryNever.String()
		return tx.UpdateSent(original)
	})
}

// RunOnce delivers one reversal that is owed, or settles one request that was
// left without an outcome, as by a crash. worked is false if there is none.
func (c *Client) RunOnce(ctx context.Context) (worked bool, err error) {
	if err := c.check(); err != nil {
		return false, err
	}
	var row *journal.Sent
	err = c.Journal.Update(ctx, func(tx journal.Tx) error {
		row = nil
		now := c.clock().Now()
		rows, err := tx.DueSent(now, 1)
		if err != nil || len(rows) == 0 {
			return err
		}
		row = rows[0]
		row.Due = now.Add(orDefault(c.Transmission, DefaultTransmission) + backoff(row.Tries))
		row.Tries++
		return tx.UpdateSent(row)
	})
	if err != nil || row == nil {
		return false, err
	}
	if _, err := c.settleOnce(ctx, ID(row.Key)); err != nil {
		c.log().WarnContext(ctx, "not yet settled", slog.String("id", row.ID), slog.String("to", row.Recipient), slog.Int("try", row.Tries), slog.Any("error", err))
	}
	return true, nil
}

// Again sends what a Forwarder sent under an operation key again, byte for byte,
// and returns the answer; where the provider says that the request is closed, it
// inquires, and the answer is an *InquiryResponse. An unknown key is an error.
func (c *Client) Again(ctx context.Context, key string) (Message, error) {
	o, _, err := c.sent(ctx, key)
	if err != nil {
		return nil, err
	}
	a, err := c.transmit(ctx, o)
	if err != nil {
		return nil, unknownFault(err)
	}
	if statusOf(a.message).Outcome != Unknown {
		o.answer = a
		return a.message, c.keepAnswer(ctx, o)
	}
	answer, err := c.Inquire(ctx, o.row.Recipient, Original{RequestID: ID(o.row.ID)})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// keepAnswer journals an answer, once.
func (c *Client) keepAnswer(ctx context.Context, o *Outgoing) error {
	if o.row.State == journal.Ended {
		return nil
	}
	return c.Journal.Update(ctx, func(tx journal.Tx) error { return o.record(tx, c.clock().Now()) })
}
