package issuer_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// shopsOf lets a test say later which shops the issuer knows.
type shopsOf struct{ metadata.Partners }

func TestMandate(t *testing.T) {
	shops := &shopsOf{metadata.Fixed()}
	w := newWorld(t, func(c *issuer.Config) { c.Shops = shops })
	amount := func(n int64) func(*kecis.PaymentRequest) {
		return func(p *kecis.PaymentRequest) { p.Amount.Minor, p.OrderAmount.Minor, p.Tax.TaxFree = n, n, n }
	}
	// What the PG says otherwise than the shop, of which it has the request.
	lies := map[string]func(*kecis.PaymentRequest){
		"payee":        func(p *kecis.PaymentRequest) { p.Payee.Entity = "https://thief.example" },
		"payee's name": func(p *kecis.PaymentRequest) { p.Payee.Name = "빵집" },
		"requester":    func(p *kecis.PaymentRequest) { p.OrderRef.Requester = "https://thief.example" },
		"order":        func(p *kecis.PaymentRequest) { p.OrderRef.OrderID = "order-0002" },
		"part":         func(p *kecis.PaymentRequest) { p.OrderRef.Part = 2 },
		"attempt":      func(p *kecis.PaymentRequest) { p.OrderRef.Attempt = 2 },
		"order amount": func(p *kecis.PaymentRequest) { p.OrderAmount.Minor++ },
		"currency":     func(p *kecis.PaymentRequest) { p.Amount.Currency, p.OrderAmount.Currency = kecis.JPY, kecis.JPY },
		"amount": func(p *kecis.PaymentRequest) {
			part := w.payment("card-approve", 2000, func(p *kecis.PaymentRequest) { p.Amount.Minor, p.Tax.TaxFree = 1000, 1000 })
			p.Evidence = part.Evidence
			p.Amount.Minor, p.OrderAmount.Minor = 1001, 2000
		},
		"no evidence":   func(p *kecis.PaymentRequest) { p.Evidence = nil },
		"other kind":    func(p *kecis.PaymentRequest) { p.Evidence[0].Kind = kecis.EvidenceAuthentication },
		"two mandates":  func(p *kecis.PaymentRequest) { p.Evidence = append(p.Evidence, p.Evidence[0]) },
		"no document":   func(p *kecis.PaymentRequest) { p.Evidence[0].Document = []byte("not XML") },
		"other message": func(p *kecis.PaymentRequest) { p.Evidence[0].Document = w.inquiry() },
	}
	for known, partners := range map[string]metadata.Partners{"unknown shop": metadata.Fixed(), "known shop": w.knows(w.shop)} {
		t.Run(known, func(t *testing.T) {
			shops.Partners = partners
			for name, lie := range lies {
				p := w.payment("card-approve", 1000)
				lie(p)
				_, err := w.plan(w.attempt(), p)
				if r, ok := errors.AsType[*kecis.Refusal](err); !ok || r.Code != kecis.ErrMandateMismatch {
					t.Errorf("%s: %v, want mandate-mismatch", name, err)
				}
			}
			w.pay("card-approve", 1000)
			// The hold of an amount authentication is below what the shop asks for.
			p := w.payment("card-approve", 2000)
			amount(2000)(p)
			p.Amount.Minor = 1234
			if _, err := w.plan(w.attempt(), p); err != nil {
				t.Errorf("a smaller hold: %v", err)
			}
		})
	}
	t.Run("an order", func(t *testing.T) {
		for _, known := range []metadata.Partners{w.knows(w.shop), metadata.Fixed()} {
			shops.Partners = known
			p := w.payment("card-approve", 1000)
			p.Evidence[0].Document = w.order(p)
			if _, err := w.plan(w.attempt(), p); err != nil {
				t.Errorf("a payment that the order asks for: %v", err)
			}
			p = w.payment("card-approve", 1000)
			document := w.order(p)
			amount(2000)(p)
			p.Evidence[0].Document = document
			if _, err := w.plan(w.attempt(), p); !errors.Is(err, kecis.ErrMandateMismatch) {
				t.Errorf("a payment of more than the order: %v", err)
			}
		}
	})
	t.Run("other signer", func(t *testing.T) {
		shops.Partners = w.knows(newSigner(t))
		w.refused(kecis.ErrMandateMismatch, "card-approve", 1000)
	})
	t.Run("shop without a key", func(t *testing.T) {
		shops.Partners = metadata.Fixed(&metadata.Partner{Entity: &metadata.Entity{ID: shop}})
		w.refused(kecis.ErrMandateMismatch, "card-approve", 1000)
	})
	t.Run("no answer of the source", func(t *testing.T) {
		shops.Partners = broken{}
		_, err := w.plan(w.attempt(), w.payment("card-approve", 1000))
		if _, refused := errors.AsType[*kecis.Refusal](err); refused || err == nil {
			t.Errorf("error %v, want one that is no refusal", err)
		}
	})
	t.Run("the first requester itself", func(t *testing.T) {
		a := w.attempt()
		a.Sender = shop
		p := w.payment("card-approve", 1000)
		p.Evidence = nil
		if _, err := w.plan(a, p); err != nil {
			t.Error(err)
		}
	})
	w.audited()
}

func newSigner(t *testing.T) *xmlsig.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// order is the shop's order, of which the payment is to be.
func (w *world) order(p *kecis.PaymentRequest) []byte {
	w.t.Helper()
	o := kecis.PaymentOrder{
		Header:   p.Header,
		Offer:    kecis.Offer{NotBefore: p.IssueInstant, NotOnOrAfter: p.IssueInstant.Add(kecis.DefaultOffer), Language: kecis.Korean},
		OrderRef: p.OrderRef, Payee: p.Payee, Amount: p.Amount, OrderAmount: p.OrderAmount, Tax: p.Tax, Terms: p.Terms,
	}
	o.Sender = shop
	doc, err := kecis.Sign(&o, w.shop)
	if err != nil {
		w.t.Fatal(err)
	}
	return doc
}

// inquiry is a message of the shop that mandates nothing.
func (w *world) inquiry() []byte {
	w.t.Helper()
	doc, err := kecis.Sign(&kecis.InquiryRequest{
		RequestHeader: w.payment("card-approve", 1).RequestHeader,
		Original:      kecis.Original{TransactionID: "T1"},
	}, w.shop)
	if err != nil {
		w.t.Fatal(err)
	}
	return doc
}
