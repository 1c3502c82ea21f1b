package kecis

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// OrderReturn is the requester's front address: an http.Handler that takes the
// answers that buyers' browsers bring back, each once, and only for orders that
// its Client made (P19, KECIS-ORD-016).
type OrderReturn struct {
	// Client made the orders; its journal tells which are outstanding.
	Client *Client
	// Location is the address, as the requester's metadata state it for the service
	// order and the binding form.
	Location string
	// Show writes the page that the buyer sees, best by a redirect to one that shows
	// the order: the shop's own cookies do not come along with what the provider's
	// page lets the browser post.
	Show func(w http.ResponseWriter, r *http.Request, back *Returned)
}

// Returned is a verified answer to an order.
type Returned struct {
	Answer *OrderResponse
	// Err is nil if the payment is done, as it was asked for: only then deliver, and
	// once for each OrderRef. Else it is a *Fault; of an outcome that is Unknown or
	// Pending, RunOnce and Settle bring the end. An approval of something else than
	// the order is Unknown, too: they reverse it.
	Err error
	// Repeated says that the answer was taken before, and changes nothing.
	Repeated bool
	// RelayState is what came along, which anybody may have written.
	RelayState string
}

// errReturn is the error of an answer that is not taken.
var errReturn = errors.New("kecis: not the answer to an outstanding order")

// ServeHTTP takes one answer.
func (o *OrderReturn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		notAllowed(w, http.MethodPost)
		return
	}
	form, err := readForm(w, r, fieldResponse)
	if err == nil {
		var back *Returned
		if back, err = o.take(r.Context(), form); err == nil {
			o.Show(w, r, back)
			return
		}
	}
	o.Client.log().WarnContext(r.Context(), "an answer to an order was not taken", slog.Any("error", err))
	switch {
	case errors.Is(err, errForm):
		noticeMalformed("").write(w)
	case errors.Is(err, errFormTooLong):
		noticeTooLong("").write(w)
	case errors.Is(err, errReturn):
		noticeOver().write(w)
	case errors.Is(err, ErrWrongDestination), errors.Is(err, ErrAnswer):
		noticeNotHere("").write(w)
	default:
		if _, ok := errors.AsType[coded](err); ok {
			noticeNotAuthenticated("").write(w)
			return
		}
		noticeUnavailable().write(w)
	}
}

// take verifies an answer and holds it against the order in the journal.
func (o *OrderReturn) take(ctx context.Context, form frontMessage) (*Returned, error) {
	c := o.Client
	if err := c.check(); err != nil {
		return nil, err
	}
	verifier := xmlsig.Verifier{Profile: xmlsig.Message(OrderResponseKind.Root())}
	v, err := verifier.Verify(ctx, form.document, metadata.Keys(c.Partners, c.clock().Now))
	if err != nil {
		return nil, err
	}
	defer v.Release()
	m, err := DecodeOrderResponse(v)
	if err != nil {
		return nil, err
	}
	if m.Destination != o.Location {
		return nil, &Error{code: ErrWrongDestination, expected: quote(o.Location), found: quote(m.Destination)}
	}
	a := &reception{message: m, document: form.document, signer: v.Key().ID()}
	if p, err := c.Partners.Partner(ctx, m.Sender); err == nil {
		a.serial = p.Entity.Serial
	}
	back := &Returned{Answer: m, RelayState: form.relayState}
	var order *Outgoing
	err = c.Journal.Update(context.WithoutCancel(ctx), func(tx journal.Tx) (err error) {
		order, back.Repeated, err = c.takeOnce(tx, a, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	if back.Err = m.Status.Err(); back.Err == nil && !order.asAsked(&m.Transaction) {
		back.Err = unknownFault(errTerms)
	}
	return back, nil
}

// takeOnce finds the order that the sender was given, and writes the answer down
// if the order is outstanding.
func (c *Client) takeOnce(tx journal.Tx, a *reception, m *OrderResponse) (order *Outgoing, repeated bool, err error) {
	row, err := tx.Sent(m.Sender, string(m.InResponseTo))
	if errors.Is(err, journal.ErrNotFound) || (err == nil && row.Kind != PaymentOrderKind.String()) {
		return nil, false, errReturn
	}
	if err != nil {
		return nil, false, err
	}
	order = &Outgoing{row: *row, answer: a}
	if err := readKept(row.Details, &order.details); err != nil {
		return nil, false, err
	}
	if err := order.belongs(c.Entity, m); err != nil {
		return nil, false, err
	}
	switch {
	case row.Answer == sha256.Sum256(a.document):
		return order, true, nil
	case row.State == journal.Ended && (row.Answer != (journal.Digest{}) || row.Code != string(m.Status.Code)):
		return nil, false, errReturn
	case row.State == journal.Ended: // an inquiry was faster, and said the same
		return order, true, nil
	}
	return order, false, order.record(tx, c.clock().Now())
}
