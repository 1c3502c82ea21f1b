package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/kecis/sdk/conformance/reference/issuer"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/metadata"
)

// authenticating is the example of a PG's configuration with authentication.
func authenticating(example string) string {
	for _, line := range []string{"encryption:", "  - file: pg.encryption.key.pem"} {
		example = strings.Replace(example, "  # "+line+"\n", "  "+line+"\n", 1)
	}
	for _, line := range []string{
		"authentication:", "  secret: pg.authentication.key", "  from: 300000", "  timeout: 20m", "  certificate:",
		"    location: https://localhost:8450/authenticate", "    listen: 127.0.0.1:8450",
		"    tls: {certificate: ca/server.pem, key: ca/server.key.pem}", "    users:", "      anchors: [ca/root.pem]",
		"      authorities: [ca/authorities.pem]", "      policies: [2.999.410.1.1]", "      accredited: true",
	} {
		example = strings.Replace(example, "# "+line+"\n", line+"\n", 1)
	}
	return example
}

// authenticate lets a large payment be refused, its buyer be authenticated by an amount
// that only the cardholder can read, and pays it with that evidence.
func (d *demonstration) authenticate(ctx context.Context) error {
	p, refused, err := d.unauthenticated(ctx)
	if err != nil {
		return err
	}
	d.step(d.asking(phrase{"₩320,000 is refused: from ₩300,000 on the PG wants to know the buyer", "320,000원은 거부됨: PG는 300,000원부터 구매자 인증을 요구"},
		"pay --config %s --order "+demoDear+" --amount 320000 --instrument "+demoCard, refused))
	client := d.cast.shop.client
	r := client.NewAuthentication(demoPG)
	r.OrderRef, r.Payee, r.Amount, r.OrderAmount = p.OrderRef, p.Payee, p.Amount, p.OrderAmount
	r.Method, r.Variant, r.Instrument = metadata.ByAmount, kecis.VariantAmount, &p.Instrument
	begun, err := client.Authenticate(ctx, r)
	if !errors.Is(err, kecis.ErrPending) {
		return errors.Join(errors.New("an authentication has not begun"), err)
	}
	held, notice, err := d.hold(ctx)
	if err != nil {
		return err
	}
	c, err := client.NewConfirmation(ctx, demoPG, p.OrderRef, begun.Authentication.ID, strconv.FormatInt(held.Amount, 10))
	if err != nil {
		return err
	}
	confirmed, err := client.Confirm(ctx, c)
	if err != nil {
		return err
	}
	released, _, err := d.hold(ctx)
	if err != nil {
		return err
	}
	if released.Held != 0 || released.Captured != 0 {
		return errors.New("a hold that authenticates has stayed")
	}
	d.step(d.authentication(begun, confirmed, held, released, notice))
	return d.payAuthenticated(ctx, confirmed, &p.Instrument)
}

// unauthenticated asks for a payment that needs an authentication.
func (d *demonstration) unauthenticated(ctx context.Context) (*kecis.PaymentRequest, *asked, error) {
	shop := d.cast.shop
	p, err := d.large(demoDear, 1)
	if err != nil {
		return nil, nil, err
	}
	plain, err := d.app.testInstrument(demoCard)
	if err != nil {
		return nil, nil, err
	}
	if p.Instrument, err = shop.client.Conceal(ctx, p, plain); err != nil {
		return nil, nil, err
	}
	out := shop.asked(p.ID, p.OrderRef, phrase{})
	refused, err := shop.client.Pay(ctx, p)
	if !errors.Is(err, kecis.ErrAuthenticationRequired) {
		return nil, nil, errors.Join(errors.New("a payment without authentication was not refused"), err)
	}
	out.answered(refused)
	d.told(kecis.PaymentRequestKind, out.Request, out)
	return p, out, nil
}

// large is the payment of the order that needs an authentication, but for its
// instrument.
func (d *demonstration) large(order string, attempt int) (*kecis.PaymentRequest, error) {
	return d.cast.shop.payment(&payFlags{order: order, attempt: attempt, part: 1, amount: demoLarge, vat: -1, currency: string(kecis.KRW)})
}

// hold is the hold that authenticates in the issuer's books, and what its cardholder
// was told of last.
func (d *demonstration) hold(ctx context.Context) (*issuer.Payment, issuer.Notice, error) {
	bank, _ := d.cast.services()
	payments, err1 := bank.Payments(ctx, "", demoPayments)
	notices, err2 := bank.Inbox(ctx, "hong", 1)
	if err := errors.Join(err1, err2); err != nil {
		return nil, issuer.Notice{}, err
	}
	for i := range payments {
		if payments[i].Purpose == kecis.AmountAuthentication && len(notices) > 0 {
			return &payments[i], notices[0], nil
		}
	}
	return nil, issuer.Notice{}, errors.New("the issuer has no hold that authenticates")
}

// authentication is the step that shows how a buyer was authenticated.
func (d *demonstration) authentication(begun, confirmed *kecis.AuthenticationResponse, held, released *issuer.Payment, notice issuer.Notice) demoStep {
	return demoStep{
		Title: d.say(phrase{"the PG holds a random amount, the cardholder reads it and types it, and the hold is gone", "PG가 임의의 금액을 승인하고, 카드 소유자가 그 금액을 읽어 입력하자 승인이 취소됨"}),
		Code:  string(confirmed.Status.Code),
		print: func(p *page) {
			money := func(n int64) string { return kecis.Won(n).Format(string(p.lang)) }
			p.field(phrase{"Authentication", "인증"}, begun.Authentication.State.String()+" → "+confirmed.Authentication.State.String())
			p.field(phrase{"Page for the buyer", "구매자 페이지"}, begun.Authentication.Page)
			p.field(phrase{"Held at the issuer", "발급사의 승인 보류"}, money(held.Held)+" → "+money(released.Held))
			p.field(phrase{"Captured of it", "그중 매입"}, money(released.Captured))
			p.flush()
			p.plain("  " + notice.Text("예제카드", string(p.lang)))
		},
	}
}

// payAuthenticated pays with the evidence, by the token of the card.
func (d *demonstration) payAuthenticated(ctx context.Context, evidence *kecis.AuthenticationResponse, card *kecis.Instrument) error {
	p, err := d.large(demoDear, 2)
	if err != nil {
		return err
	}
	p.Instrument = *card
	p.Instrument.Encrypted, p.Instrument.Ref = nil, evidence.Authentication.Proof.InstrumentRef
	p.Evidence = []kecis.Evidence{evidence.Evidence()}
	d.authenticated, err = d.payLarge(ctx, p, phrase{"with that evidence the shop pays ₩320,000", "그 증거로 상점이 320,000원 결제"})
	return err
}

// payLarge pays, and shows it.
func (d *demonstration) payLarge(ctx context.Context, p *kecis.PaymentRequest, title phrase) (*asked, error) {
	shop := d.cast.shop
	out := shop.asked(p.ID, p.OrderRef, phrase{"Paid.", "결제되었습니다."})
	paid, err := shop.client.Pay(ctx, p)
	if err != nil {
		return nil, err
	}
	out.answered(paid)
	d.told(kecis.PaymentRequestKind, out.Request, out)
	step := d.asking(title, "", out)
	step.Command = ""
	d.step(step)
	return out, nil
}
