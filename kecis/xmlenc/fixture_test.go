package xmlenc

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// testNow is the clock of the tests.
var testNow = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

const testPayload = `<Card><Name>HONG GILDONG</Name><Number>4111111111111111</Number></Card>`

func testContext() Context {
	return Context{
		Recipient:    "https://issuer.example/kecis",
		Payee:        "https://shop.example/kecis",
		Requester:    "https://shop.example/kecis",
		Order:        "A-20261123-0001",
		Part:         "1",
		Amount:       35000,
		Currency:     "KRW",
		NotOnOrAfter: testNow.Add(30 * time.Minute),
	}
}

var testRSA = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

var testEC = sync.OnceValue(func() *ecdh.PrivateKey {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

// testKeys are the two kinds of recipients.
func testKeys(tb testing.TB) map[string]*PrivateKey {
	tb.Helper()
	return map[string]*PrivateKey{
		"RSA-OAEP": mustPrivateKey(tb, testRSA()),
		"ECDH-ES":  mustPrivateKey(tb, testEC()),
	}
}

func mustPrivateKey(tb testing.TB, key any) *PrivateKey {
	tb.Helper()
	k, err := NewPrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func mustEncrypt(tb testing.TB, to *Recipient, ctx Context, payload string) *EncryptedData {
	tb.Helper()
	d, err := Encrypt(nil, to, ctx, []byte(payload))
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func mustDocument(tb testing.TB, d *EncryptedData) []byte {
	tb.Helper()
	doc, err := d.Document()
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

func mustRoot(tb testing.TB, doc []byte) xmltree.Element {
	tb.Helper()
	tree, err := xmltree.Parse(doc)
	if err != nil {
		tb.Fatalf("%v\n%s", err, doc)
	}
	return tree.Root()
}

// wantCode fails unless err is an *Error with the code.
func wantCode(tb testing.TB, err error, code Code) {
	tb.Helper()
	var refusal *Error
	if !errors.As(err, &refusal) || !errors.Is(err, code) {
		tb.Errorf("got error %v, want %s", err, string(code))
	}
}

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
