package metadata

import (
	"encoding/hex"
	"io"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// idBytes is the randomness of a document's ID, as of a message's: 160 bits.
const idBytes = 20

// Sign writes the entity's metadata document and signs it. The document's ID is
// drawn from random, which must be a cryptographic source. What a reader would
// refuse is refused here, with the same codes.
func Sign(e *Entity, signer *xmlsig.Signer, random io.Reader) ([]byte, error) {
	doc, err := writeEntity(e, random)
	if err != nil {
		return nil, err
	}
	if err := unlikeScope(e, signer.Public()); err != nil {
		return nil, err
	}
	return signer.Insert(doc.bytes, doc.at, doc.id)
}

// SignAggregate writes the aggregate and signs it with the registry's key.
func SignAggregate(a *Aggregate, signer *xmlsig.Signer, random io.Reader) ([]byte, error) {
	doc, err := writeAggregate(a, random)
	if err != nil {
		return nil, err
	}
	return signer.Insert(doc.bytes, doc.at, doc.id)
}

// Write is Sign without the signature, for a key that is kept elsewhere: the
// document is then signed with the profile [xmlsig.Metadata].
func Write(e *Entity, random io.Reader) ([]byte, error) {
	doc, err := writeEntity(e, random)
	return doc.bytes, err
}

// WriteAggregate is SignAggregate without the signature, see [Write].
func WriteAggregate(a *Aggregate, random io.Reader) ([]byte, error) {
	doc, err := writeAggregate(a, random)
	return doc.bytes, err
}

// unsigned is a document that has been written and is to be signed.
type unsigned struct {
	bytes []byte
	at    int // where ds:Signature belongs
	id    string
}

func writeEntity(e *Entity, random io.Reader) (unsigned, error) {
	return write(random, MaxDocument,
		func(w *writer, id string) { w.entity(e, nil, id) },
		func(r *reader, root xmltree.Element) { r.entity(&Entity{}, nil, root) })
}

func writeAggregate(a *Aggregate, random io.Reader) (unsigned, error) {
	return write(random, MaxAggregate,
		func(w *writer, id string) { w.aggregate(a, id) },
		func(r *reader, root xmltree.Element) { r.aggregate(&Aggregate{}, root) })
}

// write writes a document, and reads it as a recipient would.
func write(random io.Reader, most int, put func(*writer, string), read func(*reader, xmltree.Element)) (unsigned, error) {
	var raw [idBytes]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return unsigned{}, err
	}
	id := "_" + hex.EncodeToString(raw[:])
	w := newWriter()
	if put(w, id); w.err != nil {
		return unsigned{}, w.err
	}
	doc, err := w.w.Bytes()
	if err != nil {
		return unsigned{}, err
	}
	tree, err := (&xmltree.Parser{Limits: limits(most)}).Parse(doc)
	if err != nil {
		return unsigned{}, err
	}
	r := &reader{}
	if read(r, tree.Root()); r.err != nil {
		return unsigned{}, r.err
	}
	return unsigned{doc, w.at, id}, nil
}

// limits are those for a document of so many bytes at most. Metadata has long
// values: honest documents have an element for each 40 bytes at most.
func limits(most int) xmltree.Limits {
	const dense = 40
	return xmltree.Limits{Bytes: most, Elements: most / dense}
}
