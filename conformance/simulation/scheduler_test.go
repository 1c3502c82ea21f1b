package simulation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// toyStore is a store of records alone.
type toyStore struct{ rows map[string]string }

func (s *toyStore) Update(_ context.Context, change func(journal.Tx) error) error {
	tx := &toyTx{rows: maps.Clone(s.rows)}
	if err := change(tx); err != nil {
		return err
	}
	s.rows = tx.rows
	return nil
}

func (s *toyStore) View(_ context.Context, read func(journal.Tx) error) error {
	return read(&toyTx{rows: s.rows})
}

type toyTx struct {
	journal.Tx
	rows map[string]string
}

func (t *toyTx) Get(space, key string) ([]byte, error) {
	v, ok := t.rows[space+"/"+key]
	if !ok {
		return nil, journal.ErrNotFound
	}
	return []byte(v), nil
}

func (t *toyTx) Peek(space, key string) ([]byte, error) { return t.Get(space, key) }

func (t *toyTx) Add(space, key string, value []byte) error {
	if _, ok := t.rows[space+"/"+key]; ok {
		return journal.ErrExists
	}
	t.rows[space+"/"+key] = string(value)
	return nil
}

func (t *toyTx) Put(space, key string, value []byte) error {
	t.rows[space+"/"+key] = string(value)
	return nil
}

// toyWorld has two clients that each add to an account three times, by requests
// with IDs that they repeat until they are answered. Without care the server
// forgets which it has had.
func toyWorld(seed uint64, careful bool, history io.Writer) (sum int, w *world, err error) {
	w = newWorld(seed, nil, history)
	store := &toyStore{rows: map[string]string{}}
	server := w.add(&process{name: "server", entity: "server", host: "server", role: "server", store: store}, 0)
	server.start = func(p *process) (http.Handler, error) {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			err := p.journal.Update(r.Context(), func(tx journal.Tx) error {
				if err := tx.Add("seen", attribute(body, "ID"), nil); err != nil && careful {
					return err
				}
				return tx.Put("", "sum", strconv.AppendInt(nil, int64(sumOf(tx)+1), 10))
			})
			if err != nil && !errors.Is(err, journal.ErrExists) {
				runtime.Goexit()
			}
		}), nil
	}
	err = w.run(func() {
		server.boot()
		left := 2
		for _, name := range []string{"a", "b"} {
			client := w.add(&process{name: name, entity: name, host: name, store: store}, time.Second)
			w.spawn(client, name, func() {
				for i := range 3 {
					toyAdd(client, fmt.Sprintf("_%s%d", name, i))
				}
				left--
			})
		}
		for left > 0 || w.inFlight > 0 {
			w.idle(time.Minute)
		}
	})
	return sumOf(&toyTx{rows: store.rows}), w, err
}

func sumOf(tx journal.Tx) int {
	v, _ := tx.Get("", "sum")
	n, _ := strconv.Atoi(string(v))
	return n
}

func toyAdd(client *process, id string) {
	sender := &http.Client{Transport: &line{client.net, client}}
	for {
		response, err := sender.Post("http://server/", "text/xml", strings.NewReader(`<kecis:PaymentRequest ID="`+id+`"></kecis:PaymentRequest>`))
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		_ = client.clock.Sleep(context.Background(), 5*time.Second)
	}
}

// TestSameSeedSameHistory holds that a seed has one history, however many
// processors there are.
func TestSameSeedSameHistory(t *testing.T) {
	history := func(seed uint64, processors int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		var out bytes.Buffer
		if _, _, err := toyWorld(seed, true, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	different := map[string]bool{}
	for seed := range uint64(60) {
		one, four := history(seed, 1), history(seed, 4)
		if one != four || one == "" {
			t.Fatalf("seed %d:\n%s\n---\n%s", seed, one, four)
		}
		different[one] = true
	}
	if len(different) < 58 {
		t.Errorf("60 seeds have only %d histories", len(different))
	}
}

// TestToyWorldsFindTheCarelessServer holds that faults happen, that a right
// server survives them all, and that a wrong one is found.
func TestToyWorldsFindTheCarelessServer(t *testing.T) {
	cells := map[Cell]int{}
	found, first := 0, uint64(0)
	for seed := range uint64(400) {
		sum, w, err := toyWorld(seed, true, nil)
		if err != nil || sum != 6 {
			t.Fatalf("seed %d: %d, %v", seed, sum, err)
		}
		for cell, n := range w.plan.cells {
			cells[cell] += n
		}
		if sum, _, err = toyWorld(seed, false, nil); err != nil {
			t.Fatal(seed, err)
		}
		if sum != 6 {
			if found == 0 {
				first = seed
			}
			found++
		}
	}
	t.Logf("the careless server was found in %d of 400 worlds, first in %d", found, first)
	if found < 40 {
		t.Errorf("found %d", found)
	}
	for _, fault := range append(messageFaults(), "") {
		if cells[Cell{"PaymentRequest", fault}] == 0 {
			t.Errorf("no message was %q", fault)
		}
	}
	for _, fault := range append(writeFaults(), "") {
		if cells[Cell{"server: records", fault}] == 0 {
			t.Errorf("no commit was %q", fault)
		}
	}
}

func TestDeadlockAndEndlessWorldsAreFound(t *testing.T) {
	s := newScheduler(1, epoch())
	err := s.run(func() {
		s.spawn(nil, "other", func() { s.await("what never comes") })
		s.await("the other")
	})
	if !errors.Is(err, errDeadlock) || !strings.Contains(err.Error(), "other waits for what never comes") {
		t.Error(err)
	}
	s = newScheduler(1, epoch())
	s.limit = 1000
	err = s.run(func() {
		for {
			s.pass()
		}
	})
	if !errors.Is(err, errEndless) {
		t.Error(err)
	}
	s = newScheduler(1, epoch())
	err = s.run(func() {
		s.spawn(nil, "bad", func() { panic("no") })
		s.idle(time.Hour)
	})
	if err == nil || !strings.Contains(err.Error(), "bad panics: no") {
		t.Error(err)
	}
}

// TestTimeStandsStillWhileAnyoneCanRun holds the order of sleepers, and that a
// context of a clock ends a wait.
func TestTimeStandsStillWhileAnyoneCanRun(t *testing.T) {
	s := newScheduler(3, epoch())
	clock := &partyClock{s, time.Hour}
	var order []string
	err := s.run(func() {
		for name, d := range map[string]time.Duration{"c": 30 * time.Hour, "a": time.Second, "b": time.Minute} {
			s.spawn(nil, name, func() {
				_ = clock.Sleep(context.Background(), d)
				order = append(order, name)
			})
		}
		ctx, cancel := clock.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := clock.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Error(err)
		}
		if passed := clock.Now().Sub(epoch().Add(time.Hour)); passed < 10*time.Second || passed > 11*time.Second {
			t.Errorf("%s have passed", passed)
		}
		_ = clock.Sleep(context.Background(), 40*time.Hour)
	})
	if got := strings.Join(order, ""); got != "abc" || err != nil {
		t.Error(got, err)
	}
}

func BenchmarkToyWorld(b *testing.B) {
	seed, steps := uint64(0), 0
	for b.Loop() {
		_, w, err := toyWorld(seed, true, nil)
		if err != nil {
			b.Fatal(seed, err)
		}
		steps += w.steps
		seed++
	}
	b.ReportMetric(float64(steps)/float64(b.N), "steps/world")
}
