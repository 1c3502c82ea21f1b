package sqljournal_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/adapters/sqljournal/postgrestest"
	"github.com/kecis/sdk/kecis/journal"
)

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("no database at all\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, url, want string }{
		{"memory", "sqlite::memory:", "would forget"},
		{"memory by URL", "sqlite:file:x?mode=memory", "would forget"},
		{"no path", "sqlite:", "would forget"},
		{"no folder", "sqlite:" + filepath.Join(folder, "none", "journal.db"), "folder of " + filepath.Join(folder, "none", "journal.db") + " does not exist"},
		{"a folder itself", "sqlite:" + folder, folder},
		{"in a file", "sqlite:" + filepath.Join(text, "journal.db"), "is not in a folder"},
		{"no database", "sqlite:" + text, "not a database"},
		{"other scheme", "mysql://user:secret@host/db", `"sqlite:" or "postgres:"`},
		{"nothing", "", `"sqlite:" or "postgres:"`},
		{"no server", "postgres://user:secret@127.0.0.1:1/db", "refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			j, err := sqljournal.Open(t.Context(), c.url, sqljournal.Options{})
			if err == nil {
				j.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
	for _, prefix := range []string{"Kecis", "kecis-", "1kecis", "k; DROP TABLE x", strings.Repeat("k", 40)} {
		if _, err := sqljournal.Open(t.Context(), "sqlite:"+filepath.Join(folder, "p.db"), sqljournal.Options{Prefix: prefix}); err == nil {
			t.Errorf("prefix %q", prefix)
		}
	}
}

// TestOpenReadOnly has a file that may not be written, and for root, whom no
// permission holds back, a place where nobody can make one.
func TestOpenReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		if _, err := sqljournal.Open(t.Context(), "sqlite:/proc/kecis/journal.db", sqljournal.Options{}); err == nil {
			t.Error("a journal was opened where no file can be")
		}
		return
	}
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, nil, 0o400); err != nil {
		t.Fatal(err)
	}
	_, err := sqljournal.Open(t.Context(), "sqlite:"+path, sqljournal.Options{})
	if err == nil || !strings.Contains(err.Error(), "may not be written") {
		t.Errorf("read-only file: %v", err)
	}
}

// TestPaths opens files whose names look like options.
func TestPaths(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"a?mode=ro.db", "b#c.db", "d%20e.db", "가맹점 1.db", "f&g=h.db"} {
		j := open(t, "sqlite:"+filepath.Join(folder, name))
		if err := j.Update(t.Context(), func(tx journal.Tx) error { return tx.Add("s", "k", nil) }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		j.Close()
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestClose(t *testing.T) {
	j := open(t, "sqlite:"+filepath.Join(t.TempDir(), "journal.db"))
	if err := errors.Join(j.Close(), j.Close()); err != nil {
		t.Error(err)
	}
	if err := j.Update(t.Context(), func(journal.Tx) error { return nil }); err == nil {
		t.Error("Update after Close")
	}
	if err := j.View(t.Context(), func(journal.Tx) error { return nil }); err == nil {
		t.Error("View after Close")
	}
}

// TestSQL joins rows of a vendor's own table with the journal's, on a database
// that the vendor has opened.
func TestSQL(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		joins(t, "sqlite", filepath.Join(t.TempDir(), "vendor.db"), sqljournal.SQLite)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		joins(t, "pgx", postgrestest.Start(t).Database(t), sqljournal.PostgreSQL)
	})
}

func joins(t *testing.T, driver, source string, d sqljournal.Dialect) {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE ledger (id TEXT PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	// Two journals in one database, beside the vendor's table.
	a, err := sqljournal.New(t.Context(), db, d, sqljournal.Options{Prefix: "shop_"})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := sqljournal.New(t.Context(), db, d, sqljournal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	post := func(tx journal.Tx, id string) error {
		own, ok := sqljournal.SQL(tx)
		if !ok {
			return errors.New("no transaction to join")
		}
		_, err := own.ExecContext(t.Context(), "INSERT INTO ledger (id) VALUES ('"+id+"')")
		return err
	}
	count := func() (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM ledger").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	change := func(id string, end error) func(tx journal.Tx) error {
		return func(tx journal.Tx) error {
			if err := errors.Join(pair(tx, id), post(tx, id)); err != nil {
				return err
			}
			// The transaction sees both.
			if _, err := tx.Request(shop, id); err != nil {
				return err
			}
			return end
		}
	}
	for n, id := range []string{"_1", "_2"} {
		if err := a.Update(t.Context(), change(id, nil)); err != nil || count() != n+1 {
			t.Fatalf("%s: %v, %d rows", id, err, count())
		}
	}
	refusal := errors.New("refused")
	if err := a.Update(t.Context(), change("_3", refusal)); !errors.Is(err, refusal) || count() != 2 {
		t.Errorf("failed change: %v, %d rows", err, count())
	}
	// A statement of the vendor that fails undoes the change.
	if err := a.Update(t.Context(), change("_2", nil)); err == nil || count() != 2 {
		t.Errorf("failed statement: %v, %d rows", err, count())
	}
	for _, id := range []string{"_1", "_2", "_3"} {
		err := a.View(t.Context(), func(tx journal.Tx) error {
			own, ok := sqljournal.SQL(tx)
			if !ok {
				return errors.New("no transaction in View")
			}
			if err := own.QueryRowContext(t.Context(), "SELECT 1").Scan(new(int)); err != nil {
				return err
			}
			there, err := whole(tx, id)
			if there != (id != "_3") {
				t.Errorf("%s is there: %t", id, there)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	err = b.View(t.Context(), func(tx journal.Tx) error { _, err := tx.Request(shop, "_1"); return err })
	if !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("the other journal: %v", err)
	}
}

func TestNewRefusesMemory(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := sqljournal.New(t.Context(), db, sqljournal.SQLite, sqljournal.Options{}); err == nil {
		t.Error("a journal in memory")
	}
	db.SetMaxOpenConns(1)
	if _, err := sqljournal.New(t.Context(), db, sqljournal.SQLite, sqljournal.Options{}); err == nil || !strings.Contains(err.Error(), "connections") {
		t.Errorf("one connection: %v", err)
	}
}

func TestMigrations(t *testing.T) {
	for _, d := range []sqljournal.Dialect{sqljournal.SQLite, sqljournal.PostgreSQL} {
		fsys, err := sqljournal.Migrations(d, "vendor_")
		if err != nil {
			t.Fatal(err)
		}
		if err := fstest.TestFS(fsys, "00001_journal.sql"); err != nil {
			t.Error(err)
		}
		text, err := fs.ReadFile(fsys, "00001_journal.sql")
		if err != nil || strings.Contains(string(text), "{{") || !strings.Contains(string(text), "CREATE TABLE vendor_request") {
			t.Errorf("%s: %v\n%s", d, err, text)
		}
	}
}
