package xmlsig

import (
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
)

// Algorithm is the URI of a signature algorithm.
type Algorithm string

// The signature algorithms of the profile (RFC 9231; KECIS-SIG-005). RSA-PSS
// uses a salt as long as the hash and MGF1 with the same hash.
const (
	RSASHA256    Algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	RSASHA384    Algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
	RSASHA512    Algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
	RSAPSSSHA256 Algorithm = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"
	RSAPSSSHA384 Algorithm = "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1"
	RSAPSSSHA512 Algorithm = "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1"
	ECDSASHA256  Algorithm = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	ECDSASHA384  Algorithm = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
	ECDSASHA512  Algorithm = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
	Ed25519      Algorithm = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"
)

// Algorithms returns those of the profile.
func Algorithms() []Algorithm {
	return []Algorithm{
		RSASHA256, RSASHA384, RSASHA512, RSAPSSSHA256, RSAPSSSHA384, RSAPSSSHA512,
		ECDSASHA256, ECDSASHA384, ECDSASHA512, Ed25519,
	}
}

// URIs of XML Signature that the profile knows.
const (
	Namespace = "http://www.w3.org/2000/09/xmldsig#"

	exclusiveC14N  = "http://www.w3.org/2001/10/xml-exc-c14n#"
	enveloped      = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
	digestSHA256   = "http://www.w3.org/2001/04/xmlenc#sha256"
	digestSHA384   = "http://www.w3.org/2001/04/xmldsig-more#sha384"
	digestSHA512   = "http://www.w3.org/2001/04/xmlenc#sha512"
	signature11    = "http://www.w3.org/2009/xmldsig11#"
	schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"
)

// keyKind is what a key can be used for.
type keyKind uint8

const (
	kindRSA keyKind = iota + 1
	kindP256
	kindP384
	kindEd25519
)

// scheme is what an algorithm does.
type scheme struct {
	hash crypto.Hash // 0 for Ed25519, which hashes by itself
	rsa  bool
	pss  bool
	ec   bool
}

// scheme returns what the algorithm does; ok is false for one that is not in
// the profile.
func (a Algorithm) scheme() (s scheme, ok bool) {
	switch a {
	case RSASHA256:
		return scheme{hash: crypto.SHA256, rsa: true}, true
	case RSASHA384:
		return scheme{hash: crypto.SHA384, rsa: true}, true
	case RSASHA512:
		return scheme{hash: crypto.SHA512, rsa: true}, true
	case RSAPSSSHA256:
		return scheme{hash: crypto.SHA256, rsa: true, pss: true}, true
	case RSAPSSSHA384:
		return scheme{hash: crypto.SHA384, rsa: true, pss: true}, true
	case RSAPSSSHA512:
		return scheme{hash: crypto.SHA512, rsa: true, pss: true}, true
	case ECDSASHA256:
		return scheme{hash: crypto.SHA256, ec: true}, true
	case ECDSASHA384:
		return scheme{hash: crypto.SHA384, ec: true}, true
	case ECDSASHA512:
		return scheme{hash: crypto.SHA512, ec: true}, true
	case Ed25519:
		return scheme{}, true
	}
	return scheme{}, false
}

// fits reports whether a key of that kind can make signatures of the scheme.
func (s scheme) fits(kind keyKind) bool {
	switch kind {
	case kindRSA:
		return s.rsa
	case kindP256, kindP384:
		return s.ec
	case kindEd25519:
		return !s.rsa && !s.ec
	}
	return false
}

// digestOf returns the hash of a digest method (KECIS-SIG-010).
func digestOf(uri []byte) (crypto.Hash, bool) {
	switch string(uri) {
	case digestSHA256:
		return crypto.SHA256, true
	case digestSHA384:
		return crypto.SHA384, true
	case digestSHA512:
		return crypto.SHA512, true
	}
	return 0, false
}

// digestURI is the inverse of digestOf; Ed25519 signatures go with SHA-512.
func digestURI(hash crypto.Hash) string {
	switch hash {
	case crypto.SHA256:
		return digestSHA256
	case crypto.SHA384:
		return digestSHA384
	}
	return digestSHA512
}

// digest is a hash value of up to 64 bytes that needs no memory of its own.
type digest struct {
	sum [sha512.Size]byte
	n   int
}

func (d *digest) bytes() []byte { return d.sum[:d.n] }

func hashOf(hash crypto.Hash, data []byte) (d digest) {
	switch hash {
	case crypto.SHA256:
		sum := sha256.Sum256(data)
		d.n = copy(d.sum[:], sum[:])
	case crypto.SHA384:
		sum := sha512.Sum384(data)
		d.n = copy(d.sum[:], sum[:])
	case crypto.SHA512:
		sum := sha512.Sum512(data)
		d.n = copy(d.sum[:], sum[:])
	}
	return d
}
