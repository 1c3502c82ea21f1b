package kecis

import (
	"time"

	"github.com/kecis/sdk/kecis/xmltree"
)

// MaxWindow is the longest time between IssueInstant and NotOnOrAfter of a
// request (P9, KECIS-MSG-009): long enough for a slow issuer, short enough that
// a captured request is soon worth nothing.
const MaxWindow = 5 * time.Minute

// Header is common to all messages (KECIS-MSG-005 to 008).
type Header struct {
	// ID is the message's own, never used again by its sender.
	ID ID
	// IssueInstant is when the message was made, in whole seconds.
	IssueInstant time.Time
	// Destination is the address where the message is to be received. An
	// answer on the back channel has its receiver's entityID here.
	Destination string
	// Sender is the entityID of the party that signs: saml:Issuer.
	Sender string
	// Extensions are the children of samlp:Extensions; none is known yet.
	Extensions []Extension

	digest Digest // P5, of requests that were signed or verified here
	to     string // the provider that a Client sends a request to
	// document is an answer as a Client received it.
	document []byte
}

// Digest returns the SHA-256 digest of the message's canonical signed octets
// without ds:Signature, which an answer repeats (P5). It is zero for a message
// that was neither decoded nor, as a request, signed in this program.
func (h *Header) Digest() Digest { return h.digest }

func (h *Header) common() *Header { return h }

// RequestHeader is common to all requests.
type RequestHeader struct {
	Header
	// NotOnOrAfter is the deadline: at or after it the request has no effect.
	NotOnOrAfter time.Time
}

// ResponseHeader is common to all answers.
type ResponseHeader struct {
	Header
	// InResponseTo is the ID of the request.
	InResponseTo ID
	// Recipient is the entityID of the request's sender.
	Recipient string
	// RequestDigest is the digest of the request that is answered.
	RequestDigest Digest
	// Status says what became of it.
	Status Status
}

const (
	requestAttributes  = " Destination ID IssueInstant NotOnOrAfter Version "
	responseAttributes = " Destination ID InResponseTo IssueInstant Recipient RequestDigest Version "
	requestStart       = "saml:Issuer samlp:Extensions "
	responseStart      = requestStart + "samlp:Status "
)

// request reads the header of a request and returns the rest of its content.
func (d *decoder) request(h *RequestHeader, root xmltree.Element, model string) content {
	a := d.attributes(root)
	d.common(&h.Header, &a)
	h.NotOnOrAfter = a.instant("NotOnOrAfter")
	a.end(requestAttributes)
	if d.err == nil {
		d.check(checkWindow(h), root)
	}
	c := d.content(root, model)
	d.senders(&h.Header, &c)
	return c
}

// response reads the header of an answer and returns the rest of its content.
func (d *decoder) response(h *ResponseHeader, root xmltree.Element, model string) content {
	a := d.attributes(root)
	d.common(&h.Header, &a)
	h.InResponseTo = a.id("InResponseTo")
	h.Recipient = a.uri("Recipient")
	h.RequestDigest = a.digest("RequestDigest")
	a.end(responseAttributes)
	c := d.content(root, model)
	d.senders(&h.Header, &c)
	d.status(&h.Status, c.need(nsSAMLP, "Status"))
	return c
}

// common reads the attributes that requests and answers share.
func (d *decoder) common(h *Header, a *attributes) {
	if v := a.need("Version"); v != samlVersion {
		a.bad(ErrVersion, "Version", samlVersion, v)
	}
	h.ID = a.id("ID")
	h.IssueInstant = a.instant("IssueInstant")
	h.Destination = a.uri("Destination")
}

// senders reads Issuer and Extensions. The signature, which stood between them,
// is no longer in the tree that xmlsig has verified.
func (d *decoder) senders(h *Header, c *content) {
	issuer := c.need(nsSAML, "Issuer")
	if !issuer.IsZero() {
		a := d.attributes(issuer)
		a.end("")
		if h.Sender = d.text(issuer); !validURI(h.Sender) {
			d.refuseText(issuer, ErrValue, uriForm, h.Sender)
		}
	}
	if e, ok := c.option(nsSAMLP, "Extensions"); ok {
		h.Extensions = d.extensions(e)
	}
}

// check keeps the refusal of a rule that concerns several fields.
func (d *decoder) check(err *Error, at xmltree.Element) {
	if err == nil || d.err != nil {
		return
	}
	err.place = at.Path()
	d.err = err
}

func checkWindow(h *RequestHeader) *Error {
	window := h.NotOnOrAfter.Sub(h.IssueInstant)
	if window <= 0 || window > MaxWindow {
		return &Error{code: ErrWindow, expected: "NotOnOrAfter after IssueInstant by at most " + MaxWindow.String(), found: window.String()}
	}
	return nil
}

// request writes the root's start tag and the header of a request.
func (e *encoder) request(name string, h *RequestHeader) {
	e.start("kecis", name)
	e.uri("Destination", h.Destination)
	e.id("ID", h.ID)
	e.instant("IssueInstant", h.IssueInstant)
	e.instant("NotOnOrAfter", h.NotOnOrAfter)
	e.attr("Version", samlVersion)
	e.keep(checkWindow(h))
	e.senders(&h.Header)
}

// response writes the root's start tag and the header of an answer.
func (e *encoder) response(name string, h *ResponseHeader) {
	e.start("kecis", name)
	e.uri("Destination", h.Destination)
	e.id("ID", h.ID)
	e.id("InResponseTo", h.InResponseTo)
	e.instant("IssueInstant", h.IssueInstant)
	e.uri("Recipient", h.Recipient)
	if h.RequestDigest.IsZero() {
		e.refuse(ErrMissing, "RequestDigest", digestForm, "")
	}
	e.attr("RequestDigest", h.RequestDigest.String())
	e.attr("Version", samlVersion)
	e.senders(&h.Header)
	e.status(&h.Status)
}

// senders writes Issuer and Extensions, and marks the signature's place.
func (e *encoder) senders(h *Header) {
	e.in = "Issuer"
	if !validURI(h.Sender) {
		e.refuse(ErrValue, "text()", uriForm, h.Sender)
	}
	e.w.Leaf("saml", "Issuer", h.Sender)
	e.at = e.w.Len()
	e.extensions(h.Extensions)
}

// keep keeps the refusal of a rule that concerns several fields.
func (e *encoder) keep(err *Error) {
	if err == nil || e.err != nil {
		return
	}
	err.place = e.in
	e.err = err
}
