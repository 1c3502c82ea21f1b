package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// demoForged is what an attacker would rather pay.
const demoForged = 5_000

// told notes what the shop's program said of a request.
func (d *demonstration) told(kind kecis.Kind, id string, o *asked) {
	d.tellings = append(d.tellings, telling{kind.String(), id, o.Code, o.Outcome, d.app.now()})
}

// telling is what the shop was told of a request, and when.
type telling struct {
	kind, request, code, outcome string
	at                           time.Time
}

// pay lets the shop authorise 50,000 won.
func (d *demonstration) pay(ctx context.Context) error {
	out, err := d.paying(ctx, demoOrder)
	if err != nil {
		return err
	}
	d.paid = out
	d.request = d.cast.atPG.sent()
	d.step(d.asking(phrase{"the shop encrypts the card to the issuer and asks the PG for ₩50,000", "상점이 카드를 발급사에게 암호화하고 PG에 50,000원 결제 요청"},
		"pay --config %s --order "+demoOrder+" --amount 50000 --instrument "+demoCard+" --manual", out))
	if err := d.app.write(d.path("request.xml"), d.request, modePublic, true); err != nil {
		return err
	}
	_, unsigned := cutSignature(d.request)
	return d.app.write(d.path("unsigned.xml"), []byte(unsigned), modePublic, true)
}

func (d *demonstration) paying(ctx context.Context, order string) (*asked, error) {
	result, err := d.cast.shop.pay(ctx, &payFlags{
		order: order, attempt: 1, part: 1, amount: demoAmount, vat: -1, currency: string(kecis.KRW), manual: order == demoOrder,
		instrument: instrumentFlags{name: demoCard},
	})
	out, ok := result.(*asked)
	if ok {
		d.told(kecis.PaymentRequestKind, out.Request, out)
	}
	return out, err
}

// asking is the step of a request: the command that does it, and its answer.
func (d *demonstration) asking(title phrase, command string, out *asked) demoStep {
	return demoStep{
		Title: d.say(title), Command: d.command(command, "shop.yaml"), Code: out.Code, Answer: out,
		print: func(p *page) { out.print(p) },
	}
}

// capture takes what was authorised.
func (d *demonstration) capture(ctx context.Context) error {
	result, err := d.cast.shop.capture(ctx, kecis.Original{TransactionID: d.paid.Transaction.ID}, 0, true)
	if err != nil {
		return err
	}
	out, _ := result.(*asked)
	d.told(kecis.CaptureRequestKind, out.Request, out)
	d.step(d.asking(phrase{"the goods are sent, and the shop captures", "상품을 보내고 매입"}, "capture --config %s --transaction "+d.paid.Transaction.ID, out))
	return nil
}

// cancelPart gives a part back.
func (d *demonstration) cancelPart(ctx context.Context) error {
	result, err := d.cast.shop.cancel(ctx, kecis.Original{TransactionID: d.paid.Transaction.ID}, demoPart, demoAmount, kecis.ReasonBuyer)
	if err != nil {
		return err
	}
	out, _ := result.(*asked)
	d.told(kecis.CancellationRequestKind, out.Request, out)
	d.step(d.asking(phrase{"one of the flowers is withered: ₩20,000 go back", "꽃 한 송이가 시들어 20,000원을 부분 취소"},
		"cancel --config %s --transaction "+d.paid.Transaction.ID+" --amount 20000 --balance 50000", out))
	return nil
}

// lostWait is how long the shop waits for an answer that does not come.
const lostWait = time.Second

// lose lets every answer to a payment get lost, and reverses it.
func (d *demonstration) lose(ctx context.Context) error {
	d.cast.atPG.losing(true)
	within, cancel := context.WithTimeout(ctx, lostWait)
	out, err := d.paying(within, demoLost)
	cancel()
	d.cast.atPG.losing(false)
	if f, ok := errors.AsType[*failure](err); !ok || f.exit != exitUnknown {
		return errors.Join(errors.New("a payment whose answers got lost is not unknown"), err)
	}
	d.step(d.asking(phrase{"the next payment is carried out, but every answer gets lost: the shop knows nothing", "다음 결제는 처리되었으나 응답이 모두 유실: 상점은 결과를 모름"},
		"pay --config %s --order "+demoLost+" --amount 50000 --instrument "+demoCard, out))
	end, err := d.cast.shop.client.Reverse(ctx, kecis.ID(out.Request), kecis.ReasonNoAnswer)
	if err != nil {
		return err
	}
	reversed := d.cast.shop.asked(kecis.ID(out.Request), kecis.OrderRef{}, phrase{"Reversed: nothing of the request stands.", "망취소되었습니다. 요청의 효력이 남아 있지 않습니다."}).state(&end.Transaction)
	reversed.Outcome, reversed.Code = kecis.Done.String(), string(end.Code)
	d.lost = out
	d.step(d.asking(phrase{"so the shop reverses it by the ID of its request", "그래서 상점이 요청 ID로 망취소"}, "reverse --config %s --request "+out.Request, reversed))
	return nil
}

// post sends bytes to the PG, as anybody can.
func (d *demonstration) post(ctx context.Context, document []byte) (status int, body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.cast.pg.settings.Endpoint, bytes.NewReader(document))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/xml")
	response, err := (&http.Client{Transport: d.cast.atPG}).Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxInput))
	return response.StatusCode, body, err
}

// repeat sends the bytes of the payment once more.
func (d *demonstration) repeat(ctx context.Context) error {
	_, first, err := d.post(ctx, d.request)
	if err != nil {
		return err
	}
	_, second, err := d.post(ctx, d.request)
	if err != nil {
		return err
	}
	if !bytes.Equal(first, second) || len(d.approvals()) != 1 {
		return errors.New("a repeated request was not answered as before")
	}
	d.step(demoStep{
		Title: d.say(phrase{"somebody sends the first payment twice more", "누군가 첫 결제 요청을 두 번 더 전송"}),
		print: func(p *page) {
			p.line(phrase{"  Each time it gets the recorded answer, byte for byte; it was approved once.", "  매번 기록된 응답을 바이트까지 그대로 받음. 승인은 한 번뿐."})
		},
	})
	return nil
}

// attack sends the PG what attackers would, and shows each refused.
func (d *demonstration) attack(ctx context.Context) error {
	forged, err := kecis.Open(ctx, d.verifier(), d.request, xmlsig.Keys{d.cast.signers["shop"].Public()})
	if err != nil {
		return err
	}
	byStranger, err := kecis.Sign(forged, d.cast.signers["stranger"])
	if err != nil {
		return err
	}
	attacks := []demoAttack{
		{phrase{"the amount is changed to ₩5,000", "금액을 5,000원으로 변경"}, "amount-changed.xml", changeAmount(d.request), nil, 0},
		{phrase{"the signed request is wrapped into a forged one", "서명된 요청을 위조 요청 안에 끼워 넣음"}, "wrapped.xml", wrap(d.request), nil, 0},
		{phrase{"a stranger signs it with another key", "제3자가 다른 키로 서명"}, "other-key.xml", byStranger, nil, 0},
	}
	for i := range attacks {
		if err := d.refuse(ctx, &attacks[i]); err != nil {
			return err
		}
	}
	line, err := d.logLine("pg.log", "sig-")
	if err != nil {
		return err
	}
	d.step(demoStep{
		Title:   d.say(phrase{"it is attacked in three ways; whoever sends that learns nothing, and nothing happens", "세 가지 공격. 보낸 사람은 아무것도 알 수 없고 아무 일도 일어나지 않음"}),
		Command: d.command("verify --key %s %s", "shop.signing.pub.pem", "amount-changed.xml"),
		File:    d.path(attacks[0].file), Code: attacks[0].refused.Code(), Clause: attacks[0].refused.Clause(),
		print: func(p *page) {
			for i := range attacks {
				x := &attacks[i]
				p.row(p.say(x.title), p.say(phrase{"HTTP %d, unsigned", "HTTP %d, 서명 없음"}, x.status), x.refused.Code(), x.refused.Clause())
			}
			if line != "" {
				p.field(phrase{"The precise reasons", "정확한 이유"}, d.path("pg.log"))
			}
		},
	})
	return nil
}

// demoAttack is a document that somebody bent, and how it was refused.
type demoAttack struct {
	title    phrase
	file     string
	document []byte
	refused  refusal
	status   int
}

func (d *demonstration) refuse(ctx context.Context, x *demoAttack) error {
	if err := d.app.write(d.path(x.file), x.document, modePublic, true); err != nil {
		return err
	}
	_, err := kecis.Open(ctx, d.verifier(), x.document, xmlsig.Keys{d.cast.signers["shop"].Public()})
	if x.refused = refusalOf(err); x.refused == nil {
		return fmt.Errorf("an attack was not refused: %s", x.file)
	}
	if x.status, _, err = d.post(ctx, x.document); err != nil {
		return err
	}
	if x.status == http.StatusOK || len(d.approvals()) != 1 {
		return fmt.Errorf("an attack was answered: %s", x.file)
	}
	return nil
}

func (d *demonstration) verifier() *xmlsig.Verifier {
	return &xmlsig.Verifier{Profile: xmlsig.Message(messageRoots()...)}
}

// cutSignature returns the signature of a message, and the rest.
func cutSignature(signed []byte) (signature, rest string) {
	text := string(signed)
	from, to := strings.Index(text, "<ds:Signature "), strings.Index(text, "</ds:Signature>")+len("</ds:Signature>")
	if from < 0 || to < from {
		return "", text
	}
	return text[from:to], text[:from] + text[to:]
}

// changeAmount rewrites the amount in the bytes of the message.
func changeAmount(signed []byte) []byte {
	return bytes.ReplaceAll(signed, fmt.Appendf(nil, ">%d<", demoAmount), fmt.Appendf(nil, ">%d<", demoForged))
}

// wrap puts the signed message, which still stands as it was signed, into a
// forged one of the same form (signature wrapping, the classic attack).
func wrap(signed []byte) []byte {
	signature, original := cutSignature(signed)
	_, id, _ := strings.Cut(original, ` ID="_`)
	forged := strings.Replace(original, ` ID="_`+id[:8], ` ID="_00000000`, 1)
	forged = string(changeAmount([]byte(forged)))
	return []byte(strings.Replace(forged, "</saml:Issuer>",
		"</saml:Issuer>"+signature+`<samlp:Extensions xmlns:samlp="`+xmlsig.SAMLProtocolNamespace+`">`+original+"</samlp:Extensions>", 1))
}

// openCard lets the issuer decrypt the card, and shows that the same ciphertext
// is worth nothing in another order.
func (d *demonstration) openCard(ctx context.Context) error {
	m, err := kecis.Open(ctx, d.verifier(), d.request, xmlsig.Keys{d.cast.signers["shop"].Public()})
	if err != nil {
		return err
	}
	request, ok := m.(*kecis.PaymentRequest)
	if !ok {
		return errors.New("another message came out than went in")
	}
	plain, err := request.Reveal(d.cast.private, d.app.now())
	if err != nil {
		return err
	}
	about := request.InstrumentContext()
	about.Order = demoLost
	_, err = request.Instrument.Encrypted.Decrypt(d.cast.private, about, d.app.now())
	refused := refusalOf(err)
	if refused == nil {
		return errors.New("a card was opened for another order")
	}
	d.step(demoStep{
		Title:   d.say(phrase{"the issuer, and nobody before it, can open the card", "발급사만 카드를 열 수 있음"}),
		Command: d.command("decrypt --key %s --sender %s %s", "issuer.encryption.key.pem", "shop.signing.pub.pem", "request.xml"),
		Code:    refused.Code(),
		Clause:  refused.Clause(),
		print: func(p *page) {
			p.line(phrase{"  Card %s, opened for order %s.", "  카드 %s, 주문 %s에 대해 열림."}, plain.Number, demoOrder)
			p.line(phrase{"  For another order the same bytes are refused: %s (%s).", "  다른 주문에는 같은 바이트가 거부됨: %s (%s)."}, refused.Code(), refused.Clause())
		},
	})
	return nil
}
