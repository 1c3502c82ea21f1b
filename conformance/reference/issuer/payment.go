package issuer

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// State is that of a payment in the issuer's books.
type State string

// The states of a payment.
const (
	// Approved: it holds or has taken money.
	Approved State = "approved"
	// Declined: it never took any, and never will.
	Declined State = "declined"
	// Cancelled: all of it was voided or refunded.
	Cancelled State = "cancelled"
	// Reversed: undone by a reversal, or reversed before it came.
	Reversed State = "reversed"
	// Expired: nothing was captured, and the hold is over.
	Expired State = "expired"
)

// Payment is a payment in the issuer's books. Amounts are in minor units.
type Payment struct {
	// Key is the operation key under which the SDK asked for it.
	Key string `json:"-"`
	// Transaction is the SDK's ID, Sender the entityID of the PG.
	Transaction string `json:"transaction,omitzero"`
	Sender      string `json:"sender,omitzero"`
	// Request is the ID of the PG's message, Order the order that it pays, and
	// OrderAmount the amount of that.
	Request     string `json:"request,omitzero"`
	Order       Order  `json:"order,omitzero"`
	OrderAmount int64  `json:"orderAmount,omitzero"`
	// Instrument is the issuer's name of the instrument, Ref the token for it.
	Instrument string `json:"instrument,omitzero"`
	Ref        string `json:"ref,omitzero"`
	State      State  `json:"state"`
	// Code is that of a decline.
	Code kecis.Code `json:"code,omitzero"`
	// Payee is the name that the cardholder is shown.
	Payee        string         `json:"payee,omitzero"`
	Currency     kecis.Currency `json:"currency,omitzero"`
	ApprovalCode string         `json:"approvalCode,omitzero"`
	// Amount was approved. Of it Held is on hold, Captured and Voided were taken
	// off the hold, and Released was left over. Refunded is a part of Captured.
	Amount      int64             `json:"amount,omitzero"`
	Held        int64             `json:"held,omitzero"`
	Captured    int64             `json:"captured,omitzero"`
	Refunded    int64             `json:"refunded,omitzero"`
	Voided      int64             `json:"voided,omitzero"`
	Released    int64             `json:"released,omitzero"`
	Instalments kecis.Instalments `json:"instalments"`
	// Purpose is set of a hold that authenticates, Descriptor is its code, and
	// Deposits are the two that were made in its place: then Held is what was
	// deposited, and is taken back when the hold ends.
	Purpose    kecis.Purpose `json:"purpose,omitzero"`
	Descriptor string        `json:"descriptor,omitzero"`
	Deposits   [2]int64      `json:"deposits,omitzero"`
	// At is when it was decided, CapturedAt when it was last captured, and
	// HoldExpires when a hold ends.
	At          time.Time `json:"at"`
	CapturedAt  time.Time `json:"capturedAt,omitzero"`
	HoldExpires time.Time `json:"holdExpires,omitzero"`
}

// Order is the OrderRef of the order that a payment pays.
type Order struct {
	Requester string `json:"requester"`
	OrderID   string `json:"orderID"`
	Attempt   int    `json:"attempt"`
	Part      int    `json:"part"`
}

// PlanPayment decides a payment within the claim's commit. Only one that its
// instrument is to answer late is left to Pay.
func (s *Issuer) PlanPayment(ctx context.Context, tx journal.Tx, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	d := decision{attempt: &a, request: p, planning: true}
	return s.decide(ctx, tx, &d)
}

// Pay decides a payment in a commit of its own, and keeps the answer back as
// long as the instrument says.
func (s *Issuer) Pay(ctx context.Context, a kecis.Attempt, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	var approval *kecis.Approval
	var refusal *kecis.Refusal
	var d decision
	err := s.update(ctx, func(tx journal.Tx) (err error) {
		d, refusal = decision{attempt: &a, request: p}, nil
		approval, err = s.decide(ctx, tx, &d)
		return keep(&refusal, err)
	})
	if delay := d.instrument.Behaviour.Delay; err == nil && delay > 0 {
		err = s.config.Clock.Sleep(ctx, delay)
	}
	if err == nil && refusal != nil {
		err = refusal
	}
	if err != nil {
		return nil, err
	}
	return approval, nil
}

// keep takes a refusal out of a change's error, so that it is committed.
func keep(refusal **kecis.Refusal, err error) error {
	if r, ok := errors.AsType[*kecis.Refusal](err); ok {
		*refusal = r
		return nil
	}
	return err
}

// decision is a payment on its way to approval or decline.
type decision struct {
	attempt *kecis.Attempt
	request *kecis.PaymentRequest
	// planning: a late answer is left to Pay.
	planning bool

	about      subject
	instrument Instrument
	payment    Payment
}

// decide approves or declines a payment, once for each key, and records which.
// The error is a *kecis.Refusal or a fault of the store; a nil Approval without
// one leaves the payment to Pay.
func (s *Issuer) decide(ctx context.Context, tx journal.Records, d *decision) (*kecis.Approval, error) {
	earlier, found, err := load[Payment](tx, spacePayments, d.attempt.Key)
	if err != nil {
		return nil, err
	}
	if found {
		return earlier.approval()
	}
	p := d.request
	d.payment = Payment{
		Key: d.attempt.Key, Transaction: d.attempt.TransactionID, Sender: d.attempt.Sender, State: Declined,
		Request: string(p.ID), Order: Order(p.OrderRef), OrderAmount: p.OrderAmount.Minor,
		Payee: p.Payee.Name, Currency: p.Amount.Currency, Amount: p.Amount.Minor,
		Instalments: p.Terms.Instalments, At: s.now(),
		Purpose: p.Terms.Purpose, Descriptor: p.Terms.Descriptor, Deposits: p.Terms.Deposits,
	}
	if d.about, err = s.subjectOf(ctx, d.attempt, p); err != nil {
		return nil, err
	}
	if d.about.refusal != nil {
		return nil, s.decline(tx, &d.payment, d.about.refusal.Code)
	}
	known, err := s.identify(tx, d)
	switch {
	case err != nil:
		return nil, err
	case !known:
		return nil, s.decline(tx, &d.payment, kecis.ErrInvalidCard)
	case d.planning && d.instrument.Behaviour.Delay > 0:
		return nil, nil
	}
	code, err := s.judge(tx, d)
	if err != nil {
		return nil, err
	}
	s.lose(ctx, d.instrument.Behaviour.Lose)
	if code != "" {
		return nil, s.declineTo(tx, &d.payment, &d.instrument, code)
	}
	return s.approve(tx, &d.payment, &d.instrument, p)
}

// identify finds the instrument that was decrypted, or that an InstrumentRef
// stands for.
func (s *Issuer) identify(tx journal.Records, d *decision) (known bool, err error) {
	id := d.about.instrument
	if id == "" {
		if id, err = s.instrumentOf(tx, d.attempt.Sender, d.request.Instrument.Ref); err != nil || id == "" {
			return false, err
		}
	}
	if d.instrument, known, err = load[Instrument](tx, spaceInstruments, id); known {
		d.payment.Instrument = id
	}
	return known, err
}

// judge returns the code with which a payment is declined, or "" once its amount
// is taken from the limits.
func (s *Issuer) judge(tx journal.Records, d *decision) (kecis.Code, error) {
	negative, listed, err := load[listing](tx, spaceNegative, d.payment.Instrument)
	if err != nil {
		return "", err
	}
	i, p := &d.instrument, d.request
	switch {
	case listed:
		return negative.Code, nil
	case !i.describes(&p.Instrument), d.about.instrument != "" && !i.fits(&d.about):
		return kecis.ErrInvalidCard, nil
	case i.Kind == kecis.Card && expired(i.ExpMonth, i.ExpYear, s.now()):
		return kecis.ErrExpiredCard, nil
	case i.Behaviour.Decline != "":
		return i.Behaviour.Decline, nil
	case p.Amount.Currency != i.Currency:
		return kecis.ErrNotServed, nil
	case i.Kind == kecis.Card && p.Amount.Currency == kecis.KRW && p.Amount.Minor < leastOnCard:
		return kecis.ErrInvalidAmount, nil
	case !i.takesInstalments(p):
		return kecis.ErrInvalidInstalment, nil
	}
	enough, err := s.charge(tx, &d.payment, i)
	if err != nil || enough {
		return "", err
	}
	return kecis.ErrDeclinedLimit, nil
}

const (
	// leastOnCard is the least that Korean gateways take on a card, in won.
	leastOnCard = 100
	// leastInInstalments is from where on Korean issuers take instalments, in won.
	leastInInstalments = 50_000
)

// takesInstalments: cards do, in won, from 50,000 on.
func (i *Instrument) takesInstalments(p *kecis.PaymentRequest) bool {
	if p.Terms.Instalments == kecis.LumpSum {
		return true
	}
	return i.Kind == kecis.Card && !i.Behaviour.NoInstalments &&
		p.Amount.Currency == kecis.KRW && p.Amount.Minor >= leastInInstalments
}

// describes reports whether what a message shows of an instrument is right. A PG
// routes, and a profile is shown, by that alone.
func (i *Instrument) describes(shown *kecis.Instrument) bool {
	if shown.Kind != i.Kind || shown.Brand != i.Brand || shown.First6 != i.First6 {
		return false
	}
	return shown.Last4 == i.Last4 || shown.Last4 == "" && i.Kind != kecis.Card
}

// fits reports whether what was decrypted is of the instrument.
func (i *Instrument) fits(about *subject) bool {
	if i.Kind != kecis.Card {
		return true
	}
	return about.expMonth == i.ExpMonth && about.expYear == i.ExpYear &&
		(about.verification == "" || i.Verification == "" || about.verification == i.Verification)
}

// approve posts a payment that has been taken from the limits.
func (s *Issuer) approve(tx journal.Records, payment *Payment, i *Instrument, p *kecis.PaymentRequest) (*kecis.Approval, error) {
	var err error
	if payment.Ref, err = s.refFor(tx, payment.Sender, payment.Instrument); err != nil {
		return nil, err
	}
	payment.State = Approved
	payment.ApprovalCode = s.vault.approvalCode(payment.Key)
	entry := ledger.Entry{ID: payment.Key + "/authorise", Kind: kindAuthorise, Sender: payment.Sender, Request: payment.Request}
	if p.Terms.Capture == kecis.CaptureAutomatic {
		payment.Captured, payment.CapturedAt = payment.Amount, payment.At
		entry.Kind, entry.Postings = kindSell, ledger.Transfer(customer(payment.Instrument), payable(payment.Sender), payment.Amount)
	} else {
		payment.Held, payment.HoldExpires = payment.Amount, payment.At.Add(s.config.HoldTime)
		entry.Postings = payment.holding(payment.Amount)
		if err := tx.Put(spaceExpiries, expiryKey(payment), present()); err != nil {
			return nil, err
		}
	}
	if err := s.post(tx, payment, &entry); err != nil {
		return nil, err
	}
	if err := s.notifyApproved(tx, i, payment); err != nil {
		return nil, err
	}
	if err := save(tx, spacePayments, payment.Key, payment); err != nil {
		return nil, err
	}
	return payment.approval()
}

// notifyApproved tells the holder of an approval, or of each deposit.
func (s *Issuer) notifyApproved(tx journal.Records, i *Instrument, payment *Payment) error {
	if !payment.deposited() {
		return s.notify(tx, i, payment, NoticeApproved, payment.Key, payment.Amount)
	}
	for n, amount := range payment.Deposits {
		if err := s.notify(tx, i, payment, NoticeDeposited, payment.Key+"/"+strconv.Itoa(n), amount); err != nil {
			return err
		}
	}
	return nil
}

// post completes an entry about a payment and posts it.
func (s *Issuer) post(tx journal.Records, payment *Payment, entry *ledger.Entry) error {
	entry.At, entry.Transaction, entry.Currency = s.now(), payment.Transaction, string(payment.Currency)
	return s.books.Post(tx, entry)
}

// declineTo is decline with a message to the cardholder.
func (s *Issuer) declineTo(tx journal.Records, payment *Payment, i *Instrument, code kecis.Code) error {
	payment.Code = code
	if err := s.notify(tx, i, payment, NoticeDeclined, payment.Key, payment.Amount); err != nil {
		return err
	}
	return s.decline(tx, payment, code)
}

// decline records a payment that is never carried out, and returns its refusal.
func (s *Issuer) decline(tx journal.Records, payment *Payment, code kecis.Code) error {
	payment.Code = code
	if err := save(tx, spacePayments, payment.Key, payment); err != nil {
		return err
	}
	return kecis.Refuse(code)
}

// approval returns what the SDK was told, or is to be told, of a payment.
func (p *Payment) approval() (*kecis.Approval, error) {
	switch p.State {
	case Declined:
		return nil, kecis.Refuse(p.Code)
	case Reversed:
		return nil, kecis.Refuse(kecis.ErrRequestReversed)
	}
	return &kecis.Approval{ApprovalCode: p.ApprovalCode, InstrumentRef: p.Ref, HoldExpires: p.HoldExpires}, nil
}

// errUnknownKey: the SDK takes it as unknown, and asks again or reverses.
var errUnknownKey = errors.New("issuer: nothing is known under this key")

// Lookup says what became of a payment.
func (s *Issuer) Lookup(ctx context.Context, key string) (approval *kecis.Approval, err error) {
	err = s.config.Journal.View(ctx, func(tx journal.Tx) error {
		payment, found, err := load[Payment](tx, spacePayments, key)
		if err != nil {
			return err
		}
		if !found {
			return errUnknownKey
		}
		approval, err = payment.approval()
		return err
	})
	if err != nil {
		return nil, err
	}
	return approval, nil
}
