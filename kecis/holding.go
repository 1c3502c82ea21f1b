package kecis

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// holdSpace is the space of the journal's records that keeps the latest hold that
// authenticates for each part of an order.
const holdSpace = "kecis.hold"

// holdEndSpace is that of when these records are forgotten: as their transactions are.
const holdEndSpace = "kecis.hold.expiry"

// takeHold takes a part of an order for a hold that authenticates, of which there
// is one at a time. It leaves the room of the order to the payment (I8,
// KECIS-AUT-027).
func takeHold(tx journal.Tx, p *PaymentRequest, transaction string, until time.Time) error {
	order, err := tx.Order(p.OrderRef.Requester, p.OrderRef.OrderID)
	if err != nil {
		return err
	}
	if order.Currency == "" {
		order.Currency, order.Amount = string(p.OrderAmount.Currency), p.OrderAmount.Minor
		if err := tx.PutOrder(order); err != nil {
			return err
		}
	}
	if order.Currency != string(p.OrderAmount.Currency) || order.Amount != p.OrderAmount.Minor {
		return Refuse(ErrOrderMismatch)
	}
	key := p.OrderRef.Requester + " " + p.OrderRef.OrderID + " " + strconv.Itoa(p.OrderRef.Part)
	earlier, err := tx.Get(holdSpace, key)
	if err == nil {
		b, err := find(tx, string(earlier))
		switch {
		case errors.Is(err, journal.ErrNotFound): // long forgotten
		case err != nil:
			return err
		case b.state() == 0, b.state() == StatePending, b.state() == StateAuthorised, b.state() == StateResolving:
			return Refuse(ErrAttemptLive)
		}
	} else if !errors.Is(err, journal.ErrNotFound) {
		return err
	}
	if err := tx.Put(holdEndSpace, FormatInstant(until)+" "+transaction, []byte(key)); err != nil {
		return err
	}
	return tx.Put(holdSpace, key, []byte(transaction))
}

// sweepHolds forgets the latest holds of orders as transactions are forgotten; not one
// that was made after another of its order.
func (s *Server) sweepHolds(ctx context.Context) (bool, error) {
	if s.config.Role.Name != metadata.Issuer {
		return false, nil
	}
	var over []journal.Record
	err := s.config.Journal.View(ctx, func(tx journal.Tx) (err error) {
		over, err = tx.Range(holdEndSpace, "", FormatInstant(s.clock.Now()), batchRows)
		return err
	})
	if err != nil || len(over) == 0 {
		return false, err
	}
	err = s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		for _, row := range over {
			_, transaction, _ := strings.Cut(row.Key, " ")
			latest, err := tx.Get(holdSpace, string(row.Value))
			if err != nil && !errors.Is(err, journal.ErrNotFound) {
				return err
			}
			if string(latest) == transaction {
				if err := tx.Delete(holdSpace, string(row.Value)); err != nil {
					return err
				}
			}
			if err := tx.Delete(holdEndSpace, row.Key); err != nil {
				return err
			}
		}
		return nil
	})
	return err == nil, err
}
