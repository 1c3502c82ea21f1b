package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// partnersSettings are whom a party knows, and by what.
type partnersSettings struct {
	// Folder keeps the accepted documents over a restart.
	Folder     string             `yaml:"folder"`
	Refresh    time.Duration      `yaml:"refresh"`
	Known      []partnerSettings  `yaml:"known"`
	Registries []registrySettings `yaml:"registries"`
}

// partnerSettings are one partner: known by its metadata, whose key is pinned, or
// by its message keys alone.
type partnerSettings struct {
	Entity string              `yaml:"entity"`
	Roles  []metadata.RoleName `yaml:"roles"`
	Status metadata.Status     `yaml:"status"`
	// Metadata is a URL or a file, Key the fingerprint or the file of the metadata key.
	Metadata string `yaml:"metadata"`
	Key      string `yaml:"key"`
	// Message are files of message keys, Notifications where it takes events.
	Message       []string `yaml:"message"`
	Notifications string   `yaml:"notifications"`
}

// registrySettings are a registry whose list of parties counts.
type registrySettings struct {
	Name     string              `yaml:"name"`
	Metadata string              `yaml:"metadata"`
	Keys     []string            `yaml:"keys"`
	Roles    []metadata.RoleName `yaml:"roles"`
}

// partnerBook are the partners of a configuration: those known by message keys
// alone, and the directory of all that publish metadata.
type partnerBook struct {
	fixed     metadata.Partners
	directory *metadata.Directory
	expected  []string // entityIDs that metadata are expected of
}

// Partner implements metadata.Partners.
func (b *partnerBook) Partner(ctx context.Context, entity string) (*metadata.Partner, error) {
	p, err := b.fixed.Partner(ctx, entity)
	if errors.Is(err, metadata.ErrUnknownPartner) {
		return b.directory.Partner(ctx, entity)
	}
	return p, err
}

// absent are the partners of which no metadata were accepted yet.
func (b *partnerBook) absent(ctx context.Context) (entities []string) {
	for _, entity := range b.expected {
		if _, err := b.Partner(ctx, entity); err != nil {
			entities = append(entities, entity)
		}
	}
	return entities
}

// fetch gets what is due. What could not be got is logged; of that it returns the
// last reason.
func (b *partnerBook) fetch(ctx context.Context, log *slog.Logger) (reason error) {
	for {
		worked, err := b.directory.RunOnce(ctx)
		if err != nil {
			log.WarnContext(ctx, "metadata could not be fetched", slog.Any("error", err))
			reason = err
		}
		if !worked || ctx.Err() != nil {
			return reason
		}
	}
}

// fetchWithin bounds the fetching of one document: partners answer in
// milliseconds, and a dead one must not hold a start up.
const fetchWithin = 5 * time.Second

// defaultFolder is where accepted documents are kept if nothing is said.
const defaultFolder = "partners"

// partners reads whom the configuration knows.
func (f *settingsFile) partners(ctx context.Context, s *partnersSettings) (*partnerBook, error) {
	if s.Folder == "" {
		s.Folder = defaultFolder
	}
	folder := f.file(s.Folder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, f.because([]any{"partners", "folder"}, f.a.ioFailure(phrase{"cannot make %s", "%s을(를) 만들 수 없습니다"}, folder, err))
	}
	config := metadata.DirectoryConfig{
		Store: metadata.Folder(folder), Clock: f.a.now, Refresh: s.Refresh,
		Fetcher: metadata.HTTP{Client: &http.Client{Timeout: fetchWithin}},
	}
	book := &partnerBook{}
	var fixed []*metadata.Partner
	var documents []partnerDocument
	for i := range s.Known {
		p := &s.Known[i]
		if err := f.checkPartner(i, p); err != nil {
			return nil, err
		}
		if len(p.Message) > 0 {
			known, err := f.byMessageKey(i, p)
			if err != nil {
				return nil, err
			}
			fixed = append(fixed, known)
			continue
		}
		pin, err := f.pin(i, p)
		if err != nil {
			return nil, err
		}
		book.expected = append(book.expected, p.Entity)
		config.Pins = append(config.Pins, pin)
		if pin.Location == "" {
			documents = append(documents, partnerDocument{p.Metadata, []any{"partners", "known", i, "metadata"}})
		}
	}
	for i := range s.Registries {
		anchor, err := f.anchor(i, &s.Registries[i])
		if err != nil {
			return nil, err
		}
		config.Anchors = append(config.Anchors, anchor)
		if anchor.Location == "" {
			documents = append(documents, partnerDocument{s.Registries[i].Metadata, []any{"partners", "registries", i, "metadata"}})
		}
	}
	book.fixed = metadata.Fixed(fixed...)
	var err error
	if book.directory, err = metadata.NewDirectory(ctx, config); err != nil {
		return nil, f.because([]any{"partners"}, err)
	}
	return book, f.addDocuments(ctx, book, documents)
}

// partnerDocument is a file of metadata, and where the configuration names it.
type partnerDocument struct {
	file string
	path []any
}

func (f *settingsFile) addDocuments(ctx context.Context, book *partnerBook, documents []partnerDocument) error {
	for _, d := range documents {
		document, err := f.a.read(f.file(d.file), "metadata")
		if err == nil {
			err = book.directory.Add(ctx, document)
		}
		if err != nil && !errors.Is(err, metadata.ErrSerial) { // a newer edition was accepted before
			return f.because(d.path, err)
		}
	}
	return nil
}

func (f *settingsFile) checkPartner(i int, p *partnerSettings) error {
	path := []any{"partners", "known", i}
	switch {
	case p.Entity == "":
		return f.missing(append(path, "entity")...)
	case len(p.Roles) == 0:
		return f.missing(append(path, "roles")...)
	case len(p.Message) > 0 && (p.Metadata != "" || p.Key != ""):
		return f.at(append(path, "message"), phrase{"a partner is known by its metadata or by its message keys, not by both", "파트너는 메타데이터와 메시지 키 중 하나로만 등록합니다"})
	case len(p.Message) == 0 && p.Metadata == "":
		return f.at(path, phrase{"%s needs metadata and key, or message", "%s에 metadata와 key, 또는 message가 필요합니다"}, shown(p.Entity))
	case len(p.Message) == 0 && p.Key == "":
		return f.missing(append(path, "key")...)
	}
	for _, role := range p.Roles {
		switch role {
		case metadata.Requester, metadata.PG, metadata.Issuer, metadata.Authentication:
		default:
			return f.at(append(path, "roles"), phrase{"%q is no role: choose requester, pg, issuer or authentication", "%q은(는) 역할이 아닙니다. requester, pg, issuer, authentication 중에서 고르십시오"}, shown(string(role)))
		}
	}
	switch p.Status {
	case "", metadata.Active, metadata.Suspended, metadata.Compromised:
		return nil
	}
	return f.at(append(path, "status"), phrase{"%q is no status: choose active, suspended or compromised", "%q은(는) 상태가 아닙니다. active, suspended, compromised 중에서 고르십시오"}, shown(string(p.Status)))
}

// byMessageKey is a partner that publishes no metadata: its message keys were
// handed over by another way, and stand in the configuration.
func (f *settingsFile) byMessageKey(i int, p *partnerSettings) (*metadata.Partner, error) {
	entity := &metadata.Entity{ID: p.Entity, ValidUntil: f.a.now().Add(metadata.MaxValidity)}
	for j, name := range p.Message {
		keys, err := f.publicSigningKeys(name, []any{"partners", "known", i, "message", j})
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			entity.Keys = append(entity.Keys, metadata.SigningKey{Key: key, Scope: xmlsig.ScopeMessage})
		}
	}
	for _, name := range p.Roles {
		role := metadata.Role{Name: name, Versions: []string{kecis.Namespace}}
		if p.Notifications != "" {
			role.Endpoints = []metadata.Endpoint{{Service: metadata.ServiceNotification, Binding: metadata.BindingXML, Location: p.Notifications}}
		}
		entity.Roles = append(entity.Roles, role)
	}
	return &metadata.Partner{Entity: entity, Status: p.Status, Roles: p.Roles}, nil
}

func (f *settingsFile) publicSigningKeys(name string, path []any) (keys []*xmlsig.PublicKey, err error) {
	read, err := f.a.publicKeys(f.file(name), useSigning)
	if err != nil {
		return nil, f.because(path, err)
	}
	for _, k := range read {
		key, err := xmlsig.NewPublicKey(k.key)
		if err != nil {
			return nil, f.because(path, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (f *settingsFile) pin(i int, p *partnerSettings) (metadata.Pin, error) {
	pin := metadata.Pin{Entity: p.Entity, Key: p.Key, Grant: metadata.Grant{Roles: p.Roles}}
	if p.Status != "" {
		pin.Grant.Statuses = []metadata.StatusChange{{Status: p.Status}}
	}
	if !strings.HasPrefix(p.Key, "sha256:") {
		keys, err := f.publicSigningKeys(p.Key, []any{"partners", "known", i, "key"})
		if err != nil {
			return pin, err
		}
		pin.Key = keys[0].String()
	}
	if isURL(p.Metadata) {
		pin.Location = p.Metadata
	}
	return pin, nil
}

func isURL(s string) bool { return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") }

func (f *settingsFile) anchor(i int, r *registrySettings) (metadata.Anchor, error) {
	path := []any{"partners", "registries", i}
	anchor := metadata.Anchor{Name: r.Name, Roles: r.Roles}
	switch {
	case r.Name == "":
		return anchor, f.missing(append(path, "name")...)
	case r.Metadata == "":
		return anchor, f.missing(append(path, "metadata")...)
	case len(r.Keys) == 0:
		return anchor, f.missing(append(path, "keys")...)
	}
	for j, name := range r.Keys {
		keys, err := f.publicSigningKeys(name, append(path, "keys", j))
		if err != nil {
			return anchor, err
		}
		anchor.Keys = append(anchor.Keys, keys...)
	}
	if isURL(r.Metadata) {
		anchor.Location = r.Metadata
	}
	return anchor, nil
}
