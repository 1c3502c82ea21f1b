package main

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// authenticationSettings are those of authentication; without them a PG has none.
type authenticationSettings struct {
	// Secret is the file of the secret by which drawn amounts are sealed and compared,
	// and holders of certificates named.
	Secret string `yaml:"secret"`
	// From is the order, in won, from where on a buyer is authenticated.
	From int64 `yaml:"from"`
	// Timeout is the time of a session.
	Timeout time.Duration `yaml:"timeout"`
	// Amount is false for a PG that does not authenticate by amount.
	Amount *bool `yaml:"amount"`
	// Certificate is the host that certificates are shown to; nil for none.
	Certificate *certificateSettings `yaml:"certificate"`
}

// byAmount reports whether buyers are authenticated by amount.
func (s *authenticationSettings) byAmount() bool { return s.Amount == nil || *s.Amount }

// pagesPath is where the buyer's pages lie, below the endpoint.
const pagesPath = "/authenticate"

// declare puts what the PG asks for into its role: the Korean rule with the methods
// that it serves, less exemptions that it cannot check.
func (s *authenticationSettings) declare(role *metadata.Role, methods []metadata.AuthenticationMethod) {
	role.Authentication, role.AmountFloors = kecis.KoreanAuthentication()
	for i := range role.Authentication {
		rule := &role.Authentication[i]
		rule.Methods = slices.DeleteFunc(rule.Methods, func(m metadata.AuthenticationMethod) bool { return !slices.Contains(methods, m) })
		rule.Exemptions = []metadata.Exemption{metadata.ExemptEMoney}
		if s.From != 0 {
			rule.From = s.From
		}
	}
	if !s.byAmount() {
		role.AmountFloors = nil
	}
}

func (f *settingsFile) checkAuthentication(s *pgSettings) error {
	a := s.Authentication
	switch {
	case (a == nil || !a.byAmount()) && len(s.Party.Keys.Encryption) > 0:
		return f.at([]any{"keys", "encryption"}, phrase{"a PG has an encryption key for authentication by amount alone: instruments are for their issuer", "PG의 암호화 키는 금액 인증에만 씁니다. 결제 수단은 발급사만 엽니다"})
	case a == nil:
		return nil
	case a.Secret == "":
		return f.missing("authentication", "secret")
	case a.From < 0:
		return f.at([]any{"authentication", "from"}, phrase{"an amount is not negative", "금액은 음수일 수 없습니다"})
	case a.Timeout < 0 || a.Timeout > amountauth.MaxTimeout:
		return f.at([]any{"authentication", "timeout"}, phrase{"a session lasts 30 days at most", "인증 시간은 최대 30일입니다"})
	case a.Certificate != nil:
		return f.checkCertificate(s)
	case !a.byAmount():
		return f.at([]any{"authentication", "amount"}, phrase{"without amount and certificate there is no method", "amount와 certificate가 모두 없으면 인증 수단이 없습니다"})
	}
	return nil
}

// authenticate adds authentication to a PG: its services, their pages, and their
// background work. The Server is made after it, and told by it.
func (f *settingsFile) authenticate(p *provider, s *pgSettings, service *pg.PG, config *kecis.ServerConfig) error {
	secret, err := f.secret(s.Authentication.Secret)
	if err != nil {
		return err
	}
	services := map[metadata.AuthenticationMethod]kecis.Authentications{}
	if s.Authentication.byAmount() {
		if services[metadata.ByAmount], err = f.authenticateByAmount(p, s, service, secret, config); err != nil {
			return err
		}
	}
	if s.Authentication.Certificate != nil {
		if services[metadata.ByCertificate], err = f.authenticateByCertificate(p, s, service, secret); err != nil {
			return err
		}
	}
	methods, err := kecis.NewAuthenticationMethods(p.journal, services)
	if err != nil {
		return f.because([]any{"authentication"}, err)
	}
	config.Authentications = methods
	s.Authentication.declare(&config.Role, methods.Offered())
	return nil
}

// conclude is the Server's, which is made later.
func (p *provider) conclude(tx journal.Tx, id string, r *kecis.AuthenticationResult) error {
	return p.server.Conclude(tx, id, r)
}

// shownName is the name that buyers are shown.
func (s *partySettings) shownName() string {
	if name := s.Organization.DisplayName.Ko; name != "" {
		return name
	}
	return s.Organization.DisplayName.En
}

// authenticateByAmount adds amount authentication.
func (f *settingsFile) authenticateByAmount(p *provider, s *pgSettings, service *pg.PG, secret []byte, config *kecis.ServerConfig) (kecis.Authentications, error) {
	private, public, err := f.encryptionKeys(s.Party.Keys.Encryption)
	if err != nil {
		return nil, err
	}
	config.Role.EncryptionKeys = public
	var pages *amountauth.Pages
	authenticator, err := service.Authenticator(pg.AuthenticationConfig{
		Keys: []amountauth.Key{{ID: secretName(secret), Secret: secret}}, Policy: amountauth.Policy{Timeout: s.Authentication.Timeout},
		Private: private, Random: f.a.random, Log: p.log, Conclude: p.conclude,
		Page: func(session string) string { return pages.Address(session) },
	})
	if err != nil {
		return nil, f.because([]any{"authentication"}, err)
	}
	pages, err = amountauth.NewPages(amountauth.PagesConfig{Engine: authenticator.Engine(), Location: p.settings.below(pagesPath), Name: s.Party.shownName()})
	if err != nil {
		return nil, f.because([]any{"endpoint"}, err)
	}
	p.more[p.settings.path()+pagesPath+"/"] = pages
	p.work["authentications"] = authenticator.RunOnce
	p.health.EncryptionUntil = lastUntil(public)
	return authenticator, nil
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
