package xmlsig

import (
	"crypto/sha256"

	"github.com/kecis/sdk/kecis/xmltree"
)

// Verified is what a signature was found to cover: the signed element, without
// the signature, and who signed it. Only Verify makes one; the zero Verified
// holds nothing and Root refuses it.
type Verified struct {
	tree   *xmltree.Tree
	key    *PublicKey
	sender string
	method Algorithm
	digest [sha256.Size]byte
}

// take cuts from the tree all that was not signed: what stands around the
// signed element, and the signature in it.
func take(tree *xmltree.Tree, signed, element xmltree.Element, key *PublicKey, sender string, method Algorithm, sum [sha256.Size]byte) Verified {
	tree.Cut(signed, element)
	return Verified{tree: tree, key: key, sender: sender, method: method, digest: sum}
}

// Root returns the signed element, or ErrNotVerified for the zero Verified and
// after Release.
func (v Verified) Root() (xmltree.Element, error) {
	root := v.tree.Root()
	if root.IsZero() {
		return root, &Error{code: ErrNotVerified, expected: "what Verify returned", found: "an empty or released value"}
	}
	return root, nil
}

// Sender returns the entity that signed: saml:Issuer, or the entityID of
// metadata.
func (v Verified) Sender() string { return v.sender }

// Key returns the key that the signature was made with.
func (v Verified) Key() *PublicKey { return v.key }

// Algorithm returns the algorithm of the signature.
func (v Verified) Algorithm() Algorithm { return v.method }

// Digest returns the SHA-256 of the canonical signed octets without the
// signature: the RequestDigest of an answer (KECIS-SIG-028).
func (v Verified) Digest() [sha256.Size]byte { return v.digest }

// Release lets the verifier use the tree's memory again. Strings taken from it
// stay valid; the Verified and its elements do not.
func (v Verified) Release() {
	if v.tree != nil {
		v.tree.Release()
	}
}
