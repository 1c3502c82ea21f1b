package browser_test

import (
	"errors"
	"testing"

	"github.com/kecis/sdk/kecis"
)

// fronts are the scenarios of the front channel: the pages of the SDK itself.
func fronts(t *testing.T, c *chromium, n *town) {
	for _, v := range visitors() {
		t.Run(v.String(), func(t *testing.T) {
			m := newMarket(t, n)
			bringsOrder(t, c, m, v)
			isSentBack(t, c, m, v)
		})
	}
}

// bringsOrder brings an order to the PG, gives up, and brings the answer back.
func bringsOrder(t *testing.T, c *chromium, m *market, v visitor) {
	p := c.open(t, "front", v)
	p.goTo(m.town.at(shopHost, "/orders/ORDER-1"))
	p.click("#plain")
	p.heading("이동 중입니다", "One moment")
	p.look("order")
	p.click("button")
	p.until("#pay")
	session := p.address()
	p.toggle("details > summary")
	p.click(`button[value="cancel"]`)
	if !v.script {
		p.heading("이동 중입니다", "One moment")
		p.look("answer")
		p.click("button")
	}
	p.until("#problem")
	if len(m.returned) != 1 || !errors.Is(m.returned[0].Err, kecis.ErrBuyerCancelled) {
		t.Errorf("%s: returned %+v", v, m.returned)
	}

	p.goTo(m.town.at(shopHost, "/orders/ORDER-2"))
	p.click("#hosted")
	if !v.script {
		p.click("button")
	}
	p.until("#pay")
	if p.address() == session {
		t.Errorf("%s: two orders have one page", v)
	}
}

// isSentBack comes with what is no order, or not his.
func isSentBack(t *testing.T, c *chromium, m *market, v visitor) {
	first := c.open(t, "front", v)
	first.goTo(m.town.at(shopHost, "/orders/ORDER-3"))
	first.click("#plain")
	first.click("button")
	first.until("#pay")
	session := first.address()

	korean := v // these pages are in both languages
	korean.language = "ko"
	p := c.open(t, "notice", korean)
	p.goTo(session)
	p.shows("다른 브라우저에서 이미 시작된 주문입니다", "This order was opened in another browser")
	p.look("other-browser")
	p.goTo(m.town.at(shopHost, "/orders/ORDER-4"))
	p.click("#broken")
	p.shows("주문을 처리할 수 없습니다", "This cannot be read")
	p.look("broken")
	p.goTo(m.town.at(pgHost, "/pay/0000"))
	p.shows("이미 끝난 주문입니다", "This order is over")
}
