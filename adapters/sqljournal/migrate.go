package sqljournal

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// prefixes are what the names of tables may begin with: they go into statements
// as they are.
var prefixes = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// Migrations returns the migrations of a dialect for tables with a prefix, in
// the form of pressly/goose, for those who apply them with their own.
func Migrations(d Dialect, prefix string) (fs.FS, error) {
	if !prefixes.MatchString(prefix) {
		return nil, fmt.Errorf("sqljournal: the prefix %q is not %s", prefix, prefixes)
	}
	words := d.words(prefix)
	out := files{}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out[path.Base(name)] = words.Replace(string(text))
	}
	return out, nil
}

// migrate brings the tables to the present schema. Several servers may start at
// the same time.
func migrate(ctx context.Context, db *sql.DB, d Dialect, prefix string) error {
	fsys, err := Migrations(d, prefix)
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	options := []goose.ProviderOption{
		goose.WithTableName(prefix + "version"),
		goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()),
	}
	if d == PostgreSQL {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, db, fsys, options...)
	if err != nil {
		return fmt.Errorf("sqljournal: migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("sqljournal: migrations: %w", err)
	}
	return nil
}

// files are the rendered migrations: texts by their names, in one folder.
type files map[string]string

var (
	_ fs.ReadDirFS  = files{}
	_ fs.ReadFileFS = files{}
)

// Open opens the folder or one of its files.
func (f files) Open(name string) (fs.File, error) {
	if name == "." {
		entries, err := f.ReadDir(name)
		return &folder{entries: entries}, err
	}
	text, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &file{entry{name, int64(len(text))}, strings.NewReader(text)}, nil
}

// ReadFile returns the text of a file.
func (f files) ReadFile(name string) ([]byte, error) {
	text, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

// ReadDir lists the folder.
func (f files) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	out := make([]fs.DirEntry, 0, len(f))
	for name, text := range f {
		out = append(out, fs.FileInfoToDirEntry(entry{name, int64(len(text))}))
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

type file struct {
	entry

	*strings.Reader
}

func (f *file) Stat() (fs.FileInfo, error) { return f.entry, nil }
func (f *file) Size() int64                { return f.size }
func (f *file) Close() error               { return nil }

type folder struct{ entries []fs.DirEntry }

func (f *folder) Stat() (fs.FileInfo, error) { return entry{name: "."}, nil }
func (f *folder) Close() error               { return nil }

func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: ".", Err: errors.ErrUnsupported}
}

func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(f.entries)
	} else if len(f.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.entries))
	out := f.entries[:n]
	f.entries = f.entries[n:]
	return out, nil
}

// entry is what is told about a file or, under the name ".", the folder.
type entry struct {
	name string
	size int64
}

func (e entry) Name() string       { return e.name }
func (e entry) Size() int64        { return e.size }
func (e entry) ModTime() time.Time { return time.Time{} }
func (e entry) IsDir() bool        { return e.name == "." }
func (e entry) Sys() any           { return nil }

func (e entry) Mode() fs.FileMode {
	if e.IsDir() {
		return fs.ModeDir | 0o555
	}
	return 0o444
}
