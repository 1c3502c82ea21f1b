package kecis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// Spaces of the journal's records that keep sessions: by handle, and by when
// they are over.
const (
	sessionSpace = "kecis.session"
	expirySpace  = "kecis.session.expiry"
)

// session is what is kept between an order and its answer, until nothing can be
// asked of it any more. It holds nothing of the instrument.
type session struct {
	handle string

	Digest  journal.Digest
	Browser [sha256.Size]byte // digest of the cookie
	// Document is the order as it came.
	Document   []byte
	RelayState string `json:",omitempty"`
	// ReturnTo is the requester's front address as it was when the session began.
	ReturnTo string
	Expires  time.Time
}

// handleOf names the session of an order: the same for each order of that sender
// and ID, and telling neither.
func handleOf(order *PaymentOrder) string {
	sum := sha256.Sum256([]byte(order.Sender + "\n" + string(order.ID)))
	return hex.EncodeToString(sum[:handleBytes])
}

// handleBytes is enough for no two orders to meet.
const handleBytes = 20

func browserOf(secret string) [sha256.Size]byte { return sha256.Sum256([]byte(secret)) }

// expiryKey orders sessions by their end.
func (v *session) expiryKey() string { return FormatInstant(v.Expires) + " " + v.handle }

func (v *session) insert(tx journal.Tx) error {
	if err := tx.Add(sessionSpace, v.handle, kept(v)); err != nil {
		return err
	}
	return tx.Put(expirySpace, v.expiryKey(), []byte(v.handle))
}

// session reads a session, or ErrNotFound.
func (s *Server) session(ctx context.Context, handle string) (v *session, err error) {
	err = s.config.Journal.View(ctx, func(tx journal.Tx) error {
		value, err := tx.Get(sessionSpace, handle)
		if err != nil {
			return err
		}
		v = &session{handle: handle}
		return readKept(value, v)
	})
	return v, err
}

// sweepSessions forgets sessions that are over.
func (s *Server) sweepSessions(ctx context.Context) (bool, error) {
	if s.config.Checkout.Page == nil {
		return false, nil
	}
	return s.sweepRecords(ctx, expirySpace, sessionSpace)
}

// sweepAuthentications forgets what is kept of authentications as transactions
// are forgotten.
func (s *Server) sweepAuthentications(ctx context.Context) (bool, error) {
	if s.config.Authentications == nil {
		return false, nil
	}
	return s.sweepRecords(ctx, authenticationEndSpace, authenticationSpace)
}

// sweepRecords deletes records whose time is over, by their ends.
func (s *Server) sweepRecords(ctx context.Context, ends, records string) (bool, error) {
	n := 0
	err := s.config.Journal.Update(ctx, func(tx journal.Tx) error {
		over, err := tx.Range(ends, "", FormatInstant(s.clock.Now()), batchRows)
		if n = len(over); err != nil {
			return err
		}
		for _, row := range over {
			if err := tx.Delete(records, string(row.Value)); err != nil {
				return err
			}
			if err := tx.Delete(ends, row.Key); err != nil {
				return err
			}
		}
		return nil
	})
	return n > 0, err
}

// Visit is one request of the browser that a session is bound to, given to a
// Page.
type Visit struct {
	server  *Server
	session *session
	in      *received
	order   *PaymentOrder
}

// Order returns the verified order. It must not be changed.
func (v *Visit) Order() *PaymentOrder { return v.order }

// Payment returns the payment that the order asks for as far as it is known
// before the buyer's choice: what Client.Conceal and InstrumentContext need.
func (v *Visit) Payment() *PaymentRequest {
	return v.order.payment(v.order.Offer.NotOnOrAfter, Choice{})
}

// visit shows the page of a session, or its answer once there is one.
func (s *Server) visit(w http.ResponseWriter, r *http.Request, handle string) {
	ctx := r.Context()
	stored, err := s.session(ctx, handle)
	if errors.Is(err, journal.ErrNotFound) || (err == nil && !s.clock.Now().Before(stored.Expires)) {
		noticeOver().write(w)
		return
	}
	if err != nil {
		s.log.ErrorContext(ctx, "the journal cannot be read", slog.Any("error", err))
		noticeUnavailable().write(w)
		return
	}
	if !s.bound(r, stored) {
		noticeOtherBrowser().write(w)
		return
	}
	v, err := s.reopen(ctx, stored)
	if err != nil {
		s.log.ErrorContext(ctx, "an order cannot be opened again", slog.String("handle", handle), slog.Any("error", err))
		noticeUnavailable().write(w)
		return
	}
	answer, known := s.recorded(ctx, v.in)
	if !known && !s.clock.Now().Before(v.order.Offer.NotOnOrAfter) {
		answer, known = s.refuse(context.WithoutCancel(ctx), v.in, ErrDeadlinePassed), true
	}
	switch {
	case !known:
		pageHeader(w, "'self'")
		s.config.Checkout.Page.ServePage(w, r, v)
	case answer.document == nil:
		noticeUnavailable().write(w)
	default:
		s.sendBack(w, stored.ReturnTo, answer.document, stored.RelayState, v.order.Offer.Language)
	}
}

// reopen verifies the order of a session again, as it came: by now its key may be
// marked as compromised.
func (s *Server) reopen(ctx context.Context, stored *session) (*Visit, error) {
	verified, err := s.orders.Verify(ctx, stored.Document, s.source)
	if err != nil {
		return nil, err
	}
	defer verified.Release()
	order, err := DecodePaymentOrder(verified)
	if err != nil {
		return nil, err
	}
	in, err := s.receivedOrder(ctx, verified, order, stored)
	return &Visit{server: s, session: stored, in: in, order: order}, err
}

func (s *Server) receivedOrder(ctx context.Context, v xmlsig.Verified, order *PaymentOrder, stored *session) (*received, error) {
	p, err := s.config.Partners.Partner(ctx, order.Sender)
	if err != nil {
		return nil, err
	}
	return &received{
		message: order, document: stored.Document, signer: v.Key().ID(), header: order.request(order.Offer.NotOnOrAfter),
		partner: p, returnTo: stored.ReturnTo,
	}, nil
}

// Pay carries out the order with the buyer's choice, and sends the browser to
// the page with the answer, whatever that says. An error says that the order does
// not leave that choice, no payment could hold it, or the buyer must be authenticated
// first (ErrAuthenticationRequired, see Required): then nothing was done or
// written, and the page may go on.
func (v *Visit) Pay(w http.ResponseWriter, r *http.Request, choice Choice) error {
	if err := v.order.check(choice); err != nil {
		return err
	}
	s := v.server
	if err := s.authenticated(r.Context(), v.order.payment(v.order.Offer.NotOnOrAfter, choice)); err != nil {
		return err
	}
	v.show(w, s.carryOut(s.config.Observer.Begin(context.WithoutCancel(r.Context())), v, choice))
	return nil
}

// Cancel ends the order without a payment, as the buyer asks, and sends the
// browser to the page with the answer.
func (v *Visit) Cancel(w http.ResponseWriter, r *http.Request) {
	s := v.server
	began, ctx := s.clock.Now(), s.config.Observer.Begin(context.WithoutCancel(r.Context()))
	v.end(ctx, w, s.refuse(ctx, v.in, ErrBuyerCancelled), began)
}

// end tells of an answer, and sends the browser to it.
func (v *Visit) end(ctx context.Context, w http.ResponseWriter, answer reply, began time.Time) {
	v.server.observe(ctx, v.in, answer, began)
	v.show(w, answer)
}

// show sends the browser to the answer, by a request that it may repeat.
func (v *Visit) show(w http.ResponseWriter, answer reply) {
	if answer.document == nil {
		noticeUnavailable().write(w)
		return
	}
	v.server.redirect(w, v.session.handle)
}
