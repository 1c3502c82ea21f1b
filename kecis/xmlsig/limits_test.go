package xmlsig_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// newSigner signs with a fresh key on P-256.
func newSigner(t *testing.T) *xmlsig.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// TestVerifierLimits shows that the limits of the parser hold in a Verifier: at
// the limit a document verifies, one past it nothing comes back.
func TestVerifierLimits(t *testing.T) {
	signer := newSigner(t)
	const body = `<kecis:Note>a &amp; b</kecis:Note>`
	with := func(content string) []byte {
		t.Helper()
		doc, err := signer.Sign([]byte(strings.Replace(unsigned, body, content, 1)), message)
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	attributes := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(" a" + strconv.Itoa(i) + `=""`)
		}
		return "<a" + b.String() + "/>"
	}
	plain := with(body)
	elements := strings.Count(string(plain), "<") - strings.Count(string(plain), "</")
	long := strings.Repeat("n", 60)
	uri := "urn:" + strings.Repeat("u", 100)
	for _, test := range []struct {
		name   string
		doc    []byte
		limits func(past int) xmltree.Limits // past is 0 at the limit, 1 where the document is one past it
		code   xmltree.Code
	}{
		{"Bytes", plain, func(past int) xmltree.Limits { return xmltree.Limits{Bytes: len(plain) - past} }, xmltree.ErrTooLarge},
		{"Elements", plain, func(past int) xmltree.Limits { return xmltree.Limits{Elements: elements - past} }, xmltree.ErrTooManyElements},
		{"Depth", with(strings.Repeat("<a>", 9) + strings.Repeat("</a>", 9)), func(past int) xmltree.Limits { return xmltree.Limits{Depth: 10 - past} }, xmltree.ErrTooDeep},
		{"Attributes", with(attributes(9)), func(past int) xmltree.Limits { return xmltree.Limits{Attributes: 9 - past} }, xmltree.ErrTooManyAttributes},
		{"Namespaces", with(`<a xmlns:b="urn:b" xmlns:c="urn:c"/>`), func(past int) xmltree.Limits { return xmltree.Limits{Namespaces: 3 - past} }, xmltree.ErrTooManyNamespaces},
		{"Name", with("<" + long + "/>"), func(past int) xmltree.Limits { return xmltree.Limits{Name: len(long) - past} }, xmltree.ErrNameTooLong},
		{"URI", with(`<a xmlns="` + uri + `"/>`), func(past int) xmltree.Limits { return xmltree.Limits{URI: len(uri) - past} }, xmltree.ErrNameTooLong},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := &xmlsig.Verifier{Profile: message, Limits: test.limits(0)}
			if _, err := at.Verify(context.Background(), test.doc, xmlsig.Keys{signer.Public()}); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			past := &xmlsig.Verifier{Profile: message, Limits: test.limits(1)}
			verified, err := past.Verify(context.Background(), test.doc, xmlsig.Keys{signer.Public()})
			if !errors.Is(err, test.code) {
				t.Errorf("one past the limit: %v, want %s", err, string(test.code))
			}
			if _, err := verified.Root(); !errors.Is(err, xmlsig.ErrNotVerified) {
				t.Errorf("what came back: %v", err)
			}
		})
	}
}

// TestKeysTried lets a sender have eight keys, and no more be tried.
func TestKeysTried(t *testing.T) {
	signer := newSigner(t)
	doc, err := signer.Sign([]byte(unsigned), message)
	if err != nil {
		t.Fatal(err)
	}
	behind := func(others int) xmlsig.Keys {
		var all xmlsig.Keys
		for range others {
			all = append(all, newSigner(t).Public(), nil) // keys of other kinds, and none at all, do not count
		}
		return append(all, signer.Public())
	}
	verifier := &xmlsig.Verifier{Profile: message}
	if _, err := verifier.Verify(context.Background(), doc, behind(7)); err != nil {
		t.Errorf("the eighth key: %v", err)
	}
	if _, err := verifier.Verify(context.Background(), doc, behind(8)); !errors.Is(err, xmlsig.ErrInvalid) {
		t.Errorf("the ninth key: %v, want sig-invalid", err)
	}
}
