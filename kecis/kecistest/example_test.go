package kecistest_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// In a test of a vendor's own package. What a service breaks is printed with the
// step and the promise.
func ExampleExercise() {
	test := func(t *testing.T) {
		t.Helper()
		kecistest.Exercise(t, newTill()) // the service, on a test account
	}
	_ = test
	// Output:
}

// A service that takes cards alone, and at least 100,000 won.
func ExampleExercising() {
	test := func(t *testing.T) {
		t.Helper()
		kecistest.Exercising{Payment: func(p *kecis.PaymentRequest) {
			p.Amount, p.OrderAmount = kecis.Won(100_000), kecis.Won(100_000)
			p.Tax = kecis.Tax{Supply: 90_909, VAT: 9_091}
			p.Instrument = kecis.Instrument{
				Issuer: "https://card.example/kecis", Kind: kecis.Card, Brand: "BC",
				First6: "433012", Last4: "1234", Ref: "test_card_that_approves",
			}
		}}.Run(t, nil)
	}
	_ = test
	// Output:
}

// A shop and a provider in one test: an answer is lost, the client sends the same
// request again, and the service is called once.
func ExampleNetwork() {
	t := new(testing.T)
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	clock, network, quiet := kecistest.NewClock(at), kecistest.NewNetwork(), slog.New(slog.DiscardHandler)
	shop := kecistest.NewParty(t, "https://shop.example/kecis", kecistest.Role(metadata.Requester), at)
	pg := kecistest.NewParty(t, "https://pg.example/kecis", kecistest.Role(metadata.PG), at)
	partners := metadata.Fixed(shop.Partner, pg.Partner)
	service := newTill()
	server, err := kecis.NewServer(kecis.ServerConfig{
		Entity: pg.Entity, Endpoint: pg.Endpoint, Keys: pg.Keys, Partners: partners, Journal: kecistest.NewJournal(),
		Role: kecistest.Role(metadata.PG), Payments: service, Clock: clock, Log: quiet,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	network.Handle(pg.Endpoint, server)
	lost := false
	network.Fault(func(*http.Request) kecistest.Fault {
		if !lost {
			lost = true
			return kecistest.AnswerLost
		}
		return kecistest.Delivered
	})
	client := &kecis.Client{
		Entity: shop.Entity, Keys: shop.Keys, Partners: partners, Journal: kecistest.NewJournal(),
		HTTP: network.Client(), Clock: clock, Log: quiet,
	}
	p := client.NewPayment(pg.Entity)
	p.OrderRef = kecis.OrderRef{Requester: shop.Entity, OrderID: "ORD-0001", Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: shop.Entity, Name: "꽃집"}
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(50_000), kecis.Won(50_000), kecis.Tax{TaxFree: 50_000}
	p.Terms.Capture = kecis.CaptureAutomatic
	p.Instrument = kecis.Instrument{Issuer: "https://bank.example/kecis", Kind: kecis.Account, Ref: "ref_0123456789abcdef"}
	p.Buyer = &ecml.Ecom{}
	answer, err := client.Pay(context.Background(), p)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Transaction.State, answer.Transaction.Captured, len(service.sales))
	// Output: captured 50000 1
}
