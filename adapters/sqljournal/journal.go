package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/kecis/sdk/kecis/journal"
)

// DefaultPrefix is what the names of the journal's tables begin with.
const DefaultPrefix = "kecis_"

// defaultReaders is how many readings run at the same time.
const defaultReaders = 4

// Options are what may be chosen of a journal.
type Options struct {
	// Prefix is what the names of the tables begin with: small letters, digits and
	// _; DefaultPrefix if empty. Journals of several entities in one database need
	// different ones.
	Prefix string
	// Readers is how many readings (View) run at the same time, each on a
	// connection of its own; 4 if zero.
	Readers int
	// Writers is how many transactions PostgreSQL runs at the same time for this
	// journal; 8 if zero. SQLite has one.
	Writers int
}

// Journal is a journal in a database. It implements journal.Journal.
type Journal struct {
	dialect Dialect
	writer  writer
	reader  reader
	close   func() error
	closing sync.Once
}

var _ journal.Journal = (*Journal)(nil)

// writer runs changes and commits them.
type writer interface {
	update(ctx context.Context, change func(journal.Tx) error) error
	close()
}

// reader runs readings.
type reader interface {
	view(ctx context.Context, read func(journal.Tx) error) error
	close()
}

// Open opens the journal at a URL and brings its tables to the present schema:
//
//	sqlite:path/to/file.db
//	postgres://user@host/database
//
// A file of SQLite is made if there is none; its folder must be there. A journal
// that would be forgotten with the process is refused. What PostgreSQL takes in a
// URL is told by package github.com/jackc/pgx/v5/pgconn.
func Open(ctx context.Context, location string, o Options) (*Journal, error) {
	scheme, rest, _ := strings.Cut(location, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, rest, o)
	case "postgres", "postgresql":
		return openPostgreSQL(ctx, location, o)
	}
	// The rest may hold a password.
	return nil, fmt.Errorf(`sqljournal: a URL begins with "sqlite:" or "postgres:", not with %q`, scheme)
}

// New returns a journal over a database that the caller has opened, and goes on
// to own. Its tables stand beside those of the caller, who joins a transaction
// by SQL. The journal keeps connections of its own open until Close: one and
// Readers for SQLite, Writers and Readers for PostgreSQL, of which the driver is
// pgx's.
func New(ctx context.Context, db *sql.DB, d Dialect, o Options) (*Journal, error) {
	if o.Prefix == "" {
		o.Prefix = DefaultPrefix
	}
	if o.Readers <= 0 {
		o.Readers = defaultReaders
	}
	switch d {
	case SQLite:
		return newSQLite(ctx, db, o)
	case PostgreSQL:
		return newPostgreSQL(ctx, db, o)
	}
	return nil, fmt.Errorf("sqljournal: %s is not known", d)
}

// Update runs change as journal.Journal says.
func (j *Journal) Update(ctx context.Context, change func(journal.Tx) error) error {
	return j.writer.update(ctx, change)
}

// View runs read as journal.Journal says.
func (j *Journal) View(ctx context.Context, read func(journal.Tx) error) error {
	return j.reader.view(ctx, read)
}

// Dialect returns the SQL that the journal's database speaks.
func (j *Journal) Dialect() Dialect { return j.dialect }

// Close waits for the changes and readings that run, and closes what Open opened.
// Those that come later fail, and a second Close does nothing.
func (j *Journal) Close() (err error) {
	j.closing.Do(func() {
		j.writer.close()
		j.reader.close()
		err = j.close()
	})
	return err
}

func openSQLite(ctx context.Context, path string, o Options) (*Journal, error) {
	path = strings.TrimPrefix(path, "//")
	if path == "" || strings.Contains(path, ":memory:") || strings.Contains(path, "mode=memory") {
		return nil, errInMemory
	}
	if err := reachable(path); err != nil {
		return nil, err
	}
	// The path is escaped, so that no part of it is taken for an option.
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("sqljournal: %s: %w", path, err)
	}
	j, err := New(ctx, db, SQLite, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqljournal: %s: %w", path, err), db.Close())
	}
	j.close = db.Close
	return j, nil
}

var errInMemory = errors.New("sqljournal: a journal in memory would forget what was paid: name a file")

// reachable says why a file cannot be opened for writing, in words of its user.
func reachable(path string) error {
	folder, err := os.Stat(filepath.Dir(path))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("sqljournal: the folder of %s does not exist", path)
	case err != nil:
		return fmt.Errorf("sqljournal: %s: %w", path, err)
	case !folder.IsDir():
		return fmt.Errorf("sqljournal: %s is not in a folder", path)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the file
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("sqljournal: %s may not be written: %w", path, err)
	}
	if err != nil {
		return fmt.Errorf("sqljournal: %s: %w", path, err)
	}
	return file.Close()
}
