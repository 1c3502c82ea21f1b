package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// writing are what the writing connection is set to, whoever opened the database.
//
//   - synchronous FULL: a commit is on the disk before it returns.
//   - cache_size: the pages of the indices that stand in random order, 16 MiB. More
//     costs more than it saves, since documents pass through it.
//   - wal_autocheckpoint: pages that many commits change are written once for
//     them all, after about 16 MiB.
var writing = []string{
	"PRAGMA busy_timeout = 10000",
	"PRAGMA synchronous = FULL",
	"PRAGMA cache_size = -16384",
	"PRAGMA wal_autocheckpoint = 4000",
	"PRAGMA temp_store = MEMORY",
}

func newSQLite(ctx context.Context, db *sql.DB, o Options) (*Journal, error) {
	if most := db.Stats().MaxOpenConnections; most > 0 && most <= o.Readers {
		return nil, fmt.Errorf("sqljournal: the database has at most %d connections; the journal keeps %d", most, o.Readers+1)
	}
	if err := onDisk(ctx, db); err != nil {
		return nil, err
	}
	if err := migrate(ctx, db, SQLite, o.Prefix); err != nil {
		return nil, err
	}
	locked, plain := SQLite.render(o.Prefix, true), SQLite.render(o.Prefix, false)
	g := &grouped{
		connect: func(ctx context.Context) (*connection, error) {
			c, err := connect(ctx, db, locked)
			if err != nil {
				return nil, err
			}
			for _, pragma := range writing {
				if _, err := c.conn.ExecContext(ctx, pragma); err != nil {
					c.discard()
					return nil, err
				}
			}
			return c, nil
		},
		certain: certainInSQLite,
		memory:  newMemory(),
		uses:    uses(),
	}
	return &Journal{
		dialect: SQLite,
		writer:  g,
		reader:  readers{newPool(o.Readers, func(ctx context.Context) (*connection, error) { return connect(ctx, db, plain) })},
		close:   func() error { return nil },
	}, nil
}

// onDisk refuses a database that has no file.
func onDisk(ctx context.Context, db *sql.DB) error {
	var number int
	var name, file string
	if err := db.QueryRowContext(ctx, "PRAGMA database_list").Scan(&number, &name, &file); err != nil {
		return err
	}
	if file == "" {
		return errInMemory
	}
	return nil
}

// certainInSQLite says whether a commit that failed was surely not applied: there
// was no room to write it, or it was another's turn. Of other errors, as of a
// disk that did not sync, nobody knows what is found after a restart.
func certainInSQLite(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	code := e.Code() & 0xff // the rest says more precisely which
	return code == sqlite3.SQLITE_FULL || code == sqlite3.SQLITE_BUSY
}
