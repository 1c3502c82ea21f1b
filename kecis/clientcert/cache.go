package clientcert

import (
	"context"
	"sync"
	"time"
)

// Cache keeps lists and answers as they came. What it returns is checked anew, so
// a shared one need not be trusted; one that fails is asked in vain.
type Cache interface {
	// Load returns what is kept under a key and is not over.
	Load(ctx context.Context, key string, now time.Time) (document []byte, ok bool)
	// Store keeps a document until a time.
	Store(ctx context.Context, key string, document []byte, until time.Time)
}

func (v *Verifier) load(ctx context.Context, key string, now time.Time) ([]byte, bool) {
	if v.revocation.Cache == nil {
		return nil, false
	}
	return v.revocation.Cache.Load(ctx, key, now)
}

func (v *Verifier) store(ctx context.Context, key string, document []byte, until time.Time) {
	if v.revocation.Cache != nil {
		v.revocation.Cache.Store(ctx, key, document, until)
	}
}

// DefaultCacheSize holds the lists of a dozen authorities, in bytes, and tens of
// thousands of answers beside them.
const DefaultCacheSize = 64 << 20

// MemoryCache is a Cache in memory, of a bounded size. It may be used by several
// goroutines.
type MemoryCache struct {
	mu   sync.Mutex
	most int
	size int
	rows map[string]cached
}

type cached struct {
	document []byte
	until    time.Time
}

// NewMemoryCache returns a cache of at most that many bytes; 0 is
// DefaultCacheSize.
func NewMemoryCache(size int) *MemoryCache {
	if size <= 0 {
		size = DefaultCacheSize
	}
	return &MemoryCache{most: size, rows: map[string]cached{}}
}

// Load implements Cache.
func (m *MemoryCache) Load(_ context.Context, key string, now time.Time) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row, ok := m.rows[key]
	if !ok {
		return nil, false
	}
	if !now.Before(row.until) {
		m.drop(key)
		return nil, false
	}
	return row.document, true
}

// Store implements Cache. Where room is missing, what ends first goes first.
func (m *MemoryCache) Store(_ context.Context, key string, document []byte, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(key)
	if weight(key, document) > m.most {
		return
	}
	for m.size+weight(key, document) > m.most {
		m.drop(m.first())
	}
	m.rows[key] = cached{document, until}
	m.size += weight(key, document)
}

func weight(key string, document []byte) int { return len(key) + len(document) }

func (m *MemoryCache) drop(key string) {
	if row, ok := m.rows[key]; ok {
		m.size -= weight(key, row.document)
		delete(m.rows, key)
	}
}

// first is the key of what ends first.
func (m *MemoryCache) first() string {
	var first string
	var until time.Time
	for key, row := range m.rows {
		if first == "" || row.until.Before(until) {
			first, until = key, row.until
		}
	}
	return first
}
