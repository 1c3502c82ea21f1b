package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
)

// payFlags are what is to be paid.
type payFlags struct {
	order                      string
	attempt, part, instalments int
	amount, orderAmount        int64
	vat, taxFree, service      int64
	currency                   string
	manual, interestFree       bool
	settle, example            bool
	evidence                   string
	instrument                 instrumentFlags
}

func (a *app) payCommand() *cobra.Command {
	f := &payFlags{}
	cmd := &cobra.Command{
		Use:   "pay --config FILE --order ID --amount N",
		Short: a.say(phrase{"pay: ask a provider for a payment", "결제 요청"}),
		Long: a.say(phrase{
			`Asks a payment gateway or an issuer for a payment. The card is that of a test
instrument (--instrument NAME, see docs/test-instruments.md), or is read from
standard input as "NUMBER MM/YYYY [CVC]"; it is encrypted to its issuer and kept
nowhere. An argument never holds a card number.

Ends with 0 if the payment is done, 1 if not, 5 if it is pending, and 6 if the
outcome is unknown: then settle it, now with --settle or later with kecis settle.`,
			`PG나 발급사에 결제를 요청합니다. 카드는 시험용 수단(--instrument 이름,
docs/test-instruments.md)을 쓰거나 표준 입력에서 "번호 MM/YYYY [CVC]"로 읽습니다. 카드
정보는 발급사에게 암호화되며 어디에도 남지 않습니다. 카드 번호를 인자로 주지 않습니다.

완료되면 0, 처리되지 않으면 1, 대기면 5, 결과를 알 수 없으면 6으로 끝납니다. 알 수
없으면 지금 --settle로, 또는 나중에 kecis settle로 확정하십시오.`}),
		Example: `  kecis pay --example > shop.yaml
  kecis pay --config shop.yaml --order 2026-0001 --amount 50000 --instrument card-approve
  kecis pay --config shop.yaml --order 2026-0001 --amount 50000 < card.txt`,
		Args: a.arguments(),
	}
	flags := cmd.Flags()
	a.addOrderFlags(cmd, f)
	flags.Int64Var(&f.vat, "vat", -1, a.say(phrase{"value added tax in the amount; for won an eleventh if not given", "금액에 포함된 부가세. 원화는 생략하면 1/11"}))
	flags.Int64Var(&f.taxFree, "tax-free", 0, a.say(phrase{"what of the amount is free of tax", "면세 금액"}))
	flags.Int64Var(&f.service, "service", 0, a.say(phrase{"service charge in the amount", "봉사료"}))
	flags.IntVar(&f.instalments, "instalments", 0, a.say(phrase{"months, 2 to 12", "할부 개월 수, 2~12"}))
	flags.BoolVar(&f.interestFree, "interest-free", false, a.say(phrase{"ask for interest-free instalments", "무이자 할부 요청"}))
	flags.BoolVar(&f.manual, "manual", false, a.say(phrase{"only authorise; capture later", "승인만 하고 매입은 나중에"}))
	flags.BoolVar(&f.settle, "settle", false, a.say(phrase{"settle an unknown outcome: inquire, then reverse", "결과를 알 수 없으면 조회 후 망취소로 확정"}))
	flags.BoolVar(&f.example, "example", false, a.say(phrase{"print an example of a configuration", "설정 예제 출력"}))
	flags.StringVar(&f.evidence, "evidence", "", a.say(phrase{"proof of an authentication, as kecis authenticate kept it", "인증의 증빙(kecis authenticate가 저장한 파일)"}))
	a.addInstrumentFlags(cmd, &f.instrument)
	return a.asking(cmd, func(ctx context.Context, r *requester, _ []string) (answer, error) {
		switch {
		case f.order == "":
			return nil, a.usage(a.say(phrase{"--order is missing", "--order가 없습니다"}), "")
		case f.amount == 0:
			return nil, a.usage(a.say(phrase{"--amount is missing", "--amount가 없습니다"}), "")
		}
		return r.pay(ctx, f)
	})
}

// addOrderFlags say what order it is.
func (a *app) addOrderFlags(cmd *cobra.Command, f *payFlags) {
	flags := cmd.Flags()
	flags.StringVar(&f.order, "order", "", a.say(phrase{"the shop's own ID of the order, 6 to 40 letters and digits", "상점의 주문 번호(6~40자)"}))
	flags.IntVar(&f.attempt, "attempt", 1, a.say(phrase{"which attempt to pay the order this is", "몇 번째 결제 시도인지"}))
	flags.IntVar(&f.part, "part", 1, a.say(phrase{"which part of an order that is paid in several", "나누어 결제할 때 몇 번째 부분인지"}))
	flags.Int64Var(&f.amount, "amount", 0, a.say(phrase{"in minor units: 50000 is 50,000 won, 1234 is $12.34", "최소 단위 금액: 50000은 50,000원, 1234는 12.34달러"}))
	flags.Int64Var(&f.orderAmount, "order-amount", 0, a.say(phrase{"of the whole order, if this is a part of it", "일부만 결제할 때 주문 전체 금액"}))
	flags.StringVar(&f.currency, "currency", string(kecis.KRW), a.say(phrase{"ISO 4217 code", "ISO 4217 통화 코드"}))
}

// pay makes the request, sends it, and settles it if that is asked for.
func (r *requester) pay(ctx context.Context, f *payFlags) (answer, error) {
	p, err := r.payment(f)
	if err != nil {
		return nil, err
	}
	plain, err := r.instrument(ctx, &f.instrument)
	if err != nil {
		return nil, err
	}
	if p.Instrument, err = r.client.Conceal(ctx, p, plain); err != nil {
		return r.unsent(err)
	}
	if f.evidence != "" {
		if err := r.prove(ctx, p, f.evidence); err != nil {
			return nil, err
		}
	}
	out := r.asked(p.ID, p.OrderRef, phrase{"Paid.", "결제되었습니다."})
	paid, err := r.client.Pay(ctx, p)
	if paid != nil {
		out.answered(paid)
	}
	if fault, ok := errors.AsType[*kecis.Fault](err); ok && fault.Outcome == kecis.Unknown && f.settle {
		return r.settle(context.WithoutCancel(ctx), out, p.ID)
	}
	return r.ended(out, err)
}

// payment is the request, but for the instrument.
func (r *requester) payment(f *payFlags) (*kecis.PaymentRequest, error) {
	s := r.settings
	currency, err := kecis.ParseCurrency(f.currency)
	if err != nil {
		return nil, err
	}
	p := r.client.NewPayment(r.provider)
	p.OrderRef = kecis.OrderRef{Requester: s.Party.Entity, OrderID: f.order, Attempt: f.attempt, Part: f.part}
	p.Payee = kecis.Payee{
		Entity: s.Payee.Entity, Name: s.Payee.Name, Merchant: s.Payee.Number, Business: s.Payee.Business, Category: s.Payee.Category,
	}
	if p.Payee.Entity == "" {
		p.Payee.Entity = s.Party.Entity
	}
	p.Amount = kecis.Money{Minor: f.amount, Currency: currency}
	p.OrderAmount = p.Amount
	if f.orderAmount != 0 {
		p.OrderAmount.Minor = f.orderAmount
	}
	p.Tax = taxOf(p.Amount, f.vat, f.taxFree, f.service)
	p.Terms = kecis.Terms{Capture: kecis.CaptureAutomatic, Instalments: kecis.Instalments(min(max(f.instalments, 0), 99)), InterestFree: f.interestFree}
	if f.manual {
		p.Terms.Capture = kecis.CaptureManual
	}
	p.Buyer = &ecml.Ecom{}
	return p, nil
}

// taxOf splits an amount for the tax authority. Without a VAT that was stated,
// won contain an eleventh of what is taxed, and other currencies none.
func taxOf(m kecis.Money, vat, free, service int64) kecis.Tax {
	const inVAT = 11 // 10 % on top
	t := kecis.Tax{TaxFree: free, Service: service, VAT: vat}
	taxed := m.Minor - free - service
	if vat < 0 {
		t.VAT = 0
		if m.Currency == kecis.KRW {
			t.VAT = taxed / inVAT
		}
	}
	t.Supply = taxed - t.VAT
	return t
}

// settle brings an unknown outcome to its end.
func (r *requester) settle(ctx context.Context, out *asked, id kecis.ID) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, defaultWait)
	defer cancel()
	end, err := r.client.Settle(ctx, id)
	out.state(&end.Transaction)
	if err != nil {
		return r.ended(out, r.stillUnknown(err))
	}
	out.Settled, out.Code = true, string(end.Code)
	if end.Outcome == kecis.Done {
		return r.ended(out, nil)
	}
	status := kecis.NewStatus(end.Code)
	return r.ended(out, &kecis.Fault{
		Outcome: end.Outcome, Retry: status.Retry, Code: end.Code, Korean: end.Code.Text("ko"), English: end.Code.Text("en"),
	})
}
