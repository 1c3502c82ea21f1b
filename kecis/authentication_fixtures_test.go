package kecis

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
)

// minimalAuthentication has nothing that may be left out.
func minimalAuthentication() *AuthenticationRequest {
	p := minimalPayment()
	return &AuthenticationRequest{
		RequestHeader: requestHeader('1'), OrderRef: p.OrderRef, Payee: p.Payee, Amount: p.Amount, OrderAmount: p.OrderAmount,
		Method: metadata.ByCertificate, Language: Korean,
	}
}

func fullAuthentication(tb testing.TB) *AuthenticationRequest {
	tb.Helper()
	p, r := fullPayment(tb), minimalAuthentication()
	r.Extensions, r.OrderRef, r.Payee, r.Amount, r.OrderAmount = p.Extensions, p.OrderRef, p.Payee, p.Amount, p.OrderAmount
	r.Method, r.Variant, r.Language = metadata.ByAmount, VariantDescriptor, English
	r.Instrument, r.Buyer, r.Evidence = &p.Instrument, p.Buyer, p.Evidence
	r.Audience = []string{"https://other.example/kecis"}
	return r
}

func authenticationPending() *AuthenticationResponse {
	p := minimalAuthentication().Answer(pg, ErrPending)
	bind(&p.ResponseHeader)
	p.Authentication = Authentication{
		ID: "A20261124-000001", State: AuthenticationPending, Method: metadata.ByAmount, Variant: VariantAmount,
		At: made, Expires: made.Add(20 * time.Minute), Page: "https://pg.example/a/1?b=c&d", TriesLeft: 3,
	}
	return p
}

func authenticated() *AuthenticationResponse {
	p := minimalAuthentication().Answer(pg, AuthenticationDone)
	bind(&p.ResponseHeader)
	p.Authentication = ended()
	return p
}

func ended() Authentication {
	return Authentication{
		ID: "A20261124-000001", State: Authenticated, Method: metadata.ByAmount, Variant: VariantAmount, At: made,
		Proof: &Proof{
			Payee: shop, OrderAmount: Won(50000), InstrumentRef: "ref_0123456789-abcdef",
			NotOnOrAfter: made.Add(EvidenceLife), Audience: []string{shop, pg, issuer},
		},
	}
}

// byCertificate is the end of an authentication by certificate.
func byCertificate() *AuthenticationResponse {
	p := authenticated()
	a := &p.Authentication
	a.Method, a.Variant, a.Proof.InstrumentRef = metadata.ByCertificate, 0, ""
	a.Proof.Certificate = &CertificateProof{
		Holder: "3b8f0c5d9e6a712430aa55cc77ee99ff", Policy: "1.2.410.200004.5.4.1.1", Certificate: Digest{1}, Chain: Digest{2},
		Revocation: RevocationCRL, Shown: ShownDigest(p.OrderRef, a.Proof.Payee, a.Proof.OrderAmount),
	}
	return p
}

func authenticationLocked() *AuthenticationResponse {
	p := minimalAuthentication().Answer(pg, ErrAuthenticationLocked)
	bind(&p.ResponseHeader)
	p.Authentication = Authentication{ID: "A1", State: AuthenticationLocked, Method: metadata.ByCertificate, At: made, Reason: "crt-revoked"}
	return p
}

func authenticationRefused() *AuthenticationResponse {
	p := minimalAuthentication().Answer(pg, ErrNotConfirmed)
	bind(&p.ResponseHeader)
	return p
}

func confirmation(tb testing.TB) *ConfirmationRequest {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	to, err := xmlenc.NewRecipient(key.Public())
	if err != nil {
		tb.Fatal(err)
	}
	p := &ConfirmationRequest{RequestHeader: requestHeader('2'), OrderRef: orderRef(), AuthenticationID: "A20261124-000001"}
	if err := p.Conceal(rand.Reader, to, pg, shop, "3,721원", deadline); err != nil {
		tb.Fatal(err)
	}
	return p
}

func inquiryOfAuthentication() *InquiryRequest {
	return &InquiryRequest{RequestHeader: requestHeader('3'), Original: Original{AuthenticationID: "A20261124-000001"}}
}

func foundAuthentication() *InquiryResponse {
	p := inquiryOfAuthentication().Answer(pg, Found)
	bind(&p.ResponseHeader)
	p.Result = Result{Code: AuthenticationDone, Outcome: Done, Retry: RetryNever}
	p.OrderRef, p.Authentication = orderRef(), ended()
	return p
}

func notificationOfEnd() *NotificationRequest {
	p := notification()
	p.Event.Kind, p.Event.Sequence = EventAuthentication, 1
	p.Event.Transaction, p.Event.Cancelled, p.Event.Authentication = Transaction{}, nil, ended()
	return p
}

// hold authenticates by a code beside the payee's name.
func hold() *PaymentRequest {
	p := minimalPayment()
	p.Amount, p.Tax = Won(3721), Tax{TaxFree: 3721}
	p.Terms = Terms{Capture: CaptureManual, Purpose: AmountAuthentication, Descriptor: "0042"}
	return p
}

func authenticationRequired() *PaymentResponse {
	p := minimalPayment().Answer(pg, ErrAuthenticationRequired)
	bind(&p.ResponseHeader)
	p.Accepted = []metadata.AuthenticationMethod{metadata.ByAmount, metadata.ByCertificate}
	return p
}
