package kecis

import (
	"io"
	"time"

	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// ConfirmationRequest carries what the buyer typed to the provider of a pending
// authentication (KECIS-AUT-013), encrypted, so that the amount stands in no
// evidence and no log of anybody (P24).
type ConfirmationRequest struct {
	RequestHeader
	// OrderRef is that of the AuthenticationRequest.
	OrderRef OrderRef
	// AuthenticationID names the authentication. It must be the sender's own.
	AuthenticationID string
	// Typed is what the buyer typed, readable only by the provider; see Conceal.
	Typed *xmlenc.EncryptedData
}

const confirmationRequestContent = requestStart + "kecis:OrderRef kecis:AuthenticationID xenc:EncryptedData "

func (p *ConfirmationRequest) kind() Kind { return ConfirmationRequestKind }

func (p *ConfirmationRequest) decode(d *decoder, root xmltree.Element) {
	c := d.request(&p.RequestHeader, root, confirmationRequestContent)
	d.orderRef(&p.OrderRef, c.need(Namespace, "OrderRef"))
	p.AuthenticationID = d.authenticationID(c.need(Namespace, "AuthenticationID"))
	if e := c.need(nsXENC, "EncryptedData"); !e.IsZero() && d.err == nil {
		p.Typed, d.err = xmlenc.Read(e)
	}
	c.end()
}

func (d *decoder) authenticationID(e xmltree.Element) string {
	if e.IsZero() {
		return ""
	}
	a := d.attributes(e)
	a.end("")
	s := d.text(e)
	if !token(s, 1, maxToken) {
		d.refuseText(e, ErrValue, tokenForm, s)
	}
	return s
}

func (p *ConfirmationRequest) encode(e *encoder) {
	e.request("ConfirmationRequest", &p.RequestHeader)
	e.orderRef(&p.OrderRef)
	e.authenticationID(p.AuthenticationID)
	if p.Typed == nil {
		e.keep(&Error{code: ErrMissing, expected: "what was typed, encrypted"})
	} else {
		p.Typed.Write(e.w)
	}
	e.w.End()
}

func (e *encoder) authenticationID(s string) {
	e.in = "AuthenticationID"
	if !token(s, 1, maxToken) {
		e.refuse(ErrValue, "text()", tokenForm, s)
	}
	e.w.Leaf("kecis", "AuthenticationID", s)
}

// Answer returns an answer to the request that is bound to it (P5), sent by
// entity, with the status of that code.
func (p *ConfirmationRequest) Answer(entity string, code Code) *AuthenticationResponse {
	return &AuthenticationResponse{ResponseHeader: p.answer(entity, code), OrderRef: p.OrderRef}
}

const (
	// maxTyped bounds what a buyer may have typed, in characters: an amount with
	// its signs, or two.
	maxTyped = 64
	// confirmationPart and noCurrency stand in the context of what was typed, where
	// an instrument has its part and currency: neither is one of a payment
	// (KECIS-AUT-014).
	confirmationPart = "confirmation"
	noCurrency       = "XXX" // ISO 4217: no currency is involved
)

// confirmationContext is what the value is meant for: provider, authentication
// and requester. An instrument's context can never be the same.
func confirmationContext(provider, requester, id string) xmlenc.Context {
	return xmlenc.Context{
		Recipient: provider, Payee: requester, Requester: requester, Order: id, Part: confirmationPart, Amount: 1, Currency: noCurrency,
	}
}

// Conceal encrypts what the buyer typed to a key of the provider, for this
// authentication of this requester alone, until end. The errors are ErrValue for
// a text that is no line of 1 to 64 characters, and those of xmlenc.Encrypt.
func (p *ConfirmationRequest) Conceal(random io.Reader, to *xmlenc.Recipient, provider, requester, typed string, end time.Time) error {
	if !validText(typed, maxTyped) {
		return &Error{code: ErrValue, expected: textForm, found: "another"}
	}
	w := xmltree.NewWriter(nil, xmltree.Namespace{Prefix: "kecis", URI: Namespace})
	w.Start("kecis", "Confirmation")
	w.Attr("", "Typed", typed)
	w.End()
	payload, err := w.Bytes()
	if err != nil {
		return err
	}
	defer clear(payload)
	meant := confirmationContext(provider, requester, p.AuthenticationID)
	meant.NotOnOrAfter = end.Truncate(time.Second)
	p.Typed, err = xmlenc.Encrypt(random, to, meant, payload)
	return err
}

// Reveal decrypts what the buyer typed, for the provider (KECIS-AUT-014). Call it
// only for a request that has been verified and claimed, as a Server's service
// gets it, compare, and keep nothing of it. An error is a *Refusal, to be returned
// as it is, as of PaymentRequest.Reveal.
func (p *ConfirmationRequest) Reveal(keys xmlenc.KeyFinder, provider string, now time.Time) (typed string, err error) {
	payload, err := p.Typed.Decrypt(keys, confirmationContext(provider, p.Sender, p.AuthenticationID), now)
	if err != nil {
		return "", unrevealed(err)
	}
	defer clear(payload)
	tree, err := xmltree.Parse(payload)
	if err != nil {
		return "", unrevealed(xmlenc.ErrFailed)
	}
	root := tree.Root()
	typed, ok := root.Attr("Typed")
	if !ok || !root.Is(Namespace, "Confirmation") || root.NumAttrs() != 1 || !root.First().IsZero() || root.Text() != "" || !validText(typed, maxTyped) {
		return "", unrevealed(xmlenc.ErrFailed)
	}
	return typed, nil
}
