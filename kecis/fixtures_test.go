package kecis

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

const (
	shop   = "https://shop.example/kecis"
	pg     = "https://pg.example/kecis"
	pgURL  = "https://pg.example/kecis/messages"
	issuer = "https://issuer.example/kecis"
)

var (
	made     = time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)
	deadline = made.Add(2 * time.Minute)
)

// testID returns an ID that is told apart from others by a digit.
func testID(n byte) ID {
	id := []byte("_0123456789abcdef0123456789abcdef01234567")
	id[1] = n
	return ID(id)
}

func requestHeader(n byte) RequestHeader {
	return RequestHeader{
		Header:       Header{ID: testID(n), IssueInstant: made, Destination: pgURL, Sender: shop},
		NotOnOrAfter: deadline,
	}
}

func orderRef() OrderRef {
	return OrderRef{Requester: shop, OrderID: "2026-1124-0001", Attempt: 1, Part: 1}
}

// minimalPayment has nothing that may be left out.
func minimalPayment() *PaymentRequest {
	return &PaymentRequest{
		RequestHeader: requestHeader('a'),
		OrderRef:      orderRef(),
		Payee:         Payee{Entity: shop, Name: "꽃집"},
		Amount:        Won(50000),
		OrderAmount:   Won(50000),
		Tax:           Tax{Supply: 45455, VAT: 4545},
		Terms:         Terms{Capture: CaptureAutomatic},
		Instrument:    Instrument{Issuer: issuer, Kind: Account, Ref: "0123456789abcdef"},
		Buyer:         &ecml.Ecom{},
	}
}

// fullPayment has everything, with characters that need escapes.
func fullPayment(tb testing.TB) *PaymentRequest {
	tb.Helper()
	p := minimalPayment()
	p.Extensions = []Extension{{
		Space: "urn:example:points", Local: "Points",
		XML: []byte(`<x:Points xmlns:kecis="urn:kecis:1.0:protocol" xmlns:x="urn:example:points" kecis:critical="false"><x:Card>7 &amp; 8</x:Card></x:Points>`),
	}}
	p.OrderRef.Attempt, p.OrderRef.Part = 12, 99
	p.Payee = Payee{Entity: shop, Name: `"Fish & <Chips>" 가게`, Merchant: "M-0001_a", Category: "5814", Business: "1234567890"}
	p.OrderAmount = Won(80000)
	p.Lines = []Line{
		{Kind: LineItem, Name: "장미 꽃다발", Quantity: 2, Amount: 80000},
		{Kind: LineDelivery, Name: "배송비", Quantity: 1, Amount: 3000},
		{Kind: LineFee, Name: "Wrapping", Quantity: 1, Amount: 0},
		{Kind: LineDiscount, Name: "Coupon", Quantity: 1, Amount: 3000},
	}
	p.Terms = Terms{Capture: CaptureManual, Instalments: 12, InterestFree: true}
	p.Instrument = Instrument{
		Issuer: issuer, Kind: Card, Brand: "VISA", First6: "433012", Last4: "1234",
		Encrypted: encrypted(tb, p),
	}
	p.Buyer = &ecml.Ecom{
		SchemaVersion: ecml.Schema20,
		BillTo: []ecml.Party{{
			Postal: []ecml.Postal{{PostalCode: "06236", CountryCode: "KR", Name: []ecml.Name{{First: "길동", Last: "홍"}}}},
			Online: []ecml.Online{{Email: []ecml.Email{{Address: "hong@example.kr"}}}},
		}},
	}
	p.Evidence = []Evidence{
		{Kind: EvidenceRequest, Document: []byte("<a>\r\n\x00\xff</a>")},
		{Kind: EvidenceAuthentication, Document: []byte("z")},
	}
	return p
}

func encrypted(t testing.TB, p *PaymentRequest) *xmlenc.EncryptedData {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	to, err := xmlenc.NewRecipient(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	ctx := p.InstrumentContext()
	ctx.NotOnOrAfter = deadline
	data, err := xmlenc.Encrypt(nil, to, ctx, []byte("<Card/>"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func transaction() Transaction {
	return Transaction{
		ID: "T20261124-000001", State: StateCaptured, At: made.Add(time.Second), ApprovalCode: "30012345",
		Amount: Won(50000), Captured: 50000, Cancellable: 50000,
		Terms: Terms{Capture: CaptureAutomatic, Instalments: 3, InterestFree: true}, Method: Card, Brand: "BC",
		InstrumentRef: "ref_0123456789-abcdef",
	}
}

// bind completes an answer as a server would.
func bind(h *ResponseHeader) {
	h.ID = testID('c')
	h.IssueInstant = made.Add(2 * time.Second)
	if h.RequestDigest.IsZero() {
		h.RequestDigest = sha256.Sum256([]byte("request"))
	}
}

func approval() *PaymentResponse {
	p := minimalPayment().Answer(pg, Approved)
	bind(&p.ResponseHeader)
	p.Transaction = transaction()
	return p
}

func declined() *PaymentResponse {
	p := minimalPayment().Answer(pg, ErrDeclinedLimit)
	bind(&p.ResponseHeader)
	p.Status.Upstream = Upstream{System: "iso8583", Code: "51", Text: "한도 초과"}
	return p
}

func pendingPayment() *PaymentResponse {
	p := minimalPayment().Answer(pg, ErrPending)
	bind(&p.ResponseHeader)
	p.Transaction = transaction()
	p.Transaction.State = StatePending
	p.Transaction.ApprovalCode = ""
	p.Transaction.Captured, p.Transaction.Cancellable = 0, 0
	p.Transaction.Expires = made.Add(time.Hour)
	p.Transaction.Page = "https://pg.example/pay/1?a=b&c=d"
	return p
}

func partialCancellation() *CancellationRequest {
	return &CancellationRequest{
		RequestHeader: requestHeader('d'), OrderRef: orderRef(),
		Original: Original{TransactionID: "T20261124-000001"},
		Amount:   Won(20000), Tax: Tax{TaxFree: 20000},
		Scope: CancelPart, Reason: ReasonBuyer, ExpectedBalance: 50000,
	}
}

func fullCancellation() *CancellationRequest {
	p := partialCancellation()
	p.Original = Original{RequestID: testID('a')}
	p.Scope, p.Reason, p.ExpectedBalance = CancelFull, ReasonFraud, 0
	return p
}

func cancellation() Cancellation {
	return Cancellation{ID: "C1", Kind: Refund, At: made, Amount: Won(20000), Tax: Tax{TaxFree: 20000}}
}

func cancelledPartly() *CancellationResponse {
	p := partialCancellation().Answer(pg, Cancelled)
	bind(&p.ResponseHeader)
	p.Transaction = transaction()
	p.Transaction.Cancelled, p.Transaction.Cancellable = 20000, 30000
	p.Cancelled = cancellation()
	return p
}

func cancellationRefused() *CancellationResponse {
	p := partialCancellation().Answer(pg, ErrBalanceMismatch)
	bind(&p.ResponseHeader)
	return p
}

func inquiry() *InquiryRequest {
	return &InquiryRequest{RequestHeader: requestHeader('e'), Original: Original{RequestID: testID('a')}}
}

func found() *InquiryResponse {
	p := inquiry().Answer(pg, Found)
	bind(&p.ResponseHeader)
	p.Result = Result{Code: Approved, Outcome: Done, Retry: RetryNever}
	p.OrderRef = orderRef()
	p.Transaction = transaction()
	p.Transaction.Cancelled, p.Transaction.Cancellable = 20000, 30000
	p.Cancelled = []Cancellation{cancellation()}
	return p
}

func notFound() *InquiryResponse {
	p := inquiry().Answer(pg, ErrNotFound)
	bind(&p.ResponseHeader)
	return p
}

func capture() *CaptureRequest {
	return &CaptureRequest{
		RequestHeader: requestHeader('b'), OrderRef: orderRef(),
		Original: Original{TransactionID: "T20261124-000001"},
		Amount:   Won(30000), Tax: Tax{Supply: 27273, VAT: 2727}, Final: true,
	}
}

func partialCapture() *CaptureRequest {
	p := capture()
	p.Original = Original{RequestID: testID('a')}
	p.Final = false
	return p
}

func captured() *CaptureResponse {
	p := capture().Answer(pg, Captured)
	bind(&p.ResponseHeader)
	p.Transaction = transaction()
	p.Transaction.Terms.Capture = CaptureManual
	p.Transaction.Captured, p.Transaction.Cancellable = 30000, 30000
	return p
}

func captureRefused() *CaptureResponse {
	p := capture().Answer(pg, ErrOriginalNotFound)
	bind(&p.ResponseHeader)
	return p
}

func undoing() *ReversalRequest {
	return &ReversalRequest{
		RequestHeader: requestHeader('f'), OrderRef: orderRef(),
		Original: testID('a'), OriginalInstant: made.Add(-time.Hour), Reason: ReasonNoAnswer,
	}
}

func reversed() *ReversalResponse {
	p := undoing().Answer(pg, Reversed)
	bind(&p.ResponseHeader)
	p.Transaction = transaction()
	p.Transaction.State = StateReversed
	p.Transaction.Captured, p.Transaction.Cancellable = 0, 0
	return p
}

func neverExecuted() *ReversalResponse {
	p := undoing().Answer(pg, NeverExecuted)
	bind(&p.ResponseHeader)
	return p
}

func tooOld() *ReversalResponse {
	p := undoing().Answer(pg, ErrTooOld)
	bind(&p.ResponseHeader)
	return p
}

// refusal is the answer to a payment request that could not be read.
func refusal() *RefusalResponse {
	p := &RefusalResponse{ResponseHeader: minimalPayment().answer(pg, ErrTax)}
	bind(&p.ResponseHeader)
	return p
}

// minimalOrder has nothing that may be left out.
func minimalOrder() *PaymentOrder {
	p := minimalPayment()
	return &PaymentOrder{
		Header:   Header{ID: testID('9'), IssueInstant: made, Destination: "https://pg.example/kecis/orders", Sender: shop},
		Offer:    Offer{NotBefore: made, NotOnOrAfter: made.Add(DefaultOffer), Language: Korean},
		OrderRef: p.OrderRef, Payee: p.Payee, Amount: p.Amount, OrderAmount: p.OrderAmount, Tax: p.Tax, Terms: p.Terms,
	}
}

func fullOrder(tb testing.TB) *PaymentOrder {
	tb.Helper()
	p, o := fullPayment(tb), minimalOrder()
	o.Extensions = p.Extensions
	o.Offer = Offer{NotBefore: made.Add(time.Hour), NotOnOrAfter: made.Add(MaxOffer), Language: English}
	o.OrderRef, o.Payee, o.Amount, o.OrderAmount, o.Tax = p.OrderRef, p.Payee, p.Amount, p.OrderAmount, p.Tax
	o.Lines, o.Terms, o.Buyer = p.Lines, p.Terms, p.Buyer
	return o
}

const shopFront = "https://shop.example/paid"

func orderPaid() *OrderResponse {
	p := minimalOrder().Answer(pg, shopFront, Approved)
	bind(&p.ResponseHeader)
	p.Transaction = transaction()
	return p
}

func orderLeft() *OrderResponse {
	p := minimalOrder().Answer(pg, shopFront, ErrBuyerCancelled)
	bind(&p.ResponseHeader)
	return p
}

// samples returns a message of each kind and shape, by name.
func samples(t testing.TB) map[string]Message {
	t.Helper()
	return map[string]Message{
		"payment, minimal":     minimalPayment(),
		"payment, full":        fullPayment(t),
		"approval":             approval(),
		"decline":              declined(),
		"pending":              pendingPayment(),
		"cancellation, part":   partialCancellation(),
		"cancellation, full":   fullCancellation(),
		"cancelled":            cancelledPartly(),
		"cancellation refused": cancellationRefused(),
		"inquiry":              inquiry(),
		"found":                found(),
		"not found":            notFound(),
		"capture":              capture(),
		"capture, part":        partialCapture(),
		"captured":             captured(),
		"capture refused":      captureRefused(),
		"reversal":             undoing(),
		"reversed":             reversed(),
		"never executed":       neverExecuted(),
		"too old":              tooOld(),
		"refusal":              refusal(),
		"order, minimal":       minimalOrder(),
		"order, full":          fullOrder(t),
		"order, paid":          orderPaid(),
		"order, left":          orderLeft(),
		"notification":         notification(),
		"acknowledged":         acknowledgement(),
		"feed":                 feed(),
		"feed, read":           feedRead(),
		"feed, empty":          feedEmpty(),
		"reconciliation":       reconciliation(),
		"reconciled":           reconciled(),
		"reconciled, in part":  reconciledPage(),
		"reconciled, nothing":  reconciledNothing(),
		"reconciliation, no":   reconciliationRefused(),

		"authentication, minimal": minimalAuthentication(),
		"authentication, full":    fullAuthentication(t),
		"authentication, pending": authenticationPending(),
		"authenticated":           authenticated(),
		"by certificate":          byCertificate(),
		"authentication, locked":  authenticationLocked(),
		"authentication, no":      authenticationRefused(),
		"confirmation":            confirmation(t),
		"inquiry, authentication": inquiryOfAuthentication(),
		"found, authentication":   foundAuthentication(),
		"notification, end":       notificationOfEnd(),
		"hold":                    hold(),
		"authentication required": authenticationRequired(),
	}
}

// signing is a key with a verifier that trusts it and takes every kind.
type signing struct {
	signer   *xmlsig.Signer
	verifier *xmlsig.Verifier
	keys     xmlsig.Keys
}

func newSigning(t testing.TB) signing {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signingWith(t, key)
}

func signingWith(t testing.TB, key crypto.Signer) signing {
	t.Helper()
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	var roots []xmlsig.Name
	for _, k := range Kinds() {
		roots = append(roots, k.Root())
	}
	return signing{signer, &xmlsig.Verifier{Profile: xmlsig.Message(roots...)}, xmlsig.Keys{signer.Public()}}
}

// same compares messages by what a user sees of them.
func same(want, got Message) string {
	return cmp.Diff(want, got,
		cmp.Comparer(func(a, b *xmlenc.EncryptedData) bool { return document(a) == document(b) }),
		cmpopts.IgnoreUnexported(Header{}),
		cmpopts.EquateEmpty(),
	)
}

func document(d *xmlenc.EncryptedData) string {
	if d == nil {
		return ""
	}
	b, err := d.Document()
	if err != nil {
		return err.Error()
	}
	return string(b)
}
