package kecis

import (
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// RefusalResponse is the answer to a request whose sender is known and which
// cannot be read: it says which, and why (KECIS-MSG-028). It has no content of
// the request, since nothing in that can be relied on.
type RefusalResponse struct {
	ResponseHeader
}

func (p *RefusalResponse) kind() Kind { return RefusalResponseKind }

func (p *RefusalResponse) decode(d *decoder, root xmltree.Element) {
	c := d.response(&p.ResponseHeader, root, responseStart)
	c.end()
	if d.err == nil {
		d.check(p.check(), root)
	}
}

func (p *RefusalResponse) encode(e *encoder) {
	e.response("RefusalResponse", &p.ResponseHeader)
	e.keep(p.check())
	e.w.End()
}

// check refuses a refusal that says that something was done.
func (p *RefusalResponse) check() *Error {
	if o := p.Status.Outcome; o != NotDone && o != Unknown {
		return &Error{code: ErrStatus, expected: "outcome not-done or unknown", found: o.String()}
	}
	return nil
}

// DecodeRefusalResponse is Decode for one kind; another is refused with ErrKind.
func DecodeRefusalResponse(v xmlsig.Verified) (*RefusalResponse, error) {
	return decodeAs[RefusalResponse](v)
}
