package sqljournal_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/journal"
)

// TestTampering edits the evidence in the file, as who has the disk can, and is
// found.
func TestTampering(t *testing.T) {
	const rows = 7
	for _, c := range []struct {
		name, sql string
		broken    int64
		reason    string
		anchored  bool // found by an anchor only
	}{
		{"nothing", `SELECT 1`, 0, "", false},
		{"text edited", `UPDATE kecis_evidence SET kind = 'CancellationRequest' WHERE number = 3`, 3, "the row or its place was changed", false},
		{"time edited", `UPDATE kecis_evidence SET at = at + 1 WHERE number = 1`, 1, "the row or its place was changed", false},
		{"direction edited", `UPDATE kecis_evidence SET sent = 1 - sent WHERE number = 7`, 7, "the row or its place was changed", false},
		{"signer edited", `UPDATE kecis_evidence SET signer = zeroblob(32) WHERE number = 2`, 2, "the row or its place was changed", false},
		{"deleted", `DELETE FROM kecis_evidence WHERE number = 4`, 4, "the row is missing; the next is row 5", false},
		{"deleted and closed up", `DELETE FROM kecis_evidence WHERE number = 4; UPDATE kecis_evidence SET number = number - 1 WHERE number > 4`, 4, "the row or its place was changed", false},
		{"reordered", `UPDATE kecis_evidence SET number = 99 WHERE number = 5; UPDATE kecis_evidence SET number = 5 WHERE number = 6; UPDATE kecis_evidence SET number = 6 WHERE number = 99`, 5, "the row or its place was changed", false},
		{"inserted", `UPDATE kecis_evidence SET number = number + 100 WHERE number > 2; UPDATE kecis_evidence SET number = number - 99 WHERE number > 100; INSERT INTO kecis_evidence (number, at, sent, peer, message_id, kind, serial, link, document) SELECT 3, at, sent, peer, message_id, kind, serial, link, document FROM kecis_evidence WHERE number = 2`, 3, "the row or its place was changed", false},
		{"first deleted", `DELETE FROM kecis_evidence WHERE number = 1`, 1, "the row is missing; the next is row 2", false},
		{"document edited", `UPDATE kecis_document SET octets = CAST('document 6.' AS BLOB) WHERE octets = CAST('document 6' AS BLOB)`, 6, "the document was changed", false},
		{"end cut off", `DELETE FROM kecis_evidence WHERE number > 5`, 6, "the chain ends before row 7", true},
		{"all deleted", `DELETE FROM kecis_evidence`, 1, "the chain ends before row 7", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			j := open(t, "sqlite:"+path)
			for i := range rows {
				addEvidence(t, j, fmt.Sprint("document ", i+1))
			}
			before, err := journal.VerifyChain(t.Context(), j)
			if err != nil || before.Broken != 0 || before.Rows != rows || before.Erased != 0 {
				t.Fatalf("before: %+v, %v", before, err)
			}
			j.Close()
			tamper(t, path, c.sql)

			j = open(t, "sqlite:"+path)
			got, err := journal.VerifyChain(t.Context(), j)
			if err != nil {
				t.Fatal(err)
			}
			if c.anchored {
				if got.Broken != 0 {
					t.Errorf("found without an anchor: %+v", got)
				}
				got, err = journal.VerifyChain(t.Context(), j, journal.Anchor{Number: before.Rows, Link: before.Head})
			}
			if err != nil || got.Broken != c.broken || !strings.HasPrefix(got.Reason, c.reason) {
				t.Errorf("found %+v, %v; want row %d: %s", got, err, c.broken, c.reason)
			}
			if c.broken > 0 && got.Rows != c.broken-1 {
				t.Errorf("%d rows are in order, want %d", got.Rows, c.broken-1)
			}
		})
	}
}

// TestRecomputedChain edits a row and computes the whole chain anew, which only
// the anchored head tells.
func TestRecomputedChain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, "sqlite:"+path)
	for i := range 3 {
		addEvidence(t, j, fmt.Sprint("document ", i+1))
	}
	before, err := journal.VerifyChain(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	var rows []*journal.Exhibit
	if err := j.View(t.Context(), func(tx journal.Tx) (err error) { rows, err = tx.ListEvidence(0, 10); return err }); err != nil {
		t.Fatal(err)
	}
	j.Close()
	rows[0].Peer = "https://else.example/kecis"
	var link journal.Digest
	for _, e := range rows {
		link = journal.Chain(link, e)
		tamper(t, path, fmt.Sprintf(`UPDATE kecis_evidence SET peer = '%s', link = x'%x' WHERE number = %d`, e.Peer, link, e.Number))
	}
	j = open(t, "sqlite:"+path)
	if got, err := journal.VerifyChain(t.Context(), j); err != nil || got.Broken != 0 {
		t.Errorf("without an anchor: %+v, %v", got, err)
	}
	got, err := journal.VerifyChain(t.Context(), j, journal.Anchor{Number: 3, Link: before.Head})
	if err != nil || got.Broken != 3 {
		t.Errorf("with an anchor: %+v, %v", got, err)
	}
}

// TestErasedDocuments are no break of the chain.
func TestErasedDocuments(t *testing.T) {
	j := open(t, "sqlite:"+filepath.Join(t.TempDir(), "journal.db"))
	var first journal.Digest
	for i := range 3 {
		d := addEvidence(t, j, fmt.Sprint("document ", i+1))
		if i == 0 {
			first = d
		}
	}
	if err := j.Update(t.Context(), func(tx journal.Tx) error { return tx.EraseDocument(first) }); err != nil {
		t.Fatal(err)
	}
	got, err := journal.VerifyChain(t.Context(), j)
	if err != nil || got.Broken != 0 || got.Rows != 3 || got.Erased != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func addEvidence(t *testing.T, j journal.Journal, text string) (d journal.Digest) {
	t.Helper()
	err := j.Update(t.Context(), func(tx journal.Tx) (err error) {
		if d, err = tx.PutDocument([]byte(text)); err != nil {
			return err
		}
		return errors.Join(tx.AddEvidence(&journal.Exhibit{
			At: time.UnixMilli(1_800_000_000_000), Peer: shop, MessageID: "_" + text, Kind: "PaymentRequest",
			Document: d, Signer: d, Serial: 1,
		}))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Update(t.Context(), func(tx journal.Tx) error { _, err := tx.ChainEvidence(10); return err }); err != nil {
		t.Fatal(err)
	}
	return d
}

func tamper(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}
