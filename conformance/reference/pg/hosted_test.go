package pg_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
)

// TestHostedStepUp: a buyer enters an instrument on the PG's page, is authenticated, and
// comes back to the shop with the answer.
func TestHostedStepUp(t *testing.T) {
	for method, instrument := range map[string]string{"amount": "card-approve", "descriptor": "card-approve", "deposits": "account-approve"} {
		t.Run(method, func(t *testing.T) {
			m := newMall(t)
			b := m.browser()
			order, at := m.openOrder(b, "ORD-0001", dear)
			if !strings.Contains(at.body, "300,000원") || !strings.Contains(at.body, "꽃집") {
				t.Fatalf("the page is %s", at.body)
			}
			at = m.enter(b, at, instrument, method)
			if !strings.HasPrefix(at.url, m.pages) {
				t.Fatalf("not led to the authentication: %s %s", at.url, at.body)
			}
			if again := b.get(m.front + "/" + handleOf(t, m)); again.url != at.url {
				t.Errorf("the order's page leads to %s", again.url)
			}
			at = b.answer(at, m.typed(instrument, method))
			for range 3 {
				m.work()
			}
			at = b.get(strings.Split(at.url, "?")[0])
			back := m.home(b, at)
			if back.Err != nil || back.Answer.Transaction.State != kecis.StateCaptured || back.Answer.Transaction.Captured != dear {
				t.Fatalf("the shop was brought %+v, %v", back.Answer, back.Err)
			}
			if found := m.inquire(m.shop, pgID, order.ID); found.Transaction != back.Answer.Transaction {
				t.Errorf("the back channel says %+v", found.Transaction)
			}
			m.gone(1)
			m.agreed()
		})
	}
}

// TestHostedCheap: below the threshold the order is paid at once, in instalments too.
func TestHostedCheap(t *testing.T) {
	m := newMall(t)
	b := m.browser()
	_, at := m.openOrder(b, "ORD-0001", 60_000)
	if strings.Contains(at.body, `name="method"`) || !strings.Contains(at.body, `<option value="6">`) || strings.Contains(at.body, `<option value="7">`) {
		t.Errorf("the page is %s", at.body)
	}
	at = m.enter(b, at, "card-approve", "")
	if back := m.home(b, at); back.Err != nil {
		t.Fatal(back.Err)
	}
	m.gone(0)
	m.agreed()
}

// TestHostedRefused: what cannot be an instrument is told, and nothing of it is shown.
func TestHostedRefused(t *testing.T) {
	m := newMall(t)
	b := m.browser()
	_, at := m.openOrder(b, "ORD-0001", dear)
	for name, values := range map[string]url.Values{
		"카드 번호를 다시": {"number": {"4000001200000017"}, "expiry": {"12/99"}, "verification": {"123"}},
		"유효기간을":     {"number": {"4000001200000016"}, "expiry": {"13/99"}, "verification": {"123"}},
		"카드 확인 번호는": {"number": {"4000001200000016"}, "expiry": {"12/99"}, "verification": {"12"}},
		"받지 않는 번호":  {"number": {"4111111111111111"}, "expiry": {"12/99"}, "verification": {"123"}},
	} {
		values.Set("do", "pay")
		got := b.post(at.url, values)
		if got.status != 422 || !strings.Contains(got.body, name) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if strings.Contains(got.body, values.Get("number")) {
			t.Errorf("%s: the number is on the page", name)
		}
	}
	at = b.post(at.url, url.Values{"do": {"cancel"}})
	if back := m.home(b, at); back.Err == nil || back.Answer.Status.Code != kecis.ErrBuyerCancelled {
		t.Errorf("the shop was brought %+v", back.Answer.Status)
	}
}

// TestHostedLocked: after three wrong values nothing is paid; the buyer goes back to
// the order's page and pays with another card.
func TestHostedLocked(t *testing.T) {
	m := newMall(t)
	b := m.browser()
	_, at := m.openOrder(b, "ORD-0001", dear)
	at = m.enter(b, at, "card-approve", "amount")
	for range 3 {
		at = b.answer(at, url.Values{"do": {"answer"}, "value": {"999"}})
	}
	m.work()
	at = b.follow(b.get(at.url))
	if !strings.HasPrefix(at.url, m.front) || !strings.Contains(at.body, "본인 확인이 되지 않아") {
		t.Fatalf("back at %s: %s", at.url, at.body)
	}
	m.clock.Advance(time.Minute) // a message of its own time
	at = m.enter(b, at, "card-approve-2", "amount")
	at = b.answer(at, m.typed("card-approve-2", "amount"))
	m.work()
	if back := m.home(b, b.get(at.url)); back.Err != nil {
		t.Fatal(back.Err)
	}
	m.gone(2)
	m.agreed()
}

// TestHostedLater: the link in a mail goes on in another browser, to the same order, and
// from there to the shop.
func TestHostedLater(t *testing.T) {
	m := newMall(t)
	first, second := m.browser(), m.browser()
	_, at := m.openOrder(first, "ORD-0001", dear)
	at = m.enter(first, at, "card-approve", "amount")
	first.answer(at, url.Values{"do": {"later"}, "mail": {"buyer@example.org"}})
	if len(m.mail.mails) != 1 {
		t.Fatal("no mail was sent")
	}
	mail := m.mail.mails[0]
	if !strings.Contains(mail.Text, "300,000") || !strings.Contains(mail.Text, "꽃집") || !strings.Contains(mail.Text, mail.Link) {
		t.Errorf("the mail is %s", mail.Text)
	}
	at = second.post(second.get(mail.Link).url, nil)
	if !strings.Contains(at.body, "300,000") {
		t.Errorf("the page is %s", at.body)
	}
	if old := first.get(at.url); old.status != 403 {
		t.Errorf("the first browser goes on: %d", old.status)
	}
	if old := first.get(m.front + "/" + handleOf(t, m)); old.status != 403 {
		t.Errorf("the first browser takes it back: %d", old.status)
	}
	at = second.answer(at, m.typed("card-approve", "amount"))
	m.work()
	if back := m.home(second, second.get(at.url)); back.Err != nil {
		t.Fatal(back.Err)
	}
	m.agreed()
}

// TestHostedDeclined: authenticated, and declined: the shop is told, and no hold lives.
func TestHostedDeclined(t *testing.T) {
	m := newMall(t)
	b := m.browser()
	_, at := m.openOrder(b, "ORD-0001", 10_000_100) // above the funds of the account
	at = m.enter(b, at, "account-approve", "amount")
	at = b.answer(at, m.typed("account-approve", "amount"))
	m.work()
	at = b.get(at.url)
	if !strings.Contains(at.body, "본인 확인은 되었지만 결제가 거절되었습니다") {
		t.Errorf("the buyer is told %s", at.body)
	}
	if back := m.home(b, b.follow(at)); back.Answer.Status.Code != kecis.ErrDeclinedLimit || back.Answer.Status.Outcome != kecis.NotDone {
		t.Errorf("the shop was brought %+v", back.Answer.Status)
	}
	m.gone(1)
	m.agreed()
}

// TestHostedReleaseUnknown: an issuer that does not answer the release keeps the payment
// waiting for 10 seconds, and no longer; the hold is gone in the end (KECIS-AA-013).
func TestHostedReleaseUnknown(t *testing.T) {
	m := newMall(t)
	b := m.browser()
	_, at := m.openOrder(b, "ORD-0001", dear)
	at = m.enter(b, at, "card-approve", "amount")
	typed := m.typed("card-approve", "amount")
	m.lost(kecistest.RequestLost, "CancellationRequest", "InquiryRequest", "ReversalRequest")
	page := at.url
	b.answer(at, typed)
	m.clock.Advance(11 * time.Second)
	m.work()
	at = b.get(page)
	if back := m.home(b, at); back.Err != nil {
		t.Fatal(back.Err)
	}
	m.network.Fault(nil)
	for range 20 {
		m.clock.Advance(time.Minute)
		m.work()
	}
	m.gone(1)
	m.agreed()
}

// TestHostedLimit: the hold has taken of a limit that does not hold both, and its release is
// unknown. The payment is asked for all the same, and once more when the hold is gone
// (KECIS-AA-013).
func TestHostedLimit(t *testing.T) {
	for name, released := range map[string]bool{"released": true, "not released": false} {
		t.Run(name, func(t *testing.T) {
			m := newMall(t)
			m.limit("card-approve", dear+500)
			b := m.browser()
			order, at := m.openOrder(b, "ORD-0001", dear)
			at = m.enter(b, at, "card-approve", "amount")
			typed := m.typed("card-approve", "amount")
			payments, helping := 0, false
			m.network.Fault(func(r *http.Request) kecistest.Fault {
				if helping || r.URL.String() != issuerID || kindOf(t, r) == "PaymentRequest" {
					return kecistest.Delivered
				}
				return kecistest.RequestLost
			})
			m.network.Handle(issuerID, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !helping {
					payments++
				}
				if payments == 2 && released && !helping { // another server releases the hold meanwhile
					helping = true
					m.clock.Advance(8 * time.Second)
					if _, err := m.authenticator.RunOnce(t.Context()); err != nil {
						t.Error(err)
					}
					helping = false
				}
				m.server.ServeHTTP(w, r)
			}))
			page := at.url
			b.answer(at, typed)
			for range 4 {
				m.clock.Advance(11 * time.Second)
				m.work()
			}
			if payments < 3 {
				t.Errorf("the issuer was asked %d times", payments)
			}
			m.network.Fault(nil)
			m.later(10 * time.Minute)
			at = b.get(page)
			for strings.HasPrefix(at.url, m.pages) {
				at = b.follow(at)
			}
			found := m.inquire(m.shop, pgID, order.ID)
			if released && found.Transaction.State != kecis.StateCaptured || !released && found.Result.Code != kecis.ErrDeclinedLimit {
				t.Errorf("the order is %+v", found)
			}
			m.gone(1)
			m.atMostOnce()
			if released {
				m.refund(order)
			}
		})
	}
}

// TestHostedShopGone: nobody comes back to the page; the order is paid all the same, and
// the shop finds it so.
func TestHostedShopGone(t *testing.T) {
	m := newMall(t)
	b := m.browser()
	order, at := m.openOrder(b, "ORD-0001", dear)
	at = m.enter(b, at, "card-approve", "amount")
	b.answer(at, m.typed("card-approve", "amount"))
	m.work()
	if found := m.inquire(m.shop, pgID, order.ID); found.Transaction.State != kecis.StateCaptured {
		t.Errorf("found %+v", found)
	}
	m.agreed()
}

// TestHostedReversed: the shop gives the order up while its buyer is authenticated:
// nothing is paid, and the hold is gone.
func TestHostedReversed(t *testing.T) {
	m := newMall(t)
	b := m.browser()
	order, at := m.openOrder(b, "ORD-0001", dear)
	at = m.enter(b, at, "card-approve", "amount")
	if end, err := m.shop.Reverse(t.Context(), order.ID, kecis.ReasonAbandoned); err != nil || end.Code != kecis.NeverExecuted {
		t.Fatalf("reversed: %+v, %v", end, err)
	}
	b.answer(at, m.typed("card-approve", "amount"))
	m.work()
	if at = b.get(at.url); strings.Contains(at.body, "결제되었습니다") {
		t.Errorf("the buyer is told %s", at.body)
	}
	m.gone(1)
	m.agreed()
}

// typed is what the holder of an instrument reads, as the form has it.
func (m *mall) typed(instrument, method string) url.Values {
	m.t.Helper()
	variant := map[string]kecis.Variant{"amount": kecis.VariantAmount, "descriptor": kecis.VariantDescriptor, "deposits": kecis.VariantDeposits}[method]
	first, second, _ := strings.Cut(m.read(instrument, variant), " ")
	return url.Values{"do": {"answer"}, "value": {first}, "value2": {second}}
}
