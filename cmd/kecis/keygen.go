package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// keyTypes are the kinds of keys that keygen makes, the usual one first.
var keyTypes = []string{"p256", "p384", "ed25519", "rsa-2048", "rsa-3072"}

// encryptionTypes are those that can be encrypted to (KECIS-ENC-014).
var encryptionTypes = []string{"p256", "rsa-2048", "rsa-3072"}

func (a *app) keygenCommand() *cobra.Command {
	var keyType, use string
	var force bool
	cmd := &cobra.Command{
		Use:   "keygen NAME",
		Short: a.say(phrase{"make a key: NAME.signing.key.pem and NAME.signing.pub.pem", "키 만들기: NAME.signing.key.pem과 NAME.signing.pub.pem"}),
		Long: a.say(phrase{
			`Makes a key and writes it to two files: the private half as PKCS #8, readable by
you alone, and the public half, which you give to your partners. It prints the
key's name, by which messages and logs know it.

A key has one use. One for signing is written to NAME.signing.*, one that
others encrypt card data to, to NAME.encryption.*`,
			`키를 만들어 두 파일에 씁니다. 개인 키(PKCS #8)는 본인만 읽을 수 있고, 공개 키는
거래 상대에게 줍니다. 메시지와 기록에서 키를 가리키는 이름을 출력합니다.

키의 용도는 하나입니다. 서명용은 NAME.signing.*, 카드 정보를 받을 암호화용은
NAME.encryption.*에 씁니다.`}),
		Example: `  kecis keygen shop
  kecis keygen --use encryption keys/issuer
  kecis keygen --type rsa-3072 shop`,
		Args: a.arguments("NAME"),
	}
	cmd.Flags().StringVar(&keyType, "type", keyTypes[0], a.say(phrase{"kind of key: ", "키 종류: "})+strings.Join(keyTypes, ", "))
	cmd.Flags().StringVar(&use, "use", string(useSigning), a.say(phrase{"what it is for: signing, encryption", "용도: signing(서명), encryption(암호화)"}))
	cmd.Flags().BoolVar(&force, "force", false, a.say(phrase{"replace key files that are there", "있는 키 파일을 덮어쓰기"}))
	complete(cmd, "type", keyTypes...)
	complete(cmd, "use", string(useSigning), string(useEncryption))
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		if err := a.oneOf("--type", keyType, keyTypes...); err != nil {
			return nil, err
		}
		if err := a.oneOf("--use", use, string(useSigning), string(useEncryption)); err != nil {
			return nil, err
		}
		return a.keygen(args[0], keyType, keyUse(use), force)
	})
}

// madeKey is the answer of keygen.
type madeKey struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Use     keyUse `json:"use"`
	Private string `json:"private"`
	Public  string `json:"public"`
}

func (k *madeKey) print(p *page) {
	p.line(phrase{"Made a key for %s.", "%s용 키를 만들었습니다."}, p.say(k.Use.name()))
	p.field(phrase{"Kind", "종류"}, k.Kind)
	p.field(phrase{"Name", "이름"}, k.Name)
	p.row(p.say(phrase{"Private", "개인 키"}), shown(k.Private), p.say(phrase{"keep it secret", "비밀로 보관"}))
	p.row(p.say(phrase{"Public", "공개 키"}), shown(k.Public), p.say(phrase{"give it to your partners", "거래 상대에게 전달"}))
}

func (a *app) keygen(name, keyType string, use keyUse, force bool) (answer, error) {
	if use == useEncryption && !slices.Contains(encryptionTypes, keyType) {
		return nil, a.usage(a.say(phrase{"a key of type %s cannot be encrypted to", "%s 키로는 암호화할 수 없습니다"}, keyType),
			a.say(phrase{"choose one of: ", "다음 중에서 고르십시오: "})+strings.Join(encryptionTypes, ", "))
	}
	files := filesOf(name, use)
	if err := a.absent(force, files.private, files.public); err != nil {
		return nil, err
	}
	key, err := newKey(a.random, keyType)
	if err != nil {
		return nil, err
	}
	private, public, err := encodeKey(key, use)
	if err != nil {
		return nil, err
	}
	defer clear(private)
	if err := a.write(files.private, private, modeSecret, force); err != nil {
		return nil, err
	}
	if err := a.write(files.public, public, modePublic, force); err != nil {
		return nil, err
	}
	made := &madeKey{Kind: kindOf(key.Public()), Use: use, Private: files.private, Public: files.public}
	made.Name = keyName(a.pemBlocks(public)[0].Bytes)
	return made, nil
}

// absent refuses before anything is made if one of the files is there.
func (a *app) absent(force bool, names ...string) error {
	for _, name := range names {
		if _, err := os.Lstat(name); err == nil && !force {
			return &failure{
				exit:   exitIO,
				text:   a.say(phrase{"%s is there already", "%s이(가) 이미 있습니다"}, shown(name)),
				remedy: a.say(phrase{"choose another name, or replace it with --force: what was signed or encrypted with the old key then needs the old files", "다른 이름을 쓰거나 --force로 덮어쓰십시오. 이전 키로 서명하거나 암호화한 것에는 이전 파일이 필요합니다"}),
				cause:  fs.ErrExist,
			}
		}
	}
	return nil
}

func newKey(random io.Reader, keyType string) (crypto.Signer, error) {
	switch keyType {
	case "p384":
		return ecdsa.GenerateKey(elliptic.P384(), random)
	case "ed25519":
		_, key, err := ed25519.GenerateKey(random)
		return key, err
	case "rsa-2048":
		return rsa.GenerateKey(random, 2048)
	case "rsa-3072":
		return rsa.GenerateKey(random, 3072)
	}
	return ecdsa.GenerateKey(elliptic.P256(), random)
}
