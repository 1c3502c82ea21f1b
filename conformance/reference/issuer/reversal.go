package issuer

import (
	"context"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis/journal"
)

// Reverse undoes the payment with that key in one commit, or leaves a tombstone
// under the key, so that the payment is refused if it comes later (P14). What
// was declined or reversed before needs nothing.
func (s *Issuer) Reverse(ctx context.Context, key string) error {
	return s.update(ctx, func(tx journal.Tx) error {
		payment, found, err := load[Payment](tx, spacePayments, key)
		switch {
		case err != nil:
			return err
		case !found:
			return save(tx, spacePayments, key, Payment{State: Reversed, At: s.now()})
		case payment.State == Declined || payment.State == Reversed:
			return nil
		}
		payment.Key = key
		return s.reverse(tx, &payment)
	})
}

// reverse gives back what a payment still holds and has taken.
func (s *Issuer) reverse(tx journal.Records, payment *Payment) error {
	var postings []ledger.Posting
	taken := payment.Captured - payment.Refunded
	if payment.Held > 0 {
		postings = payment.releasing(payment.Held)
	}
	if taken > 0 {
		postings = append(postings, ledger.Transfer(payable(payment.Sender), customer(payment.Instrument), taken)...)
	}
	amount := payment.Held + taken
	payment.State = Reversed
	payment.Released += payment.Held
	payment.Held = 0
	payment.Refunded += taken
	if amount > 0 {
		entry := ledger.Entry{ID: payment.Key + "/reverse", Kind: kindReverse, Postings: postings}
		if err := s.giveBack(tx, payment, &entry, payment.Key, amount); err != nil {
			return err
		}
	}
	return save(tx, spacePayments, payment.Key, payment)
}

// ReverseCapture undoes the capture with that key in one commit, or leaves a
// tombstone. The hold is as it was before the capture, if its time is not over:
// also what a final capture had left over is held again, even if the instrument
// has been used for more in between, since it was approved.
func (s *Issuer) ReverseCapture(ctx context.Context, key string) error {
	return s.update(ctx, func(tx journal.Tx) error {
		done, found, err := load[operation](tx, spaceOperations, key)
		switch {
		case err != nil:
			return err
		case !found:
			return save(tx, spaceOperations, key, operation{Kind: captureOperation, State: Reversed, At: s.now()})
		case done.Kind != captureOperation || done.State != Approved:
			return nil
		}
		payment, _, err := load[Payment](tx, spacePayments, done.Payment)
		if err != nil {
			return err
		}
		payment.Key = done.Payment
		if left := payment.Captured - payment.Refunded; payment.State == Approved && left > 0 {
			undone := done
			if left < done.Amount { // the rest went back by a refund
				undone.Amount, undone.Released = left, 0
			}
			if err := s.uncapture(tx, &payment, &undone, key); err != nil {
				return err
			}
		}
		done.State = Reversed
		return save(tx, spaceOperations, key, done)
	})
}

func (s *Issuer) uncapture(tx journal.Records, payment *Payment, done *operation, key string) error {
	again, err := s.holdAgain(tx, payment, done)
	if err != nil {
		return err
	}
	payment.Captured -= done.Amount
	payment.Held += again
	payment.Released += done.Amount - again
	postings := ledger.Transfer(payable(payment.Sender), customer(payment.Instrument), done.Amount)
	if again > 0 {
		postings = append(postings, ledger.Transfer(held(payment.Instrument), accountCommitments, again)...)
	}
	if payment.Held > 0 {
		if err := tx.Put(spaceExpiries, expiryKey(payment), present()); err != nil {
			return err
		}
	} else if payment.Captured == 0 {
		payment.State = Expired
	}
	entry := ledger.Entry{ID: key + "/reverse", Kind: kindUncapture, Postings: postings}
	if err := s.post(tx, payment, &entry); err != nil {
		return err
	}
	if again < done.Amount {
		if err := s.restore(tx, payment, done.Amount-again); err != nil {
			return err
		}
	}
	return save(tx, spacePayments, payment.Key, payment)
}

// holdAgain returns how much is to be held once a capture is undone, and takes
// what the capture had left over from the instrument's limits again.
func (s *Issuer) holdAgain(tx journal.Records, payment *Payment, done *operation) (int64, error) {
	if !s.now().Before(payment.HoldExpires) {
		return 0, nil
	}
	if done.Released == 0 {
		return done.Amount, nil
	}
	u, _, err := load[standing](tx, spaceStandings, payment.Instrument)
	if err != nil {
		return 0, err
	}
	u.at(s.now())
	u.take(done.Released, Limits{}) // without limits it takes any amount
	return done.Amount + done.Released, save(tx, spaceStandings, payment.Instrument, u)
}
