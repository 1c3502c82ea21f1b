package main

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// The examples of configurations, which work as they are.
var (
	//go:embed example/pg.yaml
	examplePG string
	//go:embed example/issuer.yaml
	exampleIssuer string
	//go:embed example/shop.yaml
	exampleShop string
)

func (a *app) serveCommand() *cobra.Command {
	return a.group(&cobra.Command{
		Use:   "serve",
		Short: a.say(phrase{"run a payment gateway (PG), an issuer or an identity provider", "PG, 발급사, 신원 제공자 서버 실행"}),
		Long: a.say(phrase{
			`Runs one of the reference programs as a server, with a configuration file. It
stops on SIGINT or SIGTERM, after the requests at work have been answered; a
second signal ends it at once, which loses nothing either. docs/operators.md`,
			`기준 프로그램 하나를 설정 파일에 따라 서버로 실행합니다. SIGINT나 SIGTERM을 받으면
처리 중인 요청에 응답한 뒤 멈추고, 신호를 한 번 더 받으면 바로 끝나지만 이때도 잃는
것은 없습니다. docs/operators.md`}),
		Example: `  kecis serve pg --example > pg.yaml
  kecis serve pg --config pg.yaml`,
	},
		a.serveRole("pg", phrase{"run a payment gateway", "PG 실행"}, examplePG, a.buildPG),
		a.serveRole("issuer", phrase{"run an issuer of test cards and accounts", "시험용 카드와 계좌의 발급사 실행"}, exampleIssuer, a.buildIssuer),
		a.serveIDP())
}

// provider is a server that has been built and is to be run.
type provider struct {
	name     string
	settings *serverSettings
	file     *settingsFile
	log      *slog.Logger
	journal  *sqljournal.Journal
	partners *partnerBook
	server   *kecis.Server
	client   *kecis.Client // of a PG
	gateway  *pg.PG        // of a PG
	// authenticator is of a PG that authenticates buyers.
	authenticator *pg.Authenticator
	issuer        *issuer.Issuer // of an issuer
	// handler takes the requests of the back channel; more are pages beside it.
	handler http.Handler
	more    map[string]http.Handler
	// site is the host that persons show certificates to; nil if there is none.
	site *certificateSite
	// work is what runs in the background beside the server's own.
	work   map[string]func(context.Context) (bool, error)
	health health
	// observer counts exchanges for metrics; both are nil without an address for them.
	observer kecis.Observer
	metrics  *prometheus.Registry
}

// health is what the health page says of a server.
type health struct {
	Status string `json:"status"`
	Role   string `json:"role"`
	Entity string `json:"entity"`
	// Journal is "ok", or why it cannot be read.
	Journal string `json:"journal"`
	// AtWork is the number of requests that are being worked on.
	AtWork int `json:"atWork"`
	// Absent are partners whose metadata were never got.
	Absent []string `json:"absentPartners,omitempty"`
	// EncryptionUntil is when the last key ends that instruments can be encrypted to.
	EncryptionUntil string `json:"encryptionKeyUntil,omitempty"`
	Version         string `json:"version"`
}

func (a *app) serveRole(role string, short phrase, example string, build func(context.Context, string) (*provider, error)) *cobra.Command {
	var config string
	var showExample bool
	cmd := &cobra.Command{
		Use:     role + " --config FILE",
		Short:   a.say(short),
		Example: fmt.Sprintf("  kecis serve %[1]s --example > %[1]s.yaml\n  kecis serve %[1]s --config %[1]s.yaml", role),
		Args:    a.arguments(),
	}
	cmd.Flags().StringVar(&config, "config", "", a.say(phrase{"configuration file", "설정 파일"}))
	cmd.Flags().BoolVar(&showExample, "example", false, a.say(phrase{"print an example of a configuration", "설정 예제 출력"}))
	return a.does(cmd, func(ctx context.Context, _ []string) (answer, error) {
		switch {
		case showExample:
			return a.example(example)
		case config == "":
			return nil, a.usage(a.say(phrase{"--config is missing", "--config가 없습니다"}),
				a.say(phrase{"begin with: ", "다음으로 시작하십시오: "})+cmd.CommandPath()+" --example > "+role+".yaml")
		}
		p, err := build(ctx, config)
		if err != nil {
			return nil, err
		}
		return a.serve(ctx, p)
	})
}

// example prints an example of a configuration.
func (a *app) example(text string) (answer, error) {
	inline, err := a.deliver(standardStream, []byte(text), modePublic)
	return &shownExample{inline}, err
}

type shownExample struct {
	Document string `json:"document"`
}

func (e *shownExample) print(*page) {}

// serverConfig is what is common to both providers.
func (f *settingsFile) serverConfig(p *provider, s *partySettings, role metadata.Role) (kecis.ServerConfig, error) {
	keys, err := f.messageKeys(s.Keys.Message)
	if err != nil {
		return kecis.ServerConfig{}, err
	}
	description, err := f.description(s)
	if err != nil {
		return kecis.ServerConfig{}, err
	}
	return kecis.ServerConfig{
		Entity: s.Entity, Endpoint: p.settings.Endpoint, Keys: keys, Partners: p.partners, Journal: p.journal,
		Role: role, Description: description, Log: p.log, Random: f.a.random,
		AnswerWithin: p.settings.AnswerWithin, MaxConcurrent: p.settings.Concurrent,
		Observer: p.observer, AnswerRetention: p.settings.Retention.Answers, Retention: p.settings.Retention.Transactions,
	}, nil
}

// opened opens what a provider stands on: its log, journal and partners.
func (f *settingsFile) opened(ctx context.Context, name string, party *partySettings, server *serverSettings) (*provider, error) {
	if err := f.checkParty(party); err != nil {
		return nil, err
	}
	if err := f.checkServer(server); err != nil {
		return nil, err
	}
	p := &provider{
		name: name, settings: server, file: f, log: f.a.logger(server.Log),
		more: map[string]http.Handler{}, work: map[string]func(context.Context) (bool, error){},
	}
	var err error
	if p.partners, err = f.partners(ctx, &party.Partners); err != nil {
		return nil, err
	}
	if p.journal, err = f.openJournal(ctx, party.Journal); err != nil {
		return nil, err
	}
	if err := p.measure(); err != nil {
		return p.abandon(err)
	}
	p.health = health{Role: name, Entity: party.Entity, Version: version().SDK}
	return p, nil
}

// abandon closes what was opened for a provider that could not be built.
func (p *provider) abandon(err error) (*provider, error) {
	if closing := p.journal.Close(); closing != nil {
		p.log.Error("the journal could not be closed", slog.Any("error", closing))
	}
	return nil, err
}
