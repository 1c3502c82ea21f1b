package issuer_test

import (
	"slices"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// authenticates makes a payment a hold that authenticates the buyer of an order of
// 50,000 won.
func authenticates(p *kecis.PaymentRequest) {
	p.OrderAmount = kecis.Won(50_000)
	p.Terms.Purpose = kecis.AmountAuthentication
}

func ofOrder(id string) func(*kecis.PaymentRequest) {
	return func(p *kecis.PaymentRequest) { p.OrderRef.OrderID = id }
}

func byCode(p *kecis.PaymentRequest) { p.Terms.Descriptor = "0042" }

func byDeposits(p *kecis.PaymentRequest) { p.Terms.Deposits = [2]int64{37, 81} }

// texts are the messages of a holder in Korean, the newest first.
func (w *world) texts(holder string) (list []string) {
	w.t.Helper()
	notices, err := w.issuer.Inbox(w.t.Context(), holder, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range notices {
		list = append(list, notices[i].Text(issuer.DefaultName, "ko"))
	}
	return list
}

// TestAuthenticationHold: the holder is told, nothing is ever captured, and the
// money is free again (KECIS-AUT-026, 028, 030).
func TestAuthenticationHold(t *testing.T) { onEachStore(t, authenticationHold) }

func authenticationHold(t *testing.T, w *world) {
	t.Helper()
	for _, c := range []struct {
		name, instrument string
		amount           int64
		edit             func(*kecis.PaymentRequest)
		told             []string
	}{
		{"amount", "card-approve", 3_721, func(*kecis.PaymentRequest) {}, []string{"3,721원 승인 (일시불) 꽃집, 카드 400000******0016"}},
		{"code", "card-approve-2", 1_000, byCode, []string{"1,000원 승인 (일시불) 꽃집 *0042, 카드 510000******0012"}},
		{"deposits", "account-approve", 118, byDeposits, []string{"37원 입금 꽃집, 계좌 ******0011", "81원 입금 꽃집, 계좌 ******0011"}},
	} {
		a, approval := w.pay(c.instrument, c.amount, authenticates, c.edit)
		told := w.texts(issuer.HolderHong)
		for _, text := range c.told {
			if !slices.ContainsFunc(told, func(s string) bool { return s == "[KECIS카드] 12/31 14:03 "+text }) {
				t.Errorf("%s: no message %q in %q", c.name, text, told)
			}
		}
		if book := w.book(a); book.Held != c.amount || approval.HoldExpires.IsZero() {
			t.Errorf("%s: books: %+v", c.name, book)
		}
		wantRefusal(t, w.capture(w.about(a), c.amount, true), kecis.ErrNotCapturable)
		w.audited()
		if c.name == "code" {
			if err := w.issuer.Reverse(t.Context(), a.Key); err != nil {
				t.Fatal(err)
			}
		} else if err := w.cancel(w.about(a), c.amount); err != nil {
			t.Errorf("%s: released: %v", c.name, err)
		}
		if book := w.book(a); book.Held != 0 {
			t.Errorf("%s: books after its end: %+v", c.name, book)
		}
		w.audited()
	}
	left, _ := w.pay("account-approve", 118, authenticates, byDeposits, ofOrder("order-0002"))
	w.clock.forward(issuer.DefaultHoldTime)
	if _, err := w.issuer.RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if book := w.book(left); book.State != issuer.Expired || book.Held != 0 {
		t.Errorf("books after its time: %+v", book)
	}
	w.audited()
}

// TestAuthenticationTries: three that fail, by whomever they were begun, and no more for
// thirty days. Those that are followed by their payment have not failed, nor have those
// of which the PG says so (KECIS-AUT-031).
func TestAuthenticationTries(t *testing.T) {
	w := newWorld(t)
	reason := kecis.ReasonRequester
	begin := func(sender, order string) error {
		a := w.attempt()
		a.Sender = sender
		p := w.payment("card-approve", 3_721, authenticates, ofOrder(order))
		p.Sender = sender
		_, err := w.plan(a, p)
		if err == nil {
			about := w.about(a)
			about.Sender = sender
			err = w.cancelFor(about, 3_721, reason)
		}
		return err
	}
	for _, order := range []string{"order-0001", "order-0002", "order-0003", "order-0004"} {
		if err := begin(pg, order); err != nil {
			t.Fatalf("%s: %v", order, err)
		}
		w.pay("card-approve", 50_000, ofOrder(order)) // it was the holder
	}
	reason = kecis.ReasonAuthenticated
	for _, order := range []string{"order-0005", "order-0006", "order-0007", "order-0008"} {
		if err := begin(pg, order); err != nil {
			t.Fatalf("%s, authenticated and not paid: %v", order, err)
		}
	}
	reason = kecis.ReasonRequester
	for i, sender := range []string{pg, otherPG, pg} {
		if err := begin(sender, "order-001"+string(rune('0'+i))); err != nil {
			t.Fatalf("try %d: %v", i+1, err)
		}
	}
	wantRefusal(t, begin(otherPG, "order-0020"), kecis.ErrDeclinedLimit)
	w.pay("card-approve", 50_000, ofOrder("order-0030")) // a payment of another order helps nobody
	wantRefusal(t, begin(pg, "order-0021"), kecis.ErrDeclinedLimit)
	w.clock.forward(30*24*time.Hour - time.Millisecond)
	wantRefusal(t, begin(pg, "order-0022"), kecis.ErrDeclinedLimit)
	w.clock.forward(time.Millisecond)
	if err := begin(pg, "order-0023"); err != nil {
		t.Errorf("after thirty days: %v", err)
	}
}

// TestAuthenticationMandate: the shop's request to authenticate allows the hold,
// and no payment (KECIS-AUT-024).
func TestAuthenticationMandate(t *testing.T) {
	shops := &shopsOf{metadata.Fixed()}
	w := newWorld(t, func(c *issuer.Config) { c.Shops = shops })
	for name, known := range map[string]metadata.Partners{"unknown shop": metadata.Fixed(), "known shop": w.knows(w.shop)} {
		shops.Partners = known
		for _, hold := range []bool{true, false} {
			p := w.payment("card-approve", 3_721, func(p *kecis.PaymentRequest) {
				p.OrderAmount = kecis.Won(50_000)
				if hold {
					authenticates(p)
				}
			})
			asked := &kecis.AuthenticationRequest{
				RequestHeader: p.RequestHeader, OrderRef: p.OrderRef, Payee: p.Payee, Amount: p.OrderAmount, OrderAmount: p.OrderAmount,
				Method: metadata.ByAmount, Variant: kecis.VariantAmount, Language: kecis.Korean, Instrument: &p.Instrument,
			}
			asked.Sender = shop
			document, err := kecis.Sign(asked, w.shop)
			if err != nil {
				t.Fatal(err)
			}
			p.Evidence[0].Document = document
			_, err = w.plan(w.attempt(), p)
			if hold && err != nil {
				t.Errorf("%s: the hold: %v", name, err)
			}
			if !hold {
				wantRefusal(t, err, kecis.ErrMandateMismatch)
			}
		}
	}
}
