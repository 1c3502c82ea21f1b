package sqljournal_test

import (
	"testing"

	"github.com/kecis/sdk/adapters/sqljournal/postgrestest"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/journal/journaltest"
)

func TestPostgreSQL(t *testing.T) {
	cluster := postgrestest.Start(t)
	t.Run("One", func(t *testing.T) {
		journaltest.Run(t, func(t *testing.T) journal.Journal { return open(t, cluster.Database(t)) })
	})
	// Two journals on one database, as two servers have.
	t.Run("Two", func(t *testing.T) {
		journaltest.Shared(t, func(t *testing.T) (a, b journal.Journal) {
			url := cluster.Database(t)
			return open(t, url), open(t, url)
		})
	})
	journaltest.Durable(t, func(t *testing.T) (journal.Journal, func() journal.Journal) {
		url := cluster.Database(t)
		j := open(t, url)
		return j, func() journal.Journal {
			j.Close()
			cluster.Kill()
			cluster.Restart(t)
			j = open(t, url)
			return j
		}
	})
}
