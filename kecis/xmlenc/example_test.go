package xmlenc_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/kecis/sdk/kecis/xmlenc"
	"github.com/kecis/sdk/kecis/xmltree"
)

// A shop's page encrypts a card to the issuer; the issuer decrypts it for the
// payment that it was meant for, and for no other.
func Example() {
	// The issuer makes a key and publishes its public part.
	secret, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	key, err := xmlenc.NewPrivateKey(secret)
	if err != nil {
		log.Fatal(err)
	}

	// The page takes it from the routing table of the gateway's metadata.
	to, err := xmlenc.NewRecipient(secret.PublicKey())
	if err != nil {
		log.Fatal(err)
	}
	payment := xmlenc.Context{
		Recipient: "https://issuer.example/kecis",
		Payee:     "https://shop.example/kecis",
		Requester: "https://shop.example/kecis",
		Order:     "A-20261123-0001",
		Amount:    35000,
		Currency:  "KRW",
	}
	sealed := payment
	sealed.NotOnOrAfter = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	data, err := xmlenc.Encrypt(rand.Reader, to, sealed, []byte("<Card>...</Card>"))
	if err != nil {
		log.Fatal(err)
	}
	doc, err := data.Document()
	if err != nil {
		log.Fatal(err)
	}

	// The issuer reads the element of a verified message.
	tree, err := xmltree.Parse(doc)
	if err != nil {
		log.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	card, err := xmlenc.Decrypt(key, tree.Root(), payment, now)
	fmt.Println(string(card), err)

	// For another payee it gives nothing.
	payment.Payee = "https://thief.example/kecis"
	card, err = xmlenc.Decrypt(key, tree.Root(), payment, now)
	fmt.Println(len(card), errors.Is(err, xmlenc.ErrFailed))
	// Output:
	// <Card>...</Card> <nil>
	// 0 true
}

// A gateway passes an instrument on that it cannot read.
func ExampleRead() {
	secret, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	received := message(secret.PublicKey())

	tree, err := xmltree.Parse(received)
	if err != nil {
		log.Fatal(err)
	}
	data, err := xmlenc.Read(tree.Root().First())
	if err != nil {
		log.Fatal(err)
	}
	w := xmltree.NewWriter(nil, append(xmlenc.Namespaces(), xmltree.Namespace{Prefix: "k", URI: "urn:example"})...)
	w.Start("k", "ToIssuer")
	data.Write(w)
	w.End()
	passedOn, err := w.Bytes()
	fmt.Println(len(passedOn) > len("<k:ToIssuer/>"), err)
	// Output: true <nil>
}

// message is what a shop sends.
func message(issuer *ecdh.PublicKey) []byte {
	to, err := xmlenc.NewRecipient(issuer)
	if err != nil {
		log.Fatal(err)
	}
	data, err := xmlenc.Encrypt(rand.Reader, to, payment(), []byte("<Card>...</Card>"))
	if err != nil {
		log.Fatal(err)
	}
	w := xmltree.NewWriter(nil, append(xmlenc.Namespaces(), xmltree.Namespace{Prefix: "k", URI: "urn:example"})...)
	w.Start("k", "ToGateway")
	data.Write(w)
	w.End()
	doc, err := w.Bytes()
	if err != nil {
		log.Fatal(err)
	}
	return doc
}
