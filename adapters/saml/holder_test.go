package saml_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/foreign"
)

// The schema of OASIS.
const assertionSchema = "/usr/share/xml/opensaml/saml-schema-protocol-2.0.xsd"

const methodPrefix = "urn:oasis:names:tc:SAML:2.0:cm:"

// TestForeignHolderOfKey: pysaml2 finds the holder-of-key confirmation confirmed, and
// reads the certificate that the person showed in it, of each person another.
func TestForeignHolderOfKey(t *testing.T) {
	foreign.Need(t, foreign.PySAML2)
	w := newWorld(t, time.Now(), nil) // it reads the machine's clock
	sp := foreignSP(t, w, foreign.PySAML2, false)
	for _, c := range []struct {
		user   string
		holder bool
	}{{"good", true}, {"second", true}, {"good", false}} {
		w.provider.HolderOfKey = c.holder
		address, err := sp.Redirect("relay")
		if err != nil {
			t.Fatal(err)
		}
		b := w.browser(t, w.Users[c.user])
		got, err := sp.Confirmed(b.press(b.do(http.MethodGet, address, nil), "continue").field("SAMLResponse"))
		want := []string{methodPrefix + "bearer"}
		if c.holder {
			want = append(want, methodPrefix+"holder-of-key "+base64.StdEncoding.EncodeToString(w.Users[c.user].Certificate.Raw))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s, %v: confirmed by %.200q, %v; want %.200q", c.user, c.holder, got, err, want)
		}
	}
}

// TestHolderOfKeySchema: the answer is valid by OASIS's schema, also with the type that
// holds keys and nothing else (KeyInfoConfirmationDataType); one that is spoiled is not.
func TestHolderOfKeySchema(t *testing.T) {
	foreign.Need(t, foreign.XMLLint, foreign.Schemas)
	w := newWorld(t, noon, func(w *world) { w.provider.HolderOfKey = true })
	b := w.browser(t, w.Users["good"])
	document := b.press(b.open(w.request()), "continue").answer()
	lint := foreign.NewLint(t)
	if err := lint.Validate(assertionSchema, []byte(document)); err != nil {
		t.Fatal(err)
	}
	const typed = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="saml:KeyInfoConfirmationDataType">`
	at := strings.LastIndex(document, `<saml:SubjectConfirmationData`)
	document = document[:at] + strings.Replace(document[at:], `>`, typed, 1)
	if err := lint.Validate(assertionSchema, []byte(document)); err != nil {
		t.Fatal(err)
	}
	from := strings.Index(document, typed) + len(typed)
	to := from + strings.Index(document[from:], `</saml:SubjectConfirmationData>`)
	for name, spoiled := range map[string]string{
		"no key":         document[:from] + document[to:],
		"another type":   strings.Replace(document, "KeyInfoConfirmationDataType", "KeyConfirmationDataType", 1),
		"something else": document[:from] + `<saml:Issuer>x</saml:Issuer>` + document[to:],
	} {
		var refusal *foreign.Refusal
		if err := lint.Validate(assertionSchema, []byte(spoiled)); !errors.As(err, &refusal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
