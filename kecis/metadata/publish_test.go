package metadata_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
)

// Two servers of one party publish without knowing of each other, and a partner
// that fetches now from one, now from the other sees one party.
func TestPublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	level := 1
	describe := func() (*metadata.Entity, error) {
		e := *w.party.entity
		e.Roles = append([]metadata.Role{}, e.Roles...)
		e.Roles[0].SecurityLevel = level
		return &e, nil
	}
	publishers := []*metadata.Publisher{
		{Describe: describe, Signer: w.party.metadata, Clock: w.clock.Now},
		{Describe: describe, Signer: w.party.metadata, Clock: w.clock.Now},
	}
	var before []byte
	for i := range 6 {
		w.clock.move(30 * time.Minute)
		document, err := publishers[i%2].Document()
		w.must(err)
		if bytes.Equal(before, document) {
			t.Error("the same octets by both: the test shows nothing")
		}
		before = document
		w.must(w.Add(context.Background(), document))
		p, err := w.Partner(context.Background(), gate)
		w.must(err)
		if want := w.clock.Now().Truncate(time.Hour).UnixMilli(); p.Entity.Serial != want {
			t.Errorf("serial %d, want %d", p.Entity.Serial, want)
		}
	}
	// In one edition there is one content: another with its serial is refused.
	level = 2
	changed := metadata.Publisher{Describe: describe, Signer: w.party.metadata, Clock: w.clock.Now}
	document, err := changed.Document()
	w.must(err)
	w.refused(w.Add(context.Background(), document), metadata.ErrSerial)
}

func TestPublisherAnswers(t *testing.T) {
	t.Parallel()
	party := newGate(t)
	var fault error
	now := clock{now: epoch()}
	p := &metadata.Publisher{
		Describe: func() (*metadata.Entity, error) { e := *party.entity; return &e, fault },
		Signer:   party.metadata, Clock: now.Now,
	}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	document, err := metadata.HTTP{Client: server.Client()}.Fetch(context.Background(), server.URL, metadata.MaxDocument)
	if err != nil {
		t.Fatal(err)
	}
	e, err := read(document, party.metadata.Public())
	if err != nil || e.Check(epoch()) != nil || !e.ValidUntil.Equal(epoch().Add(30*day)) {
		t.Errorf("%v, %v", e, err)
	}
	posted, err := server.Client().Post(server.URL, metadata.ContentType, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	defer posted.Body.Close()
	if posted.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s", posted.Status)
	}
	now.move(time.Hour)
	fault = errors.New("the vault of example.internal is closed")
	got, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusServiceUnavailable || bytes.Contains(body, []byte("vault")) {
		t.Errorf("%s, %s, %v", got.Status, body, err)
	}
}
