package suite

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/spec"
)

// Flows returns the cases of several messages for an implementation of that role.
func Flows(role conformance.Role) []Case {
	var out []Case
	for _, f := range slices.Concat(
		paymentFlows(), orderFlows(), termFlows(), repeatFlows(), headerFlows(), captureFlows(), cancellationFlows(), cancellationRefusals(), reversalFlows(),
		inquiryFlows(), answerFlows(), bindingFlows(), listFlows(),
	) {
		if applies(f.roles, role) {
			out = append(out, f.Case)
		}
	}
	return out
}

// flow is a case of several messages, with the roles that it applies to.
type flow struct {
	Case

	roles []conformance.Role
}

// show makes a flow. The first clause is the one whose level it has.
func show(id, note, clauses string, play func(*act), needs ...metadata.Service) flow {
	list := strings.Fields(clauses)
	return flow{Case: Case{
		ID: id, Note: note, Clauses: list, Level: levels()[list[0]], Needs: append([]metadata.Service{metadata.ServicePayment}, needs...),
		run: func(ctx context.Context, s *Stage) ([]Finding, error) {
			a := &act{Context: ctx, stage: s}
			play(a)
			return a.findings, a.err
		},
	}}
}

// before restricts a flow to a role.
func (f flow) before(role conformance.Role) flow {
	f.roles = append(f.roles, role)
	return f
}

// asking restricts a flow to providers with the capabilities.
func (f flow) asking(list ...Capability) flow {
	f.Asks = append(f.Asks, list...)
	return f
}

// act is a flow while it is played. After an error nothing more is sent.
type act struct {
	context.Context //nolint:containedctx // of the one call that it is made for

	stage    *Stage
	findings []Finding
	err      error
}

// fail notes what is not as it must be.
func (a *act) fail(step, expected, found string, r *reply) {
	f := Finding{Step: step, Expected: expected, Found: found}
	if r != nil {
		f.Received = r.body
	}
	a.findings = append(a.findings, f)
}

// same fails unless what was found is what must be.
func (a *act) same(step string, expected, found any) {
	if a.err == nil && expected != found {
		a.fail(step, fmt.Sprint(expected), fmt.Sprint(found), nil)
	}
}

// windowOf is how long a flow's requests have to take effect.
const windowOf = 2 * time.Minute

// stamp gives a request its header.
func (a *act) stamp(h *kecis.RequestHeader, service metadata.Service) {
	address, err := a.stage.endpoint(service)
	a.note(err)
	if h.ID == "" {
		h.ID, err = kecis.NewID(a.stage.random)
		a.note(err)
	}
	h.Sender, h.Destination = a.stage.asking.Entity, address
	h.IssueInstant = a.stage.Clock.Now().UTC().Truncate(time.Second)
	h.NotOnOrAfter = h.IssueInstant.Add(windowOf)
}

// note remembers the first error, which ends the flow.
func (a *act) note(err error) {
	if a.err == nil {
		a.err = err
	}
}

// sent is a message that was sent, and what came back.
type sent struct {
	address  string
	document []byte
	*reply
}

// send signs a message and sends it once, to where it says that it goes.
func (a *act) send(m kecis.Message) *sent { return a.sendTo(kecis.HeaderOf(m).Destination, m) }

// sendTo is send to another address.
func (a *act) sendTo(address string, m kecis.Message) *sent {
	signer, err := a.stage.asking.Keys.Signer(a.stage.Clock.Now())
	a.note(err)
	if a.err != nil {
		return &sent{reply: &reply{}}
	}
	return a.signedTo(address, m, signer)
}

// sendBy is send with another key.
func (a *act) sendBy(m kecis.Message, signer *xmlsig.Signer) *sent {
	return a.signedTo(kecis.HeaderOf(m).Destination, m, signer)
}

func (a *act) signedTo(address string, m kecis.Message, signer *xmlsig.Signer) *sent {
	document, err := kecis.Sign(m, signer)
	if err != nil {
		a.note(&harnessError{err})
		return &sent{reply: &reply{}}
	}
	return a.post(address, document)
}

// again sends the same octets once more.
func (a *act) again(s *sent) *sent { return a.post(s.address, s.document) }

func (a *act) post(address string, document []byte) *sent {
	out := &sent{address: address, document: document, reply: &reply{}}
	if a.err != nil {
		return out
	}
	r, err := a.stage.post(a, address, document, false)
	a.note(err)
	if err == nil {
		out.reply = r
	}
	return out
}

// answered holds a reply against the code that it must have, with the outcome and
// retry rule of the catalogue.
func (a *act) answered(step string, s *sent, codes ...kecis.Code) bool {
	if a.err != nil {
		return false
	}
	h := responseOf(s.answer)
	var expected []string
	for _, code := range codes {
		entry := catalogued()[string(code)]
		if h != nil && h.Status.Code == code && h.Status.Outcome.String() == entry.Outcome && h.Status.Retry.String() == entry.Retry {
			return true
		}
		expected = append(expected, fmt.Sprintf("%s, %s, retry %s", string(code), entry.Outcome, entry.Retry))
	}
	a.fail(step, "a signed answer: "+strings.Join(expected, "; or "), s.describe(), s.reply)
	return false
}

// early holds a reply against an early refusal.
func (a *act) early(step string, s *sent, code string) {
	if want := earlyStatus(code); a.err == nil && (s.early != code || s.status != want) {
		a.fail(step, fmt.Sprintf("an early refusal: HTTP status %d, %s", want, code), s.describe(), s.reply)
	}
}

// looks is how often something that takes its time is looked at, with a pause
// between: ten seconds in all, where a pause is one of DefaultPause.
const looks = 50

// eventually looks until it sees what must come, and reports whether it did.
func (a *act) eventually(look func() bool) bool {
	for range looks {
		if a.err != nil || look() {
			return a.err == nil
		}
		a.note(a.stage.Pause(a))
	}
	return false
}

// earlyStatus is the HTTP status of an early refusal (KECIS-ERR-008).
func earlyStatus(code string) int {
	if code == wireMalformed {
		return http.StatusBadRequest
	}
	return http.StatusForbidden
}

// order is an order that nobody has seen.
func (a *act) order() kecis.OrderRef {
	order, err := a.stage.newOrder()
	a.note(err)
	return order
}

// payment is a payment by the test card, ready to be sent. What edits change that
// the card is bound to must be changed here.
func (a *act) payment(capture kecis.Capture, edits ...func(*kecis.PaymentRequest)) *kecis.PaymentRequest {
	p := a.stage.payment(a.order(), capture)
	for _, edit := range edits {
		edit(p)
	}
	a.stamp(&p.RequestHeader, metadata.ServicePayment)
	if a.err == nil && p.Instrument.Kind == 0 {
		var err error
		p.Instrument, err = a.stage.conceal(a, p, &a.stage.Subject.Card)
		a.note(err)
	}
	return p
}

// pay makes a payment that must be approved, and returns it with its transaction.
func (a *act) pay(capture kecis.Capture, edits ...func(*kecis.PaymentRequest)) (*kecis.PaymentRequest, *sent, *kecis.Transaction) {
	p := a.payment(capture, edits...)
	s := a.send(p)
	t := &kecis.Transaction{}
	if answer, ok := s.answer.(*kecis.PaymentResponse); ok && answer.Status.Outcome == kecis.Done {
		t = &answer.Transaction
	} else if a.err == nil {
		a.err = &twinError{Finding{Step: "an ordinary payment", Expected: "approved", Found: s.describe(), Received: s.body}}
	}
	return p, s, t
}

// inquire asks how a request stands.
func (a *act) inquire(original kecis.Original) *sent {
	q := &kecis.InquiryRequest{Original: original}
	a.stamp(&q.RequestHeader, metadata.ServiceInquiry)
	return a.send(q)
}

// stands holds what an inquiry says of a payment against what must be.
func (a *act) stands(step string, p *kecis.PaymentRequest, state kecis.State, captured, cancelled, cancellable int64) {
	s := a.inquire(kecis.Original{RequestID: p.ID})
	if !a.answered(step+": the inquiry", s, kecis.Found) {
		return
	}
	want := kecis.Transaction{State: state, Captured: captured, Cancelled: cancelled, Cancellable: cancellable}
	if found, ok := s.answer.(*kecis.InquiryResponse); ok {
		a.same(step, standing(&want), standing(&found.Transaction))
	}
}

// nothing holds that a request made no payment.
func (a *act) nothing(step string, id kecis.ID) {
	s := a.inquire(kecis.Original{RequestID: id})
	if a.err != nil {
		return
	}
	found, ok := s.answer.(*kecis.InquiryResponse)
	if !ok || (found.Status.Code != kecis.ErrNotFound && found.Result.Outcome != kecis.NotDone) {
		a.fail(step, "an inquiry says that it was not found, or not done", s.describe(), s.reply)
	}
}

// forwarded holds how many messages of a kind the issuer behind has seen of an
// order.
func (a *act) forwarded(step string, order kecis.OrderRef, kind kecis.Kind, count int) {
	if a.stage.tap == nil || a.err != nil {
		return
	}
	n := 0
	for _, p := range a.stage.tap.of(order.OrderID) {
		if p.kind == kind.String() {
			n++
		}
	}
	if n != count {
		a.fail(step, fmt.Sprintf("%d messages %s at the issuer", count, kind), strconv.Itoa(n), nil)
	}
}

// levels gives the level of each clause.
var levels = sync.OnceValue(func() map[string]spec.Level {
	out := map[string]spec.Level{}
	for _, c := range spec.Clauses() {
		out[c.ID] = c.Level
	}
	return out
})
