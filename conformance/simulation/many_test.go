package simulation

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"testing"
	"time"
)

func TestMany(t *testing.T) {
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.ParseUint(os.Getenv("N"), 10, 64)
	from, _ := strconv.ParseUint(os.Getenv("FROM"), 10, 64)
	began := time.Now()
	found := map[string][]uint64{}
	what := map[string]string{}
	cells := map[Cell]int{}
	steps, ex := 0, 0
	for seed := from; seed < from+n; seed++ {
		c := script{seed: seed, keys: keys, buyers: -1}
		out := c.play()
		steps += out.steps
		ex += len(out.recording.Exchanges)
		for c, n := range out.plan.cells {
			cells[c] += n
		}
		if out.err != nil {
			t.Log(seed, out.err)
		}
		for _, f := range out.findings {
			if len(found[f.Rule]) == 0 {
				what[f.Rule] = f.What
			}
			if l := found[f.Rule]; len(l) == 0 || l[len(l)-1] != seed {
				found[f.Rule] = append(found[f.Rule], seed)
			}
		}
	}
	t.Logf("%d worlds, %v each, %d steps, %d exchanges", n, time.Since(began)/time.Duration(n), steps/int(n), ex/int(n))
	for r, l := range found {
		t.Logf("%s in %d: %v\n   %s", r, len(l), l[:min(len(l), 8)], what[r])
	}
	if os.Getenv("CELLS") != "" {
		var lines []string
		for c, n := range cells {
			lines = append(lines, fmt.Sprintf("%s | %s | %d", c.Site, c.Fault, n))
		}
		sort.Strings(lines)
		for _, l := range lines {
			t.Log(l)
		}
	}
}
