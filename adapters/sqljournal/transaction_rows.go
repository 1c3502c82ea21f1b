package sqljournal

import (
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

func (tx *transaction) InsertRequest(r *journal.Request) error {
	err := tx.insert(insertRequest, requestValues(r)...)
	if err == nil {
		tx.lock(rowKey{selectRequest, r.Sender, r.ID}, r.Epoch)
	}
	return err
}

func (tx *transaction) Request(sender, id string) (*journal.Request, error) {
	var r journal.Request
	if err := tx.one(selectRequest, requestFields(&r), sender, id); err != nil {
		return nil, err
	}
	tx.lock(rowKey{selectRequest, sender, id}, r.Epoch)
	return &r, nil
}

func (tx *transaction) UpdateRequest(r *journal.Request) error { return tx.putRequest(r, r.Epoch) }

func (tx *transaction) ClaimRequest(r *journal.Request) error {
	raised := *r
	raised.Epoch++
	if err := tx.putRequest(&raised, r.Epoch); err != nil {
		return err
	}
	r.Epoch = raised.Epoch
	return nil
}

// putRequest writes a row whose stored epoch is the given one. The row is locked
// since it was seen, so that the epoch stays.
func (tx *transaction) putRequest(r *journal.Request, epoch int64) error {
	if err := tx.writing(); err != nil {
		return err
	}
	key := rowKey{selectRequest, r.Sender, r.ID}
	stored, seen := tx.seen[key]
	if !seen {
		before, err := tx.Request(r.Sender, r.ID)
		if err != nil {
			return err
		}
		stored = before.Epoch
	}
	if stored != epoch {
		return journal.ErrFenced
	}
	tx.lock(key, r.Epoch)
	return tx.fails(tx.write(updateRequest, append(requestValues(r)[2:], r.Sender, r.ID)...))
}

func (tx *transaction) DueRequests(now time.Time, limit int) ([]*journal.Request, error) {
	return list(tx, dueRequests, requestFields, milliseconds(now), bounded(limit))
}

func (tx *transaction) InsertTransaction(t *journal.Transaction) error {
	err := tx.insert(insertPayment, transactionValues(t)...)
	if err == nil {
		tx.lock(rowKey{selectPayment, t.ID, ""}, 0)
	}
	return err
}

func (tx *transaction) Transaction(id string) (*journal.Transaction, error) {
	var t journal.Transaction
	if err := tx.one(selectPayment, transactionFields(&t), id); err != nil {
		return nil, err
	}
	tx.lock(rowKey{selectPayment, id, ""}, 0)
	return &t, nil
}

func (tx *transaction) UpdateTransaction(t *journal.Transaction) error {
	return tx.replace(rowKey{selectPayment, t.ID, ""}, updatePayment, append(transactionValues(t)[1:], t.ID)...)
}

func (tx *transaction) DueTransactions(now time.Time, limit int) ([]*journal.Transaction, error) {
	return list(tx, duePayments, transactionFields, milliseconds(now), bounded(limit))
}

func (tx *transaction) ListTransactions(owner string, from, until, after time.Time, afterID string, limit int) ([]*journal.Transaction, error) {
	return list(tx, listPayments, transactionFields,
		owner, milliseconds(from), milliseconds(until), milliseconds(after), afterID, bounded(limit))
}

func (tx *transaction) SumTransactions(owner string, from, until time.Time) ([]journal.Sum, error) {
	rows, err := list(tx, sumPayments, func(s *journal.Sum) []any {
		return []any{textColumn{&s.Currency}, number(&s.Count), number(&s.Approved), number(&s.Captured), number(&s.Cancelled)}
	}, owner, milliseconds(from), milliseconds(until))
	var sums []journal.Sum
	for _, s := range rows {
		sums = append(sums, *s)
	}
	return sums, err
}

func (tx *transaction) PutOrder(o *journal.Order) error {
	if err := tx.writing(); err != nil {
		return err
	}
	parts, err := partsText(o.Parts)
	if err != nil {
		return err
	}
	tx.fill(releaseOrder, o.Requester, o.OrderID)
	return tx.fails(tx.write(updateOrder, o.Requester, o.OrderID, o.Currency, o.Amount, parts))
}

func (tx *transaction) Order(requester, id string) (*journal.Order, error) {
	o := journal.Order{Requester: requester, OrderID: id}
	var parts string
	if err := tx.hold(insertOrder, requester, id); err != nil {
		return nil, err
	}
	err := tx.one(selectOrder, []any{textColumn{&o.Currency}, number(&o.Amount), textColumn{&parts}}, requester, id)
	if err == journal.ErrNotFound { //nolint:errorlint // one returns it as it is
		return &o, nil
	}
	if err != nil {
		return nil, err
	}
	if o.Parts, err = textParts(parts); err != nil {
		return nil, tx.fails(err)
	}
	if o.Currency == "" && o.Amount == 0 && len(o.Parts) == 0 {
		tx.held = append(tx.held, placeholder{releaseOrder, requester, id})
	}
	return &o, nil
}

// placeholder is a row that was inserted so that its key is locked, and the
// statement that deletes it.
type placeholder struct {
	statement

	first, last string
}

// hold puts a row without content under a key that has none, because databases
// lock only what is there. A store that commits one transaction after the other
// needs no such row, nor does a reading.
func (tx *transaction) hold(insert statement, first, last string) error {
	if err := tx.reading(); err != nil || !tx.writes || tx.counters != nil {
		return err
	}
	return tx.fails(tx.write(insert, first, last))
}

// fill notes that a held row has content now.
func (tx *transaction) fill(remove statement, first, last string) {
	if i := slices.Index(tx.held, placeholder{remove, first, last}); i >= 0 {
		tx.held = slices.Delete(tx.held, i, i+1)
	}
}

func (tx *transaction) InsertSent(s *journal.Sent) error {
	err := tx.insert(insertSent, sentValues(s)...)
	if err == nil {
		tx.lock(rowKey{selectSent, s.Recipient, s.ID}, 0)
	}
	return err
}

func (tx *transaction) Sent(recipient, id string) (*journal.Sent, error) {
	var s journal.Sent
	if err := tx.one(selectSent, sentFields(&s), recipient, id); err != nil {
		return nil, err
	}
	tx.lock(rowKey{selectSent, recipient, id}, 0)
	return &s, nil
}

func (tx *transaction) SentByKey(key string) ([]*journal.Sent, error) {
	return list(tx, sentByOperation, sentFields, key)
}

func (tx *transaction) UpdateSent(s *journal.Sent) error {
	return tx.replace(rowKey{selectSent, s.Recipient, s.ID}, updateSent, append(sentValues(s)[2:], s.Recipient, s.ID)...)
}

func (tx *transaction) DueSent(now time.Time, limit int) ([]*journal.Sent, error) {
	return list(tx, dueSent, sentFields, milliseconds(now), bounded(limit))
}

func (tx *transaction) Get(space, key string) ([]byte, error) {
	var value []byte
	var there bool
	if err := tx.hold(holdRecord, space, key); err != nil {
		return nil, err
	}
	err := tx.one(selectRecord, []any{octetsColumn{&value}, truthColumn{&there}}, space, key)
	if err == nil && !there {
		tx.held = append(tx.held, placeholder{releaseRecord, space, key})
		err = journal.ErrNotFound
	}
	return value, err
}

func (tx *transaction) Peek(space, key string) ([]byte, error) {
	var value []byte
	var there bool
	err := tx.one(tx.peeking(), []any{octetsColumn{&value}, truthColumn{&there}}, space, key)
	if err == nil && !there {
		err = journal.ErrNotFound
	}
	return value, err
}

// peeking is the statement of Peek. Where one transaction commits after the
// other nothing is locked anyway.
func (tx *transaction) peeking() statement {
	if tx.counters != nil {
		return selectRecord
	}
	return peekRecord
}

func (tx *transaction) Add(space, key string, value []byte) error {
	if slices.Contains(tx.held, placeholder{releaseRecord, space, key}) {
		return tx.Put(space, key, value)
	}
	return tx.insert(addRecord, space, key, filled(value))
}

func (tx *transaction) Put(space, key string, value []byte) error {
	if err := tx.writing(); err != nil {
		return err
	}
	tx.fill(releaseRecord, space, key)
	return tx.fails(tx.write(putRecord, space, key, filled(value)))
}

func (tx *transaction) Delete(space, key string) error {
	if err := tx.writing(); err != nil {
		return err
	}
	return tx.fails(tx.write(deleteRecord, space, key))
}

func (tx *transaction) Range(space, from, until string, limit int) ([]journal.Record, error) {
	rows, err := list(tx, rangeRecords, func(r *journal.Record) []any {
		return []any{textColumn{&r.Key}, octetsColumn{&r.Value}}
	}, space, from, until, until, bounded(limit))
	var out []journal.Record
	for _, r := range rows {
		out = append(out, *r)
	}
	return out, err
}
