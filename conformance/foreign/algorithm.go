package foreign

import "slices"

// Algorithm is a signature algorithm of the standard, with the digest algorithm
// that goes with it.
type Algorithm struct {
	Name   string
	URI    string // of ds:SignatureMethod
	Digest string // of ds:DigestMethod
	Key    Kind
}

// The digest algorithms (XML Encryption 5.7, RFC 6931 2.1.3).
const (
	sha256URI = "http://www.w3.org/2001/04/xmlenc#sha256"
	sha384URI = "http://www.w3.org/2001/04/xmldsig-more#sha384"
	sha512URI = "http://www.w3.org/2001/04/xmlenc#sha512"
)

// The signature algorithms (RFC 6931 2.3, RFC 9231 2.3.12).
const (
	rsaSHA256   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	rsaSHA384   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
	rsaSHA512   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
	pssSHA256   = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"
	pssSHA384   = "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1"
	pssSHA512   = "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1"
	ecdsaSHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	ecdsaSHA384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
	ecdsaSHA512 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
	ed25519URI  = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"
)

// Algorithms returns the signature algorithms that the standard allows.
func Algorithms() []Algorithm {
	return []Algorithm{
		{"RSA-SHA256", rsaSHA256, sha256URI, RSA},
		{"RSA-SHA384", rsaSHA384, sha384URI, RSA},
		{"RSA-SHA512", rsaSHA512, sha512URI, RSA},
		{"RSA-PSS-SHA256", pssSHA256, sha256URI, RSA},
		{"RSA-PSS-SHA384", pssSHA384, sha384URI, RSA},
		{"RSA-PSS-SHA512", pssSHA512, sha512URI, RSA},
		{"ECDSA-P256-SHA256", ecdsaSHA256, sha256URI, P256},
		{"ECDSA-P256-SHA512", ecdsaSHA512, sha512URI, P256}, // a hash longer than the order is cut
		{"ECDSA-P384-SHA256", ecdsaSHA256, sha256URI, P384},
		{"ECDSA-P384-SHA384", ecdsaSHA384, sha384URI, P384},
		{"Ed25519", ed25519URI, sha512URI, Ed25519},
	}
}

// Unsupported returns why the program cannot sign or verify with the algorithm,
// or "" if it can. Tests hold each entry: a program that learns an algorithm
// fails them, so that the table stays true.
func (p Program) Unsupported(a Algorithm) string {
	var known []string
	var reason string
	switch p {
	case JDK:
		return ""
	case XMLSec1:
		known = []string{rsaSHA256, rsaSHA384, rsaSHA512, ecdsaSHA256, ecdsaSHA384, ecdsaSHA512}
		reason = "xmlsec1 1.2 has neither RSA-PSS nor Ed25519 (they came with 1.3)"
	case SAMLSign:
		known = []string{rsaSHA256, rsaSHA384, rsaSHA512, ecdsaSHA256, ecdsaSHA384, ecdsaSHA512}
		reason = "OpenSAML 3.2 signs by Xerces' XML Security 2.0, which has neither RSA-PSS nor Ed25519"
	case XMLCrypto:
		known = []string{rsaSHA256, rsaSHA512, pssSHA256}
		reason = "xml-crypto 6.3 registers RSA with SHA-256 and SHA-512 and PSS with SHA-256 alone"
	default:
		return string(p) + " does not sign"
	}
	if slices.Contains(known, a.URI) {
		return ""
	}
	return reason
}
