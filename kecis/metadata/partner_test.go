package metadata_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

func TestRoute(t *testing.T) {
	t.Parallel()
	gate := newGate(t)
	p := &metadata.Partner{Entity: gate.entity, Roles: []metadata.RoleName{metadata.PG}}
	for _, test := range []struct {
		kind   metadata.Method
		number string
		issuer string
	}{
		{metadata.MethodCard, "4330121234567890", bank},
		{metadata.MethodCard, "43301277", "https://other.example/kecis"}, // the longest prefix wins
		{metadata.MethodCard, "433012", bank},
		{metadata.MethodCard, "43301", ""},
		{metadata.MethodCard, "999999", ""},
		{metadata.MethodAccount, "088", bank},
		{metadata.MethodAccount, "0881", ""},
		{metadata.MethodEMoney, "088", ""},
	} {
		line, ok := p.Route(test.kind, test.number)
		if ok != (test.issuer != "") || ok && line.Issuer != test.issuer {
			t.Errorf("%s %s: %v, %v; want %q", test.kind, test.number, line, ok, test.issuer)
		}
	}
	line, _ := p.Route(metadata.MethodCard, "433012")
	for at, want := range map[time.Duration]int{0: 1, 30*day - time.Second: 1, 30 * day: -1} {
		key, ok := line.Key(epoch().Add(at))
		if ok != (want >= 0) || ok && key.Recipient != line.Keys[want].Recipient {
			t.Errorf("after %v: %v, %v", at, key, ok)
		}
	}
}

func TestFixed(t *testing.T) {
	t.Parallel()
	gate := newGate(t)
	partners := metadata.Fixed(&metadata.Partner{Entity: gate.entity, Roles: []metadata.RoleName{metadata.PG}})
	p, err := partners.Partner(context.Background(), gate.entity.ID)
	if err != nil || p.Status != metadata.Active || !p.MayUse(metadata.ServicePayment) {
		t.Errorf("%v, %v", p, err)
	}
	if _, err := partners.Partner(context.Background(), shop); !errors.Is(err, metadata.ErrUnknownPartner) {
		t.Errorf("a stranger: %v", err)
	}
	keys := metadata.Keys(partners, epoch)
	for name, test := range map[string]struct {
		who  xmlsig.Signatory
		want int
	}{
		"of the role":    {xmlsig.Signatory{Entity: gate.entity.ID, Role: "pg", Scope: xmlsig.ScopeMessage}, 1},
		"of any role":    {xmlsig.Signatory{Entity: gate.entity.ID, Scope: xmlsig.ScopeMessage}, 1},
		"of another":     {xmlsig.Signatory{Entity: gate.entity.ID, Role: "issuer", Scope: xmlsig.ScopeMessage}, 0},
		"for metadata":   {xmlsig.Signatory{Entity: gate.entity.ID, Role: "pg", Scope: xmlsig.ScopeMetadata}, 0},
		"of a stranger":  {xmlsig.Signatory{Entity: shop, Scope: xmlsig.ScopeMessage}, 0},
		"without a name": {xmlsig.Signatory{Scope: xmlsig.ScopeMessage}, 0},
	} {
		if got, err := keys.VerificationKeys(context.Background(), test.who); err != nil || len(got) != test.want {
			t.Errorf("%s: %v, %v; want %d", name, got, err, test.want)
		}
	}
	broken := metadata.Keys(failing{}, epoch)
	if _, err := broken.VerificationKeys(context.Background(), xmlsig.Signatory{Entity: shop, Scope: xmlsig.ScopeMessage}); !errors.Is(err, errBroken) {
		t.Errorf("a source that fails is no stranger: %v", err)
	}
}

var errBroken = errors.New("broken")

type failing struct{}

func (failing) Partner(context.Context, string) (*metadata.Partner, error) { return nil, errBroken }

// A signing key counts within its times alone.
func TestKeyTimes(t *testing.T) {
	t.Parallel()
	gate := newGate(t)
	p := &metadata.Partner{Entity: gate.entity, Status: metadata.Active, Roles: []metadata.RoleName{metadata.PG}}
	for at, want := range map[time.Duration]int{-day - time.Second: 0, -day: 1, 365*day - time.Second: 1, 365 * day: 0} {
		if got := p.SigningKeys(epoch().Add(at), xmlsig.ScopeMessage); len(got) != want {
			t.Errorf("after %v: %d keys, want %d", at, len(got), want)
		}
	}
}

// What a reader refuses is not signed.
func TestNotSigned(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bend func(*metadata.Entity)
		want metadata.Code
	}{
		"no end":               {func(e *metadata.Entity) { e.ValidUntil = time.Time{} }, metadata.ErrMissing},
		"no serial":            {func(e *metadata.Entity) { e.Serial = 0 }, metadata.ErrValue},
		"no entityID":          {func(e *metadata.Entity) { e.ID = "" }, metadata.ErrValue},
		"no keys":              {func(e *metadata.Entity) { e.Keys = nil }, metadata.ErrMissing},
		"a nil key":            {func(e *metadata.Entity) { e.Keys[0].Key = nil }, metadata.ErrKey},
		"a key of no scope":    {func(e *metadata.Entity) { e.Keys[0].Scope = 0 }, metadata.ErrUnsupported},
		"no roles":             {func(e *metadata.Entity) { e.Roles = nil }, metadata.ErrMissing},
		"an unknown role":      {func(e *metadata.Entity) { e.Roles[0].Name = "bank" }, metadata.ErrUnsupported},
		"a role twice":         {func(e *metadata.Entity) { e.Roles = append(e.Roles, e.Roles[0]) }, metadata.ErrRole},
		"no version":           {func(e *metadata.Entity) { e.Roles[0].Versions = nil }, metadata.ErrValue},
		"no algorithm":         {func(e *metadata.Entity) { e.Roles[0].Algorithms = nil }, metadata.ErrMissing},
		"a method twice":       {func(e *metadata.Entity) { e.Roles[0].Methods = []metadata.Method{"card", "card"} }, metadata.ErrUnsupported},
		"no methods":           {func(e *metadata.Entity) { e.Roles[0].Methods = nil }, metadata.ErrUnsupported},
		"payments of nothing":  {func(e *metadata.Entity) { e.Roles[0].Methods, e.Roles[0].Currencies = nil, nil }, metadata.ErrMissing},
		"half a second":        {func(e *metadata.Entity) { e.Roles[0].HoldTime = time.Minute + time.Second/2 }, metadata.ErrValue},
		"level 5":              {func(e *metadata.Entity) { e.Roles[0].SecurityLevel = 5 }, metadata.ErrValue},
		"no key of a route":    {func(e *metadata.Entity) { e.Roles[0].Routes[1].Keys = nil }, metadata.ErrMissing},
		"no recipient":         {func(e *metadata.Entity) { e.Roles[0].EncryptionKeys[0].Recipient = nil }, metadata.ErrKey},
		"half an organization": {func(e *metadata.Entity) { e.Organization.URL = metadata.Texts{} }, metadata.ErrMissing},
	} {
		p := newGate(t)
		test.bend(p.entity)
		if doc, err := metadata.Sign(p.entity, p.metadata, rand.Reader); !errors.Is(err, test.want) || doc != nil {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	p := newGate(t)
	if _, err := metadata.Sign(p.entity, p.message, rand.Reader); !errors.Is(err, metadata.ErrKeyScope) {
		t.Errorf("signed with the message key: %v", err)
	}
}

// An inspection reads what was not verified, and only that reads it.
func TestInspect(t *testing.T) {
	t.Parallel()
	p := newGate(t)
	signed := p.document(t)
	unsigned, err := metadata.Write(p.entity, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, doc := range map[string][]byte{"signed": signed, "unsigned": unsigned} {
		seen, err := metadata.Inspect(doc)
		if err != nil || seen.Entity == nil || seen.Entity.ID != gate || seen.Signed != (name == "signed") {
			t.Errorf("%s: %v, %v", name, seen, err)
		}
	}
	if key, ok := metadata.PinnedKey(signed, p.metadata.Public().String()); !ok || key.ID() != p.metadata.Public().ID() {
		t.Error("the pinned key was not found")
	}
	if _, ok := metadata.PinnedKey(signed, newSigner(t).Public().String()); ok {
		t.Error("a key was found that is not there")
	}
	if _, err := metadata.Decode(xmlsig.Verified{}); !errors.Is(err, xmlsig.ErrNotVerified) {
		t.Errorf("the zero Verified: %v", err)
	}
}
