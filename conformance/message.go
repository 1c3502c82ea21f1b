package conformance

import (
	"bytes"
	"fmt"
	"time"

	"github.com/kecis/sdk/kecis/xmlenc"
)

// Message is a document on its way to a recipient.
type Message struct {
	// Document is the document, byte for byte, but for Repeat.
	Document []byte
	// Repeat makes a document larger than one wants to keep.
	Repeat Repeat
	// Sender is the key that the document is signed with; edits whose fault
	// must stand inside a valid signature sign with it again.
	Sender *Key
	// Keys are all keys at hand.
	Keys *Keyring
	// Reading is what the recipient does and knows.
	Reading Reading
	// Rendering, if set, gives the document as it is sent in a run: with the
	// parties, times and names of the run in the place of those that cases are
	// written with. What is signed is signed in that form, and no two texts that
	// differ may become the same.
	Rendering func([]byte) []byte
}

// Rendered returns a document in the form in which it is sent.
func (m *Message) Rendered(document []byte) []byte {
	if m.Rendering == nil {
		return document
	}
	return m.Rendering(document)
}

// Repeat says that the one occurrence of Marker in a document stands for Text,
// Count times. The zero Repeat changes nothing.
type Repeat struct {
	Marker string
	Text   string
	Count  int
}

// Reading is what a recipient does with a document, and what it knows.
type Reading struct {
	Operation Operation
	// Profile is the signature profile, for Verify and Decode.
	Profile Profile
	// Roots are the root elements that the recipient expects, as
	// {namespace}local.
	Roots []string
	// Role is the role in which the recipient acts.
	Role Role
	// Keys are the names of the keys that it trusts for the sender, or holds
	// for decryption.
	Keys []string
	// Now is what its clock shows.
	Now time.Time
	// Inclusive is a PrefixList, for Canonicalize.
	Inclusive []string
	// Context is the payment that it expects, for Decrypt.
	Context xmlenc.Context
}

// Operation is how far a recipient goes with a document.
type Operation string

// The operations.
const (
	Parse        Operation = "parse"
	Canonicalize Operation = "canonicalize"
	Verify       Operation = "verify"
	Decode       Operation = "decode"
	Decrypt      Operation = "decrypt"
	ReadECML     Operation = "ecml"
)

// Profile names a signature profile of kecis/xmlsig.
type Profile string

// The profiles.
const (
	MessageProfile       Profile = "message"
	SOAPProfile          Profile = "soap"
	MetadataProfile      Profile = "metadata"
	SAMLResponseProfile  Profile = "saml-response"
	SAMLAssertionProfile Profile = "saml-assertion"
)

// Bytes returns the document as it is sent, with Repeat carried out.
func (m *Message) Bytes() ([]byte, error) {
	document, r := m.Rendered(m.Document), m.Repeat
	if r == (Repeat{}) {
		return document, nil
	}
	if n := bytes.Count(document, []byte(r.Marker)); n != 1 {
		return nil, fmt.Errorf("the marker %q stands %d times in the document, not once", r.Marker, n)
	}
	return bytes.Replace(document, []byte(r.Marker), bytes.Repeat([]byte(r.Text), r.Count), 1), nil
}
