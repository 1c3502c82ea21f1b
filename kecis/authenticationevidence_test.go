package kecis_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// TestAuthenticationEvidence: evidence that is wrong in one thing pays nothing
// (KECIS-AUT-017 to 019).
func TestAuthenticationEvidence(t *testing.T) {
	pay := func(edit func(*guarded, *kecis.PaymentRequest)) func(*testing.T, *guarded) error {
		return func(t *testing.T, g *guarded) error {
			t.Helper()
			p := g.proven(t, "ORD-0001")
			edit(g, p)
			_, err := g.client.Pay(t.Context(), p)
			return err
		}
	}
	// signed is evidence that signer makes of itself, with the answer's edit.
	signed := func(by func(*guarded) *kecistest.Party, edit func(*kecis.AuthenticationResponse)) func(*testing.T, *guarded) error {
		return func(t *testing.T, g *guarded) error {
			t.Helper()
			p, signer := g.dear("ORD-0001"), by(g)
			p.Evidence = []kecis.Evidence{forged(t, g, p, signer, edit)}
			_, err := g.client.Pay(t.Context(), p)
			return err
		}
	}
	itself := func(g *guarded) *kecistest.Party { return g.pg }
	issuer := func(g *guarded) *kecistest.Party { return g.issuer }
	for name, c := range map[string]struct {
		try  func(*testing.T, *guarded) error
		want error
	}{
		"right": {pay(func(*guarded, *kecis.PaymentRequest) {}), nil},
		"a second before its end": {pay(func(g *guarded, _ *kecis.PaymentRequest) {
			g.clock.Advance(kecis.EvidenceLife - time.Second)
		}), nil},
		"at its end":     {pay(func(g *guarded, _ *kecis.PaymentRequest) { g.clock.Advance(kecis.EvidenceLife) }), kecis.ErrAuthenticationOver},
		"another order":  {pay(func(_ *guarded, p *kecis.PaymentRequest) { p.OrderRef.OrderID = "ORD-0002" }), kecis.ErrAuthenticationMismatch},
		"another part":   {pay(func(_ *guarded, p *kecis.PaymentRequest) { p.OrderRef.Part = 2 }), kecis.ErrAuthenticationMismatch},
		"another amount": {pay(func(_ *guarded, p *kecis.PaymentRequest) { p.OrderAmount = kecis.Won(300_001) }), kecis.ErrAuthenticationMismatch},
		"another payee":  {pay(func(g *guarded, p *kecis.PaymentRequest) { p.Payee.Entity = g.other.Entity }), kecis.ErrAuthenticationMismatch},
		"another card":   {pay(func(_ *guarded, p *kecis.PaymentRequest) { p.Instrument.Ref = "ref_fedcba9876543210" }), kecis.ErrAuthenticationMismatch},
		"twice":          {pay(func(_ *guarded, p *kecis.PaymentRequest) { p.Evidence = append(p.Evidence, p.Evidence[0]) }), kecis.ErrAuthenticationEvidence},
		"a changed byte": {pay(func(_ *guarded, p *kecis.PaymentRequest) {
			p.Evidence[0].Document = changedByte(p.Evidence[0].Document)
		}), kecis.ErrAuthenticationEvidence},
		"no document":       {pay(func(_ *guarded, p *kecis.PaymentRequest) { p.Evidence[0].Document = []byte("x") }), kecis.ErrAuthenticationEvidence},
		"for a cheap order": {pay(func(_ *guarded, p *kecis.PaymentRequest) { cheap(p) }), kecis.ErrAuthenticationMismatch},

		"by itself":    {signed(itself, nil), nil},
		"by an issuer": {signed(issuer, nil), nil},
		"by a suspended issuer": {signed(func(g *guarded) *kecistest.Party {
			g.issuer.Partner.Status = metadata.Suspended
			return g.issuer
		}, nil), kecis.ErrAuthenticationEvidence},
		"by an issuer that offers none": {signed(func(g *guarded) *kecistest.Party {
			return g.issuer.Without(metadata.ServiceAuthentication)
		}, nil), kecis.ErrAuthenticationEvidence},
		"by the shop":     {signed(func(g *guarded) *kecistest.Party { return g.shop }, nil), kecis.ErrAuthenticationEvidence},
		"another signer":  {signed(func(g *guarded) *kecistest.Party { return stolen(g.issuer, g.shop) }, nil), kecis.ErrAuthenticationEvidence},
		"to another shop": {signed(itself, func(a *kecis.AuthenticationResponse) { a.Recipient = "https://other.example/kecis" }), kecis.ErrAuthenticationEvidence},
		"for others": {signed(itself, func(a *kecis.AuthenticationResponse) {
			a.Authentication.Proof.Audience = []string{shopID}
		}), kecis.ErrAuthenticationEvidence},
		"pending": {signed(itself, func(a *kecis.AuthenticationResponse) {
			a.Status = kecis.NewStatus(kecis.ErrPending)
			a.Authentication.State, a.Authentication.Proof = kecis.AuthenticationPending, nil
			a.Authentication.Expires = a.Authentication.At.Add(time.Minute)
		}), kecis.ErrAuthenticationEvidence},
		"by amount, of no card": {signed(itself, func(a *kecis.AuthenticationResponse) {
			a.Authentication.Proof.InstrumentRef = ""
		}), kecis.ErrAuthenticationMismatch},
		"by certificate, of no card": {signed(itself, func(a *kecis.AuthenticationResponse) {
			a.Authentication.Method, a.Authentication.Variant, a.Authentication.Proof.InstrumentRef = metadata.ByCertificate, 0, ""
			a.Authentication.Proof.Certificate = certificateProof(a.OrderRef, a.Authentication.Proof)
		}), nil},
		"by certificate, of another order": {func(t *testing.T, g *guarded) error {
			t.Helper()
			p := g.dear("ORD-0001")
			other := g.dear("ORD-0002")
			e := forged(t, g, other, itself(g), func(a *kecis.AuthenticationResponse) {
				a.Authentication.Method, a.Authentication.Variant, a.Authentication.Proof.InstrumentRef = metadata.ByCertificate, 0, ""
				a.Authentication.Proof.Certificate = certificateProof(a.OrderRef, a.Authentication.Proof)
			})
			p.Evidence = append(p.Evidence, e)
			_, err := g.client.Pay(t.Context(), p)
			return err
		}, kecis.ErrAuthenticationMismatch},
		"by a method that is not enough": {signed(itself, func(a *kecis.AuthenticationResponse) {
			a.Authentication.Method, a.Authentication.Variant = metadata.ByApp, 0
		}), kecis.ErrAuthenticationRequired},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuarded(t, nil)
			err := c.try(t, g)
			if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if paid := g.bank.calls; (paid == 0) != (c.want != nil) {
				t.Errorf("the service was called %d times", paid)
			}
		})
	}
}

// certificateProof is what a check has found.
func certificateProof(order kecis.OrderRef, proof *kecis.Proof) *kecis.CertificateProof {
	return &kecis.CertificateProof{
		Holder: strings.Repeat("h", 64), Policy: "2.999.410.1.1", Certificate: kecis.Digest{1}, Chain: kecis.Digest{2},
		Revocation: kecis.RevocationOCSP, Shown: kecis.ShownDigest(order, proof.Payee, proof.OrderAmount),
	}
}

// forged is an authentication of a payment's buyer that signer signs.
func forged(t *testing.T, g *guarded, p *kecis.PaymentRequest, signer *kecistest.Party, edit func(*kecis.AuthenticationResponse)) kecis.Evidence {
	t.Helper()
	now := g.clock.Now()
	a := &kecis.AuthenticationResponse{
		ResponseHeader: kecis.ResponseHeader{
			Header:       kecis.Header{ID: "_" + kecis.ID(strings.Repeat("a", 40)), IssueInstant: now, Destination: shopID, Sender: signer.Entity},
			InResponseTo: "_" + kecis.ID(strings.Repeat("b", 40)), Recipient: shopID, RequestDigest: kecis.Digest{1},
			Status: kecis.NewStatus(kecis.AuthenticationDone),
		},
		OrderRef: p.OrderRef,
		Authentication: kecis.Authentication{
			ID: "A1", State: kecis.Authenticated, Method: metadata.ByAmount, Variant: kecis.VariantAmount, At: now,
			Proof: &kecis.Proof{
				Payee: p.Payee.Entity, OrderAmount: p.OrderAmount, InstrumentRef: p.Instrument.Ref,
				NotOnOrAfter: now.Add(kecis.EvidenceLife), Audience: []string{shopID, pgID},
			},
		},
	}
	if edit != nil {
		edit(a)
	}
	document, err := kecis.Sign(a, signer.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return kecis.Evidence{Kind: kecis.EvidenceAuthentication, Document: document}
}

// stolen is a party that signs in the name of another.
func stolen(name, by *kecistest.Party) *kecistest.Party {
	p := *by
	p.Entity = name.Entity
	return &p
}

func changedByte(document []byte) []byte {
	return []byte(strings.Replace(string(document), `State="authenticated"`, `State="authenticate"`, 1))
}

// cheap makes a payment one of 50,000 won, which needs no authentication.
func cheap(p *kecis.PaymentRequest) {
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(50_000), kecis.Won(50_000), kecis.Tax{TaxFree: 50_000}
}

// TestAuthenticationPolicy: the amount of the order decides, and exemptions that
// the policy names and that hold (KECIS-AUT-020 to 023).
func TestAuthenticationPolicy(t *testing.T) {
	amounts := func(order, part int64) func(*guarded, *kecis.PaymentRequest) {
		return func(_ *guarded, p *kecis.PaymentRequest) {
			p.Amount, p.OrderAmount, p.Tax = kecis.Won(part), kecis.Won(order), kecis.Tax{TaxFree: part}
		}
	}
	claims := func(e metadata.Exemption, edit func(*guarded, *kecis.PaymentRequest)) func(*guarded, *kecis.PaymentRequest) {
		return func(g *guarded, p *kecis.PaymentRequest) {
			if p.Terms.Exemption = e; edit != nil {
				edit(g, p)
			}
		}
	}
	for name, c := range map[string]struct {
		edit func(*guarded, *kecis.PaymentRequest)
		want error
	}{
		"299,999 won":           {amounts(299_999, 299_999), nil},
		"300,000 won":           {amounts(300_000, 300_000), kecis.ErrAuthenticationRequired},
		"a part of 300,000 won": {amounts(300_000, 100), kecis.ErrAuthenticationRequired},
		"a million dollars": {func(_ *guarded, p *kecis.PaymentRequest) {
			p.Amount.Currency, p.OrderAmount.Currency = kecis.USD, kecis.USD
		}, nil},
		"electronic money":          {claims(metadata.ExemptEMoney, func(_ *guarded, p *kecis.PaymentRequest) { p.Instrument.Kind = kecis.EMoney }), nil},
		"electronic money, unsaid":  {claims("", func(_ *guarded, p *kecis.PaymentRequest) { p.Instrument.Kind = kecis.EMoney }), kecis.ErrAuthenticationRequired},
		"an account as e-money":     {claims(metadata.ExemptEMoney, nil), kecis.ErrAuthenticationRequired},
		"a profile":                 {claims(metadata.ExemptProfile, func(g *guarded, _ *kecis.PaymentRequest) { g.guard.exempts = true }), nil},
		"a profile that is none":    {claims(metadata.ExemptProfile, nil), kecis.ErrAuthenticationRequired},
		"a token, which is no rule": {claims(metadata.ExemptReference, nil), kecis.ErrAuthenticationRequired},
		"a fixed payee, no rule":    {claims(metadata.ExemptFixedPayee, func(g *guarded, _ *kecis.PaymentRequest) { g.guard.exempts = true }), kecis.ErrAuthenticationRequired},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuarded(t, nil)
			p := g.dear("ORD-0001")
			c.edit(g, p)
			paid, err := g.client.Pay(t.Context(), p)
			if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if c.want == nil && paid.Transaction.Terms.Exemption != p.Terms.Exemption {
				t.Errorf("the terms in effect are %+v", paid.Transaction.Terms)
			}
		})
	}
}

// TestAuthenticationRules: of several rules the one that begins last counts.
func TestAuthenticationRules(t *testing.T) {
	g := newGuarded(t, func(c *kecis.ServerConfig) {
		c.Role.Authentication = append([]metadata.AuthenticationRule{
			{Currency: "KRW", From: 1_000_000, Methods: []metadata.AuthenticationMethod{metadata.ByCertificate}},
		}, c.Role.Authentication...)
	})
	p := g.dear("ORD-0001")
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(1_000_000), kecis.Won(1_000_000), kecis.Tax{TaxFree: 1_000_000}
	answer, err := g.confirm(t, p.OrderRef, g.begun(t, p).ID, "3721")
	if err != nil {
		t.Fatal(err)
	}
	p.Evidence = []kecis.Evidence{answer.Evidence()}
	refused, err := g.client.Pay(t.Context(), p)
	if !errors.Is(err, kecis.ErrAuthenticationRequired) || len(refused.Accepted) != 1 || refused.Accepted[0] != metadata.ByCertificate {
		t.Errorf("by amount: %+v, %v", refused, err)
	}
}
