package kecis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// operation is what tells payments, captures and cancellations apart on their
// common way: claim, call, seal (P12). The values have no fields.
type operation interface { //nolint:interfacebloat // it is the steps of one way, and nobody else implements it
	// served refuses what the metadata do not declare, and what their policy does
	// not allow. An error other than a *Refusal means that nobody knows.
	served(ctx context.Context, s *Server, m Message) error
	// forward returns the request to the provider behind the service, if any.
	forward(ctx context.Context, s *Server, a Attempt, m Message) (*Forward, error)
	// begin locks and changes what the request is about, within its claim.
	begin(tx journal.Tx, s *Server, w *work, m Message) error
	// plan lets a service decide within the claim; nil leaves it to call.
	plan(ctx context.Context, tx journal.Tx, s *Server, w *work, m Message) (*result, error)
	call(ctx context.Context, s *Server, w *work, m Message) (*result, error)
	lookup(ctx context.Context, s *Server, w *work) (*result, error)
	// undo reverses what call did or may still do. It is not asked of a
	// cancellation, which is brought to its end instead.
	undo(ctx context.Context, s *Server, w *work) error
	undoable() bool
	// succeed, refused and undone change the payment as it will be written, and
	// return the code that the answer has.
	succeed(ctx context.Context, s *Server, w *work, r *result, now time.Time) Code
	refused(w *work, now time.Time)
	undone(w *work, now time.Time)
	// unknown marks the payment while it is not known what became of the request.
	unknown(w *work, now time.Time)
	answer(w *work, header ResponseHeader) Message
}

// work is a claimed request on its way to its answer.
type work struct {
	row     *journal.Request
	details requestDetails
	// payment is the payment that the request makes or is about, as it stands in
	// the journal; nil if none was made.
	payment *booked
	// begun and authentication are of a request about an authentication: what it
	// is for, and how it stands.
	begun          *begunAuthentication
	authentication *Authentication
	// confirmation is what the buyer typed; nil when background work comes back to it,
	// since it is not kept.
	confirmation *ConfirmationRequest
	attempt      Attempt
	// document, signer and serial are those of the request as received; nil and
	// zero when background work comes back to it.
	document []byte
	signer   [32]byte
	serial   int64
	// quiet says that the sender takes no notifications.
	quiet bool
}

// requestDetails is what the SDK keeps of a request beside the columns: enough
// to bring it to its end without the message.
type requestDetails struct {
	OrderRef        OrderRef
	Original        Original     `json:",omitzero"`
	Amount          Money        `json:",omitzero"`
	Tax             Tax          `json:",omitzero"`
	Final           bool         `json:",omitempty"`
	Scope           CancelScope  `json:",omitempty"`
	Reason          CancelReason `json:",omitempty"`
	ExpectedBalance int64        `json:",omitempty"`
	// Released is what a final capture released of the hold and still is, Booked says that the
	// capture was written into the payment.
	Released int64 `json:",omitempty"`
	Booked   bool  `json:",omitempty"`
	// CancelledBefore counts the cancellations that came before the capture.
	CancelledBefore int `json:",omitempty"`
	// Planned is what a Planner decided within the claim.
	Planned *planned `json:",omitempty"`
	// ReturnTo is the requester's front address, where the answer to an order is
	// destined.
	ReturnTo string `json:",omitempty"`
	// AuthenticationID is that of the authentication that the request begins.
	AuthenticationID string `json:",omitempty"`
	// Serial and Signer are those of the request, for the evidence.
	Serial int64    `json:",omitempty"`
	Signer [32]byte `json:",omitzero"`
}

// planned is a decision that was committed with the claim.
type planned struct {
	Refused  Code     `json:",omitempty"`
	Upstream Upstream `json:",omitzero"`
	Result   *result  `json:",omitempty"`
}

// result is what a service did.
type result struct {
	Approval      *Approval             `json:",omitempty"`
	Cancellation  *CancelResult         `json:",omitempty"`
	Authenticated *AuthenticationResult `json:",omitempty"`
	Upstream      Upstream              `json:",omitzero"`
}

// detailsOf keeps what is needed of a request.
func detailsOf(m Message) *requestDetails {
	switch m := m.(type) {
	case *PaymentRequest:
		return &requestDetails{OrderRef: m.OrderRef, Amount: m.Amount}
	case *CaptureRequest:
		return &requestDetails{OrderRef: m.OrderRef, Original: m.Original, Amount: m.Amount, Tax: m.Tax, Final: m.Final}
	case *CancellationRequest:
		return &requestDetails{
			OrderRef: m.OrderRef, Original: m.Original, Amount: m.Amount, Tax: m.Tax,
			Scope: m.Scope, Reason: m.Reason, ExpectedBalance: m.ExpectedBalance,
		}
	case *PaymentOrder:
		return &requestDetails{OrderRef: m.OrderRef, Amount: m.Amount}
	case *ReversalRequest:
		return &requestDetails{OrderRef: m.OrderRef, Original: Original{RequestID: m.Original}}
	case *AuthenticationRequest:
		return &requestDetails{OrderRef: m.OrderRef}
	case *ConfirmationRequest:
		return &requestDetails{OrderRef: m.OrderRef, Original: Original{AuthenticationID: m.AuthenticationID}}
	}
	return &requestDetails{}
}

// encode returns the details as the journal keeps them. They are plain data,
// which always encode.
func (d *requestDetails) encode() []byte {
	text := kept(d)
	return text
}

// operate carries a request about money through claim, call and seal.
func (s *Server) operate(ctx context.Context, in *received, op operation, m Message) reply {
	w := &work{document: in.document, signer: in.signer, serial: in.partner.Entity.Serial, quiet: !notifiable(in.partner)}
	upstream, err := s.prepare(ctx, in, op, w, m)
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return s.refuse(ctx, in, statableRefusal(refusal.Code))
	}
	if err != nil {
		if answer, known := s.recorded(ctx, in); known { // then nothing needs to be prepared
			return answer
		}
		s.log.ErrorContext(ctx, "a request could not be prepared", slog.String("id", string(in.header.ID)), slog.Any("error", err))
		return unavailable()
	}
	if err := s.claim(ctx, op, w, m, upstream); err != nil {
		return s.notClaimed(ctx, in, err)
	}
	v := s.decision(w)
	if v == nil {
		v = s.execute(ctx, op, w, m)
	}
	return s.seal(ctx, op, w, *v)
}

// prepare refuses what is not served and makes the claim's row and the request
// to the provider behind; nothing has an effect yet.
func (s *Server) prepare(ctx context.Context, in *received, op operation, w *work, m Message) (*Outgoing, error) {
	if err := op.served(ctx, s, m); err != nil {
		return nil, err
	}
	now := s.clock.Now()
	key, err := newTimedID("_", now, s.config.Random)
	if err != nil {
		return nil, err
	}
	w.row = in.row(now)
	w.row.State, w.row.Key, w.row.Due = journal.Running, key, s.lease(now)
	w.details = *detailsOf(m)
	w.details.Serial, w.details.Signer, w.details.ReturnTo = w.serial, w.signer, in.returnTo
	w.attempt = Attempt{Key: w.row.Key, Sender: w.row.Sender, Deadline: w.row.Deadline}
	w.attempt.Document = in.alone()
	if s.forwarder == nil {
		return nil, nil
	}
	ahead, err := op.forward(ctx, s, w.attempt, m)
	if err != nil || ahead == nil {
		return nil, err
	}
	return s.client.outgoing(ctx, ahead.To, ahead.Message, w.row.Key, w.row.Deadline)
}

// lease is how long a claim is left alone by background work: a service may use
// the whole time of an answer, and the seal comes behind.
func (s *Server) lease(now time.Time) time.Time {
	return now.Add(s.config.AnswerWithin + leaseMargin)
}

// leaseMargin is for signing and sealing, on a slow disk.
const leaseMargin = 10 * time.Second

// claim commits the row (sender, ID), what it takes of the order or transaction,
// and the exact bytes that go to the provider behind (P12).
func (s *Server) claim(ctx context.Context, op operation, w *work, m Message, upstream *Outgoing) error {
	claimed := *w
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		*w = claimed
		row := *claimed.row
		w.row = &row
		return s.claimIn(ctx, tx, op, w, m, upstream)
	})
	if errors.Is(err, journal.ErrUncertain) {
		return s.claimedAfterAll(ctx, w, err)
	}
	return err
}

// claimIn is the claim's transaction. It begins with the unique row, which
// decides every race.
func (s *Server) claimIn(ctx context.Context, tx journal.Tx, op operation, w *work, m Message, upstream *Outgoing) (err error) {
	if !s.clock.Now().Before(w.row.Deadline) {
		return Refuse(ErrDeadlinePassed)
	}
	if _, err := tx.Request(w.row.Sender, w.row.ID); !errors.Is(err, journal.ErrNotFound) {
		if err == nil {
			err = journal.ErrExists
		}
		return err
	}
	if err := op.begin(tx, s, w, m); err != nil {
		return err
	}
	w.attempt.TransactionID = w.row.Transaction
	if w.row.Document, err = tx.PutDocument(w.document); err != nil {
		return err
	}
	if upstream != nil {
		if err := upstream.insert(tx, s.clock.Now()); err != nil {
			return err
		}
		w.attempt.Upstream = upstream
	}
	if s.planner != nil {
		r, err := op.plan(ctx, tx, s, w, m)
		refusal, refused := errors.AsType[*Refusal](err)
		switch {
		case refused:
			w.details.Planned = &planned{Refused: statableRefusal(refusal.Code), Upstream: refusal.Upstream.statable()}
		case err != nil:
			return err
		case r != nil:
			w.details.Planned = &planned{Result: r}
		}
	}
	w.row.Details = w.details.encode()
	return tx.InsertRequest(w.row)
}

// claimedAfterAll reads back a claim of which the commit is uncertain: the
// operation key tells whether it is ours.
func (s *Server) claimedAfterAll(ctx context.Context, w *work, cause error) error {
	row, _, err := s.recall(ctx, w.row.Sender, ID(w.row.ID))
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return cause
	case err != nil:
		return err
	case row.Key != w.row.Key || row.Epoch != w.row.Epoch:
		return journal.ErrExists
	}
	return nil
}

// notClaimed answers a request whose claim failed: refused, or seen before.
func (s *Server) notClaimed(ctx context.Context, in *received, err error) reply {
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return s.refuse(ctx, in, refusal.Code)
	}
	return s.afterRecording(ctx, in, unavailable(), err)
}

// verdict is what is known of an operation.
type verdict struct {
	result  *result // of a success
	refused Code    // "" if it was not refused
	// unknown is the code of an answer that says so; "" if it is known.
	unknown  Code
	upstream Upstream
}

// decision returns what a Planner decided, or nil.
func (s *Server) decision(w *work) *verdict {
	p := w.details.Planned
	switch {
	case p == nil:
		return nil
	case p.Refused != "":
		return &verdict{refused: p.Refused, upstream: p.Upstream}
	}
	return &verdict{result: p.Result, upstream: p.Result.Upstream.statable()}
}

// execute calls the service with no transaction open. Where it does not know,
// the service is looked up until it does, or until the requester must be told.
func (s *Server) execute(ctx context.Context, op operation, w *work, m Message) *verdict {
	now := s.clock.Now()
	until := now.Add(s.config.AnswerWithin)
	if until.After(w.row.Deadline) {
		until = w.row.Deadline
	}
	ctx, cancel := s.clock.WithTimeout(ctx, until.Sub(now))
	defer cancel()
	v := s.ask(ctx, w, func(ctx context.Context) (*result, error) { return op.call(ctx, s, w, m) })
	for pause := firstLookup; v == nil; pause = min(2*pause, lastLookup) {
		if s.clock.Sleep(ctx, pause) != nil || !s.clock.Now().Before(until) {
			return &verdict{unknown: ErrTimeout}
		}
		v = s.ask(ctx, w, func(ctx context.Context) (*result, error) { return op.lookup(ctx, s, w) })
	}
	return v
}

// The pauses between lookups, while a requester waits.
const (
	firstLookup = 100 * time.Millisecond
	lastLookup  = 5 * time.Second
)

// errPanic is the error of a service that panicked.
var errPanic = errors.New("kecis: the service panicked")

// ask asks a service and returns its verdict, or nil if it does not know.
func (s *Server) ask(ctx context.Context, w *work, question func(context.Context) (*result, error)) *verdict {
	r, err := guarded(ctx, question)
	if refusal, ok := errors.AsType[*Refusal](err); ok && outcomeOf(statableRefusal(refusal.Code)) == NotDone {
		return &verdict{refused: statableRefusal(refusal.Code), upstream: refusal.Upstream.statable()}
	}
	if err == nil && r != nil {
		return &verdict{result: r, upstream: r.Upstream.statable()}
	}
	s.log.WarnContext(ctx, "the service does not know", slog.String("key", w.row.Key), slog.String("id", w.row.ID), slog.String("kind", w.row.Kind), slog.Any("error", err))
	return nil
}

// guarded turns a panic of a service into an error, which means unknown.
func guarded[T any](ctx context.Context, f func(context.Context) (T, error)) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			if pass, ok := p.(interface{ PassThrough() }); ok {
				panic(pass) //nolint:forbidigo // kecistest.Exercise kills a server within its service by it
			}
			err = fmt.Errorf("%w: %T", errPanic, p)
		}
	}()
	return f(ctx)
}

// done is the reply that carries a signed answer.
func done(document []byte, status *Status) reply {
	return reply{status: http.StatusOK, document: document, code: status.Code, outcome: status.Outcome}
}
