package pg

import (
	"bytes"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/metadata"
)

//go:embed hosted.html
var hostedHTML string

// HostedConfig is what the pages are made of on which buyers pay orders.
type HostedConfig struct {
	// Location is the address of what lies beside the checkout: the style sheet, and
	// the way back from an authentication. All below its path goes to the Hosted.
	Location string
	// Name is the PG's, at the head of each page.
	Name string
	// Authenticator authenticates buyers by amount, on Pages; nil for a PG that asks
	// for no authentication.
	Authenticator *Authenticator
	Pages         *amountauth.Pages
	// Profiles let buyers skip the next authentication.
	Profiles Profiles
	// Log may be nil.
	Log *slog.Logger
}

// Hosted is the PG's page of a checkout: a buyer enters a card or an account there,
// is led to the authentication where the policy asks for one, and comes back to the
// shop with the answer. It implements kecis.Page, and is the http.Handler of what lies
// beside.
type Hosted struct {
	pg     *PG
	config HostedConfig
	page   *template.Template
	path   string
	log    *slog.Logger
}

var _ kecis.Page = (*Hosted)(nil)

// Hosted returns the pages. An incomplete configuration is kecis.ErrConfiguration.
func (s *PG) Hosted(c HostedConfig) (*Hosted, error) {
	u, err := url.Parse(c.Location)
	if err != nil || strings.Trim(u.Path, "/") == "" || (c.Authenticator == nil) != (c.Pages == nil) {
		return nil, fmt.Errorf("%w: pg: Hosted: Location has a path, and Authenticator and Pages go together", kecis.ErrConfiguration)
	}
	page, err := template.New("hosted").Parse(hostedHTML)
	if err != nil {
		return nil, err
	}
	h := &Hosted{pg: s, config: c, page: page, path: strings.TrimSuffix(u.Path, "/"), log: c.Log}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	return h, nil
}

const (
	// styleName and backPath are what lies below Location.
	styleName = "style.css"
	backPath  = "back"
	// maxHostedForm bounds the body of a form, in bytes; a good one has some hundred.
	maxHostedForm = 4 << 10
)

// Back returns the address where a buyer goes on after an authentication; "" if that
// was not for an order of these pages. It is for amountauth.PagesConfig.Continue.
func (h *Hosted) Back(s *amountauth.Session) string {
	if _, ok := handleIn(s.Key); !ok {
		return ""
	}
	return h.path + "/" + backPath + "/" + s.ID
}

// ServeHTTP serves what lies below Location.
func (h *Hosted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, _ := strings.CutPrefix(r.URL.Path, h.path+"/")
	session, isBack := strings.CutPrefix(rest, backPath+"/")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	case rest == styleName:
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = io.WriteString(w, amountauth.StyleSheet())
	case isBack && h.config.Authenticator != nil:
		h.back(w, r, session)
	default:
		http.NotFound(w, r)
	}
}

// ServePage shows the order and takes what the buyer decides. Where an authentication
// is under way it leads there.
func (h *Hosted) ServePage(w http.ResponseWriter, r *http.Request, v *kecis.Visit) {
	view := h.newView(r, v)
	step, err := h.underWay(r.Context(), v)
	switch {
	case err != nil:
		h.unavailable(w, r, view, err)
		return
	case step != nil && step.leads():
		if err := h.config.Pages.Lead(w, r, step.ID, view.Language); err != nil {
			h.unavailable(w, r, view, err)
		}
		return
	case step != nil:
		view.failed(step)
	}
	if r.Method != http.MethodPost {
		h.show(w, r, http.StatusOK, v, view)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxHostedForm)
	if err := r.ParseForm(); err != nil {
		view.refuse(view.Text.BadForm, "")
		h.show(w, r, http.StatusUnprocessableEntity, v, view)
		return
	}
	switch r.PostForm.Get("do") {
	case "cancel":
		v.Cancel(w, r)
	case "known":
		h.payKnown(w, r, v, view)
	case "forget":
		h.forget(w, r, v, view)
	default:
		h.pay(w, r, v, view)
	}
}

// pay takes the form of the instrument: it is concealed at once, and nothing of it is
// kept in the clear.
func (h *Hosted) pay(w http.ResponseWriter, r *http.Request, v *kecis.Visit, view *hostedView) {
	ctx := r.Context()
	plain, field := h.read(r.PostForm, view.By)
	if plain == nil {
		view.refuse(view.Text.wrong(field), field)
		h.show(w, r, http.StatusUnprocessableEntity, v, view)
		return
	}
	concealed, err := v.Conceal(ctx, plain)
	if refusal, ok := errors.AsType[*kecis.Refusal](err); ok {
		message := refusal.Code.Text(view.Language)
		if refusal.Code == kecis.ErrNoRoute {
			message = view.Text.NoRoute
		}
		view.refuse(message, "number")
		h.show(w, r, http.StatusUnprocessableEntity, v, view)
		return
	}
	if err != nil {
		h.unavailable(w, r, view, err)
		return
	}
	choice := kecis.Choice{Instrument: concealed, Instalments: months(r.PostForm.Get("months"))}
	methods, err := v.Required(ctx, choice)
	switch {
	case err == nil && methods == nil:
		err = v.Pay(w, r, choice)
	case err == nil:
		if r.PostForm.Get("remember") == "" || plain.Kind != kecis.Card || !h.config.Profiles.offered(v.Order().OrderAmount) {
			plain = nil // nothing is kept of it
		}
		err = h.authenticate(w, r, v, choice, methods, plain)
	}
	refusal, refused := errors.AsType[*kecis.Refusal](err)
	switch {
	case err == nil:
	case refused:
		view.refuse(refusal.Code.Text(view.Language), "")
		h.show(w, r, http.StatusUnprocessableEntity, v, view)
	case errors.Is(err, errBegins): // what the buyer entered is not needed again
		v.Return(w)
	default:
		h.unavailable(w, r, view, err)
	}
}

// authenticate begins the authentication that was chosen, and leads to it.
func (h *Hosted) authenticate(w http.ResponseWriter, r *http.Request, v *kecis.Visit, choice kecis.Choice, methods []metadata.AuthenticationMethod, remember *kecis.PlainInstrument) error {
	variant, ok := variantNamed(r.PostForm.Get("method"), choice.Instrument.Kind)
	if !ok || h.config.Authenticator == nil || !hasMethod(methods, metadata.ByAmount) {
		return kecis.Refuse(kecis.ErrAuthenticationRequired)
	}
	session, err := h.config.Authenticator.stepUp(r.Context(), v, choice, variant, remember)
	if err != nil {
		return err
	}
	return h.config.Pages.Lead(w, r, session, languageOf(r, v))
}

// show writes the page.
func (h *Hosted) show(w http.ResponseWriter, r *http.Request, status int, v *kecis.Visit, view *hostedView) {
	view.fill(h, v)
	if _, kept := h.profile(r, v); kept != nil {
		view.Registered = kept.Instrument.Masked()
	}
	var body bytes.Buffer
	if err := h.page.Execute(&body, view); err != nil {
		h.log.ErrorContext(r.Context(), "a page of the checkout could not be made", slog.Any("error", err))
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	_, _ = body.WriteTo(w)
}

// unavailable says that nobody knows, and that nothing was done.
func (h *Hosted) unavailable(w http.ResponseWriter, r *http.Request, view *hostedView, err error) {
	h.log.ErrorContext(r.Context(), "a checkout has no page", slog.Any("error", err))
	http.Error(w, view.Text.Unavailable, http.StatusServiceUnavailable)
}

// integrity is that of the style sheet.
func integrity(text string) string {
	sum := sha512.Sum384([]byte(text))
	return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
}
