package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/url"
	"slices"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/clientcert"
)

// certificateSettings are a host that persons show their certificates to: that of an
// identity provider, or of a PG's authentication.
type certificateSettings struct {
	// Location is the https address that its pages lie below; Listen is where it listens.
	Location string         `yaml:"location"`
	Listen   string         `yaml:"listen"`
	TLS      tlsSettings    `yaml:"tls"`
	Users    userSettings   `yaml:"users"`
	Proxy    *proxySettings `yaml:"proxy"`
}

// userSettings say which persons' certificates are accepted.
type userSettings struct {
	Anchors     []string `yaml:"anchors"`
	Authorities []string `yaml:"authorities"`
	// Policies are OIDs, of which a certificate carries one.
	Policies []string `yaml:"policies"`
	// Accredited accepts certificates without an extended key usage, and asks for
	// digitalSignature and nonRepudiation.
	Accredited bool `yaml:"accredited"`
	// Revocation is "closed" (the default): who cannot be looked up is refused; or "open".
	Revocation string `yaml:"revocation"`
	// Lists are files of lists (CRL), in PEM or DER, for authorities that publish by LDAP
	// alone. They are read anew for each check.
	Lists []string `yaml:"lists"`
}

// proxySettings say that a proxy ends TLS and passes certificates on.
type proxySettings struct {
	Header       string `yaml:"header"`
	Format       string `yaml:"format"`
	SecretHeader string `yaml:"secretHeader"`
	Secret       string `yaml:"secret"`
	// Peers are files of the proxies' certificates, which they show by mutual TLS.
	Peers []string `yaml:"peers"`
}

// certificateHost is such a host, made of its settings.
type certificateHost struct {
	verifier *clientcert.Verifier
	reader   clientcert.Reader
	// tls is nil behind a proxy that is reached without.
	tls *tls.Config
	// path is that of the location.
	path string
}

// below is a path in the configuration, longer by some steps.
func below(path []any, steps ...any) []any { return append(slices.Clone(path), steps...) }

// checkHost refuses an address that certificates cannot be shown at. path is where the
// settings stand.
func (f *settingsFile) checkHost(path []any, s *certificateSettings, log *logSettings) error {
	u, err := url.Parse(s.Location)
	switch {
	case s.Location == "":
		return f.missing(below(path, "location")...)
	case err != nil || u.Scheme != "https" || u.Host == "" || u.Path == "" || u.RawQuery != "":
		return f.at(below(path, "location"), phrase{"a location is https with a path, as https://idp.example/saml", "location은 https://idp.example/saml처럼 경로가 있는 https 주소여야 합니다"})
	case s.Listen == "":
		return f.missing(below(path, "listen")...)
	}
	host, err := f.checkListening(s.Listen, "127.0.0.1:8450", &s.TLS, log)
	if err != nil {
		return err
	}
	if s.TLS.Certificate == "" && (s.Proxy == nil || !loopback(host)) {
		return f.at(below(path, "tls"), phrase{"without tls there is no certificate to see: give tls, or a proxy of this machine", "tls가 없으면 인증서를 받을 수 없습니다. tls를 쓰거나 이 컴퓨터의 proxy를 두십시오"})
	}
	return nil
}

// certificateHost reads what a host of certificates needs.
func (f *settingsFile) certificateHost(path []any, s *certificateSettings) (*certificateHost, error) {
	policy, mode, err := f.policy(below(path, "users"), &s.Users)
	if err != nil {
		return nil, err
	}
	revocation := clientcert.Revocation{
		Mode: mode, Fetcher: clientcert.NewHTTPFetcher(&http.Client{}, kecis.SystemClock{}), Cache: clientcert.NewMemoryCache(0),
	}
	if len(s.Users.Lists) > 0 {
		revocation.Lists = func(context.Context) ([][]byte, error) { return f.lists(s.Users.Lists) }
		if _, err := revocation.Lists(context.Background()); err != nil { // at the start, not at the first person
			return nil, f.because(below(path, "users", "lists"), err)
		}
	}
	h := &certificateHost{}
	if h.verifier, err = clientcert.NewVerifier(policy, revocation, kecis.SystemClock{}); err != nil {
		return nil, f.because(below(path, "users"), err)
	}
	if h.reader, err = f.reader(below(path, "proxy"), s.Proxy); err != nil {
		return nil, err
	}
	if h.tls, err = f.hostTLS(below(path, "tls"), s, append(slices.Clone(policy.Anchors), policy.Intermediates...)); err != nil {
		return nil, err
	}
	u, err := url.Parse(s.Location)
	if err != nil { // it was parsed before
		return nil, err
	}
	h.path = u.Path
	return h, nil
}

// lists reads the lists (CRL) in files.
func (f *settingsFile) lists(names []string) (out [][]byte, err error) {
	for _, name := range names {
		content, err := f.a.read(f.file(name), "list")
		if err != nil {
			return nil, err
		}
		if block, _ := pem.Decode(content); block != nil {
			content = block.Bytes
		}
		if _, err := x509.ParseRevocationList(content); err != nil {
			return nil, f.a.refused(f.a.say(phrase{"%s holds no list (CRL)", "%s에 CRL이 없습니다"}, shown(name)), "")
		}
		out = append(out, content)
	}
	return out, nil
}

// hostTLS is the configuration of TLS: that of a proxy by mutual TLS, or that of
// persons' browsers, which are told the authorities whose certificates are wanted.
func (f *settingsFile) hostTLS(path []any, s *certificateSettings, hints []*x509.Certificate) (*tls.Config, error) {
	if s.TLS.Certificate == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(f.file(s.TLS.Certificate), f.file(s.TLS.Key))
	if err != nil {
		return nil, f.at(path, phrase{"the TLS certificate cannot be used: %v", "TLS 인증서를 쓸 수 없습니다: %v"}, err)
	}
	if s.Proxy != nil {
		hints = nil
	}
	return clientcert.ServerTLS([]tls.Certificate{pair}, hints...), nil
}

// certificates reads the certificates of PEM files.
func (f *settingsFile) certificates(path []any, names []string) (out []*x509.Certificate, err error) {
	for i, name := range names {
		content, err := f.a.read(f.file(name), "certificate")
		if err != nil {
			return nil, f.because(append(path, i), err)
		}
		for _, block := range f.a.pemBlocks(content) {
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil || block.Type != pemCertificate {
				return nil, f.at(append(path, i), phrase{"%s holds something other than certificates", "%s에 인증서가 아닌 것이 있습니다"}, shown(name))
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// policy is the policy for persons' certificates.
func (f *settingsFile) policy(path []any, s *userSettings) (p clientcert.Policy, mode clientcert.Mode, err error) {
	if len(s.Anchors) == 0 {
		return p, mode, f.missing(below(path, "anchors")...)
	}
	if len(s.Policies) == 0 {
		return p, mode, f.missing(below(path, "policies")...)
	}
	if s.Revocation != "" && s.Revocation != "closed" && s.Revocation != "open" {
		return p, mode, f.at(below(path, "revocation"), phrase{"%q is no choice: closed or open", "%q은(는) 쓸 수 없습니다. closed, open 중에서 고르십시오"}, shown(s.Revocation))
	}
	if s.Revocation == "open" {
		mode = clientcert.FailOpen
	}
	anchors, err := f.certificates(below(path, "anchors"), s.Anchors)
	if err != nil {
		return p, mode, err
	}
	authorities, err := f.certificates(below(path, "authorities"), s.Authorities)
	if err != nil {
		return p, mode, err
	}
	oids := make([]x509.OID, 0, len(s.Policies))
	for i, text := range s.Policies {
		oid, err := x509.ParseOID(text)
		if err != nil {
			return p, mode, f.at(below(path, "policies", i), phrase{"%q is no OID, as 1.2.410.200004.5.4.1.1", "%q은(는) 1.2.410.200004.5.4.1.1 같은 OID가 아닙니다"}, shown(text))
		}
		oids = append(oids, oid)
	}
	if s.Accredited {
		return clientcert.Accredited(anchors, authorities, oids...), mode, nil
	}
	return clientcert.Policy{Anchors: anchors, Intermediates: authorities, Policies: oids}, mode, nil
}

// reader is how the certificate of a request is found; nil is by TLS.
func (f *settingsFile) reader(path []any, s *proxySettings) (clientcert.Reader, error) {
	if s == nil {
		return nil, nil
	}
	proxy := &clientcert.Proxy{Header: s.Header, SecretHeader: s.SecretHeader}
	switch s.Format {
	case "", "pem":
	case "client-cert":
		proxy.Format = clientcert.ClientCert
	default:
		return nil, f.at(below(path, "format"), phrase{"%q is no form of a certificate: choose pem or client-cert", "%q은(는) 인증서 형식이 아닙니다. pem, client-cert 중에서 고르십시오"}, shown(s.Format))
	}
	if s.Secret != "" {
		content, err := f.a.read(f.file(s.Secret), "secret")
		if err != nil {
			return nil, f.because(below(path, "secret"), err)
		}
		proxy.Secret = string(bytes.TrimSpace(content))
	}
	peers, err := f.certificates(below(path, "peers"), s.Peers)
	if err != nil {
		return nil, err
	}
	for _, c := range peers {
		proxy.Peers = append(proxy.Peers, sha256.Sum256(c.RawSubjectPublicKeyInfo))
	}
	if err := proxy.Check(); err != nil {
		return nil, f.at(path, phrase{"%s", "%s"}, err.Error())
	}
	return proxy, nil
}
