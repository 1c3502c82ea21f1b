package sqljournal_test

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal/postgrestest"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

// TestAmountAuthentication runs the engine of amount authentication on both stores,
// with two servers on one.
func TestAmountAuthentication(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		url := "sqlite:" + filepath.Join(t.TempDir(), "journal.db")
		authenticates(t, open(t, url), open(t, url))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		url := postgrestest.Start(t).Database(t)
		authenticates(t, open(t, url), open(t, url))
	})
}

// holder is an issuer whose holds the buyer reads.
type holder struct {
	mu       sync.Mutex
	amounts  map[string]int64
	released map[string]int
	paid     map[string]int64
}

func (h *holder) Hold(_ context.Context, q *amountauth.HoldRequest) (*amountauth.Hold, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.amounts[q.Session] = q.Amounts[0].Reveal().Minor
	return &amountauth.Hold{ID: "H-" + q.Session, InstrumentRef: "ref-of-the-card-of-hong"}, nil
}

func (h *holder) Release(_ context.Context, r *amountauth.ReleaseRequest) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.released[r.Session]++
	return nil
}

func (*holder) Reverse(context.Context, string) error { return nil }

func (h *holder) Authorise(_ context.Context, p *amountauth.PaymentRequest) (*amountauth.Approval, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.paid[p.Key] = p.Amount.Minor
	return &amountauth.Approval{Code: "30012345"}, nil
}

func (*holder) ReversePayment(context.Context, string) error { return nil }

func (*holder) CheckExpiry(_ context.Context, _, _ string, month, year int) error {
	if month != 12 || year != 2099 {
		return kecis.Refuse(kecis.ErrInvalidCard)
	}
	return nil
}

func authenticates(t *testing.T, one, two journal.Journal) {
	t.Helper()
	clock := kecistest.NewClock(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	bank := &holder{amounts: map[string]int64{}, released: map[string]int{}, paid: map[string]int64{}}
	server := func(j journal.Journal, keys ...amountauth.Key) *amountauth.Engine {
		e, err := amountauth.New(amountauth.Config{Journal: j, Issuer: bank, Payer: bank, Expiries: bank, Clock: clock, Random: rand.Reader, Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	old := amountauth.Key{ID: "k1", Secret: []byte("thirty-two bytes that are secret")}
	fresh := amountauth.Key{ID: "k2", Secret: []byte("another thirty-two secret bytes.")}
	a, b := server(one, old), server(two, fresh, old) // in the midst of a change of keys
	request := func(key string) *amountauth.Request {
		return &amountauth.Request{
			Key: key, Owner: "https://shop.example/kecis", Variant: amountauth.Amount,
			Order:  kecis.OrderRef{Requester: "https://shop.example/kecis", OrderID: "order-" + key, Attempt: 1, Part: 1},
			Payee:  amountauth.Payee{Entity: "https://shop.example/kecis", Name: "꽃집"},
			Amount: kecis.Won(50_000), Instrument: []byte("concealed"), Shown: "400000******0016", Language: kecis.Korean, Pay: true,
		}
	}
	s, err := a.Begin(t.Context(), request("one"))
	if err != nil || s.State != amountauth.Open {
		t.Fatalf("%+v, %v", s, err)
	}
	if again, err := b.Begin(t.Context(), request("one")); err != nil || again.ID != s.ID {
		t.Fatalf("begun on the other server: %+v, %v", again, err)
	}
	link, err := a.Link(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if moved, err := b.Move(t.Context(), link, "browser"); err != nil || moved.ID != s.ID {
		t.Fatalf("a link of the older key: %v", err)
	}
	// Both servers count the tries of one session.
	var wrong sync.WaitGroup
	for i, e := range []*amountauth.Engine{a, b} {
		wrong.Go(func() {
			if _, err := e.Confirm(t.Context(), &amountauth.Answer{Session: s.ID, Key: string(rune('p' + i)), Values: []string{"999"}}); !errors.Is(err, amountauth.ErrWrong) {
				t.Errorf("a wrong value: %v", err)
			}
		})
	}
	wrong.Wait()
	if s, err = a.Session(t.Context(), s.ID); err != nil || s.TriesLeft != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	right := kecis.Won(bank.amounts[s.ID]).Format("ko")
	if s, err = b.Confirm(t.Context(), &amountauth.Answer{Session: s.ID, Key: "right", Values: []string{right}}); err != nil || s.State != amountauth.Verified {
		t.Fatalf("%+v, %v", s, err)
	}
	for range 3 {
		for _, e := range []*amountauth.Engine{a, b} {
			if _, err := e.RunOnce(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if s, err = a.Session(t.Context(), s.ID); err != nil || s.Completion.State != amountauth.Paid || !s.Released || bank.released[s.ID] != 1 || len(bank.paid) != 1 {
		t.Fatalf("%+v, %+v, %v", s.Completion, bank, err)
	}
	profile, token, err := a.Enrol(t.Context(), s.ID, kecis.Won(100_000), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	skip := &amountauth.Skip{Key: "skip-1", Token: token, InstrumentRef: profile.InstrumentRef, Payee: profile.Payee, Amount: kecis.Won(60_000), Month: 12, Year: 2099}
	if _, err := b.Skip(t.Context(), skip); err != nil {
		t.Fatal(err)
	}
	if err := b.Revoke(t.Context(), profile.ID); err != nil {
		t.Fatal(err)
	}
	skip.Key = "skip-2"
	if _, err := a.Skip(t.Context(), skip); !errors.Is(err, amountauth.ErrProfile) {
		t.Errorf("a profile that was revoked: %v", err)
	}
	// What is left ends by its time, on whichever server looks.
	left, err := b.Begin(t.Context(), request("two"))
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(21 * time.Minute)
	for range 3 {
		if _, err := a.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if left, err = a.Session(t.Context(), left.ID); err != nil || left.State != amountauth.Expired || !left.Released {
		t.Errorf("%+v, %v", left, err)
	}
}
