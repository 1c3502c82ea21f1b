package issuer_test

import (
	"testing"

	"github.com/kecis/sdk/kecis/journal"
)

// TestAuditFinds spoils the books behind the issuer's back.
func TestAuditFinds(t *testing.T) {
	payment := func(change string) func(tx journal.Tx, key string) error {
		return func(tx journal.Tx, key string) error {
			return tx.Put("issuer/payments", key, []byte(`{"state":"approved","approvalCode":"1","sender":"https://pg.example/kecis","currency":"KRW",`+
				`"holdExpires":"2027-01-07T05:03:00Z","at":"2026-12-31T05:03:00Z",`+change+`}`))
		}
	}
	for name, spoil := range map[string]func(tx journal.Tx, key string) error{
		"I2":             payment(`"amount":1000,"captured":1001`),
		"I3":             payment(`"amount":1000,"captured":1000,"refunded":1001`),
		"another hold":   payment(`"amount":2000,"held":2000`),
		"money reversed": payment(`"state":"reversed","amount":1000,"captured":1000`),
		"money of no code": func(tx journal.Tx, key string) error {
			return tx.Put("issuer/payments", key, []byte(`{"state":"declined","held":1}`))
		},
		"balance": func(tx journal.Tx, _ string) error {
			return tx.Put("issuer/balances", "KRW house/funding 0", []byte("1"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a, _ := w.pay("card-approve", 1000)
			w.audited()
			if err := w.journal.Update(t.Context(), func(tx journal.Tx) error { return spoil(tx, a.Key) }); err != nil {
				t.Fatal(err)
			}
			if findings, err := w.issuer.Audit(t.Context()); len(findings) == 0 || err != nil {
				t.Errorf("findings %q, %v", findings, err)
			}
		})
	}
}
