package main

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// authenticationSettings are those of amount authentication; without them a PG has none.
type authenticationSettings struct {
	// Secret is the file of the secret by which drawn amounts are sealed and compared.
	Secret string `yaml:"secret"`
	// From is the order, in won, from where on a buyer is authenticated.
	From int64 `yaml:"from"`
	// Timeout is the time of a session.
	Timeout time.Duration `yaml:"timeout"`
}

// pagesPath is where the buyer's pages lie, below the endpoint.
const pagesPath = "/authenticate"

// declare puts what the PG asks for into its role: the Korean rule,
// less exemptions that this PG cannot check.
func (s *authenticationSettings) declare(role *metadata.Role, keys []metadata.EncryptionKey) {
	role.Authentication, role.AmountFloors = kecis.KoreanAuthentication()
	for i := range role.Authentication {
		rule := &role.Authentication[i]
		rule.Exemptions = []metadata.Exemption{metadata.ExemptEMoney}
		if s.From != 0 {
			rule.From = s.From
		}
	}
	role.EncryptionKeys = keys
}

func (f *settingsFile) checkAuthentication(s *pgSettings) error {
	switch a := s.Authentication; {
	case a == nil && len(s.Party.Keys.Encryption) > 0:
		return f.at([]any{"keys", "encryption"}, phrase{"a PG has an encryption key for authentication alone: instruments are for their issuer", "PG의 암호화 키는 인증에만 씁니다. 결제 수단은 발급사만 엽니다"})
	case a == nil:
		return nil
	case a.Secret == "":
		return f.missing("authentication", "secret")
	case a.From < 0:
		return f.at([]any{"authentication", "from"}, phrase{"an amount is not negative", "금액은 음수일 수 없습니다"})
	case a.Timeout < 0 || a.Timeout > amountauth.MaxTimeout:
		return f.at([]any{"authentication", "timeout"}, phrase{"a session lasts 30 days at most", "인증 시간은 최대 30일입니다"})
	}
	return nil
}

// authenticate adds amount authentication to a PG: its service, its pages, and its
// background work. The Server is made after it, and told by it.
func (f *settingsFile) authenticate(p *provider, s *pgSettings, service *pg.PG, config *kecis.ServerConfig) error {
	private, public, err := f.encryptionKeys(s.Party.Keys.Encryption)
	if err != nil {
		return err
	}
	s.Authentication.declare(&config.Role, public)
	secret, err := f.secret(s.Authentication.Secret)
	if err != nil {
		return err
	}
	var pages *amountauth.Pages
	authenticator, err := service.Authenticator(pg.AuthenticationConfig{
		Keys: []amountauth.Key{{ID: secretName(secret), Secret: secret}}, Policy: amountauth.Policy{Timeout: s.Authentication.Timeout},
		Private: private, Random: f.a.random, Log: p.log,
		Page: func(session string) string { return pages.Address(session) },
		Conclude: func(tx journal.Tx, id string, r *kecis.AuthenticationResult) error {
			return p.server.Conclude(tx, id, r)
		},
	})
	if err != nil {
		return f.because([]any{"authentication"}, err)
	}
	name := s.Party.Organization.DisplayName.Ko
	if name == "" {
		name = s.Party.Organization.DisplayName.En
	}
	pages, err = amountauth.NewPages(amountauth.PagesConfig{Engine: authenticator.Engine(), Location: p.settings.below(pagesPath), Name: name})
	if err != nil {
		return f.because([]any{"endpoint"}, err)
	}
	config.Authentications = authenticator
	p.more[p.settings.path()+pagesPath+"/"] = pages
	p.work["authentications"] = authenticator.RunOnce
	p.health.EncryptionUntil = lastUntil(public)
	return nil
}

// secretName names a secret without telling it: another secret has another name.
func secretName(secret []byte) string {
	const octets = 8 // of a name that only has to differ
	sum := sha256.Sum256(append([]byte("kecis serve pg: name 1\n"), secret...))
	return hex.EncodeToString(sum[:octets])
}

// lastUntil is when the last of the keys ends.
func lastUntil(keys []metadata.EncryptionKey) string {
	last := time.Time{}
	for _, k := range keys {
		if k.NotOnOrAfter.After(last) {
			last = k.NotOnOrAfter
		}
	}
	return instant(last)
}
