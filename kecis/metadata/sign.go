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
	if err := unlikeScope(e, signer.Public()); err != nil {
		return nil, err
	}
	return sign(signer, random, MaxDocument,
		func(w *writer, id string) { w.entity(e, nil, id) },
		func(r *reader, root xmltree.Element) { r.entity(&Entity{}, nil, root) })
}

// SignAggregate writes the aggregate and signs it with the registry's key.
func SignAggregate(a *Aggregate, signer *xmlsig.Signer, random io.Reader) ([]byte, error) {
	return sign(signer, random, MaxAggregate,
		func(w *writer, id string) { w.aggregate(a, id) },
		func(r *reader, root xmltree.Element) { r.aggregate(&Aggregate{}, root) })
}

// sign writes a document, reads it as a recipient would, and signs it.
func sign(signer *xmlsig.Signer, random io.Reader, most int, write func(*writer, string), read func(*reader, xmltree.Element)) ([]byte, error) {
	var raw [idBytes]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return nil, err
	}
	id := "_" + hex.EncodeToString(raw[:])
	w := newWriter()
	write(w, id)
	if w.err != nil {
		return nil, w.err
	}
	doc, err := w.w.Bytes()
	if err != nil {
		return nil, err
	}
	tree, err := (&xmltree.Parser{Limits: limits(most)}).Parse(doc)
	if err != nil {
		return nil, err
	}
	r := &reader{}
	if read(r, tree.Root()); r.err != nil {
		return nil, r.err
	}
	return signer.Insert(doc, w.at, id)
}

// limits are those for a document of so many bytes at most. Metadata has long
// values: honest documents have an element for each 40 bytes at most.
func limits(most int) xmltree.Limits {
	const dense = 40
	return xmltree.Limits{Bytes: most, Elements: most / dense}
}
