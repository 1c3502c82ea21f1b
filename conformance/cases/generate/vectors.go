package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/cases"
	"github.com/kecis/sdk/spec"
	"github.com/kecis/sdk/spec/vectors"
)

// set is the vectors in the making.
type set struct {
	ring  *conformance.Keyring
	files map[string][]byte
	index vectors.Index
	known map[string]bool // by ID
}

// build makes all vectors of the cases, as files by name.
func build(ring *conformance.Keyring) (map[string][]byte, error) {
	s := &set{ring: ring, files: map[string][]byte{}, known: map[string]bool{}, index: vectors.Index{
		Schema:    "index.schema.json",
		Format:    vectors.Format,
		Standard:  spec.Version,
		Generator: "go run ./conformance/cases/generate",
		Now:       cases.Now().Format(time.RFC3339),
		Keys:      listedKeys(ring),
	}}
	for _, subject := range cases.Subjects() {
		for _, c := range subject.Cases {
			if err := s.add(subject.Name, c); err != nil {
				return nil, fmt.Errorf("%s: %w", c.ID, err)
			}
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(s.index); err != nil {
		return nil, err
	}
	s.files["index.json"] = out.Bytes()
	return s.files, nil
}

func listedKeys(ring *conformance.Keyring) map[string]vectors.Key {
	out := map[string]vectors.Key{}
	for _, k := range cases.TestKeys() {
		listed := vectors.Key{Kind: k.Kind, Use: k.Use, Owner: k.Owner, Note: k.Note}
		file := "keys/" + k.Name + ".pem"
		if (*ring)[k.Name].Private != nil {
			listed.Private = file
		} else {
			listed.Public = file
		}
		out[k.Name] = listed
	}
	return out
}

// add lists a case, and its twin in front of it.
func (s *set) add(folder string, c conformance.Case) error {
	bent, err := c.Bent(s.ring)
	if err != nil {
		return err
	}
	entry := vectors.Vector{ID: c.ID, Clauses: c.Clauses, Sources: c.Sources, Note: c.Note, Result: "valid"}
	if c.Expect.Accepted() {
		return s.list(folder, entry, bent)
	}
	entry.Result, entry.Layer, entry.Code = "invalid", string(c.Expect.Layer), c.Expect.Code
	if entry.Twin, err = s.twin(folder, c); err != nil {
		return err
	}
	return s.list(folder, entry, bent)
}

// twin lists the valid message of a case, unless it is listed already, and
// returns its ID.
func (s *set) twin(folder string, c conformance.Case) (string, error) {
	id, note := c.Happy.ID, c.Happy.Note
	if c.Twin != nil {
		id, note = c.ID+"-twin", "The valid twin of "+c.ID+"."
	} else {
		folder = "valid"
	}
	if s.known[id] {
		return id, nil
	}
	valid, err := c.Valid(s.ring)
	if err != nil {
		return "", err
	}
	if note == "" {
		return "", errors.New("the valid message has no note")
	}
	return id, s.list(folder, vectors.Vector{ID: id, Clauses: c.Clauses, Note: note, Result: "valid"}, valid)
}

// list writes a message as a vector.
func (s *set) list(folder string, v vectors.Vector, m *conformance.Message) error {
	if s.known[v.ID] {
		return errors.New("the ID stands for two vectors")
	}
	s.known[v.ID] = true
	r := m.Reading
	v.File = path.Join(folder, v.ID+".xml")
	v.Operation, v.Profile, v.Roots, v.Role = string(r.Operation), string(r.Profile), r.Roots, string(r.Role)
	v.Inclusive, v.Context = r.Inclusive, conformance.FormatContext(r.Context)
	switch r.Operation {
	case conformance.Verify, conformance.Decode, conformance.Decrypt:
		v.Keys = append([]string{}, r.Keys...)
	}
	if !r.Now.Equal(cases.Now()) {
		v.Now = r.Now.Format(time.RFC3339)
	}
	if m.Repeat != (conformance.Repeat{}) {
		v.Repeat = &vectors.Repeat{Marker: m.Repeat.Marker, Text: m.Repeat.Text, Count: m.Repeat.Count}
	}
	s.files[v.File] = m.Document
	if v.Result == "valid" {
		if err := s.results(folder, &v, m); err != nil {
			return err
		}
	}
	s.index.Vectors = append(s.index.Vectors, v)
	return nil
}

// results states what a valid vector gives.
func (s *set) results(folder string, v *vectors.Vector, m *conformance.Message) error {
	content, err := conformance.Read(context.Background(), s.ring, m)
	if err != nil {
		return err
	}
	if content.Digest != [32]byte{} {
		v.Digest = hex.EncodeToString(content.Digest[:])
	}
	if m.Reading.Operation == conformance.Canonicalize {
		v.Canonical = path.Join(folder, v.ID+".canonical.xml")
		s.files[v.Canonical] = slices.Clone(content.Canonical)
	}
	if content.Plaintext != nil {
		v.Plaintext = path.Join(folder, v.ID+".plaintext")
		s.files[v.Plaintext] = content.Plaintext
	}
	return nil
}
