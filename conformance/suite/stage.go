package suite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// Subject is the implementation under test.
type Subject struct {
	// Entity is its entityID, and Partner what its verified metadata say.
	Entity  string
	Partner *metadata.Partner
	// Role is the one that it is tested in.
	Role conformance.Role
	// Card is a test card that approves: of the suite's issuer behind a PG, of the
	// implementation before an issuer.
	Card kecis.PlainInstrument
}

// Config is what a Stage is made of. All of it but Pause must be set.
type Config struct {
	Subject Subject
	Cast    *Cast
	// HTTP reaches the implementation.
	HTTP  *http.Client
	Clock kecis.Clock
	// Pause waits between two looks at something that takes its time; nil is
	// DefaultPause of the clock.
	Pause func(context.Context) error
	// Log takes what the suite's own servers have to say.
	Log *slog.Logger
}

// DefaultPause is short enough for a person who waits, and long enough not to
// trouble an implementation.
const DefaultPause = 200 * time.Millisecond

// Stage is where a run takes place.
type Stage struct {
	Config

	// asking is the party that sends requests to the implementation.
	asking *Player
	client *kecis.Client
	tap    *tap
	bank   *kecis.Server // behind a PG
	random io.Reader
	// reader and soapReader verify answers, alone and in an envelope.
	reader, soapReader *xmlsig.Verifier
	known              metadata.Partners

	mu     sync.Mutex
	orders int
	cursor int64 // of the last event that was read
	// reference is the test card by its InstrumentRef, once that is known.
	reference kecis.Instrument
}

var errConfig = errors.New("suite: Subject, Cast, HTTP, Clock and Log are needed")

// Open makes a Stage. The implementation must be reachable by HTTP before a run,
// and the addresses of Handlers by the implementation.
func Open(ctx context.Context, c Config) (*Stage, error) {
	if c.Subject.Partner == nil || c.Cast == nil || c.HTTP == nil || c.Clock == nil || c.Log == nil {
		return nil, errConfig
	}
	if c.Pause == nil {
		c.Pause = func(ctx context.Context) error { return c.Clock.Sleep(ctx, DefaultPause) }
	}
	s := &Stage{Config: c, asking: c.Cast.Asking(), random: rand.Reader}
	if err := s.route(); err != nil {
		return nil, err
	}
	s.known = metadata.Fixed(c.Subject.Partner, c.Cast.Shop.Partner, c.Cast.PG.Partner, c.Cast.Issuer.Partner)
	roots := make([]xmlsig.Name, 0, len(kecis.Kinds()))
	for _, k := range kecis.Kinds() {
		roots = append(roots, k.Root())
	}
	s.reader, s.soapReader = &xmlsig.Verifier{Profile: xmlsig.Message(roots...)}, &xmlsig.Verifier{Profile: xmlsig.SOAP(xmlsig.Message(roots...))}
	s.client = s.clientOf(s.asking)
	if c.Subject.Role == conformance.PG {
		if err := s.openIssuer(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

var errNoKeys = errors.New("suite: the issuer's metadata name no encryption key")

// route has the suite's own PG lead to the issuer under test.
func (s *Stage) route() error {
	if s.Subject.Role != conformance.Issuer {
		return nil
	}
	role, ok := s.Subject.Partner.Role(metadata.Issuer)
	if !ok || len(role.EncryptionKeys) == 0 {
		return errNoKeys
	}
	s.Cast.PG.Partner.Entity.Roles[0].Routes = []metadata.Route{{
		Kind: metadata.MethodCard, Prefix: s.Subject.Card.Number.Reveal()[:routePrefix], Brand: "VISA", Issuer: s.Subject.Entity, Keys: role.EncryptionKeys,
	}}
	return nil
}

// routePrefix is how many digits of a card's number lead to its issuer.
const routePrefix = 6

func (s *Stage) clientOf(p *Player) *kecis.Client {
	return &kecis.Client{
		Entity: p.Entity, Keys: p.Keys, Partners: s.known, Journal: kecistest.NewJournal(), HTTP: s.HTTP, Clock: s.Clock, Log: s.Log,
	}
}

// openIssuer makes the issuer behind a PG: the reference issuer with its test
// instruments, and a tap on its line.
func (s *Stage) openIssuer(ctx context.Context) error {
	books, own := kecistest.NewJournal(), s.Cast.Issuer
	service, err := issuer.New(issuer.Config{
		Entity: own.Entity, Journal: books, Clock: s.Clock, Keys: own.Private, Shops: s.known, NumberKey: []byte("the suite's issuer keeps nothing"),
	})
	if err != nil {
		return err
	}
	if err := service.Enrol(ctx, issuer.EnrolTest()...); err != nil {
		return err
	}
	client := s.clientOf(own)
	client.Journal = books
	s.bank, err = kecis.NewServer(kecis.ServerConfig{
		Entity: own.Entity, Endpoint: own.Endpoint, Keys: own.Keys, Partners: s.known, Journal: books, Role: own.Partner.Entity.Roles[0],
		Payments: service, Captures: service, Cancellations: service, Clock: s.Clock, Log: s.Log, Client: client,
	})
	if err != nil {
		return fmt.Errorf("suite: the issuer: %w", err)
	}
	s.tap = &tap{to: s.bank, bend: map[string]func(*passage){}}
	return nil
}

// signerOf signs with a key of the ring.
func (s *Stage) signerOf(name string) (*xmlsig.Signer, error) {
	key, err := s.Cast.Ring.Key(name)
	if err != nil {
		return nil, &harnessError{err}
	}
	return xmlsig.NewSigner(key.Private)
}

// openOwn reads a message that the suite has sent.
func (s *Stage) openOwn(ctx context.Context, document []byte) (kecis.Message, error) {
	return kecis.Open(ctx, s.reader, document, metadata.Keys(s.known, s.Clock.Now))
}

// instrument is a test card of the suite's issuer.
func (s *Stage) instrument(id string) kecis.PlainInstrument {
	for _, i := range issuer.TestInstruments() {
		if i.ID == id {
			return i.Plain()
		}
	}
	return kecis.PlainInstrument{}
}

// events reads what the feed has to tell since it was last read.
func (s *Stage) events(ctx context.Context) (list []kecis.Event, err error) {
	s.mu.Lock()
	after := s.cursor
	s.mu.Unlock()
	for e, err := range s.client.Events(ctx, s.Subject.Entity, after) {
		if err != nil {
			return nil, err
		}
		list, after = append(list, *e), e.Cursor
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cursor = max(s.cursor, after)
	return list, nil
}

// Handlers are what the suite serves, by address.
func (s *Stage) Handlers() map[string]http.Handler {
	out := map[string]http.Handler{}
	if s.tap != nil {
		out[s.Cast.Issuer.Endpoint] = s.tap
	}
	return out
}
