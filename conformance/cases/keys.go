package cases

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"

	"github.com/kecis/sdk/conformance"
)

// trusting has the recipient trust these keys for the sender.
func trusting(keys ...string) conformance.Edit {
	return on(func(r *conformance.Reading) { r.Keys = keys })
}

// keyInfo puts a ds:KeyInfo behind the value.
func keyInfo(content string) conformance.Edit {
	return behind(`</ds:SignatureValue>`, `<ds:KeyInfo>`+content+`</ds:KeyInfo>`)
}

// ownKey carries the public key that the document was signed with, as signedxml
// and old libraries take it for trusted.
func ownKey(m *conformance.Message) error {
	der, err := x509.MarshalPKIXPublicKey(m.Sender.Public)
	if err != nil {
		return err
	}
	return keyInfo(`<d:DEREncodedKeyValue xmlns:d="http://www.w3.org/2009/xmldsig11#">` + base64.StdEncoding.EncodeToString(der) + `</d:DEREncodedKeyValue>`)(m)
}

// strangersKey names another key than the one that signed.
func strangersKey() string {
	sum := sha256.Sum256([]byte("stranger"))
	return `<ds:KeyName>stranger</ds:KeyName><ds:X509Data><ds:X509SKI>` + base64.StdEncoding.EncodeToString(sum[:20]) + `</ds:X509SKI></ds:X509Data>`
}

func keyCases() []conformance.Case {
	const invalid, none, weak, info = "sig-invalid", "sig-no-key", "sig-weak-key", "sig-key-info"
	h := paymentRequest()
	hint := func(id, note, content string, sources ...string) conformance.Case {
		return refuse("key-info-"+id, info, note, h, keyInfo(content), append(sources, "K2")...)
	}
	weakKey := func(id, note string, key string, sources ...string) conformance.Case {
		return refuse("key-"+id, weak, note, paymentRSA(), trusting(key), append(sources, "K9")...)
	}
	signedWeak := func(id, note, key, twin string, sources ...string) conformance.Case {
		c := refuse("key-"+id, weak, note, paymentRSA(), all(bySigner(key), trusting(key)), append(sources, "K9")...)
		if twin != "" {
			c.Twin = all(bySigner(twin), trusting(twin))
		}
		return c
	}
	strangers := all(bySigner("stranger-p256"), ownKey)
	return []conformance.Case{
		refuse("key-stranger", invalid, "Signed by somebody whose key is not the sender's.", h, bySigner("stranger-p256"), "K1"),
		refuse("key-stranger-with-own-key", invalid, "Signed by a stranger, whose key stands in KeyInfo.", h, strangers, "K1", "D18", "CVE-2023-48703", "CVE-2021-21239", "CVE-2024-32962"),
		also(refuse("key-none-but-own", none, "No key is configured for the sender; the document carries one.", h, all(ownKey, trusting()), "K1", "K4", "D18", "CVE-2026-28323"), "KECIS-SIG-032"),
		refuse("key-none", none, "No key is known of the sender.", h, trusting(), "K4"),
		also(refuse("key-of-metadata", invalid, "Signed by the shop's key for metadata.", h, bySigner("shop-metadata"), "K16"), "KECIS-SIG-029"),
		refuse("key-retired", invalid, "Signed by the old key, where the recipient trusts the next one alone.", h, trusting("shop-next"), "K16"),
		also(refuse("key-shape-before-key", "sig-reference-count", "A fault of shape of a sender without keys tells of the shape.", h,
			all(signed(onPart("Reference", func(e string) string { return e + e })), trusting()), "K4"), "KECIS-SIG-027"),
		accept("key-roll-over", "KECIS-SIG-031", "The sender has two keys, and signed by the second.", h, trusting("shop-next", "shop-p256"), "K16"),
		accept("key-of-other-kinds", "KECIS-SIG-031", "The sender has keys of other kinds beside.", h, trusting("shop-rsa", "shop-ed25519", "shop-p384", "shop-p256"), "K16"),
		accept("key-info-of-stranger", "KECIS-SIG-032", "A hint at another key changes nothing.", h, keyInfo(strangersKey()), "K1", "K16"),
		accept("key-info-own", "KECIS-SIG-032", "A hint at the right key.", h, ownKey, "K1"),
		accept("key-info-text", "KECIS-SIG-032", "A KeyInfo with white space and an empty KeyValue.", h, keyInfo("\n<ds:KeyValue></ds:KeyValue>\n"), "K1"),
		hint("retrieval-method", "RetrievalMethod, which fetches what it names.", `<ds:RetrievalMethod URI="http://127.0.0.1:9/key"></ds:RetrievalMethod>`, "CVE-2021-40690"),
		hint("reference", "KeyInfoReference, which fetches likewise.", `<d:KeyInfoReference xmlns:d="http://www.w3.org/2009/xmldsig11#" URI="#x"></d:KeyInfoReference>`),
		hint("encrypted-key", "An encrypted key.", `<x:EncryptedKey xmlns:x="`+nsEncryption+`"></x:EncryptedKey>`),
		hint("agreement", "A key agreement.", `<x:AgreementMethod xmlns:x="`+nsEncryption+`" Algorithm="urn:x"></x:AgreementMethod>`),
		hint("mgmt-data", "MgmtData.", `<ds:MgmtData>x</ds:MgmtData>`),
		hint("pgp-data", "PGPData.", `<ds:PGPData></ds:PGPData>`),
		hint("spki-data", "SPKIData.", `<ds:SPKIData></ds:SPKIData>`),
		hint("other-namespace", "A KeyName of another namespace.", `<KeyName>shop</KeyName>`, "W23"),
		signedWeak("rsa-1024", "RSA of 1,024 bits.", "rsa-1024", ""),
		signedWeak("rsa-2047", "RSA of 2,047 bits.", "rsa-2047", ""),
		weakKey("rsa-8193", "RSA of 8,193 bits; 8,192 are allowed.", "rsa-8193", "P7"),
		accept("key-rsa-8192", "KECIS-SIG-017", "RSA of 8,192 bits.", paymentRSA(), all(bySigner("rsa-8192"), trusting("rsa-8192")), "K9"),
		signedWeak("rsa-exponent-3", "RSA with the public exponent 3.", "rsa-exponent-3", ""),
		signedWeak("rsa-roca", "RSA with primes of the structure of CVE-2017-15361.", "rsa-roca", "", "CVE-2017-15361"),
		weakKey("rsa-even", "RSA with an even modulus.", "rsa-even"),
		weakKey("dsa", "A key of DSA.", "dsa"),
		refuse("key-p224", weak, "A key on P-224.", h, all(bySigner("ec-p224"), trusting("ec-p224")), "K9"),
		refuse("key-p521", weak, "A key on P-521.", h, all(bySigner("ec-p521"), trusting("ec-p521")), "K9"),
		refuse("signature-info-changed", invalid, "SignedInfo was changed after signing: another digest that fits the content.", h,
			all(replace(amountText, `>50001<`), digestAnew), "C9"),
		refuse("signature-value-changed", invalid, "One bit of the value changed.", h, made(func(_ *conformance.Key, value []byte) []byte {
			value[40] ^= 1
			return value
		}), "C9"),
		refuse("signature-of-other-message", invalid, "The value of another message of the same sender.", h, func(m *conformance.Message) error {
			value, _ := part(string(m.Document), "SignatureValue")
			if err := signed(replace(amountText, `>50001<`))(m); err != nil {
				return err
			}
			return onPart("SignatureValue", func(string) string { return value })(m)
		}, "C9"),
	}
}
