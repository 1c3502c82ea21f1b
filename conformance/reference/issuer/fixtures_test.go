package issuer_test

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/kecis/sdk/adapters/sqljournal"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

const (
	entity  = "https://issuer.example/kecis"
	pg      = "https://pg.example/kecis"
	otherPG = "https://other-pg.example/kecis"
	shop    = "https://shop.example/kecis"
)

// clock stands still until a test, or a sleeper, moves it.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	cancel context.CancelFunc // called by the next Sleep
}

// cancelIn makes the next Sleep end by its context.
func (c *clock) cancelIn(cancel context.CancelFunc) { c.cancel = cancel }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.forward(d)
	if c.cancel != nil {
		c.cancel()
	}
	return ctx.Err()
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is an issuer with its journal, and a PG and a shop before it.
type world struct {
	t       testing.TB
	journal journal.Journal
	memory  *kecistest.Journal // the same, or nil if it is in a file
	clock   *clock
	issuer  *issuer.Issuer
	to      *xmlenc.Recipient
	shop    *xmlsig.Signer

	mu   sync.Mutex
	keys int
}

func newWorld(t testing.TB, change ...func(*issuer.Config)) *world {
	t.Helper()
	secret, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, err := xmlenc.NewPrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := xmlsig.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	// Near the end of a Korean day and month, which is the day before in UTC.
	w := &world{t: t, memory: kecistest.NewJournal(), to: private.Recipient(), shop: signer}
	w.clock = &clock{now: time.Date(2026, 12, 31, 5, 3, 0, 0, time.UTC)}
	config := issuer.Config{
		Entity: entity, Journal: w.memory, Clock: w.clock, Keys: private,
		NumberKey: []byte("a key of thirty-two secret bytes"),
	}
	for _, c := range change {
		c(&config)
	}
	if w.journal = config.Journal; w.journal != journal.Journal(w.memory) {
		w.memory = nil
	}
	if w.issuer, err = issuer.New(config); err != nil {
		t.Fatal(err)
	}
	if err := w.issuer.Enrol(t.Context(), issuer.EnrolTest()...); err != nil {
		t.Fatal(err)
	}
	return w
}

// onEachStore runs a test on a journal in memory and on one in a file.
func onEachStore(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) { test(t, newWorld(t)) })
	t.Run("SQLite", func(t *testing.T) {
		test(t, newWorld(t, func(c *issuer.Config) { c.Journal = openSQLite(t) }))
	})
}

func openSQLite(t testing.TB) *sqljournal.Journal {
	t.Helper()
	j, err := sqljournal.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "journal.db"), sqljournal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

// knows makes the issuer know the shop by its key.
func (w *world) knows(signer *xmlsig.Signer) metadata.Partners {
	return metadata.Fixed(&metadata.Partner{Entity: &metadata.Entity{ID: shop, Keys: []metadata.SigningKey{{
		Key: signer.Public(), Scope: xmlsig.ScopeMessage, NotBefore: w.clock.Now().Add(-time.Hour),
	}}}})
}

// key returns an operation key that was never used.
func (w *world) key() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys++
	return fmt.Sprintf("k%040d", w.keys)
}

func (w *world) attempt() kecis.Attempt {
	key := w.key()
	return kecis.Attempt{Key: key, Sender: pg, TransactionID: "T" + key[8:], Deadline: w.clock.Now().Add(time.Minute)}
}

// about returns an attempt at an operation on a payment.
func (w *world) about(payment kecis.Attempt) kecis.Attempt {
	a := w.attempt()
	a.PaymentKey, a.TransactionID = payment.Key, payment.TransactionID
	return a
}

func testInstrument(t testing.TB, id string) issuer.TestInstrument {
	t.Helper()
	for _, i := range issuer.TestInstruments() {
		if i.ID == id {
			return i
		}
	}
	t.Fatalf("there is no test instrument %s", id)
	return issuer.TestInstrument{}
}

// payment is a payment request as it reaches the issuer, with the instrument
// encrypted and the shop's signed request as evidence; edit changes it before.
func (w *world) payment(instrument string, amount int64, edit ...func(*kecis.PaymentRequest)) *kecis.PaymentRequest {
	w.t.Helper()
	card := testInstrument(w.t, instrument)
	p := &kecis.PaymentRequest{
		RequestHeader: kecis.RequestHeader{
			Header:       kecis.Header{ID: "_0123456789abcdef0123456789abcdef01234567", IssueInstant: w.clock.Now(), Destination: entity, Sender: shop},
			NotOnOrAfter: w.clock.Now().Add(time.Minute),
		},
		OrderRef: kecis.OrderRef{Requester: shop, OrderID: "order-0001", Attempt: 1, Part: 1},
		Payee:    kecis.Payee{Entity: shop, Name: "꽃집"},
		Amount:   kecis.Money{Minor: amount, Currency: card.Instrument.Currency},
		Tax:      kecis.Tax{TaxFree: amount},
		Terms:    kecis.Terms{Capture: kecis.CaptureManual},
		Buyer:    &ecml.Ecom{},
		Instrument: kecis.Instrument{
			Issuer: entity, Kind: card.Instrument.Kind, Brand: card.Instrument.Brand, Last4: card.Number[len(card.Number)-4:],
		},
	}
	p.OrderAmount = p.Amount
	if p.Instrument.Kind == kecis.Card {
		p.Instrument.First6 = card.Number[:6]
	}
	for _, e := range edit {
		e(p)
	}
	if p.Instrument.Ref == "" {
		w.encrypt(p, payload(card.Plain()))
	}
	w.mandate(p)
	return p
}

// payload writes an instrument as the standard says (KECIS-ENC-025).
func payload(i kecis.PlainInstrument) string {
	number := i.Number.Reveal()
	switch i.Kind {
	case kecis.Account:
		return `<k:Account xmlns:k="urn:kecis:1.0:protocol" Number="` + number + `"/>`
	case kecis.EMoney:
		return `<k:EMoney xmlns:k="urn:kecis:1.0:protocol" Number="` + number + `"/>`
	}
	return fmt.Sprintf(`<Ecom><Payment><Card Number="%s" Verification="%s"><ExpDate Month="%d" Year="%d"/></Card></Payment></Ecom>`,
		number, i.Verification.Reveal(), i.ExpMonth, i.ExpYear)
}

// encrypt puts a payload into the request.
func (w *world) encrypt(p *kecis.PaymentRequest, plain string) {
	w.t.Helper()
	var err error
	c := p.InstrumentContext()
	c.NotOnOrAfter = w.clock.Now().Add(10 * time.Minute)
	if p.Instrument.Encrypted, err = xmlenc.Encrypt(nil, w.to, c, []byte(plain)); err != nil {
		w.t.Fatal(err)
	}
}

// mandate makes the request the shop's, signs it, and hands it on as a PG does.
func (w *world) mandate(p *kecis.PaymentRequest) {
	w.t.Helper()
	doc, err := kecis.Sign(p, w.shop)
	if err != nil {
		w.t.Fatal(err)
	}
	p.Sender = pg
	p.Evidence = []kecis.Evidence{{Kind: kecis.EvidenceRequest, Document: doc}}
}

func automatic(p *kecis.PaymentRequest) { p.Terms.Capture = kecis.CaptureAutomatic }

func instalments(n kecis.Instalments) func(*kecis.PaymentRequest) {
	return func(p *kecis.PaymentRequest) { p.Terms.Instalments = n }
}

func withRef(ref string) func(*kecis.PaymentRequest) {
	return func(p *kecis.PaymentRequest) { p.Instrument.Ref = ref }
}

// claim runs a plan as the Server does: a refusal is committed with the claim.
func claim[R any](w *world, plan func(tx journal.Tx) (R, error)) (result R, err error) {
	var refusal error
	err = w.journal.Update(context.Background(), func(tx journal.Tx) error {
		result, err = plan(tx)
		refusal = nil
		if _, ok := errors.AsType[*kecis.Refusal](err); ok {
			refusal = err
			return nil
		}
		return err
	})
	if err == nil {
		err = refusal
	}
	return result, err
}

func (w *world) plan(a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	return claim(w, func(tx journal.Tx) (*kecis.Approval, error) {
		return w.issuer.PlanPayment(context.Background(), tx, a, p)
	})
}

func (w *world) capture(a kecis.Attempt, amount int64, final bool) error {
	_, err := claim(w, func(tx journal.Tx) (*kecis.CaptureResult, error) {
		return w.issuer.PlanCapture(context.Background(), tx, a, &kecis.CaptureRequest{Amount: kecis.Won(amount), Final: final})
	})
	return err
}

func (w *world) cancel(a kecis.Attempt, amount int64) error {
	return w.cancelFor(a, amount, kecis.ReasonRequester)
}

func (w *world) cancelFor(a kecis.Attempt, amount int64, reason kecis.CancelReason) error {
	_, err := claim(w, func(tx journal.Tx) (*kecis.CancelResult, error) {
		return w.issuer.PlanCancel(context.Background(), tx, a, &kecis.CancellationRequest{Amount: kecis.Won(amount), Reason: reason})
	})
	return err
}

// pay makes a payment that must be approved.
func (w *world) pay(instrument string, amount int64, edit ...func(*kecis.PaymentRequest)) (kecis.Attempt, *kecis.Approval) {
	w.t.Helper()
	a := w.attempt()
	approval, err := w.plan(a, w.payment(instrument, amount, edit...))
	if err != nil || approval == nil {
		w.t.Fatalf("payment of %d by %s: %v, %v", amount, instrument, approval, err)
	}
	return a, approval
}

// refused holds a payment against the code with which it must be declined.
func (w *world) refused(want error, instrument string, amount int64, edit ...func(*kecis.PaymentRequest)) {
	w.t.Helper()
	_, err := w.plan(w.attempt(), w.payment(instrument, amount, edit...))
	wantRefusal(w.t, err, want)
}

func wantRefusal(t testing.TB, err, want error) {
	t.Helper()
	refusal, ok := errors.AsType[*kecis.Refusal](err)
	if !ok || string(refusal.Code) != code(want) {
		t.Errorf("error %v, want a refusal for %s", err, code(want))
	}
}

func code(err error) string {
	switch c := err.(type) {
	case kecis.Code:
		return string(c)
	case xmlenc.Code:
		return string(c)
	}
	return fmt.Sprint(err)
}

// audited fails the test if the books are not right.
func (w *world) audited() {
	w.t.Helper()
	findings, err := w.issuer.Audit(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range findings {
		w.t.Error("books: " + f)
	}
}

// book returns what the books say of a payment.
func (w *world) book(a kecis.Attempt) issuer.Payment {
	w.t.Helper()
	list, err := w.issuer.Payments(context.Background(), "", 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range list {
		if p.Key == a.Key {
			return p
		}
	}
	w.t.Fatalf("no payment %s in the books", a.Key)
	return issuer.Payment{}
}

func (c *clock) WithTimeout(ctx context.Context, _ time.Duration) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}
