package pg_test

import (
	"errors"
	"testing"

	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
)

// TestMerchants: who may be paid for what.
func TestMerchants(t *testing.T) {
	seller := func(p *kecis.PaymentRequest) {
		p.Payee = kecis.Payee{Entity: sellerID, Name: "화원", Category: "5992"}
	}
	for _, test := range []struct {
		name       string
		instrument string
		edit       func(*kecis.PaymentRequest)
		code       kecis.Code // "" for approved
	}{
		{"itself", "card-approve", func(*kecis.PaymentRequest) {}, ""},
		{"its own number", "card-approve", func(p *kecis.PaymentRequest) { p.Payee.Merchant = "M-1" }, ""},
		{"another number", "card-approve", func(p *kecis.PaymentRequest) { p.Payee.Merchant = "M-2" }, kecis.ErrNotPermittedMerchant},
		{"a business that is not registered", "card-approve", func(p *kecis.PaymentRequest) { p.Payee.Business = "1234567890" }, kecis.ErrNotPermittedMerchant},
		{"another name", "card-approve", func(p *kecis.PaymentRequest) { p.Payee.Name = "은행" }, kecis.ErrNotPermittedMerchant},
		{"a seller of its platform", "card-approve", seller, ""},
		{"a seller, not by card", "account-approve", seller, kecis.ErrNotPermittedMerchant},
		{"a seller, another category", "card-approve", func(p *kecis.PaymentRequest) { seller(p); p.Payee.Category = "7995" }, kecis.ErrNotPermittedMerchant},
		{"a seller, no category", "card-approve", func(p *kecis.PaymentRequest) { seller(p); p.Payee.Category = "" }, kecis.ErrNotPermittedMerchant},
		{"another shop", "card-approve", func(p *kecis.PaymentRequest) { p.Payee.Entity = otherID }, kecis.ErrNotPermittedMerchant},
		{"nobody", "card-approve", func(p *kecis.PaymentRequest) { p.Payee.Entity = "https://nobody.example/" }, kecis.ErrNotPermittedMerchant},
		{"for another requester", "card-approve", func(p *kecis.PaymentRequest) { p.OrderRef.Requester = otherID }, kecis.ErrMandateMismatch},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			_, err := w.shop.Pay(t.Context(), w.order("ORD-0001", test.instrument, test.edit))
			if test.code == "" && err != nil {
				t.Errorf("refused: %v", err)
			}
			if test.code != "" {
				f := refused(t, err, kecis.NotDone, test.code)
				if f.Upstream.Code != "" {
					t.Errorf("it was the issuer that refused: %+v", f.Upstream)
				}
			}
			w.agreed()
		})
	}
}

func TestSuspend(t *testing.T) {
	w := newWorld(t)
	p := w.order("ORD-0001", "card-approve", manual)
	w.pay(p)
	if err := w.pg.pg.Suspend(t.Context(), shopID); err != nil {
		t.Fatal(err)
	}
	_, err := w.shop.Pay(t.Context(), w.order("ORD-0002", "card-approve"))
	refused(t, err, kecis.NotDone, kecis.ErrNotPermittedMerchant)
	if _, err := w.capture(p, 50_000, true); err != nil {
		t.Errorf("what exists goes on: %v", err)
	}
	if err := w.pg.pg.Suspend(t.Context(), "https://nobody.example/"); !errors.Is(err, pg.ErrUnknownMerchant) {
		t.Errorf("an unknown merchant: %v", err)
	}
	list, err := w.pg.pg.Merchants(t.Context(), otherID, 1)
	if err != nil || len(list) != 1 || list[0].Entity != sellerID || list[0].Rate != 100 {
		t.Errorf("merchants %+v, %v", list, err)
	}
}

func TestRegisterRefused(t *testing.T) {
	w := newWorld(t)
	for name, m := range map[string]pg.Merchant{
		"no entity": {}, "a blank": {Entity: "https://a b"}, "a rate below": {Entity: shopID, Rate: -1},
		"a rate above": {Entity: shopID, Rate: pg.MaxRate + 1}, "a platform": {Entity: shopID, Platform: "꽃"},
	} {
		if w.pg.pg.Register(t.Context(), m) == nil {
			t.Errorf("%s was registered", name)
		}
	}
}

// TestNoRoute: the clear name of the issuer decides where a payment goes.
func TestNoRoute(t *testing.T) {
	for name, to := range map[string]string{
		"nobody": "https://nobody.example/kecis", "no issuer": secondID,
	} {
		w := newWorld(t)
		p := w.order("ORD-0001", "card-approve")
		p.Instrument.Issuer = to
		_, err := w.shop.Pay(t.Context(), p)
		f := refused(t, err, kecis.NotDone, kecis.ErrNoRoute)
		if f.Retry != kecis.RetryNewID {
			t.Errorf("%s: retry %v", name, f.Retry)
		}
	}
}

// TestMandate: a PG that changes what the shop signed is found out by the issuer.
func TestMandate(t *testing.T) {
	for name, lie := range map[string]func(*kecis.PaymentRequest){
		"none":         func(*kecis.PaymentRequest) {},
		"payee":        func(p *kecis.PaymentRequest) { p.Payee.Entity = otherID },
		"name":         func(p *kecis.PaymentRequest) { p.Payee.Name = "은행" },
		"order amount": func(p *kecis.PaymentRequest) { p.OrderAmount = kecis.Won(60_000) },
		"order":        func(p *kecis.PaymentRequest) { p.OrderRef.OrderID = "ORD-0009" },
		"part":         func(p *kecis.PaymentRequest) { p.OrderRef.Part = 2 },
		"no evidence":  func(p *kecis.PaymentRequest) { p.Evidence = nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			asked := w.order("ORD-0001", "card-approve")
			asked.Destination, asked.IssueInstant, asked.NotOnOrAfter = pgID, w.clock.Now(), w.clock.Now().Add(kecis.DefaultWindow)
			signed, err := kecis.Sign(asked, w.parties[shopID].Signer)
			if err != nil {
				t.Fatal(err)
			}
			gateway := w.client(pgID, kecistest.NewJournal())
			p := gateway.NewPayment(issuerID)
			header := p.RequestHeader
			*p = *asked
			p.RequestHeader = header
			p.Evidence = []kecis.Evidence{{Kind: kecis.EvidenceRequest, Document: signed}}
			lie(p)
			_, err = gateway.Pay(t.Context(), p)
			if name == "none" {
				if err != nil {
					t.Errorf("the truth: %v", err)
				}
				return
			}
			refused(t, err, kecis.NotDone, kecis.ErrMandateMismatch)
		})
	}
}
