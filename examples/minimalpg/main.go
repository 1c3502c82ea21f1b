// Command minimalpg is the SDK in front of a plain back end: see ../README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/kecis"
)

// gateway puts the back end behind the SDK, whose keys are its idempotency keys.
type gateway struct{ back *backEnd }

func (g gateway) Pay(_ context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	return answer(g.back.charge(a.Key, p.Instrument.Ref, p.Amount.Minor))
}
func (g gateway) Lookup(_ context.Context, key string) (*kecis.Approval, error) {
	return answer(g.back.find(key))
}
func (g gateway) Reverse(_ context.Context, key string) error { return g.back.void(key) }

func answer(receipt string, err error) (*kecis.Approval, error) {
	if errors.Is(err, errFunds) {
		return nil, kecis.Refuse(kecis.ErrDeclinedLimit)
	}
	return &kecis.Approval{ApprovalCode: receipt}, err // of other errors the SDK asks again, then reverses
}

func main() {
	fmt.Fprintln(os.Stderr, "minimalpg:", run(context.Background()))
	os.Exit(1)
}

func run(ctx context.Context) error {
	listen := flag.String("listen", "127.0.0.1:8080", "the address to listen on")
	flag.Parse()
	keys, shop, err := readKeys("pg.signing.key.pem", "shop.signing.pub.pem")
	if err != nil {
		return err
	}
	books, err := sqljournal.Open(ctx, "sqlite:pg.db", sqljournal.Options{})
	if err != nil {
		return err
	}
	server, err := kecis.NewServer(kecis.ServerConfig{
		Entity: "https://pg.example/kecis", Endpoint: "http://" + *listen + "/", Keys: keys, Partners: shop,
		Journal: books, Role: role(), Payments: gateway{newBackEnd()},
	})
	if err != nil {
		return err
	}
	go func() { _ = server.Run(ctx) }() // ends what a crash or a timeout left open
	return (&http.Server{Addr: *listen, Handler: server, ReadHeaderTimeout: time.Second}).ListenAndServe()
}
