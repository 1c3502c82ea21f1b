package crash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// RunParty is the program of a process that a run starts: it serves the party of
// that name until in ends, which it does with the run, or ctx is done. file is
// the setting of the run. It writes the address at which it listens to out as its
// first line, and its log to log.
func RunParty(ctx context.Context, file, name string, in io.Reader, out, log io.Writer) error {
	s, err := readSetting(file)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in) // whatever ends it ends the process
		cancel()
	}()
	p, err := s.open(ctx, name, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		return err
	}
	defer func() { _ = p.journal.Close() }()
	handler, work, err := p.serve(ctx)
	if err != nil {
		return err
	}
	return p.listen(ctx, handler, work, out)
}

// program is a party with its journal, in whatever process.
type program struct {
	*setting
	*party
	journal  *sqljournal.Journal
	partners metadata.Partners
	keys     kecis.Keyring
	log      *slog.Logger
}

func (s *setting) open(ctx context.Context, name string, log *slog.Logger) (*program, error) {
	p := &program{setting: s, log: log}
	var err error
	if p.party, err = s.party(name); err != nil {
		return nil, err
	}
	if p.partners, err = s.partners(); err != nil {
		return nil, err
	}
	signer, err := p.signer()
	if err != nil {
		return nil, err
	}
	p.keys = kecis.OneKey(signer)
	p.journal, err = sqljournal.Open(ctx, p.Journal, sqljournal.Options{Prefix: p.Prefix})
	return p, err
}

// client is the SDK's client of the party.
func (p *program) client() *kecis.Client {
	return &kecis.Client{
		Entity: p.Entity, Keys: p.keys, Partners: p.partners, Journal: p.journal, Clock: p.clock(), Log: p.log,
	}
}

// issuer is the service of the issuer.
func (p *program) issuer() (*issuer.Issuer, error) {
	opener, err := p.opener()
	if err != nil {
		return nil, err
	}
	return issuer.New(issuer.Config{
		Entity: p.Entity, Journal: p.journal, Clock: p.clock(), Keys: opener, Shops: p.partners,
		NumberKey: []byte("the key of a run that is thrown away"),
	})
}

// pg is the service of the PG.
func (p *program) pg(client *kecis.Client) (*pg.PG, error) {
	return pg.New(pg.Config{Journal: p.journal, Client: client, Partners: p.partners})
}

// work is background work, as Server.RunOnce.
type work func(context.Context) (bool, error)

// serve makes the server of the party.
func (p *program) serve(ctx context.Context) (http.Handler, []work, error) {
	role, err := p.role(p.party)
	if err != nil {
		return nil, nil, err
	}
	config := kecis.ServerConfig{
		Entity: p.Entity, Endpoint: p.Entity, Keys: p.keys, Partners: p.partners, Journal: p.journal,
		Role: role, Clock: p.clock(), Client: p.client(), Log: p.log,
	}
	if p.Name == issuerName {
		return p.serveIssuer(ctx, config)
	}
	return p.servePG(ctx, config)
}

func (p *program) serveIssuer(ctx context.Context, config kecis.ServerConfig) (http.Handler, []work, error) {
	service, err := p.issuer()
	if err != nil {
		return nil, nil, err
	}
	if err := service.Enrol(ctx, enrolments()...); err != nil {
		return nil, nil, err
	}
	config.Payments, config.Captures, config.Cancellations = service, service, service
	server, err := kecis.NewServer(config)
	if err != nil {
		return nil, nil, err
	}
	inbox, err := service.InboxHandler()
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /kecis", issuer.Lossy(server, issuer.AbortConnection))
	mux.Handle("/", inbox)
	return mux, []work{server.RunOnce, service.RunOnce}, nil
}

func (p *program) servePG(ctx context.Context, config kecis.ServerConfig) (http.Handler, []work, error) {
	service, err := p.pg(config.Client)
	if err != nil {
		return nil, nil, err
	}
	for i := range p.Parties {
		shop := &p.Parties[i]
		if shop.Role != metadata.Requester {
			continue
		}
		if err := service.Register(ctx, pg.Merchant{Entity: shop.Entity, Name: shop.Name, Rate: merchantRate}); err != nil {
			return nil, nil, err
		}
	}
	config.Payments, config.Captures, config.Cancellations = p.Fault.payments(service), service, service
	server, err := kecis.NewServer(config)
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /kecis", server)
	return mux, []work{server.RunOnce, config.Client.RunOnce}, nil
}

// merchantRate is 2.5 %, in hundredths of a percent: it does not divide evenly.
const merchantRate = 250

// listen serves at an address of its own, with the background work.
func (p *program) listen(ctx context.Context, handler http.Handler, works []work, out io.Writer) error {
	var network net.ListenConfig
	listener, err := network.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, listener.Addr()); err != nil {
		return err
	}
	for _, w := range works {
		go p.keepWorking(ctx, w)
	}
	web := &http.Server{
		Handler: handler, ReadHeaderTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
	}
	go func() {
		<-ctx.Done()
		_ = web.Close()
	}()
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// workPause is between rounds of background work that had nothing to do, by the
// machine's clock: looking more often would only load the machine.
const workPause = 50 * time.Millisecond

// keepWorking does background work until ctx is done.
func (p *program) keepWorking(ctx context.Context, do work) {
	for ctx.Err() == nil {
		worked, err := do(ctx)
		if err != nil && ctx.Err() == nil {
			p.log.ErrorContext(ctx, "background work failed", slog.Any("error", err))
		}
		if (err != nil || !worked) && machine().Sleep(ctx, workPause) != nil {
			return
		}
	}
}
