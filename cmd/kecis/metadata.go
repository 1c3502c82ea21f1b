package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis/metadata"
	"github.com/kecis/sdk/kecis/xmlsig"
)

func (a *app) metadataCommand() *cobra.Command {
	return a.group(&cobra.Command{
		Use:   "metadata",
		Short: a.say(phrase{"metadata: make, sign, check and show it", "메타데이터 만들기, 서명, 검사, 보기"}),
		Long: a.say(phrase{
			`Metadata says which services a party offers, where, within which limits and with
which keys. It is made from a description in JSON (docs/metadata.md), signed with
the party's metadata key, and known to others by that key's fingerprint, or
because a registry lists it.`,
			`메타데이터는 각 당사자가 제공하는 서비스와 접속점, 한도, 키를 적은 문서입니다. JSON
설명 파일(docs/metadata.md)로 만들어 당사자의 메타데이터 키로 서명하며, 상대방은 그
키의 지문이나 등록 기관의 목록으로 이를 압니다.`}),
		Example: `  kecis metadata make pg.json -o pg.xml
  kecis metadata sign --key pg-metadata.signing.key.pem pg.xml -o pg.signed.xml
  kecis metadata check --pin sha256:... pg.signed.xml
  kecis metadata show pg.signed.xml`,
	},
		a.metadataMake(), a.metadataSign(), a.metadataCheck(), a.metadataShow())
}

func (a *app) metadataMake() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "make FILE",
		Short: a.say(phrase{"make an unsigned document from a description", "설명 파일로 서명 전 문서 만들기"}),
		Long: a.say(phrase{
			`Makes a metadata document from a description in JSON, and checks it by all rules
that need no clock. Names of files in the description are relative to its folder.
Without a serial it takes the milliseconds of the clock.`,
			`JSON 설명 파일로 메타데이터 문서를 만들고 시각과 무관한 모든 규칙을 검사합니다. 설명
파일에 적힌 파일 이름은 그 폴더를 기준으로 합니다. 일련번호가 없으면 현재 시각의
밀리초 값을 씁니다.`}),
		Example: `  kecis metadata make pg.json -o pg.xml`,
		Args:    a.arguments("FILE"),
	}
	cmd.Flags().StringVarP(&output, "output", "o", standardStream, a.say(phrase{"where the document goes", "문서를 쓸 곳"}))
	return a.does(cmd, func(ctx context.Context, args []string) (answer, error) {
		document, err := a.describe(ctx, args[0])
		if err != nil {
			return nil, err
		}
		return a.madeMetadata(document, output, phrase{"Made: %s", "만들었습니다: %s"}, "")
	})
}

func (a *app) metadataSign() *cobra.Command {
	var key, output string
	cmd := &cobra.Command{
		Use:   "sign --key FILE FILE",
		Short: a.say(phrase{"sign a document", "문서에 서명하기"}),
		Long: a.say(phrase{
			`Signs a metadata document with a metadata key, and checks it as a partner will,
its times included.`,
			`메타데이터 문서에 메타데이터 키로 서명하고, 기한을 포함해 상대방이 하듯이 검사합니다.`}),
		Example: `  kecis metadata sign --key pg-metadata.signing.key.pem pg.xml -o pg.signed.xml`,
		Args:    a.arguments("FILE"),
	}
	cmd.Flags().StringVar(&key, "key", "", a.say(phrase{"private metadata key (PKCS #8, PEM)", "메타데이터 개인 키(PKCS #8, PEM)"}))
	cmd.Flags().StringVarP(&output, "output", "o", standardStream, a.say(phrase{"where the signed document goes", "서명된 문서를 쓸 곳"}))
	return a.does(cmd, func(ctx context.Context, args []string) (answer, error) {
		if key == "" {
			return nil, a.usage(a.say(phrase{"--key is missing", "--key가 없습니다"}), a.say(phrase{"make a key with: kecis keygen NAME", "다음으로 키를 만드십시오: kecis keygen 이름"}))
		}
		signer, err := a.signer(key, "")
		if err != nil {
			return nil, err
		}
		document, err := a.read(args[0], "document")
		if err != nil {
			return nil, err
		}
		signed, err := signer.Sign(document, xmlsig.Metadata())
		if err != nil {
			return nil, err
		}
		if _, err := a.checked(ctx, signed, xmlsig.Keys{signer.Public()}); err != nil {
			return nil, err
		}
		return a.madeMetadata(signed, output, phrase{"Signed: %s", "서명했습니다: %s"}, signer.Public().String())
	})
}

// madeDocument is the answer of make and sign.
type madeDocument struct {
	What     string `json:"what"`
	Name     string `json:"name"`
	Serial   int64  `json:"serial"`
	Until    string `json:"validUntil"`
	Key      string `json:"key,omitempty"`
	Output   string `json:"output"`
	Document string `json:"document,omitempty"`

	did phrase
}

func (d *madeDocument) print(p *page) {
	p.line(d.did, shown(d.Output))
	p.field(phrase{"What", "문서"}, d.What)
	p.field(phrase{"Name", "이름"}, d.Name)
	p.field(phrase{"Serial", "일련번호"}, number(d.Serial))
	p.field(phrase{"Valid until", "유효 기한"}, d.Until)
	p.field(phrase{"Key", "키"}, d.Key)
}

func (a *app) madeMetadata(document []byte, output string, did phrase, key string) (answer, error) {
	out := &madeDocument{Output: output, Key: key, did: did}
	seen, err := metadata.Inspect(document)
	if err != nil {
		return nil, err
	}
	h := headOf(seen.Entity, seen.Aggregate)
	out.What, out.Name, out.Serial, out.Until = h.what, identifier(h.name), h.serial, instant(h.until)
	if out.Document, err = a.deliver(output, document, modePublic); err != nil {
		return nil, err
	}
	return out, nil
}

// checked verifies a document as a partner does, now.
func (a *app) checked(ctx context.Context, document []byte, keys xmlsig.KeySource) (*checkedDocument, error) {
	v, err := (&xmlsig.Verifier{Profile: xmlsig.Metadata()}).Verify(ctx, document, keys)
	if err != nil {
		return nil, a.withRemedy(err)
	}
	root, err := v.Root()
	if err != nil {
		return nil, err
	}
	out := &checkedDocument{Key: v.Key().String()}
	if root.Is(xmlsig.SAMLMetadataNamespace, "EntitiesDescriptor") {
		if out.aggregate, err = metadata.DecodeAggregate(v); err == nil {
			err = out.aggregate.Check(a.now())
		}
	} else if out.entity, err = metadata.Decode(v); err == nil {
		err = out.entity.Check(a.now())
	}
	if err != nil {
		return nil, err
	}
	h := headOf(out.entity, out.aggregate)
	out.What, out.Name, out.Serial, out.Until = h.what, identifier(h.name), h.serial, instant(h.until)
	return out, nil
}

// checkedDocument is the answer of check.
type checkedDocument struct {
	What   string `json:"what"`
	Name   string `json:"name"`
	Serial int64  `json:"serial"`
	Until  string `json:"validUntil"`
	Key    string `json:"key"`
	After  int64  `json:"afterSerial,omitempty"`

	entity    *metadata.Entity
	aggregate *metadata.Aggregate
}

func (d *checkedDocument) print(p *page) {
	p.line(phrase{"Valid.", "유효합니다."})
	p.field(phrase{"What", "문서"}, d.What)
	p.field(phrase{"Name", "이름"}, d.Name)
	p.field(phrase{"Serial", "일련번호"}, number(d.Serial))
	if d.After != 0 {
		p.field(phrase{"Replaces", "이전 판"}, number(d.After))
	}
	p.field(phrase{"Valid until", "유효 기한"}, d.Until)
	p.field(phrase{"Key", "키"}, d.Key)
}

func (a *app) metadataCheck() *cobra.Command {
	var trusted trustFlags
	var pin, after string
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: a.say(phrase{"check a signed document as a partner does", "상대방이 하듯이 서명된 문서 검사하기"}),
		Long: a.say(phrase{
			`Verifies a metadata document and holds it against all rules and the clock. Say
how it is trusted: by the fingerprint of its metadata key (--pin), by a key file
(--key, --cert; of a registry, the registry's key), or as the next edition of a
document that was accepted before (--after).

Ends with 0 if the document is valid, with 1 if it is refused.`,
			`메타데이터 문서를 검증하고 모든 규칙과 현재 시각에 맞는지 검사합니다. 신뢰의 근거를
하나 주십시오. 메타데이터 키의 지문(--pin), 키 파일(--key, --cert. 등록 기관 문서는
등록 기관의 키), 또는 이전에 받아들인 문서(--after)입니다.

문서가 유효하면 0, 거부되면 1로 끝납니다.`}),
		Example: `  kecis metadata check --pin sha256:... pg.signed.xml
  kecis metadata check --after pg.signed.xml pg.next.xml
  kecis metadata check --key registry.signing.pub.pem registry.signed.xml`,
		Args: a.arguments("FILE"),
	}
	a.addTrustFlags(cmd, &trusted)
	cmd.Flags().StringVar(&pin, "pin", "", a.say(phrase{"fingerprint of the metadata key, sha256:...", "메타데이터 키의 지문, sha256:..."}))
	cmd.Flags().StringVar(&after, "after", "", a.say(phrase{"document that was accepted before", "이전에 받아들인 문서"}))
	return a.does(cmd, func(ctx context.Context, args []string) (answer, error) {
		keys, err := a.trust(&trusted)
		if err != nil {
			return nil, err
		}
		document, err := a.read(args[0], "document")
		if err != nil {
			return nil, err
		}
		switch {
		case len(keys) > 0 && pin == "" && after == "":
			return a.answered(a.checked(ctx, document, sourceOf(keys)))
		case len(keys) == 0 && pin != "" && after == "":
			return a.checkPinned(ctx, document, pin)
		case len(keys) == 0 && pin == "" && after != "":
			return a.checkAfter(ctx, document, after)
		}
		return nil, a.usage(a.say(phrase{"say in one way how the document is trusted", "신뢰의 근거를 한 가지로 주십시오"}),
			a.say(phrase{"with --pin, with --key or --cert, or with --after", "--pin, --key 또는 --cert, --after 중 하나"}))
	})
}

// answered keeps a nil document from becoming an answer.
func (a *app) answered(out *checkedDocument, err error) (answer, error) {
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (a *app) checkPinned(ctx context.Context, document []byte, pin string) (answer, error) {
	key, ok := metadata.PinnedKey(document, pin)
	if !ok {
		return nil, a.refused(a.say(phrase{"the document shows no key of that fingerprint", "문서에 그 지문의 키가 없습니다"}),
			a.say(phrase{"compare it with: kecis metadata show FILE; if they differ, ask the partner by another way", "다음과 비교하십시오: kecis metadata show 파일. 다르면 다른 경로로 상대방에게 확인하십시오"}))
	}
	out, err := a.checked(ctx, document, xmlsig.Keys{key})
	if err == nil && out.aggregate != nil {
		return nil, a.refused(a.say(phrase{"a pin is for the metadata of one party, not for a registry's", "지문은 한 당사자의 메타데이터에만 쓰며 등록 기관 문서에는 쓸 수 없습니다"}), "")
	}
	return a.answered(out, err)
}

// checkAfter holds a document against the one that was accepted before it, as a
// directory does.
func (a *app) checkAfter(ctx context.Context, document []byte, after string) (answer, error) {
	before, err := a.read(after, "document accepted before")
	if err != nil {
		return nil, err
	}
	seen, err := metadata.Inspect(before)
	if err != nil {
		return nil, err
	}
	if seen.Entity == nil || !seen.Signed {
		return nil, a.refused(a.say(phrase{"%s is not the signed metadata of one party", "%s은(는) 한 당사자의 서명된 메타데이터가 아닙니다"}, shown(after)), "")
	}
	out, err := a.checked(ctx, document, xmlsig.Keys(seen.Entity.SigningKeys(a.now(), xmlsig.ScopeMetadata)))
	switch {
	case err != nil:
		return nil, err
	case out.entity == nil || out.entity.ID != seen.Entity.ID:
		return nil, a.refused(a.say(phrase{"the two documents are not of the same party", "두 문서의 당사자가 다릅니다"}), "")
	}
	if err := metadata.Newer(out.entity, seen.Entity); err != nil {
		return nil, err
	}
	out.After = seen.Entity.Serial
	return out, nil
}

func (a *app) metadataShow() *cobra.Command {
	return a.does(&cobra.Command{
		Use:   "show FILE",
		Short: a.say(phrase{"show what a document says", "문서의 내용 보기"}),
		Long: a.say(phrase{
			`Shows what a metadata document says, with the fingerprints of its keys. The
document is not verified: to act on it, use check.`,
			`메타데이터 문서의 내용과 키의 지문을 보여 줍니다. 문서를 검증하지는 않습니다. 문서에
따라 행동하려면 check를 쓰십시오.`}),
		Example: `  kecis metadata show pg.signed.xml`,
		Args:    a.arguments("FILE"),
	}, func(_ context.Context, args []string) (answer, error) {
		document, err := a.read(args[0], "document")
		if err != nil {
			return nil, err
		}
		seen, err := metadata.Inspect(document)
		if err != nil {
			return nil, err
		}
		return shownMetadata(seen), nil
	})
}
