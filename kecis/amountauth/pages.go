package amountauth

import (
	"bytes"
	"context"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	texts "text/template"
	"time"

	"github.com/kecis/sdk/kecis"
)

//go:embed pages.html
var pagesHTML string

//go:embed pages.css
var pagesCSS string

//go:embed pages.js
var pagesScript string

// PagesConfig is what Pages work with.
type PagesConfig struct {
	Engine *Engine
	// Location is the address below which the pages lie, https or of this machine: the
	// page of a session is Location and "/" and its ID.
	Location string
	// Name is that of the provider, at the head of each page.
	Name string
	// Mailer sends the link of "check later"; nil offers none.
	Mailer Mailer
	// Template replaces Template(); it gets a View.
	Template *template.Template
	// Mail replaces MailTemplate(); it gets a MailView.
	Mail *texts.Template
	// Payee returns the entityID of the payee at whose address a request came, "" if
	// that is not known; nil where the address does not say.
	Payee func(r *http.Request) string
	// Continue returns where the buyer goes on after the end, "" for nowhere; nil too.
	Continue func(s *Session) string
	// Onward has the browser go there by itself after a payment by the Payer, in place of
	// the page that tells of it.
	Onward bool
	// Zone is that of the times shown; nil is Korea's.
	Zone *time.Location
}

// Mailer sends e-mail.
type Mailer interface {
	// MailLink sends a mail, or queues it. It must not log the link.
	MailLink(ctx context.Context, m *LinkMail) error
}

// LinkMail is the mail that lets a buyer go on in another browser.
type LinkMail struct {
	To, Subject, Text string
	// Link stands in Text too. It gives the session to whoever has it, until Expires.
	Link    string
	Expires time.Time
}

// Pages are the buyer's pages, as an http.Handler for the path of Location and all
// below it. They work without scripts.
type Pages struct {
	config PagesConfig
	path   string
	secure bool
	page   *template.Template
	mails  *texts.Template
	zone   *time.Location
	files  map[string]file
}

// file is a style sheet or script, which pages name with its digest.
type file struct {
	media, text, integrity string
}

const (
	styleName  = "style.css"
	scriptName = "script.js"
	// maxForm bounds the body of a form, in bytes; a good one has some hundred.
	maxForm = 8 << 10
)

// NewPages returns the pages. Its error is kecis.ErrConfiguration.
func NewPages(config PagesConfig) (*Pages, error) {
	u, err := url.Parse(config.Location)
	switch {
	case config.Engine == nil:
		return nil, configuration("PagesConfig.Engine")
	case err != nil || strings.Trim(u.Path, "/") == "" || u.RawQuery != "" || u.Fragment != "" || !isSecure(u):
		return nil, configuration("PagesConfig.Location: an address with a path, https or of this machine")
	}
	p := &Pages{
		config: config, path: strings.TrimSuffix(u.Path, "/"), secure: u.Scheme == "https", page: config.Template, zone: config.Zone,
		files: map[string]file{
			styleName:  {"text/css; charset=utf-8", pagesCSS, integrity(pagesCSS)},
			scriptName: {"text/javascript; charset=utf-8", pagesScript, integrity(pagesScript)},
		},
	}
	if p.page == nil {
		if p.page, err = Template(); err != nil {
			return nil, err
		}
	}
	if p.mails = config.Mail; p.mails == nil {
		if p.mails, err = MailTemplate(); err != nil {
			return nil, err
		}
	}
	if p.zone == nil {
		p.zone = time.FixedZone("KST", 9*60*60) // no summer time since 1988
	}
	return p, nil
}

// Template returns the template of the pages, to be replaced by one of the same fields.
func Template() (*template.Template, error) { return template.New("pages").Parse(pagesHTML) }

func isSecure(u *url.URL) bool {
	switch u.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return u.Scheme == "http" || u.Scheme == "https"
	}
	return u.Scheme == "https" && u.Host != ""
}

func integrity(text string) string {
	sum := sha512.Sum384([]byte(text))
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}

// StyleSheet is that of the pages, for pages of the provider that are to look alike.
func StyleSheet() string { return pagesCSS }

// Bound returns the session of a request by its cookie, for a page of the provider's
// own beside these. It refuses as Engine.Visit: with ErrOtherBrowser, if the session is
// bound to another browser.
func (p *Pages) Bound(r *http.Request, id string) (*Session, error) {
	c, err := r.Cookie(p.cookieName(id))
	if err != nil {
		return nil, refuse(ErrOtherBrowser)
	}
	return p.config.Engine.Visit(r.Context(), id, c.Value, p.payee(r))
}

// Lead sends the browser to the page of a session, and binds the session to it as
// Engine.Adopt does: from the page of an order to the authentication for it. language is
// "ko" or "en".
func (p *Pages) Lead(w http.ResponseWriter, r *http.Request, id, language string) error {
	s, err := p.config.Engine.Session(r.Context(), id)
	if err != nil {
		return err
	}
	if _, err := p.Bound(r, id); err != nil {
		secret, err := p.newSecret()
		if err == nil {
			err = p.config.Engine.Adopt(r.Context(), id, secret)
		}
		if err != nil {
			return err
		}
		p.setCookie(w, s, secret)
	}
	header(w.Header())
	w.Header().Set("Location", p.path+"/"+id+"?lang="+url.QueryEscape(language))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// Address returns the address of a session's page. It is no secret: the first browser
// that opens it is the session's, and any other is refused.
func (p *Pages) Address(session string) string {
	return strings.TrimSuffix(p.config.Location, "/") + "/" + session
}

// ServeHTTP answers for the path of Location and all below it.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, below := strings.CutPrefix(r.URL.Path, p.path+"/")
	f, isFile := p.files[rest]
	first, second, deep := strings.Cut(rest, "/")
	switch {
	case !below:
		http.NotFound(w, r)
	case isFile:
		p.serveFile(w, r, f)
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	case r.Method == http.MethodPost && fromElsewhere(r):
		p.problem(w, r, refuse(ErrForm))
	case first == linkPath && deep:
		p.serveLink(w, r, second)
	case deep:
		p.serveKey(w, r, first, second)
	case r.Method == http.MethodPost:
		p.post(w, r, rest)
	default:
		p.get(w, r, rest)
	}
}

// linkPath is before the token in a link. It is no ID of a session, which are in
// hexadecimal digits.
const linkPath = "link"

// fromElsewhere reports a form that a browser says is of another site. The token in
// each form is what protects; a browser that does not say is let through to it.
func fromElsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin" && site != "none"
}

func (p *Pages) serveFile(w http.ResponseWriter, r *http.Request, f file) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.media)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "max-age=3600")
	_, _ = io.WriteString(w, f.text)
}

// header sets the header fields of every page (KECIS-AA-019): nothing from elsewhere, no
// inline script or style, no frame, no store, no referrer.
func header(h http.Header) {
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language, Cookie")
}

// show writes a page.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, v *View) {
	var body bytes.Buffer
	if err := p.page.Execute(&body, v); err != nil {
		p.config.Engine.log.ErrorContext(r.Context(), "a page of amount authentication could not be made", slog.Any("error", err))
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	header(w.Header())
	w.WriteHeader(status)
	_, _ = body.WriteTo(w)
}

// redirect sends the browser to the page of a session.
func (p *Pages) redirect(w http.ResponseWriter, id string) {
	header(w.Header())
	w.Header().Set("Location", p.path+"/"+id)
	w.WriteHeader(http.StatusSeeOther)
}

// problem shows why there is nothing else to show.
func (p *Pages) problem(w http.ResponseWriter, r *http.Request, err error) {
	v := p.newView(w, r)
	v.Page = PageProblem
	status := http.StatusServiceUnavailable
	if e, ok := errors.AsType[*Error](err); ok {
		v.setMessage(e.code)
		v.Title = v.Text.TitleProblem
		if status = http.StatusForbidden; e.code == ErrWrong {
			status = http.StatusNotFound
		}
	} else {
		p.config.Engine.log.ErrorContext(r.Context(), "a page of amount authentication has no session", slog.Any("error", err))
		v.Title, v.Message = v.Text.TitleProblem, v.Text.Unavailable
	}
	p.show(w, r, status, v)
}

// cookieName names a session's cookie. The prefix lets the browser take it only over
// TLS, for this host and all paths.
func (p *Pages) cookieName(id string) string {
	if p.secure {
		return "__Host-kecis-aa-" + id
	}
	return "kecis-aa-" + id
}

// cookieDays is how long a browser is known after the end of a session, for the page of
// its result.
const cookieDays = 24 * time.Hour

func (p *Pages) setCookie(w http.ResponseWriter, s *Session, secret string) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // not Secure only where no TLS is, towards this machine
		Name: p.cookieName(s.ID), Value: secret, Path: "/", MaxAge: int(s.Expires.Add(cookieDays).Sub(p.config.Engine.now()) / time.Second),
		Secure: p.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// newSecret makes the secret of a cookie.
func (p *Pages) newSecret() (string, error) {
	raw := make([]byte, profileSecret)
	_, err := io.ReadFull(p.config.Engine.config.Random, raw)
	return hex.EncodeToString(raw), err
}

func (p *Pages) payee(r *http.Request) string {
	if p.config.Payee == nil {
		return ""
	}
	return p.config.Payee(r)
}

// visit returns the session of a request and the secret of its browser. The first
// browser is bound, by a GET alone.
func (p *Pages) visit(w http.ResponseWriter, r *http.Request, id string) (s *Session, secret string, err error) {
	if c, err := r.Cookie(p.cookieName(id)); err == nil {
		s, err := p.config.Engine.Visit(r.Context(), id, c.Value, p.payee(r))
		return s, c.Value, err
	}
	if r.Method == http.MethodGet && !strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") {
		if secret, err = p.newSecret(); err != nil {
			return nil, "", err
		}
	}
	s, err = p.config.Engine.Visit(r.Context(), id, secret, p.payee(r))
	if err == nil {
		p.setCookie(w, s, secret)
	}
	return s, secret, err
}

// isKorean decides on the language: by the switch, else by what the browser asks for.
func isKorean(r *http.Request) bool {
	switch {
	case r.URL.Query().Get("lang") == "ko":
		return true
	case r.URL.Query().Get("lang") == "en":
		return false
	}
	if c, err := r.Cookie(languageCookie); err == nil {
		return c.Value != "en"
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		switch tag, _, _ := strings.Cut(strings.TrimSpace(part), ";"); strings.ToLower(tag[:min(2, len(tag))]) {
		case "ko":
			return true
		case "en":
			return false
		}
	}
	return true
}

// languageCookie keeps what the switch was set to.
const languageCookie = "kecis-aa-lang"

func (p *Pages) keepLanguage(w http.ResponseWriter, r *http.Request) {
	if lang := r.URL.Query().Get("lang"); lang == "ko" || lang == "en" {
		http.SetCookie(w, &http.Cookie{ //nolint:gosec // as setCookie
			Name: languageCookie, Value: lang, Path: p.path, Secure: p.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
}

func languageOf(korean bool) kecis.Language {
	if korean {
		return kecis.Korean
	}
	return kecis.English
}
