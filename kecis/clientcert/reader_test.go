package clientcert_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/kecistest"
)

func TestProxy(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	user, proxy := w.Users["good"].Certificate, w.Server.Certificate
	escaped := url.PathEscape(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: user.Raw})))
	secret := strings.Repeat("s", clientcert.MinSecret)
	bySecret := clientcert.Proxy{Header: "X-Client-Cert", SecretHeader: "X-Proxy-Secret", Secret: secret}
	byKey := clientcert.Proxy{Header: "Client-Cert", Format: clientcert.ClientCert, Peers: [][32]byte{sha256.Sum256(proxy.RawSubjectPublicKeyInfo)}}
	mutual := func(r *http.Request, c *x509.Certificate) {
		r.TLS = &tls.ConnectionState{HandshakeComplete: true, PeerCertificates: []*x509.Certificate{c}}
	}
	cases := []struct {
		name   string
		proxy  clientcert.Proxy
		change func(*http.Request)
		want   error
	}{
		{"secret", bySecret, func(*http.Request) {}, nil},
		{"secret, IPv6", bySecret, func(r *http.Request) { r.RemoteAddr = "[::1]:4711" }, nil},
		{"secret, from elsewhere", bySecret, func(r *http.Request) { r.RemoteAddr = "192.0.2.7:4711" }, clientcert.ErrChannel},
		{"wrong secret", bySecret, func(r *http.Request) { r.Header.Set("X-Proxy-Secret", secret+"x") }, clientcert.ErrChannel},
		{"no secret", bySecret, func(r *http.Request) { r.Header.Del("X-Proxy-Secret") }, clientcert.ErrChannel},
		{"two secrets", bySecret, func(r *http.Request) { r.Header.Add("X-Proxy-Secret", "x") }, clientcert.ErrChannel},
		{"empty secret configured", clientcert.Proxy{Header: "X-Client-Cert"}, func(*http.Request) {}, clientcert.ErrChannel},
		{"short secret configured", clientcert.Proxy{Header: "X-Client-Cert", SecretHeader: "X-Proxy-Secret", Secret: "s"}, func(r *http.Request) { r.Header.Set("X-Proxy-Secret", "s") }, clientcert.ErrChannel},
		{"unix", bySecret, func(r *http.Request) {
			r.RemoteAddr = "@"
			*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.UnixAddr{Name: "/run/idp", Net: "unix"}))
		}, nil},
		{"two certificates", bySecret, func(r *http.Request) { r.Header.Add("X-Client-Cert", escaped) }, clientcert.ErrMalformed},
		{"noise", bySecret, func(r *http.Request) { r.Header.Set("X-Client-Cert", "%zz") }, clientcert.ErrMalformed},
		{"no certificate", bySecret, func(r *http.Request) { r.Header.Del("X-Client-Cert") }, clientcert.ErrAbsent},
		{"too large", bySecret, func(r *http.Request) {
			r.Header.Set("X-Client-Cert", strings.Repeat("A", 2*clientcert.MaxCertificate+1))
		}, clientcert.ErrMalformed},
		{"mutual TLS", byKey, func(r *http.Request) { mutual(r, proxy) }, nil},
		{"mutual TLS with another key", byKey, func(r *http.Request) { mutual(r, user) }, clientcert.ErrChannel},
		{"no mutual TLS", byKey, func(*http.Request) {}, clientcert.ErrChannel},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = "127.0.0.1:4711"
			r.Header.Set("X-Client-Cert", escaped)
			r.Header.Set("X-Proxy-Secret", secret)
			r.Header.Set("Client-Cert", ":"+base64.StdEncoding.EncodeToString(user.Raw)+":")
			c.change(r)
			got, err := c.proxy.Certificates(r)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if err == nil && !got[0].Equal(user) {
				t.Error("another certificate")
			}
			if r.Header.Get(c.proxy.Header) != "" || c.proxy.SecretHeader != "" && r.Header.Get(c.proxy.SecretHeader) != "" {
				t.Errorf("the headers are still there: %v", r.Header)
			}
		})
	}
	if err := bySecret.Check(); err != nil {
		t.Error(err)
	}
}

func TestDirectNeedsAHandshake(t *testing.T) {
	w := newWorld(t, kecistest.P256)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Client-Cert", ":"+base64.StdEncoding.EncodeToString(w.Users["good"].Certificate.Raw)+":")
	for name, state := range map[string]*tls.ConnectionState{
		"no TLS": nil, "no certificate": {HandshakeComplete: true},
		"handshake not over": {PeerCertificates: []*x509.Certificate{w.Users["good"].Certificate}},
	} {
		r.TLS = state
		if _, err := (clientcert.Direct{}).Certificates(r); !errors.Is(err, clientcert.ErrAbsent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
