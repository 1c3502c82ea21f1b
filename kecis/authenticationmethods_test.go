package kecis_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// exempting is a service that takes values on its own page alone, and grants
// exemptions.
type exempting struct{ pageAlone }

func (exempting) Exempt(context.Context, *kecis.PaymentRequest) (bool, error) { return true, nil }

// TestAuthenticationMethods: each method has its service, which is asked about
// what it has begun and about nothing else.
func TestAuthenticationMethods(t *testing.T) {
	var byCertificate *guard
	var methods *kecis.AuthenticationMethods
	g := newGuarded(t, func(c *kecis.ServerConfig) {
		byCertificate = newGuard(pgID, nil, c.Clock.Now)
		var err error
		methods, err = kecis.NewAuthenticationMethods(c.Journal, map[metadata.AuthenticationMethod]kecis.Authentications{
			metadata.ByAmount: c.Authentications, metadata.ByCertificate: pageAlone{byCertificate},
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Authentications = methods
		c.Role.Authentication[0].Methods = append(c.Role.Authentication[0].Methods, metadata.ByApp)
	})
	amount := g.dear("ORD-0001")
	first := g.begun(t, amount)
	r := g.wanted(g.dear("ORD-0002"))
	r.Method, r.Variant, r.Instrument = metadata.ByCertificate, 0, nil
	answer, err := g.client.Authenticate(t.Context(), r)
	if !errors.Is(err, kecis.ErrPending) {
		t.Fatal(err)
	}
	second := answer.Authentication
	if len(g.guard.known) != 1 || len(byCertificate.known) != 1 || byCertificate.known[second.ID] == nil || second.Method != metadata.ByCertificate {
		t.Errorf("begun %v and %v", g.guard.known, byCertificate.known)
	}
	for _, a := range []kecis.Authentication{first, second} {
		found, err := g.client.Authentication(t.Context(), pgID, a.ID)
		if err != nil || found.Authentication.State != kecis.AuthenticationPending || found.Authentication.Method != a.Method {
			t.Errorf("%s: %+v, %v", a.Method, found, err)
		}
	}
	r = g.wanted(g.dear("ORD-0003"))
	r.Method, r.Variant, r.Instrument = metadata.ByApp, 0, nil
	if _, err := g.client.Authenticate(t.Context(), r); !errors.Is(err, kecis.ErrNotServed) {
		t.Errorf("a method without a service: %v", err)
	}
	if _, err := g.confirm(t, r.OrderRef, second.ID, "3721"); !errors.Is(err, kecis.ErrNotConfirmed) {
		t.Errorf("a value for a method that takes none: %v", err)
	}
	if _, err := g.confirm(t, amount.OrderRef, first.ID, "3721"); err != nil {
		t.Errorf("a value for the amount: %v", err)
	}
	if exempt, err := methods.Exempt(t.Context(), amount); exempt || err != nil {
		t.Errorf("exempt without a reason: %v, %v", exempt, err)
	}
}

// TestAuthenticationMethodsAlone: what no service takes is not declared; an
// exemption holds if one service says so.
func TestAuthenticationMethodsAlone(t *testing.T) {
	_, err := kecis.NewAuthenticationMethods(nil, map[metadata.AuthenticationMethod]kecis.Authentications{metadata.ByAmount: newGuard(pgID, nil, time.Now)})
	if !errors.Is(err, kecis.ErrConfiguration) {
		t.Errorf("without a journal: %v", err)
	}
	var methods *kecis.AuthenticationMethods
	g := newGuarded(t, func(c *kecis.ServerConfig) {
		if _, err := kecis.NewAuthenticationMethods(c.Journal, map[metadata.AuthenticationMethod]kecis.Authentications{"telepathy": c.Authentications}); !errors.Is(err, kecis.ErrConfiguration) {
			t.Errorf("a method that is none: %v", err)
		}
		methods, err = kecis.NewAuthenticationMethods(c.Journal, map[metadata.AuthenticationMethod]kecis.Authentications{
			metadata.ByCertificate: exempting{pageAlone{c.Authentications}},
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Authentications = methods
	})
	p := g.dear("ORD-0001")
	if _, err := g.confirm(t, p.OrderRef, "A1", "3721"); !errors.Is(err, kecis.ErrNotServed) {
		t.Errorf("a value that nobody takes: %v", err)
	}
	if exempt, err := methods.Exempt(t.Context(), p); !exempt || err != nil {
		t.Errorf("exempt: %v, %v", exempt, err)
	}
}
