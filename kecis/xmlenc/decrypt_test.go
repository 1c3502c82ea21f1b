package xmlenc

import (
	"crypto"
	"crypto/aes"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

// wantFailed fails unless err is the one uniform failure: the same value in all
// that a caller can print, unwrap or compare.
func wantFailed(t *testing.T, payload []byte, err error) {
	t.Helper()
	if payload != nil {
		t.Error("a payload is returned")
	}
	if want := (&Error{code: ErrFailed}); !reflect.DeepEqual(err, error(want)) {
		t.Errorf("got %#v, want %#v", err, want)
	}
	if errors.Unwrap(err) != nil {
		t.Errorf("the failure has a cause: %v", errors.Unwrap(err))
	}
}

func TestContextMismatch(t *testing.T) {
	bends := map[string]func(*Context){
		"recipient":        func(c *Context) { c.Recipient = "https://other.example/kecis" },
		"recipient longer": func(c *Context) { c.Recipient += "/" },
		"payee":            func(c *Context) { c.Payee = "https://thief.example/kecis" },
		"requester":        func(c *Context) { c.Requester = "https://thief.example/kecis" },
		"order":            func(c *Context) { c.Order = "A-20261123-0002" },
		"order's case":     func(c *Context) { c.Order = strings.ToLower(c.Order) },
		"part":             func(c *Context) { c.Part = "2" },
		"no part":          func(c *Context) { c.Part = "" },
		"amount":           func(c *Context) { c.Amount++ },
		"currency":         func(c *Context) { c.Currency = "JPY" },
		"payee, requester": func(c *Context) { c.Payee, c.Order = c.Order, c.Payee },
	}
	for algorithm, key := range testKeys(t) {
		d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
		for name, bend := range bends {
			t.Run(algorithm+"/"+name, func(t *testing.T) {
				expected := testContext()
				bend(&expected)
				payload, err := d.Decrypt(key, expected, testNow)
				wantFailed(t, payload, err)
			})
		}
		if _, err := d.Decrypt(key, testContext(), testNow); err != nil {
			t.Errorf("%s: the twin fails: %v", algorithm, err)
		}
	}
}

func TestExpectedContextIncomplete(t *testing.T) {
	key := testKeys(t)["ECDH-ES"]
	d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
	noOrder, notUTF8 := testContext(), testContext()
	noOrder.Order, notUTF8.Order = "", "\xff"
	for name, expected := range map[string]Context{"zero": {}, "no order": noOrder, "not UTF-8": notUTF8} {
		payload, err := d.Decrypt(key, expected, testNow)
		if payload != nil {
			t.Errorf("%s: a payload is returned", name)
		}
		wantCode(t, err, ErrContext)
	}
}

func TestLifetime(t *testing.T) {
	key := testKeys(t)["ECDH-ES"]
	end := testContext().NotOnOrAfter
	tests := map[string]struct {
		now  time.Time
		live bool
	}{
		"one nanosecond before the end": {end.Add(-1), true},
		"at the end":                    {end, false},
		"after the end":                 {end.Add(time.Hour), false},
		"a whole lifetime before":       {end.Add(-MaxLifetime), true},
		"longer than a lifetime before": {end.Add(-MaxLifetime - 1), false},
	}
	d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			// The expected context's own time is not read.
			expected := testContext()
			expected.NotOnOrAfter = time.Time{}
			payload, err := d.Decrypt(key, expected, tt.now)
			if !tt.live {
				wantFailed(t, payload, err)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEveryBitCounts(t *testing.T) {
	for algorithm, key := range testKeys(t) {
		t.Run(algorithm, func(t *testing.T) {
			d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
			flip := func(field *[]byte, step int) {
				original := *field
				for i := 0; i < 8*len(original); i += step {
					*field = append([]byte(nil), original...)
					(*field)[i/8] ^= 1 << (i % 8)
					payload, err := d.Decrypt(key, testContext(), testNow)
					wantFailed(t, payload, err)
				}
				*field = original
			}
			step := 1
			if algorithm == "RSA-OAEP" {
				step = 37 // an RSA decryption takes a millisecond; 37 is prime to 8
			}
			flip(&d.ciphertext, step)
			flip(&d.wrapped, step)
			if _, err := d.Decrypt(key, testContext(), testNow); err != nil {
				t.Errorf("the twin fails: %v", err)
			}
		})
	}
}

// A flip in the ephemeral key leaves the curve or gives another shared secret;
// flips of the document's other bytes are refused or change nothing secret.
func TestEveryByteOfTheDocument(t *testing.T) {
	key := testKeys(t)["ECDH-ES"]
	doc := mustDocument(t, mustEncrypt(t, key.Recipient(), testContext(), testPayload))
	for i := range doc {
		for _, bit := range []byte{1, 4, 16, 32} {
			bent := append([]byte(nil), doc...)
			bent[i] ^= bit
			payload, err := decryptDocument(key, bent)
			// Renaming a prefix in one place is not well-formed, so that nothing
			// is equivalent.
			if err == nil || payload != nil {
				t.Errorf("byte %d (%q to %q) makes no difference", i, doc[i], bent[i])
			}
		}
	}
}

func TestLengthsOfTheData(t *testing.T) {
	for algorithm, key := range testKeys(t) {
		d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
		whole := d.ciphertext
		for _, n := range []int{29, 30, 40, len(whole) - tagSize, len(whole) - 1} {
			d.ciphertext = whole[:n]
			payload, err := d.Decrypt(key, testContext(), testNow)
			t.Run(algorithm, func(t *testing.T) { wantFailed(t, payload, err) })
		}
	}
}

func TestUnknownKey(t *testing.T) {
	keys := testKeys(t)
	d := mustEncrypt(t, keys["ECDH-ES"].Recipient(), testContext(), testPayload)
	for name, finder := range map[string]KeyFinder{
		"none":      nil,
		"nil key":   (*PrivateKey)(nil),
		"empty":     KeyRing{},
		"other key": keys["RSA-OAEP"],
		"nil ring":  KeyRing{nil, keys["RSA-OAEP"]},
		"wrong":     wrongFinder{keys["RSA-OAEP"]},
	} {
		t.Run(name, func(t *testing.T) {
			payload, err := d.Decrypt(finder, testContext(), testNow)
			if payload != nil {
				t.Error("a payload is returned")
			}
			wantCode(t, err, ErrUnknownKey)
		})
	}
	ring := KeyRing{nil, keys["RSA-OAEP"], keys["ECDH-ES"]}
	if _, err := d.Decrypt(ring, testContext(), testNow); err != nil {
		t.Errorf("a ring that has the key: %v", err)
	}
}

// wrongFinder gives its key for every name.
type wrongFinder struct{ key *PrivateKey }

func (f wrongFinder) FindKey(string) *PrivateKey { return f.key }

// The algorithm must be the one of the key that is named (K5's lesson).
func TestAlgorithmOfAnotherKey(t *testing.T) {
	keys := testKeys(t)
	rsaKey, ecKey := keys["RSA-OAEP"], keys["ECDH-ES"]
	swapped := mustEncrypt(t, rsaKey.Recipient(), testContext(), testPayload)
	swapped.key = ecKey.public.id
	_, err := swapped.Decrypt(ecKey, testContext(), testNow)
	wantCode(t, err, ErrKeyAlgorithm)
	swapped = mustEncrypt(t, ecKey.Recipient(), testContext(), testPayload)
	swapped.key = rsaKey.public.id
	_, err = swapped.Decrypt(rsaKey, testContext(), testNow)
	wantCode(t, err, ErrKeyAlgorithm)
	longer := mustEncrypt(t, rsaKey.Recipient(), testContext(), testPayload)
	longer.wrapped = append(longer.wrapped, 0)
	_, err = longer.Decrypt(rsaKey, testContext(), testNow)
	wantCode(t, err, ErrLength)
}

// What else can stand in the RSA block: an attacker who knows the public key
// can make it, and must learn nothing from the answer.
func TestOAEPVariants(t *testing.T) {
	key := testKeys(t)["RSA-OAEP"]
	public := &testRSA().PublicKey
	cek := make([]byte, keySize)
	tests := map[string]struct {
		key  []byte
		opts rsa.OAEPOptions
	}{
		"short key":     {cek[:16], *oaep()},
		"long key":      {make([]byte, 64), *oaep()},
		"empty key":     {nil, *oaep()},
		"MGF1 SHA-1":    {cek, rsa.OAEPOptions{Hash: crypto.SHA256, MGFHash: crypto.SHA1}},
		"SHA-1":         {cek, rsa.OAEPOptions{Hash: crypto.SHA1, MGFHash: crypto.SHA256}},
		"SHA-512":       {cek, rsa.OAEPOptions{Hash: crypto.SHA512, MGFHash: crypto.SHA512}},
		"with a label":  {cek, rsa.OAEPOptions{Hash: crypto.SHA256, MGFHash: crypto.SHA256, Label: []byte("x")}},
		"all right":     {cek, *oaep()},
		"all zero bits": {nil, rsa.OAEPOptions{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
			d.ciphertext = seal(t, [keySize]byte{}, mustContent(t, testContext(), testPayload))
			if tt.opts.Hash == 0 {
				d.wrapped = make([]byte, len(d.wrapped))
			} else {
				var err error
				if d.wrapped, err = rsa.EncryptOAEPWithOptions(rand.Reader, public, tt.key, &tt.opts); err != nil {
					t.Fatal(err)
				}
			}
			payload, err := d.Decrypt(key, testContext(), testNow)
			if name == "all right" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantFailed(t, payload, err)
		})
	}
}

// A wrapped key that is not genuine fails although the content would open under
// the zero key that takes its place.
func TestUnwrappingFails(t *testing.T) {
	key := testKeys(t)["ECDH-ES"]
	d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
	d.wrapped = make([]byte, wrappedSize)
	d.ciphertext = seal(t, [keySize]byte{}, mustContent(t, testContext(), testPayload))
	payload, err := d.Decrypt(key, testContext(), testNow)
	wantFailed(t, payload, err)
}

// broken modules return errors or nonsense.
type brokenRSA struct {
	crypto.Decrypter
	out []byte
	err error
}

func (b brokenRSA) Decrypt(io.Reader, []byte, crypto.DecrypterOpts) ([]byte, error) {
	return b.out, b.err
}

type brokenEC struct {
	ecdh.KeyExchanger
	out []byte
	err error
}

func (b brokenEC) ECDH(*ecdh.PublicKey) ([]byte, error) { return b.out, b.err }

func TestBrokenModules(t *testing.T) {
	failure := errors.New("device removed")
	keys := map[string]any{
		"RSA fails":             brokenRSA{testRSA(), nil, failure},
		"RSA gives nothing":     brokenRSA{testRSA(), nil, nil},
		"RSA gives too much":    brokenRSA{testRSA(), make([]byte, 33), nil},
		"RSA fails with output": brokenRSA{testRSA(), make([]byte, 32), failure},
		"ECDH fails":            brokenEC{testEC(), nil, failure},
		"ECDH gives zero":       brokenEC{testEC(), make([]byte, 32), nil},
		"ECDH gives nothing":    brokenEC{testEC(), nil, nil},
		"ECDH gives too much":   brokenEC{testEC(), make([]byte, 65), nil},
	}
	for name, broken := range keys {
		t.Run(name, func(t *testing.T) {
			key := mustPrivateKey(t, broken)
			d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
			if module, ok := broken.(brokenEC); ok { // what would open if that were taken for a secret
				d = dataUnder(t, key, module.out)
			} else {
				d.ciphertext = seal(t, [keySize]byte{}, mustContent(t, testContext(), testPayload))
			}
			payload, err := d.Decrypt(key, testContext(), testNow)
			wantFailed(t, payload, err)
		})
	}
}

// dataUnder is encrypted under the key that a shared secret gives.
func dataUnder(t *testing.T, key *PrivateKey, secret []byte) *EncryptedData {
	t.Helper()
	d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
	block, err := aes.NewCipher(concatKDF(secret, otherInfo(d.key), keySize))
	if err != nil {
		t.Fatal(err)
	}
	cek := [keySize]byte{1}
	d.wrapped = wrapKey(block, cek[:])
	d.ciphertext = seal(t, cek, mustContent(t, testContext(), testPayload))
	return d
}

func mustContent(t *testing.T, ctx Context, payload string) string {
	t.Helper()
	doc, err := (&content{context: ctx, payload: []byte(payload)}).encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

func seal(t *testing.T, cek [keySize]byte, plaintext string) []byte {
	t.Helper()
	gcm, err := newGCM(cek[:])
	if err != nil {
		t.Fatal(err)
	}
	nonce := make([]byte, nonceSize)
	return gcm.Seal(nonce, nonce, []byte(plaintext), nil)
}

// withPlaintext returns data to key that hold any plaintext.
func withPlaintext(t *testing.T, key *PrivateKey, plaintext string) *EncryptedData {
	t.Helper()
	d := mustEncrypt(t, key.Recipient(), testContext(), testPayload)
	var cek [keySize]byte
	if !key.open(&cek, d) {
		t.Fatal("the key is not genuine")
	}
	d.ciphertext = seal(t, cek, plaintext)
	return d
}

// The form of the plaintext is as closed as that around it, and no error tells
// which part was wrong.
func TestMalformedPlaintext(t *testing.T) {
	key := testKeys(t)["ECDH-ES"]
	good := mustContent(t, testContext(), testPayload)
	edit := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("no %q in %s", old, good)
		}
		return strings.Replace(good, old, with, 1)
	}
	tests := map[string]string{
		"no XML":                 "x",
		"a byte behind":          good + "x",
		"doctype":                "<!DOCTYPE kecis:Sealed>" + good,
		"comment":                edit("35000", "35<!---->000"),
		"another root":           strings.ReplaceAll(good, "Sealed", "Opened"),
		"another namespace":      edit("urn:kecis:1.0:protocol", "urn:kecis:1.1:protocol"),
		"attribute on root":      edit("<kecis:Sealed ", `<kecis:Sealed a="" `),
		"attribute on a field":   edit("<kecis:Amount>", `<kecis:Amount a="">`),
		"stray text":             edit("<kecis:Amount>", "stray<kecis:Amount>"),
		"element in a field":     edit("35000", "<kecis:Amount>35000</kecis:Amount>"),
		"amount with a zero":     edit("35000", "035000"),
		"amount with a sign":     edit("35000", "+35000"),
		"amount with a fraction": edit("35000", "35000.00"),
		"amount with a space":    edit("35000", " 35000"),
		"amount in hexadecimal":  edit("35000", "0x88b8"),
		"time with a fraction":   edit("09:30:00Z", "09:30:00.5Z"),
		"time with an offset":    edit("09:30:00Z", "09:30:00+00:00"),
		"time without zone":      edit("09:30:00Z", "09:30:00"),
		"leap second":            edit("09:30:00Z", "09:30:60Z"),
		"nonce too short":        edit(base64.StdEncoding.EncodeToString(make([]byte, 16)), "AAAA"),
		"nonce missing":          edit("<kecis:Nonce>"+base64.StdEncoding.EncodeToString(make([]byte, 16))+"</kecis:Nonce>", ""),
		"payload not base64":     edit("<kecis:Payload>", "<kecis:Payload>?"),
		"payload empty":          edit(base64.StdEncoding.EncodeToString([]byte(testPayload)), ""),
		"payload too large": edit(base64.StdEncoding.EncodeToString([]byte(testPayload)),
			base64.StdEncoding.EncodeToString(make([]byte, MaxPayload+1))),
	}
	for name, plaintext := range tests {
		t.Run(name, func(t *testing.T) {
			payload, err := withPlaintext(t, key, plaintext).Decrypt(key, testContext(), testNow)
			wantFailed(t, payload, err)
		})
	}
	for name, bent := range bends(toNode(mustRoot(t, []byte(good)))) {
		if strings.HasPrefix(name, "text bent in") && !strings.HasSuffix(name, "Payload") {
			continue // a context that differs, above
		}
		payload, err := withPlaintext(t, key, string(bent.document(t))).Decrypt(key, testContext(), testNow)
		t.Run(name, func(t *testing.T) { wantFailed(t, payload, err) })
	}
	for name, plaintext := range map[string]string{
		"unbent":              good,
		"XML declaration":     `<?xml version="1.0" encoding="UTF-8"?>` + good,
		"white space":         strings.ReplaceAll(good, "><", ">\n <"),
		"another prefix":      strings.NewReplacer("<kecis:", "<k:", "</kecis:", "</k:", "xmlns:kecis", "xmlns:k").Replace(good),
		"a default namespace": strings.NewReplacer("<kecis:", "<", "</kecis:", "</", "xmlns:kecis", "xmlns").Replace(good),
	} {
		got, err := withPlaintext(t, key, plaintext).Decrypt(key, testContext(), testNow)
		if err != nil || string(got) != testPayload {
			t.Errorf("the twin %q gives %q, %v", name, got, err)
		}
	}
}

// No text of an error shows anything of the payload or the context.
func TestErrorsTellNothingSecret(t *testing.T) {
	key := testKeys(t)["ECDH-ES"]
	ctx := testContext()
	ctx.Order = "4111111111111111\x00"
	_, err := Encrypt(nil, key.Recipient(), ctx, []byte(testPayload))
	wantCode(t, err, ErrContext)
	if strings.Contains(err.Error(), "4111") {
		t.Errorf("the error shows a value: %v", err)
	}
	root := toNode(mustRoot(t, mustDocument(t, mustEncrypt(t, key.Recipient(), testContext(), testPayload))))
	root.find("KeyName", 0).text = "4111111111111111"
	_, err = Read(mustRoot(t, root.document(t)))
	wantCode(t, err, ErrKeyName)
	if strings.Contains(err.Error(), "4111111111") {
		t.Errorf("the error shows a card number: %v", err)
	}
}

// The name is what an operator computes with openssl and sha256sum.
func TestKeyIDForm(t *testing.T) {
	id := keyID(sha256.Sum256([]byte("x")))
	got, ok := parseKeyID(id.String())
	if !ok || got != id {
		t.Errorf("%s is read as %v", id, got)
	}
}
