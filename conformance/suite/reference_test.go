package suite_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/conformance/suite"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

const base = "https://suite.example"

func start() time.Time { return time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC) }

// testCard is the reference issuer's card that approves.
func testCard(t *testing.T) kecis.PlainInstrument {
	t.Helper()
	for _, i := range issuer.TestInstruments() {
		if i.ID == "card-approve" {
			return i.Plain()
		}
	}
	t.Fatal("there is no card-approve")
	return kecis.PlainInstrument{}
}

// laboratory is a stage with the reference implementation in memory.
type laboratory struct {
	stage   *suite.Stage
	network *kecistest.Network
	clock   *kecistest.Clock
	server  *kecis.Server
	defect  defect
}

// defect is what is wrong with an implementation; the zero defect is nothing.
type defect struct {
	// known changes what it knows of the suite's asking party.
	known func(*metadata.Partner, *conformance.Keyring)
	// journal puts something before its store.
	journal func(journal.Journal) journal.Journal
	// around puts something before its endpoint.
	around func(http.Handler) http.Handler
	// line puts something on a PG's line to its issuer.
	line func(http.RoundTripper) http.RoundTripper
}

// work lets the implementation do what it does in the background.
func (l *laboratory) work(ctx context.Context) error {
	for {
		worked, err := l.server.RunOnce(ctx)
		if err != nil || !worked {
			return err
		}
	}
}

func newLaboratory(t *testing.T, role conformance.Role, defects ...defect) *laboratory {
	t.Helper()
	l := &laboratory{network: kecistest.NewNetwork(), clock: kecistest.NewClock(start())}
	for _, d := range defects {
		l.defect = d
	}
	cast, err := suite.NewCast(role, base, start())
	if err != nil {
		t.Fatal(err)
	}
	subject := suite.Subject{Role: role, Card: testCard(t)}
	switch role {
	case conformance.PG:
		l.startPG(t, cast, &subject)
	default:
		l.startIssuer(t, cast, &subject)
	}
	l.stage, err = suite.Open(t.Context(), suite.Config{
		Subject: subject, Cast: cast, HTTP: l.network.Client(), Clock: l.clock, Log: slog.New(slog.DiscardHandler), Pause: l.work,
	})
	if err != nil {
		t.Fatal(err)
	}
	for address, h := range l.stage.Handlers() {
		l.network.Handle(address, h)
	}
	return l
}

const (
	gatewayID = "https://pg.example/kecis"
	bankID    = "https://issuer.example/kecis"
)

func (l *laboratory) startPG(t *testing.T, cast *suite.Cast, subject *suite.Subject) {
	t.Helper()
	own, _ := cast.Issuer.Partner.Role(metadata.Issuer)
	role := pg.Role(metadata.Route{Kind: metadata.MethodCard, Prefix: "400000", Brand: "VISA", Issuer: cast.Issuer.Entity, Keys: own.EncryptionKeys})
	party := withSOAP(kecistest.NewParty(t, gatewayID, role, start()).Without(metadata.ServiceNotification))
	books := l.store()
	partners := metadata.Fixed(l.asked(cast.Shop.Partner, cast.Ring), cast.Issuer.Partner)
	line := l.network.Client()
	if l.defect.line != nil {
		line = &http.Client{Transport: l.defect.line(l.network)}
	}
	client := &kecis.Client{Entity: gatewayID, Keys: party.Keys, Partners: partners, Journal: books, HTTP: line, Clock: l.clock, Log: quiet()}
	service, err := pg.New(pg.Config{Journal: books, Client: client, Partners: partners})
	if err == nil {
		err = service.Register(t.Context(), pg.Merchant{Entity: cast.Shop.Entity, Rate: 250})
	}
	if err != nil {
		t.Fatal(err)
	}
	l.serve(t, party, kecis.ServerConfig{Partners: partners, Journal: books, Role: role, Payments: service, Captures: service, Cancellations: service, Client: client})
	subject.Entity, subject.Partner = gatewayID, party.Partner
}

func (l *laboratory) startIssuer(t *testing.T, cast *suite.Cast, subject *suite.Subject) {
	t.Helper()
	party := withSOAP(kecistest.NewParty(t, bankID, issuer.Role(0), start()).Without(metadata.ServiceNotification))
	role, _ := party.Partner.Role(metadata.Issuer)
	books := l.store()
	partners := metadata.Fixed(l.asked(cast.PG.Partner, cast.Ring))
	service, err := issuer.New(issuer.Config{
		Entity: bankID, Journal: books, Clock: l.clock, Keys: party.Private, Shops: partners, NumberKey: []byte("a key of thirty-two secret bytes"),
	})
	if err == nil {
		err = service.Enrol(t.Context(), issuer.EnrolTest()...)
	}
	if err != nil {
		t.Fatal(err)
	}
	client := &kecis.Client{Entity: bankID, Keys: party.Keys, Partners: partners, Journal: books, HTTP: l.network.Client(), Clock: l.clock, Log: quiet()}
	l.serve(t, party, kecis.ServerConfig{Partners: partners, Journal: books, Role: *role, Payments: service, Captures: service, Cancellations: service, Client: client})
	subject.Entity, subject.Partner = bankID, party.Partner
}

func (l *laboratory) store() journal.Journal {
	books := kecistest.NewJournal()
	if l.defect.journal != nil {
		return l.defect.journal(books)
	}
	return books
}

// asked is the asking party as the implementation knows it.
func (l *laboratory) asked(p *metadata.Partner, ring *conformance.Keyring) *metadata.Partner {
	if l.defect.known == nil {
		return p
	}
	entity, known := *p.Entity, *p
	entity.Keys = slices.Clone(entity.Keys)
	known.Entity = &entity
	l.defect.known(&known, ring)
	return &known
}

// withSOAP declares the binding that a Server takes as well.
func withSOAP(p *kecistest.Party) *kecistest.Party {
	for i := range p.Partner.Entity.Roles {
		role := &p.Partner.Entity.Roles[i]
		role.Endpoints = append(role.Endpoints, metadata.Endpoint{Service: metadata.ServicePayment, Binding: metadata.BindingSOAP, Location: p.Endpoint})
	}
	return p
}

func (l *laboratory) serve(t *testing.T, party *kecistest.Party, c kecis.ServerConfig) {
	t.Helper()
	c.Entity, c.Endpoint, c.Keys, c.Clock, c.Log = party.Entity, party.Endpoint, party.Keys, l.clock, quiet()
	server, err := kecis.NewServer(c)
	if err != nil {
		t.Fatal(err)
	}
	l.server = server
	var endpoint http.Handler = server
	if l.defect.around != nil {
		endpoint = l.defect.around(server)
	}
	l.network.Handle(party.Entity, endpoint)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// TestReferencePasses: the reference PG and issuer pass every case.
func TestReferencePasses(t *testing.T) {
	for _, role := range []conformance.Role{conformance.PG, conformance.Issuer} {
		t.Run(string(role), func(t *testing.T) {
			l := newLaboratory(t, role)
			list := l.cases(t)
			began := time.Now()
			report := l.stage.Run(t.Context(), list, 1, nil)
			t.Logf("%d cases in %v: %v, %s", len(list), time.Since(began), report.Summary(), report.Outcome())
			for _, r := range report.Results {
				if r.Verdict != suite.Pass {
					t.Errorf("%s: %s %s", r.Case, r.Verdict, r.Note)
					for _, f := range r.Findings {
						t.Errorf("    %s: expected %s, found %s", f.Step, f.Expected, f.Found)
					}
				}
			}
		})
	}
}

// cases are all that apply to the implementation's role.
func (l *laboratory) cases(t *testing.T) []suite.Case {
	t.Helper()
	list, unknown, err := suite.Cases(l.stage.Subject.Role, l.stage.Cast.Ring)
	if err != nil || unknown != "" {
		t.Fatal(unknown, err)
	}
	if testing.Short() { // each flow, and every eighth of the documents
		n := 0
		list = slices.DeleteFunc(list, func(suite.Case) bool { n++; return n > flows && n%8 > 0 })
	}
	return list
}

// flows is about how many cases of several messages stand in front.
const flows = 70
