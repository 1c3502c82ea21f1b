package kecis

import (
	"context"
	"errors"

	"github.com/kecis/sdk/kecis/metadata"
)

// Required returns the methods by which the buyer must be authenticated before
// the order can be paid with that choice; nil if nothing is missing. An error is a
// *Refusal of wrong evidence, or says that nobody knows.
func (v *Visit) Required(ctx context.Context, choice Choice) ([]metadata.AuthenticationMethod, error) {
	if err := v.order.check(choice); err != nil {
		return nil, err
	}
	err := v.server.authenticated(ctx, v.order.payment(v.order.Offer.NotOnOrAfter, choice))
	if errors.Is(err, ErrAuthenticationRequired) {
		return v.server.accepted(v.order.OrderAmount), nil
	}
	return nil, err
}

// AuthenticationRequest returns the order as the request by which a shop would
// ask for the authentication of its buyer, with the signed order as evidence. It
// is for the provider's own service of authentication: it is neither signed nor
// sent. instrument is nil where the method needs none.
func (v *Visit) AuthenticationRequest(method metadata.AuthenticationMethod, variant Variant, instrument *Instrument) *AuthenticationRequest {
	o := v.order
	return &AuthenticationRequest{
		RequestHeader: o.request(o.Offer.NotOnOrAfter), OrderRef: o.OrderRef, Payee: o.Payee, Amount: o.Amount, OrderAmount: o.OrderAmount,
		Method: method, Variant: variant, Language: o.Offer.Language, Instrument: instrument, Buyer: o.Buyer,
		Evidence: []Evidence{{Kind: EvidenceRequest, Document: v.in.document}},
	}
}

// Prove signs what the provider's own service of authentication says of the
// request that AuthenticationRequest returned: an answer to the order, which goes
// into the Choice. r must be Authenticated, id is the service's own.
func (v *Visit) Prove(p *AuthenticationRequest, id string, r *AuthenticationResult) (Evidence, error) {
	s := v.server
	begun := s.begun(p)
	answer := p.Answer(s.config.Entity, AuthenticationDone)
	answer.Authentication = *begun.authentication(id, r)
	document, err := s.signed(answer)
	return Evidence{Kind: EvidenceAuthentication, Document: document}, err
}

// Methods returns the methods by which the buyer of the order can be authenticated, by
// the provider's policy for its amount; nil where none is asked for.
func (v *Visit) Methods() []metadata.AuthenticationMethod {
	return v.server.accepted(v.order.OrderAmount)
}
