package kecis

import (
	"context"
	"crypto/subtle"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// Checkout is the front channel of a provider: where buyers' browsers bring
// orders, and the pages on which they pay (P19, chapter 57).
type Checkout struct {
	// Location is the address that orders are posted to, which they name as their
	// Destination; the pages of sessions lie below it.
	Location string
	// Page shows what a buyer sees between the order and its answer.
	Page Page
	// FormTemplate replaces the page that carries the answer back; nil is
	// FormTemplate().
	FormTemplate *template.Template
}

// Page is the provider's hosted page. The SDK has verified the order, opened the
// session and told the browser apart from others; the page shows payee and
// amount, lets the buyer choose, and ends in Visit.Pay or Visit.Cancel.
type Page interface {
	// ServePage answers a GET, and each POST that comes from the page itself. Header
	// fields that forbid inline scripts, frames and other places are set before.
	ServePage(w http.ResponseWriter, r *http.Request, v *Visit)
}

// check names what is missing or wrong.
func (c *Checkout) check(endpoint string) error {
	switch {
	case c.Page == nil && c.Location == "":
		return nil
	case c.Page == nil:
		return &configurationError{"ServerConfig.Checkout.Page"}
	case !validURI(c.Location) || !secure(c.Location) || c.path() == "":
		return &configurationError{"ServerConfig.Checkout.Location: an address with a path, https or of this machine"}
	case c.Location == endpoint:
		return &configurationError{"ServerConfig.Checkout.Location: the back channel has another (KECIS-ORD-010)"}
	}
	return nil
}

// path is the path of the address without a slash behind.
func (c *Checkout) path() string {
	u, err := url.Parse(c.Location)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(u.Path, "/")
}

// scriptName is the last part of the address of SubmitScript.
const scriptName = "submit.js"

// Checkout returns the handler of the front channel, for the path of
// Checkout.Location and for all below it. Without a Checkout in the
// configuration nothing is found there.
func (s *Server) Checkout() http.Handler {
	if s.config.Checkout.Page == nil {
		return http.NotFoundHandler()
	}
	base := s.config.Checkout.path()
	script, same := SubmitScript(), http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.admit() {
			noticeUnavailable().write(w)
			return
		}
		defer s.working.Add(-1)
		rest, below := strings.CutPrefix(r.URL.Path, base+"/")
		switch {
		case !below && r.Method == http.MethodPost:
			s.takeOrder(w, r)
		case !below:
			notAllowed(w, http.MethodPost)
		case rest == scriptName && r.Method == http.MethodGet:
			script.ServeHTTP(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodPost:
			notAllowed(w, http.MethodGet+", "+http.MethodPost)
		case same.Check(r) != nil: // of another site: it cannot be the buyer's will
			noticeForeign().write(w)
		default:
			s.visit(w, r, rest)
		}
	})
}

func notAllowed(w http.ResponseWriter, methods string) {
	w.Header().Set("Allow", methods)
	http.Error(w, "not allowed here", http.StatusMethodNotAllowed)
}

// takeOrder is the way of an order: read, verify, find its session or open one.
// The page itself comes by a second request of the browser, in which it shows its
// cookie: none comes along with what another site lets it post.
func (s *Server) takeOrder(w http.ResponseWriter, r *http.Request) {
	began := s.clock.Now()
	ctx := s.config.Observer.Begin(r.Context())
	in, relayState, refused := s.openOrder(ctx, w, r)
	if refused != nil {
		s.observe(ctx, nil, reply{early: refused.early}, began)
		refused.page.write(w)
		return
	}
	order, _ := in.message.(*PaymentOrder)
	v, err := s.session(ctx, handleOf(order))
	var answer reply
	switch {
	case err == nil && v.Digest != journal.Digest(order.digest):
		noticeReused().write(w)
	case err == nil:
		s.redirect(w, v.handle)
	case !errors.Is(err, journal.ErrNotFound):
		s.log.ErrorContext(ctx, "the journal cannot be read", slog.Any("error", err))
		noticeUnavailable().write(w)
	default:
		answer = s.newOrder(ctx, w, in, order, relayState)
	}
	s.observe(ctx, in, answer, began)
}

// refusedOrder is an order that is refused with a page, and nothing recorded.
type refusedOrder struct {
	early string
	page  notice
}

// openOrder reads and verifies an order, and finds where its answer goes.
func (s *Server) openOrder(ctx context.Context, w http.ResponseWriter, r *http.Request) (in *received, relayState string, refused *refusedOrder) {
	form, err := readForm(w, r, fieldRequest)
	if err != nil {
		early := s.malformed(ctx, "form", err)
		if errors.Is(err, errFormTooLong) {
			return nil, "", &refusedOrder{early.early, noticeTooLong(early.correlation)}
		}
		return nil, "", &refusedOrder{early.early, noticeMalformed(early.correlation)}
	}
	v, err := s.orders.Verify(ctx, form.document, s.source)
	if err != nil {
		early := s.refuseEarly(ctx, err)
		switch early.early {
		case earlyMalformed:
			return nil, "", &refusedOrder{early.early, noticeMalformed(early.correlation)}
		case earlyNotAuthenticated:
			return nil, "", &refusedOrder{early.early, noticeNotAuthenticated(early.correlation)}
		}
		return nil, "", &refusedOrder{"", noticeUnavailable()}
	}
	defer v.Release()
	order, err := DecodePaymentOrder(v)
	if err != nil {
		early := s.malformed(ctx, "order", err)
		return nil, "", &refusedOrder{early.early, noticeMalformed(early.correlation)}
	}
	in = &received{message: order, document: form.document, signer: v.Key().ID(), header: order.request(order.Offer.NotOnOrAfter)}
	if refused := s.meantHere(ctx, in, order); refused != nil {
		return nil, "", refused
	}
	return in, form.relayState, nil
}

// meantHere refuses an order that is destined elsewhere, has not begun, or whose
// answer could go nowhere (KECIS-ORD-011, 014).
func (s *Server) meantHere(ctx context.Context, in *received, order *PaymentOrder) *refusedOrder {
	notHere := func(reason string) *refusedOrder {
		early := s.malformed(ctx, reason, nil)
		return &refusedOrder{early.early, noticeNotHere(early.correlation)}
	}
	p, err := s.config.Partners.Partner(ctx, order.Sender)
	if err != nil {
		s.log.ErrorContext(ctx, "partners cannot be read", slog.String("sender", order.Sender), slog.Any("error", err))
		return &refusedOrder{"", noticeUnavailable()}
	}
	in.partner = p
	role, ok := p.Role(metadata.Requester)
	if !ok {
		return notHere("not a requester")
	}
	if in.returnTo, ok = role.Endpoint(metadata.ServiceOrder, metadata.BindingForm); !ok {
		return notHere("no front address")
	}
	latest := s.clock.Now().Add(MaxSkew)
	switch {
	case order.Destination != s.config.Checkout.Location:
		return notHere("destination")
	case order.IssueInstant.After(latest) || order.Offer.NotBefore.After(latest):
		s.log.InfoContext(ctx, "an order came early", slog.String("sender", order.Sender), slog.String("id", string(order.ID)))
		return &refusedOrder{"", noticeTooEarly()}
	}
	return nil
}

// newOrder answers an order that can come to nothing, and opens a session for
// any other.
func (s *Server) newOrder(ctx context.Context, w http.ResponseWriter, in *received, order *PaymentOrder, relayState string) reply {
	ctx = context.WithoutCancel(ctx) // what is recorded does not depend on the browser
	answer, known := s.recorded(ctx, in)
	if !known {
		code := s.orderServed(order)
		switch {
		case !s.clock.Now().Before(order.Offer.NotOnOrAfter):
			code = ErrDeadlinePassed
		case !in.partner.MayUse(metadata.ServiceOrder):
			code = ErrPartnerSuspended
		}
		if code == "" {
			s.openSession(ctx, w, in, order, relayState)
			return reply{}
		}
		answer = s.refuse(ctx, in, code)
	}
	if answer.document == nil {
		noticeUnavailable().write(w)
		return answer
	}
	s.sendBack(w, in.returnTo, answer.document, relayState, order.Offer.Language)
	return answer
}

// openSession writes the session down, gives the browser its cookie, and sends
// it to the page.
func (s *Server) openSession(ctx context.Context, w http.ResponseWriter, in *received, order *PaymentOrder, relayState string) {
	secret, err := NewID(s.config.Random)
	if err != nil {
		noticeUnavailable().write(w)
		return
	}
	v := &session{
		handle: handleOf(order), Digest: journal.Digest(order.digest), Browser: browserOf(string(secret)), Document: in.document,
		RelayState: relayState, ReturnTo: in.returnTo, Expires: order.Offer.NotOnOrAfter.Add(RepeatWindow),
	}
	err = s.config.Journal.Update(ctx, v.insert)
	if errors.Is(err, journal.ErrUncertain) {
		var stored *session
		if stored, err = s.session(ctx, v.handle); err == nil && stored.Browser != v.Browser {
			err = journal.ErrExists
		}
	}
	switch {
	case errors.Is(err, journal.ErrExists): // opened at the same time; the cookie decides
	case err != nil:
		s.log.ErrorContext(ctx, "a session could not be opened", slog.String("id", string(order.ID)), slog.Any("error", err))
		noticeUnavailable().write(w)
		return
	default:
		http.SetCookie(w, s.cookie(v, string(secret), s.clock.Now()))
	}
	s.redirect(w, v.handle)
}

// redirect sends the browser to the page of a session. The address is no secret:
// without the cookie it shows nothing.
func (s *Server) redirect(w http.ResponseWriter, handle string) {
	pageHeader(w, "'none'")
	w.Header().Set("Location", s.config.Checkout.path()+"/"+handle)
	w.WriteHeader(http.StatusSeeOther)
}

// cookieName names a session's cookie. The prefix lets the browser take it only
// over TLS, for this host and all paths.
func (s *Server) cookieName(handle string) string {
	if s.overTLS() {
		return "__Host-kecis-" + handle
	}
	return "kecis-" + handle
}

func (s *Server) overTLS() bool { return strings.HasPrefix(s.config.Checkout.Location, "https://") }

func (s *Server) cookie(v *session, secret string, now time.Time) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // not Secure only where no TLS is, towards this machine
		Name: s.cookieName(v.handle), Value: secret, Path: "/", MaxAge: int(v.Expires.Sub(now) / time.Second),
		Secure: s.overTLS(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// bound reports whether the browser is the one that opened the session.
func (s *Server) bound(r *http.Request, v *session) bool {
	c, err := r.Cookie(s.cookieName(v.handle))
	if err != nil {
		return false
	}
	browser := browserOf(c.Value)
	return subtle.ConstantTimeCompare(browser[:], v.Browser[:]) == 1
}

// sendBack writes the page that carries an answer to its requester.
func (s *Server) sendBack(w http.ResponseWriter, to string, document []byte, relayState string, language Language) {
	form := formOf(to, fieldResponse, document, relayState, language)
	form.Script = s.config.Checkout.path() + "/" + scriptName
	page := s.config.Checkout.FormTemplate
	if page == nil {
		page = FormTemplate()
	}
	form.Page(w, page)
}
