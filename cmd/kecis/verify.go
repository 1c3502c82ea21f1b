package main

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/xmlsig"
)

func (a *app) verifyCommand() *cobra.Command {
	var profile profileFlags
	var trusted trustFlags
	var output string
	cmd := &cobra.Command{
		Use:   "verify --key FILE FILE",
		Short: a.say(phrase{"verify a signed document", "서명된 문서 검증하기"}),
		Long: a.say(phrase{
			`Verifies a signed document with the keys that you trust its sender to have; keys
in the document are not used. A KECIS message must also keep the rules of its
kind; its deadline is left to the receiver. Give --key several times while a key is changed.
Of a certificate only the key is used: neither its chain nor its dates are
checked here.

With -o it writes what was signed, and only that, in canonical form. Work on
with this file, not with the one that came in.

Ends with 0 if the document is valid, with 1 if it is refused.`,
			`발신자의 것으로 신뢰하는 키로 서명된 문서를 검증합니다. 문서 안의 키는 쓰지 않습니다.
KECIS 메시지는 그 종류의 규칙도 지켜야 합니다. 유효 기한은 수신자가 판단합니다.
키 교체 중에는 --key를 여러 번 쓰십시오. 인증서는 그 안의 키만 쓰며 인증서 체인과
유효 기간은 여기서 검사하지 않습니다.

-o를 주면 서명된 내용만 정규 형식으로 씁니다. 이후 작업에는 받은 파일이 아니라
이 파일을 쓰십시오.

문서가 유효하면 0, 거부되면 1로 끝납니다.`}),
		Example: `  kecis verify --key shop.signing.pub.pem signed.xml
  kecis verify --cert pg.crt --soap --json - < answer.xml`,
		Args: a.arguments("FILE"),
	}
	a.addProfileFlags(cmd, &profile, profileMessage)
	a.addTrustFlags(cmd, &trusted)
	cmd.Flags().StringVarP(&output, "output", "o", "", a.say(phrase{"write what was signed to this file", "서명된 내용을 쓸 파일"}))
	return a.does(cmd, func(ctx context.Context, args []string) (answer, error) {
		p, err := a.profile(&profile)
		if err != nil {
			return nil, err
		}
		keys, err := a.trust(&trusted)
		if err != nil {
			return nil, err
		}
		if len(keys) == 0 {
			return nil, a.usage(a.say(phrase{"no key is given that the sender is trusted to have", "발신자의 것으로 신뢰할 키가 없습니다"}),
				a.say(phrase{"give the sender's public key with --key or --cert, or look without one: kecis inspect FILE", "--key나 --cert로 발신자의 공개 키를 주거나, 키 없이 살펴보십시오: kecis inspect FILE"}))
		}
		return a.verify(ctx, &xmlsig.Verifier{Profile: p}, keys, args[0], output)
	})
}

// trustFlags are the flags that name trusted keys.
type trustFlags struct{ keys, certs []string }

func (a *app) addTrustFlags(cmd *cobra.Command, f *trustFlags) {
	cmd.Flags().StringArrayVar(&f.keys, "key", nil, a.say(phrase{"public key of the sender (PEM); may be repeated", "발신자의 공개 키(PEM), 여러 번 쓸 수 있음"}))
	cmd.Flags().StringArrayVar(&f.certs, "cert", nil, a.say(phrase{"certificate of the sender (PEM); may be repeated", "발신자의 인증서(PEM), 여러 번 쓸 수 있음"}))
}

// trustedKey is a key and the file that it was read from.
type trustedKey struct {
	*xmlsig.PublicKey
	file string
}

// trust reads the keys that the flags name.
func (a *app) trust(f *trustFlags) (keys []trustedKey, err error) {
	for _, file := range append(append([]string{}, f.keys...), f.certs...) {
		found, err := a.publicKeys(file, useSigning)
		if err != nil {
			return nil, err
		}
		for _, public := range found {
			key, err := xmlsig.NewPublicKey(public.key)
			if err != nil {
				return nil, err
			}
			keys = append(keys, trustedKey{key, file})
		}
	}
	return keys, nil
}

func sourceOf(keys []trustedKey) xmlsig.Keys {
	var out xmlsig.Keys
	for _, k := range keys {
		out = append(out, k.PublicKey)
	}
	return out
}

func fileOf(keys []trustedKey, key *xmlsig.PublicKey) string {
	for _, k := range keys {
		if key != nil && k.ID() == key.ID() {
			return k.file
		}
	}
	return ""
}

// verifiedDocument is the answer of verify.
type verifiedDocument struct {
	Root     string `json:"root"`
	Space    string `json:"namespace"`
	Sender   string `json:"sender"`
	ID       string `json:"id"`
	Key      string `json:"key"`
	KeyFile  string `json:"keyFile"`
	Method   string `json:"algorithm"`
	Digest   string `json:"digest"`
	Output   string `json:"output,omitempty"`
	Document string `json:"document,omitempty"`
}

func (d *verifiedDocument) print(p *page) {
	p.line(phrase{"Valid.", "유효합니다."})
	p.field(phrase{"What", "문서"}, masked(d.Root))
	p.field(phrase{"Sender", "발신자"}, d.Sender)
	p.field(phrase{"ID", "ID"}, d.ID)
	p.field(phrase{"Key", "키"}, d.Key+" ("+shown(d.KeyFile)+")")
	p.field(phrase{"Algorithm", "알고리즘"}, d.Method)
	p.field(phrase{"Digest", "다이제스트"}, d.Digest)
	if d.Output != "" {
		p.field(phrase{"Signed part", "서명된 내용"}, shown(d.Output))
	}
}

func (a *app) verify(ctx context.Context, v *xmlsig.Verifier, keys []trustedKey, input, output string) (answer, error) {
	document, err := a.read(input, "document")
	if err != nil {
		return nil, err
	}
	verified, err := v.Verify(ctx, document, sourceOf(keys))
	if err != nil {
		return nil, a.withRemedy(err)
	}
	root, err := verified.Root()
	if err != nil {
		return nil, err
	}
	if root.Space() == kecis.Namespace {
		if _, err := kecis.Decode(verified); err != nil {
			return nil, err
		}
	}
	id, _ := root.Attr("ID")
	digest := verified.Digest()
	out := &verifiedDocument{
		Root: root.Local(), Space: root.Space(), Sender: identifier(verified.Sender()), ID: messageID(id),
		Key: verified.Key().String(), KeyFile: fileOf(keys, verified.Key()),
		Method: algorithmName(verified.Algorithm()), Digest: "sha256:" + hex.EncodeToString(digest[:]),
		Output: output,
	}
	if output != "" {
		if out.Document, err = a.deliver(output, root.AppendCanonical(nil), modePublic); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// withRemedy adds to some refusals what a person at the keyboard can do.
func (a *app) withRemedy(err error) error {
	f := a.classified(err)
	switch {
	case errors.Is(err, xmlsig.ErrRoot):
		f.remedy = a.say(phrase{"name the kind of document with --profile, --soap or --root", "--profile, --soap, --root로 문서 종류를 지정하십시오"})
	case errors.Is(err, xmlsig.ErrInvalid), errors.Is(err, xmlsig.ErrValue):
		f.remedy = a.say(phrase{"if the sender has a new key, give it with --key", "발신자가 새 키를 쓴다면 --key로 주십시오"})
	}
	return f
}
