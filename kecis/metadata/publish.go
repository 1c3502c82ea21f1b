package metadata

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// What a Publisher takes if nothing is said.
const (
	// usualEdition is how often a new edition comes out: within an hour partners
	// that look can see a change of the configuration.
	usualEdition = time.Hour
	// usualValidity is how long an edition is valid: as long as an encryption key.
	usualValidity = MaxEncryptionKeyLife
)

// Publisher is an http.Handler that serves a party's own metadata, generated
// from its configuration. Its editions come out at the beginning of each period,
// whose time in milliseconds is the serial. Several servers of one party
// therefore publish the same content at the same time, and need not know of each
// other. It may be used by several goroutines; its fields must not change after
// first use.
type Publisher struct {
	// Describe says what the party is now. Serial and ValidUntil are set by the
	// Publisher, which changes the Entity; so each call returns one of its own.
	Describe func() (*Entity, error)
	// Signer signs with a metadata key.
	Signer *xmlsig.Signer
	// Clock tells the time.
	Clock func() time.Time
	// Edition is how often a new edition comes out; 0 is an hour. Partners that
	// fetch less often see the one of the day.
	Edition time.Duration
	// Validity is how long an edition is valid; 0 is 30 days, and 400 days the
	// most.
	Validity time.Duration

	mu       sync.Mutex
	serial   int64
	document []byte
}

// Document returns the edition of now. Its errors are those of Describe and Sign.
func (p *Publisher) Document() ([]byte, error) {
	edition, validity := p.Edition, p.Validity
	if edition <= 0 {
		edition = usualEdition
	}
	if validity <= 0 {
		validity = usualValidity
	}
	begun := p.Clock().UTC().Truncate(edition)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.document != nil && p.serial == begun.UnixMilli() {
		return p.document, nil
	}
	e, err := p.Describe()
	if err != nil {
		return nil, err
	}
	e.Serial, e.ValidUntil = begun.UnixMilli(), begun.Add(validity).Truncate(time.Second)
	document, err := Sign(e, p.Signer, sameID(e))
	if err != nil {
		return nil, err
	}
	p.serial, p.document = e.Serial, document
	return document, nil
}

// sameID gives all servers of a party the same ID for an edition. The ID of
// metadata need not be a secret: nothing answers to it.
func sameID(e *Entity) *digestReader {
	return &digestReader{sha256.Sum256([]byte(e.ID + " " + strconv.FormatInt(e.Serial, 10)))}
}

// digestReader reads the beginning of a digest.
type digestReader struct{ digest [sha256.Size]byte }

func (d *digestReader) Read(into []byte) (int, error) { return copy(into, d.digest[:]), nil }

// ServeHTTP serves the document of now to GET and HEAD. When it cannot be made,
// the answer is 503: partners keep what they have.
func (p *Publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	document, err := p.Document()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(document)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(document) //nolint:errcheck // whoever asked has gone
}
