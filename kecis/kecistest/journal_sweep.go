package kecistest

import (
	"cmp"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// Sweep looks at every row, unlike the other calls: it is made once a day.
func (tx *transaction) Sweep(r journal.Retention, limit int) (int, error) {
	if err := tx.writing(); err != nil {
		return 0, err
	}
	limit = max(0, limit)
	return tx.sweepAnswers(r.Answers, limit) +
		tx.sweepTransactions(r.Transactions, limit) +
		tx.sweepRequests(r.Transactions, limit) +
		tx.sweepSent(r.Transactions, limit) +
		tx.sweepDocuments(r.Evidence, limit), nil
}

func (tx *transaction) sweepAnswers(before time.Time, limit int) (n int) {
	for _, r := range tx.requests.all(byRequestClaimed) {
		if n < limit && r.Answer != (journal.Digest{}) && !r.Sealed.IsZero() && r.Sealed.Before(before) {
			r.Answer = journal.Digest{}
			tx.requests.put(tx, messageKey{r.Sender, r.ID}, r)
			n++
		}
	}
	return n
}

// sweepTransactions deletes what nothing works on and nothing will, with events,
// what was sent for it, and its order once that has no other transaction.
func (tx *transaction) sweepTransactions(before time.Time, limit int) (n int) {
	swept := 0
	for _, t := range tx.transactions.all(byTransactionCreated) {
		if swept >= limit || !t.Due.IsZero() || t.Busy != "" || !t.Changed.Before(before) {
			continue
		}
		swept++
		tx.transactions.put(tx, t.ID, nil)
		n += 1 + tx.deleteEvents(t.ID) + tx.deleteSent(t.Key) + tx.deleteOrder(t)
	}
	return n
}

func (tx *transaction) deleteEvents(id string) (n int) {
	events := tx.events.take(eventsByTransaction, &journal.Event{Transaction: id}, len(tx.events.rows),
		func(e *journal.Event) bool { return e.Transaction == id })
	for _, e := range events {
		tx.events.put(tx, e.ID, nil)
	}
	return len(events)
}

func (tx *transaction) deleteSent(key string) (n int) {
	if key == "" {
		return 0
	}
	sent := tx.sent.take(sentByKey, &journal.Sent{Key: key}, len(tx.sent.rows),
		func(s *journal.Sent) bool { return s.Key == key })
	for _, s := range sent {
		tx.sent.put(tx, messageKey{s.Recipient, s.ID}, nil)
	}
	return len(sent)
}

func (tx *transaction) deleteOrder(t *journal.Transaction) int {
	key := orderKey{t.Requester, t.OrderID}
	order, ok := tx.orders.rows[key]
	if !ok {
		return 0
	}
	for _, part := range order.Parts {
		if _, there := tx.transactions.rows[part.Transaction]; there {
			return 0
		}
	}
	tx.orders.put(tx, key, nil)
	return 1
}

// sweepRequests deletes those whose transaction is gone, or that had none.
func (tx *transaction) sweepRequests(before time.Time, limit int) (n int) {
	swept := 0
	for _, r := range tx.requests.all(byRequestClaimed) {
		_, needed := tx.transactions.rows[r.Transaction]
		if swept >= limit || needed || r.State == journal.Running || !r.Due.IsZero() ||
			!r.Claimed.Before(before) || !r.Sealed.Before(before) {
			continue
		}
		swept++
		tx.requests.put(tx, messageKey{r.Sender, r.ID}, nil)
		n += 1 + tx.deleteSent(r.Key)
	}
	return n
}

// sweepSent deletes what was sent for no operation.
func (tx *transaction) sweepSent(before time.Time, limit int) (n int) {
	for _, s := range tx.sent.all(bySentCreated) {
		if n < limit && s.Key == "" && s.State == journal.Ended && s.Due.IsZero() && s.Created.Before(before) {
			tx.sent.put(tx, messageKey{s.Recipient, s.ID}, nil)
			n++
		}
	}
	return n
}

// sweepDocuments goes along the chain.
func (tx *transaction) sweepDocuments(before time.Time, limit int) (n int) {
	for n < limit && tx.swept < tx.chained && tx.evidence[tx.swept].At.Before(before) {
		digest := tx.evidence[tx.swept].Document
		if doc, ok := tx.documents[digest]; ok && doc.latest < before.UnixMilli() {
			tx.setDocument(digest, nil)
		}
		setInt(tx, &tx.swept, tx.swept+1)
		n++
	}
	return n
}

func byRequestClaimed(a, b *journal.Request) int {
	return cmp.Or(a.Claimed.Compare(b.Claimed), byRequestKey(a, b))
}

func byTransactionCreated(a, b *journal.Transaction) int {
	return cmp.Or(a.Created.Compare(b.Created), byTransactionID(a, b))
}

func bySentCreated(a, b *journal.Sent) int {
	return cmp.Or(a.Created.Compare(b.Created), bySentKey(a, b))
}
