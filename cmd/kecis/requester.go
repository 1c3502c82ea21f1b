package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// requesterSettings are the configuration of who asks a provider: a shop.
type requesterSettings struct {
	Party partySettings `yaml:",inline"`

	// Provider is the entityID of the PG that is asked if no other is named.
	Provider string        `yaml:"provider"`
	Payee    payeeSettings `yaml:"payee"`
	// Window is how long a request has to take effect.
	Window time.Duration `yaml:"window"`
	Log    logSettings   `yaml:"log"`
}

// payeeSettings are who is paid; without an entity it is the requester.
type payeeSettings struct {
	Entity   string `yaml:"entity"`
	Name     string `yaml:"name"`
	Number   string `yaml:"number"`
	Business string `yaml:"business"`
	Category string `yaml:"category"`
}

// requesterFlags say who asks whom: by a configuration, or one by one.
type requesterFlags struct {
	config                                     string
	entity, key, journal, location, pin, payee string
	provider                                   string
	wait                                       time.Duration
}

// defaultWait is how long a command waits for a sure answer: a provider answers
// within 25 seconds, and says by then if it does not know.
const defaultWait = 40 * time.Second

func (a *app) addRequesterFlags(cmd *cobra.Command, f *requesterFlags) {
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", a.say(phrase{"configuration of the requester (begin with: kecis pay --example)", "요청자의 설정 파일(시작: kecis pay --example)"}))
	flags.StringVar(&f.entity, "entity", "", a.say(phrase{"without --config: entityID of the requester", "--config 없이: 요청자의 entityID"}))
	flags.StringVar(&f.key, "key", "", a.say(phrase{"without --config: private message key", "--config 없이: 메시지 개인 키"}))
	flags.StringVar(&f.journal, "journal", "", a.say(phrase{"without --config: journal, as sqlite:shop.db", "--config 없이: 저널, 예: sqlite:shop.db"}))
	flags.StringVar(&f.location, "metadata", "", a.say(phrase{"without --config: metadata of the provider, a URL or a file", "--config 없이: PG의 메타데이터 URL 또는 파일"}))
	flags.StringVar(&f.pin, "pin", "", a.say(phrase{"without --config: fingerprint of the provider's metadata key, or its file", "--config 없이: PG 메타데이터 키의 지문 또는 파일"}))
	flags.StringVar(&f.payee, "payee", "", a.say(phrase{"without --config: name of the payee as the provider knows it", "--config 없이: PG에 등록된 수취인 이름"}))
	flags.StringVar(&f.provider, "provider", "", a.say(phrase{"entityID of the provider", "PG의 entityID"}))
	flags.DurationVar(&f.wait, "wait", defaultWait, a.say(phrase{"how long to wait for a sure answer", "확실한 응답을 기다리는 시간"}))
}

// requester is a party that asks a provider.
type requester struct {
	a        *app
	settings *requesterSettings
	journal  *sqljournal.Journal
	client   *kecis.Client
	partners *partnerBook
	provider string
}

// asking does an action as the requester that the flags name, within --wait.
func (a *app) asking(cmd *cobra.Command, do func(ctx context.Context, r *requester, args []string) (answer, error)) *cobra.Command {
	f := &requesterFlags{}
	a.addRequesterFlags(cmd, f)
	return a.does(cmd, func(ctx context.Context, args []string) (result answer, err error) {
		if example := cmd.Flags().Lookup("example"); example != nil && example.Changed {
			return a.example(exampleShop)
		}
		r, err := a.requester(ctx, f)
		if err != nil {
			return nil, err
		}
		defer func() {
			if closing := r.journal.Close(); closing != nil && err == nil {
				err = closing
			}
		}()
		ctx, cancel := context.WithTimeout(ctx, f.wait)
		defer cancel()
		return do(ctx, r, args)
	})
}

func (a *app) requester(ctx context.Context, flags *requesterFlags) (*requester, error) {
	s := &requesterSettings{}
	f, err := a.requesterFile(flags, s)
	if err != nil {
		return nil, err
	}
	if err := f.checkParty(&s.Party); err != nil {
		return nil, err
	}
	r := &requester{a: a, settings: s, provider: s.Provider}
	if flags.provider != "" {
		r.provider = flags.provider
	}
	if r.provider == "" {
		return nil, f.missing("provider")
	}
	keys, err := f.messageKeys(s.Party.Keys.Message)
	if err != nil {
		return nil, err
	}
	if r.partners, err = f.partners(ctx, &s.Party.Partners); err != nil {
		return nil, err
	}
	log := a.requesterLog(s.Log)
	if err := r.reach(ctx, log); err != nil {
		return nil, err
	}
	if r.journal, err = f.openJournal(ctx, s.Party.Journal); err != nil {
		return nil, err
	}
	r.client = &kecis.Client{
		Entity: s.Party.Entity, Keys: keys, Partners: r.partners, Journal: r.journal, Log: log, Random: a.random,
		Window: s.Window, Transmission: kecis.DefaultTransmission,
	}
	return r, nil
}

// requesterFile reads the configuration, or makes one of the flags.
func (a *app) requesterFile(flags *requesterFlags, s *requesterSettings) (*settingsFile, error) {
	given := []string{flags.entity, flags.key, flags.journal, flags.location, flags.pin, flags.payee}
	if flags.config != "" {
		if strings.Join(given, "") != "" {
			return nil, a.usage(a.say(phrase{"--config says all: it goes with --provider and --wait alone", "--config를 쓰면 --provider와 --wait만 함께 쓸 수 있습니다"}), "")
		}
		return a.settings(flags.config, s)
	}
	for i, name := range []string{"--entity", "--key", "--journal", "--metadata", "--pin"} {
		if given[i] == "" {
			return nil, a.usage(a.say(phrase{"%s is missing", "%s이(가) 없습니다"}, name),
				a.say(phrase{"give a configuration with --config (begin with: kecis pay --example > shop.yaml), or all flags", "--config로 설정 파일을 주거나(시작: kecis pay --example > shop.yaml) 모든 옵션을 주십시오"}))
		}
	}
	if flags.provider == "" {
		return nil, a.usage(a.say(phrase{"--provider is missing", "--provider가 없습니다"}), "")
	}
	s.Party = partySettings{Entity: flags.entity, Journal: flags.journal, Keys: keySettings{Message: []timedKeySettings{{File: flags.key}}}}
	s.Provider, s.Payee.Name = flags.provider, flags.payee
	if s.Payee.Name == "" {
		s.Payee.Name = flags.entity
	}
	s.Party.Partners = partnersSettings{
		Folder: strings.TrimSuffix(filepath.Base(strings.TrimPrefix(flags.journal, "sqlite:")), ".db") + "-partners",
		Known: []partnerSettings{{
			Entity: flags.provider, Roles: []metadata.RoleName{metadata.PG, metadata.Issuer}, Metadata: flags.location, Key: flags.pin,
		}},
	}
	return &settingsFile{a: a, folder: "."}, nil
}

// requesterLog shows people only what they must know, unless they ask for a log.
func (a *app) requesterLog(s logSettings) *slog.Logger {
	if s == (logSettings{}) {
		return slog.New(slog.DiscardHandler)
	}
	return a.logger(s)
}

// reach gets the provider's metadata; it need not answer if they are known.
func (r *requester) reach(ctx context.Context, log *slog.Logger) error {
	reason := r.partners.fetch(ctx, log)
	_, err := r.partners.Partner(ctx, r.provider)
	if err == nil {
		return nil
	}
	if reason == nil {
		return &failure{
			exit:   exitSettings,
			text:   r.a.say(phrase{"the provider %s is not among the partners", "%s은(는) 파트너 목록에 없습니다"}, shown(r.provider)),
			remedy: r.a.say(phrase{"add it to partners, with its metadata and key", "partners에 메타데이터와 키를 추가하십시오"}), cause: err,
		}
	}
	if c := refusalOf(reason); c != nil && c.Code() != string(metadata.ErrFetch) {
		return &failure{
			exit:   exitSettings,
			text:   r.a.say(phrase{"the metadata of %s are refused: %s", "%s의 메타데이터가 거부되었습니다: %s"}, shown(r.provider), c.Text(string(r.a.lang))),
			remedy: r.a.say(phrase{"compare the key with the one that the provider states: kecis metadata show", "PG가 알려 준 키와 비교하십시오: kecis metadata show"}), cause: reason,
		}
	}
	return &failure{
		exit:   exitIO,
		text:   r.a.say(phrase{"the metadata of %s could not be fetched: %s", "%s의 메타데이터를 가져올 수 없습니다: %s"}, shown(r.provider), shown(reason.Error())),
		remedy: r.a.say(phrase{"nothing was sent; is the provider running?", "아무것도 보내지 않았습니다. PG가 실행 중입니까?"}),
	}
}
