package saml_test

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/adapters/saml"
	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// world is an identity provider on real TLS, with the hierarchy of its users, and
// one service provider.
type world struct {
	*kecistest.Hierarchy
	idp      *saml.IdentityProvider
	config   saml.Config
	provider *saml.ServiceProvider
	spKey    *rsa.PrivateKey
	site     *httptest.Server
	clock    *kecistest.Clock
	log      *logged
	logins   []saml.Login
}

// logged keeps a log.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

const (
	spEntity = "https://shop.example/saml"
	spReply  = "https://shop.example/saml/acs"
)

func newWorld(t *testing.T, at time.Time, change func(*world)) *world {
	t.Helper()
	w := &world{clock: kecistest.NewClock(at), log: &logged{}}
	var responder http.Handler
	lists := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { responder.ServeHTTP(rw, r) }))
	t.Cleanup(lists.Close)
	var err error
	if w.Hierarchy, err = kecistest.NewHierarchy(kecistest.HierarchyConfig{At: at, Keys: kecistest.P256, Base: lists.URL}); err != nil {
		t.Fatal(err)
	}
	responder = w.Responder(kecistest.ResponderConfig{Now: w.clock.Now, Life: time.Hour})
	personal, err := x509.ParseOID(kecistest.PolicyPersonal)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := clientcert.NewVerifier(
		clientcert.Accredited([]*x509.Certificate{w.Root.Certificate}, w.Intermediates(), personal),
		clientcert.Revocation{Fetcher: clientcert.NewHTTPFetcher(lists.Client(), w.clock), Cache: clientcert.NewMemoryCache(0)}, w.clock)
	if err != nil {
		t.Fatal(err)
	}
	w.site = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.idp.ServeHTTP(rw, r) }))
	w.site.TLS = clientcert.ServerTLS([]tls.Certificate{{Certificate: w.Server.Chain(), PrivateKey: w.Server.Key}})
	w.site.StartTLS()
	t.Cleanup(w.site.Close)
	if w.spKey, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if w.provider, err = saml.NewServiceProvider(context.Background(), []byte(w.spMetadata()), nil); err != nil {
		t.Fatal(err)
	}
	signer, certificate := newSigner(t, at)
	metadataSigner, _ := newSigner(t, at)
	w.config = saml.Config{
		Entity: "https://idp.example/saml", Location: strings.Replace(w.site.URL, "127.0.0.1", "localhost", 1) + "/saml",
		Signer: signer, Certificate: certificate, MetadataSigner: metadataSigner, Verifier: verifier,
		Providers: saml.List{w.provider}, Once: saml.JournalOnce{Journal: kecistest.NewJournal()},
		PseudonymSecret: bytes.Repeat([]byte{1}, 32), SessionSecret: bytes.Repeat([]byte{2}, 32), Clock: w.clock,
		Log: slog.New(slog.NewTextHandler(w.log, nil)),
		Record: func(_ context.Context, l saml.Login) error {
			w.logins = append(w.logins, l)
			return nil
		},
	}
	if change != nil {
		change(w)
	}
	if w.idp, err = saml.New(w.config); err != nil {
		t.Fatal(err)
	}
	return w
}

func newSigner(t *testing.T, at time.Time) (*xmlsig.Signer, *x509.Certificate) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"}, NotBefore: at.Add(-time.Hour), NotAfter: at.Add(24 * time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return signer, certificate
}

// spMetadata is the metadata of the service provider.
func (w *world) spMetadata() string {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: w.clock.Now(), NotAfter: w.clock.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, w.spKey.Public(), w.spKey)
	if err != nil {
		panic(err)
	}
	return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + spEntity + `" ID="_sp">` +
		`<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
		`<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` +
		base64.StdEncoding.EncodeToString(raw) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
		`<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="` + spReply + `/old" index="0"/>` +
		`<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="` + spReply + `" index="1" isDefault="true"/>` +
		`<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact" Location="` + spReply + `/artifact" index="2"/>` +
		`<md:AttributeConsumingService index="0"><md:ServiceName xml:lang="ko">한글 상점</md:ServiceName><md:ServiceName xml:lang="en">The Shop</md:ServiceName></md:AttributeConsumingService>` +
		`</md:SPSSODescriptor></md:EntityDescriptor>`
}

// request is an AuthnRequest in parts that a test can change.
type request struct {
	id, version, issued, attributes, issuer, children, before string
}

func (w *world) request() request {
	return request{
		id: fmt.Sprintf("_%x", randomBytes(20)), version: "2.0", issued: w.clock.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		attributes: ` Destination="` + w.config.Location + `/sso"`, issuer: spEntity,
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func (r request) String() string {
	return r.before + `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="` + r.id +
		`" Version="` + r.version + `" IssueInstant="` + r.issued + `"` + r.attributes + `><saml:Issuer>` + r.issuer + `</saml:Issuer>` + r.children + `</samlp:AuthnRequest>`
}

func deflated(document string) string {
	var out bytes.Buffer
	f, _ := flate.NewWriter(&out, flate.BestCompression)
	_, _ = f.Write([]byte(document))
	_ = f.Close()
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

// browser is an HTTP client with a certificate and cookies.
type browser struct {
	*http.Client
	w *world
	t *testing.T
	// header is sent with each request.
	header http.Header
}

func (w *world) browser(t *testing.T, user *kecistest.Identity) *browser {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(w.Root.Certificate)
	config := &tls.Config{RootCAs: roots, Time: w.clock.Now, MinVersion: tls.VersionTLS12}
	if user != nil {
		mine := tls.Certificate{Certificate: user.Chain(), PrivateKey: user.Key}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &mine, nil }
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}, Jar: jar}
	t.Cleanup(client.CloseIdleConnections)
	return &browser{Client: client, w: w, t: t, header: http.Header{"Accept-Language": {"en"}}}
}

// page is what a browser got.
type page struct {
	status int
	text   string
	header http.Header
}

func (b *browser) do(method, address string, form url.Values) page {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	return b.raw(method, address, body)
}

func (b *browser) raw(method, address string, body io.Reader) page {
	b.t.Helper()
	r, err := http.NewRequest(method, address, body)
	if err != nil {
		b.t.Fatal(err)
	}
	maps.Copy(r.Header, b.header)
	if body != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := b.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{response.StatusCode, string(text), response.Header}
}

// open brings a request by HTTP-Redirect.
func (b *browser) open(r request) page {
	return b.do(http.MethodGet, b.w.config.Location+"/sso?SAMLRequest="+url.QueryEscape(deflated(r.String()))+"&RelayState=state", nil)
}

// post brings a document by HTTP-POST.
func (b *browser) post(document string) page {
	return b.do(http.MethodPost, b.w.config.Location+"/sso", url.Values{"SAMLRequest": {base64.StdEncoding.EncodeToString([]byte(document))}, "RelayState": {"state"}})
}

// field is the value of a field or an attribute of a page.
func (p page) field(name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(p.text)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

func (p page) action() string {
	m := regexp.MustCompile(`action="([^"]*)"`).FindStringSubmatch(p.text)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// code is the code that a page shows.
func (p page) code() string {
	m := regexp.MustCompile(`class="code">([^<]*)<`).FindStringSubmatch(p.text)
	if m == nil {
		return ""
	}
	return m[1]
}

// press presses a button of the page.
func (b *browser) press(p page, action string) page {
	b.t.Helper()
	if p.field("session") == "" {
		b.t.Fatalf("a page without a form:\n%s", p.text)
	}
	return b.do(http.MethodPost, p.action(), url.Values{"session": {p.field("session")}, "action": {action}, "language": {p.field("language")}})
}

// answer is the SAMLResponse that a page carries.
func (p page) answer() string {
	raw, err := base64.StdEncoding.DecodeString(p.field("SAMLResponse"))
	if err != nil {
		return ""
	}
	return string(raw)
}

// check verifies an answer with our own engine, by both of its signatures.
func (w *world) check(t *testing.T, document string) {
	t.Helper()
	keys := xmlsig.Keys{w.config.Signer.Public()}
	for _, profile := range []xmlsig.Profile{xmlsig.SAMLResponse(), xmlsig.SAMLAssertion()} {
		v := xmlsig.Verifier{Profile: profile}
		if _, err := v.Verify(context.Background(), []byte(document), keys); err != nil {
			t.Errorf("the answer does not verify: %v", err)
		}
	}
}

func ecdsaKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

var errStore = errors.New("the store is gone")
