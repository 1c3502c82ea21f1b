package issuer_test

import (
	"context"
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlenc"
)

func TestApproval(t *testing.T) {
	w := newWorld(t)
	a, approval := w.pay("card-approve", 50_000, instalments(3))
	if !regexp.MustCompile(`^[0-9]{8}$`).MatchString(approval.ApprovalCode) {
		t.Errorf("approval code %q, want 8 digits", approval.ApprovalCode)
	}
	if want := w.clock.Now().Add(issuer.DefaultHoldTime); !approval.HoldExpires.Equal(want) {
		t.Errorf("the hold ends at %v, want %v", approval.HoldExpires, want)
	}
	if len(approval.InstrumentRef) < 16 {
		t.Errorf("InstrumentRef %q", approval.InstrumentRef)
	}
	if p := w.book(a); p.Held != 50_000 || p.Captured != 0 || p.State != issuer.Approved {
		t.Errorf("books: %+v", p)
	}
	b, approval := w.pay("account-approve", 7, automatic)
	if p := w.book(b); p.Held != 0 || p.Captured != 7 || !approval.HoldExpires.IsZero() {
		t.Errorf("books: %+v", p)
	}
	w.audited()
}

func TestEveryTestInstrument(t *testing.T) { onEachStore(t, everyTestInstrument) }

func everyTestInstrument(t *testing.T, w *world) {
	t.Helper()
	want := map[string]error{
		"card-declined": kecis.ErrDeclinedIssuer, "card-limit": kecis.ErrDeclinedLimit, "card-expired": kecis.ErrExpiredCard,
		"card-stolen": kecis.ErrLostStolen, "card-unknown": kecis.ErrInvalidCard, "card-amount": kecis.ErrInvalidAmount,
		"card-merchant": kecis.ErrNotPermittedMerchant, "card-authentication": kecis.ErrAuthenticationRequired,
		"account-empty": kecis.ErrDeclinedLimit, "account-closed": kecis.ErrInvalidCard, "e-money-empty": kecis.ErrDeclinedLimit,
	}
	for _, i := range issuer.TestInstruments() {
		t.Run(i.ID, func(t *testing.T) {
			a := w.attempt()
			p := w.payment(i.ID, 50_000)
			approval, err := w.plan(a, p)
			if approval == nil && err == nil {
				approval, err = w.issuer.Pay(t.Context(), a, p)
			}
			if want[i.ID] != nil {
				wantRefusal(t, err, want[i.ID])
				_, err = w.issuer.Lookup(t.Context(), a.Key)
				wantRefusal(t, err, want[i.ID])
				return
			}
			if err != nil || approval == nil {
				t.Errorf("%v, %v, want an approval", approval, err)
			}
		})
	}
	w.audited()
}

func TestPayIsIdempotentOnItsKey(t *testing.T) { onEachStore(t, payIsIdempotentOnItsKey) }

func payIsIdempotentOnItsKey(t *testing.T, w *world) {
	t.Helper()
	a := w.attempt()
	p := w.payment("card-approve", 10_000)
	first, err := w.issuer.Pay(t.Context(), a, p)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.issuer.Pay(t.Context(), a, p)
	if err != nil || *again != *first {
		t.Errorf("again: %+v, %v, want %+v", again, err, first)
	}
	found, err := w.issuer.Lookup(t.Context(), a.Key)
	if err != nil || *found != *first {
		t.Errorf("lookup: %+v, %v, want %+v", found, err, first)
	}
	if _, err := w.issuer.Lookup(t.Context(), w.key()); err == nil || errors.As(err, new(*kecis.Refusal)) {
		t.Errorf("lookup of a key that was never used: %v, want an error that is no refusal", err)
	}
	w.audited()
}

func TestInstrumentRef(t *testing.T) { onEachStore(t, instrumentRef) }

func instrumentRef(t *testing.T, w *world) {
	t.Helper()
	_, first := w.pay("card-approve", 1000)
	_, second := w.pay("card-approve", 1000, withRef(first.InstrumentRef))
	if second.InstrumentRef != first.InstrumentRef {
		t.Errorf("another token for the same card and sender")
	}

	stranger := w.attempt()
	stranger.Sender = otherPG
	_, err := w.plan(stranger, w.payment("card-approve", 1000, withRef(first.InstrumentRef)))
	wantRefusal(t, err, kecis.ErrInvalidCard)

	stranger = w.attempt()
	stranger.Sender = otherPG
	other, err := w.plan(stranger, w.payment("card-approve", 1000))
	if err != nil || other.InstrumentRef == first.InstrumentRef {
		t.Errorf("the other PG's token: %v, %v", other, err)
	}
	w.refused(kecis.ErrInvalidCard, "card-approve", 1000, withRef("0123456789abcdef0123"))
	w.refused(kecis.ErrInvalidCard, "card-approve-2", 1000, withRef(first.InstrumentRef))
	w.audited()
}

func TestInstalmentsFrom50000(t *testing.T) {
	w := newWorld(t)
	w.refused(kecis.ErrInvalidInstalment, "card-approve", 49_999, instalments(2))
	w.pay("card-approve", 50_000, instalments(12))
	w.pay("card-approve", 49_999)
	w.refused(kecis.ErrInvalidInstalment, "card-lump-sum", 50_000, instalments(2))
	w.pay("card-lump-sum", 50_000)
	w.refused(kecis.ErrInvalidInstalment, "card-dollars", 5_000_000, instalments(2))
	w.refused(kecis.ErrInvalidAmount, "card-approve", 99)
	w.pay("card-approve", 100)
	w.audited()
}

func TestOtherCurrencyIsNotServed(t *testing.T) {
	w := newWorld(t)
	w.refused(kecis.ErrNotServed, "card-approve", 1000, func(p *kecis.PaymentRequest) {
		p.Amount.Currency, p.OrderAmount.Currency = kecis.USD, kecis.USD
	})
}

// TestEncryptedForAnotherPayment puts the instrument of one payment into another.
func TestEncryptedForAnotherPayment(t *testing.T) {
	w := newWorld(t)
	donor := w.payment("card-approve", 1000)
	for name, edit := range map[string]func(*kecis.PaymentRequest){
		"payee": func(p *kecis.PaymentRequest) { p.Payee.Entity = "https://thief.example" },
		"order": func(p *kecis.PaymentRequest) { p.OrderRef.OrderID = "order-0002" },
		"part":  func(p *kecis.PaymentRequest) { p.OrderRef.Part = 2 },
		"amount": func(p *kecis.PaymentRequest) {
			p.Amount.Minor, p.OrderAmount.Minor, p.Tax.TaxFree = 2000, 2000, 2000
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := w.payment("card-approve", 1000, edit)
			p.Instrument.Encrypted = donor.Instrument.Encrypted
			_, err := w.plan(w.attempt(), p)
			wantRefusal(t, err, xmlenc.ErrFailed)
		})
	}
	t.Run("late", func(t *testing.T) {
		p := w.payment("card-approve", 1000)
		w.clock.forward(10 * time.Minute)
		_, err := w.plan(w.attempt(), p)
		wantRefusal(t, err, xmlenc.ErrFailed)
	})
	t.Run("second attempt", func(t *testing.T) { // the context leaves it out
		p := w.payment("card-approve", 1000, func(p *kecis.PaymentRequest) { p.OrderRef.Attempt = 2 })
		if _, err := w.plan(w.attempt(), p); err != nil {
			t.Error(err)
		}
	})
	w.audited()
}

func TestPlaintextThatIsWrong(t *testing.T) {
	w := newWorld(t)
	card := testInstrument(t, "card-approve")
	cases := map[string]struct {
		change func(*kecis.PlainInstrument)
		want   error
	}{
		"expiry":       {func(p *kecis.PlainInstrument) { p.ExpMonth = 11 }, kecis.ErrInvalidCard},
		"verification": {func(p *kecis.PlainInstrument) { p.Verification = ecml.NewVerification("124") }, kecis.ErrInvalidCard},
		"check digit":  {func(p *kecis.PlainInstrument) { p.Number = ecml.NewCardNumber("4000001200000017") }, xmlenc.ErrFailed},
		"other card":   {func(p *kecis.PlainInstrument) { p.Number = ecml.NewCardNumber("4000001200000040") }, kecis.ErrInvalidCard},
		"other kind":   {func(p *kecis.PlainInstrument) { p.Kind = kecis.Account }, xmlenc.ErrFailed},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := w.payment("card-approve", 1000)
			plain := card.Plain()
			c.change(&plain)
			w.encrypt(p, payload(plain))
			_, err := w.plan(w.attempt(), p)
			wantRefusal(t, err, c.want)
		})
	}
}

func TestSlowInstrumentTakesEffectFirst(t *testing.T) {
	w := newWorld(t)
	a, p := w.attempt(), w.payment("card-slow", 1000)
	if approval, err := w.plan(a, p); approval != nil || err != nil {
		t.Fatalf("planned: %v, %v", approval, err)
	}
	before := w.clock.Now()
	if _, err := w.issuer.Pay(t.Context(), a, p); err != nil {
		t.Fatal(err)
	}
	if waited := w.clock.Now().Sub(before); waited != 10*time.Second {
		t.Errorf("answered after %v", waited)
	}

	b, p := w.attempt(), w.payment("card-slow", 1000)
	ctx, cancel := context.WithCancel(t.Context())
	w.clock.cancelIn(cancel)
	if _, err := w.issuer.Pay(ctx, b, p); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if _, err := w.issuer.Lookup(t.Context(), b.Key); err != nil {
		t.Errorf("the payment took effect all the same: %v", err)
	}
	w.audited()
}
