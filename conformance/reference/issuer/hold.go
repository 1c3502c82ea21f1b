package issuer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis/journal"
)

// expiryBatch bounds the holds that one commit ends.
const expiryBatch = 100

// expiryKey orders the holds by their end.
func expiryKey(p *Payment) string { return timeKey(p.HoldExpires) + "/" + p.Key }

// timeKey writes a time so that texts are in the order of times.
func timeKey(t time.Time) string { return fmt.Sprintf("%015d", t.UnixMilli()) }

// endHold forgets when a hold ends of which nothing is left.
func (s *Issuer) endHold(tx journal.Records, p *Payment) error {
	if p.Held > 0 || p.HoldExpires.IsZero() {
		return nil
	}
	return tx.Delete(spaceExpiries, expiryKey(p))
}

// RunOnce releases holds whose time is over (I5), a batch of them, and reports
// whether there were any. Call it again at once if there were, else within a
// second or so: until then such holds count against the instrument's limit, but
// can no longer be captured.
func (s *Issuer) RunOnce(ctx context.Context) (worked bool, err error) {
	var due []journal.Record
	err = s.config.Journal.View(ctx, func(tx journal.Tx) (err error) {
		due, err = tx.Range(spaceExpiries, "", timeKey(s.now())+"0", expiryBatch)
		return err
	})
	if err != nil || len(due) == 0 {
		return false, err
	}
	err = s.update(ctx, func(tx journal.Tx) error {
		for _, r := range due {
			if err := s.expire(tx, r.Key); err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil, err
}

// expire releases one hold, if it has not ended in the meantime.
func (s *Issuer) expire(tx journal.Records, expiry string) error {
	_, key, _ := strings.Cut(expiry, "/")
	payment, found, err := load[Payment](tx, spacePayments, key)
	if err != nil {
		return err
	}
	payment.Key = key
	if found && payment.Held > 0 && !s.now().Before(payment.HoldExpires) {
		if err := s.release(tx, &payment); err != nil {
			return err
		}
	}
	return tx.Delete(spaceExpiries, expiry)
}

func (s *Issuer) release(tx journal.Records, payment *Payment) error {
	amount := payment.Held
	payment.Held = 0
	payment.Released += amount
	if payment.Captured == 0 {
		payment.State = Expired
	}
	entry := ledger.Entry{
		ID: payment.Key + "/expire/" + timeKey(s.now()), Kind: kindExpire,
		Postings: payment.releasing(amount),
	}
	if err := s.post(tx, payment, &entry); err != nil {
		return err
	}
	if err := s.restore(tx, payment, amount); err != nil {
		return err
	}
	return save(tx, spacePayments, payment.Key, payment)
}
