package journal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
)

// verifyPage is how many rows of evidence VerifyChain reads at a time, each with
// its document: some megabytes, and a reading that does not take long.
const verifyPage = 500

// Verification is what VerifyChain has found.
type Verification struct {
	// Rows are those that are in order, from the first on.
	Rows int64
	// Head is the link of the last of them, to be anchored outside of the store:
	// who has noted it finds later whether anything up to it was changed.
	Head Digest
	// Erased are the rows whose document is not there: erased by policy, or lost.
	Erased int64
	// Broken is the number of the first row that is not in order; 0 if all are.
	Broken int64
	// Reason says what is wrong with it, for a person.
	Reason string
}

// Anchor is a head that was noted earlier.
type Anchor struct {
	// Number is the row whose link it is.
	Number int64
	Link   Digest
}

// VerifyChain reads all evidence and its documents, and computes the chain anew.
// It finds a row that was edited, deleted, inserted or moved, and a document that
// is not the one whose digest stands in its row, and stops there. A chain that
// was computed anew after an edit, or cut at its end, is found by an anchor only.
// An error is one of the store, and says nothing about the evidence.
func VerifyChain(ctx context.Context, j Journal, anchors ...Anchor) (Verification, error) {
	v := Verification{}
	for {
		next, more := v, false
		err := j.View(ctx, func(tx Tx) (err error) {
			next, more = v, false // a reading may run again
			more, err = next.page(tx, anchors)
			return err
		})
		if err != nil {
			return v, err
		}
		v = next
		if !more {
			break
		}
	}
	for _, a := range anchors {
		if v.Broken == 0 && a.Number > v.Rows {
			v.Broken, v.Reason = v.Rows+1, fmt.Sprintf("the chain ends before row %d, whose link was anchored", a.Number)
		}
	}
	return v, nil
}

// page goes on behind the rows that are in order.
func (v *Verification) page(tx Tx, anchors []Anchor) (more bool, err error) {
	rows, err := tx.ListEvidence(v.Rows, verifyPage)
	if err != nil {
		return false, err
	}
	for _, e := range rows {
		reason, erased, err := v.row(tx, e, anchors)
		if err != nil {
			return false, err
		}
		if reason != "" {
			v.Broken, v.Reason = v.Rows+1, reason
			return false, nil
		}
		v.Rows, v.Head = e.Number, e.Link
		if erased {
			v.Erased++
		}
	}
	return len(rows) == verifyPage, nil
}

// row says what is wrong with a row, "" for nothing.
func (v *Verification) row(tx Tx, e *Exhibit, anchors []Anchor) (reason string, erased bool, err error) {
	if e.Number != v.Rows+1 {
		return fmt.Sprintf("the row is missing; the next is row %d", e.Number), false, nil
	}
	if want := Chain(v.Head, e); e.Link != want {
		return fmt.Sprintf("the row or its place was changed: its link is %x, its content gives %x", e.Link, want), false, nil
	}
	for _, a := range anchors {
		if a.Number == e.Number && a.Link != e.Link {
			return fmt.Sprintf("the chain was computed anew: its link is %x, anchored was %x", e.Link, a.Link), false, nil
		}
	}
	document, err := tx.Document(e.Document)
	switch {
	case errors.Is(err, ErrNotFound):
		return "", true, nil
	case err != nil:
		return "", false, err
	}
	if got := sha256.Sum256(document); got != e.Document {
		return fmt.Sprintf("the document was changed: its digest is %x, the row has %x", got, e.Document), false, nil
	}
	return "", false, nil
}
