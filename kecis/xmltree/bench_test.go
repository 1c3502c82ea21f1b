package xmltree

import (
	"crypto/sha256"
	"strings"
	"testing"
)

func sample(n int) []byte {
	var b strings.Builder
	b.WriteString(`<kecis:PaymentRequest xmlns:kecis="urn:kecis:1.0:protocol" Destination="https://pg.example/kecis" ID="_0123456789012345678901234567890123456789" IssueInstant="2026-11-24T00:00:00Z" Version="2.0"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://shop.example/kecis</saml:Issuer>`)
	for b.Len() < n-22 {
		b.WriteString(`<kecis:Line><kecis:Name>사과 한 상자</kecis:Name><kecis:Quantity Unit="box">3</kecis:Quantity><kecis:Amount Currency="KRW" Exponent="0">45000</kecis:Amount></kecis:Line>`)
	}
	b.WriteString(`</kecis:PaymentRequest>`)
	return []byte(b.String())
}

func BenchmarkParseCanonical(b *testing.B) {
	for _, n := range []int{2 << 10, 64 << 10, 1 << 20} {
		doc := sample(n)
		b.Run("ours/"+count(n), func(b *testing.B) {
			p := new(Parser)
			var dst []byte
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				t, err := p.Open(doc)
				if err != nil {
					b.Fatal(err)
				}
				dst = t.AppendCanonical(dst[:0], t.Root(), Element{})
				t.Release()
			}
		})
		b.Run("sha256/"+count(n), func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				sha256.Sum256(doc)
			}
		})
	}
}
