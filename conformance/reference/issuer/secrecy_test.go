package issuer_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/xmlenc"
)

// TestNoNumberIsKept runs every test instrument through payment, capture,
// cancellation and page, and looks for its number in all that was written, in
// all errors and pages.
func TestNoNumberIsKept(t *testing.T) {
	w := newWorld(t)
	var written bytes.Buffer
	for _, i := range issuer.TestInstruments() {
		a, p := w.attempt(), w.payment(i.ID, 1000)
		approval, err := w.issuer.Pay(t.Context(), a, p)
		fmt.Fprintf(&written, "%v %+v %v\n", err, approval, w.capture(w.about(a), 500, true))
		fmt.Fprintln(&written, w.cancel(w.about(a), 500), w.issuer.Reverse(t.Context(), a.Key))
		bad := i.Enrolment()
		bad.Holder = ""
		fmt.Fprintf(&written, "%v %+v\n", w.issuer.Enrol(t.Context(), bad), bad)
	}
	for _, path := range []string{"/inbox/hong", "/inbox/kim", "/api/inbox/hong", "/api/inbox/kim"} {
		written.Write(w.get(path, nil).Body.Bytes())
	}
	records := 0
	err := w.journal.View(context.Background(), func(tx journal.Tx) error {
		for _, space := range []string{
			"instruments", "standings", "negative", "refs", "ref-of", "payments", "operations", "expiries", "inbox", "entries", "balances",
		} {
			rows, err := tx.Range("issuer/"+space, "", "", 10_000)
			if err != nil {
				return err
			}
			for _, r := range rows {
				written.WriteString(r.Key)
				written.Write(r.Value)
				records++
			}
		}
		return nil
	})
	if err != nil || records < 200 {
		t.Fatalf("%d records, %v", records, err)
	}
	for _, i := range issuer.TestInstruments() {
		if strings.Contains(written.String(), i.Number) {
			t.Errorf("the number of %s stands somewhere in clear", i.ID)
		}
	}
	if !strings.Contains(written.String(), "400000******0016") {
		t.Error("nothing masked was found: the search looks in the wrong place")
	}
}

func TestEnrolmentThatIsWrong(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*issuer.Enrolment){
		"check digit": func(e *issuer.Enrolment) { e.Number = ecml.NewCardNumber("4000001200000017") },
		"expiry":      func(e *issuer.Enrolment) { e.ExpMonth = 13 },
		"brand":       func(e *issuer.Enrolment) { e.Brand = "" },
		"currency":    func(e *issuer.Enrolment) { e.Currency = "XXX" },
		"holder":      func(e *issuer.Enrolment) { e.Holder = "Hong" },
		"credit":      func(e *issuer.Enrolment) { e.Credit = -1 },
		"account":     func(e *issuer.Enrolment) { e.Kind, e.Number = kecis.Account, ecml.NewCardNumber("12345") },
	} {
		card := testInstrument(t, "card-approve")
		e := card.Enrolment()
		change(&e)
		if err := w.issuer.Enrol(t.Context(), e); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	// Enrolled again, an account has its funds once.
	if err := w.issuer.Enrol(t.Context(), issuer.EnrolTest()...); err != nil {
		t.Fatal(err)
	}
	w.refused(kecis.ErrDeclinedLimit, "e-money-approve", 50_001)
	w.audited()
}

func TestConfigThatIsWrong(t *testing.T) {
	w := newWorld(t)
	good := issuer.Config{Entity: entity, Journal: w.journal, Clock: w.clock, Keys: xmlenc.KeyRing{}, NumberKey: make([]byte, 32)}
	for name, change := range map[string]func(*issuer.Config){
		"no entity": func(c *issuer.Config) { c.Entity = "" }, "no journal": func(c *issuer.Config) { c.Journal = nil },
		"no clock": func(c *issuer.Config) { c.Clock = nil }, "no keys": func(c *issuer.Config) { c.Keys = nil },
		"short key": func(c *issuer.Config) { c.NumberKey = make([]byte, 31) }, "hold time": func(c *issuer.Config) { c.HoldTime = -1 },
	} {
		c := good
		change(&c)
		if _, err := issuer.New(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := issuer.New(good); err != nil {
		t.Error(err)
	}
}

// TestNoNumberInTheDatabase looks for the numbers in the files of SQLite.
func TestNoNumberInTheDatabase(t *testing.T) {
	folder := t.TempDir()
	store, err := sqljournal.Open(t.Context(), "sqlite:"+filepath.Join(folder, "journal.db"), sqljournal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *issuer.Config) { c.Journal = store })
	for _, i := range issuer.TestInstruments() {
		a := w.attempt()
		_, _ = w.issuer.Pay(t.Context(), a, w.payment(i.ID, 1000)) // approved or not
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var content []byte
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		content = append(content, b...)
	}
	for _, i := range issuer.TestInstruments() {
		if bytes.Contains(content, []byte(i.Number)) {
			t.Errorf("the number of %s stands in the database", i.ID)
		}
	}
	if !bytes.Contains(content, []byte("400000")) {
		t.Error("nothing masked was found: the search looks in the wrong place")
	}
}
