package kecis

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// Handle names the session of the visit, for Server.OpenVisit. It is no secret.
func (v *Visit) Handle() string { return v.session.handle }

// OpenVisit returns the visit of a session without its browser, for work that goes on
// when the buyer has left: a payment that follows an authentication. It fails with
// journal.ErrNotFound once the session is forgotten.
func (s *Server) OpenVisit(ctx context.Context, handle string) (*Visit, error) {
	stored, err := s.session(ctx, handle)
	if err != nil {
		return nil, err
	}
	return s.reopen(ctx, stored)
}

// errOrderOpen says that nothing is known yet of an order.
var errOrderOpen = errors.New("kecis: the order has not ended")

// Complete carries out the order with the buyer's choice as Pay does, without a
// browser: the answer is there when the buyer comes back, or the requester inquires.
// It is idempotent: of an order that was carried out before it says what became of
// it.
//
// Its errors are as those of Payments: nil is done, a *Refusal is not-done, and any
// other is unknown: call it again. An order that does not leave the choice, or
// whose buyer must be authenticated first, is refused, and nothing was written.
func (v *Visit) Complete(ctx context.Context, choice Choice) (*Approval, error) {
	ctx = context.WithoutCancel(ctx) // what is recorded does not depend on the caller
	approval, err := v.outcome(ctx)
	if !errors.Is(err, journal.ErrNotFound) {
		return approval, err
	}
	if err := v.admit(ctx, choice); err != nil {
		return nil, err
	}
	v.server.carryOut(v.server.config.Observer.Begin(ctx), v, choice)
	return v.ended(ctx)
}

// admit refuses a choice that the order does not leave, or without the
// authentication that it needs.
func (v *Visit) admit(ctx context.Context, choice Choice) error {
	if err := v.order.check(choice); err != nil {
		if _, refused := errors.AsType[*Refusal](err); refused {
			return err
		}
		return Refuse(ErrUnavailable)
	}
	return v.server.authenticated(ctx, v.order.payment(v.order.Offer.NotOnOrAfter, choice))
}

// Withdraw ends the order without a payment, with a code whose outcome is not-done,
// if nothing was done for it yet. Nil says that the order is not paid, and never will
// be. If it was carried out, the error is a *Paid; any other is unknown: call it
// again.
func (v *Visit) Withdraw(ctx context.Context, code Code) error {
	ctx = context.WithoutCancel(ctx)
	approval, err := v.outcome(ctx)
	if errors.Is(err, journal.ErrNotFound) {
		v.server.refuse(ctx, v.in, code)
		approval, err = v.ended(ctx)
	}
	_, refused := errors.AsType[*Refusal](err)
	switch {
	case err == nil:
		return &Paid{Approval: approval}
	case refused:
		return nil
	}
	return err
}

// Paid is the error of an order that cannot be withdrawn, since it is paid.
type Paid struct{ Approval *Approval }

// Error says that it is paid.
func (*Paid) Error() string { return "kecis: the order is paid" }

// ended is outcome where it must be known.
func (v *Visit) ended(ctx context.Context) (*Approval, error) {
	approval, err := v.outcome(ctx)
	if errors.Is(err, journal.ErrNotFound) { // it could not be recorded
		err = errOrderOpen
	}
	return approval, err
}

// outcome says what has become of the order, as the journal has it, or
// journal.ErrNotFound before it was carried out.
func (v *Visit) outcome(ctx context.Context) (approval *Approval, err error) {
	err = v.server.config.Journal.View(ctx, func(tx journal.Tx) error {
		approval = nil
		row, err := tx.Request(v.order.Sender, string(v.order.ID))
		if err != nil {
			return err
		}
		approval, err = orderOutcome(tx, row)
		return err
	})
	return approval, err
}

// orderOutcome is what the row of an order says, and its transaction, which may have
// changed since.
func orderOutcome(tx journal.Tx, row *journal.Request) (*Approval, error) {
	switch {
	case row.State == journal.Tombstone:
		return nil, Refuse(ErrRequestReversed)
	case row.State != journal.Sealed:
		return nil, errOrderOpen
	case row.Transaction == "":
		return nil, Refuse(statableRefusal(Code(row.Code)))
	}
	b, err := find(tx, row.Transaction)
	if err != nil {
		return nil, err
	}
	switch b.state() {
	case StateDeclined:
		return nil, Refuse(statableRefusal(Code(row.Code)))
	case StateReversed:
		return nil, Refuse(ErrRequestReversed)
	case 0, StatePending, StateResolving:
		return nil, errOrderOpen
	}
	return &Approval{
		ApprovalCode: b.details.ApprovalCode, Amount: Money{b.row.Amount, Currency(b.row.Currency)}, Terms: b.details.Terms,
		InstrumentRef: b.details.InstrumentRef, HoldExpires: b.details.HoldExpires,
	}, nil
}

// carryOut makes the payment of an order, or records why there is none.
func (s *Server) carryOut(ctx context.Context, v *Visit, choice Choice) (answer reply) {
	began := s.clock.Now()
	deadline := began.Add(orderWindow).Truncate(time.Second)
	if deadline.After(v.order.Offer.NotOnOrAfter) {
		deadline = v.order.Offer.NotOnOrAfter
	}
	switch {
	case !began.Before(v.order.Offer.NotOnOrAfter):
		answer = s.refuse(ctx, v.in, ErrDeadlinePassed)
	case !v.in.partner.MayUse(metadata.ServiceOrder):
		answer = s.refuse(ctx, v.in, ErrPartnerSuspended)
	default:
		v.in.header.NotOnOrAfter = deadline
		answer = s.operate(ctx, v.in, ordering{}, v.order.payment(deadline, choice))
	}
	s.observe(ctx, v.in, answer, began)
	return answer
}

// Bind gives the session to the browser that gets the response, in place of the one
// that it was bound to: after the buyer has come back by another, as from a link that
// the provider has mailed. The caller has made sure that it is the buyer's.
func (v *Visit) Bind(ctx context.Context, w http.ResponseWriter) error {
	s := v.server
	secret, err := NewID(s.config.Random)
	if err != nil {
		return err
	}
	err = s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		value, err := tx.Get(sessionSpace, v.session.handle)
		if err != nil {
			return err
		}
		stored := &session{handle: v.session.handle}
		if err := readKept(value, stored); err != nil {
			return err
		}
		stored.Browser = browserOf(string(secret))
		return tx.Put(sessionSpace, stored.handle, kept(stored))
	})
	if err != nil {
		s.log.ErrorContext(ctx, "a session could not be bound to another browser", slog.String("handle", v.session.handle), slog.Any("error", err))
		return err
	}
	http.SetCookie(w, s.cookie(v.session, string(secret), s.clock.Now()))
	return nil
}

// Return sends the browser to the page of the session: there it gets the answer, once
// there is one.
func (v *Visit) Return(w http.ResponseWriter) { v.server.redirect(w, v.session.handle) }
