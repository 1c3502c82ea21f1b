package kecis_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlenc"
)

// guard is a service of authentication as a vendor has one: it takes the value
// 3721.
type guard struct {
	mu        sync.Mutex
	keys      xmlenc.KeyFinder
	now       func() time.Time
	entity    string
	known     map[string]*kecis.AuthenticationResult
	abandoned map[string]bool
	asked     *kecis.AuthenticationRequest
	begin     error // before the effect
	confirm   error // of the next Confirm
	after     error // after it
	ref       string
	exempts   bool
}

func newGuard(entity string, keys xmlenc.KeyFinder, now func() time.Time) *guard {
	return &guard{
		entity: entity, keys: keys, now: now, ref: "ref_0123456789abcdef",
		known: map[string]*kecis.AuthenticationResult{}, abandoned: map[string]bool{},
	}
}

func (g *guard) Begin(_ context.Context, a kecis.Attempt, p *kecis.AuthenticationRequest) (*kecis.AuthenticationResult, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = p
	if g.begin != nil {
		return nil, g.begin
	}
	now := g.now()
	g.known[a.AuthenticationID] = &kecis.AuthenticationResult{
		State: kecis.AuthenticationPending, At: now, Expires: now.Add(20 * time.Minute), Page: "https://pg.example/a/1", TriesLeft: 3,
	}
	if g.after != nil {
		return nil, g.after
	}
	return g.known[a.AuthenticationID], nil
}

var errNoSuchAuthentication = errors.New("no such authentication")

func (g *guard) State(_ context.Context, id string) (*kecis.AuthenticationResult, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r := g.known[id]; r != nil {
		return r, nil
	}
	return nil, errNoSuchAuthentication
}

func (g *guard) Abandon(_ context.Context, id string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.abandoned[id] = true
	delete(g.known, id)
	return nil
}

func (g *guard) Confirm(_ context.Context, a kecis.Attempt, p *kecis.ConfirmationRequest) (*kecis.AuthenticationResult, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	typed, err := p.Reveal(g.keys, g.entity, g.now())
	if err != nil {
		return nil, err
	}
	if err := g.confirm; err != nil {
		g.confirm = nil
		return nil, err
	}
	r := g.known[a.AuthenticationID]
	if r == nil || r.State != kecis.AuthenticationPending {
		return nil, kecis.Refuse(kecis.ErrNotConfirmed)
	}
	if typed != "3721" {
		if r.TriesLeft--; r.TriesLeft == 0 {
			*r = kecis.AuthenticationResult{State: kecis.AuthenticationLocked, At: g.now()}
		}
		return nil, kecis.Refuse(kecis.ErrNotConfirmed)
	}
	*r = kecis.AuthenticationResult{State: kecis.Authenticated, At: g.now(), InstrumentRef: g.ref}
	return r, nil
}

func (g *guard) Exempt(context.Context, *kecis.PaymentRequest) (bool, error) { return g.exempts, nil }

// guarded is a market whose PG authenticates buyers, from 300,000 won on.
type guarded struct {
	*market
	guard *guard
	// other is a shop, issuer an issuer that authenticates, too.
	other, issuer *kecistest.Party
}

func newGuarded(t *testing.T, edit func(*kecis.ServerConfig)) *guarded {
	t.Helper()
	g := &guarded{}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	g.other = kecistest.NewParty(t, "https://other.example/kecis", kecistest.Role(metadata.Requester), at)
	g.issuer = kecistest.NewParty(t, "https://issuer.example/kecis", kecistest.Role(metadata.Issuer), at)
	g.market = newMarketOf(t, func(c *kecis.ServerConfig) {
		g.guard = newGuard(pgID, nil, c.Clock.Now)
		c.Authentications = g.guard
		c.Partners = also{c.Partners, []*metadata.Partner{g.other.Partner, g.issuer.Partner}}
		c.Client.Partners = c.Partners
		c.Role.Authentication, c.Role.AmountFloors = kecis.KoreanAuthentication()
		if edit != nil {
			edit(c)
		}
	})
	g.guard.keys = g.pg.Private
	return g
}

// also are partners and some more.
type also struct {
	metadata.Partners
	more []*metadata.Partner
}

func (a also) Partner(ctx context.Context, entity string) (*metadata.Partner, error) {
	for _, p := range a.more {
		if entity == p.Entity.ID {
			return p, nil
		}
	}
	return a.Partners.Partner(ctx, entity)
}

// dear is a payment of 300,000 won.
func (g *guarded) dear(id string) *kecis.PaymentRequest {
	p := g.order(id, kecis.CaptureAutomatic)
	p.Amount, p.OrderAmount, p.Tax = kecis.Won(300_000), kecis.Won(300_000), kecis.Tax{TaxFree: 300_000}
	return p
}

// wanted asks for the amount authentication of a payment's buyer.
func (g *guarded) wanted(p *kecis.PaymentRequest) *kecis.AuthenticationRequest {
	r := g.client.NewAuthentication(pgID)
	r.OrderRef, r.Payee, r.Amount, r.OrderAmount = p.OrderRef, p.Payee, p.Amount, p.OrderAmount
	r.Method, r.Variant, r.Instrument = metadata.ByAmount, kecis.VariantAmount, &p.Instrument
	return r
}

// begun begins one, and returns it pending.
func (g *guarded) begun(t *testing.T, p *kecis.PaymentRequest) kecis.Authentication {
	t.Helper()
	answer, err := g.client.Authenticate(t.Context(), g.wanted(p))
	f, ok := errors.AsType[*kecis.Fault](err)
	if !ok || f.Outcome != kecis.Pending || answer == nil || answer.Authentication.State != kecis.AuthenticationPending {
		t.Fatalf("begun: %+v, %v", answer, err)
	}
	return answer.Authentication
}

func (g *guarded) confirm(t *testing.T, order kecis.OrderRef, id, typed string) (*kecis.AuthenticationResponse, error) {
	t.Helper()
	c, err := g.client.NewConfirmation(t.Context(), pgID, order, id, typed)
	if err != nil {
		t.Fatal(err)
	}
	return g.client.Confirm(t.Context(), c)
}

// proven is a payment of 300,000 won with its evidence.
func (g *guarded) proven(t *testing.T, id string) *kecis.PaymentRequest {
	t.Helper()
	p := g.dear(id)
	answer, err := g.confirm(t, p.OrderRef, g.begun(t, p).ID, "3721")
	if err != nil {
		t.Fatal(err)
	}
	p.Evidence = []kecis.Evidence{answer.Evidence()}
	return p
}

func TestAuthenticated(t *testing.T) {
	g := newGuarded(t, nil)
	p := g.dear("ORD-0001")
	refused, err := g.client.Pay(t.Context(), p)
	if !errors.Is(err, kecis.ErrAuthenticationRequired) {
		t.Fatalf("without an authentication: %v", err)
	}
	if want := []metadata.AuthenticationMethod{metadata.ByAmount, metadata.ByCertificate}; !cmp.Equal(refused.Accepted, want) {
		t.Errorf("accepted are %v, want %v", refused.Accepted, want)
	}
	began := g.begun(t, p)
	if began.TriesLeft != 3 || began.Page == "" || began.Proof != nil {
		t.Errorf("begun: %+v", began)
	}
	if _, err := g.confirm(t, p.OrderRef, began.ID, "3720"); !errors.Is(err, kecis.ErrNotConfirmed) {
		t.Fatalf("a wrong value: %v", err)
	}
	answer, err := g.confirm(t, p.OrderRef, began.ID, "3721")
	if err != nil {
		t.Fatal(err)
	}
	again := g.dear("ORD-0001")
	again.OrderRef.Attempt, again.Evidence = 2, []kecis.Evidence{answer.Evidence()}
	if _, err := g.client.Pay(t.Context(), again); err != nil {
		t.Errorf("with it, and another attempt: %v", err)
	}
	if g.bank.calls != 1 {
		t.Errorf("the service was called %d times", g.bank.calls)
	}
}

// TestNotConfirmed: nobody can tell a wrong value from an authentication that is
// not there, or is another's (KECIS-AUT-014).
func TestNotConfirmed(t *testing.T) {
	g := newGuarded(t, nil)
	p := g.dear("ORD-0001")
	began := g.begun(t, p)
	other := p.OrderRef
	other.OrderID = "ORD-0002"
	locked := g.dear("ORD-0003")
	lockedID := g.begun(t, locked).ID
	for range 3 {
		if _, err := g.confirm(t, locked.OrderRef, lockedID, "1"); !errors.Is(err, kecis.ErrNotConfirmed) {
			t.Fatal(err)
		}
	}
	var first string
	for _, c := range []struct {
		name, id, typed string
		order           kecis.OrderRef
	}{
		{"a wrong value", began.ID, "1", p.OrderRef},
		{"an authentication that is not there", "A" + strings.Repeat("0", 39), "3721", p.OrderRef},
		{"the order of another", began.ID, "3721", other},
		{"a locked one", lockedID, "3721", locked.OrderRef},
	} {
		answer, err := g.confirm(t, c.order, c.id, c.typed)
		if !errors.Is(err, kecis.ErrNotConfirmed) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		text := unique.ReplaceAllString(string(answer.Evidence().Document), "*")
		text = strings.ReplaceAll(text, c.order.OrderID, "ORDER")
		if first == "" {
			first = text
		}
		if diff := cmp.Diff(first, text); diff != "" {
			t.Errorf("%s is told apart: %s", c.name, diff)
		}
	}
	state, err := g.client.Authentication(t.Context(), pgID, lockedID)
	if err != nil || state.Authentication.State != kecis.AuthenticationLocked || state.Result.Code != kecis.ErrAuthenticationLocked {
		t.Errorf("the locked one: %+v, %v", state, err)
	}
}

// unique is what every message has for itself.
var unique = regexp.MustCompile(`_[0-9a-f]{40}|[A-Za-z0-9+/]{42,}={0,2}`)

func TestAuthenticationInquired(t *testing.T) {
	g := newGuarded(t, nil)
	p := g.dear("ORD-0001")
	request := g.wanted(p)
	answer, _ := g.client.Authenticate(t.Context(), request)
	id := answer.Authentication.ID
	for _, about := range []kecis.Original{{AuthenticationID: id}, {RequestID: request.ID}} {
		found, err := g.client.Inquire(t.Context(), pgID, about)
		if err != nil || found.Authentication.ID != id || found.Result.Outcome != kecis.Pending {
			t.Errorf("%+v: %+v, %v", about, found, err)
		}
	}
	if _, err := g.confirm(t, p.OrderRef, id, "3721"); err != nil {
		t.Fatal(err)
	}
	found, err := g.client.Inquire(t.Context(), pgID, kecis.Original{RequestID: request.ID})
	if err != nil || found.Result.Code != kecis.AuthenticationDone {
		t.Fatalf("after the end: %+v, %v", found, err)
	}
	p.Evidence = []kecis.Evidence{found.Evidence()}
	if _, err := g.client.Pay(t.Context(), p); err != nil {
		t.Errorf("the answer to an inquiry as evidence: %v", err)
	}
	stranger := &kecis.Client{
		Entity: g.other.Entity, Keys: g.other.Keys, Partners: g.client.Partners, Journal: kecistest.NewJournal(), HTTP: g.network.Client(), Clock: g.clock,
	}
	if _, err := stranger.Authentication(t.Context(), pgID, id); !errors.Is(err, kecis.ErrNotFound) {
		t.Errorf("by another: %v", err)
	}
}

// TestAuthenticationEvent: an end is told once, whoever brings it about.
func TestAuthenticationEvent(t *testing.T) {
	g := newGuarded(t, nil)
	var got []*kecis.Event
	g.receive(t, func(e *kecis.Event) error { got = append(got, e); return nil })
	p, q := g.dear("ORD-0001"), g.dear("ORD-0002")
	first, second := g.begun(t, p).ID, g.begun(t, q).ID
	if _, err := g.confirm(t, p.OrderRef, first, "3721"); err != nil {
		t.Fatal(err)
	}
	end := &kecis.AuthenticationResult{State: kecis.AuthenticationExpired, At: g.clock.Now()}
	for _, id := range []string{first, second, second, "A0"} { // as a service does, more than once
		if err := g.books.Update(t.Context(), func(tx journal.Tx) error { return g.server.Conclude(tx, id, end) }); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		g.work(t)
		g.clock.Advance(time.Minute)
	}
	if len(got) != 2 || got[0].Authentication.State != kecis.Authenticated || got[1].Authentication.State != kecis.AuthenticationExpired ||
		got[0].Authentication.ID != first || got[1].Kind != kecis.EventAuthentication || got[1].OrderRef != q.OrderRef {
		t.Errorf("told: %+v", got)
	}
}

// TestAuthenticationUnknown: a service that does not answer has begun nothing that
// lasts.
func TestAuthenticationUnknown(t *testing.T) {
	g := newGuarded(t, nil)
	g.guard.begin = errors.New("no answer")
	request := g.wanted(g.dear("ORD-0001"))
	_, err := g.client.Authenticate(t.Context(), request)
	if f, ok := errors.AsType[*kecis.Fault](err); !ok || f.Outcome != kecis.Unknown {
		t.Fatalf("got %v", err)
	}
	g.work(t)
	if len(g.guard.abandoned) != 1 {
		t.Errorf("%d abandoned", len(g.guard.abandoned))
	}
	end, err := g.client.Settle(t.Context(), request.ID)
	if err != nil || end.Outcome != kecis.NotDone || end.Code != kecis.ErrAuthenticationFailed {
		t.Errorf("settled: %+v, %v", end, err)
	}
}

func TestAuthenticationFoundOut(t *testing.T) {
	g := newGuarded(t, nil)
	g.guard.after = errors.New("connection reset")
	answer, err := g.client.Authenticate(t.Context(), g.wanted(g.dear("ORD-0001")))
	if f, ok := errors.AsType[*kecis.Fault](err); !ok || f.Outcome != kecis.Pending || answer.Authentication.ID == "" {
		t.Errorf("a lookup finds it pending: %+v, %v", answer, err)
	}
}

// TestConfirmedAgain: a value whose comparison could not be written down at first is
// compared again, while its sender waits.
func TestConfirmedAgain(t *testing.T) {
	g := newGuarded(t, nil)
	p := g.dear("ORD-0001")
	id := g.begun(t, p).ID
	g.guard.confirm = errors.New("the store fails")
	if _, err := g.confirm(t, p.OrderRef, id, "3721"); err != nil {
		t.Errorf("the right value: %v", err)
	}
}

func TestAuthenticationNotServed(t *testing.T) {
	g := newGuarded(t, nil)
	for name, c := range map[string]struct {
		edit func(*kecis.AuthenticationRequest)
		code error
	}{
		"method":    {func(p *kecis.AuthenticationRequest) { p.Method, p.Variant = metadata.ByApp, 0 }, kecis.ErrNotServed},
		"currency":  {func(p *kecis.AuthenticationRequest) { p.Amount.Currency, p.OrderAmount.Currency = kecis.USD, kecis.USD }, kecis.ErrNotServed},
		"the floor": {func(p *kecis.AuthenticationRequest) { p.Amount, p.OrderAmount = kecis.Won(3_500), kecis.Won(3_500) }, nil},
		"below it":  {func(p *kecis.AuthenticationRequest) { p.Amount, p.OrderAmount = kecis.Won(3_499), kecis.Won(3_499) }, kecis.ErrInvalidAmount},
	} {
		p := g.wanted(g.dear("ORD-0001"))
		c.edit(p)
		_, err := g.client.Authenticate(t.Context(), p)
		if c.code == nil && !errors.Is(err, kecis.ErrPending) || c.code != nil && !errors.Is(err, c.code) {
			t.Errorf("%s: %v, want %v", name, err, c.code)
		}
	}
}

// TestConfirmationSecret: the value stands in nothing that is written.
func TestConfirmationSecret(t *testing.T) {
	g := newGuarded(t, nil)
	p := g.dear("ORD-0001")
	id := g.begun(t, p).ID
	c, err := g.client.NewConfirmation(t.Context(), pgID, p.OrderRef, id, "3721")
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.Typed.Document()
	if err != nil || strings.Contains(string(text), "3721") {
		t.Errorf("%s, %v", text, err)
	}
	other := *c
	other.AuthenticationID = "A" + strings.Repeat("1", 39)
	if typed, err := other.Reveal(g.pg.Private, pgID, g.clock.Now()); !errors.Is(err, kecis.Code(xmlenc.ErrFailed)) || typed != "" {
		t.Errorf("for another authentication: %q, %v", typed, err)
	}
	if typed, err := c.Reveal(g.pg.Private, pgID, g.clock.Now().Add(kecis.MaxWindow)); !errors.Is(err, kecis.Code(xmlenc.ErrFailed)) || typed != "" {
		t.Errorf("later: %q, %v", typed, err)
	}
}
