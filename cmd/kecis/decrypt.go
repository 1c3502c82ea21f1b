package main

import (
	"context"
	"encoding/base64"
	"errors"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

func (a *app) decryptCommand() *cobra.Command {
	var f paymentFlags
	var keys, senders []string
	var output string
	var soap bool
	cmd := &cobra.Command{
		Use:   "decrypt --key FILE FILE",
		Short: a.say(phrase{"decrypt card data, for the payment they are meant for", "암호화된 카드 정보를 해당 결제에 대해 복호화하기"}),
		Long: a.say(phrase{
			`Decrypts what was encrypted to your key. FILE is either a signed payment request:
it is verified with the key that --sender names, and the card must be meant for
it; or a bare xenc:EncryptedData, whose payment the other flags name.

The result is card data in clear. Written to a file, it is readable by you alone.`,
			`본인의 키로 암호화된 것을 복호화합니다. FILE은 서명된 결제 요청이거나(--sender의 키로
검증하며, 카드는 그 요청용이어야 함) xenc:EncryptedData 요소 자체입니다(결제는
나머지 옵션으로 지정).

결과는 암호화되지 않은 카드 정보입니다. 파일에 쓰면 본인만 읽을 수 있습니다.`}),
		Example: `  kecis decrypt --key issuer.encryption.key.pem --sender shop.signing.pub.pem request.xml -o card.xml
  kecis decrypt --key issuer.encryption.key.pem --issuer https://issuer.example/kecis \
    --payee https://shop.example/kecis --order 20261124-000123 --amount 50000 card.enc.xml`,
		Args: a.arguments("FILE"),
	}
	cmd.Flags().StringArrayVar(&keys, "key", nil, a.say(phrase{"private key for encryption (PKCS #8, PEM); may be repeated", "암호화용 개인 키(PKCS #8, PEM), 여러 번 쓸 수 있음"}))
	cmd.Flags().StringArrayVar(&senders, "sender", nil, a.say(phrase{"public key or certificate of the request's sender (PEM); may be repeated", "요청 발신자의 공개 키나 인증서(PEM), 여러 번 쓸 수 있음"}))
	cmd.Flags().BoolVar(&soap, "soap", false, a.say(phrase{"the request stands in a SOAP 1.1 body", "SOAP 1.1 본문에 든 요청"}))
	cmd.Flags().StringVarP(&output, "output", "o", standardStream, a.say(phrase{"where the decrypted data go", "복호화된 데이터를 쓸 곳"}))
	a.addPaymentFlags(cmd, &f)
	return a.does(cmd, func(ctx context.Context, args []string) (answer, error) {
		ring, err := a.keyRing(keys)
		if err != nil {
			return nil, err
		}
		trusted, err := a.trust(&trustFlags{keys: senders})
		if err != nil {
			return nil, err
		}
		document, err := a.read(args[0], "document")
		if err != nil {
			return nil, err
		}
		data, about, err := a.sealed(ctx, document, soap, trusted, &f)
		if err != nil {
			return nil, err
		}
		return a.decrypt(ring, data, about, output)
	})
}

func (a *app) keyRing(files []string) (ring xmlenc.KeyRing, err error) {
	if len(files) == 0 {
		return nil, a.usage(a.say(phrase{"--key is missing", "--key가 없습니다"}), a.say(phrase{"give the private key that the data were encrypted to: NAME.encryption.key.pem", "데이터가 암호화된 개인 키를 주십시오: NAME.encryption.key.pem"}))
	}
	for _, file := range files {
		private, err := a.privateKey(file, useEncryption)
		if err != nil {
			return nil, err
		}
		key, err := xmlenc.NewPrivateKey(private)
		if err != nil {
			return nil, err
		}
		ring = append(ring, key)
	}
	return ring, nil
}

// sealed returns the encrypted data, and the payment that they must be meant
// for: of a request that is verified its own, else that of the flags.
func (a *app) sealed(ctx context.Context, document []byte, soap bool, trusted []trustedKey, f *paymentFlags) (*xmlenc.EncryptedData, xmlenc.Context, error) {
	if len(trusted) > 0 {
		request, err := a.openPayment(ctx, document, soap, trusted)
		if err != nil {
			return nil, xmlenc.Context{}, err
		}
		return request.Instrument.Encrypted, request.InstrumentContext(), nil
	}
	tree, err := xmltree.Parse(document)
	if err != nil {
		return nil, xmlenc.Context{}, err
	}
	if tree.Root().Local() != "EncryptedData" {
		return nil, xmlenc.Context{}, a.usage(a.say(phrase{"to decrypt from a request, --sender is needed", "요청에서 복호화하려면 --sender가 필요합니다"}),
			a.say(phrase{"give the public key of its sender: nothing is decrypted for a request that is not verified", "발신자의 공개 키를 주십시오. 검증되지 않은 요청에 대해서는 복호화하지 않습니다"}))
	}
	about, err := a.payment(f)
	if err != nil {
		return nil, about, err
	}
	data, err := xmlenc.Read(tree.Root())
	return data, about, err
}

// openPayment verifies a payment request whose card is encrypted.
func (a *app) openPayment(ctx context.Context, document []byte, soap bool, trusted []trustedKey) (*kecis.PaymentRequest, error) {
	profile := xmlsig.Message(kecis.PaymentRequestKind.Root())
	if soap {
		profile = xmlsig.SOAP(profile)
	}
	message, err := kecis.Open(ctx, &xmlsig.Verifier{Profile: profile}, document, sourceOf(trusted))
	if err != nil {
		return nil, a.withRemedy(err)
	}
	request, ok := message.(*kecis.PaymentRequest)
	if !ok {
		return nil, errors.New("another message than a payment request was opened")
	}
	if request.Instrument.Encrypted == nil {
		return nil, a.refused(a.say(phrase{"the request carries no encrypted data, but a reference", "요청에 암호화 데이터가 없고 참조 토큰만 있습니다"}), "")
	}
	return request, nil
}

// decrypted is the answer of decrypt. The data are in clear.
type decrypted struct {
	Key      string `json:"key"`
	Order    string `json:"order"`
	Output   string `json:"output"`
	Document string `json:"document,omitempty"`
	Base64   string `json:"base64,omitempty"` // instead of document if that is no text
}

func (d *decrypted) print(p *page) {
	p.line(phrase{"Decrypted: %s", "복호화했습니다: %s"}, shown(d.Output))
	p.field(phrase{"Key", "키"}, d.Key)
	p.field(phrase{"Order", "주문"}, d.Order)
}

func (a *app) decrypt(ring xmlenc.KeyRing, data *xmlenc.EncryptedData, about xmlenc.Context, output string) (answer, error) {
	payload, err := data.Decrypt(ring, about, a.now())
	if err != nil {
		return nil, a.withPaymentRemedy(err)
	}
	defer clear(payload)
	out := &decrypted{Key: data.KeyName(), Order: identifier(about.Order), Output: output}
	if out.Document, err = a.deliver(output, payload, modeSecret); err != nil {
		return nil, err
	}
	if !utf8.ValidString(out.Document) {
		out.Document, out.Base64 = "", base64.StdEncoding.EncodeToString(payload)
	}
	return out, nil
}
