// Command checkout is a shop and a PG in one process, for a browser to go from one
// to the other and back: see ../README.md.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

const (
	shopEntity = "https://shop.example/kecis"
	pgEntity   = "https://pg.example/kecis"
)

func main() {
	port := flag.String("port", "8080", "the port on this machine")
	flag.Parse()
	handler, err := build(context.Background(), *port, "checkout-pg.db", "checkout-shop.db")
	if err == nil {
		fmt.Println("open http://localhost:" + *port + "/")
		err = (&http.Server{Addr: "127.0.0.1:" + *port, Handler: handler, ReadHeaderTimeout: time.Second}).ListenAndServe()
	}
	fmt.Fprintln(os.Stderr, "checkout:", err)
	os.Exit(1)
}

// build makes both parties. To a browser they are two sites: the shop is
// localhost, the PG 127.0.0.1.
func build(ctx context.Context, port, pgFile, shopFile string) (http.Handler, error) {
	pgAddress, front := "http://127.0.0.1:"+port+"/kecis", "http://127.0.0.1:"+port+"/orders"
	returns := "http://localhost:" + port + "/paid"
	pgKeys, pg, err := party(pgEntity, pgRole(pgAddress, front))
	if err != nil {
		return nil, err
	}
	shopKeys, shop, err := party(shopEntity, metadata.Role{Name: metadata.Requester, Endpoints: []metadata.Endpoint{
		{Service: metadata.ServiceOrder, Binding: metadata.BindingForm, Location: returns},
	}})
	if err != nil {
		return nil, err
	}
	pgBooks, err := sqljournal.Open(ctx, "sqlite:"+pgFile, sqljournal.Options{})
	if err != nil {
		return nil, err
	}
	shopBooks, err := sqljournal.Open(ctx, "sqlite:"+shopFile, sqljournal.Options{})
	if err != nil {
		return nil, err
	}
	partners := metadata.Fixed(pg, shop)
	server, err := kecis.NewServer(kecis.ServerConfig{
		Entity: pgEntity, Endpoint: pgAddress, Keys: pgKeys, Partners: partners, Journal: pgBooks,
		Role: pgRole("", ""), Payments: purse{}, Checkout: kecis.Checkout{Location: front, Page: counter{}},
	})
	if err != nil {
		return nil, err
	}
	store := &store{client: &kecis.Client{Entity: shopEntity, Keys: shopKeys, Partners: partners, Journal: shopBooks}}
	mux := http.NewServeMux()
	mux.Handle("POST /kecis", server)
	mux.Handle("/orders", server.Checkout())
	mux.Handle("/orders/", server.Checkout())
	mux.HandleFunc("GET /{$}", store.offer)
	mux.HandleFunc("POST /buy", store.buy)
	mux.Handle("GET /submit.js", kecis.SubmitScript())
	mux.Handle("POST /paid", &kecis.OrderReturn{Client: store.client, Location: returns, Show: store.paid})
	mux.HandleFunc("GET /thanks", store.thanks)
	return mux, nil
}

// pgRole is what the PG offers.
func pgRole(address, front string) metadata.Role {
	role := metadata.Role{
		Name: metadata.PG, Methods: []metadata.Method{metadata.MethodEMoney},
		Currencies: []metadata.CurrencyLimits{{Currency: "KRW", Min: 100, Max: 2_000_000}},
	}
	if address == "" { // the server adds its own
		return role
	}
	role.Endpoints = []metadata.Endpoint{
		{Service: metadata.ServiceInquiry, Binding: metadata.BindingXML, Location: address},
		{Service: metadata.ServiceReversal, Binding: metadata.BindingXML, Location: address},
		{Service: metadata.ServiceOrder, Binding: metadata.BindingForm, Location: front},
	}
	return role
}

// party makes a key and what others know of its owner. Real parties read their
// keys, and know each other by metadata.
func party(entity string, role metadata.Role) (kecis.Keyring, *metadata.Partner, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		return nil, nil, err
	}
	return kecis.OneKey(signer), &metadata.Partner{
		Entity: &metadata.Entity{
			ID: entity, Serial: 1, Roles: []metadata.Role{role},
			Keys: []metadata.SigningKey{{Key: signer.Public(), Scope: xmlsig.ScopeMessage}},
		},
		Roles: []metadata.RoleName{role.Name},
	}, nil
}
