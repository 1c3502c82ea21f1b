package clientcert

import (
	"crypto/tls"
	"crypto/x509"
)

// ServerTLS is the configuration of a TLS server that asks for a certificate
// (KECIS-CRT-021): TLS 1.3 or 1.2 with forward secrecy, no session tickets, so
// that each connection shows the certificate anew (and a Go server never
// renegotiates). A client without a certificate, or with a bad one, gets a
// connection and is told by a page what is wrong: the Verifier decides, not the
// handshake, which proves no more than that the client has the key.
//
// hints are authorities of which a browser offers certificates; none asks for any.
func ServerTLS(server []tls.Certificate, hints ...*x509.Certificate) *tls.Config {
	config := &tls.Config{
		MinVersion:             tls.VersionTLS12,
		Certificates:           server,
		ClientAuth:             tls.RequestClientCert,
		SessionTicketsDisabled: true,
		NextProtos:             []string{"h2", "http/1.1"},
		CipherSuites: []uint16{ // of TLS 1.2; those of 1.3 are all good
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
	if len(hints) > 0 {
		config.ClientCAs = x509.NewCertPool()
		for _, h := range hints {
			config.ClientCAs.AddCert(h)
		}
	}
	return config
}
