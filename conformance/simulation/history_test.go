package simulation

import (
	"bytes"
	"os"
	"strconv"
	"testing"
)

func TestOne(t *testing.T) {
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	seed, _ := strconv.ParseUint(os.Getenv("SEED"), 10, 64)
	var h bytes.Buffer
	c := script{seed: seed, keys: keys, buyers: -1, history: &h}
	out := c.play()
	t.Log("\n" + h.String())
	for _, f := range out.findings {
		t.Errorf("%s %s: %s %v", f.Rule, f.Party, f.What, f.Exchanges)
	}
	t.Log(out.err, out.steps, out.purchases, len(out.recording.Exchanges))
}
