package xmlenc

import (
	"crypto/ecdh"
	"strconv"

	"github.com/kecis/sdk/kecis/xmltree"
)

// Read takes the encrypted data from an element xenc:EncryptedData of a message.
// It accepts the one form that [EncryptedData.Write] writes, with any prefixes,
// and with white space between the elements and in base64. All that it refuses
// can be seen by everybody; nothing is decrypted. Errors are of type *Error
// (KECIS-ENC-002 to 012).
func Read(e xmltree.Element) (*EncryptedData, error) {
	if !e.Is(nsEnc, "EncryptedData") {
		return nil, &Error{code: ErrStructure, expected: "xenc:EncryptedData", found: nameOf(e), place: pathOf(e)}
	}
	if err := typeAttribute(e); err != nil {
		return nil, err
	}
	var c [3]xmltree.Element
	if err := children(e, c[:], name{nsEnc, "EncryptionMethod"}, name{nsSig, "KeyInfo"}, name{nsEnc, "CipherData"}); err != nil {
		return nil, err
	}
	if err := algorithm(c[0], ErrAlgorithm, AlgorithmAES256GCM); err != nil {
		return nil, err
	}
	if err := children(c[0], nil); err != nil {
		return nil, err
	}
	d := new(EncryptedData)
	if err := d.readKeyInfo(c[1]); err != nil {
		return nil, err
	}
	var err error
	d.ciphertext, err = cipherValue(c[2], nonceSize+1+tagSize, nonceSize+MaxPlaintext+tagSize)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func typeAttribute(e xmltree.Element) error {
	if err := attributes(e, "Type"); err != nil {
		return err
	}
	if got, _ := e.Attr("Type"); got != TypeElement {
		return &Error{code: ErrAttribute, expected: "Type " + TypeElement, found: quote(got), place: e.Path()}
	}
	return nil
}

// readKeyInfo reads the ds:KeyInfo of the EncryptedData: exactly one
// xenc:EncryptedKey, whose EncryptionMethod tells the form of the rest.
func (d *EncryptedData) readKeyInfo(keyInfo xmltree.Element) error {
	if err := attributes(keyInfo); err != nil {
		return err
	}
	var key [1]xmltree.Element
	if err := children(keyInfo, key[:], name{nsEnc, "EncryptedKey"}); err != nil {
		return err
	}
	if err := attributes(key[0]); err != nil {
		return err
	}
	var c [3]xmltree.Element
	if err := children(key[0], c[:], name{nsEnc, "EncryptionMethod"}, name{nsSig, "KeyInfo"}, name{nsEnc, "CipherData"}); err != nil {
		return err
	}
	if err := algorithm(c[0], ErrKeyAlgorithm, AlgorithmRSAOAEP, AlgorithmKeyWrapAES256); err != nil {
		return err
	}
	if err := attributes(c[1]); err != nil {
		return err
	}
	smallest, largest := minModulus, maxModulus
	read := d.readTransport
	if uri, _ := c[0].Attr("Algorithm"); uri == AlgorithmKeyWrapAES256 {
		smallest, largest = wrappedSize, wrappedSize
		read = d.readAgreement
	}
	if err := read(c[0], c[1]); err != nil {
		return err
	}
	var err error
	d.wrapped, err = cipherValue(c[2], smallest, largest)
	return err
}

func (d *EncryptedData) readTransport(method, keyInfo xmltree.Element) error {
	var c [2]xmltree.Element
	if err := children(method, c[:], name{nsSig, "DigestMethod"}, name{nsEnc11, "MGF"}); err != nil {
		return err
	}
	for i, uri := range [...]string{AlgorithmSHA256, AlgorithmMGF1SHA256} {
		if err := algorithm(c[i], ErrKeyAlgorithm, uri); err != nil {
			return err
		}
		if err := children(c[i], nil); err != nil {
			return err
		}
	}
	return d.readKeyName(keyInfo)
}

func (d *EncryptedData) readAgreement(method, keyInfo xmltree.Element) error {
	if err := children(method, nil); err != nil {
		return err
	}
	var agreement [1]xmltree.Element
	if err := children(keyInfo, agreement[:], name{nsEnc, "AgreementMethod"}); err != nil {
		return err
	}
	if err := algorithm(agreement[0], ErrKeyAlgorithm, AlgorithmECDHES); err != nil {
		return err
	}
	var c [3]xmltree.Element
	if err := children(agreement[0], c[:],
		name{nsEnc11, "KeyDerivationMethod"}, name{nsEnc, "OriginatorKeyInfo"}, name{nsEnc, "RecipientKeyInfo"}); err != nil {
		return err
	}
	if err := attributes(c[2]); err != nil {
		return err
	}
	if err := d.readKeyName(c[2]); err != nil {
		return err
	}
	if err := d.readDerivation(c[0]); err != nil {
		return err
	}
	return d.readOriginator(c[1])
}

func (d *EncryptedData) readKeyName(parent xmltree.Element) error {
	var c [1]xmltree.Element
	if err := children(parent, c[:], name{nsSig, "KeyName"}); err != nil {
		return err
	}
	if err := leaf(c[0]); err != nil {
		return err
	}
	text := c[0].Text()
	id, ok := parseKeyID(text)
	if !ok {
		return &Error{code: ErrKeyName, expected: "sha256: and 64 hexadecimal digits", found: quote(text), place: c[0].Path()}
	}
	d.key = id
	return nil
}

func (d *EncryptedData) readDerivation(method xmltree.Element) error {
	if err := algorithm(method, ErrDerivation, AlgorithmConcatKDF); err != nil {
		return err
	}
	var params [1]xmltree.Element
	if err := children(method, params[:], name{nsEnc11, "ConcatKDFParams"}); err != nil {
		return err
	}
	if err := attributes(params[0], "AlgorithmID", "PartyVInfo"); err != nil {
		return err
	}
	algorithmID, _ := params[0].Attr("AlgorithmID")
	partyV, _ := params[0].Attr("PartyVInfo")
	if algorithmID != algorithmIDAttr() {
		return &Error{code: ErrDerivation, expected: "as AlgorithmID 00 and the URI of the key wrap", found: quote(algorithmID), place: params[0].Path()}
	}
	if partyV != partyVInfoAttr(d.key) {
		return &Error{code: ErrDerivation, expected: "as PartyVInfo 00 and the digest in KeyName", found: quote(partyV), place: params[0].Path()}
	}
	var digest [1]xmltree.Element
	if err := children(params[0], digest[:], name{nsSig, "DigestMethod"}); err != nil {
		return err
	}
	if err := algorithm(digest[0], ErrDerivation, AlgorithmSHA256); err != nil {
		return err
	}
	return children(digest[0], nil)
}

func (d *EncryptedData) readOriginator(info xmltree.Element) error {
	var value, key [1]xmltree.Element
	if err := attributes(info); err != nil {
		return err
	}
	if err := children(info, value[:], name{nsSig, "KeyValue"}); err != nil {
		return err
	}
	if err := attributes(value[0]); err != nil {
		return err
	}
	if err := children(value[0], key[:], name{nsSig11, "ECKeyValue"}); err != nil {
		return err
	}
	if err := attributes(key[0]); err != nil {
		return err
	}
	var c [2]xmltree.Element
	if err := children(key[0], c[:], name{nsSig11, "NamedCurve"}, name{nsSig11, "PublicKey"}); err != nil {
		return err
	}
	if err := attributes(c[0], "URI"); err != nil {
		return err
	}
	if err := children(c[0], nil); err != nil {
		return err
	}
	if uri, _ := c[0].Attr("URI"); uri != CurveP256 {
		return &Error{code: ErrPoint, expected: CurveP256, found: quote(uri), place: c[0].Path()}
	}
	return d.readPoint(c[1])
}

// readPoint takes an uncompressed point that lies on the curve and is not the
// point at infinity; crypto/ecdh checks the rest.
func (d *EncryptedData) readPoint(e xmltree.Element) error {
	point, err := base64Leaf(e)
	if err != nil {
		return err
	}
	d.ephemeral, err = ecdh.P256().NewPublicKey(point)
	if err != nil {
		return &Error{code: ErrPoint, expected: "04 and the coordinates of a point on P-256, 65 bytes",
			found: strconv.Itoa(len(point)) + " bytes that are not such a point", place: e.Path()}
	}
	return nil
}

// cipherValue reads xenc:CipherData: one xenc:CipherValue of a length in bytes.
func cipherValue(data xmltree.Element, smallest, largest int) ([]byte, error) {
	if err := attributes(data); err != nil {
		return nil, err
	}
	var c [1]xmltree.Element
	if err := children(data, c[:], name{nsEnc, "CipherValue"}); err != nil {
		return nil, err
	}
	value, err := base64Leaf(c[0])
	if err != nil {
		return nil, err
	}
	if len(value) < smallest || len(value) > largest {
		return nil, &Error{code: ErrLength, expected: strconv.Itoa(smallest) + " to " + strconv.Itoa(largest) + " bytes",
			found: strconv.Itoa(len(value)), place: c[0].Path()}
	}
	return value, nil
}
