package main

import (
	"strings"
	"testing"
	"time"
)

// TestRuns sees to it that the program still measures; how quick things are is
// for people to read.
func TestRuns(t *testing.T) {
	var out strings.Builder
	if err := run(&out, "2 KB", 1, time.Microsecond, false, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"parse and canonicalize 2 KB", "verify and decode 2 KB, RSA-2048", "verify and decode 2 KB, ECDSA P-256",
		"goxmldsig", "a new prefix at each level", "refused: xml-comment", "refused: sig-multiple",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}
