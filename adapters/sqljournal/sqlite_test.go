package sqljournal_test

import (
	"path/filepath"
	"testing"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/journal/journaltest"
)

func open(t testing.TB, url string) *sqljournal.Journal {
	t.Helper()
	return openPrefix(t, url, "")
}

func openPrefix(t testing.TB, url, prefix string) *sqljournal.Journal {
	t.Helper()
	j, err := sqljournal.Open(t.Context(), url, sqljournal.Options{Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func TestSQLite(t *testing.T) {
	journaltest.Run(t, func(t *testing.T) journal.Journal {
		t.Helper()
		return open(t, "sqlite:"+filepath.Join(t.TempDir(), "journal.db"))
	})
}

// TestSQLiteShared has two journals on one file, as two processes have.
func TestSQLiteShared(t *testing.T) {
	journaltest.Shared(t, func(t *testing.T) (a, b journal.Journal) {
		t.Helper()
		url := "sqlite:" + filepath.Join(t.TempDir(), "journal.db")
		return open(t, url), open(t, url)
	})
}

func TestSQLiteDurable(t *testing.T) {
	journaltest.Durable(t, func(t *testing.T) (journal.Journal, func() journal.Journal) {
		t.Helper()
		url := "sqlite:" + filepath.Join(t.TempDir(), "journal.db")
		j := open(t, url)
		return j, func() journal.Journal {
			j.Close()
			j = open(t, url)
			return j
		}
	})
}
