package metadata_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// site serves one document.
type site struct {
	*httptest.Server
	mu       sync.Mutex
	document []byte
	status   int
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.WriteHeader(s.status)
		w.Write(s.document)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) serve(document []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.document = document
}

func (s *site) answer(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// world is a directory of one pinned partner, its site and a clock.
type world struct {
	*metadata.Directory
	t     *testing.T
	clock *clock
	site  *site
	party *party
	store metadata.Store
	pin   metadata.Pin
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: epoch()}, site: newSite(t), party: newGate(t), store: &metadata.Memory{}}
	w.pin = metadata.Pin{
		Entity: gate, Key: w.party.metadata.Public().String(), Location: w.site.URL,
		Grant: metadata.Grant{Roles: []metadata.RoleName{metadata.PG}},
	}
	w.site.serve(w.party.document(t))
	w.start()
	return w
}

// start makes the directory anew, as after a restart.
func (w *world) start() {
	w.t.Helper()
	var err error
	w.Directory, err = metadata.NewDirectory(context.Background(), w.config())
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) config() metadata.DirectoryConfig {
	return metadata.DirectoryConfig{
		Pins: []metadata.Pin{w.pin}, Store: w.store, Fetcher: metadata.HTTP{Client: w.site.Client()}, Clock: w.clock.Now,
	}
}

// publish has the party say something new, signed by signer.
func (w *world) publish(signer *xmlsig.Signer, change func(*metadata.Entity)) {
	w.t.Helper()
	w.party.entity.Serial++
	change(w.party.entity)
	doc, err := metadata.Sign(w.party.entity, signer, rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	w.site.serve(doc)
}

// refresh fetches once, an hour later.
func (w *world) refresh() error {
	w.t.Helper()
	w.clock.move(time.Hour)
	worked, err := w.RunOnce(context.Background())
	if !worked {
		w.t.Fatal("nothing was due")
	}
	return err
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) refused(err, want error) {
	w.t.Helper()
	if !errors.Is(err, want) {
		w.t.Errorf("got %v, want %v", err, want)
	}
}

// partner returns the partner, which must be known with that serial and status.
func (w *world) partner(serial int64, status metadata.Status) *metadata.Partner {
	w.t.Helper()
	p, err := w.Partner(context.Background(), gate)
	if err != nil {
		w.t.Fatal(err)
	}
	if p.Entity.Serial != serial || p.Status != status {
		w.t.Fatalf("serial %d, %s; want serial %d, %s", p.Entity.Serial, p.Status, serial, status)
	}
	return p
}

// trusts reports whether messages signed with the key verify now.
func (w *world) trusts(signer *xmlsig.Signer) bool {
	w.t.Helper()
	keys, err := metadata.Keys(w, w.clock.Now).VerificationKeys(context.Background(), xmlsig.Signatory{Entity: gate, Role: "pg", Scope: xmlsig.ScopeMessage})
	w.must(err)
	return slices.ContainsFunc(keys, func(k *xmlsig.PublicKey) bool { return k.ID() == signer.Public().ID() })
}

func TestPinned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.Partner(context.Background(), gate); !errors.Is(err, metadata.ErrUnknownPartner) {
		t.Fatalf("before any document: %v", err)
	}
	w.must(w.refresh())
	p := w.partner(1, metadata.Active)
	if !w.trusts(w.party.message) || w.trusts(w.party.metadata) {
		t.Error("the keys of the scope message do not count, or others do")
	}
	if at, ok := p.Endpoint(metadata.ServicePayment, metadata.BindingSOAP); !ok || at != gate {
		t.Errorf("endpoint %q, %v", at, ok)
	}
	if _, ok := p.Endpoint(metadata.ServiceFeed, metadata.BindingXML); ok {
		t.Error("an endpoint that was not declared")
	}
	if worked, err := w.RunOnce(context.Background()); worked || err != nil {
		t.Errorf("fetched again at once: %v, %v", worked, err)
	}
	w.must(w.refresh())
	w.partner(1, metadata.Active)
}

// A role that was not granted does not exist, whatever the document says.
func TestRolesAreGranted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pin.Grant.Roles = []metadata.RoleName{metadata.Requester}
	w.start()
	w.must(w.refresh())
	p := w.partner(1, metadata.Active)
	_, hasRole := p.Role(metadata.PG)
	_, hasEndpoint := p.Endpoint(metadata.ServicePayment, metadata.BindingXML)
	_, hasRoute := p.Route(metadata.MethodCard, "43301234")
	if hasRole || hasEndpoint || hasRoute || w.trusts(w.party.message) {
		t.Error("a role that was not granted counts")
	}
}

func TestRollOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.refresh())
	first, firstMessage := w.party.metadata, w.party.message
	second, secondMessage := newSigner(t), newSigner(t)

	w.publish(first, func(e *metadata.Entity) {
		e.Keys = append(e.Keys,
			metadata.SigningKey{Key: second.Public(), Scope: xmlsig.ScopeMetadata},
			metadata.SigningKey{Key: secondMessage.Public(), Scope: xmlsig.ScopeMessage})
	})
	w.must(w.refresh())
	if !w.trusts(firstMessage) || !w.trusts(secondMessage) {
		t.Error("a break: both keys must count while both are published")
	}
	w.publish(second, func(e *metadata.Entity) { e.Keys = e.Keys[2:] })
	w.must(w.refresh())
	if w.trusts(firstMessage) || !w.trusts(secondMessage) {
		t.Error("the old key must be gone, the new one stay")
	}
	// The pinned key has been given up: it signs nothing any more.
	w.publish(first, func(*metadata.Entity) {})
	w.refused(w.refresh(), xmlsig.ErrInvalid)
	w.partner(3, metadata.Active)
}

func TestUpdatesThatDoNotCount(t *testing.T) {
	t.Parallel()
	keep := func(*metadata.Entity) {}
	for name, test := range map[string]struct {
		bend func(*world)
		want error
	}{
		"by an unknown key": {func(w *world) { w.publish(newSigner(w.t), keep) }, xmlsig.ErrInvalid},
		"by a key that only the update lists": {func(w *world) {
			next := newSigner(w.t)
			w.publish(next, func(e *metadata.Entity) {
				e.Keys = append(e.Keys, metadata.SigningKey{Key: next.Public(), Scope: xmlsig.ScopeMetadata})
			})
		}, xmlsig.ErrInvalid},
		"by the message key": {func(w *world) {
			doc := w.party.document(w.t)
			w.party.entity.Serial++
			w.site.serve(signAgain(w.t, string(doc), w.party.message))
		}, xmlsig.ErrInvalid},
		"an older serial": {func(w *world) {
			w.party.entity.Serial = 4
			w.site.serve(w.party.document(w.t))
		}, metadata.ErrSerial},
		"the same serial with other content": {func(w *world) {
			w.party.entity.Serial--
			w.publish(w.party.metadata, func(e *metadata.Entity) { e.Roles[0].SecurityLevel = 1 })
		}, metadata.ErrSerial},
		"over": {func(w *world) {
			w.publish(w.party.metadata, func(e *metadata.Entity) { e.ValidUntil = w.clock.Now().Add(time.Hour) })
		}, metadata.ErrExpired},
		"valid for too long": {func(w *world) {
			w.publish(w.party.metadata, func(e *metadata.Entity) { e.ValidUntil = w.clock.Now().Add(500 * day) })
		}, metadata.ErrValidity},
		"an encryption key for too long": {func(w *world) {
			w.publish(w.party.metadata, func(e *metadata.Entity) { e.Roles[0].EncryptionKeys[0].NotOnOrAfter = epoch().Add(32 * day) })
		}, metadata.ErrKeyLife},
		"of another entity": {func(w *world) {
			other := newParty(w.t, shop, metadata.Requester)
			w.site.serve(other.document(w.t))
		}, xmlsig.ErrNoKey},
		"of another entity by this one's key": {func(w *world) {
			w.publish(w.party.metadata, func(e *metadata.Entity) { e.ID = shop })
		}, xmlsig.ErrNoKey},
		"an aggregate by the partner's key": {func(w *world) {
			w.site.serve(aggregate(w.t, gate, 1, w.party.metadata, listing(newParty(w.t, shop, metadata.Requester))))
		}, xmlsig.ErrNoKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.party.entity.Serial = 5
			w.site.serve(w.party.document(t))
			w.must(w.refresh())
			test.bend(w)
			w.refused(w.refresh(), test.want)
			w.partner(5, metadata.Active)
			if !w.trusts(w.party.message) {
				t.Error("what was accepted before does not count any more")
			}
			if _, err := w.Partner(context.Background(), shop); !errors.Is(err, metadata.ErrUnknownPartner) {
				t.Errorf("somebody else has become known: %v", err)
			}
		})
	}
}

func TestExpired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.refresh())
	w.clock.move(90 * day)
	p := w.partner(1, metadata.Expired)
	if !p.Since.Equal(epoch().Add(90 * day)) {
		t.Errorf("expired since %v", p.Since)
	}
	for service, may := range map[metadata.Service]bool{
		metadata.ServicePayment: false, metadata.ServiceAuthentication: false, metadata.ServiceOrder: false,
		metadata.ServiceInquiry: true, metadata.ServiceReversal: true, metadata.ServiceCancellation: true, metadata.ServiceFeed: true,
	} {
		if p.MayUse(service) != may {
			t.Errorf("%s: %v, want %v", service, !may, may)
		}
	}
	if !w.trusts(w.party.message) {
		t.Error("what exists cannot be brought to its end")
	}
	w.publish(w.party.metadata, func(e *metadata.Entity) {
		e.ValidUntil = w.clock.Now().Add(90 * day)
		e.Roles[0].EncryptionKeys, e.Roles[0].Routes = nil, nil
	})
	w.must(w.refresh())
	w.partner(2, metadata.Active)
}

func TestRestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := t.TempDir()
	w.store = metadata.Folder(folder)
	w.start()
	w.must(w.refresh())
	old := w.party.document(t)
	next := newSigner(t)
	w.publish(w.party.metadata, func(e *metadata.Entity) {
		e.Keys = append(e.Keys[1:], metadata.SigningKey{Key: next.Public(), Scope: xmlsig.ScopeMetadata})
	})
	w.must(w.refresh())
	w.site.answer(http.StatusServiceUnavailable)

	w.start()
	w.partner(2, metadata.Active)
	if !w.trusts(w.party.message) {
		t.Error("after a restart the partner's messages do not verify")
	}
	w.refused(w.Add(context.Background(), old), xmlsig.ErrInvalid) // the pinned key is given up, restart or not
	w.refused(w.refresh(), metadata.ErrFetch)
	w.partner(2, metadata.Active)

	// Another pin: what hung on the former one is forgotten, its serial too.
	pin := w.pin
	fresh := newParty(t, gate, metadata.PG)
	w.pin.Key = fresh.metadata.Public().String()
	w.start()
	if _, err := w.Partner(context.Background(), gate); !errors.Is(err, metadata.ErrUnknownPartner) {
		t.Errorf("under another pin: %v", err)
	}
	w.must(w.Add(context.Background(), fresh.document(t)))
	w.partner(1, metadata.Active)

	// A store that was damaged does not open: an older document could come back.
	w.pin = pin
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("files %v, %v", names, err)
	}
	raw, err := os.ReadFile(names[0])
	w.must(err)
	for name, damaged := range map[string]string{
		"cut":     string(raw[:len(raw)/2]),
		"serial":  strings.Replace(string(raw), `"serial":1`, `"serial":9`, 1),
		"content": strings.Replace(string(raw), `"document":"PG1k`, `"document":"PG1l`, 1),
	} {
		if damaged == string(raw) {
			t.Fatalf("%s: nothing was damaged in %s", name, raw)
		}
		w.must(os.WriteFile(names[0], []byte(damaged), 0o600))
		if _, err := metadata.NewDirectory(context.Background(), w.config()); err == nil {
			t.Errorf("%s: the damaged store was opened", name)
		}
	}
}

// TestSharedFolder: several servers keep what they accept in one folder.
func TestSharedFolder(t *testing.T) {
	t.Parallel()
	folder := metadata.Folder(t.TempDir())
	var servers sync.WaitGroup
	for range 8 {
		servers.Go(func() {
			for range 20 {
				if err := folder.Save(context.Background(), metadata.Accepted{Name: gate}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	servers.Wait()
	if kept, err := folder.Load(context.Background()); err != nil || len(kept) != 1 {
		t.Errorf("%d documents, %v", len(kept), err)
	}
}

func TestFetchFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.site.answer(http.StatusNotFound)
	w.refused(w.refresh(), metadata.ErrFetch)
	pauses := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second,
		64 * time.Second, 128 * time.Second, 256 * time.Second, 5 * time.Minute, 5 * time.Minute}
	for i, pause := range pauses {
		w.clock.move(pause - time.Millisecond)
		if worked, _ := w.RunOnce(context.Background()); worked {
			t.Fatalf("failed fetch %d is repeated before %v", i+1, pause)
		}
		w.clock.move(time.Millisecond)
		if i == len(pauses)-1 {
			w.site.answer(http.StatusOK)
		}
		worked, err := w.RunOnce(context.Background())
		if !worked {
			t.Fatalf("failed fetch %d is not repeated after %v", i+1, pause)
		}
		if i == len(pauses)-1 {
			w.must(err)
			continue
		}
		w.refused(err, metadata.ErrFetch)
		for _, said := range []string{gate, "404", "tried again in " + pauses[i+1].String()} {
			if !strings.Contains(err.Error(), said) {
				t.Errorf("failure %d does not say %q: %v", i+2, said, err)
			}
		}
	}
	w.partner(1, metadata.Active)
	w.site.answer(http.StatusNotFound)
	w.refused(w.refresh(), metadata.ErrFetch)
	w.clock.move(time.Second)
	if worked, _ := w.RunOnce(context.Background()); !worked {
		t.Error("after a success the pauses do not begin anew")
	}
	w.site.answer(http.StatusOK)
	w.site.serve(make([]byte, metadata.MaxDocument+1))
	w.refused(w.refresh(), metadata.ErrFetch)
}

// redirecting answers every request with a redirection, and notes the hosts.
type redirecting struct {
	to    string
	hosts []string
}

func (r *redirecting) RoundTrip(request *http.Request) (*http.Response, error) {
	r.hosts = append(r.hosts, request.URL.Host)
	return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {r.to}}, Body: http.NoBody, Request: request}, nil
}

func TestInsecureLocations(t *testing.T) {
	t.Parallel()
	for _, location := range []string{"http://pg.example/metadata", "https://user@pg.example/", "ftp://pg.example/", "/metadata"} {
		r := &redirecting{}
		if _, err := (metadata.HTTP{Client: &http.Client{Transport: r}}).Fetch(context.Background(), location, 1); !errors.Is(err, metadata.ErrFetch) || len(r.hosts) > 0 {
			t.Errorf("%s: %v, asked %v", location, err, r.hosts)
		}
	}
	r := &redirecting{to: "http://elsewhere.example/metadata"}
	if _, err := (metadata.HTTP{Client: &http.Client{Transport: r}}).Fetch(context.Background(), "https://pg.example/metadata", 1); !errors.Is(err, metadata.ErrFetch) || len(r.hosts) != 1 {
		t.Errorf("redirected: %v, asked %v", err, r.hosts)
	}
}

// A key that this program no longer lets count takes with it what came through it.
func TestCompromisedPin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.refresh())
	first, second := w.party.metadata, newSigner(t)
	w.publish(first, func(e *metadata.Entity) { e.Keys[0].Key = second.Public() })
	w.must(w.refresh())
	w.pin.Grant.CompromisedKeys = []string{first.Public().String()}
	w.start()
	w.unknown(gate)
	w.party.entity.Keys[0].Key = first.Public()
	w.publish(first, func(*metadata.Entity) {})
	w.refused(w.refresh(), xmlsig.ErrNoKey)
	w.unknown(gate)
}

// A site may speak only for the partner that it belongs to.
func TestSiteOfAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := newParty(t, shop, metadata.Requester)
	config := w.config()
	config.Pins = append(config.Pins, metadata.Pin{
		Entity: shop, Key: other.metadata.Public().String(), Grant: metadata.Grant{Roles: []metadata.RoleName{metadata.Requester}},
	})
	var err error
	w.Directory, err = metadata.NewDirectory(context.Background(), config)
	w.must(err)
	w.site.serve(other.document(t))
	w.refused(w.refresh(), metadata.ErrUnknownPartner)
	w.unknown(shop)
	w.must(w.Add(context.Background(), other.document(t)))
	if _, err := w.Partner(context.Background(), shop); err != nil {
		t.Error(err)
	}
}
