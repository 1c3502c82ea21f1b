package pg

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// Profiles lets buyers skip the next authentication at the same shop with the same
// card (P25); the zero value lets nobody.
type Profiles struct {
	// Limit is the largest order, Life how long a profile holds.
	Limit kecis.Money
	Life  time.Duration
}

func (p *Profiles) offered(order kecis.Money) bool {
	return p.Limit.Minor >= order.Minor && p.Limit.Currency == order.Currency && p.Life > 0
}

// remembered is the card of a profile, as it is kept: what may be shown of it, and a
// keyed digest of the expiry that the issuer has approved the hold with.
type remembered struct {
	Instrument kecis.Instrument `json:"instrument"`
	Owner      string           `json:"owner"`
	Payee      string           `json:"payee"`
	Expiry     sealedExpiry     `json:"expiry"`
}

// sealedExpiry is a digest of an expiry under a key of the authenticator.
type sealedExpiry struct {
	KeyID  string `json:"keyID"`
	Salt   string `json:"salt"`
	Digest []byte `json:"digest"`
}

func digestOf(key amountauth.Key, salt string, month, year int) []byte {
	h := hmac.New(sha256.New, key.Secret)
	_, _ = fmt.Fprintf(h, "kecis reference pg 1 expiry\n%s\n%02d/%04d", salt, month, year)
	return h.Sum(nil)
}

// sealExpiry keeps an expiry so that one that is typed again can be compared.
func (s *Authenticator) sealExpiry(salt string, month, year int) sealedExpiry {
	key := s.config.Keys[0]
	return sealedExpiry{key.ID, salt, digestOf(key, salt, month, year)}
}

// expiries compares the expiry of a card with the one that its issuer has approved an
// authentication's hold with.
type expiries struct{ *Authenticator }

var _ amountauth.Expiries = expiries{}

// CheckExpiry refuses another expiry with kecis.ErrInvalidCard.
func (s expiries) CheckExpiry(ctx context.Context, _, ref string, month, year int) error {
	var kept sealedExpiry
	err := s.pg.journal.View(ctx, func(tx journal.Tx) error {
		value, err := tx.Peek(spaceExpiries, ref)
		if err != nil {
			return err
		}
		return json.Unmarshal(value, &kept)
	})
	if errors.Is(err, journal.ErrNotFound) {
		return kecis.Refuse(kecis.ErrInvalidCard)
	}
	if err != nil {
		return err
	}
	for _, key := range s.config.Keys {
		if key.ID == kept.KeyID && hmac.Equal(kept.Digest, digestOf(key, kept.Salt, month, year)) {
			return nil
		}
	}
	return kecis.Refuse(kecis.ErrInvalidCard)
}

// Exempt says whether a payment is one whose buyer has just shown a profile.
func (s *Authenticator) Exempt(ctx context.Context, p *kecis.PaymentRequest) (bool, error) {
	if p.Terms.Exemption != metadata.ExemptProfile {
		return false, nil
	}
	var granted skipped
	err := s.pg.journal.View(ctx, func(tx journal.Tx) error {
		value, err := tx.Peek(spaceSkips, skipKey(p.OrderRef))
		if err != nil {
			return err
		}
		return json.Unmarshal(value, &granted) //nolint:musttag // money is kept by the names of its fields
	})
	if errors.Is(err, journal.ErrNotFound) {
		return false, nil
	}
	return err == nil && granted.Ref == p.Instrument.Ref && granted.Payee == p.Payee.Entity && granted.Amount == p.OrderAmount &&
		s.config.Clock.Now().Before(granted.Until), err
}

// skipped is a profile that was shown for an order.
type skipped struct {
	Ref    string      `json:"ref"`
	Payee  string      `json:"payee"`
	Amount kecis.Money `json:"amount"`
	Until  time.Time   `json:"until"`
}

// skipTime is how long a profile that was shown is good for its one order.
const skipTime = 5 * time.Minute

func skipKey(o kecis.OrderRef) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d %d", o.Requester, o.OrderID, o.Attempt, o.Part))
	return hex.EncodeToString(sum[:])
}

// profileCookie names the cookie of a buyer's profile for a shop.
func profileCookie(payee string, secure bool) string {
	const octets = 10 // shops of one buyer's browser do not meet
	sum := sha256.Sum256([]byte("profile\n" + payee))
	name := "kecis-profile-" + hex.EncodeToString(sum[:octets])
	if secure {
		return "__Host-" + name
	}
	return name
}

func (h *Hosted) secure() bool { return strings.HasPrefix(h.config.Location, "https://") }

// enrol gives the browser a profile, once, if the buyer has asked for it and is
// authenticated. That it fails keeps nobody from the shop.
func (h *Hosted) enrol(w http.ResponseWriter, r *http.Request, v *kecis.Visit, session *amountauth.Session) {
	if session.State != amountauth.Verified || session.Completion == nil || session.Completion.State != amountauth.Paid {
		return
	}
	s, ctx := h.config.Authenticator, r.Context()
	d, err := s.takeRemembered(ctx, session, v.Handle())
	if err != nil || d == nil {
		h.unless(ctx, err)
		return
	}
	profile, token, err := s.engine.Enrol(ctx, session.ID, h.config.Profiles.Limit, h.config.Profiles.Life)
	if err != nil {
		h.unless(ctx, err)
		return
	}
	kept := remembered{Instrument: d.Instrument, Owner: session.Owner, Payee: session.Payee.Entity, Expiry: d.Expiry}
	kept.Instrument.Ref = session.InstrumentRef
	err = s.pg.journal.Update(ctx, func(tx journal.Tx) error {
		if err := save(tx, spaceExpiries, session.InstrumentRef, kept.Expiry); err != nil {
			return err
		}
		return save(tx, spaceProfiles, profile.ID, kept)
	})
	if err != nil {
		h.unless(ctx, err)
		return
	}
	h.log.InfoContext(ctx, "a profile was made", slog.String("profile", profile.ID), slog.String("payee", profile.Payee), slog.Time("expires", profile.Expires))
	http.SetCookie(w, h.cookie(profile.Payee, token, int(h.config.Profiles.Life/time.Second)))
}

func (h *Hosted) unless(ctx context.Context, err error) {
	if err != nil {
		h.log.WarnContext(ctx, "no profile was made", slog.Any("error", err))
	}
}

func (h *Hosted) cookie(payee, token string, seconds int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // not Secure only where no TLS is, towards this machine
		Name: profileCookie(payee, h.secure()), Value: token, Path: "/", MaxAge: seconds,
		Secure: h.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// takeRemembered returns what is kept for a profile, once; nil if the buyer has not
// asked for one.
func (s *Authenticator) takeRemembered(ctx context.Context, session *amountauth.Session, handle string) (d *stepped, err error) {
	err = s.pg.journal.Update(ctx, func(tx journal.Tx) error {
		d = nil
		kept, err := loadStep(tx, handle)
		if err != nil || kept.Remember == nil || stepKey(handle, kept.Number) != session.Key {
			return err
		}
		d, kept.Remember = kept.Remember, nil
		return save(tx, spaceSteps, handle, kept)
	})
	return d, err
}

// profile returns the card of the browser's profile for the order's payee; nil if it has
// none that is of use.
func (h *Hosted) profile(r *http.Request, v *kecis.Visit) (token string, kept *remembered) {
	o := v.Order()
	c, err := r.Cookie(profileCookie(o.Payee.Entity, h.secure()))
	if err != nil || h.config.Authenticator == nil || !h.config.Profiles.offered(o.OrderAmount) {
		return "", nil
	}
	id, _, _ := strings.Cut(c.Value, ".")
	err = h.pg.journal.View(r.Context(), func(tx journal.Tx) error {
		value, err := tx.Peek(spaceProfiles, id)
		if err != nil {
			return err
		}
		kept = &remembered{}
		return json.Unmarshal(value, kept) //nolint:musttag // messages' types are kept by the names of their fields
	})
	if err != nil || kept.Payee != o.Payee.Entity || kept.Owner != o.Sender {
		return "", nil
	}
	return c.Value, kept
}

// payKnown pays by the card of a profile, once its expiry was typed again.
func (h *Hosted) payKnown(w http.ResponseWriter, r *http.Request, v *kecis.Visit, view *hostedView) {
	ctx, s, o := r.Context(), h.config.Authenticator, v.Order()
	token, kept := h.profile(r, v)
	month, year, ok := expiry(r.PostForm.Get("known"))
	if kept == nil || !ok {
		view.refuse(view.Text.BadExpiry, "known")
		h.show(w, r, http.StatusUnprocessableEntity, v, view)
		return
	}
	_, err := s.engine.Skip(ctx, &amountauth.Skip{
		Key:   amountauth.SessionID(fmt.Sprintf("%s %02d/%d", v.Handle(), month, year)),
		Token: token, InstrumentRef: kept.Instrument.Ref, Payee: kept.Payee, Amount: o.OrderAmount, Month: month, Year: year,
	})
	if e, refused := errors.AsType[*amountauth.Error](err); refused {
		view.refuse(e.Text(view.Language), "known")
		h.show(w, r, http.StatusUnprocessableEntity, v, view)
		return
	}
	if err == nil {
		err = h.pg.journal.Update(ctx, func(tx journal.Tx) error {
			return save(tx, spaceSkips, skipKey(o.OrderRef), skipped{kept.Instrument.Ref, kept.Payee, o.OrderAmount, s.config.Clock.Now().Add(skipTime)})
		})
	}
	if err == nil {
		err = v.Pay(w, r, kecis.Choice{Instrument: kept.Instrument, Exemption: metadata.ExemptProfile, Instalments: months(r.PostForm.Get("months"))})
	}
	if refusal, refused := errors.AsType[*kecis.Refusal](err); refused {
		view.refuse(refusal.Code.Text(view.Language), "")
		h.show(w, r, http.StatusUnprocessableEntity, v, view)
	} else if err != nil {
		h.unavailable(w, r, view, err)
	}
}

// forget ends the browser's profile, as its buyer asks.
func (h *Hosted) forget(w http.ResponseWriter, r *http.Request, v *kecis.Visit, view *hostedView) {
	token, kept := h.profile(r, v)
	if kept != nil {
		id, _, _ := strings.Cut(token, ".")
		if err := h.config.Authenticator.engine.Revoke(r.Context(), id); err != nil {
			if _, refused := errors.AsType[*amountauth.Error](err); !refused {
				h.unavailable(w, r, view, err)
				return
			}
		}
		h.log.InfoContext(r.Context(), "a buyer has ended a profile", slog.String("profile", id))
	}
	http.SetCookie(w, h.cookie(v.Order().Payee.Entity, "", -1))
	v.Return(w)
}
