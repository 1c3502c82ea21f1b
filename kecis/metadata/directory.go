package metadata

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"
	"sync"
	"time"

	"github.com/kecis/sdk/kecis/xmlsig"
)

// Pin is a partner that is known by the fingerprint of its metadata key, which
// came by another way than the document (KECIS-META-020).
type Pin struct {
	Entity string
	// Key is the name of the metadata key: "sha256:" and the SHA-256 of its
	// SubjectPublicKeyInfo in hexadecimal ([xmlsig.PublicKey.String]). It counts
	// until a document is accepted; from then on that document's keys count. If
	// the pin is changed, what was accepted under the former one is forgotten.
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
	// Keys sign them. An aggregate that was signed with a key that is no longer
	// here is forgotten.
	Keys []*xmlsig.PublicKey
	// Location is where they are fetched from; "" if they are added by hand.
	Location string
	// Roles bounds what the registry may grant; nil is any role.
	Roles []RoleName
}

// DirectoryConfig is what a Directory is made of.
type DirectoryConfig struct {
	// Pins and Anchors are the trust. A pinned partner is known by its pin alone;
	// of several anchors that list a party the first counts.
	Pins    []Pin
	Anchors []Anchor
	// Store keeps what was accepted over a restart.
	Store Store
	// Fetcher gets the documents; see [HTTP]. Without one they are added by hand.
	Fetcher Fetcher
	// Clock tells the time.
	Clock func() time.Time
	// Refresh is how often each document is fetched; 0 is an hour. After a failure
	// the next attempt follows after a second, and after twice as long from failure
	// to failure, up to five minutes.
	Refresh time.Duration
}

const (
	usualRefresh = time.Hour
	// firstRetry and lastRetry are the pauses after a failed fetch, which double: a
	// partner that starts at the same time is there within seconds, and one that is
	// away for a day is asked 300 times.
	firstRetry = time.Second
	lastRetry  = 5 * time.Minute
)

// Directory is Partners from pinned documents and registries' aggregates. It may
// be used by several goroutines.
type Directory struct {
	config DirectoryConfig

	accepting sync.Mutex // held while a document is judged, stored and taken over

	mu         sync.RWMutex
	own        map[string]*ownDocument // by entityID
	aggregates map[string]*listings    // by name
	due        map[source]time.Time
	failures   map[source]int // in a row
}

// ownDocument is what an entity has said of itself.
type ownDocument struct {
	Accepted
	entity *Entity
	digest [sha256.Size]byte // of what was signed
}

// hangsOn reports whether the entity was listed by the anchor with a key that
// still counts when the document was accepted.
func (o *ownDocument) hangsOn(a *Anchor) bool {
	return o.Anchor == a.Name && a.signs(o.AnchorKey)
}

// signs reports whether the key of that name is one of the anchor's.
func (a *Anchor) signs(key string) bool {
	return slices.ContainsFunc(a.Keys, func(k *xmlsig.PublicKey) bool { return k.String() == key })
}

// listings is an aggregate, to be searched.
type listings struct {
	Accepted
	signedBy  string            // the name of the key
	digest    [sha256.Size]byte // of what was signed
	aggregate *Aggregate
	byEntity  map[string]*Listing
}

// NewDirectory reads what the store holds, verifies it again, and forgets what
// the configured trust no longer covers. A store that cannot be read, or whose
// documents do not verify, is an error: to go on without them would let older
// ones in again (KECIS-META-029).
func NewDirectory(ctx context.Context, config DirectoryConfig) (*Directory, error) {
	if config.Refresh <= 0 {
		config.Refresh = usualRefresh
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	d := &Directory{config: config, own: map[string]*ownDocument{}, aggregates: map[string]*listings{}, due: map[source]time.Time{}, failures: map[source]int{}}
	for _, s := range d.sources() {
		d.due[s] = time.Time{}
	}
	kept, err := config.Store.Load(ctx)
	if err != nil {
		return nil, storeFault(err)
	}
	for _, a := range kept {
		if err := d.restore(ctx, a); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// check refuses a configuration that trusts nobody's key, or one party twice.
func (c *DirectoryConfig) check() error {
	if c.Store == nil || c.Clock == nil {
		return &Error{code: ErrMissing, expected: "a store and a clock of the directory"}
	}
	seen := map[string]bool{}
	for i := range c.Pins {
		p := &c.Pins[i]
		switch {
		case !validURI(p.Entity) || !keyName(p.Key) || len(p.Grant.Roles) == 0 || seen[p.Entity]:
			return &Error{code: ErrGrant, expected: "each pin once, with an entityID, the name of a key, and roles", found: quote(p.Entity)}
		case p.Location != "" && !secure(p.Location):
			return refuseEndpoint("https, or http to this machine", p.Location)
		}
		seen[p.Entity] = true
		if err := p.Grant.check(); err != nil {
			return err
		}
	}
	clear(seen)
	for i := range c.Anchors {
		a := &c.Anchors[i]
		switch {
		case !validURI(a.Name) || len(a.Keys) == 0 || slices.Contains(a.Keys, nil) || seen[a.Name]:
			return &Error{code: ErrGrant, expected: "each anchor once, with a name and keys", found: quote(a.Name)}
		case a.Location != "" && !secure(a.Location):
			return refuseEndpoint("https, or http to this machine", a.Location)
		}
		seen[a.Name] = true
	}
	return nil
}

// Partner returns the partner as it is now. It reads memory alone.
func (d *Directory) Partner(_ context.Context, entity string) (*Partner, error) {
	now := d.config.Clock()
	d.mu.RLock()
	defer d.mu.RUnlock()
	k, ok := d.known(entity)
	if !ok || k.entity == nil {
		return nil, unknownPartner(entity)
	}
	status, ok := k.grant.At(now)
	if !ok {
		return nil, unknownPartner(entity)
	}
	p := &Partner{
		Entity: k.entity, Status: status.Status, Since: status.From,
		ReadsInstruments: k.grant.ReadsInstruments, CompromisedKeys: k.grant.CompromisedKeys,
	}
	for _, role := range k.grant.Roles {
		if k.bound == nil || slices.Contains(k.bound, role) {
			p.Roles = append(p.Roles, role)
		}
	}
	ends := k.entity.ValidUntil
	if !k.ends.IsZero() && k.ends.Before(ends) {
		ends = k.ends
	}
	if p.Status == Active && !now.Before(ends) {
		p.Status, p.Since = Expired, ends
	}
	return p, nil
}

// knowledge is all that is held of one entity.
type knowledge struct {
	entity *Entity // the newest edition; nil if none was accepted yet
	chain  []string
	grant  Grant
	bound  []RoleName // of what may be granted; nil for any
	ends   time.Time  // of the aggregate; zero for a pin
	anchor string     // "" for a pin, and so is
	key    string     // the name of the key that signed the list
	pin    *Pin       // nil for a listed entity
}

// known returns what is held of an entity. The caller holds d.mu.
func (d *Directory) known(entity string) (knowledge, bool) {
	own := d.own[entity]
	for i := range d.config.Pins {
		p := &d.config.Pins[i]
		if p.Entity != entity {
			continue
		}
		k := knowledge{grant: p.Grant, pin: p}
		if len(k.grant.Statuses) == 0 {
			k.grant.Statuses = []StatusChange{{Status: Active}}
		}
		if own != nil && own.Chain[0] == p.Key && !compromised(own.Chain, p.Grant.CompromisedKeys) {
			k.entity, k.chain = own.entity, own.Chain
		}
		return k, true
	}
	for i := range d.config.Anchors {
		a := &d.config.Anchors[i]
		l := d.aggregates[a.Name]
		if l == nil || l.byEntity[entity] == nil {
			continue
		}
		listed := l.byEntity[entity]
		k := knowledge{entity: listed.Entity, grant: listed.Grant, bound: a.Roles, ends: l.aggregate.ValidUntil, anchor: a.Name, key: l.signedBy}
		if own != nil && own.hangsOn(a) && own.Serial > listed.Entity.Serial && !compromised(own.Chain, listed.Grant.CompromisedKeys) {
			k.entity, k.chain = own.entity, own.Chain
		}
		return k, true
	}
	return knowledge{}, false
}

// compromised reports whether one of the keys that a document hangs on no longer
// counts: whoever holds it could have put all later ones in.
func compromised(chain, keys []string) bool {
	return slices.ContainsFunc(chain, func(k string) bool { return slices.Contains(keys, k) })
}

// metadataKeys are those that the next edition may be signed with: of the last
// accepted one, or the pinned key as the document itself shows it.
func (d *Directory) metadataKeys(entity string, document []byte) []*xmlsig.PublicKey {
	d.mu.RLock()
	k, ok := d.known(entity)
	d.mu.RUnlock()
	now := d.config.Clock()
	status, granted := k.grant.At(now)
	switch {
	case !ok || !granted || status.Status == Compromised:
		return nil
	case k.entity != nil:
		p := Partner{Entity: k.entity, CompromisedKeys: k.grant.CompromisedKeys}
		return p.SigningKeys(now, xmlsig.ScopeMetadata)
	case slices.Contains(k.grant.CompromisedKeys, k.pin.Key):
		return nil
	}
	if key, ok := PinnedKey(document, k.pin.Key); ok {
		return []*xmlsig.PublicKey{key}
	}
	return nil
}

// trust finds the keys for one document. A partner's key is never among those
// for an aggregate (KECIS-META-022).
type trust struct {
	d        *Directory
	document []byte
}

// VerificationKeys implements xmlsig.KeySource.
func (t trust) VerificationKeys(_ context.Context, who xmlsig.Signatory) ([]*xmlsig.PublicKey, error) {
	switch {
	case who.Scope != xmlsig.ScopeMetadata:
		return nil, nil
	case who.Root.Local == "EntitiesDescriptor":
		if a := t.d.anchor(who.Entity); a != nil {
			return a.Keys, nil
		}
		return nil, nil
	}
	return t.d.metadataKeys(who.Entity, t.document), nil
}

func (d *Directory) anchor(name string) *Anchor {
	for i := range d.config.Anchors {
		if a := &d.config.Anchors[i]; a.Name == name {
			return a
		}
	}
	return nil
}

// current returns what was accepted last from a source, and the digest of what
// was signed of it; ok is false if there is nothing that counts.
func (d *Directory) current(s source) (last Accepted, digest [sha256.Size]byte, ok bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if s.aggregate {
		if l := d.aggregates[s.name]; l != nil {
			return l.Accepted, l.digest, true
		}
		return last, digest, false
	}
	if k, known := d.known(s.name); known && k.chain != nil {
		own := d.own[s.name]
		return own.Accepted, own.digest, true
	}
	return last, digest, false
}

// unchanged reports whether a source still gives the octets that were accepted.
func (d *Directory) unchanged(s source, document []byte) bool {
	last, _, ok := d.current(s)
	return ok && bytes.Equal(last.Document, document)
}

// sameContent reports whether a document has the content that was accepted
// last, perhaps signed anew: another server of the same party has published it.
func (d *Directory) sameContent(s source, v xmlsig.Verified) bool {
	_, digest, ok := d.current(s)
	return ok && digest == v.Digest()
}
