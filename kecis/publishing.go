package kecis

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// Description is what a Server's metadata say beside what follows from the rest
// of its configuration, and the key that signs them.
type Description struct {
	// Signer signs the metadata: by a key of its own, which signs nothing else
	// (KECIS-SIG-029).
	Signer *xmlsig.Signer
	// Next are metadata keys that will sign later editions: who has accepted an
	// edition that names them goes on to know the party (KECIS-META-020).
	Next []*xmlsig.PublicKey
	// Organization names the party to people.
	Organization metadata.Organization
	// Routes returns the routing table as it stands, for a PG whose issuers change
	// their keys; nil for that of the Role.
	Routes func(ctx context.Context) ([]metadata.Route, error)
	// Validity is how long an edition is good for, at most metadata.MaxValidity;
	// 0 is DefaultValidity.
	Validity time.Duration
}

// DefaultValidity is how long an edition of the metadata is good for: partners
// that fetch them daily bridge an absence of weeks.
const DefaultValidity = 30 * 24 * time.Hour

// publishedSpace is the space of the journal's records that keeps the edition of
// the metadata that is published, so that all servers of an entity show the same.
const publishedSpace = "kecis.metadata"

// published is the edition of the metadata at a time.
type published struct {
	// Content is the digest of all that the edition says, but for its serial and end.
	Content    [sha256.Size]byte `json:"content"`
	Serial     int64             `json:"serial"`
	ValidUntil time.Time         `json:"validUntil"`
	Document   []byte            `json:"document"`
}

// Metadata returns a handler that serves the Server's signed metadata by GET:
// its services, endpoints, methods and limits as they are configured, so that
// nothing is declared twice. There is a new edition when something in it changes,
// and when half of its validity is over. Without a Description it answers 404.
func (s *Server) Metadata() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "metadata are read by GET", http.StatusMethodNotAllowed)
			return
		}
		if s.config.Description == nil {
			http.NotFound(w, r)
			return
		}
		edition, err := s.publish(r.Context())
		if err != nil {
			s.log.ErrorContext(r.Context(), "the metadata cannot be made", slog.Any("error", err))
			s.write(w, unavailable(), false)
			return
		}
		h := w.Header()
		h.Set("Content-Type", metadata.ContentType)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("ETag", strconv.Quote(strconv.FormatInt(edition.Serial, 10)))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(edition.Document))
	})
}

// PublishMetadata returns the signed metadata that Metadata serves.
func (s *Server) PublishMetadata(ctx context.Context) ([]byte, error) {
	if s.config.Description == nil {
		return nil, &configurationError{"ServerConfig.Description"}
	}
	edition, err := s.publish(ctx)
	if err != nil {
		return nil, err
	}
	return edition.Document, nil
}

// publish returns the edition that stands in the journal, or makes the next.
func (s *Server) publish(ctx context.Context) (*published, error) {
	now := s.clock.Now()
	entity, err := s.describe(ctx, now)
	if err != nil {
		return nil, err
	}
	content, err := contentOf(entity)
	if err != nil {
		return nil, err
	}
	validity := orDefault(s.config.Description.Validity, DefaultValidity)
	good := func(p *published) bool {
		return p.Content == content && now.Before(p.ValidUntil.Add(-validity/2))
	}
	kept, err := s.edition(ctx)
	if err == nil && good(kept) {
		return kept, nil
	}
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, err
	}
	var out *published
	err = s.config.Journal.Update(ctx, func(tx journal.Tx) (err error) {
		if out, err = editionIn(tx, s.config.Entity); err == nil && good(out) {
			return nil
		}
		serial := now.UnixMilli()
		switch {
		case err == nil:
			serial = max(serial, out.Serial+1)
		case !errors.Is(err, journal.ErrNotFound):
			return err
		}
		out = &published{Content: content, Serial: serial, ValidUntil: now.Add(validity).Truncate(time.Second)}
		edition := *entity
		edition.Serial, edition.ValidUntil = out.Serial, out.ValidUntil
		if out.Document, err = metadata.Sign(&edition, s.config.Description.Signer, s.config.Random); err != nil {
			return err
		}
		row, _ := json.Marshal(out) // plain data, which always encodes
		return tx.Put(publishedSpace, s.config.Entity, row)
	})
	return out, err
}

func (s *Server) edition(ctx context.Context) (kept *published, err error) {
	err = s.config.Journal.View(ctx, func(tx journal.Tx) error {
		kept, err = editionIn(tx, s.config.Entity)
		return err
	})
	return kept, err
}

func editionIn(tx journal.Tx, entity string) (*published, error) {
	row, err := tx.Get(publishedSpace, entity)
	if err != nil {
		return nil, err
	}
	kept := &published{}
	return kept, json.Unmarshal(row, kept)
}

// describe is what the configuration says of the entity, at that time.
func (s *Server) describe(ctx context.Context, now time.Time) (*metadata.Entity, error) {
	d := s.config.Description
	entity := &metadata.Entity{ID: s.config.Entity, Organization: d.Organization}
	for _, key := range append([]*xmlsig.PublicKey{d.Signer.Public()}, d.Next...) {
		entity.Keys = append(entity.Keys, metadata.SigningKey{Key: key, Scope: xmlsig.ScopeMetadata})
	}
	announced, err := announcedKeys(s.config.Keys, now)
	if err != nil {
		return nil, err
	}
	entity.Keys = append(entity.Keys, announced...)
	role := s.config.Role
	if d.Routes != nil {
		if role.Routes, err = d.Routes(ctx); err != nil {
			return nil, err
		}
	}
	role.EncryptionKeys = slices.DeleteFunc(slices.Clone(role.EncryptionKeys), func(k metadata.EncryptionKey) bool {
		return !now.Before(k.NotOnOrAfter)
	})
	entity.Roles = []metadata.Role{role}
	return entity, nil
}

// contentOf is the digest of what an entity says, whatever its serial and end.
func contentOf(e *metadata.Entity) (content [sha256.Size]byte, err error) {
	same := *e
	same.Serial, same.ValidUntil = 1, time.Unix(1, 0).UTC()
	document, err := metadata.Write(&same, zeros{})
	return sha256.Sum256(document), err
}

// zeros stands for the randomness of a document's ID where it does not matter.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
