package kecis_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// pageAlone is a service that takes values on its own page alone.
type pageAlone struct{ kecis.Authentications }

// TestAuthenticationAlone: a provider of authentication without payments serves
// shops and PGs, and declares what it takes.
func TestAuthenticationAlone(t *testing.T) {
	const provider = "https://id.example/kecis"
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	clock, network := kecistest.NewClock(at), kecistest.NewNetwork()
	role := metadata.Role{Name: metadata.Authentication, Authentication: []metadata.AuthenticationRule{
		{Currency: "KRW", From: 1, Methods: []metadata.AuthenticationMethod{metadata.ByCertificate}},
	}}
	party := kecistest.NewParty(t, provider, role, at)
	shop := kecistest.NewParty(t, shopID, kecistest.Role(metadata.Requester), at)
	pg := kecistest.NewParty(t, pgID, kecistest.Role(metadata.PG), at)
	partners := metadata.Fixed(party.Partner, shop.Partner, pg.Partner)
	g := newGuard(provider, party.Private, clock.Now)
	config := kecis.ServerConfig{
		Entity: provider, Endpoint: provider, Keys: party.Keys, Partners: partners, Journal: kecistest.NewJournal(),
		Role: role, Authentications: pageAlone{g}, Clock: clock, Log: slog.New(slog.DiscardHandler),
		Description: &kecis.Description{Signer: kecistest.NewParty(t, provider, role, at).Signer},
		Client:      &kecis.Client{Entity: provider, Keys: party.Keys, Partners: partners, Journal: kecistest.NewJournal(), HTTP: network.Client(), Clock: clock},
	}
	server, err := kecis.NewServer(config)
	if err != nil {
		t.Fatal(err)
	}
	network.Handle(provider, server)
	for _, from := range []*kecistest.Party{shop, pg} {
		client := &kecis.Client{
			Entity: from.Entity, Keys: from.Keys, Partners: partners, Journal: kecistest.NewJournal(),
			HTTP: network.Client(), Clock: clock, Log: slog.New(slog.DiscardHandler),
		}
		order := kecis.OrderRef{Requester: shopID, OrderID: "ORD-0001", Attempt: 1, Part: 1}
		r := client.NewAuthentication(provider)
		r.OrderRef, r.Payee = order, kecis.Payee{Entity: shopID, Name: "꽃집"}
		r.Amount, r.OrderAmount, r.Method = kecis.Won(300_000), kecis.Won(300_000), metadata.ByCertificate
		answer, err := client.Authenticate(t.Context(), r)
		if !errors.Is(err, kecis.ErrPending) || answer.Authentication.Method != metadata.ByCertificate {
			t.Errorf("%s: %+v, %v", from.Entity, answer, err)
		}
		c, err := client.NewConfirmation(t.Context(), provider, order, answer.Authentication.ID, "3721")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Confirm(t.Context(), c); !errors.Is(err, kecis.ErrNotServed) {
			t.Errorf("%s: a value that is taken on the page: %v", from.Entity, err)
		}
		p := client.NewPayment(provider)
		p.OrderRef, p.Payee, p.Amount, p.OrderAmount, p.Tax = order, r.Payee, r.Amount, r.OrderAmount, kecis.Tax{TaxFree: 300_000}
		p.Terms.Capture, p.Buyer = kecis.CaptureAutomatic, &ecml.Ecom{}
		p.Instrument = kecis.Instrument{Issuer: issuerID, Kind: kecis.Account, Ref: "ref_0123456789abcdef"}
		if _, err := client.Pay(t.Context(), p); !errors.Is(err, kecis.ErrNotServed) {
			t.Errorf("%s: a payment: %v", from.Entity, err)
		}
	}
	document, err := server.PublishMetadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen, err := metadata.Inspect(document)
	if err != nil {
		t.Fatal(err)
	}
	declared, _ := seen.Entity.Role(metadata.Authentication)
	if _, ok := declared.Endpoint(metadata.ServiceAuthentication, metadata.BindingXML); !ok {
		t.Error("the service is not declared")
	}
	for _, service := range []metadata.Service{metadata.ServiceConfirmation, metadata.ServicePayment, metadata.ServiceReconciliation} {
		if _, ok := declared.Endpoint(service, metadata.BindingXML); ok {
			t.Errorf("%s is declared", service)
		}
	}
	config.Payments = &bank{}
	if _, err := kecis.NewServer(config); !errors.Is(err, kecis.ErrConfiguration) {
		t.Errorf("with payments: %v", err)
	}
	config.Payments, config.Authentications = nil, nil
	if _, err := kecis.NewServer(config); !errors.Is(err, kecis.ErrConfiguration) {
		t.Errorf("without a service: %v", err)
	}
}

// TestAuthenticationForgotten: what is kept of an authentication is kept as long
// as a transaction, and no longer.
func TestAuthenticationForgotten(t *testing.T) {
	g := newGuarded(t, func(c *kecis.ServerConfig) { c.Retention = 48 * time.Hour })
	p := g.dear("ORD-0001")
	id := g.begun(t, p).ID
	if _, err := g.confirm(t, p.OrderRef, id, "3721"); err != nil {
		t.Fatal(err)
	}
	g.clock.Advance(48*time.Hour - time.Minute)
	g.work(t)
	if _, err := g.client.Authentication(t.Context(), pgID, id); err != nil {
		t.Errorf("within its time: %v", err)
	}
	g.clock.Advance(2 * time.Minute)
	g.work(t)
	if _, err := g.client.Authentication(t.Context(), pgID, id); !errors.Is(err, kecis.ErrNotFound) {
		t.Errorf("after its time: %v", err)
	}
}
