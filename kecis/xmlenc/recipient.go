package xmlenc

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"strings"
)

// Recipient is the public key of the one party that can decrypt.
type Recipient struct {
	rsa *rsa.PublicKey  // or
	ec  *ecdh.PublicKey // on P-256
	id  keyID
}

// NewRecipient takes an *rsa.PublicKey, an *ecdsa.PublicKey or an
// *ecdh.PublicKey. It refuses (ErrKey, KECIS-ENC-014) RSA keys under 2048 or
// over 8192 bits, public exponents under 65537, and curves other than P-256.
func NewRecipient(public crypto.PublicKey) (*Recipient, error) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		return newRSARecipient(key)
	case *ecdsa.PublicKey:
		if key == nil || key.Curve != elliptic.P256() {
			return nil, refuseKey("a key on P-256", "another curve")
		}
		if key.X == nil || key.Y == nil { //nolint:staticcheck // without them ECDH panics
			return nil, refuseKey("a point on P-256", "none")
		}
		agreed, err := key.ECDH()
		if err != nil {
			return nil, refuseKey("a point on P-256", "another point")
		}
		return newECRecipient(agreed)
	case *ecdh.PublicKey:
		return newECRecipient(key)
	}
	return nil, refuseKey("an *rsa.PublicKey, *ecdsa.PublicKey or *ecdh.PublicKey", "another type")
}

func newRSARecipient(key *rsa.PublicKey) (*Recipient, error) {
	if key == nil || key.N == nil {
		return nil, refuseKey("an RSA key", "none")
	}
	if bits := key.N.BitLen(); bits < minModulus*8 || bits > maxModulus*8 {
		return nil, refuseKey("an RSA modulus of 2048 to 8192 bits", "another length")
	}
	if key.N.Sign() < 0 || key.N.Bit(0) == 0 || key.E < minExponent || key.E%2 == 0 {
		return nil, refuseKey("an odd RSA modulus, and an odd public exponent of 65537 or more", "another key")
	}
	return named(&Recipient{rsa: key}, key)
}

func newECRecipient(key *ecdh.PublicKey) (*Recipient, error) {
	if key == nil || key.Curve() != ecdh.P256() {
		return nil, refuseKey("a key on P-256", "another curve")
	}
	return named(&Recipient{ec: key}, key)
}

// named sets the name, which the private side compares.
func named(r *Recipient, public crypto.PublicKey) (*Recipient, error) {
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, refuseKey("a key with a SubjectPublicKeyInfo", "another key")
	}
	r.id = sha256.Sum256(spki)
	return r, nil
}

func refuseKey(expected, found string) error {
	return &Error{code: ErrKey, expected: expected, found: found}
}

// KeyName returns the name of the key as it stands in ds:KeyName: "sha256:" and
// the SHA-256 of the key's DER SubjectPublicKeyInfo in lower-case hexadecimal
// digits (KECIS-ENC-012).
func (r *Recipient) KeyName() string { return r.id.String() }

// keyID is the SHA-256 of a key's DER SubjectPublicKeyInfo.
type keyID [digestSize]byte

const keyNamePrefix = "sha256:"

func (id keyID) String() string { return keyNamePrefix + hex.EncodeToString(id[:]) }

func parseKeyID(name string) (id keyID, ok bool) {
	digits, ok := strings.CutPrefix(name, keyNamePrefix)
	if !ok || len(digits) != 2*digestSize || strings.ToLower(digits) != digits {
		return keyID{}, false
	}
	_, err := hex.Decode(id[:], []byte(digits))
	return id, err == nil
}

// Public returns the key itself: an *rsa.PublicKey or an *ecdh.PublicKey.
func (r *Recipient) Public() crypto.PublicKey {
	if r.rsa != nil {
		return r.rsa
	}
	return r.ec
}
