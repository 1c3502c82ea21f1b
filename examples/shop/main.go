// Command shop pays one order at the PG of examples/minimalpg, whatever happens on
// the way, and says what became of it: see ../README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
)

func main() {
	pg := flag.String("pg", "http://127.0.0.1:8080/", "the address of the PG")
	order := flag.String("order", "", "the ID of the order: 6 to 40 of A-Z a-z 0-9 - _")
	attempt := flag.Int("attempt", 1, "counts the attempts to pay the order")
	amount := flag.Int64("amount", 35_000, "the amount in won")
	flag.Parse()
	if err := run(context.Background(), *pg, *order, *attempt, *amount); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// patience is how long the shop waits for a payment to end before it leaves the
// rest to its next start.
const patience = 3 * time.Minute

func run(ctx context.Context, pg, order string, attempt int, amount int64) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	books, err := sqljournal.Open(ctx, "sqlite:shop.db", sqljournal.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = books.Close() }()
	keys, partners, err := readKeys("shop.signing.key.pem", "pg.signing.pub.pem", pg)
	if err != nil {
		return err
	}
	client := &kecis.Client{Entity: shopEntity, Keys: keys, Partners: partners, Journal: books}
	p := client.NewPayment(pgEntity)
	p.OrderRef = kecis.OrderRef{Requester: shopEntity, OrderID: order, Attempt: attempt, Part: 1}
	p.Payee = kecis.Payee{Entity: shopEntity, Name: "꽃집"}
	p.Amount, p.OrderAmount = kecis.Won(amount), kecis.Won(amount)
	p.Tax = kecis.Tax{TaxFree: amount} // flowers have no VAT in Korea
	p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic}
	p.Instrument = kecis.Instrument{Issuer: pgEntity, Kind: kecis.EMoney, Ref: "purse-of-hong-gildong"}
	p.Buyer = &ecml.Ecom{}
	answer, err := client.Pay(ctx, p)
	if err == nil {
		fmt.Printf("paid %s, approval %s\n", p.Amount.Format("en"), answer.Transaction.ApprovalCode)
		return nil
	}
	fault, ok := errors.AsType[*kecis.Fault](err)
	if !ok || fault.Outcome != kecis.Unknown {
		return err
	}
	end, err := client.Settle(ctx, p.ID) // it inquires, then reverses, until it is sure
	if err != nil {
		return err
	}
	fmt.Printf("%s: %s\n", end.Outcome, end.Code)
	return nil
}
