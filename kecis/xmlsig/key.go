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
	// MaxRSAExponent is the largest that crypto/rsa verifies with.
	MaxRSAExponent = 1<<31 - 1
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
		if err = checkRSA(k); err == nil {
			out.kind, out.size = kindRSA, k.Size()
		}
	case *ecdsa.PublicKey:
		out.kind, out.size, err = checkECDSA(k)
	case ed25519.PublicKey:
		out.kind, out.size, err = kindEd25519, ed25519.SignatureSize, checkEd25519(k)
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

func checkECDSA(k *ecdsa.PublicKey) (kind keyKind, size int, err error) {
	switch {
	case k == nil || k.X == nil || k.Y == nil: //nolint:staticcheck // without them encoding panics
		return 0, 0, weak("a point on P-256 or P-384", "none")
	case k.Curve == elliptic.P256():
		return kindP256, 64, nil
	case k.Curve == elliptic.P384():
		return kindP384, 96, nil
	}
	return 0, 0, weak("an ECDSA key on P-256 or P-384", "one on another curve")
}

// checkEd25519 refuses, beside another length, the points of small order: with
// such a key everybody can make signatures, and one signature fits many
// documents (RFC 8032 leaves this to the user of a key).
func checkEd25519(k ed25519.PublicKey) error {
	if len(k) != ed25519.PublicKeySize {
		return weak("an Ed25519 key of 32 bytes", strconv.Itoa(len(k))+" bytes")
	}
	y := [ed25519.PublicKeySize]byte(k)
	y[len(y)-1] &= 0x7f // the sign of x
	switch hex.EncodeToString(y[:]) {
	case "0000000000000000000000000000000000000000000000000000000000000000", // order 4
		"0100000000000000000000000000000000000000000000000000000000000000", // order 1
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // 0 again
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f": // 1 again
		return weak("an Ed25519 key of large order", "a point of small order")
	}
	return nil
}

func checkRSA(k *rsa.PublicKey) error {
	if k == nil || k.N == nil {
		return weak("an RSA key", "none")
	}
	bits := k.N.BitLen()
	switch {
	case k.N.Sign() < 0: // crypto/rsa takes its absolute value
		return weak("a positive RSA modulus", "a negative one")
	case bits < MinRSABits || bits > MaxRSABits:
		return weak("an RSA modulus of "+strconv.Itoa(MinRSABits)+" to "+strconv.Itoa(MaxRSABits)+" bits", strconv.Itoa(bits)+" bits")
	case k.N.Bit(0) == 0:
		return weak("an odd RSA modulus", "an even one")
	case k.E < MinRSAExponent || k.E > MaxRSAExponent || k.E%2 == 0:
		return weak("an odd public exponent of "+strconv.Itoa(MinRSAExponent)+" to "+strconv.Itoa(MaxRSAExponent), strconv.Itoa(k.E))
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
// the scope of the document, and the root that it signs. The root tells an
// aggregate about others (md:EntitiesDescriptor, whose Entity is its Name) from
// an entity's own metadata: a partner's key must not be returned for the former.
type Signatory struct {
	Entity string
	Role   string
	Scope  Scope
	Root   Name
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
