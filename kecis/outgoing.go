package kecis

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// Outgoing is a signed request that is to be sent, or was: its exact bytes, and
// what its answer must be bound to.
type Outgoing struct {
	row      journal.Sent
	details  sentDetails
	location string
	document []byte
	answer   *reception
}

// reception is a verified answer that belongs to its request.
type reception struct {
	message  Message
	document []byte
	signer   [32]byte
	serial   int64
}

// sentDetails is what the SDK keeps of a request that was sent.
type sentDetails struct {
	OrderRef OrderRef `json:",omitzero"`
	Original Original `json:",omitzero"`
	// Reversal: see Client.Reverse.
	OriginalInstant time.Time      `json:",omitzero"`
	ReversalReason  ReversalReason `json:",omitempty"`
	// Amount, Terms and Method of a payment: what its answer must state. Amount
	// and Terms of an order: what its answer must keep to.
	Amount Money          `json:",omitzero"`
	Terms  Terms          `json:",omitzero"`
	Method InstrumentKind `json:",omitempty"`
	// Signer names the key that signed the request.
	Signer [32]byte `json:",omitzero"`

	// Of requests that are never journaled: what their answers must repeat.
	listing Message
	event   string
}

// ID returns the ID of the request.
func (o *Outgoing) ID() ID { return ID(o.row.ID) }

// To returns the entityID of the provider that it is sent to.
func (o *Outgoing) To() string { return o.row.Recipient }

// outgoing addresses, dates and signs a request. It takes the Client's window,
// but never more time than until, less the way back, where that is given.
func (c *Client) outgoing(ctx context.Context, to string, m Message, key string, until time.Time) (*Outgoing, error) {
	h := headerOfRequest(m)
	if h == nil {
		return nil, &Error{code: ErrKind, expected: "a request", found: quote(m.kind().String())}
	}
	location, err := c.locate(ctx, to, serviceOf(m))
	if err != nil {
		return nil, err
	}
	now := c.clock().Now().Truncate(time.Second)
	if h.ID == "" {
		if h.ID, err = NewID(c.random()); err != nil {
			return nil, err
		}
	}
	h.Sender, h.to = c.Entity, to
	h.Destination, h.IssueInstant = location, now
	h.NotOnOrAfter = now.Add(orDefault(c.Window, DefaultWindow))
	if limit := until.Add(-returnMargin).Truncate(time.Second); !until.IsZero() && limit.Before(h.NotOnOrAfter) {
		if h.NotOnOrAfter = limit; !limit.After(now) {
			return nil, Refuse(ErrDeadlinePassed)
		}
	}
	return c.signedRequest(m, h, location, key)
}

// returnMargin is the time that a provider keeps for its own answer, behind that
// of the provider behind it.
const returnMargin = time.Second

func (c *Client) signedRequest(m Message, h *RequestHeader, location, key string) (*Outgoing, error) {
	signer, err := c.Keys.Signer(h.IssueInstant)
	if err != nil {
		return nil, err
	}
	document, err := Sign(m, signer)
	if err != nil {
		return nil, err
	}
	o := &Outgoing{document: document, location: location, details: sentDetailsOf(m)}
	o.details.Signer = signer.Public().ID()
	o.row = journal.Sent{
		Recipient: h.to, ID: string(h.ID), Kind: m.kind().String(), Key: key, Digest: journal.Digest(h.digest),
		Issued: h.IssueInstant, Deadline: h.NotOnOrAfter, State: journal.Open, Created: h.IssueInstant,
	}
	return o, nil
}

func sentDetailsOf(m Message) sentDetails {
	switch m := m.(type) {
	case *PaymentRequest:
		return sentDetails{OrderRef: m.OrderRef, Amount: m.Amount, Terms: m.Terms, Method: m.Instrument.Kind}
	case *CaptureRequest:
		return sentDetails{OrderRef: m.OrderRef, Original: m.Original}
	case *CancellationRequest:
		return sentDetails{OrderRef: m.OrderRef, Original: m.Original}
	case *ReversalRequest:
		return sentDetails{OrderRef: m.OrderRef, Original: Original{RequestID: m.Original}, OriginalInstant: m.OriginalInstant, ReversalReason: m.Reason}
	case *InquiryRequest:
		return sentDetails{Original: m.Original}
	case *FeedRequest:
		return sentDetails{listing: m}
	case *ReconciliationRequest:
		return sentDetails{listing: m}
	case *NotificationRequest:
		return sentDetails{event: m.Event.ID}
	case *AuthenticationRequest:
		return sentDetails{OrderRef: m.OrderRef}
	case *ConfirmationRequest:
		return sentDetails{OrderRef: m.OrderRef}
	}
	return sentDetails{}
}

// errInsecure refuses an address that is neither https nor on this machine (P2).
var errInsecure = errors.New("kecis: the provider's address is neither https nor a loopback address")

// locate finds the address of a provider's service.
func (c *Client) locate(ctx context.Context, to string, service metadata.Service) (string, error) {
	p, err := c.Partners.Partner(ctx, to)
	if err != nil {
		return "", err
	}
	if !p.MayUse(service) {
		return "", Refuse(ErrPartnerSuspended)
	}
	location, ok := p.Endpoint(service, metadata.BindingXML)
	switch {
	case !ok:
		return "", Refuse(ErrNotServed)
	case !secure(location):
		return "", errInsecure
	}
	return location, nil
}

// secure reports whether messages may go to the address.
func secure(location string) bool {
	if strings.HasPrefix(location, "https://") {
		return true
	}
	host, ok := strings.CutPrefix(location, "http://")
	if !ok {
		return false
	}
	if end := strings.IndexAny(host, "/?#"); end >= 0 {
		host = host[:end]
	}
	if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:at]
	}
	return host == "localhost" || host == "[::1]" || isLoopbackIPv4(host)
}

// isLoopbackIPv4 reports whether a host is of 127.0.0.0/8.
func isLoopbackIPv4(host string) bool {
	parts := strings.Split(host, ".")
	if len(parts) != 4 || parts[0] != "127" {
		return false
	}
	for _, p := range parts {
		if len(p) == 0 || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return true
}

// insert writes the request before it is sent.
func (o *Outgoing) insert(tx journal.Tx, now time.Time) (err error) {
	row := o.row
	row.Created = now
	if row.Document, err = tx.PutDocument(o.document); err != nil {
		return err
	}
	row.Details = kept(o.details)
	o.row = row
	return tx.InsertSent(&row)
}

// conclude says what the answer means for background work: nothing is left to do
// where the outcome is known.
func (o *Outgoing) conclude() {
	status := statusOf(o.answer.message)
	o.row.Code, o.row.Outcome, o.row.Retry = string(status.Code), status.Outcome.String(), status.Retry.String()
	if paid := paymentIn(o.answer.message); paid != nil && status.Outcome == Done && !o.asAsked(paid) {
		o.row.Outcome, o.row.Retry = Unknown.String(), RetryReverseFirst.String() // it is not what was asked for
		return
	}
	if status.Outcome == Done || status.Outcome == NotDone {
		o.row.State, o.row.Due = journal.Ended, time.Time{}
	}
}

// paymentIn returns the payment that an answer states; nil if it is an answer to
// something else.
func paymentIn(m Message) *Transaction {
	switch m := m.(type) {
	case *PaymentResponse:
		return &m.Transaction
	case *OrderResponse:
		return &m.Transaction
	}
	return nil
}

// asAsked reports whether a payment is what was asked for (KECIS-PAY-012), or
// keeps to what the order left to the buyer (KECIS-ORD-017); what is no payment
// is.
func (o *Outgoing) asAsked(t *Transaction) bool {
	d := &o.details
	switch o.row.Kind {
	case PaymentRequestKind.String():
		return t.Amount == d.Amount && t.Terms == d.Terms && t.Method == d.Method
	case PaymentOrderKind.String():
		chosen := t.Terms
		chosen.Instalments, chosen.Exemption = d.Terms.Instalments, d.Terms.Exemption
		return t.Amount == d.Amount && chosen == d.Terms && t.Terms.Instalments <= d.Terms.Instalments
	}
	return true
}

// record writes the answer, with the evidence of both. Nil, or without an answer
// that counts, it writes nothing.
func (o *Outgoing) record(tx journal.Tx, now time.Time) (err error) {
	if o == nil || o.answer == nil {
		return nil
	}
	o.conclude()
	row := o.row
	if row.Answer, err = tx.PutDocument(o.answer.document); err != nil {
		return err
	}
	row.Details = kept(o.details)
	if err := tx.UpdateSent(&row); err != nil {
		return err
	}
	return o.exhibit(tx, row.Document, row.Answer, now)
}

// exhibit puts the request and its answer among the evidence.
func (o *Outgoing) exhibit(tx journal.Tx, request, answer journal.Digest, now time.Time) error {
	err := tx.AddEvidence(&journal.Exhibit{
		At: now, Sent: true, Peer: o.row.Recipient, MessageID: o.row.ID, Kind: o.row.Kind, Document: request, Signer: o.details.Signer,
	})
	if err != nil {
		return err
	}
	return tx.AddEvidence(&journal.Exhibit{
		At: now, Peer: o.row.Recipient, MessageID: o.row.ID, Kind: o.answer.message.kind().String(),
		Document: answer, Signer: o.answer.signer, Serial: o.answer.serial,
	})
}

// reopened makes an Outgoing of a row of the journal, to send the same bytes
// again.
func (c *Client) reopened(tx journal.Tx, row *journal.Sent) (o *Outgoing, err error) {
	o = &Outgoing{row: *row}
	if err := readKept(row.Details, &o.details); err != nil {
		return nil, err
	}
	o.document, err = tx.Document(row.Document)
	return o, err
}
