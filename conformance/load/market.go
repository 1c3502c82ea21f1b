package load

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// keyLife is how long the keys of a run are good for: the longest run and more.
const keyLife = 24 * time.Hour

// party is a shop, PG or issuer of a run.
type party struct {
	entity  string
	key     crypto.Signer
	signer  *xmlsig.Signer
	opener  crypto.Signer // the same as open, for the floor
	open    *xmlenc.PrivateKey
	partner *metadata.Partner
	listen  net.Listener
}

// newParty makes keys and listens at an address of its own, which is its
// entityID.
func newParty(ctx context.Context, c *Config, role metadata.Role) (*party, error) {
	var network net.ListenConfig
	listen, err := network.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &party{listen: listen, entity: "http://" + listen.Addr().String() + "/kecis"}
	if p.key, err = c.Keys.generate(); err != nil {
		return nil, err
	}
	if p.signer, err = xmlsig.NewSigner(p.key); err != nil {
		return nil, err
	}
	if p.opener, err = c.Keys.generate(); err != nil {
		return nil, err
	}
	if p.open, err = xmlenc.NewPrivateKey(p.opener); err != nil {
		return nil, err
	}
	recipient, err := xmlenc.NewRecipient(p.opener.Public())
	if err != nil {
		return nil, err
	}
	now := c.Clock.Now()
	role.Versions = []string{kecis.Namespace}
	role.EncryptionKeys = []metadata.EncryptionKey{{Recipient: recipient, NotOnOrAfter: now.Add(keyLife)}}
	for _, service := range []metadata.Service{
		metadata.ServicePayment, metadata.ServiceCapture, metadata.ServiceCancellation, metadata.ServiceReversal, metadata.ServiceInquiry,
	} {
		role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: service, Binding: metadata.BindingXML, Location: p.entity})
	}
	p.partner = &metadata.Partner{
		Entity: &metadata.Entity{
			ID: p.entity, Serial: 1, ValidUntil: now.Add(keyLife),
			Keys:  []metadata.SigningKey{{Key: p.signer.Public(), Scope: xmlsig.ScopeMessage}},
			Roles: []metadata.Role{role},
		},
		Status: metadata.Active, Roles: []metadata.RoleName{role.Name},
	}
	return p, nil
}

// KeyKind is a kind of keys for signing and for encrypting.
type KeyKind string

// The kinds of keys that are measured.
const (
	P256    KeyKind = "p256"    // ECDSA and ECDH on P-256
	RSA2048 KeyKind = "rsa2048" // RSA PKCS#1 v1.5 and RSA-OAEP
)

func (k KeyKind) generate() (crypto.Signer, error) {
	if k == RSA2048 {
		return rsa.GenerateKey(rand.Reader, xmlsig.MinRSABits)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

// market is the parties of a run at work.
type market struct {
	shop, pg, issuer *party
	client           *kecis.Client
	stores           []*sqljournal.Journal
	close            []func()
}

// cards is how many cards pay in turn: so many that they do not wait for each
// other's accounts.
const cards = 500

// bin is that of the cards.
const bin = "400000"

// openMarket starts the PG and the issuer.
func openMarket(ctx context.Context, c *Config) (m *market, err error) {
	m = &market{}
	defer func() {
		if err != nil {
			m.stop()
		}
	}()
	role := metadata.Role{
		Name: metadata.Issuer, Methods: []metadata.Method{metadata.MethodCard}, HoldTime: issuer.DefaultHoldTime, Lookup: true,
		Currencies: []metadata.CurrencyLimits{{Currency: "KRW", Min: 100, Max: 10_000_000}},
	}
	if m.issuer, err = newParty(ctx, c, role); err != nil {
		return m, err
	}
	own, _ := m.issuer.partner.Role(metadata.Issuer)
	routes := metadata.Route{Kind: metadata.MethodCard, Prefix: bin, Brand: "VISA", Issuer: m.issuer.entity, Keys: own.EncryptionKeys}
	if m.pg, err = newParty(ctx, c, pg.Role(routes)); err != nil {
		return m, err
	}
	if m.shop, err = newParty(ctx, c, metadata.Role{Name: metadata.Requester}); err != nil {
		return m, err
	}
	partners := metadata.Fixed(m.shop.partner, m.pg.partner, m.issuer.partner)
	if err := m.openIssuer(ctx, c, partners, *own); err != nil {
		return m, err
	}
	if err := m.openPG(ctx, c, partners); err != nil {
		return m, err
	}
	m.client = &kecis.Client{
		Entity: m.shop.entity, Keys: kecis.OneKey(m.shop.signer), Partners: partners, Journal: forgetful{}, Log: silent(),
	}
	return m, nil
}

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (m *market) openIssuer(ctx context.Context, c *Config, partners metadata.Partners, role metadata.Role) error {
	store, err := m.store(ctx, c, "issuer")
	if err != nil {
		return err
	}
	service, err := issuer.New(issuer.Config{
		Entity: m.issuer.entity, Journal: store, Clock: kecis.SystemClock{}, Keys: m.issuer.open, Shops: partners,
		NumberKey: []byte("the key of a run that is thrown away"),
	})
	if err != nil {
		return err
	}
	list := make([]issuer.Enrolment, cards)
	for i := range list {
		list[i] = issuer.Enrolment{
			Instrument: issuer.Instrument{
				Kind: kecis.Card, Holder: fmt.Sprintf("holder-%d", i), Brand: "VISA", ExpMonth: 12, ExpYear: 2039,
				Currency: kecis.KRW, Credit: 1_000_000_000_000,
			},
			Number: card(i),
		}
	}
	if err := service.Enrol(ctx, list...); err != nil {
		return err
	}
	server, err := kecis.NewServer(kecis.ServerConfig{
		Entity: m.issuer.entity, Endpoint: m.issuer.entity, Keys: kecis.OneKey(m.issuer.signer), Partners: partners, Journal: store,
		Role: role, Payments: service, Captures: service, Cancellations: service, Log: silent(),
	})
	if err != nil {
		return err
	}
	m.serve(ctx, m.issuer, server)
	return nil
}

func (m *market) openPG(ctx context.Context, c *Config, partners metadata.Partners) error {
	store, err := m.store(ctx, c, "pg")
	if err != nil {
		return err
	}
	client := &kecis.Client{Entity: m.pg.entity, Keys: kecis.OneKey(m.pg.signer), Partners: partners, Journal: store, Log: silent()}
	service, err := pg.New(pg.Config{Journal: store, Client: client, Partners: partners})
	if err != nil {
		return err
	}
	if err := service.Register(ctx, pg.Merchant{Entity: m.shop.entity, Rate: 275}); err != nil {
		return err
	}
	role, _ := m.pg.partner.Role(metadata.PG)
	server, err := kecis.NewServer(kecis.ServerConfig{
		Entity: m.pg.entity, Endpoint: m.pg.entity, Keys: kecis.OneKey(m.pg.signer), Partners: partners, Journal: store,
		Role: *role, Payments: service, Captures: service, Cancellations: service, Client: client, Log: silent(),
	})
	if err != nil {
		return err
	}
	m.serve(ctx, m.pg, server)
	return nil
}

// store opens a party's journal.
func (m *market) store(ctx context.Context, c *Config, name string) (*sqljournal.Journal, error) {
	store, err := sqljournal.Open(ctx, c.Journal(name), sqljournal.Options{Prefix: c.prefix(name)})
	if err != nil {
		return nil, err
	}
	m.stores = append(m.stores, store)
	m.close = append(m.close, func() { _ = store.Close() })
	return store, nil
}

// serve serves a party, with its background work.
func (m *market) serve(ctx context.Context, p *party, s *kecis.Server) {
	mux := http.NewServeMux()
	mux.Handle("POST /kecis", s)
	web := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	ctx, cancel := context.WithCancel(ctx)
	go func() { _ = web.Serve(p.listen) }()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = s.Run(ctx)
	}()
	m.close = append(m.close, func() {
		_ = web.Close()
		cancel()
		<-ended
	})
}

// stop ends everything, the last that began first.
func (m *market) stop() {
	for _, end := range slices.Backward(m.close) {
		end()
	}
}

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

// order is the payment number n, as a shop makes it.
func (m *market) order(ctx context.Context, run string, n int) (*kecis.PaymentRequest, error) {
	p := m.client.NewPayment(m.pg.entity)
	p.OrderRef = kecis.OrderRef{Requester: m.shop.entity, OrderID: fmt.Sprintf("%s-%d", run, n), Attempt: 1, Part: 1}
	p.Payee = kecis.Payee{Entity: m.shop.entity, Name: "꽃집"}
	p.Amount, p.OrderAmount = kecis.Won(50_000), kecis.Won(50_000)
	p.Tax = kecis.Tax{Supply: 45_455, VAT: 4_545}
	p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic}
	p.Buyer = &ecml.Ecom{BillTo: []ecml.Party{{Online: []ecml.Online{{Email: []ecml.Email{{Address: "hong@example.kr"}}}}}}}
	concealed, err := m.client.Conceal(ctx, p, &kecis.PlainInstrument{
		Kind: kecis.Card, Number: card(n % cards), ExpMonth: 12, ExpYear: 2039,
	})
	p.Instrument = concealed
	return p, err
}
