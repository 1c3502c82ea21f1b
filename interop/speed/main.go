// Command speed measures signing and verifying beside what cryptography alone
// costs, and beside goxmldsig, libxmlsec1 and the JDK, all in one run: each in
// several short windows that take turns, of which the best counts. It prints
// times and their ratios to the floor, which is the raw operation with the key
// and a SHA-256 of the canonical octets.
//
// Run it from the folder interop: go run ./speed
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
)

func main() {
	windows := flag.Int("windows", 9, "windows for each contender")
	length := flag.Duration("window", 60*time.Millisecond, "length of a window")
	only := flag.String("only", "", "only what has this in its name")
	hostile := flag.Bool("shapes", true, "measure hostile shapes too")
	foreign := flag.Bool("foreign", true, "measure libxmlsec1 and the JDK, where installed")
	flag.Parse()
	if err := run(os.Stdout, *only, *windows, *length, *foreign, *hostile); err != nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, only string, windows int, length time.Duration, foreign, hostile bool) error {
	races, err := plan(foreign)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, p := range races {
		if !strings.Contains(p.name, only) {
			continue
		}
		race, err := p.make()
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		race.name = p.name
		err = race.run(windows, length)
		race.close()
		if err != nil {
			return err
		}
		race.print(table)
		if err := table.Flush(); err != nil {
			return err
		}
	}
	if !hostile {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		return err
	}
	return runShapes(out, signer, windows, length)
}

// race is one job that several contenders do.
type race struct {
	name       string // "verify and decode 2 KB, RSA-2048"
	bytes      int
	contenders []*contender // the first is the floor
}

// contender does the job n times.
type contender struct {
	name string
	do   func(n int) error
	// timed, where set, does the job n times in another process, which tells how
	// long it took.
	timed func(n int) (time.Duration, error)
	close func()
	note  string
	best  time.Duration // for one time
}

// run gives every contender its windows in turn.
func (r *race) run(windows int, length time.Duration) error {
	for _, c := range r.contenders {
		if err := c.fit(length); err != nil {
			return fmt.Errorf("%s: %s: %w", r.name, c.name, err)
		}
	}
	for range windows {
		for _, c := range r.contenders {
			n := max(1, int(length/max(c.best, 1)))
			took, err := c.take(n)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", r.name, c.name, err)
			}
			c.best = min(c.best, took/time.Duration(n))
		}
	}
	return nil
}

// fit warms the contender up until one window is filled, and notes the time.
func (c *contender) fit(length time.Duration) error {
	for n := 1; ; n *= 2 {
		took, err := c.take(n)
		if err != nil {
			return err
		}
		c.best = took / time.Duration(n)
		if took >= length {
			return nil
		}
	}
}

func (c *contender) take(n int) (time.Duration, error) {
	if c.timed != nil {
		return c.timed(n)
	}
	start := time.Now()
	err := c.do(n)
	return time.Since(start), err
}

func (r *race) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s (%d bytes)\t\t\t\t\n", r.name, r.bytes)
	floor := r.contenders[0].best
	for _, c := range r.contenders {
		rate := float64(r.bytes) / float64(c.best.Nanoseconds()) * 1e3
		fmt.Fprintf(w, "%s\t%.1f µs\t%.2f x\t%.0f MB/s\t  %s\n", c.name, float64(c.best.Nanoseconds())/1e3, float64(c.best)/float64(floor), rate, c.note)
	}
}

func (r *race) close() {
	for _, c := range r.contenders {
		if c.close != nil {
			c.close()
		}
	}
}
