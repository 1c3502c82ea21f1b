package kecis

import (
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// Instrument is what the money comes from (P8, KECIS-MSG-019). What stands here
// in the clear serves to route the payment and to name the card to people; the
// number itself is encrypted to the issuer, or replaced by a reference. Exactly
// one of Encrypted and Ref is set.
type Instrument struct {
	// Issuer is the entityID of the card issuer, bank or e-money issuer.
	Issuer string
	Kind   InstrumentKind
	// Brand is 2 to 16 capitals and digits: a token of ECML where ECML has one.
	// Cards have a brand, others none.
	Brand string
	// First6 and Last4 are digits of the number. A card has both; another
	// instrument may have Last4.
	First6, Last4 string
	// Encrypted is the instrument, readable only by the issuer.
	Encrypted *xmlenc.EncryptedData
	// Ref is a token that the issuer gave for the instrument earlier.
	Ref string
}

// Masked returns what may be shown of the instrument: "433012******1234".
func (i *Instrument) Masked() string { return i.First6 + "******" + i.Last4 }

const instrumentAttributes = " Brand First6 Issuer Kind Last4 "

func (d *decoder) instrument(i *Instrument, e xmltree.Element) {
	if e.IsZero() {
		return
	}
	a := d.attributes(e)
	var ok bool
	if i.Brand, ok = a.option("Brand"); ok && !validBrand(i.Brand) {
		a.bad(ErrValue, "Brand", brandForm, i.Brand)
	}
	if i.First6, ok = a.option("First6"); ok && !digits(i.First6, 6) {
		a.bad(ErrValue, "First6", "6 digits", i.First6)
	}
	i.Issuer = a.uri("Issuer")
	i.Kind = InstrumentKind(a.choice("Kind", kinds))
	if i.Last4, ok = a.option("Last4"); ok && !digits(i.Last4, 4) {
		a.bad(ErrValue, "Last4", "4 digits", i.Last4)
	}
	a.end(instrumentAttributes)
	if d.err == nil {
		d.check(i.check(), e)
	}
	c := d.content(e, "xenc:EncryptedData kecis:InstrumentRef ")
	if data, ok := c.option(nsXENC, "EncryptedData"); ok {
		d.encrypted(i, data)
	} else {
		i.Ref = d.reference(c.need(Namespace, "InstrumentRef"))
	}
	c.end()
}

func (d *decoder) encrypted(i *Instrument, e xmltree.Element) {
	if d.err != nil {
		return
	}
	i.Encrypted, d.err = xmlenc.Read(e)
}

// reference reads an InstrumentRef.
func (d *decoder) reference(e xmltree.Element) string {
	if e.IsZero() {
		return ""
	}
	a := d.attributes(e)
	a.end("")
	s := d.text(e)
	if !token(s, minRef, maxRef) {
		d.refuseText(e, ErrValue, refForm, s)
	}
	return s
}

// check refuses a clear part that does not go with the kind.
func (i *Instrument) check() *Error {
	switch {
	case i.Kind == Card && (i.Brand == "" || i.First6 == "" || i.Last4 == ""):
		return &Error{code: ErrInstrument, expected: "Brand, First6 and Last4 of a card"}
	case i.Kind != Card && (i.Brand != "" || i.First6 != ""):
		return &Error{code: ErrInstrument, expected: "Brand and First6 only of a card"}
	}
	return nil
}

func (e *encoder) instrument(i *Instrument) {
	e.start("kecis", "Instrument")
	if i.Brand != "" {
		if !validBrand(i.Brand) {
			e.refuse(ErrValue, "Brand", brandForm, i.Brand)
		}
		e.attr("Brand", i.Brand)
	}
	if i.First6 != "" {
		if !digits(i.First6, 6) {
			e.refuse(ErrValue, "First6", "6 digits", "another text")
		}
		e.attr("First6", i.First6)
	}
	e.uri("Issuer", i.Issuer)
	e.choice("Kind", i.Kind.String())
	if i.Last4 != "" {
		if !digits(i.Last4, 4) {
			e.refuse(ErrValue, "Last4", "4 digits", "another text")
		}
		e.attr("Last4", i.Last4)
	}
	e.keep(i.check())
	switch {
	case (i.Encrypted == nil) == (i.Ref == ""):
		e.keep(&Error{code: ErrInstrument, expected: "exactly one of Encrypted and Ref"})
	case i.Encrypted != nil:
		i.Encrypted.Write(e.w)
	default:
		e.reference(i.Ref)
	}
	e.w.End()
}

func (e *encoder) reference(s string) {
	e.in = "InstrumentRef"
	if !token(s, minRef, maxRef) {
		e.refuse(ErrValue, "text()", refForm, s)
	}
	e.w.Leaf("kecis", "InstrumentRef", s)
}
