package amountauth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

// guesser opens sessions on one card and types values that he has not typed in them
// before. He reports how many sessions he was given and how many he guessed.
func guesser(w *world, card string, sessions int, next func() string) (given, guessed int) {
	w.t.Helper()
	for i := range sessions {
		key := fmt.Sprintf("%s-%d", card, i)
		s, err := w.engine.Begin(context.Background(), request(key, ofCard(card), ofAmount(kecis.Won(3500)), func(q *amountauth.Request) {
			q.Payee.Entity = fmt.Sprintf("https://shop-%d.example", i) // each at another shop
		}))
		if err != nil {
			isCode(w.t, err, amountauth.ErrCardLimit)
			continue
		}
		given++
		for try := range 5 {
			_, err := w.engine.Confirm(context.Background(), &amountauth.Answer{Session: s.ID, Key: fmt.Sprint(try), Values: []string{next()}})
			if err == nil {
				guessed++
				break
			}
			if errors.Is(err, amountauth.ErrLocked) {
				break
			}
		}
	}
	return given, guessed
}

// TestGuesserOnOneCard: of 1,000 sessions on one card he is given three in 30 days.
func TestGuesserOnOneCard(t *testing.T) {
	w := newWorld(t)
	rng := numbers(7)
	given, guessed := guesser(w, "stolen", 1000, func() string { return fmt.Sprint(1000 + rng.IntN(2500)) })
	if given != 3 || guessed != 0 {
		t.Errorf("%d sessions, %d guessed", given, guessed)
	}
	if w.bank.calls != 6 {
		t.Errorf("%d calls reached the issuer", w.bank.calls)
	}
	for range 3 { // sessions that he leaves count as well, once they are over
		w.clock.Advance(30 * 24 * time.Hour)
		w.runAll()
		for i := range 10 {
			if _, err := w.engine.Begin(t.Context(), request(fmt.Sprintf("left-%d-%d", w.bank.calls, i), ofCard("stolen"))); err != nil {
				isCode(t, err, amountauth.ErrCardLimit)
			} else {
				given++
			}
			w.clock.Advance(21 * time.Minute)
			w.runAll()
		}
	}
	if given != 12 {
		t.Errorf("%d sessions in four months", given)
	}
}

// TestGuessChance measures the stated bound: three of 2,500 values for the smallest
// order, and so 0.12 % a session, over 4,000 sessions of as many cards.
func TestGuessChance(t *testing.T) {
	const sessions = 4_000
	var w *world
	rng := numbers(8)
	guessed := 0
	for i := range sessions {
		if i%500 == 0 { // a journal that stays small
			w = newWorld(t, func(w *world) { w.random = newSource(fmt.Sprint(i)) })
		}
		first := rng.IntN(2500)
		n := -1
		_, g := guesser(w, fmt.Sprintf("card-%d", i), 1, func() string { n++; return fmt.Sprint(1000 + (first+n)%2500) })
		guessed += g
	}
	want := 3.0 / 2500 * sessions
	if sigma := math.Sqrt(want); math.Abs(float64(guessed)-want) > 4*sigma || float64(guessed) > 0.0015*sessions+4*sigma {
		t.Errorf("%d of %d sessions were guessed, %.0f are stated", guessed, sessions, want)
	}
	t.Logf("%d of %d sessions guessed, %.0f stated", guessed, sessions, want)
}

// TestNothingTellsTheValue searches all that the engine writes: rows, logs, errors and
// sessions, in every form in which the value could stand.
func TestNothingTellsTheValue(t *testing.T) {
	for _, v := range variants() {
		t.Run(string(v), func(t *testing.T) {
			w := newWorld(t)
			var log bytes.Buffer
			e, err := amountauth.New(amountauth.Config{
				Journal: w.journal, Issuer: w.bank, Payer: w.bank, Clock: w.clock, Random: w.random, Keys: testKeys(),
				Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			})
			if err != nil {
				t.Fatal(err)
			}
			w.engine = e
			n := 0
			w.bank.fault = func(call string) fault {
				if n++; call == "hold" && n == 1 || call == "release" && n < 6 {
					return answerLost
				}
				return fine
			}
			var said strings.Builder
			say := func(s *amountauth.Session, err error) {
				text, _ := json.Marshal(s)
				fmt.Fprintf(&said, "%s %+v %v\n", text, s, err)
				for _, space := range []string{"session", "completion", "due", "card", "order"} {
					for _, row := range w.journal.AllRecords("kecis.aa." + space) {
						fmt.Fprintf(&said, "%s %s\n", row.Key, row.Value)
					}
				}
			}
			big := func(q *amountauth.Request) { q.Amount = kecis.Won(987_654_321_000) } // so that chance does not write the value
			s, err := w.engine.Begin(t.Context(), request("a", ofVariant(v), big, paying))
			say(s, err)
			w.settle(3 * time.Second)
			say(w.confirm(s.ID, "1", w.wrong(s)...))
			say(w.confirm(s.ID, "2", w.bank.sms(s.ID)...))
			w.settle(time.Minute)
			say(w.engine.Session(t.Context(), s.ID))
			if last, _ := w.engine.Session(t.Context(), s.ID); last.State != amountauth.Verified {
				t.Fatalf("%+v", last)
			}
			text := said.String() + log.String()
			if !strings.Contains(text, "not released yet") {
				t.Fatal("nothing was logged")
			}
			for _, value := range secretsOf(w.bank.holds[s.ID+"-hold"]) {
				if strings.Contains(text, value) {
					t.Errorf("%s is told in\n%s", value, text)
				}
			}
		})
	}
}

// secretsOf are the forms of a secret that are long enough to be searched for.
func secretsOf(h *bankHold) (forms []string) {
	if h.code != "" {
		return []string{h.code}
	}
	for _, a := range h.amounts {
		if plain := fmt.Sprint(a); len(plain) > 5 {
			forms = append(forms, plain, kecis.Won(a).Format("ko"), kecis.Won(a).Format("en"))
		}
	}
	if len(h.amounts) == 2 {
		forms = append(forms, fmt.Sprintf("%d+%d", min(h.amounts[0], h.amounts[1]), max(h.amounts[0], h.amounts[1])))
	}
	return forms
}

// TestSecretsDoNotPrint: what the issuer's implementation is given does not end in its
// logs by accident.
func TestSecretsDoNotPrint(t *testing.T) {
	w := newWorld(t)
	printed := ""
	spy := &spyIssuer{Issuer: w.bank, see: func(h *amountauth.HoldRequest) {
		text, err := json.Marshal(h)
		if err != nil {
			t.Error(err)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("hold", "request", h, "amount", h.Amounts[0], "code", h.Code)
		printed = fmt.Sprintf("%v %+v %#v %s %s %d %x %q", h, h, h, text, log.String(), h.Amounts, h.Amounts, h.Code)
	}}
	e, err := amountauth.New(amountauth.Config{Journal: w.journal, Issuer: spy, Clock: w.clock, Random: w.random, Keys: testKeys()})
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Begin(t.Context(), request("a", ofAmount(kecis.Won(987_654_321_000))))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(printed, "[hidden]") {
		t.Errorf("nothing is hidden in %s", printed)
	}
	for _, value := range secretsOf(w.bank.holds[s.ID+"-hold"]) {
		if strings.Contains(printed, value) {
			t.Errorf("%s is printed in %s", value, printed)
		}
	}
}

type spyIssuer struct {
	amountauth.Issuer

	see func(*amountauth.HoldRequest)
}

func (i *spyIssuer) Hold(ctx context.Context, h *amountauth.HoldRequest) (*amountauth.Hold, error) {
	i.see(h)
	return i.Issuer.Hold(ctx, h)
}
