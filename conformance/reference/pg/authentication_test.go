package pg_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
)

// dear is from where on the PG wants buyers authenticated, in won.
const dear = 300_000

// guarded is a world whose first PG authenticates buyers by amount.
type guarded struct {
	*world
	authenticator *pg.Authenticator
	holds         amountauth.Issuer                    // of the authenticator
	told          map[string]kecis.AuthenticationState // what the shop was notified of
}

func newGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{world: newWorld(t), told: map[string]kecis.AuthenticationState{}}
	role, _ := g.parties[pgID].Partner.Role(metadata.PG)
	role.Authentication, role.AmountFloors = kecis.KoreanAuthentication()
	client := g.pg.client
	var err error
	g.authenticator, err = g.pg.pg.Authenticator(pg.AuthenticationConfig{
		Keys:    []amountauth.Key{{ID: "k1", Secret: []byte("thirty-two bytes that are secret")}},
		Private: g.parties[pgID].Private, Clock: g.clock, Random: rand.Reader, Log: quiet(),
		Page: func(session string) string { return "https://pg.example/authenticate/" + session },
		Conclude: func(tx journal.Tx, id string, r *kecis.AuthenticationResult) error {
			return g.pg.server.Conclude(tx, id, r)
		},
		Engine: func(c *amountauth.Config) { g.holds = c.Issuer },
	})
	if err != nil {
		t.Fatal(err)
	}
	g.pg.server = g.serve(pgID, g.pg.journal, kecis.ServerConfig{
		Role: *role, Payments: g.pg.pg, Captures: g.pg.pg, Cancellations: g.pg.pg, Authentications: g.authenticator, Client: client,
	})
	r, err := kecis.NewReceiver(kecis.ReceiverConfig{
		Entity: shopID, Endpoint: shopID, Keys: g.shop.Keys, Partners: g.partners, Journal: g.shop.Journal, Clock: g.clock, Log: quiet(),
		Take: func(_ context.Context, _ string, e *kecis.Event) error {
			g.mu.Lock()
			defer g.mu.Unlock()
			if e.Authentication.ID != "" {
				g.told[e.Authentication.ID] = e.Authentication.State
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	g.network.Handle(shopID, r)
	return g
}

// costly is an order that needs an authentication.
func costly(p *kecis.PaymentRequest) {
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(dear), kecis.Won(dear), kecis.Tax{TaxFree: dear}
}

// wanted is the request to authenticate the buyer of a payment.
func (g *guarded) wanted(p *kecis.PaymentRequest, variant kecis.Variant) *kecis.AuthenticationRequest {
	r := g.shop.NewAuthentication(pgID)
	r.OrderRef, r.Payee, r.Amount, r.OrderAmount = p.OrderRef, p.Payee, p.Amount, p.OrderAmount
	r.Method, r.Variant, r.Instrument = metadata.ByAmount, variant, &p.Instrument
	return r
}

// begun begins an authentication that must be pending.
func (g *guarded) begun(p *kecis.PaymentRequest, variant kecis.Variant) kecis.Authentication {
	g.t.Helper()
	answer, err := g.shop.Authenticate(g.t.Context(), g.wanted(p, variant))
	if !errors.Is(err, kecis.ErrPending) || answer == nil {
		g.t.Fatalf("begun: %+v, %v", answer, err)
	}
	return answer.Authentication
}

func (g *guarded) confirm(p *kecis.PaymentRequest, id, typed string) (*kecis.AuthenticationResponse, error) {
	g.t.Helper()
	c, err := g.shop.NewConfirmation(g.t.Context(), pgID, p.OrderRef, id, typed)
	if err != nil {
		g.t.Fatal(err)
	}
	return g.shop.Confirm(g.t.Context(), c)
}

// read is what the holder reads in the inbox of the instrument.
func (g *guarded) read(instrument string, variant kecis.Variant) string {
	g.t.Helper()
	for _, i := range issuer.TestInstruments() {
		if i.ID != instrument {
			continue
		}
		notices, err := g.issuer.Inbox(g.t.Context(), i.Instrument.Holder, 2)
		if err != nil || len(notices) == 0 {
			g.t.Fatalf("inbox: %+v, %v", notices, err)
		}
		switch variant {
		case kecis.VariantDescriptor:
			return notices[0].Payee[len(notices[0].Payee)-4:]
		case kecis.VariantDeposits:
			return strconv.FormatInt(notices[0].Amount, 10) + " " + strconv.FormatInt(notices[1].Amount, 10)
		}
		return strconv.FormatInt(notices[0].Amount, 10)
	}
	g.t.Fatalf("there is no test instrument %s", instrument)
	return ""
}

// work lets the parties do what is due now.
func (g *guarded) work() {
	g.t.Helper()
	for worked := true; worked; {
		worked = false
		for _, once := range []func(context.Context) (bool, error){
			g.authenticator.RunOnce, g.pg.server.RunOnce, g.pg.client.RunOnce, g.server.RunOnce, g.issuer.RunOnce,
		} {
			did, err := once(g.t.Context())
			if err != nil {
				g.t.Fatal(err)
			}
			worked = worked || did
		}
	}
}

// gone fails the test unless all holds at the issuer that authenticate are gone, and
// none was ever captured (I6).
func (g *guarded) gone(holds int) {
	g.t.Helper()
	payments, err := g.issuer.Payments(g.t.Context(), "", 100)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, p := range payments {
		if p.Purpose != kecis.AmountAuthentication || p.State == issuer.Declined {
			continue
		}
		if holds--; p.Held != 0 || p.Captured != 0 {
			g.t.Errorf("a hold is %s with %d held, %d captured", p.State, p.Held, p.Captured)
		}
	}
	if holds != 0 {
		g.t.Errorf("%d holds are missing", holds)
	}
	findings, err := g.issuer.Audit(g.t.Context())
	if err != nil || len(findings) != 0 {
		g.t.Errorf("books of the issuer: %v, %v", findings, err)
	}
}

// TestAuthenticate: the buyer reads at the issuer what the shop sends to the PG, and the
// shop pays with the evidence.
func TestAuthenticate(t *testing.T) {
	for variant, instrument := range map[kecis.Variant]string{
		kecis.VariantAmount: "card-approve", kecis.VariantDescriptor: "card-approve", kecis.VariantDeposits: "account-approve",
	} {
		t.Run(variant.String(), func(t *testing.T) {
			g := newGuarded(t)
			p := g.order("ORD-0001", instrument, costly)
			_, err := g.shop.Pay(t.Context(), p)
			refused(t, err, kecis.NotDone, kecis.ErrAuthenticationRequired)

			begun := g.begun(p, variant)
			if begun.TriesLeft != 3 || begun.Page == "" {
				t.Errorf("begun: %+v", begun)
			}
			answer, err := g.confirm(p, begun.ID, g.read(instrument, variant))
			if err != nil || answer.Authentication.Proof == nil || answer.Authentication.Proof.InstrumentRef == "" {
				t.Fatalf("confirmed: %+v, %v", answer, err)
			}
			g.gone(1)

			again := g.order("ORD-0001", instrument, costly, attempt(2), func(again *kecis.PaymentRequest) {
				again.Instrument = p.Instrument
				again.Instrument.Encrypted, again.Instrument.Ref = nil, answer.Authentication.Proof.InstrumentRef
				again.Evidence = []kecis.Evidence{answer.Evidence()}
			})
			if tx := g.pay(again); tx.State != kecis.StateCaptured || tx.Captured != dear {
				t.Errorf("paid: %+v", tx)
			}
			g.work()
			if g.told[begun.ID] != kecis.Authenticated {
				t.Errorf("told %v", g.told)
			}
			g.gone(1)
			g.agreed()
		})
	}
}

// TestAuthenticatedOften: a holder who authenticates and then does not pay has failed
// nothing, and can go on (KECIS-AUT-031).
func TestAuthenticatedOften(t *testing.T) {
	g := newGuarded(t)
	for i := range 4 {
		p := g.order("ORD-000"+strconv.Itoa(i), "card-approve", costly)
		begun := g.begun(p, kecis.VariantAmount)
		if _, err := g.confirm(p, begun.ID, g.read("card-approve", kecis.VariantAmount)); err != nil {
			t.Fatal(err)
		}
		g.clock.Advance(time.Second) // so that the inbox shows the latest first
	}
	g.gone(4)
}

// TestAuthenticationLocked: three wrong values, and no right one after them.
func TestAuthenticationLocked(t *testing.T) {
	g := newGuarded(t)
	p := g.order("ORD-0001", "card-approve", costly)
	begun := g.begun(p, kecis.VariantAmount)
	right := g.read("card-approve", kecis.VariantAmount)
	for range 3 {
		_, err := g.confirm(p, begun.ID, "999")
		refused(t, err, kecis.NotDone, kecis.ErrNotConfirmed)
	}
	_, err := g.confirm(p, begun.ID, right)
	refused(t, err, kecis.NotDone, kecis.ErrNotConfirmed)
	found, err := g.shop.Authentication(t.Context(), pgID, begun.ID)
	if err != nil || found.Authentication.State != kecis.AuthenticationLocked {
		t.Errorf("found: %+v, %v", found, err)
	}
	g.work()
	if g.told[begun.ID] != kecis.AuthenticationLocked {
		t.Errorf("told %v", g.told)
	}
	g.gone(1)
}

// TestAuthenticationExpires: a session that is left ends by itself, its shop is
// told, and its hold is released.
func TestAuthenticationExpires(t *testing.T) {
	g := newGuarded(t)
	begun := g.begun(g.order("ORD-0001", "card-approve", costly), kecis.VariantAmount)
	g.clock.Advance(20 * time.Minute)
	g.work()
	if g.told[begun.ID] != kecis.AuthenticationExpired {
		t.Errorf("told %v", g.told)
	}
	g.gone(1)
}

// TestAuthenticationDeclined: the issuer will not hold on that card.
func TestAuthenticationDeclined(t *testing.T) {
	g := newGuarded(t)
	answer, err := g.shop.Authenticate(t.Context(), g.wanted(g.order("ORD-0001", "card-stolen", costly), kecis.VariantAmount))
	refused(t, err, kecis.NotDone, kecis.ErrAuthenticationDeclined)
	if answer.Status.Upstream.Code != string(kecis.ErrLostStolen) {
		t.Errorf("upstream %+v", answer.Status.Upstream)
	}
	g.work()
	g.gone(0)
}

// TestHoldRepeated: where the answer about the hold is lost, the same hold is asked
// for again, and there is one.
func TestHoldRepeated(t *testing.T) {
	g := newGuarded(t)
	p := g.order("ORD-0001", "card-approve", costly)
	lost := 0
	g.network.Fault(func(r *http.Request) kecistest.Fault {
		if r.URL.String() == issuerID && lost < 2 {
			lost++
			return kecistest.AnswerLost
		}
		return kecistest.Delivered
	})
	begun := g.begun(p, kecis.VariantAmount)
	if _, err := g.confirm(p, begun.ID, g.read("card-approve", kecis.VariantAmount)); err != nil {
		t.Fatal(err)
	}
	g.work()
	g.gone(1)
}

// TestHoldReversed: an issuer that does not answer leaves no hold behind, whether
// it took the request or not.
func TestHoldReversed(t *testing.T) {
	for fault, holds := range map[kecistest.Fault]int{kecistest.AnswerLost: 1, kecistest.RequestLost: 0} {
		t.Run(strconv.Itoa(holds), func(t *testing.T) {
			g := newGuarded(t)
			g.lose(issuerID, fault)
			answer, err := g.shop.Authenticate(t.Context(), g.wanted(g.order("ORD-0001", "card-approve", costly), kecis.VariantAmount))
			if err == nil {
				t.Fatalf("begun: %+v", answer)
			}
			for range 10 {
				g.clock.Advance(30 * time.Second)
				g.work()
			}
			g.network.Fault(nil)
			for range 10 {
				g.clock.Advance(10 * time.Minute)
				g.work()
			}
			g.gone(holds)
			for _, state := range g.told {
				if state == kecis.Authenticated {
					t.Errorf("told %v", g.told)
				}
			}
		})
	}
}

// TestHoldOvertaken: an authentication that is given up before its hold was sent
// sends none, however late the server that was to send it wakes up.
func TestHoldOvertaken(t *testing.T) {
	g := newGuarded(t)
	books, _ := g.pg.journal.(*kecistest.Journal)
	overtaken := false
	books.AfterCommit = func() error {
		var begun struct {
			Key string `json:"key"`
		}
		err := books.View(t.Context(), func(tx journal.Tx) error {
			rows, err := tx.Range("kecis.aa.session", "", "", 1)
			if err != nil || len(rows) == 0 {
				return err
			}
			return json.Unmarshal(rows[0].Value, &begun)
		})
		if err != nil || begun.Key == "" || overtaken {
			return err
		}
		overtaken = true
		return g.authenticator.Abandon(t.Context(), begun.Key)
	}
	p := g.order("ORD-0001", "card-approve", costly)
	if answer, err := g.shop.Authenticate(t.Context(), g.wanted(p, kecis.VariantAmount)); err == nil || errors.Is(err, kecis.ErrPending) {
		t.Errorf("begun: %+v, %v", answer, err)
	}
	books.AfterCommit = nil
	g.clock.Advance(time.Minute)
	g.work()
	g.gone(0)
	if !overtaken {
		t.Error("nothing was overtaken")
	}
}

// TestHoldForgotten: what is kept of a hold goes some months after its session has.
func TestHoldForgotten(t *testing.T) {
	g := newGuarded(t)
	g.begun(g.order("ORD-0001", "card-approve", costly), kecis.VariantAmount)
	const day = 24 * time.Hour
	for _, c := range []struct {
		after time.Duration
		rows  int
	}{{0, 2}, {149 * day, 2}, {day + time.Hour, 0}} {
		g.clock.Advance(c.after)
		g.work()
		rows := 0
		err := g.pg.journal.View(t.Context(), func(tx journal.Tx) error {
			for _, space := range []string{"pg/holds", "pg/holdTimes"} {
				found, err := tx.Range(space, "", "", 10)
				if err != nil {
					return err
				}
				rows += len(found)
			}
			return nil
		})
		if err != nil || rows != c.rows {
			t.Errorf("%d rows after %s, want %d, %v", rows, c.after, c.rows, err)
		}
	}
}

// owing is an issuer whose books do not reverse for a while.
type owing struct {
	*issuer.Issuer
	over bool
}

func (o *owing) Reverse(ctx context.Context, key string) error {
	if !o.over {
		return errors.New("later")
	}
	return o.Issuer.Reverse(ctx, key)
}

// TestReversalOwed: a hold whose reversal the issuer has accepted is not gone before the
// issuer has carried it out.
func TestReversalOwed(t *testing.T) {
	g := newGuarded(t)
	bank := &owing{Issuer: g.issuer}
	role, _ := g.parties[issuerID].Partner.Role(metadata.Issuer)
	server := g.serve(issuerID, g.books, kecis.ServerConfig{Role: *role, Payments: bank, Captures: bank, Cancellations: bank})
	begun := g.begun(g.order("ORD-0001", "card-approve", costly), kecis.VariantAmount)
	key := amountauth.SessionID(begun.ID) + "-hold"
	for range 2 {
		if err := g.holds.Reverse(t.Context(), key); err == nil {
			t.Error("the hold is said to be gone, and lives")
		}
	}
	bank.over = true
	for range 5 {
		g.clock.Advance(time.Minute)
		if _, err := server.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.holds.Reverse(t.Context(), key); err != nil {
		t.Errorf("the hold is gone, and its reversal says %v", err)
	}
	g.gone(1)
}

// TestReleasedThenReversed: a hold whose release took effect while its answer was lost
// is gone for who then asks for its reversal, though the issuer refuses that for ever.
func TestReleasedThenReversed(t *testing.T) {
	g := newGuarded(t)
	p := g.order("ORD-0001", "card-approve", costly)
	begun := g.begun(p, kecis.VariantAmount)
	if _, err := g.confirm(p, begun.ID, g.read("card-approve", kecis.VariantAmount)); err != nil {
		t.Fatal(err)
	}
	g.gone(1)
	if err := g.holds.Reverse(t.Context(), amountauth.SessionID(begun.ID)+"-hold"); err != nil {
		t.Errorf("the hold is gone, and its reversal says %v", err)
	}
	g.gone(1)
}
