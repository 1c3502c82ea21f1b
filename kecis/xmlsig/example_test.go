package xmlsig_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// Sign a document and verify it: what Verify returns is all that may be used.
func Example() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		log.Fatal(err)
	}
	profile := xmlsig.Message(xmlsig.Name{Space: "urn:example:orders", Local: "Order"})
	signed, err := signer.Sign([]byte(`<o:Order xmlns:o="urn:example:orders" ID="_1">
  <saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://shop.example/kecis</saml:Issuer>
  <o:Amount>50000</o:Amount>
</o:Order>`), profile)
	if err != nil {
		log.Fatal(err)
	}

	verifier := &xmlsig.Verifier{Profile: profile}
	verified, err := verifier.Verify(context.Background(), signed, xmlsig.Keys{signer.Public()})
	if err != nil {
		log.Fatal(err)
	}
	order, err := verified.Root()
	if err != nil {
		log.Fatal(err)
	}
	for field := range order.Children() {
		fmt.Println(field.Local(), field.Text())
	}

	// Somebody pays less than was ordered.
	bent := strings.Replace(string(signed), "50000", "5000", 1)
	_, err = verifier.Verify(context.Background(), []byte(bent), xmlsig.Keys{signer.Public()})
	fmt.Println(errors.Is(err, xmlsig.ErrDigestMismatch))
	// Output:
	// Issuer https://shop.example/kecis
	// Amount 50000
	// true
}

// A KeySource finds a sender's keys in the system that knows the partners.
func ExampleKeySource() {
	partners := merchants{"https://shop.example/kecis": nil}
	verifier := &xmlsig.Verifier{
		Profile: xmlsig.Message(xmlsig.Name{Space: "urn:example:orders", Local: "Order"}),
		Role:    "requester",
	}
	_, err := verifier.Verify(context.Background(), []byte("<not-signed/>"), partners)
	if refusal, ok := errors.AsType[*xmlsig.Error](err); ok {
		fmt.Println(refusal.Code(), refusal.Clause())
		fmt.Println(refusal.Text("ko"))
	}
	// Output:
	// sig-root KECIS-SIG-019
	// 루트 요소가 여기서 기대하는 것이 아닙니다.
}

// merchants is a vendor's own table.
type merchants map[string][]*xmlsig.PublicKey

func (m merchants) VerificationKeys(_ context.Context, who xmlsig.Signatory) ([]*xmlsig.PublicKey, error) {
	if who.Role != "requester" || who.Scope != xmlsig.ScopeMessage {
		return nil, nil
	}
	return m[who.Entity], nil // an unknown one has no keys, and is refused
}
