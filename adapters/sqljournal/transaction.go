package sqljournal

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"

	"github.com/kecis/sdk/kecis/journal"
)

// session is a transaction of the database.
type session interface {
	// exec runs a statement and returns how many rows it wrote.
	exec(s statement, values ...any) (int64, error)
	// insert is exec of an insertion that does nothing if its key is taken. A
	// session may say that it has inserted before it knows; if it has not, it takes
	// care that the change runs again.
	insert(s statement, values ...any) (int64, error)
	// write runs a statement of which it is known what it will write. It may run
	// later, but before whatever else is run; its error comes then.
	write(s statement, values ...any) error
	// query runs a statement and calls row for each of its rows, which are to be
	// scanned into fields.
	query(s statement, fields []any, row func() error, values ...any) error
	// flush runs what was put off.
	flush() error
	// tx is the transaction itself; nil if the session cannot yet give it, and takes
	// care that the change runs again.
	tx() *sql.Tx
}

var errEnded = errors.New("sqljournal: the transaction has ended")

// transaction is one call of a change or a reading.
type transaction struct {
	session

	// counters are those of a store that commits one transaction after the other,
	// which numbers rows as they are inserted; nil for others.
	counters *counters
	writes   bool
	ended    bool
	// fault is the first error of the database: nothing goes on behind it.
	fault error

	// seen are the rows that were read by their key, and so are locked: requests
	// with their epochs, the others with 0.
	seen map[rowKey]int64
	// documents that were put, before they are written.
	documents []document
	// held are the rows that only lock a key; they go at the end.
	held []placeholder
}

// rowKey is the key of a row among those of its kind.
type rowKey struct {
	kind        statement // which reads the row
	first, last string
}

// document is one that was put, with the time of the youngest evidence for it.
type document struct {
	digest journal.Digest
	octets []byte
	latest int64
}

var _ journal.Tx = (*transaction)(nil)

// SQL returns the database's transaction in which a change or a reading runs, so
// that a service's own rows are committed with the journal's; false if tx is of
// another store. It is not the caller's to commit or roll back. Statements in it
// should be short, since others may wait for the same commit; an error of one is
// to be returned by the change.
//
// A change that gets false returns an error. PostgreSQL gives it the first time
// that a journal is asked, and then runs the change once more.
func SQL(tx journal.Tx) (*sql.Tx, bool) {
	own, ok := tx.(*transaction)
	if !ok || own.ended || own.fault != nil {
		return nil, false
	}
	if own.fails(own.settle()) != nil {
		return nil, false
	}
	open := own.tx()
	return open, open != nil
}

// reading refuses what comes after the end or after a fault.
func (tx *transaction) reading() error {
	if tx.ended {
		return errEnded
	}
	return tx.fault
}

// writing refuses that as well, and writes of a View.
func (tx *transaction) writing() error {
	if !tx.ended && !tx.writes {
		return journal.ErrReadOnly
	}
	return tx.reading()
}

// fails remembers a fault of the database.
func (tx *transaction) fails(err error) error {
	if err != nil && tx.fault == nil {
		tx.fault = err
	}
	return err
}

// settle writes what was put off.
func (tx *transaction) settle() error {
	if err := tx.writeDocuments(); err != nil {
		return err
	}
	return tx.flush()
}

func (tx *transaction) writeDocuments() error {
	for i := range tx.documents {
		doc := &tx.documents[i]
		if err := tx.write(insertDocument, doc.digest[:], doc.octets, doc.latest); err != nil {
			return err
		}
	}
	tx.documents = nil
	return nil
}

// finish writes what was put off, as far as the session does not put it off to
// the commit, and takes away the rows that only locked a key.
func (tx *transaction) finish() error {
	for _, row := range tx.held {
		if err := tx.write(row.statement, row.first, row.last); err != nil {
			return err
		}
	}
	tx.held = nil
	return tx.writeDocuments()
}

// insert runs the insertion of a row whose key may be taken.
func (tx *transaction) insert(s statement, values ...any) error {
	if err := tx.writing(); err != nil {
		return err
	}
	switch n, err := tx.session.insert(s, values...); {
	case err != nil:
		return tx.fails(err)
	case n == 0:
		return journal.ErrExists
	}
	return nil
}

// replace writes a row. One that was read before is there, since it is locked.
func (tx *transaction) replace(key rowKey, s statement, values ...any) error {
	if err := tx.writing(); err != nil {
		return err
	}
	if _, seen := tx.seen[key]; seen {
		return tx.fails(tx.write(s, values...))
	}
	switch n, err := tx.exec(s, values...); {
	case err != nil:
		return tx.fails(err)
	case n == 0:
		return journal.ErrNotFound
	}
	return nil
}

// one reads a row by its key, or returns ErrNotFound.
func (tx *transaction) one(s statement, fields []any, values ...any) error {
	if err := tx.reading(); err != nil {
		return err
	}
	found := false
	if err := tx.query(s, fields, func() error { found = true; return nil }, values...); err != nil {
		return tx.fails(err)
	}
	if !found {
		return journal.ErrNotFound
	}
	return nil
}

// lock remembers a row that was read by its key.
func (tx *transaction) lock(key rowKey, epoch int64) {
	if !tx.writes {
		return
	}
	if tx.seen == nil {
		tx.seen = map[rowKey]int64{}
	}
	tx.seen[key] = epoch
}

// list reads rows into new values, of which fields names the places.
func list[V any](tx *transaction, s statement, fields func(*V) []any, values ...any) ([]*V, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	var out []*V
	var row V
	err := tx.query(s, fields(&row), func() error {
		copied := row
		out = append(out, &copied)
		return nil
	}, values...)
	return out, tx.fails(err)
}

// PutDocument keeps the document until the end of the change, since evidence for
// it mostly follows.
func (tx *transaction) PutDocument(text []byte) (journal.Digest, error) {
	d := sha256.Sum256(text)
	if err := tx.writing(); err != nil {
		return d, err
	}
	for i := range tx.documents {
		if tx.documents[i].digest == d {
			return d, nil
		}
	}
	tx.documents = append(tx.documents, document{digest: d, octets: filled(text)})
	return d, nil
}

func (tx *transaction) Document(d journal.Digest) ([]byte, error) {
	if err := tx.reading(); err != nil {
		return nil, err
	}
	for i := range tx.documents {
		if tx.documents[i].digest == d {
			return bytes.Clone(tx.documents[i].octets), nil
		}
	}
	var text []byte
	var latest int64
	err := tx.one(selectDocument, []any{octetsColumn{&text}, number(&latest)}, d[:])
	return text, err
}

func (tx *transaction) EraseDocument(d journal.Digest) error {
	if err := tx.writing(); err != nil {
		return err
	}
	if err := tx.settle(); err != nil {
		return tx.fails(err)
	}
	_, err := tx.exec(deleteDocument, d[:])
	return tx.fails(err)
}
