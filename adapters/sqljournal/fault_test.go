package sqljournal_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/adapters/sqljournal/postgrestest"
	"github.com/kecis/sdk/kecis/journal"
)

// victim is the variable by which a process of this test learns which file it is
// to write to until it is killed.
const victim = "KECIS_JOURNAL_VICTIM"

func TestMain(m *testing.M) {
	if url := os.Getenv(victim); url != "" {
		write(url)
	}
	os.Exit(m.Run())
}

// write commits rows from several callers for ever, and tells each that it was
// told is committed.
func write(url string) {
	j, err := sqljournal.Open(context.Background(), url, sqljournal.Options{})
	if err != nil {
		panic(err)
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	for caller := range 8 {
		group.Go(func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("_%d_%d_%d", os.Getpid(), caller, n)
				if err := j.Update(context.Background(), func(tx journal.Tx) error { return pair(tx, id) }); err != nil {
					panic(err)
				}
				mu.Lock()
				fmt.Println(id)
				mu.Unlock()
			}
		})
	}
	group.Wait()
}

// pair writes several rows that belong together.
func pair(tx journal.Tx, id string) error {
	d, err := tx.PutDocument([]byte("document " + id))
	return errors.Join(err,
		tx.InsertRequest(&journal.Request{Sender: shop, ID: id, State: journal.Running, Epoch: 1, Document: d}),
		tx.Add("pair", id, []byte(id)),
		tx.AddEvidence(&journal.Exhibit{At: time.UnixMilli(1), Peer: shop, MessageID: id, Document: d}))
}

// whole says whether all rows of a pair are there, or none.
func whole(tx journal.Tx, id string) (bool, error) {
	r, err1 := tx.Request(shop, id)
	_, err2 := tx.Get("pair", id)
	if errors.Is(err1, journal.ErrNotFound) && errors.Is(err2, journal.ErrNotFound) {
		return false, nil
	}
	if err := errors.Join(err1, err2); err != nil {
		return false, fmt.Errorf("%s is there in part: %w", id, err)
	}
	_, err := tx.Document(r.Document)
	return true, err
}

// TestKill kills a process in the middle of its commits, several times on one
// file: whatever it was told is committed is there, whole.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	var told []string
	for range 5 {
		told = append(told, killed(t, "sqlite:"+path, 200)...)
	}
	j := open(t, "sqlite:"+path)
	err := j.View(t.Context(), func(tx journal.Tx) error {
		for _, id := range told {
			if there, err := whole(tx, id); err != nil || !there {
				return fmt.Errorf("%s was committed, and is not there: %w", id, err)
			}
		}
		rows, err := tx.Range("pair", "", "", 1_000_000)
		for _, r := range rows {
			if _, err := whole(tx, r.Key); err != nil {
				return err
			}
		}
		if len(rows) < len(told) {
			t.Errorf("%d rows, and %d were told", len(rows), len(told))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if v, err := journal.VerifyChain(t.Context(), j); err != nil || v.Broken != 0 || v.Erased != 0 || v.Rows < int64(len(told)) {
		t.Errorf("the chain: %+v, %v", v, err)
	}
}

// killed runs a victim until it has told so many rows, kills it, and returns what
// it has told.
func killed(t *testing.T, url string, rows int) (told []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victim+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		told = append(told, lines.Text())
		if len(told) == rows {
			_ = cmd.Process.Kill()
		}
	}
	_ = cmd.Wait()
	if len(told) < rows {
		t.Fatalf("the victim ended by itself after %d rows", len(told))
	}
	// The last line may have been cut off.
	return told[:rows]
}

// TestDiskFull fills the room that the file has: changes fail, surely and wholly,
// and go on once there is room.
func TestDiskFull(t *testing.T) {
	j := open(t, "sqlite:"+filepath.Join(t.TempDir(), "journal.db"))
	room := func(pages int) {
		t.Helper()
		err := j.Update(t.Context(), func(tx journal.Tx) error {
			db, ok := sqljournal.SQL(tx)
			if !ok {
				return errors.New("no transaction")
			}
			var most int
			err := db.QueryRowContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&most)
			if most != pages {
				t.Errorf("the file has at most %d pages, not %d", most, pages)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	room(60)
	var mu sync.Mutex
	outcome := map[string]error{}
	var group sync.WaitGroup
	for caller := range 8 {
		group.Go(func() {
			for n := range 100 {
				id := fmt.Sprintf("_%d_%d", caller, n)
				err := j.Update(t.Context(), func(tx journal.Tx) error {
					if caller%2 == 0 { // lists what others have written for the same commit, and are about to
						if _, err := tx.Range("pair", "", "", 1); err != nil {
							return err
						}
					}
					return pair(tx, id)
				})
				mu.Lock()
				outcome[id] = err
				mu.Unlock()
			}
		})
	}
	group.Wait()
	failed := 0
	for id, err := range outcome {
		if errors.Is(err, journal.ErrUncertain) {
			t.Errorf("%s: %v", id, err)
		}
		if err != nil {
			failed++
			if !strings.Contains(err.Error(), "full") {
				t.Errorf("%s: %v", id, err)
			}
		}
	}
	if failed == 0 || failed == len(outcome) {
		t.Fatalf("%d of %d failed", failed, len(outcome))
	}
	room(1 << 30)
	if err := j.Update(t.Context(), func(tx journal.Tx) error { return pair(tx, "_after") }); err != nil {
		t.Errorf("with room: %v", err)
	}
	err := j.View(t.Context(), func(tx journal.Tx) error {
		for id, failure := range outcome {
			there, err := whole(tx, id)
			if err != nil || there != (failure == nil) {
				return fmt.Errorf("%s: there: %t, its error: %v, %w", id, there, failure, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if v, err := journal.VerifyChain(t.Context(), j); err != nil || v.Broken != 0 {
		t.Errorf("the chain: %+v, %v", v, err)
	}
}

// TestServerGone kills PostgreSQL in the middle of commits, and starts it again:
// what was told committed is there, what was told failed is not, and of the rest
// the journal says that it does not know. The same journal goes on.
func TestServerGone(t *testing.T) {
	cluster := postgrestest.Start(t)
	j := open(t, cluster.Database(t))
	var mu sync.Mutex
	outcome := map[string]error{}
	var group sync.WaitGroup
	var once sync.Once
	gone := make(chan struct{})
	for caller := range 8 {
		group.Go(func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("_%d_%d", caller, n)
				err := j.Update(t.Context(), func(tx journal.Tx) error {
					if caller%2 == 0 { // lists what others have written for the same commit, and are about to
						if _, err := tx.Range("pair", "", "", 1); err != nil {
							return err
						}
					}
					return pair(tx, id)
				})
				mu.Lock()
				outcome[id] = err
				enough := len(outcome) > 100
				mu.Unlock()
				if enough {
					once.Do(func() { close(gone) })
				}
				if err != nil {
					return
				}
			}
		})
	}
	<-gone
	cluster.Kill()
	group.Wait()
	if err := j.Update(t.Context(), func(tx journal.Tx) error { return pair(tx, "_nobody") }); err == nil || errors.Is(err, journal.ErrUncertain) {
		t.Errorf("without a server: %v", err)
	}
	if err := j.View(t.Context(), func(tx journal.Tx) error { _, err := whole(tx, "_"); return err }); err == nil {
		t.Error("a reading without a server")
	}
	cluster.Restart(t)
	err := j.View(t.Context(), func(tx journal.Tx) error {
		for id, failure := range outcome {
			there, err := whole(tx, id)
			if err != nil || there != (failure == nil) && !errors.Is(failure, journal.ErrUncertain) {
				return fmt.Errorf("%s: there: %t, its error: %v, %w", id, there, failure, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := j.Update(t.Context(), func(tx journal.Tx) error { return pair(tx, "_after") }); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}
