package issuer

import (
	"errors"
	"strconv"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Payload is an instrument as it stands, encrypted, in a payment request: what
// KECIS-ENC-017 calls the payload. A card is an Ecom of ECML with one Payment; an
// account is kecis:Account and electronic money kecis:EMoney, each with the
// attribute Number, since ECML has no place for them.
type Payload struct {
	Kind   kecis.InstrumentKind
	Number ecml.CardNumber
	// ExpMonth and ExpYear (four digits) are those printed on a card.
	ExpMonth, ExpYear int
	// Verification is the card's verification value; the zero value is none.
	Verification ecml.Verification
}

// Marshal writes the payload, to be encrypted at once.
func (p *Payload) Marshal() ([]byte, error) {
	switch p.Kind {
	case kecis.Card:
		doc := ecml.Ecom{Payment: []ecml.Payment{{Card: &ecml.Card{
			Number: p.Number, Verification: p.Verification,
			ExpDate: &ecml.Date{Month: strconv.Itoa(p.ExpMonth), Year: strconv.Itoa(p.ExpYear)},
		}}}}
		return doc.AppendXML(nil)
	case kecis.Account, kecis.EMoney:
		w := xmltree.NewWriter(nil, xmltree.Namespace{Prefix: "kecis", URI: kecis.Namespace})
		w.Start("kecis", payloadRoot(p.Kind))
		w.Attr("", "Number", p.Number.Reveal())
		w.End()
		return w.Bytes()
	}
	return nil, errors.New("issuer: a payload is of a card, an account or electronic money")
}

func payloadRoot(kind kecis.InstrumentKind) string {
	if kind == kecis.Account {
		return "Account"
	}
	return "EMoney"
}

// parsePayload reads a decrypted payload. It tells no reason, which would be
// about secrets.
func parsePayload(doc []byte, kind kecis.InstrumentKind) (p Payload, ok bool) {
	p.Kind = kind
	tree, err := xmltree.Parse(doc)
	if err != nil {
		return p, false
	}
	root := tree.Root()
	if kind == kecis.Card {
		return p, p.card(root)
	}
	number, ok := root.Attr("Number")
	if !ok || !root.Is(kecis.Namespace, payloadRoot(kind)) || root.NumAttrs() != 1 || !root.First().IsZero() || root.Text() != "" {
		return p, false
	}
	p.Number = ecml.NewCardNumber(number)
	return p, validAccount(number)
}

func (p *Payload) card(root xmltree.Element) bool {
	doc, err := ecml.DecodeXML(root)
	if err != nil || len(doc.Payment) != 1 || doc.Payment[0].Card == nil {
		return false
	}
	c := doc.Payment[0].Card
	if !c.Number.Valid() || c.ExpDate == nil {
		return false
	}
	last, ok := c.ExpDate.Last()
	if !ok {
		return false
	}
	p.Number, p.Verification = c.Number, c.Verification
	p.ExpMonth, p.ExpYear = int(last.Month()), last.Year()
	return true
}

// The lengths of account numbers of Korean banks and e-money.
const minAccount, maxAccount = 10, 16

func validAccount(number string) bool {
	for i := range len(number) {
		if number[i] < '0' || number[i] > '9' {
			return false
		}
	}
	return len(number) >= minAccount && len(number) <= maxAccount
}

// expired reports whether a card of that month is over at now, by the Korean day.
func expired(month, year int, now time.Time) bool {
	return !now.Before(time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, seoul()))
}
