package xmlenc

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
)

// maxDraws bounds how often a private scalar is drawn anew because it is not
// below the order of the curve; with random bytes the second draw is needed
// once in 2^32 times, so that a source which needs more is broken.
const maxDraws = 4

var errBadScalar = errors.New("no scalar below the order of P-256")

// ephemeralKey draws a key pair on P-256 from random. It reads the scalar
// itself: the standard library's generator ignores the source given.
func ephemeralKey(random io.Reader) (*ecdh.PrivateKey, error) {
	var scalar [32]byte
	defer clear(scalar[:])
	for range maxDraws {
		if _, err := io.ReadFull(random, scalar[:]); err != nil {
			return nil, err
		}
		if key, err := ecdh.P256().NewPrivateKey(scalar[:]); err == nil {
			return key, nil
		}
	}
	return nil, errBadScalar
}

// agree returns the wrapping key's cipher: ECDH, then ConcatKDF with the
// recipient's name (XML Encryption 1.1, 5.6.4).
func agree(mine ecdh.KeyExchanger, theirs *ecdh.PublicKey, recipient keyID) (cipher.Block, error) {
	secret, err := mine.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	if len(secret) != keySize || subtle.ConstantTimeCompare(secret, make([]byte, keySize)) == 1 {
		return nil, errors.New("the shared secret is zero or of the wrong length")
	}
	kek := concatKDF(secret, otherInfo(recipient), keySize)
	defer clear(kek)
	return aes.NewCipher(kek)
}

// otherInfo binds the wrapping key to its use and its recipient: AlgorithmID is
// the URI of the key wrap, PartyVInfo the recipient's key. Both have a fixed
// length, so that the concatenation is unambiguous (KECIS-ENC-011).
func otherInfo(recipient keyID) []byte {
	return append([]byte(AlgorithmKeyWrapAES256), recipient[:]...)
}

// concatKDF is the one-step key derivation of NIST SP 800-56A 5.8.1 with
// SHA-256 (XML Encryption 1.1, 5.4.1). n is in bytes.
func concatKDF(secret, otherInfo []byte, n int) []byte {
	var out []byte
	for counter := uint32(1); len(out) < n; counter++ {
		h := sha256.New()
		var prefix [4]byte
		binary.BigEndian.PutUint32(prefix[:], counter)
		h.Write(prefix[:])
		h.Write(secret)
		h.Write(otherInfo)
		out = h.Sum(out)
	}
	return out[:n]
}

// The parameters of ConcatKDF are bit strings in hexadecimal digits whose first
// byte counts the padding bits, none here (XML Encryption 1.1, 5.4.1).
func algorithmIDAttr() string { return "00" + hex.EncodeToString([]byte(AlgorithmKeyWrapAES256)) }

func partyVInfoAttr(recipient keyID) string { return "00" + hex.EncodeToString(recipient[:]) }
