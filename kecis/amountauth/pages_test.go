package amountauth_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

const location = "https://pg.example/aa"

// postbox keeps the mails that are sent.
type postbox struct {
	mails []*amountauth.LinkMail
	err   error
}

func (p *postbox) MailLink(_ context.Context, m *amountauth.LinkMail) error {
	if p.err == nil {
		p.mails = append(p.mails, m)
	}
	return p.err
}

// site is a world with its pages.
type site struct {
	*world

	pages *amountauth.Pages
	box   *postbox
}

func newSite(t *testing.T, change ...func(*amountauth.PagesConfig)) *site {
	t.Helper()
	s := &site{world: newWorld(t), box: &postbox{}}
	config := amountauth.PagesConfig{Engine: s.engine, Location: location, Name: "한빛PG", Mailer: s.box}
	for _, c := range change {
		c(&config)
	}
	var err error
	if s.pages, err = amountauth.NewPages(config); err != nil {
		t.Fatal(err)
	}
	return s
}

// browser is one that keeps cookies, runs no script and goes where it is sent.
type browser struct {
	t       *testing.T
	site    *site
	cookies map[string]string
	accept  string
	address string
	status  int
	header  http.Header
	body    string
}

func (s *site) browser() *browser {
	return &browser{t: s.t, site: s, cookies: map[string]string{}, accept: "ko-KR,ko;q=0.9"}
}

func (b *browser) do(method, address string, form url.Values) {
	b.t.Helper()
	for range 5 {
		r := httptest.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode()))
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		r.Header.Set("Accept-Language", b.accept)
		for name, value := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		rec := httptest.NewRecorder()
		b.site.pages.ServeHTTP(rec, r)
		for _, c := range rec.Result().Cookies() {
			b.cookies[c.Name] = c.Value
		}
		b.status, b.header, b.body, b.address = rec.Code, rec.Header(), rec.Body.String(), address
		if rec.Code != http.StatusSeeOther {
			return
		}
		method, form, address = http.MethodGet, nil, "https://pg.example"+rec.Header().Get("Location")
	}
	b.t.Fatal("sent in circles")
}

func (b *browser) open(address string) *browser {
	b.t.Helper()
	b.do(http.MethodGet, address, nil)
	return b
}

// field returns the value of a hidden field.
func (b *browser) field(name string) string {
	m := regexp.MustCompile(`name="` + name + `"[^>]* value="([^"]*)"`).FindStringSubmatch(b.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// send posts a form of the page, with what the page put into it.
func (b *browser) send(fields ...string) *browser {
	b.t.Helper()
	form := url.Values{}
	for _, name := range []string{"form", "serial", "pad", "pressed"} {
		form.Set(name, b.field(name))
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	b.do(http.MethodPost, b.address, form)
	return b
}

func (b *browser) shows(want ...string) {
	b.t.Helper()
	for _, text := range want {
		if !strings.Contains(html.UnescapeString(b.body), text) {
			b.t.Errorf("no %q in page %d\n%s", text, b.status, b.body)
		}
	}
}

func (b *browser) code(want amountauth.Code) {
	b.t.Helper()
	if !strings.Contains(b.body, `data-code="`+string(want)+`"`) {
		b.t.Errorf("no code %s in page %d\n%s", want, b.status, b.body)
	}
	language := "en"
	if strings.Contains(b.body, `<html lang="ko">`) {
		language = "ko"
	}
	b.shows(want.Text(language))
}

func TestPageFromBeginningToEnd(t *testing.T) {
	w := newSite(t, func(c *amountauth.PagesConfig) {
		c.Continue = func(*amountauth.Session) string { return "https://shop.example/done" }
	})
	s := w.begin("a", paying)
	b := w.browser().open(w.pages.Address(s.ID))
	b.shows(`<html lang="ko">`, "금액 인증", "꽃집", "50,000원", "400000******0016", "3번", "오늘 오후 2시 23분까지", "약 20분")
	b.send("value", "999")
	if b.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", b.status)
	}
	b.code(amountauth.ErrWrong)
	b.shows("2번")
	b.send("value", w.bank.sms(s.ID)[0])
	b.shows("결제되었습니다", "12345678", "확인용 승인은 취소되었습니다.", "https://shop.example/done")
	if holds, paid := w.bank.lives(); holds != 0 || paid != 50_000 {
		t.Errorf("%d holds, %d paid", holds, paid)
	}
	b.accept = "en-US,en;q=0.9"
	b.open(w.pages.Address(s.ID)).shows(`<html lang="en">`, "Paid", "Approval code")
	b.open(w.pages.Address(s.ID) + "?lang=ko").shows("결제되었습니다")
	b.open(w.pages.Address(s.ID)).shows("결제되었습니다") // the switch is remembered
}

// TestBadInputHasItsOwnMessage, in both languages; none of the first kind counts.
func TestBadInputHasItsOwnMessage(t *testing.T) {
	for _, accept := range []string{"ko", "en"} {
		w := newSite(t)
		s := w.begin("a")
		b := w.browser()
		b.accept = accept
		b.open(w.pages.Address(s.ID))
		for text, want := range map[string]amountauth.Code{
			"": amountauth.ErrTypedEmpty, "천이백": amountauth.ErrTypedLetters, "-1234": amountauth.ErrTypedSign,
			"1234.00": amountauth.ErrTypedDecimals, "12,34": amountauth.ErrTypedGrouping, strings.Repeat("9", 40): amountauth.ErrTypedLength,
		} {
			b.send("value", text).code(want)
		}
		if got, _ := w.engine.Session(t.Context(), s.ID); got.TriesLeft != 3 {
			t.Errorf("%d tries are left", got.TriesLeft)
		}
		b.send("value", "1").code(amountauth.ErrWrong)
		w.browser().open(w.pages.Address("0000")).shows(amountauth.ErrWrong.Text("ko")) // unknown: in the same words
		w.clock.Advance(20 * time.Minute)
		b.send("value", w.bank.sms(s.ID)[0])
		b.shows(amountauth.ErrLate.Text(accept))
	}
}

func TestRepeatedFormIsNotCounted(t *testing.T) {
	w := newSite(t)
	s := w.begin("a")
	b := w.browser().open(w.pages.Address(s.ID))
	first := *b
	b.send("value", "999").code(amountauth.ErrWrong)
	for _, value := range []string{"999", "998", w.bank.sms(s.ID)[0]} { // back and again, as it was and changed
		again := first
		again.cookies = b.cookies
		again.send("value", value)
		again.code(amountauth.ErrRepeated)
		again.shows("2번")
	}
	b.send("value", w.bank.sms(s.ID)[0]).shows("인증되었습니다")
	b.open(w.pages.Address(s.ID)).shows("인증되었습니다")
}

func TestLock(t *testing.T) {
	w := newSite(t)
	s := w.begin("a", paying)
	b := w.browser().open(w.pages.Address(s.ID))
	for range 3 {
		b.send("value", "999")
	}
	if n := strings.Count(b.body, amountauth.ErrLocked.Text("ko")); n != 1 {
		t.Errorf("the page says %d times that it is locked", n)
	}
	b.shows(amountauth.ErrLocked.Text("ko"), "결제된 금액은 없습니다.", "확인용 승인은 취소되었습니다.")
	b.open(w.pages.Address(s.ID)).shows("인증하지 못했습니다")
	if strings.Contains(b.body, "<form") {
		t.Error("a locked session still has a form")
	}
}

func TestForgedForms(t *testing.T) {
	w := newSite(t)
	s := w.begin("a")
	right := w.bank.sms(s.ID)[0]
	b := w.browser().open(w.pages.Address(s.ID))
	for name, fields := range map[string][]string{
		"no token":         {"value", right, "form", ""},
		"another token":    {"value", right, "form", strings.Repeat("0", 64)},
		"of another try":   {"value", right, "serial", "2"},
		"of another place": {"do", "cancel", "form", ""},
	} {
		if b.send(fields...); b.status != http.StatusForbidden {
			t.Errorf("%s: status %d", name, b.status)
		}
		b.code(amountauth.ErrForm)
		b.open(w.pages.Address(s.ID))
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, w.pages.Address(s.ID), strings.NewReader(url.Values{
		"form": {b.field("form")}, "serial": {"0"}, "value": {right},
	}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	w.pages.ServeHTTP(rec, r)
	if rec.Code != http.StatusForbidden {
		t.Errorf("a form of another site: status %d", rec.Code)
	}
	if got, _ := w.engine.Session(t.Context(), s.ID); got.State != amountauth.Open || got.TriesLeft != 3 {
		t.Errorf("%+v", got)
	}
}

func TestCheckLaterInAnotherBrowser(t *testing.T) {
	w := newSite(t)
	s := w.begin("a")
	first := w.browser().open(w.pages.Address(s.ID))
	first.send("value", "999")
	first.send("do", "later", "mail", "nobody").code(amountauth.ErrMail)
	first.send("do", "later", "mail", "buyer@example.com\r\nBcc: x@example.com").code(amountauth.ErrMail)
	first.send("do", "later", "mail", "buyer@example.com").shows("이메일로 링크를 보냈습니다.")
	if len(w.box.mails) != 1 || w.box.mails[0].To != "buyer@example.com" || !strings.Contains(w.box.mails[0].Text, w.box.mails[0].Link) {
		t.Fatalf("%+v", w.box.mails)
	}
	link := w.box.mails[0].Link

	second := w.browser().open(w.pages.Address(s.ID))
	second.code(amountauth.ErrOtherBrowser)
	second.open(link).shows("인증 이어서 하기", "꽃집", "50,000원", "2번")
	first.open(w.pages.Address(s.ID)).shows("금액 인증") // looking at the link has moved nothing
	second.open(link).send().shows("금액 인증", "2번")
	first.open(w.pages.Address(s.ID)).code(amountauth.ErrOtherBrowser)
	first.cookies = map[string]string{}
	first.open(link + "A").code(amountauth.ErrLink)
	second.send("value", "998").shows("1번")
	second.send("value", w.bank.sms(s.ID)[0]).shows("인증되었습니다")

	other := w.begin("b", ofCard("card-2"))
	b := w.browser().open(w.pages.Address(other.ID))
	for range 4 { // three are sent
		b.send("do", "later", "mail", "buyer@example.com")
	}
	b.code(amountauth.ErrMail)
	if len(w.box.mails) != 4 {
		t.Errorf("%d mails", len(w.box.mails))
	}
	w.clock.Advance(21 * time.Minute)
	w.browser().open(w.box.mails[3].Link).code(amountauth.ErrLinkExpired)
}

func TestMailerFails(t *testing.T) {
	w := newSite(t)
	w.box.err = errors.New("no such host")
	s := w.begin("a")
	w.browser().open(w.pages.Address(s.ID)).send("do", "later", "mail", "buyer@example.com").code(amountauth.ErrMail)
}

func TestOtherMerchantsSession(t *testing.T) {
	w := newSite(t, func(c *amountauth.PagesConfig) {
		c.Payee = func(*http.Request) string { return "https://other.example" }
	})
	s := w.begin("a")
	b := w.browser().open(w.pages.Address(s.ID))
	b.code(amountauth.ErrOtherMerchant)
	if strings.Contains(b.body, "50,000") {
		t.Error("it is shown all the same")
	}
	token, err := w.engine.Link(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.open(location + "/link/" + token).code(amountauth.ErrOtherMerchant)
}

func TestCancelByPage(t *testing.T) {
	w := newSite(t)
	s := w.begin("a")
	w.browser().open(w.pages.Address(s.ID)).send("do", "cancel").shows("인증이 취소되었습니다.", "확인용 승인은 취소되었습니다.")
	if holds, _ := w.bank.lives(); holds != 0 {
		t.Error("the hold lives")
	}
}

// TestCancelByPageWithoutStore: the page says that it does not work now, and the same form
// cancels when the store is back.
func TestCancelByPageWithoutStore(t *testing.T) {
	w := newSite(t)
	s := w.begin("a")
	b := w.browser().open(w.pages.Address(s.ID))
	w.journal.BeforeCommit = func() error { return errJournal }
	b.send("do", "cancel").shows("지금은 처리할 수 없습니다. 잠시 뒤에 다시 시도해 주십시오.")
	w.journal.BeforeCommit = nil
	b.send("do", "cancel").shows("인증이 취소되었습니다.")
}

// TestKeypad types by the keypad without a script: the digits are read from the faces
// of the keys, as a person does, and stand nowhere else.
func TestKeypad(t *testing.T) {
	for _, v := range []amountauth.Variant{amountauth.Amount, amountauth.Descriptor} {
		t.Run(string(v), func(t *testing.T) {
			w := newSite(t)
			s := w.begin("a", ofVariant(v))
			b := w.browser().open(w.pages.Address(s.ID))
			places := b.readPad()
			digits := regexp.MustCompile(`\D`).ReplaceAllString(w.bank.sms(s.ID)[0], "")
			b.send("do", fmt.Sprintf("press-%d", places['0'])).send("do", "erase")
			for _, d := range digits {
				b.send("do", fmt.Sprintf("press-%d", places[d]))
				for d, place := range b.readPad() {
					if places[d] != place {
						t.Fatal("the keys moved while they were pressed")
					}
				}
			}
			b.shows(strings.Repeat("●", len(digits)))
			if strings.Contains(b.body, digits) {
				t.Error("the page tells what was pressed")
			}
			b.send("do", "answer").shows("인증되었습니다")
		})
	}
	t.Run("moves", func(t *testing.T) {
		w := newSite(t)
		s := w.begin("a")
		b := w.browser().open(w.pages.Address(s.ID))
		seen := map[string]bool{}
		for range 10 {
			seen[fmt.Sprint(b.readPad())] = true
			b.open(w.pages.Address(s.ID))
		}
		if len(seen) < 9 {
			t.Errorf("%d layouts in ten pages", len(seen))
		}
		stranger := w.browser()
		if stranger.open("https://pg.example" + b.faces()[0]); stranger.status != http.StatusNotFound {
			t.Errorf("a stranger sees the keys: %d", stranger.status)
		}
	})
}

func (b *browser) faces() (faces []string) {
	for _, m := range regexp.MustCompile(`<img src="([^"]*)"`).FindAllStringSubmatch(b.body, -1) {
		faces = append(faces, html.UnescapeString(m[1]))
	}
	return faces
}

// readPad returns the place of each digit.
func (b *browser) readPad() map[rune]int {
	b.t.Helper()
	// The faces of 0 to 9, told apart by how they begin and how long they are.
	known := map[string]rune{
		"M10 3C4": '0', "M5 8L11": '1', "M4 9C4 ": '2', "M4 6C7 ": '3', "M13 29V": '4',
		"M16 3H6": '5', "M15 4C8": '6', "M3 3H17": '7', "M10 15C": '8', "M5 28C1": '9',
	}
	places := map[rune]int{}
	for place, face := range b.faces() {
		eye := *b
		eye.open("https://pg.example" + face)
		_, path, _ := strings.Cut(eye.body, `d="`)
		places[known[path[:7]]] = place
	}
	if len(places) != 10 {
		b.t.Fatalf("%d keys in\n%s", len(places), b.body)
	}
	return places
}

func TestHeaders(t *testing.T) {
	w := newSite(t)
	s := w.begin("a")
	b := w.browser().open(w.pages.Address(s.ID))
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		"X-Frame-Options":         "DENY",
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "no-referrer",
		"Cache-Control":           "no-store",
	} {
		if got := b.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	cookie := b.header.Get("Set-Cookie")
	for _, want := range []string{"__Host-kecis-aa-" + s.ID + "=", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("no %s in %s", want, cookie)
		}
	}
	for _, bad := range []string{"<style", "style=", "onclick", "javascript:", "<script>"} {
		if strings.Contains(b.body, bad) {
			t.Errorf("%s in the page", bad)
		}
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="(/aa/[a-z.]+)" integrity="sha384-[A-Za-z0-9+/=]{64}"`).FindAllStringSubmatch(b.body, -1) {
		file := w.browser()
		if file.open("https://pg.example" + m[1]); file.status != http.StatusOK {
			t.Errorf("%s: %d", m[1], file.status)
		}
	}
	if strings.Count(b.body, "integrity=") != 2 {
		t.Error("a file without a digest")
	}
	for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodDelete} {
		other := w.begin("h-"+strings.ToLower(method), ofCard("h-"+method))
		fresh := w.browser()
		if fresh.do(method, w.pages.Address(other.ID), nil); fresh.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, fresh.status)
		}
		fresh.open(w.pages.Address(other.ID)).shows("금액 인증") // and the session is bound to nobody
	}
}

// TestPagesTellNothing of the value: all that a browser is sent until the end.
func TestPagesTellNothing(t *testing.T) {
	w := newSite(t)
	s := w.begin("a", ofAmount(kecis.Won(987_654_321_000)), paying)
	b := w.browser().open(w.pages.Address(s.ID))
	all := b.body
	for _, fields := range [][]string{{"value", "1"}, {"do", "later", "mail", "buyer@example.com"}, {"value", w.bank.sms(s.ID)[0]}} {
		b.send(fields...)
		all += b.body + fmt.Sprint(b.header)
	}
	b.shows("결제되었습니다")
	all += w.box.mails[0].Text
	for _, value := range secretsOf(w.bank.holds[s.ID+"-hold"]) {
		if strings.Contains(all, value) {
			t.Errorf("%s is told", value)
		}
	}
}

func TestStatesOfThePage(t *testing.T) {
	t.Run("starting", func(t *testing.T) {
		w := newSite(t)
		w.bank.fault = func(string) fault { return lost }
		s, err := w.engine.Begin(t.Context(), request("a"))
		if err != nil {
			t.Fatal(err)
		}
		b := w.browser().open(w.pages.Address(s.ID))
		b.shows("준비하고 있습니다", `http-equiv="refresh"`)
		w.bank.fault = nil
		w.settle(5 * time.Second)
		b.open(w.pages.Address(s.ID)).shows("금액 인증")
	})
	t.Run("paying", func(t *testing.T) {
		w := newSite(t)
		s := w.begin("a", paying)
		w.bank.fault = func(call string) fault {
			if call == "release" {
				return lost
			}
			return fine
		}
		b := w.browser().open(w.pages.Address(s.ID))
		b.send("value", w.bank.sms(s.ID)[0]).shows("결제하고 있습니다", "확인용 승인을 취소하고 있습니다.", `http-equiv="refresh"`)
		w.bank.fault = nil
		w.settle(20 * time.Second)
		b.open(w.pages.Address(s.ID)).shows("결제되었습니다")
	})
	t.Run("declined", func(t *testing.T) {
		w := newSite(t)
		w.bank.limit = 49_999
		s := w.begin("a", paying)
		b := w.browser().open(w.pages.Address(s.ID)).send("value", w.bank.sms(s.ID)[0])
		b.shows("결제하지 못했습니다", "상점에서 다시", kecis.ErrDeclinedLimit.Text("ko"), "확인용 승인은 취소되었습니다.")
	})
	t.Run("deposits", func(t *testing.T) {
		w := newSite(t)
		s := w.begin("a", ofVariant(amountauth.Deposits))
		sms := w.bank.sms(s.ID)
		w.browser().open(w.pages.Address(s.ID)).send("value", sms[1], "value2", sms[0]).shows("인증되었습니다")
	})
}

func TestPagesConfig(t *testing.T) {
	w := newWorld(t)
	for _, bad := range []string{"", "http://pg.example/aa", "https://pg.example", "https://pg.example/aa?x=1", "/aa"} {
		if _, err := amountauth.NewPages(amountauth.PagesConfig{Engine: w.engine, Location: bad}); !errors.Is(err, kecis.ErrConfiguration) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
