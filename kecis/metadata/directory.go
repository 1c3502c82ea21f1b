package metadata

import (
	"context"
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// Pin is a partner that is known by the fingerprint of its metadata key, which
// came by another way than the document (KECIS-META-020).
type Pin struct {
	Entity string
	// Key is the name of the metadata key: "sha256:" and the SHA-256 of its
	// SubjectPublicKeyInfo in hexadecimal ([xmlsig.PublicKey.String]).
	Key string
	// Location is where the document is fetched from; "" if it is only added by
	// hand.
	Location string
	// Grant is what this program allows the partner. Without statuses it is
	// active.
	Grant Grant
}

// Anchor is a registry whose aggregates are trusted.
type Anchor struct {
	// Name is that of its aggregates.
	Name string
	// Keys sign them.
	Keys []*xmlsig.PublicKey
	// Location is where they are fetched from; "" if they are added by hand.
	Location string
	// Roles bounds what the registry may grant; nil is any role.
	Roles []RoleName
}

// Fetcher gets a document.
type Fetcher interface {
	Fetch(ctx context.Context, location string) ([]byte, error)
}

// DirectoryConfig is what a Directory is made of.
type DirectoryConfig struct {
	Pins    []Pin
	Anchors []Anchor
	// Store keeps what was accepted over a restart.
	Store Store
	// Fetcher gets the documents; see [HTTP].
	Fetcher Fetcher
	// Clock tells the time.
	Clock func() time.Time
	// Refresh is how often each document is fetched; 0 is an hour.
	Refresh time.Duration
}

// Accepted is a document that a Directory has accepted.
type Accepted struct {
	// Name is the entityID, or the Name of the aggregate.
	Name string
	// Aggregate tells the two apart.
	Aggregate bool
	// Serial is that of the document.
	Serial int64
	// Key is the key that it was accepted with, as DER SubjectPublicKeyInfo.
	Key []byte
	// Document is the document, byte for byte.
	Document []byte
}

// Store keeps the last accepted document of each source. Save replaces the one
// of the same Name and Aggregate, durably, before it returns.
type Store interface {
	Load(ctx context.Context) ([]Accepted, error)
	Save(ctx context.Context, a Accepted) error
}

// Directory is Partners from pinned documents and registries' aggregates. It may
// be used by several goroutines.
type Directory struct{}

// NewDirectory reads what the store holds and verifies it again.
func NewDirectory(ctx context.Context, config DirectoryConfig) (*Directory, error) { panic("later") }

// Partner returns the partner as it is now. It reads memory alone.
func (d *Directory) Partner(ctx context.Context, entity string) (*Partner, error) { panic("later") }

// Add accepts a document that came by hand, by the same rules as a fetched one.
func (d *Directory) Add(ctx context.Context, document []byte) error { panic("later") }

// RunOnce fetches the document that is due the longest, if one is due. Its error
// concerns that document alone; what was accepted before stays.
func (d *Directory) RunOnce(ctx context.Context) (worked bool, err error) { panic("later") }
