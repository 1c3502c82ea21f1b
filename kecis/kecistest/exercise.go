package kecistest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// Exercise is the contract test of a service (kecis.Payments). It puts the
// service behind a real kecis.Server on a journal in memory, lets a shop pay,
// reverse, and, if the service is also kecis.Captures or kecis.Cancellations,
// capture and cancel, and breaks something between every two steps, once at each
// place: the server is killed before or after a commit, a call of the service is
// lost, late, or panics, an answer is lost, a deadline passes, the same request
// comes again, a reversal comes before, during and after its payment. Each time
// it then lets the background work end, and holds what the shop is told against
// what the service says:
//
//   - a payment that is done is one that Lookup approves;
//   - one that is not done is one that Lookup does not approve, then or ever;
//   - nothing stays unknown, and nothing of a service is left undone;
//   - Pay is called at most once with a key, and Reverse works any number of times.
//
// Whatever does not hold is an error of t that names the step and the promise. A
// service that is also Books is asked what it really charged.
//
// The service is called some thousand times, from one goroutine, and never waits
// for a clock. It is used as it is, and keeps what it did: use a test account.
func Exercise(t testing.TB, service kecis.Payments) {
	t.Helper()
	Exercising{}.Run(t, func(journal.Journal) kecis.Payments { return service })
}

// Books is what a service may be beside kecis.Payments, for Exercise alone: it
// tells what the back end really did, of which Lookup is only the service's word.
type Books interface {
	// Charged returns what the payment with that key takes of the buyer, in minor
	// units: held or captured, and not given back; 0 if there is no such payment.
	Charged(ctx context.Context, key string) (int64, error)
}

// Exercising is Exercise for a service that needs more than that gives.
type Exercising struct {
	// Payment, if set, changes each payment before it is signed, as for a service
	// that takes only certain instruments or amounts. Without it, 50,000 won are
	// paid from a bank account.
	Payment func(*kecis.PaymentRequest)
}

// maxBroken is how many broken promises are reported: what is wrong in one place
// mostly shows in many.
const maxBroken = 10

// Run is Exercise with a service that is made anew for each run, on the journal
// of that run: one that keeps its accounts in the journal (kecis.Planner).
func (e Exercising) Run(t testing.TB, fresh func(journal.Journal) kecis.Payments) {
	t.Helper()
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	x := &exercise{config: e, fresh: fresh, at: at}
	x.shop = NewParty(t, "https://shop.example/kecis", Role(metadata.Requester), at).Without(metadata.ServiceNotification)
	x.provider = NewParty(t, "https://provider.example/kecis", Role(metadata.PG), at)
	var prefix [4]byte
	if _, err := rand.Read(prefix[:]); err != nil {
		t.Fatal(err)
	}
	x.prefix = hex.EncodeToString(prefix[:])
	if err := x.begin(); err != nil {
		t.Fatalf("Exercise: %v", err)
	}
	for _, p := range plays() {
		if !x.offers(&p) {
			t.Logf("Exercise: %q is left out, the service does not offer it", p.name)
			continue
		}
		if x.perform(&p); len(x.broken) >= maxBroken {
			break
		}
	}
	for _, text := range x.broken {
		t.Error("Exercise: " + text)
	}
	if len(x.broken) >= maxBroken {
		t.Errorf("Exercise: stopped after %d broken promises", len(x.broken))
	}
	t.Logf("Exercise: %d runs", x.runs)
}

// exercise is one call of Exercise.
type exercise struct {
	config         Exercising
	fresh          func(journal.Journal) kecis.Payments
	shop, provider *Party
	at             time.Time
	prefix         string // of order IDs, so that a back end never sees one twice
	runs           int
	captures       bool // what the service offers beside payments
	cancellations  bool
	manual         bool // it takes payments that are captured later
	broken         []string
}

// begin pays once without a fault: only what works can be broken.
func (x *exercise) begin() error {
	s, err := x.stage(fault{})
	if err != nil {
		return err
	}
	_, x.captures = s.service.(kecis.Captures)
	_, x.cancellations = s.service.(kecis.Cancellations)
	if s, err = x.stage(fault{}); err != nil { // anew: now it is known what is offered
		return err
	}
	p := s.pay(kecis.CaptureAutomatic)
	if p.told != kecis.Done && p.told != kecis.Pending {
		return fmt.Errorf("the service must approve a plain payment of %v, and its shop was told: %w; set Exercising.Payment to change what is paid", p.amount, p.err)
	}
	if x.captures {
		manual := s.pay(kecis.CaptureManual)
		x.manual = manual.told == kecis.Done
	}
	return nil
}

func (x *exercise) offers(p *play) bool {
	return (!p.captures || x.captures && x.manual) && (!p.cancellations || x.cancellations)
}

// perform runs a play without a fault, and with each fault at each place.
func (x *exercise) perform(p *play) {
	x.run(p, fault{})
	for _, where := range []place{atCall, atCommit} {
		for _, how := range faultsAt(where) {
			for n := 1; len(x.broken) < maxBroken; n++ {
				if !x.run(p, fault{where, n, how}) {
					break // there is no nth place
				}
			}
		}
	}
}

// run runs a play with one fault and judges what came of it; it reports whether
// the fault happened.
func (x *exercise) run(p *play, f fault) (happened bool) {
	x.runs++
	s, err := x.stage(f)
	if err != nil {
		x.breach(p.name, "", "the server cannot be made: "+err.Error())
		return false
	}
	s.counting, s.sweeping = true, p.background
	p.act(s)
	s.counting = p.background
	s.settle()
	s.quiet()
	s.deliver()
	s.counting = false
	for _, text := range s.judge() {
		x.breach(p.name, s.struck, text)
	}
	return s.struck != ""
}

// breach keeps a broken promise, once.
func (x *exercise) breach(name, struck, promise string) {
	text := name
	if struck != "" {
		text += ", " + struck
	}
	text += ": " + promise
	if len(x.broken) < maxBroken && !slices.Contains(x.broken, text) {
		x.broken = append(x.broken, text)
	}
}

// order returns an order ID that was not used before.
func (x *exercise) order(n int) string {
	return "EX-" + x.prefix + "-" + strconv.Itoa(x.runs) + "-" + strconv.Itoa(n)
}
