package browser_test

import (
	"testing"

	"github.com/kecis/sdk/conformance/foreign"
)

// TestPages drives one browser through all pages.
func TestPages(t *testing.T) {
	foreign.Need(t, foreign.Chromium, foreign.NSSTools, foreign.AxeCore)
	n := newTown(t)
	c := start(t, n, choices(t, n))
	t.Run("amount", func(t *testing.T) { amounts(t, c, n) })
	t.Run("certificate", func(t *testing.T) { logins(t, c, n) })
	t.Run("front", func(t *testing.T) { fronts(t, c, n) })
}
