package clientcert_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/kecistest"
)

var noon = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// world is a hierarchy whose lists and answers are served over real HTTP.
type world struct {
	*kecistest.Hierarchy
	clock *kecistest.Clock
	// answer replaces the responder where it is not nil.
	answer http.Handler
	asked  map[string]int
	site   *httptest.Server
}

func newWorld(t *testing.T, keys kecistest.KeyProfile) *world {
	t.Helper()
	w := &world{clock: kecistest.NewClock(noon), asked: map[string]int{}}
	var responder http.Handler
	w.site = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.asked[r.URL.Path]++
		if w.answer != nil {
			w.answer.ServeHTTP(rw, r)
			return
		}
		responder.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.site.Close)
	var err error
	w.Hierarchy, err = kecistest.NewHierarchy(kecistest.HierarchyConfig{At: noon, Keys: keys, Base: w.site.URL})
	if err != nil {
		t.Fatal(err)
	}
	responder = w.Responder(kecistest.ResponderConfig{Now: w.clock.Now, Life: time.Hour})
	return w
}

func (w *world) policy() clientcert.Policy {
	personal, err := x509.ParseOID(kecistest.PolicyPersonal)
	if err != nil {
		panic(err)
	}
	return clientcert.Accredited([]*x509.Certificate{w.Root.Certificate}, nil, personal)
}

func (w *world) revocation() clientcert.Revocation {
	return clientcert.Revocation{
		Fetcher: clientcert.NewHTTPFetcher(w.site.Client(), w.clock), Cache: clientcert.NewMemoryCache(0),
	}
}

func (w *world) verifier(t *testing.T, change func(*clientcert.Policy, *clientcert.Revocation)) *clientcert.Verifier {
	t.Helper()
	p, r := w.policy(), w.revocation()
	if change != nil {
		change(&p, &r)
	}
	v, err := clientcert.NewVerifier(p, r, w.clock)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func chain(t *testing.T, raws [][]byte) (out []*x509.Certificate) {
	t.Helper()
	for _, raw := range raws {
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// wants is what each user certificate of a hierarchy is refused with.
var wants = map[string]error{
	"good": nil, "second": nil,
	"expired": clientcert.ErrExpired, "not-yet-valid": clientcert.ErrNotYetValid, "revoked": clientcert.ErrRevoked,
	"wrong-usage": clientcert.ErrUsage, "wrong-policy": clientcert.ErrPolicy, "unknown-anchor": clientcert.ErrUntrusted,
}

// TestOverTLS shows each certificate to a real TLS server, in both versions.
func TestOverTLS(t *testing.T) {
	w := newWorld(t, kecistest.RSA2048)
	v := w.verifier(t, nil)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		presented, err := clientcert.Direct{}.Certificates(r)
		if err == nil {
			_, err = v.Verify(r.Context(), presented)
		}
		if refused, ok := errors.AsType[*clientcert.Error](err); ok {
			fmt.Fprint(rw, refused.Code())
			return
		}
		fmt.Fprint(rw, "welcome ", err)
	}))
	server.TLS = clientcert.ServerTLS([]tls.Certificate{{Certificate: w.Server.Chain(), PrivateKey: w.Server.Key}}, w.Root.Certificate)
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(w.Root.Certificate)
	ask := func(version uint16, user *kecistest.Identity) (string, error) {
		config := &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version, ServerName: "localhost", Time: w.clock.Now}
		if user != nil {
			mine := tls.Certificate{Certificate: user.Chain(), PrivateKey: user.Key}
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &mine, nil }
		}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
		defer client.CloseIdleConnections()
		response, err := client.Get(server.URL)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		body := make([]byte, 100)
		n, _ := response.Body.Read(body)
		return string(body[:n]), nil
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for name, want := range wants {
			said := "welcome <nil>"
			if code, ok := want.(clientcert.Code); ok {
				said = string(code)
			}
			if got, err := ask(version, w.Users[name]); err != nil || got != said {
				t.Errorf("%s, %s: %q, %v; want %q", tls.VersionName(version), name, got, err, said)
			}
		}
		if got, err := ask(version, nil); err != nil || got != string(clientcert.ErrAbsent) {
			t.Errorf("without a certificate: %q, %v", got, err)
		}
	}
	if got, err := ask(tls.VersionTLS11, w.Users["good"]); err == nil {
		t.Errorf("TLS 1.1 was spoken: %q", got)
	}
}

func TestVerify(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	a := w.Authorities[0]
	issue := func(spec kecistest.UserSpec) *kecistest.Identity {
		t.Helper()
		if spec.KeyUsage == 0 {
			spec.KeyUsage = kecistest.AccreditedUsage
		}
		if spec.NotBefore.IsZero() {
			spec.NotBefore, spec.NotAfter = noon.Add(-time.Hour), noon.Add(time.Hour)
		}
		spec.Name, spec.Number = "홍길동", "01"
		user, err := a.Issue(spec)
		if err != nil {
			t.Fatal(err)
		}
		return user
	}
	good := w.Users["good"]
	cases := []struct {
		name   string
		user   *kecistest.Identity
		change func(*clientcert.Policy, *clientcert.Revocation)
		want   error
	}{
		{"good", good, nil, nil},
		{"with clientAuth", issue(kecistest.UserSpec{ExtendedUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}), nil, nil},
		{"of a server", issue(kecistest.UserSpec{ExtendedUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}), nil, clientcert.ErrUsage},
		{"for anything, by name", issue(kecistest.UserSpec{ExtendedUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}), nil, clientcert.ErrUsage},
		{"signature without nonRepudiation", issue(kecistest.UserSpec{KeyUsage: x509.KeyUsageDigitalSignature}), nil, clientcert.ErrUsage},
		{"no extended usage, and one is wanted", good, func(p *clientcert.Policy, _ *clientcert.Revocation) { p.WithoutExtendedUsage = false }, clientcert.ErrUsage},
		{"begins within the skew", issue(kecistest.UserSpec{NotBefore: noon.Add(time.Minute), NotAfter: noon.Add(time.Hour)}), nil, nil},
		{"begins after the skew", issue(kecistest.UserSpec{NotBefore: noon.Add(61 * time.Second), NotAfter: noon.Add(time.Hour)}), nil, clientcert.ErrNotYetValid},
		{"ended within the skew", issue(kecistest.UserSpec{NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(-time.Minute)}), nil, nil},
		{"ended before the skew", issue(kecistest.UserSpec{NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(-61 * time.Second)}), nil, clientcert.ErrExpired},
		{"any policy is taken", w.Users["wrong-policy"], func(p *clientcert.Policy, _ *clientcert.Revocation) { p.Policies, p.AnyPolicy = nil, true }, nil},
		{"nowhere to ask", issue(kecistest.UserSpec{Plain: true}), nil, clientcert.ErrRevocationUnknown},
		{"nowhere to ask, open", issue(kecistest.UserSpec{Plain: true}), func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Mode = clientcert.FailOpen }, nil},
		{"revoked, open", w.Users["revoked"], func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Mode = clientcert.FailOpen }, clientcert.ErrRevoked},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := w.verifier(t, c.change).Verify(context.Background(), chain(t, c.user.Chain()))
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if err == nil && (got.At != noon || got.Holder.RevealName() != "홍길동" && got.Holder.RevealName() != "김민지") {
				t.Errorf("authentication %v of %q", got, got.Holder.RevealName())
			}
		})
	}
	v := w.verifier(t, nil)
	for name, presented := range map[string][]*x509.Certificate{
		"authority":         {a.Certificate},
		"without authority": chain(t, good.Chain()[:1]),
		"too many":          append(chain(t, good.Chain()), a.Certificate, a.Certificate, a.Certificate, a.Certificate),
		"none":              nil,
	} {
		want := map[string]error{
			"authority": clientcert.ErrUsage, "without authority": clientcert.ErrUntrusted,
			"too many": clientcert.ErrMalformed, "none": clientcert.ErrAbsent,
		}[name]
		if _, err := v.Verify(context.Background(), presented); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	known := w.verifier(t, func(p *clientcert.Policy, _ *clientcert.Revocation) { p.Intermediates = w.Intermediates() })
	if _, err := known.Verify(context.Background(), chain(t, good.Chain()[:1])); err != nil {
		t.Errorf("with the authority configured: %v", err)
	}
}

// TestAuthorityRevoked: a good user of an authority that was revoked.
func TestAuthorityRevoked(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	w.Root.Revoke(w.Users["good"].Issuer.Certificate, noon.Add(-time.Hour))
	if _, err := w.verifier(t, nil).Verify(context.Background(), chain(t, w.Users["good"].Chain())); !errors.Is(err, clientcert.ErrRevoked) {
		t.Errorf("error %v", err)
	}
}

// TestHolderIsHidden prints and logs an authentication in every way.
func TestHolderIsHidden(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	got, err := w.verifier(t, nil).Verify(context.Background(), chain(t, w.Users["good"].Chain()))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n"+verb+"\n", got, got.Holder)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("login", slog.Any("authentication", got), slog.Any("holder", got.Holder))
	}
	asJSON, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(asJSON)
	identification, ok := got.Holder.RevealIdentification()
	if !ok || identification.RealName != "홍길동" || len(identification.VirtualID) != 32 || identification.Hash != "2.16.840.1.101.3.4.2.1" {
		t.Errorf("identification %q %x", identification.RealName, identification.VirtualID)
	}
	fmt.Fprintf(&out, "%v %+v %#v", identification, identification, identification)
	for _, secret := range []string{"홍길동", "0088000", fmt.Sprintf("%x", "홍길동"), fmt.Sprintf("%x", identification.VirtualID)} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q is shown:\n%s", secret, out.String())
		}
	}
	if got.Holder.RevealSubject() == "" || len(got.Holder.RevealCertificate()) == 0 || !got.Holder.SameCertificate(got.Certificate) {
		t.Error("the holder reveals nothing when asked")
	}
}

func TestPseudonym(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	v := w.verifier(t, nil)
	who := func(user *kecistest.Identity) clientcert.Holder {
		t.Helper()
		got, err := v.Verify(context.Background(), chain(t, user.Chain()))
		if err != nil {
			t.Fatal(err)
		}
		return got.Holder
	}
	secret := []byte(strings.Repeat("s", clientcert.MinPseudonymSecret))
	good := who(w.Users["good"])
	renewed, err := w.Users["good"].Issuer.Issue(kecistest.UserSpec{
		Name: "홍길동", Number: "008800000000", NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour), KeyUsage: kecistest.AccreditedUsage,
	})
	if err != nil {
		t.Fatal(err)
	}
	a := good.Pseudonym(secret, "https://shop.example")
	if len(a) != 64 || a != who(renewed).Pseudonym(secret, "https://shop.example") {
		t.Errorf("a renewed certificate has another pseudonym than %q", a)
	}
	for name, other := range map[string]string{
		"recipient": good.Pseudonym(secret, "https://other.example"),
		"secret":    good.Pseudonym([]byte(strings.Repeat("t", clientcert.MinPseudonymSecret)), "https://shop.example"),
		"holder":    who(w.Users["second"]).Pseudonym(secret, "https://shop.example"),
	} {
		if other == a || other == "" {
			t.Errorf("another %s has the same pseudonym", name)
		}
	}
	if good.Pseudonym(secret[1:], "https://shop.example") != "" || (clientcert.Holder{}).Pseudonym(secret, "x") != "" {
		t.Error("a short secret or no holder has a pseudonym")
	}
}

func TestNewVerifierRefuses(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	for name, change := range map[string]func(*clientcert.Policy, *clientcert.Revocation){
		"no anchors":  func(p *clientcert.Policy, _ *clientcert.Revocation) { p.Anchors = nil },
		"no policies": func(p *clientcert.Policy, _ *clientcert.Revocation) { p.Policies = nil },
		"large skew":  func(p *clientcert.Policy, _ *clientcert.Revocation) { p.Skew = clientcert.MaxSkew + 1 },
		"no fetcher":  func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Fetcher = nil },
		"no mode":     func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Mode = 9 },
	} {
		p, r := w.policy(), w.revocation()
		change(&p, &r)
		if _, err := clientcert.NewVerifier(p, r, w.clock); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
