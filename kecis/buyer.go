package kecis

import (
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmltree"
)

// buyer reads kecis:Buyer: exactly one Ecom, within the profile of
// KECIS-MSG-020. Whether its values mean anything (a country, an address) is
// left to the service, which may call Validate; a payment does not fail for them.
func (d *decoder) buyer(e xmltree.Element) *ecml.Ecom {
	if e.IsZero() || d.err != nil {
		return nil
	}
	a := d.attributes(e)
	a.end("")
	c := d.content(e, ":Ecom ")
	element := c.need("", "Ecom")
	c.end()
	if d.err != nil {
		return nil
	}
	ecom, err := ecml.DecodeXML(element)
	if err == nil {
		err = ecom.CheckProfile()
	}
	if err != nil {
		d.err = &Error{code: ErrEcom, expected: "ECML data within the standard's profile", place: element.Path(), cause: err}
		return nil
	}
	return ecom
}

// buyer writes kecis:Buyer. What we write ourselves is valid ECML, too.
func (e *encoder) buyer(ecom *ecml.Ecom) {
	e.start("kecis", "Buyer")
	if ecom == nil {
		e.keep(&Error{code: ErrMissing, expected: "ECML data of the buyer, which may be empty"})
		return
	}
	err := ecom.Validate()
	if err == nil {
		err = ecom.CheckProfile()
	}
	if err == nil {
		err = ecom.EncodeXML(e.w)
	}
	if err != nil {
		e.keep(&Error{code: ErrEcom, expected: "ECML data within the standard's profile", cause: err})
		return
	}
	e.w.End()
}
