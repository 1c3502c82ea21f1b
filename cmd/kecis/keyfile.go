package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
)

// keyUse is what a key is for. A key has one use: what signs does not decrypt.
type keyUse string

const (
	useSigning    keyUse = "signing"
	useEncryption keyUse = "encryption"
)

// name names the use for people.
func (u keyUse) name() phrase {
	if u == useEncryption {
		return phrase{"encryption", "암호화"}
	}
	return phrase{"signing", "서명"}
}

// The PEM blocks that key files hold (RFC 7468).
const (
	pemPrivate     = "PRIVATE KEY"
	pemPublic      = "PUBLIC KEY"
	pemCertificate = "CERTIFICATE"
)

// useComment begins the line ahead of a PEM block that says what the key is
// for. RFC 7468 lets text stand there, and other programs skip it; a header
// inside the block they would refuse.
const useComment = "KECIS key for: "

// keyFiles are the names of a key's two files.
type keyFiles struct{ private, public string }

func filesOf(name string, use keyUse) keyFiles {
	stem := name + "." + string(use)
	return keyFiles{private: stem + ".key.pem", public: stem + ".pub.pem"}
}

// encodeKey returns the two files of a key: PKCS #8 and SubjectPublicKeyInfo.
func encodeKey(key crypto.Signer, use keyUse) (private, public []byte, err error) {
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	defer clear(secret)
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, nil, err
	}
	header := func(half string) string {
		return fmt.Sprintf("%s%s (%s)\nKind: %s\nName: %s\n", useComment, use, half, kindOf(key.Public()), keyName(spki))
	}
	private = append([]byte(header("private, keep it secret")), pem.EncodeToMemory(&pem.Block{Type: pemPrivate, Bytes: secret})...)
	public = append([]byte(header("public")), pem.EncodeToMemory(&pem.Block{Type: pemPublic, Bytes: spki})...)
	return private, public, nil
}

// keyName is the name of a key in messages and logs (KECIS-ENC-012).
func keyName(spki []byte) string {
	sum := sha256.Sum256(spki)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// kindOf names the kind of a key for people.
func kindOf(public crypto.PublicKey) string {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "EC " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "another kind of key"
}

// privateKey reads the private key in a file, for that use.
func (a *app) privateKey(name string, use keyUse) (crypto.Signer, error) {
	content, err := a.read(name, "key")
	if err != nil {
		return nil, err
	}
	defer clear(content)
	blocks := a.pemBlocks(content)
	if err := a.checkUse(name, content, use); err != nil {
		return nil, err
	}
	if len(blocks) != 1 || blocks[0].Type != pemPrivate {
		return nil, a.notAKey(name, blocks, phrase{"a private key (PKCS #8, PEM)", "개인 키(PKCS #8, PEM)"})
	}
	a.warnIfReadable(name)
	parsed, err := x509.ParsePKCS8PrivateKey(blocks[0].Bytes)
	if err != nil {
		return nil, a.refused(a.say(phrase{"%s holds a private key that cannot be read", "%s의 개인 키를 해석할 수 없습니다"}, shown(name)),
			a.say(phrase{"make one with: kecis keygen NAME", "다음으로 새로 만드십시오: kecis keygen 이름"}))
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, a.refused(a.say(phrase{"%s holds a kind of key that KECIS does not use", "%s에는 KECIS가 쓰지 않는 종류의 키가 있습니다"}, shown(name)), "")
	}
	return key, nil
}

// publicKey is a key of another party, and where it was found.
type publicKey struct {
	key  crypto.PublicKey
	name string
	file string
}

// publicKeys reads the public keys and certificates in a file.
func (a *app) publicKeys(name string, use keyUse) ([]publicKey, error) {
	content, err := a.read(name, "key")
	if err != nil {
		return nil, err
	}
	if err := a.checkUse(name, content, use); err != nil {
		return nil, err
	}
	blocks := a.pemBlocks(content)
	var out []publicKey
	for _, block := range blocks {
		key, err := a.publicKey(name, block)
		if err != nil {
			return nil, err
		}
		out = append(out, key)
	}
	if len(out) == 0 {
		return nil, a.notAKey(name, blocks, phrase{"a public key or a certificate (PEM)", "공개 키 또는 인증서(PEM)"})
	}
	return out, nil
}

func (a *app) publicKey(name string, block *pem.Block) (publicKey, error) {
	out := publicKey{file: name}
	switch block.Type {
	case pemPublic:
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return out, a.refused(a.say(phrase{"%s holds a public key that cannot be read", "%s의 공개 키를 해석할 수 없습니다"}, shown(name)), "")
		}
		out.key, out.name = key, keyName(block.Bytes)
	case pemCertificate:
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return out, a.refused(a.say(phrase{"%s holds a certificate that cannot be read", "%s의 인증서를 해석할 수 없습니다"}, shown(name)), "")
		}
		if now := a.now(); now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
			a.warn(phrase{"the certificate in %s is not valid at this time; only its key is used", "%s의 인증서는 현재 유효 기간이 아니며, 그 키만 사용합니다"}, shown(name))
		}
		out.key, out.name = cert.PublicKey, keyName(cert.RawSubjectPublicKeyInfo)
	default:
		return out, a.notAKey(name, []*pem.Block{block}, phrase{"a public key or a certificate (PEM)", "공개 키 또는 인증서(PEM)"})
	}
	return out, nil
}

func (a *app) pemBlocks(content []byte) (blocks []*pem.Block) {
	for {
		block, rest := pem.Decode(content)
		if block == nil {
			return blocks
		}
		blocks, content = append(blocks, block), rest
	}
}

// checkUse refuses a key that was made for another use.
func (a *app) checkUse(name string, content []byte, use keyUse) error {
	for line := range bytes.Lines(content) {
		found, ok := strings.CutPrefix(string(line), useComment)
		if !ok || strings.HasPrefix(found, string(use)) {
			continue
		}
		other := useEncryption
		if use == useEncryption {
			other = useSigning
		}
		return a.usage(a.say(phrase{"%s is a key for %s, not for %s", "%s은(는) %s용 키이며 %s용이 아닙니다"}, shown(name), a.say(other.name()), a.say(use.name())),
			a.say(phrase{"a key has one use; make another with: kecis keygen --use %s NAME", "키의 용도는 하나입니다. 다음으로 따로 만드십시오: kecis keygen --use %s 이름"}, use))
	}
	return nil
}

// notAKey says what a file holds instead of the key that is wanted.
func (a *app) notAKey(name string, blocks []*pem.Block, wanted phrase) error {
	text := a.say(phrase{"%s does not hold %s", "%s에 %s이(가) 없습니다"}, shown(name), a.say(wanted))
	if len(blocks) == 0 {
		return a.usage(text, a.say(phrase{"a PEM file begins a key with -----BEGIN", "PEM 파일의 키는 -----BEGIN으로 시작합니다"}))
	}
	var remedy phrase
	switch blocks[0].Type {
	case pemPrivate:
		remedy = phrase{"it holds a private key: give its public half, the file ending in .pub.pem", "개인 키 파일입니다. .pub.pem으로 끝나는 공개 키 파일을 주십시오"}
	case pemPublic, pemCertificate:
		remedy = phrase{"it holds a public key: give its private half, the file ending in .key.pem", "공개 키 파일입니다. .key.pem으로 끝나는 개인 키 파일을 주십시오"}
	case "EC PRIVATE KEY", "RSA PRIVATE KEY":
		remedy = phrase{"convert it: openssl pkcs8 -topk8 -nocrypt -in FILE -out NEW", "변환하십시오: openssl pkcs8 -topk8 -nocrypt -in 파일 -out 새파일"}
	case "ENCRYPTED PRIVATE KEY":
		remedy = phrase{"decrypt it first: openssl pkcs8 -in FILE -out NEW (and keep NEW readable by you alone)", "먼저 암호를 푸십시오: openssl pkcs8 -in 파일 -out 새파일 (새파일은 본인만 읽을 수 있게 두십시오)"}
	default:
		remedy = phrase{"convert it with openssl pkey, or make a key with: kecis keygen NAME", "openssl pkey로 변환하거나 다음으로 만드십시오: kecis keygen 이름"}
	}
	return a.usage(text, a.say(remedy))
}

// warnIfReadable warns of a private key that others on the machine can read.
func (a *app) warnIfReadable(name string) {
	const others fs.FileMode = 0o077
	info, err := os.Stat(name)
	if err == nil && info.Mode().IsRegular() && runtime.GOOS != "windows" && info.Mode().Perm()&others != 0 {
		a.warn(phrase{"others on this machine can read the private key %s; mend it with: chmod 600 FILE", "이 컴퓨터의 다른 사용자가 개인 키 %s을(를) 읽을 수 있습니다. chmod 600 파일로 고치십시오"}, shown(name))
	}
}
