package journal

import "time"

// Records are the service's own rows: what must be committed together with a
// claim or an answer, as the postings of a ledger. A service with tables of its
// own joins the transaction in the way its store offers.
type Records interface {
	// Get returns the value under a key, or ErrNotFound. In Update the key is
	// locked even where there is no value.
	Get(space, key string) ([]byte, error)
	// Add writes a value under a new key; ErrExists if the key is taken.
	Add(space, key string, value []byte) error
	// Put writes a value under a key, new or not.
	Put(space, key string, value []byte) error
	// Delete forgets a key; it is no error if there is none.
	Delete(space, key string) error
	// Range returns the records of a space with from <= key < until, ascending;
	// an until of "" is no bound.
	Range(space, from, until string, limit int) ([]Record, error)
}

// Record is a row of a service.
type Record struct {
	Key   string
	Value []byte
}

// Retention says what may be forgotten (P16). A zero time forgets nothing.
type Retention struct {
	// Answers: the documents of recorded answers sealed before then are
	// forgotten; that they were given, and their code, stays.
	Answers time.Time
	// Transactions: transactions that ended before then, their requests, what
	// was sent for them and their events are deleted.
	Transactions time.Time
	// Evidence: documents of evidence older than that are erased; the chain stays.
	Evidence time.Time
}
