package ecml_test

import (
	"strings"
	"testing"

	"github.com/kecis/sdk/ecml"
)

// TestStrayTextEverywhere is a document of nothing but stray text: it is told
// of, but not once for each element, which would cost the square of its size.
func TestStrayTextEverywhere(t *testing.T) {
	e, err := ecml.ParseXML([]byte("<Ecom>" + strings.Repeat("<ShipTo>x</ShipTo>", 50_000) + "</Ecom>"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(e.Stray); n == 0 || n > 100 {
		t.Errorf("%d paths of stray text, want some", n)
	}
	if want := "Ecom/ShipTo[1]"; e.Stray[0] != want {
		t.Errorf("the first is %s, want %s", e.Stray[0], want)
	}
}
