package amountauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// Expiries has the issuer check the expiry of an instrument, as typed again. The
// contract of errors is that of Issuer: a *kecis.Refusal says that it is wrong.
type Expiries interface {
	// CheckExpiry is idempotent on the key. The month is 1 to 12, the year of four
	// digits.
	CheckExpiry(ctx context.Context, key, instrumentRef string, month, year int) error
}

const (
	// MaxProfileLife is the longest time of a profile.
	MaxProfileLife = 365 * 24 * time.Hour
	// maxProfileTries are the wrong expiries in the life of a profile. A right one
	// does not reset them: who has a copied cookie would get some after each
	// payment of the owner.
	maxProfileTries = 3
	// profileSecret is the random part of a profile's token, in bytes.
	profileSecret = 32
)

// Profile lets a buyer skip the authentication (KECIS-AA-018).
type Profile struct {
	ID            string
	InstrumentRef string
	// Payee is the entityID for which it holds.
	Payee string
	// Cap is the largest order.
	Cap            kecis.Money
	Began, Expires time.Time
	Revoked        bool
}

// profile is a Profile as it is kept.
type profile struct {
	Ref     string      `json:"ref"`
	Payee   string      `json:"payee"`
	Cap     kecis.Money `json:"cap"`
	Began   time.Time   `json:"began"`
	Expires time.Time   `json:"expires"`
	Revoked bool        `json:"revoked"`
	Secret  []byte      `json:"secret"` // digest
	Tries   int         `json:"tries"`  // wrong, or not known to be right
	Checks  []checked   `json:"checks"`
}

// checked is a use of a profile, by its key.
type checked struct {
	Key   string    `json:"key"`
	Typed []byte    `json:"typed"` // digest of what was asked
	Right bool      `json:"right"`
	At    time.Time `json:"at"`
}

// maxChecks bounds the uses that are remembered for being repeated.
const maxChecks = 20

// Enrol makes a profile of a verified session, for orders up to limit and a time of at
// most MaxProfileLife. The token goes into a cookie of the buyer's browser; by itself it
// gives nothing. It refuses with ErrUnusable if the session is not verified or its time
// is over, and with ErrRequest.
func (e *Engine) Enrol(ctx context.Context, session string, limit kecis.Money, life time.Duration) (p *Profile, token string, err error) {
	raw := make([]byte, profileSecret)
	if _, err := io.ReadFull(e.config.Random, raw); err != nil {
		return nil, "", err
	}
	token = hex.EncodeToString(raw)
	id := SessionID("profile\n" + token)
	secret := sha256.Sum256([]byte(token))
	err = e.config.Journal.Update(ctx, func(tx journal.Tx) error {
		r, c, err := readSession(tx, session)
		if err != nil {
			return err
		}
		now := e.now()
		s := r.view(c)
		switch {
		case s.Usable(now, s.Order, s.Payee.Entity, s.Amount) != nil || s.InstrumentRef == "":
			return refuse(ErrUnusable)
		case life <= 0 || life > MaxProfileLife || limit.Minor < 1 || limit.Currency != s.Amount.Currency:
			return &Error{code: ErrRequest, expected: "a cap in the currency of the order, and at most 365 days"}
		}
		stored := &profile{Ref: s.InstrumentRef, Payee: s.Payee.Entity, Cap: limit, Began: now, Expires: now.Add(life), Secret: secret[:]}
		p = stored.view(id)
		var none time.Time
		if err := moveDue(tx, kindProfile, id, &none, stored.Expires); err != nil {
			return err
		}
		return save(tx, spaceProfile, id, stored)
	})
	if errors.Is(err, journal.ErrNotFound) {
		err = refuse(ErrUnusable)
	}
	if err != nil {
		return nil, "", err
	}
	return p, id + "." + token, nil
}

func (p *profile) view(id string) *Profile {
	return &Profile{ID: id, InstrumentRef: p.Ref, Payee: p.Payee, Cap: p.Cap, Began: p.Began, Expires: p.Expires, Revoked: p.Revoked}
}

// Skip asks to pay without an authentication.
type Skip struct {
	// Key names the request, as in Request.
	Key string
	// Token is that of Enrol.
	Token         string
	InstrumentRef string
	// Payee is the entityID of who is paid.
	Payee  string
	Amount kecis.Money
	// Month and Year are the expiry of the card as the buyer has typed it.
	Month, Year int
}

// Skip returns the profile if it covers the payment and the issuer says that the expiry
// is right. It refuses with ErrProfile or ErrProfileExpiry. Any other error leaves it
// open: ask again with the same key.
func (e *Engine) Skip(ctx context.Context, s *Skip) (*Profile, error) {
	if e.config.Expiries == nil || s.Key == "" || len(s.Key) > maxKey || !isToken(s.Key) {
		return nil, refuse(ErrProfile)
	}
	ctx = context.WithoutCancel(ctx)
	id := profileOf(s.Token)
	asked := e.keys[0].mac(purposeForm, "skip", s.Token, s.InstrumentRef, s.Payee, s.Amount.String(), canonical(int64(s.Month)), canonical(int64(s.Year)))
	var p *profile
	known := false
	err := e.config.Journal.Update(ctx, func(tx journal.Tx) (err error) {
		p, known, err = e.countSkip(tx, id, s, asked)
		return err
	})
	if errors.Is(err, journal.ErrNotFound) {
		return nil, refuse(ErrProfile)
	}
	if err != nil {
		return nil, err
	}
	if known {
		return p.view(id), nil
	}
	call, cancel := e.clock.WithTimeout(ctx, holdTime)
	err = e.config.Expiries.CheckExpiry(call, id+"-"+SessionID(s.Key), s.InstrumentRef, s.Month, s.Year)
	cancel()
	if _, refused := errors.AsType[*kecis.Refusal](err); refused {
		return nil, refuse(ErrProfileExpiry)
	}
	if err != nil {
		return nil, err
	}
	err = e.config.Journal.Update(ctx, func(tx journal.Tx) (err error) {
		if p, err = load[profile](tx, spaceProfile, id); err != nil {
			return err
		}
		for i := range p.Checks {
			if c := &p.Checks[i]; c.Key == s.Key && !c.Right {
				c.Right = true
				p.Tries--
			}
		}
		return save(tx, spaceProfile, id, p)
	})
	if err != nil {
		return nil, err
	}
	return p.view(id), nil
}

// countSkip looks whether a profile covers a payment, and counts the try before the
// issuer is asked, since the expiry of a card has few values.
func (e *Engine) countSkip(tx journal.Records, id string, s *Skip, asked []byte) (p *profile, known bool, err error) {
	if p, err = load[profile](tx, spaceProfile, id); err != nil {
		return nil, false, err
	}
	now := e.now()
	if !p.covers(s, now) {
		return nil, false, refuse(ErrProfile)
	}
	onCard, err := loadCard(tx, cardKey(p.Ref), now)
	if err != nil {
		return nil, false, err
	}
	for _, c := range onCard.Sessions {
		if c.Locked && c.At.After(p.Began) { // somebody has guessed at this card since
			return nil, false, refuse(ErrProfile)
		}
	}
	for _, c := range p.Checks {
		switch {
		case c.Key != s.Key:
		case subtle.ConstantTimeCompare(c.Typed, asked) != 1:
			return nil, false, refuse(ErrProfile)
		default:
			return p, c.Right, nil
		}
	}
	if p.Tries >= maxProfileTries {
		return nil, false, refuse(ErrProfile)
	}
	p.Tries++
	if len(p.Checks) >= maxChecks {
		p.Checks = p.Checks[1:]
	}
	p.Checks = append(p.Checks, checked{Key: s.Key, Typed: asked, At: now})
	return p, false, save(tx, spaceProfile, id, p)
}

// claimProfile forgets a profile whose time is over.
func (e *Engine) claimProfile(tx journal.Records, id string) error {
	p, err := load[profile](tx, spaceProfile, id)
	if err != nil || e.now().Before(p.Expires) {
		return err
	}
	if err := moveDue(tx, kindProfile, id, &p.Expires, time.Time{}); err != nil {
		return err
	}
	return tx.Delete(spaceProfile, id)
}

// covers reports whether a profile is of use for a payment at all.
func (p *profile) covers(s *Skip, now time.Time) bool {
	_, token := splitToken(s.Token)
	secret := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(secret[:], p.Secret) == 1 && !p.Revoked && now.Before(p.Expires) &&
		s.InstrumentRef == p.Ref && s.Payee == p.Payee &&
		s.Amount.Currency == p.Cap.Currency && s.Amount.Minor >= 1 && s.Amount.Minor <= p.Cap.Minor
}

// Profiles lists profiles that are kept, in the order of their IDs, behind after: at most
// limit of them.
func (e *Engine) Profiles(ctx context.Context, after string, limit int) (list []*Profile, err error) {
	err = e.config.Journal.View(ctx, func(tx journal.Tx) error {
		list = nil
		from := after
		if after != "" {
			from += "\x00" // the next key that there can be
		}
		rows, err := tx.Range(spaceProfile, from, "", limit)
		for _, row := range rows {
			p := &profile{}
			if err := json.Unmarshal(row.Value, p); err != nil { //nolint:musttag // money is kept by the names of its fields
				return err
			}
			list = append(list, p.view(row.Key))
		}
		return err
	})
	return list, err
}

// Revoke ends a profile. An unknown one is refused with ErrProfile.
func (e *Engine) Revoke(ctx context.Context, id string) error {
	err := e.config.Journal.Update(ctx, func(tx journal.Tx) error {
		p, err := load[profile](tx, spaceProfile, id)
		if err != nil {
			return err
		}
		p.Revoked = true
		return save(tx, spaceProfile, id, p)
	})
	if errors.Is(err, journal.ErrNotFound) {
		return refuse(ErrProfile)
	}
	return err
}

// profileOf returns the ID in a token.
func profileOf(token string) string {
	id, _ := splitToken(token)
	return id
}

// splitToken parts a token into the profile's ID and its secret.
func splitToken(token string) (id, secret string) {
	const idLength = 40 // of SessionID
	if len(token) <= idLength || token[idLength] != '.' {
		return "", ""
	}
	return token[:idLength], token[idLength+1:]
}
