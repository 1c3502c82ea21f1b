package kecis_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// TestUnreadableIsNotKept: of a signed request that cannot be read, which may hold
// anything, the evidence has the digest, and the store not the document.
func TestUnreadableIsNotKept(t *testing.T) {
	m := newMarket(t)
	const number = "4000001200000016"
	good := m.signed(t, m.order("ORD-0001", kecis.CaptureAutomatic))
	bad := m.resigned(t, good, `<kecis:Instrument `, number+`<kecis:Instrument `)
	if answer := m.post(t, bad); answer.Status.Outcome != kecis.NotDone {
		t.Fatalf("answered %+v", answer.Status)
	}
	m.work(t) // the evidence is chained
	err := m.books.View(t.Context(), func(tx journal.Tx) error {
		rows, err := tx.ListEvidence(0, 10)
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows of evidence, %v", len(rows), err)
		}
		if _, err := tx.Document(rows[0].Document); !errors.Is(err, journal.ErrNotFound) {
			t.Errorf("the request is kept: %v", err)
		}
		answer, err := tx.Document(rows[1].Document)
		if bytes.Contains(answer, []byte(number)) {
			t.Error("the answer repeats the number")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := journal.VerifyChain(t.Context(), m.books)
	if err != nil || v.Broken != 0 || v.Rows != 2 || v.Erased != 1 {
		t.Errorf("the chain: %+v, %v", v, err)
	}
}
