package saml_test

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/adapters/saml"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// TestRequests bends an unsigned request in one way each.
func TestRequests(t *testing.T) {
	w := newWorld(t, noon, nil)
	b := w.browser(t, w.Users["good"])
	at := func(d time.Duration) func(*request) {
		return func(r *request) { r.issued = noon.Add(d).Format("2006-01-02T15:04:05Z") }
	}
	destination := func(to string) func(*request) {
		return func(r *request) { r.attributes = ` Destination="` + to + `"` }
	}
	reply := func(to string) func(*request) {
		return func(r *request) { r.attributes += ` AssertionConsumerServiceURL="` + to + `"` }
	}
	add := func(attribute string) func(*request) { return func(r *request) { r.attributes += attribute } }
	child := func(c string) func(*request) { return func(r *request) { r.children = c } }
	const issuer = `<saml:Issuer>` + spEntity + `</saml:Issuer>`
	cases := []struct {
		name   string
		change func(*request)
		code   saml.Code // "" is accepted
	}{
		{"good", func(*request) {}, ""},
		{"no Destination", func(r *request) { r.attributes = "" }, ""},
		{"another Destination", destination("https://idp.example/saml/sso"), saml.ErrDestination},
		{"Destination with a slash", destination(w.config.Location + "/sso/"), saml.ErrDestination},
		{"old", at(-6 * time.Minute), ""},
		{"too old", at(-6*time.Minute - time.Second), saml.ErrTime},
		{"ahead", at(time.Minute), ""},
		{"too far ahead", at(61 * time.Second), saml.ErrTime},
		{"without Z", func(r *request) { r.issued = "2026-03-02T03:00:00" }, saml.ErrRequest},
		{"with an offset", func(r *request) { r.issued = "2026-03-02T12:00:00+09:00" }, saml.ErrRequest},
		{"a comma before the fraction", func(r *request) { r.issued = "2026-03-02T03:00:00,5Z" }, saml.ErrRequest},
		{"leap second", func(r *request) { r.issued = "2026-03-02T02:59:60Z" }, saml.ErrRequest},
		{"version 1.1", func(r *request) { r.version = "1.1" }, saml.ErrRequest},
		{"no ID", func(r *request) { r.id = "" }, saml.ErrRequest},
		{"ID with a digit first", func(r *request) { r.id = "1x" }, saml.ErrRequest},
		{"long ID", func(r *request) { r.id = "_" + strings.Repeat("x", xmlsig.MaxID) }, saml.ErrRequest},
		{"ForceAuthn of another kind", add(` ForceAuthn="yes"`), saml.ErrRequest},
		{"unknown attribute", add(` Extra="1"`), saml.ErrRequest},
		{"attribute of a namespace", add(` xmlns:x="urn:x" x:ID="_y"`), saml.ErrRequest},
		{"xml:id", add(` xml:id="_y"`), saml.ErrRequest},
		{"unknown provider", func(r *request) { r.issuer = "https://other.example/saml" }, saml.ErrProvider},
		{"provider in another case", func(r *request) { r.issuer = strings.ToUpper(spEntity) }, saml.ErrProvider},
		{"provider with a blank", func(r *request) { r.issuer = spEntity + " " }, saml.ErrProvider},
		{"empty issuer", func(r *request) { r.issuer = "" }, saml.ErrRequest},
		{"reply by address", reply(spReply + "/old"), ""},
		{"reply elsewhere", reply("https://evil.example/acs"), saml.ErrReplyAddress},
		{"reply to a longer path", reply(spReply + "/../x"), saml.ErrReplyAddress},
		{"reply with a query", reply(spReply + "?x"), saml.ErrReplyAddress},
		{"reply over http", reply("http://shop.example/saml/acs"), saml.ErrReplyAddress},
		{"reply in another case", reply("https://SHOP.example/saml/acs"), saml.ErrReplyAddress},
		{"reply by script", reply("javascript:alert(1)"), saml.ErrReplyAddress},
		{"reply by artifact", reply(spReply + "/artifact"), saml.ErrReplyAddress},
		{"reply by index", add(` AssertionConsumerServiceIndex="0"`), ""},
		{"reply by an index that is not there", add(` AssertionConsumerServiceIndex="7"`), saml.ErrReplyAddress},
		{"reply by the index of another binding", add(` AssertionConsumerServiceIndex="2"`), saml.ErrReplyAddress},
		{"reply by both", add(` AssertionConsumerServiceIndex="1" AssertionConsumerServiceURL="` + spReply + `"`), saml.ErrReplyAddress},
		{"artifact binding", add(` ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"`), saml.ErrReplyAddress},
		{"post binding", add(` ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"`), ""},
		{"second issuer", child(issuer), saml.ErrRequest},
		{"children out of order", child(`<samlp:RequestedAuthnContext/><samlp:NameIDPolicy/>`), saml.ErrRequest},
		{"subject", child(`<saml:Subject><saml:NameID>x</saml:NameID></saml:Subject>`), saml.ErrRequest},
		{"unknown child", child(`<x xmlns="urn:x"/>`), saml.ErrRequest},
		{"issuer in another namespace", child(`<x:Issuer xmlns:x="urn:x">y</x:Issuer>`), saml.ErrRequest},
		{"extensions", child(`<samlp:Extensions><x xmlns="urn:x"/></samlp:Extensions>`), ""},
		{"request in the extensions", child(`<samlp:Extensions><samlp:AuthnRequest ID="_z" Version="2.0" IssueInstant="2026-03-02T03:00:00Z"><saml:Issuer>https://evil.example</saml:Issuer></samlp:AuthnRequest></samlp:Extensions>`), ""},
		{"the same ID in the extensions", func(r *request) {
			r.children = `<samlp:Extensions><samlp:AuthnRequest ID="` + r.id + `"/></samlp:Extensions>`
		}, saml.ErrRequest},
		{"signature in the extensions", child(`<samlp:Extensions><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></samlp:Extensions>`), saml.ErrSignature},
		{"comment in the issuer", func(r *request) { r.issuer = spEntity + "<!-- -->.evil.example" }, saml.ErrRequest},
		{"CDATA in the issuer", func(r *request) { r.issuer = "<![CDATA[" + spEntity + "]]>" }, saml.ErrRequest},
		{"processing instruction", child(`<?x y?>`), saml.ErrRequest},
		{"DOCTYPE", func(r *request) { r.before = `<!DOCTYPE x [<!ENTITY e "y">]>` }, saml.ErrRequest},
		{"entity from a file", func(r *request) {
			r.before, r.issuer = `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>`, "&e;"
		}, saml.ErrRequest},
		{"text", child(`text`), saml.ErrRequest},
		{"elements in the issuer", func(r *request) { r.issuer = `<x xmlns="urn:x"/>` }, saml.ErrRequest},
		{"second root", child(`</samlp:AuthnRequest><samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">`), saml.ErrRequest},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := w.request()
			c.change(&r)
			for _, p := range []page{b.open(r), b.post(r.String())} {
				if got := p.code(); got != string(c.code) || (c.code == "") != (p.field("session") != "") {
					t.Errorf("code %q, want %q:\n%s", got, c.code, p.text)
				}
				if c.code != "" && (strings.Contains(p.text, "evil") || p.action() != "") {
					t.Errorf("the refusal repeats the request or leads on:\n%s", p.text)
				}
			}
		})
	}
	response := strings.ReplaceAll(w.request().String(), "AuthnRequest", "LogoutRequest")
	if got := b.post(response); got.code() != string(saml.ErrRequest) {
		t.Errorf("another message: %q", got.code())
	}
}

// TestBindings bends the way in which a request comes.
func TestBindings(t *testing.T) {
	w := newWorld(t, noon, nil)
	b := w.browser(t, w.Users["good"])
	sso := w.config.Location + "/sso"
	good := func() string { return url.QueryEscape(deflated(w.request().String())) }
	plain := func() string {
		return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(w.request().String())))
	}
	get := func(query string) func() page { return func() page { return b.do(http.MethodGet, sso+"?"+query, nil) } }
	post := func(body string) func() page {
		return func() page { return b.raw(http.MethodPost, sso, strings.NewReader(body)) }
	}
	var bomb bytes.Buffer
	f, _ := flate.NewWriter(&bomb, flate.BestCompression)
	for range 100 {
		_, _ = f.Write(make([]byte, 1<<20))
	}
	_ = f.Close()
	trailing := append(mustDecode(t, deflated(w.request().String())), "more"...)
	lines := base64.StdEncoding.EncodeToString([]byte(w.request().String()))
	lines = lines[:76] + "\r\n" + lines[76:]
	cases := []struct {
		name string
		send func() page
		code saml.Code
	}{
		{"redirect", get("SAMLRequest=" + good()), ""},
		{"encoding named", get("SAMLRequest=" + good() + "&SAMLEncoding=urn%3Aoasis%3Anames%3Atc%3ASAML%3A2.0%3Abindings%3AURL-Encoding%3ADEFLATE"), ""},
		{"another encoding", get("SAMLRequest=" + good() + "&SAMLEncoding=plain"), saml.ErrBinding},
		{"two requests", get("SAMLRequest=" + good() + "&SAMLRequest=" + good()), saml.ErrBinding},
		{"request and response", get("SAMLRequest=" + good() + "&SAMLResponse=" + good()), saml.ErrBinding},
		{"two states", get("SAMLRequest=" + good() + "&RelayState=a&RelayState=b"), saml.ErrBinding},
		{"escaped name", get("SAMLRequest=" + good() + "&%52elayState=b"), saml.ErrBinding},
		{"more parameters", get("SAMLRequest=" + good() + "&debug=1"), saml.ErrBinding},
		{"no request", get("RelayState=x"), saml.ErrBinding},
		{"no query", get(""), saml.ErrBinding},
		{"SigAlg alone", get("SAMLRequest=" + good() + "&SigAlg=x"), saml.ErrBinding},
		{"Signature alone", get("SAMLRequest=" + good() + "&Signature=AAAA"), saml.ErrBinding},
		{"not deflated", get("SAMLRequest=" + plain()), saml.ErrBinding},
		{"not base64", get("SAMLRequest=%21%21"), saml.ErrBinding},
		{"base64 broken into lines", get("SAMLRequest=" + good()[:8] + "%0A" + good()[8:]), saml.ErrBinding},
		{"bytes after the stream", get("SAMLRequest=" + url.QueryEscape(base64.StdEncoding.EncodeToString(trailing))), saml.ErrBinding},
		{"no base64 in a form", post("SAMLRequest=x"), saml.ErrBinding},
		{"bomb", func() page {
			if bomb.Len() > 200<<10 {
				t.Fatal("no bomb")
			}
			small := bomb.Bytes()[:40<<10] // as much as the bound of the query lets through
			return b.do(http.MethodGet, sso+"?SAMLRequest="+url.QueryEscape(base64.StdEncoding.EncodeToString(small)), nil)
		}, saml.ErrTooLarge},
		{"long state", get("SAMLRequest=" + good() + "&RelayState=" + strings.Repeat("x", saml.MaxRelayState+1)), saml.ErrTooLarge},
		{"state of the largest size", get("SAMLRequest=" + good() + "&RelayState=" + strings.Repeat("x", saml.MaxRelayState)), ""},
		{"state with a line break", get("SAMLRequest=" + good() + "&RelayState=a%0D%0Ab"), saml.ErrBinding},
		{"post", post("SAMLRequest=" + plain()), ""},
		{"post in lines", post("SAMLRequest=" + url.QueryEscape(lines)), ""},
		{"post deflated", post("SAMLRequest=" + good()), saml.ErrRequest},
		{"post with SigAlg", post("SAMLRequest=" + plain() + "&SigAlg=x&Signature=AAAA"), saml.ErrBinding},
		{"post too large", post("SAMLRequest=" + strings.Repeat("A", 400<<10)), saml.ErrTooLarge},
		{"post with a query", func() page {
			return b.raw(http.MethodPost, sso+"?SAMLRequest="+good(), strings.NewReader("SAMLRequest="+plain()))
		}, saml.ErrBinding},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := c.send()
			if got := p.code(); got != string(c.code) || (c.code == "") != (p.field("session") != "") {
				t.Errorf("%d, code %q, want %q:\n%s", p.status, got, c.code, p.text)
			}
		})
	}
	b.header.Set("Content-Type", "text/plain")
	if p := post("SAMLRequest=" + plain())(); p.code() != string(saml.ErrBinding) {
		t.Errorf("another media type: %q", p.code())
	}
}

func mustDecode(t *testing.T, s string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestQuerySignatures signs the query as saml-bindings 3.4.4.1 says, and bends it.
func TestQuerySignatures(t *testing.T) {
	w := newWorld(t, noon, func(w *world) { w.provider.SignedRequests = true })
	b := w.browser(t, w.Users["good"])
	ec := ecdsaKey(t)
	const sha256URI = "http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256"
	sign := func(octets string) string {
		sum := sha256.Sum256([]byte(octets))
		value, err := rsa.SignPKCS1v15(rand.Reader, w.spKey, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return url.QueryEscape(base64.StdEncoding.EncodeToString(value))
	}
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := func() string { return "SAMLRequest=" + url.QueryEscape(deflated(w.request().String())) }
	cases := []struct {
		name  string
		query func() string
		code  saml.Code
	}{
		{"signed", func() string {
			q := good() + "&RelayState=s&SigAlg=" + sha256URI
			return q + "&Signature=" + sign(q)
		}, ""},
		{"signed without a state", func() string { q := good() + "&SigAlg=" + sha256URI; return q + "&Signature=" + sign(q) }, ""},
		{"in another order", func() string {
			q := good() + "&RelayState=s&SigAlg=" + sha256URI
			request, rest, _ := strings.Cut(q, "&")
			return "Signature=" + sign(q) + "&" + rest + "&" + request
		}, ""},
		{"escapes in lower case", func() string {
			q := strings.ReplaceAll(good(), "%2B", "%2b") + "&SigAlg=" + strings.ToLower(sha256URI)
			return q + "&Signature=" + sign(q)
		}, ""},
		{"signed in lower case, sent in upper", func() string {
			q := good() + "&SigAlg=" + sha256URI
			return q + "&Signature=" + sign(strings.ReplaceAll(q, "%2F", "%2f"))
		}, saml.ErrSignature},
		{"not signed", good, saml.ErrSignature},
		{"another state", func() string {
			q := good() + "&RelayState=s&SigAlg=" + sha256URI
			return strings.Replace(q, "=s&", "=t&", 1) + "&Signature=" + sign(q)
		}, saml.ErrSignature},
		{"state left out of the signature", func() string {
			q := good() + "&SigAlg=" + sha256URI
			return q + "&RelayState=s&Signature=" + sign(q)
		}, saml.ErrSignature},
		{"state signed and left out", func() string {
			q := good()
			return q + "&SigAlg=" + sha256URI + "&Signature=" + sign(q+"&RelayState=s&SigAlg="+sha256URI)
		}, saml.ErrSignature},
		{"another request", func() string {
			return good() + "&SigAlg=" + sha256URI + "&Signature=" + sign(good()+"&SigAlg="+sha256URI)
		}, saml.ErrSignature},
		{"by a stranger", func() string {
			q := good() + "&SigAlg=" + sha256URI
			sum := sha256.Sum256([]byte(q))
			value, err := rsa.SignPKCS1v15(rand.Reader, stranger, crypto.SHA256, sum[:])
			if err != nil {
				t.Fatal(err)
			}
			return q + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(value))
		}, saml.ErrSignature},
		{"SHA-1", func() string {
			q := good() + "&SigAlg=http%3A%2F%2Fwww.w3.org%2F2000%2F09%2Fxmldsig%23rsa-sha1"
			sum := sha1.Sum([]byte(q))
			value, err := rsa.SignPKCS1v15(rand.Reader, w.spKey, crypto.SHA1, sum[:])
			if err != nil {
				t.Fatal(err)
			}
			return q + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(value))
		}, saml.ErrSignature},
		{"another kind of key", func() string {
			q := good() + "&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23ecdsa-sha256"
			sum := sha256.Sum256([]byte(q))
			value, err := ecdsa.SignASN1(rand.Reader, ec, sum[:])
			if err != nil {
				t.Fatal(err)
			}
			return q + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(value))
		}, saml.ErrSignature},
		{"no Destination", func() string {
			r := w.request()
			r.attributes = ""
			q := "SAMLRequest=" + url.QueryEscape(deflated(r.String())) + "&SigAlg=" + sha256URI
			return q + "&Signature=" + sign(q)
		}, saml.ErrDestination},
		{"long signature", func() string { return good() + "&SigAlg=x&Signature=" + strings.Repeat("A", 2000) }, saml.ErrTooLarge},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := b.do(http.MethodGet, w.config.Location+"/sso?"+c.query(), nil)
			if got := p.code(); got != string(c.code) || (c.code == "") != (p.field("session") != "") {
				t.Errorf("code %q, want %q:\n%s", got, c.code, p.text)
			}
		})
	}
}

// TestWrapping signs a request and wraps it (xmlsec facts W1 to W23): the evil one
// asks for an answer to another request.
func TestWrapping(t *testing.T) {
	w := newWorld(t, noon, func(w *world) { w.provider.SignedRequests = true })
	b := w.browser(t, w.Users["good"])
	signer, err := xmlsig.NewSigner(w.spKey)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signer.Sign([]byte(w.request().String()), xmlsig.SAMLAuthnRequest())
	if err != nil {
		t.Fatal(err)
	}
	signed := string(raw)
	from := strings.Index(signed, "<ds:Signature")
	to := strings.Index(signed, "</ds:Signature>") + len("</ds:Signature>")
	signature, original := signed[from:to], signed[:from]+signed[to:]
	const open = "</saml:Issuer>"
	evil := w.request() // another ID
	behind := func(r request, inserted string) string {
		return strings.Replace(r.String(), open, open+inserted, 1)
	}
	object := func(content string) string {
		return strings.Replace(signature, "</ds:Signature>", "<ds:Object>"+content+"</ds:Object></ds:Signature>", 1)
	}
	extensions := func(content string) string { return "<samlp:Extensions>" + content + "</samlp:Extensions>" }
	sameID := evil
	sameID.id = originalID(original)
	sameID.attributes += ` ForceAuthn="true"`
	cases := map[string]string{
		"not signed":                           original,
		"W1 original inside the signature":     behind(evil, strings.Replace(signature, "</ds:Signature>", original+"</ds:Signature>", 1)),
		"W2 detached, original before":         behind(evil, extensions(original)+signature),
		"W3 signed one in the extensions":      behind(evil, extensions(signed)),
		"W5 the evil one keeps the signature":  behind(evil, signature+extensions(original)),
		"W7 the same ID":                       behind(sameID, signature+extensions(original)),
		"W8 original in an object":             behind(evil, object(original)),
		"W9 two SignedInfo":                    strings.Replace(signed, "<ds:SignatureValue>", signedInfo(signature)+"<ds:SignatureValue>", 1),
		"W12 a second signature":               strings.Replace(signed, signature, signature+signature, 1),
		"W12 a decoy with an object":           strings.Replace(signed, signature, signature+object(evil.String()), 1),
		"W15 no reference":                     cut(signed, "<ds:Reference", "</ds:Reference>"),
		"W15 two references":                   strings.Replace(signed, "</ds:Reference>", "</ds:Reference>"+between(signature, "<ds:Reference", "</ds:Reference>"), 1),
		"W19 an empty URI":                     strings.Replace(signed, `URI="#`+originalID(original)+`"`, `URI=""`, 1),
		"W21 the signature before the issuer":  strings.Replace(original, "<saml:Issuer>", signature+"<saml:Issuer>", 1),
		"W21 the signature last":               strings.Replace(original, "</samlp:AuthnRequest>", "<samlp:NameIDPolicy/>"+signature+"</samlp:AuthnRequest>", 1),
		"W22 a second root":                    signed + evil.String(),
		"W23 a signature in a namespace alike": strings.Replace(signed, "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2000/09/xmldsig", 1),
		"changed issuer":                       strings.Replace(signed, spEntity, "https://other.example/saml", 1),
		"changed reply":                        strings.Replace(signed, ` Version="2.0"`, ` Version="2.0" AssertionConsumerServiceURL="`+spReply+`/old"`, 1),
		"C2 comment in the digest":             strings.Replace(signed, "<ds:DigestValue>", "<ds:DigestValue><!-- -->", 1),
		"C3 with comments":                     strings.ReplaceAll(signed, "xml-exc-c14n#", "xml-exc-c14n#WithComments"),
		"C16 one transform":                    cut(signed, `<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"`, "</ds:Transform>"),
		"algorithm SHA-1":                      strings.Replace(signed, "2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1", 1),
		"HMAC with the public key":             strings.Replace(signed, "xmldsig-more#rsa-sha256", "xmldsig-more#hmac-sha256", 1),
	}
	if p := b.post(signed); p.field("session") == "" {
		t.Fatalf("the twin is refused: %q\n%s", p.code(), w.log)
	}
	for name, document := range cases {
		t.Run(name, func(t *testing.T) {
			if document == signed {
				t.Fatal("nothing was changed")
			}
			if p := b.post(document); p.field("session") != "" || p.code() == "" {
				t.Errorf("accepted:\n%s", p.text)
			}
		})
	}
	if p := b.do(http.MethodGet, w.config.Location+"/sso?SAMLRequest="+url.QueryEscape(deflated(signed)), nil); p.code() != string(saml.ErrBinding) {
		t.Errorf("a signature inside a redirected request: %q", p.code())
	}
}

func originalID(document string) string {
	return strings.Trim(between(document, ` ID="`, `"`)[5:], `"`)
}

func between(s, from, to string) string {
	at := strings.Index(s, from)
	return s[at : at+len(from)+strings.Index(s[at+len(from):], to)+len(to)]
}

func cut(s, from, to string) string { return strings.Replace(s, between(s, from, to), "", 1) }

func signedInfo(signature string) string {
	return between(signature, "<ds:SignedInfo", "</ds:SignedInfo>")
}

// TestProviderMetadata reads metadata, good and bad.
func TestProviderMetadata(t *testing.T) {
	w := newWorld(t, noon, nil)
	good := w.spMetadata()
	signer, _ := newSigner(t, noon)
	signedDoc, err := signer.Sign([]byte(good), xmlsig.Metadata())
	if err != nil {
		t.Fatal(err)
	}
	signed := string(signedDoc)
	keys := xmlsig.Keys{signer.Public()}
	stranger, _ := newSigner(t, noon)
	replace := func(s, old, with string) string {
		t.Helper()
		if !strings.Contains(s, old) {
			t.Fatalf("no %q", old)
		}
		return strings.Replace(s, old, with, 1)
	}
	cases := []struct {
		name, document string
		keys           xmlsig.KeySource
		ok             bool
	}{
		{"a file", good, nil, true},
		{"a file with a signature", signed, nil, true},
		{"signed", signed, keys, true},
		{"not signed", good, keys, false},
		{"signed by a stranger", signed, xmlsig.Keys{stranger.Public()}, false},
		{"changed", replace(signed, spReply+`" index="1"`, `https://evil.example/acs" index="1"`), keys, false},
		{"by script", replace(good, spReply+`" index="1"`, `javascript:alert(1)" index="1"`), nil, false},
		{"over http", replace(good, spReply+`" index="1"`, `http://shop.example/acs" index="1"`), nil, false},
		{"over http on this machine", replace(good, spReply+`" index="1"`, `http://localhost:8080/acs" index="1"`), nil, true},
		{"with a quotation mark", replace(good, spReply+`" index="1"`, `https://shop.example/&quot;x" index="1"`), nil, false},
		{"no role", replace(strings.ReplaceAll(good, "SPSSODescriptor", "IDPSSODescriptor"), "x", "x"), nil, false},
		{"another protocol", replace(good, `"urn:oasis:names:tc:SAML:2.0:protocol"`, `"urn:oasis:names:tc:SAML:1.1:protocol"`), nil, false},
		{"DOCTYPE", "<!DOCTYPE x>" + good, nil, false},
		{"bad certificate", replace(good, "<ds:X509Certificate>", "<ds:X509Certificate>AAAA"), nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, err := saml.NewServiceProvider(context.Background(), []byte(c.document), c.keys)
			if (err == nil) != c.ok {
				t.Fatalf("error %v", err)
			}
			if err == nil && (p.Entity != spEntity || p.Korean != "한글 상점" || p.English != "The Shop") {
				t.Errorf("provider %+v", p)
			}
		})
	}
	over, err := saml.NewServiceProvider(context.Background(), []byte(replace(good, ` ID="_sp"`, ` ID="_sp" validUntil="2026-03-02T03:00:00Z"`)), nil)
	if err != nil {
		t.Fatal(err)
	}
	*w.provider = *over
	if p := w.browser(t, w.Users["good"]).open(w.request()); p.code() != string(saml.ErrProvider) {
		t.Errorf("metadata that are over: %q", p.code())
	}
}

// TestMetadata verifies the provider's own.
func TestMetadata(t *testing.T) {
	w := newWorld(t, noon, nil)
	p := w.browser(t, nil).do(http.MethodGet, w.config.Location+"/metadata", nil)
	v := xmlsig.Verifier{Profile: xmlsig.Metadata()}
	if _, err := v.Verify(context.Background(), []byte(p.text), xmlsig.Keys{w.config.MetadataSigner.Public()}); err != nil {
		t.Error(err)
	}
	for _, text := range []string{w.config.Location + "/sso", "HTTP-POST", "HTTP-Redirect", base64.StdEncoding.EncodeToString(w.config.Certificate.Raw)} {
		if !strings.Contains(p.text, text) {
			t.Errorf("no %.60s in\n%s", text, p.text)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	w := newWorld(t, noon, nil)
	for name, change := range map[string]func(*saml.Config){
		"no entity":           func(c *saml.Config) { c.Entity = "" },
		"http":                func(c *saml.Config) { c.Location = "http://idp.example/saml" },
		"no path":             func(c *saml.Config) { c.Location = "https://idp.example" },
		"slash behind":        func(c *saml.Config) { c.Location += "/" },
		"one key for two":     func(c *saml.Config) { c.MetadataSigner = c.Signer },
		"another certificate": func(c *saml.Config) { c.Certificate = w.Root.Certificate },
		"no verifier":         func(c *saml.Config) { c.Verifier = nil },
		"short secret":        func(c *saml.Config) { c.PseudonymSecret = c.PseudonymSecret[1:] },
		"short session":       func(c *saml.Config) { c.SessionSecret = nil },
	} {
		c := w.config
		change(&c)
		if _, err := saml.New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
