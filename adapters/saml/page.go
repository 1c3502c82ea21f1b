package saml

import (
	"context"
	"crypto/sha256"
	_ "embed" // the texts of the pages
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/clientcert"
)

// The texts of the pages.
var (
	//go:embed page.html
	pageText string
	//go:embed submit.js
	submitScript string
)

// The templates of the pages, by name.
const (
	pageAsk    = "ask"
	pageSend   = "send"
	pageNotice = "notice"
)

// language is one of the two that pages are in.
type language string

const (
	korean  language = "ko"
	english language = "en"
)

// languageOf is the language that was chosen on the page, else the first of the
// browser's that there is, else Korean.
func languageOf(r *http.Request, chosen string) language {
	return language(kecis.PreferredLanguage(r, chosen, kecis.Korean).String())
}

// Page is what the templates show. The template "ask" has the form with the
// button, "send" the form that carries the answer, "notice" a refusal.
type Page struct {
	// Korean says that the page is in Korean, else in English.
	Korean bool
	// Action is where the form goes, Style and Script are files of this provider,
	// Integrity is the script's digest (SRI).
	Action, Style, Script, Integrity string
	// StyleIntegrity is the digest of the style, as Integrity of the script.
	StyleIntegrity string
	// Session is the hidden field of the form of "ask".
	Session string
	// Provider and Entity name the service provider.
	Provider, Entity string
	// Payment is what the login is for, nil if it is for none.
	Payment *Payment
	// Holder is the name of the certificate's holder, with all but its ends hidden;
	// Until is when the certificate ends.
	Holder string
	Until  time.Time
	// PassesCertificate says that the service provider gets the certificate, with
	// the name in it.
	PassesCertificate bool
	// Refused says why the certificate is refused, Remedy what may help; "" if it is
	// not.
	Refused, Remedy string
	// SAMLResponse and RelayState are the fields of the form of "send".
	SAMLResponse, RelayState string
	// Notice is the text of a refusal, Code its code.
	Notice, Code string
}

// Template returns the pages, to be replaced by others with the same names and
// fields.
func Template() *template.Template {
	return template.Must(template.New("pages").Parse(pageText)) // a constant text
}

// refuse fills in why a certificate is refused.
func (p *Page) refuse(err error) {
	text, code := "인증서를 확인할 수 없습니다.", ""
	if !p.Korean {
		text = "The certificate cannot be checked."
	}
	if refused, ok := errors.AsType[*clientcert.Error](err); ok {
		text, code = refused.Text(p.language()), refused.Code()
	}
	p.Refused, p.Code = text, code
	p.Remedy = clientcert.Remedy(clientcert.Code(code), p.language())
}

func (p *Page) language() string {
	if p.Korean {
		return string(korean)
	}
	return string(english)
}

// show writes a page: nothing from elsewhere, no inline script, no frame, no store
// (KECIS-CRT-043).
func (p *IdentityProvider) show(w http.ResponseWriter, status int, name string, page *Page, formAction string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action "+formAction+
		"; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", page.language())
	w.WriteHeader(status)
	page.StyleIntegrity = integrity(clientcert.Style())
	_ = p.pages.ExecuteTemplate(w, name, page) // the connection may be gone
}

// send carries an answer to the service provider: by the script, or by the button.
func (p *IdentityProvider) send(w http.ResponseWriter, s *session, answer []byte, l language) {
	if s.Cookie != "" { // the page is over
		http.SetCookie(w, &http.Cookie{Name: s.Cookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	p.show(w, http.StatusOK, pageSend, &Page{
		Korean: l == korean, Action: s.ReplyTo, Style: p.location(pathStyle), Script: p.location(pathScript),
		Integrity:    integrity(submitScript),
		SAMLResponse: base64.StdEncoding.EncodeToString(answer), RelayState: s.RelayState,
	}, formActions(s.ReplyTo))
}

// integrity names a file by its digest (SRI).
func integrity(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// formActions allows the origin of an address, and https, to which service
// providers redirect: browsers hold redirections after a form to this too.
func formActions(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "https" {
		return "https:"
	}
	return u.Scheme + "://" + u.Host + " https:"
}

// refuse shows why a request is refused. It goes nowhere: nobody is known yet.
func (p *IdentityProvider) refuse(ctx context.Context, w http.ResponseWriter, l language, err error) {
	refused, ok := errors.AsType[*Error](err)
	if !ok {
		p.fail(ctx, w, l, err)
		return
	}
	p.log.InfoContext(ctx, "request refused", slog.Any("reason", err), slog.Any("cause", errors.Unwrap(refused)))
	status := http.StatusBadRequest
	switch {
	case errors.Is(err, ErrTooLarge):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, ErrProvider), errors.Is(err, ErrSignature), errors.Is(err, ErrSession):
		status = http.StatusForbidden
	case errors.Is(err, ErrReplay):
		status = http.StatusConflict
	}
	page := &Page{Korean: l == korean, Style: p.location(pathStyle), Code: refused.Code()}
	page.Notice = refused.Text(page.language())
	p.show(w, status, pageNotice, page, "'none'")
}

// fail shows that this is not possible now.
func (p *IdentityProvider) fail(ctx context.Context, w http.ResponseWriter, l language, err error) {
	p.log.ErrorContext(ctx, "a request cannot be served", slog.Any("error", err))
	page := &Page{Korean: l == korean, Style: p.location(pathStyle), Notice: "This is not possible now. Please try again in a moment."}
	if page.Korean {
		page.Notice = "지금은 처리할 수 없습니다. 잠시 뒤에 다시 시도하십시오."
	}
	p.show(w, http.StatusServiceUnavailable, pageNotice, page, "'none'")
}

func serveFile(w http.ResponseWriter, media, text string) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "max-age=86400")
	_, _ = io.WriteString(w, text) // who asked may be gone
}
