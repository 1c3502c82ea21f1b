package amountauth_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
)

// TestEnded: every end of a session is told once, however it comes, with the key of
// its request.
func TestEnded(t *testing.T) {
	for state, end := range map[amountauth.State]func(w *world){
		amountauth.Verified: func(w *world) {
			s := w.begin("a")
			_, _ = w.confirm(s.ID, "1", w.bank.sms(s.ID)...)
		},
		amountauth.Locked: func(w *world) {
			s := w.begin("a")
			for i := range 4 {
				_, _ = w.confirm(s.ID, fmt.Sprint(i), w.wrong(s)...)
			}
		},
		amountauth.Expired: func(w *world) { w.begin("a") },
		amountauth.Cancelled: func(w *world) {
			w.begin("a")
			_ = w.engine.Abandon(w.t.Context(), "a")
			_ = w.engine.Abandon(w.t.Context(), "a")
		},
		amountauth.NotStarted: func(w *world) {
			w.bank.refuse = kecis.ErrLostStolen
			_, _ = w.engine.Begin(w.t.Context(), request("a"))
		},
	} {
		t.Run(string(state), func(t *testing.T) {
			var told []string
			w := newWorld(t, func(w *world) {
				w.ended = func(_ journal.Tx, s *amountauth.Session) error {
					told = append(told, s.Key+" "+string(s.State))
					return nil
				}
			})
			end(w)
			w.settle(21 * time.Minute)
			if diff := cmp.Diff([]string{"a " + string(state)}, told); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEndedFails: while the end cannot be told there is none.
func TestEndedFails(t *testing.T) {
	failing := errors.New("not now")
	w := newWorld(t, func(w *world) {
		w.ended = func(journal.Tx, *amountauth.Session) error { return failing }
	})
	s := w.begin("a")
	if _, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...); !errors.Is(err, failing) {
		t.Fatal(err)
	}
	if s, err := w.engine.Session(t.Context(), s.ID); err != nil || s.State != amountauth.Open {
		t.Errorf("%+v, %v", s, err)
	}
}
