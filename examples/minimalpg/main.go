// Command minimalpg is a payment gateway in one file: the SDK in front of a back
// end that knows nothing of KECIS. See README.md for how to run it with a shop.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// gateway puts the back end behind the SDK, which calls each operation with a key
// of its own: the back end's idempotency key.
type gateway struct{ back *backEnd }

func (g gateway) Pay(_ context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	return approval(g.back.charge(a.Key, p.Instrument.Ref, p.Amount.Minor))
}

func (g gateway) Lookup(_ context.Context, key string) (*kecis.Approval, error) {
	return approval(g.back.find(key))
}

func (g gateway) Reverse(_ context.Context, key string) error { return g.back.void(key) }

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "minimalpg:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	key := flag.String("key", "pg.signing.key.pem", "the private key of the PG")
	shop := flag.String("shop", "shop.signing.pub.pem", "the public key of its shop")
	listen := flag.String("listen", "127.0.0.1:8080", "the address to listen on")
	file := flag.String("journal", "pg.db", "the file that remembers everything")
	flag.Parse()
	keys, partners, err := configured(*key, *shop)
	if err != nil {
		return err
	}
	journal, err := sqljournal.Open(ctx, "sqlite:"+*file, sqljournal.Options{})
	if err != nil {
		return err
	}
	role := metadata.Role{Name: metadata.PG, Methods: []metadata.Method{metadata.MethodEMoney}, Currencies: []metadata.CurrencyLimits{{Currency: "KRW", Min: 100, Max: 2_000_000}}}
	server, err := kecis.NewServer(kecis.ServerConfig{Entity: pgEntity, Endpoint: "http://" + *listen + "/kecis", Keys: keys, Partners: partners, Journal: journal, Role: role, Payments: gateway{newBackEnd()}})
	if err != nil {
		return err
	}
	go func() { _ = server.Run(ctx) }() // brings to an end what a crash or a timeout left open
	return http.ListenAndServe(*listen, server)
}
