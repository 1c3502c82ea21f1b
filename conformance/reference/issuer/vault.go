package issuer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// vault turns numbers into the keys under which they are stored. Card numbers
// have few digits that cannot be guessed, so that a plain digest of one is as
// good as the number; one under a secret key is not.
type vault struct{ key []byte }

// digest is over a purpose and texts with their lengths before them, so that no
// two lists are written alike.
func (v vault) digest(purpose string, texts ...string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, v.key)
	var length [4]byte
	for _, text := range append([]string{purpose}, texts...) {
		binary.BigEndian.PutUint32(length[:], uint32(len(text)))
		_, _ = mac.Write(length[:]) // a hash never fails
		_, _ = io.WriteString(mac, text)
	}
	return [sha256.Size]byte(mac.Sum(nil))
}

// instrument returns the name under which an instrument is stored: 128 bits.
func (v vault) instrument(kind kecis.InstrumentKind, number ecml.CardNumber) string {
	sum := v.digest("instrument", kind.String(), number.Reveal())
	return hex.EncodeToString(sum[:16])
}

// verification returns what is stored in place of a card's verification value.
func (v vault) verification(instrument string, value ecml.Verification) string {
	if value.IsZero() {
		return ""
	}
	sum := v.digest("verification", instrument, value.Reveal())
	return hex.EncodeToString(sum[:16])
}

// approvalDigits is the length of Korean approval codes.
const approvalDigits = 8

// approvalCode returns the approval code (승인번호) of an operation: 8 digits, the
// same whenever the operation is planned anew. As everywhere in Korea it names
// an approval only together with its card and day.
func (v vault) approvalCode(key string) string {
	sum := v.digest("approval", key)
	const modulus = 100_000_000
	return fmt.Sprintf("%0*d", approvalDigits, binary.BigEndian.Uint64(sum[:8])%modulus)
}

// reference is what an InstrumentRef stands for, and who may use it.
type reference struct{ Sender, Instrument string }

// refBytes is what an InstrumentRef is drawn from: nobody guesses 192 bits.
const refBytes = 24

// refFor returns the InstrumentRef of an instrument for a sender, a new one if
// the sender has none yet (KECIS-PAY-017).
func (s *Issuer) refFor(tx journal.Records, sender, instrument string) (string, error) {
	owner := instrument + " " + sender
	ref, found, err := load[string](tx, spaceRefOf, owner)
	if err != nil || found {
		return ref, err
	}
	random := make([]byte, refBytes)
	if _, err := io.ReadFull(s.config.Random, random); err != nil {
		return "", fmt.Errorf("issuer: randomness: %w", err)
	}
	ref = base64.RawURLEncoding.EncodeToString(random)
	if err := save(tx, spaceRefs, ref, reference{sender, instrument}); err != nil {
		return "", err
	}
	return ref, save(tx, spaceRefOf, owner, ref)
}

// instrumentOf returns the instrument that an InstrumentRef stands for; "" for a
// token that is none, or another party's: the two are told apart by nothing.
func (s *Issuer) instrumentOf(tx journal.Records, sender, ref string) (string, error) {
	r, found, err := load[reference](tx, spaceRefs, ref)
	if err != nil || !found || r.Sender != sender {
		return "", err
	}
	return r.Instrument, nil
}
