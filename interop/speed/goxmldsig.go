package main

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/xml"
	"math/big"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// goxmldsig verifies with goxmldsig and, where the document is a message, reads
// its usual fields with encoding/xml from what was verified.
func goxmldsig(key crypto.Signer, d document) (*contender, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "speed"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{certificate}})
	context.IdAttribute = "ID"
	once := func() error {
		doc := etree.NewDocument()
		if err := doc.ReadFromBytes(d.bytes); err != nil {
			return err
		}
		verified, err := context.Validate(doc.Root())
		if err != nil || !d.decode {
			return err
		}
		out := etree.NewDocument()
		out.SetRoot(verified)
		raw, err := out.WriteToBytes()
		if err != nil {
			return err
		}
		return xml.Unmarshal(raw, new(paymentFields))
	}
	if err := once(); err != nil {
		return &contender{name: "goxmldsig", note: "refuses: " + err.Error(), do: func(int) error {
			_ = once() // how long it takes to refuse
			return nil
		}}, nil
	}
	do := func(n int) error {
		for range n {
			if err := once(); err != nil {
				return err
			}
		}
		return nil
	}
	name := "goxmldsig"
	if d.decode {
		name += " + encoding/xml"
	}
	return &contender{name: name, do: do, note: memory(do)}, nil
}

// paymentFields are the fields of a payment request as encoding/xml reads them.
type paymentFields struct {
	ID           string `xml:"ID,attr"`
	Destination  string `xml:"Destination,attr"`
	IssueInstant string `xml:"IssueInstant,attr"`
	NotOnOrAfter string `xml:"NotOnOrAfter,attr"`
	Version      string `xml:"Version,attr"`
	Issuer       string `xml:"Issuer"`
	OrderRef     struct {
		Requester string `xml:"Requester,attr"`
		OrderID   string `xml:"OrderID,attr"`
		Attempt   int    `xml:"Attempt,attr"`
		Part      int    `xml:"Part,attr"`
	} `xml:"OrderRef"`
	Payee struct {
		Attrs []xml.Attr `xml:",any,attr"`
		Name  string     `xml:"Name"`
	} `xml:"Payee"`
	Amount struct {
		Attrs []xml.Attr `xml:",any,attr"`
		Text  string     `xml:",chardata"`
	} `xml:"Amount"`
	Tax struct {
		Attrs []xml.Attr `xml:",any,attr"`
	} `xml:"Tax"`
	Lines []struct {
		Attrs []xml.Attr `xml:",any,attr"`
		Text  string     `xml:",chardata"`
	} `xml:"Lines>Line"`
	Terms struct {
		Attrs []xml.Attr `xml:",any,attr"`
	} `xml:"Terms"`
	Instrument struct {
		Attrs []xml.Attr `xml:",any,attr"`
		Inner string     `xml:",innerxml"`
	} `xml:"Instrument"`
	Buyer struct {
		Inner string `xml:",innerxml"`
	} `xml:"Buyer"`
	Evidence []string `xml:"Evidence"`
}
