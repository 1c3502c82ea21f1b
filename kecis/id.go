package kecis

import (
	"encoding/binary"
	"encoding/hex"
	"io"
	"time"
)

// idBytes is the randomness of an ID: 160 bits, which keeps the probability
// that two are alike below 2^-160 (saml-core 1.3.4).
const idBytes = 20

// ID identifies a message: "_" and 40 lower-case hexadecimal digits
// (KECIS-MSG-006). It is compared byte by byte.
type ID string

// NewID returns an ID made from 20 bytes of random, which must be a
// cryptographic source (crypto/rand.Reader). Its error is that of the source.
func NewID(random io.Reader) (ID, error) {
	var raw [idBytes]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", err
	}
	var text [1 + 2*idBytes]byte
	text[0] = '_'
	hex.Encode(text[1:], raw[:])
	return ID(text[:]), nil
}

// timeBytes are those of a timed ID that hold its time, in milliseconds. Their
// first four bits are 0 until the year 2527, and are left out.
const timeBytes = 6

// newTimedID names what is the SDK's own by a letter and 39 hexadecimal digits,
// as many as messages take. They begin with the time, so that a store adds rows
// at the end of its indices and not all over them. The other 112 bits are random:
// nobody guesses one, and it tells nobody how many there are.
func newTimedID(letter string, now time.Time, random io.Reader) (string, error) {
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(max(0, now.UnixMilli())))
	raw := [idBytes]byte(append(at[len(at)-timeBytes:], make([]byte, idBytes-timeBytes)...))
	if _, err := io.ReadFull(random, raw[timeBytes:]); err != nil {
		return "", err
	}
	return letter + hex.EncodeToString(raw[:])[1:], nil
}

// ParseID checks the form of an ID. Its error is ErrID.
func ParseID(s string) (ID, error) {
	if !validID(s) {
		return "", &Error{code: ErrID, expected: idForm, found: quote(s)}
	}
	return ID(s), nil
}

const idForm = "_ and 40 lower-case hexadecimal digits"

func validID(s string) bool {
	if len(s) != 1+2*idBytes || s[0] != '_' {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
