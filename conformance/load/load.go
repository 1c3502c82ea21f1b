package load

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kecis/sdk/kecis"
)

// Config says what a run drives.
type Config struct {
	// Payments is how many are made, by Concurrency shops at a time.
	Payments, Concurrency int
	Keys                  KeyKind
	// Folder is where SQLite keeps its files; Postgres, if not "", is the URL of a
	// database that is used instead.
	Folder, Postgres string
	// Clock measures; nil is the machine's.
	Clock kecis.Clock
	// Progress is told how many are done, about once a second; nil for nobody.
	Progress func(done int)
	// Profile takes the processor profile of the payments, without the floor's;
	// nil for none.
	Profile io.Writer
}

// Journal is the location of a party's journal.
func (c *Config) Journal(name string) string {
	if c.Postgres != "" {
		return c.Postgres
	}
	return "sqlite:" + filepath.Join(c.Folder, name+".db")
}

func (c *Config) prefix(name string) string { return "load_" + name + "_" }

// Report is what a run measured.
type Report struct {
	Payments int
	Took     time.Duration
	// P50, P95 and P99 are the times from a shop's first byte to the verified
	// answer.
	P50, P95, P99 time.Duration
	// CPU is the time that all parts used together, and Crypto what of it the
	// cryptography of as many payments takes by itself.
	CPU, Crypto time.Duration
	// Floor is the same cryptography and the same durable commits, nothing else.
	Floor Floor
	// Heap is the memory in use after a collection, in bytes: after a tenth of
	// the payments, and at the end.
	HeapEarly, HeapLate uint64
}

// Rate is payments per second.
func (r *Report) Rate() float64 { return float64(r.Payments) / r.Took.Seconds() }

// Share is the rate in parts of the floor's.
func (r *Report) Share() float64 { return r.Rate() / r.Floor.Rate() }

// warmup is how many payments are made before the measuring begins: connections,
// statements and caches are there then.
const warmup = 200

// Run makes payments and measures them, and then the floor. Every payment must
// succeed.
func Run(ctx context.Context, c Config) (*Report, error) {
	if c.Clock == nil {
		c.Clock = kecis.SystemClock{}
	}
	m, err := openMarket(ctx, &c)
	if err != nil {
		return nil, err
	}
	defer m.stop()
	warm := c
	warm.Progress = nil
	if _, err := m.drive(ctx, &warm, "WARMUP", warmup); err != nil {
		return nil, err
	}
	r := &Report{Payments: c.Payments}
	began, used := c.Clock.Now(), processorTime()
	early := c.Payments / 10
	if c.Profile != nil {
		if err := pprof.StartCPUProfile(c.Profile); err != nil {
			return nil, err
		}
		defer pprof.StopCPUProfile() // where the payments fail
	}
	times, err := m.drive(ctx, &c, "EARLYX", early)
	if err != nil {
		return nil, err
	}
	took := c.Clock.Now().Sub(began)
	usedEarly := processorTime() - used
	r.HeapEarly = heap()
	began, used = c.Clock.Now(), processorTime()
	rest, err := m.drive(ctx, &c, "LATEXX", c.Payments-early)
	if err != nil {
		return nil, err
	}
	pprof.StopCPUProfile()
	r.Took = took + c.Clock.Now().Sub(began)
	r.CPU = usedEarly + processorTime() - used
	r.HeapLate = heap()
	times = append(times, rest...)
	slices.Sort(times)
	r.P50, r.P95, r.P99 = times[len(times)*50/100], times[len(times)*95/100], times[len(times)*99/100]
	r.Floor, err = m.floor(ctx, &c)
	r.Crypto = time.Duration(float64(r.Floor.Crypto) * float64(c.Payments))
	return r, err
}

// heap is the memory in use after a collection.
func heap() uint64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// drive makes n payments and returns how long each took.
func (m *market) drive(ctx context.Context, c *Config, run string, n int) ([]time.Duration, error) {
	times := make([]time.Duration, n)
	var next, done atomic.Int64
	var failed atomic.Pointer[error]
	var workers sync.WaitGroup
	for range min(c.Concurrency, max(n, 1)) {
		workers.Go(func() {
			for failed.Load() == nil && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				took, err := m.pay(ctx, c.Clock, run, i)
				if err != nil {
					failed.CompareAndSwap(nil, &err)
					return
				}
				times[i] = took
				if d := done.Add(1); c.Progress != nil && d%progressEvery == 0 {
					c.Progress(int(d))
				}
			}
		})
	}
	workers.Wait()
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	return times, ctx.Err()
}

// progressEvery is about a second of payments.
const progressEvery = 1000

func (m *market) pay(ctx context.Context, clock kecis.Clock, run string, i int) (time.Duration, error) {
	p, err := m.order(ctx, run, i)
	if err != nil {
		return 0, err
	}
	began := clock.Now()
	if _, err := m.client.Pay(ctx, p); err != nil {
		return 0, fmt.Errorf("payment %d: %w", i, err)
	}
	return clock.Now().Sub(began), nil
}
