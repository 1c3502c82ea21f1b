package metadata_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// listing lists a party as active in its own roles.
func listing(p *party, more ...metadata.StatusChange) metadata.Listing {
	l := metadata.Listing{Entity: p.entity, Grant: metadata.Grant{
		Statuses: append([]metadata.StatusChange{{Status: metadata.Active, From: epoch()}}, more...),
	}}
	for _, r := range p.entity.Roles {
		l.Grant.Roles = append(l.Grant.Roles, r.Name)
	}
	return l
}

// aggregate signs an aggregate.
func aggregate(t testing.TB, name string, serial int64, signer *xmlsig.Signer, listings ...metadata.Listing) []byte {
	t.Helper()
	doc, err := metadata.SignAggregate(&metadata.Aggregate{
		Name: name, Serial: serial, ValidUntil: epoch().Add(20 * day), Listings: listings,
	}, signer, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// newFederation is a directory with a registry at a site and no pins.
func newFederation(t *testing.T, roles ...metadata.RoleName) (*world, *xmlsig.Signer) {
	t.Helper()
	registry := newSigner(t)
	w := &world{t: t, clock: &clock{now: epoch()}, site: newSite(t), party: newGate(t), store: &metadata.Memory{}}
	federate(w, federal, registry, roles...)
	return w, registry
}

// federate starts the directory anew.
func federate(w *world, name string, registry *xmlsig.Signer, roles ...metadata.RoleName) {
	w.t.Helper()
	config := w.config()
	config.Pins = nil
	config.Anchors = []metadata.Anchor{{Name: name, Keys: []*xmlsig.PublicKey{registry.Public()}, Location: w.site.URL, Roles: roles}}
	var err error
	w.Directory, err = metadata.NewDirectory(context.Background(), config)
	w.must(err)
}

func (w *world) unknown(entity string) {
	w.t.Helper()
	if p, err := w.Partner(context.Background(), entity); !errors.Is(err, metadata.ErrUnknownPartner) {
		w.t.Errorf("%s is known: %v, %v", entity, p, err)
	}
}

func TestListed(t *testing.T) {
	t.Parallel()
	w, registry := newFederation(t)
	buyer := newParty(t, shop, metadata.Requester)
	w.site.serve(aggregate(t, federal, 1, registry, listing(w.party), listing(buyer)))
	w.must(w.refresh())
	w.partner(1, metadata.Active)
	p, err := w.Partner(context.Background(), shop)
	w.must(err)
	if p.ReadsInstruments {
		t.Error("what was not granted: reading instruments")
	}
	w.site.serve(aggregate(t, federal, 1, registry, listing(w.party)))
	w.refused(w.refresh(), metadata.ErrSerial)
	w.site.serve(aggregate(t, federal, 2, registry, listing(w.party)))
	w.must(w.refresh())
	w.unknown(shop)

	// Over: nobody can tell whether a suspension is being withheld.
	w.clock.move(20 * day)
	w.partner(1, metadata.Expired)
}

// Only the anchor's key signs an aggregate: a partner's would grant itself, or
// somebody else's name.
func TestAggregateByAPartner(t *testing.T) {
	t.Parallel()
	w, registry := newFederation(t)
	w.site.serve(aggregate(t, federal, 1, registry, listing(w.party)))
	w.must(w.refresh())
	thief := newParty(t, shop, metadata.PG)
	for name, doc := range map[string][]byte{
		"in the registry's name": aggregate(t, federal, 2, w.party.metadata, listing(w.party), listing(thief)),
		"in its own name":        aggregate(t, gate, 2, w.party.metadata, listing(thief)),
		"in no known name":       aggregate(t, "https://other.example/", 2, registry, listing(thief)),
	} {
		err := w.Add(context.Background(), doc)
		if !errors.Is(err, xmlsig.ErrInvalid) && !errors.Is(err, xmlsig.ErrNoKey) {
			t.Errorf("%s: %v", name, err)
		}
		w.unknown(shop)
	}
}

func TestSuspension(t *testing.T) {
	t.Parallel()
	w, registry := newFederation(t)
	w.site.serve(aggregate(t, federal, 1, registry, listing(w.party,
		metadata.StatusChange{Status: metadata.Suspended, From: epoch().Add(2 * day)},
		metadata.StatusChange{Status: metadata.Active, From: epoch().Add(4 * day)})))
	w.must(w.refresh())
	w.clock.move(2*day - time.Hour - time.Second)
	if p := w.partner(1, metadata.Active); !p.MayUse(metadata.ServicePayment) {
		t.Error("suspended before its time")
	}
	w.clock.move(time.Second)
	p := w.partner(1, metadata.Suspended)
	if p.MayUse(metadata.ServicePayment) || !p.MayUse(metadata.ServiceReversal) || !w.trusts(w.party.message) {
		t.Error("a suspended partner may do something new, or cannot end what exists")
	}
	w.clock.move(2 * day)
	w.partner(1, metadata.Active)
}

// Before the grant takes effect the party is not known.
func TestGrantTakesEffect(t *testing.T) {
	t.Parallel()
	w, registry := newFederation(t)
	l := listing(w.party)
	l.Grant.Statuses[0].From = epoch().Add(day)
	w.site.serve(aggregate(t, federal, 1, registry, l))
	w.must(w.refresh())
	w.unknown(gate)
	w.clock.move(day)
	w.partner(1, metadata.Active)
}

func TestAnchorsAreBounded(t *testing.T) {
	t.Parallel()
	w, registry := newFederation(t, metadata.Requester)
	w.site.serve(aggregate(t, federal, 1, registry, listing(w.party)))
	w.must(w.refresh())
	if p := w.partner(1, metadata.Active); len(p.Roles) > 0 {
		t.Errorf("the anchor granted %v", p.Roles)
	}
}

// A listed party publishes new editions itself, with the keys of the last; when
// the registry marks a key as compromised, all that came through it is gone.
func TestCompromisedKey(t *testing.T) {
	t.Parallel()
	for _, marked := range []string{"the party's key", "the thief's first key"} {
		t.Run(marked, func(t *testing.T) {
			t.Parallel()
			w, registry := newFederation(t)
			l := listing(w.party)
			w.must(w.Add(context.Background(), aggregate(t, federal, 1, registry, l)))

			// A thief of the metadata key hands on to keys of his own, twice.
			first, second, message := newSigner(t), newSigner(t), newSigner(t)
			stolen := *w.party.entity
			for _, step := range []struct{ by, next *xmlsig.Signer }{{w.party.metadata, first}, {first, second}} {
				stolen.Serial++
				stolen.Keys = []metadata.SigningKey{{Key: step.next.Public(), Scope: xmlsig.ScopeMetadata}, {Key: message.Public(), Scope: xmlsig.ScopeMessage}}
				doc, err := metadata.Sign(&stolen, step.by, rand.Reader)
				w.must(err)
				w.must(w.Add(context.Background(), doc))
			}
			if !w.trusts(message) {
				t.Fatal("the theft did not succeed: the test shows nothing")
			}
			l.Grant.CompromisedKeys = []string{w.party.metadata.Public().String()}
			if marked == "the thief's first key" {
				l.Grant.CompromisedKeys[0] = first.Public().String()
			}
			w.must(w.Add(context.Background(), aggregate(t, federal, 2, registry, l)))
			w.partner(1, metadata.Active)
			if w.trusts(message) || !w.trusts(w.party.message) {
				t.Error("the thief's keys count, or the partner's do not")
			}
		})
	}
}

// Of a compromised message key no signature counts, while the others go on.
func TestCompromisedMessageKey(t *testing.T) {
	t.Parallel()
	w, registry := newFederation(t)
	next := newSigner(t)
	w.party.entity.Keys = append(w.party.entity.Keys, metadata.SigningKey{Key: next.Public(), Scope: xmlsig.ScopeMessage})
	l := listing(w.party)
	l.Grant.CompromisedKeys = []string{w.party.message.Public().String()}
	w.must(w.Add(context.Background(), aggregate(t, federal, 1, registry, l)))
	if w.trusts(w.party.message) || !w.trusts(next) {
		t.Error("the compromised key counts, or the other does not")
	}
}

// Of a compromised party nothing counts, its metadata neither.
func TestCompromisedParty(t *testing.T) {
	t.Parallel()
	w, registry := newFederation(t)
	w.must(w.Add(context.Background(), aggregate(t, federal, 1, registry, listing(w.party,
		metadata.StatusChange{Status: metadata.Compromised, From: epoch().Add(time.Minute)}))))
	w.clock.move(time.Minute)
	if p := w.partner(1, metadata.Compromised); p.MayUse(metadata.ServiceInquiry) || w.trusts(w.party.message) {
		t.Error("a compromised partner is dealt with")
	}
	w.party.entity.Serial++
	w.refused(w.Add(context.Background(), w.party.document(t)), xmlsig.ErrNoKey)
}

// A document that hangs on a registry does not count under another one.
func TestAnchorGoes(t *testing.T) {
	t.Parallel()
	w, registry := newFederation(t)
	listed := listing(w.party)
	w.must(w.Add(context.Background(), aggregate(t, federal, 7, registry, listed)))
	own := *w.party.entity
	own.Serial = 9
	doc, err := metadata.Sign(&own, w.party.metadata, rand.Reader)
	w.must(err)
	w.must(w.Add(context.Background(), doc))
	w.partner(9, metadata.Active)

	other := newSigner(t)
	federate(w, "https://other.example/registry", other)
	w.unknown(gate)
	w.must(w.Add(context.Background(), aggregate(t, "https://other.example/registry", 1, other, listed)))
	w.partner(1, metadata.Active) // what hung on the former registry is forgotten

	federate(w, federal, registry)
	w.partner(9, metadata.Active)
	federate(w, federal, other) // the name alone is no trust
	w.unknown(gate)
	w.must(w.Add(context.Background(), aggregate(t, federal, 1, other, listed)))
	w.partner(1, metadata.Active)
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	key := newSigner(t).Public()
	grant := metadata.Grant{Roles: []metadata.RoleName{metadata.PG}}
	good := metadata.Pin{Entity: gate, Key: key.String(), Grant: grant}
	for name, config := range map[string]metadata.DirectoryConfig{
		"no store":         {Clock: epoch},
		"a pin twice":      {Pins: []metadata.Pin{good, good}},
		"a pin of no key":  {Pins: []metadata.Pin{{Entity: gate, Key: "sha256:00", Grant: grant}}},
		"a pin of no role": {Pins: []metadata.Pin{{Entity: gate, Key: key.String()}}},
		"insecure":         {Pins: []metadata.Pin{{Entity: gate, Key: key.String(), Grant: grant, Location: "http://pg.example/"}}},
		"anchor of no key": {Anchors: []metadata.Anchor{{Name: federal}}},
		"anchor twice":     {Anchors: []metadata.Anchor{{Name: federal, Keys: []*xmlsig.PublicKey{key}}, {Name: federal, Keys: []*xmlsig.PublicKey{key}}}},
	} {
		if name != "no store" {
			config.Store, config.Clock = &metadata.Memory{}, epoch
		}
		if _, err := metadata.NewDirectory(context.Background(), config); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
