package kecis

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
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
	// the order is Unknown, too: Client.Reverse undoes it.
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
	o.Client.log().Warn("an answer to an order was not taken", "error", err)
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
	var asked sentDetails
	err = c.Journal.Update(context.WithoutCancel(ctx), func(tx journal.Tx) (err error) {
		asked, back.Repeated, err = c.takeOnce(tx, a, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	if back.Err = m.Status.Err(); back.Err == nil && !asked.orderedThis(&m.Transaction) {
		back.Err = unknownFault(errTerms)
	}
	return back, nil
}

// takeOnce finds the order that the sender was given, and writes the answer down
// if the order is outstanding.
func (c *Client) takeOnce(tx journal.Tx, a *reception, m *OrderResponse) (asked sentDetails, repeated bool, err error) {
	row, err := tx.Sent(m.Sender, string(m.InResponseTo))
	if errors.Is(err, journal.ErrNotFound) || (err == nil && row.Kind != PaymentOrderKind.String()) {
		return asked, false, errReturn
	}
	if err != nil {
		return asked, false, err
	}
	out := &Outgoing{row: *row, answer: a}
	if err := json.Unmarshal(row.Details, &out.details); err != nil {
		return asked, false, err
	}
	if err := out.belongs(c.Entity, m); err != nil {
		return asked, false, err
	}
	switch {
	case row.Answer == sha256.Sum256(a.document):
		return out.details, true, nil
	case row.State == journal.Ended && (row.Answer != (journal.Digest{}) || row.Code != string(m.Status.Code)):
		return asked, false, errReturn
	case row.State == journal.Ended: // an inquiry was faster, and said the same
		return out.details, true, nil
	}
	return out.details, false, out.record(tx, c.clock().Now())
}

// orderedThis reports whether a transaction is what the order asked for
// (KECIS-ORD-017).
func (d *sentDetails) orderedThis(t *Transaction) bool {
	return t.Amount == d.Amount && t.Terms.Capture == d.Terms.Capture && t.Terms.InterestFree == d.Terms.InterestFree &&
		t.Terms.Instalments <= d.Terms.Instalments
}
