package xmlsig

import (
	"crypto"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/kecis/sdk/kecis/xmltree"
)

// The bounds of a signature's parts.
const (
	// maxBase64 bounds a base64 text, in bytes: an RSA signature of 8,192 bits
	// with a line break and an indent at every 64 characters has 2,000.
	maxBase64 = 4096
	// maxPrefixes bounds an InclusiveNamespaces PrefixList; SAML peers send one
	// to five.
	maxPrefixes = 32
	// MaxID bounds the ID of a signed element, in bytes; KECIS uses 41.
	MaxID = 256
)

// signature is a ds:Signature that has the shape of the profile.
type signature struct {
	element  xmltree.Element // ds:Signature
	info     xmltree.Element // ds:SignedInfo
	method   Algorithm
	scheme   scheme
	digest   crypto.Hash
	expected digest // DigestValue
	value    []byte // SignatureValue, in the workspace

	infoPrefixes    []string // PrefixList of CanonicalizationMethod
	contentPrefixes []string // PrefixList of the exclusive c14n transform
}

// find returns the only signature of the document, at the place that the
// profile gives it, of the element that it must be over.
func (p Profile) find(t *xmltree.Tree, signed xmltree.Element) (xmltree.Element, error) {
	at := p.place(signed)
	found := 0
	for e := range t.Elements() {
		if !e.Is(Namespace, "Signature") || e != at && p.allowsInside(e, signed) {
			continue
		}
		if found++; found > 1 {
			return at, refuse(ErrMultiple, e, "one signature", "another one")
		}
		if e != at {
			at = xmltree.Element{}
		}
	}
	switch {
	case found == 0:
		return at, refuse(ErrMissing, signed, "a signature", "none")
	case at.IsZero():
		return at, refuse(ErrPosition, signed, p.placeName(), "a signature elsewhere")
	}
	return at, nil
}

// place returns the child of signed that stands where the signature must stand.
func (p Profile) place(signed xmltree.Element) xmltree.Element {
	at := signed.First()
	if !p.first {
		if !at.Is(SAMLAssertionNamespace, "Issuer") {
			return xmltree.Element{}
		}
		at = at.Next()
	}
	if !at.Is(Namespace, "Signature") {
		return xmltree.Element{}
	}
	return at
}

func (p Profile) placeName() string {
	if p.first {
		return "the signature as the first child"
	}
	return "the signature right after saml:Issuer"
}

// allowsInside reports whether a signature beside the one that is verified is
// mere content: that of a SAML response, of an assertion in one, or of an
// entity in an aggregate of metadata. The signed element itself has one alone.
func (p Profile) allowsInside(e, signed xmltree.Element) bool {
	holder := e.Parent()
	if !p.foreign || holder == signed {
		return false
	}
	return holder.Is(SAMLAssertionNamespace, "Assertion") ||
		holder.Is(SAMLProtocolNamespace, "Response") ||
		holder.Is(SAMLMetadataNamespace, "EntityDescriptor") ||
		holder.Is(SAMLMetadataNamespace, "EntitiesDescriptor")
}

// read checks the shape of the signature and takes its parts out, before any
// cryptography (KECIS-SIG-003 to 011, 013, 015, 018, 020).
func (p Profile) read(w *workspace, element xmltree.Element, id string) (signature, error) {
	s := signature{element: element}
	if err := p.bare(element); err != nil {
		return s, err
	}
	s.info = element.First()
	value := s.info.Next()
	switch {
	case !s.info.Is(Namespace, "SignedInfo"):
		return s, refuse(ErrStructure, element, "ds:SignedInfo", nameOf(s.info))
	case !value.Is(Namespace, "SignatureValue"):
		return s, refuse(ErrStructure, element, "ds:SignatureValue", nameOf(value))
	}
	rest := value.Next()
	if rest.Is(Namespace, "KeyInfo") {
		if err := p.checkKeyInfo(rest); err != nil {
			return s, err
		}
		rest = rest.Next()
	}
	if rest.Is(Namespace, "Object") {
		return s, refuse(ErrObject, rest, "no ds:Object", "one")
	}
	if !rest.IsZero() {
		return s, refuse(ErrStructure, rest, "nothing more in ds:Signature", nameOf(rest))
	}
	if err := p.readInfo(w, &s, id); err != nil {
		return s, err
	}
	return s, p.readValue(w, &s, value)
}

// readInfo reads ds:SignedInfo: the two methods and the one reference.
func (p Profile) readInfo(w *workspace, s *signature, id string) error {
	if err := p.bare(s.info); err != nil {
		return err
	}
	c14n := s.info.First()
	method := c14n.Next()
	reference := method.Next()
	if !c14n.Is(Namespace, "CanonicalizationMethod") {
		return refuse(ErrStructure, s.info, "ds:CanonicalizationMethod", nameOf(c14n))
	}
	if !w.attrIs(c14n, "Algorithm", exclusiveC14N) {
		return refuse(ErrCanonicalization, c14n, "exclusive canonicalization without comments", w.shown(c14n, "Algorithm"))
	}
	if c14n.NumAttrs() != 1 {
		return refuse(ErrStructure, c14n, "a method with an Algorithm alone", "another attribute")
	}
	var err error
	if s.infoPrefixes, err = p.prefixList(c14n, ErrStructure); err != nil {
		return err
	}
	if !method.Is(Namespace, "SignatureMethod") {
		return refuse(ErrStructure, s.info, "ds:SignatureMethod", nameOf(method))
	}
	if err := p.readMethod(w, s, method); err != nil {
		return err
	}
	if references(s.info) != 1 {
		return refuse(ErrReferenceCount, s.info, "one ds:Reference", "none or several")
	}
	if !reference.Is(Namespace, "Reference") {
		return refuse(ErrStructure, s.info, "ds:Reference", nameOf(reference))
	}
	if more := reference.Next(); !more.IsZero() {
		return refuse(ErrStructure, more, "nothing more in ds:SignedInfo", nameOf(more))
	}
	return p.readReference(w, s, reference, id)
}

// references counts the references of ds:SignedInfo, wherever they stand in it.
func references(info xmltree.Element) (n int) {
	for child := info.First(); !child.IsZero(); child = child.Next() {
		if child.Is(Namespace, "Reference") {
			n++
		}
	}
	return n
}

func (p Profile) readMethod(w *workspace, s *signature, method xmltree.Element) error {
	var ok bool
	w.text, _ = method.AppendAttr(w.text[:0], "Algorithm")
	s.method, ok = algorithmOf(w.text)
	if !ok {
		return refuse(ErrAlgorithm, method, "a signature algorithm of the profile", quote(string(w.text)))
	}
	s.scheme, _ = s.method.scheme()
	if method.NumAttrs() != 1 || !method.First().IsZero() || method.StrayText() {
		return refuse(ErrAlgorithm, method, "a signature algorithm without parameters", "parameters")
	}
	return nil
}

// algorithmOf compares byte by byte with the algorithms of the profile.
func algorithmOf(uri []byte) (Algorithm, bool) {
	for _, known := range [...]Algorithm{
		RSASHA256, ECDSASHA256, RSAPSSSHA256, Ed25519, ECDSASHA384, ECDSASHA512,
		RSASHA384, RSASHA512, RSAPSSSHA384, RSAPSSSHA512,
	} {
		if string(uri) == string(known) {
			return known, true
		}
	}
	return "", false
}

// readReference reads the one reference, which must be to the signed element.
func (p Profile) readReference(w *workspace, s *signature, reference xmltree.Element, id string) error {
	uri, ok := reference.AppendAttr(w.text[:0], "URI")
	w.text = uri
	if !ok || len(uri) < 2 || uri[0] != '#' || string(uri[1:]) != id {
		return refuse(ErrReferenceURI, reference, quote("#"+id), quote(string(uri)))
	}
	if reference.NumAttrs() != 1 || reference.StrayText() {
		return refuse(ErrStructure, reference, "ds:Reference with URI alone", "something more")
	}
	transforms := reference.First()
	method := transforms.Next()
	value := method.Next()
	if err := p.readTransforms(w, s, reference, transforms); err != nil {
		return err
	}
	if !method.Is(Namespace, "DigestMethod") || !value.Is(Namespace, "DigestValue") || !value.Next().IsZero() {
		return refuse(ErrStructure, reference, "ds:DigestMethod and ds:DigestValue", "something else")
	}
	w.text, _ = method.AppendAttr(w.text[:0], "Algorithm")
	s.digest, ok = digestOf(w.text)
	if !ok || method.NumAttrs() != 1 || !method.First().IsZero() || method.StrayText() {
		return refuse(ErrDigestMethod, method, "SHA-256, SHA-384 or SHA-512", quote(string(w.text)))
	}
	if err := p.leaf(value); err != nil {
		return err
	}
	decoded, ok := w.base64(value)
	if !ok || len(decoded) != s.digest.Size() {
		return refuse(ErrDigestValue, value, "base64 of "+strconv.Itoa(s.digest.Size())+" bytes", "something else")
	}
	s.expected.n = copy(s.expected.sum[:], decoded)
	return nil
}

// readTransforms accepts exactly enveloped-signature, then exclusive c14n.
func (p Profile) readTransforms(w *workspace, s *signature, reference, transforms xmltree.Element) error {
	if !transforms.Is(Namespace, "Transforms") {
		return refuse(ErrTransforms, reference, "ds:Transforms", nameOf(transforms))
	}
	if transforms.NumAttrs() > 0 || transforms.StrayText() {
		return refuse(ErrStructure, transforms, "ds:Transforms without attributes and text", "some")
	}
	first := transforms.First()
	second := first.Next()
	right := first.Is(Namespace, "Transform") && w.attrIs(first, "Algorithm", enveloped) &&
		first.NumAttrs() == 1 && first.First().IsZero() && !first.StrayText() &&
		second.Is(Namespace, "Transform") && w.attrIs(second, "Algorithm", exclusiveC14N) &&
		second.NumAttrs() == 1 && second.Next().IsZero()
	if !right {
		return refuse(ErrTransforms, transforms, "enveloped-signature, then exclusive canonicalization", "other transforms")
	}
	var err error
	s.contentPrefixes, err = p.prefixList(second, ErrTransforms)
	return err
}

// prefixList reads the ec:InclusiveNamespaces inside a method or transform.
// Anything else that stands there is refused with the code.
func (p Profile) prefixList(method xmltree.Element, code Code) ([]string, error) {
	list := method.First()
	if list.IsZero() && !method.StrayText() {
		return nil, nil
	}
	if !list.Is(exclusiveC14N, "InclusiveNamespaces") || method.StrayText() {
		return nil, refuse(code, method, "nothing or ec:InclusiveNamespaces", "something else")
	}
	if !p.foreign {
		return nil, refuse(ErrPrefixList, list, "no prefix list in a message", "one")
	}
	value, ok := list.Attr("PrefixList")
	if !ok || list.NumAttrs() != 1 || !list.First().IsZero() || list.StrayText() || !list.Next().IsZero() {
		return nil, refuse(ErrPrefixList, list, "one ec:InclusiveNamespaces with a PrefixList alone", "something else")
	}
	var prefixes []string
	for prefix := range strings.FieldsSeq(value) {
		if len(prefixes) == maxPrefixes {
			return nil, refuse(ErrPrefixList, list, "at most "+strconv.Itoa(maxPrefixes)+" prefixes", "one more")
		}
		if prefix != "#default" && !xmltree.IsNCName(prefix) {
			return nil, refuse(ErrPrefixList, list, "prefixes or #default", quote(prefix))
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

// readValue reads ds:SignatureValue; its length is checked with the key.
func (p Profile) readValue(w *workspace, s *signature, value xmltree.Element) error {
	if err := p.leaf(value); err != nil {
		return err
	}
	decoded, ok := w.base64(value)
	if !ok || len(decoded) == 0 {
		return refuse(ErrValue, value, "base64 of a signature", "something else")
	}
	w.value = append(w.value[:0], decoded...)
	s.value = w.value
	return nil
}

// bare refuses attributes and stray text on an element of the signature.
func (p Profile) bare(e xmltree.Element) error {
	if !e.First().IsZero() && e.StrayText() {
		return refuse(ErrStructure, e, "no text", "some")
	}
	return p.attributes(e)
}

// attributes refuses any but the Id that SAML peers may give an element.
func (p Profile) attributes(e xmltree.Element) error {
	allowed := 0
	if _, ok := e.Attr("Id"); ok && p.foreign {
		allowed = 1
	}
	if e.NumAttrs() > allowed {
		return refuse(ErrStructure, e, "no attributes", "some")
	}
	return nil
}

// leaf is bare for an element that holds text alone.
func (p Profile) leaf(e xmltree.Element) error {
	if child := e.First(); !child.IsZero() {
		return refuse(ErrStructure, child, "text alone", nameOf(child))
	}
	return p.bare(e)
}

// checkKeyInfo lets pass only what can be a hint (KECIS-SIG-015).
func (p Profile) checkKeyInfo(info xmltree.Element) error {
	if err := p.attributes(info); err != nil {
		return err
	}
	for child := range info.Children() {
		switch {
		case child.Is(Namespace, "KeyName"), child.Is(Namespace, "KeyValue"), child.Is(Namespace, "X509Data"),
			child.Is(signature11, "DEREncodedKeyValue"):
		default:
			return refuse(ErrKeyInfo, child, "KeyName, KeyValue, X509Data or DEREncodedKeyValue", nameOf(child))
		}
	}
	return nil
}

// workspace is memory that one verification needs and the next can use again.
type workspace struct {
	canonical []byte
	text      []byte
	value     []byte
	decoded   []byte // from base64
	hashed    digest // of SignedInfo
}

func (w *workspace) attrIs(e xmltree.Element, name, want string) bool {
	var ok bool
	w.text, ok = e.AppendAttr(w.text[:0], name)
	return ok && string(w.text) == want
}

func (w *workspace) shown(e xmltree.Element, name string) string {
	w.text, _ = e.AppendAttr(w.text[:0], name)
	return quote(string(w.text))
}

// base64 decodes the text of a leaf strictly, but for white space, which
// xs:base64Binary allows. The result stands in the workspace.
func (w *workspace) base64(e xmltree.Element) (decoded []byte, ok bool) {
	w.text = e.AppendText(w.text[:0])
	if len(w.text) > maxBase64 {
		return nil, false
	}
	w.decoded = slices.Grow(w.decoded[:0], len(w.text))[:len(w.text)]
	n, err := base64.StdEncoding.Strict().Decode(w.decoded, w.text)
	if err != nil { // the decoder knows line breaks, but no blanks
		text := w.text[:0]
		for _, c := range w.text {
			if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
				text = append(text, c)
			}
		}
		n, err = base64.StdEncoding.Strict().Decode(w.decoded, text)
	}
	return w.decoded[:n], err == nil
}
