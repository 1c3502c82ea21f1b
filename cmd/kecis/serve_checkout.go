package main

import (
	"bytes"
	"context"
	"io"
	"text/template"

	"go.yaml.in/yaml/v3"

	"github.com/kecis/sdk/adapters/mail"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

// mailSettings say how the links of "check later" are mailed: over SMTP, or into a
// folder.
type mailSettings struct {
	From   string        `yaml:"from"`
	SMTP   *smtpSettings `yaml:"smtp"`
	Folder string        `yaml:"folder"`
	// Template is the file of a template that replaces amountauth.MailTemplate.
	Template string `yaml:"template"`
}

type smtpSettings struct {
	Address string `yaml:"address"`
	User    string `yaml:"user"`
	// Password is the file of it.
	Password string `yaml:"password"`
}

const (
	// ordersPath is where orders are posted to, below the endpoint, and hostedPath what
	// lies beside their pages.
	ordersPath = "/orders"
	hostedPath = "/hosted"
)

// mailer makes what sends mails; nil without settings.
func (f *settingsFile) mailer(s *mailSettings) (amountauth.Mailer, error) {
	switch {
	case s == nil:
		return nil, nil
	case s.From == "":
		return nil, f.missing("authentication", "mail", "from")
	case (s.SMTP == nil) == (s.Folder == ""):
		return nil, f.at([]any{"authentication", "mail"}, phrase{"mails go over smtp or into a folder: choose one", "메일을 보낼 곳은 smtp와 folder 중 하나입니다"})
	case s.Folder != "":
		m := &mail.Folder{Path: f.file(s.Folder), From: s.From}
		if err := m.Check(); err != nil {
			return nil, f.at([]any{"authentication", "mail", "from"}, phrase{"%v", "%v"}, err)
		}
		return m, nil
	}
	m := &mail.SMTP{Address: s.SMTP.Address, From: s.From, User: s.SMTP.User}
	if s.SMTP.Password != "" {
		content, err := f.a.read(f.file(s.SMTP.Password), "password")
		if err != nil {
			return nil, f.because([]any{"authentication", "mail", "smtp", "password"}, err)
		}
		m.Password = string(bytes.TrimSpace(content))
	}
	if err := m.Check(); err != nil {
		return nil, f.at([]any{"authentication", "mail"}, phrase{"%v", "%v"}, err)
	}
	return m, nil
}

// mailTemplate reads the template of mails; nil for the one that there is.
func (f *settingsFile) mailTemplate(s *mailSettings) (*template.Template, error) {
	if s == nil || s.Template == "" {
		return nil, nil
	}
	path := []any{"authentication", "mail", "template"}
	content, err := f.a.read(f.file(s.Template), "template")
	if err != nil {
		return nil, f.because(path, err)
	}
	t, err := template.New(s.Template).Option("missingkey=error").Parse(string(content))
	if err == nil {
		err = t.Execute(io.Discard, &amountauth.MailView{})
	}
	if err != nil {
		return nil, f.at(path, phrase{"the template cannot be used: %v", "템플릿을 쓸 수 없습니다: %v"}, err)
	}
	return t, nil
}

// checkout adds the pages on which buyers pay orders.
func (f *settingsFile) checkout(p *provider, s *pgSettings, service *pg.PG, config *kecis.ServerConfig, byAmount amountPages) (*pg.Hosted, error) {
	var profiles pg.Profiles
	if s.Authentication != nil && s.Authentication.Profiles != nil {
		profiles = pg.Profiles{Limit: kecis.Won(s.Authentication.Profiles.Limit), Life: s.Authentication.Profiles.Life}
	}
	hosted, err := service.Hosted(pg.HostedConfig{
		Profiles: profiles,
		Location: p.settings.below(hostedPath), Name: s.Party.shownName(), Authenticator: byAmount.authenticator, Pages: byAmount.pages, Log: p.log,
	})
	if err != nil {
		return nil, f.because([]any{"endpoint"}, err)
	}
	config.Checkout = kecis.Checkout{Location: p.settings.below(ordersPath), Page: hosted}
	p.more[p.settings.path()+hostedPath+"/"] = hosted
	return hosted, nil
}

// shownName is that of the party on pages.
func (s *partySettings) shownName() string {
	if name := s.Organization.DisplayName.Ko; name != "" {
		return name
	}
	return s.Organization.DisplayName.En
}

// secretFiles are the files of secrets: one, or a list of which the first is used for
// what is new.
type secretFiles []string

// UnmarshalYAML reads a name or a list of names.
func (s *secretFiles) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode {
		*s = secretFiles{n.Value}
		return nil
	}
	var list []string
	err := n.Decode(&list)
	*s = list
	return err
}

// openVisit is Server.OpenVisit of a server that is made later.
func (p *provider) openVisit(ctx context.Context, handle string) (*kecis.Visit, error) {
	return p.server.OpenVisit(ctx, handle)
}
