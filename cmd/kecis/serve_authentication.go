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
	// Secret are the files of the secrets by which drawn amounts are sealed and compared,
	// and holders of certificates named.
	Secret secretFiles `yaml:"secret"`
	// From is the order, in won, from where on a buyer is authenticated.
	From int64 `yaml:"from"`
	// Timeout is the time of a session.
	Timeout time.Duration `yaml:"timeout"`
	// Amount is false for a PG that does not authenticate by amount.
	Amount *bool `yaml:"amount"`
	// Certificate is the host that certificates are shown to; nil for none.
	Certificate *certificateSettings `yaml:"certificate"`
	// Mail is nil for a PG that sends no links.
	Mail *mailSettings `yaml:"mail"`
	// Profiles is nil for a PG that authenticates each buyer each time.
	Profiles *profileSettings `yaml:"profiles"`
}

// profileSettings let buyers skip the next authentication: up to an order, in won, and
// for a time.
type profileSettings struct {
	Limit int64         `yaml:"limit"`
	Life  time.Duration `yaml:"life"`
}

// byAmount reports whether buyers are authenticated by amount.
func (s *authenticationSettings) byAmount() bool { return s.Amount == nil || *s.Amount }

// pagesPath is where the buyer's pages lie, below the endpoint.
const pagesPath = "/authenticate"

// declare puts what the PG asks for into its role: the Korean rule with the methods
// that it serves, with the exemptions that this PG can check.
func (s *authenticationSettings) declare(role *metadata.Role, methods []metadata.AuthenticationMethod) {
	role.Authentication, role.AmountFloors = kecis.KoreanAuthentication()
	for i := range role.Authentication {
		rule := &role.Authentication[i]
		rule.Methods = slices.DeleteFunc(rule.Methods, func(m metadata.AuthenticationMethod) bool { return !slices.Contains(methods, m) })
		rule.Exemptions = []metadata.Exemption{metadata.ExemptEMoney}
		if s.Profiles != nil {
			rule.Exemptions = append(rule.Exemptions, metadata.ExemptProfile)
		}
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
	case len(a.Secret) == 0 || a.Secret[0] == "":
		return f.missing("authentication", "secret")
	case a.From < 0:
		return f.at([]any{"authentication", "from"}, phrase{"an amount is not negative", "금액은 음수일 수 없습니다"})
	case a.Profiles != nil && (!s.Checkout || a.Profiles.Limit <= 0 || a.Profiles.Life <= 0 || a.Profiles.Life > amountauth.MaxProfileLife):
		return f.at([]any{"authentication", "profiles"}, phrase{"profiles need checkout: true, a limit in won and a life of at most 8760h", "profiles에는 checkout: true와 원화 한도 limit, 8760h 이하의 life가 필요합니다"})
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
// background work. The Server is made after it, and told by it; so are the pages of the
// checkout, which lie beyond, nil without. What it returns is that of the amount, nil
// without.
func (f *settingsFile) authenticate(p *provider, s *pgSettings, service *pg.PG, config *kecis.ServerConfig, hosted **pg.Hosted) (byAmount amountPages, err error) {
	keys, err := f.secrets(s.Authentication.Secret)
	if err != nil {
		return byAmount, err
	}
	services := map[metadata.AuthenticationMethod]kecis.Authentications{}
	if s.Authentication.byAmount() {
		if byAmount, err = f.authenticateByAmount(p, s, service, keys, config, hosted); err != nil {
			return byAmount, err
		}
		services[metadata.ByAmount] = byAmount.authenticator
	}
	if s.Authentication.Certificate != nil {
		// The oldest: the names of holders hang on it.
		oldest := keys[len(keys)-1].Secret
		if services[metadata.ByCertificate], err = f.authenticateByCertificate(p, s, service, oldest); err != nil {
			return byAmount, err
		}
	}
	methods, err := kecis.NewAuthenticationMethods(p.journal, services)
	if err != nil {
		return byAmount, f.because([]any{"authentication"}, err)
	}
	config.Authentications = methods
	s.Authentication.declare(&config.Role, methods.Offered())
	return byAmount, nil
}

// conclude is the Server's, which is made later.
func (p *provider) conclude(tx journal.Tx, id string, r *kecis.AuthenticationResult) error {
	return p.server.Conclude(tx, id, r)
}

// amountPages are amount authentication and its pages; both are nil for none.
type amountPages struct {
	authenticator *pg.Authenticator
	pages         *amountauth.Pages
}

// authenticateByAmount adds amount authentication.
func (f *settingsFile) authenticateByAmount(p *provider, s *pgSettings, service *pg.PG, keys []amountauth.Key, config *kecis.ServerConfig, hosted **pg.Hosted) (own amountPages, err error) {
	private, public, err := f.encryptionKeys(s.Party.Keys.Encryption)
	if err != nil {
		return own, err
	}
	config.Role.EncryptionKeys = public
	mailer, err := f.mailer(s.Authentication.Mail)
	if err != nil {
		return own, err
	}
	mails, err := f.mailTemplate(s.Authentication.Mail)
	if err != nil {
		return own, err
	}
	own.authenticator, err = service.Authenticator(pg.AuthenticationConfig{
		Keys: keys, Policy: amountauth.Policy{Timeout: s.Authentication.Timeout},
		Private: private, Random: f.a.random, Log: p.log, Visit: p.openVisit, Conclude: p.conclude,
		Page: func(session string) string { return own.pages.Address(session) },
	})
	if err != nil {
		return own, f.because([]any{"authentication"}, err)
	}
	own.pages, err = amountauth.NewPages(amountauth.PagesConfig{
		Engine: own.authenticator.Engine(), Location: p.settings.below(pagesPath), Name: s.Party.shownName(), Mailer: mailer, Mail: mails, Onward: true,
		Continue: func(session *amountauth.Session) string {
			if *hosted == nil {
				return ""
			}
			return (*hosted).Back(session)
		},
	})
	if err != nil {
		return own, f.because([]any{"endpoint"}, err)
	}
	p.authenticator = own.authenticator
	p.more[p.settings.path()+pagesPath+"/"] = own.pages
	p.work["authentications"] = own.authenticator.RunOnce
	p.health.EncryptionUntil = lastUntil(public)
	return own, nil
}

// secrets reads the secrets; the first is made if its file is absent.
func (f *settingsFile) secrets(files secretFiles) (keys []amountauth.Key, err error) {
	for i, name := range files {
		read := f.secret
		if i > 0 {
			read = f.existingSecret
		}
		secret, err := read(name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, amountauth.Key{ID: secretName(secret), Secret: secret})
	}
	return keys, nil
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
