package main

import (
	"crypto"
	"crypto/dsa" //nolint:staticcheck // a key that must be refused
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"

	"github.com/kecis/sdk/conformance/cases"
)

// preface stands before the PEM block, as RFC 7468 (5.2) allows.
const preface = "KECIS test key %s. Public knowledge: trust it nowhere but in tests.\n"

// makeKeys makes the test keys that are not there. Those that are stay as they
// are, and so do the vectors.
func makeKeys(folder string) error {
	for _, k := range cases.TestKeys() {
		file := filepath.Join(folder, "keys", k.Name+".pem")
		if _, err := os.Stat(file); err == nil {
			continue
		}
		block, err := newKey(k)
		if err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
		text := fmt.Sprintf(preface, k.Name) + string(pem.EncodeToMemory(block))
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func newKey(k cases.TestKey) (*pem.Block, error) {
	switch k.Name {
	case "rsa-2047":
		return privateBlock(rsaOf(2047, 65537, prime))
	case "rsa-1024":
		return privateBlock(rsaOf(1024, 65537, prime))
	case "rsa-8192":
		return privateBlock(rsaOf(8192, 65537, prime))
	case "rsa-8193":
		return publicBlock(&rsa.PublicKey{N: odd(8193), E: 65537})
	case "rsa-even":
		return publicBlock(&rsa.PublicKey{N: new(big.Int).Sub(odd(2048), big.NewInt(1)), E: 65537})
	case "rsa-exponent-3":
		return privateBlock(rsaOf(2048, 3, prime))
	case "rsa-roca":
		return privateBlock(rsaOf(2048, 65537, rocaPrime))
	case "ec-p224":
		return privateBlock(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	case "ec-p521":
		return privateBlock(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	case "dsa":
		return dsaBlock()
	}
	switch k.Kind {
	case "ec-p256":
		return privateBlock(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	case "ec-p384":
		return privateBlock(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	case "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return privateBlock(key, err)
	case "rsa":
		return privateBlock(rsaOf(2048, 65537, prime))
	}
	return nil, errors.New("a key of unknown kind")
}

func privateBlock(key crypto.Signer, err error) (*pem.Block, error) {
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return &pem.Block{Type: "PRIVATE KEY", Bytes: der}, err
}

func publicBlock(key crypto.PublicKey) (*pem.Block, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	return &pem.Block{Type: "PUBLIC KEY", Bytes: der}, err
}

// rsaOf makes a key of exactly so many bits, which may be one that crypto/rsa
// itself would not make.
func rsaOf(bits, e int, prime func(bits int) (*big.Int, error)) (crypto.Signer, error) {
	one, exponent := big.NewInt(1), big.NewInt(int64(e))
	for {
		p, err := prime(bits / 2)
		if err != nil {
			return nil, err
		}
		q, err := prime(bits - bits/2)
		if err != nil {
			return nil, err
		}
		n := new(big.Int).Mul(p, q)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(exponent, phi)
		if n.BitLen() != bits || d == nil || p.Cmp(q) == 0 {
			continue
		}
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: e}, D: d, Primes: []*big.Int{p, q}}
		key.Precompute()
		return key, nil
	}
}

func prime(bits int) (*big.Int, error) { return rand.Prime(rand.Reader, bits) }

// rocaPrime makes a prime of the form k*M + (65537^a mod M), M being the product
// of the first 126 primes, as the library of CVE-2017-15361 did.
func rocaPrime(bits int) (*big.Int, error) {
	const primes = 126
	m := big.NewInt(1)
	for n, found := int64(2), 0; found < primes; n++ {
		if big.NewInt(n).ProbablyPrime(0) {
			m.Mul(m, big.NewInt(n))
			found++
		}
	}
	top := new(big.Int).Lsh(big.NewInt(3), uint(bits-2)) // both highest bits set
	for {
		a, err := rand.Int(rand.Reader, m)
		if err != nil {
			return nil, err
		}
		residue := new(big.Int).Exp(big.NewInt(65537), a, m)
		k, err := rand.Int(rand.Reader, new(big.Int).Div(new(big.Int).Lsh(big.NewInt(1), uint(bits-2)), m))
		if err != nil {
			return nil, err
		}
		k.Add(k, new(big.Int).Div(top, m))
		p := k.Mul(k, m).Add(k, residue)
		if p.BitLen() == bits && p.ProbablyPrime(20) {
			return p, nil
		}
	}
}

// odd returns a number of so many bits that is no square of anything.
func odd(bits uint) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return n.Add(n, big.NewInt(12345))
}

// dsaBlock makes a DSA key, whose public part x509 reads but does not write.
func dsaBlock() (*pem.Block, error) {
	var key dsa.PrivateKey
	if err := dsa.GenerateParameters(&key.Parameters, rand.Reader, dsa.L2048N256); err != nil {
		return nil, err
	}
	if err := dsa.GenerateKey(&key, rand.Reader); err != nil {
		return nil, err
	}
	parameters, err := asn1.Marshal(struct{ P, Q, G *big.Int }{key.P, key.Q, key.G})
	if err != nil {
		return nil, err
	}
	point, err := asn1.Marshal(key.Y)
	if err != nil {
		return nil, err
	}
	der, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{
			Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1},
			Parameters: asn1.RawValue{FullBytes: parameters},
		},
		asn1.BitString{Bytes: point, BitLength: 8 * len(point)},
	})
	return &pem.Block{Type: "PUBLIC KEY", Bytes: der}, err
}
