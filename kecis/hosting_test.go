package kecis_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// careful is a page that authenticates the buyer by whatever is missing.
type careful struct {
	t        *testing.T
	now      *kecistest.Clock
	order    string // whose evidence is taken; "" for the visit's own
	required []metadata.AuthenticationMethod
	refused  error
}

func (c *careful) ServePage(w http.ResponseWriter, r *http.Request, v *kecis.Visit) {
	if r.Method != http.MethodPost {
		_, _ = io.WriteString(w, counterText)
		return
	}
	choice := kecis.Choice{Instrument: kecis.Instrument{Issuer: "https://issuer.example/kecis", Kind: kecis.Account, Ref: "ref_0123456789abcdef"}}
	var err error
	if c.required, err = v.Required(r.Context(), choice); err != nil {
		c.t.Errorf("required: %v", err)
	}
	if len(c.required) > 0 {
		if err := v.Pay(w, r, choice); !errors.Is(err, kecis.ErrAuthenticationRequired) {
			c.t.Errorf("without an authentication: %v", err)
		}
		p := v.AuthenticationRequest(metadata.ByAmount, kecis.VariantAmount, &choice.Instrument)
		if c.order != "" {
			p.OrderRef.OrderID = c.order
		}
		evidence, err := v.Prove(p, "A1", &kecis.AuthenticationResult{
			State: kecis.Authenticated, At: c.now.Now(), InstrumentRef: choice.Instrument.Ref,
		})
		if err != nil {
			c.t.Errorf("proven: %v", err)
		}
		choice.Evidence = []kecis.Evidence{evidence}
	}
	if c.refused = v.Pay(w, r, choice); c.refused != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
}

// TestOrderAuthenticated: a hosted page comes to the same rule (KECIS-AUT-020).
func TestOrderAuthenticated(t *testing.T) {
	for name, c := range map[string]struct {
		amount   int64
		required int
		order    string
		want     error
	}{
		"a cheap order":           {299_999, 0, "", nil},
		"a dear order":            {300_000, 2, "", nil},
		"evidence of another one": {300_000, 2, "ORD-0002", kecis.ErrAuthenticationMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStreet(t)
			page := &careful{t: t, now: s.clock, order: c.order}
			role := kecistest.Role(metadata.PG)
			role.Authentication, role.AmountFloors = kecis.KoreanAuthentication()
			var err error
			s.server, err = kecis.NewServer(kecis.ServerConfig{
				Entity: pgID, Endpoint: pgID, Keys: s.pg.Keys, Partners: s.partners, Journal: s.books,
				Role: role, Payments: s.bank, Captures: s.bank, Cancellations: s.bank,
				Checkout: kecis.Checkout{Location: s.front, Page: page}, Clock: s.clock, Log: slog.New(slog.DiscardHandler),
			})
			if err != nil {
				t.Fatal(err)
			}
			s.network.Handle(pgID, s.server)
			p := s.order("ORD-0001")
			p.Amount, p.OrderAmount, p.Tax = kecis.Won(c.amount), kecis.Won(c.amount), kecis.Tax{TaxFree: c.amount}
			b := s.browser(t)
			shown := b.submit(t, s.open(t, p))
			b.post(t, shown.url, fields("do", "pay", ""))
			if len(page.required) != c.required {
				t.Errorf("%v are required", page.required)
			}
			if c.want == nil && page.refused != nil || c.want != nil && !errors.Is(page.refused, c.want) {
				t.Errorf("paid: %v, want %v", page.refused, c.want)
			}
			if (s.bank.calls == 1) != (c.want == nil) {
				t.Errorf("the service was called %d times", s.bank.calls)
			}
		})
	}
}
