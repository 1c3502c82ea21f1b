package xmlsig

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/kecis/sdk/kecis/xmltree"
)

// maxKeysTried bounds the keys of one sender that a document can make a
// verifier try: current and next key of a roll-over, with room.
const maxKeysTried = 8

// maxGrowth bounds the canonical form of a document: so many times what the
// document itself may have. Honest documents grow little. Short elements that
// each must declare long namespaces again make 2 GB of 4 MB, and whoever knows
// the name of a partner can send them.
const maxGrowth = 4

func maxCanonical(limits xmltree.Limits) int {
	if limits.Bytes <= 0 {
		limits.Bytes = xmltree.MaxBytes
	}
	if limits.Bytes > math.MaxInt/maxGrowth {
		return math.MaxInt
	}
	return maxGrowth * limits.Bytes
}

// Verifier verifies documents of one profile. It may be used by several
// goroutines; its fields must not change after first use.
type Verifier struct {
	// Profile says which documents are accepted. The zero Profile accepts none.
	Profile Profile
	// Role is the role that the sender must have, as its KeySource knows it.
	Role string
	// Limits bounds each document; zero fields are the defaults of xmltree.
	Limits xmltree.Limits

	once   sync.Once
	parser *xmltree.Parser
	free   sync.Pool // of *workspace
}

// Verify is the corridor of a received document: parse, find the signed
// element, check the signature's shape, find the sender's keys, compare the
// digest, check the signature; then it returns what was signed. Errors are of
// type *xmltree.Error or *Error, or come from the KeySource; with an error the
// Verified is zero.
func (v *Verifier) Verify(ctx context.Context, doc []byte, keys KeySource) (Verified, error) {
	v.once.Do(func() { v.parser = &xmltree.Parser{Limits: v.Limits} })
	tree, err := v.parser.Open(doc)
	if err != nil {
		return Verified{}, err
	}
	w, _ := v.free.Get().(*workspace)
	if w == nil {
		w = new(workspace)
	}
	defer v.free.Put(w)
	verified, err := v.verify(ctx, w, tree, keys)
	if err != nil {
		tree.Release()
		return Verified{}, err
	}
	return verified, nil
}

func (v *Verifier) verify(ctx context.Context, w *workspace, tree *xmltree.Tree, source KeySource) (Verified, error) {
	p := v.Profile
	signed, err := p.signed(tree.Root())
	if err != nil {
		return Verified{}, err
	}
	element, err := p.find(tree, signed)
	if err != nil {
		return Verified{}, err
	}
	id, err := p.identify(tree, signed)
	if err != nil {
		return Verified{}, err
	}
	s, err := p.read(w, element, id)
	if err != nil {
		return Verified{}, err
	}
	sender, err := p.sender(signed)
	if err != nil {
		return Verified{}, err
	}
	trusted, err := v.keys(ctx, source, signed, sender, &s)
	if err != nil {
		return Verified{}, err
	}
	sum, err := p.content(w, maxCanonical(v.Limits), tree, signed, &s)
	if err != nil {
		return Verified{}, err
	}
	key, err := s.check(w, tree, trusted)
	if err != nil {
		return Verified{}, err
	}
	if p.scope == ScopeMetadata {
		if err := protectedTypes(tree, signed, s.contentPrefixes); err != nil {
			return Verified{}, err
		}
	}
	return take(tree, signed, element, key, sender, s.method, sum), nil
}

// identify returns the ID of the signed element (KECIS-SIG-008).
func (p Profile) identify(tree *xmltree.Tree, signed xmltree.Element) (string, error) {
	if !p.foreign && !tree.OnlyID() {
		return "", refuse(ErrID, signed, "no identifying attribute but ID", "Id, id or xml:id")
	}
	id, ok := signed.Attr("ID")
	switch {
	case !ok:
		return "", refuse(ErrID, signed, "an ID on the signed element", "none")
	case len(id) > MaxID:
		return "", refuse(ErrID, signed, "an ID of at most "+strconv.Itoa(MaxID)+" bytes", strconv.Itoa(len(id)))
	case !xmltree.IsNCName(id):
		return "", refuse(ErrID, signed, "an ID that is a name without a colon", quote(id))
	}
	return id, nil
}

// maxEntity bounds an entityID, in bytes (saml-metadata 2.3.2).
const maxEntity = 1024

// sender returns the entity that the document names as its sender.
func (p Profile) sender(signed xmltree.Element) (string, error) {
	var sender string
	switch {
	case !p.entityName:
		sender = signed.First().Text()
		if issuer := signed.First(); issuer.NumAttrs() > 0 && !p.foreign || !issuer.First().IsZero() {
			return "", refuse(ErrSender, issuer, "the sender's entityID alone", "something more")
		}
	case signed.Is(SAMLMetadataNamespace, "EntityDescriptor"):
		sender, _ = signed.Attr("entityID")
	default: // the publisher of an aggregate has a Name at most
		if sender, _ = signed.Attr("Name"); sender == "" {
			return "", nil
		}
	}
	if sender == "" || len(sender) > maxEntity {
		return "", refuse(ErrSender, signed, "an entityID or Name of 1 to "+strconv.Itoa(maxEntity)+" bytes", strconv.Itoa(len(sender))+" bytes")
	}
	return sender, nil
}

// keys returns the sender's keys that the algorithm can be used with. The
// document cannot choose: an algorithm of another kind than the key is refused.
func (v *Verifier) keys(ctx context.Context, source KeySource, signed xmltree.Element, sender string, s *signature) ([]*PublicKey, error) {
	if source == nil {
		return nil, &Error{code: ErrNoKey, expected: "a source of keys", found: "none"}
	}
	all, err := source.VerificationKeys(ctx, Signatory{
		Entity: sender, Role: v.Role, Scope: v.Profile.scope, Root: v.Profile.rootName(signed),
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, &Error{code: ErrNoKey, expected: "a key of the sender", found: "none for " + quote(sender)}
	}
	usable := 0
	for _, key := range all {
		if key != nil && s.scheme.fits(key.kind) {
			usable++
		}
	}
	if usable == 0 {
		return nil, refuse(ErrAlgorithm, s.info, "an algorithm for the sender's key", quote(string(s.method)))
	}
	return all, nil
}

// content canonicalizes the signed element without its signature and compares
// the digest. It returns the SHA-256 of the octets (P5).
func (p Profile) content(w *workspace, most int, tree *xmltree.Tree, signed xmltree.Element, s *signature) (sum [sha256.Size]byte, err error) {
	w.canonical, err = tree.AppendCanonicalWithin(w.canonical[:0], most, signed, s.element, s.contentPrefixes...)
	if err != nil {
		return sum, err
	}
	if len(w.canonical) == 0 {
		return sum, refuse(ErrDigestMismatch, signed, "content to sign", "none")
	}
	got := hashOf(s.digest, w.canonical)
	if subtle.ConstantTimeCompare(got.bytes(), s.expected.bytes()) != 1 {
		return sum, refuse(ErrDigestMismatch, signed, "the content that was signed", "other content")
	}
	if s.digest == crypto.SHA256 {
		return [sha256.Size]byte(got.bytes()), nil
	}
	return sha256.Sum256(w.canonical), nil
}

// protectedTypes refuses an xsi:type whose prefix could be bound to another
// namespace without breaking the signature (KECIS-SIG-021).
func protectedTypes(tree *xmltree.Tree, signed xmltree.Element, inclusive []string) error {
	for e := range tree.Elements() {
		value, ok := e.AttrNS(schemaInstance, "type")
		if !ok {
			continue
		}
		prefix, ok := qnamePrefix(value)
		if ok && !slices.Contains(inclusive, prefix) {
			_, ok = e.ResolveRendered(signed, prefix)
		}
		if !ok {
			return refuse(ErrTypePrefix, e, "an xsi:type whose prefix the element or one around it uses", quote(value))
		}
	}
	return nil
}

// qnamePrefix cuts a QName; a type without a prefix would hang on the default
// namespace, which KECIS does not use.
func qnamePrefix(qname string) (string, bool) {
	for i := range len(qname) {
		if qname[i] == ':' {
			return qname[:i], xmltree.IsNCName(qname[:i]) && xmltree.IsNCName(qname[i+1:])
		}
	}
	return "", false
}

// check verifies the signature over ds:SignedInfo with each of the keys that
// fit, and returns the one that made it.
func (s *signature) check(w *workspace, tree *xmltree.Tree, keys []*PublicKey) (*PublicKey, error) {
	w.canonical = tree.AppendCanonical(w.canonical[:0], s.info, xmltree.Element{}, s.infoPrefixes...)
	w.hashed = hashOf(s.scheme.hash, w.canonical)
	tried, fitting := 0, false
	for _, key := range keys {
		if key == nil || !s.scheme.fits(key.kind) || tried == maxKeysTried {
			continue
		}
		tried++
		if len(s.value) != key.size {
			continue
		}
		fitting = true
		if s.valid(key, w.canonical, w.hashed.bytes()) {
			return key, nil
		}
	}
	if !fitting {
		return nil, refuse(ErrValue, s.element, "a signature as long as the key makes it", strconv.Itoa(len(s.value))+" bytes")
	}
	return nil, refuse(ErrInvalid, s.element, "a signature by a key of the sender", "another one")
}

// valid checks the signature value with one key of the right kind and size.
func (s *signature) valid(key *PublicKey, signed, hashed []byte) bool {
	switch k := key.key.(type) {
	case *rsa.PublicKey:
		if s.scheme.pss {
			options := rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: s.scheme.hash}
			return rsa.VerifyPSS(k, s.scheme.hash, hashed, s.value, &options) == nil
		}
		return rsa.VerifyPKCS1v15(k, s.scheme.hash, hashed, s.value) == nil
	case *ecdsa.PublicKey:
		var room [maxDER]byte
		return ecdsa.VerifyASN1(k, hashed, appendDER(room[:0], s.value))
	case ed25519.PublicKey:
		return ed25519.Verify(k, signed, s.value)
	}
	return false
}
