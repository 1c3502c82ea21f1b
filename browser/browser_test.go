package browser_test

import (
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/foreign"
)

// TestPages drives one browser through all pages.
func TestPages(t *testing.T) {
	foreign.Need(t, foreign.Chromium, foreign.NSSTools, foreign.AxeCore)
	n := newTown(t, time.Now().Add(2*24*time.Hour))
	c := start(t, n, nil)
	t.Run("amount", func(t *testing.T) { amounts(t, c, n) })
}
