package pg

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/xmltree"
)

// limitPatience is how long a payment that was declined for limit waits for the
// release of the hold by which its buyer was authenticated. It is below the time in
// which the requester is answered.
const limitPatience = 20 * time.Second

// second is a payment that is asked for once more if it is declined for limit while
// that hold may have taken of the limit (P23). It is written before the first is sent.
type second struct {
	To      string                `json:"to"`
	Order   kecis.OrderRef        `json:"order"`
	Until   time.Time             `json:"until"`
	Request *kecis.PaymentRequest `json:"request"` // without Buyer
	Buyer   []byte                `json:"buyer"`
}

// secondKey is the operation key of a second request to the issuer.
func secondKey(key string) string { return key + "-2" }

func (s *PG) now() time.Time {
	if s.client.Clock == nil {
		return kecis.SystemClock{}.Now()
	}
	return s.client.Clock.Now()
}

// holds reports whether a hold that authenticates may live for an order.
func (s *PG) holds(ctx context.Context, order kecis.OrderRef) (bool, error) {
	if s.holding == nil {
		return false, nil
	}
	return s.holding(ctx, order)
}

// prepareSecond writes down what a second request would be, if the payment may need
// one: it is made by InstrumentRef, after an authentication whose hold is not gone.
func (s *PG) prepareSecond(ctx context.Context, key string, f *kecis.Forward) error {
	p, ok := f.Message.(*kecis.PaymentRequest)
	if !ok || p.Instrument.Ref == "" {
		return nil
	}
	held, err := s.holds(ctx, p.OrderRef)
	if err != nil || !held {
		return err
	}
	kept := second{To: f.To, Order: p.OrderRef, Until: s.now().Add(limitPatience)}
	if kept.Buyer, err = p.Buyer.AppendXML(nil); err != nil {
		return err
	}
	copied := *p
	copied.Buyer, kept.Request = nil, &copied
	value, err := json.Marshal(&kept) //nolint:musttag // messages' types are kept by the names of their fields
	if err != nil {
		return err
	}
	return s.journal.Update(ctx, func(tx journal.Tx) error { return tx.Put(spaceSeconds, key, value) })
}

// secondOf returns what was prepared; nil if nothing was.
func (s *PG) secondOf(ctx context.Context, key string) (*second, error) {
	var value []byte
	err := s.journal.View(ctx, func(tx journal.Tx) (err error) {
		value, err = tx.Peek(spaceSeconds, key)
		return err
	})
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	kept := &second{}
	if err := json.Unmarshal(value, kept); err != nil { //nolint:musttag // as it was written
		return nil, err
	}
	tree, err := xmltree.Parse(kept.Buyer)
	if err != nil {
		return nil, err
	}
	kept.Request.Buyer, err = ecml.DecodeXML(tree.Root())
	return kept, err
}

// errHolding says that a payment was declined for a limit of which the hold that
// authenticated its buyer may have taken.
var errHolding = errors.New("pg: declined for limit while a hold authenticates; it is asked for again")

// decided is what an issuer's first answer to a payment says: of one that was declined
// for limit while the hold lives nothing is known yet.
func (s *PG) decided(ctx context.Context, key, issuer string, m kecis.Message) (*kecis.Approval, error) {
	approval, err := s.approval(ctx, issuer, m)
	if refusal, ok := errors.AsType[*kecis.Refusal](err); !ok || refusal.Code != kecis.ErrDeclinedLimit {
		return approval, err
	}
	kept, failed := s.secondOf(ctx, key)
	if failed != nil {
		return nil, failed
	}
	if kept == nil {
		return nil, err
	}
	held, failed := s.holds(ctx, kept.Order)
	switch {
	case failed != nil:
		return nil, failed
	case !held:
		return s.askSecond(ctx, key, kept)
	case s.now().Before(kept.Until):
		return nil, errHolding
	}
	return nil, err
}

// askSecond asks the issuer once more, now that the hold is gone.
func (s *PG) askSecond(ctx context.Context, key string, kept *second) (*kecis.Approval, error) {
	m, err := s.sendOnce(ctx, secondKey(key), &kecis.Forward{To: kept.To, Message: kept.Request})
	if errors.Is(err, kecis.ErrNotSent) { // reversed before it was sent
		return nil, kecis.Refuse(kecis.ErrRequestReversed)
	}
	if err != nil {
		return nil, err
	}
	return s.approval(ctx, kept.To, m)
}

// inForce is the operation key under which the issuer knows a payment.
func (s *PG) inForce(ctx context.Context, key string) (string, error) {
	_, _, err := s.client.Sent(ctx, secondKey(key))
	if errors.Is(err, kecis.ErrNotSent) {
		return key, nil
	}
	return secondKey(key), err
}

// sendOnce sends a request of the PG's own under a key, and again with the same bytes.
// The row of the key is written once, either with its request or by its reversal: so
// one that was reversed before it was sent is never sent, and the error is
// kecis.ErrNotSent.
func (s *PG) sendOnce(ctx context.Context, key string, f *kecis.Forward) (kecis.Message, error) {
	m, err := s.client.Send(ctx, key, f, func(tx journal.Tx) error {
		return s.mark(tx, key, "asked")
	})
	if errors.Is(err, journal.ErrExists) {
		return s.client.Again(ctx, key)
	}
	return m, err
}

// reverseOnce undoes what sendOnce has sent, or sees to it that it is never sent.
func (s *PG) reverseOnce(ctx context.Context, key string) error {
	err := s.journal.Update(ctx, func(tx journal.Tx) error {
		return s.mark(tx, key, "reversed")
	})
	if err != nil && !errors.Is(err, journal.ErrExists) {
		return err
	}
	return s.client.ReverseKey(ctx, key, kecis.ReasonNoAnswer)
}
