package kecis

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/metadata"
)

// authenticating is the operation of an authentication request. It makes no
// transaction, since it moves no money of the order (P15).
type authenticating struct{}

func (authenticating) undoable() bool { return true }

// served refuses what the metadata do not declare (KECIS-AUT-003).
func (authenticating) served(_ context.Context, s *Server, m Message) error {
	p, _ := m.(*AuthenticationRequest)
	role := &s.config.Role
	if s.config.Authentications == nil || !declared(offeredMethods(role), p.Method) ||
		(p.Instrument != nil && len(role.Methods) > 0 && !declared(role.Methods, metadata.Method(p.Instrument.Kind.String()))) {
		return Refuse(ErrNotServed)
	}
	if p.Method != metadata.ByAmount {
		return nil
	}
	for _, floor := range role.AmountFloors {
		if floor.Currency != string(p.OrderAmount.Currency) {
			continue
		}
		if p.OrderAmount.Minor < floor.Least {
			return Refuse(ErrInvalidAmount)
		}
		return nil
	}
	return Refuse(ErrNotServed)
}

// offeredMethods are those of the policy's rules.
func offeredMethods(role *metadata.Role) (list []metadata.AuthenticationMethod) {
	for _, rule := range role.Authentication {
		list = append(list, rule.Methods...)
	}
	if len(role.AmountFloors) > 0 {
		list = append(list, metadata.ByAmount)
	}
	return list
}

func (authenticating) forward(context.Context, *Server, Attempt, Message) (*Forward, error) {
	return nil, nil
}

// begin gives the authentication its ID, and writes down what its proof will say.
func (authenticating) begin(tx journal.Tx, s *Server, w *work, m Message) error {
	p, _ := m.(*AuthenticationRequest)
	id, err := NewID(s.config.Random)
	if err != nil {
		return err
	}
	w.details.AuthenticationID = "A" + string(id)[2:]
	w.attempt.AuthenticationID = w.details.AuthenticationID
	w.begun = s.begun(p)
	w.begun.Owner, w.begun.RequestID = w.row.Sender, ID(w.row.ID)
	if err := tx.Add(authenticationSpace, w.details.AuthenticationID, kept(w.begun)); err != nil {
		return err
	}
	until := FormatInstant(w.row.Claimed.Add(s.config.Retention)) + " " + w.details.AuthenticationID
	return tx.Put(authenticationEndSpace, until, []byte(w.details.AuthenticationID))
}

// begun is what is kept of a request for the answers about it.
func (s *Server) begun(p *AuthenticationRequest) *begunAuthentication {
	b := &begunAuthentication{
		OrderRef: p.OrderRef, Payee: p.Payee.Entity, OrderAmount: p.OrderAmount, Method: p.Method, Variant: p.Variant,
		Audience: []string{p.Sender, s.config.Entity},
	}
	if p.Instrument != nil {
		b.Audience = append(b.Audience, p.Instrument.Issuer)
	}
	b.Audience = distinct(append(b.Audience, p.Audience...))
	b.Audience = b.Audience[:min(len(b.Audience), MaxAudience)]
	return b
}

// distinct keeps the first of each text.
func distinct(list []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (authenticating) plan(context.Context, journal.Tx, *Server, *work, Message) (*result, error) {
	return nil, nil
}

func (authenticating) call(ctx context.Context, s *Server, w *work, m Message) (*result, error) {
	p, _ := m.(*AuthenticationRequest)
	r, err := s.config.Authentications.Begin(ctx, w.attempt, p)
	return authenticationResult(r), err
}

func (authenticating) lookup(ctx context.Context, s *Server, w *work) (*result, error) {
	r, err := s.config.Authentications.State(ctx, w.details.AuthenticationID)
	return authenticationResult(r), err
}

func (authenticating) undo(ctx context.Context, s *Server, w *work) error {
	return s.config.Authentications.Abandon(ctx, w.details.AuthenticationID)
}

func authenticationResult(r *AuthenticationResult) *result {
	if r == nil {
		return nil
	}
	return &result{Authenticated: r, Upstream: r.Upstream}
}

// succeed states how the authentication stands. What no answer can state is
// ended.
func (authenticating) succeed(ctx context.Context, s *Server, w *work, r *result, _ time.Time) Code {
	if !s.state(ctx, w, w.details.AuthenticationID, r.Authenticated) {
		return ErrOutcomeUnknown
	}
	return w.authentication.State.code()
}

// refused leaves no authentication that could be asked about.
func (authenticating) refused(w *work, _ time.Time) { w.details.AuthenticationID = "" }
func (authenticating) unknown(*work, time.Time)     {}

// undone is an authentication of which nobody was told that it began.
func (authenticating) undone(w *work, now time.Time) {
	if w.begun != nil {
		w.authentication = w.begun.authentication(w.details.AuthenticationID, &AuthenticationResult{State: AuthenticationFailed, At: now})
	}
}

func (authenticating) answer(w *work, header ResponseHeader) Message {
	return authenticationAnswer(w, header)
}

func authenticationAnswer(w *work, header ResponseHeader) Message {
	m := &AuthenticationResponse{ResponseHeader: header, OrderRef: w.details.OrderRef}
	if w.authentication != nil && header.Status.Outcome != Unknown {
		m.Authentication = *w.authentication
	}
	return m
}

// confirming is the operation of what the buyer typed.
type confirming struct{}

// undoable: a try that was counted is not taken back.
func (confirming) undoable() bool { return false }

func (confirming) undo(context.Context, *Server, *work) error { return nil }
func (confirming) undone(*work, time.Time)                    {}

func (confirming) served(_ context.Context, s *Server, _ Message) error {
	if !s.config.confirms() {
		return Refuse(ErrNotServed)
	}
	return nil
}

func (confirming) forward(context.Context, *Server, Attempt, Message) (*Forward, error) {
	return nil, nil
}

// begin finds the authentication. One of another requester is answered as a wrong
// value is (KECIS-AUT-014).
func (confirming) begin(tx journal.Tx, _ *Server, w *work, m Message) error {
	p, _ := m.(*ConfirmationRequest)
	b, err := begunIn(tx, p.AuthenticationID)
	if errors.Is(err, journal.ErrNotFound) || (err == nil && (b.Owner != w.row.Sender || b.OrderRef != p.OrderRef)) {
		return Refuse(ErrNotConfirmed)
	}
	w.begun, w.attempt.AuthenticationID, w.confirmation = b, p.AuthenticationID, p
	return err
}

func (confirming) plan(context.Context, journal.Tx, *Server, *work, Message) (*result, error) {
	return nil, nil
}

func (confirming) call(ctx context.Context, s *Server, w *work, m Message) (*result, error) {
	p, _ := m.(*ConfirmationRequest)
	r, err := s.config.Authentications.(Confirmations).Confirm(ctx, w.attempt, p) //nolint:forcetypeassert // served has looked
	return authenticationResult(r), err
}

// errUnconfirmed: while an authentication is pending, its state does not tell
// whether one value was taken.
var errUnconfirmed = errors.New("kecis: the authentication has not ended")

// lookup asks for the same comparison again: a try that was counted, and whose result
// could not be written down, would be lost to the buyer.
func (o confirming) lookup(ctx context.Context, s *Server, w *work) (*result, error) {
	if w.confirmation != nil {
		return o.call(ctx, s, w, w.confirmation)
	}
	r, err := s.config.Authentications.State(ctx, w.details.Original.AuthenticationID)
	switch {
	case err != nil:
		return nil, err
	case r == nil || !r.State.Final():
		return nil, errUnconfirmed
	}
	return authenticationResult(r), nil
}

// succeed states the authentication only if the value was right.
func (confirming) succeed(ctx context.Context, s *Server, w *work, r *result, _ time.Time) Code {
	if state := r.Authenticated.State; state != Authenticated && state != AuthenticationPending {
		return ErrNotConfirmed
	}
	if !s.state(ctx, w, w.details.Original.AuthenticationID, r.Authenticated) {
		return ErrOutcomeUnknown
	}
	return w.authentication.State.code()
}

func (confirming) refused(*work, time.Time) {}
func (confirming) unknown(*work, time.Time) {}

func (confirming) answer(w *work, header ResponseHeader) Message {
	return authenticationAnswer(w, header)
}

// state makes of a service's result what answers state, if they can.
func (s *Server) state(ctx context.Context, w *work, id string, r *AuthenticationResult) bool {
	v := w.begun.authentication(id, r)
	if err := v.check(); err != nil {
		s.log.ErrorContext(ctx, "the service's authentication cannot be stated", slog.String("authentication", id), slog.Any("error", err))
		return false
	}
	w.authentication = v
	return true
}

// Spaces of the journal's records that keep what authentications are for: by their
// ID, and by when that is forgotten.
const (
	authenticationSpace    = "kecis.authentication"
	authenticationEndSpace = "kecis.authentication.expiry"
)

// begunAuthentication is what is kept of an authentication. How it stands is the
// service's own.
type begunAuthentication struct {
	Owner       string // entityID
	RequestID   ID
	OrderRef    OrderRef
	Payee       string // entityID
	OrderAmount Money
	Method      metadata.AuthenticationMethod
	Variant     Variant `json:",omitempty"`
	Audience    []string
	// Final is how it ended, of which its one event was written; nil before.
	Final *AuthenticationResult `json:",omitempty"`
}

func begunIn(tx journal.Records, id string) (*begunAuthentication, error) {
	row, err := tx.Get(authenticationSpace, id)
	if err != nil {
		return nil, err
	}
	b := &begunAuthentication{}
	return b, readKept(row, b)
}

// authentication is how it stands, as answers state it.
func (b *begunAuthentication) authentication(id string, r *AuthenticationResult) *Authentication {
	v := &Authentication{
		ID: id, State: r.State, Method: b.Method, Variant: b.Variant, At: r.At.Truncate(time.Second),
	}
	switch r.State {
	case AuthenticationPending:
		v.Expires, v.Page, v.TriesLeft = r.Expires.Truncate(time.Second), r.Page, r.TriesLeft
	case Authenticated:
		v.Proof = &Proof{
			Payee: b.Payee, OrderAmount: b.OrderAmount, InstrumentRef: r.InstrumentRef,
			NotOnOrAfter: v.At.Add(EvidenceLife), Audience: b.Audience,
		}
	}
	return v
}

// Conclude writes the one final event of an authentication (P15): a service calls
// it in the commit in which an authentication ends by itself, on a page or by its
// time. Where the end is the result of Begin or Confirm the Server does it. It
// does nothing for a state that is not final, for an authentication that was not
// begun by a request, and the second time.
func (s *Server) Conclude(tx journal.Tx, id string, r *AuthenticationResult) error {
	if !r.State.Final() {
		return nil
	}
	b, err := begunIn(tx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil
	}
	if err != nil || b.Final != nil {
		return err
	}
	v := b.authentication(id, r)
	if err := v.check(); err != nil {
		return err
	}
	eventID, err := NewID(s.config.Random)
	if err != nil {
		return err
	}
	b.Final = r
	if err := tx.Put(authenticationSpace, id, kept(b)); err != nil {
		return err
	}
	now := s.clock.Now()
	event := Event{
		ID: "E" + string(eventID)[2:], Sequence: 1, At: now, Kind: EventAuthentication,
		OrderRef: b.OrderRef, RequestID: b.RequestID, Authentication: *v,
	}
	return tx.InsertEvent(&journal.Event{
		ID: event.ID, Recipient: b.Owner, Transaction: id, Sequence: event.Sequence,
		At: now, Body: kept(event), State: journal.Waiting, Due: now,
	})
}

// concludeWork is Conclude for what a request has led to.
func (s *Server) concludeWork(tx journal.Tx, w *work) error {
	v := w.authentication
	if v == nil || !v.State.Final() {
		return nil
	}
	r := &AuthenticationResult{State: v.State, At: v.At}
	if v.Proof != nil {
		r.InstrumentRef = v.Proof.InstrumentRef
	}
	return s.Conclude(tx, v.ID, r)
}

// inquireAuthentication answers how an authentication of the sender stands. The
// service is asked, with no transaction open.
func (s *Server) inquireAuthentication(ctx context.Context, in *received, id string) reply {
	var b *begunAuthentication
	err := s.config.Journal.View(ctx, func(tx journal.Tx) (err error) {
		b, err = begunIn(tx, id)
		return err
	})
	if errors.Is(err, journal.ErrNotFound) || (err == nil && b.Owner != in.header.Sender) {
		return s.sign(ctx, in, ErrNotFound)
	}
	if err != nil || (b.Final == nil && s.config.Authentications == nil) {
		s.log.ErrorContext(ctx, "an authentication cannot be read", slog.String("authentication", id), slog.Any("error", err))
		return unavailable()
	}
	ctx, cancel := s.clock.WithTimeout(ctx, s.config.AnswerWithin)
	defer cancel()
	answer, _ := in.answer(s.config.Entity, Found).(*InquiryResponse)
	answer.OrderRef = b.OrderRef
	code := ErrOutcomeUnknown
	r := b.Final
	if r == nil {
		r, err = guarded(ctx, func(ctx context.Context) (*AuthenticationResult, error) {
			return s.config.Authentications.State(ctx, id)
		})
	}
	refusal, refused := errors.AsType[*Refusal](err)
	switch {
	case refused:
		code = statableRefusal(refusal.Code)
	case err == nil && r != nil:
		if v := b.authentication(id, r); v.check() == nil {
			answer.Authentication, code = *v, v.State.code()
		}
	}
	status := statusFor(code)
	answer.Result = Result{Code: code, Outcome: status.Outcome, Retry: status.Retry}
	document, err := s.signed(answer)
	if err != nil {
		s.log.ErrorContext(ctx, "an answer cannot be signed", slog.Any("error", err))
		return unavailable()
	}
	return done(document, &answer.Status)
}

// authenticationAsked returns the ID of the authentication that an inquiry is
// about; "" if it is about something else.
func (s *Server) authenticationAsked(ctx context.Context, sender string, about Original) (id string, err error) {
	if about.AuthenticationID != "" {
		return about.AuthenticationID, nil
	}
	if about.RequestID == "" {
		return "", nil
	}
	err = s.config.Journal.View(ctx, func(tx journal.Tx) error {
		id = ""
		row, err := tx.Request(sender, string(about.RequestID))
		if errors.Is(err, journal.ErrNotFound) || (err == nil && row.Kind != AuthenticationRequestKind.String()) {
			return nil
		}
		if err != nil {
			return err
		}
		var details requestDetails
		if err := readKept(row.Details, &details); err != nil {
			return err
		}
		id = details.AuthenticationID
		return nil
	})
	return id, err
}
