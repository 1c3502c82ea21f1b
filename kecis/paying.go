package kecis

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// paying is the operation of a payment request.
type paying struct{}

func (paying) undoable() bool { return true }

// served refuses a payment of a kind that the metadata do not declare
// (KECIS-PAY-007), before anything is claimed.
func (paying) served(ctx context.Context, s *Server, m Message) error {
	p, role := m.(*PaymentRequest), &s.config.Role
	if s.config.Payments == nil || !declared(role.Methods, metadata.Method(p.Instrument.Kind.String())) ||
		(p.Terms.Capture == CaptureManual && role.Captures == "") ||
		(p.OrderRef.Part > 1 && !role.Parts) || (p.Terms.Purpose != 0 && role.Name != metadata.Issuer) {
		return Refuse(ErrNotServed)
	}
	if code := withinLimits(role.Currencies, p.Amount); code != "" {
		return Refuse(code)
	}
	if err := servedInstalments(&role.Instalments, p); err != nil {
		return err
	}
	return s.authenticated(ctx, p)
}

func declared[T comparable](list []T, value T) bool {
	return slices.Contains(list, value)
}

// withinLimits refuses a currency that is not taken, and an amount that is not.
func withinLimits(list []metadata.CurrencyLimits, amount Money) Code {
	for _, l := range list {
		if l.Currency != string(amount.Currency) {
			continue
		}
		if amount.Minor < l.Min || amount.Minor > l.Max {
			return ErrInvalidAmount
		}
		return ""
	}
	return ErrNotServed
}

// servedInstalments refuses instalments that are not offered, or not for an
// order of this amount.
func servedInstalments(offered *metadata.Instalments, p *PaymentRequest) error {
	t := p.Terms
	if t.Instalments == LumpSum {
		return nil
	}
	if !declared(offered.Months, int(t.Instalments)) || p.Amount.Currency != KRW || p.Amount.Minor < offered.From ||
		(t.InterestFree && !offered.InterestFree) {
		return Refuse(ErrInvalidInstalment)
	}
	return nil
}

func (paying) forward(ctx context.Context, s *Server, a Attempt, m Message) (*Forward, error) {
	p, _ := m.(*PaymentRequest)
	return s.forwarder.ForwardPayment(ctx, a, p)
}

// begin takes the part of the order, of which nothing else may be live (I8), and
// makes the transaction.
func (paying) begin(tx journal.Tx, s *Server, w *work, m Message) error {
	p, _ := m.(*PaymentRequest)
	id, err := s.transactionID()
	if err != nil {
		return err
	}
	now := w.row.Claimed
	if p.Terms.Purpose == AmountAuthentication {
		err = takeHold(tx, p, id, now.Add(s.config.Retention))
	} else {
		err = takePart(tx, p, id)
	}
	if err != nil {
		return err
	}
	w.row.Transaction = id
	w.payment = &booked{
		row: &journal.Transaction{
			ID: id, Owner: w.row.Sender, RequestID: w.row.ID, Key: w.row.Key,
			Requester: p.OrderRef.Requester, OrderID: p.OrderRef.OrderID, Part: p.OrderRef.Part, Attempt: p.OrderRef.Attempt,
			Currency: string(p.Amount.Currency), Amount: p.Amount.Minor,
			Created: now.Truncate(time.Second), Changed: now, Busy: w.row.ID,
		},
		details: paymentDetails{
			Terms: p.Terms, Method: p.Instrument.Kind, Brand: p.Instrument.Brand, Payee: p.Payee.Entity, Issuer: p.Instrument.Issuer,
		},
	}
	w.payment.encode()
	return tx.InsertTransaction(w.payment.row)
}

// takePart takes a part of an order for an attempt (P7, KECIS-PAY-008, 022).
func takePart(tx journal.Tx, p *PaymentRequest, transaction string) error {
	order, err := tx.Order(p.OrderRef.Requester, p.OrderRef.OrderID)
	if err != nil {
		return err
	}
	if order.Currency == "" {
		order.Currency, order.Amount = string(p.OrderAmount.Currency), p.OrderAmount.Minor
	}
	if order.Currency != string(p.OrderAmount.Currency) || order.Amount != p.OrderAmount.Minor {
		return Refuse(ErrOrderMismatch)
	}
	mine, live := -1, p.Amount.Minor
	for i := range order.Parts {
		part := &order.Parts[i]
		if part.Part != p.OrderRef.Part {
			live += part.Live
			continue
		}
		switch mine = i; {
		case !part.Ended:
			return Refuse(ErrAttemptLive)
		case part.Live > 0:
			return Refuse(ErrDuplicate)
		}
	}
	if live > order.Amount {
		return Refuse(ErrOrderMismatch)
	}
	taken := journal.Part{Part: p.OrderRef.Part, Attempt: p.OrderRef.Attempt, Transaction: transaction, Live: p.Amount.Minor}
	if mine < 0 {
		order.Parts = append(order.Parts, taken)
	} else {
		order.Parts[mine] = taken
	}
	return tx.PutOrder(order)
}

func (paying) plan(ctx context.Context, tx journal.Tx, s *Server, w *work, m Message) (*result, error) {
	p, _ := m.(*PaymentRequest)
	a, err := s.planner.PlanPayment(ctx, tx, w.attempt, p)
	return approvalResult(a), err
}

func (paying) call(ctx context.Context, s *Server, w *work, m Message) (*result, error) {
	p, _ := m.(*PaymentRequest)
	a, err := s.config.Payments.Pay(ctx, w.attempt, p)
	return approvalResult(a), err
}

func (paying) lookup(ctx context.Context, s *Server, w *work) (*result, error) {
	a, err := s.config.Payments.Lookup(ctx, w.row.Key)
	return approvalResult(a), err
}

func (paying) undo(ctx context.Context, s *Server, w *work) error {
	return s.config.Payments.Reverse(ctx, w.row.Key)
}

func approvalResult(a *Approval) *result {
	if a == nil {
		return nil
	}
	return &result{Approval: a, Upstream: a.Upstream}
}

// succeed books an approval. One of another amount or other terms than asked for
// is none (KECIS-PAY-012), nor is one that no answer can state: the payment is
// undone.
func (o paying) succeed(ctx context.Context, s *Server, w *work, r *result, now time.Time) Code {
	a, b := r.Approval, w.payment
	if !a.statable(now) {
		s.log.ErrorContext(ctx, "the service's approval cannot be stated and is reversed", slog.String("key", w.row.Key), slog.String("id", w.row.ID))
		o.unknown(w, now)
		return ErrOutcomeUnknown
	}
	if (a.Amount != Money{} && a.Amount != Money{b.row.Amount, Currency(b.row.Currency)}) || (a.Terms != Terms{} && a.Terms != b.details.Terms) {
		o.unknown(w, now)
		return ErrOutcomeUnknown
	}
	b.details.ApprovalCode, b.details.InstrumentRef = a.ApprovalCode, a.InstrumentRef
	b.row.Busy = ""
	if a.Pending != nil {
		b.details.Expires, b.details.Page = a.Pending.Expires, a.Pending.Page
		b.enter(StatePending, now)
		return ErrPending
	}
	b.row.Cancellable = b.row.Amount
	if b.details.Terms.Capture == CaptureAutomatic {
		b.row.Captured = b.row.Amount
		b.enter(StateCaptured, now)
		return Approved
	}
	b.details.HoldExpires = s.holdEnds(a.HoldExpires, now)
	b.enter(StateAuthorised, now)
	return Approved
}

// holdEnds is when a hold ends here, of which a service has stated when it ends
// there.
func (s *Server) holdEnds(stated, now time.Time) time.Time {
	switch {
	case stated.IsZero():
		return now.Add(orDefault(s.config.Role.HoldTime, DefaultHoldTime))
	case s.config.Role.Name == metadata.PG:
		return stated.Add(-CaptureMargin)
	}
	return stated
}

func (paying) refused(w *work, now time.Time) {
	w.payment.row.Busy = ""
	w.payment.enter(StateDeclined, now)
}

func (paying) unknown(w *work, now time.Time) { w.payment.enter(StateResolving, now) }

func (paying) undone(w *work, now time.Time) {
	w.payment.row.Busy = ""
	w.payment.enter(StateReversed, now)
}

func (paying) answer(w *work, header ResponseHeader) Message {
	return &PaymentResponse{ResponseHeader: header, OrderRef: w.details.OrderRef, Transaction: w.payment.stated()}
}

// transactionID makes the ID of a payment.
func (s *Server) transactionID() (string, error) {
	return newTimedID("T", s.clock.Now(), s.config.Random)
}
