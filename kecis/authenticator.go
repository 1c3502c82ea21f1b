package kecis

import (
	"context"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
)

// NewAuthentication returns a request to the provider to authenticate the buyer of
// an order, with an ID of its own. The caller fills in the order and the method;
// Authenticate gives it times and Destination.
func (c *Client) NewAuthentication(provider string) *AuthenticationRequest {
	return &AuthenticationRequest{RequestHeader: c.header(provider), Language: Korean}
}

// Authenticate begins the authentication of a buyer and returns the answer. The
// error is nil if the buyer is authenticated already, as one with a profile; a
// *Fault with the outcome Pending is the usual one: the buyer goes to the Page of
// the answer's Authentication, or tells what to Confirm. The end is told by
// Authentication, a notification and the feed.
func (c *Client) Authenticate(ctx context.Context, p *AuthenticationRequest) (*AuthenticationResponse, error) {
	m, err := c.request(ctx, p)
	answer, _ := m.(*AuthenticationResponse)
	return answer, err
}

// Authentication asks the provider how an authentication stands. Where it is
// Authenticated, the answer's Evidence goes into the payment. The error is nil
// whatever the state is, if there is such an authentication of this Client.
func (c *Client) Authentication(ctx context.Context, provider, id string) (*InquiryResponse, error) {
	return c.Inquire(ctx, provider, Original{AuthenticationID: id})
}

// NewConfirmation returns what the buyer typed as a request to the provider of a
// pending authentication of that order, encrypted to it (P24). ErrNotServed, in a
// *Refusal, says that the provider takes it on its own page alone; other errors
// are those of ConfirmationRequest.Conceal and of the partners.
func (c *Client) NewConfirmation(ctx context.Context, provider string, order OrderRef, id, typed string) (*ConfirmationRequest, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	partner, err := c.Partners.Partner(ctx, provider)
	if err != nil {
		return nil, err
	}
	now := c.clock().Now()
	key, ok := confirmationKey(partner, now)
	if !ok {
		return nil, Refuse(ErrNotServed)
	}
	p := &ConfirmationRequest{RequestHeader: c.header(provider), OrderRef: order, AuthenticationID: id}
	return p, p.Conceal(c.random(), key.Recipient, provider, c.Entity, typed, now.Add(MaxWindow))
}

// confirmationKey is that of the role in which a partner takes confirmations.
func confirmationKey(partner *metadata.Partner, now time.Time) (*metadata.EncryptionKey, bool) {
	for _, name := range []metadata.RoleName{metadata.PG, metadata.Issuer, metadata.Authentication} {
		role, ok := partner.Role(name)
		if !ok {
			continue
		}
		if _, takes := role.Endpoint(metadata.ServiceConfirmation, metadata.BindingXML); takes {
			return partner.EncryptionKey(name, now)
		}
	}
	return nil, false
}

// Confirm sends what the buyer typed. The error is nil if the buyer is
// authenticated: then the answer's Evidence goes into the payment. ErrNotConfirmed
// says that the value was wrong, or that there is no such authentication to be
// confirmed: Authentication tells which.
func (c *Client) Confirm(ctx context.Context, p *ConfirmationRequest) (*AuthenticationResponse, error) {
	m, err := c.request(ctx, p)
	answer, _ := m.(*AuthenticationResponse)
	return answer, err
}
