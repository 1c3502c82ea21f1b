package xmlenc

import (
	"crypto/rand"
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// Decrypt reads the element and decrypts it: [Read] and then
// [EncryptedData.Decrypt].
func Decrypt(keys KeyFinder, e xmltree.Element, expected Context, now time.Time) ([]byte, error) {
	d, err := Read(e)
	if err != nil {
		return nil, err
	}
	return d.Decrypt(keys, expected, now)
}

// Decrypt returns the payload if the data were encrypted to one of the keys, are
// unchanged, are meant for the expected payment, and may still be used at now
// (KECIS-ENC-019 to 022). The caller takes expected from verified fields of the
// message around the data, and calls Decrypt only once that message is verified
// and claimed. A caller that grants a clock skew takes it off now.
//
// It returns ErrUnknownKey if none of the keys has the name, ErrKeyAlgorithm or
// ErrLength if the data do not fit the key of that name, ErrContext if expected
// is incomplete, and else ErrFailed: one text for every reason, without a cause,
// after the same work.
func (d *EncryptedData) Decrypt(keys KeyFinder, expected Context, now time.Time) ([]byte, error) {
	if err := expected.check(); err != nil {
		return nil, err
	}
	if d == nil || len(d.ciphertext) == 0 {
		return nil, &Error{code: ErrStructure, expected: "encrypted data", found: "none"}
	}
	key := d.find(keys)
	if key == nil {
		return nil, &Error{code: ErrUnknownKey, expected: "the name of a live key", found: quote(d.KeyName())}
	}
	if err := d.fits(key); err != nil {
		return nil, err
	}
	var cek [keySize]byte
	defer clear(cek[:])
	genuine := key.open(&cek, d)
	payload, ok := d.open(&cek, &expected, now)
	if !genuine || !ok {
		return nil, &Error{code: ErrFailed}
	}
	return payload, nil
}

// find returns the key that the data name, or nil, also if the finder is wrong.
func (d *EncryptedData) find(keys KeyFinder) *PrivateKey {
	if keys == nil {
		return nil
	}
	key := keys.FindKey(d.KeyName())
	if key == nil || key.public.id != d.key {
		return nil
	}
	return key
}

// fits refuses what can be seen without the private key not to be for it.
func (d *EncryptedData) fits(key *PrivateKey) error {
	if (key.rsa == nil) == (d.ephemeral == nil) {
		return &Error{code: ErrKeyAlgorithm, expected: "the algorithm of the key named", found: "another"}
	}
	if key.rsa != nil && len(d.wrapped) != key.public.rsa.Size() {
		return &Error{code: ErrLength, expected: "an encrypted key as long as the RSA modulus", found: "another length"}
	}
	return nil
}

// open puts the content's key into cek and tells whether it is genuine; if not,
// cek keeps a key to go on with, so that the work is the same.
func (k *PrivateKey) open(cek *[keySize]byte, d *EncryptedData) (genuine bool) {
	var key []byte
	var err error
	if k.rsa != nil {
		key, err = k.rsa.Decrypt(rand.Reader, d.wrapped, oaep())
		genuine = err == nil
	} else {
		key, genuine = k.unwrap(d)
	}
	defer clear(key)
	if len(key) != keySize {
		return false
	}
	copy(cek[:], key)
	return genuine
}

func (k *PrivateKey) unwrap(d *EncryptedData) (key []byte, genuine bool) {
	block, err := agree(k.ec, d.ephemeral, d.key)
	if err != nil {
		return nil, false
	}
	return unwrapKey(block, d.wrapped)
}

// open decrypts the content and holds it against what is expected.
func (d *EncryptedData) open(cek *[keySize]byte, expected *Context, now time.Time) (payload []byte, ok bool) {
	gcm, err := newGCM(cek[:])
	if err != nil {
		return nil, false
	}
	plaintext, err := gcm.Open(nil, d.ciphertext[:nonceSize], d.ciphertext[nonceSize:], nil)
	if err != nil {
		return nil, false
	}
	defer clear(plaintext)
	c, ok := decode(plaintext)
	if !ok || !c.context.matches(expected) || !c.context.live(now) {
		clear(c.payload)
		return nil, false
	}
	return c.payload, true
}
