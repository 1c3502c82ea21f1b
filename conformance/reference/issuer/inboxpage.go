package issuer

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed inbox.html
var inboxHTML string

//go:embed inbox.css
var inboxCSS string

// InboxHandler shows inboxes: a page at GET /inbox/{holder} in the language of
// ?lang=ko or en, else of Accept-Language, and JSON at GET /api/inbox/{holder}.
// The page needs no script. It asks nobody who he is, as a telephone that lies on
// the table: serve it to those who may play the cardholder, in tests and demos.
func (s *Issuer) InboxHandler() (http.Handler, error) {
	page, err := template.New("inbox").Parse(inboxHTML)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(inboxCSS))
	h := inboxHandler{issuer: s, page: page, policy: "default-src 'none'; style-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /inbox/{holder}", h.show)
	mux.HandleFunc("GET /api/inbox/{holder}", h.list)
	return mux, nil
}

type inboxHandler struct {
	issuer *Issuer
	page   *template.Template
	policy string
}

// inboxView is what the page shows.
type inboxView struct {
	Lang, Title, Empty, Reload, Other, OtherName string
	Style                                        template.CSS
	Notices                                      []noticeView
}

type noticeView struct{ ID, At, Text, Kind string }

func (h *inboxHandler) show(w http.ResponseWriter, r *http.Request) {
	notices, ok := h.read(w, r)
	if !ok {
		return
	}
	v := inboxView{Lang: "en", Title: "Messages", Empty: "No messages yet.", Reload: "Reload", Other: "ko", OtherName: "한국어"}
	if wantsKorean(r) {
		v = inboxView{Lang: "ko", Title: "받은 문자", Empty: "받은 문자가 없습니다.", Reload: "새로 고침", Other: "en", OtherName: "English"}
	}
	v.Style = template.CSS(inboxCSS) //nolint:gosec // a file of this package
	for i := range notices {
		n := &notices[i]
		v.Notices = append(v.Notices, noticeView{n.ID, n.At.Format(time.RFC3339), n.Text(h.issuer.config.Name, v.Lang), string(n.Kind)})
	}
	var body bytes.Buffer
	if err := h.page.Execute(&body, v); err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h.send(w, "text/html; charset=utf-8", body.Bytes())
}

// noticeJSON is a notice as the API gives it.
type noticeJSON struct {
	ID           string    `json:"id"`
	At           time.Time `json:"at"`
	Kind         string    `json:"kind"`
	Method       string    `json:"method"`
	Instrument   string    `json:"instrument"`
	Amount       int64     `json:"amount"`
	Currency     string    `json:"currency"`
	Exponent     int       `json:"exponent"`
	Instalments  string    `json:"instalments"`
	Payee        string    `json:"payee"`
	ApprovalCode string    `json:"approvalCode,omitempty"`
	Code         string    `json:"code,omitempty"`
	Korean       string    `json:"ko"`
	English      string    `json:"en"`
}

func (h *inboxHandler) list(w http.ResponseWriter, r *http.Request) {
	notices, ok := h.read(w, r)
	if !ok {
		return
	}
	list := make([]noticeJSON, len(notices))
	for i := range notices {
		n := &notices[i]
		list[i] = noticeJSON{
			ID: n.ID, At: n.At, Kind: string(n.Kind), Method: n.Method.String(), Instrument: n.Instrument,
			Amount: n.Amount, Currency: string(n.Currency), Exponent: n.Currency.Exponent(),
			Instalments: n.Instalments.String(), Payee: n.Payee, ApprovalCode: n.ApprovalCode, Code: string(n.Code),
			Korean: n.Text(h.issuer.config.Name, "ko"), English: n.Text(h.issuer.config.Name, "en"),
		}
	}
	body, err := json.Marshal(map[string]any{"notices": list})
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h.send(w, "application/json", body)
}

// read gets the inbox that is asked for, or answers why not.
func (h *inboxHandler) read(w http.ResponseWriter, r *http.Request) (notices []Notice, ok bool) {
	holder := r.PathValue("holder")
	if !validHolder(holder) {
		http.NotFound(w, r)
		return nil, false
	}
	notices, err := h.issuer.Inbox(r.Context(), holder, maxNotices)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return nil, false
	}
	return notices, true
}

func (h *inboxHandler) send(w http.ResponseWriter, contentType string, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Security-Policy", h.policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	header.Set("Vary", "Accept-Language")
	_, _ = w.Write(body) // a reader that is gone is no concern of the server
}

// wantsKorean: a Korean issuer's inbox is Korean unless English is asked for.
func wantsKorean(r *http.Request) bool {
	if lang := r.URL.Query().Get("lang"); lang != "" {
		return lang == "ko"
	}
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	return first == "" || !strings.HasPrefix(strings.ToLower(strings.TrimSpace(first)), "en")
}
