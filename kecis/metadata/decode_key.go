package metadata

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"strings"

	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// maxKeyText bounds a key or certificate in base64, in bytes: the largest RSA
// key has 1,400, a certificate with every extension in use some thousands.
const maxKeyText = 16 << 10

// scopeName is the word for a scope.
func scopeName(s xmlsig.Scope) string {
	switch s {
	case xmlsig.ScopeMessage:
		return "message"
	case xmlsig.ScopeMetadata:
		return "metadata"
	case xmlsig.ScopeCertificate:
		return "certificate"
	}
	return ""
}

// signingKey reads md:KeyDescriptor of a signing key.
func (r *reader) signingKey(e xmltree.Element) SigningKey {
	info, terms := r.keyDescriptor(e, "signing")
	k := SigningKey{NotBefore: terms.instantOption("NotBefore"), NotOnOrAfter: terms.instantOption("NotOnOrAfter")}
	switch choice(terms, "Scope", "message", "metadata", "certificate") {
	case "message":
		k.Scope = xmlsig.ScopeMessage
	case "metadata":
		k.Scope = xmlsig.ScopeMetadata
	case "certificate":
		k.Scope = xmlsig.ScopeCertificate
	}
	terms.end()
	der, public := r.publicKey(info)
	if r.err != nil {
		return k
	}
	key, err := xmlsig.NewPublicKey(public)
	switch {
	case err != nil:
		r.refuse(ErrKey, e, "a key that may sign", err.Error())
	case !k.NotOnOrAfter.IsZero() && !k.NotBefore.Before(k.NotOnOrAfter):
		r.refuse(ErrKey, e, "NotBefore before NotOnOrAfter", formatInstant(k.NotOnOrAfter))
	case !sameKey(der, key.Public()):
		r.refuse(ErrKey, e, "the one DER form of the key", "another")
	}
	k.Key = key
	return k
}

// encryptionKey reads md:KeyDescriptor of an encryption key.
func (r *reader) encryptionKey(e xmltree.Element) EncryptionKey {
	info, terms := r.keyDescriptor(e, "encryption")
	k := EncryptionKey{NotOnOrAfter: terms.instant("NotOnOrAfter")}
	terms.end()
	der, public := r.publicKey(info)
	if r.err != nil {
		return k
	}
	recipient, err := xmlenc.NewRecipient(public)
	switch {
	case err != nil:
		r.refuse(ErrKey, e, "a key that may be encrypted to", err.Error())
	case !sameKey(der, recipient.Public()):
		r.refuse(ErrKey, e, "the one DER form of the key", "another")
	}
	k.Recipient = recipient
	return k
}

// keyDescriptor reads md:KeyDescriptor up to the terms of the key, and returns
// what holds the key itself.
func (r *reader) keyDescriptor(e xmltree.Element, use string) (info *children, terms *attributes) {
	at := r.attributes(e)
	if found := at.need("use"); found != use {
		r.refuse(ErrKeyScope, e, "use "+use+" here", quote(found))
	}
	at.end()
	c := r.children(e)
	held := c.need(nsDS, "KeyInfo")
	c.end("KeyInfo")
	r.attributes(held).end()
	info = r.children(held)
	stated := info.need(nsKECIS, "KeyTerms")
	r.empty(stated)
	return info, r.attributes(stated)
}

// publicKey reads the key itself: as it is, or inside a certificate, of which
// nothing else counts (KECIS-SIG-030).
func (r *reader) publicKey(c *children) (der []byte, key any) {
	var err error
	if data, ok := c.option(nsDS, "X509Data"); ok {
		r.attributes(data).end()
		inner := r.children(data)
		e := inner.need(nsDS, "X509Certificate")
		inner.end("X509Certificate")
		c.end("KeyTerms", "X509Data")
		raw := r.base64(e)
		if r.err != nil {
			return nil, nil
		}
		certificate, err := x509.ParseCertificate(raw)
		if err != nil {
			r.refuse(ErrKey, e, "a certificate in DER", "something else")
			return nil, nil
		}
		return certificate.RawSubjectPublicKeyInfo, certificate.PublicKey
	}
	e := c.need(nsDS11, "DEREncodedKeyValue")
	c.end("KeyTerms", "DEREncodedKeyValue")
	der = r.base64(e)
	if r.err != nil {
		return nil, nil
	}
	if key, err = x509.ParsePKIXPublicKey(der); err != nil {
		r.refuse(ErrKey, e, "a SubjectPublicKeyInfo in DER", "something else")
	}
	return der, key
}

// base64 reads RFC 4648, section 4, with white space anywhere.
func (r *reader) base64(e xmltree.Element) []byte {
	text := r.word(e)
	if len(text) > maxKeyText {
		r.refuse(ErrKey, e, "at most 16 KiB of base64", "more")
		return nil
	}
	text = strings.Map(func(c rune) rune {
		if strings.ContainsRune(" \t\n\r", c) {
			return -1
		}
		return c
	}, text)
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) == 0 {
		r.refuse(ErrKey, e, "base64", "something else")
	}
	return raw
}

// sameKey reports whether der is how the key is written, so that the name that
// others work out from these bytes is the key's name.
func sameKey(der []byte, key any) bool {
	again, err := x509.MarshalPKIXPublicKey(key)
	return err == nil && bytes.Equal(der, again)
}
