package simulation

import (
	"bytes"
	"os"
	"strconv"
	"testing"
)

func TestDbg(t *testing.T) {
	keys, _ := NewKeys()
	seed, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	var parts Parts
	for _, p := range Plants() {
		if p.Name == os.Getenv("PLANT") {
			parts = p.Parts
		}
	}
	var b bytes.Buffer
	c := script{seed: seed, keys: keys, buyers: -1, history: &b, parts: parts}
	out := c.play()
	t.Log("\n" + b.String())
	for _, f := range out.findings {
		t.Errorf("%s %s: %s %v", f.Rule, f.Party, f.What, f.Exchanges)
	}
	t.Log(out.err)
}
