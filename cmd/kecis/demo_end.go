package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/conformance/reference/ledger"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// approvals are the payments that the issuer has approved and not reversed.
func (d *demonstration) approvals() (ids []string) {
	service, _ := d.cast.services()
	payments, err := service.Payments(context.Background(), "", demoPayments)
	if err != nil {
		return nil
	}
	for i := range payments {
		if payments[i].State == "approved" {
			ids = append(ids, payments[i].Transaction)
		}
	}
	return ids
}

// demoPayments is more than the demo makes.
const demoPayments = 100

// account shows the books of all parties and the messages to the cardholder.
func (d *demonstration) account(ctx context.Context) error {
	bank, gateway := d.cast.services()
	owed, err1 := gateway.Owed(ctx, demoShop, kecis.KRW)
	claim, err2 := gateway.Claim(ctx, demoIssuer, kecis.KRW)
	fees, err3 := gateway.Fees(ctx, kecis.KRW)
	notices, err4 := bank.Inbox(ctx, "hong", demoPayments)
	wrongPG, err5 := gateway.Audit(ctx)
	wrongIssuer, err6 := bank.Audit(ctx)
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return err
	}
	if wrong := slices.Concat(wrongPG, wrongIssuer); len(wrong) > 0 {
		return errors.New("the books are wrong: " + strings.Join(wrong, "; "))
	}
	d.step(demoStep{
		Title: d.say(phrase{"the books agree, and the cardholder has read it all", "장부가 일치하고 카드 소유자는 모두 문자로 받음"}),
		print: func(p *page) {
			money := func(n int64) string { return kecis.Won(n).Format(string(p.lang)) }
			p.field(phrase{"The issuer owes the PG", "발급사가 PG에 지급할 금액"}, money(claim))
			p.field(phrase{"The PG owes the shop", "PG가 상점에 지급할 금액"}, money(owed))
			p.field(phrase{"The PG's fee", "PG 수수료"}, money(fees))
			p.flush()
			for _, n := range slices.Backward(notices) {
				p.plain("  " + n.Text("예제카드", string(p.lang)))
			}
		},
	})
	return nil
}

// evidence verifies the chains that stay on disk.
func (d *demonstration) evidence(ctx context.Context) error {
	parties := []string{"shop", "pg", "issuer"}
	heads := map[string]journal.Verification{}
	for name, j := range map[string]journal.Journal{"shop": d.cast.shop.journal, "pg": d.cast.pg.journal, "issuer": d.cast.issuer.journal} {
		for chained := 1; chained > 0; {
			err := j.Update(ctx, func(tx journal.Tx) (err error) {
				chained, err = tx.ChainEvidence(demoPayments)
				return err
			})
			if err != nil {
				return err
			}
		}
		v, err := journal.VerifyChain(ctx, j)
		if err != nil {
			return err
		}
		if v.Broken != 0 || v.Rows == 0 {
			return errors.New("the evidence of " + name + " is broken: " + v.Reason)
		}
		heads[name] = v
	}
	d.step(demoStep{
		Title:   d.say(phrase{"every signed document is kept as evidence, in a chain", "서명된 모든 문서가 체인으로 이어진 증거로 남음"}),
		Command: programName + " evidence verify --journal sqlite:" + d.path("pg.db"),
		print: func(p *page) {
			for _, name := range parties {
				v := heads[name]
				p.row("sqlite:"+d.path(name+".db"), p.say(phrase{"%d documents, in order", "문서 %d개, 온전함"}, v.Rows))
			}
		},
	})
	return nil
}

// judge holds what was recorded against the invariants.
func (d *demonstration) judge(ctx context.Context) error {
	r, err := d.recording(ctx)
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	if err := d.app.write(d.path("recording.json"), content, modePublic, true); err != nil {
		return err
	}
	var rules []judgedRule
	var findings []conformance.Finding
	for _, u := range conformance.Rulings(r) {
		var first *conformance.Finding
		if len(u.Findings) > 0 {
			first = &u.Findings[0]
		}
		rules = append(rules, judged(&u.Rule, u.Looked, first))
		findings = append(findings, u.Findings...)
	}
	d.out.Rules = rules
	d.step(demoStep{
		Title: d.say(phrase{"the judge holds all that happened against the rules of money", "심판이 일어난 모든 일을 돈의 규칙에 비추어 판정"}),
		File:  d.path("recording.json"),
		print: func(p *page) {
			for _, r := range rules {
				verdict := p.say(phrase{"holds", "지켜짐"})
				switch r.Standing {
				case conformance.Broken:
					verdict = p.say(phrase{"BROKEN", "위반"}) + ": " + r.Broken
				case conformance.NotObserved:
					verdict = p.say(phrase{"not observed", "관찰되지 않음"})
				}
				p.row(r.Name, verdict, ruleText(p, &r))
			}
			p.flush()
			p.line(phrase{"  %s exchanges, %s entries of ledgers, %s findings", "  교환 %s건, 원장 기록 %s건, 위반 %s건"},
				strconv.Itoa(len(r.Exchanges)), strconv.Itoa(len(r.Entries)), strconv.Itoa(len(findings)))
		},
	})
	if len(findings) > 0 {
		return &failure{exit: exitRefused, text: findings[0].Rule + ": " + findings[0].What}
	}
	return nil
}

// judgedRule is a rule, how it stands, and what broke it.
type judgedRule struct {
	Name     string               `json:"name"`
	Text     string               `json:"text"`
	Standing conformance.Standing `json:"standing"`
	Looked   int                  `json:"looked"`
	Broken   string               `json:"broken,omitempty"`
}

func judged(rule *conformance.Rule, looked int, finding *conformance.Finding) judgedRule {
	u := conformance.Ruling{Rule: *rule, Looked: looked}
	out := judgedRule{Name: rule.Name, Text: rule.Text, Looked: looked}
	if finding != nil {
		u.Findings, out.Broken = []conformance.Finding{*finding}, finding.What
	}
	out.Standing = u.Standing()
	return out
}

// recording puts together what the judge needs.
func (d *demonstration) recording(ctx context.Context) (*conformance.Recording, error) {
	bank, gateway := d.cast.services()
	now := d.app.now()
	r := &conformance.Recording{
		Format: conformance.RecordingFormat, Suite: programName + " demo " + version().SDK, Ended: now,
		Parties: []conformance.Party{
			{Entity: demoShop, Role: conformance.Requester}, {Entity: demoPG, Role: conformance.PG}, {Entity: demoIssuer, Role: conformance.Issuer, Books: true},
		},
		Exchanges: d.cast.record.exchanges,
	}
	var err error
	if r.Entries, err = bank.Entries(ctx); err != nil {
		return nil, err
	}
	err = d.cast.pg.journal.View(ctx, func(tx journal.Tx) error {
		entries, err := gateway.Ledger().Entries(tx, "", demoPayments)
		for i := range entries {
			r.Entries = append(r.Entries, postedBy(demoPG, &entries[i]))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, t := range d.tellings {
		r.Tellings = append(r.Tellings, conformance.Telling{
			Requester: demoShop, Provider: demoPG, At: t.at, Kind: t.kind, Request: t.request, Code: t.code, Outcome: t.outcome,
		})
	}
	return r, d.state(ctx, r)
}

// postedBy is an entry of a PG's ledger: it moves nothing of the payment itself.
func postedBy(party string, e *ledger.Entry) conformance.Entry {
	out := conformance.Entry{
		Party: party, At: e.At, Transaction: e.Transaction, Effect: conformance.EffectNone, Currency: e.Currency, Class: conformance.Declared,
	}
	for _, p := range e.Postings {
		out.Postings = append(out.Postings, conformance.Posting{Account: p.Account, Currency: e.Currency, Amount: p.Amount})
	}
	return out
}

// state asks the PG, as the shop does, and the issuer's books for how each
// payment stands.
func (d *demonstration) state(ctx context.Context, r *conformance.Recording) error {
	for _, request := range []string{d.paid.Request, d.lost.Request, d.authenticated.Request, d.certified.Request} {
		found, err := d.cast.shop.client.Inquire(ctx, demoPG, kecis.Original{RequestID: kecis.ID(request)})
		if err != nil {
			return err
		}
		for _, party := range []string{demoPG, demoShop} {
			r.Statements = append(r.Statements, conformance.Statement{
				Party: party, At: d.app.now(), By: "inquiry", Order: judgedOrder(found.OrderRef), Request: request,
				Payment: judgedPayment(&found.Transaction), Final: true, Class: conformance.Declared,
			})
		}
	}
	bank, _ := d.cast.services()
	payments, err := bank.Payments(ctx, "", demoPayments)
	for i := range payments {
		p := &payments[i]
		stated := conformance.Payment{
			Transaction: p.Transaction, State: statedState(p.State), Currency: string(p.Currency), Amount: p.Amount,
			Captured: p.Captured, Cancelled: p.Refunded + p.Voided, Cancellable: p.Held + p.Captured - p.Refunded,
		}
		r.Statements = append(r.Statements, conformance.Statement{
			Party: demoIssuer, At: d.app.now(), By: "books", Order: judgedOrder(kecis.OrderRef(p.Order)), Request: p.Request, Payment: stated,
			Final: true, Class: conformance.Declared, Authentication: p.Purpose == kecis.AmountAuthentication,
		})
	}
	return err
}

// statedState is the state in the issuer's books as messages have it: every
// payment that stands in the demo is captured.
func statedState(s issuer.State) string {
	if s == issuer.Approved {
		return kecis.StateCaptured.String()
	}
	return string(s)
}

// ruleText is what a rule says.
func ruleText(p *page, r *judgedRule) string {
	korean := map[string]string{
		"I1": "기장의 합은 통화별로 0", "I2": "승인액보다 많이 매입하지 않음", "I3": "매입액보다 많이 환불하지 않음",
		"I4": "요청 하나의 효력은 많아야 한 번", "I5": "기한을 넘긴 승인 보류가 없음", "I6": "인증용 보류는 매입되지 않음",
		"I7": "모두 끝난 뒤 상점, PG, 발급사의 내용이 일치", "I8": "한 주문의 유효한 승인은 주문 금액 이하, 부분마다 하나",
		"done": "완료라고 한 것은 효력이 있음", "not-done": "처리되지 않았다고 한 것은 효력이 없음",
		"unknown": "알 수 없는 결과는 제때 확정됨", "repeat": "반복된 메시지는 기록된 응답을 받고 아무것도 바꾸지 않음",
		"deadline": "완료는 기한 전에 기록된 것만 알림",
	}
	if text, ok := korean[r.Name]; ok {
		return p.say(phrase{r.Text, text})
	}
	return r.Text
}
