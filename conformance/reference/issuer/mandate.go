package issuer

import (
	"context"
	"errors"
	"strconv"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

// checkMandate holds a payment against the shop's signed request or order among its
// evidence (P7, KECIS-PAY-023). A payment that the first requester itself asks
// for is its own mandate. The error is a *kecis.Refusal or a fault of the source
// of partners.
func (s *Issuer) checkMandate(ctx context.Context, sender string, p *kecis.PaymentRequest) error {
	if sender == p.OrderRef.Requester {
		return nil
	}
	var document []byte
	for i := range p.Evidence {
		if p.Evidence[i].Kind != kecis.EvidenceRequest {
			continue
		}
		if document != nil {
			return kecis.Refuse(kecis.ErrMandateMismatch) // which of two would be meant
		}
		document = p.Evidence[i].Document
	}
	keys, known, err := s.shop(ctx, p.OrderRef.Requester)
	if err != nil {
		return err
	}
	agrees := !known && s.statedMandate(document, p)
	if known {
		agrees, err = s.signedMandate(ctx, document, keys, p)
	}
	if err == nil && !agrees {
		err = kecis.Refuse(kecis.ErrMandateMismatch)
	}
	return err
}

// shop returns the keys of a shop that the issuer knows.
func (s *Issuer) shop(ctx context.Context, entity string) (keys xmlsig.Keys, known bool, err error) {
	if s.config.Shops == nil {
		return nil, false, nil
	}
	partner, err := s.config.Shops.Partner(ctx, entity)
	if errors.Is(err, metadata.ErrUnknownPartner) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return partner.SigningKeys(s.now(), xmlsig.ScopeMessage), true, nil
}

// signedMandate verifies the document as a message of the shop. A document that
// does not verify is no mandate, whatever the reason.
func (s *Issuer) signedMandate(ctx context.Context, document []byte, keys xmlsig.Keys, p *kecis.PaymentRequest) (bool, error) {
	v, err := s.evidence.Verify(ctx, document, keys)
	if err != nil {
		return false, ctx.Err()
	}
	defer v.Release()
	root, err := v.Root()
	return err == nil && mandates(root, p), nil
}

// statedMandate compares what the document says, where the issuer has no means
// to tell who signed it: the PG vouches for it, and the evidence stays.
func (s *Issuer) statedMandate(document []byte, p *kecis.PaymentRequest) bool {
	tree, err := s.parser.Open(document)
	if err != nil {
		return false
	}
	defer tree.Release()
	return mandates(tree.Root(), p)
}

// mandates reports whether a message is a mandate for the payment. A request to
// authenticate a buyer is one for the hold that does it, and for nothing else
// (KECIS-AUT-024).
func mandates(root xmltree.Element, p *kecis.PaymentRequest) bool {
	switch {
	case root.Is(kecis.Namespace, kecis.PaymentRequestKind.String()), root.Is(kecis.Namespace, kecis.PaymentOrderKind.String()):
	case root.Is(kecis.Namespace, kecis.AuthenticationRequestKind.String()) && p.Terms.Purpose == kecis.AmountAuthentication:
	default:
		return false
	}
	return readMandate(root) == mandateFor(p) && amountWithin(root, p)
}

// mandate is what the shop's request and the PG's must have in common, as texts
// of messages, of which each value has only one form.
type mandate struct {
	sender, payee, payeeName        string
	requester, order, attempt, part string
	currency, orderAmount           string
}

func mandateFor(p *kecis.PaymentRequest) mandate {
	return mandate{
		sender: p.OrderRef.Requester, payee: p.Payee.Entity, payeeName: p.Payee.Name,
		requester: p.OrderRef.Requester, order: p.OrderRef.OrderID,
		attempt: strconv.Itoa(p.OrderRef.Attempt), part: strconv.Itoa(p.OrderRef.Part),
		currency: string(p.OrderAmount.Currency), orderAmount: strconv.FormatInt(p.OrderAmount.Minor, 10),
	}
}

func readMandate(root xmltree.Element) mandate {
	var m mandate
	for e := range root.Children() {
		switch {
		case e.Is("urn:oasis:names:tc:SAML:2.0:assertion", "Issuer"):
			m.sender = e.Text()
		case e.Is(kecis.Namespace, "OrderRef"):
			m.requester, m.order = attr(e, "Requester"), attr(e, "OrderID")
			m.attempt, m.part = attr(e, "Attempt"), attr(e, "Part")
		case e.Is(kecis.Namespace, "Payee"):
			m.payee, m.payeeName = attr(e, "Entity"), attr(e, "Name")
		case e.Is(kecis.Namespace, "Amount"):
			m.currency, m.orderAmount = attr(e, "Currency"), attr(e, "Order")
		}
	}
	return m
}

func attr(e xmltree.Element, name string) string {
	value, _ := e.Attr(name)
	return value
}

// amountWithin reports whether the payment is of no more than the shop asked for;
// the hold of an amount authentication is of less.
func amountWithin(root xmltree.Element, p *kecis.PaymentRequest) bool {
	for e := range root.Children() {
		if e.Is(kecis.Namespace, "Amount") {
			asked, err := kecis.ParseMinor(e.Text())
			return err == nil && p.Amount.Minor <= asked
		}
	}
	return false
}
