package simulation

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
)

// Where the buyer's pages and the PG's own sales lie at a PG.
const (
	pagesPath = "/authenticate"
	tillPath  = "/till/"
)

func addressOf(p *process, path string) string { return "https://" + p.host + path }

// authenticator adds amount authentication to a PG: its service, its pages, and what
// the PG sells by itself.
func (s *setting) authenticator(p *process, service *pg.PG, client *kecis.Client, config *kecis.ServerConfig) (http.Handler, error) {
	till := &till{process: p, client: client, journal: s.journalOf(p)}
	secret := sha256.Sum256([]byte("amount authentication of " + p.name))
	var pages *amountauth.Pages
	a, err := service.Authenticator(pg.AuthenticationConfig{
		Keys: []amountauth.Key{{ID: "k1", Secret: secret[:]}}, Private: s.keys.private,
		Clock: p.clock, Random: p.random(s.recording.Seed + 1), Log: p.logger(),
		Page: func(session string) string { return pages.Address(session) },
		Conclude: func(tx journal.Tx, id string, r *kecis.AuthenticationResult) error {
			if p.server == nil { // an end that a worker finds before the server is made
				return errStarting
			}
			return p.server.Conclude(tx, id, r)
		},
		Engine: func(c *amountauth.Config) {
			c.Payer, c.Expiries = till, s
			if s.parts.Engine != nil {
				s.parts.Engine(c, client)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	till.engine, till.setting = a.Engine(), s
	if pages, err = amountauth.NewPages(amountauth.PagesConfig{
		Engine: a.Engine(), Location: addressOf(p, pagesPath), Name: p.name, Mailer: s,
	}); err != nil {
		return nil, err
	}
	config.Authentications = a
	s.background(p, "authentications", a.RunOnce)
	s.background(p, "client", client.RunOnce)
	mux := http.NewServeMux()
	mux.Handle(pagesPath+"/", pages)
	mux.Handle(tillPath, till)
	return mux, nil
}

var errStarting = errors.New("the server is being made")

// MailLink puts a link into the buyer's mailbox.
func (s *setting) MailLink(_ context.Context, m *amountauth.LinkMail) error {
	for _, b := range s.buyers {
		if mailbox(b.order) == m.To {
			b.links = append(b.links, m.Link)
		}
	}
	s.papers = append(s.papers, paper{[]byte(m.Text), "a mail"})
	return nil
}

// CheckExpiry is the issuer's: all cards of a world have the same, and some checks
// fail.
func (s *setting) CheckExpiry(_ context.Context, _, _ string, month, year int) error {
	s.pass()
	if s.plan.draw("expiry")%10 == 0 && s.plan.phase == storm {
		return errNoPage
	}
	card := s.keys.instruments[0]
	if month != card.ExpMonth || year != card.ExpYear {
		return kecis.Refuse(kecis.ErrInvalidCard)
	}
	return nil
}

// till is where a PG sells by itself: it is then the first requester, and its engine
// pays after the authentication.
type till struct {
	*process
	setting *setting
	engine  *amountauth.Engine
	client  *kecis.Client
	journal journal.Journal
}

var _ amountauth.Payer = (*till)(nil)

// tillRows is the space of the PG's own payments: whether one was asked for or is
// never to be.
const tillRows = "pg/till"

// sale are the details of a PG's own sale.
type sale struct {
	Payee       kecis.Payee      `json:"payee"`
	OrderAmount kecis.Money      `json:"orderAmount"`
	Instrument  kecis.Instrument `json:"instrument"`
	Encrypted   []byte           `json:"encrypted,omitempty"`
	Mandate     []byte           `json:"mandate"`
}

// ServeHTTP takes the order of a sale, and the buyer's wish to skip the
// authentication next time.
func (t *till) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.URL.Path, tillPath)
	sale := t.setting.sale(id)
	if sale == nil || r.Method != http.MethodPost || r.ParseForm() != nil {
		http.NotFound(w, r)
		return
	}
	var err error
	switch r.PostForm.Get("do") {
	case "keep":
		err = t.keep(w, r, sale)
	case "skip":
		err = t.skip(w, r, sale)
	default:
		err = t.sell(w, sale)
	}
	if refused, ok := errors.AsType[*amountauth.Error](err); ok {
		http.Error(w, refused.Error(), http.StatusUnprocessableEntity)
	} else if err != nil {
		http.Error(w, "not now", http.StatusServiceUnavailable)
	}
}

// sell begins the authentication of a sale's buyer.
func (t *till) sell(w http.ResponseWriter, p *purchase) error {
	instrument, encrypted, err := t.setting.instrument(t.process, p)
	if err != nil {
		return err
	}
	bare := instrument
	bare.Encrypted = nil
	details, err := json.Marshal(sale{ //nolint:musttag // as the reference PG keeps them
		Payee: kecis.Payee{Entity: t.entity, Name: p.id}, OrderAmount: kecis.Won(p.amount), Instrument: bare, Encrypted: encrypted, Mandate: []byte("its own"),
	})
	if err != nil {
		return err
	}
	masked, err := json.Marshal(bare) //nolint:musttag // as above
	if err != nil {
		return err
	}
	_, err = t.engine.Begin(t.context, &amountauth.Request{
		Key: p.id, Variant: variantOf(p.variant), Order: t.setting.saleOrder(p), Payee: amountauth.Payee{Entity: t.entity, Name: p.id},
		Amount: kecis.Won(p.amount), Instrument: details, Shown: bare.Masked(), Pay: true, Details: masked,
	})
	if errors.Is(err, amountauth.ErrRequest) { // the instrument is encrypted anew each time
		_, err = t.engine.Session(t.context, amountauth.SessionID(p.id))
	}
	if err != nil {
		return err
	}
	w.Header().Set("Location", addressOf(t.process, pagesPath)+"/"+amountauth.SessionID(p.id))
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

func variantOf(v kecis.Variant) amountauth.Variant {
	switch v {
	case kecis.VariantDescriptor:
		return amountauth.Descriptor
	case kecis.VariantDeposits:
		return amountauth.Deposits
	}
	return amountauth.Amount
}

// Authorise asks the issuer for the payment, and again with the same bytes.
func (t *till) Authorise(ctx context.Context, p *amountauth.PaymentRequest) (*amountauth.Approval, error) {
	var i kecis.Instrument
	if err := json.Unmarshal(p.Details, &i); err != nil { //nolint:musttag // as it was written
		return nil, err
	}
	i.Ref = p.InstrumentRef
	m, err := t.client.Send(ctx, p.Key, &kecis.Forward{To: i.Issuer, Message: &kecis.PaymentRequest{
		OrderRef: p.Order, Payee: kecis.Payee{Entity: p.Payee.Entity, Name: p.Payee.Name}, Amount: p.Amount, OrderAmount: p.Amount,
		Tax: kecis.Tax{TaxFree: p.Amount.Minor}, Instrument: i, Buyer: &ecml.Ecom{}, Terms: kecis.Terms{Capture: kecis.CaptureAutomatic},
	}}, func(tx journal.Tx) error { return tx.Add(tillRows, p.Key, []byte("asked")) })
	if errors.Is(err, journal.ErrExists) {
		m, err = t.client.Again(ctx, p.Key)
	}
	if errors.Is(err, kecis.ErrNotSent) {
		return nil, kecis.Refuse(kecis.ErrRequestReversed)
	}
	if err != nil {
		return nil, err
	}
	approval, err := kecis.ApprovalFrom(m)
	if err != nil {
		return nil, err
	}
	return &amountauth.Approval{Code: approval.ApprovalCode}, nil
}

// ReversePayment undoes a payment, or sees to it that it is never asked for.
func (t *till) ReversePayment(ctx context.Context, key string) error {
	err := t.journal.Update(ctx, func(tx journal.Tx) error { return tx.Add(tillRows, key, []byte("reversed")) })
	if err != nil && !errors.Is(err, journal.ErrExists) {
		return err
	}
	return t.client.ReverseKey(ctx, key, kecis.ReasonNoAnswer)
}
