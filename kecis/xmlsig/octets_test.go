package xmlsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"testing"
)

// TestVerifyOctets checks values of each kind of key, and what is near them.
func TestVerifyOctets(t *testing.T) {
	octets := []byte("SAMLRequest=x&SigAlg=y")
	sum := sha256.Sum256(octets)
	key := func(public crypto.PublicKey) *PublicKey {
		t.Helper()
		k, err := NewPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	must := func(value []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	der := must(ecdsa.SignASN1(rand.Reader, ecKey, sum[:]))
	raw, ok := appendRaw(nil, der, 32)
	if !ok {
		t.Fatal("no r and s")
	}
	pkcs1 := must(rsa.SignPKCS1v15(rand.Reader, rsaKey, crypto.SHA256, sum[:]))
	pss := must(rsa.SignPSS(rand.Reader, rsaKey, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}))
	ed := ed25519.Sign(edKey, octets)
	r, e, d := key(&rsaKey.PublicKey), key(&ecKey.PublicKey), key(edPublic)
	cases := []struct {
		name      string
		algorithm Algorithm
		value     []byte
		keys      []*PublicKey
		want      error
	}{
		{"RSA", RSASHA256, pkcs1, []*PublicKey{e, d, r}, nil},
		{"PSS", RSAPSSSHA256, pss, []*PublicKey{r}, nil},
		{"ECDSA", ECDSASHA256, raw, []*PublicKey{r, e}, nil},
		{"Ed25519", Ed25519, ed, []*PublicKey{d}, nil},
		{"ECDSA in DER", ECDSASHA256, der, []*PublicKey{e}, ErrValue},
		{"PSS as PKCS #1", RSASHA256, pss, []*PublicKey{r}, ErrInvalid},
		{"another hash", RSASHA512, pkcs1, []*PublicKey{r}, ErrInvalid},
		{"another kind of key", RSASHA256, pkcs1, []*PublicKey{e, d}, ErrAlgorithm},
		{"SHA-1", "http://www.w3.org/2000/09/xmldsig#rsa-sha1", pkcs1, []*PublicKey{r}, ErrAlgorithm},
		{"HMAC", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", pkcs1, []*PublicKey{r}, ErrAlgorithm},
		{"no key", RSASHA256, pkcs1, nil, ErrNoKey},
		{"no value", RSASHA256, nil, []*PublicKey{r}, ErrValue},
	}
	for _, c := range cases {
		by, err := VerifyOctets(c.algorithm, octets, c.value, c.keys...)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || (err == nil) != (by != nil) {
			t.Errorf("%s: %v, %v; want %v", c.name, by, err, c.want)
		}
	}
	if _, err := VerifyOctets(Ed25519, octets[1:], ed, d); !errors.Is(err, ErrInvalid) {
		t.Errorf("other octets: %v", err)
	}
}
