package ecml

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of fields into docs/ecml.md")

const (
	guide      = "../docs/ecml.md"
	tableBegin = "<!-- fields: go test ./ecml -run TestGuide -update -->\n"
	tableEnd   = "<!-- end of fields -->\n"
)

// TestGuideHasTheTableOfFields keeps the guide's table that of the code.
func TestGuideHasTheTableOfFields(t *testing.T) {
	raw, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), tableBegin)
	old, after, ended := strings.Cut(rest, tableEnd)
	if !ok || !ended {
		t.Fatalf("%s has no place for the table", guide)
	}
	table := markdown()
	if old == table {
		return
	}
	if !*update {
		t.Fatalf("%s is not current: go test ./ecml -run TestGuide -update", guide)
	}
	if err := os.WriteFile(guide, []byte(before+tableBegin+table+tableEnd+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

func markdown() string {
	var b strings.Builder
	b.WriteString("\n| Form name | Place in XML | Values | XML type | Size | Since | Class | Note |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for f := range Fields() {
		if strings.HasPrefix(f.Name, "Ecom_BillTo_") || strings.HasPrefix(f.Name, "Ecom_ReceiptTo_") {
			continue // as those of ShipTo
		}
		place, size, note := "none", "", ""
		if f.Path != "" {
			place = "`" + f.Path + "`"
		}
		if f.Min > 0 {
			size = fmt.Sprint(f.Min)
		}
		if f.Note > 0 {
			note = fmt.Sprint(f.Note)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s | %s |\n", f.Name, place, f.Type, f.Type.XML(), size, f.Since, f.Class, note)
	}
	b.WriteString("\n")
	return b.String()
}
