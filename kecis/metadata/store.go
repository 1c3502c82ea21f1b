package metadata

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Accepted is a document that a Directory has accepted.
type Accepted struct {
	// Name is the entityID, or the Name of the aggregate.
	Name string `json:"name"`
	// Aggregate tells the two apart.
	Aggregate bool `json:"aggregate"`
	// Serial is that of the document.
	Serial int64 `json:"serial"`
	// Key is the key that it was accepted with, as DER SubjectPublicKeyInfo.
	Key []byte `json:"key"`
	// Chain are the names of the keys that led to it, the pinned or listed one
	// first. Of an aggregate there is none.
	Chain []string `json:"chain"`
	// Anchor is the registry that listed the entity, and AnchorKey the name of
	// the key that signed the list; "" of a pinned entity.
	Anchor    string `json:"anchor"`
	AnchorKey string `json:"anchorKey"`
	// Document is the document, byte for byte.
	Document []byte `json:"document"`
}

// Store keeps the last accepted document of each source. Save replaces the one
// of the same Name and Aggregate, durably, before it returns.
type Store interface {
	Load(ctx context.Context) ([]Accepted, error)
	Save(ctx context.Context, a Accepted) error
}

// Folder is a Store of files in a folder of its own, one for each source. The
// folder must be there, and no other program may write into it.
type Folder string

const storedSuffix = ".metadata.json"

// Load implements Store. A file that cannot be read is an error.
func (f Folder) Load(context.Context) ([]Accepted, error) {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return nil, err
	}
	var all []Accepted
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), storedSuffix) {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(string(f), entry.Name()))
		if err != nil {
			return nil, err
		}
		var a Accepted
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&a); err != nil {
			return nil, errors.Join(errors.New(entry.Name()), err)
		}
		all = append(all, a)
	}
	return all, nil
}

// Save implements Store: the new file is on the disk before it takes the name of
// the old one.
func (f Folder) Save(_ context.Context, a Accepted) error {
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	kind := "entity "
	if a.Aggregate {
		kind = "aggregate "
	}
	sum := sha256.Sum256([]byte(kind + a.Name))
	name := filepath.Join(string(f), hex.EncodeToString(sum[:])+storedSuffix)
	fresh, err := f.write(raw)
	if err != nil {
		return err
	}
	if err := os.Rename(fresh, name); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return syncFolder(string(f))
}

// write makes a file of a name of its own: several servers may share the folder.
func (f Folder) write(raw []byte) (name string, err error) {
	file, err := os.CreateTemp(string(f), "*.new") // for its owner alone
	if err != nil {
		return "", err
	}
	_, err = file.Write(raw)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// syncFolder makes a renaming durable, where the system can.
func syncFolder(name string) error {
	folder, err := os.Open(name) //nolint:gosec // as above
	if err != nil {
		return err
	}
	err = folder.Sync()
	if errors.Is(err, fs.ErrInvalid) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // folders cannot be synchronised here
	}
	return errors.Join(err, folder.Close())
}

// Memory is a Store that forgets with the program: for tests, and for programs
// that get every document anew by a way they trust.
type Memory struct {
	mu   sync.Mutex
	kept map[string]Accepted
}

// Load implements Store.
func (m *Memory) Load(context.Context) ([]Accepted, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.kept)), nil
}

// Save implements Store.
func (m *Memory) Save(_ context.Context, a Accepted) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[string]Accepted{}
	}
	key := a.Name
	if a.Aggregate {
		key = "aggregate " + a.Name
	}
	m.kept[key] = a
	return nil
}
