package xmlsig_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// TestEveryCutIsRefused cuts a signed message at each of its octets, and takes
// each octet out: nothing panics, nothing is accepted, and nothing comes back.
func TestEveryCutIsRefused(t *testing.T) {
	signer := newSigner(t)
	doc, err := signer.Sign([]byte(unsigned), message)
	if err != nil {
		t.Fatal(err)
	}
	verifier := &xmlsig.Verifier{Profile: message}
	refused := func(bent []byte) bool {
		t.Helper()
		verified, err := verifier.Verify(context.Background(), bent, xmlsig.Keys{signer.Public()})
		if err == nil {
			return false
		}
		var ours *xmlsig.Error
		var parser *xmltree.Error
		if !errors.As(err, &ours) && !errors.As(err, &parser) {
			t.Errorf("an error without a code: %v", err)
		}
		if _, err := verified.Root(); !errors.Is(err, xmlsig.ErrNotVerified) {
			t.Errorf("a refused document gave something out: %v", err)
		}
		return true
	}
	for i := range doc {
		if !refused(doc[:i]) {
			t.Errorf("cut at octet %d it was accepted", i)
		}
		if !refused(append(append([]byte{}, doc[:i]...), doc[i+1:]...)) {
			t.Errorf("without octet %d (%q) it was accepted", i, doc[i])
		}
	}
}

// TestElementsAbsentOneByOne takes each element of a signed message out (P11).
func TestElementsAbsentOneByOne(t *testing.T) {
	signer := newSigner(t)
	signed, err := signer.Sign([]byte(unsigned), message)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := xmltree.Parse(signed)
	if err != nil {
		t.Fatal(err)
	}
	verifier := &xmlsig.Verifier{Profile: message}
	for e := range tree.Elements() {
		from, to := e.Source()
		bent := string(signed[:from]) + string(signed[to:])
		verified, err := verifier.Verify(context.Background(), []byte(bent), xmlsig.Keys{signer.Public()})
		if err == nil {
			t.Errorf("without %s it was accepted", e.Path())
		}
		if _, err := verified.Root(); !errors.Is(err, xmlsig.ErrNotVerified) {
			t.Errorf("without %s something came back", e.Path())
		}
	}
}

// TestRefusalsTellNoCardNumber puts a card number where refusals quote: no text
// of an error holds more of it than its first six digits.
func TestRefusalsTellNoCardNumber(t *testing.T) {
	const number = "4111111111111111"
	signer := newSigner(t)
	signed, err := signer.Sign([]byte(unsigned), message)
	if err != nil {
		t.Fatal(err)
	}
	verifier := &xmlsig.Verifier{Profile: message}
	for _, bend := range []struct{ old, text string }{
		{`URI="#_`, `URI="` + number + `#_`},
		{`2001/10/xml-exc-c14n#"></ds:Can`, number + `"></ds:Can`},
		{`ecdsa-sha256"`, number + `"`},
		{`<kecis:Note>`, `<kecis:Note p` + number + `:x="">`},
		{`<kecis:Note>`, `<kecis:Note x="&e` + number + `;">`},
		{`<kecis:Note>`, `<kecis:Note xmlns:x="` + number + `">`},
		{`ID="_`, `ID="` + number + ` _`},
		{`>https://shop.example/kecis<`, `><x` + number + `/><`},
		{`</kecis:PaymentRequest>`, `</kecis:PaymentRequest>` + number},
	} {
		bent := strings.Replace(string(signed), bend.old, bend.text, 1)
		if bent == string(signed) {
			t.Fatalf("%q does not stand in the message", bend.old)
		}
		_, err := verifier.Verify(context.Background(), []byte(bent), xmlsig.Keys{signer.Public()})
		if err == nil {
			t.Errorf("%q was accepted", bend.text)
			continue
		}
		if strings.Contains(err.Error(), number[:7]) {
			t.Errorf("%q: %v", bend.text, err)
		}
	}
}
