package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// defaultWriters is how many transactions run at the same time. PostgreSQL
// commits those together that wait at the same moment.
const defaultWriters = 8

// sessionSettings are those of the journal's own connections, whoever opened the
// database.
//
//   - A commit is on the disk before it returns; a stronger setting stays.
//   - A server that was cut off with a row locked does not hold up the others
//     for longer than that.
var sessionSettings = []string{
	"SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
	"SET idle_in_transaction_session_timeout = '30s'",
	"SET lock_timeout = '10s'",
}

func openPostgreSQL(ctx context.Context, location string, o Options) (*Journal, error) {
	db, err := sql.Open("pgx", location)
	if err != nil {
		return nil, fmt.Errorf("sqljournal: %w", err)
	}
	j, err := New(ctx, db, PostgreSQL, o)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	j.close = db.Close
	return j, nil
}

func newPostgreSQL(ctx context.Context, db *sql.DB, o Options) (*Journal, error) {
	if o.Writers <= 0 {
		o.Writers = defaultWriters
	}
	if most := db.Stats().MaxOpenConnections; most > 0 && most < o.Readers+o.Writers {
		return nil, fmt.Errorf("sqljournal: the database has at most %d connections; the journal keeps %d", most, o.Readers+o.Writers)
	}
	if err := migrate(ctx, db, PostgreSQL, o.Prefix); err != nil {
		return nil, err
	}
	locked, plain := PostgreSQL.render(o.Prefix, true), PostgreSQL.render(o.Prefix, false)
	return &Journal{
		dialect: PostgreSQL,
		writer:  &writers{pool: newPool(o.Writers, func(ctx context.Context) (*server, error) { return connectServer(ctx, db, locked) })},
		reader:  &writers{pool: newPool(o.Readers, func(ctx context.Context) (*server, error) { return connectServer(ctx, db, plain) })},
		close:   func() error { return nil },
	}, nil
}

// server is a connection to a server of PostgreSQL, with the statements that it
// has prepared.
type server struct {
	conn     *sql.Conn
	pg       *pgconn.PgConn
	texts    []string
	prepared [statements]*pgconn.StatementDescription
}

// connectServer opens a connection.
//
// The connection belongs to database/sql, so that a service can join, and is
// used by the protocol itself: database/sql waits for the answer to every
// statement, of which a payment makes twenty. Nobody else has the connection, and
// the two are never used at the same time.
func connectServer(ctx context.Context, db *sql.DB, texts []string) (*server, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &server{conn: conn, texts: texts}
	err = conn.Raw(func(driver any) error {
		pgx, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("sqljournal: the driver is not pgx's: %T", driver)
		}
		s.pg = pgx.Conn().PgConn()
		return nil
	})
	for _, setting := range sessionSettings {
		if err == nil {
			_, err = s.pg.Exec(ctx, setting).ReadAll()
		}
	}
	if err != nil {
		s.discard()
		return nil, err
	}
	return s, nil
}

// statement returns a prepared statement, which it prepares when it is first
// used: most connections never sweep.
func (s *server) statement(ctx context.Context, which statement) (*pgconn.StatementDescription, error) {
	if s.prepared[which] == nil {
		description, err := s.pg.Prepare(ctx, name(which), s.texts[which], nil)
		if err != nil {
			return nil, err
		}
		s.prepared[which] = description
	}
	return s.prepared[which], nil
}

// name is what a statement is prepared under.
func name(s statement) string { return "kecis_journal_" + strconv.Itoa(int(s)) }

// discard closes the connection for good.
func (s *server) discard() {
	c := connection{conn: s.conn}
	c.discard()
}

// sound says that no transaction is open and the connection works.
func (s *server) sound() bool { return !s.pg.IsClosed() && s.pg.TxStatus() == 'I' }
