package metadata

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Inspection is what a document says, whoever wrote it. Nothing in it may be
// relied on: it is for people to look at.
type Inspection struct {
	Entity    *Entity    // or
	Aggregate *Aggregate // of a registry
	// Signed tells whether there is a signature; it was not checked.
	Signed bool
}

// Inspect reads a document, signed or not, without verifying it.
func Inspect(document []byte) (*Inspection, error) {
	tree, err := (&xmltree.Parser{Limits: limits(MaxAggregate)}).Parse(document)
	if err != nil {
		return nil, err
	}
	r := &reader{inspect: true}
	out := &Inspection{}
	if root := tree.Root(); root.Is(nsMD, "EntitiesDescriptor") {
		out.Aggregate = &Aggregate{}
		r.aggregate(out.Aggregate, root)
	} else {
		if !root.Is(nsMD, "EntityDescriptor") {
			r.refuse(ErrUnsupported, root, "md:EntityDescriptor or md:EntitiesDescriptor", quote(root.Local()))
		}
		out.Entity = &Entity{}
		r.entity(out.Entity, nil, root)
	}
	if r.err != nil {
		return nil, r.err
	}
	out.Signed = r.signed
	return out, nil
}

// PinnedKey returns the key of that name ("sha256:...") if the document shows
// it, so that a document can be verified by a fingerprint alone. The name binds
// the key; nothing else is read from the document before it is verified.
func PinnedKey(document []byte, name string) (*xmlsig.PublicKey, bool) {
	tree, err := (&xmltree.Parser{Limits: limits(MaxDocument)}).Parse(document)
	if err != nil {
		return nil, false
	}
	for e := range tree.Elements() {
		raw, ok := shownKey(e)
		if sum := sha256.Sum256(raw); !ok || "sha256:"+hex.EncodeToString(sum[:]) != name {
			continue
		}
		public, err := x509.ParsePKIXPublicKey(raw)
		if err != nil {
			return nil, false
		}
		key, err := xmlsig.NewPublicKey(public)
		return key, err == nil
	}
	return nil, false
}

// shownKey returns the SubjectPublicKeyInfo that an element shows.
func shownKey(e xmltree.Element) ([]byte, bool) {
	certificate := e.Is(nsDS, "X509Certificate")
	if !certificate && !e.Is(nsDS11, "DEREncodedKeyValue") {
		return nil, false
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(e.Text()), ""))
	if err != nil || !certificate {
		return raw, err == nil
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, false
	}
	return parsed.RawSubjectPublicKeyInfo, true
}
