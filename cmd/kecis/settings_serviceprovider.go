package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/kecis/sdk/adapters/saml"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// serviceProviderRefresh is how often the files of metadata are looked at again: whoever
// puts a new one there need not wait long, nor start the server anew.
const serviceProviderRefresh = time.Minute

// serviceProviderBook are the service providers of a configuration. Their metadata are
// read again while the server runs; what cannot be read any more stays as it was, until
// its own validUntil.
type serviceProviderBook struct {
	file     *settingsFile
	settings []serviceProviderSettings
	log      *slog.Logger

	mu   sync.Mutex
	list saml.List // in the order of the settings
	next time.Time
}

// serviceProviders reads the metadata of those whom people log in to.
func (f *settingsFile) serviceProviders(ctx context.Context, settings []serviceProviderSettings, log *slog.Logger) (*serviceProviderBook, error) {
	b := &serviceProviderBook{file: f, settings: settings, log: log, next: f.a.now().Add(serviceProviderRefresh)}
	for i := range settings {
		p, err := f.serviceProvider(ctx, i, &settings[i])
		if err != nil {
			return nil, err
		}
		b.list = append(b.list, p)
	}
	return b, nil
}

// ServiceProvider implements saml.Providers.
func (b *serviceProviderBook) ServiceProvider(ctx context.Context, entity string) (*saml.ServiceProvider, error) {
	b.mu.Lock()
	list := b.list
	b.mu.Unlock()
	return list.ServiceProvider(ctx, entity)
}

// RunOnce reads the metadata again when it is time, and reports whether it was.
func (b *serviceProviderBook) RunOnce(ctx context.Context) (worked bool, err error) {
	now := b.file.a.now()
	b.mu.Lock()
	due := !now.Before(b.next)
	if due {
		b.next = now.Add(serviceProviderRefresh)
	}
	old := b.list
	b.mu.Unlock()
	if !due {
		return false, nil
	}
	fresh := make(saml.List, len(old))
	for i := range b.settings {
		if fresh[i], err = b.file.serviceProvider(ctx, i, &b.settings[i]); err != nil {
			b.log.WarnContext(ctx, "metadata of a service provider cannot be read; what was read before still counts",
				slog.String("provider", old[i].Entity), slog.Any("error", err))
			fresh[i] = old[i]
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = fresh
	return true, nil
}

// serviceProvider reads the metadata of one.
func (f *settingsFile) serviceProvider(ctx context.Context, i int, s *serviceProviderSettings) (*saml.ServiceProvider, error) {
	path := []any{"providers", i}
	if s.Metadata == "" {
		return nil, f.missing(below(path, "metadata")...)
	}
	document, err := f.a.read(f.file(s.Metadata), "metadata")
	if err != nil {
		return nil, f.because(path, err)
	}
	var keys xmlsig.KeySource
	if s.Key != "" {
		trusted, err := f.publicSigningKeys(s.Key, below(path, "key"))
		if err != nil {
			return nil, err
		}
		keys = xmlsig.Keys(trusted)
	}
	p, err := saml.NewServiceProvider(ctx, document, keys)
	if err != nil {
		return nil, f.because(path, err)
	}
	p.SignedRequests = p.SignedRequests || s.SignedRequests
	p.HolderOfKey, p.Transient = s.HolderOfKey, s.Transient
	if s.Name.Ko != "" {
		p.Korean = s.Name.Ko
	}
	if s.Name.En != "" {
		p.English = s.Name.En
	}
	return p, nil
}
