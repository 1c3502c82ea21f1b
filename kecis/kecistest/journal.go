package kecistest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/kecis/sdk/kecis/journal"
)

// Journal keeps a journal in memory and forgets it with the process: a provider
// on it would charge twice after a restart, so it is for tests only. It gives
// the same answers for the same calls in the same order: nothing in it depends
// on the order of a map, on time or on chance. A call costs what the rows cost
// that it touches, whatever the journal holds.
//
// The hooks are set before the journal is used.
type Journal struct {
	// BeforeCommit, if set, is called when a change has run without error. If it
	// returns an error, nothing is applied, and Update returns that error: a crash
	// before the commit. It runs inside the transaction: it must not call the
	// journal or wait.
	BeforeCommit func() error
	// AfterCommit, if set, is called once a change is applied and the journal is
	// free again. If it returns an error, Update returns it together with
	// journal.ErrUncertain: a crash after the commit.
	AfterCommit func() error
	// Conflict, if set, is asked when a change has run without error. While it
	// says yes, the change is undone and runs again, as stores do that meet a
	// conflict. As BeforeCommit, it runs inside the transaction.
	Conflict func() bool

	mu           sync.Mutex
	requests     table[messageKey, journal.Request]
	transactions table[string, journal.Transaction]
	orders       table[orderKey, journal.Order]
	sent         table[messageKey, journal.Sent]
	events       table[string, journal.Event]
	records      table[recordKey, record]
	documents    map[journal.Digest]document
	evidence     []*journal.Exhibit
	chained      int      // of evidence, how many are in the chain
	swept        int      // of evidence, how many have had their documents erased
	unsequenced  []string // IDs of events, in the order of their insertion
	cursor       int64
}

// messageKey is a partner's entityID and the ID of a message to or from it.
type messageKey struct{ entity, id string }

type orderKey struct{ requester, id string }

type recordKey struct{ space, key string }

type record struct {
	space, key string
	value      []byte
}

// document is kept for the youngest row of evidence that names it.
type document struct {
	octets []byte
	latest int64 // milliseconds
}

var errEnded = errors.New("kecistest: the transaction has ended")

// NewJournal returns an empty journal.
func NewJournal() *Journal {
	return &Journal{
		requests: newTable[messageKey](cloneRequest, index[journal.Request]{requestIsDue, byRequestDue}),
		transactions: newTable[string](cloneTransaction,
			index[journal.Transaction]{transactionIsDue, byTransactionDue},
			index[journal.Transaction]{stated, byOwner}),
		orders: newTable[orderKey](cloneOrder),
		sent: newTable[messageKey](cloneSent,
			index[journal.Sent]{sentIsDue, bySentDue},
			index[journal.Sent]{hasKey, byKey}),
		events: newTable[string](cloneEvent,
			index[journal.Event]{isSequenced, byCursor},
			index[journal.Event]{eventIsDue, byCursorAlone},
			index[journal.Event]{nil, byTransaction}),
		records:   newTable[recordKey](cloneRecord, index[record]{nil, byRecordKey}),
		documents: map[journal.Digest]document{},
	}
}

// Update runs change alone: no other call sees or disturbs it.
func (j *Journal) Update(ctx context.Context, change func(journal.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := j.apply(change); err != nil {
		return err
	}
	if j.AfterCommit != nil {
		if err := j.AfterCommit(); err != nil {
			return fmt.Errorf("%w: %w", journal.ErrUncertain, err)
		}
	}
	return nil
}

// apply runs change until there is no conflict.
func (j *Journal) apply(change func(journal.Tx) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for {
		again, err := j.attempt(change)
		if !again {
			return err
		}
	}
}

// attempt runs change once, and undoes it if it fails, panics or is to run again.
func (j *Journal) attempt(change func(journal.Tx) error) (again bool, err error) {
	tx := &transaction{Journal: j, writes: true}
	kept := false
	defer func() {
		if !kept {
			tx.rollback()
		}
		tx.ended = true
	}()
	if err := change(tx); err != nil {
		return false, err
	}
	if j.Conflict != nil && j.Conflict() {
		return true, nil
	}
	if j.BeforeCommit != nil {
		if err := j.BeforeCommit(); err != nil {
			return false, err
		}
	}
	kept = true
	return false, nil
}

// View runs read while nothing is written.
func (j *Journal) View(ctx context.Context, read func(journal.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	tx := &transaction{Journal: j}
	defer func() { tx.ended = true }()
	return read(tx)
}

// transaction is one call of a change, with what takes it back.
type transaction struct {
	*Journal

	writes, ended bool
	undo          []func()
}

var _ journal.Tx = (*transaction)(nil)

func (tx *transaction) rollback() {
	for _, undo := range slices.Backward(tx.undo) {
		undo()
	}
}

// reading refuses what comes after the end.
func (tx *transaction) reading() error {
	if tx.ended {
		return errEnded
	}
	return nil
}

// writing refuses what comes after the end, and writes of a View.
func (tx *transaction) writing() error {
	if !tx.ended && !tx.writes {
		return journal.ErrReadOnly
	}
	return tx.reading()
}

// setInt changes a number of the journal, and back if the change is undone.
func setInt[N int | int64](tx *transaction, at *N, to N) {
	before := *at
	*at = to
	tx.undo = append(tx.undo, func() { *at = before })
}

func (tx *transaction) PutDocument(octets []byte) (journal.Digest, error) {
	digest := digestOf(octets)
	if err := tx.writing(); err != nil {
		return digest, err
	}
	if _, kept := tx.documents[digest]; !kept {
		tx.setDocument(digest, &document{octets: bytes.Clone(octets)})
	}
	return digest, nil
}

// setDocument writes a document, or forgets it.
func (tx *transaction) setDocument(digest journal.Digest, to *document) {
	before, kept := tx.documents[digest]
	if to == nil {
		delete(tx.documents, digest)
	} else {
		tx.documents[digest] = *to
	}
	tx.undo = append(tx.undo, func() {
		if kept {
			tx.documents[digest] = before
		} else {
			delete(tx.documents, digest)
		}
	})
}

func (tx *transaction) Document(digest journal.Digest) ([]byte, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	kept, ok := tx.documents[digest]
	if !ok {
		return nil, journal.ErrNotFound
	}
	return bytes.Clone(kept.octets), nil
}

func (tx *transaction) EraseDocument(digest journal.Digest) error {
	if err := tx.writing(); err != nil {
		return err
	}
	if _, kept := tx.documents[digest]; kept {
		tx.setDocument(digest, nil)
	}
	return nil
}
