package browser_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/kecis/sdk/kecis/amountauth"
)

// amounts are the scenarios of authentication by amount.
func amounts(t *testing.T, c *chromium, n *town) {
	for _, v := range visitors() {
		t.Run(v.String(), func(t *testing.T) {
			m := newMarket(t, n)
			payByAmount(t, c, m, v)
		})
	}
}

// toAmountPage orders at the shop, which leads to the page of the PG.
func toAmountPage(p *tab, m *market, order string) {
	p.t.Helper()
	p.goTo(m.town.at(shopHost, "/orders/"+order))
	p.click("#buy")
	p.heading("금액 인증", "Authentication by amount")
}

// payByAmount pays an order with the amount that is read in the inbox.
func payByAmount(t *testing.T, c *chromium, m *market, v visitor) {
	p := c.open(t, "amount", v)
	toAmountPage(p, m, "ORDER-1")
	amount := readAmount(t, c, m, v)
	p.hidden = []string{amount, strings.ReplaceAll(amount, ",", "")}
	p.look("asked")
	p.enter("#value", "abc")
	p.click("button.main")
	p.look("letters")
	p.enter("#value", "999")
	p.click("button.main")
	p.shows(amountauth.ErrWrong.Text(v.language))
	p.look("wrong")

	p.enter("#value", amount+v.say("원", ""))
	p.hidden = nil // the visitor has typed it
	p.click("button.main")
	p.heading("인증되었습니다", "Authenticated")
	m.rest()
	p.goTo(p.address())
	p.look("done")
	p.click("a.main")
	p.until("#done")
	m.accounts(price)
}

// readAmount reads the amount of the hold in the inbox, in a browser of its own.
func readAmount(t *testing.T, c *chromium, m *market, v visitor) string {
	t.Helper()
	inbox := c.open(t, "inbox", v)
	inbox.goTo(m.inbox())
	inbox.look("held")
	found := regexp.MustCompile(`(?:KRW ?|₩ ?)?([\d,]+)(?:원| ?KRW| won)?`).FindStringSubmatch(strings.SplitN(inbox.text("main"), " ", 4)[3])
	if found == nil {
		t.Fatalf("no amount in %q", inbox.text("main"))
	}
	n, err := strconv.Atoi(strings.ReplaceAll(found[1], ",", ""))
	if err != nil || n < 1000 || n >= price {
		t.Fatalf("no amount in %q", inbox.text("main"))
	}
	return found[1]
}

var _ = fmt.Sprint
var _ = chromedp.Void{}
