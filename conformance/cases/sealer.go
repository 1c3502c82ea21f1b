package cases

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/kecis/xmlenc"
)

const (
	nsEncryption11 = "http://www.w3.org/2009/xmlenc11#"
	nsSignature11  = "http://www.w3.org/2009/xmldsig11#"

	keyWrap = nsEncryption + "kw-aes256"
)

// seal encrypts an instrument, apart from kecis/xmlenc and without its checks.
// What must be random in life is fixed here: a vector is the same each time.
type seal struct {
	plaintext  string
	key        []byte // of the content, 32 octets
	nonce      []byte // of AES-GCM
	seed       []byte // of OAEP, 32 octets
	hash, mask crypto.Hash
	label      []byte
	scalar     []byte // of the ephemeral key
	agreed     string // URI of the key wrap that goes into the derivation
	wrapped    []byte // instead of the right value
	ciphertext func([]byte) []byte
}

// fixed returns n octets that look random and are not.
func fixed(purpose string, n int) []byte {
	sum := sha256.Sum256([]byte("KECIS test vector: " + purpose))
	return bytes.Repeat(sum[:], 1+n/len(sum))[:n]
}

func newSeal() *seal {
	return &seal{
		plaintext: sealedPlaintext,
		key:       fixed("content key", 32),
		nonce:     fixed("nonce", 12),
		seed:      fixed("OAEP seed", 32),
		hash:      crypto.SHA256,
		mask:      crypto.SHA256,
		scalar:    fixed("ephemeral key", 32),
		agreed:    keyWrap,
	}
}

const (
	sealedOrder = "ORD-20261124-0001"
	// The number is one that card schemes publish for tests.
	sealedPayload = `<Card><Name>HONG GILDONG</Name><Number>4111111111111111</Number><ExpDate Year="2029" Month="12"/></Card>`
)

// sealedFields are the children of kecis:Sealed, in order, but for the payload.
const sealedFields = `<kecis:Recipient>` + issuer + `</kecis:Recipient><kecis:Payee>` + shop + `</kecis:Payee>` +
	`<kecis:Requester>` + shop + `</kecis:Requester><kecis:Order>` + sealedOrder + `</kecis:Order><kecis:Part>1</kecis:Part>` +
	`<kecis:Amount>50000</kecis:Amount><kecis:Currency>KRW</kecis:Currency><kecis:NotOnOrAfter>2026-11-24T09:30:00Z</kecis:NotOnOrAfter>` +
	`<kecis:Nonce>AAECAwQFBgcICQoLDA0ODw==</kecis:Nonce>`

var sealedPlaintext = `<kecis:Sealed xmlns:kecis="` + nsKECIS + `">` + sealedFields + `<kecis:Payload>` +
	base64.StdEncoding.EncodeToString([]byte(sealedPayload)) + `</kecis:Payload></kecis:Sealed>`

// sealedContext is what the recipient expects.
func sealedContext() xmlenc.Context {
	return xmlenc.Context{
		Recipient: issuer, Payee: shop, Requester: shop, Order: sealedOrder, Part: "1", Amount: 50000, Currency: "KRW",
	}
}

// document encrypts to the key.
func (s *seal) document(key *conformance.Key) ([]byte, error) {
	spki, err := x509.MarshalPKIXPublicKey(key.Public)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(spki)
	name := "sha256:" + hex.EncodeToString(digest[:])
	var encryptedKey string
	switch public := key.Public.(type) {
	case *rsa.PublicKey:
		encryptedKey = s.transport(public, name)
	case *ecdsa.PublicKey:
		encryptedKey, err = s.agreement(public, name, digest[:])
	default:
		err = errors.New("not a key to encrypt to")
	}
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(s.key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	value := gcm.Seal(slices.Clone(s.nonce), s.nonce, []byte(s.plaintext), nil)
	if s.ciphertext != nil {
		value = s.ciphertext(value)
	}
	return []byte(`<xenc:EncryptedData xmlns:xenc="` + nsEncryption + `" Type="` + nsEncryption + `Element">` +
		`<xenc:EncryptionMethod Algorithm="` + nsEncryption11 + `aes256-gcm"></xenc:EncryptionMethod>` +
		`<ds:KeyInfo xmlns:ds="` + nsSignature + `"><xenc:EncryptedKey>` + encryptedKey + `</xenc:EncryptedKey></ds:KeyInfo>` +
		cipherData(value) + `</xenc:EncryptedData>`), nil
}

func cipherData(value []byte) string {
	return `<xenc:CipherData><xenc:CipherValue>` + base64.StdEncoding.EncodeToString(value) + `</xenc:CipherValue></xenc:CipherData>`
}

func (s *seal) transport(key *rsa.PublicKey, name string) string {
	wrapped := s.wrapped
	if wrapped == nil {
		m := new(big.Int).SetBytes(s.encodeOAEP(key.Size()))
		wrapped = m.Exp(m, big.NewInt(int64(key.E)), key.N).FillBytes(make([]byte, key.Size()))
	}
	return `<xenc:EncryptionMethod Algorithm="` + nsEncryption11 + `rsa-oaep"><ds:DigestMethod Algorithm="` + digestSHA256 + `"></ds:DigestMethod>` +
		`<xenc11:MGF xmlns:xenc11="` + nsEncryption11 + `" Algorithm="` + nsEncryption11 + `mgf1sha256"></xenc11:MGF></xenc:EncryptionMethod>` +
		`<ds:KeyInfo><ds:KeyName>` + name + `</ds:KeyName></ds:KeyInfo>` + cipherData(wrapped)
}

// encodeOAEP is EME-OAEP of RFC 8017 7.1.1 with a given seed.
func (s *seal) encodeOAEP(size int) []byte {
	n := s.hash.Size()
	out := make([]byte, size)
	seed, block := out[1:1+n], out[1+n:]
	copy(seed, s.seed[:n])
	copy(block, hashed(s.hash, s.label))
	block[len(block)-len(s.key)-1] = 1
	copy(block[len(block)-len(s.key):], s.key)
	mask(block, seed, s.mask)
	mask(seed, block, s.mask)
	return out
}

// mask is MGF1 of RFC 8017 B.2.1.
func mask(out, seed []byte, hash crypto.Hash) {
	var generated []byte
	for counter := uint32(0); len(generated) < len(out); counter++ {
		generated = append(generated, hashed(hash, binary.BigEndian.AppendUint32(slices.Clone(seed), counter))...)
	}
	for i := range out {
		out[i] ^= generated[i]
	}
}

func (s *seal) agreement(key *ecdsa.PublicKey, name string, digest []byte) (string, error) {
	recipient, err := key.ECDH()
	if err != nil {
		return "", err
	}
	ephemeral, err := ecdh.P256().NewPrivateKey(s.scalar)
	if err != nil {
		return "", err
	}
	secret, err := ephemeral.ECDH(recipient)
	if err != nil {
		return "", err
	}
	kek := sha256.Sum256(slices.Concat([]byte{0, 0, 0, 1}, secret, []byte(s.agreed), digest))
	wrapped := s.wrapped
	if wrapped == nil {
		if wrapped, err = wrap(kek[:], s.key); err != nil {
			return "", err
		}
	}
	return `<xenc:EncryptionMethod Algorithm="` + keyWrap + `"></xenc:EncryptionMethod>` +
		`<ds:KeyInfo><xenc:AgreementMethod Algorithm="` + nsEncryption11 + `ECDH-ES">` +
		`<xenc11:KeyDerivationMethod xmlns:xenc11="` + nsEncryption11 + `" Algorithm="` + nsEncryption11 + `ConcatKDF">` +
		`<xenc11:ConcatKDFParams AlgorithmID="00` + hex.EncodeToString([]byte(keyWrap)) + `" PartyVInfo="00` + hex.EncodeToString(digest) + `">` +
		`<ds:DigestMethod Algorithm="` + digestSHA256 + `"></ds:DigestMethod></xenc11:ConcatKDFParams></xenc11:KeyDerivationMethod>` +
		`<xenc:OriginatorKeyInfo><ds:KeyValue><dsig11:ECKeyValue xmlns:dsig11="` + nsSignature11 + `">` +
		`<dsig11:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"></dsig11:NamedCurve>` +
		`<dsig11:PublicKey>` + base64.StdEncoding.EncodeToString(ephemeral.PublicKey().Bytes()) + `</dsig11:PublicKey>` +
		`</dsig11:ECKeyValue></ds:KeyValue></xenc:OriginatorKeyInfo>` +
		`<xenc:RecipientKeyInfo><ds:KeyName>` + name + `</ds:KeyName></xenc:RecipientKeyInfo></xenc:AgreementMethod></ds:KeyInfo>` +
		cipherData(wrapped), nil
}

// wrap is the AES key wrap of RFC 3394 2.2.1.
func wrap(kek, key []byte) ([]byte, error) {
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, err
	}
	a, r := bytes.Repeat([]byte{0xa6}, 8), slices.Clone(key)
	for round := range 6 {
		for i := 0; i < len(r); i += 8 {
			b := slices.Concat(a, r[i:i+8])
			block.Encrypt(b, b)
			step := uint64(len(key)/8*round + i/8 + 1)
			binary.BigEndian.PutUint64(a, binary.BigEndian.Uint64(b[:8])^step)
			copy(r[i:], b[8:])
		}
	}
	return append(a, r...), nil
}
