package clientcert

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis"
)

// language is that which was chosen on the page, else the browser's, else that of the
// request.
func (p *Pages) language(r *http.Request, s *Session) kecis.Language {
	otherwise := kecis.Korean
	if s != nil && s.Language != 0 {
		otherwise = s.Language
	}
	chosen := r.URL.Query().Get("lang")
	if r.Method == http.MethodPost {
		chosen = r.PostForm.Get("lang")
	}
	return kecis.PreferredLanguage(r, chosen, otherwise)
}

// view begins a page; s is nil where there is no session.
func (p *Pages) view(r *http.Request, s *Session) *View {
	language := p.language(r, s)
	v := &View{
		Language: language.String(), Other: kecis.English.String(), Text: textsIn(language), Name: p.config.Name,
		Style: p.path + "/" + styleName, StyleIntegrity: integrity(style),
	}
	if language == kecis.English {
		v.Other = kecis.Korean.String()
	}
	if s == nil {
		return v
	}
	v.Shop, v.Payee, v.Amount = s.Order.Requester, s.Payee.Name, s.Amount.Format(v.Language)
	if p.config.Shop != nil && p.config.Shop(s.Order.Requester) != "" {
		v.Shop = p.config.Shop(s.Order.Requester)
	}
	if v.Payee == "" {
		v.Payee = s.Payee.Entity
	}
	if p.config.Continue != nil {
		v.Continue = p.config.Continue(s)
	}
	return v
}

// ask fills in the form of a session that is open, or how it has ended; it reports which.
func (v *View) ask(p *Pages, s *Session, secret string) bool {
	late := s.State == Open && !p.config.Engine.now().Before(s.Expires) // it is ended in a moment
	if s.State == Open && !late {
		v.Title, v.Try = v.Text.Title, s.Tries
		v.Form = p.token(s, secret, v.Try)
		v.Tries, v.Ends = strconv.Itoa(s.TriesLeft), v.clock(s.Expires.In(p.zone))
		return true
	}
	if s.State == Verified {
		v.Title, v.Facts = v.Text.TitleDone, []string{v.Text.Done}
		return false
	}
	v.Title = v.Text.TitleFailed
	code := s.State.code()
	if late {
		code = ErrLate
	}
	v.Refused, v.Code = code.Text(v.Language), string(code)
	if s.Refused != "" {
		v.Facts = append(v.Facts, v.Text.LastRefused+" "+s.Refused.Text(v.Language))
	}
	v.Facts = append(v.Facts, v.Text.NothingPaid)
	return false
}

// refuse fills in why, and reports whether it is a refusal of this package's.
func (v *View) refuse(err error) bool {
	refused, ok := errors.AsType[*Error](err)
	if !ok {
		v.Refused = v.Text.Unavailable
		return false
	}
	v.Refused, v.Code = refused.Text(v.Language), refused.Code()
	if v.Remedy = Remedy(refused.code, v.Language); refused.code == ErrForm {
		v.Remedy = ""
	}
	return true
}

func (v *View) day(t time.Time) string {
	if v.Language == kecis.Korean.String() {
		return t.Format("2006년 1월 2일")
	}
	return t.Format("2 January 2006")
}

func (v *View) clock(t time.Time) string {
	if v.Language == kecis.Korean.String() {
		return t.Format("15시 04분까지")
	}
	return t.Format("15:04")
}
