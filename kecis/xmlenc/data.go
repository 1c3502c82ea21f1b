package xmlenc

import (
	"crypto/ecdh"
	"encoding/base64"

	"github.com/kecis/sdk/kecis/xmltree"
)

// EncryptedData is a payload encrypted to one recipient, as a message carries
// it. It does not change, and may be used by several goroutines. The zero value
// holds nothing and decrypts to nothing.
type EncryptedData struct {
	key        keyID
	ephemeral  *ecdh.PublicKey // nil for RSA-OAEP
	wrapped    []byte          // the content's key, by RSA-OAEP or the AES key wrap
	ciphertext []byte          // nonce, ciphertext and tag
}

// KeyName returns the name of the recipient's key, see [Recipient.KeyName].
func (d *EncryptedData) KeyName() string { return d.key.String() }

// Write writes the element xenc:EncryptedData (KECIS-ENC-002). The Writer must
// know the [Namespaces].
func (d *EncryptedData) Write(w *xmltree.Writer) {
	w.Start("xenc", "EncryptedData")
	w.Attr("", "Type", TypeElement)
	leafAlgorithm(w, "xenc", "EncryptionMethod", AlgorithmAES256GCM)
	w.Start("ds", "KeyInfo")
	w.Start("xenc", "EncryptedKey")
	if d.ephemeral == nil {
		d.writeTransport(w)
	} else {
		d.writeAgreement(w)
	}
	writeCipherData(w, d.wrapped)
	w.End()
	w.End()
	writeCipherData(w, d.ciphertext)
	w.End()
}

// Document returns the element as a document of its own, in exclusive
// canonical form.
func (d *EncryptedData) Document() ([]byte, error) {
	const markup = 2048 // more than all tags, algorithms and namespaces take
	size := markup + base64.StdEncoding.EncodedLen(len(d.wrapped)+len(d.ciphertext))
	w := xmltree.NewWriter(make([]byte, 0, size), Namespaces()...)
	d.Write(w)
	return w.Bytes()
}

func (d *EncryptedData) writeTransport(w *xmltree.Writer) {
	w.Start("xenc", "EncryptionMethod")
	w.Attr("", "Algorithm", AlgorithmRSAOAEP)
	leafAlgorithm(w, "ds", "DigestMethod", AlgorithmSHA256)
	leafAlgorithm(w, "xenc11", "MGF", AlgorithmMGF1SHA256)
	w.End()
	w.Start("ds", "KeyInfo")
	w.Leaf("ds", "KeyName", d.KeyName())
	w.End()
}

func (d *EncryptedData) writeAgreement(w *xmltree.Writer) {
	leafAlgorithm(w, "xenc", "EncryptionMethod", AlgorithmKeyWrapAES256)
	w.Start("ds", "KeyInfo")
	w.Start("xenc", "AgreementMethod")
	w.Attr("", "Algorithm", AlgorithmECDHES)
	w.Start("xenc11", "KeyDerivationMethod")
	w.Attr("", "Algorithm", AlgorithmConcatKDF)
	w.Start("xenc11", "ConcatKDFParams")
	w.Attr("", "AlgorithmID", algorithmIDAttr())
	w.Attr("", "PartyVInfo", partyVInfoAttr(d.key))
	leafAlgorithm(w, "ds", "DigestMethod", AlgorithmSHA256)
	w.End()
	w.End()
	w.Start("xenc", "OriginatorKeyInfo")
	w.Start("ds", "KeyValue")
	w.Start("dsig11", "ECKeyValue")
	w.Start("dsig11", "NamedCurve")
	w.Attr("", "URI", CurveP256)
	w.End()
	w.Leaf("dsig11", "PublicKey", base64.StdEncoding.EncodeToString(d.ephemeral.Bytes()))
	w.End()
	w.End()
	w.End()
	w.Start("xenc", "RecipientKeyInfo")
	w.Leaf("ds", "KeyName", d.KeyName())
	w.End()
	w.End()
	w.End()
}

func leafAlgorithm(w *xmltree.Writer, prefix, local, uri string) {
	w.Start(prefix, local)
	w.Attr("", "Algorithm", uri)
	w.End()
}

func writeCipherData(w *xmltree.Writer, value []byte) {
	w.Start("xenc", "CipherData")
	w.Leaf("xenc", "CipherValue", base64.StdEncoding.EncodeToString(value))
	w.End()
}
