package kecis

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Fields of the forms of the front channel (KECIS-ORD-008), after those of SAML's
// HTTP-POST binding.
const (
	fieldRequest    = "KECISRequest"
	fieldResponse   = "KECISResponse"
	fieldRelayState = "RelayState"
)

const (
	// MaxRelayState bounds RelayState, in bytes, as SAML does (saml-bindings 3.5.3).
	MaxRelayState = 80
	// maxOrder bounds an order, so that it fits into a piece of evidence
	// (KECIS-ORD-007). An answer is much smaller.
	maxOrder = 64 << 10
	// maxForm bounds the body of a form: the base64 of the largest order, of which
	// every character may be percent-encoded, and the rest.
	maxForm = 4*maxOrder + 1<<10
)

// errForm is the error of a form that is none of the front channel's.
var errForm = errors.New("kecis: not a form of the front channel")

// errFormTooLong is the error of a form that is longer than any good one.
var errFormTooLong = errors.New("kecis: the form is too long")

// frontMessage is what a form of the front channel carries.
type frontMessage struct {
	document   []byte
	relayState string
}

// readForm reads the one message that a form carries in the field, and is strict
// about all else.
func readForm(w http.ResponseWriter, r *http.Request, field string) (frontMessage, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" || r.URL.RawQuery != "" {
		return frontMessage{}, errForm
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return frontMessage{}, errFormTooLong
		}
		return frontMessage{}, err
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return frontMessage{}, errForm
	}
	for name, list := range values {
		if len(list) != 1 || (name != field && name != fieldRelayState) {
			return frontMessage{}, errForm
		}
	}
	m := frontMessage{relayState: values.Get(fieldRelayState)}
	if !validRelayState(m.relayState) {
		return frontMessage{}, errForm
	}
	encoded := values.Get(field)
	if strings.ContainsAny(encoded, "\r\n") { // which the decoder would skip
		return frontMessage{}, errForm
	}
	m.document, err = base64.StdEncoding.Strict().DecodeString(encoded)
	switch {
	case err != nil || len(m.document) == 0:
		return frontMessage{}, errForm
	case len(m.document) > maxOrder:
		return frontMessage{}, errFormTooLong
	}
	return m, nil
}

func validRelayState(s string) bool { return len(s) <= MaxRelayState && utf8.ValidString(s) }

// FrontForm is a form that carries a message through the buyer's browser: an order
// to its provider, or an answer back. It is a page of its own, as an http.Handler;
// a shop that has pages of its own executes a template with it.
type FrontForm struct {
	// Action is the address that the form is posted to, Field the name of its
	// field, and Value what stands there.
	Action, Field, Value string
	// RelayState is sent along where it is not "".
	RelayState string
	Language   Language
	// Script is the address of SubmitScript, of the same origin as the page; where
	// it is "" the buyer presses the button.
	Script string
}

// formOf makes the form that carries a document.
func formOf(action, field string, document []byte, relayState string, language Language) *FrontForm {
	return &FrontForm{
		Action: action, Field: field, Value: base64.StdEncoding.EncodeToString(document), RelayState: relayState, Language: language,
	}
}

// Korean reports whether the page is to be in Korean.
func (f *FrontForm) Korean() bool { return f.Language != English }

// ScriptIntegrity is the digest of SubmitScript, as pages name it (SRI).
func (f *FrontForm) ScriptIntegrity() string { return digestOf(submitText) }

// frontCSS is the style of the pages, which stand alone: it is in them, and the
// policy of the page names its digest.
//
//go:embed front.css
var frontCSS string

// digestOf names a text in a policy, or beside the address of a file.
func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

const formText = `<!DOCTYPE html>
<html lang="{{if .Korean}}ko{{else}}en{{end}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{if .Korean}}이동 중입니다{{else}}One moment{{end}}</title>
{{template "style"}}
</head>
<body>
<main>
<h1>{{if .Korean}}이동 중입니다{{else}}One moment{{end}}</h1>
<form method="post" action="{{.Action}}" accept-charset="utf-8">
<input type="hidden" name="{{.Field}}" value="{{.Value}}">
{{- if .RelayState}}
<input type="hidden" name="RelayState" value="{{.RelayState}}">
{{- end}}
<p>{{if .Korean}}자동으로 이동하지 않으면 버튼을 누르십시오.{{else}}If nothing happens, press the button.{{end}}</p>
<button type="submit" autofocus>{{if .Korean}}계속{{else}}Continue{{end}}</button>
</form>
</main>
{{- if .Script}}
<script src="{{.Script}}" integrity="{{.ScriptIntegrity}}"></script>
{{- end}}
</body>
</html>
`

// FormTemplate returns the template of the page that a FrontForm is, to be
// replaced by one of the same fields.
func FormTemplate() *template.Template { return frontTemplate(formText) }

// frontTemplate makes a template of a constant text, with the style.
func frontTemplate(text string) *template.Template {
	return template.Must(template.New("page").Parse(text + `{{define "style"}}<style>` + frontCSS + `</style>{{end}}`))
}

// ServeHTTP writes the form as a page.
func (f *FrontForm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.Page(w, FormTemplate())
}

// Page writes the form by a template of one's own, under the header fields that
// KECIS-ORD-012 asks for.
func (f *FrontForm) Page(w http.ResponseWriter, t *template.Template) {
	pageHeader(w, f.Action)
	w.WriteHeader(http.StatusOK)
	_ = t.Execute(w, f) // the connection may be gone
}

// pageHeader sets the header fields of a page with one form: nothing from
// elsewhere, no inline script, no frame, no store (KECIS-ORD-012).
func pageHeader(w http.ResponseWriter, action string) {
	source := strings.NewReplacer(";", "%3B", ",", "%2C").Replace(action)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' '"+digestOf(frontCSS)+"'; img-src 'self'; form-action "+source+
		"; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// submitText presses the button of the one form of a page.
const submitText = "document.forms[0].submit();\n"

// SubmitScript serves the script of FrontForm.Script.
func SubmitScript() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "max-age=86400")
		_, _ = io.WriteString(w, submitText)
	})
}

const noticeText = `<!DOCTYPE html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>결제를 진행할 수 없습니다</title>
{{template "style"}}
</head>
<body>
<main>
<h1>결제를 진행할 수 없습니다</h1>
<p>{{.Korean}}</p>
<div lang="en">
<h2>The payment cannot go on</h2>
<p>{{.English}}</p>
</div>
{{- if .Correlation}}
<p class="code">{{.Correlation}}</p>
{{- end}}
</main>
</body>
</html>
`

// notice is a page that says why the browser gets nothing else.
type notice struct {
	status          int
	Korean, English string
	// Correlation names the reason in the log; "" if that is told.
	Correlation string
}

func (n notice) write(w http.ResponseWriter) {
	pageHeader(w, "'none'")
	w.WriteHeader(n.status)
	_ = frontTemplate(noticeText).Execute(w, n) // the connection may be gone
}

// The pages of refusals. They tell nothing of an order or a session.
func noticeMalformed(correlation string) notice {
	return notice{http.StatusBadRequest, "주문을 처리할 수 없습니다. 상점으로 돌아가 다시 시도하십시오.", "This cannot be read. Please go back to the shop and try again.", correlation}
}

func noticeTooLong(correlation string) notice {
	n := noticeMalformed(correlation)
	n.status = http.StatusRequestEntityTooLarge
	return n
}

func noticeNotAuthenticated(correlation string) notice {
	return notice{http.StatusForbidden, "보낸 곳을 확인할 수 없습니다.", "It cannot be told who made this.", correlation}
}

func noticeNotHere(correlation string) notice {
	return notice{http.StatusBadRequest, "이곳에서 처리할 수 없는 주문입니다.", "This is not meant to be used here.", correlation}
}

func noticeTooEarly() notice {
	return notice{http.StatusConflict, "아직 결제할 수 없는 주문입니다.", "This order cannot be paid yet.", ""}
}

func noticeOtherBrowser() notice {
	return notice{http.StatusForbidden, "다른 브라우저에서 이미 시작된 주문입니다.", "This order was opened in another browser.", ""}
}

func noticeReused() notice {
	return notice{http.StatusConflict, "이미 사용된 주문 번호입니다.", "This order was used before.", ""}
}

func noticeOver() notice {
	return notice{http.StatusGone, "이미 끝난 주문입니다. 결과는 상점에서 확인하십시오.", "This order is over. The shop can tell what became of it.", ""}
}

func noticeForeign() notice {
	return notice{http.StatusForbidden, "결제 화면에서 다시 시도하십시오.", "Please use the page of the payment.", ""}
}

func noticeUnavailable() notice {
	return notice{http.StatusServiceUnavailable, "지금은 처리할 수 없습니다. 잠시 뒤에 다시 시도하십시오.", "This is not possible now. Please try again in a moment.", ""}
}
