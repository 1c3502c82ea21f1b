package xmlsig_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"testing"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// FuzzVerify: nobody without the key can make a document that verifies as
// something other than what was signed, and nothing makes the verifier panic.
// The key is fixed, so that the fuzzer begins at a document that verifies.
func FuzzVerify(f *testing.F) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		f.Fatal(err)
	}
	signed, err := signer.Sign([]byte(unsigned), message)
	if err != nil {
		f.Fatal(err)
	}
	profiles := []xmlsig.Profile{message, xmlsig.SOAP(message), xmlsig.Metadata(), xmlsig.SAMLResponse(), xmlsig.SAMLAssertion()}
	f.Add(uint8(0), signed)
	f.Add(uint8(1), []byte(`<s:Envelope xmlns:s="`+xmlsig.SOAPNamespace+`"><s:Body>`+string(signed)+`</s:Body></s:Envelope>`))
	f.Add(uint8(0), bytes.Replace(signed, []byte(">50000<"), []byte(">50001<"), 1))
	f.Add(uint8(2), []byte(`<md:EntityDescriptor xmlns:md="`+xmlsig.SAMLMetadataNamespace+`" ID="_1" entityID="urn:a"><md:Extensions/></md:EntityDescriptor>`))
	want := canonicalOf(f, []byte(unsigned))
	f.Fuzz(func(t *testing.T, which uint8, doc []byte) {
		verifier := &xmlsig.Verifier{Profile: profiles[int(which)%len(profiles)]}
		verified, err := verifier.Verify(context.Background(), doc, xmlsig.Keys{signer.Public()})
		report := verifier.Inspect(context.Background(), doc, xmlsig.Keys{signer.Public()})
		if (err == nil) != (report.Err() == nil) {
			t.Fatalf("Verify says %v, Inspect %v", err, report.Err())
		}
		if err != nil {
			if _, rootErr := verified.Root(); rootErr == nil {
				t.Fatal("a refused document has a root")
			}
			return
		}
		root, err := verified.Root()
		if err != nil {
			t.Fatal(err)
		}
		if got := root.AppendCanonical(nil); !bytes.Equal(got, want) {
			t.Fatalf("verified as something that was not signed:\n%s", got)
		}
	})
}

// canonicalOf returns the canonical form of a document.
func canonicalOf(tb testing.TB, doc []byte) []byte {
	tb.Helper()
	tree, err := xmltree.Parse(doc)
	if err != nil {
		tb.Fatal(err)
	}
	return tree.Root().AppendCanonical(nil)
}
