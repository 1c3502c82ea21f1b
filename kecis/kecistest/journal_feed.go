package kecistest

import (
	"cmp"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

const (
	eventsByRecipient = iota
	eventsByDue
	eventsByTransaction
)

func (tx *transaction) InsertEvent(e *journal.Event) error {
	fresh := *e
	fresh.Cursor = 0
	if err := tx.events.insert(tx, e.ID, &fresh); err != nil {
		return err
	}
	before := tx.unsequenced
	tx.unsequenced = append(tx.unsequenced, e.ID)
	tx.undo = append(tx.undo, func() { tx.unsequenced = before })
	return nil
}

func (tx *transaction) UpdateEvent(e *journal.Event) error {
	row, err := tx.events.get(e.ID)
	if err != nil {
		return err
	}
	row.State, row.Due, row.Tries = e.State, e.Due, e.Tries
	return tx.events.update(tx, e.ID, row)
}

func (tx *transaction) SequenceEvents(limit int) (int, error) {
	if err := tx.writing(); err != nil {
		return 0, err
	}
	n := max(0, min(limit, len(tx.unsequenced)))
	before := tx.unsequenced
	for _, id := range before[:n] {
		event, err := tx.events.get(id)
		if err != nil {
			continue // swept
		}
		setInt(tx, &tx.cursor, tx.cursor+1)
		event.Cursor = tx.cursor
		tx.events.put(tx, id, event)
	}
	tx.unsequenced = before[n:]
	tx.undo = append(tx.undo, func() { tx.unsequenced = before })
	return n, nil
}

func (tx *transaction) ListEvents(recipient string, after int64, limit int) ([]*journal.Event, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	return tx.events.take(eventsByRecipient, &journal.Event{Recipient: recipient, Cursor: after + 1}, limit,
		func(e *journal.Event) bool { return e.Recipient == recipient }), nil
}

func (tx *transaction) DueEvents(now time.Time, limit int) ([]*journal.Event, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	var out []*journal.Event
	for _, e := range tx.events.indices[eventsByDue].rows {
		if len(out) >= limit {
			break
		}
		if !e.Due.After(now) && !tx.waitsForEarlier(e) {
			out = append(out, cloneEvent(e))
		}
	}
	return out, nil
}

// waitsForEarlier says whether an earlier event of the transaction is still to be
// delivered.
func (tx *transaction) waitsForEarlier(e *journal.Event) bool {
	for _, earlier := range tx.events.indices[eventsByTransaction].from(&journal.Event{Transaction: e.Transaction}) {
		if earlier.Transaction != e.Transaction || earlier.Sequence >= e.Sequence {
			return false
		}
		if earlier.State == journal.Waiting {
			return true
		}
	}
	return false
}

func (tx *transaction) AddEvidence(e *journal.Exhibit) error {
	if err := tx.writing(); err != nil {
		return err
	}
	row := cloneExhibit(e)
	row.Number, row.Link = 0, journal.Digest{}
	before := tx.evidence
	tx.evidence = append(tx.evidence, row)
	tx.undo = append(tx.undo, func() { tx.evidence = before })
	if doc, ok := tx.documents[e.Document]; ok && doc.latest < row.At.UnixMilli() {
		doc.latest = row.At.UnixMilli()
		tx.setDocument(e.Document, &doc)
	}
	return nil
}

func (tx *transaction) ChainEvidence(limit int) (int, error) {
	if err := tx.writing(); err != nil {
		return 0, err
	}
	var link journal.Digest
	if tx.chained > 0 {
		link = tx.evidence[tx.chained-1].Link
	}
	n := max(0, min(limit, len(tx.evidence)-tx.chained))
	for range n {
		at, before := tx.chained, tx.evidence[tx.chained]
		row := *before
		row.Number = int64(at) + 1
		link = journal.Chain(link, &row)
		row.Link = link
		tx.evidence[at] = &row
		tx.undo = append(tx.undo, func() { tx.evidence[at] = before })
		setInt(tx, &tx.chained, at+1)
	}
	return n, nil
}

func (tx *transaction) ListEvidence(after int64, limit int) ([]*journal.Exhibit, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	var out []*journal.Exhibit
	for at := max(0, after); at < int64(tx.chained) && len(out) < limit; at++ {
		out = append(out, cloneExhibit(tx.evidence[at]))
	}
	return out, nil
}

func (tx *transaction) Get(space, key string) ([]byte, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	row, err := tx.records.get(recordKey{space, key})
	if err != nil {
		return nil, err
	}
	return row.value, nil
}

func (tx *transaction) Peek(space, key string) ([]byte, error) { return tx.Get(space, key) }

func (tx *transaction) Add(space, key string, value []byte) error {
	return tx.records.insert(tx, recordKey{space, key}, &record{space, key, value})
}

func (tx *transaction) Put(space, key string, value []byte) error {
	if err := tx.writing(); err != nil {
		return err
	}
	tx.records.put(tx, recordKey{space, key}, &record{space, key, value})
	return nil
}

func (tx *transaction) Delete(space, key string) error {
	if err := tx.writing(); err != nil {
		return err
	}
	tx.records.put(tx, recordKey{space, key}, nil)
	return nil
}

func (tx *transaction) Range(space, from, until string, limit int) ([]journal.Record, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	var out []journal.Record
	for _, row := range tx.records.indices[0].from(&record{space: space, key: from}) {
		if row.space != space || until != "" && row.key >= until || len(out) >= limit {
			break
		}
		out = append(out, journal.Record{Key: row.key, Value: octets(row.value)})
	}
	return out, nil
}

func byCurrency(a, b *journal.Sum) int { return cmp.Compare(a.Currency, b.Currency) }

// AllRequests returns copies of all rows, ascending by (Sender, ID).
func (j *Journal) AllRequests() []*journal.Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.requests.all(byRequestKey)
}

// AllTransactions returns copies of all rows, ascending by ID.
func (j *Journal) AllTransactions() []*journal.Transaction {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.transactions.all(byTransactionID)
}

// AllOrders returns copies of all rows, ascending by (Requester, OrderID).
func (j *Journal) AllOrders() []*journal.Order {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.orders.all(byOrderKey)
}

// AllSent returns copies of all rows, ascending by (Recipient, ID).
func (j *Journal) AllSent() []*journal.Sent {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.sent.all(bySentKey)
}

// AllEvents returns copies of all rows, ascending by (Transaction, Sequence, ID).
func (j *Journal) AllEvents() []*journal.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.events.all(byTransaction)
}

// AllRecords returns copies of a space's records, ascending by key.
func (j *Journal) AllRecords(space string) []journal.Record {
	j.mu.Lock()
	defer j.mu.Unlock()
	tx := &transaction{Journal: j}
	out, _ := tx.Range(space, "", "", len(j.records.rows))
	return out
}

// AllEvidence returns copies of all rows in the order in which they were added,
// also of those that are not yet in the chain.
func (j *Journal) AllEvidence() []*journal.Exhibit {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]*journal.Exhibit, 0, len(j.evidence))
	for _, e := range j.evidence {
		out = append(out, cloneExhibit(e))
	}
	return slices.Clip(out)
}
