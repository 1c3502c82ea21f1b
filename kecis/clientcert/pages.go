package clientcert

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	_ "embed" // the texts of the pages
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
)

var (
	//go:embed page.html
	pageText string
	//go:embed style.css
	style string
)

// PagesConfig is what Pages work with.
type PagesConfig struct {
	Engine *Engine
	// Location is the https address below which the pages lie: the page of a session is
	// Location, "/" and its ID. Its host is for this alone, since browsers tie
	// certificates to hosts (KECIS-CRT-021).
	Location string
	// Name is that of the provider, at the head of each page; "" for none.
	Name string
	// Shop returns the name of a shop by its entityID; nil shows the entityID.
	Shop func(entity string) string
	// Reader finds the certificate of a request; nil is Direct.
	Reader Reader
	// Continue returns where the buyer goes on after the end, "" for nowhere; nil too.
	Continue func(s *Session) string
	// Template replaces Template(); it gets a View.
	Template *template.Template
	// Random is a cryptographic source.
	Random io.Reader
	// Zone is that of the times shown; nil is Korea's.
	Zone *time.Location
}

// Pages are the buyer's pages, as an http.Handler for the path of Location and all
// below it, on a server with ServerTLS or behind a proxy. They need no script.
type Pages struct {
	config PagesConfig
	path   string
	page   *template.Template
	origin *http.CrossOriginProtection
	zone   *time.Location
}

// View is what a template shows.
type View struct {
	// Language is "ko" or "en", Other the other one.
	Language, Other string
	Text            Texts
	Name, Title     string
	// Style is the address of the style sheet, with its digest.
	Style, StyleIntegrity string
	// Shop, Payee and Amount are what the buyer consents to; "" where there is no session.
	Shop, Payee, Amount string
	// Holder is the name of the certificate's holder, with all but its ends hidden, Until
	// when the certificate ends; "" where none is accepted.
	Holder, Until string
	// Refused says what is refused, Remedy what may help, Code its code; "" for nothing.
	Refused, Remedy, Code string
	// Tries and Ends are what is left.
	Tries, Ends string
	// Facts are what is true after the end, each a sentence.
	Facts []string
	// Form and Try go into the form; Form is "" where there is none.
	Form string
	Try  int
	// Continue is where the buyer goes on; "" for nowhere.
	Continue string
}

// Template returns the template of the pages, to be replaced by one of the same fields.
func Template() *template.Template {
	return template.Must(template.New("page").Parse(pageText)) // a constant text
}

// NewPages returns the pages. Its error is kecis.ErrConfiguration.
func NewPages(c PagesConfig) (*Pages, error) {
	u, err := url.Parse(c.Location)
	switch {
	case c.Engine == nil || c.Random == nil:
		return nil, configuration("an Engine and Random are needed")
	case err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") == "" || u.RawQuery != "" || u.Fragment != "":
		return nil, configuration("Location is https with a path, as https://auth.example/certificate")
	}
	p := &Pages{config: c, path: strings.TrimSuffix(u.Path, "/"), page: c.Template, origin: http.NewCrossOriginProtection(), zone: c.Zone}
	if c.Reader == nil {
		p.config.Reader = Direct{}
	} else if proxy, ok := c.Reader.(*Proxy); ok {
		if err := proxy.Check(); err != nil {
			return nil, errors.Join(kecis.ErrConfiguration, err)
		}
	}
	if p.page == nil {
		p.page = Template()
	}
	if p.zone == nil {
		p.zone = time.FixedZone("KST", 9*60*60) // no summer time since 1988
	}
	return p, nil
}

// Address returns the address of a session's page. It is no secret: opening it
// authenticates nobody.
func (p *Pages) Address(session string) string {
	return strings.TrimSuffix(p.config.Location, "/") + "/" + session
}

// styleName is no ID of a session, which are in hexadecimal digits.
const styleName = "style.css"

// ServeHTTP answers for the path of Location and all below it.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, below := strings.CutPrefix(r.URL.Path, p.path+"/")
	switch {
	case !below || strings.Contains(rest, "/"):
		http.NotFound(w, r)
	case rest == styleName && r.Method == http.MethodGet:
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = io.WriteString(w, style) // who asked may be gone
	case r.Method == http.MethodGet:
		p.get(w, r, rest)
	case r.Method == http.MethodPost:
		p.post(w, r, rest)
	default:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	}
}

// get shows a session, and what the certificate that is presented is worth.
func (p *Pages) get(w http.ResponseWriter, r *http.Request, id string) {
	s, secret, err := p.visit(w, r, id)
	if err != nil {
		p.problem(w, r, nil, err)
		return
	}
	v := p.view(r, s)
	status := http.StatusOK
	if v.ask(p, s, secret) {
		who, err := p.look(r)
		if err != nil {
			status = http.StatusForbidden
			p.logRefusal(r, s, err)
			v.refuse(err)
		} else {
			v.Holder, v.Until = who.Holder.RevealMaskedName(), v.day(who.Holder.NotAfter().In(p.zone))
		}
	}
	p.show(w, r, status, v)
}

// look checks the certificate of a request.
func (p *Pages) look(r *http.Request) (*Authentication, error) {
	presented, err := p.config.Reader.Certificates(r)
	if err != nil {
		return nil, err
	}
	return p.config.Engine.config.Verifier.Verify(r.Context(), presented)
}

// maxForm bounds the form of a page, in bytes; a good one has some hundred.
const maxForm = 4 << 10

// post takes the button of a session's page (KECIS-CRT-046).
func (p *Pages) post(w http.ResponseWriter, r *http.Request, id string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if p.origin.Check(r) != nil || r.ParseForm() != nil {
		p.problem(w, r, nil, refuse(ErrForm))
		return
	}
	s, secret, err := p.visit(w, r, id)
	if err != nil {
		p.problem(w, r, nil, err)
		return
	}
	try, err := strconv.Atoi(r.PostForm.Get("try"))
	if err != nil || !hmac.Equal([]byte(r.PostForm.Get("form")), []byte(p.token(s, secret, try))) {
		p.again(w, r, s, secret, refuse(ErrForm))
		return
	}
	if r.PostForm.Get("do") == "cancel" {
		s, err = p.config.Engine.Cancel(r.Context(), id)
	} else {
		s, err = p.present(r, s, try)
	}
	switch {
	case s == nil:
		p.problem(w, r, nil, err)
	case err != nil:
		p.logRefusal(r, s, err)
		p.again(w, r, s, secret, err)
	default:
		p.config.Engine.log.InfoContext(r.Context(), "authentication by certificate", slog.String("session", s.ID), slog.String("state", string(s.State)))
		w.Header().Set("Location", p.path+"/"+id+"?lang="+p.language(r, s).String())
		header(w.Header())
		w.WriteHeader(http.StatusSeeOther)
	}
}

// present hands the certificate of a request to the engine.
func (p *Pages) present(r *http.Request, s *Session, try int) (*Session, error) {
	presented, err := p.config.Reader.Certificates(r)
	if err != nil {
		return s, err
	}
	return p.config.Engine.Present(r.Context(), s.ID, try, presented)
}

// again shows a session with why it does not go on.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, s *Session, secret string, err error) {
	v := p.view(r, s)
	v.ask(p, s, secret)
	if s.State == Open {
		v.refuse(err)
	}
	p.show(w, r, http.StatusForbidden, v)
}

// token is what the form of a session carries: only the page for this browser, this try
// and what it shows has it.
func (p *Pages) token(s *Session, secret string, try int) string {
	shown := s.Shown()
	h := hmac.New(sha256.New, p.config.Engine.forms)
	_, _ = fmt.Fprintf(h, "%s %d %x %s", s.ID, try, shown, secret) // a hash takes everything
	return hex.EncodeToString(h.Sum(nil))
}

// cookieName names a session's cookie. The prefix lets the browser take it only over
// TLS, for this host and all paths.
func cookieName(id string) string { return "__Host-kecis-cert-" + id }

const (
	// cookieBytes makes a cookie that nobody guesses.
	cookieBytes = 16
	// cookieLonger is how long a browser is known after the end of a session, for the
	// page of its result.
	cookieLonger = 24 * time.Hour
)

// visit returns the session of a request and the secret of its browser. The first
// browser is bound, by a GET alone.
func (p *Pages) visit(w http.ResponseWriter, r *http.Request, id string) (s *Session, secret string, err error) {
	if c, err := r.Cookie(cookieName(id)); err == nil {
		s, err := p.config.Engine.Visit(r.Context(), id, c.Value)
		return s, c.Value, err
	}
	if r.Method == http.MethodGet && !strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") {
		raw := make([]byte, cookieBytes)
		if _, err := io.ReadFull(p.config.Random, raw); err != nil {
			return nil, "", err
		}
		secret = hex.EncodeToString(raw)
	}
	if s, err = p.config.Engine.Visit(r.Context(), id, secret); err != nil {
		return nil, "", err
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(id), Value: secret, Path: "/", MaxAge: int(s.Expires.Add(cookieLonger).Sub(p.config.Engine.now()) / time.Second),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return s, secret, nil
}

// logRefusal logs why; the error names nobody.
func (p *Pages) logRefusal(r *http.Request, s *Session, err error) {
	p.config.Engine.log.InfoContext(r.Context(), "certificate refused", slog.String("session", s.ID), slog.Any("reason", err))
}

// problem shows why there is no session to show.
func (p *Pages) problem(w http.ResponseWriter, r *http.Request, s *Session, err error) {
	v := p.view(r, s)
	v.Title = v.Text.TitleProblem
	status := http.StatusForbidden
	switch {
	case errors.Is(err, ErrUnknown):
		status = http.StatusNotFound
	case v.refuse(err):
	default:
		status = http.StatusServiceUnavailable
		p.config.Engine.log.ErrorContext(r.Context(), "a page of an authentication cannot be shown", slog.Any("error", err))
	}
	v.refuse(err)
	v.Remedy = ""
	p.show(w, r, status, v)
}

// header sets the header fields of every page (KECIS-CRT-043).
func header(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language, Cookie")
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, v *View) {
	var body bytes.Buffer
	if err := p.page.Execute(&body, v); err != nil {
		p.config.Engine.log.ErrorContext(r.Context(), "a page of an authentication cannot be made", slog.Any("error", err))
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	header(w.Header())
	w.Header().Set("Content-Language", v.Language)
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // who asked may be gone
}

// integrity is the digest of a file, as pages name it (SRI).
func integrity(text string) string {
	sum := sha512.Sum384([]byte(text))
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}
