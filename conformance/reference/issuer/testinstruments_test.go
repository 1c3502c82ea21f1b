package issuer_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
)

// row is the line of an instrument in the document.
func row(i *issuer.TestInstrument) string {
	expiry, brand := "–", "–"
	if i.Instrument.Kind == kecis.Card {
		expiry, brand = fmt.Sprintf("%02d/%d", i.ExpMonth, i.ExpYear), i.Instrument.Brand
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s |", i.ID, brand, i.Number, expiry, i.English, i.Korean)
}

// TestTableOfTestInstruments holds the document against the program.
func TestTableOfTestInstruments(t *testing.T) {
	document, err := os.ReadFile("../../../docs/test-instruments.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(document)) {
		if strings.HasPrefix(line, "| `") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	seen := map[string]bool{}
	list := issuer.TestInstruments()
	for i := range list {
		want := row(&list[i])
		if i >= len(rows) || rows[i] != want {
			t.Errorf("the document has no line\n%s", want)
		}
		if seen[list[i].ID] || seen[list[i].Number] {
			t.Errorf("%s, or its number, stands twice", list[i].ID)
		}
		seen[list[i].ID], seen[list[i].Number] = true, true
		number := ecml.NewCardNumber(list[i].Number)
		if card := list[i].Instrument.Kind == kecis.Card; card && (!number.Valid() || !number.HasBrand(list[i].Instrument.Brand)) {
			t.Errorf("%s: the check digit or the brand is wrong", list[i].ID)
		}
	}
	if len(rows) != len(list) {
		t.Errorf("the document has %d lines, the program %d instruments", len(rows), len(list))
	}
}
