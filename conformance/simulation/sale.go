package simulation

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
)

// A PG sells something by itself: its buyer begins at the till, authenticates on the
// page, and the engine pays. What the till was told stands in no message to a shop.

// skipping is a use of a profile.
type skipping struct {
	right bool // the expiry was typed right, by whoever
	taken bool // the authentication was skipped
	what  string
}

// profileLife is how long a buyer is known.
const profileLife = 24 * time.Hour

// sale returns the sale of that ID; nil if there is none.
func (s *setting) sale(id string) *purchase {
	for i := range s.sales {
		if s.sales[i].id == id {
			return &s.sales[i]
		}
	}
	return nil
}

func (s *setting) seller(p *purchase) *process {
	return s.net.hosts[[]string{pgOne, pgTwo}[p.provider%2]+".example"]
}

func (s *setting) saleOrder(p *purchase) kecis.OrderRef {
	return kecis.OrderRef{Requester: s.seller(p).entity, OrderID: p.id, Attempt: 1, Part: 1}
}

// instrument is that of a sale, with what is encrypted as a document.
func (s *setting) instrument(at *process, p *purchase) (kecis.Instrument, []byte, error) {
	m := &kecis.PaymentRequest{OrderRef: s.saleOrder(p), Payee: kecis.Payee{Entity: at.entity, Name: p.id}, Amount: kecis.Won(p.amount), OrderAmount: kecis.Won(p.amount)}
	if err := s.conceal(at, m, p.card, s.recording.Seed); err != nil {
		return m.Instrument, nil, err
	}
	document, err := m.Instrument.Encrypted.Document()
	return m.Instrument, document, err
}

// conceal puts a test instrument into a payment, encrypted to the issuer.
func (s *setting) conceal(at *process, m *kecis.PaymentRequest, place int, seed uint64) error {
	card := &s.keys.instruments[place]
	m.Instrument = kecis.Instrument{
		Issuer: entityOf(theIssuer), Kind: card.Instrument.Kind, Brand: card.Instrument.Brand, Last4: card.Number[len(card.Number)-4:],
	}
	if card.Instrument.Kind == kecis.Card {
		m.Instrument.First6 = card.Number[:6]
	}
	plain := card.Plain()
	c := m.InstrumentContext()
	c.NotOnOrAfter = at.clock.Now().Add(10 * time.Minute).Truncate(time.Second)
	var err error
	m.Instrument.Encrypted, err = plain.Conceal(at.random(seed), s.keys.private.Recipient(), c)
	return err
}

// buyAtTill is a sale from its order to the end of its page.
func (s *setting) buyAtTill(p *purchase) {
	seller := s.seller(p)
	b := s.buyer(p, seller, s.saleOrder(p), addressOf(seller, pagesPath)+"/"+amountauth.SessionID(p.id))
	first := b.browse()
	begun := false
	for range 12 {
		q, err := first.fetch(http.MethodPost, addressOf(seller, tillPath)+p.id, url.Values{})
		if err == nil && q.status < http.StatusInternalServerError {
			begun = q.status == http.StatusSeeOther
			break
		}
		b.idle(10 * time.Second)
	}
	if !begun {
		return
	}
	b.authenticate()
	if p.keeps {
		b.keep(seller)
	}
}

// keep makes a profile, and has it used: by the buyer, and by who has copied the
// cookie and knows no expiry.
func (b *buyer) keep(seller *process) {
	token, ok := b.till(seller, url.Values{"do": {"keep"}})
	if !ok {
		return
	}
	card := b.setting.keys.instruments[b.want.card]
	uses := []int{card.ExpMonth}
	if b.want.copied {
		uses = []int{1, 2, 3, 4, 5, card.ExpMonth}
	}
	for i, month := range uses {
		for range 3 {
			form := url.Values{"do": {"skip"}, "token": {token}, "key": {fmt.Sprintf("skip-%d", i)}, "month": {strconv.Itoa(month)}, "year": {strconv.Itoa(card.ExpYear)}}
			if text, ok := b.till(seller, form); ok {
				right := month == card.ExpMonth && i < 3 // three wrong ones end the profile
				b.setting.skips = append(b.setting.skips, skipping{right, text == skipped, b.order.OrderID})
				break
			}
		}
	}
}

const skipped = "skipped"

// till asks something of the till; it reports false where no answer comes.
func (b *buyer) till(seller *process, form url.Values) (string, bool) {
	q, err := b.window.fetch(http.MethodPost, addressOf(seller, tillPath)+b.want.id, form)
	if err != nil || q.status >= http.StatusInternalServerError {
		b.idle(10 * time.Second)
		return "", false
	}
	return strings.TrimSpace(q.text), q.status == http.StatusOK || form.Get("do") == "skip"
}

func (t *till) keep(w http.ResponseWriter, _ *http.Request, p *purchase) error {
	_, token, err := t.engine.Enrol(t.context, amountauth.SessionID(p.id), kecis.Won(p.amount), profileLife)
	if err == nil {
		_, err = io.WriteString(w, token)
	}
	return err
}

func (t *till) skip(w http.ResponseWriter, r *http.Request, p *purchase) error {
	form := r.PostForm
	month, _ := strconv.Atoi(form.Get("month")) // 0 is no month
	year, _ := strconv.Atoi(form.Get("year"))
	session, err := t.engine.Session(t.context, amountauth.SessionID(p.id))
	if err != nil {
		return err
	}
	_, err = t.engine.Skip(t.context, &amountauth.Skip{
		Key: form.Get("key"), Token: form.Get("token"), InstrumentRef: session.InstrumentRef, Payee: t.entity,
		Amount: kecis.Won(p.amount), Month: month, Year: year,
	})
	if err == nil {
		_, err = io.WriteString(w, skipped)
	}
	return err
}
