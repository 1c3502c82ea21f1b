package crash

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// setting is what all processes of a run know: it stands in a file, with the test
// keys of all parties.
type setting struct {
	Epoch   time.Time `json:"epoch"`
	Pace    int       `json:"pace"`
	Fault   Fault     `json:"fault,omitempty"`
	Parties []party   `json:"parties"`
}

// party is a shop, the PG or the issuer.
type party struct {
	Name   string            `json:"name"`
	Role   metadata.RoleName `json:"role"`
	Entity string            `json:"entity"`
	// Signing and Opening are its private keys, as PKCS #8.
	Signing []byte `json:"signing"`
	Opening []byte `json:"opening"`
	// Journal is the URL of its journal, Prefix what its tables begin with.
	Journal string `json:"journal"`
	Prefix  string `json:"prefix"`
}

// The names of the parties that are processes.
const (
	pgName     = "pg"
	issuerName = "issuer"
)

// keyLife is longer than a run, by its clock, and as long as the standard allows.
const keyLife = 30 * 24 * time.Hour

func newParty(name string, role metadata.RoleName, entity string) (p party, err error) {
	p = party{Name: name, Role: role, Entity: entity, Prefix: "crash_" + name + "_"}
	for _, key := range []*[]byte{&p.Signing, &p.Opening} {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return p, err
		}
		if *key, err = x509.MarshalPKCS8PrivateKey(k); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (s *setting) clock() swift { return swift{s.Epoch, s.Pace} }

// save writes the setting for the processes to read.
func (s *setting) save(folder string) (file string, err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	file = filepath.Join(folder, "setting.json")
	return file, os.WriteFile(file, text, 0o600)
}

func readSetting(file string) (*setting, error) {
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	s := new(setting)
	return s, json.Unmarshal(text, s)
}

// party returns the party of a name.
func (s *setting) party(name string) (*party, error) {
	for i := range s.Parties {
		if s.Parties[i].Name == name {
			return &s.Parties[i], nil
		}
	}
	return nil, fmt.Errorf("crash: there is no party %q", name)
}

func privateKey(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("crash: a key of %T does not sign", key)
	}
	return signer, nil
}

func (p *party) signer() (*xmlsig.Signer, error) {
	key, err := privateKey(p.Signing)
	if err != nil {
		return nil, err
	}
	return xmlsig.NewSigner(key)
}

func (p *party) opener() (*xmlenc.PrivateKey, error) {
	key, err := privateKey(p.Opening)
	if err != nil {
		return nil, err
	}
	return xmlenc.NewPrivateKey(key)
}

// partners are the parties as they know each other.
func (s *setting) partners() (metadata.Partners, error) {
	list := make([]*metadata.Partner, len(s.Parties))
	for i := range s.Parties {
		p := &s.Parties[i]
		signer, err := p.signer()
		if err != nil {
			return nil, err
		}
		role, err := s.role(p)
		if err != nil {
			return nil, err
		}
		if p.Role != metadata.Requester {
			for _, service := range []metadata.Service{
				metadata.ServicePayment, metadata.ServiceCapture, metadata.ServiceCancellation, metadata.ServiceReversal,
				metadata.ServiceInquiry, metadata.ServiceFeed, metadata.ServiceReconciliation,
			} {
				role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: service, Binding: metadata.BindingXML, Location: p.Entity})
			}
		}
		list[i] = &metadata.Partner{
			Entity: &metadata.Entity{
				ID: p.Entity, Serial: 1, ValidUntil: s.Epoch.Add(keyLife),
				Keys:  []metadata.SigningKey{{Key: signer.Public(), Scope: xmlsig.ScopeMessage}},
				Roles: []metadata.Role{role},
			},
			Status: metadata.Active, Roles: []metadata.RoleName{p.Role},
		}
	}
	return metadata.Fixed(list...), nil
}

// role is what a party declares.
func (s *setting) role(p *party) (metadata.Role, error) {
	keys, err := s.encryptionKeys(p)
	if err != nil {
		return metadata.Role{}, err
	}
	r := metadata.Role{Name: p.Role}
	switch p.Role {
	case metadata.PG:
		bank, err := s.party(issuerName)
		if err != nil {
			return r, err
		}
		behind, err := s.encryptionKeys(bank)
		if err != nil {
			return r, err
		}
		r = pg.Role(metadata.Route{Kind: metadata.MethodCard, Prefix: bin, Brand: brand, Issuer: bank.Entity, Keys: behind})
	case metadata.Issuer:
		r.Methods = []metadata.Method{metadata.MethodCard}
		r.Currencies = []metadata.CurrencyLimits{{Currency: string(kecis.KRW), Min: 100, Max: 100_000_000}}
		r.Captures, r.Parts, r.PartialCancellation, r.Lookup = metadata.CapturesSeveral, true, true, true
		r.HoldTime = issuer.DefaultHoldTime
	}
	r.EncryptionKeys = keys
	r.Versions = []string{kecis.Namespace}
	return r, nil
}

func (s *setting) encryptionKeys(p *party) ([]metadata.EncryptionKey, error) {
	opener, err := p.opener()
	if err != nil {
		return nil, err
	}
	return []metadata.EncryptionKey{{Recipient: opener.Recipient(), NotOnOrAfter: s.Epoch.Add(keyLife)}}, nil
}

// The cards of a run: bin is where they begin, cards how many approve whatever is
// asked, so that they do not wait for each other's accounts.
const (
	bin   = "400000"
	brand = "VISA"
	cards = 100
)

// card is the number of a card of the run, with its check digit (ISO/IEC 7812).
func card(i int) ecml.CardNumber {
	body := fmt.Sprintf("%s%09d", bin, i)
	sum := 0
	for at := range len(body) {
		d := int(body[len(body)-1-at] - '0')
		if at%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return ecml.NewCardNumber(fmt.Sprintf("%s%d", body, (10-sum%10)%10))
}

// The card of the run, of a month that is far.
const expMonth, expYear = 12, 2099

// enrolments are the cards of a run, and the test instruments of the issuer.
func enrolments() []issuer.Enrolment {
	list := issuer.EnrolTest()
	for i := range cards {
		list = append(list, issuer.Enrolment{
			Instrument: issuer.Instrument{
				Kind: kecis.Card, Holder: fmt.Sprintf("holder-%d", i), Brand: brand, ExpMonth: expMonth, ExpYear: expYear,
				Currency: kecis.KRW, Credit: 1_000_000_000_000,
			},
			Number: card(i),
		})
	}
	return list
}
