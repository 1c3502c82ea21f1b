package saml_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/xml"
	"html"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/kecis/sdk/adapters/saml"
)

// crewjamSP is a service provider by crewjam/saml that knows our metadata, and
// that we know by its.
func crewjamSP(t *testing.T, w *world, method string) *crewjam.ServiceProvider {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sp"}, NotBefore: w.clock.Now().Add(-time.Hour), NotAfter: w.clock.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, w.spKey.Public(), w.spKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := w.idp.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	var idp crewjam.EntityDescriptor
	if err := xml.Unmarshal(ours, &idp); err != nil {
		t.Fatal(err)
	}
	address := func(path string) url.URL { return url.URL{Scheme: "https", Host: "sp.example", Path: path} }
	sp := &crewjam.ServiceProvider{
		EntityID: "https://sp.example/saml", Key: w.spKey, Certificate: certificate, MetadataURL: address("/saml/metadata"),
		AcsURL: address("/saml/acs"), IDPMetadata: &idp, SignatureMethod: method, AuthnNameIDFormat: crewjam.PersistentNameIDFormat,
	}
	theirs, err := xml.Marshal(sp.Metadata())
	if err != nil {
		t.Fatal(err)
	}
	provider, err := saml.NewServiceProvider(context.Background(), theirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	*w.provider = *provider
	return sp
}

// TestCrewjam logs in to crewjam/saml's service provider by each binding, signed
// and not, and shows it a changed answer.
func TestCrewjam(t *testing.T) {
	w := newWorld(t, time.Now(), nil) // crewjam reads the machine's clock
	for _, method := range []string{"", dsig.RSASHA256SignatureMethod} {
		sp := crewjamSP(t, w, method)
		w.provider.SignedRequests = method != ""
		for _, binding := range []string{crewjam.HTTPRedirectBinding, crewjam.HTTPPostBinding} {
			b := w.browser(t, w.Users["good"])
			request, err := sp.MakeAuthenticationRequest(sp.GetSSOBindingLocation(binding), binding, crewjam.HTTPPostBinding)
			if err != nil {
				t.Fatal(err)
			}
			var asked page
			if binding == crewjam.HTTPRedirectBinding {
				to, err := request.Redirect("relay", sp)
				if err != nil {
					t.Fatal(err)
				}
				asked = b.do(http.MethodGet, to.String(), nil)
			} else {
				form := string(request.Post("relay"))
				value := regexp.MustCompile(`name="SAMLRequest" value="([^"]*)"`).FindStringSubmatch(form)
				asked = b.do(http.MethodPost, w.config.Location+"/sso", url.Values{"SAMLRequest": {html.UnescapeString(value[1])}, "RelayState": {"relay"}})
			}
			if asked.field("session") == "" {
				t.Fatalf("%s, %q: %s\n%s", binding, method, asked.code(), w.log)
			}
			sent := b.press(asked, "continue")
			assertion, err := parse(sp, sent.field("SAMLResponse"), request.ID)
			if err != nil {
				t.Fatalf("%s, %q: %v", binding, method, cause(err))
			}
			class := assertion.AuthnStatements[0].AuthnContext.AuthnContextClassRef.Value
			if sent.action() != sp.AcsURL.String() || sent.field("RelayState") != "relay" || class != "urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient" {
				t.Errorf("%s, %q: to %s, state %q, class %s", binding, method, sent.action(), sent.field("RelayState"), class)
			}
			if login := w.logins[len(w.logins)-1]; assertion.Subject.NameID.Value != login.Pseudonym {
				t.Errorf("another name: %s", assertion.Subject.NameID.Value)
			}
			changed := bytes.Replace([]byte(sent.answer()), []byte(assertion.Subject.NameID.Value), []byte(strings.Repeat("0", 64)), 1)
			if _, err := parse(sp, base64.StdEncoding.EncodeToString(changed), request.ID); err == nil {
				t.Error("a changed answer is taken")
			}
			if _, err := parse(sp, sent.field("SAMLResponse"), "_other"); err == nil {
				t.Error("an answer to another request is taken")
			}
		}
	}
}

func parse(sp *crewjam.ServiceProvider, response, id string) (*crewjam.Assertion, error) {
	r := httptest.NewRequest(http.MethodPost, sp.AcsURL.String(), strings.NewReader(url.Values{"SAMLResponse": {response}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	return sp.ParseResponse(r, []string{id})
}

func cause(err error) error {
	if e, ok := err.(*crewjam.InvalidResponseError); ok {
		return e.PrivateErr
	}
	return err
}
