package xmlsig

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"strconv"
)

// The bounds of RSA keys (KECIS-SIG-017).
const (
	// MinRSABits is what NIST SP 800-131A asks for; Korean user certificates
	// have had 2,048 bits since 2012.
	MinRSABits = 2048
	// MaxRSABits bounds what a partner's key can make a verification cost:
	// time grows with the square of the size.
	MaxRSABits = 8192
	// MinRSAExponent refuses 1 and 3; 65,537 is the one in use.
	MinRSAExponent = 65537
)

// PublicKey is a key that signatures may be checked with. It has been found to
// be of an allowed kind and strength.
type PublicKey struct {
	key  crypto.PublicKey
	kind keyKind
	size int // bytes of a signature
	id   [sha256.Size]byte
}

// NewPublicKey checks the key: *rsa.PublicKey of 2,048 to 8,192 bits,
// *ecdsa.PublicKey on P-256 or P-384, or ed25519.PublicKey. Others are refused
// with ErrWeakKey.
func NewPublicKey(key crypto.PublicKey) (*PublicKey, error) {
	out := &PublicKey{key: key}
	var err error
	switch k := key.(type) {
	case *rsa.PublicKey:
		out.kind, out.size, err = kindRSA, k.Size(), checkRSA(k)
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			out.kind, out.size = kindP256, 64
		case elliptic.P384():
			out.kind, out.size = kindP384, 96
		default:
			err = weak("an ECDSA key on P-256 or P-384", "one on another curve")
		}
	case ed25519.PublicKey:
		out.kind, out.size = kindEd25519, ed25519.SignatureSize
		if len(k) != ed25519.PublicKeySize {
			err = weak("an Ed25519 key of 32 bytes", strconv.Itoa(len(k))+" bytes")
		}
	default:
		err = weak("an RSA, ECDSA or Ed25519 public key", "another kind of key")
	}
	if err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, &Error{code: ErrWeakKey, expected: "a key that can be encoded", found: "one that cannot", cause: err}
	}
	out.id = sha256.Sum256(spki)
	return out, nil
}

func weak(expected, found string) error {
	return &Error{code: ErrWeakKey, expected: expected, found: found}
}

func checkRSA(k *rsa.PublicKey) error {
	bits := k.N.BitLen()
	switch {
	case bits < MinRSABits || bits > MaxRSABits:
		return weak("an RSA modulus of "+strconv.Itoa(MinRSABits)+" to "+strconv.Itoa(MaxRSABits)+" bits", strconv.Itoa(bits)+" bits")
	case k.N.Bit(0) == 0:
		return weak("an odd RSA modulus", "an even one")
	case k.E < MinRSAExponent || k.E%2 == 0:
		return weak("an odd public exponent of at least "+strconv.Itoa(MinRSAExponent), strconv.Itoa(k.E))
	case roca(k.N):
		return weak("an RSA modulus without the structure of CVE-2017-15361", "one that has it")
	}
	return nil
}

// roca reports whether the modulus has the fingerprint of the keys that
// CVE-2017-15361 makes factorable: modulo every small prime it is a power of
// 65,537. A random modulus passes all of them with a chance of about 2^-28.
func roca(n *big.Int) bool {
	for _, p := range []int64{3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167} {
		residue := new(big.Int).Mod(n, big.NewInt(p)).Int64()
		found := false
		for power, i := int64(1), int64(0); i < p && !found; i++ {
			found = power == residue
			power = power * MinRSAExponent % p
		}
		if !found {
			return false
		}
	}
	return true
}

// ID returns the SHA-256 of the key's SubjectPublicKeyInfo.
func (k *PublicKey) ID() [sha256.Size]byte { return k.id }

// String returns "sha256:" and the ID in hexadecimal, the key's name in
// messages and logs.
func (k *PublicKey) String() string { return "sha256:" + hex.EncodeToString(k.id[:]) }

// Public returns the key itself.
func (k *PublicKey) Public() crypto.PublicKey { return k.key }

// Scope is the one use that trust gives a key (KECIS-SIG-029).
type Scope uint8

// The scopes of signing keys.
const (
	ScopeMessage Scope = iota + 1
	ScopeMetadata
	ScopeCertificate
)

// Signatory says whose keys a verification needs: the entity that the document
// names as its sender (not yet verified), the role it must have ("" for any),
// and the scope of the document.
type Signatory struct {
	Entity string
	Role   string
	Scope  Scope
}

// KeySource finds the keys that a sender's signatures may be made with. None,
// or an unknown sender, is an empty result; an error is a fault of the source
// and ends the verification.
type KeySource interface {
	VerificationKeys(ctx context.Context, who Signatory) ([]*PublicKey, error)
}

// Keys is a KeySource that trusts the same keys for every sender and scope: for
// tests, command lines, and documents of one known partner.
type Keys []*PublicKey

// VerificationKeys returns the keys.
func (k Keys) VerificationKeys(context.Context, Signatory) ([]*PublicKey, error) { return k, nil }
