// Package metadata is what partners know of each other: signed SAML 2.0
// metadata that says which services a party offers, where, under which limits
// and with which keys (chapter 60 of the standard).
//
// An [Entity] is what one party says of itself. [Sign] writes it, [Decode] reads
// it from what a signature was found to cover. An [Aggregate] is what a registry,
// a trust anchor, says of many: it grants roles and states, with effective times.
// A [Partner] joins the two: what the party says, cut down to what was granted.
//
// A program that serves or calls KECIS asks [Partners] for them. A vendor's own
// table of merchants serves as well as a [Directory], which fetches, verifies and
// keeps the documents of pinned partners and of registries.
package metadata

// Namespace is that of the KECIS elements in metadata.
const Namespace = "urn:kecis:1.0:metadata"

// Version10 is the one version of the protocol so far: the namespace of its
// messages.
const Version10 = "urn:kecis:1.0:protocol"

// The largest documents (KECIS-META-030).
const (
	// MaxDocument bounds an entity's metadata, in bytes, as XML documents are: a
	// routing table of 10,000 lines has 1 MB.
	MaxDocument = 4 << 20
	// MaxAggregate bounds an aggregate, in bytes: some 10,000 parties. A larger
	// registry publishes several.
	MaxAggregate = 32 << 20
)
