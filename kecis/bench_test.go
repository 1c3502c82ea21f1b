package kecis

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmltree"
)

// benchPayment is a payment request of about 2 KB once it is signed by an
// RSA key of 2048 bits.
func benchPayment(tb testing.TB) *PaymentRequest {
	tb.Helper()
	p := minimalPayment()
	p.Instrument = Instrument{Issuer: issuer, Kind: Card, Brand: "BC", First6: "940915", Last4: "1234", Ref: "0123456789abcdef"}
	p.Buyer = &ecml.Ecom{BillTo: []ecml.Party{{Online: []ecml.Online{{Email: []ecml.Email{{Address: "hong@example.kr"}}}}}}}
	return p
}

// benchAnswer is an answer of about 4 KB once it is signed.
func benchAnswer(tb testing.TB) *InquiryResponse {
	tb.Helper()
	p := found()
	c := p.Cancelled[0]
	c.Amount, c.Tax = Won(2000), Tax{TaxFree: 2000}
	p.Cancelled = nil
	for range 10 {
		p.Cancelled = append(p.Cancelled, c)
	}
	return p
}

// BenchmarkDecode is the decoder alone, without parser and signature.
func BenchmarkDecode(b *testing.B) {
	doc, _, err := marshal(benchPayment(b))
	if err != nil {
		b.Fatal(err)
	}
	tree, err := xmltree.Parse(doc)
	if err != nil {
		b.Fatal(err)
	}
	root := tree.Root()
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		m, err := newMessage(root)
		if err != nil {
			b.Fatal(err)
		}
		if err := decode(m, root, Digest{1}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncode is the encoder alone, without the signature.
func BenchmarkEncode(b *testing.B) {
	for name, m := range map[string]Message{"payment": benchPayment(b), "answer": benchAnswer(b)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				doc, _, err := marshal(m)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(doc)))
			}
		})
	}
}

// BenchmarkOpen verifies and decodes a payment request of 2 KB.
func BenchmarkOpen(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	for name, s := range map[string]signing{"RSA-2048": signingWith(b, key), "ECDSA-P256": newSigning(b)} {
		b.Run(name, func(b *testing.B) {
			doc, err := Sign(benchPayment(b), s.signer)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				if _, err := Open(context.Background(), s.verifier, doc, s.keys); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSign signs an answer of 4 KB, from struct to bytes.
func BenchmarkSign(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	for name, s := range map[string]signing{"RSA-2048": signingWith(b, key), "ECDSA-P256": newSigning(b)} {
		b.Run(name, func(b *testing.B) {
			m := benchAnswer(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Sign(m, s.signer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
