package kecis_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// party is a signing key, and what others need to know of it.
func party() (*xmlsig.Signer, xmlsig.Keys, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		return nil, nil, err
	}
	return signer, xmlsig.Keys{signer.Public()}, nil
}

func payment(now time.Time) (*kecis.PaymentRequest, error) {
	id, err := kecis.NewID(rand.Reader)
	if err != nil {
		return nil, err
	}
	return &kecis.PaymentRequest{
		RequestHeader: kecis.RequestHeader{
			Header: kecis.Header{
				ID: id, IssueInstant: now, Sender: "https://shop.example/kecis",
				Destination: "https://pg.example/kecis/messages",
			},
			NotOnOrAfter: now.Add(2 * time.Minute),
		},
		OrderRef: kecis.OrderRef{Requester: "https://shop.example/kecis", OrderID: "2026-1124-0001", Attempt: 1, Part: 1},
		Payee:    kecis.Payee{Entity: "https://shop.example/kecis", Name: "꽃집"},
		Amount:   kecis.Won(50000), OrderAmount: kecis.Won(50000),
		Tax:   kecis.Tax{Supply: 45455, VAT: 4545},
		Terms: kecis.Terms{Capture: kecis.CaptureAutomatic, Instalments: kecis.LumpSum},
		Instrument: kecis.Instrument{
			Issuer: "https://issuer.example/kecis", Kind: kecis.Card,
			Brand: "BC", First6: "940915", Last4: "1234", Ref: "q7Jx0c4mS9u2hV5tPz1aRw",
		},
		Buyer: &ecml.Ecom{},
	}, nil
}

// A shop asks, a PG answers, and the shop holds the answer against its request.
func Example() {
	now := time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)
	shop, shopKeys, err := party()
	if err != nil {
		panic(err)
	}
	pg, pgKeys, err := party()
	if err != nil {
		panic(err)
	}

	request, err := payment(now)
	if err != nil {
		panic(err)
	}
	sent, err := kecis.Sign(request, shop)
	if err != nil {
		panic(err)
	}

	// The PG takes payment requests and nothing else here.
	atPG := &xmlsig.Verifier{Profile: xmlsig.Message(kecis.PaymentRequestKind.Root())}
	message, err := kecis.Open(context.Background(), atPG, sent, shopKeys)
	if err != nil {
		panic(err)
	}
	received := message.(*kecis.PaymentRequest)
	fmt.Println("PG reads:", received.Amount.Format("en"), "by", received.Instrument.Kind, received.Instrument.Masked())
	answer := received.Answer("https://pg.example/kecis", kecis.ErrDeclinedLimit)
	answer.IssueInstant = now.Add(time.Second)
	if answer.ID, err = kecis.NewID(rand.Reader); err != nil {
		panic(err)
	}
	replied, err := kecis.Sign(answer, pg)
	if err != nil {
		panic(err)
	}

	atShop := &xmlsig.Verifier{Profile: xmlsig.Message(kecis.PaymentResponseKind.Root())}
	message, err = kecis.Open(context.Background(), atShop, replied, pgKeys)
	if err != nil {
		panic(err)
	}
	response := message.(*kecis.PaymentResponse)
	if err := response.AnswerTo(request); err != nil {
		panic(err)
	}
	if fault, ok := errors.AsType[*kecis.Fault](response.Status.Err()); ok {
		fmt.Println("Shop reads:", fault.Outcome, fault.Retry, fault.Code, fault.Text("ko"))
	}
	// Output:
	// PG reads: ₩50,000 by card 940915******1234
	// Shop reads: not-done never declined-limit: The limit or balance of the payment instrument does not suffice. 결제 수단의 한도 또는 잔액이 부족합니다.
}

func ExampleMoney_Format() {
	for _, m := range []kecis.Money{kecis.Won(50000), {Minor: 1234, Currency: kecis.USD}, {Minor: 1500, Currency: "KWD"}} {
		fmt.Println(m.Format("ko"), m.Format("en"), m)
	}
	// Output:
	// 50,000원 ₩50,000 KRW 50000
	// 12.34달러 $12.34 USD 12.34
	// 1.500 KWD KWD 1.500 KWD 1.500
}

// Amounts are read as messages carry them, and in no other way.
func ExampleParseMinor() {
	for _, s := range []string{"50000", "050000", "50000.00", "1e4"} {
		_, err := kecis.ParseMinor(s)
		fmt.Println(s, errors.Is(err, kecis.ErrAmount))
	}
	// Output:
	// 50000 false
	// 050000 true
	// 50000.00 true
	// 1e4 true
}

// A request that contradicts itself is not signed.
func ExampleSign_refused() {
	signer, _, err := party()
	if err != nil {
		panic(err)
	}
	request, err := payment(time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC))
	if err != nil {
		panic(err)
	}
	request.Tax.VAT = 5000
	_, err = kecis.Sign(request, signer)
	fmt.Println(err)
	// Output:
	// amount-tax (KECIS-MSG-016): The parts of the tax split do not add up to the amount. Expected 50000, found 50455. At Tax.
}

// An answer never came: the shop takes its payment back by the ID that it gave
// it. What comes of it is the same however often the reversal is sent.
func ExampleReversalRequest() {
	now := time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)
	lost, err := payment(now)
	if err != nil {
		panic(err)
	}

	now = now.Add(10 * time.Minute) // its deadline is past
	id, err := kecis.NewID(rand.Reader)
	if err != nil {
		panic(err)
	}
	reversal := &kecis.ReversalRequest{
		RequestHeader: kecis.RequestHeader{
			Header:       kecis.Header{ID: id, IssueInstant: now, Sender: lost.Sender, Destination: lost.Destination},
			NotOnOrAfter: now.Add(2 * time.Minute),
		},
		OrderRef: lost.OrderRef,
		Original: lost.ID, OriginalInstant: lost.IssueInstant,
		Reason: kecis.ReasonNoAnswer,
	}
	shop, _, err := party()
	if err != nil {
		panic(err)
	}
	if _, err := kecis.Sign(reversal, shop); err != nil {
		panic(err)
	}

	// The PG has never seen the payment. If it comes now, it is refused.
	answer := reversal.Answer("https://pg.example/kecis", kecis.NeverExecuted)
	if err := answer.AnswerTo(reversal); err != nil {
		panic(err)
	}
	fmt.Println(answer.Status.Outcome, answer.Status.Code)
	late := lost.Answer("https://pg.example/kecis", kecis.ErrRequestReversed)
	fmt.Println(late.Status.Err())
	// Output:
	// done never-executed: The request was never carried out and never will be.
	// request-reversed (not-done, retry never): The request was reversed and has no effect.
}
