package foreign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Kind is a kind of key.
type Kind string

// The kinds of key of the standard.
const (
	RSA     Kind = "RSA-2048"
	P256    Kind = "P-256"
	P384    Kind = "P-384"
	Ed25519 Kind = "Ed25519"
)

// Key is a fresh test key in the forms that the programs take. Its files are in
// a folder that goes with the test.
type Key struct {
	Kind        Kind
	Private     crypto.Signer
	PKCS8, SPKI []byte // DER
	Certificate []byte // DER, self-signed

	PrivatePEM, PublicPEM                    string
	privateFile, publicFile, certificateFile string
}

// rsaBits is the least that the standard allows.
const rsaBits = 2048

// NewKey makes a key of the kind, with a self-signed certificate of a day for
// the programs that know keys by certificates only.
func NewKey(t testing.TB, kind Kind) *Key {
	t.Helper()
	private, err := generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	k := &Key{Kind: kind, Private: private}
	if k.PKCS8, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		t.Fatal(err)
	}
	if k.SPKI, err = x509.MarshalPKIXPublicKey(private.Public()); err != nil {
		t.Fatal(err)
	}
	if k.Certificate, err = selfSigned(private); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	k.PrivatePEM, k.privateFile = write(t, folder, "PRIVATE KEY", k.PKCS8)
	k.PublicPEM, k.publicFile = write(t, folder, "PUBLIC KEY", k.SPKI)
	_, k.certificateFile = write(t, folder, "CERTIFICATE", k.Certificate)
	return k
}

func generate(kind Kind) (crypto.Signer, error) {
	switch kind {
	case RSA:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	case P256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case P384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case Ed25519:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}
	return nil, fmt.Errorf("unknown kind of key %q", string(kind))
}

func selfSigned(key crypto.Signer) ([]byte, error) {
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "KECIS test"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
	}
	return x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
}

func write(t testing.TB, folder, kind string, der []byte) (text, file string) {
	t.Helper()
	encoded := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	file = filepath.Join(folder, kind+".pem")
	if err := os.WriteFile(file, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	return string(encoded), file
}

// javaName is the key's name for java.security.KeyFactory.
func (k *Key) javaName() string {
	switch k.Kind {
	case RSA:
		return "RSA"
	case Ed25519:
		return "Ed25519"
	default:
		return "EC"
	}
}
