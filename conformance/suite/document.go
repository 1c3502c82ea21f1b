package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/cases"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/spec"
)

// documents returns the cases of package cases that can be shown at an endpoint
// of that role, as cases of a run. The others are about documents that nobody
// sends there, or about what the recipient knows.
func documents(role conformance.Role) (out []Case) {
	away := Elsewhere()
	for _, c := range cases.All() {
		entry := foreseen(c, catalogued()[c.Expect.Code])
		service, _, sent := serviceOf(c.Happy.ID)
		if _, known := away[c.ID]; known || !sent || (c.Expect.Code != "" && entry.Wire == wireNone) || !applies(c.Roles, role) {
			continue
		}
		out = append(out, Case{
			ID: c.ID, Clauses: c.Clauses, Level: c.Level, Note: c.Note, Needs: []metadata.Service{service}, Asks: asks(&c, service),
			run:     func(ctx context.Context, s *Stage) ([]Finding, error) { return s.document(ctx, c, entry) },
			offered: func(keys *conformance.Keyring) (bool, error) { return offered(c, keys) },
		})
	}
	return out
}

// asks are the capabilities of a case.
func asks(c *conformance.Case, service metadata.Service) (list []Capability) {
	if service == metadata.ServiceCancellation { // the valid message cancels in part
		list = append(list, PartialCancellation)
	}
	if slices.Contains(c.Needs, conformance.SOAPBinding) {
		list = append(list, SOAP)
	}
	return list
}

// The ways of a code to its requester (KECIS-ERR-007).
const (
	wireMalformed        = "malformed"
	wireNotAuthenticated = "not-authenticated"
	wireNone             = "none"
)

func applies(roles []conformance.Role, role conformance.Role) bool {
	return len(roles) == 0 || slices.Contains(roles, role)
}

// offered reports whether the case bends the request, and nothing of what its
// recipient knows.
func offered(c conformance.Case, keys *conformance.Keyring) (bool, error) {
	written, err := c.Happy.Make(keys)
	if err != nil {
		return false, err
	}
	valid, err := c.Valid(keys)
	if err != nil {
		return false, err
	}
	bent, err := c.Bent(keys)
	if err != nil {
		return false, err
	}
	return reflect.DeepEqual(written.Reading, valid.Reading) && reflect.DeepEqual(written.Reading, bent.Reading), nil
}

// document runs a case of one message: the valid one, which must go through, and
// the one with the fault, which must be refused for its reason and move nothing.
func (s *Stage) document(ctx context.Context, c conformance.Case, entry spec.Entry) ([]Finding, error) {
	valid, err := s.offer(ctx, c, conformance.Case.Valid)
	if err != nil {
		return nil, err
	}
	defer s.giveBack(ctx, valid)
	if f := valid.through(c); f != nil {
		if c.Fault == nil {
			return []Finding{*f}, nil
		}
		return nil, &twinError{*f}
	}
	if c.Fault == nil {
		return nil, nil
	}
	bent, err := s.offer(ctx, c, conformance.Case.Bent)
	if err != nil {
		return nil, err
	}
	defer s.giveBack(ctx, bent)
	findings := bent.refused(entry)
	moved, err := s.moved(ctx, bent)
	return append(findings, moved...), err
}

// twinError says that the valid message did not go through, so that nothing is
// known of the fault.
type twinError struct{ finding Finding }

func (e *twinError) Error() string {
	return "the same message without the fault: expected " + e.finding.Expected + ", found " + e.finding.Found
}

// offering is a message that was offered, and what came of it.
type offering struct {
	stage  *Stage
	about  *matter
	actual *cases.Actual
	sent   []byte
	reply  *reply
	// passed is how many messages about the order had come to the issuer before.
	passed int
}

// offer makes one of the messages of a case and sends it.
func (s *Stage) offer(ctx context.Context, c conformance.Case, of func(conformance.Case, *conformance.Keyring) (*conformance.Message, error)) (*offering, error) {
	service, prepare, _ := serviceOf(c.Happy.ID)
	address, err := s.endpoint(service)
	if err != nil {
		return nil, err
	}
	about, err := prepare(s, ctx)
	if err != nil {
		return nil, err
	}
	o := &offering{stage: s, about: about}
	if o.actual, err = s.actual(ctx, about, address); err != nil {
		return nil, err
	}
	m, err := of(cases.In(o.actual, c), s.Cast.Ring)
	if err != nil {
		return nil, &harnessError{err}
	}
	if o.sent, err = m.Bytes(); err != nil {
		return nil, &harnessError{err}
	}
	o.passed = s.passedAbout(about)
	o.reply, err = s.post(ctx, address, o.sent, m.Reading.Profile == conformance.SOAPProfile)
	return o, err
}

// harnessError is a fault of the suite.
type harnessError struct{ cause error }

func (e *harnessError) Error() string { return "the suite: " + e.cause.Error() }
func (e *harnessError) Unwrap() error { return e.cause }

func (s *Stage) passedAbout(m *matter) int {
	if s.tap == nil {
		return 0
	}
	return len(s.tap.of(m.order.OrderID))
}

// through says what is wrong if the valid message was refused: it must have its
// effect, or, where it is unusual, be refused only behind what the case is about.
func (o *offering) through(c conformance.Case) *Finding {
	header := responseOf(o.reply.answer)
	if header != nil && (header.Status.Outcome == kecis.Done || c.Twin != nil && behind(string(header.Status.Code), c)) {
		return nil
	}
	return o.finding("the message without a fault", "a signed answer of success", o.reply.describe())
}

func (o *offering) finding(step, expected, found string) *Finding {
	return &Finding{Step: step, Expected: expected, Found: found, Sent: o.sent, Received: o.reply.body}
}

// describe says what a reply is.
func (r *reply) describe() string {
	switch {
	case r.early != "":
		return fmt.Sprintf("HTTP status %d, %s", r.status, r.early)
	case r.answer != nil:
		if h := responseOf(r.answer); h != nil {
			return fmt.Sprintf("a signed answer: %s, %s, retry %s", h.Status.Code, h.Status.Outcome, h.Status.Retry)
		}
		return "a signed " + kecis.KindOf(r.answer).String()
	case r.fault != nil:
		return fmt.Sprintf("HTTP status %d, and a body that is no answer: %v", r.status, r.fault)
	}
	return fmt.Sprintf("HTTP status %d without a body", r.status)
}

// maxEarly is how long the body of an early refusal can be: code, correlation ID
// and their names (KECIS-ERR-009).
const maxEarly = 256

// refused holds the reply against the code that the fault must be refused with.
func (o *offering) refused(entry spec.Entry) (findings []Finding) {
	add := func(expected string) {
		findings = append(findings, *o.finding("the message with the fault", expected, o.reply.describe()))
	}
	switch entry.Wire {
	case wireMalformed:
		tooLong := o.reply.status == http.StatusRequestEntityTooLarge && entry.Code == "xml-too-large"
		if o.reply.early != wireMalformed || (o.reply.status != http.StatusBadRequest && !tooLong) {
			add("an early refusal: HTTP status 400, malformed (for " + entry.Code + ")")
		}
	case wireNotAuthenticated:
		if o.reply.early != wireNotAuthenticated || o.reply.status != http.StatusForbidden {
			add("an early refusal: HTTP status 403, not-authenticated (for " + entry.Code + ")")
		}
	default:
		h := responseOf(o.reply.answer)
		if h == nil || string(h.Status.Code) != entry.Code || h.Status.Outcome.String() != entry.Outcome || h.Status.Retry.String() != entry.Retry {
			add(fmt.Sprintf("a signed answer: %s, %s, retry %s", entry.Code, entry.Outcome, entry.Retry))
		} else if h.Recipient != o.stage.asking.Entity {
			add("an answer whose Recipient is " + o.stage.asking.Entity)
		}
	}
	if o.reply.early != "" && (len(o.reply.body) > maxEarly || bytes.Contains(o.reply.body, []byte(o.about.order.OrderID))) {
		add("an early refusal that holds nothing of the request (KECIS-ERR-010)")
	}
	return findings
}

// moved looks for an effect of a refused message.
func (s *Stage) moved(ctx context.Context, o *offering) (findings []Finding, err error) {
	if n := s.passedAbout(o.about) - o.passed; n > 0 {
		findings = append(findings, *o.finding("the issuer behind", "no message about an order whose message was refused", strconv.Itoa(n)))
	}
	if o.about.paid == nil {
		return findings, s.nothingPaid(ctx, o, &findings)
	}
	found, err := s.client.Inquire(ctx, s.Subject.Entity, kecis.Original{RequestID: o.about.paid.ID})
	if err != nil {
		return findings, fmt.Errorf("an inquiry behind it: %w", err)
	}
	if was, is := standing(&o.about.answer.Transaction), standing(&found.Transaction); was != is {
		findings = append(findings, *o.finding("the payment that it is about", was, is))
	}
	return findings, nil
}

// nothingPaid inquires whether the IDs that the message states made a payment.
func (s *Stage) nothingPaid(ctx context.Context, o *offering, findings *[]Finding) error {
	if !strings.Contains(string(o.sent), "PaymentRequest") {
		return nil
	}
	for _, id := range o.actual.IDs(o.sent) {
		found, err := s.client.Inquire(ctx, s.Subject.Entity, kecis.Original{RequestID: kecis.ID(id)})
		fault, isFault := errors.AsType[*kecis.Fault](err)
		switch {
		case isFault && errors.Is(err, kecis.ErrNotFound):
		case isFault:
			return fmt.Errorf("an inquiry behind it: %w", fault)
		case err != nil:
			return err
		case found.Result.Outcome != kecis.NotDone:
			*findings = append(*findings, *o.finding("an inquiry about "+id, "not found, or not done", fmt.Sprintf("%s, %s", found.Result.Code, found.Result.Outcome)))
		}
	}
	return nil
}

// standing is what a transaction states of its money.
func standing(t *kecis.Transaction) string {
	return fmt.Sprintf("%s, captured %d, cancelled %d, cancellable %d", t.State, t.Captured, t.Cancelled, t.Cancellable)
}

// giveBack undoes the payments around a message, so that a run of hundreds of cases
// does not use up the limit of the test card. What cannot be undone stays: that is
// for other cases to find.
func (s *Stage) giveBack(ctx context.Context, o *offering) {
	p := o.about.paid
	if p == nil {
		answer, ok := o.reply.answer.(*kecis.PaymentResponse)
		if !ok || answer.Status.Outcome != kecis.Done {
			return
		}
		p = &kecis.PaymentRequest{OrderRef: answer.OrderRef}
		p.ID, p.IssueInstant = answer.InResponseTo, o.actual.At
	}
	a := &act{Context: ctx, stage: s}
	if h := responseOf(a.reverse(p).answer); h == nil || h.Status.Code != kecis.ErrTransactionUsed {
		return
	}
	if left := o.about.answer.Transaction.Cancellable - cancelledBy(o); left > 0 {
		a.cancel(p, left, left)
	}
}

// cancelledBy is what a cancellation that was offered has given back already.
func cancelledBy(o *offering) int64 {
	if answer, ok := o.reply.answer.(*kecis.CancellationResponse); ok {
		return answer.Cancelled.Amount.Minor
	}
	return 0
}
