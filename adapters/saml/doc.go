// Package saml is a SAML 2.0 identity provider that authenticates people by their
// TLS client certificates, for any SAML service provider (chapter 61; P26): Web
// Browser SSO with requests by HTTP-POST and HTTP-Redirect, and answers by
// HTTP-POST with the context class TLSClient.
//
// A request gives an UnverifiedAuthnRequest, which tells no more than its ID, its
// issuer and ForceAuthn; where the answer goes is read from the service provider's
// metadata. Requests are read and answers are signed by the strict engine of
// kecis/xmlsig. The types of github.com/crewjam/saml serve for service providers'
// metadata alone, and are filled from canonical bytes.
package saml
