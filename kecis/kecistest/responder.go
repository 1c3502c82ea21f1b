package kecistest

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"net/http"
	"time"

	"golang.org/x/crypto/ocsp"
)

// maxOCSPRequest bounds a question; one is about 100 bytes.
const maxOCSPRequest = 4 << 10

// ResponderConfig says how lists and answers are made.
type ResponderConfig struct {
	// Now is the time.
	Now func() time.Time
	// Life is how long a list or an answer holds.
	Life time.Duration
	// Delegated has answers signed by a responder's certificate of their own, not
	// by the authority itself.
	Delegated bool
}

// Responder serves, below the base address, the list and the answers (OCSP) of
// each authority: GET /slug/crl, POST /slug/ocsp.
func (h *Hierarchy) Responder(c ResponderConfig) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{slug}/crl", func(w http.ResponseWriter, r *http.Request) {
		a, err := h.Authority(r.PathValue("slug"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		now := c.Now()
		list, err := a.CRL(now, now.Add(c.Life))
		send(w, "application/pkix-crl", list, err)
	})
	mux.HandleFunc("POST /{slug}/ocsp", func(w http.ResponseWriter, r *http.Request) {
		a, err := h.Authority(r.PathValue("slug"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOCSPRequest))
		if err != nil {
			http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
			return
		}
		answer, err := a.answer(raw, c)
		send(w, "application/ocsp-response", answer, err)
	})
	return mux
}

func send(w http.ResponseWriter, media string, document []byte, err error) {
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", media)
	_, _ = w.Write(document) // who asked may be gone
}

// answer says what has become of one certificate.
func (a *Authority) answer(raw []byte, c ResponderConfig) ([]byte, error) {
	question, err := ocsp.ParseRequest(raw)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse, nil //nolint:nilerr // the answer says so
	}
	now := c.Now()
	template := ocsp.Response{
		SerialNumber: question.SerialNumber, ThisUpdate: now, NextUpdate: now.Add(c.Life), IssuerHash: question.HashAlgorithm,
	}
	a.mu.Lock()
	entry, revoked := a.revoked[question.SerialNumber.String()]
	known := a.issued[question.SerialNumber.String()]
	a.mu.Unlock()
	switch {
	case !a.asked(question):
		template.Status = ocsp.Unknown
	case revoked:
		template.Status, template.RevokedAt, template.RevocationReason = ocsp.Revoked, entry.RevocationTime, entry.ReasonCode
	case !known:
		template.Status = ocsp.Unknown
	}
	if !c.Delegated {
		return ocsp.CreateResponse(a.Certificate, a.Certificate, template, a.Key)
	}
	responder, err := a.Responder(now, nil)
	if err != nil {
		return nil, err
	}
	template.Certificate = responder.Certificate
	return ocsp.CreateResponse(a.Certificate, responder.Certificate, template, responder.Key)
}

// asked reports whether a question is about this authority's certificates.
func (a *Authority) asked(q *ocsp.Request) bool {
	if !q.HashAlgorithm.Available() {
		return false
	}
	name := hashWith(q.HashAlgorithm, a.Certificate.RawSubject)
	return bytes.Equal(name, q.IssuerNameHash)
}

func hashWith(hash crypto.Hash, data []byte) []byte {
	sum := hash.New()
	sum.Write(data)
	return sum.Sum(nil)
}

// Responder makes a certificate for signing OCSP answers (RFC 6960 4.2.2.2);
// change may spoil it.
func (a *Authority) Responder(now time.Time, change func(*x509.Certificate)) (*Identity, error) {
	key, err := a.profile.newKey()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: a.Name + " OCSP", Country: []string{"kr"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: asn1.NullBytes}},
	}
	if change != nil {
		change(template)
	}
	certificate, err := a.sign(template, key.Public())
	return &Identity{Name: "responder", Certificate: certificate, Key: key, Issuer: a}, err
}
