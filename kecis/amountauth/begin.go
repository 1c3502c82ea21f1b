package amountauth

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// Request begins a session. Nothing of it changes later.
type Request struct {
	// Key names the request, 1 to 64 characters of A-Z a-z 0-9 - _: the same key with
	// the same contents is the same session.
	Key string
	// Owner is the entityID of who asked; "" where nobody else did.
	Owner   string
	Variant Variant
	Order   kecis.OrderRef
	Payee   Payee
	// Amount is that of the order.
	Amount kecis.Money
	// Card is the provider's or issuer's token for the instrument, by which failed
	// sessions are counted. Where it is "" they are counted by the InstrumentRef once
	// the hold is confirmed; where the issuer has none either, the session does not
	// begin. It is never a card number: one is refused.
	Card string
	// Instrument is what the hold is asked with, as an encrypted card. It is kept
	// sealed until the hold is confirmed, and then dropped. At most 64 KiB.
	Instrument []byte
	// Shown is the instrument masked, as the buyer is shown it.
	Shown string
	// Language is that of the pages.
	Language kecis.Language
	// Timeout is shorter or, for deposits, longer than the policy's; 0 is the
	// policy's. At most MaxTimeout.
	Timeout time.Duration
	// Pay has the order paid by the Payer once the buyer is authenticated, with
	// Details, which are any JSON and hold no instrument.
	Pay     bool
	Details json.RawMessage
}

const (
	// maxKey is the longest key that is taken.
	maxKey = 64
	// maxInstrument bounds an encrypted instrument, in bytes.
	maxInstrument = 64 << 10
	// maxShown bounds texts that are shown, in bytes.
	maxShown = 300
	// cardDigits is the length of the shortest card number.
	cardDigits = 13
)

// check looks at the form of a request.
func (q *Request) check(payer bool) error {
	malformed := func(what string) error { return &Error{code: ErrRequest, expected: what} }
	switch {
	case q.Key == "" || len(q.Key) > maxKey || !isToken(q.Key):
		return malformed("a key of 1 to 64 characters")
	case q.Order.Requester == "" || q.Order.OrderID == "" || q.Payee.Entity == "":
		return malformed("an order and its payee")
	case q.Amount.Minor < 1 || q.Amount.Minor > kecis.MaxMinor || q.Amount.Currency.Exponent() < 0:
		return malformed("an amount")
	case len(q.Instrument) > maxInstrument || len(q.Shown) > maxShown || len(q.Payee.Name) > maxShown || len(q.Card) > maxShown:
		return malformed("shorter fields")
	case looksLikeCard(q.Card) || showsCard(q.Shown):
		return malformed("a token, not a number of a card")
	case q.Timeout < 0 || q.Timeout > MaxTimeout:
		return malformed("a timeout of at most 30 days")
	case len(q.Details) > 0 && !json.Valid(q.Details) || len(q.Details) > maxInstrument:
		return malformed("details in JSON of at most 64 KiB")
	case q.Pay && !payer:
		return malformed("a provider that pays")
	}
	return nil
}

// looksLikeCard reports a token that is nothing but the digits of a card number.
func looksLikeCard(token string) bool {
	token = strings.NewReplacer(" ", "", "-", "").Replace(token)
	return len(token) >= cardDigits && digitsIn(token) == len(token)
}

// showsCard reports a text with more digits in a row than a masked card shows.
func showsCard(text string) bool {
	for part := range strings.FieldsFuncSeq(strings.NewReplacer(" ", "", "-", "").Replace(text), func(c rune) bool { return c < '0' || c > '9' }) {
		if len(part) >= cardDigits {
			return true
		}
	}
	return false
}

func digitsIn(s string) (n int) {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}

// digest tells requests apart that carry one key.
func (q *Request) digest(k Key) []byte {
	return k.mac(purposeForm, "request", q.Owner, string(q.Variant), q.Order.Requester, q.Order.OrderID,
		strconv.Itoa(q.Order.Attempt), strconv.Itoa(q.Order.Part), q.Payee.Entity, q.Payee.Name, q.Amount.String(), q.Card,
		string(q.Instrument), q.Shown, strconv.Itoa(int(q.Language)), q.Timeout.String(), strconv.FormatBool(q.Pay), string(q.Details))
}

// sealed is what is kept sealed until the hold is known.
type sealed struct {
	Amounts    []int64 `json:"amounts"`
	Code       string  `json:"code,omitempty"`
	Instrument []byte  `json:"instrument,omitempty"`
}

// Begin draws a secret and asks the issuer for a hold. It returns the session:
// Open, or Starting while the issuer's answer is unknown, in which case RunOnce goes
// on. With the same key it returns the session that was begun.
//
// It refuses with ErrRequest, ErrFloor, ErrRange, ErrCardLimit, ErrBusy, with
// ErrCancelled after Abandon, or with ErrNotStarted where the issuer has refused; Session.Refused then says why. Any
// other error is the journal's: begin again with the same key.
func (e *Engine) Begin(ctx context.Context, q *Request) (*Session, error) {
	if err := q.check(e.config.Payer != nil); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx) // what was asked of the issuer is written down, even if the caller has left
	r, s, isNew, err := e.admit(ctx, q)
	if err != nil {
		return nil, err
	}
	if isNew {
		e.hold(ctx, r, s, q.Instrument)
	}
	return e.begun(ctx, r.id)
}

// begun returns a session after its beginning.
func (e *Engine) begun(ctx context.Context, id string) (*Session, error) {
	if err := e.drive(ctx, kindSession, id); err != nil {
		return nil, err
	}
	session, err := e.Session(ctx, id)
	if err == nil && session.State == NotStarted {
		return session, refuse(e.whyNotStarted(ctx, id))
	}
	return session, err
}

// admit draws and writes the session down, claimed, in one commit with what it
// counts for: the card and the order. The draw is in it, since it depends on what
// was drawn for the card before.
func (e *Engine) admit(ctx context.Context, q *Request) (r *record, s secret, isNew bool, err error) {
	id := SessionID(q.Key)
	key := e.keys[0]
	err = e.config.Journal.Update(ctx, func(tx journal.Tx) error {
		isNew = false
		r, err = loadSession(tx, id)
		if err == nil {
			return e.sameRequest(q, r)
		}
		if !errors.Is(err, journal.ErrNotFound) {
			return err
		}
		isNew = true
		now := e.now()
		r = newRecord(id, q, now, e.policy)
		r.KeyID, r.Request = key.ID, q.digest(key)
		if s, err = e.drawFor(tx, q, r, now); err != nil {
			return err
		}
		if err := claimOrder(tx, r); err != nil {
			return err
		}
		if q.Pay {
			if err := newCompletion(id).save(tx); err != nil {
				return err
			}
		}
		return r.save(tx)
	})
	return r, s, isNew, err
}

// newRecord is a session that is about to ask for its hold.
func newRecord(id string, q *Request, now time.Time, p Policy) *record {
	timeout := p.Timeout
	if q.Timeout > 0 {
		timeout = q.Timeout
	}
	return &record{
		id: id, Key: q.Key, Owner: q.Owner, Variant: q.Variant, State: Starting, Hold: holdAsked, Order: q.Order, Payee: q.Payee, Amount: q.Amount,
		Instrument: q.Shown, Language: q.Language, Began: now, Expires: now.Add(timeout), Pays: q.Pay, Details: q.Details,
		Epoch: 1, Due: now.Add(lease),
	}
}

// sameRequest refuses another request under a key that is taken.
func (e *Engine) sameRequest(q *Request, r *record) error {
	if r.Request == nil { // abandoned before it came
		return refuse(ErrCancelled)
	}
	key, ok := e.keys.find(r.KeyID)
	if !ok {
		return errSealed
	}
	if !hmac.Equal(q.digest(key), r.Request) {
		return &Error{code: ErrRequest, expected: "the same request under the same key"}
	}
	return nil
}

// drawFor draws the secret of a session, counts it for the card, and puts digest and
// sealed value into the record.
func (e *Engine) drawFor(tx journal.Records, q *Request, r *record, now time.Time) (secret, error) {
	key, _ := e.keys.find(r.KeyID)
	onCard, name := &card{}, ""
	if q.Card != "" {
		var err error
		name = cardKey(q.Card)
		if onCard, err = loadCard(tx, name, now); err != nil {
			return secret{}, err
		}
		if onCard.failed() >= e.policy.CardSessions {
			return secret{}, refuse(ErrCardLimit)
		}
	}
	limits, chance, err := e.policy.drawn(q.Variant, q.Amount, len(onCard.Sessions))
	if err != nil {
		return secret{}, err
	}
	s, form, err := e.policy.draw(e.config.Random, q.Variant, limits, q.Amount, func(form string) bool {
		return name != "" && onCard.recent(e.keys, name, q.Variant, form)
	})
	if err != nil {
		return secret{}, err
	}
	r.Chance, r.Value = chance, key.mac(purposeValue, r.id, form)
	if r.Sealed, err = e.sealFor(key, r.id, s, q.Instrument); err != nil || name == "" {
		return s, err
	}
	r.Cards = []string{name}
	onCard.count(counted{ID: r.id, At: now, KeyID: key.ID, Drawn: key.mac(purposeRecent, name, string(q.Variant), form)})
	return s, onCard.save(tx, name)
}

func (e *Engine) sealFor(key Key, id string, s secret, instrument []byte) ([]byte, error) {
	v := sealed{Code: s.Code.Reveal(), Instrument: instrument}
	for _, a := range s.Amounts {
		v.Amounts = append(v.Amounts, a.Reveal().Minor)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return key.seal(e.config.Random, id, text)
}

// unseal returns the secret of a session whose hold is not known, and the
// instrument.
func (e *Engine) unseal(r *record) (s secret, instrument []byte, err error) {
	key, ok := e.keys.find(r.KeyID)
	if !ok {
		return s, nil, errSealed
	}
	text, err := key.open(r.id, r.Sealed)
	if err != nil {
		return s, nil, err
	}
	var v sealed
	if err := json.Unmarshal(text, &v); err != nil {
		return s, nil, errSealed
	}
	for _, minor := range v.Amounts {
		s.Amounts = append(s.Amounts, secretAmount(minor, r.Amount.Currency))
	}
	if v.Code != "" {
		s.Code = SecretCode{hide(v.Code)}
	}
	return s, v.Instrument, nil
}

// form is the canonical form of a secret.
func (s secret) form(v Variant) string {
	switch v {
	case Descriptor:
		return s.Code.Reveal()
	case Deposits:
		return pairForm(s.Amounts[0].Reveal().Minor, s.Amounts[1].Reveal().Minor)
	}
	return canonical(s.Amounts[0].Reveal().Minor)
}

// claimOrder gives the order's one hold to a session.
func claimOrder(tx journal.Records, r *record) error {
	err := tx.Add(spaceOrder, orderKey(r.Order), []byte(r.id))
	if errors.Is(err, journal.ErrExists) {
		return refuse(ErrBusy)
	}
	return err
}

// whyNotStarted tells a full card from an issuer's refusal.
func (e *Engine) whyNotStarted(ctx context.Context, id string) Code {
	code := ErrNotStarted
	_ = e.config.Journal.View(ctx, func(tx journal.Tx) error {
		if r, err := loadSession(tx, id); err == nil && r.Why != "" {
			code = r.Why
		}
		return nil
	})
	return code
}
