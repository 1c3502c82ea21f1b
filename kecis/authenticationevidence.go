package kecis

import (
	"context"
	"errors"
	"slices"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// Evidence returns the answer as it was received, as evidence that a payment can
// carry. It is of use once the state is Authenticated. Of an answer that no Client
// of this program received there is none.
func (p *AuthenticationResponse) Evidence() Evidence {
	return Evidence{Kind: EvidenceAuthentication, Document: p.document}
}

// Evidence is that of AuthenticationResponse, where an inquiry told the end of
// the authentication.
func (p *InquiryResponse) Evidence() Evidence {
	return Evidence{Kind: EvidenceAuthentication, Document: p.document}
}

// proven verifies the authentication among the evidence of a payment, and returns
// its method; "" if there is none. Every evidence of an authentication must be
// right, whether it is needed or not.
func (s *Server) proven(ctx context.Context, p *PaymentRequest) (metadata.AuthenticationMethod, error) {
	var document []byte
	for i := range p.Evidence {
		if p.Evidence[i].Kind != EvidenceAuthentication {
			continue
		}
		if document != nil { // which of two would be meant
			return "", Refuse(ErrAuthenticationEvidence)
		}
		document = p.Evidence[i].Document
	}
	if document == nil {
		return "", nil
	}
	v, err := s.openEvidence(ctx, document, p)
	if err != nil {
		return "", err
	}
	return v.Authentication.Method, s.covers(v, p)
}

// provenAuthentication is a verified authentication with the order that it is of.
type provenAuthentication struct {
	OrderRef       OrderRef
	Authentication Authentication
}

// openEvidence verifies a document by its own means: with the roots and roles that
// evidence may have, for a requester of this payment, and this server among those
// who may rely on it (KECIS-AUT-017).
func (s *Server) openEvidence(ctx context.Context, document []byte, p *PaymentRequest) (*provenAuthentication, error) {
	verifier := xmlsig.Verifier{Profile: xmlsig.Message(AuthenticationResponseKind.Root(), InquiryResponseKind.Root())}
	v, err := verifier.Verify(ctx, document, evidenceKeys{s})
	if err != nil {
		if _, refused := errors.AsType[coded](err); refused {
			err = Refuse(ErrAuthenticationEvidence)
		}
		return nil, err
	}
	defer v.Release()
	if err := s.mayAuthenticate(ctx, v.Sender()); err != nil {
		return nil, err
	}
	m, err := Decode(v)
	if err != nil {
		return nil, Refuse(ErrAuthenticationEvidence)
	}
	out := &provenAuthentication{}
	switch m := m.(type) {
	case *AuthenticationResponse:
		out.OrderRef, out.Authentication = m.OrderRef, m.Authentication
	case *InquiryResponse:
		out.OrderRef, out.Authentication = m.OrderRef, m.Authentication
	}
	recipient := headerOfResponse(m).Recipient
	if out.Authentication.stated() != Authenticated || (recipient != p.Sender && recipient != p.OrderRef.Requester) ||
		!slices.Contains(out.Authentication.Proof.Audience, s.config.Entity) {
		return nil, Refuse(ErrAuthenticationEvidence)
	}
	return out, nil
}

// mayAuthenticate refuses a signer who is neither this server nor a partner that
// offers authentication in a role that it was granted.
func (s *Server) mayAuthenticate(ctx context.Context, signer string) error {
	if signer == s.config.Entity {
		return nil
	}
	partner, err := s.config.Partners.Partner(ctx, signer)
	if errors.Is(err, metadata.ErrUnknownPartner) || (err == nil && !partner.MayUse(metadata.ServiceAuthentication)) {
		return Refuse(ErrAuthenticationEvidence)
	}
	if err != nil {
		return err
	}
	for _, name := range []metadata.RoleName{metadata.Authentication, metadata.Issuer, metadata.PG} {
		if role, ok := partner.Role(name); ok {
			if _, offered := role.Endpoint(metadata.ServiceAuthentication, metadata.BindingXML); offered {
				return nil
			}
		}
	}
	return Refuse(ErrAuthenticationEvidence)
}

// covers holds an authentication against the payment that relies on it
// (KECIS-AUT-018, 019). An amount is known to the holder of one instrument: the
// payment is made by the token of that.
func (s *Server) covers(v *provenAuthentication, p *PaymentRequest) error {
	proof := v.Authentication.Proof
	authenticated, paid := v.OrderRef, p.OrderRef
	authenticated.Attempt, paid.Attempt = 0, 0
	byAmount := v.Authentication.Method == metadata.ByAmount
	switch {
	case authenticated != paid, proof.Payee != p.Payee.Entity, proof.OrderAmount != p.OrderAmount:
		return Refuse(ErrAuthenticationMismatch)
	case (byAmount || proof.InstrumentRef != "") && proof.InstrumentRef != p.Instrument.Ref, byAmount && proof.InstrumentRef == "":
		return Refuse(ErrAuthenticationMismatch)
	case !s.clock.Now().Before(proof.NotOnOrAfter):
		return Refuse(ErrAuthenticationOver)
	}
	return nil
}

// evidenceKeys are the keys of partners, and the Server's own.
type evidenceKeys struct{ server *Server }

// VerificationKeys implements xmlsig.KeySource.
func (k evidenceKeys) VerificationKeys(ctx context.Context, who xmlsig.Signatory) (keys []*xmlsig.PublicKey, err error) {
	s := k.server
	if who.Entity != s.config.Entity || who.Scope != xmlsig.ScopeMessage {
		return s.source.VerificationKeys(ctx, who)
	}
	now := s.clock.Now()
	announced, err := announcedKeys(s.config.Keys, now)
	for i := range announced {
		if announced[i].At(now) {
			keys = append(keys, announced[i].Key)
		}
	}
	return keys, err
}
