package amountauth_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

// At a commit, beside what can happen at a call.
const (
	uncommitted fault = "met a server that died before the commit"
	committed   fault = "met a server that died after the commit"
	failed      fault = "failed"
	uncertain   fault = "was done, and the journal could not say so"
)

var errJournal = errors.New("the journal failed")

// trouble is one fault, at the nth place; the zero value is none.
type trouble struct {
	n      int
	commit bool
	how    fault
	passed int
	struck string
}

// install puts the trouble in the way of a world.
func (x *trouble) install(w *world) {
	hit := func(commit bool, name string) fault {
		if x.commit != commit || x.how == fine {
			return fine
		}
		if x.passed++; x.passed != x.n {
			return fine
		}
		x.struck = name
		return x.how
	}
	w.bank.fault = func(call string) fault { return hit(false, call) }
	var after fault
	w.journal.BeforeCommit = func() error {
		after = hit(true, "commit")
		switch after {
		case uncommitted:
			panic(killed{})
		case failed:
			return errJournal
		}
		return nil
	}
	w.journal.AfterCommit = func() error {
		how := after
		after = fine
		switch how {
		case committed:
			panic(killed{})
		case uncertain:
			return errJournal
		}
		return nil
	}
}

// buyer is what somebody does with a session; each step is done again if it meets
// trouble, as a person or program would.
type buyer struct {
	name string
	does func(w *world, s *amountauth.Session)
	// verified says how it must end if nothing hinders it.
	verified bool
}

func buyers() []buyer {
	return []buyer{
		{"types it right", func(w *world, s *amountauth.Session) {
			w.step(func() error { return w.types(s, "1", w.bank.sms(s.ID)) })
		}, true},
		{"types it right at the third time", func(w *world, s *amountauth.Session) {
			w.step(func() error { return w.types(s, "1", w.wrong(s)) })
			w.step(func() error { return w.types(s, "2", w.wrong(s)) })
			w.step(func() error { return w.types(s, "3", w.bank.sms(s.ID)) })
		}, true},
		{"types it wrong", func(w *world, s *amountauth.Session) {
			for _, key := range []string{"1", "2", "3"} {
				w.step(func() error { return w.types(s, key, w.wrong(s)) })
			}
		}, false},
		{"leaves", func(*world, *amountauth.Session) {}, false},
		{"gives up", func(w *world, s *amountauth.Session) {
			w.step(func() error { _, err := w.engine.Cancel(w.t.Context(), s.ID); return err })
		}, false},
	}
}

// types sends an answer; a refusal of this package is an answer.
func (w *world) types(s *amountauth.Session, key string, values []string) error {
	_, err := w.engine.Confirm(w.t.Context(), &amountauth.Answer{Session: s.ID, Key: key, Values: values})
	if _, ours := errors.AsType[*amountauth.Error](err); ours {
		return nil
	}
	return err
}

// step does something until it is done; a server that dies is started again.
func (w *world) step(do func() error) {
	const most = 5
	for range most {
		err := func() (err error) {
			defer func() {
				switch p := recover().(type) {
				case nil:
				case killed:
					w.restart()
					err = errLost
				default:
					panic(p)
				}
			}()
			return do()
		}()
		if err == nil {
			return
		}
		w.clock.Advance(2 * time.Second)
	}
	w.t.Fatal("a step is never done")
}

// play runs a buyer against a trouble, and holds what is left to the promise.
func play(t *testing.T, v amountauth.Variant, b buyer, pays bool, x *trouble) {
	t.Helper()
	w := newWorld(t, func(w *world) { w.random = newSource("crash") })
	x.install(w)
	q := request("a", ofVariant(v), func(q *amountauth.Request) { q.Pay = pays })
	var s *amountauth.Session
	w.step(func() (err error) {
		s, err = w.engine.Begin(t.Context(), q)
		if errors.Is(err, amountauth.ErrNotStarted) {
			err = nil
		}
		return err
	})
	for range 40 { // the page says: one moment
		if s.State != amountauth.Starting {
			break
		}
		w.clock.Advance(3 * time.Second)
		w.step(func() error { _, err := w.engine.RunOnce(t.Context()); return err })
		w.step(func() (err error) { s, err = w.engine.Session(t.Context(), s.ID); return err })
	}
	if s.State == amountauth.Open {
		b.does(w, s)
	}
	for range 400 {
		w.clock.Advance(5 * time.Second)
		w.step(func() error { _, err := w.engine.RunOnce(t.Context()); return err })
	}
	for _, call := range w.bank.late {
		call()
	}
	judge(w, s.ID, b, pays, x)
}

// judge: no hold lives; the order amount does exactly if the session says so; and a
// fault alone does not take the buyer's success away, unless the hold was never made.
func judge(w *world, id string, b buyer, pays bool, x *trouble) {
	w.t.Helper()
	s, err := w.engine.Session(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	holds, paid := w.bank.lives()
	where := fmt.Sprintf("%s, %s, place %d (%s) %s", s.Variant, b.name, x.n, x.struck, x.how)
	if holds != 0 || !s.Released {
		w.t.Errorf("%s: %d holds live, released %t, %s", where, holds, s.Released, s.State)
	}
	told := s.Completion != nil && s.Completion.State == amountauth.Paid
	if want := map[bool]int64{true: s.Amount.Minor}[told]; paid != want {
		w.t.Errorf("%s: %d is paid, and the session says %+v", where, paid, s.Completion)
	}
	if s.State == amountauth.Open || s.State == amountauth.Starting {
		w.t.Errorf("%s: the session is %s", where, s.State)
	}
	if (s.State == amountauth.Verified) != b.verified && s.State != amountauth.NotStarted {
		w.t.Errorf("%s: the session is %s", where, s.State)
	}
	if pays && s.State == amountauth.Verified && !told && s.Completion.State != amountauth.Undone {
		w.t.Errorf("%s: %+v", where, s.Completion)
	}
}

// TestCrashAnywhere plays every fault at every commit and every call, for each
// variant and buyer, with and without a payment after it.
func TestCrashAnywhere(t *testing.T) {
	runs := 0
	for _, v := range variants() {
		for _, b := range buyers() {
			for _, pays := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/pays=%t", v, b.name, pays), func(t *testing.T) {
					for _, at := range []struct {
						commit bool
						how    []fault
					}{
						{false, []fault{lost, late, answerLost, diesBefore, diesAfter}},
						{true, []fault{uncommitted, committed, failed, uncertain}},
					} {
						for _, how := range at.how {
							for n := 1; ; n++ {
								x := &trouble{n: n, commit: at.commit, how: how}
								play(t, v, b, pays, x)
								runs++
								if x.struck == "" { // there are no more places
									break
								}
							}
						}
					}
				})
			}
		}
	}
	t.Logf("%d runs", runs)
}

// TestDeadUpstream: an issuer that stops answering one kind of call, for ten minutes,
// from some moment on.
func TestDeadUpstream(t *testing.T) {
	for _, call := range []string{"hold", "release", "reverse", "pay", "undo"} {
		for _, how := range []fault{lost, answerLost, late} {
			t.Run(call+" "+string(how), func(t *testing.T) {
				w := newWorld(t)
				until := start().Add(10 * time.Minute)
				w.bank.fault = func(name string) fault {
					if name == call && w.clock.Now().Before(until) {
						return how
					}
					return fine
				}
				s, err := w.engine.Begin(t.Context(), request("a", paying))
				if err != nil {
					t.Fatal(err)
				}
				if s.State == amountauth.Open {
					if _, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...); err != nil {
						t.Fatal(err)
					}
				}
				w.settle(time.Hour)
				for _, call := range w.bank.late {
					call()
				}
				judge(w, s.ID, buyer{name: "types it right", verified: true}, true, &trouble{struck: call, how: how})
			})
		}
	}
}

// TestReleaseIsLate: the release stays unknown, so that after 10 seconds the order is
// paid while the hold still counts against the limit.
func TestReleaseIsLate(t *testing.T) {
	for _, c := range []struct {
		name  string
		limit int64
		want  []amountauth.CompletionState // at once, after 15 seconds, in the end
	}{
		{"and the limit holds both", 0, []amountauth.CompletionState{amountauth.Releasing, amountauth.Paid, amountauth.Paid}},
		{"and the limit does not", 50_500, []amountauth.CompletionState{amountauth.Releasing, amountauth.Limited, amountauth.Paid}},
		{"and there is less than the order", 49_999, []amountauth.CompletionState{amountauth.Releasing, amountauth.Limited, amountauth.Declined}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(w *world) { w.bank.limit = c.limit })
			until := start().Add(time.Minute)
			w.bank.fault = func(name string) fault {
				if (name == "release" || name == "reverse") && w.clock.Now().Before(until) {
					return lost
				}
				return fine
			}
			s := w.begin("a", paying)
			s, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...)
			if err != nil {
				t.Fatal(err)
			}
			for i, wait := range []time.Duration{0, 15 * time.Second, time.Hour} {
				w.settle(wait)
				if s, err = w.engine.Session(t.Context(), s.ID); err != nil || s.Completion.State != c.want[i] {
					t.Fatalf("after %s: %+v, %v, want %s", wait, s.Completion, err, c.want[i])
				}
			}
			judge(w, s.ID, buyer{name: c.name, verified: true}, false, &trouble{})
			if s.Completion.State == amountauth.Declined && !s.UsableUntil.After(s.Ended.Add(10*time.Minute)) {
				t.Error("a refusal does not leave ten minutes")
			}
		})
	}
	t.Run("declined at once", func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.bank.limit = 49_999 })
		s := w.begin("a", paying)
		s, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...)
		if err != nil || s.Completion.State != amountauth.Declined || s.Completion.Refused != kecis.ErrDeclinedLimit {
			t.Fatalf("%+v, %v", s.Completion, err)
		}
		if err := s.Usable(w.clock.Now(), s.Order, s.Payee.Entity, s.Amount); err != nil {
			t.Error(err)
		}
	})
}

// TestTwoServersWithSkewedClocks: both drive the same rows, one ahead of the other by a
// minute, and each call is made late by a worker that woke after its lease.
func TestTwoServersWithSkewedClocks(t *testing.T) {
	rng := numbers(1)
	for round := range 60 {
		w := newWorld(t, func(w *world) { w.random = newSource(fmt.Sprint(round)) })
		w.bank.fault = func(string) fault {
			return []fault{fine, fine, fine, lost, answerLost, late}[rng.IntN(6)]
		}
		ahead, ours := *w, w.engine
		s, err := ahead.engine.Begin(t.Context(), request("a", paying))
		if err != nil && !errors.Is(err, amountauth.ErrNotStarted) {
			t.Fatal(err)
		}
		for step := range 120 {
			skew := time.Duration(rng.IntN(120)-60) * time.Second
			w.clock.Advance(skew)
			if _, err := ours.RunOnce(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.clock.Advance(-skew)
			w.clock.Advance(time.Duration(rng.IntN(10)) * time.Second)
			if sms := w.bank.sms(s.ID); step > 5 && len(sms) > 0 && sms[0] != "0원" {
				_ = w.types(s, "1", sms)
			}
		}
		w.bank.fault = nil
		w.settle(time.Hour)
		for _, call := range w.bank.late {
			call()
		}
		end, err := w.engine.Session(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		holds, paid := w.bank.lives()
		told := end.Completion.State == amountauth.Paid
		if holds != 0 || told != (paid == 50_000) || !told && paid != 0 {
			t.Errorf("round %d: %d holds, %d paid, %s, %+v", round, holds, paid, end.State, end.Completion)
		}
	}
}

// TestWorkerThatWakesLate: what comes back to a server that was taken for dead, after
// another has ended the session, changes nothing.
func TestWorkerThatWakesLate(t *testing.T) {
	t.Run("with a hold", func(t *testing.T) {
		w := newWorld(t)
		asleep := true
		w.bank.fault = func(call string) fault {
			if call == "hold" && asleep {
				asleep = false
				w.clock.Advance(2 * time.Minute)
				w.runAll() // reverses, before the hold comes: a tombstone
				return fine
			}
			return fine
		}
		s, err := w.engine.Begin(t.Context(), request("a"))
		isCode(t, err, amountauth.ErrNotStarted)
		if holds, _ := w.bank.lives(); holds != 0 || !s.Released {
			t.Errorf("%d holds, %+v", holds, s)
		}
	})
	t.Run("with a hold that came before its reversal", func(t *testing.T) {
		w := newWorld(t)
		id := ""
		w.bank.fault = func(call string) fault {
			if call == "reverse" && id == "" {
				id = "known"
				return lost // the reversal is owed while the hold's answer comes back
			}
			if call == "hold" && id == "" {
				w.clock.Advance(2 * time.Minute)
				w.runAll()
			}
			return fine
		}
		_, err := w.engine.Begin(t.Context(), request("a"))
		isCode(t, err, amountauth.ErrNotStarted)
		w.settle(time.Minute)
		if holds, _ := w.bank.lives(); holds != 0 {
			t.Errorf("%d holds", holds)
		}
	})
	t.Run("with a refused release", func(t *testing.T) {
		w := newWorld(t)
		s := w.begin("a")
		asleep := true
		w.bank.fault = func(call string) fault {
			if call == "release" && asleep {
				asleep = false
				w.clock.Advance(2 * time.Minute)
				w.runAll() // another server releases
				return lost
			}
			return fine
		}
		s, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...)
		if err != nil || !s.Released {
			t.Errorf("%+v, %v", s, err)
		}
	})
	t.Run("with a payment", func(t *testing.T) {
		w := newWorld(t)
		s := w.begin("a", paying)
		asleep := true
		w.bank.fault = func(call string) fault {
			switch {
			case call == "undo":
				return fine
			case call == "pay" && asleep:
				asleep = false
				w.clock.Advance(2 * time.Minute)
				w.runAll() // another server undoes it
			}
			return fine
		}
		s, err := w.confirm(s.ID, "1", w.bank.sms(s.ID)...)
		if err != nil {
			t.Fatal(err)
		}
		judge(w, s.ID, buyer{name: "types it right", verified: true}, true, &trouble{})
	})
}
