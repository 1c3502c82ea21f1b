// Package postgrestest starts a PostgreSQL of its own for a test, from the
// programs initdb and postgres on the path, in a temporary folder and reachable
// by a socket there only.
package postgrestest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// startLimit is how long a server may take to answer; it mostly takes less than a
// second.
const startLimit = time.Minute

// require is the variable of the environment that makes a skip a failure.
const require = "KECIS_REQUIRE"

// Cluster is a server with its databases.
type Cluster struct {
	folder    string
	settings  []string
	server    *exec.Cmd
	exited    chan struct{} // closed when the process has ended
	databases atomic.Int64
}

// Start starts a server, which ends with the test. Without PostgreSQL the test is
// skipped, or fails if KECIS_REQUIRE is "all".
//
// It does not sync its files: what it has committed outlives the server, also
// one that is killed, but not the machine. Who measures sets fsync=on, and other
// settings in that form.
//
// initdb refuses to run for root. Then both programs run as the user postgres, or
// nobody.
func Start(tb testing.TB, settings ...string) *Cluster {
	tb.Helper()
	for _, program := range []string{"initdb", "postgres"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv(require) == "all" {
				tb.Fatalf("%s is not installed, and %s=all allows no skip", program, require)
			}
			tb.Skipf("%s (PostgreSQL) is not installed", program)
		}
	}
	// The path of a socket has at most 107 octets, so a test's own folder will not do.
	folder, err := os.MkdirTemp("", "kecis-pg-") //nolint:usetesting // as said above
	if err != nil {
		tb.Fatal(err)
	}
	c := &Cluster{folder: folder, settings: settings}
	tb.Cleanup(func() {
		c.Kill()
		_ = os.RemoveAll(folder)
	})
	if err := own(folder); err != nil {
		tb.Fatal(err)
	}
	initdb := c.command(tb.Context(), "initdb", "-D", c.data(), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
	if out, err := initdb.CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	c.Restart(tb)
	return c
}

func (c *Cluster) data() string { return filepath.Join(c.folder, "data") }

// command returns a command of PostgreSQL, for a user that it runs for.
func (c *Cluster) command(ctx context.Context, name string, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, arguments...)
	cmd.Dir = c.folder
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	unprivileged(cmd)
	return cmd
}

// Restart starts the server again after Kill.
func (c *Cluster) Restart(tb testing.TB) {
	tb.Helper()
	// It outlives the context of the test, since the test's clean-up needs it.
	arguments := []string{"-D", c.data(), "-k", c.folder, "-h", ""}
	for _, setting := range append([]string{
		"fsync=off", "shared_buffers=64MB", "max_connections=200", "max_wal_size=2GB", "deadlock_timeout=100ms",
	}, c.settings...) {
		arguments = append(arguments, "-c", setting)
	}
	db, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing was written
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), startLimit)
	defer cancel()
	for c.launch(tb, arguments); db.PingContext(ctx) != nil; time.Sleep(20 * time.Millisecond) {
		select {
		case <-c.exited: // as while processes of the one before still hold its memory
			c.launch(tb, arguments)
		default:
		}
		if ctx.Err() != nil {
			text, _ := os.ReadFile(filepath.Join(c.folder, "log"))
			tb.Fatalf("PostgreSQL does not answer\n%s", text)
		}
	}
}

// launch starts the server's process.
func (c *Cluster) launch(tb testing.TB, arguments []string) {
	tb.Helper()
	server := c.command(context.Background(), "postgres", arguments...)
	log, err := os.Create(filepath.Join(c.folder, "log"))
	if err != nil {
		tb.Fatal(err)
	}
	defer log.Close() //nolint:errcheck // the server has its own
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		tb.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = server.Wait()
	}()
	c.server, c.exited = server, exited
}

// Kill ends the server at once, as a failing machine does.
func (c *Cluster) Kill() {
	if c.server == nil {
		return
	}
	killAll(c)
	<-c.exited
	c.server = nil
}

// Database makes a new, empty database and returns its URL.
func (c *Cluster) Database(tb testing.TB) string {
	tb.Helper()
	db, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		tb.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the statement has told
	name := fmt.Sprintf("test%d", c.databases.Add(1))
	if _, err := db.ExecContext(tb.Context(), "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	return c.url(name)
}

func (c *Cluster) url(database string) string {
	return "postgres://postgres@/" + database + "?host=" + url.QueryEscape(c.folder)
}
