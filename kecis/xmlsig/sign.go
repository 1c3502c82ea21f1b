package xmlsig

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"io"

	"github.com/kecis/sdk/kecis/xmltree"
)

// Signer signs documents with one key. It may be used by several goroutines if
// its key may.
type Signer struct {
	// Random is what the key is given for its randomness; nil is crypto/rand.
	Random io.Reader
	// Limits bounds the documents that Sign takes; zero fields are the defaults
	// of xmltree.
	Limits xmltree.Limits

	key    crypto.Signer
	public *PublicKey
	method Algorithm
	scheme scheme
	digest crypto.Hash
	// The constant parts of ds:SignedInfo, as exclusive canonicalization writes
	// them but for the namespace declaration, which stands apart.
	beforeID, beforeDigest string
}

// NewSigner returns a Signer for the key, which may live in an HSM. With no
// algorithm given it uses rsa-sha256, ecdsa-sha256 (P-256), ecdsa-sha384
// (P-384) or eddsa-ed25519, as the key is. It refuses a weak key (ErrWeakKey)
// and an algorithm that is not the key's (ErrAlgorithm).
func NewSigner(key crypto.Signer, algorithm ...Algorithm) (*Signer, error) {
	if key == nil {
		return nil, weak("a signing key", "none")
	}
	public, err := NewPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	s := &Signer{key: key, public: public, method: standardAlgorithm(public.kind)}
	if len(algorithm) > 0 && algorithm[0] != "" {
		s.method = algorithm[0]
	}
	var ok bool
	s.scheme, ok = s.method.scheme()
	if !ok || !s.scheme.fits(public.kind) {
		return nil, &Error{code: ErrAlgorithm, expected: "an algorithm for this key", found: quote(string(s.method))}
	}
	s.digest = s.scheme.hash
	if s.digest == 0 {
		s.digest = crypto.SHA512
	}
	s.beforeID = `><ds:CanonicalizationMethod Algorithm="` + exclusiveC14N + `"></ds:CanonicalizationMethod>` +
		`<ds:SignatureMethod Algorithm="` + string(s.method) + `"></ds:SignatureMethod><ds:Reference URI="#`
	s.beforeDigest = `"><ds:Transforms><ds:Transform Algorithm="` + enveloped + `"></ds:Transform>` +
		`<ds:Transform Algorithm="` + exclusiveC14N + `"></ds:Transform></ds:Transforms>` +
		`<ds:DigestMethod Algorithm="` + digestURI(s.digest) + `"></ds:DigestMethod><ds:DigestValue>`
	return s, nil
}

func standardAlgorithm(kind keyKind) Algorithm {
	switch kind {
	case kindP256:
		return ECDSASHA256
	case kindP384:
		return ECDSASHA384
	case kindEd25519:
		return Ed25519
	}
	return RSASHA256
}

// Public returns the key that verifies what the Signer signs.
func (s *Signer) Public() *PublicKey { return s.public }

const (
	infoStart   = `<ds:SignedInfo`
	declaration = ` xmlns:ds="` + Namespace + `"`
	infoEnd     = `</ds:DigestValue></ds:Reference></ds:SignedInfo>`
)

// Insert is the quick way to sign a document that an xmltree.Writer has just
// written: it inserts a signature into canonical at byte at, within its capacity
// where that is enough. The document must be in exclusive canonical form, its
// root's ID must be id, and at must be the place that the profile gives the
// signature; a document for which that does not hold will not verify.
func (s *Signer) Insert(canonical []byte, at int, id string) ([]byte, error) {
	if at <= 0 || at > len(canonical) || !xmltree.IsNCName(id) || len(id) > MaxID {
		return nil, &Error{code: ErrSign, expected: "an ID, and a place inside the document", found: quote(id)}
	}
	var room [usualSignature]byte
	signature, err := s.append(room[:0], id, hashOf(s.digest, canonical))
	if err != nil {
		return nil, err
	}
	behind := len(canonical)
	canonical = append(canonical, signature...)
	copy(canonical[at+len(signature):], canonical[at:behind])
	copy(canonical[at:], signature)
	return canonical, nil
}

// usualSignature is what a signature by an RSA key of 4,096 bits takes, in bytes.
const usualSignature = 2 << 10

// append appends a ds:Signature over content with that ID and digest.
func (s *Signer) append(dst []byte, id string, content digest) ([]byte, error) {
	dst = append(dst, "<ds:Signature"+declaration+">"...)
	start := len(dst)
	dst = append(dst, infoStart...)
	dst = s.appendInfo(dst, id, content)

	// Canonicalized alone, SignedInfo declares the prefix that it has from
	// ds:Signature in the document.
	var room [1024]byte
	info := append(room[:0], infoStart+declaration...)
	info = append(info, dst[start+len(infoStart):]...)
	value, err := s.sign(info)
	if err != nil {
		return nil, err
	}
	dst = append(dst, "<ds:SignatureValue>"...)
	dst = base64.StdEncoding.AppendEncode(dst, value)
	return append(dst, "</ds:SignatureValue></ds:Signature>"...), nil
}

func (s *Signer) appendInfo(dst []byte, id string, content digest) []byte {
	dst = append(dst, s.beforeID...)
	dst = append(dst, id...)
	dst = append(dst, s.beforeDigest...)
	dst = base64.StdEncoding.AppendEncode(dst, content.bytes())
	return append(dst, infoEnd...)
}

// sign returns the signature value over the canonical SignedInfo.
func (s *Signer) sign(info []byte) ([]byte, error) {
	random := s.Random
	if random == nil {
		random = rand.Reader
	}
	var message []byte
	options := crypto.SignerOpts(s.scheme.hash)
	if s.scheme.hash == 0 {
		message = bytes.Clone(info) // the key gets bytes of its own, so that info may stay on the stack
	} else {
		hashed := hashOf(s.scheme.hash, info)
		message = hashed.bytes()
	}
	if s.scheme.pss {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: s.scheme.hash}
	}
	value, err := s.key.Sign(random, message, options)
	if err != nil {
		return nil, &Error{code: ErrSign, expected: "a signature from the key", found: "an error", cause: err}
	}
	ok := true
	if s.scheme.ec {
		value, ok = appendRaw(make([]byte, 0, s.public.size), value, s.public.size/2)
	}
	if !ok || len(value) != s.public.size {
		return nil, &Error{code: ErrSign, expected: "a signature of the key's size", found: "another value"}
	}
	return value, nil
}

// Sign returns doc with a signature at the place that the profile gives it. The
// rest of the document stays byte for byte as it was. The document must hold no
// other signature at that place, and an ID on the element to be signed.
func (s *Signer) Sign(doc []byte, p Profile) ([]byte, error) {
	tree, err := (&xmltree.Parser{Limits: s.Limits}).Parse(doc)
	if err != nil {
		return nil, err
	}
	signed, err := p.signed(tree.Root())
	if err != nil {
		return nil, err
	}
	id, err := p.identify(tree, signed)
	if err != nil {
		return nil, err
	}
	at, err := p.room(tree, signed)
	if err != nil {
		return nil, err
	}
	if p.scope == ScopeMetadata {
		if err := protectedTypes(tree, signed, nil); err != nil {
			return nil, err
		}
	}
	canonical, err := tree.AppendCanonicalWithin(nil, maxCanonical(s.Limits), signed, xmltree.Element{})
	if err != nil {
		return nil, err
	}
	content := hashOf(s.digest, canonical)
	out := append(make([]byte, 0, len(doc)+1024), doc[:at]...)
	if out, err = s.append(out, id, content); err != nil {
		return nil, err
	}
	return append(out, doc[at:]...), nil
}

// room returns where in the document the signature goes.
func (p Profile) room(tree *xmltree.Tree, signed xmltree.Element) (int, error) {
	for e := range tree.Elements() {
		if e.Is(Namespace, "Signature") && !p.allowsInside(e, signed) {
			return 0, refuse(ErrMultiple, e, "a document without a signature", "one with a signature")
		}
	}
	if _, err := p.sender(signed); err != nil {
		return 0, err
	}
	first := signed.First()
	if p.first {
		if first.IsZero() {
			return 0, refuse(ErrSign, signed, "a child to stand behind the signature", "none")
		}
		from, _ := first.Source()
		return from, nil
	}
	if !first.Is(SAMLAssertionNamespace, "Issuer") {
		return 0, refuse(ErrSender, signed, "saml:Issuer as the first child", nameOf(first))
	}
	_, behind := first.Source()
	return behind, nil
}
