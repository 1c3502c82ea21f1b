// Package kecis holds the messages of the Korea Electronic Commerce
// Interoperability Standard: their Go types, their exact form on the wire, and
// the rules that a message must keep before any service sees it.
//
// A message is an application of SAML 2.0: its root extends samlp's
// RequestAbstractType or StatusResponseType, lies in the namespace
// [Namespace], and is signed as a whole. [Sign] writes and signs one; [Open]
// verifies and decodes one. Decoders take only what xmlsig has verified, so
// that no unsigned byte reaches a service.
//
// The namespace is closed (KECIS-MSG-003): what the schema does not name is
// refused, with an [*Error] that says which clause was broken, what was
// expected, what was found and where. The one place for more is samlp:Extensions.
//
// Amounts are integers in minor units of an ISO 4217 currency, never floats.
// Every answer carries an [Outcome] and a [Retry], which say whether money
// moved and what the sender may do now; [Fault] is the error made of them.
//
// The schema is 1.0-draft: spec/schema/kecis-1.0.xsd.
package kecis

// The namespaces that a message uses, with the prefixes that this package
// writes. What it reads may use others (KECIS-MSG-002).
const (
	// Namespace is that of the messages, prefix kecis.
	Namespace = "urn:kecis:1.0:protocol"

	nsSAML  = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsSAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsXENC  = "http://www.w3.org/2001/04/xmlenc#"

	// statusPrefix begins SAML's top-level status codes (saml-core 3.2.2.2),
	// reasonPrefix the second-level ones of this standard.
	statusPrefix = "urn:oasis:names:tc:SAML:2.0:status:"
	reasonPrefix = "urn:kecis:1.0:status:"

	samlVersion = "2.0"
)
