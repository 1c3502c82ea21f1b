// Package clientcert checks the certificates that people present to a TLS server
// (chapter 61; P26): the path to a configured anchor, validity, strength, usage,
// policy and revocation, with the accredited certificates of Korea (NPKI) in
// mind, which carry no extended key usage and keep the holder's name and a virtual
// identifier (VID) in them.
//
// A Verifier takes the chain that a Reader found and returns an Authentication:
// the Holder, whose name no log or error shows, the policy, digests of the chain,
// and what is known of revocation. Everything it needs from outside (clock, HTTP
// client, cache) is passed in.
package clientcert
