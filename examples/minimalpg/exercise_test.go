package main

import (
	"context"
	"testing"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

// audited is the gateway with its back end's word on what it took.
type audited struct{ gateway }

var _ kecistest.Books = audited{}

// Charged implements kecistest.Books.
func (a audited) Charged(_ context.Context, key string) (int64, error) {
	return a.back.charged(key), nil
}

// TestExercise: the gateway keeps the promises of a payment service, whatever
// breaks.
func TestExercise(t *testing.T) {
	kecistest.Exercising{Payment: func(p *kecis.PaymentRequest) {
		p.Instrument = kecis.Instrument{Issuer: "https://pg.example/kecis", Kind: kecis.EMoney, Ref: "purse-of-hong-gildong"}
	}}.Run(t, func(journal.Journal) kecis.Payments { return audited{gateway{newBackEnd()}} })
}
