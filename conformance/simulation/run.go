package simulation

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/kecis/sdk/conformance"
)

// Config says what to run.
type Config struct {
	// Worlds is how many worlds are run, from the seed FirstSeed on.
	Worlds    int
	FirstSeed uint64
	// Workers is how many worlds run at a time; below 1 is 1. The worlds are the
	// same whatever it is.
	Workers int
	// Keys are those of all parties; nil makes new ones.
	Keys *Keys
	// Files, if set, is a folder in which each world makes its own: the parties'
	// stores are SQLite databases there, closed at a crash and opened again after
	// it. Else they are in memory.
	Files string
	// Parts plants a fault; the zero Parts is a right world.
	Parts Parts
	// Failures is how many worlds may fail before the run ends; below 1 is 1.
	Failures int
	// Shrink is how many worlds may be run to shorten the history of each that
	// failed; 0 leaves it as it is.
	Shrink int
}

// Report is what came of a run.
type Report struct {
	// Worlds is how many were run.
	Worlds int
	// Steps, Exchanges and Purchases add up those of all worlds.
	Steps, Exchanges, Purchases int
	// Cells counts what could meet a fault, and what did: a Cell without Fault is
	// an event that met none.
	Cells map[Cell]int
	// Looked counts by the names of the rules what each had to look at in all
	// worlds: a rule with 0 was not observed.
	Looked map[string]int
	// Failures are the worlds that failed, by their seeds.
	Failures []Failure
}

// Failure is a world that failed.
type Failure struct {
	Seed uint64
	// Err is a deadlock, a panic or a world without end; else Findings are what
	// the judge found.
	Err      error
	Findings []conformance.Finding
	// Without are the faults that were left out of the shortest history that was
	// found, Faults those that remained.
	Without, Faults []string
	// Orderly says that the shortest history needs no race: actors run in the
	// order in which they become ready.
	Orderly bool
	// Buyers is the number of purchases in it, 0 for what the seed says.
	Buyers int
	// History is that history, and Recording what was judged of it.
	History   string
	Recording *conformance.Recording
}

// Run runs worlds until all are run, enough have failed, or ctx is done. Its
// error is of the keys, or that of ctx.
func Run(ctx context.Context, config Config) (*Report, error) {
	keys := config.Keys
	if keys == nil {
		var err error
		if keys, err = NewKeys(); err != nil {
			return nil, err
		}
	}
	r := &runner{config: config, keys: keys, report: &Report{Cells: map[Cell]int{}, Looked: map[string]int{}}}
	var workers sync.WaitGroup
	for range max(1, config.Workers) {
		workers.Go(func() { r.work(ctx) })
	}
	workers.Wait()
	slices.SortFunc(r.report.Failures, func(a, b Failure) int { return cmp.Compare(a.Seed, b.Seed) })
	for i := range r.report.Failures {
		r.shorten(ctx, &r.report.Failures[i])
	}
	return r.report, ctx.Err()
}

// runner hands out seeds and adds up what came of them.
type runner struct {
	config Config
	keys   *Keys

	mu     sync.Mutex
	next   int
	report *Report
}

func (r *runner) work(ctx context.Context) {
	for ctx.Err() == nil {
		r.mu.Lock()
		n, enough := r.next, len(r.report.Failures) >= max(1, r.config.Failures)
		r.next++
		r.mu.Unlock()
		if n >= r.config.Worlds || enough {
			return
		}
		c := r.script(r.config.FirstSeed + uint64(n))
		out := c.play()
		r.mu.Lock()
		r.report.add(&out, c.seed)
		r.mu.Unlock()
	}
}

func (r *runner) script(seed uint64) *script {
	return &script{seed: seed, keys: r.keys, parts: r.config.Parts, files: r.config.Files}
}

func (r *Report) add(out *outcome, seed uint64) {
	r.Worlds++
	r.Steps += out.steps
	r.Exchanges += len(out.recording.Exchanges)
	r.Purchases += out.purchases
	for cell, n := range out.plan.cells {
		r.Cells[cell] += n
	}
	for _, u := range out.rulings {
		r.Looked[u.Rule.Name] += u.Looked
	}
	if out.failed() {
		r.Failures = append(r.Failures, Failure{Seed: seed, Err: out.err, Findings: out.findings})
	}
}

func (o *outcome) failed() bool { return o.err != nil || len(o.findings) > 0 }

// sameAs reports whether a world fails as the failure did.
func (o *outcome) sameAs(f *Failure) bool {
	if f.Err != nil {
		return o.err != nil
	}
	return slices.ContainsFunc(o.findings, func(g conformance.Finding) bool { return g.Rule == f.Findings[0].Rule })
}

// shorten looks for a shorter history of a failure: without races, with fewer
// purchases, and without each fault that is not needed. Then it writes that
// history down.
func (r *runner) shorten(ctx context.Context, f *Failure) {
	best := *r.script(f.Seed)
	best.without = map[string]bool{}
	left := r.config.Shrink
	try := func(change func(*script)) bool {
		if left <= 0 || ctx.Err() != nil {
			return false
		}
		left--
		c := best
		c.without = map[string]bool{}
		for name := range best.without {
			c.without[name] = true
		}
		change(&c)
		out := c.play()
		if out.sameAs(f) {
			best = c
			return true
		}
		return false
	}
	try(func(c *script) { c.orderly = true })
	if !try(func(c *script) { c.buyers = 1 }) {
		try(func(c *script) { c.buyers = 2 })
	}
	r.dropFaults(&best, try)
	var history bytes.Buffer
	best.history = &history
	out := best.play()
	f.Err, f.Findings, f.Recording, f.History = out.err, out.findings, out.recording, history.String()
	f.Faults, f.Orderly, f.Buyers = out.plan.injected, best.orderly, best.buyers
	for name := range best.without {
		f.Without = append(f.Without, name)
	}
	slices.Sort(f.Without)
}

// dropFaults leaves out faults as long as the world still fails: all, halves,
// and smaller and smaller groups of those that remain.
func (r *runner) dropFaults(best *script, try func(func(*script)) bool) {
	faults := func() []string {
		c := *best
		return c.play().plan.injected
	}
	remaining := faults()
	for size := len(remaining); size >= 1; size /= 2 {
		for start := 0; start < len(remaining); {
			group := remaining[start:min(start+size, len(remaining))]
			dropped := try(func(c *script) {
				for _, name := range group {
					c.without[name] = true
				}
			})
			if dropped {
				remaining = faults()
				continue
			}
			start += size
		}
	}
}

// Sites returns all sites of commits, sorted: those that are known, and any other
// that was met.
func (r *Report) Sites() (names []string) {
	for _, s := range sites {
		names = append(names, s.name)
	}
	for cell := range r.Cells {
		if strings.Contains(cell.Site, ": ") {
			names = append(names, cell.Site)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Seen returns how often something happened at a site, with and without a fault.
func (r *Report) Seen(site string) (n int) {
	for cell, count := range r.Cells {
		if cell.Site == site && cell.Fault != reordered {
			n += count
		}
	}
	return n
}

// WriteTo writes the report for people.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%d worlds, %d purchases, %d exchanges, %d steps; %d worlds failed\n", r.Worlds, r.Purchases, r.Exchanges, r.Steps, len(r.Failures))
	r.table(&out, "messages", distinct(messageFaults()), messageKinds())
	r.table(&out, "commits", distinct(writeFaults()), r.Sites())
	for _, cell := range r.Empty() {
		fmt.Fprintf(&out, "EMPTY: %s never met %q\n", cell.Site, cell.Fault)
	}
	r.rules(&out)
	for i := range r.Failures {
		r.Failures[i].write(&out)
	}
	return out.WriteTo(w)
}

// rules writes what each rule had to look at.
func (r *Report) rules(out *bytes.Buffer) {
	fmt.Fprintf(out, "\nrules\n")
	for _, rule := range Rules() {
		looked := strconv.Itoa(r.Looked[rule.Name])
		if r.Looked[rule.Name] == 0 {
			looked = string(conformance.NotObserved)
		}
		fmt.Fprintf(out, "%12s  %s: %s\n", looked, rule.Name, rule.Text)
	}
}

func (r *Report) table(out *bytes.Buffer, title string, faults, sites []string) {
	fmt.Fprintf(out, "\n%s (all", title)
	for _, f := range faults {
		fmt.Fprintf(out, " | %s", f)
	}
	fmt.Fprintln(out, ")")
	for _, site := range sites {
		fmt.Fprintf(out, "%8d", r.Seen(site))
		for _, f := range faults {
			fmt.Fprintf(out, " %7d", r.Cells[Cell{site, f}])
		}
		fmt.Fprintf(out, "  %s\n", site)
	}
}

func (f *Failure) write(out *bytes.Buffer) {
	fmt.Fprintf(out, "\nseed %d failed\n", f.Seed)
	if f.Err != nil {
		fmt.Fprintf(out, "%v\n", f.Err)
	}
	for _, g := range f.Findings {
		fmt.Fprintf(out, "%s (%s), %s: %s\n", g.Rule, strings.Join(g.Clauses, ", "), g.Party, g.What)
	}
	for _, name := range f.Faults {
		fmt.Fprintf(out, "fault: %s\n", name)
	}
	fmt.Fprintf(out, "%s", f.History)
}
