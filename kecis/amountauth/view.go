package amountauth

import (
	"net/http"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
)

// Kinds of pages, in View.Page.
const (
	// PageAnswer asks for the value.
	PageAnswer = "answer"
	// PageProgress says that something is under way; it comes again by itself.
	PageProgress = "progress"
	// PageResult says how it has ended.
	PageResult = "result"
	// PageLink asks whether to go on in this browser.
	PageLink = "link"
	// PageProblem says why there is no session to show.
	PageProblem = "problem"
)

// View is what a template shows. No field tells anything of the value.
type View struct {
	// Page is the kind of page.
	Page string
	// Language is "ko" or "en", Other the other one.
	Language, Other string
	// Text are the fixed texts of the pages in that language.
	Text Texts
	// Name is the provider's.
	Name string
	// Title is the heading; Message what has just happened, "" for nothing, with its
	// Code; Good says that it is no refusal.
	Title, Message string
	Code           string
	Good           bool
	// Invalid says that the message is about the value that was typed.
	Invalid bool
	// Payee, Amount, Instrument and Approval are of the order and its payment.
	Payee, Amount, Instrument, Approval string
	// Variant, Steps and Hint say what to do.
	Variant Variant
	Steps   []string
	Hint    string
	// Tries, Until and Left are what is left: "2번", "오늘 오후 2시 23분까지", "약 18분".
	Tries, Until, Left string
	// Ends is the end of the session in RFC 3339.
	Ends string
	// Facts are what is true after the end, each a sentence.
	Facts []string
	// Continue is where the buyer goes on; "" for nowhere.
	Continue string
	// Refresh says that the page is to come again.
	Refresh bool
	// Mail says that a link can be mailed.
	Mail bool
	// Form and Serial go into each form: a token, and the number of the try.
	Form   string
	Serial int
	// Pad, Keys, Pressed and PadOpen are of the keypad.
	Pad     string
	Keys    []PadKey
	Pressed []int
	PadOpen bool
	// Style and Script are the addresses of the files, with their digests.
	Style, StyleIntegrity, Script, ScriptIntegrity string
}

// PadKey is a key of the keypad: its place, and the address of its face.
type PadKey struct {
	Place int
	Face  string
}

// Row is the row of the key, of which each has three; the last key stands in the
// middle of its row.
func (k PadKey) Row() int { return k.Place/3 + 1 }

// Column is the place in its row.
func (k PadKey) Column() int {
	if k.Place == padKeys-1 {
		return 2
	}
	return k.Place%3 + 1
}

// newView begins a page in the language of the request.
func (p *Pages) newView(w http.ResponseWriter, r *http.Request) *View {
	p.keepLanguage(w, r)
	v := &View{
		Language: "en", Other: "ko", Text: p.wordsFor(r), Name: p.config.Name,
		Style: p.path + "/" + styleName, StyleIntegrity: p.files[styleName].integrity,
		Script: p.path + "/" + scriptName, ScriptIntegrity: p.files[scriptName].integrity,
	}
	if v.Text.Korean {
		v.Language, v.Other = "ko", "en"
	}
	return v
}

func (p *Pages) wordsFor(r *http.Request) Texts { return textsIn(languageOf(isKorean(r))) }

func (v *View) setMessage(code Code) {
	v.Message, v.Code = code.Text(v.Language), string(code)
	v.Invalid = code == ErrWrong || strings.HasPrefix(v.Code, "aa-typed-")
}

// session fills in what a session shows.
func (v *View) session(p *Pages, s *Session) {
	now := p.config.Engine.now()
	v.Payee, v.Amount, v.Instrument, v.Variant = s.Payee.Name, s.Amount.Format(v.Language), s.Instrument, s.Variant
	v.Tries = v.Text.tries(s.TriesLeft)
	v.Until, v.Left, v.Ends = v.Text.until(s.Expires, now, p.zone), v.Text.left(s.Expires.Sub(now)), s.Expires.Format(time.RFC3339)
	v.Mail = p.config.Mailer != nil
	if p.config.Continue != nil {
		v.Continue = p.config.Continue(s)
	}
	switch {
	case s.State == Open && now.Before(s.Expires):
		v.Page, v.Title, v.Steps = PageAnswer, v.Text.title(s.Variant), v.Text.steps(s)
		v.Hint = v.Text.valueHint(s.Amount.Currency)
	case s.State == Starting:
		v.Page, v.Title, v.Refresh = PageProgress, v.Text.TitleStarting, true
		v.Facts = []string{ErrStarting.Text(v.Language)}
	default:
		v.ended(s)
	}
}

// ended says how a session has ended, and what is true of the money.
func (v *View) ended(s *Session) {
	v.Page = PageResult
	switch {
	case s.State == Verified && s.Completion != nil:
		v.completed(s)
	case s.State == Verified:
		v.Title, v.Good, v.Facts = v.Text.TitleVerified, true, []string{v.Text.Verified}
	case s.State == Open: // its time has just passed
		v.Title, v.Facts = v.Text.TitleFailed, []string{ErrLate.Text(v.Language)}
	default:
		v.Title, v.Facts = v.Text.TitleFailed, []string{s.State.code().Text(v.Language)}
	}
	if s.Refused != "" {
		v.Facts = append(v.Facts, s.Refused.Text(v.Language))
	}
	if s.Completion != nil && s.State != Verified {
		v.Facts = append(v.Facts, v.Text.NothingPaid)
	}
	switch {
	case s.State == NotStarted && s.Released:
	case s.Released:
		v.Facts = append(v.Facts, v.Text.released(s.Variant))
	default:
		v.Facts = append(v.Facts, v.Text.releasing(s.Variant))
	}
}

// completed says what became of the payment.
func (v *View) completed(s *Session) {
	switch s.Completion.State {
	case Paid:
		v.Title, v.Good, v.Approval = v.Text.TitlePaid, true, s.Completion.Approval.Code
		v.Facts = []string{v.Text.Paid}
	case Declined:
		v.Title, v.Facts = v.Text.TitleDeclined, []string{v.Text.Declined}
		if s.Completion.Refused != "" {
			v.Facts = append(v.Facts, s.Completion.Refused.Text(v.Language))
		}
	case Undone:
		v.Title, v.Facts = v.Text.TitleDeclined, []string{v.Text.Undone}
	default:
		v.Page, v.Title, v.Refresh, v.Facts = PageProgress, v.Text.TitlePaying, true, []string{v.Text.Paying}
	}
}

// formatted is an amount in a language.
func formatted(m kecis.Money, korean bool) string {
	if korean {
		return m.Format("ko")
	}
	return m.Format("en")
}
