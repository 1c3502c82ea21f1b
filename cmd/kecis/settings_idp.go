package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/kecis/sdk/adapters/saml"
	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// idpSettings are the configuration of an identity provider.
type idpSettings struct {
	Entity   string      `yaml:"entity"`
	Location string      `yaml:"location"`
	Listen   string      `yaml:"listen"`
	TLS      tlsSettings `yaml:"tls"`
	Keys     struct {
		// Answers signs what service providers get, in the certificate that they want;
		// it is made where it is absent.
		Answers struct {
			File        string `yaml:"file"`
			Certificate string `yaml:"certificate"`
		} `yaml:"answers"`
		Metadata struct {
			File string `yaml:"file"`
		} `yaml:"metadata"`
	} `yaml:"keys"`
	Journal   string                    `yaml:"journal"`
	Secret    string                    `yaml:"secret"`
	Users     userSettings              `yaml:"users"`
	Proxy     *proxySettings            `yaml:"proxy"`
	Providers []serviceProviderSettings `yaml:"providers"`
	Log       logSettings               `yaml:"log"`
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

// serviceProviderSettings are one service provider.
type serviceProviderSettings struct {
	Metadata string `yaml:"metadata"`
	// Key is the file of the key that signs its metadata; without one, the file
	// itself is trusted.
	Key            string       `yaml:"key"`
	Name           settingsText `yaml:"name"`
	SignedRequests bool         `yaml:"signedRequests"`
	HolderOfKey    bool         `yaml:"holderOfKey"`
	Transient      bool         `yaml:"transient"`
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
func (f *settingsFile) policy(s *userSettings) (p clientcert.Policy, mode clientcert.Mode, err error) {
	if len(s.Anchors) == 0 {
		return p, mode, f.missing("users", "anchors")
	}
	if len(s.Policies) == 0 {
		return p, mode, f.missing("users", "policies")
	}
	if s.Revocation != "" && s.Revocation != "closed" && s.Revocation != "open" {
		return p, mode, f.at([]any{"users", "revocation"}, phrase{"%q is no choice: closed or open", "%q은(는) 쓸 수 없습니다. closed, open 중에서 고르십시오"}, shown(s.Revocation))
	}
	if s.Revocation == "open" {
		mode = clientcert.FailOpen
	}
	anchors, err := f.certificates([]any{"users", "anchors"}, s.Anchors)
	if err != nil {
		return p, mode, err
	}
	authorities, err := f.certificates([]any{"users", "authorities"}, s.Authorities)
	if err != nil {
		return p, mode, err
	}
	oids := make([]x509.OID, 0, len(s.Policies))
	for i, text := range s.Policies {
		oid, err := x509.ParseOID(text)
		if err != nil {
			return p, mode, f.at([]any{"users", "policies", i}, phrase{"%q is no OID, as 1.2.410.200004.5.4.1.1", "%q은(는) 1.2.410.200004.5.4.1.1 같은 OID가 아닙니다"}, shown(text))
		}
		oids = append(oids, oid)
	}
	if s.Accredited {
		return clientcert.Accredited(anchors, authorities, oids...), mode, nil
	}
	return clientcert.Policy{Anchors: anchors, Intermediates: authorities, Policies: oids}, mode, nil
}

// reader is how the certificate of a request is found; nil is by TLS.
func (f *settingsFile) reader(s *proxySettings) (clientcert.Reader, error) {
	if s == nil {
		return nil, nil
	}
	proxy := &clientcert.Proxy{Header: s.Header, SecretHeader: s.SecretHeader}
	switch s.Format {
	case "", "pem":
	case "client-cert":
		proxy.Format = clientcert.ClientCert
	default:
		return nil, f.at([]any{"proxy", "format"}, phrase{"%q is no form of a certificate: choose pem or client-cert", "%q은(는) 인증서 형식이 아닙니다. pem, client-cert 중에서 고르십시오"}, shown(s.Format))
	}
	if s.Secret != "" {
		content, err := f.a.read(f.file(s.Secret), "secret")
		if err != nil {
			return nil, f.because([]any{"proxy", "secret"}, err)
		}
		proxy.Secret = string(bytes.TrimSpace(content))
	}
	peers, err := f.certificates([]any{"proxy", "peers"}, s.Peers)
	if err != nil {
		return nil, err
	}
	for _, c := range peers {
		proxy.Peers = append(proxy.Peers, sha256.Sum256(c.RawSubjectPublicKeyInfo))
	}
	if err := proxy.Check(); err != nil {
		return nil, f.at([]any{"proxy"}, phrase{"%s", "%s"}, err.Error())
	}
	return proxy, nil
}

// serviceProviders reads the metadata of those whom people log in to.
func (f *settingsFile) serviceProviders(ctx context.Context, list []serviceProviderSettings) (saml.List, error) {
	var out saml.List
	for i, s := range list {
		path := []any{"providers", i}
		if s.Metadata == "" {
			return nil, f.missing(append(path, "metadata")...)
		}
		document, err := f.a.read(f.file(s.Metadata), "metadata")
		if err != nil {
			return nil, f.because(path, err)
		}
		var keys xmlsig.KeySource
		if s.Key != "" {
			known, err := f.a.publicKeys(f.file(s.Key), useSigning)
			if err != nil {
				return nil, f.because(append(path, "key"), err)
			}
			var trusted xmlsig.Keys
			for _, k := range known {
				key, err := xmlsig.NewPublicKey(k.key)
				if err != nil {
					return nil, f.because(append(path, "key"), err)
				}
				trusted = append(trusted, key)
			}
			keys = trusted
		}
		p, err := saml.NewServiceProvider(ctx, document, keys)
		if err != nil {
			return nil, f.because(path, err)
		}
		p.SignedRequests = p.SignedRequests || s.SignedRequests
		p.HolderOfKey, p.Transient = s.HolderOfKey, s.Transient
		if s.Name.Ko != "" {
			p.Korean = s.Name.Ko
		}
		if s.Name.En != "" {
			p.English = s.Name.En
		}
		out = append(out, p)
	}
	return out, nil
}

// secretBytes is the length of the secret of names and pages.
const secretBytes = 32

// secret reads the secret in a file, and makes it where it is absent.
func (f *settingsFile) secret(name string) ([]byte, error) {
	file := f.file(name)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		fresh := make([]byte, secretBytes)
		if _, err := io.ReadFull(f.a.random, fresh); err != nil {
			return nil, err
		}
		if err := f.a.write(file, []byte(hex.EncodeToString(fresh)+"\n"), modeSecret, false); err != nil {
			return nil, f.because([]any{"secret"}, err)
		}
	}
	return f.existingSecret(name)
}

// existingSecret is secret of a file that must be there.
func (f *settingsFile) existingSecret(name string) ([]byte, error) {
	content, err := f.a.read(f.file(name), "secret")
	if err != nil {
		return nil, f.because([]any{"secret"}, err)
	}
	secret, err := hex.DecodeString(string(bytes.TrimSpace(content)))
	if err != nil || len(secret) < secretBytes {
		return nil, f.at([]any{"secret"}, phrase{"%s does not hold %d bytes in hexadecimal digits", "%s에 16진수 %d바이트가 없습니다"}, shown(name), secretBytes)
	}
	return secret, nil
}
