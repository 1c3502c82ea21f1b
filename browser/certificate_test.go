package browser_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/xml"
	"errors"
	"html"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"github.com/kecis/sdk/adapters/saml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// siteHost is the host of the service provider.
const siteHost = "site.localhost"

// identities are identity providers for one service provider, by crewjam/saml, to which
// persons log in. Each has a host of its own, at which the browser has its own choice.
type identities struct {
	t     *testing.T
	town  *town
	site  map[string]*crewjam.ServiceProvider // by host of the identity provider
	mux   *http.ServeMux
	mu    sync.Mutex
	asked map[string]bool // IDs of requests
}

// refusals are by the host at which a browser shows a certificate, or has none.
func refusals() map[string]clientcert.Code {
	return map[string]clientcert.Code{
		"expired": clientcert.ErrExpired, "revoked": clientcert.ErrRevoked, "usage": clientcert.ErrUsage, "stranger": clientcert.ErrAbsent,
	}
}

// choices issues the certificates of persons, and says which is chosen where.
func choices(t *testing.T, n *town) []choice {
	t.Helper()
	authority := n.people.Authorities[0]
	issue := func(number string, until time.Duration, usage x509.KeyUsage) *kecistest.Identity {
		user, err := authority.Issue(kecistest.UserSpec{
			Name: "홍길동", Number: number, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(until), KeyUsage: usage,
		})
		if err != nil {
			t.Fatal(err)
		}
		return user
	}
	return []choice{
		{"good" + identityHosts, n.people.Users["good"]},
		{"revoked" + identityHosts, n.people.Users["revoked"]},
		// A browser does not offer what it knows to be over, or to be for encryption
		// alone. This one is over by a clock of its provider, and that one lacks the
		// usage that accredited certificates of persons have.
		{"expired" + identityHosts, issue("008800000101", time.Hour, kecistest.AccreditedUsage)},
		{"usage" + identityHosts, issue("008800000102", 24*time.Hour, x509.KeyUsageDigitalSignature)},
	}
}

// expiredClock is how far the clock for certificates is ahead where one has expired.
const expiredClock = 2 * time.Hour

func newIdentities(t *testing.T, n *town) *identities {
	t.Helper()
	i := &identities{t: t, town: n, site: map[string]*crewjam.ServiceProvider{}, mux: http.NewServeMux(), asked: map[string]bool{}}
	i.mux.HandleFunc("GET /login/{host}", i.login)
	i.mux.HandleFunc("POST /acs/{host}", i.welcome)
	n.open(siteHost, i.mux)
	signer, certificate := newSigner(t)
	metadataSigner, _ := newSigner(t)
	c := saml.Config{Signer: signer, Certificate: certificate, MetadataSigner: metadataSigner}
	i.open("good"+identityHosts, kecis.SystemClock{}, c)
	for name := range refusals() {
		clock := kecis.Clock(kecis.SystemClock{})
		if name == "expired" {
			clock = kecistest.NewClock(time.Now().Add(expiredClock))
		}
		i.open(name+identityHosts, clock, c)
	}
	return i
}

// open opens an identity provider at a host, with a clock for certificates.
func (i *identities) open(host string, clock kecis.Clock, c saml.Config) {
	i.t.Helper()
	people := i.town.people
	personal, err := x509.ParseOID(kecistest.PolicyPersonal)
	if err != nil {
		i.t.Fatal(err)
	}
	c.Verifier, err = clientcert.NewVerifier(
		clientcert.Accredited([]*x509.Certificate{people.Root.Certificate}, people.Intermediates(), personal),
		clientcert.Revocation{Fetcher: clientcert.NewHTTPFetcher(i.town.lists.Client(), clock), Cache: clientcert.NewMemoryCache(0)}, clock)
	if err != nil {
		i.t.Fatal(err)
	}
	provider := &saml.ServiceProvider{}
	c.Location = i.town.at(host, "/saml")
	c.Entity, c.Providers, c.Once, c.Clock = c.Location, saml.List{provider}, saml.JournalOnce{Journal: kecistest.NewJournal()}, kecis.SystemClock{}
	c.PseudonymSecret, c.SessionSecret = bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	idp, err := saml.New(c)
	if err != nil {
		i.t.Fatal(err)
	}
	i.site[host] = i.serviceProvider(host, idp)
	theirs, err := xml.Marshal(i.site[host].Metadata())
	if err != nil {
		i.t.Fatal(err)
	}
	known, err := saml.NewServiceProvider(context.Background(), theirs, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	*provider = *known
	provider.Korean, provider.English = "한글 도서관", "The Library"
	i.town.open(host, idp)
}

// serviceProvider is crewjam/saml's, for one identity provider.
func (i *identities) serviceProvider(host string, idp *saml.IdentityProvider) *crewjam.ServiceProvider {
	i.t.Helper()
	ours, err := idp.Metadata()
	if err != nil {
		i.t.Fatal(err)
	}
	var known crewjam.EntityDescriptor
	if err := xml.Unmarshal(ours, &known); err != nil {
		i.t.Fatal(err)
	}
	address := func(path string) url.URL {
		u, err := url.Parse(i.town.at(siteHost, path))
		if err != nil {
			i.t.Fatal(err)
		}
		return *u
	}
	return &crewjam.ServiceProvider{
		EntityID: i.town.at(siteHost, "/saml"), MetadataURL: address("/metadata"), AcsURL: address("/acs/" + host),
		IDPMetadata: &known, AuthnNameIDFormat: crewjam.PersistentNameIDFormat,
	}
}

// login sends the browser to an identity provider.
func (i *identities) login(w http.ResponseWriter, r *http.Request) {
	sp := i.site[r.PathValue("host")]
	request, err := sp.MakeAuthenticationRequest(sp.GetSSOBindingLocation(crewjam.HTTPRedirectBinding), crewjam.HTTPRedirectBinding, crewjam.HTTPPostBinding)
	if err == nil {
		var to *url.URL
		if to, err = request.Redirect("state", sp); err == nil {
			i.mu.Lock()
			i.asked[request.ID] = true
			i.mu.Unlock()
			http.Redirect(w, r, to.String(), http.StatusSeeOther)
			return
		}
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

// welcome takes an answer.
func (i *identities) welcome(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	i.mu.Lock()
	var ids []string
	for id := range i.asked {
		ids = append(ids, id)
	}
	i.mu.Unlock()
	assertion, err := i.site[r.PathValue("host")].ParseResponse(r, ids)
	if err != nil {
		reason := err.Error()
		if refused, ok := errors.AsType[*crewjam.InvalidResponseError](err); ok {
			reason = refused.PrivateErr.Error()
		}
		shopPage(w, "refused", "로그인하지 않았습니다", html.EscapeString(reason))
		return
	}
	shopPage(w, "welcome", "로그인했습니다", assertion.Subject.NameID.Value)
}

func newSigner(t *testing.T) (*xmlsig.Signer, *x509.Certificate) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048) // crewjam has no ECDSA
	if err != nil {
		t.Fatal(err)
	}
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
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

// logins are the scenarios of login by certificate.
func logins(t *testing.T, c *chromium, n *town) {
	i := newIdentities(t, n)
	for _, v := range visitors() {
		t.Run(v.String(), func(t *testing.T) {
			loginBy(t, c, i, v, "good"+identityHosts)
			p := c.open(t, "login", v)
			p.hidden = []string{"홍길동", "홍*동"}
			for name, refused := range refusals() {
				refusedBy(p, i, name+identityHosts, refused)
			}
		})
	}
}

// loginBy logs in, and again to the same name.
func loginBy(t *testing.T, c *chromium, i *identities, v visitor, host string) {
	t.Helper()
	p := c.open(t, "login", v)
	name := ""
	for _, time := range []string{"first", "second"} {
		p.goTo(i.town.at(siteHost, "/login/"+host))
		p.heading("인증서 로그인", "Sign in with your certificate")
		p.shows(p.say("한글 도서관", "The Library"), "홍*동")
		if time == "first" {
			p.look("asked")
		}
		p.click("button.main")
		if !p.script {
			p.heading("이동 중입니다", "One moment")
			if time == "first" {
				p.look("sent")
			}
			p.click("button.main")
		}
		p.until("#welcome, #refused")
		if p.has("#refused") {
			t.Fatal(p.text("body"))
		}
		found := strings.TrimPrefix(p.text("body"), p.text("h1"))
		if name != "" && found != name {
			t.Errorf("%s: one person is %q and %q", v, name, found)
		}
		name = found
	}
}

// refusedBy is told why, and goes back.
func refusedBy(p *tab, i *identities, host string, refused clientcert.Code) {
	p.t.Helper()
	p.goTo(i.town.at(siteHost, "/login/"+host))
	p.heading("인증서 로그인", "Sign in with your certificate")
	p.shows(refused.Text(p.language), string(refused))
	p.look(strings.TrimSuffix(host, identityHosts))
	p.click(`button[value="decline"]`)
	if !p.script {
		p.click("button.main")
	}
	p.until("#refused")
}
