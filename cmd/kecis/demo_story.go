package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/kecis/sdk/ecml"
	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
)

// The actors and the order of the demo.
const (
	demoShop   = "https://shop.example/kecis"
	demoPG     = "https://pg.example/kecis"
	demoIssuer = "https://issuer.example/kecis"
	demoOrder  = "20261124-000123"
	demoCard   = "4111111111111111" // the test number of every card system
	demoAmount = 50_000             // won
	demoForged = 5_000
)

// issuerKeys are the two halves of the issuer's key for encryption.
type issuerKeys struct {
	private *xmlenc.PrivateKey
	public  *xmlenc.Recipient
}

// makeKeys makes a key for each actor, as keygen does.
func (d *demonstration) makeKeys(context.Context) (err error) {
	if d.shop, err = d.signer("shop"); err != nil {
		return err
	}
	if d.stranger, err = d.signer("stranger"); err != nil {
		return err
	}
	files := filesOf(d.path("issuer"), useEncryption)
	if _, err := d.app.keygen(d.path("issuer"), keyTypes[0], useEncryption, true); err != nil {
		return err
	}
	key, err := d.app.privateKey(files.private, useEncryption)
	if err != nil {
		return err
	}
	if d.issuer.private, err = xmlenc.NewPrivateKey(key); err != nil {
		return err
	}
	d.issuer.public = d.issuer.private.Recipient()
	d.step(demoStep{
		Title:   d.say(phrase{"keys for a shop, a stranger and a card issuer", "상점, 제3자, 카드 발급사의 키"}),
		Command: d.command("keygen NAME"),
		print: func(p *page) {
			p.row(d.path("shop.signing.*"), d.shop.Public().String())
			p.row(d.path("stranger.signing.*"), d.stranger.Public().String())
			p.row(d.path("issuer.encryption.*"), d.issuer.public.KeyName())
		},
	})
	return nil
}

func (d *demonstration) signer(name string) (*xmlsig.Signer, error) {
	if _, err := d.app.keygen(d.path(name), keyTypes[0], useSigning, true); err != nil {
		return nil, err
	}
	return d.app.signer(filesOf(d.path(name), useSigning).private, "")
}

// signRequest makes the request of an order of 50,000 won.
func (d *demonstration) signRequest(context.Context) (err error) {
	now := d.app.now()
	id, err := kecis.NewID(d.app.random)
	if err != nil {
		return err
	}
	d.request = &kecis.PaymentRequest{
		RequestHeader: kecis.RequestHeader{
			Header:       kecis.Header{ID: id, IssueInstant: now, Destination: demoPG, Sender: demoShop},
			NotOnOrAfter: now.Add(kecis.MaxWindow),
		},
		OrderRef:    kecis.OrderRef{Requester: demoShop, OrderID: demoOrder, Attempt: 1, Part: 1},
		Payee:       kecis.Payee{Entity: demoShop, Name: "꽃집"},
		Amount:      kecis.Won(demoAmount),
		OrderAmount: kecis.Won(demoAmount),
		Tax:         kecis.Tax{Supply: 45_455, VAT: 4_545},
		Lines:       []kecis.Line{{Kind: kecis.LineItem, Name: "장미 꽃다발", Quantity: 1, Amount: demoAmount}},
		Terms:       kecis.Terms{Capture: kecis.CaptureAutomatic, Instalments: 3},
		Instrument:  kecis.Instrument{Issuer: demoIssuer, Kind: kecis.Card, Brand: "VISA", First6: demoCard[:6], Last4: demoCard[12:]},
		Buyer:       &ecml.Ecom{BillTo: []ecml.Party{{Online: []ecml.Online{{Email: []ecml.Email{{Address: "hong@example.kr"}}}}}}},
	}
	if err := d.seal(now); err != nil {
		return err
	}
	if d.signed, err = kecis.Sign(d.request, d.shop); err != nil {
		return err
	}
	d.step(demoStep{
		Title:   d.say(phrase{"the shop encrypts the card to the issuer and signs a payment request", "상점이 카드를 발급사에게 암호화하고 결제 요청에 서명"}),
		Command: d.command("sign --key %s %s -o %s", "shop.signing.key.pem", "unsigned.xml", "request.xml"),
		File:    d.path("request.xml"),
		print: func(p *page) {
			p.line(phrase{"  %s, %d bytes", "  %s, %d바이트"}, d.path("request.xml"), len(d.signed))
		},
	})
	_, unsigned := cutSignature(d.signed)
	if err := d.app.write(d.path("unsigned.xml"), []byte(unsigned), modePublic, true); err != nil {
		return err
	}
	return d.app.write(d.path("request.xml"), d.signed, modePublic, true)
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

// seal encrypts the card to the issuer, bound to this payment.
func (d *demonstration) seal(now time.Time) error {
	card := &ecml.Ecom{Payment: []ecml.Payment{{Card: &ecml.Card{
		Number: ecml.NewCardNumber(demoCard), Type: "VISA", ExpDate: &ecml.Date{Month: "12", Year: "2029"},
	}}}}
	payload, err := card.AppendXML(nil)
	if err != nil {
		return err
	}
	about := d.request.InstrumentContext()
	about.NotOnOrAfter = now.Add(30 * time.Minute)
	d.request.Instrument.Encrypted, err = xmlenc.Encrypt(d.app.random, d.issuer.public, about, payload)
	return err
}

func (d *demonstration) verifier() *xmlsig.Verifier {
	return &xmlsig.Verifier{Profile: xmlsig.Message(messageRoots()...)}
}

func (d *demonstration) inspectRequest(ctx context.Context) error {
	keys := []trustedKey{{d.shop.Public(), "shop.signing.pub.pem"}}
	seen := d.app.inspect(ctx, d.verifier(), keys, d.signed)
	d.step(demoStep{
		Title:   d.say(phrase{"what is in it", "요청의 내용"}),
		Command: d.command("inspect --key %s %s", "shop.signing.pub.pem", "request.xml"),
		print:   seen.print,
	})
	return seen.failed
}

func (d *demonstration) verifyRequest(ctx context.Context) error {
	message, err := kecis.Open(ctx, d.verifier(), d.signed, xmlsig.Keys{d.shop.Public()})
	if err != nil {
		return err
	}
	request, ok := message.(*kecis.PaymentRequest)
	if !ok {
		return errors.New("another message came out than went in")
	}
	d.request = request // from here on all that is used is what was verified
	d.step(demoStep{
		Title:   d.say(phrase{"the payment gateway verifies it", "PG가 검증"}),
		Command: d.command("verify --key %s %s", "shop.signing.pub.pem", "request.xml"),
		print: func(p *page) {
			p.line(phrase{"  Valid: %s asks for %s.", "  유효: %s의 요청, %s."}, request.Sender, request.Amount.Format(string(p.lang)))
		},
	})
	return nil
}

// bend changes the request as attackers do, and shows each refused.
func (d *demonstration) bend(ctx context.Context) error {
	byStranger, err := kecis.Sign(d.request, d.stranger)
	if err != nil {
		return err
	}
	for _, attack := range []struct {
		title    phrase
		file     string
		document []byte
	}{
		{phrase{"somebody changes the amount to ₩5,000", "누군가 금액을 5,000원으로 변경"}, "amount-changed.xml", changeAmount(d.signed)},
		{phrase{"somebody wraps the signed request into a forged one", "누군가 서명된 요청을 위조 요청 안에 끼워 넣음"}, "wrapped.xml", wrap(d.signed)},
		{phrase{"a stranger signs the same request with another key", "제3자가 같은 요청에 다른 키로 서명"}, "other-key.xml", byStranger},
	} {
		if err := d.app.write(d.path(attack.file), attack.document, modePublic, true); err != nil {
			return err
		}
		_, err := kecis.Open(ctx, d.verifier(), attack.document, xmlsig.Keys{d.shop.Public()})
		refused := refusalOf(err)
		if refused == nil {
			return errors.New("an attack was not refused: " + attack.file)
		}
		d.step(demoStep{
			Title:   d.say(attack.title),
			Command: d.command("verify --key %s %s", "shop.signing.pub.pem", attack.file),
			File:    d.path(attack.file),
			Code:    refused.Code(),
			Clause:  refused.Clause(),
			print: func(p *page) {
				p.line(phrase{"  Refused.", "  거부되었습니다."})
				p.refusal(refused)
			},
		})
	}
	return nil
}

// changeAmount rewrites the amount in the bytes of the message.
func changeAmount(signed []byte) []byte {
	return bytes.ReplaceAll(signed, []byte(">50000<"), []byte(">5000<"))
}

// wrap puts the signed message, which still stands as it was signed, into a
// forged one of the same form (signature wrapping, the classic attack).
func wrap(signed []byte) []byte {
	signature, original := cutSignature(signed)
	_, id, _ := strings.Cut(original, ` ID="_`)
	forged := strings.Replace(original, ` ID="_`+id[:8], ` ID="_00000000`, 1)
	forged = strings.ReplaceAll(forged, ">50000<", ">5000<")
	return []byte(strings.Replace(forged, "</saml:Issuer>",
		"</saml:Issuer>"+signature+`<samlp:Extensions xmlns:samlp="`+xmlsig.SAMLProtocolNamespace+`">`+original+"</samlp:Extensions>", 1))
}

// openCard lets the issuer decrypt the card, and shows that the same ciphertext
// is worth nothing in another order.
func (d *demonstration) openCard(context.Context) error {
	about := d.request.InstrumentContext()
	payload, err := d.request.Instrument.Encrypted.Decrypt(d.issuer.private, about, d.app.now())
	if err != nil {
		return err
	}
	defer clear(payload)
	card, err := ecml.ParseXML(payload)
	if err != nil {
		return err
	}
	about.Order = "20261124-000999"
	_, err = d.request.Instrument.Encrypted.Decrypt(d.issuer.private, about, d.app.now())
	refused := refusalOf(err)
	if refused == nil {
		return errors.New("a card was opened for another order")
	}
	d.step(demoStep{
		Title:   d.say(phrase{"the issuer, and nobody before it, opens the card", "발급사만 카드를 열 수 있음"}),
		Command: d.command("decrypt --key %s --sender %s %s", "issuer.encryption.key.pem", "shop.signing.pub.pem", "request.xml"),
		Code:    refused.Code(),
		Clause:  refused.Clause(),
		print: func(p *page) {
			p.line(phrase{"  Card %s, opened for order %s.", "  카드 %s, 주문 %s에 대해 열림."}, card.Payment[0].Card.Number, demoOrder)
			p.line(phrase{"  For another order the same bytes are refused:", "  다른 주문에는 같은 바이트가 거부됨:"})
			p.refusal(refused)
		},
	})
	return nil
}
