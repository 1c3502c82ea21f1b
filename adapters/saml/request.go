package saml

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// UnverifiedAuthnRequest is what may be known of a service provider's request,
// which anybody may have written: its ID, who is said to have issued it, and
// whether the person is to be asked anew. It has no address: answers go where the
// issuer's metadata say.
type UnverifiedAuthnRequest struct {
	id, issuer string
	force      bool
}

// ID returns the request's ID, which the answer names.
func (r UnverifiedAuthnRequest) ID() string { return r.id }

// Issuer returns the entityID of the service provider.
func (r UnverifiedAuthnRequest) Issuer() string { return r.issuer }

// ForceAuthn reports whether the person must show the certificate anew; this
// provider always asks.
func (r UnverifiedAuthnRequest) ForceAuthn() bool { return r.force }

// wishes are what the request says of how it is to be answered. Each is checked
// against the issuer's metadata, and none is acted on by itself.
type wishes struct {
	version, destination, replyTo, replyIndex, binding string
	issued                                             time.Time
	passive                                            bool
	nameIDFormat                                       string
	comparison                                         string
	contexts                                           []string
}

// maxEntity bounds an entityID, in bytes (saml-metadata 2.2.1), and the addresses
// and formats of a request likewise.
const maxEntity = 1024

// maxContexts bounds the context classes that a request names; SAML has 25.
const maxContexts = 32

// childOrder is the order of a request's children (saml-schema-protocol).
var childOrder = []xmlsig.Name{
	{Space: xmlsig.SAMLAssertionNamespace, Local: "Issuer"},
	{Space: xmlsig.Namespace, Local: "Signature"},
	{Space: xmlsig.SAMLProtocolNamespace, Local: "Extensions"},
	{Space: xmlsig.SAMLAssertionNamespace, Local: "Subject"},
	{Space: xmlsig.SAMLProtocolNamespace, Local: "NameIDPolicy"},
	{Space: xmlsig.SAMLAssertionNamespace, Local: "Conditions"},
	{Space: xmlsig.SAMLProtocolNamespace, Local: "RequestedAuthnContext"},
	{Space: xmlsig.SAMLProtocolNamespace, Local: "Scoping"},
}

// openRequest parses a request, verifies what is signed of it, and reads it from
// what was verified, or, where nothing was signed, from the one tree that there is.
func (p *IdentityProvider) openRequest(ctx context.Context, a *arrival) (UnverifiedAuthnRequest, *wishes, *ServiceProvider, error) {
	none := UnverifiedAuthnRequest{}
	tree, err := xmltree.Parse(a.document)
	if err != nil {
		return none, nil, nil, &Error{code: ErrRequest, expected: "a request that the strict parser takes", found: "another", cause: err}
	}
	signature, err := signatureOf(tree)
	if err != nil {
		return none, nil, nil, err
	}
	root := tree.Root()
	request, w, err := readRequest(root)
	if err != nil {
		return none, nil, nil, err
	}
	provider, err := p.config.Providers.ServiceProvider(ctx, request.issuer)
	if err != nil {
		return none, nil, nil, err
	}
	if provider == nil || provider.Entity != request.issuer || !provider.current(p.clock.Now()) {
		return none, nil, nil, &Error{code: ErrProvider, expected: "a service provider with current metadata", found: quote(request.issuer)}
	}
	switch {
	case signature && a.redirect:
		return none, nil, nil, &Error{code: ErrBinding, expected: "a signature in the query", found: "one in the request"}
	case signature:
		request, w, err = verified(ctx, a.document, provider)
	case a.signature != nil:
		_, err = xmlsig.VerifyOctets(a.algorithm, a.signed, a.signature, provider.keys...)
	case provider.SignedRequests:
		err = &Error{code: ErrSignature, expected: "a signed request", found: "none"}
	}
	if err != nil {
		return none, nil, nil, asSignature(err)
	}
	if signature || a.signature != nil {
		if w.destination == "" {
			return none, nil, nil, &Error{code: ErrDestination, expected: "a Destination in a signed request", found: "none"}
		}
	}
	return request, w, provider, nil
}

// asSignature makes a refusal of this package of one of the engine's.
func asSignature(err error) error {
	if _, ok := err.(*Error); ok { //nolint:errorlint // made in this package, never wrapped
		return err
	}
	return &Error{code: ErrSignature, expected: "a valid signature of the service provider", found: "none", cause: err}
}

// verified reads a request from what was signed of it, and from nothing else.
func verified(ctx context.Context, document []byte, provider *ServiceProvider) (UnverifiedAuthnRequest, *wishes, error) {
	v := xmlsig.Verifier{Profile: xmlsig.SAMLAuthnRequest()}
	signed, err := v.Verify(ctx, document, xmlsig.Keys(provider.keys))
	if err != nil {
		return UnverifiedAuthnRequest{}, nil, err
	}
	root, err := signed.Root()
	if err != nil {
		return UnverifiedAuthnRequest{}, nil, err
	}
	request, w, err := readRequest(root)
	if err == nil && request.issuer != provider.Entity {
		err = &Error{code: ErrProvider, expected: quote(provider.Entity), found: quote(request.issuer)}
	}
	return request, w, err
}

// signatureOf reports whether a request has a signature, which is a child of its
// root; one elsewhere is refused.
func signatureOf(tree *xmltree.Tree) (found bool, err error) {
	for e := range tree.Elements() {
		if !e.Is(xmlsig.Namespace, "Signature") {
			continue
		}
		if parent := e.Parent(); found || parent.IsZero() || !parent.Parent().IsZero() {
			return false, &Error{code: ErrSignature, expected: "one signature, child of the request", found: "another", place: e.Place()}
		}
		found = true
	}
	return found, nil
}

// readRequest reads a request (KECIS-CRT-032).
func readRequest(root xmltree.Element) (r UnverifiedAuthnRequest, w *wishes, err error) {
	malformed := func(expected, found string) error {
		return &Error{code: ErrRequest, expected: expected, found: found}
	}
	if !root.Is(xmlsig.SAMLProtocolNamespace, "AuthnRequest") {
		return r, nil, malformed("an AuthnRequest", quote(root.Local()))
	}
	w = &wishes{}
	for a := range root.Attrs() {
		ok := a.Space == ""
		switch a.Local {
		case "ID":
			r.id = a.Value
		case "Version":
			w.version = a.Value
		case "IssueInstant":
			w.issued, ok = instant(a.Value)
		case "Destination":
			w.destination = a.Value
		case "ForceAuthn":
			r.force, ok = boolean(a.Value)
		case "IsPassive":
			w.passive, ok = boolean(a.Value)
		case "ProtocolBinding":
			w.binding = a.Value
		case "AssertionConsumerServiceURL":
			w.replyTo = a.Value
		case "AssertionConsumerServiceIndex":
			w.replyIndex = a.Value
		case "AttributeConsumingServiceIndex", "ProviderName", "Consent":
		default:
			ok = false
		}
		if !ok || a.Space != "" || len(a.Value) > maxEntity {
			return r, nil, malformed("the attributes of an AuthnRequest", quote(a.Local))
		}
	}
	switch {
	case w.version != "2.0":
		return r, nil, malformed("version 2.0", quote(w.version))
	case !xmltree.IsNCName(r.id) || len(r.id) > xmlsig.MaxID:
		return r, nil, malformed("an ID of at most "+strconv.Itoa(xmlsig.MaxID)+" bytes", quote(r.id))
	case w.issued.IsZero():
		return r, nil, malformed("an IssueInstant", "none")
	case root.StrayText():
		return r, nil, malformed("no text between the elements", "text")
	}
	r.issuer, err = readChildren(root, w)
	return r, w, err
}

func readChildren(root xmltree.Element, w *wishes) (issuer string, err error) {
	malformed := func(expected string, e xmltree.Element) (string, error) {
		return "", &Error{code: ErrRequest, expected: expected, found: quote(e.Local()), place: e.Place()}
	}
	at := -1
	for child := range root.Children() {
		place := slices.IndexFunc(childOrder, func(n xmlsig.Name) bool { return child.Is(n.Space, n.Local) })
		if place <= at {
			return malformed("the children of an AuthnRequest, each once and in order", child)
		}
		at = place
		switch child.Local() {
		case "Issuer":
			if !child.First().IsZero() {
				return malformed("an Issuer of text", child)
			}
			issuer = child.Text()
		case "NameIDPolicy":
			w.nameIDFormat, _ = child.Attr("Format")
		case "Subject": // it asks for one person, and nobody is looked up here
			return malformed("a request without Subject", child)
		case "RequestedAuthnContext":
			w.comparison, _ = child.Attr("Comparison")
			for class := range child.Children() {
				if !class.Is(xmlsig.SAMLAssertionNamespace, "AuthnContextClassRef") || len(w.contexts) == maxContexts {
					return malformed("context classes", class)
				}
				w.contexts = append(w.contexts, strings.TrimSpace(class.Text()))
			}
		}
	}
	if issuer == "" || len(issuer) > maxEntity {
		return malformed("an Issuer", root)
	}
	return issuer, nil
}

// instant reads an xs:dateTime in UTC, with or without a fraction.
func instant(s string) (time.Time, bool) {
	t, err := time.Parse("2006-01-02T15:04:05Z", s)
	return t, err == nil && !strings.Contains(s, ",") && len(s) <= len("2006-01-02T15:04:05.000000000Z")
}

func boolean(s string) (value, ok bool) {
	return s == "true" || s == "1", slices.Contains([]string{"true", "false", "1", "0"}, s)
}

const (
	// MaxAge is how old a request may be (KECIS-CRT-036).
	MaxAge = 5 * time.Minute
	// clockSkew is the difference of clocks that is borne.
	clockSkew = time.Minute
)

// checkHere checks that a request was meant for this place and this time.
func (p *IdentityProvider) checkHere(w *wishes) error {
	now := p.clock.Now()
	switch {
	case w.destination != "" && w.destination != p.location(pathSSO):
		return &Error{code: ErrDestination, expected: quote(p.location(pathSSO)), found: quote(w.destination)}
	case w.issued.Before(now.Add(-MaxAge - clockSkew)), w.issued.After(now.Add(clockSkew)):
		return &Error{code: ErrTime, expected: "a request of the last " + MaxAge.String(), found: w.issued.Format(time.RFC3339)}
	}
	return nil
}
