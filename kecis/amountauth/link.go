package amountauth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// maxLink bounds a link's token, in bytes.
const maxLink = 200

// Link returns the token of a link by which another browser goes on with a session
// that is not over. It holds the ID of the session, when it ends and the key's ID,
// signed; nothing of the amount. It refuses with ErrWrong or by the session's state.
func (e *Engine) Link(ctx context.Context, id string) (token string, err error) {
	s, err := e.Session(ctx, id)
	if err != nil {
		return "", err
	}
	if s.State != Open && s.State != Starting {
		return "", refuse(s.State.code())
	}
	expires := strconv.FormatInt(s.Expires.Unix(), 36)
	key := e.keys[0]
	mac := key.mac(purposeLink, s.ID, expires)
	return strings.Join([]string{key.ID, expires, s.ID, base64.RawURLEncoding.EncodeToString(mac)}, "."), nil
}

// mailedLink is Link for a mail, of which a session has few: a page that sends mails
// where anybody says is of use to others too.
func (e *Engine) mailedLink(ctx context.Context, id string) (string, error) {
	err := e.change(ctx, id, func(tx journal.Tx, r *record) error {
		if r.Mails >= maxMails {
			return refuse(ErrMail)
		}
		r.Mails++
		return r.save(tx)
	})
	if err != nil {
		return "", err
	}
	return e.Link(ctx, id)
}

// maxMails bounds the mails of a session.
const maxMails = 3

// OpenLink returns the session of a link. It refuses with ErrLink if the link is not one
// that was made here, as it was made, with ErrLinkExpired if its time is over, and with
// ErrWrong if the session is not known any more.
func (e *Engine) OpenLink(ctx context.Context, token string) (*Session, error) {
	parts := strings.Split(token, ".")
	const fields = 4
	if len(token) > maxLink || len(parts) != fields {
		return nil, refuse(ErrLink)
	}
	key, ok := e.keys.find(parts[0])
	mac, err := base64.RawURLEncoding.Strict().DecodeString(parts[3])
	if !ok || err != nil || !hmac.Equal(mac, key.mac(purposeLink, parts[2], parts[1])) {
		return nil, refuse(ErrLink)
	}
	expires, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil || !e.now().Before(time.Unix(expires, 0)) {
		return nil, refuse(ErrLinkExpired)
	}
	return e.Session(ctx, parts[2])
}

func browserOf(secret string) []byte {
	sum := sha256.Sum256([]byte("browser\n" + secret))
	return sum[:]
}

// Visit binds a session to the first browser that comes, by the secret in its cookie,
// and refuses any other with ErrOtherBrowser. payee is the entityID at whose address it
// comes, "" where that is not known; ErrOtherMerchant if it is another's.
func (e *Engine) Visit(ctx context.Context, id, secret, payee string) (*Session, error) {
	var bound []byte
	var s *Session
	read := func(tx journal.Tx) error {
		r, c, err := readSession(tx, id)
		if err == nil {
			bound, s = r.Browser, r.view(c)
		}
		return err
	}
	err := e.config.Journal.View(ctx, read)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, refuse(ErrWrong)
	}
	switch {
	case err != nil:
		return nil, err
	case payee != "" && payee != s.Payee.Entity:
		return nil, refuse(ErrOtherMerchant)
	case bound == nil && secret != "":
		if bound, err = e.bind(ctx, id, secret, first); err != nil {
			return nil, err
		}
	}
	if secret == "" || subtle.ConstantTimeCompare(bound, browserOf(secret)) != 1 {
		return nil, refuse(ErrOtherBrowser)
	}
	return s, nil
}

// Move binds the session of a link to another browser. Tries, time, amount and payee
// stay. It refuses as OpenLink.
func (e *Engine) Move(ctx context.Context, token, secret string) (*Session, error) {
	s, err := e.OpenLink(ctx, token)
	if err != nil {
		return nil, err
	}
	_, err = e.bind(ctx, s.ID, secret, byLink)
	return s, err
}

// Adopt binds a session to a browser of which the provider knows by its own means that
// it is the buyer's, as by the cookie of the order that the session is for; unless a link
// has moved it to another. It refuses an unknown session with ErrWrong.
func (e *Engine) Adopt(ctx context.Context, id, secret string) error {
	_, err := e.bind(ctx, id, secret, known)
	if errors.Is(err, journal.ErrNotFound) {
		err = refuse(ErrWrong)
	}
	return err
}

// binding is why a session is bound to a browser.
type binding int

const (
	first  binding = iota // it is the first that opens it
	known                 // it is known to be the buyer's
	byLink                // it has come by a mailed link
)

// bind writes the browser of a session down, and returns whose it is.
func (e *Engine) bind(ctx context.Context, id, secret string, why binding) (bound []byte, err error) {
	err = e.change(ctx, id, func(tx journal.Tx, r *record) error {
		if r.Browser == nil || why == byLink || why == known && !r.Moved {
			r.Browser, r.Moved = browserOf(secret), r.Moved || why == byLink
		}
		bound = r.Browser
		return r.save(tx)
	})
	return bound, err
}
