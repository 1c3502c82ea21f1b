package amountauth_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

// bank is an issuer with one card, whose holder is the buyer. It is idempotent on
// keys, and a reversal that comes first leaves a tombstone.
type bank struct {
	mu     sync.Mutex
	clock  *kecistest.Clock
	holds  map[string]*bankHold
	pays   map[string]*bankPay
	limit  int64 // of holds and payments together; 0 is none
	expiry string
	// fault is asked before each call, by its name.
	fault func(call string) fault
	late  []func()
	calls int
	// holdTime is what the issuer says of holds; 0 is nothing.
	holdTime time.Duration
	refuse   kecis.Code
}

type bankHold struct {
	amounts  []int64
	code     string
	live     bool
	tomb     bool
	released int
}

type bankPay struct {
	amount     int64
	live, tomb bool
}

type fault string

const (
	fine       fault = ""
	lost       fault = "did not arrive"
	late       fault = "came after everything else"
	answerLost fault = "was carried out, and its answer was lost"
	diesBefore fault = "met a server that died before it"
	diesAfter  fault = "was carried out, and the server died"
)

type killed struct{}

var errLost = errors.New("no answer")

// do carries a call out as the fault says.
func (b *bank) do(name string, call func() error) error {
	b.calls++
	f := fine
	if b.fault != nil {
		f = b.fault(name)
	}
	locked := func() error {
		b.mu.Lock()
		defer b.mu.Unlock()
		return call()
	}
	switch f {
	case lost:
		return errLost
	case late:
		b.late = append(b.late, func() { _ = locked() })
		return errLost
	case answerLost:
		_ = locked()
		return errLost
	case diesBefore:
		panic(killed{})
	case diesAfter:
		_ = locked()
		panic(killed{})
	}
	return locked()
}

func (b *bank) taken() (sum int64) {
	for _, h := range b.holds {
		if h.live {
			sum += h.amounts[0]
		}
	}
	for _, p := range b.pays {
		if p.live {
			sum += p.amount
		}
	}
	return sum
}

func (b *bank) Hold(_ context.Context, h *amountauth.HoldRequest) (hold *amountauth.Hold, err error) {
	err = b.do("hold", func() error {
		known := b.holds[h.Key]
		switch {
		case known != nil && known.tomb:
			return kecis.Refuse(kecis.ErrRequestReversed)
		case known == nil && b.refuse != "":
			return kecis.Refuse(b.refuse)
		case known == nil:
			known = &bankHold{code: h.Code.Reveal(), live: true}
			for _, a := range h.Amounts {
				known.amounts = append(known.amounts, a.Reveal().Minor)
			}
			if b.limit > 0 && b.taken()+known.amounts[0] > b.limit {
				return kecis.Refuse(kecis.ErrDeclinedLimit)
			}
			b.holds[h.Key] = known
		}
		hold = &amountauth.Hold{ID: "hold-" + h.Key, InstrumentRef: "ref-" + string(h.Instrument)}
		if b.holdTime > 0 {
			hold.Expires = b.clock.Now().Add(b.holdTime)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return hold, nil
}

func (b *bank) Release(_ context.Context, r *amountauth.ReleaseRequest) error {
	return b.do("release", func() error {
		if h := b.holds[r.HoldKey]; h != nil && h.live && r.HoldID == "hold-"+r.HoldKey {
			h.live = false
			h.released++
		}
		return nil
	})
}

func (b *bank) Reverse(_ context.Context, key string) error {
	return b.do("reverse", func() error {
		if b.holds[key] == nil {
			b.holds[key] = &bankHold{amounts: []int64{0}}
		}
		b.holds[key].live, b.holds[key].tomb = false, true
		return nil
	})
}

func (b *bank) Authorise(_ context.Context, p *amountauth.PaymentRequest) (a *amountauth.Approval, err error) {
	err = b.do("pay", func() error {
		known := b.pays[p.Key]
		switch {
		case known != nil && known.tomb:
			return kecis.Refuse(kecis.ErrRequestReversed)
		case known != nil && !known.live:
			return kecis.Refuse(kecis.ErrDeclinedLimit)
		case known == nil:
			known = &bankPay{amount: p.Amount.Minor}
			b.pays[p.Key] = known
			if b.limit > 0 && b.taken()+known.amount > b.limit {
				return kecis.Refuse(kecis.ErrDeclinedLimit)
			}
			known.live = true
		}
		a = &amountauth.Approval{Code: "12345678", Transaction: "tx-" + p.Key}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

func (b *bank) ReversePayment(_ context.Context, key string) error {
	return b.do("undo", func() error {
		if b.pays[key] == nil {
			b.pays[key] = &bankPay{}
		}
		b.pays[key].live, b.pays[key].tomb = false, true
		return nil
	})
}

func (b *bank) CheckExpiry(_ context.Context, _, _ string, month, year int) error {
	return b.do("expiry", func() error {
		if fmt.Sprintf("%02d/%d", month, year) != b.expiry {
			return kecis.Refuse(kecis.ErrInvalidCard)
		}
		return nil
	})
}

// lives returns what lives at the issuer: holds, and the sum of payments.
func (b *bank) lives() (holds int, paid int64) {
	for _, h := range b.holds {
		if h.live {
			holds++
		}
	}
	for _, p := range b.pays {
		if p.live {
			paid += p.amount
		}
	}
	return holds, paid
}

// sms is what the holder of the card reads of a session: what he types.
func (b *bank) sms(session string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.holds[session+"-hold"]
	switch {
	case h == nil:
		return nil
	case h.code != "":
		return []string{h.code}
	}
	var texts []string
	for _, a := range h.amounts {
		texts = append(texts, kecis.Won(a).Format("ko"))
	}
	return texts
}

// source is a random source with a seed. It is of no use but for tests.
type source struct {
	mu  sync.Mutex
	rng *rand.ChaCha8
}

func newSource(seed string) *source {
	return &source{rng: rand.NewChaCha8(sha256.Sum256([]byte(seed)))}
}

func (s *source) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rng.Read(p)
}

// numbers are random numbers with a seed, for what a test decides.
func numbers(seed uint64) *rand.Rand {
	var raw [32]byte
	binary.LittleEndian.PutUint64(raw[:], seed)
	return rand.New(rand.NewChaCha8(raw))
}

// world is an engine with all that is around it.
type world struct {
	t       *testing.T
	clock   *kecistest.Clock
	journal *kecistest.Journal
	bank    *bank
	random  *source
	policy  amountauth.Policy
	engine  *amountauth.Engine
	ended   func(tx journal.Tx, s *amountauth.Session) error
}

func start() time.Time { return time.Date(2026, 12, 31, 5, 3, 0, 0, time.UTC) }

func newWorld(t *testing.T, options ...func(*world)) *world {
	t.Helper()
	w := &world{
		t: t, clock: kecistest.NewClock(start()), journal: kecistest.NewJournal(), random: newSource(t.Name()),
		bank: &bank{holds: map[string]*bankHold{}, pays: map[string]*bankPay{}, expiry: "09/2030"},
	}
	w.bank.clock = w.clock
	for _, o := range options {
		o(w)
	}
	w.restart()
	return w
}

func testKeys() []amountauth.Key {
	return []amountauth.Key{{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")}}
}

// restart makes a new engine over the same journal, as after a crash.
func (w *world) restart() {
	w.t.Helper()
	e, err := amountauth.New(amountauth.Config{
		Journal: w.journal, Issuer: w.bank, Payer: w.bank, Expiries: w.bank, Clock: w.clock, Random: w.random, Policy: w.policy, Keys: testKeys(), Ended: w.ended,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.engine = e
}

// request is one for 50,000 won by the card.
func request(key string, change ...func(*amountauth.Request)) *amountauth.Request {
	q := &amountauth.Request{
		Key: key, Owner: "https://shop.example/kecis", Variant: amountauth.Amount,
		Order:  kecis.OrderRef{Requester: "https://shop.example/kecis", OrderID: "order-" + key, Attempt: 1, Part: 1},
		Payee:  amountauth.Payee{Entity: "https://shop.example/kecis", Name: "꽃집"},
		Amount: kecis.Won(50_000), Instrument: []byte("card-1"), Card: "ref-card-1", Shown: "400000******0016", Language: kecis.Korean,
	}
	for _, c := range change {
		c(q)
	}
	return q
}

func ofVariant(v amountauth.Variant) func(*amountauth.Request) {
	return func(q *amountauth.Request) { q.Variant = v }
}

func paying(q *amountauth.Request) { q.Pay = true }

func ofAmount(m kecis.Money) func(*amountauth.Request) {
	return func(q *amountauth.Request) { q.Amount = m }
}

func ofCard(card string) func(*amountauth.Request) {
	return func(q *amountauth.Request) { q.Card, q.Instrument = "ref-"+card, []byte(card) }
}

// begin begins a session that opens.
func (w *world) begin(key string, change ...func(*amountauth.Request)) *amountauth.Session {
	w.t.Helper()
	s, err := w.engine.Begin(w.t.Context(), request(key, change...))
	if err != nil {
		w.t.Fatal(err)
	}
	if s.State != amountauth.Open {
		w.t.Fatalf("the session is %s", s.State)
	}
	return s
}

func (w *world) confirm(session, key string, values ...string) (*amountauth.Session, error) {
	w.t.Helper()
	return w.engine.Confirm(w.t.Context(), &amountauth.Answer{Session: session, Key: key, Values: values})
}

// wrong are values that are not the drawn ones.
func (w *world) wrong(s *amountauth.Session) []string {
	right := w.bank.sms(s.ID)
	switch {
	case s.Variant == amountauth.Descriptor && right[0] == "0000":
		return []string{"0001"}
	case s.Variant == amountauth.Descriptor:
		return []string{"0000"}
	case s.Variant == amountauth.Deposits:
		return []string{"777", "888"}
	}
	return []string{"999"}
}

// settle runs background work for so long.
func (w *world) settle(d time.Duration) {
	w.t.Helper()
	const step = 5 * time.Second
	for until := w.clock.Now().Add(d); w.clock.Now().Before(until); w.clock.Advance(step) {
		w.runAll()
	}
	w.runAll()
}

func (w *world) runAll() {
	w.t.Helper()
	const most = 100
	for range most {
		worked, err := w.engine.RunOnce(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if !worked {
			return
		}
	}
	w.t.Fatal("background work does not come to an end")
}

func isCode(t *testing.T, err error, want amountauth.Code) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%v, want %s", err, want)
	}
}
