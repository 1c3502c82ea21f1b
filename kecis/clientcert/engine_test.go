package clientcert_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

// TestEngineConfiguration: for payments nothing is left open.
func TestEngineConfiguration(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	good := clientcert.EngineConfig{Journal: kecistest.NewJournal(), Verifier: w.verifier(t, nil), Secret: make([]byte, 32), Clock: w.clock}
	if _, err := clientcert.NewEngine(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*clientcert.EngineConfig){
		"no journal":  func(c *clientcert.EngineConfig) { c.Journal = nil },
		"no verifier": func(c *clientcert.EngineConfig) { c.Verifier = nil },
		"revocation open": func(c *clientcert.EngineConfig) {
			c.Verifier = w.verifier(t, func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Mode = clientcert.FailOpen })
		},
		"revocation not checked": func(c *clientcert.EngineConfig) {
			c.Verifier = w.verifier(t, func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Mode = clientcert.NotChecked })
		},
		"any policy": func(c *clientcert.EngineConfig) {
			c.Verifier = w.verifier(t, func(p *clientcert.Policy, _ *clientcert.Revocation) { p.AnyPolicy = true })
		},
		"a short secret": func(c *clientcert.EngineConfig) { c.Secret = make([]byte, 31) },
		"a long time":    func(c *clientcert.EngineConfig) { c.Timeout = clientcert.MaxTimeout + 1 },
		"many tries":     func(c *clientcert.EngineConfig) { c.Tries = clientcert.MaxTries + 1 },
		"soon forgotten": func(c *clientcert.EngineConfig) { c.Keep = time.Hour },
	} {
		c := good
		change(&c)
		if _, err := clientcert.NewEngine(c); !errors.Is(err, kecis.ErrConfiguration) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBegin: the same request is the same session; one that was abandoned never begins.
func TestBegin(t *testing.T) {
	o := newOffice(t)
	s := o.begun("A1")
	o.clock.Advance(time.Minute)
	if again := o.begun("A1"); again.ID != s.ID || !again.Began.Equal(s.Began) {
		t.Errorf("again: %+v", again)
	}
	other := request("A1")
	other.Amount = kecis.Won(1)
	if _, err := o.engine.Begin(t.Context(), other); err == nil {
		t.Error("another request under the key was taken")
	}
	if err := o.engine.Abandon(t.Context(), "A1"); err != nil {
		t.Fatal(err)
	}
	if now, _ := o.engine.Session(t.Context(), s.ID); now.State != clientcert.Cancelled || len(o.ended) != 1 {
		t.Errorf("abandoned: %+v", now)
	}
	if err := o.engine.Abandon(t.Context(), "A2"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.engine.Begin(t.Context(), request("A2")); !errors.Is(err, clientcert.ErrGivenUp) {
		t.Errorf("begun after it was abandoned: %v", err)
	}
	if len(o.ended) != 1 {
		t.Errorf("what never began has ended")
	}
	bad := request("A3")
	bad.Payee.Entity = ""
	if _, err := o.engine.Begin(t.Context(), bad); err == nil {
		t.Error("a request without payee was taken")
	}
}

// TestForgotten: a session is kept for its time after the end.
func TestForgotten(t *testing.T) {
	o := newOffice(t)
	s := o.begun("A1")
	for range 3 {
		o.clock.Advance(clientcert.DefaultKeep / 2)
		for worked := true; worked; {
			var err error
			if worked, err = o.engine.RunOnce(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		_, err := o.engine.Session(t.Context(), s.ID)
		if gone := errors.Is(err, clientcert.ErrUnknown); gone != (o.clock.Now().Sub(noon) > clientcert.DefaultKeep+clientcert.DefaultKeep/2-time.Second) {
			t.Errorf("after %v: %v", o.clock.Now().Sub(noon), err)
		}
	}
}

// TestRevocationUnknown is not the buyer's try, and nothing passes.
func TestRevocationUnknown(t *testing.T) {
	o := newOffice(t)
	o.site.Close()
	o.world.site.Close()
	s := o.begun("A1")
	_, err := o.engine.Present(t.Context(), s.ID, 0, chain(t, o.Users["good"].Chain()))
	now, _ := o.engine.Session(t.Context(), s.ID)
	if !errors.Is(err, clientcert.ErrRevocationUnknown) || now.State != clientcert.Open || now.Tries != 0 {
		t.Errorf("%v, %+v", err, now)
	}
}

type killed struct{}

var errJournal = errors.New("the journal failed")

// TestEngineCrash lets the server die, or the journal fail, before or after each commit
// of sessions of every end; what was begun again ends as it should, told once by what
// was committed.
func TestEngineCrash(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	good, revoked := chain(t, w.Users["good"].Chain()), chain(t, w.Users["revoked"].Chain())
	verifier := w.verifier(t, nil)
	flows := map[clientcert.State]func(*clientcert.Engine, string, int) error{
		clientcert.Verified: func(e *clientcert.Engine, id string, try int) error {
			if try == 0 {
				_, err := e.Present(t.Context(), id, 0, revoked)
				return err
			}
			_, err := e.Present(t.Context(), id, try, good)
			return err
		},
		clientcert.Locked: func(e *clientcert.Engine, id string, try int) error {
			_, err := e.Present(t.Context(), id, try, revoked)
			return err
		},
		clientcert.Cancelled: func(e *clientcert.Engine, id string, _ int) error {
			_, err := e.Cancel(t.Context(), id)
			return err
		},
		clientcert.Expired: func(e *clientcert.Engine, _ string, _ int) error {
			w.clock.Advance(clientcert.DefaultTimeout)
			_, err := e.RunOnce(t.Context())
			return err
		},
	}
	runs := 0
	for end, act := range flows {
		for _, how := range []string{"dies before", "dies after", "fails before", "fails after"} {
			for n := 1; ; n++ {
				w.clock = kecistest.NewClock(noon)
				struck := crashRun(t, w, verifier, end, how, n, act)
				runs++
				if !struck {
					break
				}
			}
		}
	}
	if runs < 30 {
		t.Errorf("%d runs", runs)
	}
}

// crashRun is one session in which something happens at the nth commit; it reports
// whether there were as many.
func crashRun(t *testing.T, w *world, verifier *clientcert.Verifier, end clientcert.State, how string, n int, act func(*clientcert.Engine, string, int) error) (struck bool) {
	t.Helper()
	j := kecistest.NewJournal()
	told := 0 // in commits that stand
	pending := 0
	var e *clientcert.Engine
	start := func() {
		var err error
		e, err = clientcert.NewEngine(clientcert.EngineConfig{
			Journal: j, Verifier: verifier, Secret: bytes.Repeat([]byte{1}, 32), Clock: w.clock,
			Ended: func(journal.Tx, *clientcert.Session) error { pending = 1; return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	commits := 0
	strike := func(at string) error {
		if commits != n || struck || (how != "dies "+at && how != "fails "+at) {
			return nil
		}
		struck = true
		if how == "dies "+at {
			panic(killed{})
		}
		return errJournal
	}
	j.BeforeCommit = func() error {
		commits++
		return strike("before")
	}
	j.AfterCommit = func() error {
		told, pending = told+pending, 0
		return strike("after")
	}
	start()
	again := func(do func() error) {
		for range 3 {
			err := func() (err error) {
				defer func() {
					if r := recover(); r != nil {
						if _, ok := r.(killed); !ok {
							panic(r)
						}
						err = errJournal
						start()
					}
				}()
				pending = 0
				return do()
			}()
			if _, refused := errors.AsType[*clientcert.Error](err); err == nil || refused {
				return
			}
			if !errors.Is(err, errJournal) {
				t.Fatal(err)
			}
		}
	}
	id := clientcert.SessionID("A1")
	again(func() error { _, err := e.Begin(t.Context(), request("A1")); return err })
	for range 2 * clientcert.MaxTries {
		s, err := e.Session(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if s.State != clientcert.Open {
			break
		}
		again(func() error {
			s, err := e.Session(t.Context(), id)
			if err != nil {
				return err
			}
			return act(e, id, s.Tries)
		})
	}
	s, err := e.Session(t.Context(), id)
	name := fmt.Sprintf("%s, %s commit %d", end, how, n)
	if err != nil || s.State != end || told != 1 {
		t.Errorf("%s: %+v, %v; told %d times", name, s, err, told)
	}
	return struck
}

// TestEndedMeanwhile: what ended while the authorities were asked stays as it is.
func TestEndedMeanwhile(t *testing.T) {
	o := newOffice(t)
	s := o.begun("A1")
	responder := o.Responder(kecistest.ResponderConfig{Now: o.clock.Now, Life: time.Hour})
	o.answer = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := o.engine.Cancel(r.Context(), s.ID); err != nil {
			t.Error(err)
		}
		responder.ServeHTTP(w, r)
	})
	_, err := o.engine.Present(t.Context(), s.ID, 0, chain(t, o.Users["good"].Chain()))
	now, _ := o.engine.Session(t.Context(), s.ID)
	if !errors.Is(err, clientcert.ErrGivenUp) || now.State != clientcert.Cancelled || len(o.ended) != 1 {
		t.Errorf("%v; %+v", err, now)
	}
}
