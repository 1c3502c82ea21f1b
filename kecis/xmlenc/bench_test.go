package xmlenc

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"github.com/kecis/sdk/kecis/xmltree"
)

// BenchmarkEncrypt measures from payload to document, and from document to
// payload, beside the public-key operations that cannot be saved. Run it as
//
//	go test -run '^$' -bench . -benchmem ./kecis/xmlenc
func BenchmarkEncrypt(b *testing.B) {
	for algorithm, key := range testKeys(b) {
		b.Run(algorithm, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d, err := Encrypt(nil, key.Recipient(), testContext(), []byte(testPayload))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := d.Document(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	cek := make([]byte, keySize)
	b.Run("floor RSA-OAEP", func(b *testing.B) {
		for b.Loop() {
			if _, err := rsa.EncryptOAEPWithOptions(rand.Reader, &testRSA().PublicKey, cek, oaep()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor ECDH-ES", func(b *testing.B) {
		for b.Loop() {
			ephemeral, err := ecdh.P256().GenerateKey(rand.Reader)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := ephemeral.ECDH(testEC().PublicKey()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecrypt(b *testing.B) {
	for algorithm, key := range testKeys(b) {
		doc := mustDocument(b, mustEncrypt(b, key.Recipient(), testContext(), testPayload))
		var parser xmltree.Parser
		b.Run(algorithm, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				tree, err := parser.Open(doc)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := Decrypt(key, tree.Root(), testContext(), testNow); err != nil {
					b.Fatal(err)
				}
				tree.Release()
			}
		})
	}
	rsaData := mustEncrypt(b, mustPrivateKey(b, testRSA()).Recipient(), testContext(), testPayload)
	b.Run("floor RSA-OAEP", func(b *testing.B) {
		for b.Loop() {
			if _, err := testRSA().Decrypt(nil, rsaData.wrapped, oaep()); err != nil {
				b.Fatal(err)
			}
		}
	})
	ecData := mustEncrypt(b, mustPrivateKey(b, testEC()).Recipient(), testContext(), testPayload)
	b.Run("floor ECDH-ES", func(b *testing.B) {
		for b.Loop() {
			if _, err := testEC().ECDH(ecData.ephemeral); err != nil {
				b.Fatal(err)
			}
		}
	})
}
