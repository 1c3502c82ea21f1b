package xmlenc

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
func fixedKeys(tb testing.TB) KeyRing {
	tb.Helper()
	return KeyRing{fixedKey(tb, "rsa.pem"), fixedKey(tb, "ec.pem")}
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

// update writes the corpus anew ("go test ./kecis/xmlenc -run TestCorpus -update").
var update = flag.Bool("update", false, "write the committed corpus anew")

const corpusHead = "go test fuzz v1\n[]byte("

// TestCorpus checks the valid documents of the committed corpus: what was
// encrypted by an earlier version still opens.
func TestCorpus(t *testing.T) {
	ring := fixedKeys(t)
	for i, name := range []string{"rsa-oaep", "ecdh-es"} {
		file := filepath.Join("testdata", "fuzz", "FuzzDecrypt", name)
		if *update {
			writeCorpus(t, name, ring[i])
		}
		doc := readCorpus(t, file)
		got, err := decryptDocument(ring, doc)
		if err != nil || string(got) != testPayload {
			t.Errorf("%s gives %q, %v", name, got, err)
		}
	}
}

func readCorpus(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	quoted, ok := strings.CutPrefix(strings.TrimSuffix(string(raw), ")\n"), corpusHead)
	doc, err := strconv.Unquote(quoted)
	if !ok || err != nil {
		t.Fatalf("%s is not of the corpus: %v", file, err)
	}
	return []byte(doc)
}

// writeCorpus writes a valid document, some bent ones, and plaintexts.
func writeCorpus(t *testing.T, name string, key *PrivateKey) {
	t.Helper()
	write := func(target, name string, doc []byte) {
		folder := filepath.Join("testdata", "fuzz", target)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(corpusHead+strconv.Quote(string(doc))+")\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	doc := mustDocument(t, mustEncrypt(t, key.Recipient(), testContext(), testPayload))
	write("FuzzDecrypt", name, doc)
	for what, with := range map[string][2]string{
		"prefix":     {"xenc:", "e:"},
		"algorithm":  {"aes256-gcm", "aes256-cbc"},
		"short":      {"</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>", "="},
		"key-name":   {"<ds:KeyName>sha256:", "<ds:KeyName>sha1:"},
		"whitespace": {"><", ">\n<"},
	} {
		write("FuzzDecrypt", name+"-"+what, bytes.ReplaceAll(doc, []byte(with[0]), []byte(with[1])))
	}
	c := content{context: testContext(), payload: []byte(testPayload)}
	plaintext, err := c.encode()
	if err != nil {
		t.Fatal(err)
	}
	write("FuzzContent", "sealed", plaintext)
	write("FuzzContent", "empty", []byte(`<kecis:Sealed xmlns:kecis="urn:kecis:1.0:protocol"/>`))
}

// FuzzDecrypt gives any document to the reader and, if it is well-formed, to
// the decryption: nothing panics, every refusal is typed, and only what was
// encrypted gives a payload.
func FuzzDecrypt(f *testing.F) {
	ring := fixedKeys(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		payload, err := decryptDocument(ring, doc)
		if _, unread := errors.AsType[*xmltree.Error](err); unread {
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
