package sqljournal

import (
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// sweepPage is how many rows a sweep reads at a time.
const sweepPage = 200

// Sweep goes along each table in the order of insertion, which is that of time
// but for a clock that was wrong, until it comes to a page of rows that are too
// young. So it needs no index of its own, and costs what it finds.
func (tx *transaction) Sweep(r journal.Retention, limit int) (int, error) {
	if err := tx.writing(); err != nil {
		return 0, err
	}
	if err := tx.settle(); err != nil {
		return 0, tx.fails(err)
	}
	total := 0
	for _, sweep := range []struct {
		before time.Time
		run    func(before int64, limit int) (int, error)
	}{
		{r.Answers, tx.sweepAnswers},
		{r.Transactions, tx.sweepTransactions},
		{r.Transactions, tx.sweepRequests},
		{r.Transactions, tx.sweepSent},
		{r.Evidence, tx.sweepEvidence},
	} {
		before := milliseconds(sweep.before)
		if before == 0 || limit <= 0 {
			continue
		}
		n, err := sweep.run(before, limit)
		if err != nil {
			return total, tx.fails(err)
		}
		total += n
	}
	return total, tx.fails(tx.flush())
}

// next is what a sweep says of a row.
type next uint8

const (
	goOn next = iota
	tooYoung
	stop
)

// along reads a table's rows behind a number, page after page, until visit says
// stop, or tooYoung of a whole page.
func along[V any](tx *transaction, s statement, behind int64, fields func(*V) []any, seq func(*V) int64, visit func(*V) (next, error)) error {
	for {
		rows, err := list(tx, s, fields, behind, int64(sweepPage))
		if err != nil {
			return err
		}
		young := 0
		for _, row := range rows {
			what, err := visit(row)
			if err != nil || what == stop {
				return err
			}
			if what == tooYoung {
				young++
			}
			behind = seq(row)
		}
		if young == len(rows) || len(rows) < sweepPage {
			return nil
		}
	}
}

// sweepAnswers remembers how far it came, since the rows stay. It waits before a
// row that is not yet sealed.
func (tx *transaction) sweepAnswers(before int64, limit int) (n int, err error) {
	var done counters
	if err := tx.one(selectState, []any{number(&done.number), digestColumn{&done.link}}, "answers-swept"); err != nil {
		return 0, err
	}
	type row struct {
		seq, sealed int64
		state       journal.RequestState
		answered    bool
	}
	start := done.number
	err = along(tx, sweepAnswers, start,
		func(r *row) []any {
			return []any{number(&r.seq), number(&r.state), number(&r.sealed), truthColumn{&r.answered}}
		},
		func(r *row) int64 { return r.seq },
		func(r *row) (next, error) {
			if n >= limit || r.state == journal.Running || r.sealed >= before {
				return stop, nil
			}
			done.number = r.seq
			if !r.answered {
				return goOn, nil
			}
			n++
			return goOn, tx.write(sweepAnswer, r.seq)
		})
	if err == nil && done.number != start {
		err = tx.write(updateState, done.number, nil, "answers-swept")
	}
	return n, err
}

// sweepTransactions deletes what nothing works on and nothing will, with events,
// what was sent for it, and its order once that has no other transaction.
func (tx *transaction) sweepTransactions(before int64, limit int) (n int, err error) {
	type row struct {
		journal.Transaction

		seq, created, changed, due int64
	}
	swept := 0
	err = along(tx, sweepPayments, 0,
		func(r *row) []any {
			return []any{
				number(&r.seq), number(&r.created), number(&r.changed), number(&r.due), textColumn{&r.Busy}, textColumn{&r.ID},
				textColumn{&r.Key}, textColumn{&r.Requester}, textColumn{&r.OrderID},
			}
		},
		func(r *row) int64 { return r.seq },
		func(r *row) (next, error) {
			if swept >= limit {
				return stop, nil
			}
			if r.created >= before {
				return tooYoung, nil
			}
			if r.changed >= before || r.due > 0 || r.Busy != "" {
				return goOn, nil
			}
			swept++
			deleted, err := tx.deleteTransaction(r.seq, &r.Transaction)
			n += deleted
			return goOn, err
		})
	return n, err
}

func (tx *transaction) deleteTransaction(seq int64, t *journal.Transaction) (n int, err error) {
	for _, step := range []struct {
		statement
		value any
	}{{deletePayment, seq}, {deleteEvents, t.ID}, {deleteSentByOperation, t.Key}} {
		deleted, err := tx.exec(step.statement, step.value)
		if err != nil {
			return n, err
		}
		n += int(deleted)
	}
	o, err := tx.Order(t.Requester, t.OrderID)
	if err != nil {
		return n, err
	}
	for _, part := range o.Parts {
		there := int64(0)
		if err := tx.one(paymentExists, []any{number(&there)}, part.Transaction); err != journal.ErrNotFound { //nolint:errorlint // one returns it as it is
			return n, err
		}
	}
	deleted, err := tx.exec(deleteOrder, t.Requester, t.OrderID)
	return n + int(deleted), err
}

// sweepRequests deletes those whose transaction is gone, or that had none.
func (tx *transaction) sweepRequests(before int64, limit int) (n int, err error) {
	type row struct {
		seq, claimed, sealed, due int64
		state                     journal.RequestState
		transaction, operation    string
	}
	swept := 0
	err = along(tx, sweepRequests, 0,
		func(r *row) []any {
			return []any{
				number(&r.seq), number(&r.claimed), number(&r.sealed), number(&r.due), number(&r.state),
				textColumn{&r.transaction}, textColumn{&r.operation},
			}
		},
		func(r *row) int64 { return r.seq },
		func(r *row) (next, error) {
			if swept >= limit {
				return stop, nil
			}
			if r.claimed >= before {
				return tooYoung, nil
			}
			if r.sealed >= before || r.due > 0 || r.state == journal.Running {
				return goOn, nil
			}
			there := int64(0)
			if err := tx.one(paymentExists, []any{number(&there)}, r.transaction); err != journal.ErrNotFound { //nolint:errorlint // one returns it as it is
				return goOn, err
			}
			swept++
			deleted, err := tx.exec(deleteRequest, r.seq)
			n += int(deleted)
			if err != nil {
				return stop, err
			}
			deleted, err = tx.exec(deleteSentByOperation, r.operation)
			n += int(deleted)
			return goOn, err
		})
	return n, err
}

// sweepSent deletes what was sent for no operation.
func (tx *transaction) sweepSent(before int64, limit int) (n int, err error) {
	type row struct {
		seq, created, due int64
		state             journal.SentState
		operation         string
	}
	err = along(tx, sweepSent, 0,
		func(r *row) []any {
			return []any{number(&r.seq), number(&r.created), number(&r.due), number(&r.state), textColumn{&r.operation}}
		},
		func(r *row) int64 { return r.seq },
		func(r *row) (next, error) {
			if n >= limit {
				return stop, nil
			}
			if r.created >= before {
				return tooYoung, nil
			}
			if r.operation != "" || r.due > 0 || r.state != journal.Ended {
				return goOn, nil
			}
			n++
			return goOn, tx.write(deleteSent, r.seq)
		})
	return n, err
}

// sweepEvidence goes along the chain and remembers how far it came.
func (tx *transaction) sweepEvidence(before int64, limit int) (n int, err error) {
	var done counters
	if err := tx.one(selectState, []any{number(&done.number), digestColumn{&done.link}}, "evidence-swept"); err != nil {
		return 0, err
	}
	rows, err := tx.ListEvidence(done.number, limit)
	if err != nil {
		return 0, err
	}
	for _, e := range rows {
		if milliseconds(e.At) >= before {
			break
		}
		d := e.Document
		if err := tx.write(sweepDocument, d[:], before); err != nil {
			return n, err
		}
		done.number = e.Number
		n++
	}
	if n == 0 {
		return 0, nil
	}
	return n, tx.write(updateState, done.number, nil, "evidence-swept")
}
