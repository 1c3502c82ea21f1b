package main

import (
	"context"
	"errors"
	"strings"

	"github.com/kecis/sdk/kecis"
)

// asked is the answer of a command that asks a provider: what became of the
// request, and the payment as it stands.
type asked struct {
	Request  string `json:"request"`
	Provider string `json:"provider"`
	Outcome  string `json:"outcome"`
	Code     string `json:"code"`
	Retry    string `json:"retry,omitempty"`
	Text     string `json:"text,omitempty"`
	// Settled says that the outcome was unknown at first and has been settled.
	Settled bool        `json:"settled,omitempty"`
	Order   *shownOrder `json:"order,omitempty"`
	// Accepted are the methods by which the buyer may be authenticated first.
	Accepted    []string          `json:"accepted,omitempty"`
	Transaction *shownTransaction `json:"transaction,omitempty"`
	Cancelled   []shownCancelled  `json:"cancellations,omitempty"`
	// Authentication is that of a command about one.
	Authentication *shownAuthentication `json:"authentication,omitempty"`

	did phrase
	// evidence is the proof of the authentication, as it was received.
	evidence []byte
}

type shownOrder struct {
	ID      string `json:"id"`
	Attempt int    `json:"attempt"`
	Part    int    `json:"part"`
}

// shownTransaction is a payment. Amounts are in minor units of its currency.
type shownTransaction struct {
	ID           string `json:"id"`
	State        string `json:"state"`
	Currency     string `json:"currency"`
	Exponent     int    `json:"exponent"`
	Amount       int64  `json:"amount"`
	Captured     int64  `json:"captured"`
	Cancelled    int64  `json:"cancelled"`
	Cancellable  int64  `json:"cancellable"`
	Method       string `json:"method"`
	Brand        string `json:"brand,omitempty"`
	Instalments  string `json:"instalments"`
	ApprovalCode string `json:"approvalCode,omitempty"`
	At           string `json:"at"`
	Expires      string `json:"expires,omitempty"`
	Page         string `json:"page,omitempty"`
}

type shownCancelled struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Amount int64  `json:"amount"`
}

func (r *requester) asked(id kecis.ID, order kecis.OrderRef, did phrase) *asked {
	out := &asked{Request: string(id), Provider: r.provider, did: did}
	if order.OrderID != "" {
		out.Order = &shownOrder{order.OrderID, order.Attempt, order.Part}
	}
	return out
}

// state puts the payment as it stands into the answer.
func (o *asked) state(t *kecis.Transaction) *asked {
	if t.ID == "" {
		return o
	}
	o.Transaction = &shownTransaction{
		ID: t.ID, State: t.State.String(), Currency: string(t.Amount.Currency), Exponent: t.Amount.Currency.Exponent(),
		Amount: t.Amount.Minor, Captured: t.Captured, Cancelled: t.Cancelled, Cancellable: t.Cancellable,
		Method: t.Method.String(), Brand: t.Brand, Instalments: t.Terms.Instalments.String(), ApprovalCode: t.ApprovalCode,
		At: instant(t.At), Page: t.Page,
	}
	if !t.Expires.IsZero() {
		o.Transaction.Expires = instant(t.Expires)
	}
	return o
}

// answered puts the answer to a payment into the answer.
func (o *asked) answered(m *kecis.PaymentResponse) {
	o.state(&m.Transaction)
	o.Outcome, o.Code = m.Status.Outcome.String(), string(m.Status.Code)
	for _, method := range m.Accepted {
		o.Accepted = append(o.Accepted, string(method))
	}
}

// ended says how the request ended, and returns the failure that this is: nil if
// it is done.
func (r *requester) ended(o *asked, err error) (answer, error) {
	if err == nil {
		o.Outcome = kecis.Done.String()
		return o, nil
	}
	f, ok := errors.AsType[*kecis.Fault](err)
	if !ok {
		return r.unsent(err)
	}
	o.Outcome, o.Code, o.Retry, o.Text = f.Outcome.String(), string(f.Code), f.Retry.String(), f.Text(string(r.a.lang))
	out := &failure{exit: exitOf(f.Outcome), text: o.Text + " (" + o.Code + ")", cause: err}
	if f.Upstream.Code != "" {
		out.text += " [" + shown(f.Upstream.System+" "+f.Upstream.Code) + "]"
	}
	out.remedy = r.a.say(remedyOf(f), o.Request)
	if o.Authentication != nil && f.Outcome == kecis.Pending {
		out.remedy = r.a.say(phrase{"the buyer opens the page; look again: kecis authenticate --id %s", "구매자가 페이지를 열어야 합니다. 다시 조회: kecis authenticate --id %s"}, o.Authentication.ID)
	}
	if o.Settled && f.Outcome == kecis.NotDone {
		out.remedy = r.a.say(phrase{"nothing of the request stands: a new one may be made", "요청의 효력이 남아 있지 않습니다. 새로 요청할 수 있습니다"})
	}
	return o, out
}

// unsent is the failure of a request that could not be made: nothing was sent.
func (r *requester) unsent(err error) (answer, error) {
	nothing := r.a.say(phrase{"nothing was sent", "아무것도 보내지 않았습니다"})
	if refusal, ok := errors.AsType[*kecis.Refusal](err); ok {
		return nil, &failure{exit: exitRefused, text: refusal.Code.Text(string(r.a.lang)) + " (" + string(refusal.Code) + ")", remedy: nothing, cause: err}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, &failure{exit: exitIO, text: r.a.say(phrase{"the time of --wait is over", "--wait 시간이 지났습니다"}), remedy: nothing, cause: err}
	}
	return nil, err
}

func exitOf(o kecis.Outcome) exitCode {
	switch o {
	case kecis.Done:
		return exitOK
	case kecis.NotDone:
		return exitRefused
	case kecis.Pending:
		return exitPending
	}
	return exitUnknown
}

// remedyOf says what may be done now, as the retry rule says. It takes the ID of
// the request.
func remedyOf(f *kecis.Fault) phrase {
	switch {
	case f.Outcome == kecis.Pending:
		return phrase{"ask later: kecis inquire --request %s", "나중에 확인하십시오: kecis inquire --request %s"}
	case f.Outcome == kecis.Unknown:
		return phrase{"it may have taken effect. Settle it before anything else: kecis settle --request %s", "효력이 생겼을 수 있습니다. 먼저 확정하십시오: kecis settle --request %s"}
	case f.Retry == kecis.RetryNewID:
		return phrase{"nothing has happened. A corrected request may succeed (this was %s)", "아무 일도 일어나지 않았습니다. 고쳐서 새로 요청할 수 있습니다(이 요청: %s)"}
	}
	return phrase{"nothing has happened (request %s)", "아무 일도 일어나지 않았습니다(요청: %s)"}
}

func (o *asked) print(p *page) {
	if o.Outcome == kecis.Done.String() {
		p.line(o.did)
	}
	if o.Settled {
		p.line(phrase{"The outcome was unknown at first, and has been settled.", "처음에는 결과를 알 수 없었으나 확정했습니다."})
	}
	p.field(phrase{"Request", "요청"}, o.Request)
	p.field(phrase{"Provider", "PG"}, o.Provider)
	if o.Order != nil {
		p.field(phrase{"Order", "주문"}, identifier(o.Order.ID)+p.say(phrase{", attempt %d, part %d", ", %d번째 시도, %d번째 부분"}, o.Order.Attempt, o.Order.Part))
	}
	if o.Outcome != "" {
		p.field(phrase{"Outcome", "결과"}, o.outcome(p))
	}
	p.field(phrase{"Authenticate by", "인증 수단"}, strings.Join(o.Accepted, ", "))
	if o.Authentication != nil {
		o.Authentication.print(p)
	}
	if o.Transaction != nil {
		o.Transaction.print(p)
	}
	for _, c := range o.Cancelled {
		p.field(phrase{"Cancellation", "취소 내역"}, c.text(p, o.Transaction))
	}
}

func (o *asked) outcome(p *page) string {
	text := p.say(outcomeWord(o.Outcome))
	if o.Code != "" {
		text += " (" + o.Code + ")"
	}
	return text
}

func outcomeWord(outcome string) phrase {
	switch outcome {
	case kecis.Done.String():
		return phrase{"done", "완료"}
	case kecis.NotDone.String():
		return phrase{"not done", "처리되지 않음"}
	case kecis.Pending.String():
		return phrase{"pending", "대기"}
	}
	return phrase{"unknown", "알 수 없음"}
}

// stateWord names a state for people.
func stateWord(state string) phrase {
	for _, s := range []struct {
		state kecis.State
		word  phrase
	}{
		{kecis.StatePending, phrase{"pending", "대기"}}, {kecis.StateAuthorised, phrase{"authorised", "승인(미매입)"}},
		{kecis.StateCaptured, phrase{"captured", "매입"}}, {kecis.StateCancelled, phrase{"cancelled", "취소"}},
		{kecis.StateDeclined, phrase{"declined", "거절"}}, {kecis.StateReversed, phrase{"reversed", "망취소"}},
		{kecis.StateExpired, phrase{"expired", "기한 만료"}}, {kecis.StateResolving, phrase{"resolving", "확인 중"}},
	} {
		if s.state.String() == state {
			return s.word
		}
	}
	return phrase{state, state}
}

func (t *shownTransaction) print(p *page) {
	money := func(minor int64) string {
		return kecis.Money{Minor: minor, Currency: kecis.Currency(t.Currency)}.Format(string(p.lang))
	}
	p.field(phrase{"Transaction", "거래"}, identifier(t.ID))
	p.field(phrase{"State", "상태"}, p.say(stateWord(t.State)))
	p.field(phrase{"Amount", "금액"}, money(t.Amount))
	p.field(phrase{"Captured", "매입"}, money(t.Captured))
	p.field(phrase{"Cancelled", "취소"}, money(t.Cancelled))
	p.field(phrase{"Can be cancelled", "취소 가능"}, money(t.Cancellable))
	if t.Instalments != kecis.LumpSum.String() {
		p.field(phrase{"Instalments", "할부"}, t.Instalments)
	}
	p.field(phrase{"Approval code", "승인번호"}, identifier(t.ApprovalCode))
	p.field(phrase{"Since", "시각"}, t.At)
	p.field(phrase{"Expires", "만료"}, t.Expires)
	p.field(phrase{"Page for the buyer", "구매자 페이지"}, shown(t.Page))
}

func (c *shownCancelled) text(p *page, t *shownTransaction) string {
	kind := phrase{"void", "승인 취소"}
	if c.Kind == kecis.Refund.String() {
		kind = phrase{"refund", "환불"}
	}
	amount := kecis.Money{Minor: c.Amount}
	if t != nil {
		amount.Currency = kecis.Currency(t.Currency)
	}
	return amount.Format(string(p.lang)) + " " + p.say(kind) + ", " + identifier(c.ID)
}
