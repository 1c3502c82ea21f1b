package clientcert_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/kecistest"
)

// onlyOCSP and onlyCRL leave one way to ask.
func onlyOCSP(c, _ *x509.Certificate) (responders, lists []string) { return c.OCSPServer, nil }
func onlyCRL(c, _ *x509.Certificate) (responders, lists []string) {
	return nil, c.CRLDistributionPoints
}

// TestAnswers gives answers that are spoiled in one way each. The root's own, about
// the authority, stay good.
func TestAnswers(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	user := w.Users["good"]
	a, other := user.Issuer, w.Authorities[3]
	root := w.Responder(kecistest.ResponderConfig{Now: w.clock.Now, Life: time.Hour})
	fresh := ocsp.Response{Status: ocsp.Good, SerialNumber: user.Certificate.SerialNumber, ThisUpdate: noon.Add(-time.Minute), NextUpdate: noon.Add(time.Hour)}
	plain := func(change func(*ocsp.Response)) func() ([]byte, error) {
		return func() ([]byte, error) {
			r := fresh
			change(&r)
			return ocsp.CreateResponse(a.Certificate, a.Certificate, r, a.Key)
		}
	}
	delegated := func(by *kecistest.Authority, change func(*x509.Certificate)) func() ([]byte, error) {
		return func() ([]byte, error) {
			responder, err := by.Responder(noon, change)
			if err != nil {
				return nil, err
			}
			r := fresh
			r.Certificate = responder.Certificate
			return ocsp.CreateResponse(a.Certificate, responder.Certificate, r, responder.Key)
		}
	}
	cases := []struct {
		name   string
		answer func() ([]byte, error)
		want   error
	}{
		{"good", plain(func(*ocsp.Response) {}), nil},
		{"revoked", plain(func(r *ocsp.Response) { r.Status = ocsp.Revoked }), clientcert.ErrRevoked},
		{"on hold", plain(func(r *ocsp.Response) { r.Status, r.RevocationReason = ocsp.Revoked, ocsp.CertificateHold }), clientcert.ErrRevoked},
		{"unknown", plain(func(r *ocsp.Response) { r.Status = ocsp.Unknown }), clientcert.ErrRevocationUnknown},
		{"over", plain(func(r *ocsp.Response) { r.NextUpdate = noon.Add(-time.Minute) }), clientcert.ErrRevocationUnknown},
		{"over within the skew", plain(func(r *ocsp.Response) { r.NextUpdate = noon.Add(-59 * time.Second) }), nil},
		{"of the future", plain(func(r *ocsp.Response) { r.ThisUpdate = noon.Add(61 * time.Second) }), clientcert.ErrRevocationUnknown},
		{"old without an end", plain(func(r *ocsp.Response) { r.ThisUpdate, r.NextUpdate = noon.Add(-2*time.Hour), time.Time{} }), clientcert.ErrRevocationUnknown},
		{"of another serial number", plain(func(r *ocsp.Response) { r.SerialNumber = big.NewInt(7) }), clientcert.ErrRevocationUnknown},
		{"by another authority", func() ([]byte, error) {
			return ocsp.CreateResponse(other.Certificate, other.Certificate, fresh, other.Key)
		}, clientcert.ErrRevocationUnknown},
		{"by another authority, which says it is this one's", func() ([]byte, error) {
			return ocsp.CreateResponse(a.Certificate, other.Certificate, fresh, other.Key)
		}, clientcert.ErrRevocationUnknown},
		{"by the user's own key", func() ([]byte, error) {
			r := fresh
			r.Certificate = w.Users["good"].Certificate
			return ocsp.CreateResponse(a.Certificate, r.Certificate, r, w.Users["good"].Key)
		}, clientcert.ErrRevocationUnknown},
		{"delegated", delegated(a, nil), nil},
		{"delegated by another", delegated(other, nil), clientcert.ErrRevocationUnknown},
		{"delegated without the usage", delegated(a, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), clientcert.ErrRevocationUnknown},
		{"delegated, over", delegated(a, func(c *x509.Certificate) { c.NotAfter = noon.Add(-2 * time.Minute) }), clientcert.ErrRevocationUnknown},
		{"delegated, to be looked up, with nowhere to", delegated(a, func(c *x509.Certificate) { c.ExtraExtensions = nil }), clientcert.ErrRevocationUnknown},
		{"delegated, to be looked up", delegated(a, func(c *x509.Certificate) {
			c.ExtraExtensions, c.CRLDistributionPoints = nil, []string{w.site.URL + "/" + a.Slug + "/crl"}
		}), nil},
		{"try later", func() ([]byte, error) { return ocsp.TryLaterErrorResponse, nil }, clientcert.ErrRevocationUnknown},
		{"noise", func() ([]byte, error) { return []byte("<html>"), nil }, clientcert.ErrRevocationUnknown},
		{"too large", func() ([]byte, error) { return make([]byte, clientcert.MaxOCSP+1), nil }, clientcert.ErrRevocationUnknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.answer = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/"+a.Slug+"/ocsp" {
					root.ServeHTTP(rw, r)
					return
				}
				raw, err := c.answer()
				if err != nil {
					t.Error(err)
				}
				_, _ = rw.Write(raw)
			})
			v := w.verifier(t, func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Locations = onlyOCSP })
			got, err := v.Verify(context.Background(), chain(t, user.Chain()))
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if err == nil && got.Revocation.Source != clientcert.SourceOCSP {
				t.Errorf("found by %v", got.Revocation.Source)
			}
		})
	}
}

// TestLists gives lists that are spoiled in one way each.
func TestLists(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	user := w.Users["good"]
	a, other := user.Issuer, w.Authorities[3]
	root := w.Responder(kecistest.ResponderConfig{Now: w.clock.Now, Life: time.Hour})
	here := user.Certificate.CRLDistributionPoints[0]
	list := func(by *kecistest.Authority, change func(*x509.RevocationList)) func() ([]byte, error) {
		return func() ([]byte, error) {
			l := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: noon.Add(-time.Minute), NextUpdate: noon.Add(time.Hour)}
			if change != nil {
				change(l)
			}
			return x509.CreateRevocationList(rand.Reader, l, by.Certificate, by.Key)
		}
	}
	extended := func(id asn1.ObjectIdentifier, value []byte) func() ([]byte, error) {
		return list(a, func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: id, Critical: true, Value: value}}
		})
	}
	part := asn1.ObjectIdentifier{2, 5, 29, 28}
	point := func(address string) []byte { // SEQUENCE { [0] { [0] { [6] address } } }
		in := append([]byte{0x86, byte(len(address))}, address...)
		in = append([]byte{0xa0, byte(len(in))}, in...)
		in = append([]byte{0xa0, byte(len(in))}, in...)
		return append([]byte{0x30, byte(len(in))}, in...)
	}
	entry := func(serial *big.Int, reason int) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) {
			l.RevokedCertificateEntries = []x509.RevocationListEntry{{SerialNumber: serial, RevocationTime: noon.Add(-time.Hour), ReasonCode: reason}}
		}
	}
	cases := []struct {
		name string
		list func() ([]byte, error)
		want error
	}{
		{"empty", list(a, nil), nil},
		{"others revoked", list(a, entry(big.NewInt(5), 1)), nil},
		{"revoked", list(a, entry(user.Certificate.SerialNumber, 0)), clientcert.ErrRevoked},
		{"on hold", list(a, entry(user.Certificate.SerialNumber, 6)), clientcert.ErrRevoked},
		{"of another issuer", list(other, nil), clientcert.ErrRevocationUnknown},
		{"over", list(a, func(l *x509.RevocationList) {
			l.NextUpdate = noon.Add(-59 * time.Second)
			l.ThisUpdate = noon.Add(-time.Hour)
		}), nil},
		{"over beyond the skew", list(a, func(l *x509.RevocationList) {
			l.NextUpdate = noon.Add(-time.Minute)
			l.ThisUpdate = noon.Add(-time.Hour)
		}), clientcert.ErrRevocationUnknown},
		{"of the future", list(a, func(l *x509.RevocationList) { l.ThisUpdate = noon.Add(2 * time.Minute) }), clientcert.ErrRevocationUnknown},
		{"changes alone", extended(asn1.ObjectIdentifier{2, 5, 29, 27}, []byte{2, 1, 1}), clientcert.ErrRevocationUnknown},
		{"unknown critical extension", extended(asn1.ObjectIdentifier{1, 2, 3}, []byte{5, 0}), clientcert.ErrRevocationUnknown},
		{"this part", extended(part, point(here)), nil},
		{"another part", extended(part, point(here+"2")), clientcert.ErrRevocationUnknown},
		{"users alone", extended(part, []byte{0x30, 3, 0x81, 1, 0xff}), nil},
		{"authorities alone", extended(part, []byte{0x30, 3, 0x82, 1, 0xff}), clientcert.ErrRevocationUnknown},
		{"indirect", extended(part, []byte{0x30, 3, 0x84, 1, 0xff}), clientcert.ErrRevocationUnknown},
		{"some reasons", extended(part, []byte{0x30, 4, 0x83, 2, 1, 0x40}), clientcert.ErrRevocationUnknown},
		{"noise", func() ([]byte, error) { return []byte("<html>"), nil }, clientcert.ErrRevocationUnknown},
		{"too large", func() ([]byte, error) { return make([]byte, clientcert.MaxCRL+1), nil }, clientcert.ErrRevocationUnknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.answer = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/"+a.Slug+"/crl" {
					root.ServeHTTP(rw, r)
					return
				}
				raw, err := c.list()
				if err != nil {
					t.Error(err)
				}
				_, _ = rw.Write(raw)
			})
			v := w.verifier(t, func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Locations = onlyCRL })
			got, err := v.Verify(context.Background(), chain(t, user.Chain()))
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if err == nil && got.Revocation.Source != clientcert.SourceCRL {
				t.Errorf("found by %v", got.Revocation.Source)
			}
		})
	}
}

// TestNobodyAnswers: what happens where revocation cannot be found out is stated.
func TestNobodyAnswers(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	w.answer = http.NotFoundHandler()
	presented := chain(t, w.Users["good"].Chain())
	if _, err := w.verifier(t, nil).Verify(context.Background(), presented); !errors.Is(err, clientcert.ErrRevocationUnknown) {
		t.Errorf("closed: %v", err)
	}
	open := w.verifier(t, func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Mode = clientcert.FailOpen })
	if got, err := open.Verify(context.Background(), presented); err != nil || got.Revocation.Known() {
		t.Errorf("open: %+v, %v", got, err)
	}
	redirecting := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "http://127.0.0.1:1/", http.StatusFound)
	})
	w.answer = redirecting
	if _, err := w.verifier(t, nil).Verify(context.Background(), presented); err == nil || !strings.Contains(err.Error(), "302") {
		t.Errorf("a redirection was followed: %v", err)
	}
}

// TestListAfterResponder: where the responder is silent the list is asked, and both
// are kept while they hold.
func TestListAfterResponder(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	good := w.Responder(kecistest.ResponderConfig{Now: w.clock.Now, Life: time.Hour})
	user := w.Users["good"]
	answers, lists := "/"+user.Issuer.Slug+"/ocsp", "/"+user.Issuer.Slug+"/crl"
	v := w.verifier(t, nil)
	verify := func() *clientcert.Authentication {
		t.Helper()
		got, err := v.Verify(context.Background(), chain(t, user.Chain()))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	silent := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Error(rw, "busy", http.StatusServiceUnavailable)
			return
		}
		good.ServeHTTP(rw, r)
	})
	w.answer = silent
	if got := verify(); got.Revocation.Source != clientcert.SourceCRL {
		t.Errorf("found by %v", got.Revocation.Source)
	}
	verify()
	if w.asked[lists] != 1 || w.asked[answers] != 2 {
		t.Errorf("asked %v", w.asked)
	}
	w.answer = nil
	verify()
	verify()
	if w.asked[answers] != 3 {
		t.Errorf("an answer that holds was asked for again: %v", w.asked)
	}
	user.Issuer.Revoke(user.Certificate, noon)
	verify() // the answer still holds
	w.clock.Advance(time.Hour)
	if _, err := v.Verify(context.Background(), chain(t, user.Chain())); !errors.Is(err, clientcert.ErrRevoked) {
		t.Errorf("after the answer's time: %v", err)
	}
}

// TestCacheIsNotTrusted: what a cache gives is checked like what the net gives.
func TestCacheIsNotTrusted(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	v := w.verifier(t, func(_ *clientcert.Policy, r *clientcert.Revocation) { r.Cache = lyingCache{w} })
	if _, err := v.Verify(context.Background(), chain(t, w.Users["revoked"].Chain())); !errors.Is(err, clientcert.ErrRevoked) {
		t.Errorf("error %v", err)
	}
}

// lyingCache has a forged answer for everything.
type lyingCache struct{ w *world }

func (l lyingCache) Load(context.Context, string, time.Time) ([]byte, bool) {
	forger := l.w.Stranger
	raw, err := ocsp.CreateResponse(l.w.Users["revoked"].Issuer.Certificate, forger.Certificate, ocsp.Response{
		Status: ocsp.Good, SerialNumber: l.w.Users["revoked"].Certificate.SerialNumber, ThisUpdate: noon, NextUpdate: noon.Add(time.Hour),
	}, forger.Key)
	return raw, err == nil
}

func (lyingCache) Store(context.Context, string, []byte, time.Time) {}

func TestMemoryCache(t *testing.T) {
	ctx := context.Background()
	m := clientcert.NewMemoryCache(20)
	m.Store(ctx, "a", make([]byte, 9), noon.Add(time.Hour))
	m.Store(ctx, "b", make([]byte, 9), noon.Add(2*time.Hour))
	m.Store(ctx, "huge", make([]byte, 99), noon.Add(2*time.Hour))
	m.Store(ctx, "c", make([]byte, 9), noon.Add(3*time.Hour))
	for key, want := range map[string]bool{"a": false, "b": true, "c": true, "huge": false} {
		if _, ok := m.Load(ctx, key, noon); ok != want {
			t.Errorf("%s kept: %v, want %v", key, ok, want)
		}
	}
	if _, ok := m.Load(ctx, "b", noon.Add(2*time.Hour)); ok {
		t.Error("what is over was given")
	}
}

// TestFetcherAddresses: only HTTP is spoken.
func TestFetcherAddresses(t *testing.T) {
	f := clientcert.NewHTTPFetcher(&http.Client{Transport: noNetwork{t}}, nil)
	for _, address := range []string{"ldap://ds.example/ou=dp", "file:///etc/passwd", "http://user@host/", "http:", "", "://"} {
		if _, err := f.CRL(context.Background(), address); err == nil {
			t.Errorf("%q was asked", address)
		}
	}
}

type noNetwork struct{ t *testing.T }

func (n noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("%s was asked", r.URL)
	return nil, io.EOF
}
