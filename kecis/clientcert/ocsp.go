package clientcert

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// errUnknown is the error of an issuer that does not know the certificate.
var errUnknown = errors.New("the issuer's responder does not know the certificate")

// askResponder gets an answer about a certificate, from the cache or the
// responder, and checks it.
func (v *Verifier) askResponder(ctx context.Context, address string, c, issuer *x509.Certificate, now time.Time) (Status, error) {
	// SHA-1 here names the issuer and protects nothing; responders know no other.
	question, err := ocsp.CreateRequest(c, issuer, nil)
	if err != nil {
		return Status{}, err
	}
	key := "ocsp " + digestText(question) + " " + address
	if kept, ok := v.load(ctx, key, now); ok {
		if status, _, err := v.readAnswer(ctx, kept, c, issuer, now); err == nil || revoked(err) != nil {
			return status, err
		}
	}
	raw, err := v.revocation.Fetcher.OCSP(ctx, address, question)
	if err != nil {
		return Status{}, err
	}
	status, until, err := v.readAnswer(ctx, raw, c, issuer, now)
	if err == nil || revoked(err) != nil {
		v.store(ctx, key, raw, until)
	}
	return status, err
}

// readAnswer checks an answer: signed by the issuer or by a responder that the
// issuer has delegated, about this certificate alone, current.
func (v *Verifier) readAnswer(ctx context.Context, raw []byte, c, issuer *x509.Certificate, now time.Time) (Status, time.Time, error) {
	answer, err := ocsp.ParseResponseForCert(raw, c, nil)
	if err != nil {
		return Status{}, time.Time{}, err
	}
	if !strongSignature(answer.SignatureAlgorithm) {
		return Status{}, time.Time{}, errors.New("the OCSP answer is signed with a weak algorithm")
	}
	if err := v.checkResponder(ctx, answer, issuer, now); err != nil {
		return Status{}, time.Time{}, err
	}
	if !about(answer, c, issuer) {
		return Status{}, time.Time{}, errors.New("the OCSP answer is about another certificate")
	}
	until, ok := v.current(answer.ThisUpdate, answer.NextUpdate, now)
	if !ok {
		return Status{}, time.Time{}, errors.New("the OCSP answer is not current")
	}
	switch answer.Status {
	case ocsp.Good:
		return Status{SourceOCSP, answer.ThisUpdate, answer.NextUpdate}, until, nil
	case ocsp.Revoked:
		return Status{}, until, &Error{code: ErrRevoked}
	}
	return Status{}, time.Time{}, errUnknown
}

// oidNoCheck marks a responder that is not itself to be looked up (RFC 6960
// 4.2.2.2.1).
const oidNoCheck = "1.3.6.1.5.5.7.48.1.5"

// checkResponder checks who signed an answer (KECIS-CRT-013).
func (v *Verifier) checkResponder(ctx context.Context, answer *ocsp.Response, issuer *x509.Certificate, now time.Time) error {
	by := answer.Certificate
	if by == nil {
		return answer.CheckSignatureFrom(issuer)
	}
	if bytes.Equal(by.Raw, issuer.Raw) { // ocsp has checked the signature against it
		return nil
	}
	if !bytes.Equal(by.RawIssuer, issuer.RawSubject) || by.CheckSignatureFrom(issuer) != nil {
		return errors.New("the OCSP responder was not delegated by the issuer")
	}
	delegated := slices.Contains(by.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning)
	if !delegated || by.IsCA || by.KeyUsage != 0 && by.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return errors.New("the OCSP responder's certificate is not for signing answers")
	}
	if now.Add(v.policy.Skew).Before(by.NotBefore) || now.Add(-v.policy.Skew).After(by.NotAfter) {
		return errors.New("the OCSP responder's certificate is not valid now")
	}
	if _, err := xmlsig.NewPublicKey(by.PublicKey); err != nil || !strongSignature(by.SignatureAlgorithm) {
		return errors.New("the OCSP responder's certificate is too weak")
	}
	if hasExtension(by.Extensions, oidNoCheck) {
		return nil
	}
	for _, address := range by.CRLDistributionPoints[:min(len(by.CRLDistributionPoints), MaxLocations)] {
		if _, err := v.searchList(ctx, address, by, issuer, now); err == nil {
			return nil
		}
	}
	return errors.New("the OCSP responder's own certificate cannot be looked up")
}

func hasExtension(extensions []pkix.Extension, oid string) bool {
	for _, e := range extensions {
		if e.Id.String() == oid {
			return true
		}
	}
	return false
}

// about reports whether an answer is about one certificate, and this one: its
// serial number under its issuer's name and key.
func about(answer *ocsp.Response, c, issuer *x509.Certificate) bool {
	var data struct {
		Raw            asn1.RawContent
		Version        int `asn1:"optional,default:0,explicit,tag:0"`
		RawResponderID asn1.RawValue
		ProducedAt     time.Time `asn1:"generalized"`
		Responses      []struct {
			CertID struct {
				Hash     pkix.AlgorithmIdentifier
				NameHash []byte
				KeyHash  []byte
				Serial   asn1.RawValue
			}
		}
	}
	if _, err := asn1.Unmarshal(answer.TBSResponseData, &data); err != nil || len(data.Responses) != 1 {
		return false
	}
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(issuer.RawSubjectPublicKeyInfo, &spki); err != nil || !answer.IssuerHash.Available() {
		return false
	}
	id := data.Responses[0].CertID
	return c.SerialNumber.Cmp(answer.SerialNumber) == 0 &&
		bytes.Equal(id.NameHash, hashed(answer.IssuerHash, issuer.RawSubject)) &&
		bytes.Equal(id.KeyHash, hashed(answer.IssuerHash, spki.Key.RightAlign()))
}

func hashed(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

func digestText(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
