package kecis

import (
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/xmltree"
)

// buyer reads kecis:Buyer: exactly one Ecom (KECIS-MSG-020), valid and within the
// profile of chapter 40. What is wrong with it keeps ecml's own code.
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
	if err != nil {
		d.err = err
		return nil
	}
	d.err = checkECML(ecom)
	return ecom
}

// checkECML returns the first thing that is wrong with the data.
func checkECML(ecom *ecml.Ecom) error {
	for _, check := range []func() error{ecom.CheckProfile, ecom.Validate} {
		err := check()
		if list := ecml.Problems(err); len(list) > 0 {
			return list[0]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) buyer(ecom *ecml.Ecom) {
	e.start("kecis", "Buyer")
	if ecom == nil {
		e.keep(&Error{code: ErrMissing, expected: "ECML data of the buyer, which may be empty"})
		return
	}
	err := checkECML(ecom)
	if err == nil {
		err = ecom.EncodeXML(e.w)
	}
	if err != nil && e.err == nil {
		e.err = err
	}
	e.w.End()
}
