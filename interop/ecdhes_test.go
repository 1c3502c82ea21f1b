package interop_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/lestrrat-go/helium"
	"github.com/lestrrat-go/helium/xmlenc1"
	signed "github.com/moov-io/signedxml/xmlenc"

	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

const card = `<Card><Number>4111111111111111</Number></Card>`

// sealed is the plaintext as another implementation writes it (KECIS-ENC-017).
const sealed = `<kecis:Sealed xmlns:kecis="urn:kecis:1.0:protocol">` +
	`<kecis:Recipient>https://issuer.example/kecis</kecis:Recipient>` +
	`<kecis:Payee>https://shop.example/kecis</kecis:Payee>` +
	`<kecis:Requester>https://shop.example/kecis</kecis:Requester>` +
	`<kecis:Order>A-1</kecis:Order>` +
	`<kecis:Part>1</kecis:Part>` +
	`<kecis:Amount>35000</kecis:Amount>` +
	`<kecis:Currency>KRW</kecis:Currency>` +
	`<kecis:NotOnOrAfter>2026-11-23T09:30:00Z</kecis:NotOnOrAfter>` +
	`<kecis:Nonce>AAECAwQFBgcICQoLDA0ODw==</kecis:Nonce>` +
	`<kecis:Payload>PENhcmQ+PE51bWJlcj40MTExMTExMTExMTExMTExPC9OdW1iZXI+PC9DYXJkPg==</kecis:Payload>` +
	`</kecis:Sealed>`

const sealedNonce = "AAECAwQFBgcICQoLDA0ODw=="

func clock() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func payment() xmlenc.Context {
	return xmlenc.Context{
		Recipient: "https://issuer.example/kecis", Payee: "https://shop.example/kecis",
		Requester: "https://shop.example/kecis", Order: "A-1", Part: "1",
		Amount: 35000, Currency: "KRW", NotOnOrAfter: clock().Add(30 * time.Minute),
	}
}

// issuer is a recipient, in the forms that each library takes.
type issuer struct {
	secret  *ecdsa.PrivateKey
	agreed  *ecdh.PrivateKey
	private *xmlenc.PrivateKey
	digest  [sha256.Size]byte // of the public key
}

func newIssuer(t *testing.T) issuer {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	agreed, err := secret.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	private, err := xmlenc.NewPrivateKey(agreed)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(secret.Public())
	if err != nil {
		t.Fatal(err)
	}
	return issuer{secret, agreed, private, sha256.Sum256(spki)}
}

// ours returns a document of the SDK.
func (i issuer) ours(t *testing.T) []byte {
	t.Helper()
	d, err := xmlenc.Encrypt(nil, i.private.Recipient(), payment(), []byte(card))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := d.Document()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// opens checks that the SDK opens a foreign document, and not for another
// payment.
func (i issuer) opens(t *testing.T, doc string) {
	t.Helper()
	tree, err := xmltree.Parse([]byte(doc))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	got, err := xmlenc.Decrypt(i.private, tree.Root(), payment(), clock())
	if err != nil || string(got) != card {
		t.Errorf("the SDK reads %q, %v\n%s", got, err, doc)
	}
	other := payment()
	other.Payee = "https://thief.example/kecis"
	if got, err := xmlenc.Decrypt(i.private, tree.Root(), other, clock()); got != nil || !errors.Is(err, xmlenc.ErrFailed) {
		t.Errorf("for another payee the SDK gives %q, %v", got, err)
	}
}

// wantSealed compares a plaintext of the SDK: all but the nonce is fixed.
func wantSealed(t *testing.T, got string) {
	t.Helper()
	before, after, _ := strings.Cut(sealed, sealedNonce)
	if len(got) != len(sealed) || !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
		t.Errorf("the plaintext is\n%s\nwant\n%s", got, sealed)
	}
}

// recipientKeyInfo names the recipient's key, which neither library writes.
func (i issuer) recipientKeyInfo() string {
	return `<xenc:RecipientKeyInfo xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><ds:KeyName xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` +
		i.private.Recipient().KeyName() + `</ds:KeyName></xenc:RecipientKeyInfo>`
}

// helium has the whole of ECDH-ES with ConcatKDF: structure, derivation and key
// wrap are its own in both directions.
func TestECDHESWithHelium(t *testing.T) {
	to := newIssuer(t)
	t.Run("ours opens in helium", func(t *testing.T) {
		doc, err := helium.NewParser().Parse(t.Context(), to.ours(t))
		if err != nil {
			t.Fatal(err)
		}
		nodes, err := xmlenc1.NewDecryptor().ECPrivateKey(to.secret).Decrypt(t.Context(), doc.DocumentElement())
		if err != nil || len(nodes) != 1 {
			t.Fatalf("%d nodes, %v", len(nodes), err)
		}
		got, err := helium.WriteString(nodes[0])
		if err != nil {
			t.Fatal(err)
		}
		wantSealed(t, got)
	})
	t.Run("helium's opens in ours", func(t *testing.T) {
		doc, err := helium.NewParser().Parse(t.Context(), []byte(sealed))
		if err != nil {
			t.Fatal(err)
		}
		element, err := xmlenc1.NewEncryptor().
			BlockAlgorithm(xmlenc1.AES256GCM11).
			KeyWrapAlgorithm(xmlenc1.AES256KeyWrap).
			RecipientECPublicKey(&to.secret.PublicKey).
			KeyDerivationParams(&xmlenc1.ConcatKDFParams{
				DigestMethod: xmlenc1.DigestSHA256,
				AlgorithmID:  []byte(xmlenc.AlgorithmKeyWrapAES256),
				PartyVInfo:   to.digest[:],
			}).
			EncryptElement(t.Context(), doc.DocumentElement())
		if err != nil {
			t.Fatal(err)
		}
		text, err := helium.WriteString(element)
		if err != nil {
			t.Fatal(err)
		}
		const end = "</xenc:OriginatorKeyInfo>"
		if strings.Count(text, end) != 1 {
			t.Fatalf("no single %s in %s", end, text)
		}
		to.opens(t, strings.Replace(text, end, end+to.recipientKeyInfo(), 1))
	})
}

// agreement is ECDH-ES on P-256 at the seam that signedxml has for it: its own
// agreement is on X25519 with HKDF only. The elements, the key wrap and the
// content encryption are signedxml's.
type agreement struct{ to issuer }

// derive computes the wrapping key from the text of KECIS-ENC-011.
func (a agreement) derive(mine *ecdh.PrivateKey, theirs *ecdh.PublicKey) ([]byte, error) {
	secret, err := mine.ECDH(theirs)
	if err != nil {
		return nil, err
	}
	kek := sha256.Sum256(bytes.Join([][]byte{
		{0, 0, 0, 1}, secret, []byte("http://www.w3.org/2001/04/xmlenc#kw-aes256"), a.to.digest[:],
	}, nil))
	return kek[:], nil
}

func (a agreement) WrapKey(cek []byte, algorithm string) (*signed.EncryptedKey, error) {
	ephemeral, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	kek, err := a.derive(ephemeral, a.to.agreed.PublicKey())
	if err != nil {
		return nil, err
	}
	wrapped, err := signed.AESKeyWrap(kek, cek)
	if err != nil {
		return nil, err
	}
	return &signed.EncryptedKey{EncryptedType: signed.EncryptedType{
		EncryptionMethod: &signed.EncryptionMethod{Algorithm: algorithm},
		KeyInfo: &signed.KeyInfo{AgreementMethod: &signed.AgreementMethod{
			Algorithm: signed.AlgorithmECDHES,
			KeyDerivationMethod: &signed.KeyDerivationMethod{
				Algorithm:       signed.AlgorithmConcatKDF,
				ConcatKDFParams: &signed.ConcatKDFParams{DigestMethod: signed.AlgorithmSHA256},
			},
			OriginatorKeyInfo: &signed.KeyInfo{KeyValue: &signed.KeyValue{ECKeyValue: &signed.ECKeyValue{
				NamedCurve: "urn:oid:1.2.840.10045.3.1.7", PublicKey: ephemeral.PublicKey().Bytes(),
			}}},
		}},
		CipherData: &signed.CipherData{CipherValue: wrapped},
	}}, nil
}

func (a agreement) UnwrapKey(key *signed.EncryptedKey) ([]byte, error) {
	method := key.KeyInfo.AgreementMethod
	if method.Algorithm != signed.AlgorithmECDHES || method.KeyDerivationMethod.Algorithm != signed.AlgorithmConcatKDF {
		return nil, errors.New("another agreement")
	}
	ephemeral, err := ecdh.P256().NewPublicKey(method.OriginatorKeyInfo.KeyValue.ECKeyValue.PublicKey)
	if err != nil {
		return nil, err
	}
	kek, err := a.derive(a.to.agreed, ephemeral)
	if err != nil {
		return nil, err
	}
	return signed.AESKeyUnwrap(kek, key.CipherData.CipherValue)
}

func TestECDHESWithSignedXML(t *testing.T) {
	to := newIssuer(t)
	t.Run("ours opens in signedxml", func(t *testing.T) {
		doc := etree.NewDocument()
		if err := doc.ReadFromBytes(to.ours(t)); err != nil {
			t.Fatal(err)
		}
		data, err := signed.ParseEncryptedData(doc.Root())
		if err != nil {
			t.Fatal(err)
		}
		got, err := signed.NewDecryptor(agreement{to}).DecryptEncryptedData(data)
		if err != nil {
			t.Fatal(err)
		}
		wantSealed(t, string(got))
	})
	t.Run("signedxml's opens in ours", func(t *testing.T) {
		plaintext := etree.NewDocument()
		if err := plaintext.ReadFromString(sealed); err != nil {
			t.Fatal(err)
		}
		data, err := signed.NewEncryptor(signed.AlgorithmAES256GCM, agreement{to}).EncryptElement(plaintext.Root())
		if err != nil {
			t.Fatal(err)
		}
		doc := signed.NewEncryptedDataDocument(data)
		// It writes of ConcatKDFParams the digest only, and no key name here.
		params := doc.FindElement("//ConcatKDFParams")
		params.CreateAttr("AlgorithmID", "00"+hex.EncodeToString([]byte(signed.AlgorithmAES256KW)))
		params.CreateAttr("PartyVInfo", "00"+hex.EncodeToString(to.digest[:]))
		info := etree.NewDocument()
		if err := info.ReadFromString(to.recipientKeyInfo()); err != nil {
			t.Fatal(err)
		}
		doc.FindElement("//AgreementMethod").AddChild(info.Root())
		text, err := doc.WriteToString()
		if err != nil {
			t.Fatal(err)
		}
		to.opens(t, text)
	})
}

// The payload in sealed is the card.
func TestSealedPayload(t *testing.T) {
	if !strings.Contains(sealed, base64.StdEncoding.EncodeToString([]byte(card))) {
		t.Error("the fixture is wrong")
	}
}
