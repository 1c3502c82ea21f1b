package amountauth

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// State is the state of a session.
type State string

// The states. Those after Open are final.
const (
	// Starting: the hold is asked for, and not confirmed.
	Starting State = "starting"
	// Open: the buyer can answer.
	Open State = "open"
	// Verified: the value matched.
	Verified State = "verified"
	// Locked: too many values did not match.
	Locked State = "locked"
	// Expired: the time is over.
	Expired State = "expired"
	// Cancelled: given up.
	Cancelled State = "cancelled"
	// NotStarted: the issuer made no hold.
	NotStarted State = "not-started"
)

// code is the refusal with which a state answers an answer; "" of Open.
func (s State) code() Code {
	switch s {
	case Starting:
		return ErrStarting
	case Verified:
		return ErrRepeated
	case Locked:
		return ErrLocked
	case Expired:
		return ErrLate
	case Cancelled:
		return ErrCancelled
	case NotStarted:
		return ErrNotStarted
	}
	return ""
}

// holdState is what is known and owed of a session's hold.
type holdState string

const (
	holdAsked     holdState = "asked"     // asked for, and not known
	holdLive      holdState = "live"      // confirmed
	holdReleasing holdState = "releasing" // its release is owed
	holdReversing holdState = "reversing" // the reversal of its request is owed
	holdGone      holdState = "gone"      // none lives
)

// Session is an authentication as it stands. It tells nothing of the secret.
type Session struct {
	ID string
	// Key is that of the Request.
	Key     string
	Owner   string
	Variant Variant
	State   State
	Order   kecis.OrderRef
	Payee   Payee
	// Amount is that of the order.
	Amount kecis.Money
	// Instrument is masked, as it is shown.
	Instrument string
	Language   kecis.Language
	// InstrumentRef is the issuer's token, once the hold is confirmed.
	InstrumentRef string
	// Began, Expires and Ended are when it was begun, when it is over, and when it
	// came into a final state.
	Began, Expires, Ended time.Time
	// TriesLeft counts the values that may still be sent.
	TriesLeft int
	// Chance is the probability of a guess at its beginning.
	Chance Chance
	// Refused is why the issuer made no hold; "" if it did, or did not say.
	Refused kecis.Code
	// Released says that no hold of the session lives.
	Released bool
	// UsableUntil is until when a payment can use the authentication; zero if it
	// is not verified.
	UsableUntil time.Time
	// Completion is the payment that follows; nil if there is none.
	Completion *Completion
}

// Usable reports with ErrUnusable that a payment cannot use the authentication:
// it is not verified, its time is over, or it was for another order, payee or
// amount (KECIS-AA-014). The attempt may be another.
func (s *Session) Usable(now time.Time, order kecis.OrderRef, payee string, amount kecis.Money) error {
	order.Attempt = s.Order.Attempt
	if s.State != Verified || !now.Before(s.UsableUntil) || order != s.Order || payee != s.Payee.Entity || amount != s.Amount {
		return refuse(ErrUnusable)
	}
	return nil
}

// Spaces of the journal's records.
const (
	spaceSession    = "kecis.aa.session"    // by session ID
	spaceCompletion = "kecis.aa.completion" // by session ID
	spaceDue        = "kecis.aa.due"        // by time, kind and ID
	spaceCard       = "kecis.aa.card"       // by digest of the token
	spaceOrder      = "kecis.aa.order"      // by digest of the OrderRef: who has its hold
	spaceProfile    = "kecis.aa.profile"    // by profile ID
)

// record is a session as it is kept.
type record struct {
	id string
	// stored is the Due under which the row stands in the index.
	stored time.Time

	Key         string          `json:"key"`
	Owner       string          `json:"owner"`
	Variant     Variant         `json:"variant"`
	State       State           `json:"state"`
	Hold        holdState       `json:"hold"`
	Order       kecis.OrderRef  `json:"order"`
	Payee       Payee           `json:"payee"`
	Amount      kecis.Money     `json:"amount"`
	Instrument  string          `json:"instrument"`
	Language    kecis.Language  `json:"language"`
	Request     []byte          `json:"request"` // digest of what Begin was given
	Began       time.Time       `json:"began"`
	Expires     time.Time       `json:"expires"`
	Ended       time.Time       `json:"ended"`
	Verified    time.Time       `json:"verified"`
	UsableUntil time.Time       `json:"usableUntil"`
	Tries       int             `json:"tries"`
	Chance      Chance          `json:"chance"`
	Answers     []answered      `json:"answers"`
	KeyID       string          `json:"keyID"`
	Value       []byte          `json:"value"`  // keyed digest of the secret
	Sealed      []byte          `json:"sealed"` // secret and instrument, until the hold is known
	HoldID      string          `json:"holdID"`
	HoldExpires time.Time       `json:"holdExpires"`
	Ref         string          `json:"ref"`
	Cards       []string        `json:"cards"` // rows of the card in which the session is counted
	Refused     kecis.Code      `json:"refused"`
	Why         Code            `json:"why"`             // why it has not started, where the issuer did not refuse
	Browser     []byte          `json:"browser"`         // digest of the cookie; nil before the first visit
	Moved       bool            `json:"moved,omitempty"` // by a link
	Mails       int             `json:"mails"`
	Pays        bool            `json:"pays"`
	Details     json.RawMessage `json:"details,omitempty"`
	Epoch       int64           `json:"epoch"`
	Due         time.Time       `json:"due"`
	Fails       int             `json:"fails"`
}

// answered is a try.
type answered struct {
	Key   string `json:"key"`
	Value []byte `json:"value"` // keyed digest of what was typed
	Known bool   `json:"known"` // Right is known
	Right bool   `json:"right"`
}

// final reports whether the state changes no more.
func (r *record) final() bool { return r.State != Starting && r.State != Open }

// end brings the session into a final state, and says what is owed of its hold.
func (r *record) end(state State, now time.Time) {
	r.State, r.Ended, r.Fails, r.Due = state, now, 0, now
	switch r.Hold {
	case holdAsked:
		r.Hold = holdReversing
	case holdLive:
		r.Hold = holdReleasing
	}
	if state == Verified {
		r.Verified, r.UsableUntil = now, now.Add(usableFor)
	}
	r.Sealed = nil
}

const (
	// usableFor is how long an authentication can be used (KECIS-AA-014).
	usableFor = 10 * time.Minute
)

// view is the session as others see it.
func (r *record) view(completion *completion) *Session {
	s := &Session{
		ID: r.id, Key: r.Key, Owner: r.Owner, Variant: r.Variant, State: r.State, Order: r.Order, Payee: r.Payee, Amount: r.Amount,
		Instrument: r.Instrument, Language: r.Language, InstrumentRef: r.Ref, Began: r.Began, Expires: r.Expires, Ended: r.Ended,
		TriesLeft: max(0, r.Chance.Tries-r.Tries), Chance: r.Chance, Refused: r.Refused, Released: r.Hold == holdGone, UsableUntil: r.UsableUntil,
	}
	if completion != nil {
		s.Completion = completion.view()
		if !completion.Ended.IsZero() && completion.State != Paid {
			s.UsableUntil = completion.Ended.Add(usableFor)
		}
	}
	return s
}

// SessionID returns the ID of the session that is begun with a Request of that key: the
// same each time, and telling nothing.
func SessionID(key string) string {
	sum := sha256.Sum256([]byte("amountauth\n" + key))
	const octets = 20 // enough for no two keys to meet
	return hex.EncodeToString(sum[:octets])
}

func orderKey(o kecis.OrderRef) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d", o.Requester, o.OrderID, o.Part))
	return hex.EncodeToString(sum[:])
}

// load reads a record of a service's rows.
func load[T any](tx journal.Records, space, key string) (v *T, err error) {
	value, err := tx.Get(space, key)
	if err != nil {
		return nil, err
	}
	v = new(T)
	if err := json.Unmarshal(value, v); err != nil {
		return nil, fmt.Errorf("amountauth: a row of %s: %w", space, err)
	}
	return v, nil
}

func save(tx journal.Records, space, key string, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.Put(space, key, value)
}

func loadSession(tx journal.Records, id string) (*record, error) {
	r, err := load[record](tx, spaceSession, id)
	if err != nil {
		return nil, err
	}
	r.id, r.stored = id, r.Due
	return r, nil
}

// save writes a session and moves it in the index of what is due.
func (r *record) save(tx journal.Records) error {
	if err := moveDue(tx, kindSession, r.id, &r.stored, r.Due); err != nil {
		return err
	}
	return save(tx, spaceSession, r.id, r)
}

// Kinds of rows in the index of what is due.
const (
	kindSession    = "session"
	kindCompletion = "completion"
	kindProfile    = "profile"
)

// moveDue moves a row in the index from one time to another; the zero time is none.
func moveDue(tx journal.Records, kind, id string, from *time.Time, to time.Time) error {
	if !from.IsZero() && !from.Equal(to) {
		if err := tx.Delete(spaceDue, dueKey(*from, kind, id)); err != nil {
			return err
		}
	}
	*from = to
	if to.IsZero() {
		return nil
	}
	return tx.Put(spaceDue, dueKey(to, kind, id), []byte(id))
}

func dueKey(at time.Time, kind, id string) string { return timeKey(at) + "/" + kind + "/" + id }

// timeKey writes a time so that texts are in the order of times.
func timeKey(t time.Time) string { return fmt.Sprintf("%015d", t.UnixMilli()) }

// readSession reads a session with its completion.
func readSession(tx journal.Records, id string) (*record, *completion, error) {
	r, err := loadSession(tx, id)
	if err != nil {
		return nil, nil, err
	}
	c, err := loadCompletion(tx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return r, nil, nil
	}
	return r, c, err
}
