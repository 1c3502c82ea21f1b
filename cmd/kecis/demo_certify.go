package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// openAuthorities makes the test hierarchy of "kecis ca make", and serves what "kecis
// ca serve" does. Keys on P-256 are made in no time.
func (d *demonstration) openAuthorities(listener net.Listener) error {
	people, err := kecistest.NewHierarchy(kecistest.HierarchyConfig{At: d.app.now(), Keys: kecistest.P256, Base: "http://" + listener.Addr().String()})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.path("ca"), 0o700); err != nil {
		return d.app.ioFailure(phrase{"cannot make the folder %s", "폴더 %s을(를) 만들 수 없습니다"}, d.path("ca"), err)
	}
	if err := d.app.writeCA(d.path("ca"), people, "kecis", true); err != nil {
		return err
	}
	d.cast.people = people
	server := &http.Server{
		Handler: people.Responder(kecistest.ResponderConfig{Now: d.app.now, Life: answerHold}), ReadHeaderTimeout: headerWithin,
		ErrorLog: quietLog(slog.New(slog.DiscardHandler)),
	}
	go func() { _ = server.Serve(listener) }() // it ends with the demo
	d.cast.stopping(server.Close)
	return nil
}

// certify lets a buyer be authenticated by certificate, after one that was revoked, and
// pays with that evidence.
func (d *demonstration) certify(ctx context.Context) error {
	p, err := d.large(demoSigned, 1)
	if err != nil {
		return err
	}
	client := d.cast.shop.client
	r := client.NewAuthentication(demoPG)
	r.OrderRef, r.Payee, r.Amount, r.OrderAmount, r.Method = p.OrderRef, p.Payee, p.Amount, p.OrderAmount, metadata.ByCertificate
	begun, err := client.Authenticate(ctx, r)
	if !errors.Is(err, kecis.ErrPending) {
		return errors.Join(errors.New("an authentication by certificate has not begun"), err)
	}
	page := begun.Authentication.Page
	buyer, err := d.browser()
	if err != nil {
		return err
	}
	refused, err := buyer.consent(ctx, page, d.cast.people.Users["revoked"])
	if err != nil {
		return err
	}
	shown, err := buyer.consent(ctx, page, d.cast.people.Users["good"])
	if err != nil {
		return err
	}
	end, err := client.Authentication(ctx, demoPG, begun.Authentication.ID)
	if err != nil {
		return err
	}
	if end.Authentication.State != kecis.Authenticated || end.Authentication.Proof == nil {
		return fmt.Errorf("the buyer is %s", end.Authentication.State)
	}
	d.step(d.certification(begun, end, refused, shown))
	return d.payCertified(ctx, p, end)
}

// certification is the step that shows how a buyer was authenticated by certificate.
func (d *demonstration) certification(begun *kecis.AuthenticationResponse, end *kecis.InquiryResponse, refused, shown *consent) demoStep {
	return demoStep{
		Title: d.say(phrase{"another buyer shows a certificate on a page of the PG's and presses the button", "다른 구매자가 PG의 인증서 화면에서 인증서를 제시하고 확인 버튼을 누름"}),
		Code:  string(end.Result.Code),
		print: func(p *page) {
			c := end.Authentication.Proof.Certificate
			p.field(phrase{"Authentication", "인증"}, begun.Authentication.State.String()+" → "+end.Authentication.State.String())
			p.field(phrase{"Page for the buyer", "구매자 페이지"}, begun.Authentication.Page)
			p.field(phrase{"A revoked certificate", "폐지된 인증서"}, refused.code+": "+refused.text)
			p.field(phrase{"A good one, of", "정상 인증서 명의"}, shown.holder)
			p.field(phrase{"Seen before the button", "버튼을 누르기 전에 본 내용"}, shown.payee+", "+shown.amount)
			p.field(phrase{"Checked", "확인한 내용"}, p.say(phrase{"path to the anchor, time, usage, policy %s, not revoked (%s)", "신뢰 경로, 유효 기간, 용도, 정책 %s, 폐지되지 않음(%s)"}, c.Policy, c.Revocation))
			p.field(phrase{"Evidence: the holder", "증빙: 인증서 명의자"}, p.say(phrase{"%s..., a name for this shop alone", "%s..., 이 상점에만 쓰는 가명"}, c.Holder[:16]))
			p.field(phrase{"Evidence: the certificate", "증빙: 인증서"}, "SHA-256 "+c.Certificate.String())
			p.field(phrase{"Evidence: what was seen", "증빙: 본 내용"}, "SHA-256 "+c.Shown.String())
			p.flush()
		},
	}
}

// payCertified pays with the evidence, by a card.
func (d *demonstration) payCertified(ctx context.Context, p *kecis.PaymentRequest, end *kecis.InquiryResponse) error {
	shop := d.cast.shop
	plain, err := d.app.testInstrument(demoCard)
	if err != nil {
		return err
	}
	if p.Instrument, err = shop.client.Conceal(ctx, p, plain); err != nil {
		return err
	}
	p.Evidence = []kecis.Evidence{end.Evidence()}
	d.certified, err = d.payLarge(ctx, p, phrase{"and the shop pays ₩320,000 with that evidence", "그 증빙으로 상점이 320,000원 결제"})
	return err
}

// buyerBrowser is a browser that keeps its cookies, and shows one certificate after
// the other.
type buyerBrowser struct {
	d   *demonstration
	jar http.CookieJar
}

func (d *demonstration) browser() (*buyerBrowser, error) {
	jar, err := cookiejar.New(nil)
	return &buyerBrowser{d, jar}, err
}

// consent is what the buyer read on a page.
type consent struct{ payee, amount, holder, code, text string }

// consentWithin bounds how long the demo waits for a page.
const consentWithin = 10 * time.Second

// consent opens the page with a certificate and presses the button.
func (b *buyerBrowser) consent(ctx context.Context, page string, person *kecistest.Identity) (*consent, error) {
	roots := x509.NewCertPool()
	roots.AddCert(b.d.cast.people.Root.Certificate)
	mine := tls.Certificate{Certificate: person.Chain(), PrivateKey: person.Key}
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: roots,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &mine, nil },
	}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Jar: b.jar, Timeout: consentWithin}
	text, err := b.get(ctx, client, http.MethodGet, page, nil)
	if err != nil {
		return nil, err
	}
	seen := &consent{code: between(text, `class="code">`), text: between(text, `<strong>`)}
	rows := regexp.MustCompile(`<dd>([^<]*)</dd>`).FindAllStringSubmatch(text, -1)
	if len(rows) < 3 { // shop, payee, amount
		return nil, errors.New("the page does not show what is consented to")
	}
	seen.payee, seen.amount = html.UnescapeString(rows[1][1]), html.UnescapeString(rows[2][1])
	if seen.code == "" {
		seen.holder = html.UnescapeString(rows[3][1])
	}
	form := url.Values{"do": {"continue"}, "form": {between(text, `name="form" value="`)}, "try": {between(text, `name="try" value="`)}}
	_, err = b.get(ctx, client, http.MethodPost, page, form)
	return seen, err
}

// between is the text behind a mark, up to the next quote or tag.
func between(text, mark string) string {
	m := regexp.MustCompile(regexp.QuoteMeta(mark) + `([^<"]*)`).FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

func (b *buyerBrowser) get(ctx context.Context, client *http.Client, method, address string, form url.Values) (string, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return "", err
	}
	r.Header.Set("Accept-Language", string(b.d.app.lang))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxInput))
	return string(text), err
}
