package cases

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/beevik/etree"

	"github.com/kecis/sdk/conformance"
)

// all makes one edit of several.
func all(edits ...conformance.Edit) conformance.Edit {
	return func(m *conformance.Message) error {
		for _, edit := range edits {
			if err := edit(m); err != nil {
				return err
			}
		}
		return nil
	}
}

// signed makes edits and then signs the document again.
func signed(edits ...conformance.Edit) conformance.Edit {
	return all(append(edits, resign)...)
}

// replace puts a text in the place of the one occurrence of another.
func replace(old, text string) conformance.Edit {
	return func(m *conformance.Message) error {
		if n := bytes.Count(m.Document, []byte(old)); n != 1 {
			return fmt.Errorf("%q stands %d times in the document, not once", old, n)
		}
		m.Document = bytes.Replace(m.Document, []byte(old), []byte(text), 1)
		return nil
	}
}

// before puts a text in front of the one occurrence of another.
func before(old, text string) conformance.Edit { return replace(old, text+old) }

// behind puts a text behind the one occurrence of another.
func behind(old, text string) conformance.Edit { return replace(old, old+text) }

// everywhere replaces all occurrences.
func everywhere(old, text string) conformance.Edit {
	return func(m *conformance.Message) error {
		if !bytes.Contains(m.Document, []byte(old)) {
			return fmt.Errorf("%q does not stand in the document", old)
		}
		m.Document = bytes.ReplaceAll(m.Document, []byte(old), []byte(text))
		return nil
	}
}

// front puts bytes in front of the document, and end behind it.
func front(text string) conformance.Edit {
	return func(m *conformance.Message) error {
		m.Document = append([]byte(text), m.Document...)
		return nil
	}
}

func end(text string) conformance.Edit {
	return func(m *conformance.Message) error {
		m.Document = append(bytes.Clone(m.Document), text...)
		return nil
	}
}

// document puts another document in the message's place.
func document(text string) conformance.Edit {
	return func(m *conformance.Message) error {
		m.Document = []byte(text)
		return nil
	}
}

// on changes how the recipient reads.
func on(change func(*conformance.Reading)) conformance.Edit {
	return func(m *conformance.Message) error {
		change(&m.Reading)
		return nil
	}
}

// parsed has the recipient only parse the document.
func parsed(edits ...conformance.Edit) conformance.Edit {
	return all(append(edits, on(func(r *conformance.Reading) {
		r.Operation, r.Profile, r.Roots, r.Keys, r.Role = conformance.Parse, "", nil, nil, ""
	}))...)
}

// repeated has the marker in the document stand for a text, count times.
func repeated(marker, text string, count int) conformance.Edit {
	return func(m *conformance.Message) error {
		m.Repeat = conformance.Repeat{Marker: marker, Text: text, Count: count}
		return nil
	}
}

// tree changes the document as a tree. It is written again in canonical form but
// for what that leaves out.
func tree(change func(root *etree.Element) error) conformance.Edit {
	return func(m *conformance.Message) error {
		doc := etree.NewDocument()
		doc.ReadSettings.PreserveCData = true
		doc.WriteSettings = etree.WriteSettings{CanonicalEndTags: true, CanonicalText: true, CanonicalAttrVal: true}
		if err := doc.ReadFromBytes(m.Document); err != nil {
			return err
		}
		if doc.Root() == nil {
			return errors.New("the document has no root")
		}
		if err := change(doc.Root()); err != nil {
			return err
		}
		var err error
		m.Document, err = doc.WriteToBytes()
		return err
	}
}

// bySigner signs again with another key of the ring.
func bySigner(name string) conformance.Edit {
	return func(m *conformance.Message) error {
		key, err := m.Keys.Key(name)
		if err != nil {
			return err
		}
		m.Sender = key
		return resign(m)
	}
}
