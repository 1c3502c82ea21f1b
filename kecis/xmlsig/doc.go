// Package xmlsig signs and verifies enveloped XML signatures in one strict
// profile (KECIS-SIG-001 to 025; saml-core 5.4, tightened): exactly one
// signature at the place that the schema gives it, one reference to the element
// that holds it, the transforms enveloped-signature and exclusive
// canonicalization, and a closed list of algorithms.
//
// [Verifier.Verify] returns a [Verified]: the tree that was signed, without the
// signature, and nothing else of the document. Decoders take a Verified, so no
// byte that was not signed can reach them. Keys come from a [KeySource], never
// from the document; each key has one kind, and the document's algorithm must
// be of that kind.
package xmlsig
