package xmlsig

import "github.com/kecis/sdk/kecis/xmltree"

// Namespaces of SAML 2.0 and SOAP 1.1.
const (
	SAMLAssertionNamespace = "urn:oasis:names:tc:SAML:2.0:assertion"
	SAMLProtocolNamespace  = "urn:oasis:names:tc:SAML:2.0:protocol"
	SAMLMetadataNamespace  = "urn:oasis:names:tc:SAML:2.0:metadata"
	SOAPNamespace          = "http://schemas.xmlsoap.org/soap/envelope/"
)

// Name is the expanded name of an element.
type Name struct {
	Space, Local string
}

// Profile says which kind of document is signed or verified: which roots it may
// have, where its signature stands, and what else is allowed. The zero Profile
// allows nothing.
type Profile struct {
	roots      []Name // of the signed element
	scope      Scope
	first      bool // Signature is the first child; otherwise it follows saml:Issuer
	soap       bool // the signed element is the one child of a SOAP body
	assertion  bool // the signed element may be the one assertion of a response
	foreign    bool // of SAML peers: PrefixLists, Id attributes, signed assertions inside
	entityName bool // the sender is the root's entityID
}

// Message is the profile of KECIS messages with one of these roots: the
// signature follows saml:Issuer, and no prefix list, no other signature and no
// other kind of identifier is allowed.
func Message(roots ...Name) Profile {
	return Profile{roots: roots, scope: ScopeMessage}
}

// SOAP is the profile p inside a SOAP 1.1 envelope without a header, whose body
// holds the message alone (KECIS-SIG-022).
func SOAP(p Profile) Profile {
	p.soap = true
	return p
}

// Metadata is the profile of signed SAML metadata: the signature is the first
// child of md:EntityDescriptor or md:EntitiesDescriptor, and every xsi:type
// must be protected (KECIS-SIG-021). The sender is the entityID.
func Metadata() Profile {
	return Profile{
		roots:      []Name{{SAMLMetadataNamespace, "EntityDescriptor"}, {SAMLMetadataNamespace, "EntitiesDescriptor"}},
		scope:      ScopeMetadata,
		first:      true,
		foreign:    true,
		entityName: true,
	}
}

// Certificate is the profile of certificates of conformance with this root: a
// message, signed by keys of the scope certificate.
func Certificate(root Name) Profile {
	return Profile{roots: []Name{root}, scope: ScopeCertificate}
}

// SAMLResponse is the profile of a samlp:Response signed as a whole. Assertions
// in it may have signatures of their own, which are content like the rest.
func SAMLResponse() Profile {
	return Profile{roots: []Name{{SAMLProtocolNamespace, "Response"}}, scope: ScopeMessage, foreign: true}
}

// SAMLAuthnRequest is the profile of a samlp:AuthnRequest that a service provider
// has signed.
func SAMLAuthnRequest() Profile {
	return Profile{roots: []Name{{SAMLProtocolNamespace, "AuthnRequest"}}, scope: ScopeMessage, foreign: true}
}

// SAMLAssertion is the profile of a signed saml:Assertion, alone or as the only
// assertion of a samlp:Response, of which then nothing else is returned.
func SAMLAssertion() Profile {
	return Profile{roots: []Name{{SAMLAssertionNamespace, "Assertion"}}, scope: ScopeMessage, foreign: true, assertion: true}
}

// signed finds the element that must hold the signature.
func (p Profile) signed(root xmltree.Element) (xmltree.Element, error) {
	at := root
	if p.soap {
		var err error
		if at, err = soapBody(root); err != nil {
			return xmltree.Element{}, err
		}
	}
	if p.assertion && at.Is(SAMLProtocolNamespace, "Response") {
		var err error
		if at, err = onlyAssertion(at); err != nil {
			return xmltree.Element{}, err
		}
	}
	for _, name := range p.roots {
		if at.Is(name.Space, name.Local) {
			return at, nil
		}
	}
	return xmltree.Element{}, refuse(ErrRoot, at, "one of the roots that are accepted here", nameOf(at))
}

// soapBody returns the one child of a SOAP body.
func soapBody(envelope xmltree.Element) (xmltree.Element, error) {
	body := envelope.First()
	message := body.First()
	switch {
	case !envelope.Is(SOAPNamespace, "Envelope"):
		return message, refuse(ErrSOAP, envelope, "a SOAP 1.1 envelope", nameOf(envelope))
	case !body.Is(SOAPNamespace, "Body"):
		return message, refuse(ErrSOAP, envelope, "a body as the first child", nameOf(body))
	case !body.Next().IsZero(), envelope.NumAttrs() > 0, body.NumAttrs() > 0, envelope.StrayText(), body.StrayText():
		return message, refuse(ErrSOAP, envelope, "nothing beside the body", "something beside it")
	case message.IsZero() || !message.Next().IsZero():
		return message, refuse(ErrSOAP, body, "exactly one child of the body", "none or several")
	}
	return message, nil
}

// onlyAssertion returns the assertion of a response that has exactly one.
func onlyAssertion(response xmltree.Element) (found xmltree.Element, err error) {
	for child := range response.Children() {
		if !child.Is(SAMLAssertionNamespace, "Assertion") {
			continue
		}
		if !found.IsZero() {
			return found, refuse(ErrRoot, child, "exactly one assertion", "a second one")
		}
		found = child
	}
	if found.IsZero() {
		return found, refuse(ErrRoot, response, "exactly one assertion", "none")
	}
	return found, nil
}

func refuse(code Code, at xmltree.Element, expected, found string) *Error {
	e := &Error{code: code, expected: expected, found: found}
	if !at.IsZero() {
		e.place = at.Place()
	}
	return e
}

// nameOf shows the expanded name of an element.
func nameOf(e xmltree.Element) string {
	if e.IsZero() {
		return "nothing"
	}
	return quote("{" + e.Space() + "}" + e.Local())
}

// rootName returns the name of the signed element, which is one of the profile.
func (p Profile) rootName(signed xmltree.Element) Name {
	for _, name := range p.roots {
		if signed.Is(name.Space, name.Local) {
			return name
		}
	}
	return Name{}
}
