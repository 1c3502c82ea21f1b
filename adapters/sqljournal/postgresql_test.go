package sqljournal_test

import (
	"fmt"
	"testing"

	"github.com/kecis/sdk/adapters/sqljournal/postgrestest"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/journal/journaltest"
)

func TestPostgreSQL(t *testing.T) {
	cluster := postgrestest.Start(t)
	// A database for all, because making one takes longer than a test.
	url, journals := cluster.Database(t), 0
	prefix := func() string { journals++; return fmt.Sprintf("j%d_", journals) }
	t.Run("One", func(t *testing.T) {
		journaltest.Run(t, func(t *testing.T) journal.Journal { t.Helper(); return openPrefix(t, url, prefix()) })
	})
	// Two journals on the same tables, as two servers have.
	t.Run("Two", func(t *testing.T) {
		journaltest.Shared(t, func(t *testing.T) (a, b journal.Journal) {
			t.Helper()
			prefix := prefix()
			return openPrefix(t, url, prefix), openPrefix(t, url, prefix)
		})
	})
	journaltest.Durable(t, func(t *testing.T) (journal.Journal, func() journal.Journal) {
		t.Helper()
		prefix := prefix()
		j := openPrefix(t, url, prefix)
		return j, func() journal.Journal {
			j.Close()
			cluster.Kill()
			cluster.Restart(t)
			j = openPrefix(t, url, prefix)
			return j
		}
	})
}
