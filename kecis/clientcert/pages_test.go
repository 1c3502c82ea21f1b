package clientcert_test

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

const (
	shopID = "https://shop.example/kecis"
	pgID   = "https://pg.example/kecis"
)

// office is an engine with its pages on real TLS.
type office struct {
	*world
	t       *testing.T
	journal *kecistest.Journal
	engine  *clientcert.Engine
	pages   *clientcert.Pages
	site    *httptest.Server
	log     *bytes.Buffer
	ended   []clientcert.Session
	config  clientcert.EngineConfig
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{world: newWorld(t, kecistest.P256), t: t, journal: kecistest.NewJournal(), log: &bytes.Buffer{}}
	o.config = clientcert.EngineConfig{
		Journal: o.journal, Verifier: o.verifier(t, nil), Secret: bytes.Repeat([]byte{7}, 32), Clock: o.clock,
		Log: slog.New(slog.NewTextHandler(o.log, nil)),
		Ended: func(_ journal.Tx, s *clientcert.Session) error {
			o.ended = append(o.ended, *s)
			return nil
		},
	}
	var err error
	if o.engine, err = clientcert.NewEngine(o.config); err != nil {
		t.Fatal(err)
	}
	o.site = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { o.pages.ServeHTTP(w, r) }))
	o.site.TLS = clientcert.ServerTLS([]tls.Certificate{{Certificate: o.Server.Chain(), PrivateKey: o.Server.Key}})
	o.site.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	o.site.StartTLS()
	t.Cleanup(o.site.Close)
	o.pages, err = clientcert.NewPages(clientcert.PagesConfig{
		Engine: o.engine, Location: strings.Replace(o.site.URL, "127.0.0.1", "localhost", 1) + "/auth", Name: "Example Pay", Random: rand.Reader,
		Continue: func(*clientcert.Session) string { return "https://shop.example/back" },
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func request(key string) *clientcert.Request {
	return &clientcert.Request{
		Key: key, Owner: shopID, Order: kecis.OrderRef{Requester: shopID, OrderID: "ORD-0001", Attempt: 1, Part: 1},
		Payee: clientcert.Payee{Entity: shopID, Name: "꽃집"}, Amount: kecis.Won(320_000), Language: kecis.Korean,
	}
}

func (o *office) begun(key string) *clientcert.Session {
	o.t.Helper()
	s, err := o.engine.Begin(o.t.Context(), request(key))
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

// visitor is a browser with a certificate.
type visitor struct {
	*http.Client
	t      *testing.T
	header http.Header
}

func (o *office) visitor(user string) *visitor {
	roots := x509.NewCertPool()
	roots.AddCert(o.Root.Certificate)
	config := &tls.Config{RootCAs: roots, Time: o.clock.Now, MinVersion: tls.VersionTLS12}
	if identity := o.Users[user]; identity != nil {
		mine := tls.Certificate{Certificate: identity.Chain(), PrivateKey: identity.Key}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &mine, nil }
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}, Jar: jar}
	o.t.Cleanup(client.CloseIdleConnections)
	return &visitor{client, o.t, http.Header{"Accept-Language": {"en"}}}
}

// seen is a page that a visitor got.
type seen struct {
	status  int
	text    string
	header  http.Header
	address string
}

func (v *visitor) do(method, address string, form url.Values) seen {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	maps.Copy(r.Header, v.header)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := v.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return seen{response.StatusCode, html.UnescapeString(string(text)), response.Header, address}
}

func (v *visitor) open(address string) seen { return v.do(http.MethodGet, address, nil) }

func (p seen) field(name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(p.text)
	if m == nil {
		return ""
	}
	return m[1]
}

func (p seen) code() string {
	m := regexp.MustCompile(`class="code">([^<]*)<`).FindStringSubmatch(p.text)
	if m == nil {
		return ""
	}
	return m[1]
}

// press presses a button of a page.
func (v *visitor) press(p seen, do string) seen {
	v.t.Helper()
	return v.do(http.MethodPost, p.address, url.Values{"form": {p.field("form")}, "try": {p.field("try")}, "lang": {p.field("lang")}, "do": {do}})
}

// TestConsent: opening the page authenticates nobody; the button does, once, with
// what the page showed, and nothing tells the holder's name.
func TestConsent(t *testing.T) {
	o := newOffice(t)
	s := o.begun("A1")
	v := o.visitor("good")
	page := v.open(o.pages.Address(s.ID))
	for _, text := range []string{"Example Pay", shopID, "꽃집", "₩320,000", "홍*동", "Confirm"} {
		if !strings.Contains(page.text, text) {
			t.Errorf("the page does not show %s:\n%s", text, page.text)
		}
	}
	if now, _ := o.engine.Session(t.Context(), s.ID); page.status != http.StatusOK || now.State != clientcert.Open {
		t.Fatalf("opened: %d, %+v", page.status, now)
	}
	done := v.press(page, "continue")
	if done.status != http.StatusOK || !strings.Contains(done.text, "Authenticated") || !strings.Contains(done.text, "https://shop.example/back") {
		t.Errorf("pressed: %d\n%s", done.status, done.text)
	}
	end, err := o.engine.Session(t.Context(), s.ID)
	if err != nil || end.State != clientcert.Verified || !end.Ended.Equal(noon) {
		t.Fatalf("ended as %+v, %v", end, err)
	}
	c := end.Certificate
	if c.Shown != kecis.ShownDigest(s.Order, shopID, kecis.Won(320_000)) || c.Policy != kecistest.PolicyPersonal || c.Revocation != kecis.RevocationOCSP ||
		len(c.Holder) != 64 || c.Certificate.IsZero() || c.Chain.IsZero() {
		t.Errorf("proof %+v", c)
	}
	v.press(page, "continue") // again
	if again, _ := o.engine.Session(t.Context(), s.ID); len(o.ended) != 1 || again.Certificate.Holder != c.Holder {
		t.Errorf("ended %d times", len(o.ended))
	}
	rows := ""
	for _, space := range []string{"kecis.cert.session", "kecis.cert.due"} {
		_ = o.journal.View(t.Context(), func(tx journal.Tx) error {
			list, err := tx.Range(space, "", "", 10)
			for _, r := range list {
				rows += r.Key + string(r.Value)
			}
			return err
		})
	}
	for _, secret := range []string{"홍길동", "%ED%99%8D", "0088000"} {
		if strings.Contains(o.log.String()+rows, secret) {
			t.Errorf("%s stands in the log or the journal:\n%s\n%s", secret, o.log, rows)
		}
	}
	if other := o.begun("A2"); true { // the same holder, another requester
		p := o.visitor("good")
		p.press(p.open(o.pages.Address(other.ID)), "continue")
		same, _ := o.engine.Session(t.Context(), other.ID)
		q := request("A3")
		q.Owner = pgID
		third, err := o.engine.Begin(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		p.press(p.open(o.pages.Address(third.ID)), "continue")
		elsewhere, _ := o.engine.Session(t.Context(), third.ID)
		if same.Certificate.Holder != c.Holder || elsewhere.Certificate.Holder == c.Holder {
			t.Errorf("pseudonyms %s, %s and elsewhere %s", c.Holder, same.Certificate.Holder, elsewhere.Certificate.Holder)
		}
	}
}

// TestRefusedCertificates: each has its own message in both languages, counts, and
// leaves the way to another certificate open.
func TestRefusedCertificates(t *testing.T) {
	o := newOffice(t)
	o.wantAll(map[string]error{"": clientcert.ErrAbsent})
	o.wantAll(wants)
}

func (o *office) wantAll(wants map[string]error) {
	for user, want := range wants {
		if want == nil {
			continue
		}
		o.t.Run("with "+user, func(t *testing.T) {
			s := o.begun("refused-" + user)
			texts := map[string]bool{}
			for i, lang := range []string{"en", "ko"} {
				v := o.visitor(user)
				v.header.Set("Accept-Language", lang)
				if i == 1 { // a page of its own
					s = o.begun("refused-ko-" + user)
				}
				page := v.open(o.pages.Address(s.ID))
				code := clientcert.Code(page.code())
				if page.status != http.StatusForbidden || !errors.Is(code, want) || !strings.Contains(page.text, code.Text(lang)) {
					t.Fatalf("%s: %d %q, want %v\n%s", lang, page.status, page.code(), want, page.text)
				}
				pressed := v.press(page, "continue")
				if pressed.status != http.StatusForbidden || pressed.code() != page.code() || pressed.field("form") == "" {
					t.Errorf("%s: pressed: %d %q", lang, pressed.status, pressed.code())
				}
				texts[code.Text(lang)+clientcert.Remedy(code, lang)] = true
			}
			now, err := o.engine.Session(t.Context(), s.ID)
			left := clientcert.MaxTries - 1
			if errors.Is(want, clientcert.ErrAbsent) {
				left = clientcert.MaxTries
			}
			if err != nil || now.State != clientcert.Open || now.TriesLeft != left || len(texts) != 2 {
				t.Errorf("after a refusal: %+v, %v; %d texts", now, err, len(texts))
			}
			good := o.visitor("good") // the first browser, with another certificate
			good.Jar = nil
			s = o.begun("good-after-" + user)
			v := o.visitor(user)
			v.press(v.open(o.pages.Address(s.ID)), "continue")
			good.Jar = v.Jar
			done := good.press(good.open(o.pages.Address(s.ID)), "continue")
			if now, _ := o.engine.Session(t.Context(), s.ID); now.State != clientcert.Verified {
				t.Errorf("another certificate: %+v\n%s", now, done.text)
			}
		})
	}
}

// TestTooManyCertificates: the last refused one ends it; the page says why, and what
// the last was refused for; a good one is too late.
func TestTooManyCertificates(t *testing.T) {
	o := newOffice(t)
	s := o.begun("A1")
	v := o.visitor("revoked")
	page := v.open(o.pages.Address(s.ID))
	for i := range clientcert.MaxTries {
		if now, _ := o.engine.Session(t.Context(), s.ID); now.Tries != i || now.State != clientcert.Open {
			t.Fatalf("before press %d: %+v", i, now)
		}
		stale := page
		page = v.press(page, "continue")
		if i == 0 { // the form of the first try is worth nothing now
			if p := v.press(stale, "continue"); p.code() != string(clientcert.ErrForm) || p.field("form") == "" {
				t.Errorf("a form again: %q", p.code())
			}
		}
	}
	if page.code() != string(clientcert.ErrLocked) || !strings.Contains(page.text, clientcert.ErrRevoked.Text("en")) || page.field("form") != "" {
		t.Errorf("the last page: %s", page.text)
	}
	good := o.visitor("good")
	good.Jar = v.Jar
	if p := good.open(o.pages.Address(s.ID)); p.code() != string(clientcert.ErrLocked) {
		t.Errorf("a good one later: %s", p.text)
	}
	end, err := o.engine.Session(t.Context(), s.ID)
	if err != nil || end.State != clientcert.Locked || end.Refused != clientcert.ErrRevoked || len(o.ended) != 1 || end.Certificate != nil {
		t.Errorf("ended %d times as %+v, %v", len(o.ended), end, err)
	}
}

// TestForms: a button counts only from the page of this session, in the browser that
// opened it first.
func TestForms(t *testing.T) {
	o := newOffice(t)
	s := o.begun("A1")
	v := o.visitor("good")
	page := v.open(o.pages.Address(s.ID))
	open := func(name string, p seen, code clientcert.Code) {
		t.Helper()
		if now, _ := o.engine.Session(t.Context(), s.ID); now.State != clientcert.Open || now.Tries != 0 {
			t.Fatalf("%s: %+v", name, now)
		}
		if p.code() != string(code) || p.status < 400 {
			t.Errorf("%s: %d %q, want %s", name, p.status, p.code(), code)
		}
	}
	stranger := o.visitor("second")
	open("a stranger opens it", stranger.open(page.address), clientcert.ErrOtherBrowser)
	open("a stranger has the form", stranger.press(page, "continue"), clientcert.ErrOtherBrowser)
	elsewhere := o.visitor("good")
	elsewhere.Jar, elsewhere.header = v.Jar, http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}
	open("a form of another site", elsewhere.press(page, "continue"), clientcert.ErrForm)
	other := page
	other.text = strings.Replace(page.text, `value="`+page.field("form")[:4], `value="0000`, 1)
	open("a forged form", v.press(other, "continue"), clientcert.ErrForm)
	second := o.begun("A2")
	mine := v.open(o.pages.Address(second.ID))
	mine.address = page.address
	open("the form of another session", v.press(mine, "continue"), clientcert.ErrForm)
	open("nothing", v.do(http.MethodPost, page.address, url.Values{}), clientcert.ErrForm)
	if p := v.open(o.pages.Address(strings.Repeat("0", 40))); p.status != http.StatusNotFound || p.code() != string(clientcert.ErrUnknown) {
		t.Errorf("an unknown session: %d %q", p.status, p.code())
	}
	given := v.press(page, "cancel")
	if now, _ := o.engine.Session(t.Context(), s.ID); now.State != clientcert.Cancelled || given.code() != string(clientcert.ErrGivenUp) {
		t.Errorf("given up: %+v, %q", now, given.code())
	}
	v.press(page, "continue")
	if now, _ := o.engine.Session(t.Context(), s.ID); now.State != clientcert.Cancelled {
		t.Errorf("after giving up: %+v", now)
	}
}

// TestPageHeader: nothing from elsewhere, nothing inline, no frame, no store.
func TestPageHeader(t *testing.T) {
	o := newOffice(t)
	s := o.begun("A1")
	p := o.visitor("good").open(o.pages.Address(s.ID))
	policy := p.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(p.text, "<script") || strings.Contains(p.text, "style=") {
		t.Errorf("policy %q", policy)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if got := p.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	cookie := p.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-", "Secure", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("cookie %q lacks %s", cookie, part)
		}
	}
	css := o.visitor("").open(o.pages.Address("style.css"))
	if css.status != http.StatusOK || !strings.Contains(css.header.Get("Content-Type"), "text/css") {
		t.Errorf("style: %d", css.status)
	}
	if p := o.visitor("good").do(http.MethodPut, p.address, nil); p.status != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", p.status)
	}
}

// TestTime: the button counts a second before the end, and not at the end, whether or
// not background work has come by.
func TestTime(t *testing.T) {
	for _, c := range []struct {
		name string
		wait time.Duration
		runs bool
		want clientcert.State
	}{
		{"before", clientcert.DefaultTimeout - time.Second, true, clientcert.Verified},
		{"at the end", clientcert.DefaultTimeout, false, clientcert.Expired},
		{"swept", clientcert.DefaultTimeout, true, clientcert.Expired},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			s := o.begun("A1")
			v := o.visitor("good")
			page := v.open(o.pages.Address(s.ID))
			o.clock.Advance(c.wait)
			if c.runs {
				if _, err := o.engine.RunOnce(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			after := v.press(page, "continue")
			end, err := o.engine.Session(t.Context(), s.ID)
			if err != nil || end.State != c.want || len(o.ended) != 1 {
				t.Fatalf("ended %d times as %+v, %v", len(o.ended), end, err)
			}
			if late := after.code() == string(clientcert.ErrLate); late != (c.want == clientcert.Expired) {
				t.Errorf("page %q", after.code())
			}
		})
	}
}
