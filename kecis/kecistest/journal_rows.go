package kecistest

import (
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// The places of the indices in their tables.
const (
	requestsByDue = iota
)

const (
	transactionsByDue = iota
	transactionsByOwner
)

const (
	sentByDue = iota
	sentByKey
)

func (tx *transaction) InsertRequest(r *journal.Request) error {
	return tx.requests.insert(tx, messageKey{r.Sender, r.ID}, r)
}

func (tx *transaction) Request(sender, id string) (*journal.Request, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	return tx.requests.get(messageKey{sender, id})
}

func (tx *transaction) UpdateRequest(r *journal.Request) error {
	if before, ok := tx.requests.rows[messageKey{r.Sender, r.ID}]; ok && before.Epoch != r.Epoch {
		return journal.ErrFenced
	}
	return tx.requests.update(tx, messageKey{r.Sender, r.ID}, r)
}

func (tx *transaction) ClaimRequest(r *journal.Request) error {
	if before, ok := tx.requests.rows[messageKey{r.Sender, r.ID}]; ok && before.Epoch != r.Epoch {
		return journal.ErrFenced
	}
	claimed := *r
	claimed.Epoch++
	if err := tx.requests.update(tx, messageKey{r.Sender, r.ID}, &claimed); err != nil {
		return err
	}
	r.Epoch = claimed.Epoch
	return nil
}

func (tx *transaction) DueRequests(now time.Time, limit int) ([]*journal.Request, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	return tx.requests.take(requestsByDue, nil, limit, func(r *journal.Request) bool { return !r.Due.After(now) }), nil
}

func (tx *transaction) InsertTransaction(t *journal.Transaction) error {
	return tx.transactions.insert(tx, t.ID, t)
}

func (tx *transaction) Transaction(id string) (*journal.Transaction, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	return tx.transactions.get(id)
}

func (tx *transaction) UpdateTransaction(t *journal.Transaction) error {
	return tx.transactions.update(tx, t.ID, t)
}

func (tx *transaction) DueTransactions(now time.Time, limit int) ([]*journal.Transaction, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	return tx.transactions.take(transactionsByDue, nil, limit, func(t *journal.Transaction) bool { return !t.Due.After(now) }), nil
}

func (tx *transaction) ListTransactions(owner string, from, until, after time.Time, afterID string, limit int) ([]*journal.Transaction, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	start := &journal.Transaction{Owner: owner, Created: from}
	// An ID with a zero octet at its end is the next one above it.
	if behind := (&journal.Transaction{Owner: owner, Created: after, ID: afterID + "\x00"}); byOwner(behind, start) > 0 {
		start = behind
	}
	return tx.transactions.take(transactionsByOwner, start, limit, func(t *journal.Transaction) bool {
		return t.Owner == owner && t.Created.Before(until)
	}), nil
}

func (tx *transaction) SumTransactions(owner string, from, until time.Time) ([]journal.Sum, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	sums := ordered[journal.Sum]{index: index[journal.Sum]{nil, byCurrency}}
	for _, t := range tx.transactions.indices[transactionsByOwner].from(&journal.Transaction{Owner: owner, Created: from}) {
		if t.Owner != owner || !t.Created.Before(until) {
			break
		}
		at := &journal.Sum{Currency: t.Currency}
		if found := sums.from(at); len(found) > 0 && found[0].Currency == t.Currency {
			at = found[0]
		} else {
			sums.add(at)
		}
		at.Count++
		if t.Captured > 0 || t.Cancelled > 0 || t.Cancellable > 0 {
			at.Approved += t.Amount
		}
		at.Captured += t.Captured
		at.Cancelled += t.Cancelled
	}
	var out []journal.Sum
	for _, sum := range sums.rows {
		out = append(out, *sum)
	}
	return out, nil
}

func (tx *transaction) Order(requester, id string) (*journal.Order, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	if order, err := tx.orders.get(orderKey{requester, id}); err == nil {
		return order, nil
	}
	return &journal.Order{Requester: requester, OrderID: id}, nil
}

func (tx *transaction) PutOrder(o *journal.Order) error {
	if err := tx.writing(); err != nil {
		return err
	}
	tx.orders.put(tx, orderKey{o.Requester, o.OrderID}, o)
	return nil
}

func (tx *transaction) InsertSent(s *journal.Sent) error {
	return tx.sent.insert(tx, messageKey{s.Recipient, s.ID}, s)
}

func (tx *transaction) Sent(recipient, id string) (*journal.Sent, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	return tx.sent.get(messageKey{recipient, id})
}

func (tx *transaction) SentByKey(key string) ([]*journal.Sent, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	return tx.sent.take(sentByKey, &journal.Sent{Key: key}, len(tx.sent.rows), func(s *journal.Sent) bool { return s.Key == key }), nil
}

func (tx *transaction) UpdateSent(s *journal.Sent) error {
	return tx.sent.update(tx, messageKey{s.Recipient, s.ID}, s)
}

func (tx *transaction) DueSent(now time.Time, limit int) ([]*journal.Sent, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	return tx.sent.take(sentByDue, nil, limit, func(s *journal.Sent) bool { return !s.Due.After(now) }), nil
}
