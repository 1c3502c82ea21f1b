package xmlenc_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kecis/sdk/conformance/foreign"
	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

const card = `<Card><Number>4111111111111111</Number></Card>`

// sealed is the plaintext as another implementation writes it, by hand from the
// text of the standard (KECIS-ENC-017).
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
	`<kecis:Payload>@</kecis:Payload>` +
	`</kecis:Sealed>`

func now() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func payment() xmlenc.Context {
	return xmlenc.Context{
		Recipient: "https://issuer.example/kecis", Payee: "https://shop.example/kecis",
		Requester: "https://shop.example/kecis", Order: "A-1", Part: "1",
		Amount: 35000, Currency: "KRW", NotOnOrAfter: now().Add(30 * time.Minute),
	}
}

func plaintext() string {
	return strings.Replace(sealed, "@", base64.StdEncoding.EncodeToString([]byte(card)), 1)
}

func TestSantuario(t *testing.T) {
	foreign.Need(t, foreign.Santuario)
	santuario := foreign.NewEncryption(t)
	key := foreign.NewKey(t, foreign.RSA)
	private, err := xmlenc.NewPrivateKey(key.Private)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("ours opens in Santuario", func(t *testing.T) { oursInSantuario(t, santuario, key, private) })
	t.Run("Santuario's opens in ours", func(t *testing.T) { santuarioInOurs(t, santuario, key, private) })
}

func oursInSantuario(t *testing.T, santuario *foreign.Encryption, key *foreign.Key, private *xmlenc.PrivateKey) {
	t.Helper()
	d, err := xmlenc.Encrypt(nil, private.Recipient(), payment(), []byte(card))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := d.Document()
	if err != nil {
		t.Fatal(err)
	}
	got, err := santuario.DecryptBytes(key, doc)
	if err != nil {
		t.Fatal(err)
	}
	// All but the nonce is fixed.
	before, after, _ := strings.Cut(plaintext(), "AAECAwQFBgcICQoLDA0ODw==")
	if !strings.HasPrefix(string(got), before) || !strings.HasSuffix(string(got), after) {
		t.Errorf("Santuario reads\n%s\nwant\n%s", got, plaintext())
	}
	element, err := santuario.DecryptElement(key, doc)
	if err != nil || !strings.HasPrefix(string(element), before) {
		t.Errorf("as an element Santuario reads\n%s\n%v", element, err)
	}
	// The last bytes are those of the tag.
	at := strings.LastIndex(string(doc), "</xenc:CipherValue>") - 8
	bent := bytes.Clone(doc)
	if bent[at] == 'A' {
		bent[at] = 'B'
	} else {
		bent[at] = 'A'
	}
	var refusal *foreign.Refusal
	if _, err := santuario.DecryptBytes(key, bent); !errors.As(err, &refusal) {
		t.Errorf("Santuario takes bent data: %v", err)
	}
}

func santuarioInOurs(t *testing.T, santuario *foreign.Encryption, key *foreign.Key, private *xmlenc.PrivateKey) {
	t.Helper()
	doc, err := santuario.EncryptBytes(key, []byte(plaintext()), xmlenc.TypeElement)
	if err != nil {
		t.Fatal(err)
	}
	named := nameKey(t, string(doc), private.Recipient().KeyName())
	got, err := xmlenc.Decrypt(private, root(t, named), payment(), now())
	if err != nil || string(got) != card {
		t.Errorf("got %q, %v\n%s", got, err, named)
	}
	if _, err := xmlenc.Read(root(t, string(doc))); !errors.Is(err, xmlenc.ErrStructure) {
		t.Errorf("without a name of the key: %v", err)
	}
	other := payment()
	other.Amount++
	if got, err := xmlenc.Decrypt(private, root(t, named), other, now()); got != nil || !errors.Is(err, xmlenc.ErrFailed) {
		t.Errorf("for another amount: %q, %v", got, err)
	}
	untyped, err := santuario.EncryptBytes(key, []byte(plaintext()), "")
	if err != nil {
		t.Fatal(err)
	}
	named = nameKey(t, string(untyped), private.Recipient().KeyName())
	if _, err := xmlenc.Read(root(t, named)); !errors.Is(err, xmlenc.ErrAttribute) {
		t.Errorf("without a Type: %v", err)
	}
}

// nameKey adds the name of the recipient's key, which the harness does not.
func nameKey(t *testing.T, doc, name string) string {
	t.Helper()
	const end = "</xenc:EncryptionMethod><xenc:CipherData>"
	if strings.Count(doc, end) != 1 {
		t.Fatalf("the end of the key's EncryptionMethod is not found once:\n%s", doc)
	}
	info := `<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:KeyName>` + name + `</ds:KeyName></ds:KeyInfo>`
	return strings.Replace(doc, end, strings.Replace(end, "><", ">"+info+"<", 1), 1)
}

func root(t *testing.T, doc string) xmltree.Element {
	t.Helper()
	tree, err := xmltree.Parse([]byte(doc))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	return tree.Root()
}
