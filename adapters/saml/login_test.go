package saml_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/adapters/saml"
	"github.com/kecis/sdk/kecis/clientcert"
)

var noon = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

func TestLogin(t *testing.T) {
	w := newWorld(t, noon, nil)
	for _, binding := range []string{"redirect", "post"} {
		t.Run(binding, func(t *testing.T) {
			b := w.browser(t, w.Users["good"])
			r := w.request()
			asked := b.open(r)
			if binding == "post" {
				r = w.request()
				asked = b.post(r.String())
			}
			for _, text := range []string{"The Shop", spEntity, "홍*동", "2 March 2027", "Sign in", `lang="en"`} {
				if asked.status != http.StatusOK || !strings.Contains(asked.text, text) {
					t.Fatalf("%d, without %q:\n%s", asked.status, text, asked.text)
				}
			}
			sent := b.press(asked, "continue")
			document := sent.answer()
			if sent.action() != spReply || sent.field("RelayState") != "state" {
				t.Errorf("it goes to %q with state %q:\n%s", sent.action(), sent.field("RelayState"), sent.text)
			}
			w.check(t, document)
			for _, text := range []string{
				`InResponseTo="` + r.id + `"`, `Recipient="` + spReply + `"`, `<saml:Audience>` + spEntity + `<`, "ac:classes:TLSClient",
				"status:Success", "cm:bearer", "nameid-format:persistent", `NotOnOrAfter="2026-03-02T03:05:00Z"`,
			} {
				if !strings.Contains(document, text) {
					t.Errorf("the answer has no %s:\n%s", text, document)
				}
			}
			if strings.Contains(document, "X509Certificate") || strings.Contains(document, "holder-of-key") {
				t.Error("the answer has the certificate, which nobody asked for")
			}
			login := w.logins[len(w.logins)-1]
			if login.Request != r.id || login.Provider != spEntity || !strings.Contains(document, ">"+login.Pseudonym+"<") || login.Authentication.Policy == "" {
				t.Errorf("recorded %+v", login)
			}
		})
	}
	if w.logins[0].Pseudonym != w.logins[1].Pseudonym {
		t.Error("two logins of one person have two names")
	}
	for _, secret := range []string{"홍길동", "0088000"} {
		if strings.Contains(w.log.String(), secret) || strings.Contains(fmt.Sprintf("%+v", w.logins), secret) {
			t.Errorf("the log or the evidence shows %q", secret)
		}
	}
}

// TestRefusedCertificates: the page says why, and the way back is a signed answer
// without an assertion.
func TestRefusedCertificates(t *testing.T) {
	w := newWorld(t, noon, nil)
	for name, code := range map[string]clientcert.Code{
		"expired": clientcert.ErrExpired, "revoked": clientcert.ErrRevoked, "wrong-usage": clientcert.ErrUsage,
		"unknown-anchor": clientcert.ErrUntrusted, "not-yet-valid": clientcert.ErrNotYetValid, "wrong-policy": clientcert.ErrPolicy,
		"": clientcert.ErrAbsent,
	} {
		t.Run(name, func(t *testing.T) {
			b := w.browser(t, w.Users[name])
			b.header.Set("Accept-Language", "fr, ko-KR;q=0.9, en;q=0.8")
			asked := b.open(w.request())
			if asked.status != http.StatusForbidden || asked.code() != string(code) || !strings.Contains(asked.text, code.Text("ko")) {
				t.Fatalf("%d %q:\n%s", asked.status, asked.code(), asked.text)
			}
			if again := b.press(asked, "continue"); again.answer() != "" || again.code() != string(code) {
				t.Errorf("the button logs in all the same:\n%s", again.text)
			}
			document := b.press(asked, "decline").answer()
			if !strings.Contains(document, "status:RequestDenied") || strings.Contains(document, "Assertion") && strings.Contains(document, "<saml:Assertion") {
				t.Errorf("the way back carries\n%s", document)
			}
		})
	}
	if len(w.logins) != 0 {
		t.Errorf("recorded %+v", w.logins)
	}
}

func TestLanguages(t *testing.T) {
	w := newWorld(t, noon, func(w *world) {
		w.config.Payment = func(_ context.Context, r saml.UnverifiedAuthnRequest) (*saml.Payment, error) {
			return &saml.Payment{Payee: "가게 <b>", Amount: "50,000원", Digest: [32]byte{7}}, nil
		}
	})
	b := w.browser(t, w.Users["good"])
	asked := b.open(w.request())
	for _, text := range []string{"Payee", "가게 &lt;b&gt;", "50,000원"} {
		if !strings.Contains(asked.text, text) {
			t.Errorf("the page has no %q:\n%s", text, asked.text)
		}
	}
	switched := b.press(asked, "ko")
	for _, text := range []string{`lang="ko"`, "한글 상점", "2027년 3월 2일", "받는 곳", "결제 금액", "취소"} {
		if !strings.Contains(switched.text, text) {
			t.Errorf("the Korean page has no %q:\n%s", text, switched.text)
		}
	}
	if again := b.press(b.press(switched, "en"), "continue"); again.answer() == "" || !strings.Contains(again.text, "One moment") {
		t.Errorf("after two switches:\n%s", again.text)
	}
	if w.logins[0].Payment == nil || w.logins[0].Payment.Digest != [32]byte{7} {
		t.Errorf("the evidence has no payment: %+v", w.logins[0])
	}
	b.header.Set("Accept-Language", "fr")
	if asked := b.open(w.request()); !strings.Contains(asked.text, `lang="ko"`) {
		t.Error("French gets no Korean")
	}
}

// TestPaymentChanges: who saw another amount is asked again.
func TestPaymentChanges(t *testing.T) {
	payment := saml.Payment{Payee: "Shop", Amount: "1,000원"}
	w := newWorld(t, noon, func(w *world) {
		w.config.Payment = func(context.Context, saml.UnverifiedAuthnRequest) (*saml.Payment, error) {
			now := payment
			return &now, nil
		}
	})
	b := w.browser(t, w.Users["good"])
	asked := b.open(w.request())
	payment.Amount = "9,000원"
	again := b.press(asked, "continue")
	if again.answer() != "" || !strings.Contains(again.text, "9,000원") {
		t.Fatalf("another amount was confirmed:\n%s", again.text)
	}
	if b.press(again, "continue").answer() == "" || w.logins[0].Payment.Amount != "9,000원" {
		t.Errorf("recorded %+v", w.logins)
	}
}

// TestPagesAreClosed looks at the header fields, and for scripts in the pages.
func TestPagesAreClosed(t *testing.T) {
	w := newWorld(t, noon, nil)
	b := w.browser(t, w.Users["good"])
	asked := b.open(w.request())
	sent := b.press(asked, "continue")
	notice := b.do(http.MethodGet, w.config.Location+"/sso?x=1", nil)
	for name, p := range map[string]page{"ask": asked, "send": sent, "notice": notice} {
		policy := p.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action "} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy %q has no %s", name, policy, part)
			}
		}
		if p.header.Get("Cache-Control") != "no-store" || p.header.Get("X-Content-Type-Options") != "nosniff" || p.header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: header %v", name, p.header)
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(p.text, "style=") || strings.Contains(p.text, "onload") {
			t.Errorf("%s: something stands in line", name)
		}
	}
	if !strings.Contains(sent.text, `<script src="`+w.config.Location+`/submit.js" integrity="sha256-`) {
		t.Errorf("the script has no digest:\n%s", sent.text)
	}
	for _, file := range []string{"/submit.js", "/style.css"} {
		if p := b.do(http.MethodGet, w.config.Location+file, nil); p.status != http.StatusOK || p.text == "" {
			t.Errorf("%s: %d", file, p.status)
		}
	}
	for _, address := range []string{"/", "", "/answer", "/sso/", "/../x"} {
		if p := b.do(http.MethodGet, w.config.Location+address, nil); p.status != http.StatusNotFound {
			t.Errorf("GET %s: %d", address, p.status)
		}
	}
}

// TestButtonIsOfThisBrowser: nobody else presses it, and nobody twice.
func TestButtonIsOfThisBrowser(t *testing.T) {
	w := newWorld(t, noon, nil)
	b := w.browser(t, w.Users["good"])
	press := func(by *browser, p page) page {
		return by.do(http.MethodPost, w.config.Location+"/answer", url.Values{"session": {p.field("session")}, "action": {"continue"}, "language": {"en"}})
	}
	asked := b.open(w.request())
	if got := press(w.browser(t, w.Users["good"]), asked); got.code() != string(saml.ErrSession) {
		t.Errorf("without the cookie: %q", got.code())
	}
	other := w.browser(t, w.Users["second"])
	elsewhere := other.open(w.request())
	if got := press(other, asked); got.code() != string(saml.ErrSession) {
		t.Errorf("with another browser's cookie: %q", got.code())
	}
	forged := w.browser(t, w.Users["good"])
	site, err := url.Parse(w.config.Location)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range b.Jar.Cookies(site) {
		forged.Jar.SetCookies(site, []*http.Cookie{{Name: cookie.Name, Value: strings.Repeat("0", len(cookie.Value)), Path: "/", Secure: true}})
	}
	if got := press(forged, asked); got.code() != string(saml.ErrSession) {
		t.Errorf("with a cookie of the name and another value: %q", got.code())
	}
	if got := press(b, elsewhere); got.code() != string(saml.ErrSession) {
		t.Errorf("another browser's page: %q", got.code())
	}
	foreign := w.browser(t, w.Users["good"])
	foreign.Jar = b.Jar
	foreign.header.Set("Sec-Fetch-Site", "cross-site")
	if got := press(foreign, asked); got.code() != string(saml.ErrSession) {
		t.Errorf("from another site: %q", got.code())
	}
	foreign.header = http.Header{"Origin": {"https://evil.example"}}
	if got := press(foreign, asked); got.code() != string(saml.ErrSession) {
		t.Errorf("from another origin: %q", got.code())
	}
	for name, form := range map[string]url.Values{
		"changed session": {"session": {asked.field("session")[1:]}, "action": {"continue"}},
		"no action":       {"session": {asked.field("session")}},
		"another action":  {"session": {asked.field("session")}, "action": {"approve"}},
		"two sessions":    {"session": {asked.field("session"), asked.field("session")}, "action": {"continue"}},
		"another field":   {"session": {asked.field("session")}, "action": {"continue"}, "acs": {"https://evil.example"}},
	} {
		if got := b.do(http.MethodPost, w.config.Location+"/answer", form); got.code() != string(saml.ErrSession) {
			t.Errorf("%s: %q", name, got.code())
		}
	}
	// Two pages are open in one browser; each can be answered, once.
	second := b.open(w.request())
	if press(b, second).answer() == "" || press(b, asked).answer() == "" {
		t.Error("one of two open pages cannot be answered")
	}
	late := b.open(w.request())
	w.clock.Advance(10 * time.Minute)
	if got := press(b, late); got.code() != string(saml.ErrSession) {
		t.Errorf("after its time: %q", got.code())
	}
	if len(w.logins) != 2 {
		t.Errorf("%d logins", len(w.logins))
	}
}

// TestOneAnswer: a request is answered once, whatever pages were opened for it.
func TestOneAnswer(t *testing.T) {
	w := newWorld(t, noon, nil)
	b := w.browser(t, w.Users["good"])
	r := w.request()
	first, second := b.open(r), b.open(r)
	if b.press(first, "continue").answer() == "" {
		t.Fatal("no answer")
	}
	for name, got := range map[string]page{"page opened before": b.press(second, "continue"), "declined": b.press(second, "decline"), "sent again": b.open(r)} {
		if got.code() != string(saml.ErrReplay) || got.answer() != "" {
			t.Errorf("%s: %q", name, got.code())
		}
	}
	once, ok := w.config.Once.(saml.JournalOnce)
	if !ok {
		t.Fatal("another store")
	}
	if worked, err := once.RunOnce(context.Background(), noon.Add(16*time.Minute)); worked || err != nil {
		t.Errorf("forgotten too early: %v %v", worked, err)
	}
	if worked, err := once.RunOnce(context.Background(), noon.Add(18*time.Minute)); !worked || err != nil {
		t.Errorf("not forgotten: %v %v", worked, err)
	}
}

// TestStatuses: what cannot be given is answered so, without a page.
func TestStatuses(t *testing.T) {
	w := newWorld(t, noon, nil)
	b := w.browser(t, w.Users["good"])
	policy := func(format string) string { return `<samlp:NameIDPolicy Format="` + format + `"/>` }
	contexts := func(comparison string, classes ...string) string {
		out := `<samlp:RequestedAuthnContext` + comparison + `>`
		for _, c := range classes {
			out += `<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:` + c + `</saml:AuthnContextClassRef>`
		}
		return out + `</samlp:RequestedAuthnContext>`
	}
	cases := []struct {
		name, attributes, children, status string
	}{
		{"passive", ` IsPassive="true"`, "", "NoPassive"},
		{"e-mail", "", policy("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"), "InvalidNameIDPolicy"},
		{"unspecified", "", policy("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"), ""},
		{"transient", "", policy("urn:oasis:names:tc:SAML:2.0:nameid-format:transient"), ""},
		{"password exactly", "", contexts("", "PasswordProtectedTransport"), "NoAuthnContext"},
		{"password at least", "", contexts(` Comparison="minimum"`, "PasswordProtectedTransport"), ""},
		{"better than a password", "", contexts(` Comparison="better"`, "PasswordProtectedTransport"), ""},
		{"better than a certificate", "", contexts(` Comparison="better"`, "TLSClient"), "NoAuthnContext"},
		{"a certificate among others", "", contexts(` Comparison="exact"`, "Password", "TLSClient"), ""},
		{"another comparison", "", contexts(` Comparison="worst"`, "TLSClient"), "NoAuthnContext"},
		{"force", ` ForceAuthn="1"`, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := w.request()
			r.attributes += c.attributes
			r.children = c.children
			got := b.open(r)
			if c.status == "" {
				got = b.press(got, "continue")
			}
			want := "status:Success"
			if c.status != "" {
				want = "status:" + c.status
			}
			if document := got.answer(); !strings.Contains(document, want) || (c.status == "") != strings.Contains(document, "<saml:Assertion ") {
				t.Errorf("answer without %s:\n%s", want, document)
			}
		})
	}
}

// TestHolderOfKey: a service provider that asks for it gets the certificate, and
// the page says so.
func TestHolderOfKey(t *testing.T) {
	w := newWorld(t, noon, func(w *world) { w.provider.HolderOfKey, w.provider.Transient = true, true })
	b := w.browser(t, w.Users["good"])
	asked := b.open(w.request())
	if !strings.Contains(asked.text, "with your name in it, is passed on") {
		t.Errorf("the page does not say so:\n%s", asked.text)
	}
	document := b.press(asked, "continue").answer()
	w.check(t, document)
	certificate := base64.StdEncoding.EncodeToString(w.Users["good"].Certificate.Raw)
	for _, text := range []string{"cm:holder-of-key", "cm:bearer", certificate, "nameid-format:transient"} {
		if !strings.Contains(document, text) {
			t.Errorf("the answer has no %.60s", text)
		}
	}
}

// TestStoreFails: nobody is logged in that could not be recorded.
func TestStoreFails(t *testing.T) {
	w := newWorld(t, noon, func(w *world) {
		w.config.Record = func(context.Context, saml.Login) error { return errStore }
	})
	b := w.browser(t, w.Users["good"])
	got := b.press(b.open(w.request()), "continue")
	if got.status != http.StatusServiceUnavailable || got.answer() != "" || strings.Contains(got.text, errStore.Error()) {
		t.Errorf("%d:\n%s", got.status, got.text)
	}
}
