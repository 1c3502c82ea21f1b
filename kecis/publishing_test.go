package kecis_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// publisher is a server that publishes metadata, on a journal that others share.
type publisher struct {
	t       *testing.T
	clock   *kecistest.Clock
	journal *kecistest.Journal
	party   *kecistest.Party
	key     *xmlsig.Signer
	config  kecis.ServerConfig
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	at := time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)
	p := &publisher{
		t: t, clock: kecistest.NewClock(at), journal: kecistest.NewJournal(),
		party: kecistest.NewParty(t, "https://pg.example/kecis", kecistest.Role(metadata.PG), at), key: freshSigner(t),
	}
	role := kecistest.Role(metadata.PG)
	role.HoldTime = 24 * time.Hour
	p.config = kecis.ServerConfig{
		Entity: p.party.Entity, Endpoint: p.party.Endpoint, Keys: p.party.Keys, Partners: metadata.Fixed(),
		Journal: p.journal, Role: role, Payments: unasked{}, Captures: unasked{}, Clock: p.clock, Log: slog.New(slog.DiscardHandler),
		Description: &kecis.Description{Signer: p.key},
	}
	return p
}

// unasked is a service of which only the metadata are read.
type unasked struct {
	kecis.Payments
	kecis.Captures
}

func freshSigner(t *testing.T) *xmlsig.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// read gets the metadata of a server that begins now, as a partner does.
func (p *publisher) read() (*metadata.Entity, string) {
	p.t.Helper()
	s, err := kecis.NewServer(p.config)
	if err != nil {
		p.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.Metadata().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/kecis/metadata", http.NoBody))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != metadata.ContentType {
		p.t.Fatalf("status %d, %s", w.Code, w.Header())
	}
	v, err := (&xmlsig.Verifier{Profile: xmlsig.Metadata()}).Verify(p.t.Context(), w.Body.Bytes(), xmlsig.Keys{p.key.Public()})
	if err != nil {
		p.t.Fatal(err)
	}
	e, err := metadata.Decode(v)
	if err == nil {
		err = e.Check(p.clock.Now())
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return e, w.Body.String()
}

// TestMetadata: the metadata say what is configured and served, and nothing else.
func TestMetadata(t *testing.T) {
	p := newPublisher(t)
	e, _ := p.read()
	role, ok := e.Role(metadata.PG)
	if !ok || e.ID != p.party.Entity {
		t.Fatalf("%+v", e)
	}
	if at, ok := role.Endpoint(metadata.ServiceCapture, metadata.BindingSOAP); !ok || at != p.party.Endpoint {
		t.Errorf("capture is at %q", at)
	}
	if _, ok := role.Endpoint(metadata.ServiceCancellation, metadata.BindingXML); ok {
		t.Error("cancellation is declared, and not served")
	}
	if keys := e.SigningKeys(p.clock.Now(), xmlsig.ScopeMessage); len(keys) != 1 || keys[0].ID() != p.party.Signer.Public().ID() {
		t.Errorf("message keys: %v", keys)
	}
	if len(role.Algorithms) != len(xmlsig.Algorithms()) {
		t.Errorf("algorithms: %v", role.Algorithms)
	}
}

// TestMetadataEditions: all servers on a journal show the same bytes; a change,
// and time, make the next edition, with a higher serial.
func TestMetadataEditions(t *testing.T) {
	p := newPublisher(t)
	first, document := p.read()
	p.clock.Advance(time.Hour)
	if _, again := p.read(); again != document {
		t.Error("nothing has changed, and the document has")
	}
	p.config.Role.PartialCancellation = false
	second, _ := p.read()
	if second.Serial <= first.Serial || second.Roles[0].PartialCancellation {
		t.Errorf("serials %d, %d; %+v", first.Serial, second.Serial, second.Roles[0])
	}
	p.clock.Advance(kecis.DefaultValidity / 2)
	if third, _ := p.read(); third.Serial <= second.Serial || !third.ValidUntil.After(second.ValidUntil) {
		t.Errorf("renewed: %d until %s, before %d until %s", third.Serial, third.ValidUntil, second.Serial, second.ValidUntil)
	}
}

// TestMetadataKeysInTurn: a key is announced before it signs, and named until
// its end.
func TestMetadataKeysInTurn(t *testing.T) {
	p := newPublisher(t)
	old, next := freshSigner(t), freshSigner(t)
	turn := p.clock.Now().Add(24 * time.Hour)
	ring := kecis.KeysInTurn(
		kecis.TimedKey{Signer: old, Until: turn.Add(24 * time.Hour)},
		kecis.TimedKey{Signer: next, From: turn},
	)
	p.config.Keys = ring
	for _, c := range []struct {
		after time.Duration
		signs *xmlsig.Signer
		valid []*xmlsig.Signer
	}{
		{0, old, []*xmlsig.Signer{old}},
		{25 * time.Hour, next, []*xmlsig.Signer{old, next}},
		{24 * time.Hour, next, []*xmlsig.Signer{next}},
	} {
		p.clock.Advance(c.after)
		if signer, err := ring.Signer(p.clock.Now()); err != nil || signer != c.signs {
			t.Errorf("another key signs at %s: %v", p.clock.Now(), err)
		}
		e, _ := p.read()
		valid := e.SigningKeys(p.clock.Now(), xmlsig.ScopeMessage)
		if len(valid) != len(c.valid) || slices.ContainsFunc(c.valid, func(s *xmlsig.Signer) bool {
			return !slices.ContainsFunc(valid, func(k *xmlsig.PublicKey) bool { return k.ID() == s.Public().ID() })
		}) {
			t.Errorf("%d keys count at %s, want %d", len(valid), p.clock.Now(), len(c.valid))
		}
	}
}

func TestMetadataRefused(t *testing.T) {
	p := newPublisher(t)
	p.config.Description = nil
	s, err := kecis.NewServer(p.config)
	if err != nil {
		t.Fatal(err)
	}
	for method, want := range map[string]int{http.MethodGet: http.StatusNotFound, http.MethodPost: http.StatusMethodNotAllowed} {
		w := httptest.NewRecorder()
		s.Metadata().ServeHTTP(w, httptest.NewRequest(method, "/", http.NoBody))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", method, w.Code, want)
		}
	}
	p.config.Description = &kecis.Description{}
	if _, err := kecis.NewServer(p.config); err == nil {
		t.Error("a description without a key is taken")
	}
}
