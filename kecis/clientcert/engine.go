package clientcert

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

const (
	// DefaultTimeout is the time of a session, as that of amount authentication.
	DefaultTimeout = 20 * time.Minute
	// MaxTimeout is the longest: a certificate is at hand or it is not.
	MaxTimeout = 24 * time.Hour
	// MaxTries is how many certificates may be refused (KECIS-CRT-047): nobody has
	// more by chance, and each costs a look-up at its authority.
	MaxTries = 5
	// DefaultKeep is how long a session is kept after its end.
	DefaultKeep = 90 * 24 * time.Hour

	// runBatch bounds the sessions that one RunOnce looks at.
	runBatch = 50
	// maxName bounds a payee's name, in bytes, and maxKey a key.
	maxName, maxKey = 300, 64
)

// EngineConfig is what an Engine works with.
type EngineConfig struct {
	// Journal keeps all state; it must be durable.
	Journal journal.Journal
	// Verifier checks certificates. Its mode of revocation is FailClosed, and its
	// policies are listed (KECIS-CRT-008 and 011).
	Verifier *Verifier
	// Secret is what pseudonyms and forms are made with, at least MinPseudonymSecret
	// bytes. With another, everybody is somebody else.
	Secret []byte
	// Ended is called in the commit in which a session comes into a final state; nil
	// if nobody is to be told. It must not call anything that waits, and may run more
	// than once. With an error there is no commit.
	Ended func(tx journal.Tx, s *Session) error
	// Timeout is DefaultTimeout if 0, at most MaxTimeout; Tries is MaxTries if 0, which
	// is also the most; Keep is DefaultKeep if 0, at least 30 days.
	Timeout time.Duration
	Tries   int
	Keep    time.Duration
	// Clock is the system's if nil; Log may be nil.
	Clock kecis.Clock
	Log   *slog.Logger
}

// Engine authenticates buyers of orders by certificate: sessions that end once, in
// one commit each. Its methods may be called from several goroutines, and on several
// servers with the same journal and secret.
type Engine struct {
	config EngineConfig
	clock  kecis.Clock
	log    *slog.Logger
	names  []byte // secret of pseudonyms
	forms  []byte // secret of forms
}

// The labels that make two secrets of one.
const (
	namesLabel = "kecis clientcert 1 names"
	formsLabel = "kecis clientcert 1 forms"
)

// NewEngine returns an engine. Its error is kecis.ErrConfiguration.
func NewEngine(c EngineConfig) (*Engine, error) {
	setDefault(&c.Timeout, DefaultTimeout)
	setDefault(&c.Tries, MaxTries)
	setDefault(&c.Keep, DefaultKeep)
	const leastKeep = 30 * 24 * time.Hour // as long as a dispute may take to begin
	switch {
	case c.Journal == nil || c.Verifier == nil:
		return nil, configuration("a Journal and a Verifier are needed")
	case c.Verifier.revocation.Mode != FailClosed || c.Verifier.policy.AnyPolicy:
		return nil, configuration("for payments revocation fails closed, and certificate policies are listed")
	case len(c.Secret) < MinPseudonymSecret:
		return nil, configuration("the Secret has at least 32 bytes")
	case c.Timeout < 0 || c.Timeout > MaxTimeout || c.Tries < 0 || c.Tries > MaxTries || c.Keep < leastKeep:
		return nil, configuration("Timeout, Tries or Keep is beyond its bound")
	}
	e := &Engine{config: c, clock: c.Clock, log: c.Log}
	if e.clock == nil {
		e.clock = kecis.SystemClock{}
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if e.names, err = hkdf.Key(sha256.New, c.Secret, nil, namesLabel, MinPseudonymSecret); err != nil {
		return nil, err
	}
	e.forms, err = hkdf.Key(sha256.New, c.Secret, nil, formsLabel, sha256.Size)
	return e, err
}

func setDefault[T int | time.Duration](v *T, to T) {
	if *v == 0 {
		*v = to
	}
}

func configuration(what string) error {
	return fmt.Errorf("%w: clientcert: %s", kecis.ErrConfiguration, what)
}

func refuse(code Code) error { return &Error{code: code} }

// now is the time as the journal keeps it.
func (e *Engine) now() time.Time { return e.clock.Now().UTC().Truncate(time.Millisecond) }

// Request begins a session. Nothing of it changes later.
type Request struct {
	// Key names the request, 1 to 64 characters: the same key with the same contents is
	// the same session.
	Key string
	// Owner is the entityID of who asked, to whom the holder gets a pseudonym.
	Owner string
	Order kecis.OrderRef
	Payee Payee
	// Amount is that of the whole order.
	Amount   kecis.Money
	Language kecis.Language
}

func (q *Request) check() error {
	switch {
	case q.Key == "" || len(q.Key) > maxKey || q.Owner == "" || len(q.Payee.Name) > maxName:
		return errors.New("clientcert: a Request has a key, an owner and a name of a payee within their lengths")
	case q.Order.Requester == "" || q.Order.OrderID == "" || q.Payee.Entity == "":
		return errors.New("clientcert: a Request has an order and a payee")
	case q.Amount.Minor < 1 || q.Amount.Minor > kecis.MaxMinor || q.Amount.Currency.Exponent() < 0:
		return errors.New("clientcert: a Request has an amount")
	}
	return nil
}

// digest tells requests apart that carry one key.
func (q *Request) digest() []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %d %d %q %q %d %q %d", q.Key, q.Owner, q.Order.Requester, q.Order.OrderID,
		q.Order.Attempt, q.Order.Part, q.Payee.Entity, q.Payee.Name, q.Amount.Minor, string(q.Amount.Currency), q.Language))
	return sum[:]
}

// errOther is the error of another request under a key that is taken.
var errOther = errors.New("clientcert: another request has that key")

// Begin begins a session, or returns the one that was begun with the same request. It
// refuses with ErrGivenUp after Abandon; any other error is the journal's, or of a
// request without form.
func (e *Engine) Begin(ctx context.Context, q *Request) (s *Session, err error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	id := SessionID(q.Key)
	err = e.config.Journal.Update(ctx, func(tx journal.Tx) error {
		r, err := load(tx, id)
		switch {
		case err == nil && r.Request == nil:
			return refuse(ErrGivenUp)
		case err == nil && !hmac.Equal(r.Request, q.digest()):
			return errOther
		case errors.Is(err, journal.ErrNotFound):
			now := e.now()
			r = &record{
				id: id, Key: q.Key, Owner: q.Owner, State: Open, Order: q.Order, Payee: q.Payee, Amount: q.Amount, Language: q.Language,
				Request: q.digest(), Began: now, Expires: now.Add(e.config.Timeout), Allowed: e.config.Tries,
			}
			err = r.save(tx, r.Expires)
		}
		if err != nil {
			return err
		}
		s = r.view()
		return nil
	})
	return s, err
}

// Session returns a session by its ID, or ErrUnknown; any error of another kind is the
// journal's.
func (e *Engine) Session(ctx context.Context, id string) (s *Session, err error) {
	err = e.config.Journal.View(ctx, func(tx journal.Tx) error {
		r, err := load(tx, id)
		if err == nil {
			s = r.view()
		}
		return err
	})
	return s, unknown(err)
}

func unknown(err error) error {
	if errors.Is(err, journal.ErrNotFound) {
		return refuse(ErrUnknown)
	}
	return err
}

// change runs a change of one session in one commit. A refusal that it returns does
// not keep the commit from being made.
func (e *Engine) change(ctx context.Context, id string, change func(tx journal.Tx, r *record) error) (s *Session, refused error) {
	err := e.config.Journal.Update(ctx, func(tx journal.Tx) error {
		refused = nil
		r, err := load(tx, id)
		if err != nil {
			return err
		}
		if err = change(tx, r); err != nil {
			if _, ok := errors.AsType[*Error](err); !ok {
				return err
			}
			refused = err
		}
		s = r.view()
		return nil
	})
	if err != nil {
		return nil, unknown(err)
	}
	return s, refused
}

// end brings a session into a final state and tells of it, in the same commit.
func (e *Engine) end(tx journal.Tx, r *record, state State, at time.Time) error {
	r.State, r.Ended = state, at
	if err := r.save(tx, at.Add(e.config.Keep)); err != nil {
		return err
	}
	if e.config.Ended == nil {
		return nil
	}
	return e.config.Ended(tx, r.view())
}

// Visit binds a session to the first browser that comes, by the secret in its cookie,
// and refuses any other with ErrOtherBrowser.
func (e *Engine) Visit(ctx context.Context, id, secret string) (*Session, error) {
	mine := sha256.Sum256([]byte("browser\n" + secret))
	check := func(r *record) error {
		if secret == "" || subtle.ConstantTimeCompare(r.Browser, mine[:]) != 1 {
			return refuse(ErrOtherBrowser)
		}
		return nil
	}
	var seen *record
	err := e.config.Journal.View(ctx, func(tx journal.Tx) (err error) {
		seen, err = load(tx, id)
		return err
	})
	switch {
	case err != nil:
		return nil, unknown(err)
	case seen.Browser != nil || secret == "":
		return seen.view(), check(seen)
	}
	return e.change(ctx, id, func(tx journal.Tx, r *record) error {
		if r.Browser != nil { // another was faster
			return check(r)
		}
		r.Browser = mine[:]
		return r.save(tx, r.Due)
	})
}

// Present checks what the buyer presented with the button of the page, which is of the
// try with that number, from 0 on. A session that is Verified already is returned as it
// is. It refuses with why the certificate is refused, ErrForm if the page was of an
// earlier try, and with ErrLocked, ErrLate or ErrGivenUp of a session that has ended;
// the session is returned beside a refusal.
func (e *Engine) Present(ctx context.Context, id string, try int, presented []*x509.Certificate) (*Session, error) {
	s, err := e.Session(ctx, id)
	if err != nil || s.State != Open {
		return s, after(err, s.refusal())
	}
	who, err := e.config.Verifier.Verify(ctx, presented) // asks the authorities, with no transaction open
	refused, ok := errors.AsType[*Error](err)
	if err != nil && !ok {
		return s, err
	}
	return e.change(ctx, id, func(tx journal.Tx, r *record) error {
		now := e.now()
		switch {
		case r.final():
			return r.view().refusal()
		case !now.Before(r.Expires):
			return after(e.end(tx, r, Expired, now), refuse(ErrLate))
		case try != r.Tries:
			return refuse(ErrForm)
		case refused == nil:
			return e.verified(tx, r, who)
		}
		if !counts(refused.code) {
			return refused
		}
		r.Tries, r.Refused = r.Tries+1, refused.code
		if r.Tries >= r.Allowed {
			return after(e.end(tx, r, Locked, now), refuse(ErrLocked))
		}
		return after(r.save(tx, r.Due), refused)
	})
}

// after is a refusal that is told once what it means was written down.
func after(written, refusal error) error {
	if written != nil {
		return written
	}
	return refusal
}

// refusal is that of a session that has ended without success.
func (s *Session) refusal() error {
	if s == nil || s.State.code() == "" {
		return nil
	}
	return refuse(s.State.code())
}

// counts reports whether a refusal is one of the certificate itself: none at all, and
// an authority that does not answer, are not the buyer's try (KECIS-CRT-047).
func counts(c Code) bool { return c != ErrAbsent && c != ErrRevocationUnknown && c != ErrChannel }

// verified ends a session with what was found out.
func (e *Engine) verified(tx journal.Tx, r *record, who *Authentication) error {
	source := kecis.RevocationOCSP
	switch who.Revocation.Source {
	case SourceOCSP:
	case SourceCRL:
		source = kecis.RevocationCRL
	case SourceNone: // an anchor itself, of which nobody says that it was revoked
		return &Error{code: ErrRevocationUnknown, expected: "a certificate below an anchor", found: "an anchor"}
	}
	r.Certificate = &kecis.CertificateProof{
		Holder: who.Holder.Pseudonym(e.names, r.Owner), Policy: who.Policy, Certificate: who.Certificate, Chain: who.Chain,
		Revocation: source, Shown: r.view().Shown(),
	}
	return e.end(tx, r, Verified, who.At.UTC().Truncate(time.Millisecond))
}

// Cancel gives a session up, for the buyer; one that has ended stays as it is.
func (e *Engine) Cancel(ctx context.Context, id string) (*Session, error) {
	return e.change(ctx, id, func(tx journal.Tx, r *record) error {
		if r.final() {
			return nil
		}
		return e.end(tx, r, Cancelled, e.now())
	})
}

// Abandon ends the session that was, or would be, begun with that key. It never begins
// after it.
func (e *Engine) Abandon(ctx context.Context, key string) error {
	_, err := e.Cancel(ctx, SessionID(key))
	if !errors.Is(err, ErrUnknown) {
		return err
	}
	return e.config.Journal.Update(ctx, func(tx journal.Tx) error {
		id := SessionID(key)
		if r, err := load(tx, id); err == nil && !r.final() { // it was begun meanwhile
			return e.end(tx, r, Cancelled, e.now())
		} else if err == nil || !errors.Is(err, journal.ErrNotFound) {
			return err
		}
		now := e.now()
		r := &record{id: id, Key: key, State: Cancelled, Began: now, Expires: now, Ended: now}
		return r.save(tx, now.Add(e.config.Keep))
	})
}

// RunOnce ends sessions whose time is over, and forgets those that ended long ago. It
// reports whether there were any: call it again at once then, else within a second or
// so. Any number of servers may do so.
func (e *Engine) RunOnce(ctx context.Context) (worked bool, err error) {
	var due []journal.Record
	err = e.config.Journal.View(ctx, func(tx journal.Tx) (err error) {
		due, err = tx.Range(spaceDue, "", dueBefore(e.now().Add(time.Millisecond)), runBatch)
		return err
	})
	for _, row := range due {
		_, one := e.change(ctx, string(row.Value), e.late)
		if one != nil && !errors.Is(one, ErrUnknown) { // another server has forgotten it
			err = errors.Join(err, one)
		}
	}
	return len(due) > 0, err
}

// late does what is due of a session.
func (e *Engine) late(tx journal.Tx, r *record) error {
	now := e.now()
	switch {
	case r.Due.After(now): // another server was faster
		return nil
	case r.final():
		return r.forget(tx)
	}
	return e.end(tx, r, Expired, now)
}
