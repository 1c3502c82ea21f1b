package sqljournal_test

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal/postgrestest"
	"github.com/kecis/sdk/kecis/journal"
)

// The benchmarks make the changes that a payment makes at a payment gateway, two
// for each payment, with IDs and documents as long as real ones.

const (
	shop = "https://shop.example/kecis"
	bank = "https://bank.example/kecis"

	documentSize = 3000 // octets of a signed message with an encrypted instrument
)

var callers = []int{1, 8, 64}

// payment is one of a benchmark.
type payment struct {
	id, upstream, transaction, order string
	documents                        [4][]byte
	digests                          [4]journal.Digest
	at                               time.Time
}

func newPayment(random *mathrand.ChaCha8, n int64) *payment {
	id := func() string {
		var b [20]byte
		random.Read(b[:])
		return fmt.Sprintf("_%x", b)
	}
	p := &payment{
		id: id(), upstream: id(), transaction: fmt.Sprintf("T%012d", n), order: fmt.Sprintf("order-%d", n),
		at: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Millisecond),
	}
	for i := range p.documents {
		p.documents[i] = make([]byte, documentSize)
		random.Read(p.documents[i])
	}
	return p
}

// claim is the first change of a payment.
func (p *payment) claim(tx journal.Tx) error {
	if _, err := tx.Request(shop, p.id); !errors.Is(err, journal.ErrNotFound) {
		return fmt.Errorf("the request is there: %w", err)
	}
	order, err := tx.Order(shop, p.order)
	if err != nil {
		return err
	}
	order.Currency, order.Amount = "KRW", 50_000
	order.Parts = []journal.Part{{Part: 1, Attempt: 1, Transaction: p.transaction, Live: 50_000}}
	for i := range 2 {
		if p.digests[i], err = tx.PutDocument(p.documents[i]); err != nil {
			return err
		}
	}
	return errors.Join(tx.PutOrder(order), tx.InsertRequest(&journal.Request{
		Sender: shop, ID: p.id, Kind: "PaymentRequest", Digest: p.digests[0], Document: p.digests[0],
		Issued: p.at, Deadline: p.at.Add(5 * time.Minute), State: journal.Running, Epoch: 1,
		Key: p.transaction, Transaction: p.transaction, Details: p.documents[0][:200],
		Claimed: p.at, Due: p.at.Add(time.Minute),
	}), tx.InsertTransaction(&journal.Transaction{
		ID: p.transaction, Owner: shop, RequestID: p.id, Requester: shop, OrderID: p.order, Part: 1, Attempt: 1,
		Key: p.transaction, State: "running", Currency: "KRW", Amount: 50_000, Created: p.at, Changed: p.at,
		Busy: p.id, Details: p.documents[0][:200],
	}), tx.InsertSent(&journal.Sent{
		Recipient: bank, ID: p.upstream, Kind: "PaymentRequest", Key: p.transaction, Digest: p.digests[1],
		Document: p.digests[1], Issued: p.at, Deadline: p.at.Add(5 * time.Minute), State: journal.Open,
		Created: p.at, Due: p.at.Add(time.Minute),
	}))
}

// seal is the second.
func (p *payment) seal(tx journal.Tx) error {
	request, err := tx.Request(shop, p.id)
	if err != nil {
		return err
	}
	transaction, err := tx.Transaction(p.transaction)
	if err != nil {
		return err
	}
	order, err := tx.Order(shop, p.order)
	if err != nil {
		return err
	}
	for i := 2; i < 4; i++ {
		if p.digests[i], err = tx.PutDocument(p.documents[i]); err != nil {
			return err
		}
	}
	request.State, request.Due, request.Sealed = journal.Sealed, time.Time{}, p.at
	request.Code, request.Outcome, request.Retry, request.Answer = "ok", "done", "never", p.digests[3]
	transaction.State, transaction.Busy, transaction.Sequence = "authorised", "", 1
	order.Parts[0].Ended = true
	err = errors.Join(tx.UpdateRequest(request), tx.UpdateTransaction(transaction), tx.PutOrder(order),
		tx.UpdateSent(&journal.Sent{
			Recipient: bank, ID: p.upstream, Kind: "PaymentRequest", Key: p.transaction, Digest: p.digests[1],
			Document: p.digests[1], Issued: p.at, Deadline: p.at.Add(5 * time.Minute), State: journal.Ended,
			Code: "ok", Outcome: "done", Retry: "never", Answer: p.digests[2], Created: p.at,
		}),
		tx.InsertEvent(&journal.Event{
			ID: "E" + p.id, Recipient: shop, Transaction: p.transaction, Sequence: 1, At: p.at,
			Body: p.documents[0][:200], State: journal.Waiting, Due: p.at,
		}))
	for i := range 4 {
		err = errors.Join(err, tx.AddEvidence(&journal.Exhibit{
			At: p.at, Sent: i%2 == 1, Peer: shop, MessageID: p.id, Kind: "PaymentRequest",
			Document: p.digests[i], Signer: p.digests[0], Serial: 3,
		}))
	}
	return err
}

// pay makes b.N payments from several callers and reports what they cost.
func pay(b *testing.B, j journal.Journal, callers int) {
	b.Helper()
	var next, failed atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range callers {
		group.Go(func() {
			var seed [32]byte
			rand.Read(seed[:])
			random := mathrand.NewChaCha8(seed)
			for n := next.Add(1); n <= int64(b.N) && failed.Load() == 0; n = next.Add(1) {
				p := newPayment(random, n)
				for _, change := range []func(journal.Tx) error{p.claim, p.seal} {
					if err := j.Update(b.Context(), change); err != nil {
						failed.Add(1)
						b.Error(err)
					}
				}
			}
		})
	}
	group.Wait()
	b.StopTimer()
	b.ReportMetric(2*float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}

func BenchmarkSQLite(b *testing.B) {
	for _, n := range callers {
		b.Run(fmt.Sprint("callers=", n), func(b *testing.B) {
			pay(b, open(b, "sqlite:"+filepath.Join(b.TempDir(), "journal.db")), n)
		})
	}
}

func BenchmarkPostgreSQL(b *testing.B) {
	cluster := postgrestest.Start(b, "fsync=on")
	for _, n := range callers {
		b.Run(fmt.Sprint("callers=", n), func(b *testing.B) { pay(b, open(b, cluster.Database(b)), n) })
	}
}

// BenchmarkFloor is as many writes to a file, each on the disk before the next,
// of as many octets as the documents of a change have: what no journal with a
// commit for each change can pass.
func BenchmarkFloor(b *testing.B) {
	file, err := os.Create(filepath.Join(b.TempDir(), "floor"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	buf := make([]byte, 2*documentSize)
	for i := 0; b.Loop(); i++ {
		binary.LittleEndian.PutUint64(buf, uint64(i))
		if _, err := file.Write(buf); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}
