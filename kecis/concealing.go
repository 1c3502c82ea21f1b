package kecis

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// PlainInstrument is a payment instrument as its holder enters it. It lives from
// the form to Client.Conceal and is kept nowhere; its secrets print masked.
type PlainInstrument struct {
	Kind InstrumentKind
	// Number is that of the card, account or purse.
	Number ecml.CardNumber
	// Institution is the code of the bank or e-money issuer in the PG's routing
	// table; "" of a card, whose number tells it.
	Institution string
	// ExpMonth and ExpYear (four digits) are those printed on a card.
	ExpMonth, ExpYear int
	// Verification is the value printed on a card; the zero value is none.
	Verification ecml.Verification
}

// instrumentLife is how long a concealed instrument can be used: as long as an
// order's page lives (P19), so that a buyer can pay again with the next attempt.
const instrumentLife = 30 * time.Minute

// minAccountNumber is the length from which four digits may be told.
const minAccountNumber = 10

// Conceal encrypts an instrument to its issuer, so that nobody before the issuer
// can read it, and only for the payment p (P8, KECIS-ENC-018): OrderRef, Payee and
// OrderAmount of p must be set, and are not to be changed afterwards. The
// provider of p tells issuer, brand and key in its signed routing table. Put the
// result into p.Instrument.
//
// A number that is none is refused with ErrInvalidCard, one that the provider
// has no way to, or no key for, with ErrNoRoute; both are a *Refusal.
func (c *Client) Conceal(ctx context.Context, p *PaymentRequest, plain *PlainInstrument) (Instrument, error) {
	if err := c.check(); err != nil {
		return Instrument{}, err
	}
	if !plain.valid() {
		return Instrument{}, Refuse(ErrInvalidCard)
	}
	provider, err := c.Partners.Partner(ctx, p.to)
	if err != nil {
		return Instrument{}, err
	}
	route, ok := provider.Route(metadata.Method(plain.Kind.String()), plain.routed())
	if !ok {
		return Instrument{}, Refuse(ErrNoRoute)
	}
	return plain.concealed(c.random(), c.clock().Now(), route, p)
}

// Conceal is Client.Conceal for the order of a visit, by the PG's own routing
// table: for a page on which the buyer enters an instrument. Nothing of it is
// kept; the result goes into the Choice.
func (v *Visit) Conceal(ctx context.Context, plain *PlainInstrument) (Instrument, error) {
	if !plain.valid() {
		return Instrument{}, Refuse(ErrInvalidCard)
	}
	role := v.server.config.Role
	if d := v.server.config.Description; d != nil && d.Routes != nil {
		routes, err := d.Routes(ctx)
		if err != nil {
			return Instrument{}, err
		}
		role.Routes = routes
	}
	route, ok := role.Route(metadata.Method(plain.Kind.String()), plain.routed())
	if !ok {
		return Instrument{}, Refuse(ErrNoRoute)
	}
	return plain.concealed(v.server.config.Random, v.server.clock.Now(), route, v.Payment())
}

// concealed is the instrument as a payment request of p carries it on that route.
func (p *PlainInstrument) concealed(random io.Reader, now time.Time, route *metadata.Route, payment *PaymentRequest) (concealed Instrument, err error) {
	key, ok := route.Key(now)
	if !ok {
		return Instrument{}, Refuse(ErrNoRoute)
	}
	concealed = p.shown(route)
	about := *payment
	about.Instrument = concealed
	meant := about.InstrumentContext()
	meant.NotOnOrAfter = now.Add(instrumentLife).Truncate(time.Second)
	concealed.Encrypted, err = p.Conceal(random, key.Recipient, meant)
	return concealed, err
}

// Conceal encrypts the instrument to a recipient, for the payment that the
// context tells; where a Client knows the way, use [Client.Conceal]. An
// instrument that is none is refused with ErrInvalidCard, in a *Refusal; other
// errors are those of xmlenc.Encrypt.
func (p *PlainInstrument) Conceal(random io.Reader, to *xmlenc.Recipient, meant xmlenc.Context) (*xmlenc.EncryptedData, error) {
	if !p.valid() {
		return nil, Refuse(ErrInvalidCard)
	}
	payload, err := p.payload()
	if err != nil {
		return nil, err
	}
	defer clear(payload)
	return xmlenc.Encrypt(random, to, meant, payload)
}

// valid reports whether the instrument can be one.
func (p *PlainInstrument) valid() bool {
	number := p.Number.Reveal()
	switch p.Kind {
	case Card:
		return p.Number.Valid() && p.ExpMonth >= 1 && p.ExpMonth <= 12 && p.ExpYear >= 1000 && p.ExpYear <= 9999
	case Account, EMoney:
		return len(number) >= minAccountNumber && digits(number, len(number))
	}
	return false
}

// routed is what the routing table is asked for.
func (p *PlainInstrument) routed() string {
	if p.Kind == Card {
		return p.Number.Reveal()
	}
	return p.Institution
}

// shown is what stands in the clear.
func (p *PlainInstrument) shown(route *metadata.Route) Instrument {
	number := p.Number.Reveal()
	shown := Instrument{Issuer: route.Issuer, Kind: p.Kind, Last4: number[len(number)-4:]}
	if p.Kind == Card {
		shown.Brand, shown.First6 = route.Brand, number[:6]
	}
	return shown
}

// payload is the instrument as it is encrypted (KECIS-ENC-025): of a card an Ecom
// of ECML, of others an element of KECIS with the number, since ECML has no place
// for them.
func (p *PlainInstrument) payload() ([]byte, error) {
	if p.Kind == Card {
		doc := ecml.Ecom{Payment: []ecml.Payment{{Card: &ecml.Card{
			Number: p.Number, Verification: p.Verification,
			ExpDate: &ecml.Date{Month: strconv.Itoa(p.ExpMonth), Year: strconv.Itoa(p.ExpYear)},
		}}}}
		return doc.AppendXML(nil)
	}
	w := xmltree.NewWriter(nil, xmltree.Namespace{Prefix: "kecis", URI: Namespace})
	w.Start("kecis", p.element())
	w.Attr("", "Number", p.Number.Reveal())
	w.End()
	return w.Bytes()
}

// element is the local name of the payload's root, of what is no card.
func (p *PlainInstrument) element() string {
	if p.Kind == EMoney {
		return "EMoney"
	}
	return "Account"
}
