package kecis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// The pauses between transmissions (KECIS-ERR-023): they double from one to the
// other, and each is drawn between half and the whole, so that the clients of a
// provider that was away do not come back at once.
const (
	firstPause = 200 * time.Millisecond
	lastPause  = 10 * time.Second
)

// errNoAnswer is why a transmission gave nothing that counts.
type errNoAnswer struct {
	reason string
	after  time.Duration // what the provider asked to wait
	cause  error
}

func (e *errNoAnswer) Error() string {
	if e.cause == nil {
		return "kecis: no answer that counts: " + e.reason
	}
	return "kecis: no answer that counts: " + e.reason + ": " + e.cause.Error()
}
func (e *errNoAnswer) Unwrap() error { return e.cause }

// Exchange sends a request, and the same bytes again, until there is a verified
// answer that belongs to it, which it returns whatever it says. It gives up when
// ctx is done or the deadline has passed and one more transmission has brought
// nothing: then the error is a *Fault with the outcome Unknown. Everything that
// is unsigned, does not verify or belongs to another request counts as no answer
// (KECIS-ERR-017).
func (c *Client) Exchange(ctx context.Context, o *Outgoing) (Message, error) {
	pause := firstPause
	for {
		last := !c.clock().Now().Before(o.row.Deadline)
		o.row.Tries++
		a, err := c.transmit(ctx, o)
		if err == nil {
			o.answer = a
			return a.message, nil
		}
		c.log().InfoContext(ctx, "no answer", slog.String("id", o.row.ID), slog.String("kind", o.row.Kind), slog.String("to", o.row.Recipient), slog.Int("try", o.row.Tries), slog.Any("error", err))
		wait := pause/2 + time.Duration(c.draw(uint64(pause/2)))
		if none, ok := errors.AsType[*errNoAnswer](err); ok {
			wait = max(wait, none.after)
		}
		if last || c.clock().Sleep(ctx, wait) != nil {
			return nil, unknownFault(err)
		}
		pause = min(2*pause, lastPause)
	}
}

// draw returns a number below n, from the Client's randomness.
func (c *Client) draw(n uint64) uint64 {
	var seed [32]byte
	if _, err := io.ReadFull(c.random(), seed[:8]); err != nil || n == 0 {
		return 0
	}
	return rand.New(rand.NewChaCha8(seed)).Uint64N(n) //nolint:gosec // it spreads load, and keeps no secret
}

// transmit sends the bytes once.
func (c *Client) transmit(ctx context.Context, o *Outgoing) (*reception, error) {
	began := c.clock().Now()
	ctx = c.observer().Begin(ctx)
	a, err := c.roundTrip(ctx, o)
	seen := Observation{Kind: o.row.Kind, Peer: o.row.Recipient, ID: ID(o.row.ID), Sent: true, Took: c.clock().Now().Sub(began)}
	if err == nil {
		status := statusOf(a.message)
		seen.Outcome, seen.Code = status.Outcome, string(status.Code)
	}
	c.observer().End(ctx, seen)
	return a, err
}

func (c *Client) roundTrip(ctx context.Context, o *Outgoing) (*reception, error) {
	ctx, cancel := c.clock().WithTimeout(ctx, orDefault(c.Transmission, DefaultTransmission))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.location, bytes.NewReader(o.document))
	if err != nil {
		return nil, &errNoAnswer{reason: "address", cause: err}
	}
	r.Header.Set("Content-Type", mediaXML+"; charset=utf-8")
	response, err := c.http().Do(r)
	if err != nil {
		return nil, &errNoAnswer{reason: "transport", cause: err}
	}
	defer func() { _ = response.Body.Close() }()
	document, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return nil, &errNoAnswer{reason: "cut off", cause: err}
	}
	if response.StatusCode != http.StatusOK {
		return nil, &errNoAnswer{reason: "status " + strconv.Itoa(response.StatusCode), after: retryTime(response)}
	}
	return c.accept(ctx, o, document)
}

// retryTime reads Retry-After in seconds, within reason.
func retryTime(r *http.Response) time.Duration {
	n, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, lastPause)
}

// accept verifies an answer and holds it against its request (P5).
func (c *Client) accept(ctx context.Context, o *Outgoing, document []byte) (*reception, error) {
	verifier := xmlsig.Verifier{Profile: xmlsig.Message(
		xmlsig.Name{Space: Namespace, Local: answerKind(o.row.Kind)}, RefusalResponseKind.Root(),
	)}
	v, err := verifier.Verify(ctx, document, metadata.Keys(c.Partners, c.clock().Now))
	if err != nil {
		return nil, &errNoAnswer{reason: "not verified", cause: err}
	}
	defer v.Release()
	if v.Sender() != o.row.Recipient {
		return nil, &errNoAnswer{reason: "of another sender"}
	}
	m, err := Decode(v)
	if err != nil {
		return nil, &errNoAnswer{reason: "not readable", cause: err}
	}
	if err := o.belongs(c.Entity, m); err != nil {
		return nil, &errNoAnswer{reason: "of another request", cause: err}
	}
	m.common().document = document
	a := &reception{message: m, document: document, signer: v.Key().ID()}
	if p, err := c.Partners.Partner(ctx, v.Sender()); err == nil {
		a.serial = p.Entity.Serial
	}
	return a, nil
}

// belongs holds an answer against its request.
func (o *Outgoing) belongs(entity string, m Message) error {
	h := headerOfResponse(m)
	if h == nil {
		return fmt.Errorf("%w: no answer", ErrAnswer)
	}
	if err := h.answerTo(&Header{ID: ID(o.row.ID), Sender: entity, digest: Digest(o.row.Digest)}); err != nil {
		return err
	}
	same := true
	switch m := m.(type) {
	case *PaymentResponse:
		same = m.OrderRef == o.details.OrderRef
	case *OrderResponse:
		same = m.OrderRef == o.details.OrderRef
	case *AuthenticationResponse:
		same = m.OrderRef == o.details.OrderRef
	case *CaptureResponse:
		same = m.OrderRef == o.details.OrderRef
	case *CancellationResponse:
		same = m.OrderRef == o.details.OrderRef
	case *ReversalResponse:
		same = m.OrderRef == o.details.OrderRef && m.Original == o.details.Original.RequestID
	case *InquiryResponse:
		same = m.Original == o.details.Original
	case *FeedResponse:
		asked, ok := o.details.listing.(*FeedRequest)
		return belongs(ok, func() error { return m.AnswerTo(asked) })
	case *ReconciliationResponse:
		asked, ok := o.details.listing.(*ReconciliationRequest)
		return belongs(ok, func() error { return m.AnswerTo(asked) })
	case *NotificationResponse:
		same = m.EventID == o.details.event
	}
	if !same {
		return &Error{code: ErrAnswer, expected: "the OrderRef or Original of the request", found: "another"}
	}
	return nil
}

// belongs is the answer of a message that knows itself what it belongs to.
func belongs(known bool, answerTo func() error) error {
	if !known {
		return fmt.Errorf("%w: no listing was asked for", ErrAnswer)
	}
	return answerTo()
}
