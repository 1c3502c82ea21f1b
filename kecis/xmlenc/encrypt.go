package xmlenc

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"strconv"
)

// fresh holds the random bytes of one encryption (KECIS-ENC-016).
type fresh struct {
	key     [keySize]byte
	nonce   [nonceSize]byte
	content [contentNonceSize]byte
}

// Encrypt encrypts payload to one recipient, together with the payment that it
// is meant for (KECIS-ENC-015 to 018). random is the source of the keys and
// nonces, which are fresh each time; nil stands for crypto/rand.Reader.
//
// It refuses a payload that is empty or larger than MaxPayload, and a Context
// that is incomplete, with ErrContext; it returns ErrRandom if random fails.
func Encrypt(random io.Reader, to *Recipient, ctx Context, payload []byte) (*EncryptedData, error) {
	if random == nil {
		random = rand.Reader
	}
	if to == nil {
		return nil, refuseKey("a Recipient", "none")
	}
	if err := sealable(&ctx, payload); err != nil {
		return nil, err
	}
	var f fresh
	defer clear(f.key[:])
	for _, part := range [][]byte{f.key[:], f.nonce[:], f.content[:]} {
		if _, err := io.ReadFull(random, part); err != nil {
			return nil, &Error{code: ErrRandom, cause: err}
		}
	}
	plaintext, err := (&content{context: ctx, nonce: f.content, payload: payload}).encode()
	if err != nil {
		return nil, &Error{code: ErrContext, cause: err}
	}
	defer clear(plaintext)
	d := &EncryptedData{key: to.id}
	if err := d.carry(random, to, f.key[:]); err != nil {
		return nil, err
	}
	gcm, err := newGCM(f.key[:])
	if err != nil {
		return nil, &Error{code: ErrKey, cause: err}
	}
	d.ciphertext = make([]byte, nonceSize, nonceSize+len(plaintext)+tagSize)
	copy(d.ciphertext, f.nonce[:])
	d.ciphertext = gcm.Seal(d.ciphertext, f.nonce[:], plaintext, nil)
	return d, nil
}

func sealable(ctx *Context, payload []byte) error {
	if len(payload) == 0 || len(payload) > MaxPayload {
		return refuseContext("a payload of 1 to "+strconv.Itoa(MaxPayload)+" bytes", strconv.Itoa(len(payload)))
	}
	if err := ctx.check(); err != nil {
		return err
	}
	if year := ctx.NotOnOrAfter.UTC().Year(); ctx.NotOnOrAfter.IsZero() || year < 1 || year > 9999 {
		return refuseContext("a NotOnOrAfter", "none, or one that has no four-digit year")
	}
	return nil
}

// carry encrypts the content's key to the recipient.
func (d *EncryptedData) carry(random io.Reader, to *Recipient, key []byte) error {
	if to.rsa != nil {
		var err error
		d.wrapped, err = rsa.EncryptOAEPWithOptions(random, to.rsa, key, oaep())
		if err != nil {
			// The key fits every modulus that NewRecipient accepts.
			return &Error{code: ErrRandom, cause: err}
		}
		return nil
	}
	ephemeral, err := ephemeralKey(random)
	if err != nil {
		return &Error{code: ErrRandom, cause: err}
	}
	block, err := agree(ephemeral, to.ec, to.id)
	if err != nil {
		return &Error{code: ErrKey, cause: err}
	}
	d.ephemeral = ephemeral.PublicKey()
	d.wrapped = wrapKey(block, key)
	return nil
}

// oaep returns the one form of RSA-OAEP: both hashes SHA-256, no label
// (KECIS-ENC-007).
func oaep() *rsa.OAEPOptions {
	return &rsa.OAEPOptions{Hash: crypto.SHA256, MGFHash: crypto.SHA256}
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
