package clientcert

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Reader finds what a client presented, of which it has shown that it has the
// key.
type Reader interface {
	// Certificates returns the chain, the client's own first; none is ErrAbsent.
	Certificates(r *http.Request) ([]*x509.Certificate, error)
}

// Direct is the Reader of a server that speaks TLS itself.
type Direct struct{}

// Certificates returns those of the TLS handshake.
func (Direct) Certificates(r *http.Request) ([]*x509.Certificate, error) {
	if r.TLS == nil || !r.TLS.HandshakeComplete || len(r.TLS.PeerCertificates) == 0 {
		return nil, &Error{code: ErrAbsent}
	}
	return r.TLS.PeerCertificates, nil
}

// HeaderFormat says how a proxy writes a certificate into a header.
type HeaderFormat uint8

// The formats.
const (
	// EscapedPEM is PEM, URL-escaped, as nginx's $ssl_client_escaped_cert.
	EscapedPEM HeaderFormat = iota
	// ClientCert is that of RFC 9440: base64 of DER between colons.
	ClientCert
)

// Proxy is the Reader of a server behind a proxy that ends TLS and asks for the
// certificate. A header is believed only over an authenticated channel
// (KECIS-CRT-020): mutual TLS with a proxy whose key is listed, or a connection of
// this machine with the secret.
type Proxy struct {
	// Header carries the certificate, in the Format.
	Header string
	Format HeaderFormat
	// Peers are the SHA-256 of the SubjectPublicKeyInfo of the proxies' keys, which
	// they show by mutual TLS.
	Peers [][sha256.Size]byte
	// SecretHeader and Secret are shared with a proxy on the same machine. The
	// secret has at least MinSecret bytes.
	SecretHeader, Secret string
}

// MinSecret is the least length of a proxy's secret, in bytes: 128 random bits in
// base64.
const MinSecret = 22

// Check names what is missing or wrong in the configuration.
func (p *Proxy) Check() error {
	switch {
	case p.Header == "":
		return errors.New("clientcert: Proxy.Header is missing")
	case len(p.Peers) == 0 && p.Secret == "":
		return errors.New("clientcert: a Proxy needs Peers or a Secret")
	case p.Secret != "" && (len(p.Secret) < MinSecret || p.SecretHeader == ""):
		return errors.New("clientcert: Proxy.Secret has at least " + strconv.Itoa(MinSecret) + " bytes, and a SecretHeader")
	}
	return nil
}

// Certificates returns the certificate of the header. Both headers are taken out
// of the request, whatever comes of it, so that nothing behind can take them for
// more than they are.
func (p *Proxy) Certificates(r *http.Request) ([]*x509.Certificate, error) {
	values := r.Header.Values(p.Header)
	secrets := r.Header.Values(p.SecretHeader)
	r.Header.Del(p.Header)
	if p.SecretHeader != "" {
		r.Header.Del(p.SecretHeader)
	}
	if p.Check() != nil || !p.authenticated(r, secrets) {
		return nil, &Error{code: ErrChannel, expected: "a proxy known by its key, or one of this machine with the secret", found: "another sender"}
	}
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return nil, &Error{code: ErrAbsent}
	case len(values) > 1 || len(values[0]) > 2*MaxCertificate:
		return nil, &Error{code: ErrMalformed, expected: "one certificate", found: "several, or a larger one"}
	}
	der, ok := p.decode(values[0])
	if !ok {
		return nil, &Error{code: ErrMalformed, expected: "a certificate in the form of the proxy", found: "something else"}
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, &Error{code: ErrMalformed, expected: "a certificate", found: "something else"}
	}
	return []*x509.Certificate{certificate}, nil
}

func (p *Proxy) decode(value string) (der []byte, ok bool) {
	if p.Format == ClientCert {
		inner, begins := strings.CutPrefix(value, ":")
		inner, ends := strings.CutSuffix(inner, ":")
		der, err := base64.StdEncoding.Strict().DecodeString(inner)
		return der, begins && ends && err == nil
	}
	text, err := url.PathUnescape(value)
	if err != nil {
		return nil, false
	}
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" || strings.TrimSpace(string(rest)) != "" {
		return nil, false
	}
	return block.Bytes, true
}

// authenticated reports whether the request came from the proxy.
func (p *Proxy) authenticated(r *http.Request, secrets []string) bool {
	if r.TLS != nil && r.TLS.HandshakeComplete && len(r.TLS.PeerCertificates) > 0 {
		key := sha256.Sum256(r.TLS.PeerCertificates[0].RawSubjectPublicKeyInfo)
		for _, known := range p.Peers {
			if subtle.ConstantTimeCompare(known[:], key[:]) == 1 {
				return true
			}
		}
	}
	if p.Secret == "" || len(secrets) != 1 || !local(r) {
		return false
	}
	shown, secret := sha256.Sum256([]byte(secrets[0])), sha256.Sum256([]byte(p.Secret))
	return subtle.ConstantTimeCompare(shown[:], secret[:]) == 1
}

// local reports whether the request came over a connection of this machine.
func local(r *http.Request) bool {
	if address, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && address.Network() == "unix" {
		return true
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback()
}
