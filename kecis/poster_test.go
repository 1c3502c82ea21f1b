package kecis_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// bookkeeper is a bank that keeps books in the journal: a line for each change.
type bookkeeper struct {
	bank
	failures int
}

var errBooks = errors.New("the books are shut")

func (b *bookkeeper) Post(_ context.Context, tx journal.Tx, c *kecis.Change) error {
	if b.failures > 0 {
		b.failures--
		return errBooks
	}
	line := fmt.Sprintf("%v %d > %v %d %s %s", c.Before.State, c.Before.Taken(), c.After.State, c.After.Taken(), c.Payee, c.Owner)
	return tx.Add("books", fmt.Sprintf("%s/%06d", c.OrderRef.OrderID, c.Sequence), []byte(line))
}

// keepBooks puts a bookkeeper in the place of the market's bank.
func (m *market) keepBooks(t *testing.T) *bookkeeper {
	t.Helper()
	b := &bookkeeper{bank: bank{paid: map[string]*kecis.Approval{}, undone: map[string]bool{}}}
	m.bank = &b.bank
	var err error
	m.server, err = kecis.NewServer(kecis.ServerConfig{
		Entity: pgID, Endpoint: pgID, Keys: m.pg.Keys, Partners: metadata.Fixed(m.shop.Partner, m.pg.Partner), Journal: m.books,
		Role: kecistest.Role(metadata.PG), Payments: b, Captures: b, Cancellations: b, Clock: m.clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	m.network.Handle(pgID, m.server)
	return b
}

func (m *market) lines(t *testing.T) (lines []string) {
	t.Helper()
	err := m.books.View(t.Context(), func(tx journal.Tx) error {
		rows, err := tx.Range("books", "", "", 100)
		lines = nil
		for _, r := range rows {
			lines = append(lines, string(r.Value))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestPost: every change of state or amounts comes to the books, whatever makes
// it.
func TestPost(t *testing.T) {
	m := newMarket(t)
	b := m.keepBooks(t)
	paid := func(id string, capture kecis.Capture) *kecis.PaymentRequest {
		p := m.order(id, capture)
		if _, err := m.client.Pay(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	const who = " https://shop.example/kecis https://shop.example/kecis"
	p := paid("ORD-0001", kecis.CaptureAutomatic)
	want := []string{" 0 > captured 50000" + who}
	x := m.client.NewCancellation(pgID)
	x.OrderRef, x.Original = p.OrderRef, kecis.Original{RequestID: p.ID}
	x.Amount, x.Tax, x.Scope, x.Reason = kecis.Won(10_000), kecis.Tax{TaxFree: 10_000}, kecis.CancelPart, kecis.ReasonBuyer
	x.ExpectedBalance = 50_000
	if _, err := m.client.Cancel(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	want = append(want, "captured 50000 > captured 40000"+who)

	reversed := paid("ORD-0002", kecis.CaptureAutomatic)
	if _, err := m.client.Reverse(t.Context(), reversed.ID, kecis.ReasonFailure); err != nil {
		t.Fatal(err)
	}
	want = append(want, " 0 > captured 50000"+who, "captured 50000 > resolving 0"+who, "resolving 0 > reversed 0"+who)

	b.approval = kecis.Approval{HoldExpires: m.clock.Now().Add(time.Hour)}
	paid("ORD-0003", kecis.CaptureManual)
	m.clock.Advance(time.Hour)
	m.work(t)
	want = append(want, " 0 > authorised 0"+who, "authorised 0 > expired 0"+who)
	if diff := cmp.Diff(want, m.lines(t)); diff != "" {
		t.Error(diff)
	}
}

// TestPostFails: where the books cannot be written, nothing is said to be done,
// and both come later.
func TestPostFails(t *testing.T) {
	m := newMarket(t)
	b := m.keepBooks(t)
	b.failures = 1
	p := m.order("ORD-0001", kecis.CaptureAutomatic)
	_, err := m.client.Pay(t.Context(), p)
	if f, ok := errors.AsType[*kecis.Fault](err); !ok || f.Outcome != kecis.Unknown {
		t.Fatalf("got %v", err)
	}
	if lines := m.lines(t); len(lines) != 0 {
		t.Errorf("the books say %q", lines)
	}
	m.clock.Advance(time.Minute)
	m.work(t)
	found, err := m.client.Inquire(t.Context(), pgID, kecis.Original{RequestID: p.ID})
	if err != nil {
		t.Fatal(err)
	}
	if lines := m.lines(t); len(lines) == 0 || found.Transaction.State != kecis.StateReversed {
		t.Errorf("%v, and the books say %q", found.Transaction.State, lines)
	}
}
