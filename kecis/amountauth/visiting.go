package amountauth

import (
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/mail"
	"strconv"
	"strings"
)

// get shows a session as it stands.
func (p *Pages) get(w http.ResponseWriter, r *http.Request, id string) {
	s, secret, err := p.visit(w, r, id)
	if err != nil {
		p.problem(w, r, err)
		return
	}
	p.showSession(w, r, http.StatusOK, s, secret, nil)
}

// showSession shows a session, with a refusal where there was one.
func (p *Pages) showSession(w http.ResponseWriter, r *http.Request, status int, s *Session, secret string, refused error) {
	v := p.newView(w, r)
	v.session(p, s)
	if e, ok := errors.AsType[*Error](refused); ok {
		v.setMessage(e.code)
	} else if refused != nil {
		v.Message = v.Text.Unavailable
	}
	if v.Page == PageAnswer {
		if err := p.fillForm(v, s, secret, r); err != nil {
			p.problem(w, r, err)
			return
		}
	}
	p.show(w, r, status, v)
}

// token is what the forms of a session carry: only a page for this browser and this
// try has it.
func (p *Pages) token(id, secret, serial string) string {
	return hex.EncodeToString(p.config.Engine.keys[0].mac(purposeForm, "form", id, secret, serial))
}

// serial numbers the tries of a session: that of the next one.
func serial(s *Session) int { return s.Chance.Tries - s.TriesLeft }

// post takes a form of a session's page.
func (p *Pages) post(w http.ResponseWriter, r *http.Request, id string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.problem(w, r, refuse(ErrForm))
		return
	}
	s, secret, err := p.visit(w, r, id)
	if err != nil {
		p.problem(w, r, err)
		return
	}
	form := r.PostForm
	try := form.Get("serial")
	if !hmac.Equal([]byte(form.Get("form")), []byte(p.token(id, secret, try))) {
		if s.State != Open { // there is nothing more to be typed
			p.redirect(w, id)
			return
		}
		p.showSession(w, r, http.StatusForbidden, s, secret, refuse(ErrForm))
		return
	}
	switch action := form.Get("do"); {
	case action == "cancel":
		if _, err = p.config.Engine.Cancel(r.Context(), id); err == nil {
			p.redirect(w, id)
			return
		}
	case action == "later":
		err = p.later(r, s)
	case strings.HasPrefix(action, "press"), action == "erase":
		p.showSession(w, r, http.StatusOK, s, secret, nil) // with one key more
		return
	default:
		s, err = p.answer(r, s, secret, try)
		if err == nil {
			p.redirect(w, id)
			return
		}
	}
	if err == nil {
		v := p.newView(w, r)
		v.session(p, s)
		v.Message, v.Good = v.Text.LinkSent, true
		if err = p.fillForm(v, s, secret, r); err == nil {
			p.show(w, r, http.StatusOK, v)
			return
		}
	}
	p.refused(w, r, s, secret, err)
}

// refused shows the session again, as it is after a refusal.
func (p *Pages) refused(w http.ResponseWriter, r *http.Request, s *Session, secret string, err error) {
	status := http.StatusUnprocessableEntity
	if _, ours := errors.AsType[*Error](err); !ours {
		status = http.StatusServiceUnavailable
		p.config.Engine.log.ErrorContext(r.Context(), "a form of amount authentication was not taken", slog.Any("error", err))
	}
	p.showSession(w, r, status, s, secret, err)
}

// answer hands what was typed to the engine. The number of the try in the form is the
// key of the answer: a form that is sent again is not counted again.
func (p *Pages) answer(r *http.Request, s *Session, secret, try string) (*Session, error) {
	values := []string{r.PostForm.Get("value")}
	if s.Variant == Deposits {
		values = append(values, r.PostForm.Get("value2"))
	} else if values[0] == "" {
		values[0] = p.typedOnPad(r, s.ID, secret)
	}
	after, err := p.config.Engine.Confirm(r.Context(), &Answer{Session: s.ID, Key: "page-" + try, Values: values, Payee: p.payee(r)})
	if after == nil {
		after = s
	}
	if errors.Is(err, ErrWrong) && try != strconv.Itoa(serial(s)) {
		err = refuse(ErrRepeated)
	}
	return after, err
}

// later mails the link.
func (p *Pages) later(r *http.Request, s *Session) error {
	address, err := mail.ParseAddress(strings.TrimSpace(r.PostForm.Get("mail")))
	if err != nil || p.config.Mailer == nil || address.Name != "" || len(address.Address) > maxAddress {
		return refuse(ErrMail)
	}
	token, err := p.config.Engine.mailedLink(r.Context(), s.ID)
	if err != nil {
		return err
	}
	v := p.wordsFor(r)
	link := p.Address(linkPath) + "/" + token
	err = p.config.Mailer.MailLink(r.Context(), &LinkMail{
		To: address.Address, Subject: v.mailSubject(p.config.Name), Link: link, Expires: s.Expires,
		Text: v.mailText(s.Payee.Name, s.Amount, v.until(s.Expires, p.config.Engine.now(), p.zone), link),
	})
	if err != nil {
		p.config.Engine.log.WarnContext(r.Context(), "a link could not be mailed", slog.String("session", s.ID))
		return refuse(ErrMail)
	}
	return nil
}

// maxAddress is the longest address of SMTP (RFC 5321, 4.5.3.1.3).
const maxAddress = 254

// serveLink asks whether to go on in this browser, and binds it when the buyer says so. A
// GET changes nothing: programs that look into mails follow links.
func (p *Pages) serveLink(w http.ResponseWriter, r *http.Request, token string) {
	s, err := p.config.Engine.OpenLink(r.Context(), token)
	if err == nil && p.payee(r) != "" && p.payee(r) != s.Payee.Entity {
		err = refuse(ErrOtherMerchant)
	}
	if err != nil {
		p.problem(w, r, err)
		return
	}
	if r.Method == http.MethodGet {
		v := p.newView(w, r)
		v.session(p, s)
		v.Page, v.Title, v.Refresh = PageLink, v.Text.TitleLink, false
		p.show(w, r, http.StatusOK, v)
		return
	}
	secret, err := p.newSecret()
	if err == nil {
		_, err = p.config.Engine.Move(r.Context(), token, secret)
	}
	if err != nil {
		p.problem(w, r, err)
		return
	}
	p.setCookie(w, s, secret)
	p.redirect(w, s.ID)
}
