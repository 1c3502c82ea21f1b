package saml

import (
	"encoding/base64"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/clientcert"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// The URIs of answers.
const (
	contextTLSClient = "urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient"
	confirmBearer    = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
	confirmHolder    = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
	statusPrefix     = "urn:oasis:names:tc:SAML:2.0:status:"
)

// answerLife is how long an answer is good for: the browser brings it at once.
const answerLife = 5 * time.Minute

// status is a SAML status of two levels.
type status struct{ first, second string }

func statusDeclined() *status { return &status{"Responder", "RequestDenied"} }

// impossible returns the status of a request that asks for what this provider
// cannot give, or nil.
func (w *wishes) impossible() *status {
	switch {
	case w.passive: // the page must be shown
		return &status{"Responder", "NoPassive"}
	case !slices.Contains([]string{"", anyNameID, persistentName, transientName}, w.nameIDFormat):
		return &status{"Requester", "InvalidNameIDPolicy"}
	case !w.satisfied():
		return &status{"Responder", "NoAuthnContext"}
	}
	return nil
}

// satisfied reports whether TLSClient is an authentication context that the
// request accepts (saml-core 3.3.2.2.1). It counts as stronger than a password.
func (w *wishes) satisfied() bool {
	if len(w.contexts) == 0 {
		return true
	}
	weaker := func(class string) bool {
		return slices.Contains([]string{
			"urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
			"urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
		}, class)
	}
	switch w.comparison {
	case "", "exact", "maximum":
		return slices.Contains(w.contexts, contextTLSClient)
	case "minimum":
		return slices.Contains(w.contexts, contextTLSClient) || slices.ContainsFunc(w.contexts, weaker)
	case "better": // than all of them
		return !slices.ContainsFunc(w.contexts, func(class string) bool { return !weaker(class) })
	}
	return false
}

// success makes the signed answer of a login, with its evidence.
func (p *IdentityProvider) success(s *session, provider *ServiceProvider, who *clientcert.Authentication) ([]byte, *Login, error) {
	pseudonym := who.Holder.Pseudonym(p.config.PseudonymSecret, provider.Entity)
	format := persistentName
	if s.Transient {
		id, err := kecis.NewID(p.config.Random)
		if err != nil {
			return nil, nil, err
		}
		pseudonym, format = string(id), transientName
	}
	ids, err := p.newIDs()
	if err != nil {
		return nil, nil, err
	}
	now := p.clock.Now()
	login := &Login{Provider: provider.Entity, Request: s.Request, Answer: ids.response, Pseudonym: pseudonym, Authentication: who, At: now}
	w := p.response(ids, s, now, &status{first: "Success"})
	p.assertion(w, ids, s, provider, now, pseudonym, format, who)
	w.End()
	document, err := w.Bytes()
	if err != nil {
		return nil, nil, err
	}
	if document, err = p.config.Signer.Sign(document, xmlsig.SAMLAssertion()); err != nil {
		return nil, nil, err
	}
	document, err = p.config.Signer.Sign(document, xmlsig.SAMLResponse())
	return document, login, err
}

// failure makes the signed answer without an assertion.
func (p *IdentityProvider) failure(s *session, status *status) ([]byte, error) {
	ids, err := p.newIDs()
	if err != nil {
		return nil, err
	}
	w := p.response(ids, s, p.clock.Now(), status)
	w.End()
	document, err := w.Bytes()
	if err != nil {
		return nil, err
	}
	return p.config.Signer.Sign(document, xmlsig.SAMLResponse())
}

// answerIDs are the IDs of an answer.
type answerIDs struct{ response, assertion, session string }

func (p *IdentityProvider) newIDs() (ids answerIDs, err error) {
	for _, id := range []*string{&ids.response, &ids.assertion, &ids.session} {
		fresh, err := kecis.NewID(p.config.Random)
		if err != nil {
			return ids, err
		}
		*id = string(fresh)
	}
	return ids, nil
}

// response opens a Response, up to its status.
func (p *IdentityProvider) response(ids answerIDs, s *session, now time.Time, status *status) *xmltree.Writer {
	w := xmltree.NewWriter(nil,
		xmltree.Namespace{Prefix: "samlp", URI: xmlsig.SAMLProtocolNamespace},
		xmltree.Namespace{Prefix: "saml", URI: xmlsig.SAMLAssertionNamespace},
		xmltree.Namespace{Prefix: "ds", URI: xmlsig.Namespace})
	w.Start("samlp", "Response")
	w.Attr("", "Destination", s.ReplyTo)
	w.Attr("", "ID", ids.response)
	w.Attr("", "InResponseTo", s.Request)
	w.Attr("", "IssueInstant", kecis.FormatInstant(now))
	w.Attr("", "Version", "2.0")
	w.Leaf("saml", "Issuer", p.config.Entity)
	w.Start("samlp", "Status")
	w.Start("samlp", "StatusCode")
	w.Attr("", "Value", statusPrefix+status.first)
	if status.second != "" {
		w.Start("samlp", "StatusCode")
		w.Attr("", "Value", statusPrefix+status.second)
		w.End()
	}
	w.End()
	w.End()
	return w
}

// assertion writes the assertion of a login (KECIS-CRT-041).
func (p *IdentityProvider) assertion(w *xmltree.Writer, ids answerIDs, s *session, provider *ServiceProvider, now time.Time, pseudonym, format string, who *clientcert.Authentication) {
	until := kecis.FormatInstant(now.Add(answerLife))
	w.Start("saml", "Assertion")
	w.Attr("", "ID", ids.assertion)
	w.Attr("", "IssueInstant", kecis.FormatInstant(now))
	w.Attr("", "Version", "2.0")
	w.Leaf("saml", "Issuer", p.config.Entity)
	w.Start("saml", "Subject")
	w.Start("saml", "NameID")
	w.Attr("", "Format", format)
	w.Attr("", "NameQualifier", p.config.Entity)
	w.Attr("", "SPNameQualifier", provider.Entity)
	w.Text(pseudonym)
	w.End()
	confirmation(w, s, until, nil)
	if provider.HolderOfKey {
		confirmation(w, s, until, who.Holder.RevealCertificate())
	}
	w.End()
	w.Start("saml", "Conditions")
	w.Attr("", "NotBefore", kecis.FormatInstant(now.Add(-clockSkew))) // some peers bear no difference of clocks
	w.Attr("", "NotOnOrAfter", until)
	w.Start("saml", "AudienceRestriction")
	w.Leaf("saml", "Audience", provider.Entity)
	w.End()
	w.End()
	w.Start("saml", "AuthnStatement")
	w.Attr("", "AuthnInstant", kecis.FormatInstant(now))
	w.Attr("", "SessionIndex", ids.session)
	w.Start("saml", "AuthnContext")
	w.Leaf("saml", "AuthnContextClassRef", contextTLSClient)
	w.End()
	w.End()
	w.End()
}

// confirmation writes a SubjectConfirmation: the bearer's, or the one of who has
// the certificate's key. That has no xsi:type, which saml-profiles 3.1 leaves open:
// pysaml2 writes documents anew, and loses the prefix in it.
func confirmation(w *xmltree.Writer, s *session, until string, certificate []byte) {
	method := confirmBearer
	if certificate != nil {
		method = confirmHolder
	}
	w.Start("saml", "SubjectConfirmation")
	w.Attr("", "Method", method)
	w.Start("saml", "SubjectConfirmationData")
	w.Attr("", "InResponseTo", s.Request)
	w.Attr("", "NotOnOrAfter", until)
	w.Attr("", "Recipient", s.ReplyTo)
	if certificate != nil {
		writeKeyInfo(w, certificate)
	}
	w.End()
	w.End()
}

func writeKeyInfo(w *xmltree.Writer, certificate []byte) {
	w.Start("ds", "KeyInfo")
	w.Start("ds", "X509Data")
	w.Leaf("ds", "X509Certificate", base64.StdEncoding.EncodeToString(certificate))
	w.End()
	w.End()
}
