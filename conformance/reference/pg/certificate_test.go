package pg_test

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
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
	"github.com/kecis/sdk/kecis/metadata"
)

// certified is a world whose first PG authenticates buyers by amount and by
// certificate, on a host of real TLS.
type certified struct {
	*guarded
	hierarchy *kecistest.Hierarchy
	service   *clientcert.Service
	pages     *clientcert.Pages
	events    int
}

func newCertified(t *testing.T) *certified {
	t.Helper()
	c := &certified{guarded: newGuarded(t)}
	var responder http.Handler
	lists := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { responder.ServeHTTP(w, r) }))
	t.Cleanup(lists.Close)
	var err error
	c.hierarchy, err = kecistest.NewHierarchy(kecistest.HierarchyConfig{At: c.clock.Now(), Keys: kecistest.P256, Base: lists.URL})
	if err != nil {
		t.Fatal(err)
	}
	responder = c.hierarchy.Responder(kecistest.ResponderConfig{Now: c.clock.Now, Life: time.Hour})
	personal, err := x509.ParseOID(kecistest.PolicyPersonal)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := clientcert.NewVerifier(
		clientcert.Accredited([]*x509.Certificate{c.hierarchy.Root.Certificate}, c.hierarchy.Intermediates(), personal),
		clientcert.Revocation{Fetcher: clientcert.NewHTTPFetcher(lists.Client(), c.clock)}, c.clock)
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.pages.ServeHTTP(w, r) }))
	site.TLS = clientcert.ServerTLS([]tls.Certificate{{Certificate: c.hierarchy.Server.Chain(), PrivateKey: c.hierarchy.Server.Key}})
	site.StartTLS()
	t.Cleanup(site.Close)
	c.service, err = clientcert.NewService(clientcert.ServiceConfig{
		Engine: clientcert.EngineConfig{Journal: c.pg.journal, Verifier: verifier, Secret: bytes.Repeat([]byte{9}, 32), Clock: c.clock, Log: quiet()},
		Page:   func(session string) string { return c.pages.Address(session) }, Permit: c.pg.pg.PermitAuthentication,
		Conclude: func(tx journal.Tx, id string, r *kecis.AuthenticationResult) error {
			c.events++
			return c.pg.server.Conclude(tx, id, r)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.pages, err = clientcert.NewPages(clientcert.PagesConfig{
		Engine: c.service.Engine(), Location: strings.Replace(site.URL, "127.0.0.1", "localhost", 1) + "/authenticate", Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	methods, err := kecis.NewAuthenticationMethods(c.pg.journal, map[metadata.AuthenticationMethod]kecis.Authentications{
		metadata.ByAmount: c.authenticator, metadata.ByCertificate: c.service,
	})
	if err != nil {
		t.Fatal(err)
	}
	role, _ := c.parties[pgID].Partner.Role(metadata.PG)
	c.pg.server = c.serve(pgID, c.pg.journal, kecis.ServerConfig{
		Role: *role, Payments: c.pg.pg, Captures: c.pg.pg, Cancellations: c.pg.pg, Authentications: methods, Client: c.pg.client,
	})
	return c
}

// byCertificate is the request to authenticate the buyer of a payment by certificate.
func (c *certified) byCertificate(p *kecis.PaymentRequest) *kecis.AuthenticationRequest {
	r := c.wanted(p, 0)
	r.Method, r.Instrument = metadata.ByCertificate, nil
	return r
}

// waits begins an authentication by certificate, which must be pending.
func (c *certified) waits(p *kecis.PaymentRequest) kecis.Authentication {
	c.t.Helper()
	answer, err := c.shop.Authenticate(c.t.Context(), c.byCertificate(p))
	if !errors.Is(err, kecis.ErrPending) || answer == nil {
		c.t.Fatalf("begun: %+v, %v", answer, err)
	}
	return answer.Authentication
}

// presses opens a page with a certificate and presses the button so many times; it
// returns the last page.
func (c *certified) presses(page, user string, times int) string {
	c.t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(c.hierarchy.Root.Certificate)
	identity := c.hierarchy.Users[user]
	mine := tls.Certificate{Certificate: identity.Chain(), PrivateKey: identity.Key}
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: roots, Time: c.clock.Now, MinVersion: tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &mine, nil },
	}}}
	defer client.CloseIdleConnections()
	text := ""
	read := func(method string, form url.Values) {
		c.t.Helper()
		r, err := http.NewRequestWithContext(c.t.Context(), method, page, strings.NewReader(form.Encode()))
		if err != nil {
			c.t.Fatal(err)
		}
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		response, err := client.Do(r)
		if err != nil {
			c.t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			c.t.Fatal(err)
		}
		text = string(body)
	}
	read(http.MethodGet, nil)
	for range times {
		form := url.Values{"do": {"continue"}}
		for _, name := range []string{"form", "try"} {
			if m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(text); m != nil {
				form.Set(name, m[1])
			}
		}
		read(http.MethodPost, form)
	}
	return text
}

// TestCertificate pays after an authentication by certificate: pending with a page,
// one event at the end, evidence by an inquiry, and a payment that the policy lets pass.
func TestCertificate(t *testing.T) {
	c := newCertified(t)
	p := c.order("ORD-0001", "card-approve", costly)
	if _, err := c.shop.Pay(t.Context(), p); !errors.Is(err, kecis.ErrAuthenticationRequired) {
		t.Fatalf("without: %v", err)
	}
	a := c.waits(p)
	if a.TriesLeft != clientcert.MaxTries || !strings.HasPrefix(a.Page, "https://localhost:") || a.Proof != nil {
		t.Errorf("pending: %+v", a)
	}
	c.presses(a.Page, "good", 0)
	if found, err := c.shop.Authentication(t.Context(), pgID, a.ID); err != nil || found.Authentication.State != kecis.AuthenticationPending {
		t.Fatalf("opened: %+v, %v", found, err)
	}
	b := c.waits(c.order("ORD-0002", "card-approve", costly)) // of a browser of its own
	c.presses(b.Page, "good", 1)
	c.work()
	if c.told[b.ID] != kecis.Authenticated || c.events != 1 {
		t.Errorf("told %v, %d events", c.told, c.events)
	}
	found, err := c.shop.Authentication(t.Context(), pgID, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	proof := found.Authentication.Proof
	if proof == nil || proof.Certificate == nil || proof.InstrumentRef != "" || proof.Certificate.Policy != kecistest.PolicyPersonal {
		t.Fatalf("proof %+v", proof)
	}
	next := func(id string, attempt int, edits ...func(*kecis.PaymentRequest)) error {
		q := c.order(id, "card-approve", append([]func(*kecis.PaymentRequest){costly, func(q *kecis.PaymentRequest) {
			q.OrderRef.Attempt = attempt
		}}, edits...)...)
		q.Evidence = []kecis.Evidence{found.Evidence()}
		_, err := c.shop.Pay(t.Context(), q)
		return err
	}
	if err := next("ORD-0003", 1); !errors.Is(err, kecis.ErrAuthenticationMismatch) {
		t.Errorf("another order: %v", err)
	}
	if err := next("ORD-0002", 2, func(q *kecis.PaymentRequest) {
		q.Amount, q.OrderAmount, q.Tax = kecis.Won(dear+1), kecis.Won(dear+1), kecis.Tax{TaxFree: dear + 1}
	}); !errors.Is(err, kecis.ErrAuthenticationMismatch) {
		t.Errorf("another amount: %v", err)
	}
	if err := next("ORD-0002", 3); err != nil {
		t.Errorf("paid: %v", err)
	}
	c.clock.Advance(kecis.EvidenceLife)
	if err := next("ORD-0002", 4); !errors.Is(err, kecis.ErrAuthenticationOver) {
		t.Errorf("after its time: %v", err)
	}
	c.agreed()
}

// TestCertificateRefused: each bad certificate ends nothing at once; the last ends the
// authentication, the shop learns why, and there is no evidence to pay with.
func TestCertificateRefused(t *testing.T) {
	c := newCertified(t)
	for user, reason := range map[string]clientcert.Code{
		"expired": clientcert.ErrExpired, "revoked": clientcert.ErrRevoked, "wrong-usage": clientcert.ErrUsage,
		"unknown-anchor": clientcert.ErrUntrusted, "wrong-policy": clientcert.ErrPolicy, "not-yet-valid": clientcert.ErrNotYetValid,
	} {
		p := c.order("ORD-"+user, "card-approve", costly)
		a := c.waits(p)
		if text := c.presses(a.Page, user, 1); !strings.Contains(text, reason.Text("ko")) {
			t.Errorf("%s: the page does not say why:\n%s", user, text)
		}
		found, err := c.shop.Authentication(t.Context(), pgID, a.ID)
		if err != nil || found.Authentication.State != kecis.AuthenticationPending || found.Authentication.Reason != string(reason) ||
			found.Authentication.TriesLeft != clientcert.MaxTries-1 {
			t.Errorf("%s: after one: %+v, %v", user, found, err)
		}
		b := c.waits(c.order("ORD-2-"+user, "card-approve", costly))
		c.presses(b.Page, user, clientcert.MaxTries)
		c.work()
		found, err = c.shop.Authentication(t.Context(), pgID, b.ID)
		if err != nil || found.Authentication.State != kecis.AuthenticationLocked || found.Authentication.Reason != string(reason) ||
			found.Result.Outcome != kecis.NotDone || c.told[b.ID] != kecis.AuthenticationLocked {
			t.Errorf("%s: locked: %+v, %v", user, found, err)
		}
		p = c.order("ORD-2-"+user, "card-approve", costly)
		p.Evidence = []kecis.Evidence{found.Evidence()}
		if _, err := c.shop.Pay(t.Context(), p); !errors.Is(err, kecis.ErrAuthenticationEvidence) {
			t.Errorf("%s: paid: %v", user, err)
		}
	}
	p := c.order("ORD-late", "card-approve", costly)
	a := c.waits(p)
	c.clock.Advance(clientcert.DefaultTimeout)
	if _, err := c.service.Engine().RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.work()
	if c.told[a.ID] != kecis.AuthenticationExpired {
		t.Errorf("late: told %v", c.told[a.ID])
	}
	r := c.byCertificate(p)
	r.Payee.Entity = sellerID
	if _, err := c.shop.Authenticate(t.Context(), r); !errors.Is(err, kecis.ErrNotPermittedMerchant) {
		t.Errorf("a payee with another name: %v", err)
	}
}

// TestCertificateRecovery: a request whose answer is lost begins once, and one of which
// nobody is told is given up.
func TestCertificateRecovery(t *testing.T) {
	c := newCertified(t)
	r := c.byCertificate(c.order("ORD-0001", "card-approve", costly))
	c.lose(pgID, kecistest.AnswerLost)
	_, err := c.shop.Authenticate(t.Context(), r)
	if err == nil || errors.Is(err, kecis.ErrPending) {
		t.Fatalf("lost: %v", err)
	}
	c.lose(pgID, kecistest.Delivered)
	found, err := c.shop.Inquire(t.Context(), pgID, kecis.Original{RequestID: r.ID})
	if err != nil || found.Authentication.State != kecis.AuthenticationPending {
		t.Fatalf("inquired: %+v, %v", found, err)
	}
	c.presses(found.Authentication.Page, "good", 1)
	if end, err := c.shop.Authentication(t.Context(), pgID, found.Authentication.ID); err != nil || end.Authentication.State != kecis.Authenticated {
		t.Errorf("ended: %+v, %v", end, err)
	}
}
