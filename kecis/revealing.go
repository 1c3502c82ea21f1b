package kecis

import (
	"errors"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Reveal decrypts the instrument of a payment, for the issuer that it was
// encrypted to: what Client.Conceal has made, for this payment and no other
// (P8, KECIS-ENC-019 to 021, 025). Call it only for a request that has been verified
// and claimed, as a Server's service gets it, and keep nothing of the result.
//
// An error is a *Refusal, to be returned as it is: with enc-unknown-key,
// enc-key-algorithm or enc-length for what everybody can see, with enc-structure
// for a request that has no encrypted instrument, and else with enc-failed,
// whatever the reason.
func (p *PaymentRequest) Reveal(keys xmlenc.KeyFinder, now time.Time) (*PlainInstrument, error) {
	payload, err := p.Instrument.Encrypted.Decrypt(keys, p.InstrumentContext(), now)
	if err != nil {
		return nil, unrevealed(err)
	}
	defer clear(payload)
	plain := &PlainInstrument{Kind: p.Instrument.Kind}
	if !plain.read(payload) || !plain.valid() {
		return nil, unrevealed(xmlenc.ErrFailed)
	}
	return plain, nil
}

// unrevealed keeps the codes of what can be seen without the key.
func unrevealed(err error) *Refusal {
	for _, code := range []xmlenc.Code{xmlenc.ErrUnknownKey, xmlenc.ErrKeyAlgorithm, xmlenc.ErrLength, xmlenc.ErrStructure} {
		if errors.Is(err, code) {
			return Refuse(Code(code))
		}
	}
	return Refuse(Code(xmlenc.ErrFailed))
}

// read reads a payload. It tells no reason, which would be about secrets.
func (p *PlainInstrument) read(payload []byte) bool {
	tree, err := xmltree.Parse(payload)
	if err != nil {
		return false
	}
	root := tree.Root()
	if p.Kind == Card {
		return p.readCard(root)
	}
	number, ok := root.Attr("Number")
	p.Number = ecml.NewCardNumber(number)
	return ok && root.Is(Namespace, p.element()) && root.NumAttrs() == 1 && root.First().IsZero() && root.Text() == ""
}

func (p *PlainInstrument) readCard(root xmltree.Element) bool {
	doc, err := ecml.DecodeXML(root)
	if err != nil || len(doc.Payment) != 1 || doc.Payment[0].Card == nil {
		return false
	}
	card := doc.Payment[0].Card
	if card.ExpDate == nil {
		return false
	}
	last, ok := card.ExpDate.Last()
	p.Number, p.Verification = card.Number, card.Verification
	p.ExpMonth, p.ExpYear = int(last.Month()), last.Year()
	return ok
}
