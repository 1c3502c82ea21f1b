package main

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

const (
	shop   = "https://shop.example/kecis"
	pg     = "https://pg.example/kecis"
	issuer = "https://issuer.example/kecis"
)

var made = time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)

// payment is a usual request: an order of a shop, paid with a card whose token
// the issuer has given before. With a recipient the card is encrypted instead.
func payment(to *xmlenc.Recipient) (*kecis.PaymentRequest, error) {
	p := &kecis.PaymentRequest{
		RequestHeader: kecis.RequestHeader{
			Header: kecis.Header{
				ID: "_0123456789abcdef0123456789abcdef01234567", IssueInstant: made,
				Destination: pg + "/messages", Sender: shop,
			},
			NotOnOrAfter: made.Add(2 * time.Minute),
		},
		OrderRef:    kecis.OrderRef{Requester: shop, OrderID: "2026-1124-0001", Attempt: 1, Part: 1},
		Payee:       kecis.Payee{Entity: shop, Name: "꽃집", Merchant: "M-0001"},
		Amount:      kecis.Won(50000),
		OrderAmount: kecis.Won(50000),
		Tax:         kecis.Tax{Supply: 45455, VAT: 4545},
		Terms:       kecis.Terms{Capture: kecis.CaptureAutomatic, Instalments: 3},
		Instrument:  kecis.Instrument{Issuer: issuer, Kind: kecis.Card, Brand: "VISA", First6: "433012", Last4: "1234"},
		Buyer: &ecml.Ecom{BillTo: []ecml.Party{{
			Online: []ecml.Online{{Email: []ecml.Email{{Address: "hong@example.kr"}}}},
		}}},
	}
	if to == nil {
		p.Instrument.Ref = "ref_0123456789-abcdef"
		return p, nil
	}
	ctx := p.InstrumentContext()
	ctx.NotOnOrAfter = made.Add(2 * time.Minute)
	var err error
	p.Instrument.Encrypted, err = xmlenc.Encrypt(nil, to, ctx, []byte(`<Card Number="4330123456781234"><ExpDate Month="12" Year="2029"></ExpDate></Card>`))
	return p, err
}

// withEvidence adds order lines and a shop's signed request as evidence, as a
// PG's request to an issuer has it, until the whole has about that many bytes.
func withEvidence(p *kecis.PaymentRequest, size int) *kecis.PaymentRequest {
	const lines = 50
	for range lines {
		p.Lines = append(p.Lines, kecis.Line{Kind: kecis.LineItem, Name: "장미 한 송이", Quantity: 1, Amount: p.OrderAmount.Minor / lines})
	}
	const others = 11 << 10 // what the rest of such a message takes
	p.Evidence = []kecis.Evidence{{Kind: kecis.EvidenceRequest, Document: bytes.Repeat([]byte("<a>0123456789</a>"), (size-others)*3/4/17)}}
	return p
}

// inquiryAnswer is a response with a history of partial cancellations that has
// about 4 KB signed.
func inquiryAnswer() *kecis.InquiryResponse {
	request := &kecis.InquiryRequest{
		RequestHeader: kecis.RequestHeader{
			Header:       kecis.Header{ID: "_fedcba9876543210fedcba9876543210fedcba98", IssueInstant: made, Destination: pg + "/messages", Sender: shop},
			NotOnOrAfter: made.Add(2 * time.Minute),
		},
		Original: kecis.Original{RequestID: "_0123456789abcdef0123456789abcdef01234567"},
	}
	p := request.Answer(pg, kecis.Found)
	p.ID, p.IssueInstant = "_00112233445566778899aabbccddeeff00112233", made.Add(time.Second)
	p.RequestDigest = sha256.Sum256([]byte("request"))
	p.Result = kecis.Result{Code: kecis.Approved, Outcome: kecis.Done, Retry: kecis.RetryNever}
	p.OrderRef = kecis.OrderRef{Requester: shop, OrderID: "2026-1124-0001", Attempt: 1, Part: 1}
	const parts = 8
	p.Transaction = kecis.Transaction{
		ID: "T20261124-000001", State: kecis.StateCaptured, At: made, ApprovalCode: "30012345",
		Amount: kecis.Won(50000), Captured: 50000, Cancelled: 1000 * parts, Cancellable: 50000 - 1000*parts,
		Terms: kecis.Terms{Capture: kecis.CaptureAutomatic, Instalments: 3}, Method: kecis.Card, Brand: "VISA",
	}
	for i := range parts {
		p.Cancelled = append(p.Cancelled, kecis.Cancellation{
			ID: "C" + string(rune('1'+i)), Kind: kecis.Refund, At: made.Add(time.Duration(i) * time.Second),
			Amount: kecis.Won(1000), Tax: kecis.Tax{Supply: 910, VAT: 90},
		})
	}
	return p
}

// list is a document of about that many bytes in the shape of a reconciliation
// page, for sizes that no message of this version reaches. It returns where the
// signature goes.
func list(size int) (doc []byte, at int, err error) {
	w := xmltree.NewWriter(nil,
		xmltree.Namespace{Prefix: "kecis", URI: kecis.Namespace},
		xmltree.Namespace{Prefix: "saml", URI: xmlsig.SAMLAssertionNamespace})
	w.Start("kecis", "List")
	w.Attr("", "ID", listID)
	w.Leaf("saml", "Issuer", pg)
	at = w.Len()
	for w.Len() < size-1200 {
		w.Start("kecis", "Transaction")
		w.Attr("", "ApprovalCode", "30012345")
		w.Attr("", "At", "2026-11-24T07:00:00Z")
		w.Attr("", "Method", "card")
		w.Attr("", "State", "captured")
		w.Attr("", "TransactionID", "T20261124-000001")
		w.Start("kecis", "Amount")
		w.Attr("", "Currency", "KRW")
		w.Attr("", "Exponent", "0")
		w.Text("50000")
		w.End()
		w.Start("kecis", "OrderRef")
		w.Attr("", "Attempt", "1")
		w.Attr("", "OrderID", "2026-1124-0001")
		w.Attr("", "Requester", shop)
		w.End()
		w.End()
	}
	w.End()
	doc, err = w.Bytes()
	return doc, at, err
}

const listID = "_5566778899aabbccddeeff001122334455667788"

// shortName cuts an algorithm's URI for a table.
func shortName(uri string) string { return uri[strings.LastIndexByte(uri, '#')+1:] }
