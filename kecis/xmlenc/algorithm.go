package xmlenc

import "github.com/kecis/sdk/kecis/xmltree"

// The namespaces of the elements.
const (
	nsEnc     = "http://www.w3.org/2001/04/xmlenc#"
	nsEnc11   = "http://www.w3.org/2009/xmlenc11#"
	nsSig     = "http://www.w3.org/2000/09/xmldsig#"
	nsSig11   = "http://www.w3.org/2009/xmldsig11#"
	nsContent = "urn:kecis:1.0:protocol"
)

// The algorithms, each the only one of its kind (KECIS-ENC-006, 007, 011).
const (
	// AlgorithmAES256GCM encrypts the content (XML Encryption 1.1, 5.2.4).
	AlgorithmAES256GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
	// AlgorithmRSAOAEP carries the key to an RSA recipient (5.5.2).
	AlgorithmRSAOAEP = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
	// AlgorithmSHA256 is the digest of RSA-OAEP and of ConcatKDF (5.8.2).
	AlgorithmSHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
	// AlgorithmMGF1SHA256 is the mask generation function of RSA-OAEP (5.5.2).
	AlgorithmMGF1SHA256 = "http://www.w3.org/2009/xmlenc11#mgf1sha256"
	// AlgorithmECDHES agrees a key with an EC recipient (5.6.4).
	AlgorithmECDHES = "http://www.w3.org/2009/xmlenc11#ECDH-ES"
	// AlgorithmConcatKDF derives the wrapping key from what was agreed (5.4.1).
	AlgorithmConcatKDF = "http://www.w3.org/2009/xmlenc11#ConcatKDF"
	// AlgorithmKeyWrapAES256 wraps the content's key (5.7.3, RFC 3394).
	AlgorithmKeyWrapAES256 = "http://www.w3.org/2001/04/xmlenc#kw-aes256"
	// CurveP256 names the curve of an EC recipient (XML Signature 1.1, 4.5.2.3).
	CurveP256 = "urn:oid:1.2.840.10045.3.1.7"
	// TypeElement says that the plaintext is one XML element (3.1).
	TypeElement = "http://www.w3.org/2001/04/xmlenc#Element"
)

// Namespaces returns the prefixes that [EncryptedData.Write] uses; the
// xmltree.Writer must know them.
func Namespaces() []xmltree.Namespace {
	return []xmltree.Namespace{
		{Prefix: "xenc", URI: nsEnc},
		{Prefix: "xenc11", URI: nsEnc11},
		{Prefix: "ds", URI: nsSig},
		{Prefix: "dsig11", URI: nsSig11},
	}
}

// Bounds of what is encrypted and read.
const (
	// MaxPayload bounds the payload, in bytes: a card or bank account of ECML
	// takes under 1 KB, twice that with Korean text and the RFC's longest fields.
	MaxPayload = 8 << 10
	// MaxField bounds each text of the context, in bytes: as long as an
	// entityID of SAML metadata 2.2.1 may be.
	MaxField = 1024
	// MaxPlaintext bounds the document that is encrypted, in bytes: a payload
	// of MaxPayload in base64 (10,924), five fields of MaxField with each byte
	// escaped (25,600), and the markup.
	MaxPlaintext = 40 << 10

	keySize   = 32 // AES-256
	nonceSize = 12 // of AES-GCM in XML Encryption 1.1, 5.2.4
	tagSize   = 16
	blockSize = 8 // of the AES key wrap, RFC 3394
	// wrappedSize is a key under the AES key wrap: one block is added.
	wrappedSize = keySize + blockSize
	pointSize   = 1 + 32 + 32 // uncompressed on P-256, SEC 1 2.3.3
	digestSize  = 32          // SHA-256

	minModulus = 2048 / 8 // bytes; 112 bits of security, the least that is still approved
	maxModulus = 8192 / 8 // bytes; larger ones only cost the recipient time
	// minExponent is the least public exponent (NIST SP 800-56B 6.2).
	minExponent = 65537
)
