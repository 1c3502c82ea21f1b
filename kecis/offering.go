package kecis

import (
	"context"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// NewOrder returns an order to be paid on the provider's pages, with an ID of its
// own. The caller fills in what is to be paid; OpenOrder gives it times and
// Destination.
func (c *Client) NewOrder(provider string) *PaymentOrder {
	return &PaymentOrder{Header: c.header(provider).Header, Offer: Offer{Language: Korean}}
}

// OpenOrder signs an order, journals it, and returns the form by which the
// buyer's browser carries it to the provider. Where the order names no times, it
// begins now and holds for DefaultOffer. relayState is given back with the answer,
// unprotected: at most 80 bytes that mean nothing, as a name of the page to come
// back to.
//
// The answer comes to the OrderReturn of the requester. Where none has come when
// the offer is over, RunOnce settles the order by its ID; so does Settle, before.
// An error says that nothing left this program.
func (c *Client) OpenOrder(ctx context.Context, p *PaymentOrder, relayState string) (*FrontForm, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if !validRelayState(relayState) {
		return nil, &Error{code: ErrValue, expected: "a RelayState of at most 80 bytes of UTF-8", found: quote(relayState)}
	}
	location, err := c.locateFront(ctx, p.to)
	if err != nil {
		return nil, err
	}
	o, err := c.signedOrder(p, location)
	if err != nil {
		return nil, err
	}
	now := c.clock().Now()
	if err := c.Journal.Update(ctx, func(tx journal.Tx) error { return o.insert(tx, now) }); err != nil {
		return nil, err
	}
	return formOf(location, fieldRequest, o.document, relayState, p.Offer.Language), nil
}

// locateFront finds the provider's address for orders, after it has made sure
// that the answer will find its way back.
func (c *Client) locateFront(ctx context.Context, to string) (string, error) {
	p, err := c.Partners.Partner(ctx, to)
	if err != nil {
		return "", err
	}
	if !p.MayUse(metadata.ServiceOrder) {
		return "", Refuse(ErrPartnerSuspended)
	}
	location, ok := p.Endpoint(metadata.ServiceOrder, metadata.BindingForm)
	switch {
	case !ok:
		return "", Refuse(ErrNotServed)
	case !secure(location):
		return "", errInsecure
	}
	return location, nil
}

// signedOrder addresses, dates and signs an order.
func (c *Client) signedOrder(p *PaymentOrder, location string) (*Outgoing, error) {
	now := c.clock().Now().Truncate(time.Second)
	p.Sender, p.Destination, p.IssueInstant = c.Entity, location, now
	if p.Offer.NotBefore.IsZero() {
		p.Offer.NotBefore = now
	}
	if p.Offer.NotOnOrAfter.IsZero() {
		p.Offer.NotOnOrAfter = p.Offer.NotBefore.Add(DefaultOffer)
	}
	signer, err := c.Keys.Signer(now)
	if err != nil {
		return nil, err
	}
	document, err := Sign(p, signer)
	switch {
	case err != nil:
		return nil, err
	case len(document) > maxOrder:
		return nil, &Error{code: ErrTooMany, expected: "an order of at most 65,536 octets", found: "more"}
	}
	o := &Outgoing{document: document, location: location, details: sentDetails{OrderRef: p.OrderRef, Amount: p.Amount, Terms: p.Terms}}
	o.details.Signer = signer.Public().ID()
	end := p.Offer.NotOnOrAfter
	o.row = journal.Sent{
		Recipient: p.to, ID: string(p.ID), Kind: p.kind().String(), Key: string(p.ID), Digest: journal.Digest(p.digest),
		Issued: now, Deadline: end, State: journal.Open, Due: end.Add(abandonedAfter),
	}
	return o, nil
}
