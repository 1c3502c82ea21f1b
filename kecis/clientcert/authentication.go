package clientcert

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// Authentication is what a check has found. It may be logged: of the holder it
// shows nothing.
type Authentication struct {
	Holder Holder
	// Policy is the certificate policy that was accepted, as 1.2.410.200004.5.4.1.1.
	Policy string
	// Certificate is the SHA-256 of the certificate (RFC 8705 calls its base64url
	// x5t#S256).
	Certificate [sha256.Size]byte
	// Chain is the SHA-256 over the SHA-256 of each certificate of the path, from
	// the user's to the anchor.
	Chain [sha256.Size]byte
	// At is when it was checked.
	At time.Time
	// Revocation is what was found out about it.
	Revocation Status
}

// chainDigest is the digest over the digests of a path's certificates.
func chainDigest(path []*x509.Certificate) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, c := range path {
		one := sha256.Sum256(c.Raw)
		h.Write(one[:])
	}
	h.Sum(sum[:0])
	return sum
}

// Holder is the person whose certificate was presented. However it is printed or
// logged, it shows nothing of the person; what it holds is had by its methods
// alone (KECIS-CRT-014).
type Holder struct{ *holder }

type holder struct{ leaf, anchor *x509.Certificate }

// hidden stands for a holder in texts.
const hidden = "holder (hidden)"

// String shows nothing of the person.
func (Holder) String() string { return hidden }

// GoString shows nothing of the person.
func (Holder) GoString() string { return hidden }

// Format shows nothing of the person, whatever the verb.
func (Holder) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue shows nothing of the person.
func (Holder) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText shows nothing of the person.
func (Holder) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// IsZero reports whether there is no holder.
func (h Holder) IsZero() bool { return h.holder == nil }

// MinPseudonymSecret is the least length of the secret of pseudonyms, in bytes:
// who could guess it could try names.
const MinPseudonymSecret = 32

// pseudonymLabel keeps pseudonyms apart from all else that the secret may be used
// for.
const pseudonymLabel = "kecis pseudonym 1"

// Pseudonym names the holder to one recipient: always the same for the same
// subject under the same anchor, so also after the certificate was renewed, and
// another for each recipient (KECIS-CRT-015). The secret has at least
// MinPseudonymSecret bytes; with a shorter one, or no holder, it is "".
func (h Holder) Pseudonym(secret []byte, recipient string) string {
	if h.holder == nil || len(secret) < MinPseudonymSecret {
		return ""
	}
	mac := hmac.New(sha256.New, secret)
	for _, part := range []string{pseudonymLabel, recipient, string(h.anchor.RawSubject), string(h.leaf.RawSubject)} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		mac.Write(length[:])
		mac.Write([]byte(part))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// RevealName returns the holder's name: of the common name of an accredited
// certificate, as 홍길동()0123, what stands before the brackets.
func (h Holder) RevealName() string {
	if h.holder == nil {
		return ""
	}
	name, _, _ := strings.Cut(h.leaf.Subject.CommonName, "(")
	return strings.TrimSpace(name)
}

// RevealSubject returns the distinguished name, as RFC 2253 writes it.
func (h Holder) RevealSubject() string {
	if h.holder == nil {
		return ""
	}
	return h.leaf.Subject.String()
}

// RevealCertificate returns the certificate, which names the holder, in DER: for
// holder-of-key confirmation.
func (h Holder) RevealCertificate() []byte {
	if h.holder == nil {
		return nil
	}
	return append([]byte(nil), h.leaf.Raw...)
}

// SameCertificate reports whether it is the certificate with that digest.
func (h Holder) SameCertificate(digest [sha256.Size]byte) bool {
	if h.holder == nil {
		return false
	}
	sum := sha256.Sum256(h.leaf.Raw)
	return subtle.ConstantTimeCompare(sum[:], digest[:]) == 1
}

// NotAfter returns when the certificate ends.
func (h Holder) NotAfter() time.Time {
	if h.holder == nil {
		return time.Time{}
	}
	return h.leaf.NotAfter
}
