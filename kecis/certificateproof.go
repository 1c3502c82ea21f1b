package kecis

import (
	"crypto/sha256"
	"fmt"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmltree"
)

// CertificateProof is what the proof of an authentication by certificate says of
// the check (KECIS-CRT-044). Of the holder it has no name.
type CertificateProof struct {
	// Holder is the pseudonym by which the requester knows the holder
	// (KECIS-CRT-015): 16 to 64 of A-Z a-z 0-9 - _.
	Holder string
	// Policy is the OID of the certificate policy that was accepted.
	Policy string
	// Certificate is the SHA-256 of the certificate in DER, Chain that over the
	// SHA-256 of each certificate from the holder's to the anchor.
	Certificate, Chain Digest
	// Revocation is how revocation was looked up.
	Revocation RevocationSource
	// Shown is the digest of the order that the holder saw before consenting, see
	// ShownDigest.
	Shown Digest
}

// RevocationSource says where it was found that a certificate was not revoked.
type RevocationSource uint8

const (
	// RevocationOCSP: the issuer's responder.
	RevocationOCSP RevocationSource = iota + 1
	// RevocationCRL: the issuer's list.
	RevocationCRL
)

const (
	revocationSources = " ocsp crl "
	// maxOID bounds the text of an OID: those in use have about 25 characters.
	maxOID  = 128
	oidForm = "an OID in digits and dots, as 1.2.410.200004.5.4.1.1"
)

// String returns the value as messages carry it.
func (s RevocationSource) String() string { return valueOf(revocationSources, int(s)) }

// ShownDigest is the digest of what the page of an authentication by certificate
// shows of an order (KECIS-CRT-045): its OrderRef but for the attempt, the payee and
// the amount of the whole order.
func ShownDigest(order OrderRef, payee string, amount Money) Digest {
	return sha256.Sum256(fmt.Appendf(nil, "kecis shown 1\n%s\n%s\n%d\n%s\n%s %d\n",
		order.Requester, order.OrderID, order.Part, payee, amount.Currency, amount.Minor))
}

func (d *decoder) certificateProof(v *CertificateProof, e xmltree.Element) {
	a := d.attributes(e)
	v.Chain, v.Certificate = a.digest("Chain"), a.digest("Digest")
	v.Holder = a.token("Holder", minRef, maxRef, refForm)
	v.Policy = a.need("Policy")
	if !validOID(v.Policy) {
		a.bad(ErrValue, "Policy", oidForm, v.Policy)
	}
	v.Revocation = RevocationSource(a.choice("Revocation", revocationSources))
	v.Shown = a.digest("Shown")
	a.end(" Chain Digest Holder Policy Revocation Shown ")
	d.empty(e)
}

func (e *encoder) certificateProof(v *CertificateProof) {
	e.start("kecis", "Certificate")
	e.attr("Chain", v.Chain.String())
	e.attr("Digest", v.Certificate.String())
	e.token("Holder", v.Holder, minRef, maxRef, refForm)
	if !validOID(v.Policy) {
		e.refuse(ErrValue, "Policy", oidForm, v.Policy)
	}
	e.attr("Policy", v.Policy)
	e.choice("Revocation", v.Revocation.String())
	e.attr("Shown", v.Shown.String())
	e.w.End()
}

// validOID reports whether s is an OID as RFC 4512 writes it: two arcs or more, none
// with a zero in front.
func validOID(s string) bool {
	if len(s) > maxOID {
		return false
	}
	arcs, start := 0, 0
	for i := range len(s) + 1 {
		switch {
		case i < len(s) && digit(s[i]):
		case i < len(s) && s[i] != '.', i == start, s[start] == '0' && i-start > 1:
			return false
		default:
			arcs, start = arcs+1, i+1
		}
	}
	return arcs > 1
}

// checkCertificate: a proof by certificate says what was checked, and no other does
// (KECIS-CRT-044).
func (v *Authentication) checkCertificate() *Error {
	if v.Proof != nil && (v.Method == metadata.ByCertificate) != (v.Proof.Certificate != nil) {
		return &Error{code: ErrAuthentication, expected: "Certificate exactly where the method is certificate", found: quote(string(v.Method))}
	}
	return nil
}

// checkShown: what the holder was shown is the order that it is a proof for
// (KECIS-CRT-045).
func (v *Authentication) checkShown(order *OrderRef) *Error {
	if v.Proof == nil || v.Proof.Certificate == nil {
		return nil
	}
	if v.Proof.Certificate.Shown != ShownDigest(*order, v.Proof.Payee, v.Proof.OrderAmount) {
		return &Error{code: ErrAuthentication, expected: "that the order was shown which it is a proof for", found: "another"}
	}
	return nil
}
