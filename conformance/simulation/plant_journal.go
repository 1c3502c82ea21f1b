package simulation

import (
	"context"
	"errors"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// journalPlants are faults of what is remembered: each is the SDK on a store
// that leaves one rule out.
func journalPlants() []Plant {
	return []Plant{
		{
			"tombstone-forgotten", "the issuer answers a reversal of what it has not seen, and does not remember it",
			at("issuer", func(tx journal.Tx) journal.Tx { return noTombstones{tx} }),
		},
		{
			"tombstone-forgotten-by-pg", "the PG answers a reversal of what it has not seen, and does not remember it",
			at("pg", func(tx journal.Tx) journal.Tx { return noTombstones{tx} }),
		},
		{
			"claim-without-fencing", "a worker of the PG that wakes after its lease writes over what its successor did",
			at("pg", func(tx journal.Tx) journal.Tx { return noFences{tx} }),
		},
		{
			"duplicate-seen-too-late", "the issuer looks for a repeated request only among those that are answered",
			at("issuer", func(tx journal.Tx) journal.Tx { return blindToRunning{overwriting{tx}} }),
		},
		{
			"recorded-answer-forgotten", "the PG forgets a request once it is answered",
			at("pg", func(tx journal.Tx) journal.Tx { return blindToSealed{overwriting{tx}} }),
		},
		{
			"order-forgotten", "the issuer does not look for another approval of the order",
			at("issuer", func(tx journal.Tx) journal.Tx { return noOrders{tx} }),
		},
		{
			"parts-not-added-up", "the issuer does not count the other parts of an order",
			at("issuer", func(tx journal.Tx) journal.Tx { return lonelyParts{tx} }),
		},
		{
			"late-approval-surfaced", "the PG goes on looking after its deadline, and shows a late approval as paid",
			at("pg", func(tx journal.Tx) journal.Tx { return patient{tx} }),
		},
		{
			"two-at-a-time", "PG and issuer work on two requests about one payment at the same time",
			Parts{Journal: func(_ string, j journal.Journal) journal.Journal {
				return badJournal{j, func(tx journal.Tx) journal.Tx { return neverBusy{tx} }}
			}},
		},
		{
			"reversal-of-running-lost", "the PG does not mark a running payment whose reversal has come",
			at("pg", func(tx journal.Tx) journal.Tx { return noMarks{tx} }),
		},
		{
			"refusal-not-recorded", "the issuer refuses a payment without writing it down",
			at("issuer", func(tx journal.Tx) journal.Tx { return noRefusals{tx} }),
		},
		{
			"commit-acknowledged-early", "the issuer's store says that a commit is durable before it is",
			Parts{Journal: func(role string, j journal.Journal) journal.Journal {
				if role != "issuer" {
					return j
				}
				return &forgetful{Journal: j}
			}},
		},
		{
			"upstream-not-journaled", "the PG does not write down what it sends to the issuer",
			at("pg", func(tx journal.Tx) journal.Tx { return noSent{tx} }),
		},
	}
}

type noTombstones struct{ journal.Tx }

func (t noTombstones) InsertRequest(r *journal.Request) error {
	if r.State == journal.Tombstone {
		return nil
	}
	return t.Tx.InsertRequest(r)
}

type noFences struct{ journal.Tx }

func (t noFences) UpdateRequest(r *journal.Request) error {
	err := t.Tx.UpdateRequest(r)
	if !errors.Is(err, journal.ErrFenced) {
		return err
	}
	stored, err := t.Request(r.Sender, r.ID)
	if err != nil {
		return err
	}
	row := *r
	row.Epoch = stored.Epoch
	return t.Tx.UpdateRequest(&row)
}

// overwriting inserts over a row that it cannot see.
type overwriting struct{ journal.Tx }

func (t overwriting) InsertRequest(r *journal.Request) error {
	err := t.Tx.InsertRequest(r)
	if !errors.Is(err, journal.ErrExists) {
		return err
	}
	row := *r
	if stored, err := t.Request(r.Sender, r.ID); err == nil {
		row.Epoch = stored.Epoch
	}
	return t.UpdateRequest(&row)
}

// blindToRunning does not know orders either: else the order would be known to
// have been paid.
type blindToRunning struct{ overwriting }

func (t blindToRunning) Request(sender, id string) (*journal.Request, error) {
	r, err := t.Tx.Request(sender, id)
	if err == nil && r.State == journal.Running {
		return nil, journal.ErrNotFound
	}
	return r, err
}

func (t blindToRunning) Order(requester, orderID string) (*journal.Order, error) {
	return noOrders{t.Tx}.Order(requester, orderID)
}

type blindToSealed struct{ overwriting }

func (t blindToSealed) Request(sender, id string) (*journal.Request, error) {
	r, err := t.Tx.Request(sender, id)
	if err == nil && r.State == journal.Sealed && r.Outcome == "done" {
		return nil, journal.ErrNotFound
	}
	return r, err
}

type noOrders struct{ journal.Tx }

func (t noOrders) Order(requester, orderID string) (*journal.Order, error) {
	return &journal.Order{Requester: requester, OrderID: orderID}, nil
}

type lonelyParts struct{ journal.Tx }

func (t lonelyParts) Order(requester, orderID string) (*journal.Order, error) {
	o, err := t.Tx.Order(requester, orderID)
	if err != nil {
		return nil, err
	}
	for i := range o.Parts {
		o.Parts[i].Live = min(o.Parts[i].Live, 1)
	}
	return o, nil
}

// patient keeps a payment of which the answer says that it is unknown at work
// for an hour more.
type patient struct{ journal.Tx }

func (t patient) UpdateRequest(r *journal.Request) error {
	row := *r
	if r.Kind == kecis.PaymentRequestKind.String() && r.Outcome == "unknown" && r.State == journal.Sealed && r.Reversed == "" {
		row.State, row.Deadline, row.Due = journal.Running, r.Deadline.Add(time.Hour), r.Sealed.Add(time.Minute)
	}
	return t.Tx.UpdateRequest(&row)
}

func (t patient) UpdateTransaction(r *journal.Transaction) error {
	row := *r
	if row.State == "resolving" {
		row.State = "running"
	}
	return t.Tx.UpdateTransaction(&row)
}

type neverBusy struct{ journal.Tx }

func (t neverBusy) Transaction(id string) (*journal.Transaction, error) {
	row, err := t.Tx.Transaction(id)
	if err == nil {
		row.Busy = ""
	}
	return row, err
}

type noMarks struct{ journal.Tx }

func (t noMarks) UpdateRequest(r *journal.Request) error {
	row := *r
	if row.State == journal.Running {
		row.Reversed = ""
	}
	return t.Tx.UpdateRequest(&row)
}

type noRefusals struct{ journal.Tx }

func (t noRefusals) InsertRequest(r *journal.Request) error {
	if r.State == journal.Sealed && r.Kind == kecis.PaymentRequestKind.String() {
		return nil
	}
	return t.Tx.InsertRequest(r)
}

// forgetful applies a seal only when the next commit comes: what was
// acknowledged last is lost when the party crashes, since each life has a new one.
type forgetful struct {
	journal.Journal
	owed func(journal.Tx) error
}

func (f *forgetful) Update(ctx context.Context, change func(journal.Tx) error) error {
	if owed := f.owed; owed != nil {
		f.owed = nil
		if err := f.Journal.Update(ctx, owed); err != nil {
			return err
		}
	}
	claims := false
	probe := func(tx journal.Tx) error {
		w := &claimProbe{Tx: tx}
		if err := change(w); err != nil {
			return err
		}
		if claims = w.claims; claims {
			return errUndone
		}
		return nil
	}
	err := f.Journal.Update(ctx, probe)
	if claims && errors.Is(err, errUndone) {
		f.owed = change
		return nil
	}
	return err
}

type claimProbe struct {
	journal.Tx
	claims bool
}

func (c *claimProbe) UpdateRequest(r *journal.Request) error {
	c.claims = c.claims || r.State == journal.Sealed && r.Outcome == "done" && r.Kind == kecis.CancellationRequestKind.String()
	return c.Tx.UpdateRequest(r)
}

type noSent struct{ journal.Tx }

func (t noSent) SentByKey(key string) ([]*journal.Sent, error) {
	rows, err := t.Tx.SentByKey(key)
	if err != nil {
		return nil, err
	}
	var kept []*journal.Sent
	for _, r := range rows {
		if r.Outcome != "" {
			kept = append(kept, r)
		}
	}
	return kept, nil
}
