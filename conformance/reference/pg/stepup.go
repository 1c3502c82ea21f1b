package pg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/amountauth"
	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

const (
	// hostedKey begins the keys of sessions of hosted pages, which are no IDs of
	// authentications: these begin with "A".
	hostedKey = "H"
	// handleLength is that of the handle of a checkout's session, in characters.
	handleLength = 40
	// paymentTime is what an offer must still have left when its authentication is
	// over, for the release and the payment.
	paymentTime = 2 * time.Minute
	// leastTime is the shortest authentication that is worth while.
	leastTime = time.Minute
	// mostSteps bounds the authentications of one order; the bounds of each card hold
	// beside.
	mostSteps = 5
)

// step is the authentication of an order on a hosted page, as it is kept: the last one
// that was begun.
type step struct {
	Number int `json:"number"`
	// Remember is what a profile is made of; nil if the buyer has not asked for one.
	Remember *stepped `json:"remember,omitempty"`
}

func stepKey(handle string, number int) string {
	return hostedKey + handle + "-" + strconv.Itoa(number)
}

// handleIn returns the handle of the checkout in the key of a session.
func handleIn(key string) (handle string, ok bool) {
	rest, ok := strings.CutPrefix(key, hostedKey)
	if !ok || len(rest) <= handleLength || rest[handleLength] != '-' {
		return "", false
	}
	return rest[:handleLength], true
}

// stepped is what is paid after an authentication.
type stepped struct {
	Handle      string            `json:"handle"`
	Instrument  kecis.Instrument  `json:"instrument"` // what is told in the clear
	Instalments kecis.Instalments `json:"instalments"`
	Expiry      sealedExpiry      `json:"expiry,omitzero"` // where a profile is to be made
}

// errBegins says that an authentication of the order has begun: the page leads to it.
var errBegins = errors.New("pg: an authentication of the order is under way")

// stepUp begins an authentication of the order by amount, that the payment follows, and
// returns its session. A *kecis.Refusal says why there can be none.
func (s *Authenticator) stepUp(ctx context.Context, v *kecis.Visit, choice kecis.Choice, variant kecis.Variant, remember *kecis.PlainInstrument) (session string, err error) {
	instrument := choice.Instrument
	p := v.AuthenticationRequest(metadata.ByAmount, variant, &instrument)
	if err := s.pg.PermitAuthentication(ctx, p.Sender, p); err != nil {
		return "", err
	}
	left := v.Order().Offer.NotOnOrAfter.Sub(s.config.Clock.Now()) - paymentTime
	if left < leastTime {
		return "", kecis.Refuse(kecis.ErrDeadlinePassed)
	}
	hold, err := detailsOf(p.Evidence[0].Document, p)
	if err != nil {
		return "", err
	}
	told := choice.Instrument
	told.Encrypted = nil
	pay, err := json.Marshal(&stepped{Handle: v.Handle(), Instrument: told, Instalments: choice.Instalments}) //nolint:musttag // messages' types are kept by the names of their fields
	if err != nil {
		return "", err
	}
	var profile *stepped
	if remember != nil {
		profile = &stepped{Instrument: told, Expiry: s.sealExpiry(v.Handle(), remember.ExpMonth, remember.ExpYear)}
	}
	key, err := s.nextStep(ctx, v.Handle(), profile)
	if err != nil {
		return "", err
	}
	begun, err := s.engine.Begin(ctx, &amountauth.Request{
		Key: key, Owner: p.Sender, Variant: variantOf(variant), Order: p.OrderRef,
		Payee:  amountauth.Payee{Entity: p.Payee.Entity, Name: p.Payee.Name},
		Amount: p.Amount, Instrument: hold, Shown: instrument.Masked(), Language: p.Language,
		Timeout: min(left, s.timeout()), Pay: true, Details: pay,
	})
	if begun != nil {
		return begun.ID, nil
	}
	return "", refusalOf(err)
}

func (s *Authenticator) timeout() time.Duration {
	if s.config.Policy.Timeout > 0 {
		return s.config.Policy.Timeout
	}
	return amountauth.DefaultPolicy().Timeout
}

// nextStep returns the key of a further authentication of an order, if none is under
// way (errBegins).
func (s *Authenticator) nextStep(ctx context.Context, handle string, profile *stepped) (key string, err error) {
	err = s.pg.journal.Update(ctx, func(tx journal.Tx) error {
		kept, err := loadStep(tx, handle)
		if err != nil {
			return err
		}
		if kept.Number > 0 {
			session, err := s.engine.SessionIn(tx, amountauth.SessionID(stepKey(handle, kept.Number)))
			switch {
			case errors.Is(err, amountauth.ErrWrong): // its server has died before it began: the number is free
				kept.Number--
			case err != nil:
				return err
			case !over(session):
				return errBegins
			}
		}
		if kept.Number >= mostSteps {
			return kecis.Refuse(kecis.ErrAuthenticationDeclined)
		}
		kept.Number++
		kept.Remember = profile
		key = stepKey(handle, kept.Number)
		return save(tx, spaceSteps, handle, kept)
	})
	return key, err
}

// over reports whether nothing more comes of a session: its buyer was not
// authenticated, or the payment has ended.
func over(s *amountauth.Session) bool {
	switch s.State {
	case amountauth.Starting, amountauth.Open:
		return false
	case amountauth.Verified:
		if s.Completion == nil {
			return true
		}
		switch s.Completion.State {
		case amountauth.Paid, amountauth.Declined, amountauth.Undone:
			return true
		}
		return false
	}
	return true
}

func loadStep(tx journal.Records, handle string) (*step, error) {
	value, err := tx.Get(spaceSteps, handle)
	if errors.Is(err, journal.ErrNotFound) {
		return &step{}, nil
	}
	if err != nil {
		return nil, err
	}
	kept := &step{}
	return kept, json.Unmarshal(value, kept) //nolint:musttag // messages' types are kept by the names of their fields
}

// current returns the last authentication of an order; nil if there was none.
func (s *Authenticator) current(ctx context.Context, handle string) (session *amountauth.Session, err error) {
	err = s.pg.journal.View(ctx, func(tx journal.Tx) error {
		session = nil
		kept, err := loadStep(tx, handle)
		if err != nil || kept.Number == 0 {
			return err
		}
		session, err = s.engine.SessionIn(tx, amountauth.SessionID(stepKey(handle, kept.Number)))
		if errors.Is(err, amountauth.ErrWrong) {
			session, err = nil, nil
		}
		return err
	})
	return session, err
}

// payer pays orders after the authentication of their buyers.
type payer struct{ *Authenticator }

var _ amountauth.Payer = payer{}

// Authorise carries out the order with the instrument that the buyer has shown to be
// theirs, and the proof of it. The order's own ID makes it happen once. What was
// declined for limit while the hold lived was asked for again by Pay.
func (s payer) Authorise(ctx context.Context, p *amountauth.PaymentRequest) (*amountauth.Approval, error) {
	var d stepped
	if err := json.Unmarshal(p.Details, &d); err != nil { //nolint:musttag // as it was written
		return nil, fmt.Errorf("pg: what is paid after an authentication: %w", err)
	}
	v, err := s.visit(ctx, d.Handle)
	if err != nil {
		return nil, err
	}
	choice, err := s.choice(ctx, v, p.Session, &d)
	if err != nil {
		return nil, err
	}
	approval, err := v.Complete(ctx, *choice)
	if _, refused := errors.AsType[*kecis.Refusal](err); refused {
		return nil, errors.Join(err, amountauth.ErrOver)
	}
	if err != nil {
		return nil, err
	}
	return &amountauth.Approval{Code: approval.ApprovalCode}, nil
}

// visit opens the order of a checkout. One that is forgotten was over long before.
func (s *Authenticator) visit(ctx context.Context, handle string) (*kecis.Visit, error) {
	if s.config.Visit == nil {
		return nil, errNoCheckout
	}
	v, err := s.config.Visit(ctx, handle)
	if errors.Is(err, journal.ErrNotFound) {
		err = errors.Join(kecis.Refuse(kecis.ErrDeadlinePassed), amountauth.ErrOver)
	}
	return v, err
}

// errNoCheckout: this server was configured without the hosted pages that another had.
var errNoCheckout = errors.New("pg: this server has no checkout")

// choice is what is paid after an authentication: by the token of the instrument, with
// the proof.
func (s *Authenticator) choice(ctx context.Context, v *kecis.Visit, id string, d *stepped) (*kecis.Choice, error) {
	session, err := s.engine.Session(ctx, id)
	if err != nil {
		return nil, err
	}
	instrument := d.Instrument
	instrument.Ref = session.InstrumentRef
	p := v.AuthenticationRequest(metadata.ByAmount, variantIn(session.Variant), &instrument)
	evidence, err := v.Prove(p, "A"+session.ID[1:], s.result(session))
	return &kecis.Choice{Instrument: instrument, Instalments: d.Instalments, Evidence: []kecis.Evidence{evidence}}, err
}

func variantIn(v amountauth.Variant) kecis.Variant {
	switch v {
	case amountauth.Descriptor:
		return kecis.VariantDescriptor
	case amountauth.Deposits:
		return kecis.VariantDeposits
	}
	return kecis.VariantAmount
}

// ReversePayment sees to it that the order of an authentication is not paid any more.
func (s payer) ReversePayment(ctx context.Context, key string) error {
	session, err := s.engine.Session(ctx, strings.TrimSuffix(strings.TrimSuffix(key, "-2"), "-pay"))
	if err != nil {
		return err
	}
	handle, ok := handleIn(session.Key)
	if !ok {
		return nil
	}
	v, err := s.visit(ctx, handle)
	if _, gone := errors.AsType[*kecis.Refusal](err); gone {
		return nil
	}
	if err != nil {
		return err
	}
	return v.Withdraw(ctx, kecis.ErrUnavailable)
}
