package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis/xmlsig"
	"github.com/kecis/sdk/kecis/xmltree"
)

func (a *app) signCommand() *cobra.Command {
	var profile profileFlags
	var key, algorithm, output string
	cmd := &cobra.Command{
		Use:   "sign --key FILE FILE",
		Short: a.say(phrase{"sign a document", "문서에 서명하기"}),
		Long: a.say(phrase{
			`Signs a document: puts a ds:Signature where its profile wants it and leaves every
other byte as it was. The root must have an ID, and a message its saml:Issuer.`,
			`문서에 서명합니다. 프로파일이 정한 자리에 ds:Signature를 넣고 나머지 바이트는
그대로 둡니다. 루트에 ID가, 메시지에는 saml:Issuer가 있어야 합니다.`}),
		Example: `  kecis sign --key shop.signing.key.pem request.xml -o signed.xml
  kecis sign --key pg.signing.key.pem --profile metadata - < metadata.xml > signed.xml`,
		Args: a.arguments("FILE"),
	}
	a.addProfileFlags(cmd, &profile, profileMessage)
	cmd.Flags().StringVar(&key, "key", "", a.say(phrase{"private key for signing (PKCS #8, PEM)", "서명용 개인 키(PKCS #8, PEM)"}))
	cmd.Flags().StringVar(&algorithm, "algorithm", "", a.say(phrase{"instead of the usual one of the key: ", "키의 기본 알고리즘 대신 쓸 것: "})+strings.Join(algorithmNames(), ", "))
	cmd.Flags().StringVarP(&output, "output", "o", standardStream, a.say(phrase{"where the signed document goes", "서명된 문서를 쓸 곳"}))
	complete(cmd, "algorithm", algorithmNames()...)
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		if key == "" {
			return nil, a.usage(a.say(phrase{"--key is missing", "--key가 없습니다"}), a.say(phrase{"make a key with: kecis keygen NAME", "다음으로 키를 만드십시오: kecis keygen 이름"}))
		}
		p, err := a.profile(&profile)
		if err != nil {
			return nil, err
		}
		method, err := a.algorithmNamed(algorithm)
		if err != nil {
			return nil, err
		}
		signer, err := a.signer(key, method)
		if err != nil {
			return nil, err
		}
		return a.sign(signer, p, args[0], output)
	})
}

// signer makes a signer of a key file.
func (a *app) signer(key string, method xmlsig.Algorithm) (*xmlsig.Signer, error) {
	private, err := a.privateKey(key, useSigning)
	if err != nil {
		return nil, err
	}
	signer, err := xmlsig.NewSigner(private, method)
	if err != nil {
		return nil, err
	}
	signer.Random = a.random
	return signer, nil
}

// signedDocument is the answer of sign.
type signedDocument struct {
	Root     string `json:"root"`
	Sender   string `json:"sender"`
	ID       string `json:"id"`
	Key      string `json:"key"`
	Method   string `json:"algorithm"`
	Output   string `json:"output"`
	Document string `json:"document,omitempty"`
}

func (d *signedDocument) print(p *page) {
	p.line(phrase{"Signed: %s", "서명했습니다: %s"}, shown(d.Output))
	p.field(phrase{"What", "문서"}, masked(d.Root))
	p.field(phrase{"Sender", "발신자"}, d.Sender)
	p.field(phrase{"ID", "ID"}, d.ID)
	p.field(phrase{"Key", "키"}, d.Key)
	p.field(phrase{"Algorithm", "알고리즘"}, d.Method)
}

func (a *app) sign(signer *xmlsig.Signer, p xmlsig.Profile, input, output string) (answer, error) {
	document, err := a.read(input, "document")
	if err != nil {
		return nil, err
	}
	signed, err := signer.Sign(document, p)
	if err != nil {
		return nil, err
	}
	out := &signedDocument{Key: signer.Public().String(), Output: output}
	report := (&xmlsig.Verifier{Profile: p}).Inspect(context.Background(), signed, nil)
	out.Sender, out.ID, out.Method = identifier(report.Sender), messageID(report.ID), algorithmName(report.Algorithm)
	if tree, err := xmltree.Parse(signed); err == nil {
		out.Root = tree.Root().Local()
	}
	if out.Document, err = a.deliver(output, signed, modePublic); err != nil {
		return nil, err
	}
	return out, nil
}
