package clientcert_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/kecistest"
)

// TestWeakKeys: users' keys of kinds and sizes that are not taken.
func TestWeakKeys(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"RSA of 1,024 bits": small, "P-521": wide} {
		user, err := w.Authorities[0].Issue(kecistest.UserSpec{
			Name: "홍길동", NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour), KeyUsage: kecistest.AccreditedUsage, Key: key,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.verifier(t, nil).Verify(context.Background(), chain(t, user.Chain())); !errors.Is(err, clientcert.ErrWeak) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAuthorityOfAnotherPolicy: the authority between must carry the policy, or any.
func TestAuthorityOfAnotherPolicy(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	policies := map[string]x509.OID{}
	for _, text := range []string{kecistest.PolicyPersonal, kecistest.PolicyOther, "2.5.29.32.0"} {
		oid, err := x509.ParseOID(text)
		if err != nil {
			t.Fatal(err)
		}
		policies[text] = oid
	}
	for authority, want := range map[string]error{
		kecistest.PolicyPersonal: nil, "2.5.29.32.0": nil, kecistest.PolicyOther: clientcert.ErrPolicy, "": clientcert.ErrPolicy,
	} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		between := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "between"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		}
		if authority != "" {
			between.Policies = []x509.OID{policies[authority]}
		}
		user := &x509.Certificate{
			SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "user"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
			KeyUsage: kecistest.AccreditedUsage, Policies: []x509.OID{policies[kecistest.PolicyPersonal]},
		}
		a, err := x509.CreateCertificate(rand.Reader, between, w.Root.Certificate, key.Public(), w.Root.Key)
		if err != nil {
			t.Fatal(err)
		}
		u, err := x509.CreateCertificate(rand.Reader, user, between, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		v := w.verifier(t, func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Mode = clientcert.NotChecked })
		if _, err := v.Verify(context.Background(), chain(t, [][]byte{u, a})); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("authority with policy %q: %v, want %v", authority, err, want)
		}
	}
}
