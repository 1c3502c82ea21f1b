package xmlsig_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmlsig"
)

const protocol = "urn:kecis:1.0:protocol"

var message = xmlsig.Message(xmlsig.Name{Space: protocol, Local: "PaymentRequest"})

const unsigned = `<kecis:PaymentRequest xmlns:kecis="urn:kecis:1.0:protocol" Destination="https://pg.example/kecis" ID="_0123456789abcdef0123456789abcdef01234567" IssueInstant="2026-11-24T00:00:00Z" Version="2.0"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://shop.example/kecis</saml:Issuer><kecis:Amount Currency="KRW" Exponent="0">50000</kecis:Amount><kecis:Note>a &amp; b</kecis:Note></kecis:PaymentRequest>`

// keys makes one signing key of each kind.
func keys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"RSA": rsaKey, "P-256": p256, "P-384": p384, "Ed25519": ed}
}

func TestSignAndVerify(t *testing.T) {
	all := keys(t)
	tests := []struct {
		key        string
		algorithms []xmlsig.Algorithm
	}{
		{"RSA", []xmlsig.Algorithm{"", xmlsig.RSASHA256, xmlsig.RSASHA384, xmlsig.RSASHA512, xmlsig.RSAPSSSHA256, xmlsig.RSAPSSSHA384, xmlsig.RSAPSSSHA512}},
		{"P-256", []xmlsig.Algorithm{"", xmlsig.ECDSASHA256, xmlsig.ECDSASHA384, xmlsig.ECDSASHA512}},
		{"P-384", []xmlsig.Algorithm{"", xmlsig.ECDSASHA256, xmlsig.ECDSASHA384, xmlsig.ECDSASHA512}},
		{"Ed25519", []xmlsig.Algorithm{"", xmlsig.Ed25519}},
	}
	for _, test := range tests {
		for _, algorithm := range test.algorithms {
			t.Run(test.key+"/"+string(algorithm), func(t *testing.T) {
				signer, err := xmlsig.NewSigner(all[test.key], algorithm)
				if err != nil {
					t.Fatal(err)
				}
				signed, err := signer.Sign([]byte(unsigned), message)
				if err != nil {
					t.Fatal(err)
				}
				at := strings.Index(unsigned, "</saml:Issuer>") + len("</saml:Issuer>")
				inserted, err := signer.Insert([]byte(unsigned), at, "_0123456789abcdef0123456789abcdef01234567")
				if err != nil {
					t.Fatal(err)
				}
				verifier := &xmlsig.Verifier{Profile: message}
				for _, doc := range [][]byte{signed, inserted} {
					verified, err := verifier.Verify(context.Background(), doc, xmlsig.Keys{signer.Public()})
					if err != nil {
						t.Fatalf("%v\n%s", err, doc)
					}
					root, err := verified.Root()
					if err != nil {
						t.Fatal(err)
					}
					if got := root.First().Next().Text(); got != "50000" {
						t.Errorf("amount = %q", got)
					}
					if verified.Sender() != "https://shop.example/kecis" {
						t.Errorf("sender = %q", verified.Sender())
					}
					verified.Release()
					if _, err := verified.Root(); !errors.Is(err, xmlsig.ErrNotVerified) {
						t.Errorf("after Release: %v", err)
					}
					bent := []byte(strings.Replace(string(doc), ">50000<", ">50001<", 1))
					if _, err := verifier.Verify(context.Background(), bent, xmlsig.Keys{signer.Public()}); !errors.Is(err, xmlsig.ErrDigestMismatch) {
						t.Errorf("bent: %v", err)
					}
					bent = []byte(strings.ReplaceAll(string(doc), "_0123456789abcdef", "_0123456789abcdee"))
					if _, err := verifier.Verify(context.Background(), bent, xmlsig.Keys{signer.Public()}); !errors.Is(err, xmlsig.ErrDigestMismatch) {
						t.Errorf("bent ID: %v", err)
					}
				}
			})
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	for name, key := range keys(b) {
		signer, err := xmlsig.NewSigner(key)
		if err != nil {
			b.Fatal(err)
		}
		doc, err := signer.Sign([]byte(unsigned), message)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			verifier := &xmlsig.Verifier{Profile: message}
			trusted := xmlsig.Keys{signer.Public()}
			b.ReportAllocs()
			for b.Loop() {
				verified, err := verifier.Verify(context.Background(), doc, trusted)
				if err != nil {
					b.Fatal(err)
				}
				verified.Release()
			}
		})
	}
}
