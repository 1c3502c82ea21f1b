package kecis

import (
	"context"
	"slices"
	"strings"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmltree"
)

// KoreanAuthentication is the policy that Korean rules asked for from 2010 on, and
// the default profile of this standard: from 300,000 won on a buyer is
// authenticated by amount or certificate, but for electronic money. Put the rules
// and floors into a ServerConfig's Role.
func KoreanAuthentication() ([]metadata.AuthenticationRule, []metadata.Floor) {
	return []metadata.AuthenticationRule{{
			Currency: string(KRW), From: koreanThreshold,
			Methods:    []metadata.AuthenticationMethod{metadata.ByAmount, metadata.ByCertificate},
			Exemptions: []metadata.Exemption{metadata.ExemptProfile, metadata.ExemptEMoney},
		}},
		[]metadata.Floor{{Currency: string(KRW), Least: amountFloor}}
}

const (
	// koreanThreshold is from where on a certificate was asked for, in won
	// (supervisory rules on electronic finance, article 31).
	koreanThreshold = 300_000
	// amountFloor is the least order for which amount authentication was offered,
	// in won.
	amountFloor = 3_500
)

// authenticated refuses a payment whose evidence of an authentication is wrong,
// and one that lacks what the policy asks for (KECIS-AUT-020 to 023). A hold by
// which the buyer is authenticated needs none.
func (s *Server) authenticated(ctx context.Context, p *PaymentRequest) error {
	if p.Terms.Purpose == AmountAuthentication {
		return nil
	}
	rule := ruleFor(&s.config.Role, p.OrderAmount)
	if rule == nil && p.Sender != p.OrderRef.Requester { // evidence for the hop before
		return nil
	}
	method, err := s.proven(ctx, p)
	if err != nil {
		return err
	}
	if rule == nil || (method != "" && slices.Contains(rule.Methods, method)) {
		return nil
	}
	exempt, err := s.exempt(ctx, rule, p)
	if err == nil && !exempt {
		err = Refuse(ErrAuthenticationRequired)
	}
	return err
}

// ruleFor returns the rule for an order of that amount: of those that begin at or
// below it the one that begins last; nil for none. A part of an order is looked at
// as the whole.
func ruleFor(role *metadata.Role, order Money) *metadata.AuthenticationRule {
	var found *metadata.AuthenticationRule
	for i := range role.Authentication {
		rule := &role.Authentication[i]
		if rule.Currency == string(order.Currency) && rule.From <= order.Minor && (found == nil || rule.From >= found.From) {
			found = rule
		}
	}
	return found
}

// exempt reports whether the policy names the exemption that the payment claims,
// and it holds. Nothing is taken on the requester's word alone.
func (s *Server) exempt(ctx context.Context, rule *metadata.AuthenticationRule, p *PaymentRequest) (bool, error) {
	claimed := p.Terms.Exemption
	if claimed == "" || !slices.Contains(rule.Exemptions, claimed) {
		return false, nil
	}
	switch claimed {
	case metadata.ExemptReference:
		return p.Instrument.Ref != "", nil
	case metadata.ExemptEMoney:
		return p.Instrument.Kind == EMoney, nil
	}
	exempter, ok := s.config.Authentications.(Exempter)
	if !ok {
		return false, nil
	}
	return guarded(ctx, func(ctx context.Context) (bool, error) { return exempter.Exempt(ctx, p) })
}

// accepted are the methods that a refused payment can be authenticated by.
func (s *Server) accepted(order Money) []metadata.AuthenticationMethod {
	if rule := ruleFor(&s.config.Role, order); rule != nil {
		return rule.Methods
	}
	return nil
}

// acceptable are the methods of a refusal that its answer can name, each once.
func (r *Refusal) acceptable() (list []metadata.AuthenticationMethod) {
	if r.Code != ErrAuthenticationRequired {
		return nil
	}
	for _, m := range r.Accepted {
		if indexOf(authenticationMethods, string(m)) != 0 && !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// accepted reads the methods that an answer names, each once.
func (d *decoder) accepted(e xmltree.Element) (list []metadata.AuthenticationMethod) {
	a := d.attributes(e)
	s := a.need("Methods")
	for word := range strings.SplitSeq(s, " ") {
		m := metadata.AuthenticationMethod(word)
		if indexOf(authenticationMethods, word) == 0 || slices.Contains(list, m) {
			a.bad(ErrUnsupported, "Methods", "each once, separated by one blank, of"+authenticationMethods[:len(authenticationMethods)-1], s)
			return nil
		}
		list = append(list, m)
	}
	a.end(" Methods ")
	d.empty(e)
	return list
}

func (e *encoder) accepted(list []metadata.AuthenticationMethod) {
	if len(list) == 0 {
		return
	}
	e.start("kecis", "Accepted")
	words := make([]string, len(list))
	for i, m := range list {
		words[i] = string(m)
		if indexOf(authenticationMethods, words[i]) == 0 || slices.Contains(words[:i], words[i]) {
			e.refuse(ErrUnsupported, "Methods", "each once, of"+authenticationMethods[:len(authenticationMethods)-1], words[i])
		}
	}
	e.attr("Methods", strings.Join(words, " "))
	e.w.End()
}

// checkAccepted refuses methods where none is asked for.
func (p *PaymentResponse) checkAccepted() *Error {
	if len(p.Accepted) > 0 && p.Status.Code != ErrAuthenticationRequired {
		return &Error{code: ErrStatus, expected: "Accepted only where the code is " + string(ErrAuthenticationRequired), found: quote(string(p.Status.Code))}
	}
	return nil
}
