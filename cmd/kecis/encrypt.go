package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlenc"
)

// paymentFlags name the payment that an instrument is meant for (P8).
type paymentFlags struct {
	about  xmlenc.Context
	amount string
}

func (a *app) addPaymentFlags(cmd *cobra.Command, f *paymentFlags) {
	flags := cmd.Flags()
	flags.StringVar(&f.about.Recipient, "issuer", "", a.say(phrase{"entityID of the issuer that may decrypt", "복호화할 발급사의 entityID"}))
	flags.StringVar(&f.about.Payee, "payee", "", a.say(phrase{"entityID of the party to be paid", "대금을 받을 쪽의 entityID"}))
	flags.StringVar(&f.about.Requester, "requester", "", a.say(phrase{"entityID of the first requester (default: the payee)", "최초 요청자의 entityID (기본값: payee)"}))
	flags.StringVar(&f.about.Order, "order", "", a.say(phrase{"order ID", "주문 번호"}))
	flags.StringVar(&f.about.Part, "part", "1", a.say(phrase{"part of the order", "주문의 분할 번호"}))
	flags.StringVar(&f.amount, "amount", "", a.say(phrase{"amount of the whole order, in minor units: 50000 is ₩50,000, or $500.00 with --currency USD", "주문 전체 금액, 최소 단위: 50000은 50,000원, --currency USD이면 500.00달러"}))
	flags.StringVar(&f.about.Currency, "currency", string(kecis.KRW), a.say(phrase{"currency (ISO 4217)", "통화 (ISO 4217)"}))
}

// payment returns the context that the flags name.
func (a *app) payment(f *paymentFlags) (xmlenc.Context, error) {
	about := f.about
	for _, flag := range []struct{ name, value string }{
		{"--issuer", about.Recipient}, {"--payee", about.Payee}, {"--order", about.Order}, {"--amount", f.amount},
	} {
		if flag.value == "" {
			return about, a.usage(a.say(phrase{"%s is missing", "%s이(가) 없습니다"}, flag.name),
				a.say(phrase{"encrypted data are bound to one payment; name it with --issuer, --payee, --order and --amount", "암호화 데이터는 하나의 결제에 묶입니다. --issuer, --payee, --order, --amount로 지정하십시오"}))
		}
	}
	if about.Requester == "" {
		about.Requester = about.Payee
	}
	currency, err := kecis.ParseCurrency(about.Currency)
	if err != nil {
		return about, a.usage(a.say(phrase{"--currency cannot be %q", "--currency의 값이 될 수 없습니다: %q"}, shown(about.Currency)), a.say(phrase{"for example: KRW", "예: KRW"}))
	}
	about.Currency = string(currency)
	if about.Amount, err = kecis.ParseMinor(f.amount); err != nil {
		return about, a.usage(a.say(phrase{"--amount cannot be %q", "--amount의 값이 될 수 없습니다: %q"}, shown(f.amount)),
			a.say(phrase{"write it in minor units, without sign, comma or point: 50000", "부호, 쉼표, 소수점 없이 최소 단위로 쓰십시오: 50000"}))
	}
	return about, nil
}

func (a *app) encryptCommand() *cobra.Command {
	var f paymentFlags
	var to, output string
	var valid time.Duration
	cmd := &cobra.Command{
		Use:   "encrypt --to FILE --issuer ID --payee ID --order ID --amount N FILE",
		Short: a.say(phrase{"encrypt card data to an issuer, for one payment", "카드 정보를 한 결제에 한해 발급사에게 암호화하기"}),
		Long: a.say(phrase{
			`Encrypts the content of a file, usually ECML with a card, so that only the owner
of the key can read it, and only for the payment that the flags name. The result
is an xenc:EncryptedData element, as a payment request carries it.`,
			`파일 내용(보통 카드가 든 ECML)을 키의 주인만, 그리고 옵션으로 지정한 결제에 대해서만
읽을 수 있게 암호화합니다. 결과는 결제 요청에 들어가는 xenc:EncryptedData 요소입니다.`}),
		Example: `  kecis encrypt --to issuer.encryption.pub.pem --issuer https://issuer.example/kecis \
    --payee https://shop.example/kecis --order 20261124-000123 --amount 50000 card.xml -o card.enc.xml`,
		Args: a.arguments("FILE"),
	}
	cmd.Flags().StringVar(&to, "to", "", a.say(phrase{"public key of the issuer for encryption (PEM)", "발급사의 암호화용 공개 키(PEM)"}))
	cmd.Flags().StringVarP(&output, "output", "o", standardStream, a.say(phrase{"where the encrypted data go", "암호화 데이터를 쓸 곳"}))
	cmd.Flags().DurationVar(&valid, "valid", 30*time.Minute, a.say(phrase{"how long it may be used, at most 24h", "사용할 수 있는 시간, 최대 24h"}))
	cmd.Flags().Lookup("valid").DefValue = "30m"
	a.addPaymentFlags(cmd, &f)
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		about, err := a.payment(&f)
		if err != nil {
			return nil, err
		}
		if valid <= 0 || valid > xmlenc.MaxLifetime {
			return nil, a.usage(a.say(phrase{"--valid cannot be %s", "--valid의 값이 될 수 없습니다: %s"}, valid), a.say(phrase{"up to 24h, as in 30m", "30m처럼, 24h까지"}))
		}
		about.NotOnOrAfter = a.now().Add(valid)
		recipient, err := a.recipient(to)
		if err != nil {
			return nil, err
		}
		return a.encrypt(recipient, about, args[0], output)
	})
}

func (a *app) recipient(file string) (*xmlenc.Recipient, error) {
	if file == "" {
		return nil, a.usage(a.say(phrase{"--to is missing", "--to가 없습니다"}), a.say(phrase{"make a key with: kecis keygen --use encryption NAME", "다음으로 키를 만드십시오: kecis keygen --use encryption 이름"}))
	}
	keys, err := a.publicKeys(file, useEncryption)
	if err != nil {
		return nil, err
	}
	if len(keys) > 1 {
		return nil, a.usage(a.say(phrase{"%s holds several keys", "%s에 키가 여러 개 있습니다"}, shown(file)), a.say(phrase{"encryption is to exactly one", "암호화 대상은 정확히 하나입니다"}))
	}
	return xmlenc.NewRecipient(keys[0].key)
}

// encrypted is the answer of encrypt.
type encrypted struct {
	Key          string `json:"key"`
	Order        string `json:"order"`
	NotOnOrAfter string `json:"notOnOrAfter"`
	Output       string `json:"output"`
	Document     string `json:"document,omitempty"`
	until        time.Time
}

func (e *encrypted) print(p *page) {
	p.line(phrase{"Encrypted: %s", "암호화했습니다: %s"}, shown(e.Output))
	p.field(phrase{"Key", "키"}, e.Key)
	p.field(phrase{"Order", "주문"}, e.Order)
	p.field(phrase{"Valid until", "유효 기한"}, instantText(e.until, p.lang))
}

func (a *app) encrypt(to *xmlenc.Recipient, about xmlenc.Context, input, output string) (answer, error) {
	payload, err := a.read(input, "document")
	if err != nil {
		return nil, err
	}
	defer clear(payload)
	data, err := xmlenc.Encrypt(a.random, to, about, payload)
	if err != nil {
		return nil, err
	}
	document, err := data.Document()
	if err != nil {
		return nil, err
	}
	out := &encrypted{
		Key: to.KeyName(), Order: identifier(about.Order), Output: output,
		NotOnOrAfter: kecis.FormatInstant(about.NotOnOrAfter), until: about.NotOnOrAfter,
	}
	if out.Document, err = a.deliver(output, document, modePublic); err != nil {
		return nil, err
	}
	return out, nil
}

// withPaymentRemedy adds to a failed decryption what its one answer leaves open.
func (a *app) withPaymentRemedy(err error) error {
	f := a.classified(err)
	switch {
	case errors.Is(err, xmlenc.ErrFailed):
		f.remedy = a.say(phrase{"the data were changed, are too old, or are meant for another payment; which of these is not told", "데이터가 변경되었거나, 기한이 지났거나, 다른 결제용입니다. 어느 쪽인지는 알리지 않습니다"})
	case errors.Is(err, xmlenc.ErrUnknownKey):
		f.remedy = a.say(phrase{"the data name another key; give that with --key", "데이터가 다른 키를 가리킵니다. 그 키를 --key로 주십시오"})
	}
	return f
}
