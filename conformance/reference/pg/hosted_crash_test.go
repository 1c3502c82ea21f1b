package pg_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
)

// dead is the end of a server that was killed: no service catches it.
type dead struct{}

func (dead) PassThrough() {}

// TestHostedCrash kills the PG before and after each commit of a checkout with an
// authentication, and starts it anew: the buyer comes to an end that the shop is told
// too, no hold is left, and the order is paid once or not at all.
func TestHostedCrash(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n, struck := 1, true; struck; n++ {
			t.Run(fmt.Sprintf("after=%v/%d", after, n), func(t *testing.T) { struck = crashed(t, after, n) })
			if n > 200 {
				t.Fatal("the checkout does not end")
			}
		}
	}
}

// crashed runs a checkout in which the PG is killed at its nth commit, and reports
// whether there was one.
func crashed(t *testing.T, after bool, n int) (struck bool) {
	t.Helper()
	m := newMall(t)
	books, _ := m.pg.journal.(*kecistest.Journal)
	b := m.browser()
	order, at := m.openOrder(b, "ORD-0001", dear)
	kill := func() error {
		if n--; n == 0 {
			panic(dead{})
		}
		return nil
	}
	if after {
		books.AfterCommit = kill
	} else {
		books.BeforeCommit = kill
	}
	again := func(step func()) {
		if m.survives(step) {
			return
		}
		struck = true
		books.BeforeCommit, books.AfterCommit = nil, nil
		m.host()
		m.later(time.Minute)
	}
	page, _, _ := strings.Cut(at.url, "?")
	again(func() { at = m.enter(b, at, "card-approve", "amount") })
	again(m.work)
	if at = b.get(page); !strings.HasPrefix(at.url, m.pages) { // nothing had begun
		at = m.enter(b, at, "card-approve", "amount")
	}
	again(func() {
		if shown := b.get(at.url); strings.Contains(shown.body, `name="value"`) {
			at = b.answer(shown, m.typed("card-approve", "amount"))
		}
	})
	again(m.work)
	again(func() { m.later(2 * time.Minute) })
	books.BeforeCommit, books.AfterCommit = nil, nil
	at = b.get(page)
	if strings.HasPrefix(at.url, m.pages) && strings.Contains(at.body, `name="value"`) { // nothing was taken
		b.answer(at, m.typed("card-approve", "amount"))
		m.later(time.Minute)
		at = b.get(page)
	}
	for strings.HasPrefix(at.url, m.pages) { // it has ended without a payment
		at = b.follow(at)
	}
	if strings.Contains(at.body, `id="pay"`) { // not authenticated: the buyer leaves
		at = b.post(page, url.Values{"do": {"cancel"}})
	}
	if strings.Contains(at.body, "KECISResponse") {
		back := m.home(b, at)
		if found := m.inquire(m.shop, pgID, order.ID); back.Err == nil && found.Transaction.State != kecis.StateCaptured {
			t.Errorf("the shop was told that it is paid, and it is %v", found.Transaction.State)
		}
	} else if !strings.Contains(at.body, "lang") || at.status >= http.StatusInternalServerError {
		t.Errorf("the buyer ends at %d %s %s", at.status, at.url, at.body)
	}
	m.later(time.Hour)
	m.agreed()
	m.atMostOnce()
	return struck
}

// survives reports whether the PG has lived through a step.
func (m *mall) survives(step func()) (alive bool) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(dead); !ok {
				panic(p)
			}
		}
	}()
	m.dies = false
	step()
	return !m.dies
}

// later lets the parties work for a while.
func (m *mall) later(d time.Duration) {
	m.t.Helper()
	const pieces = 6
	for range pieces {
		m.clock.Advance(d / pieces)
		m.work()
	}
}

// atMostOnce fails the test if a hold lives, or more was taken than the order.
func (m *mall) atMostOnce() {
	m.t.Helper()
	payments, err := m.issuer.Payments(m.t.Context(), "", 100)
	if err != nil {
		m.t.Fatal(err)
	}
	var taken int64
	for _, p := range payments {
		taken += p.Captured - p.Refunded
		if p.Held != 0 {
			m.t.Errorf("%d are held", p.Held)
		}
		if p.Purpose == kecis.AmountAuthentication && p.Captured != 0 {
			m.t.Error("a hold was captured")
		}
	}
	if taken != 0 && taken != dear {
		m.t.Errorf("%d were taken", taken)
	}
}
