package simulation

import (
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// Parts are what a world is made of. A planted fault replaces one of them; a nil
// one is as it should be.
type Parts struct {
	// Issuer and PG bend the configuration of a server before it is made.
	Issuer, PG func(*kecis.ServerConfig)
	// Journal puts something between the program of a party in a role ("issuer",
	// "pg", "shop") and its store.
	Journal func(role string, j journal.Journal) journal.Journal
	// Idle says that a party's background work of a name ("worker", "holds") is
	// never done.
	Idle func(role, work string) bool
	// Engine bends what the PGs' engine of amount authentication works with.
	Engine func(c *amountauth.Config, client *kecis.Client)
	// Settle is how a shop brings a request of unknown outcome to its end.
	Settle func(ctx context.Context, c *kecis.Client, provider string, id kecis.ID) (kecis.Settlement, error)
}

// setting is what all parties of a world share.
type setting struct {
	*world
	keys  *Keys
	parts Parts
	// folder is where the parties' databases are, "" if their stores are in memory.
	folder string
	// holdTime is the issuer's.
	holdTime time.Duration
	// street is the process of all buyers, bank the issuer's service in its present
	// life, and sales what PGs sell by themselves.
	street *process
	bank   *issuer.Issuer
	sales  []purchase
	skips  []skipping
	// finished are the purchases that have come to their end.
	finished map[string]bool
	// over is set when all have, or it is time to give up.
	over bool
	// resting is set while buyers look at their pages when all has come to rest.
	resting bool
}

// newProcess adds a party with an empty store, in memory or in a file.
func (s *setting) newProcess(name, role string, start func(*process) (http.Handler, error)) *process {
	// Clocks are up to some seconds wrong, each by its own.
	skew := time.Duration(s.plan.draw("skew "+name)%uint64(2*maxSkew)) - maxSkew
	p := &process{name: name, entity: entityOf(name), host: name + ".example", role: role, store: kecistest.NewJournal(), start: start}
	if s.folder != "" {
		p.file = filepath.Join(s.folder, name+".db")
	}
	return s.add(p, skew.Truncate(time.Millisecond))
}

// maxSkew is how wrong a clock is at most: as machines are that once were set.
const maxSkew = 3 * time.Second

// journalOf is the store as a party's program has it.
func (s *setting) journalOf(p *process) journal.Journal {
	if s.parts.Journal != nil {
		return s.parts.Journal(p.role, p.journal)
	}
	return p.journal
}

// random is the randomness of a process in one life.
func (p *process) random(seed uint64) io.Reader {
	sum := sha256.Sum256([]byte(strconv.FormatUint(seed, 10) + " " + p.name + " " + strconv.Itoa(p.lives)))
	return rand.NewChaCha8(sum)
}

// client makes the SDK's client of a process.
func (s *setting) client(p *process) (*kecis.Client, error) {
	keys, err := s.keys.keyring(p.name)
	if err != nil {
		return nil, err
	}
	return &kecis.Client{
		Entity: p.entity, Keys: keys, Partners: s.keys.partners[s.holdTime], Journal: s.journalOf(p),
		HTTP: &http.Client{Transport: &line{s.net, p}}, Clock: p.clock, Random: p.random(s.recording.Seed), Log: p.logger(),
		Window: []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute}[s.plan.draw("window "+p.name)%3],
	}, nil
}

// server makes the SDK's server of a process.
func (s *setting) server(p *process, role metadata.RoleName, bend func(*kecis.ServerConfig), config *kecis.ServerConfig) (*kecis.Server, error) {
	keys, err := s.keys.keyring(p.name)
	if err != nil {
		return nil, err
	}
	config.Entity, config.Endpoint, config.Keys, config.Partners, config.Journal = p.entity, p.entity, keys, s.keys.partners[s.holdTime], s.journalOf(p)
	config.Role, config.Clock, config.Random, config.Log = roleOf(role, s.holdTime), p.clock, p.random(s.recording.Seed), p.logger()
	config.AnswerRetention, config.Retention = s.retention, transactionRetention
	if bend != nil {
		bend(config)
	}
	server, err := kecis.NewServer(*config)
	if err != nil {
		return nil, err
	}
	s.background(p, "worker", server.RunOnce)
	return server, nil
}

// transactionRetention is longer than a world: what a late reversal could meet is
// never cleaned up (P16).
const transactionRetention = 60 * 24 * time.Hour

// logger writes the program's own log into the history, for who looks for the
// reason of something.
func (p *process) logger() *slog.Logger {
	if p.history == nil {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(logWriter{p}, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == "entity" {
			return slog.Attr{}
		}
		return a
	}}))
}

type logWriter struct{ *process }

// Write takes a line of the log.
func (l logWriter) Write(line []byte) (int, error) {
	l.logf("%s logs %s", l.name, line[:len(line)-1])
	return len(line), nil
}

// startIssuer makes the reference issuer anew.
func (s *setting) startIssuer(p *process) (http.Handler, error) {
	config := issuer.Config{
		Entity: p.entity, Journal: s.journalOf(p), Clock: p.clock, Random: p.random(^s.recording.Seed), Keys: s.keys.private,
		NumberKey: []byte("a key of thirty-two secret bytes"), Shops: s.keys.partners[s.holdTime], HoldTime: s.holdTime,
	}
	if p.lives == 1 {
		if err := s.enrol(p, config); err != nil {
			return nil, err
		}
	}
	service, err := issuer.New(config)
	if err != nil {
		return nil, err
	}
	client, err := s.client(p)
	if err != nil {
		return nil, err
	}
	s.bank = service
	s.background(p, "holds", service.RunOnce)
	return s.server(p, metadata.Issuer, s.parts.Issuer, &kecis.ServerConfig{Payments: service, Captures: service, Cancellations: service, Client: client})
}

// enrol makes the buyers' instruments known, before the world begins.
func (s *setting) enrol(p *process, config issuer.Config) error {
	config.Journal = p.store
	service, err := issuer.New(config)
	if err != nil {
		return err
	}
	s.current.inside = true
	defer func() { s.current.inside = false }()
	var list []issuer.Enrolment
	for i := range s.keys.instruments {
		list = append(list, s.keys.instruments[i].Enrolment())
	}
	return service.Enrol(s.context, list...)
}

// startPG makes a PG anew.
func (s *setting) startPG(p *process) (http.Handler, error) {
	client, err := s.client(p)
	if err != nil {
		return nil, err
	}
	config := pg.Config{Journal: s.journalOf(p), Client: client, Partners: s.keys.partners[s.holdTime]}
	if p.lives == 1 {
		if err := s.register(p, config); err != nil {
			return nil, err
		}
	}
	service, err := pg.New(config)
	if err != nil {
		return nil, err
	}
	server := &kecis.ServerConfig{Payments: service, Captures: service, Cancellations: service, Client: client}
	if !s.authenticates {
		return s.server(p, metadata.PG, s.parts.PG, server)
	}
	p.server = nil
	pages, err := s.authenticator(p, service, client, server)
	if err != nil {
		return nil, err
	}
	if p.server, err = s.server(p, metadata.PG, s.parts.PG, server); err != nil {
		return nil, err
	}
	mux, _ := pages.(*http.ServeMux)
	mux.Handle("/", p.server)
	return mux, nil
}

// register makes the shops known, before the world begins.
func (s *setting) register(p *process, config pg.Config) error {
	config.Journal = p.store
	service, err := pg.New(config)
	if err != nil {
		return err
	}
	for _, name := range []string{shopOne, shopTwo} {
		m := pg.Merchant{Entity: entityOf(name), Name: name, Rate: merchantRate}
		if s.authenticates { // the name is how buyers find the order in their inbox
			m.Name = ""
		}
		if err := service.Register(s.context, m); err != nil {
			return err
		}
	}
	return nil
}

// merchantRate is 2.5 %, in hundredths of a percent: it does not divide evenly.
const merchantRate = 250

// background keeps calling work, which reports whether there was anything to do,
// with longer and longer pauses while there is nothing.
func (s *setting) background(p *process, name string, work func(context.Context) (bool, error)) {
	if s.parts.Idle != nil && s.parts.Idle(p.role, name) {
		return
	}
	p.spawn(p, p.name+" "+name, func() {
		pause := shortPause
		for {
			worked, err := work(p.context)
			if err != nil {
				p.logf("%s %s: %v", p.name, name, err)
			}
			switch {
			case err != nil:
				pause = shortPause
			case worked:
				pause = shortPause
				p.pass()
				continue
			}
			p.idle(pause)
			pause = min(2*pause, p.longest())
		}
	})
}

// The pauses of background work: while there is a storm it looks often, and
// later as seldom as the bounds of a world allow.
const (
	shortPause = 200 * time.Millisecond
	busyPause  = time.Minute
	longPause  = 20 * time.Minute
)

func (p *process) longest() time.Duration {
	if p.plan.phase == storm {
		return busyPause
	}
	return longPause
}
