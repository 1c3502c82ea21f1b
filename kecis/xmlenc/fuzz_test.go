package xmlenc

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/kecis/sdk/kecis/xmltree"
)

func decryptDocument(keys KeyFinder, doc []byte) ([]byte, error) {
	tree, err := xmltree.Parse(doc)
	if err != nil {
		return nil, err
	}
	return Decrypt(keys, tree.Root(), testContext(), testNow)
}

// fixedKeys are the committed test keys that the corpus is encrypted to.
func fixedKeys(tb testing.TB) (rsaKey, ecKey *PrivateKey) {
	tb.Helper()
	return fixedKey(tb, "rsa.pem"), fixedKey(tb, "ec.pem")
}

func fixedKey(tb testing.TB, file string) *PrivateKey {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		tb.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		tb.Fatal(err)
	}
	return mustPrivateKey(tb, parsed)
}

// FuzzDecrypt gives any document to the reader and, if it is well-formed, to
// the decryption: nothing panics, every refusal is typed, and only what was
// encrypted gives a payload.
func FuzzDecrypt(f *testing.F) {
	rsaKey, ecKey := fixedKeys(f)
	ring := KeyRing{rsaKey, ecKey}
	for _, key := range ring {
		f.Add(mustDocument(f, mustEncrypt(f, key.Recipient(), testContext(), testPayload)))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		payload, err := decryptDocument(ring, doc)
		var unread *xmltree.Error
		if errors.As(err, &unread) {
			return
		}
		var refusal *Error
		switch {
		case err == nil && string(payload) != testPayload:
			t.Errorf("a payload that nobody encrypted: %q", payload)
		case err != nil && payload != nil:
			t.Errorf("a payload with %v", err)
		case err != nil && !errors.As(err, &refusal):
			t.Errorf("an error of type %T", err)
		}
		passedOn(t, doc)
	})
}

// passedOn checks that what can be read is written in one form that is read as
// the same.
func passedOn(t *testing.T, doc []byte) {
	t.Helper()
	tree, err := xmltree.Parse(doc)
	if err != nil {
		return
	}
	d, err := Read(tree.Root())
	if err != nil {
		return
	}
	first := mustDocument(t, d)
	again, err := Read(mustRoot(t, first))
	if err != nil {
		t.Fatalf("what was written is refused: %v\n%s", err, first)
	}
	if second := mustDocument(t, again); string(first) != string(second) {
		t.Errorf("written as\n%s\nand then as\n%s", first, second)
	}
}

// FuzzContent gives any plaintext to its reader, as a sender who knows the
// public key can.
func FuzzContent(f *testing.F) {
	f.Add([]byte(`<kecis:Sealed xmlns:kecis="urn:kecis:1.0:protocol"/>`))
	c := content{context: testContext(), payload: []byte(testPayload)}
	doc, err := c.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(doc)
	f.Fuzz(func(t *testing.T, doc []byte) {
		c, ok := decode(doc)
		if !ok {
			return
		}
		if len(c.payload) == 0 || len(c.payload) > MaxPayload || c.context.Amount < 1 || c.context.Amount > maxAmount {
			t.Errorf("out of bounds: %d bytes, amount %d", len(c.payload), c.context.Amount)
		}
	})
}
