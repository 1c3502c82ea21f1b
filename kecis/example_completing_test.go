package kecis_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// virtualAccount is a service whose payments wait for the buyer's transfer to an account
// number.
type virtualAccount struct{ waiting string }

func (v *virtualAccount) Pay(_ context.Context, a kecis.Attempt, _ *kecis.PaymentRequest) (*kecis.Approval, error) {
	v.waiting = a.TransactionID // kept beside the account number
	return &kecis.Approval{Pending: &kecis.Wait{Expires: a.Deadline.Add(24 * time.Hour)}}, nil
}

func (*virtualAccount) Lookup(context.Context, string) (*kecis.Approval, error) {
	return nil, errors.New("ask the bank")
}

func (*virtualAccount) Reverse(context.Context, string) error { return nil }

// A payment waits for a transfer. When that comes, the service completes the payment in
// the commit in which it books the transfer; the shop reads the end by an inquiry or
// the feed.
func ExampleServer_CompletePayment() {
	ctx, now := context.Background(), time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	clock, network, books := kecistest.NewClock(now), kecistest.NewNetwork(), kecistest.NewJournal()
	const shop, pg = "https://shop.example/kecis", "https://pg.example/kecis"
	partner := func(entity string, role metadata.Role) (kecis.Keyring, *metadata.Partner) {
		signer, _, err := party()
		if err != nil {
			panic(err)
		}
		return kecis.OneKey(signer), &metadata.Partner{
			Entity: &metadata.Entity{
				ID: entity, Serial: 1, ValidUntil: now.Add(time.Hour), Roles: []metadata.Role{role},
				Keys: []metadata.SigningKey{{Key: signer.Public(), Scope: xmlsig.ScopeMessage}},
			},
			Roles: []metadata.RoleName{role.Name},
		}
	}
	role := metadata.Role{
		Name: metadata.PG, Methods: []metadata.Method{metadata.MethodAccount},
		Currencies: []metadata.CurrencyLimits{{Currency: "KRW", Min: 100, Max: 2_000_000}},
	}
	reached := role
	for _, service := range []metadata.Service{metadata.ServicePayment, metadata.ServiceInquiry, metadata.ServiceReversal} {
		reached.Endpoints = append(reached.Endpoints, metadata.Endpoint{Service: service, Binding: metadata.BindingXML, Location: pg})
	}
	shopKeys, shopPartner := partner(shop, metadata.Role{Name: metadata.Requester})
	pgKeys, pgPartner := partner(pg, reached)
	partners := metadata.Fixed(shopPartner, pgPartner)
	service := &virtualAccount{}
	server, err := kecis.NewServer(kecis.ServerConfig{
		Entity: pg, Endpoint: pg, Keys: pgKeys, Partners: partners, Journal: books, Clock: clock, Role: role, Payments: service,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	network.Handle(pg, server)
	client := &kecis.Client{Entity: shop, Keys: shopKeys, Partners: partners, Journal: kecistest.NewJournal(), HTTP: network.Client(), Clock: clock}
	p := client.NewPayment(pg)
	p.OrderRef = kecis.OrderRef{Requester: shop, OrderID: "ORD-0001", Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: shop, Name: "꽃집"}
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(35_000), kecis.Won(35_000), kecis.Tax{TaxFree: 35_000}
	p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic}
	p.Instrument = kecis.Instrument{Issuer: pg, Kind: kecis.Account, Ref: "virtual-account-0001"}
	p.Buyer = &ecml.Ecom{}
	answer, err := client.Pay(ctx, p)
	if answer == nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Transaction.State, errors.Is(err, kecis.ErrPending))

	// The transfer has come.
	err = books.Update(ctx, func(tx journal.Tx) error {
		// The service's own rows are written here too.
		return server.CompletePayment(ctx, tx, service.waiting, &kecis.Approval{})
	})
	fmt.Println("completed:", err)
	found, err := client.Inquire(ctx, pg, kecis.Original{RequestID: p.ID})
	fmt.Println(found.Transaction.State, err)
	// Output:
	// pending true
	// completed: <nil>
	// captured <nil>
}
