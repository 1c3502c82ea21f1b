package pg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// holds are the holds of amount authentications, at the issuers. The row of a hold's
// key is written once, either with its request or by its reversal: so one that was
// reversed before it was sent is never sent.
type holds struct {
	*PG
	clock kecis.Clock
}

var _ amountauth.Issuer = holds{}

// Hold asks the issuer for a hold, and again with the same bytes.
func (s holds) Hold(ctx context.Context, h *amountauth.HoldRequest) (*amountauth.Hold, error) {
	p, err := holdRequest(h)
	if err != nil {
		return nil, err
	}
	m, err := s.client.Send(ctx, h.Key, &kecis.Forward{To: p.Instrument.Issuer, Message: p}, func(tx journal.Tx) error {
		return s.mark(tx, h.Key, "asked")
	})
	if errors.Is(err, journal.ErrExists) {
		m, err = s.client.Again(ctx, h.Key)
	}
	_, refused := errors.AsType[*kecis.Refusal](err)
	switch {
	case errors.Is(err, kecis.ErrNotSent):
		return nil, kecis.Refuse(kecis.ErrRequestReversed)
	case refused: // the issuer cannot be asked
		return nil, kecis.Refuse(kecis.ErrUnavailable)
	case err != nil:
		return nil, err
	}
	return s.held(ctx, p, m)
}

// held reads the issuer's answer. One that states something else than was asked for
// says nothing, and the hold is reversed.
func (s holds) held(ctx context.Context, p *kecis.PaymentRequest, m kecis.Message) (*amountauth.Hold, error) {
	a, err := s.approval(ctx, p.Instrument.Issuer, m)
	if err != nil {
		return nil, err
	}
	t := transactionIn(m)
	if t == nil || t.State != kecis.StateAuthorised || a.Amount != p.Amount || a.Terms != p.Terms {
		return nil, errors.New("pg: the issuer's answer does not state the hold that was asked for")
	}
	return &amountauth.Hold{ID: t.ID, InstrumentRef: a.InstrumentRef, Expires: a.HoldExpires}, nil
}

// holdRequest is the request to the issuer.
func holdRequest(h *amountauth.HoldRequest) (*kecis.PaymentRequest, error) {
	var d details
	if err := json.Unmarshal(h.Instrument, &d); err != nil { //nolint:musttag // as it was written
		return nil, fmt.Errorf("pg: what a hold is asked with: %w", err)
	}
	if d.Encrypted != nil {
		tree, err := xmltree.Parse(d.Encrypted)
		if err != nil {
			return nil, err
		}
		if d.Instrument.Encrypted, err = xmlenc.Read(tree.Root()); err != nil {
			return nil, err
		}
	}
	p := &kecis.PaymentRequest{
		OrderRef: h.Order, Payee: d.Payee, OrderAmount: d.OrderAmount, Instrument: d.Instrument, Buyer: &ecml.Ecom{},
		Terms:    kecis.Terms{Capture: kecis.CaptureManual, Purpose: kecis.AmountAuthentication, Descriptor: h.Code.Reveal()},
		Evidence: []kecis.Evidence{{Kind: kecis.EvidenceRequest, Document: d.Mandate}},
	}
	p.Amount = h.Amounts[0].Reveal()
	if h.Variant == amountauth.Deposits {
		second := h.Amounts[1].Reveal()
		p.Terms.Deposits = [2]int64{p.Amount.Minor, second.Minor}
		p.Amount.Minor += second.Minor
	}
	p.Tax = kecis.Tax{TaxFree: p.Amount.Minor}
	return p, nil
}

// Release voids a hold, if the issuer still has it. Each call is a request of its
// own: of several only one voids.
func (s holds) Release(ctx context.Context, r *amountauth.ReleaseRequest) error {
	issuer, _, err := s.client.Sent(ctx, r.HoldKey)
	if err != nil {
		return err
	}
	reason := kecis.ReasonRequester
	if r.Verified {
		reason = kecis.ReasonAuthenticated
	}
	return s.void(ctx, issuer, kecis.Original{TransactionID: r.HoldID}, reason)
}

func (s holds) void(ctx context.Context, issuer string, original kecis.Original, reason kecis.CancelReason) error {
	found, err := s.client.Inquire(ctx, issuer, original)
	if err != nil {
		return err
	}
	switch t := &found.Transaction; t.State {
	case kecis.StateAuthorised:
		c := s.client.NewCancellation(issuer)
		c.OrderRef, c.Original, c.Scope, c.Reason = found.OrderRef, original, kecis.CancelFull, reason
		c.Amount = kecis.Money{Minor: t.Cancellable, Currency: t.Amount.Currency}
		c.Tax, c.ExpectedBalance = kecis.Tax{TaxFree: t.Cancellable}, t.Cancellable
		_, err := s.client.Cancel(ctx, c)
		return err
	case kecis.StateCancelled, kecis.StateReversed, kecis.StateExpired, kecis.StateDeclined:
		return nil
	}
	return fmt.Errorf("pg: a hold that authenticates is %s", found.Transaction.State)
}

// Reverse undoes a hold, or sees to it that it is never asked for. One that was
// voided before, by a release whose answer got lost, can no longer be reversed
// (KECIS-REV-012), and one whose reversal the issuer has only accepted still lives:
// so the hold is looked for.
func (s holds) Reverse(ctx context.Context, holdKey string) error {
	err := s.journal.Update(ctx, func(tx journal.Tx) error {
		return s.mark(tx, holdKey, "reversed")
	})
	if err != nil && !errors.Is(err, journal.ErrExists) {
		return err
	}
	err = s.client.ReverseKey(ctx, holdKey, kecis.ReasonNoAnswer)
	used := errors.Is(err, kecis.ErrTransactionUsed)
	if err != nil && !used {
		return err
	}
	issuer, id, err := s.client.Sent(ctx, holdKey)
	switch {
	case errors.Is(err, kecis.ErrNotSent):
		return nil
	case err != nil:
		return err
	case used:
		return s.void(ctx, issuer, kecis.Original{RequestID: id}, kecis.ReasonRequester)
	}
	found, err := s.client.Inquire(ctx, issuer, kecis.Original{RequestID: id})
	switch {
	case errors.Is(err, kecis.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	switch found.Transaction.State {
	case kecis.StateAuthorised, kecis.StateResolving:
		return errStillHeld
	}
	return nil
}

// errStillHeld: the issuer has accepted the reversal, and not carried it out.
var errStillHeld = errors.New("pg: the issuer still holds what it is to reverse")

// mark writes the row of a hold's key, once, and when it can be forgotten.
func (s holds) mark(tx journal.Records, key, what string) error {
	if err := tx.Add(spaceHolds, key, []byte(what)); err != nil {
		return err
	}
	return tx.Put(spaceHoldTimes, holdTime(s.clock.Now())+" "+key, []byte(key))
}

// holdTime writes a time so that texts are in the order of times.
func holdTime(at time.Time) string { return fmt.Sprintf("%015d", at.UnixMilli()) }

const (
	// holdMargin is how much longer the row of a hold is kept than its session: a
	// session lasts amountauth.MaxTimeout at most, and its hold is asked about for
	// some days more.
	holdMargin = amountauth.MaxTimeout + 30*24*time.Hour
	// holdBatch bounds the rows that one commit deletes.
	holdBatch = 200
	// holdPause is between looks for old rows, which are counted in months.
	holdPause = time.Hour
)

// sweepHolds forgets holds whose sessions are long forgotten, a batch of them.
func (s *Authenticator) sweepHolds(ctx context.Context) (worked bool, err error) {
	now := s.config.Clock.Now()
	if now.UnixNano() < s.nextSweep.Load() {
		return false, nil
	}
	var old []journal.Record
	err = s.pg.journal.View(ctx, func(tx journal.Tx) (err error) {
		old, err = tx.Range(spaceHoldTimes, "", holdTime(now.Add(-s.keep-holdMargin)), holdBatch)
		return err
	})
	if err != nil {
		return false, err
	}
	if len(old) == 0 {
		s.nextSweep.Store(now.Add(holdPause).UnixNano())
		return false, nil
	}
	err = s.pg.journal.Update(ctx, func(tx journal.Tx) error {
		for _, r := range old {
			if err := tx.Delete(spaceHolds, string(r.Value)); err != nil {
				return err
			}
			if err := tx.Delete(spaceHoldTimes, r.Key); err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil, err
}
