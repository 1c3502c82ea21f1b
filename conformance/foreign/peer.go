package foreign

import "testing"

// IDAttribute is the name of the attribute that identifies the signed element.
const IDAttribute = "ID"

// Peer is a foreign implementation of XML Signature. What it signs has the
// strict profile: one reference to the root's ID, enveloped-signature and
// exclusive canonicalization without comments.
type Peer interface {
	// Program says who it is.
	Program() Program
	// Sign puts a signature into the document, behind so many child elements of
	// the root: 1 for a SAML message, whose first child is its issuer.
	Sign(key *Key, algorithm Algorithm, document []byte, behind int) ([]byte, error)
	// Verify checks the document's only signature with the key. A document that
	// was looked at and turned down gives a *Refusal.
	Verify(key *Key, document []byte) error
}

// NewPeer starts the program, which Need must have found, until the test ends.
func NewPeer(t testing.TB, program Program) Peer {
	t.Helper()
	switch program {
	case XMLSec1:
		return &xmlsec1{t.TempDir()}
	case SAMLSign:
		return &samlsign{t.TempDir()}
	case JDK:
		return NewJava(t)
	case XMLCrypto:
		return newXMLCrypto(t)
	case Santuario, XMLLint, Schemas:
	}
	t.Fatalf("%s does not sign", program)
	return nil
}

// Peers returns the programs that sign and verify.
func Peers() []Program { return []Program{XMLSec1, JDK, XMLCrypto, SAMLSign} }
