// Package vectors holds the test vectors of the standard as plain files, with
// the list that says what must become of each (chapter 80). It stands apart from
// package spec, so that programs without tests need not carry them.
//
// The files are made by conformance/cases/generate and are usable from any
// language; index.schema.json describes the list.
package vectors

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
)

// FS holds index.json, index.schema.json, the documents and the test keys.
//
//go:embed *.json */*
var FS embed.FS

// Format is the version of the list's format that this package reads.
const Format = 1

// Index is the list of vectors.
type Index struct {
	Schema    string         `json:"$schema,omitempty"`
	Format    int            `json:"format"`
	Standard  string         `json:"standard"`
	Generator string         `json:"generator,omitempty"`
	Now       string         `json:"now"`
	Keys      map[string]Key `json:"keys"`
	Vectors   []Vector       `json:"vectors"`
}

// Key is a test key. Its private part is public knowledge.
type Key struct {
	Kind    string `json:"kind"`
	Use     string `json:"use"`
	Owner   string `json:"owner,omitempty"`
	Public  string `json:"public,omitempty"`
	Private string `json:"private,omitempty"`
	Note    string `json:"note,omitempty"`
}

// Vector is one document and what must become of it; see chapter 80 for the
// fields.
type Vector struct {
	ID        string            `json:"id"`
	Clauses   []string          `json:"clauses"`
	File      string            `json:"file"`
	Repeat    *Repeat           `json:"repeat,omitempty"`
	Operation string            `json:"operation"`
	Profile   string            `json:"profile,omitempty"`
	Role      string            `json:"role,omitempty"`
	Roots     []string          `json:"roots,omitempty"`
	Keys      []string          `json:"keys,omitzero"`
	Now       string            `json:"now,omitempty"`
	Context   map[string]string `json:"context,omitempty"`
	Inclusive []string          `json:"inclusive,omitempty"`
	Result    string            `json:"result"`
	Layer     string            `json:"layer,omitempty"`
	Code      string            `json:"code,omitempty"`
	Twin      string            `json:"twin,omitempty"`
	Canonical string            `json:"canonical,omitempty"`
	Digest    string            `json:"digest,omitempty"`
	Plaintext string            `json:"plaintext,omitempty"`
	Sources   []string          `json:"sources,omitempty"`
	Note      string            `json:"note"`
}

// Repeat says that the one occurrence of Marker in the file stands for Text,
// Count times.
type Repeat struct {
	Marker string `json:"marker"`
	Text   string `json:"text"`
	Count  int    `json:"count"`
}

// Load reads index.json of a folder of vectors: FS, or os.DirFS of a copy. It
// refuses a format that it does not know and a field that it does not expect.
func Load(files fs.FS) (*Index, error) {
	raw, err := fs.ReadFile(files, "index.json")
	if err != nil {
		return nil, err
	}
	index := new(Index)
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(index); err != nil {
		return nil, fmt.Errorf("index.json: %w", err)
	}
	if index.Format != Format {
		return nil, fmt.Errorf("index.json: format %d, but this program reads format %d", index.Format, Format)
	}
	return index, nil
}
