package kecis

import (
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis/metadata"
)

// orderWindow is how long a confirmed order has to take effect (KECIS-ORD-005): as
// long as a payment request of a Client.
const orderWindow = DefaultWindow

// ordering is the operation of an order whose buyer has confirmed: a payment
// under the order's ID, whose answer goes to the requester's front address.
type ordering struct{ paying }

func (ordering) answer(w *work, header ResponseHeader) Message {
	header.Destination = w.details.ReturnTo
	return &OrderResponse{ResponseHeader: header, OrderRef: w.details.OrderRef, Transaction: w.payment.stated()}
}

// Choice is what the buyer chose on the provider's page.
type Choice struct {
	// Instrument is as of a payment request, see Client.Conceal.
	Instrument Instrument
	// Instalments are at most those of the order.
	Instalments Instalments
	// Exemption is why the payment needs no authentication of its buyer; "" for none.
	Exemption metadata.Exemption
	// Evidence proves the buyer's will, as that of Visit.Prove.
	Evidence []Evidence
}

// payment is the order and the choice as the payment request that they are
// carried out as. With the zero Choice it is what can be said before the buyer
// has chosen.
func (p *PaymentOrder) payment(deadline time.Time, choice Choice) *PaymentRequest {
	terms := p.Terms
	terms.Instalments, terms.Exemption = choice.Instalments, choice.Exemption
	buyer := p.Buyer
	if buyer == nil {
		buyer = &ecml.Ecom{}
	}
	return &PaymentRequest{
		RequestHeader: p.request(deadline), OrderRef: p.OrderRef, Payee: p.Payee,
		Amount: p.Amount, OrderAmount: p.OrderAmount, Tax: p.Tax, Lines: p.Lines,
		Terms: terms, Instrument: choice.Instrument, Buyer: buyer, Evidence: choice.Evidence,
	}
}

// check refuses a choice that the order does not leave, or that no payment
// request could hold.
func (p *PaymentOrder) check(choice Choice) error {
	if choice.Instalments > p.Terms.Instalments || !choice.Instalments.valid() {
		return Refuse(ErrInvalidInstalment)
	}
	terms := p.Terms
	terms.Instalments = choice.Instalments
	if err := checkInstalments(terms, choice.Instrument.Kind); err != nil {
		return err
	}
	e := newEncoder(make([]byte, 0, messageRoom))
	e.start("kecis", "PaymentRequest")
	e.purpose(&Terms{Exemption: choice.Exemption})
	e.instrument(&choice.Instrument)
	e.evidence(choice.Evidence)
	if e.err != nil {
		return e.err
	}
	return nil
}

// orderServed refuses an order of which no choice would be served.
func (s *Server) orderServed(p *PaymentOrder) Code {
	role := &s.config.Role
	if (p.Terms.Capture == CaptureManual && role.Captures == "") || (p.OrderRef.Part > 1 && !role.Parts) {
		return ErrNotServed
	}
	return withinLimits(role.Currencies, p.Amount)
}
