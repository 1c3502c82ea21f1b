package issuer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
)

// TestEntries: the ledger tells the judge what became of each payment, and on
// whose request.
func TestEntries(t *testing.T) {
	s := newServed(t)
	p := s.payment("card-approve", 50_000, kecis.CaptureManual)
	paid, err := s.client.Pay(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	capture := s.client.NewCapture(entity)
	capture.OrderRef, capture.Original = p.OrderRef, kecis.Original{TransactionID: paid.Transaction.ID}
	capture.Amount, capture.Tax, capture.Final = kecis.Won(30_000), kecis.Tax{TaxFree: 30_000}, true
	if _, err := s.client.Capture(t.Context(), capture); err != nil {
		t.Fatal(err)
	}
	sale := s.payment("card-approve", 20_000, kecis.CaptureAutomatic)
	if _, err := s.client.Pay(t.Context(), sale); err != nil {
		t.Fatal(err)
	}
	if _, err := s.client.Reverse(t.Context(), sale.ID, kecis.ReasonNoAnswer); err != nil {
		t.Fatal(err)
	}
	entries, err := s.issuer.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		Effect  conformance.Effect
		Amount  int64
		Request string
	}
	got := map[line]int{}
	for _, e := range entries {
		if e.Effect != conformance.EffectNone {
			got[line{e.Effect, e.Amount, e.Request}]++
		}
		if e.Effect == conformance.EffectApproval && (e.Order.Requester != shop || e.OrderAmount != e.Amount) {
			t.Errorf("approval of %+v, order amount %d", e.Order, e.OrderAmount)
		}
		var sum int64
		for _, posting := range e.Postings {
			sum += posting.Amount
		}
		if sum != 0 {
			t.Errorf("%s of %d leaves %d over", e.Effect, e.Amount, sum)
		}
	}
	want := map[line]int{
		{conformance.EffectApproval, 50_000, string(p.ID)}: 1, {conformance.EffectCapture, 30_000, string(capture.ID)}: 1,
		{conformance.EffectRelease, 20_000, string(capture.ID)}: 1,
		{conformance.EffectApproval, 20_000, string(sale.ID)}:   1, {conformance.EffectCapture, 20_000, string(sale.ID)}: 1,
		{conformance.EffectReversal, 20_000, ""}: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
