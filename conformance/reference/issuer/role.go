package issuer

import (
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// mostWon and mostCents bound one payment.
const mostWon, mostCents = 100_000_000, 10_000_000

// Role returns what the reference issuer declares, with the keys that
// instruments are encrypted to, and holdTime as in Config: zero is
// DefaultHoldTime. It is for ServerConfig.Role.
func Role(holdTime time.Duration, keys ...metadata.EncryptionKey) metadata.Role {
	if holdTime == 0 {
		holdTime = DefaultHoldTime
	}
	return metadata.Role{
		Name:    metadata.Issuer,
		Methods: []metadata.Method{metadata.MethodCard, metadata.MethodAccount, metadata.MethodEMoney},
		Currencies: []metadata.CurrencyLimits{
			{Currency: string(kecis.KRW), Min: leastOnCard, Max: mostWon},
			{Currency: string(kecis.USD), Min: 1, Max: mostCents},
		},
		Instalments: metadata.Instalments{
			Months: []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, From: leastInInstalments, InterestFree: true,
		},
		Captures: metadata.CapturesSeveral, Parts: true, PartialCancellation: true, Lookup: true,
		HoldTime: holdTime, EncryptionKeys: keys,
	}
}
