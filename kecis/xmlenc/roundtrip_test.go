package xmlenc

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/kecis/sdk/kecis/xmltree"
)

func TestRoundTrip(t *testing.T) {
	payloads := map[string]string{
		"card":    testPayload,
		"one":     "x",
		"binary":  "\x00\xff\xfe\r\n\t<&>",
		"largest": strings.Repeat("n", MaxPayload),
	}
	for algorithm, key := range testKeys(t) {
		for name, payload := range payloads {
			t.Run(algorithm+"/"+name, func(t *testing.T) {
				doc := mustDocument(t, mustEncrypt(t, key.Recipient(), testContext(), payload))
				got, err := Decrypt(key, mustRoot(t, doc), testContext(), testNow)
				if err != nil {
					t.Fatal(err)
				}
				if string(got) != payload {
					t.Errorf("got %q, want %q", got, payload)
				}
			})
		}
	}
}

// The largest document that Encrypt can make is within what Read accepts.
func TestLargestContext(t *testing.T) {
	key := testKeys(t)["ECDH-ES"]
	ctx := testContext()
	for _, field := range []*string{&ctx.Recipient, &ctx.Payee, &ctx.Requester, &ctx.Order, &ctx.Part} {
		*field = strings.Repeat("&", MaxField)
	}
	ctx.Amount = maxAmount
	d := mustEncrypt(t, key.Recipient(), ctx, strings.Repeat("p", MaxPayload))
	got, err := Decrypt(key, mustRoot(t, mustDocument(t, d)), ctx, testNow)
	if err != nil || len(got) != MaxPayload {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

// A party in between reads the data from one message and writes them into
// another; the bytes stay the same.
func TestPassOnInsideAMessage(t *testing.T) {
	for algorithm, key := range testKeys(t) {
		t.Run(algorithm, func(t *testing.T) {
			known := append(Namespaces(), xmltree.Namespace{Prefix: "m", URI: "urn:m"})
			envelope := func(d *EncryptedData) []byte {
				w := xmltree.NewWriter(nil, known...)
				w.Start("m", "Message")
				w.Leaf("m", "Text", "before")
				d.Write(w)
				w.End()
				doc, err := w.Bytes()
				if err != nil {
					t.Fatal(err)
				}
				return doc
			}
			d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
			first := envelope(d)
			read, err := Read(mustRoot(t, first).First().Next())
			if err != nil {
				t.Fatal(err)
			}
			if read.KeyName() != key.Recipient().KeyName() {
				t.Errorf("key name is %s", read.KeyName())
			}
			if second := envelope(read); !bytes.Equal(first, second) {
				t.Errorf("passed on as\n%s\nwant\n%s", second, first)
			}
			if got, err := read.Decrypt(key, testContext(), testNow); err != nil || string(got) != testPayload {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// What is written is in exclusive canonical form, so that a message around it
// can be hashed as it stands.
func TestDocumentIsCanonical(t *testing.T) {
	for algorithm, key := range testKeys(t) {
		t.Run(algorithm, func(t *testing.T) {
			doc := mustDocument(t, mustEncrypt(t, key.Recipient(), testContext(), testPayload))
			for _, hidden := range []string{testPayload, "4111", testContext().Order, "GILDONG"} {
				if bytes.Contains(doc, []byte(hidden)) {
					t.Errorf("%q stands in clear", hidden)
				}
			}
			canonical := mustRoot(t, doc).AppendCanonical(nil)
			if !bytes.Equal(canonical, doc) {
				t.Errorf("canonical form is\n%s\nwritten\n%s", canonical, doc)
			}
		})
	}
}

func TestForeignForms(t *testing.T) {
	key := testKeys(t)["ECDH-ES"]
	doc := string(mustDocument(t, mustEncrypt(t, key.Recipient(), testContext(), testPayload)))
	forms := map[string]string{
		"other prefixes":        strings.NewReplacer("xenc:", "e:", "xmlns:xenc=", "xmlns:e=").Replace(doc),
		"default namespace":     strings.NewReplacer("<xenc:", "<", "</xenc:", "</", "xmlns:xenc=", "xmlns=").Replace(doc),
		"white space":           strings.ReplaceAll(doc, "><", ">\r\n\t<"),
		"line breaks in base64": strings.Replace(doc, "<xenc:CipherValue>", "<xenc:CipherValue>\r\n  &#13;\n", 2),
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			if form == doc {
				t.Fatal("nothing was changed")
			}
			// White space in a leaf that the replacement opened is not allowed
			// for the key's name, only for base64 and between elements.
			got, err := Decrypt(key, mustRoot(t, []byte(form)), testContext(), testNow)
			if err != nil || string(got) != testPayload {
				t.Errorf("got %q, %v\n%s", got, err, form)
			}
		})
	}
}

func TestKeyName(t *testing.T) {
	for algorithm, public := range map[string]crypto.PublicKey{"RSA": testRSA().Public(), "EC": testEC().Public()} {
		spki, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewRecipient(public)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("sha256:%x", sha256.Sum256(spki)); r.KeyName() != want {
			t.Errorf("%s: key name %s, want %s", algorithm, r.KeyName(), want)
		}
	}
}

func TestECDSAKeysServeAsWell(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	to, err := NewRecipient(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	private := mustPrivateKey(t, key)
	if private.Recipient().KeyName() != to.KeyName() {
		t.Errorf("names differ: %s, %s", private.Recipient().KeyName(), to.KeyName())
	}
	got, err := mustEncrypt(t, to, testContext(), testPayload).Decrypt(private, testContext(), testNow)
	if err != nil || string(got) != testPayload {
		t.Errorf("got %q, %v", got, err)
	}
}

// module is a key in a hardware module: only the interface is there.
type module struct{ crypto.Decrypter }

type agreeingModule struct{ ecdh.KeyExchanger }

func TestHardwareKeys(t *testing.T) {
	for name, key := range map[string]any{"RSA": module{testRSA()}, "EC": agreeingModule{testEC()}} {
		private := mustPrivateKey(t, key)
		got, err := mustEncrypt(t, private.Recipient(), testContext(), testPayload).Decrypt(private, testContext(), testNow)
		if err != nil || string(got) != testPayload {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestKeysRefused(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	n := testRSA().N
	bits := func(bits uint) *big.Int {
		return new(big.Int).SetBit(big.NewInt(1), int(bits)-1, 1)
	}
	public := map[string]crypto.PublicKey{
		"nil":                   nil,
		"typed nil RSA":         (*rsa.PublicKey)(nil),
		"typed nil ECDSA":       (*ecdsa.PublicKey)(nil),
		"typed nil ECDH":        (*ecdh.PublicKey)(nil),
		"empty RSA":             &rsa.PublicKey{},
		"RSA 1024":              small.Public(),
		"RSA 2047":              &rsa.PublicKey{N: bits(2047), E: 65537},
		"RSA 8193":              &rsa.PublicKey{N: bits(8193), E: 65537},
		"RSA e=1":               &rsa.PublicKey{N: n, E: 1},
		"RSA e=3":               &rsa.PublicKey{N: n, E: 3},
		"RSA even e":            &rsa.PublicKey{N: n, E: 65538},
		"RSA even modulus":      &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537},
		"RSA minus":             &rsa.PublicKey{N: new(big.Int).Neg(n), E: 65537},
		"P-384":                 p384.Public(),
		"X25519":                x25519.Public(),
		"ECDSA off curve":       &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)},
		"ECDSA without a point": &ecdsa.PublicKey{Curve: elliptic.P256()},
		"empty ECDSA":           &ecdsa.PublicKey{},
		"empty ECDH":            &ecdh.PublicKey{},
		"private, not public":   testRSA(),
	}
	for name, key := range public {
		t.Run("public/"+name, func(t *testing.T) {
			r, err := NewRecipient(key)
			wantCode(t, err, ErrKey)
			if r != nil {
				t.Error("a Recipient is returned")
			}
		})
	}
	private := map[string]any{
		"nil": nil, "typed nil RSA": (*rsa.PrivateKey)(nil), "typed nil ECDH": (*ecdh.PrivateKey)(nil),
		"typed nil ECDSA": (*ecdsa.PrivateKey)(nil), "RSA 1024": small, "P-384": p384, "X25519": x25519, "text": "key",
		"empty RSA": &rsa.PrivateKey{}, "empty ECDSA": &ecdsa.PrivateKey{}, "empty ECDH": &ecdh.PrivateKey{},
		"RSA without an exponent": &rsa.PrivateKey{PublicKey: testRSA().PublicKey},
		"ECDSA without a scalar":  &ecdsa.PrivateKey{PublicKey: ecdsa.PublicKey{Curve: elliptic.P256()}},
	}
	for name, key := range private {
		t.Run("private/"+name, func(t *testing.T) {
			_, err := NewPrivateKey(key)
			wantCode(t, err, ErrKey)
		})
	}
}

func TestEncryptRefuses(t *testing.T) {
	to := testKeys(t)["ECDH-ES"].Recipient()
	cases := map[string]func(*Context, *string){
		"no recipient":      func(c *Context, _ *string) { c.Recipient = "" },
		"no payee":          func(c *Context, _ *string) { c.Payee = "" },
		"no requester":      func(c *Context, _ *string) { c.Requester = "" },
		"no order":          func(c *Context, _ *string) { c.Order = "" },
		"long order":        func(c *Context, _ *string) { c.Order = strings.Repeat("x", MaxField+1) },
		"long part":         func(c *Context, _ *string) { c.Part = strings.Repeat("x", MaxField+1) },
		"control character": func(c *Context, _ *string) { c.Order = "a\nb" },
		"not UTF-8":         func(c *Context, _ *string) { c.Order = "a\xff" },
		"U+FFFE":            func(c *Context, _ *string) { c.Order = "\ufffe" },
		"amount 0":          func(c *Context, _ *string) { c.Amount = 0 },
		"amount below 0":    func(c *Context, _ *string) { c.Amount = -1 },
		"amount too large":  func(c *Context, _ *string) { c.Amount = maxAmount + 1 },
		"no currency":       func(c *Context, _ *string) { c.Currency = "" },
		"small currency":    func(c *Context, _ *string) { c.Currency = "krw" },
		"long currency":     func(c *Context, _ *string) { c.Currency = "KRWX" },
		"no end":            func(c *Context, _ *string) { c.NotOnOrAfter = c.NotOnOrAfter.AddDate(-3000, 0, 0) },
		"no payload":        func(_ *Context, p *string) { *p = "" },
		"payload too large": func(_ *Context, p *string) { *p = strings.Repeat("x", MaxPayload+1) },
	}
	for name, bend := range cases {
		t.Run(name, func(t *testing.T) {
			ctx, payload := testContext(), testPayload
			bend(&ctx, &payload)
			d, err := Encrypt(nil, to, ctx, []byte(payload))
			wantCode(t, err, ErrContext)
			if d != nil {
				t.Error("data are returned")
			}
		})
	}
	_, err := Encrypt(nil, nil, testContext(), []byte(testPayload))
	wantCode(t, err, ErrKey)
}

func TestRandomSourceFails(t *testing.T) {
	for algorithm, key := range testKeys(t) {
		for n := range 200 {
			source := io.MultiReader(io.LimitReader(rand.Reader, int64(n)), iotest.ErrReader(errors.New("broken")))
			d, err := Encrypt(source, key.Recipient(), testContext(), []byte(testPayload))
			needed := keySize + nonceSize + contentNonceSize + 32 // and the OAEP seed or the scalar
			if n >= needed {
				if err != nil {
					t.Errorf("%s: %d bytes are enough, got %v", algorithm, n, err)
				}
				continue
			}
			if d != nil {
				t.Errorf("%s: data after %d random bytes", algorithm, n)
			}
			wantCode(t, err, ErrRandom)
			short, err := Encrypt(io.LimitReader(rand.Reader, int64(n)), key.Recipient(), testContext(), []byte(testPayload))
			if short != nil {
				t.Errorf("%s: data from a source of %d bytes", algorithm, n)
			}
			wantCode(t, err, ErrRandom)
		}
	}
}

// A source that only yields zeros gives no scalar; it must not be asked for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestRandomSourceOfZeros(t *testing.T) {
	_, err := Encrypt(zeros{}, testKeys(t)["ECDH-ES"].Recipient(), testContext(), []byte(testPayload))
	wantCode(t, err, ErrRandom)
}

// CVE-2017-1000246: nothing random is used twice.
func TestFreshness(t *testing.T) {
	const rounds = 200
	for algorithm, key := range testKeys(t) {
		t.Run(algorithm, func(t *testing.T) {
			seen := map[string]string{}
			once := func(what string, value []byte) {
				if before, ok := seen[string(value)]; ok {
					t.Fatalf("%s repeats a %s", what, before)
				}
				seen[string(value)] = what
			}
			for range rounds {
				d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
				var cek [keySize]byte
				if !key.open(&cek, d) {
					t.Fatal("the key is not genuine")
				}
				once("content key", cek[:])
				once("nonce", d.ciphertext[:nonceSize])
				once("wrapped key", d.wrapped)
				if d.ephemeral != nil {
					once("ephemeral key", d.ephemeral.Bytes())
				}
				gcm, err := newGCM(cek[:])
				if err != nil {
					t.Fatal(err)
				}
				plaintext, err := gcm.Open(nil, d.ciphertext[:nonceSize], d.ciphertext[nonceSize:], nil)
				if err != nil {
					t.Fatal(err)
				}
				c, ok := decode(plaintext)
				if !ok {
					t.Fatal("the plaintext cannot be read")
				}
				once("content nonce", c.nonce[:])
			}
		})
	}
}
