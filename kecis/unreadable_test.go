package kecis_test

import (
	"bytes"
	"errors"
	"strings"
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
	m.notKept(t, bad, number)
}

// TestCardInTextIsNotKept: the number of a card in a text that people write.
func TestCardInTextIsNotKept(t *testing.T) {
	m := newMarket(t)
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	const number = "4000 0012 0000 0016"
	p.Payee.Name = number
	if _, err := m.client.Pay(t.Context(), p); !errors.Is(err, kecis.ErrCardInText) || strings.Contains(err.Error(), "0016") {
		t.Errorf("it was signed: %v", err)
	}
	m.notKept(t, m.resigned(t, m.signed(t, m.order("ORD-0001", kecis.CaptureAutomatic)), `Name="꽃집"`, `Name="`+number+`"`), number)
}

// TestCardInUpstreamText: what a system behind the service says of a card's number
// is left out of the answer.
func TestCardInUpstreamText(t *testing.T) {
	m := newMarket(t)
	m.bank.pay = func(kecis.Attempt, *kecis.PaymentRequest) error {
		return &kecis.Refusal{Code: kecis.ErrDeclinedLimit, Upstream: kecis.Upstream{System: "van", Code: "51", Text: "card 4000001200000016"}}
	}
	_, err := m.client.Pay(t.Context(), m.order("ORD-0001", kecis.CaptureAutomatic))
	f, ok := errors.AsType[*kecis.Fault](err)
	if !ok || f.Upstream.Code != "51" || f.Upstream.Text != "" {
		t.Errorf("it got %+v", err)
	}
}

// notKept posts a document that cannot be read, and looks for it.
func (m *market) notKept(t *testing.T, bad []byte, number string) {
	t.Helper()
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
