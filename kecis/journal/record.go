package journal

import "time"

// Records are the service's own rows: what must be committed together with a
// claim or an answer, as the postings of a ledger. A service with tables of its
// own joins the transaction in the way its store offers.
type Records interface {
	// Get returns the value under a key, or ErrNotFound. In Update the key is
	// locked even where there is no value.
	Get(space, key string) ([]byte, error)
	// Peek is Get without the lock: another may change the value before the
	// commit. It is for what many requests look at and few change.
	Peek(space, key string) ([]byte, error)
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
	// Answers: recorded answers sealed before then are forgotten: their Answer
	// becomes zero. That they were given, and their code, stays; their documents
	// are evidence and go with it.
	Answers time.Time
	// Transactions: a transaction that last changed before then, on which no
	// request works and that is not due, is deleted with its events, with what was
	// sent under its Key, and with its order once that has no other transaction.
	// Requests claimed and sealed before then, and tombstones, are deleted with
	// what was sent under their Key once there is no such transaction. What was
	// sent under no key, ended and is not due, goes by its Created.
	Transactions time.Time
	// Evidence: documents of evidence older than that are erased, unless a younger
	// row names them too; the chain stays.
	Evidence time.Time
}
