package kecis_test

import (
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
)

// TestReveal encrypts payloads of every form to an issuer.
func TestReveal(t *testing.T) {
	const (
		card  = `<Ecom><Payment><Card Number="4000001200000016" Verification="123"><ExpDate Month="12" Year="2099"/></Card></Payment></Ecom>`
		space = `xmlns:k="urn:kecis:1.0:protocol"`
	)
	m := newMarket(t)
	to := kecistest.NewParty(t, "https://issuer.example/kecis", kecistest.Role(metadata.Issuer), m.clock.Now())
	cases := map[string]struct {
		kind    kecis.InstrumentKind
		payload string
		want    string // the number, "" if it must be refused
	}{
		"card":             {kecis.Card, card, "4000001200000016"},
		"account":          {kecis.Account, `<k:Account ` + space + ` Number="10000000000011"/>`, "10000000000011"},
		"purse":            {kecis.EMoney, `<k:EMoney ` + space + ` Number="2000000000000011"/>`, "2000000000000011"},
		"card as account":  {kecis.Account, card, ""},
		"account as purse": {kecis.EMoney, `<k:Account ` + space + ` Number="10000000000011"/>`, ""},
		"account as card":  {kecis.Card, `<k:Account ` + space + ` Number="10000000000011"/>`, ""},
		"other namespace":  {kecis.Account, `<k:Account xmlns:k="urn:x" Number="10000000000011"/>`, ""},
		"more attributes":  {kecis.Account, `<k:Account ` + space + ` Number="10000000000011" Bank="1"/>`, ""},
		"a child":          {kecis.Account, `<k:Account ` + space + ` Number="10000000000011"><k:Account/></k:Account>`, ""},
		"text":             {kecis.Account, `<k:Account ` + space + ` Number="10000000000011">1</k:Account>`, ""},
		"letters":          {kecis.Account, `<k:Account ` + space + ` Number="1000000000001a"/>`, ""},
		"no number":        {kecis.Account, `<k:Account ` + space + `/>`, ""},
		"no XML":           {kecis.Card, `4000001200000016`, ""},
		"check digit":      {kecis.Card, `<Ecom><Payment><Card Number="4000001200000017"><ExpDate Month="12" Year="2099"/></Card></Payment></Ecom>`, ""},
		"no expiry":        {kecis.Card, `<Ecom><Payment><Card Number="4000001200000016"/></Payment></Ecom>`, ""},
		"two payments":     {kecis.Card, `<Ecom><Payment><Card Number="4000001200000016"><ExpDate Month="12" Year="2099"/></Card></Payment><Payment/></Ecom>`, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := m.order("ORD-0001", kecis.CaptureAutomatic)
			p.Instrument.Kind = c.kind
			meant := p.InstrumentContext()
			meant.NotOnOrAfter = m.clock.Now().Add(time.Minute)
			var err error
			if p.Instrument.Encrypted, err = xmlenc.Encrypt(nil, to.Private.Recipient(), meant, []byte(c.payload)); err != nil {
				t.Fatal(err)
			}
			plain, err := p.Reveal(to.Private, m.clock.Now())
			if c.want == "" {
				unrevealed(t, err, xmlenc.ErrFailed)
				return
			}
			if err != nil || plain.Number.Reveal() != c.want || plain.Kind != c.kind {
				t.Fatalf("revealed %+v, %v", plain, err)
			}
			if c.kind == kecis.Card && (plain.ExpMonth != 12 || plain.ExpYear != 2099 || plain.Verification.Reveal() != "123") {
				t.Errorf("revealed %+v", plain)
			}
			_, err = p.Reveal(xmlenc.KeyRing{}, m.clock.Now())
			unrevealed(t, err, xmlenc.ErrUnknownKey)
			_, err = p.Reveal(to.Private, m.clock.Now().Add(time.Minute))
			unrevealed(t, err, xmlenc.ErrFailed)
			p.OrderAmount.Minor++
			_, err = p.Reveal(to.Private, m.clock.Now())
			unrevealed(t, err, xmlenc.ErrFailed)
			p.Instrument.Encrypted = nil
			_, err = p.Reveal(to.Private, m.clock.Now())
			unrevealed(t, err, xmlenc.ErrStructure)
		})
	}
}

// TestConcealAndReveal: what is concealed is what is revealed.
func TestConcealAndReveal(t *testing.T) {
	m := newMarket(t)
	to := kecistest.NewParty(t, "https://issuer.example/kecis", kecistest.Role(metadata.Issuer), m.clock.Now())
	for _, plain := range []kecis.PlainInstrument{
		{Kind: kecis.Card, Number: ecml.NewCardNumber("4000001200000016"), ExpMonth: 1, ExpYear: 2030, Verification: ecml.NewVerification("123")},
		{Kind: kecis.Card, Number: ecml.NewCardNumber("4000001200000016"), ExpMonth: 12, ExpYear: 2099},
		{Kind: kecis.Account, Number: ecml.NewCardNumber("10000000000011")},
		{Kind: kecis.EMoney, Number: ecml.NewCardNumber("2000000000000011")},
	} {
		p := m.order("ORD-0001", kecis.CaptureAutomatic)
		p.Instrument.Kind = plain.Kind
		meant := p.InstrumentContext()
		meant.NotOnOrAfter = m.clock.Now().Add(time.Minute)
		var err error
		if p.Instrument.Encrypted, err = plain.Conceal(nil, to.Private.Recipient(), meant); err != nil {
			t.Fatal(err)
		}
		got, err := p.Reveal(to.Private, m.clock.Now())
		if err != nil || !got.Number.Equal(plain.Number) || !got.Verification.Equal(plain.Verification) ||
			got.Kind != plain.Kind || got.ExpMonth != plain.ExpMonth || got.ExpYear != plain.ExpYear {
			t.Errorf("%v: revealed %+v, %v", plain.Kind, got, err)
		}
		plain.Number = ecml.NewCardNumber("1234")
		if _, err := plain.Conceal(nil, to.Private.Recipient(), meant); !errors.Is(err, kecis.ErrInvalidCard) {
			t.Errorf("%v: a number that is none: %v", plain.Kind, err)
		}
	}
}

func unrevealed(t *testing.T, err error, want xmlenc.Code) {
	t.Helper()
	if r, ok := errors.AsType[*kecis.Refusal](err); !ok || r.Code != kecis.Code(want) {
		t.Errorf("%v, want a refusal for %s", err, string(want))
	}
}
