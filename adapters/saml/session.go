package saml

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

const (
	// pageLife is how long the page may be answered: time to find a token and its
	// password.
	pageLife = 10 * time.Minute
	// remembered is how long an answered request is known: its own time, and that of
	// every page that was opened for it, with clocks apart.
	remembered = MaxAge + 2*clockSkew + pageLife
	// cookieBytes makes a cookie that nobody guesses.
	cookieBytes = 16
)

// session is what a page carries, sealed, from the request to its answer: servers
// keep nothing.
type session struct {
	Provider   string    `json:"provider"`
	Request    string    `json:"request"`
	Force      bool      `json:"force,omitempty"`
	ReplyTo    string    `json:"replyTo"`
	RelayState string    `json:"relayState,omitempty"`
	Transient  bool      `json:"transient,omitempty"`
	Expires    time.Time `json:"expires"`
	// Shown is the digest of the payment that the page shows.
	Shown [sha256.Size]byte `json:"shown"`
	// Cookie is the cookie's name, and Browser the digest of its value.
	Cookie  string            `json:"cookie"`
	Browser [sha256.Size]byte `json:"browser"`
}

func (s *session) request() UnverifiedAuthnRequest {
	return UnverifiedAuthnRequest{id: s.Request, issuer: s.Provider, force: s.Force}
}

// key names the request, whoever wrote it, in a fixed length.
func (s *session) key() string {
	sum := sha256.Sum256([]byte(s.Provider + "\n" + s.Request))
	return hex.EncodeToString(sum[:])
}

// sealer keeps sessions from being read or changed.
type sealer struct{ aead cipher.AEAD }

// sealLabel keeps the key apart from all else that the secret may be used for.
const sealLabel = "kecis saml session 1"

func newSealer(secret []byte) (*sealer, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, sealLabel, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &sealer{aead}, err
}

func (s *sealer) seal(random io.Reader, v *session) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, []byte(sealLabel))), nil
}

func (s *sealer) open(sealed string) (*session, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return nil, errors.New("not sealed here")
	}
	plain, err := s.aead.Open(nil, raw[:s.aead.NonceSize()], raw[s.aead.NonceSize():], []byte(sealLabel))
	if err != nil {
		return nil, errors.New("not sealed here")
	}
	v := &session{}
	return v, json.NewDecoder(bytes.NewReader(plain)).Decode(v)
}

// bind gives the browser a cookie of its own for this page.
func (p *IdentityProvider) bind(w http.ResponseWriter, s *session) error {
	raw := make([]byte, 2*cookieBytes)
	if _, err := io.ReadFull(p.config.Random, raw); err != nil {
		return err
	}
	value := hex.EncodeToString(raw[:cookieBytes])
	s.Cookie = "__Host-kecis-" + hex.EncodeToString(raw[cookieBytes:])[:8]
	s.Browser = sha256.Sum256([]byte(value))
	http.SetCookie(w, &http.Cookie{
		Name: s.Cookie, Value: value, Path: "/", MaxAge: int(pageLife / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	return nil
}

// resume opens the session of a page for the browser that it was given to
// (KECIS-CRT-039). Whatever is wrong looks the same.
func (p *IdentityProvider) resume(r *http.Request, sealed string) (*session, error) {
	refuse := func(found string) (*session, error) {
		return nil, &Error{code: ErrSession, expected: "a page of this browser", found: found}
	}
	s, err := p.seal.open(sealed)
	if err != nil {
		return refuse("one that was not made here")
	}
	cookie, err := r.Cookie(s.Cookie)
	if err != nil {
		return refuse("no cookie")
	}
	shown := sha256.Sum256([]byte(cookie.Value))
	if subtle.ConstantTimeCompare(shown[:], s.Browser[:]) != 1 {
		return refuse("another browser's")
	}
	if !p.clock.Now().Before(s.Expires) {
		return refuse("one that is over")
	}
	return s, nil
}

// The fields and buttons of the page's form.
const (
	fieldSession  = "session"
	fieldAction   = "action"
	fieldLanguage = "language"

	actionContinue = "continue"
	actionDecline  = "decline"
	actionKorean   = "ko"
	actionEnglish  = "en"
)

// answerForm is what the page's form brings.
type answerForm struct{ session, action, language string }

// maxAnswer bounds the form of the page: a sealed session with the largest
// RelayState and addresses.
const maxAnswer = 16 << 10

func readAnswer(w http.ResponseWriter, r *http.Request) (f answerForm, err error) {
	malformed := &Error{code: ErrSession, expected: "the form of the page", found: "another"}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" || r.URL.RawQuery != "" {
		return f, malformed
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	if err != nil {
		return f, malformed
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return f, malformed
	}
	for name, list := range values {
		if len(list) != 1 || !slices.Contains([]string{fieldSession, fieldAction, fieldLanguage}, name) {
			return f, malformed
		}
	}
	f = answerForm{values.Get(fieldSession), values.Get(fieldAction), values.Get(fieldLanguage)}
	switch f.action {
	case actionKorean, actionEnglish:
		f.language = f.action
	case actionContinue, actionDecline:
	default:
		return f, malformed
	}
	return f, nil
}

// Once remembers which requests were answered. Its methods are atomic, also among
// the servers of one provider (KECIS-CRT-038).
type Once interface {
	// Take remembers a key until a time, and reports whether it was new.
	Take(ctx context.Context, key string, until time.Time) (first bool, err error)
	// Seen reports whether a key was taken.
	Seen(ctx context.Context, key string) (bool, error)
}

// JournalOnce is a Once in a journal.
type JournalOnce struct{ Journal journal.Journal }

// The records of answered requests: by key, and by the end of their time.
const (
	answeredSpace = "saml.answered"
	overSpace     = "saml.answered.until"
)

// Take implements Once.
func (j JournalOnce) Take(ctx context.Context, key string, until time.Time) (first bool, err error) {
	err = j.Journal.Update(ctx, func(tx journal.Tx) error {
		first = true
		switch err := tx.Add(answeredSpace, key, []byte{}); {
		case errors.Is(err, journal.ErrExists):
			first = false
			return nil
		case err != nil:
			return err
		}
		return tx.Put(overSpace, until.UTC().Format(time.RFC3339)+" "+key, []byte(key))
	})
	if err != nil {
		return false, err
	}
	return first, nil
}

// Seen implements Once.
func (j JournalOnce) Seen(ctx context.Context, key string) (seen bool, err error) {
	err = j.Journal.View(ctx, func(tx journal.Tx) error {
		_, err := tx.Get(answeredSpace, key)
		seen = err == nil
		if errors.Is(err, journal.ErrNotFound) {
			return nil
		}
		return err
	})
	return seen, err
}

// sweepRows is how many keys are forgotten in one transaction.
const sweepRows = 500

// RunOnce forgets keys whose time is over, and reports whether there were any.
func (j JournalOnce) RunOnce(ctx context.Context, now time.Time) (worked bool, err error) {
	err = j.Journal.Update(ctx, func(tx journal.Tx) error {
		over, err := tx.Range(overSpace, "", now.UTC().Format(time.RFC3339), sweepRows)
		worked = len(over) > 0
		if err != nil {
			return err
		}
		for _, row := range over {
			if err := tx.Delete(answeredSpace, string(row.Value)); err != nil {
				return err
			}
			if err := tx.Delete(overSpace, row.Key); err != nil {
				return err
			}
		}
		return nil
	})
	return worked, err
}
