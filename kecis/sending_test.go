package kecis_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

// TestSend: a request under a key is there before its first byte leaves, goes out
// again as it was, and is reversed by the key.
func TestSend(t *testing.T) {
	m := newMarket(t)
	const key = "hold-1"
	once := func(tx journal.Tx) error { return tx.Add("test", key, []byte("sent")) }
	send := func() (kecis.Message, error) {
		p := m.order("ORD-0001", kecis.CaptureManual)
		return m.client.Send(t.Context(), key, &kecis.Forward{To: pgID, Message: p}, once)
	}
	m.network.Fault(func(*http.Request) kecistest.Fault {
		if _, _, err := m.client.Sent(t.Context(), key); err != nil {
			t.Errorf("it leaves before it is written down: %v", err)
		}
		return kecistest.Delivered
	})
	first, err := send()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := send(); !errors.Is(err, journal.ErrExists) {
		t.Errorf("a second request under the key: %v", err)
	}
	again, err := m.client.Again(t.Context(), key)
	if err != nil || kecis.HeaderOf(again).ID != kecis.HeaderOf(first).ID || m.bank.calls != 1 {
		t.Errorf("again: %+v, %v, %d calls", again, err, m.bank.calls)
	}
	if err := m.client.ReverseKey(t.Context(), key, kecis.ReasonNoAnswer); err != nil || len(m.bank.paid) != 0 {
		t.Errorf("reversed: %v, %d are left", err, len(m.bank.paid))
	}
}

// TestSendRefused: what the caller refuses is not sent.
func TestSendRefused(t *testing.T) {
	m := newMarket(t)
	refused := errors.New("not this one")
	p := m.order("ORD-0001", kecis.CaptureManual)
	_, err := m.client.Send(t.Context(), "hold-1", &kecis.Forward{To: pgID, Message: p}, func(journal.Tx) error { return refused })
	if !errors.Is(err, refused) || m.bank.calls != 0 {
		t.Errorf("%v, %d calls", err, m.bank.calls)
	}
	if _, _, err := m.client.Sent(t.Context(), "hold-1"); !errors.Is(err, kecis.ErrNotSent) {
		t.Errorf("it stands in the journal: %v", err)
	}
}
