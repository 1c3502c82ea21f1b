package simulation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/kecis/sdk/conformance/reference/pg"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
)

// authenticationPlants are faults of amount authentication: the engine on a store that
// leaves a rule out, or with a bad issuer, payer or check behind it.
func authenticationPlants() []Plant {
	return append([]Plant{
		{"hold-captured", "the PG takes the money that it held to authenticate, and the issuer forgets what the hold was for", Parts{
			Engine: func(c *amountauth.Config, client *kecis.Client) { c.Issuer = takesHolds{c.Issuer, client} },
			Journal: func(role string, j journal.Journal) journal.Journal {
				if role != "issuer" {
					return j
				}
				return badJournal{j, func(tx journal.Tx) journal.Tx { return purposeless{tx} }}
			},
		}},
		{"profile-by-cookie", "whoever has a copy of a profile's cookie may skip the authentication", Parts{
			Engine: func(c *amountauth.Config, _ *kecis.Client) { c.Expiries = anyExpiry{} },
		}},
		{"release-forgotten", "the PG takes a release whose answer gets lost for done", Parts{
			Engine: func(c *amountauth.Config, _ *kecis.Client) { c.Issuer = forgetsReleases{c.Issuer} },
		}},
		{"reversal-of-hold-forgotten", "the PG takes a hold that it does not know for none", Parts{
			Engine: func(c *amountauth.Config, _ *kecis.Client) { c.Issuer = forgetsHolds{c.Issuer} },
		}},
		{"paid-on-decline", "the page says that it is paid when the issuer has declined", Parts{
			Engine: func(c *amountauth.Config, _ *kecis.Client) { c.Payer = neverDeclines{c.Payer} },
		}},
		{"paid-before-verified", "the PG has the order approved before it has written down that its buyer is verified", Parts{
			Engine: func(c *amountauth.Config, _ *kecis.Client) { c.Journal = paysFirst{c.Journal, c.Payer} },
		}},
		{"hold-kept-after-crash", "the PG has no background work for authentications", Parts{
			Idle: func(role, work string) bool { return role == "pg" && work == "authentications" },
		}},
		{"authentication-of-another-order", "the PG says that a buyer is authenticated who was for another order", Parts{
			PG: func(c *kecis.ServerConfig) {
				if a, ok := c.Authentications.(*pg.Authenticator); ok {
					c.Authentications = &recycles{Authenticator: a}
				}
			},
		}},
		{
			"failed-not-counted", "the issuer does not count the authentications of a card that fail",
			at("issuer", func(tx journal.Tx) journal.Tx { return forgivesTries{tx} }),
		},
	}, sessionPlants()...)
}

// sessionPlants are those of what the engine remembers.
func sessionPlants() []Plant {
	return []Plant{
		{"try-counted-after-compare", "the PG counts a try after it has compared", Parts{
			Engine: func(c *amountauth.Config, _ *kecis.Client) {
				owed := map[string]int{}
				c.Journal = engineOn(c.Journal, func(tx journal.Tx, id string, row map[string]any) { countsLate(owed, tx, id, row) })
			},
		}},
		{"tries-reset-by-resuming", "the tries of an authentication begin anew in another browser", onSessions(func(tx journal.Tx, id string, row map[string]any) {
			before := sessionIn(tx, id)
			if before["browser"] != nil && before["browser"] != row["browser"] {
				row["tries"], row["answers"] = 0, nil
			}
		})},
		{"repeat-counted", "the PG counts a form again that comes twice", onSessions(func(_ journal.Tx, _ string, row map[string]any) {
			if answers, _ := row["answers"].([]any); len(answers) > 0 {
				if last, _ := answers[len(answers)-1].(map[string]any); last["known"] == true {
					row["answers"] = nil
				}
			}
		})},
		{"hold-kept-when-locked", "the PG forgets the hold of an authentication that is locked", onSessions(keepsHoldOf("locked"))},
		{"hold-kept-when-late", "the PG forgets the hold of an authentication whose time is over", onSessions(keepsHoldOf("expired"))},
		{"amount-on-page", "the page shows what was drawn beside the masked card", Parts{
			Engine: func(c *amountauth.Config, _ *kecis.Client) {
				drawn := map[string]string{}
				c.Issuer = tellsDraws{c.Issuer, drawn}
				c.Journal = engineOn(c.Journal, func(_ journal.Tx, id string, row map[string]any) {
					if value := drawn[id]; value != "" {
						row["instrument"] = "card (" + value + ")"
					}
				})
			},
		}},
		{"claim-of-session-without-fencing", "a worker of the PG writes over what became of an authentication that another has ended", Parts{
			Engine: func(c *amountauth.Config, _ *kecis.Client) {
				if j, ok := c.Journal.(*unsafeJournal); ok {
					left := map[*actor]map[string][]byte{}
					c.Journal = badJournal{j, func(tx journal.Tx) journal.Tx { return ownView{tx, j, left} }}
				}
			},
		}},
	}
}

// onSessions changes each session before the engine writes it.
func onSessions(change func(tx journal.Tx, id string, row map[string]any)) Parts {
	return Parts{Engine: func(c *amountauth.Config, _ *kecis.Client) { c.Journal = engineOn(c.Journal, change) }}
}

func engineOn(j journal.Journal, change func(tx journal.Tx, id string, row map[string]any)) journal.Journal {
	return badJournal{j, func(tx journal.Tx) journal.Tx { return badSessions{tx, change} }}
}

type badSessions struct {
	journal.Tx
	change func(tx journal.Tx, id string, row map[string]any)
}

func (t badSessions) Put(space, key string, value []byte) error {
	if space != sessionRows {
		return t.Tx.Put(space, key, value)
	}
	row := rowIn(value)
	t.change(t.Tx, key, row)
	return t.Tx.Put(space, key, rowOf(row))
}

func rowIn(value []byte) map[string]any {
	row := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	_ = d.Decode(&row) // a row of the engine's own
	return row
}

// rowOf writes a row that rowIn has read.
func rowOf(row map[string]any) []byte {
	value, err := json.Marshal(row)
	if err != nil {
		panic(err) //nolint:forbidigo // it was read a moment ago
	}
	return value
}

func sessionIn(tx journal.Tx, id string) map[string]any {
	value, err := tx.Get(sessionRows, id)
	if err != nil {
		return nil
	}
	return rowIn(value)
}

// countsLate writes down no try before a comparison, and counts it with what is written
// after it.
func countsLate(owed map[string]int, tx journal.Tx, id string, row map[string]any) {
	answers, _ := row["answers"].([]any)
	stored := sessionIn(tx, id)
	before, _ := stored["answers"].([]any)
	if len(answers) > len(before) {
		owed[id]++
		row["answers"], row["tries"] = stored["answers"], stored["tries"]
		return
	}
	if owed[id] > 0 {
		owed[id]--
		if tries, ok := row["tries"].(json.Number); ok {
			n, _ := tries.Int64()
			row["tries"] = n + 1
		}
	}
}

func keepsHoldOf(state string) func(journal.Tx, string, map[string]any) {
	return func(_ journal.Tx, _ string, row map[string]any) {
		if row["state"] == state {
			row["hold"] = "gone"
		}
	}
}

// takesHolds captures what it is to release.
type takesHolds struct {
	amountauth.Issuer
	client *kecis.Client
}

func (t takesHolds) Release(ctx context.Context, r *amountauth.ReleaseRequest) error {
	issuer, _, err := t.client.Sent(ctx, r.HoldKey)
	if err != nil {
		return err
	}
	m := t.client.NewCapture(issuer)
	m.OrderRef, m.Original, m.Final = r.Order, kecis.Original{TransactionID: r.HoldID}, true
	found, err := t.client.Inquire(ctx, issuer, m.Original)
	if err != nil {
		return err
	}
	m.Amount = found.Transaction.Amount
	m.Tax = kecis.Tax{TaxFree: m.Amount.Minor}
	_, err = t.client.Capture(ctx, m)
	if f, ok := errors.AsType[*kecis.Fault](err); ok && f.Outcome == kecis.NotDone {
		return t.Issuer.Release(ctx, r)
	}
	return err
}

// purposeless does not keep what a hold is for.
type purposeless struct{ journal.Tx }

func (t purposeless) InsertTransaction(r *journal.Transaction) error {
	return t.Tx.InsertTransaction(withoutPurpose(r))
}

func (t purposeless) UpdateTransaction(r *journal.Transaction) error {
	return t.Tx.UpdateTransaction(withoutPurpose(r))
}

func (t purposeless) Put(space, key string, value []byte) error {
	if space == paymentRows {
		row := rowIn(value)
		delete(row, "purpose")
		value = rowOf(row)
	}
	return t.Tx.Put(space, key, value)
}

// paymentRows is the space of the reference issuer's payments.
const paymentRows = "issuer/payments"

func withoutPurpose(r *journal.Transaction) *journal.Transaction {
	row := *r
	details := rowIn(r.Details)
	if terms, ok := details["Terms"].(map[string]any); ok && terms["Purpose"] != nil {
		delete(terms, "Purpose")
		row.Details = rowOf(details)
	}
	return &row
}

type anyExpiry struct{}

func (anyExpiry) CheckExpiry(context.Context, string, string, int, int) error { return nil }

type forgetsReleases struct{ amountauth.Issuer }

func (f forgetsReleases) Release(ctx context.Context, r *amountauth.ReleaseRequest) error {
	_ = f.Issuer.Release(ctx, r) // a plant
	return nil
}

type forgetsHolds struct{ amountauth.Issuer }

func (forgetsHolds) Reverse(context.Context, string) error { return nil }

type neverDeclines struct{ amountauth.Payer }

func (n neverDeclines) Authorise(ctx context.Context, p *amountauth.PaymentRequest) (*amountauth.Approval, error) {
	approval, err := n.Payer.Authorise(ctx, p)
	if _, refused := errors.AsType[*kecis.Refusal](err); refused {
		return &amountauth.Approval{Code: "00000000"}, nil
	}
	return approval, err
}

// paysFirst looks at what a commit would write, and pays before it.
type paysFirst struct {
	journal.Journal
	payer amountauth.Payer
}

func (p paysFirst) Update(ctx context.Context, change func(journal.Tx) error) error {
	var verified map[string]any
	var id string
	err := p.Journal.Update(ctx, func(tx journal.Tx) error {
		verified = nil
		err := change(badSessions{tx, func(_ journal.Tx, key string, row map[string]any) {
			if row["state"] == "verified" && row["hold"] == "releasing" && row["pays"] == true {
				id, verified = key, row
			}
		}})
		if err == nil && verified != nil {
			return errUndone
		}
		return err
	})
	if verified == nil || !errors.Is(err, errUndone) {
		return err
	}
	var s struct {
		Order   kecis.OrderRef
		Payee   amountauth.Payee
		Amount  kecis.Money
		Ref     string
		Details json.RawMessage
	}
	if json.Unmarshal(rowOf(verified), &s) == nil { //nolint:musttag // as the engine keeps them
		_, _ = p.payer.Authorise(ctx, &amountauth.PaymentRequest{
			Key: id + "-pay", Session: id, Order: s.Order, Payee: s.Payee, Amount: s.Amount, InstrumentRef: s.Ref, Details: s.Details,
		})
	}
	return p.Journal.Update(ctx, change)
}

// recycles takes an earlier authentication of a shop's for the next.
type recycles struct {
	*pg.Authenticator
	begun []string
}

func (r *recycles) Begin(ctx context.Context, a kecis.Attempt, p *kecis.AuthenticationRequest) (*kecis.AuthenticationResult, error) {
	for _, id := range r.begun {
		earlier, err := r.State(ctx, id)
		if err == nil && earlier.State == kecis.Authenticated {
			return earlier, nil
		}
	}
	r.begun = append(r.begun, a.AuthenticationID)
	return r.Authenticator.Begin(ctx, a, p)
}

// forgivesTries drops what an issuer counts of an instrument.
type forgivesTries struct{ journal.Tx }

func (t forgivesTries) Put(space, key string, value []byte) error {
	if space == standingRows {
		row := rowIn(value)
		delete(row, "tried")
		value = rowOf(row)
	}
	return t.Tx.Put(space, key, value)
}

// standingRows is the space of what the reference issuer counts of an instrument.
const standingRows = "issuer/standings"

// tellsDraws keeps what was drawn for a session.
type tellsDraws struct {
	amountauth.Issuer
	drawn map[string]string
}

func (t tellsDraws) Hold(ctx context.Context, h *amountauth.HoldRequest) (*amountauth.Hold, error) {
	if t.drawn[h.Session] = h.Code.Reveal(); h.Variant == amountauth.Amount {
		t.drawn[h.Session] = h.Amounts[0].Reveal().String()
	}
	return t.Issuer.Hold(ctx, h)
}

// ownView gives a worker that comes back what it wrote itself when it left.
type ownView struct {
	journal.Tx
	base *unsafeJournal
	left map[*actor]map[string][]byte
}

func (t ownView) Put(space, key string, value []byte) error {
	if space == sessionRows && number(epochOf(value)) > number(epochOf(t.stored(key))) {
		t.mine()[key] = bytes.Clone(value)
	}
	return t.Tx.Put(space, key, value)
}

func (t ownView) Get(space, key string) ([]byte, error) {
	if value := t.mine()[key]; space == sessionRows && value != nil {
		delete(t.mine(), key)
		row := rowIn(value)
		row["due"] = rowIn(t.stored(key))["due"] // the index of what is due stays whole
		return rowOf(row), nil
	}
	return t.Tx.Get(space, key)
}

func (t ownView) stored(key string) []byte {
	value, err := t.Tx.Get(sessionRows, key)
	if err != nil {
		return nil
	}
	return value
}

func (t ownView) mine() map[string][]byte {
	a := t.base.current
	if t.left[a] == nil {
		t.left[a] = map[string][]byte{}
	}
	return t.left[a]
}

func epochOf(row []byte) string {
	n, _ := rowIn(row)["epoch"].(json.Number)
	return n.String()
}
