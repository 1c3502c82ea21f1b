package pg

import (
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// The terms of the reference PG.
const (
	// instalmentsFrom is the order amount, in won, from which Korean issuers take
	// instalments.
	instalmentsFrom = 50_000
	// leastWon is below every fee of a Korean PG; issuers of cards ask for more.
	leastWon = 100
	// mostWon and mostCents bound one payment.
	mostWon, mostCents = 100_000_000, 10_000_000
)

// Role returns what the reference PG declares: every method, won and dollars,
// instalments of 2 to 12 months, several captures, parts and partial
// cancellation, with that routing table. It is for ServerConfig.Role.
func Role(routes ...metadata.Route) metadata.Role {
	return metadata.Role{
		Name:    metadata.PG,
		Methods: []metadata.Method{metadata.MethodCard, metadata.MethodAccount, metadata.MethodEMoney},
		Currencies: []metadata.CurrencyLimits{
			{Currency: string(kecis.KRW), Min: leastWon, Max: mostWon},
			{Currency: string(kecis.USD), Min: 1, Max: mostCents},
		},
		Instalments: metadata.Instalments{
			Months: []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, From: instalmentsFrom, InterestFree: true,
		},
		Captures: metadata.CapturesSeveral, Parts: true, PartialCancellation: true, Lookup: true,
		HoldTime: issuer.DefaultHoldTime - kecis.CaptureMargin,
		Routes:   routes,
	}
}
