package saml_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/adapters/saml"
	"github.com/kecis/sdk/conformance/foreign"
)

// TestForeignServiceProviders logs in to those of other languages.
func TestForeignServiceProviders(t *testing.T) {
	for _, program := range []foreign.Program{foreign.NodeSAML, foreign.PySAML2} {
		for _, signed := range []bool{false, true} {
			name := string(program)
			if signed {
				name += ", signed"
			}
			t.Run(name, func(t *testing.T) {
				foreign.Need(t, program)
				w := newWorld(t, time.Now(), nil) // they read the machine's clock
				sp := foreignSP(t, w, program, signed)
				for _, binding := range []string{"redirect", "post"} {
					foreignLogin(t, w, sp, binding, false)
					foreignLogin(t, w, sp, binding, true)
				}
			})
		}
	}
}

func foreignSP(t *testing.T, w *world, program foreign.Program, signed bool) *foreign.ServiceProvider {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sp"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, w.spKey.Public(), w.spKey)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(w.spKey)
	if err != nil {
		t.Fatal(err)
	}
	inPEM := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	metadata, err := w.idp.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	config := foreign.ServiceProviderConfig{
		Entity: spEntity, Reply: spReply, SSO: w.config.Location + "/sso", Certificate: inPEM("CERTIFICATE", w.config.Certificate.Raw),
		Metadata: regexp.MustCompile(`(?s)<ds:Signature .*?</ds:Signature>`).ReplaceAllString(string(metadata), ""),
	}
	if signed {
		config.Key, config.KeyCertificate = inPEM("PRIVATE KEY", key), inPEM("CERTIFICATE", raw)
	}
	provider, err := saml.NewServiceProvider(context.Background(), []byte(w.spMetadata()), nil)
	if err != nil {
		t.Fatal(err)
	}
	*w.provider = *provider
	w.provider.SignedRequests = signed
	return foreign.NewServiceProvider(t, program, config)
}

func foreignLogin(t *testing.T, w *world, sp *foreign.ServiceProvider, binding string, changed bool) {
	t.Helper()
	b := w.browser(t, w.Users["good"])
	var asked page
	if binding == "redirect" {
		address, err := sp.Redirect("relay")
		if err != nil {
			t.Fatal(err)
		}
		asked = b.do(http.MethodGet, address, nil)
	} else {
		request, err := sp.Post("relay")
		if err != nil {
			t.Fatal(err)
		}
		asked = b.do(http.MethodPost, w.config.Location+"/sso", url.Values{"SAMLRequest": {request}, "RelayState": {"relay"}})
	}
	if asked.field("session") == "" {
		t.Fatalf("%s: %s %s\n%s", binding, asked.code(), asked.answer(), w.log)
	}
	sent := b.press(asked, "continue")
	login := w.logins[len(w.logins)-1]
	if changed {
		document := strings.Replace(sent.answer(), ">"+login.Pseudonym+"<", ">"+strings.Repeat("0", 64)+"<", 1)
		var refusal *foreign.Refusal
		if name, err := sp.Login(base64.StdEncoding.EncodeToString([]byte(document))); !errors.As(err, &refusal) || !strings.Contains(strings.ToLower(err.Error()), "signature") {
			t.Errorf("%s: a changed answer gives %q, %v", binding, name, err)
		}
		return
	}
	name, err := sp.Login(sent.field("SAMLResponse"))
	if err != nil || name != login.Pseudonym {
		t.Errorf("%s: %q, %v; want %q", binding, name, err, login.Pseudonym)
	}
	if sent.field("RelayState") != "relay" {
		t.Errorf("%s: state %q", binding, sent.field("RelayState"))
	}
}
