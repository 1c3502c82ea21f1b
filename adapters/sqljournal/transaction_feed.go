package sqljournal

import (
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// counters are the numbers of the last event in the feed and of the last row in
// the chain, and that row's link.
type counters struct {
	cursor, number int64
	link           journal.Digest

	read                       bool
	storedCursor, storedNumber int64
}

// count reads the counters of a store that numbers rows as they are inserted.
func (tx *transaction) count() error {
	if tx.counters == nil || tx.counters.read {
		return nil
	}
	var events, chain counters
	if err := tx.one(selectState, []any{number(&events.number), digestColumn{&events.link}}, "cursor"); err != nil {
		return tx.fails(err)
	}
	if err := tx.one(selectState, []any{number(&chain.number), digestColumn{&chain.link}}, "chain"); err != nil {
		return tx.fails(err)
	}
	*tx.counters = counters{cursor: events.number, number: chain.number, link: chain.link,
		read: true, storedCursor: events.number, storedNumber: chain.number}
	return nil
}

func (tx *transaction) InsertEvent(e *journal.Event) error {
	if err := tx.count(); err != nil {
		return err
	}
	cursor := int64(0)
	if tx.counters != nil {
		cursor = tx.counters.cursor + 1
	}
	err := tx.insert(insertEvent, eventValues(e, cursor)...)
	if err == nil && tx.counters != nil {
		tx.counters.cursor = cursor
	}
	return err
}

func (tx *transaction) UpdateEvent(e *journal.Event) error {
	return tx.replace(rowKey{}, updateEvent, int64(e.State), milliseconds(e.Due), int64(e.Tries), e.ID)
}

// SequenceEvents holds the row of the last cursor until the commit, so that there
// is one sequencer and cursors come to be seen in their order.
func (tx *transaction) SequenceEvents(limit int) (int, error) {
	if err := tx.writing(); err != nil || tx.counters != nil {
		return 0, err
	}
	var last counters
	if err := tx.one(selectState, []any{number(&last.cursor), digestColumn{&last.link}}, "cursor"); err != nil {
		return 0, err
	}
	rows, err := list(tx, newEvents, func(seq *int64) []any { return []any{number(seq)} }, bounded(limit))
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	for _, seq := range rows {
		last.cursor++
		if err := tx.write(sequenceEvent, last.cursor, *seq); err != nil {
			return 0, tx.fails(err)
		}
	}
	return len(rows), tx.fails(tx.write(updateState, last.cursor, nil, "cursor"))
}

func (tx *transaction) ListEvents(recipient string, after int64, limit int) ([]*journal.Event, error) {
	return list(tx, listEvents, eventFields, recipient, after, bounded(limit))
}

func (tx *transaction) DueEvents(now time.Time, limit int) ([]*journal.Event, error) {
	return list(tx, dueEvents, eventFields, milliseconds(now), bounded(limit))
}

func (tx *transaction) AddEvidence(e *journal.Exhibit) error {
	if err := tx.writing(); err != nil {
		return err
	}
	if err := tx.count(); err != nil {
		return err
	}
	row := *e
	row.Number, row.Link = 0, journal.Digest{}
	at := milliseconds(e.At)
	row.At = time.Time{}
	if at > 0 {
		row.At = time.UnixMilli(at)
	}
	for i := range tx.documents {
		if doc := &tx.documents[i]; doc.digest == e.Document {
			doc.latest = max(doc.latest, at)
		}
	}
	if c := tx.counters; c != nil {
		c.number++
		row.Number = c.number
		c.link = journal.Chain(c.link, &row)
		row.Link = c.link
	}
	return tx.fails(tx.write(insertEvidence, exhibitValues(&row)...))
}

// ChainEvidence holds the row of the chain's head until the commit.
func (tx *transaction) ChainEvidence(limit int) (int, error) {
	if err := tx.writing(); err != nil || tx.counters != nil {
		return 0, err
	}
	var head counters
	if err := tx.one(selectState, []any{number(&head.number), digestColumn{&head.link}}, "chain"); err != nil {
		return 0, err
	}
	type numbered struct {
		journal.Exhibit

		seq int64
	}
	rows, err := list(tx, newEvidence, func(n *numbered) []any {
		return append([]any{number(&n.seq)}, exhibitFields(&n.Exhibit)...)
	}, bounded(limit))
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	for _, row := range rows {
		head.number++
		row.Number = head.number
		head.link = journal.Chain(head.link, &row.Exhibit)
		link := head.link
		if err := tx.write(chainEvidence, head.number, link[:], row.seq); err != nil {
			return 0, tx.fails(err)
		}
	}
	return len(rows), tx.fails(tx.write(updateState, head.number, digest(&head.link), "chain"))
}

func (tx *transaction) ListEvidence(after int64, limit int) ([]*journal.Exhibit, error) {
	return list(tx, listEvidence, exhibitFields, after, bounded(limit))
}
