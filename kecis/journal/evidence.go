package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Evidence is every signed document as it was on the wire, and a chain over
// their digests. Rows are chained after their commit, by one sealer at a time,
// so that the chain's head is no lock on the way of a payment (P16).
type Evidence interface {
	// PutDocument keeps a document under its SHA-256 digest, which it returns.
	// Keeping one twice is the same as keeping it once.
	PutDocument(document []byte) (Digest, error)
	// Document returns a document, or ErrNotFound if there is none or it was
	// erased.
	Document(d Digest) ([]byte, error)
	// EraseDocument erases a document; its digest stays in the chain.
	EraseDocument(d Digest) error

	// AddEvidence adds a row, whose Number and Link are not yet set.
	AddEvidence(e *Exhibit) error
	// ChainEvidence numbers and links at most limit rows that are not yet in the
	// chain, in the order in which they were added, and returns how many. Only one
	// transaction at a time does so. A store that commits one transaction after the
	// other may chain at the commit; then there is nothing left to do.
	ChainEvidence(limit int) (int, error)
	// ListEvidence returns chained rows with numbers above after, ascending.
	ListEvidence(after int64, limit int) ([]*Exhibit, error)
}

// Exhibit is a row of evidence: one signed document, and who signed it.
type Exhibit struct {
	// Number is the place in the chain, from 1 without gaps; 0 before it has one.
	Number int64
	At     time.Time
	// Sent says that the document was sent, else it was received.
	Sent bool
	// Peer is the entityID of the other party.
	Peer string
	// MessageID and Kind are those of the message.
	MessageID, Kind string
	// Document is the digest of the document as it was on the wire.
	Document Digest
	// Signer is the SHA-256 of the SubjectPublicKeyInfo of the key that signed.
	Signer Digest
	// Serial is that of the signer's metadata; 0 if it is not known.
	Serial int64
	// Link is the chain's value after this row.
	Link Digest
}

// Chain returns the chain's value after the row e, of which all but Link is set,
// behind the value before. Lengths stand before texts, so that no two rows are
// written alike.
func Chain(before Digest, e *Exhibit) Digest {
	buf := make([]byte, 0, 512)
	buf = append(buf, before[:]...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(e.Number))
	buf = binary.BigEndian.AppendUint64(buf, uint64(e.At.UnixMilli()))
	if e.Sent {
		buf = append(buf, 1)
	} else {
		buf = append(buf, 0)
	}
	for _, text := range []string{e.Peer, e.MessageID, e.Kind} {
		buf = binary.BigEndian.AppendUint32(buf, uint32(len(text)))
		buf = append(buf, text...)
	}
	buf = append(buf, e.Document[:]...)
	buf = append(buf, e.Signer[:]...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(e.Serial))
	return sha256.Sum256(buf)
}
