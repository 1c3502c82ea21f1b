package issuer_test

import (
	"testing"

	"github.com/kecis/sdk/conformance/reference/issuer"
)

// BenchmarkPlanPayment is what the issuer adds to the commit of a claim: the
// mandate, decryption, limits, postings, the notice. Encryption is not counted.
func BenchmarkPlanPayment(b *testing.B) {
	w := newWorld(b)
	b.Run("encrypted", func(b *testing.B) {
		p := w.payment("card-approve", 100)
		for b.Loop() {
			if _, err := w.plan(w.attempt(), p); err != nil {
				b.Fatal(err)
			}
		}
	})
	onFile := newWorld(b, func(c *issuer.Config) { c.Journal = openSQLite(b) })
	b.Run("SQLite", func(b *testing.B) { // with a commit for each, which a Server's claim makes anyway
		p := onFile.payment("card-approve", 100)
		for b.Loop() {
			if _, err := onFile.plan(onFile.attempt(), p); err != nil {
				b.Fatal(err)
			}
		}
	})
	_, approval := w.pay("card-approve", 100)
	b.Run("reference", func(b *testing.B) {
		p := w.payment("card-approve", 100, withRef(approval.InstrumentRef))
		for b.Loop() {
			if _, err := w.plan(w.attempt(), p); err != nil {
				b.Fatal(err)
			}
		}
	})
}
