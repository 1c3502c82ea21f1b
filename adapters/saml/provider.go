package saml

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// Config is what an identity provider is made of.
type Config struct {
	// Entity is the entityID.
	Entity string
	// Location is the address that all pages lie below, as https://idp.example/saml.
	// Its host is for this provider alone, since browsers tie certificates to hosts
	// (KECIS-CRT-021).
	Location string
	// Signer signs answers; Certificate holds its public key, for service providers
	// that want one.
	Signer      *xmlsig.Signer
	Certificate *x509.Certificate
	// MetadataSigner signs the metadata: another key (KECIS-SIG-029).
	MetadataSigner *xmlsig.Signer
	// Reader finds the certificate of a request, and Verifier checks it. A nil Reader
	// is clientcert.Direct.
	Reader   clientcert.Reader
	Verifier *clientcert.Verifier
	// Providers are whom people log in to.
	Providers Providers
	// Once remembers the requests that were answered.
	Once Once
	// PseudonymSecret is the secret of persistent names, of at least
	// clientcert.MinPseudonymSecret bytes: with another, everybody is somebody else.
	PseudonymSecret []byte
	// SessionSecret seals the pages, 32 bytes. All servers of one provider share it.
	SessionSecret []byte
	// Payment, if not nil, returns what a request's login is for; nil is no payment.
	Payment func(ctx context.Context, r UnverifiedAuthnRequest) (*Payment, error)
	// Record, if not nil, keeps the evidence of a login before its answer leaves; an
	// error keeps it from leaving.
	Record func(ctx context.Context, login Login) error
	// Template replaces the pages: see Template.
	Template *template.Template
	// Clock is the machine's where it is nil, Random crypto/rand, Log silent.
	Clock  kecis.Clock
	Random io.Reader
	Log    *slog.Logger
}

// Payment is what a page shows of a payment that a login is for.
type Payment struct {
	// Payee is whom the money goes to, Amount how much, as people write it.
	Payee, Amount string
	// Digest is that of the OrderRef, which enters the evidence (P26).
	Digest [32]byte
}

// digest is that of what a page shows; of no payment it is zero.
func (p *Payment) digest() (sum [sha256.Size]byte) {
	if p == nil {
		return sum
	}
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %x", p.Payee, p.Amount, p.Digest))
}

// payment is what a session's login is for, or nil.
func (p *IdentityProvider) payment(ctx context.Context, s *session) (*Payment, error) {
	if p.config.Payment == nil {
		return nil, nil
	}
	return p.config.Payment(ctx, s.request())
}

// Login is the evidence of a login. It names the holder by the pseudonym alone.
type Login struct {
	// Provider, Request and Answer name the service provider and the IDs.
	Provider, Request, Answer string
	// Pseudonym is what the service provider knows the holder by.
	Pseudonym string
	// Authentication is what was found out about the certificate.
	Authentication *clientcert.Authentication
	Payment        *Payment
	At             time.Time
}

// IdentityProvider is the http.Handler of all pages below Location.
type IdentityProvider struct {
	config   Config
	clock    kecis.Clock
	log      *slog.Logger
	seal     *sealer
	pages    *template.Template
	origin   *http.CrossOriginProtection
	basePath string
}

// The pages below Location.
const (
	pathSSO      = "/sso"
	pathAnswer   = "/answer"
	pathMetadata = "/metadata"
	pathScript   = "/submit.js"
	pathStyle    = "/style.css"
)

// New returns an identity provider, or says what is missing in its configuration.
func New(c Config) (*IdentityProvider, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("saml: %w", err)
	}
	if c.Reader == nil {
		c.Reader = clientcert.Direct{}
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	p := &IdentityProvider{config: c, clock: c.Clock, log: c.Log, pages: c.Template, origin: http.NewCrossOriginProtection()}
	if p.clock == nil {
		p.clock = kecis.SystemClock{}
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.pages == nil {
		p.pages = Template()
	}
	u, err := url.Parse(c.Location)
	if err != nil {
		return nil, err
	}
	p.basePath = u.Path
	p.seal, err = newSealer(c.SessionSecret)
	return p, err
}

// sessionSecret is the length of Config.SessionSecret, in bytes: an AES-256 key is
// derived from it.
const sessionSecret = 32

func (c *Config) check() error {
	u, err := url.Parse(c.Location)
	switch {
	case c.Entity == "" || len(c.Entity) > maxEntity:
		return errors.New("config: Entity is missing or too long")
	case err != nil || !secureAddress(c.Location) || u.RawQuery != "" || u.Path == "" || strings.HasSuffix(u.Path, "/"):
		return errors.New("config: Location is an https address with a path and no slash behind, as https://idp.example/saml")
	case c.Signer == nil || c.MetadataSigner == nil:
		return errors.New("config: Signer or MetadataSigner is missing")
	case c.Signer.Public().ID() == c.MetadataSigner.Public().ID():
		return errors.New("a key has one use: MetadataSigner has the key of Signer")
	case c.Certificate == nil || !sameKey(c.Certificate, c.Signer):
		return errors.New("config: Certificate is missing or not of the Signer's key")
	case c.Verifier == nil || c.Providers == nil || c.Once == nil:
		return errors.New("config: Verifier, Providers or Once is missing")
	case len(c.PseudonymSecret) < clientcert.MinPseudonymSecret || len(c.SessionSecret) < sessionSecret:
		return errors.New("config: PseudonymSecret and SessionSecret have at least 32 bytes each")
	}
	if proxy, ok := c.Reader.(*clientcert.Proxy); ok {
		return proxy.Check()
	}
	return nil
}

func sameKey(c *x509.Certificate, s *xmlsig.Signer) bool {
	key, err := xmlsig.NewPublicKey(c.PublicKey)
	return err == nil && key.ID() == s.Public().ID()
}

// location is the address of a page.
func (p *IdentityProvider) location(path string) string { return p.config.Location + path }

// ServeHTTP serves the pages below Location.
func (p *IdentityProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, p.basePath)
	switch {
	case !ok:
		http.NotFound(w, r)
	case path == pathSSO && (r.Method == http.MethodGet || r.Method == http.MethodPost):
		p.serveSSO(w, r)
	case path == pathAnswer && r.Method == http.MethodPost:
		p.serveAnswer(w, r)
	case path == pathMetadata && r.Method == http.MethodGet:
		p.serveMetadata(w, r)
	case path == pathScript && r.Method == http.MethodGet:
		serveFile(w, "text/javascript; charset=utf-8", submitScript)
	case path == pathStyle && r.Method == http.MethodGet:
		serveFile(w, "text/css; charset=utf-8", clientcert.Style())
	default:
		http.NotFound(w, r)
	}
}

// serveSSO is the way of a request: read, verify what is signed, find where the
// answer goes, and show the page that asks the person.
func (p *IdentityProvider) serveSSO(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	language := languageOf(r, "")
	a, err := readArrival(w, r)
	if err != nil {
		p.refuse(ctx, w, language, err)
		return
	}
	request, wanted, provider, err := p.openRequest(ctx, a)
	if err != nil {
		p.refuse(ctx, w, language, err)
		return
	}
	s, err := p.begin(ctx, request, wanted, provider)
	if err != nil {
		p.refuse(ctx, w, language, err)
		return
	}
	s.RelayState = a.relayState
	if status := wanted.impossible(); status != nil {
		p.answerStatus(ctx, w, s, language, status)
		return
	}
	if err := p.bind(w, s); err != nil {
		p.fail(ctx, w, language, err)
		return
	}
	p.ask(ctx, w, r, s, language)
}

// begin checks a request against this place, this time and what was answered
// before, and makes the session that its page carries.
func (p *IdentityProvider) begin(ctx context.Context, request UnverifiedAuthnRequest, w *wishes, provider *ServiceProvider) (*session, error) {
	if err := p.checkHere(w); err != nil {
		return nil, err
	}
	to, err := provider.replyTo(w)
	if err != nil {
		return nil, err
	}
	s := &session{
		Provider: provider.Entity, Request: request.ID(), Force: request.ForceAuthn(), ReplyTo: to,
		Transient: w.nameIDFormat == transientName || w.nameIDFormat != persistentName && provider.Transient,
		Expires:   p.clock.Now().Add(pageLife),
	}
	seen, err := p.config.Once.Seen(ctx, s.key())
	if err != nil {
		return nil, err
	}
	if seen {
		return nil, &Error{code: ErrReplay, expected: "a request that was not answered", found: "one that was"}
	}
	return s, nil
}

// ask shows the page with the button; with a certificate that is refused it says
// why, and the only way is back.
func (p *IdentityProvider) ask(ctx context.Context, w http.ResponseWriter, r *http.Request, s *session, language language) {
	provider, err := p.config.Providers.ServiceProvider(ctx, s.Provider)
	if err != nil || provider == nil {
		p.refuse(ctx, w, language, errors.Join(err, ErrProvider))
		return
	}
	payment, err := p.payment(ctx, s)
	if err != nil {
		p.fail(ctx, w, language, err)
		return
	}
	s.Shown = payment.digest()
	sealed, err := p.seal.seal(p.config.Random, s)
	if err != nil {
		p.fail(ctx, w, language, err)
		return
	}
	page := Page{
		Korean: language == korean, Action: p.location(pathAnswer), Style: p.location(pathStyle), Session: sealed,
		Provider: provider.name(language == korean), Entity: provider.Entity, Payment: payment, PassesCertificate: provider.HolderOfKey,
	}
	status := http.StatusOK
	if who, err := p.authenticate(ctx, r); err != nil {
		status = http.StatusForbidden
		p.logRefusal(ctx, s, err)
		page.refuse(err)
	} else {
		page.Holder, page.Until = who.Holder.RevealMaskedName(), who.Holder.NotAfter()
	}
	p.show(w, status, pageAsk, &page, "'self'")
}

// authenticate finds and checks the certificate of a request.
func (p *IdentityProvider) authenticate(ctx context.Context, r *http.Request) (*clientcert.Authentication, error) {
	presented, err := p.config.Reader.Certificates(r)
	if err != nil {
		return nil, err
	}
	return p.config.Verifier.Verify(ctx, presented)
}

// serveAnswer takes the button of the page: go on, decline, or another language.
func (p *IdentityProvider) serveAnswer(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	language := languageOf(r, "")
	if err := p.origin.Check(r); err != nil {
		p.refuse(ctx, w, language, &Error{code: ErrSession, expected: "the provider's own page", found: "another site", cause: err})
		return
	}
	form, err := readAnswer(w, r)
	if err != nil {
		p.refuse(ctx, w, language, err)
		return
	}
	s, err := p.resume(r, form.session)
	if err != nil {
		p.refuse(ctx, w, language, err)
		return
	}
	language = languageOf(r, form.language)
	switch form.action {
	case actionContinue:
		p.finish(ctx, w, r, s, language)
	case actionDecline:
		p.answerStatus(ctx, w, s, language, statusDeclined())
	default:
		p.ask(ctx, w, r, s, language)
	}
}

// finish authenticates the person and sends the answer.
func (p *IdentityProvider) finish(ctx context.Context, w http.ResponseWriter, r *http.Request, s *session, language language) {
	provider, err := p.config.Providers.ServiceProvider(ctx, s.Provider)
	if err == nil && (provider == nil || !provider.current(p.clock.Now()) || !provider.has(s.ReplyTo)) {
		err = &Error{code: ErrProvider, expected: "a service provider with current metadata", found: quote(s.Provider)}
	}
	if err != nil {
		p.refuse(ctx, w, language, err)
		return
	}
	who, err := p.authenticate(ctx, r)
	if err != nil {
		p.ask(ctx, w, r, s, language) // says why
		return
	}
	payment, err := p.payment(ctx, s)
	if err != nil {
		p.fail(ctx, w, language, err)
		return
	}
	if payment.digest() != s.Shown { // it is no longer what the person saw
		p.ask(ctx, w, r, s, language)
		return
	}
	answer, login, err := p.success(s, provider, who)
	if err != nil {
		p.fail(ctx, w, language, err)
		return
	}
	login.Payment = payment
	if err := p.take(ctx, s); err != nil {
		p.refuse(ctx, w, language, err)
		return
	}
	if p.config.Record != nil {
		if err := p.config.Record(ctx, *login); err != nil {
			p.fail(ctx, w, language, err)
			return
		}
	}
	p.log.InfoContext(ctx, "login by certificate", slog.String("provider", s.Provider), slog.String("request", s.Request),
		slog.String("answer", login.Answer), slog.String("policy", who.Policy), slog.Bool("revocationKnown", who.Revocation.Known()))
	p.send(w, s, answer, language)
}

// answerStatus answers a request without an assertion (KECIS-CRT-042).
func (p *IdentityProvider) answerStatus(ctx context.Context, w http.ResponseWriter, s *session, language language, status *status) {
	answer, err := p.failure(s, status)
	if err != nil {
		p.fail(ctx, w, language, err)
		return
	}
	if err := p.take(ctx, s); err != nil {
		p.refuse(ctx, w, language, err)
		return
	}
	p.log.InfoContext(ctx, "answered without a login", slog.String("provider", s.Provider), slog.String("request", s.Request), slog.String("status", status.second))
	p.send(w, s, answer, language)
}

// take makes a request's answer the only one.
func (p *IdentityProvider) take(ctx context.Context, s *session) error {
	first, err := p.config.Once.Take(ctx, s.key(), p.clock.Now().Add(remembered))
	if err != nil {
		return err
	}
	if !first {
		return &Error{code: ErrReplay, expected: "a request that was not answered", found: "one that was"}
	}
	return nil
}

// logRefusal logs why a certificate was refused; the error names nobody.
func (p *IdentityProvider) logRefusal(ctx context.Context, s *session, err error) {
	p.log.InfoContext(ctx, "certificate refused", slog.String("provider", s.Provider), slog.String("request", s.Request), slog.Any("reason", err))
}
