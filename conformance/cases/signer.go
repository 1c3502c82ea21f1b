package cases

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // old algorithms are signed here to see them refused
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // as md5
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"regexp"
	"slices"
	"strings"

	_ "crypto/sha512" // for crypto.SHA384 and crypto.SHA512

	"github.com/beevik/etree"

	"github.com/kecis/sdk/conformance"
)

const (
	nsSignature  = "http://www.w3.org/2000/09/xmldsig#"
	nsExclusive  = "http://www.w3.org/2001/10/xml-exc-c14n#"
	nsEncryption = "http://www.w3.org/2001/04/xmlenc#"
	nsMore       = "http://www.w3.org/2001/04/xmldsig-more#"
	nsMore2007   = "http://www.w3.org/2007/05/xmldsig-more#"
	nsMore2021   = "http://www.w3.org/2021/04/xmldsig-more#"

	enveloped = nsSignature + "enveloped-signature"
)

// template returns an empty signature of the standard's form over the element
// with that ID.
func template(id, algorithm, digest string) string {
	return `<ds:Signature xmlns:ds="` + nsSignature + `"><ds:SignedInfo>` +
		`<ds:CanonicalizationMethod Algorithm="` + nsExclusive + `"></ds:CanonicalizationMethod>` +
		`<ds:SignatureMethod Algorithm="` + algorithm + `"></ds:SignatureMethod>` +
		`<ds:Reference URI="#` + id + `"><ds:Transforms>` +
		`<ds:Transform Algorithm="` + enveloped + `"></ds:Transform>` +
		`<ds:Transform Algorithm="` + nsExclusive + `"></ds:Transform></ds:Transforms>` +
		`<ds:DigestMethod Algorithm="` + digest + `"></ds:DigestMethod>` +
		`<ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo>` +
		`<ds:SignatureValue></ds:SignatureValue></ds:Signature>`
}

// maker makes a signature value over the canonical SignedInfo.
type maker func(key *conformance.Key, algorithm string, info []byte) ([]byte, error)

// resign fills in the first signature of the document anew, as it stands there:
// the digest of the element around it, and the value by the sender's key. Not a
// byte elsewhere changes.
func resign(m *conformance.Message) error { return resignWith(sign)(m) }

// resignWith is resign with a signature value made by hand.
func resignWith(value maker) conformance.Edit { return all(digestAnew, valueWith(value)) }

// valueAnew fills in the signature value alone: the fault is in SignedInfo.
func valueAnew(m *conformance.Message) error { return valueWith(sign)(m) }

func valueWith(value maker) conformance.Edit {
	return func(m *conformance.Message) error {
		if m.Sender == nil {
			return errors.New("there is no key to sign with")
		}
		signature, err := firstSignature(m.Rendered(m.Document))
		if err != nil {
			return err
		}
		info := child(signature, "SignedInfo")
		if info == nil {
			return errors.New("there is no ds:SignedInfo")
		}
		algorithm := ""
		if method := child(info, "SignatureMethod"); method != nil {
			algorithm = method.SelectAttrValue("Algorithm", "")
		}
		signed, err := value(m.Sender, algorithm, canonical(info, nil, prefixList(child(info, "CanonicalizationMethod"))...))
		if err != nil {
			return err
		}
		return fill(m, "SignatureValue", base64.StdEncoding.EncodeToString(signed))
	}
}

// prefixList returns the PrefixList inside a method or transform.
func prefixList(method *etree.Element) []string {
	if list := child(method, "InclusiveNamespaces"); list != nil {
		return strings.Fields(list.SelectAttrValue("PrefixList", ""))
	}
	return nil
}

// digestAnew fills in the first DigestValue.
func digestAnew(m *conformance.Message) error {
	signature, err := firstSignature(m.Rendered(m.Document))
	if err != nil {
		return err
	}
	info := child(signature, "SignedInfo")
	reference := child(info, "Reference")
	method := child(reference, "DigestMethod")
	if method == nil || child(reference, "DigestValue") == nil {
		return nil // a reference without a digest is the fault
	}
	var inclusive []string
	if transforms := child(reference, "Transforms"); transforms != nil {
		for _, transform := range transforms.ChildElements() {
			inclusive = append(inclusive, prefixList(transform)...)
		}
	}
	content := canonical(signature.Parent(), signature, inclusive...)
	sum := hashOf(method.SelectAttrValue("Algorithm", ""))
	sum.Write(content)
	return fill(m, "DigestValue", base64.StdEncoding.EncodeToString(sum.Sum(nil)))
}

func firstSignature(doc []byte) (*etree.Element, error) {
	tree := etree.NewDocument()
	tree.ReadSettings.PreserveCData = true
	if err := tree.ReadFromBytes(doc); err != nil {
		return nil, err
	}
	return find(tree.Root())
}

func find(e *etree.Element) (*etree.Element, error) {
	if e.Tag == "Signature" && namespaceOf(e, e.Space) == nsSignature {
		return e, nil
	}
	for _, c := range e.ChildElements() {
		if found, err := find(c); err == nil {
			return found, nil
		}
	}
	return nil, errors.New("there is no ds:Signature")
}

// child returns the first child of that local name, or nil.
func child(e *etree.Element, local string) *etree.Element {
	if e == nil {
		return nil
	}
	for _, c := range e.ChildElements() {
		if c.Tag == local {
			return c
		}
	}
	return nil
}

// fill puts text into the first element of the signature with that local name.
func fill(m *conformance.Message, local, text string) error {
	start := regexp.MustCompile(`<([A-Za-z0-9]+:)?` + local + `>`).FindIndex(m.Document)
	if start == nil {
		return fmt.Errorf("there is no %s", local)
	}
	rest := m.Document[start[1]:]
	length := bytes.IndexByte(rest, '<')
	if length < 0 {
		return fmt.Errorf("%s has no end", local)
	}
	m.Document = slices.Concat(m.Document[:start[1]], []byte(text), rest[length:])
	return nil
}

// hashOf returns the hash that an algorithm's URI names, SHA-512 for Ed25519,
// SHA-256 for one that names none.
func hashOf(uri string) hash.Hash {
	_, name, _ := strings.Cut(uri, "#")
	name = strings.ToLower(name)
	switch {
	case strings.Contains(name, "md5"):
		return md5.New() //nolint:gosec // see above
	case strings.Contains(name, "sha1"):
		return sha1.New() //nolint:gosec // see above
	}
	return cryptoHash(uri).New()
}

func cryptoHash(uri string) crypto.Hash {
	_, name, _ := strings.Cut(uri, "#")
	name = strings.ToLower(name)
	switch {
	case strings.Contains(name, "md5"):
		return crypto.MD5
	case strings.Contains(name, "sha1"):
		return crypto.SHA1
	case strings.Contains(name, "sha224"):
		return crypto.SHA224
	case strings.Contains(name, "384"):
		return crypto.SHA384
	case strings.Contains(name, "512"), strings.Contains(name, "ed25519"):
		return crypto.SHA512
	}
	return crypto.SHA256
}

func hashed(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

// sign makes the value that the algorithm asks for, of any that is in use
// somewhere, without randomness: ECDSA by RFC 6979, PSS with a salt that is
// derived from what is signed.
func sign(key *conformance.Key, algorithm string, info []byte) ([]byte, error) {
	hash := cryptoHash(algorithm)
	if strings.Contains(algorithm, "hmac") {
		mac := hmac.New(sha256.New, publicPEM(key))
		mac.Write(info)
		return mac.Sum(nil), nil
	}
	switch private := key.Private.(type) {
	case *rsa.PrivateKey:
		sum := hashed(hash, info)
		if strings.Contains(algorithm, "MGF1") {
			return rawRSA(private, encodePSS(private, sum, hash, hash, hashed(hash, sum)[:hash.Size()])), nil
		}
		return rsa.SignPKCS1v15(nil, private, hash, sum)
	case *ecdsa.PrivateKey:
		r, s, err := signECDSA(private, hashed(hash, info))
		if err != nil {
			return nil, err
		}
		width := (private.Curve.Params().BitSize + 7) / 8
		return append(r.FillBytes(make([]byte, width)), s.FillBytes(make([]byte, width))...), nil
	case ed25519.PrivateKey:
		return ed25519.Sign(private, info), nil
	}
	return nil, fmt.Errorf("%s cannot sign", key.Name)
}

func signECDSA(key *ecdsa.PrivateKey, sum []byte) (r, s *big.Int, err error) {
	var hash crypto.Hash
	switch len(sum) {
	case crypto.SHA1.Size():
		hash = crypto.SHA1
	case crypto.SHA224.Size():
		hash = crypto.SHA224
	case crypto.SHA384.Size():
		hash = crypto.SHA384
	case crypto.SHA512.Size():
		hash = crypto.SHA512
	default:
		hash = crypto.SHA256
	}
	der, err := key.Sign(nil, sum, hash)
	if err != nil {
		return nil, nil, err
	}
	var value struct{ R, S *big.Int }
	_, err = asn1.Unmarshal(der, &value)
	return value.R, value.S, err
}

// rawRSA is the private operation on an encoded message, without any padding of
// its own (RFC 8017 5.1.2, for two primes).
func rawRSA(key *rsa.PrivateKey, encoded []byte) []byte {
	c := new(big.Int).SetBytes(encoded)
	p, q := key.Primes[0], key.Primes[1]
	m1 := new(big.Int).Exp(c, key.Precomputed.Dp, p)
	m2 := new(big.Int).Exp(c, key.Precomputed.Dq, q)
	h := m1.Sub(m1, m2)
	h.Mul(h, key.Precomputed.Qinv).Mod(h, p)
	return m2.Add(m2, h.Mul(h, q)).FillBytes(make([]byte, key.Size()))
}

// encodePKCS1 pads as RFC 8017 9.2 does, with the first two octets given.
func encodePKCS1(key *rsa.PrivateKey, info []byte, first, kind byte) []byte {
	out := bytes.Repeat([]byte{0xff}, key.Size())
	out[0], out[1] = first, kind
	out[len(out)-len(info)-1] = 0
	copy(out[len(out)-len(info):], info)
	return out
}

// digestInfo returns the DER form of the hash, with or without the NULL that the
// parameters must be.
func digestInfo(hash crypto.Hash, sum []byte, null bool) []byte {
	oids := map[crypto.Hash]asn1.ObjectIdentifier{
		crypto.MD5:    {1, 2, 840, 113549, 2, 5},
		crypto.SHA1:   {1, 3, 14, 3, 2, 26},
		crypto.SHA224: {2, 16, 840, 1, 101, 3, 4, 2, 4},
		crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
		crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2},
		crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
	}
	var info struct {
		Algorithm struct {
			OID        asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Digest []byte
	}
	info.Algorithm.OID = oids[hash]
	if null {
		info.Algorithm.Parameters = asn1.NullRawValue
	}
	info.Digest = sum
	der, err := asn1.Marshal(info)
	if err != nil {
		return nil // an empty value signs nothing that verifies
	}
	return der
}

// encodePSS is EMSA-PSS of RFC 8017 9.1.1 with a given salt, and a mask
// generation function that may use another hash.
func encodePSS(key *rsa.PrivateKey, sum []byte, hash, mgf crypto.Hash, salt []byte) []byte {
	bits := key.N.BitLen() - 1
	out := make([]byte, (bits+7)/8)
	h := hashed(hash, bytes.Join([][]byte{make([]byte, 8), sum, salt}, nil))
	block := out[:len(out)-len(h)-1]
	block[len(block)-len(salt)-1] = 1
	copy(block[len(block)-len(salt):], salt)
	mask := make([]byte, 0, len(block)+mgf.Size())
	for counter := byte(0); len(mask) < len(block); counter++ {
		mask = append(mask, hashed(mgf, append(bytes.Clone(h), 0, 0, 0, counter))...)
	}
	for i := range block {
		block[i] ^= mask[i]
	}
	block[0] &= 0xff >> (8*len(out) - bits)
	copy(out[len(block):], h)
	out[len(out)-1] = 0xbc
	return out
}

// publicPEM is what a confused verifier takes for the secret of an HMAC.
func publicPEM(key *conformance.Key) []byte {
	der, err := x509.MarshalPKIXPublicKey(key.Public)
	if err != nil {
		return nil
	}
	return der
}
