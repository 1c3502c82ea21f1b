package pg

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

// underWay returns the last authentication of an order; nil if there was none.
func (h *Hosted) underWay(ctx context.Context, v *kecis.Visit) (*authenticated, error) {
	if h.config.Authenticator == nil {
		return nil, nil
	}
	session, err := h.config.Authenticator.current(ctx, v.Handle())
	if err != nil || session == nil {
		return nil, err
	}
	return (*authenticated)(session), nil
}

// authenticated is an authentication as the page of its order looks at it.
type authenticated amountauth.Session

// leads reports whether the buyer goes on at its page: it waits for the buyer, or the
// payment is on its way.
func (s *authenticated) leads() bool { return !over((*amountauth.Session)(s)) }

// back takes a buyer who comes from the page of an authentication, perhaps in another
// browser than the one in which the order was opened: it has shown by the cookie of the
// authentication that it is the buyer's.
func (h *Hosted) back(w http.ResponseWriter, r *http.Request, id string) {
	session, err := h.config.Pages.Bound(r, id)
	if err != nil {
		h.notBack(w, r, err)
		return
	}
	handle, ok := handleIn(session.Key)
	if !ok {
		http.NotFound(w, r)
		return
	}
	v, err := h.config.Authenticator.visit(r.Context(), handle)
	if err == nil {
		err = v.Bind(r.Context(), w)
	}
	if err != nil {
		h.notBack(w, r, err)
		return
	}
	h.enrol(w, r, v, session)
	v.Return(w)
}

// notBack says why a buyer cannot go on.
func (h *Hosted) notBack(w http.ResponseWriter, r *http.Request, err error) {
	language := "ko"
	if r.URL.Query().Get("lang") == "en" {
		language = "en"
	}
	text, status := hostedTexts(language).Unavailable, http.StatusServiceUnavailable
	refusal, refused := errors.AsType[*kecis.Refusal](err)
	e, ours := errors.AsType[*amountauth.Error](err)
	switch {
	case refused:
		text, status = refusal.Code.Text(language), http.StatusGone
	case ours:
		text, status = e.Text(language), http.StatusForbidden
	default:
		h.log.ErrorContext(r.Context(), "a buyer cannot go back to the order", slog.Any("error", err))
	}
	http.Error(w, text, status)
}
