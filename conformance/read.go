package conformance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Content is what a recipient got out of a message. After a refusal it is zero.
type Content struct {
	// Canonical is the canonical form of the document, or of the signed element
	// without its signature.
	Canonical []byte
	// Digest is the SHA-256 of the signed octets (KECIS-SIG-028).
	Digest [sha256.Size]byte
	// Plaintext is what was decrypted.
	Plaintext []byte
}

// Read gives the message to this SDK and returns what it got out of it, or the
// refusal. An error without a code is a fault of the message itself: of an
// operation, a profile or a key that there is not.
func Read(ctx context.Context, keys *Keyring, m *Message) (Content, error) {
	doc, err := m.Bytes()
	if err != nil {
		return Content{}, err
	}
	r := &m.Reading
	switch r.Operation {
	case Parse:
		tree, err := xmltree.Parse(doc)
		if err != nil {
			return Content{}, err
		}
		return Content{Canonical: tree.Root().AppendCanonical(nil)}, nil
	case Canonicalize:
		tree, err := xmltree.Parse(doc)
		if err != nil {
			return Content{}, err
		}
		return Content{Canonical: tree.AppendCanonical(nil, tree.Root(), xmltree.Element{}, r.Inclusive...)}, nil
	case Verify, Decode:
		return verify(ctx, keys, r, doc)
	case Decrypt:
		return decrypt(keys, r, doc)
	case ReadECML:
		return Content{}, readECML(doc)
	default:
		return Content{}, fmt.Errorf("the operation %q cannot be run", r.Operation)
	}
}

// verify verifies the document and looks at what came back: nothing after a
// refusal, and after that exactly what was hashed.
func verify(ctx context.Context, keys *Keyring, r *Reading, doc []byte) (Content, error) {
	profile, err := r.profile()
	if err != nil {
		return Content{}, err
	}
	trusted, err := keys.trusted(r.Keys)
	if err != nil {
		return Content{}, err
	}
	verified, err := (&xmlsig.Verifier{Profile: profile}).Verify(ctx, doc, trusted)
	root, rootErr := verified.Root()
	if err != nil {
		if !errors.Is(rootErr, xmlsig.ErrNotVerified) || verified.Key() != nil || verified.Sender() != "" {
			return Content{}, fmt.Errorf("a refused document was given out: %w", errors.Unwrap(err))
		}
		return Content{}, err
	}
	if rootErr != nil {
		return Content{}, rootErr
	}
	if r.Operation == Decode {
		if err := decode(verified, r); err != nil {
			return Content{}, err
		}
	}
	content := Content{Canonical: root.AppendCanonical(nil), Digest: verified.Digest()}
	// With a PrefixList the octets that were signed hold more declarations.
	if r.foreign() && bytes.Contains(doc, []byte("PrefixList")) {
		return content, nil
	}
	if sha256.Sum256(content.Canonical) != content.Digest {
		return Content{}, errors.New("what was given out is not what was hashed")
	}
	return content, nil
}

// decode reads the message, or the metadata, that was verified.
func decode(verified xmlsig.Verified, r *Reading) error {
	if r.Profile == MetadataProfile {
		return decodeMetadata(verified, r)
	}
	m, err := kecis.Decode(verified)
	if err != nil && m != nil {
		return errors.New("a refused message was given out")
	}
	return err
}

// decodeMetadata reads metadata and holds it against the clock.
func decodeMetadata(verified xmlsig.Verified, r *Reading) error {
	root, err := verified.Root()
	if err != nil {
		return err
	}
	if root.Is(xmlsig.SAMLMetadataNamespace, "EntitiesDescriptor") {
		a, err := metadata.DecodeAggregate(verified)
		if err != nil {
			return err
		}
		return a.Check(r.Now)
	}
	e, err := metadata.Decode(verified)
	if err != nil {
		return err
	}
	return e.Check(r.Now)
}

// readECML reads a document of ECML and judges its values.
func readECML(doc []byte) error {
	ecom, err := ecml.ParseXML(doc)
	if err != nil {
		return err
	}
	return ecom.Validate()
}

func decrypt(keys *Keyring, r *Reading, doc []byte) (Content, error) {
	held, err := keys.held(r.Keys)
	if err != nil {
		return Content{}, err
	}
	tree, err := xmltree.Parse(doc)
	if err != nil {
		return Content{}, err
	}
	payload, err := xmlenc.Decrypt(held, tree.Root(), r.Context, r.Now)
	if err != nil {
		if payload != nil {
			return Content{}, errors.New("a refused instrument was given out")
		}
		return Content{}, err
	}
	return Content{Plaintext: payload}, nil
}

func (r *Reading) foreign() bool { return r.Profile != MessageProfile && r.Profile != SOAPProfile }

// profile returns the signature profile that the reading names.
func (r *Reading) profile() (xmlsig.Profile, error) {
	roots, err := r.roots()
	if err != nil {
		return xmlsig.Profile{}, err
	}
	switch r.Profile {
	case MessageProfile:
		return xmlsig.Message(roots...), nil
	case SOAPProfile:
		return xmlsig.SOAP(xmlsig.Message(roots...)), nil
	case MetadataProfile:
		return xmlsig.Metadata(), nil
	case SAMLResponseProfile:
		return xmlsig.SAMLResponse(), nil
	case SAMLAssertionProfile:
		return xmlsig.SAMLAssertion(), nil
	}
	return xmlsig.Profile{}, fmt.Errorf("there is no profile %q", r.Profile)
}

func (r *Reading) roots() ([]xmlsig.Name, error) {
	var out []xmlsig.Name
	for _, name := range r.Roots {
		space, local, ok := strings.Cut(strings.TrimPrefix(name, "{"), "}")
		if !ok || !strings.HasPrefix(name, "{") || local == "" {
			return nil, fmt.Errorf("%q is not a name of the form {namespace}local", name)
		}
		out = append(out, xmlsig.Name{Space: space, Local: local})
	}
	return out, nil
}

// Operations returns the operations that Read can run.
func Operations() []Operation {
	return []Operation{Parse, Canonicalize, Verify, Decode, Decrypt, ReadECML}
}
