package kecistest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/kecistest"
)

// vault keeps its accounts in the journal, and decides within the claim.
type vault struct {
	journal journal.Journal
	forgets bool // to write that a payment is void before it comes
}

const void = "void"

func (v vault) PlanPayment(_ context.Context, tx journal.Tx, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	if p.Terms.Capture == kecis.CaptureManual {
		return nil, kecis.Refuse(kecis.ErrNotServed)
	}
	if _, err := tx.Get("vault", a.Key); !errors.Is(err, journal.ErrNotFound) {
		return nil, kecis.Refuse(kecis.ErrDeclinedIssuer)
	}
	return &kecis.Approval{ApprovalCode: "1"}, tx.Put("vault", a.Key, []byte("paid"))
}

func (vault) PlanCapture(context.Context, journal.Tx, kecis.Attempt, *kecis.CaptureRequest) (*kecis.CaptureResult, error) {
	return nil, errors.New("not offered")
}

func (vault) PlanCancel(context.Context, journal.Tx, kecis.Attempt, *kecis.CancellationRequest) (*kecis.CancelResult, error) {
	return nil, errors.New("not offered")
}

func (vault) Pay(context.Context, kecis.Attempt, *kecis.PaymentRequest) (*kecis.Approval, error) {
	return nil, errors.New("all is planned")
}

func (v vault) Lookup(ctx context.Context, key string) (a *kecis.Approval, err error) {
	err = v.journal.View(ctx, func(tx journal.Tx) error {
		value, err := tx.Get("vault", key)
		switch {
		case err != nil:
			return err
		case string(value) == void:
			return kecis.Refuse(kecis.ErrDeclinedIssuer)
		}
		a = &kecis.Approval{ApprovalCode: "1"}
		return nil
	})
	return a, err
}

func (v vault) Reverse(ctx context.Context, key string) error {
	if v.forgets {
		return nil
	}
	return v.journal.Update(ctx, func(tx journal.Tx) error { return tx.Put("vault", key, []byte(void)) })
}

// Post stands for books beside the accounts: the change and they are one commit.
func (vault) Post(_ context.Context, tx journal.Tx, c *kecis.Change) error {
	return tx.Put("books", c.Key, []byte(c.After.State.String()))
}

func TestExercisePlanner(t *testing.T) {
	kecistest.Exercising{}.Run(t, func(j journal.Journal) kecis.Payments { return vault{journal: j} })
	if said := exercised(t, func(j journal.Journal) kecis.Payments { return vault{j, true} }); len(said) == 0 {
		t.Error("nothing is said of a vault that reverses nothing")
	}
}

// waiting is a till whose payments wait for their buyer, who never comes.
type waiting struct{ *till }

func (b waiting) Pay(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	approval, err := b.till.Pay(ctx, a, p)
	if err != nil {
		return nil, err
	}
	pending := *approval
	pending.Pending = &kecis.Wait{Expires: p.NotOnOrAfter.Add(time.Hour)}
	b.sales[a.Key].charged, b.sales[a.Key].approval = 0, &pending
	return &pending, nil
}

func TestExercisePending(t *testing.T) {
	kecistest.Exercise(t, plain{waiting{newTill()}})
}
