package xmlsig_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// swelling is 4 MB whose canonical form has gigabytes: 60 long namespaces are
// declared once, and used by each of many short elements.
func swelling(most int) string {
	var b, short strings.Builder
	b.WriteString("<kecis:Note")
	short.WriteString("<e")
	for i := range 60 {
		n := strconv.Itoa(i)
		b.WriteString(" xmlns:a" + n + `="urn:` + strings.Repeat("x", 1000) + n + `"`)
		short.WriteString(" a" + n + `:x=""`)
	}
	b.WriteString(">")
	short.WriteString("/>")
	b.WriteString(strings.Repeat(short.String(), (most-b.Len()-20)/short.Len()))
	b.WriteString("</kecis:Note>")
	return b.String()
}

// TestSwellingDocument is sent by somebody who has no key, but knows the name
// of a partner: it must not cost a hundred times its size.
func TestSwellingDocument(t *testing.T) {
	const body = `<kecis:Note>a &amp; b</kecis:Note>`
	signer := newSigner(t)
	signed, err := signer.Sign([]byte(unsigned), message)
	if err != nil {
		t.Fatal(err)
	}
	swollen := swelling(xmltree.MaxBytes - 4096)
	doc := []byte(strings.Replace(string(signed), body, swollen, 1))
	verifier := &xmlsig.Verifier{Profile: message}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = verifier.Verify(context.Background(), doc, xmlsig.Keys{signer.Public()})
	runtime.ReadMemStats(&after)
	if !errors.Is(err, xmltree.ErrTooLarge) {
		t.Errorf("%v, want %s", err, string(xmltree.ErrTooLarge))
	}
	if cost := after.TotalAlloc - before.TotalAlloc; cost > 256<<20 {
		t.Errorf("4 MB took %d MB of memory", cost>>20)
	}
	if err := verifier.Inspect(context.Background(), doc, nil).Err(); !errors.Is(err, xmltree.ErrTooLarge) {
		t.Errorf("Inspect: %v, want %s", err, string(xmltree.ErrTooLarge))
	}
	if _, err := signer.Sign([]byte(strings.Replace(unsigned, body, swollen, 1)), message); !errors.Is(err, xmltree.ErrTooLarge) {
		t.Errorf("Sign: %v, want %s", err, string(xmltree.ErrTooLarge))
	}
}

// TestKeysThatAnybodyCanUse are Ed25519 points of small order: with the first a
// signature can be made without a private key, for any document.
func TestKeysThatAnybodyCanUse(t *testing.T) {
	for _, y := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		point, err := hex.DecodeString(y)
		if err != nil {
			t.Fatal(err)
		}
		for _, sign := range []byte{0, 0x80} {
			point[31] = point[31]&0x7f | sign
			key, err := xmlsig.NewPublicKey(ed25519.PublicKey(point))
			if !errors.Is(err, xmlsig.ErrWeakKey) {
				t.Errorf("%x: %v, want %s", point, err, string(xmlsig.ErrWeakKey))
			}
			if key != nil && forged(t, key) {
				t.Errorf("%x verifies a document that nobody signed", point)
			}
		}
	}
}

// forged makes a signature out of nothing: R is the neutral point, S is zero.
func forged(t *testing.T, key *xmlsig.PublicKey) bool {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := xmlsig.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := signer.Sign([]byte(unsigned), message)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(doc), "<ds:SignatureValue>")
	_, behind, _ := strings.Cut(rest, "</ds:SignatureValue>")
	value := base64.StdEncoding.EncodeToString(append([]byte{1}, make([]byte, 63)...))
	bent := before + "<ds:SignatureValue>" + value + "</ds:SignatureValue>" + behind
	verifier := &xmlsig.Verifier{Profile: message}
	_, err = verifier.Verify(context.Background(), []byte(bent), xmlsig.Keys{key})
	return err == nil
}

// TestKeysWithHoles are keys as a program builds them by hand from a document:
// refused, without a panic here or at the first signature.
func TestKeysWithHoles(t *testing.T) {
	good, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.PublicKey{
		"no RSA key":          (*rsa.PublicKey)(nil),
		"RSA without modulus": &rsa.PublicKey{E: 65537},
		"negative modulus":    &rsa.PublicKey{N: new(big.Int).Neg(good.N), E: 65537},
		"negative exponent":   &rsa.PublicKey{N: good.N, E: -65537},
		"no ECDSA key":        (*ecdsa.PublicKey)(nil),
		"ECDSA without point": &ecdsa.PublicKey{Curve: elliptic.P256()},
		"ECDSA without curve": &ecdsa.PublicKey{X: big.NewInt(1), Y: big.NewInt(1)},
		"point at infinity":   &ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int), Y: new(big.Int)},
		"point off the curve": &ecdsa.PublicKey{Curve: elliptic.P384(), X: big.NewInt(1), Y: big.NewInt(1)},
		"negative coordinate": &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(-1), Y: big.NewInt(1)},
		"no Ed25519 key":      ed25519.PublicKey(nil),
		"none":                nil,
	} {
		if _, err := xmlsig.NewPublicKey(key); !errors.Is(err, xmlsig.ErrWeakKey) {
			t.Errorf("%s: %v, want %s", name, err, string(xmlsig.ErrWeakKey))
		}
	}
}

// asked notes whom a verification asked for.
type asked struct {
	xmlsig.Keys
	who *xmlsig.Signatory
}

func (a asked) VerificationKeys(ctx context.Context, who xmlsig.Signatory) ([]*xmlsig.PublicKey, error) {
	*a.who = who
	return a.Keys.VerificationKeys(ctx, who)
}

// TestNameOfPublisher hands a KeySource no name that is longer than an entityID
// may be, also where an aggregate of metadata names its publisher.
func TestNameOfPublisher(t *testing.T) {
	signer := newSigner(t)
	for name, code := range map[string]xmlsig.Code{
		"":                       "",
		` Name="urn:federation"`: "",
		` Name=""`:               "",
		` Name="` + strings.Repeat("n", 1024) + `"`: "",
		` Name="` + strings.Repeat("n", 1025) + `"`: xmlsig.ErrSender,
	} {
		doc := `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_a"><md:EntityDescriptor entityID="urn:e"/></md:EntitiesDescriptor>`
		signed, err := signer.Sign([]byte(doc), xmlsig.Metadata())
		if err != nil {
			t.Fatal(err)
		}
		bent := strings.Replace(string(signed), ` ID="_a"`, ` ID="_a"`+name, 1)
		var who xmlsig.Signatory
		verifier := &xmlsig.Verifier{Profile: xmlsig.Metadata()}
		_, err = verifier.Verify(context.Background(), []byte(bent), asked{xmlsig.Keys{signer.Public()}, &who})
		if errors.Is(err, xmlsig.ErrSender) != (code == xmlsig.ErrSender) {
			t.Errorf("%.30s: %v, want %s", name, err, string(code))
		}
		if len(who.Entity) > 1024 {
			t.Errorf("%.30s: the source was asked for a name of %d bytes", name, len(who.Entity))
		}
	}
}

const samlResponse = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r"><saml:Issuer>https://idp.example</saml:Issuer>%s</samlp:Response>`

// TestAssertionWrapped puts a signed assertion where another one is read: each
// of the usual ways (Somorovsky and others, 2012) ends without an assertion, or
// with the one that was signed.
func TestAssertionWrapped(t *testing.T) {
	signer := newSigner(t)
	const good = `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_good"><saml:Issuer>https://idp.example</saml:Issuer><saml:Subject>buyer</saml:Subject></saml:Assertion>`
	signedBytes, err := signer.Sign([]byte(good), xmlsig.SAMLAssertion())
	if err != nil {
		t.Fatal(err)
	}
	signed := string(signedBytes)
	from, to := strings.Index(signed, "<ds:Signature "), strings.Index(signed, "</ds:Signature>")+len("</ds:Signature>")
	signature, bare := signed[from:to], signed[:from]+signed[to:]
	evil := func(id, inside string) string {
		return `<saml:Assertion ID="` + id + `"><saml:Issuer>https://idp.example</saml:Issuer>` + inside + `<saml:Subject>thief</saml:Subject></saml:Assertion>`
	}
	object := strings.Replace(signature, "</ds:Signature>", "<ds:Object>"+bare+"</ds:Object></ds:Signature>", 1)
	info := strings.Replace(signature, "</ds:Signature>", "<ds:KeyInfo><ds:X509Data>"+bare+"</ds:X509Data></ds:KeyInfo></ds:Signature>", 1)
	respond := func(inside string) string { return strings.Replace(samlResponse, "%s", inside, 1) }
	for name, doc := range map[string]string{
		"beside, evil first":         respond(evil("_evil", "") + signed),
		"beside, evil last":          respond(signed + evil("_evil", "")),
		"in the advice":              respond(evil("_evil", "<saml:Advice>"+signed+"</saml:Advice>")),
		"signature copied":           respond(evil("_evil", signature+"<saml:Advice>"+bare+"</saml:Advice>")),
		"signature and ID copied":    respond(evil("_good", signature)),
		"same ID twice":              respond(evil("_good", signature+"<saml:Advice>"+bare+"</saml:Advice>")),
		"in the object":              respond(evil("_evil", object)),
		"in the key info":            respond(evil("_evil", info)),
		"in extensions":              respond("<samlp:Extensions>" + signed + "</samlp:Extensions>" + evil("_evil", "")),
		"evil in extensions":         respond("<samlp:Extensions>" + evil("_evil", "") + "</samlp:Extensions>" + signed),
		"evil alone":                 respond(evil("_evil", "")),
		"response with a signature":  respond(signature + evil("_evil", "")),
		"root is the evil assertion": strings.Replace(evil("_evil", signature+"<saml:Advice>"+bare+"</saml:Advice>"), "ID=", `xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID=`, 1),
	} {
		verifier := &xmlsig.Verifier{Profile: xmlsig.SAMLAssertion()}
		verified, err := verifier.Verify(context.Background(), []byte(doc), xmlsig.Keys{signer.Public()})
		if err != nil {
			continue
		}
		root, err := verified.Root()
		if err != nil {
			t.Fatal(err)
		}
		if canonical := string(root.AppendCanonical(nil)); canonical != good {
			t.Errorf("%s: verified as\n%s", name, canonical)
		}
		if name != "evil in extensions" {
			t.Errorf("%s was accepted", name)
		}
	}
}
