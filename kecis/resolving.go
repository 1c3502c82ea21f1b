package kecis

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// The pauses of background work on one row: they double from try to try.
const (
	firstBackoff = time.Second
	lastBackoff  = 10 * time.Minute
)

// The bounds of one round of background work, so that many servers share it.
const (
	dueRows    = 16
	batchRows  = 256
	idlePause  = 250 * time.Millisecond // between rounds without work: events are sent within it
	errorPause = 2 * time.Second        // after a round that failed, as when the database is away
	sweepPause = time.Hour              // between looks for what is to be forgotten, which is counted in days
)

// backoff is the pause after that many tries.
func backoff(tries int) time.Duration {
	pause := firstBackoff
	for range tries {
		if pause *= 2; pause >= lastBackoff {
			return lastBackoff
		}
	}
	return pause
}

// Run does the background work until ctx is done: it brings requests of
// unknown outcome to their end, expires holds, numbers and sends events, chains
// the evidence and forgets what is old. Several servers may run it on one
// journal. It returns the cause of ctx.
func (s *Server) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		worked, err := s.RunOnce(ctx)
		pause := idlePause
		switch {
		case err != nil && ctx.Err() != nil: // it was told to stop in the middle of it
			continue
		case err != nil:
			s.log.ErrorContext(ctx, "background work failed", slog.Any("error", err))
			pause = errorPause
		case worked:
			continue
		}
		if err := s.clock.Sleep(ctx, pause); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// RunOnce does one round of the background work and reports whether there was
// any. Its error is of the journal; what a service or partner fails at is tried
// again later.
func (s *Server) RunOnce(ctx context.Context) (worked bool, err error) {
	for _, work := range []func(context.Context) (bool, error){
		s.recover, s.expire, s.sequence, s.notify, s.chain, s.sweep, s.sweepSessions, s.sweepAuthentications, s.sweepHolds,
	} {
		did, err := work(ctx)
		worked = worked || did
		if err != nil {
			return worked, err
		}
	}
	return worked, nil
}

// recover claims requests whose worker is gone, or whose outcome is unknown, and
// brings them forward.
func (s *Server) recover(ctx context.Context) (bool, error) {
	var claimed []*work
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		claimed = nil
		now := s.clock.Now()
		rows, err := tx.DueRequests(now, dueRows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			row.Due = s.lease(now)
			w, err := s.reclaim(tx, row)
			if err != nil {
				return err
			}
			claimed = append(claimed, w)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for _, w := range claimed {
		if err := s.resume(ctx, w); err != nil {
			return true, err
		}
	}
	return len(claimed) > 0, nil
}

// reclaim claims a row anew, so that its former worker can no longer seal it.
func (s *Server) reclaim(tx journal.Tx, row *journal.Request) (*work, error) {
	w := &work{row: row}
	if err := readKept(row.Details, &w.details); err != nil {
		return nil, err
	}
	if row.Transaction != "" {
		b, err := find(tx, row.Transaction)
		if err != nil {
			return nil, err
		}
		w.payment = b
	}
	w.attempt = Attempt{Key: row.Key, Sender: row.Sender, Deadline: row.Deadline, TransactionID: row.Transaction}
	if id := w.details.AuthenticationID + w.details.Original.AuthenticationID; id != "" {
		var err error
		if w.begun, err = begunIn(tx, id); err != nil {
			return nil, err
		}
		w.attempt.AuthenticationID = id
	}
	if w.payment != nil && w.payment.row.Key != row.Key {
		w.attempt.PaymentKey, w.attempt.Before = w.payment.row.Key, w.payment.stated()
	}
	return w, tx.ClaimRequest(row)
}

// resume goes on with a request from where its row says that it stands.
func (s *Server) resume(ctx context.Context, w *work) error {
	if w.row.Kind == ReversalRequestKind.String() {
		return s.resumeReversal(ctx, w)
	}
	op := operationOf(w.row.Kind)
	if err := s.reopenUpstream(ctx, w); err != nil {
		return err
	}
	if w.row.State == journal.Running {
		return s.resumeRunning(ctx, op, w)
	}
	if op.undoable() {
		if s.undo(ctx, op, w) == nil {
			return nil
		}
		return s.postpone(ctx, w)
	}
	v := s.ask(ctx, w, func(ctx context.Context) (*result, error) { return op.lookup(ctx, s, w) })
	switch {
	case v == nil:
		return s.postpone(ctx, w)
	case v.refused != "":
		return s.finish(ctx, w, func(w *work, now time.Time) Code {
			op.refused(w, now)
			return v.refused
		})
	}
	return s.finish(ctx, w, func(w *work, now time.Time) Code { return op.succeed(ctx, s, w, v.result, now) })
}

// resumeRunning brings a claimed request to its seal: by what a Planner decided,
// or what the service says; and at the deadline by undoing it. Nobody waits for
// the answer, but a repeat of the request gets it.
func (s *Server) resumeRunning(ctx context.Context, op operation, w *work) error {
	v := s.decision(w)
	if v == nil {
		v = s.ask(ctx, w, func(ctx context.Context) (*result, error) { return op.lookup(ctx, s, w) })
	}
	if v == nil {
		if now := s.clock.Now(); now.Before(w.row.Deadline) {
			return s.postpone(ctx, w)
		}
		v = &verdict{unknown: ErrTimeout}
	}
	s.seal(ctx, op, w, *v)
	return nil
}

// postpone lets a row rest, the longer the more often it was tried; a running
// one not beyond its deadline.
func (s *Server) postpone(ctx context.Context, w *work) error {
	now := s.clock.Now()
	row := *w.row
	row.Due = now.Add(backoff(row.Tries))
	row.Tries++
	if row.State == journal.Running && row.Due.After(row.Deadline) {
		row.Due = row.Deadline
	}
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		stored, err := tx.Request(row.Sender, row.ID)
		if err != nil {
			return err
		}
		if stored.State != row.State || stored.Outcome != row.Outcome {
			return nil // a commit that was said to be uncertain has ended it
		}
		row.Reversed = stored.Reversed
		return tx.UpdateRequest(&row)
	})
	if errors.Is(err, journal.ErrFenced) { // another has taken it over
		return nil
	}
	return err
}

// expire ends payments whose time is over: a pending one is undone first, so
// that nothing can complete it; of an authorised one the hold is released.
func (s *Server) expire(ctx context.Context) (bool, error) {
	var pending []*work
	n := 0
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		pending, n = nil, 0
		now := s.clock.Now()
		rows, err := tx.DueTransactions(now, dueRows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			n++
			w, err := s.expireOne(ctx, tx, row, now)
			if err != nil {
				return err
			}
			if w != nil {
				pending = append(pending, w)
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for _, w := range pending {
		if s.expirePending(ctx, w) != nil {
			continue // it is due again
		}
	}
	return n > 0, nil
}

// expireOne ends an authorised payment, or returns the work that ends a pending
// one. A payment at work is left until that has ended.
func (s *Server) expireOne(ctx context.Context, tx journal.Tx, row *journal.Transaction, now time.Time) (*work, error) {
	b, err := book(row)
	if err != nil {
		return nil, err
	}
	before := b.copied()
	if row.Busy != "" {
		row.Due = now.Add(backoff(row.Tries))
		row.Tries++
		return nil, tx.UpdateTransaction(row)
	}
	switch b.state() {
	case StatePending:
		request, err := tx.Request(row.Owner, row.RequestID)
		if err != nil {
			return nil, err
		}
		row.Due = s.lease(now)
		w, err := s.reclaim(tx, request)
		if err != nil {
			return nil, err
		}
		w.payment = b
		return w, tx.UpdateTransaction(row)
	case StateAuthorised:
		b.enter(StateExpired, now)
	case StateCaptured: // what was not captured is released
		b.details.Released += b.held()
		row.Due = time.Time{}
	default:
		row.Due = time.Time{}
	}
	return nil, s.post(ctx, tx, before, b)
}

func (s *Server) expirePending(ctx context.Context, w *work) error {
	ctx, cancel := s.clock.WithTimeout(ctx, s.config.AnswerWithin)
	defer cancel()
	_, err := guarded(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.config.Payments.Reverse(ctx, w.row.Key)
	})
	if err != nil {
		s.log.WarnContext(ctx, "a pending payment has not yet ended", slog.String("key", w.row.Key), slog.Any("error", err))
		return err
	}
	return s.finish(ctx, w, func(w *work, now time.Time) Code {
		w.payment.enter(StateExpired, now)
		return ErrRequestReversed
	})
}

// sequence gives events their place in the feeds.
func (s *Server) sequence(ctx context.Context) (bool, error) {
	n := 0
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) (err error) {
		n, err = tx.SequenceEvents(batchRows)
		return err
	})
	return n > 0, err
}

// chain takes new evidence into the chain.
func (s *Server) chain(ctx context.Context) (bool, error) {
	n := 0
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) (err error) {
		n, err = tx.ChainEvidence(batchRows)
		return err
	})
	return n > 0, err
}

// sweep forgets what is older than the retention (P16).
func (s *Server) sweep(ctx context.Context) (bool, error) {
	now := s.clock.Now()
	if now.UnixNano() < s.nextSweep.Load() {
		return false, nil
	}
	n := 0
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) (err error) {
		n, err = tx.Sweep(journal.Retention{
			Answers:      now.Add(-s.config.AnswerRetention),
			Transactions: now.Add(-s.config.Retention),
			Evidence:     now.Add(-s.config.Retention),
		}, batchRows)
		return err
	})
	if err == nil && n == 0 {
		s.nextSweep.Store(now.Add(sweepPause).UnixNano())
	}
	return n > 0, err
}
