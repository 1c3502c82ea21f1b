package amountauth_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

func variants() []amountauth.Variant {
	return []amountauth.Variant{amountauth.Amount, amountauth.Descriptor, amountauth.Deposits}
}

func TestRightValueVerifiesAndReleases(t *testing.T) {
	for _, v := range variants() {
		t.Run(string(v), func(t *testing.T) {
			w := newWorld(t)
			s := w.begin("a", ofVariant(v))
			if s.TriesLeft != 3 || !s.Expires.Equal(start().Add(20*time.Minute)) {
				t.Errorf("%d tries, until %s", s.TriesLeft, s.Expires)
			}
			s, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...)
			if err != nil {
				t.Fatal(err)
			}
			if s.State != amountauth.Verified || !s.Released || s.InstrumentRef != "ref-card-1" {
				t.Errorf("%+v", s)
			}
			if holds, paid := w.bank.lives(); holds != 0 || paid != 0 {
				t.Errorf("%d holds and %d live", holds, paid)
			}
		})
	}
}

// TestThreeWrongLock: a locked session stays locked, for the right value too.
func TestThreeWrongLock(t *testing.T) {
	for _, v := range variants() {
		t.Run(string(v), func(t *testing.T) {
			w := newWorld(t)
			s := w.begin("a", ofVariant(v))
			right := w.bank.sms(s.ID)
			for i, want := range []amountauth.Code{amountauth.ErrWrong, amountauth.ErrWrong, amountauth.ErrLocked} {
				got, err := w.confirm(s.ID, fmt.Sprint(i), w.wrong(s)...)
				isCode(t, err, want)
				if got.TriesLeft != 2-i {
					t.Errorf("%d tries are left after %d", got.TriesLeft, i+1)
				}
			}
			_, err := w.confirm(s.ID, "late", right...)
			isCode(t, err, amountauth.ErrLocked)
			if holds, _ := w.bank.lives(); holds != 0 {
				t.Error("the hold lives")
			}
		})
	}
}

// TestTryIsCountedBeforeItIsCompared: a server that dies after the count has not
// given a try away, and the same answer again is not counted again.
func TestTryIsCountedBeforeItIsCompared(t *testing.T) {
	w := newWorld(t)
	s := w.begin("a")
	right := w.bank.sms(s.ID)
	die := func() {
		commits := 0
		w.journal.AfterCommit = func() error {
			if commits++; commits == 1 {
				panic(killed{})
			}
			return nil
		}
	}
	guess := func(key string, values ...string) (err error) {
		defer func() {
			if recover() != nil {
				err = errLost
			}
		}()
		_, err = w.confirm(s.ID, key, values...)
		return err
	}
	for i, value := range []string{"1000", "1001", "1002"} {
		die()
		if err := guess(fmt.Sprint(i), value); !errors.Is(err, errLost) {
			t.Fatalf("the server did not die: %v", err)
		}
		w.restart()
		if got, _ := w.engine.Session(t.Context(), s.ID); got.TriesLeft != 2-i {
			t.Errorf("%d tries are left after %d", got.TriesLeft, i+1)
		}
	}
	isCode(t, guess("4", right...), amountauth.ErrLocked)
	isCode(t, guess("0", "1001"), amountauth.ErrRepeated) // the key is taken by another value
	isCode(t, guess("0", "1000"), amountauth.ErrLocked)   // compared late, and not counted again
	w.settle(2 * time.Minute)
	got, err := w.engine.Session(t.Context(), s.ID)
	if err != nil || got.State != amountauth.Locked || !got.Released {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRepeatedAnswer(t *testing.T) {
	w := newWorld(t)
	s := w.begin("a")
	for range 3 {
		got, err := w.confirm(s.ID, "1", "999")
		isCode(t, err, amountauth.ErrWrong)
		if got.TriesLeft != 2 {
			t.Fatalf("%d tries are left", got.TriesLeft)
		}
	}
	right := w.bank.sms(s.ID)
	_, err := w.confirm(s.ID, "1", right...)
	isCode(t, err, amountauth.ErrRepeated)
	for range 2 {
		if _, err := w.confirm(s.ID, "2", right...); err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.confirm(s.ID, "3", right...)
	isCode(t, err, amountauth.ErrRepeated)
}

func TestTimeout(t *testing.T) {
	for _, c := range []struct {
		name    string
		hold    time.Duration // of the issuer
		request time.Duration
		wait    time.Duration
		want    amountauth.Code
	}{
		{"in time", 0, 0, 20*time.Minute - time.Second, ""},
		{"at the end", 0, 0, 20 * time.Minute, amountauth.ErrLate},
		{"of the request", 0, time.Hour, time.Hour - time.Second, ""},
		{"the issuer's hold is shorter", 15 * time.Minute, 0, 10*time.Minute - time.Second, ""},
		{"and ends before it", 15 * time.Minute, 0, 10 * time.Minute, amountauth.ErrLate},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(w *world) { w.bank.holdTime = c.hold })
			s := w.begin("a", func(q *amountauth.Request) { q.Timeout = c.request })
			w.clock.Advance(c.wait)
			_, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...)
			if c.want == "" && err != nil {
				t.Fatal(err)
			}
			if c.want != "" {
				isCode(t, err, c.want)
			}
			if holds, _ := w.bank.lives(); holds != 0 {
				t.Error("the hold lives")
			}
		})
	}
	t.Run("nobody comes", func(t *testing.T) {
		w := newWorld(t)
		s := w.begin("a")
		w.settle(21 * time.Minute)
		if got, err := w.engine.Session(t.Context(), s.ID); err != nil || got.State != amountauth.Expired || !got.Released {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("a hold that is too short", func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.bank.holdTime = 5 * time.Minute })
		_, err := w.engine.Begin(t.Context(), request("a"))
		isCode(t, err, amountauth.ErrNotStarted)
		if holds, _ := w.bank.lives(); holds != 0 {
			t.Error("the hold lives")
		}
	})
}

func TestUnknownSessionIsAsWrong(t *testing.T) {
	w := newWorld(t)
	s := w.begin("a")
	_, known := w.confirm(s.ID, "1", "999")
	_, unknown := w.confirm("no-such-session", "1", "999")
	if known.Error() != unknown.Error() {
		t.Errorf("%q and %q", known, unknown)
	}
	_, err := w.confirm("no-such-session", "1", "abc")
	isCode(t, err, amountauth.ErrTypedLetters)
	_, err = w.engine.Confirm(t.Context(), &amountauth.Answer{Session: s.ID, Key: "2", Values: w.bank.sms(s.ID), Payee: "https://other.example"})
	isCode(t, err, amountauth.ErrOtherMerchant)
}

func TestBeginRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*amountauth.Request)
		want   amountauth.Code
	}{
		{"below the floor", ofAmount(kecis.Won(3499)), amountauth.ErrFloor},
		{"a currency without a floor", ofAmount(kecis.Money{Minor: 100_000, Currency: "KWD"}), amountauth.ErrFloor},
		{"no key", func(q *amountauth.Request) { q.Key = "" }, amountauth.ErrRequest},
		{"the number of a card", func(q *amountauth.Request) { q.Card = "4000 0000 0000 0016" }, amountauth.ErrRequest},
		{"no such variant", ofVariant("guess"), amountauth.ErrRequest},
		{"longer than a month", func(q *amountauth.Request) { q.Timeout = 31 * 24 * time.Hour }, amountauth.ErrRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.engine.Begin(t.Context(), request("a", c.change))
			isCode(t, err, c.want)
			if w.bank.calls != 0 {
				t.Error("the issuer was called")
			}
		})
	}
	t.Run("the smallest order", func(t *testing.T) {
		w := newWorld(t)
		if s := w.begin("a", ofAmount(kecis.Won(3500))); s.Chance.PartsPerMillion() > 1500 {
			t.Errorf("%s", s.Chance)
		}
	})
	t.Run("another request under the key", func(t *testing.T) {
		w := newWorld(t)
		w.begin("a")
		_, err := w.engine.Begin(t.Context(), request("a", ofAmount(kecis.Won(60_000))))
		isCode(t, err, amountauth.ErrRequest)
		if s := w.begin("a"); s.State != amountauth.Open || len(w.bank.holds) != 1 {
			t.Errorf("%s, %d holds", s.State, len(w.bank.holds))
		}
	})
	t.Run("an order that has one", func(t *testing.T) {
		w := newWorld(t)
		first := w.begin("a")
		same := func(q *amountauth.Request) { q.Order = first.Order; q.Order.Attempt = 2 }
		_, err := w.engine.Begin(t.Context(), request("b", same))
		isCode(t, err, amountauth.ErrBusy)
		if _, err := w.engine.Cancel(t.Context(), first.ID); err != nil {
			t.Fatal(err)
		}
		w.begin("b", same)
	})
	t.Run("the issuer declines", func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.bank.refuse = kecis.ErrDeclinedLimit })
		s, err := w.engine.Begin(t.Context(), request("a"))
		isCode(t, err, amountauth.ErrNotStarted)
		if s.Refused != kecis.ErrDeclinedLimit || !s.Released {
			t.Errorf("%+v", s)
		}
	})
}

// TestSessionOfNoCard: what cannot be counted does not begin.
func TestSessionOfNoCard(t *testing.T) {
	w := newWorld(t)
	spy := &refless{bank: w.bank}
	e, err := amountauth.New(amountauth.Config{Journal: w.journal, Issuer: spy, Payer: w.bank, Clock: w.clock, Random: w.random, Keys: testKeys()})
	if err != nil {
		t.Fatal(err)
	}
	for key, c := range map[string]struct {
		change func(*amountauth.Request)
		ref    string
		want   amountauth.State
	}{
		"no-token-at-all":  {func(q *amountauth.Request) { q.Card = "" }, "", amountauth.NotStarted},
		"own-token":        {func(*amountauth.Request) {}, "", amountauth.Open},
		"nothing-to-pay":   {paying, "", amountauth.NotStarted},
		"number-of-a-card": {func(*amountauth.Request) {}, "4000000000000016", amountauth.NotStarted},
	} {
		spy.ref = c.ref
		s, err := e.Begin(t.Context(), request(key, ofCard(key), c.change))
		if s == nil || s.State != c.want {
			t.Errorf("%s: %+v, %v", key, s, err)
		}
	}
	if holds, _ := w.bank.lives(); holds != 1 {
		t.Errorf("%d holds live", holds)
	}
}

// refless is a bank that has its own idea of tokens.
type refless struct {
	*bank

	ref string
}

func (r *refless) Hold(ctx context.Context, h *amountauth.HoldRequest) (*amountauth.Hold, error) {
	hold, err := r.bank.Hold(ctx, h)
	if err == nil {
		hold.InstrumentRef = r.ref
	}
	return hold, err
}

func TestPolicyIsBounded(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy amountauth.Policy
		want   error
	}{
		{"a range too small", amountauth.Policy{Ranges: map[kecis.Currency]amountauth.Range{kecis.KRW: {Smallest: 3000, Low: 1000}}}, amountauth.ErrRange},
		{"more tries", amountauth.Policy{Tries: 5}, amountauth.ErrRange},
		{"a larger chance", amountauth.Policy{Chance: 2000}, kecis.ErrConfiguration},
		{"more sessions", amountauth.Policy{CardSessions: 4}, kecis.ErrConfiguration},
		{"longer", amountauth.Policy{Timeout: 31 * 24 * time.Hour}, kecis.ErrConfiguration},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := amountauth.New(amountauth.Config{
				Journal: w.journal, Issuer: w.bank, Random: w.random, Clock: w.clock, Policy: c.policy, Keys: testKeys(),
			})
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// TestCardCap: three sessions that were left or failed, and no further one, until
// they are 30 days old; verified ones do not count.
func TestCardCap(t *testing.T) {
	for _, token := range []string{"given", "only known by the hold"} {
		t.Run(token, func(t *testing.T) {
			w := newWorld(t)
			unknown := func(q *amountauth.Request) {
				if token != "given" {
					q.Card = ""
				}
			}
			for i := range 5 {
				s := w.begin(fmt.Sprintf("good-%d", i), unknown)
				if _, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 3 {
				w.begin(fmt.Sprintf("left-%d", i), unknown) // and left open
			}
			refused := func(key string) {
				t.Helper()
				_, err := w.engine.Begin(t.Context(), request(key, unknown))
				isCode(t, err, amountauth.ErrCardLimit)
			}
			refused("fourth")
			w.clock.Advance(30*24*time.Hour - time.Second)
			refused("later")
			w.clock.Advance(time.Second)
			w.begin("again", unknown)
			w.runAll()
			if holds, _ := w.bank.lives(); holds != 1 {
				t.Errorf("%d holds live", holds)
			}
		})
	}
}

// TestSilentIssuer: a hold that is not known is asked for again, then reversed.
func TestSilentIssuer(t *testing.T) {
	for _, how := range []fault{lost, answerLost, late} {
		t.Run(string(how), func(t *testing.T) {
			silent := true
			w := newWorld(t, func(w *world) {
				w.bank.fault = func(call string) fault {
					if silent && call == "hold" {
						return how
					}
					return fine
				}
			})
			s, err := w.engine.Begin(t.Context(), request("a"))
			if err != nil || s.State != amountauth.Starting {
				t.Fatalf("%+v, %v", s, err)
			}
			_, err = w.confirm(s.ID, "1", "1234")
			isCode(t, err, amountauth.ErrStarting)
			w.settle(2 * time.Minute)
			for _, call := range w.bank.late {
				call()
			}
			if got, err := w.engine.Session(t.Context(), s.ID); err != nil || got.State != amountauth.NotStarted || !got.Released {
				t.Errorf("%+v, %v", got, err)
			}
			if holds, _ := w.bank.lives(); holds != 0 {
				t.Errorf("%d holds live", holds)
			}
			silent = false
			w.begin("b")
			again, err := w.engine.Begin(t.Context(), request("c"))
			if err != nil || again.State != amountauth.Open {
				t.Errorf("sessions that never began are counted: %v", err)
			}
		})
	}
	t.Run("once", func(t *testing.T) {
		n := 0
		w := newWorld(t, func(w *world) {
			w.bank.fault = func(string) fault {
				if n++; n == 1 {
					return answerLost
				}
				return fine
			}
		})
		s, err := w.engine.Begin(t.Context(), request("a"))
		if err != nil {
			t.Fatal(err)
		}
		w.settle(5 * time.Second)
		if _, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...); err != nil {
			t.Error(err)
		}
	})
}

func TestUsable(t *testing.T) {
	w := newWorld(t)
	s := w.begin("a")
	if err := s.Usable(w.clock.Now(), s.Order, s.Payee.Entity, s.Amount); !errors.Is(err, amountauth.ErrUnusable) {
		t.Errorf("an open one: %v", err)
	}
	s, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...)
	if err != nil {
		t.Fatal(err)
	}
	other, second := s.Order, s.Order
	other.OrderID, second.Attempt = "another", 2
	for _, c := range []struct {
		name   string
		after  time.Duration
		order  kecis.OrderRef
		payee  string
		amount kecis.Money
		usable bool
	}{
		{"at once", 0, s.Order, s.Payee.Entity, s.Amount, true},
		{"another attempt", 0, second, s.Payee.Entity, s.Amount, true},
		{"just in time", 10*time.Minute - time.Second, s.Order, s.Payee.Entity, s.Amount, true},
		{"too late", 10 * time.Minute, s.Order, s.Payee.Entity, s.Amount, false},
		{"another order", 0, other, s.Payee.Entity, s.Amount, false},
		{"another payee", 0, s.Order, "https://other.example", s.Amount, false},
		{"another amount", 0, s.Order, s.Payee.Entity, kecis.Won(50_001), false},
	} {
		if err := s.Usable(w.clock.Now().Add(c.after), c.order, c.payee, c.amount); (err == nil) != c.usable {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAbandon(t *testing.T) {
	for _, c := range []struct {
		name string
		does func(w *world, s *amountauth.Session)
		want amountauth.State
	}{
		{"an open one", func(*world, *amountauth.Session) {}, amountauth.Cancelled},
		{"a verified one", func(w *world, s *amountauth.Session) { _, _ = w.confirm(s.ID, "1", w.bank.sms(s.ID)...) }, amountauth.Verified},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			s := w.begin("a")
			c.does(w, s)
			for range 2 {
				if err := w.engine.Abandon(t.Context(), "a"); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := w.engine.Session(t.Context(), amountauth.SessionID("a")); err != nil || got.State != c.want || !got.Released {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	t.Run("before it came", func(t *testing.T) {
		w := newWorld(t)
		if err := w.engine.Abandon(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		_, err := w.engine.Begin(t.Context(), request("a"))
		isCode(t, err, amountauth.ErrCancelled)
		if w.bank.calls != 0 {
			t.Error("the issuer was called")
		}
		w.clock.Advance(91 * 24 * time.Hour)
		w.runAll()
		if rows := w.journal.AllRecords("kecis.aa.session"); len(rows) != 0 {
			t.Error("it is never forgotten")
		}
	})
	t.Run("while the hold is on its way", func(t *testing.T) {
		w := newWorld(t)
		asleep := true
		w.bank.fault = func(call string) fault {
			if call == "hold" && asleep {
				asleep = false
				if err := w.engine.Abandon(t.Context(), "a"); err != nil {
					t.Error(err)
				}
			}
			return fine
		}
		s, err := w.engine.Begin(t.Context(), request("a"))
		if err != nil || s.State != amountauth.Cancelled {
			t.Errorf("%+v, %v", s, err)
		}
		if holds, _ := w.bank.lives(); holds != 0 {
			t.Error("the hold lives")
		}
	})
}

// TestForgotten: after its time nothing is left of a session.
func TestForgotten(t *testing.T) {
	w := newWorld(t)
	s := w.begin("a", paying)
	if _, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(91 * 24 * time.Hour)
	w.runAll()
	for _, space := range []string{"session", "completion", "due", "card", "order", "profile"} {
		if rows := w.journal.AllRecords("kecis.aa." + space); len(rows) != 0 {
			t.Errorf("%d rows are left of %s", len(rows), space)
		}
	}
}

// TestComparedWithoutBuyer: a value that was counted by a server that died before it had
// compared is compared by whoever finds it, even if its buyer never sends it again.
func TestComparedWithoutBuyer(t *testing.T) {
	for _, c := range []struct {
		name  string
		wrong int // before it
		right bool
		want  amountauth.State
	}{
		{"the first, right", 0, true, amountauth.Verified},
		{"the last, right", 2, true, amountauth.Verified},
		{"the first, wrong", 0, false, amountauth.Open},
		{"the last, wrong", 2, false, amountauth.Locked},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			s := w.begin("a")
			for i := range c.wrong {
				_ = w.types(s, fmt.Sprint(i), w.wrong(s))
			}
			values := w.wrong(s)
			if c.right {
				values = w.bank.sms(s.ID)
			}
			commits := 0
			w.journal.BeforeCommit = func() error {
				if commits++; commits > 1 { // after the count
					return errJournal
				}
				return nil
			}
			if _, err := w.confirm(s.ID, "last", values...); !errors.Is(err, errJournal) {
				t.Fatalf("got %v", err)
			}
			w.journal.BeforeCommit = nil
			w.settle(2 * time.Minute)
			got, err := w.engine.Session(t.Context(), s.ID)
			if err != nil || got.State != c.want || got.TriesLeft != 2-c.wrong {
				t.Errorf("%s with %d tries left, %v; want %s", got.State, got.TriesLeft, err, c.want)
			}
			if code := w.types(s, "last", values); code != nil {
				t.Errorf("sent again: %v", code)
			}
		})
	}
}
