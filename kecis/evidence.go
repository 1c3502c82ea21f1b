package kecis

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/kecis/sdk/kecis/xmltree"
)

// The bounds of evidence (P6, KECIS-MSG-021).
const (
	// MaxEvidence bounds the documents of one message: the request of the hop
	// before and an authentication, twice over.
	MaxEvidence = 4
	// MaxEvidenceBytes bounds one document: the largest message about one
	// payment, with evidence of its own, stays below.
	MaxEvidenceBytes = 64 << 10
)

// Evidence is a signed document inside a message: its exact bytes, which nothing
// here looks into. Open it by its own Parse and Verify, with the root and the
// role that are expected of it.
type Evidence struct {
	Kind EvidenceKind
	// Document is the bytes as they were received. Their SHA-256 digest stands
	// beside them on the wire and has been compared.
	Document []byte
}

// Digest returns the SHA-256 digest of the document.
func (v *Evidence) Digest() Digest { return sha256.Sum256(v.Document) }

func (d *decoder) evidence(c *content) []Evidence {
	var list []Evidence
	for {
		e, ok := c.option(Namespace, "Evidence")
		if !ok || d.err != nil {
			return list
		}
		if len(list) == MaxEvidence {
			d.refuse(ErrTooMany, "at most "+strconv.Itoa(MaxEvidence)+" pieces of evidence", "", e.Path())
			return nil
		}
		a := d.attributes(e)
		want := a.digest("Digest")
		v := Evidence{Kind: EvidenceKind(a.choice("Kind", evidenceKinds))}
		a.end(" Digest Kind ")
		v.Document = d.document(e)
		if d.err == nil && v.Digest() != want {
			d.refuse(ErrEvidence, want.String(), v.Digest().String(), e.Path())
		}
		list = append(list, v)
	}
}

func (d *decoder) document(e xmltree.Element) []byte {
	text := d.text(e)
	tooLong := len(text) > base64.StdEncoding.EncodedLen(MaxEvidenceBytes)
	var document []byte
	var err error
	if !tooLong {
		document, err = base64.StdEncoding.Strict().DecodeString(text)
	}
	if tooLong || len(document) > MaxEvidenceBytes {
		d.refuse(ErrValue, "at most "+strconv.Itoa(MaxEvidenceBytes)+" bytes", "more", e.Path())
		return nil
	}
	if err != nil || len(document) == 0 || strings.ContainsAny(text, "\r\n") {
		d.refuse(ErrValue, "base64 without line breaks", "", e.Path())
		return nil
	}
	return document
}

func (e *encoder) evidence(list []Evidence) {
	if len(list) > MaxEvidence {
		e.refuse(ErrTooMany, "Evidence", "at most "+strconv.Itoa(MaxEvidence), strconv.Itoa(len(list)))
	}
	for i := range list {
		v := &list[i]
		e.start("kecis", "Evidence")
		if len(v.Document) == 0 || len(v.Document) > MaxEvidenceBytes {
			e.refuse(ErrValue, "text()", "1 to "+strconv.Itoa(MaxEvidenceBytes)+" bytes", strconv.Itoa(len(v.Document)))
		}
		e.attr("Digest", v.Digest().String())
		e.choice("Kind", v.Kind.String())
		e.w.Text(base64.StdEncoding.EncodeToString(v.Document))
		e.w.End()
	}
}
