package clientcert

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// State is the state of a session.
type State string

// The states. Those after Open are final.
const (
	// Open: the buyer can press the button.
	Open State = "open"
	// Verified: the buyer has consented with a good certificate.
	Verified State = "verified"
	// Locked: too many certificates were refused.
	Locked State = "locked"
	// Expired: the time is over.
	Expired State = "expired"
	// Cancelled: given up.
	Cancelled State = "cancelled"
)

// code is the refusal with which a state answers the button; "" of Open and Verified.
func (s State) code() Code {
	switch s {
	case Locked:
		return ErrLocked
	case Expired:
		return ErrLate
	case Cancelled:
		return ErrGivenUp
	case Open, Verified:
	}
	return ""
}

// Payee is who is to be paid.
type Payee struct {
	// Entity is the entityID, Name the one that buyers are shown.
	Entity, Name string
}

// Session is the authentication of a buyer by certificate as it stands
// (KECIS-CRT-046 to 049).
type Session struct {
	ID string
	// Key is that of the Request.
	Key   string
	Owner string
	State State
	Order kecis.OrderRef
	Payee Payee
	// Amount is that of the whole order.
	Amount   kecis.Money
	Language kecis.Language
	// Began, Expires and Ended are when it was begun, when it is over, and when it
	// came into a final state: for Verified, when the certificate was checked.
	Began, Expires, Ended time.Time
	// Tries counts the certificates that were refused, TriesLeft those that still may be.
	Tries, TriesLeft int
	// Refused is why the last certificate was refused; "" if none was.
	Refused Code
	// Certificate is what was found out; nil unless the session is Verified.
	Certificate *kecis.CertificateProof
}

// Shown is the digest of what the page of the session shows.
func (s *Session) Shown() kecis.Digest {
	return kecis.ShownDigest(s.Order, s.Payee.Entity, s.Amount)
}

// SessionID returns the ID of the session that is begun with a Request of that key: the
// same each time, and telling nothing.
func SessionID(key string) string {
	sum := sha256.Sum256([]byte("clientcert\n" + key))
	const octets = 20 // enough for no two keys to meet
	return hex.EncodeToString(sum[:octets])
}

// Spaces of the journal's records.
const (
	spaceSession = "kecis.cert.session" // by session ID
	spaceDue     = "kecis.cert.due"     // by time and session ID
)

// record is a session as it is kept.
type record struct {
	id string

	Key         string                  `json:"key"`
	Owner       string                  `json:"owner"`
	State       State                   `json:"state"`
	Order       kecis.OrderRef          `json:"order"`
	Payee       Payee                   `json:"payee"`
	Amount      kecis.Money             `json:"amount"`
	Language    kecis.Language          `json:"language"`
	Request     []byte                  `json:"request,omitempty"` // digest of what Begin was given; nil if it was abandoned before
	Began       time.Time               `json:"began"`
	Expires     time.Time               `json:"expires"`
	Ended       time.Time               `json:"ended"`
	Tries       int                     `json:"tries"`
	Allowed     int                     `json:"allowed"`
	Refused     Code                    `json:"refused,omitempty"`
	Browser     []byte                  `json:"browser,omitempty"` // digest of the cookie; nil before the first visit
	Certificate *kecis.CertificateProof `json:"certificate,omitempty"`
	// Due is when something is to be done, and the key in the index.
	Due time.Time `json:"due"`
}

func (r *record) final() bool { return r.State != Open }

func (r *record) view() *Session {
	return &Session{
		ID: r.id, Key: r.Key, Owner: r.Owner, State: r.State, Order: r.Order, Payee: r.Payee, Amount: r.Amount, Language: r.Language,
		Began: r.Began, Expires: r.Expires, Ended: r.Ended, Tries: r.Tries, TriesLeft: max(0, r.Allowed-r.Tries), Refused: r.Refused, Certificate: r.Certificate,
	}
}

func load(tx journal.Records, id string) (*record, error) {
	value, err := tx.Get(spaceSession, id)
	if err != nil {
		return nil, err
	}
	r := &record{}
	if err := json.Unmarshal(value, r); err != nil { //nolint:musttag // as it was written
		return nil, fmt.Errorf("clientcert: a row of %s: %w", spaceSession, err)
	}
	r.id = id
	return r, nil
}

// save writes a session that is due at a time.
func (r *record) save(tx journal.Records, due time.Time) error {
	if !r.Due.IsZero() && !r.Due.Equal(due) {
		if err := tx.Delete(spaceDue, r.dueKey()); err != nil {
			return err
		}
	}
	r.Due = due
	value, err := json.Marshal(r) //nolint:musttag // messages' types are kept by the names of their fields
	if err != nil {
		return err
	}
	if err := tx.Put(spaceDue, r.dueKey(), []byte(r.id)); err != nil {
		return err
	}
	return tx.Put(spaceSession, r.id, value)
}

func (r *record) forget(tx journal.Records) error {
	if err := tx.Delete(spaceDue, r.dueKey()); err != nil {
		return err
	}
	return tx.Delete(spaceSession, r.id)
}

func (r *record) dueKey() string { return dueBefore(r.Due) + "/" + r.id }

// dueBefore is above the keys of all times before t, and below those from t on.
func dueBefore(t time.Time) string { return fmt.Sprintf("%015d", t.UnixMilli()) }
